# SPDX-License-Identifier: GPL-2.0-or-later
"""The line between the P-CSCF and a gateway, where H.248 is lost, doubled, late, or answered with an error in the gateway's place."""
import heapq
import itertools
import random
import re
import select
import socket
import threading
import time

# 411, 430, 435: they deny what the gateway has
ERRORS = (403, 411, 430, 431, 435, 500, 501, 510, 512, 533, 540)


class Line:
    """Of gateway n, whose own end is 10.0.0.17+n. To it the P-CSCF is 10.0.0.27+n. In a thread of its own: whoever plays calls
    may be busy for longer than a gateway may be silent."""

    def __init__(self, seed, n):
        self.r, self.n = random.Random(seed), n
        self.lost = self.doubled = self.late = self.refused = self.again = 0
        self.seen, self.denies, self.denied = set(), False, None
        self.heap, self.order = [], itertools.count()
        self.outer, self.inner = self.open(7 + n), self.open(27 + n)
        self.pcscf, self.gateway = ("10.0.0.11", 2944), ("10.0.0.%d" % (17 + n), 2944)
        self.us = b"[10.0.0.%d]:2944" % (27 + n)
        threading.Thread(target=self.run, daemon=True).start()

    def open(self, host):
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        s.bind(("10.0.0.%d" % host, 2944))
        return s

    def run(self):
        while True:
            wait = max(0, self.heap[0][0] - time.monotonic()) if self.heap else None
            for s in select.select([self.outer, self.inner], [], [], wait)[0]:
                self.readable(s)
            while self.heap and self.heap[0][0] <= time.monotonic():
                sock, data, to = heapq.heappop(self.heap)[2]
                sock.sendto(data, to)

    def readable(self, sock):
        data = sock.recv(65535)
        if self.denies:
            self.deny(sock, data)
        elif sock is self.inner:
            self.carry(self.outer, data, self.pcscf)
        elif not self.refuse(data):
            # where a gateway is told to register is this line, too
            self.carry(self.inner, data.replace(b"[10.0.0.11]:2944", self.us), self.gateway)

    def carry(self, sock, data, to):
        what = self.r.random()
        if what < 0.02:
            self.lost += 1
        elif what < 0.04:
            self.late += 1
            heapq.heappush(self.heap, (time.monotonic() + self.r.random() * 1.2, next(self.order), (sock, data, to)))
        else:
            sock.sendto(data, to)
            if what > 0.98:
                self.doubled += 1
                sock.sendto(data, to)

    def deny(self, sock, data):
        """The first Add comes to the gateway, its reply is lost, and what is sent again gets an error. All else passes."""
        if sock is self.inner:
            if not self.denied or not re.search(rb"Reply\s*=\s*%s\b" % self.denied, data):
                sock = self.outer
                sock.sendto(data, self.pcscf)
            return
        asked = re.findall(rb"Transaction\s*=\s*(\d+)\s*\{", data)
        if self.denied and self.denied in asked:
            return self.answer(data, self.denied, 411)
        if not self.denied and b"Add" in data:
            self.denied = asked[0]
        self.inner.sendto(data.replace(b"[10.0.0.11]:2944", self.us), self.gateway)

    def refuse(self, data):
        """A request gets an error now and then, and the gateway does not hear of it: of one that is sent again more often, and that
        one the gateway may have carried out."""
        asked = re.findall(rb"Transaction\s*=\s*(\d+)\s*\{", data)
        if len(asked) != 1:
            return False
        again = asked[0] in self.seen
        self.seen.add(asked[0])
        if self.r.random() >= (0.3 if again else 0.02):
            return False
        self.refused += 1
        self.again += again
        self.answer(data, asked[0], self.r.choice(ERRORS))
        return True

    def answer(self, data, transaction, error):
        version = re.match(rb"\S+/(\d)", data).group(1).decode()
        self.outer.sendto(b'MEGACO/%s [10.0.0.%d]:2944\nReply=%s{Error=%d{"by chance"}}' % (
            version.encode(), 7 + self.n, transaction, error), self.pcscf)
