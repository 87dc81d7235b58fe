#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Prints by how much weir-headless grows while large bodies pass, fast, slowly and to clients that stop reading, and
fails above the limits.

Each transport reaches `weir-bench simulate` by TLS and a single connection. Growth is the peak of the resident memory
during a case, above what was resident before it."""

import argparse
import contextlib
import os
import re
import socket
import sys
import tempfile
import threading
import time
from pathlib import Path

import rss

MB = 1_000_000
DIRECT_GROWTH_MB = 8  # and uploads over QNAM
# QnamCall::ReplyBufferMax is 32 MiB; Qt's own blocks on their way to it come on top.
QNAM_GROWTH_MB = 64
LARGE = 64 * MB
READ_BEFORE_STOP = 300 * MB
# Through a peer that takes SLOW_MBPS: an upstream with a pace of its own, a client that pauses.
SLOW = 200 * MB
SLOW_MBPS = 60
BODY_MAX = 2 * SLOW
STOPPED_SECONDS = 3
# A stream that shares its connection with a stopped one may be slower than alone by this factor.
SLOWER_AT_MOST = 1.5
TIMEOUT = 60


def request(model, stream, padding=0):
    body = f'{{"model": "{model}", "stream": {str(stream).lower()}, "messages": [], "p": "{"x" * padding}"}}'.encode()
    head = (
        "POST /v1/messages HTTP/1.1\r\nHost: localhost\r\nx-api-key: test\r\ncontent-type: application/json\r\n"
        f"content-length: {len(body)}\r\n\r\n"
    )
    return head.encode(), body


class Client:
    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=TIMEOUT)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, model, stream, padding=0):
        head, body = request(model, stream, padding)
        self.socket.sendall(head)
        self.socket.sendall(body)

    def read(self, least):
        """At least so many bytes, of which only the last are kept."""
        size, tail = 0, b""
        while size < least:
            part = self.socket.recv(256 * 1024)
            if not part:
                sys.exit(f"a reply ended after {size} of {least} bytes: {tail[-300:]!r}")
            size += len(part)
            tail = (tail + part)[-64:]
        return size

    def read_whole(self):
        """To the last chunk, or the bytes that were announced."""
        data = b""
        while b"\r\n\r\n" not in data:
            data += self.socket.recv(4096)
        if not data.startswith(b"HTTP/1.1 200 "):
            sys.exit(f"no good reply: {data[:300]!r}")
        head, _, rest = data.partition(b"\r\n\r\n")
        if length := re.search(rb"(?i)content-length: (\d+)", head):
            return len(rest) + self.read(int(length[1]) - len(rest))
        size, tail = len(rest), rest
        while not tail.endswith(b"\r\n0\r\n\r\n"):
            part = self.socket.recv(256 * 1024)
            if not part:
                sys.exit("a reply was cut")
            size += len(part)
            tail = (tail + part)[-64:]
        return size

    def read_to_end(self):
        """Until the peer closes."""
        size = 0
        while part := self.socket.recv(256 * 1024):
            size += len(part)
        return size


class Growth:
    """Peak of a process's resident memory within the block, above what it was before."""

    def __init__(self, pid):
        self.pid = pid
        self.mb = 0.0

    def resident(self, what):
        return int(re.search(rf"{what}:\s+(\d+)", Path(f"/proc/{self.pid}/status").read_text())[1]) / 1000 * 1.024

    def __enter__(self):
        Path(f"/proc/{self.pid}/clear_refs").write_text("5")  # the peak begins anew
        self.before = self.resident("VmRSS")
        return self

    def __exit__(self, *_):
        self.mb = self.resident("VmHWM") - self.before


def download(port):
    began = time.monotonic()
    with Client(port) as client:
        client.send(f"sim-bytes-{LARGE}+chunks-1000+gap-0", True)
        client.read_whole()
    return LARGE / MB / (time.monotonic() - began)


def upload(port):
    with Client(port) as client:
        reader = threading.Thread(target=client.read_whole)
        reader.start()
        client.send("sim-ok", False, padding=LARGE)
        reader.join(TIMEOUT)


def download_slowly(port):
    """The client reads SLOW bytes of a reply without an end, a block and a pause in turn."""
    block, size, began = 1_000_000, 0, time.monotonic()
    with Client(port) as client:
        client.send("sim-body-endless+bytes-640000+chunks-10+gap-0", True)
        while size < SLOW:
            size += client.read(block)
            time.sleep(max(0, began + size / MB / SLOW_MBPS - time.monotonic()))


def upload_slowly(port):
    with Client(port) as client:
        client.send("sim-ok", False, padding=SLOW)
        client.read_whole()


def check(name, growth, limit, also=""):
    good = growth.mb < limit
    print(f"{name:<58} {growth.mb:6.1f} MB   limit {limit} MB   {also}{'' if good else '   TOO MUCH'}", flush=True)
    return good


