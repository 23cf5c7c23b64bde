# SPDX-License-Identifier: GPL-2.0-or-later
"""Just enough SIP over UDP to stand on either side of a P-CSCF."""
import select
import socket
import time


# Seconds until what should come is given up: it comes sooner, however slow the machine. What should not come is waited
# for with a time of its own.
PATIENCE = 20.0


class Message:
    def __init__(self, text):
        head, _, self.body = text.partition("\r\n\r\n")
        lines = head.split("\r\n")
        self.start = lines[0]
        self.headers = [tuple(x.strip() for x in line.split(":", 1)) for line in lines[1:]]
        self.is_reply = self.start.startswith("SIP/2.0 ")
        self.method = None if self.is_reply else self.start.split()[0]
        self.code = int(self.start.split()[1]) if self.is_reply else None
        self.uri = None if self.is_reply else self.start.split()[1]

    def all(self, name):
        return [v for k, v in self.headers if k.lower() == name.lower()]

    def get(self, name, default=""):
        found = self.all(name)
        return found[0] if found else default

    def tag(self, name):
        return self.get(name).partition(";tag=")[2].partition(";")[0]

    @property
    def cseq(self):
        return int(self.get("CSeq").split()[0])


class Party:
    """A socket that sends and awaits messages; retransmissions of what was seen are skipped."""

    counter = 0

    def __init__(self, address, port=5060, proxy=("127.0.0.11", 5060)):
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.bind((address, port))
        self.address, self.port, self.proxy = address, port, proxy
        self.seen = set()
        self.kept = []

    @property
    def contact(self):
        return "sip:%s:%d" % (self.address, self.port)

    def via(self):
        Party.counter += 1
        return "SIP/2.0/UDP %s:%d;branch=z9hG4bK-%d-%d" % (self.address, self.port, self.port, Party.counter)

    def send(self, start, headers, body=""):
        lines = [start] + ["%s: %s" % h for h in headers] + ["Content-Length: %d" % len(body)]
        self.sock.sendto(("\r\n".join(lines) + "\r\n\r\n" + body).encode(), self.proxy)

    def request(self, method, uri, headers, body=""):
        self.send("%s %s SIP/2.0" % (method, uri), [("Via", self.via()), ("Max-Forwards", "70")] + headers, body)

    def reply(self, to, code, reason="X", extra=(), tag=None, body=""):
        headers = []
        for k, v in to.headers:
            if k.lower() in ("via", "from", "call-id", "cseq", "record-route"):
                headers.append((k, v))
            elif k.lower() == "to":
                headers.append((k, v if ";tag=" in v or not tag else v + ";tag=" + tag))
        self.send("SIP/2.0 %d %s" % (code, reason), headers + list(extra), body)

    def read(self, timeout):
        ready, _, _ = select.select([self.sock], [], [], max(timeout, 0))
        if not ready:
            return None
        return Message(self.sock.recv(65535).decode())

    def expect(self, what, timeout=PATIENCE):
        """The next message for which what(message) holds, kept ones first; None when none comes."""
        end = time.monotonic() + timeout
        for i, m in enumerate(self.kept):
            if what(m):
                return self.kept.pop(i)
        while time.monotonic() < end:
            m = self.read(end - time.monotonic())
            if m is None:
                return None
            key = (m.start.split()[0], m.start.split()[1], m.get("Via"), m.get("CSeq"), m.get("Call-ID"))
            if key in self.seen:
                continue
            self.seen.add(key)
            if what(m):
                return m
            self.kept.append(m)
        return None

    def expect_request(self, method, timeout=PATIENCE):
        return self.expect(lambda m: m.method == method, timeout)

    def expect_reply(self, method, timeout=PATIENCE):
        return self.expect(lambda m: m.is_reply and m.code >= 200 and m.get("CSeq").endswith(method), timeout)
