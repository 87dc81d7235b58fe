#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Prints how much memory weir-headless and weir take after 1,000 requests, and fails above the limits.

Both run against `weir-bench simulate`; weir has its window open on a display made by Xvfb."""

import argparse
import http.client
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

REQUESTS = 1_000
AT_ONCE = 8
LIMITS_MB = {"weir-headless": 40, "weir": 100}
START_SECONDS = 20
STOP_SECONDS = 15


def wait_for_line(process, pattern):
    """The first match of `pattern` in a line the process prints."""
    for line in process.stdout:
        if match := re.search(pattern, line):
            return match
    sys.exit(f"{process.args[0]} ended with {process.wait()} before it was ready")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for_port(port):
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    sys.exit(f"nothing listens on port {port}")


def send_requests(port):
    """REQUESTS requests, every fourth one streamed, over AT_ONCE connections."""
    failures = []

    def worker(numbers):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        for number in numbers:
            stream = ', "stream": true' if number % 4 == 0 else ""
            body = (
                '{"model": "sim-chunks-10+gap-0", "max_tokens": 16' + stream
                + ', "messages": [{"role": "user", "content": "' + "x" * 2000 + '"}]}'
            )
            headers = {"x-api-key": "test", "content-type": "application/json"}
            connection.request("POST", "/v1/messages", body, headers)
            reply = connection.getresponse()
            reply.read()
            if reply.status != 200:
                failures.append(reply.status)

    threads = [threading.Thread(target=worker, args=(range(at, REQUESTS, AT_ONCE),)) for at in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        sys.exit(f"{len(failures)} of {REQUESTS} requests failed: {sorted(set(failures))}")


def memory_mb(pid):
    status = Path(f"/proc/{pid}/status").read_text()
    smaps = Path(f"/proc/{pid}/smaps_rollup").read_text()
    rss = int(re.search(r"VmRSS:\s+(\d+)", status)[1]) / 1024
    pss = int(re.search(r"^Pss:\s+(\d+)", smaps, re.M)[1]) / 1024
    return rss, pss


def stop(process):
    process.send_signal(signal.SIGTERM)
    code = process.wait(STOP_SECONDS)
    if code != 0:
        sys.exit(f"{process.args[0]} ended with {code} after SIGTERM")


def start_display():
    """Xvfb on a free display; it tells which."""
    read_end, write_end = os.pipe()
    display = subprocess.Popen(
        ["Xvfb", "-displayfd", str(write_end), "-screen", "0", "1400x900x24", "-nolisten", "tcp"],
        pass_fds=[write_end],
        stderr=subprocess.DEVNULL,
    )
    os.close(write_end)
    with os.fdopen(read_end) as pipe:
        return display, ":" + pipe.readline().strip()


def measure(name, command, environment, port=None):
    process = subprocess.Popen(command, env=environment, text=True, stdout=subprocess.PIPE)
    if port:
        wait_for_port(port)
    else:
        port = int(wait_for_line(process, r"listening on http://127\.0\.0\.1:(\d+)")[1])
    send_requests(port)
    time.sleep(2)  # the last records reach the window
    rss, pss = memory_mb(process.pid)
    stop(process)
    limit = LIMITS_MB[name]
    print(f"{name:<14} RSS {rss:6.1f} MB   PSS {pss:6.1f} MB   limit {limit} MB   after {REQUESTS} requests")
    return rss < limit


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--bin", type=Path, required=True, help="folder of the programs")
    arguments.add_argument("--fallback", type=Path, help="used if --bin holds none")
    options = arguments.parse_args()
    folder = options.bin
    if not (folder / "weir-headless").exists() and options.fallback:
        folder = options.fallback
    print(f"programs of {folder}")

    with tempfile.TemporaryDirectory() as home:
        environment = {"HOME": home, "PATH": os.environ["PATH"], "XDG_RUNTIME_DIR": home, "LC_ALL": "C.UTF-8"}
        provider = subprocess.Popen(
            [folder / "weir-bench", "simulate", "--port", "0"], env=environment, text=True, stdout=subprocess.PIPE
        )
        upstream = wait_for_line(provider, r"simulating on (http://\S+)")[1]
        settings = []
        for setting in (
            f"provider.sim.anthropic_base={upstream}",
            f"provider.sim.openai_base={upstream}/v1",
            "route.anthropic=sim",
            "route.openai=sim",
        ):
            settings += ["--set", setting]

        good = measure("weir-headless", [folder / "weir-headless", "--port", "0", *settings], environment)
        if (folder / "weir").exists() and shutil.which("Xvfb"):
            display, name = start_display()
            port = free_port()
            command = [folder / "weir", "--port", str(port), *settings]
            good &= measure("weir", command, environment | {"DISPLAY": name}, port)
            display.terminate()
            display.wait()
        else:
            print("weir           not measured: there is no desktop build or no Xvfb")
        stop(provider)
    sys.exit(0 if good else "more memory than allowed")


if __name__ == "__main__":
    main()