def run_direct(port, pid):
    good = True
    with Growth(pid) as growth:
        alone = download(port)
    good &= check("64 MB downloaded", growth, DIRECT_GROWTH_MB, f"{alone:.0f} MB/s")
    with Growth(pid) as growth:
        upload(port)
    good &= check("64 MB uploaded", growth, DIRECT_GROWTH_MB)
    with Growth(pid) as growth, Client(port) as stopped:
        stopped.send("sim-body-endless+gap-0", True)
        stopped.read(READ_BEFORE_STOP)
        time.sleep(STOPPED_SECONDS)
        beside = download(port)
    good &= check("300 MB read, then stopped, another stream beside it", growth, DIRECT_GROWTH_MB, f"{beside:.0f} MB/s")
    if beside * SLOWER_AT_MOST < alone:
        print(f"the other stream ran at {beside:.0f} MB/s instead of {alone:.0f}")
        good = False
    return good


def run_qnam(port, pid):
    with Growth(pid) as growth, Client(port) as stopped:
        stopped.send("sim-body-endless+gap-0", True)
        time.sleep(STOPPED_SECONDS)
        stopped.read_to_end()  # what had been written, and then the end
    good = check("QNAM: stopped, until the cap of a reply ends the call", growth, QNAM_GROWTH_MB)
    with Growth(pid) as growth:
        speed = download(port)
    check("QNAM: 64 MB downloaded", growth, QNAM_GROWTH_MB, f"{speed:.0f} MB/s")
    return good


UP = ("up through a slow upstream", upload_slowly)
DOWN = ("down to a slow client", download_slowly)


def run_slow(name, port, pid, ways):
    good = True
    for way, run in ways:
        began = time.monotonic()
        with Growth(pid) as growth:
            run(port)
        speed = SLOW / MB / (time.monotonic() - began)
        good &= check(f"{name}: {SLOW // MB} MB {way}", growth, DIRECT_GROWTH_MB, f"{speed:.0f} MB/s")
        if speed > 1.5 * SLOW_MBPS:
            print(f"that was not slow: {speed:.0f} MB/s")
            good = False
    return good


@contextlib.contextmanager
def provider(folder, environment, home, *arguments):
    """Settings of a proxy that uses a simulated provider, by TLS and one connection."""
    certificate = f"{home}/provider.pem"
    command = [folder / "weir-bench", "simulate", "--tls", "--port", "0", "--cert-out", certificate, *arguments]
    with rss.running(command, env=environment) as process:
        upstream = rss.wait_for_line(process, r"simulating on (https://\S+)")[1]
        yield (
            f"provider.sim.anthropic_base={upstream}",
            f"provider.sim.ca_file={certificate}",
            "route.anthropic=sim",
            "pool.min=1",
            "pool.max=1",
            "pool.max_http1=1",
            f"limits.body_max={BODY_MAX}",
        )
        rss.stop(process)


@contextlib.contextmanager
def proxy(folder, environment, settings, transport):
    """Port and pid, after some requests."""
    command = [folder / "weir-headless", "--port", "0"]
    for setting in (*settings, f"provider.sim.transport={transport}"):
        command += ["--set", setting]
    with rss.running(command, env=environment) as process:
        port = int(rss.wait_for_line(process, r"listening on http://127\.0\.0\.1:(\d+)")[1])
        rss.send_requests(port)
        yield port, process.pid
        rss.stop(process)


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--bin", type=Path, required=True, help="folder of the programs")
    arguments.add_argument("--fallback", type=Path, help="used if --bin holds none")
    options = arguments.parse_args()
    folder = options.bin
    if not (folder / "weir-bench").exists() and options.fallback:
        folder = options.fallback
    print(f"programs of {folder}")
    good = True
    with tempfile.TemporaryDirectory() as home:
        environment = {"HOME": home, "PATH": os.environ["PATH"], "XDG_RUNTIME_DIR": home, "LC_ALL": "C.UTF-8"}
        with provider(folder, environment, home) as settings:
            for transport, run in (("direct", run_direct), ("qnam", run_qnam)):
                with proxy(folder, environment, settings, transport) as (port, pid):
                    good &= run(port, pid)
        slow = ("--read-kbps", str(SLOW_MBPS * 1_000), "--body-max", str(BODY_MAX))
        for transport, arguments, name, ways in (
            ("direct", (), "HTTP/2", (UP, DOWN)),
            ("direct", ("--no-http2",), "HTTP/1.1", (UP, DOWN)),
            ("qnam", (), "QNAM", (UP,)),  # which cannot be paused: see QNAM_GROWTH_MB
        ):
            with provider(folder, environment, home, *slow, *arguments) as settings:
                with proxy(folder, environment, settings, transport) as (port, pid):
                    good &= run_slow(name, port, pid, ways)
    sys.exit(0 if good else "more memory than allowed")


if __name__ == "__main__":
    main()
