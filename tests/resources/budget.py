#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Holds weir-headless against limits.memory_budget: 1,024 clients at once send 8 MiB each.

Every request is answered as its case allows, 503 with Retry-After; none hangs. The resident memory stays within the
budget and a margin, falls again, and the next request is served. The upstream is a listener in this file that reads
nothing until it is told to, or `weir-bench simulate`. Replies that nobody reads are in no budget: what each takes."""

import argparse
import collections
import contextlib
import http.client
import os
import re
import resource
import selectors
import socket
import sys
import tempfile
import threading
import time
from pathlib import Path

import flow
import rss
from flow import Growth

CLIENTS = 1_024
MIB = 1024 * 1024
BODY = 8 * MIB  # limits.body_hold, so that a step may have it
BUDGET = 256 * MIB
# On top of the budget: what is read ahead of each client (server::ReadAheadMax), and the exchanges themselves.
MARGIN_MB = CLIENTS * 128 * 1024 / 1_000_000 + 64
# What may stay afterwards, above what was there before.
REST_MB = 16
# Replies are not in the budget. One that nobody reads takes server::HighWatermark, a chunk above it and the window of
# its stream, 0.6 MB; no more than 1 MiB.
READERS = 128
REPLIES_MB = READERS * MIB / 1_000_000
CASE_SECONDS = 90
UNREAD_SECONDS = 6  # the system's own buffers fill first
# engine::FreeMemory waits for a second without requests.
SETTLE_SECONDS = 3
FILES = 4_096
PIECE = memoryview(bytes(b"x" * (256 * 1024)))


def open_file_limit():
    """Enough descriptors for this process and, inherited, for the programs."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < FILES:
        if hard != resource.RLIM_INFINITY and hard < FILES:
            sys.exit(f"needs {FILES} open files, but the hard limit is {hard}")
        resource.setrlimit(resource.RLIMIT_NOFILE, (FILES, hard))


class Request:
    """A body of BODY bytes that is sent as far as the peer takes it, and the reply."""

    def __init__(self, port, model, chunked):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=CASE_SECONDS)
        self.socket.setblocking(False)
        self.start = f'{{"model": "{model}", "messages": [], "p": "'.encode()
        self.end = b'"}'
        self.padding = BODY - len(self.start) - len(self.end)
        framing = "transfer-encoding: chunked" if chunked else f"content-length: {BODY}"
        head = (
            "POST /v1/messages HTTP/1.1\r\nHost: localhost\r\nx-api-key: test\r\ncontent-type: application/json\r\n"
            f"{framing}\r\n\r\n"
        ).encode()
        # One chunk is as good as many: the length stands in it, but nothing takes room for it beforehand.
        self.pending = memoryview(head + (f"{BODY:x}\r\n".encode() if chunked else b"") + self.start)
        self.last = self.end + (b"\r\n0\r\n\r\n" if chunked else b"")
        self.reply = b""

    def send(self):
        """True while there is more to send."""
        try:
            while True:
                if not self.pending and not self.next_piece():
                    return False
                self.pending = self.pending[self.socket.send(self.pending) :]
        except BlockingIOError:
            return True
        except OSError:
            return False  # the reply says why, if there is one

    def next_piece(self):
        if self.padding:
            self.pending = PIECE[: min(len(PIECE), self.padding)]
            self.padding -= len(self.pending)
            return True
        self.pending = memoryview(self.last)
        self.last = b""
        return len(self.pending) > 0

    def receive(self):
        """True once the reply is complete or the connection has ended."""
        try:
            part = self.socket.recv(64 * 1024)
        except BlockingIOError:
            return False
        except OSError:
            part = b""
        self.reply += part
        head, separator, body = self.reply.partition(b"\r\n\r\n")
        if not part or not separator:
            return not part
        fields = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:])
        return len(body) >= int(fields.get(b"content-length", 1 << 60)) or body.endswith(b"0\r\n\r\n")

    def outcome(self):
        """Such as "200" or "503 limits.memory_budget"; what no case allows with its words."""
        head, _, body = self.reply.partition(b"\r\n\r\n")
        status = head[9:12].decode()
        if status in ("200", "504"):
            return status
        if status != "503":
            return f"{status} {body.decode()}" if status else "closed without an answer"
        if b"\r\nretry-after: " not in head.lower():
            return "503 without Retry-After"
        reason = re.search(r"limits\.memory_budget|pool\.queue_max", body.decode())
        return f"503 {reason[0] if reason else body.decode()}"


