#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Prints how much memory weir-headless and weir take after 1,000 requests, and fails above the limits.

Both reach `weir-bench simulate` as they would a provider, by HTTP/2 over TLS; weir has its window open on a display
made by Xvfb."""

import argparse
import contextlib
import http.client
import os
import re
import shutil
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
# The last records have reached the window and the client connections are closed.
SETTLE_SECONDS = 2


@contextlib.contextmanager
def running(command, **options):
    """The process, which is gone afterwards whatever happens."""
    with subprocess.Popen(command, text=True, stdout=subprocess.PIPE, **options) as process:
        watchdog = threading.Timer(START_SECONDS, process.kill)
        process.is_ready = watchdog.cancel  # one that never gets ready is ended, so that reading from it ends
        watchdog.start()
        try:
            yield process
        finally:
            watchdog.cancel()
            process.kill()


def wait_for_line(process, pattern):
    """The first match of `pattern` in a line the process prints."""
    for line in process.stdout:
        if match := re.search(pattern, line):
            process.is_ready()
            return match
    sys.exit(f"{process.args[0]} ended with {process.wait()} before it was ready")


def wait_for_port(process, port):
    """The desktop program prints nothing: it is ready when it listens."""
    while process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                process.is_ready()
                return
        time.sleep(0.1)
    sys.exit(f"{process.args[0]} ended with {process.returncode} before it listened on port {port}")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def send_requests(port):
    """REQUESTS requests, every fourth one streamed, over AT_ONCE connections."""
    answered = []
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
            try:
                connection.request("POST", "/v1/messages", body, headers)
                reply = connection.getresponse()
                reply.read()
                (answered if reply.status == 200 else failures).append(str(reply.status))
            except (OSError, http.client.HTTPException) as error:
                connection.close()
                failures.append(repr(error))
        connection.close()

    threads = [threading.Thread(target=worker, args=(range(at, REQUESTS, AT_ONCE),)) for at in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if len(answered) != REQUESTS:
        sys.exit(f"{len(answered)} of {REQUESTS} requests were answered; {sorted(set(failures))}")


def memory_mb(pid):
    status = Path(f"/proc/{pid}/status").read_text()
    smaps = Path(f"/proc/{pid}/smaps_rollup").read_text()
    rss = int(re.search(r"VmRSS:\s+(\d+)", status)[1]) / 1024
    pss = int(re.search(r"^Pss:\s+(\d+)", smaps, re.M)[1]) / 1024
    return rss, pss


def stop(process):
    process.terminate()
    code = process.wait(STOP_SECONDS)
    if code != 0:
        sys.exit(f"{process.args[0]} ended with {code} after SIGTERM")


@contextlib.contextmanager
def display():
    """Xvfb on a free display; it tells which."""
    command = ["Xvfb", "-displayfd", "1", "-screen", "0", "1400x900x24", "-nolisten", "tcp"]
    with running(command, stderr=subprocess.DEVNULL) as server:
        yield ":" + wait_for_line(server, r"^(\d+)$")[1]


def measure(program, settings, environment):
    """True if `program` stays below its limit."""
    has_window = program.name == "weir"
    port = free_port() if has_window else 0
    with running([program, "--port", str(port), *settings], env=environment) as process:
        if has_window:
            wait_for_port(process, port)
        else:
            port = int(wait_for_line(process, r"listening on http://127\.0\.0\.1:(\d+)")[1])
        send_requests(port)
        time.sleep(SETTLE_SECONDS)
        rss, pss = memory_mb(process.pid)
        stop(process)
    limit = LIMITS_MB[program.name]
    print(f"{program.name:<14} RSS {rss:6.1f} MB   PSS {pss:6.1f} MB   limit {limit} MB   after {REQUESTS} requests")
    return rss < limit


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--bin", type=Path, required=True, help="folder of the programs")
    arguments.add_argument("--fallback", type=Path, help="used if --bin holds none")
    options = arguments.parse_args()
    folder = options.bin
    if not (folder / "weir-bench").exists() and options.fallback:
        folder = options.fallback
    print(f"programs of {folder}")

    with tempfile.TemporaryDirectory() as home:
        environment = {"HOME": home, "PATH": os.environ["PATH"], "XDG_RUNTIME_DIR": home, "LC_ALL": "C.UTF-8"}
        certificate = f"{home}/provider.pem"
        simulate = [folder / "weir-bench", "simulate", "--tls", "--port", "0", "--cert-out", certificate]
        with running(simulate, env=environment) as provider:
            upstream = wait_for_line(provider, r"simulating on (https://\S+)")[1]
            settings = []
            for setting in (
                f"provider.sim.anthropic_base={upstream}",
                f"provider.sim.ca_file={certificate}",
                "route.anthropic=sim",
            ):
                settings += ["--set", setting]

            good = measure(folder / "weir-headless", settings, environment)
            if (folder / "weir").exists() and shutil.which("Xvfb"):
                with display() as name:
                    good &= measure(folder / "weir", settings, environment | {"DISPLAY": name})
            else:
                print("weir           not measured: there is no desktop build or no Xvfb")
            stop(provider)
    sys.exit(0 if good else "more memory than allowed")


if __name__ == "__main__":
    main()