def send_all(port, model, chunked, when_quiet=lambda: None):
    """CLIENTS requests at once. `when_quiet` is called when nothing has moved for a second."""
    outcomes = collections.Counter()
    with selectors.DefaultSelector() as selector, contextlib.ExitStack() as stack:
        for _ in range(CLIENTS):
            request = Request(port, model, chunked)
            stack.enter_context(request.socket)
            selector.register(request.socket, selectors.EVENT_READ | selectors.EVENT_WRITE, request)
        deadline = time.monotonic() + CASE_SECONDS
        while selector.get_map():
            events = selector.select(1)
            if not events:
                when_quiet()
            if time.monotonic() > deadline:
                outcomes["no answer"] = len(selector.get_map())
                break
            for key, mask in events:
                if mask & selectors.EVENT_READ and key.data.receive():
                    outcomes[key.data.outcome()] += 1
                    selector.unregister(key.fileobj)
                    key.fileobj.close()
                elif mask & selectors.EVENT_WRITE and not key.data.send():
                    selector.modify(key.fileobj, selectors.EVENT_READ, key.data)
    return outcomes


class StalledUpstream:
    """Takes connections and reads nothing until release(); then it reads requests and answers each."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=CLIENTS)
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        self.released = threading.Event()
        threading.Thread(target=self.accept, daemon=True).start()

    def release(self):
        self.released.set()

    def stall(self):
        self.released.clear()

    def accept(self):
        while True:
            threading.Thread(target=self.serve, args=(self.listener.accept()[0],), daemon=True).start()

    def serve(self, connection):
        with connection, contextlib.suppress(OSError), connection.makefile("rb") as stream:
            while self.released.wait():
                if not stream.readline():
                    return
                length = None
                while (field := stream.readline().strip().lower()):
                    if field.startswith(b"content-length:"):
                        length = int(field.split(b":")[1])
                if length is None:  # chunked
                    while size := int(stream.readline(), 16):
                        stream.read(size + 2)
                    stream.readline()
                else:
                    stream.read(length)
                body = b'{"type": "message", "content": []}'
                connection.sendall(
                    b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n"
                    b"content-length: %d\r\n\r\n%s" % (len(body), body)
                )


def check(name, growth, limit, outcomes={}, allowed=()):
    good = growth.mb < limit and all(outcome in allowed for outcome in outcomes)
    told = ", ".join(f"{count} × {outcome}" for outcome, count in sorted(outcomes.items()))
    print(f"{name:<40} RSS +{growth.mb:6.1f} MB   limit {limit:.0f} MB   {told}{'' if good else '   BAD'}", flush=True)
    return good


def check_after(port, growth, path="/v1/messages"):
    """What the case took has been given back, and a request works."""
    time.sleep(SETTLE_SECONDS)
    rest = growth.resident("VmRSS") - growth.before
    told = "" if rest < REST_MB else "   TOO MUCH"
    print(f"{'':<40} RSS +{rest:6.1f} MB afterwards, limit {REST_MB} MB{told}", flush=True)
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=CASE_SECONDS)
    body = '{"model": "sim-ok", "messages": []}'
    connection.request("POST", path, body, {"x-api-key": "test", "content-type": "application/json"})
    status = connection.getresponse().status
    connection.close()
    if status != 200:
        print(f"the request afterwards was answered with {status}")
    return rest < REST_MB and status == 200


@contextlib.contextmanager
def proxy(folder, environment, home, settings, alias=False):
    """Port and pid, after some requests."""
    configuration = Path(home) / "weir.toml"
    configuration.write_text('[[alias]]\nmatch = "held"\nmodel = "sim-ok"\n' if alias else "")
    command = [folder / "weir-headless", "--port", "0", "--config", configuration]
    for setting in (f"limits.memory_budget={BUDGET}", "route.anthropic=up", *settings):
        command += ["--set", setting]
    with rss.running(command, env=environment) as process:
        port = int(rss.wait_for_line(process, r"listening on http://127\.0\.0\.1:(\d+)")[1])
        rss.send_requests(port)
        yield port, process.pid
        rss.stop(process)


def run_stalled(folder, environment, home):
    """The upstream goes on once all that fits is there: HTTP/1.1, so ten calls at once, and the others wait."""
    good = True
    upstream = StalledUpstream()
    settings = (f"provider.up.anthropic_base={upstream.url}",)
    for alias, chunked, name in (
        (True, False, "8 MiB held for a rule"),
        (True, True, "8 MiB in chunks held for a rule"),
        (False, False, "8 MiB passed on"),
    ):
        upstream.release()
        with proxy(folder, environment, home, settings, alias) as (port, pid):
            upstream.stall()
            with Growth(pid) as growth:
                outcomes = send_all(port, "held", chunked, upstream.release)
            wanted = {"200", "503 limits.memory_budget"} if alias else {"200", "503 pool.queue_max"}
            good &= check(name, growth, BUDGET / 1_000_000 + MARGIN_MB, outcomes, wanted)
            good &= check_after(port, growth)
    return good


def run_never_read(folder, environment, home):
    """The upstream never goes on: HTTP/2, so nearly all of them are in work at once."""
    certificate = f"{home}/provider.pem"
    simulate = [folder / "weir-bench", "simulate", "--tls", "--port", "0", "--cert-out", certificate]
    other = StalledUpstream()
    other.release()
    with rss.running([*simulate, "--read-kbps", "300"], env=environment) as provider:
        upstream = rss.wait_for_line(provider, r"simulating on (https://\S+)")[1]
        settings = (
            f"provider.up.anthropic_base={upstream}",
            f"provider.up.ca_file={certificate}",
            f"provider.other.anthropic_base={other.url}",
            "timeouts.first_byte_ms=3000",
        )
        with proxy(folder, environment, home, settings) as (port, pid):
            with Growth(pid) as growth:
                outcomes = send_all(port, "sim-ok", False)
            wanted = {"504", "503 limits.memory_budget", "503 pool.queue_max"}
            good = check("8 MiB to an upstream that stalls", growth, BUDGET / 1_000_000 + MARGIN_MB, outcomes, wanted)
            good &= check_after(port, growth, "/other/v1/messages")
        rss.stop(provider)
    return good


def run_unread(folder, environment, home):
    """Replies without an end that nobody reads, until their clients leave."""
    certificate = f"{home}/provider.pem"
    simulate = [folder / "weir-bench", "simulate", "--tls", "--port", "0", "--cert-out", certificate]
    with rss.running(simulate, env=environment) as provider:
        upstream = rss.wait_for_line(provider, r"simulating on (https://\S+)")[1]
        settings = (f"provider.up.anthropic_base={upstream}", f"provider.up.ca_file={certificate}")
        with proxy(folder, environment, home, settings) as (port, pid):
            with Growth(pid) as growth, contextlib.ExitStack() as stack:
                for _ in range(READERS):
                    client = socket.socket()
                    stack.enter_context(client)
                    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16 * 1024)
                    client.connect(("127.0.0.1", port))
                    head, body = flow.request("sim-body-endless+bytes-640000+chunks-10+gap-0", True)
                    client.sendall(head + body)
                time.sleep(UNREAD_SECONDS)
            good = check(f"{READERS} replies that nobody reads", growth, REPLIES_MB)
            good &= check_after(port, growth)
        rss.stop(provider)
    return good


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--bin", type=Path, required=True, help="folder of the programs")
    arguments.add_argument("--fallback", type=Path, help="used if --bin holds none")
    options = arguments.parse_args()
    folder = options.bin
    if not (folder / "weir-bench").exists() and options.fallback:
        folder = options.fallback
    print(f"programs of {folder}")
    open_file_limit()
    with tempfile.TemporaryDirectory() as home:
        environment = {"HOME": home, "PATH": os.environ["PATH"], "XDG_RUNTIME_DIR": home, "LC_ALL": "C.UTF-8"}
        good = run_stalled(folder, environment, home)
        good &= run_never_read(folder, environment, home)
        good &= run_unread(folder, environment, home)
    sys.exit(0 if good else "more memory than allowed, or requests without their answer")


if __name__ == "__main__":
    main()
