# SPDX-License-Identifier: GPL-2.0-or-later
"""An S-CSCF as ims-hss sees it: what it asks when a phone registers, and what it is sent, kept in a list."""
import socket
import struct
import threading
import time

TGPP = 10415
CX = 16777216
CER, DWR, DPR = 257, 280, 282
UAR, SAR, LIR, MAR, RTR, PPR = 300, 301, 302, 303, 304, 305
NAME = "sip:scscf.home1.net:5060"


def avp(code, data, vendor=0):
    if isinstance(data, str):
        data = data.encode()
    if isinstance(data, int):
        data = struct.pack(">I", data)
    head = struct.pack(">II", code, (0xc0 if vendor else 0x40) << 24 | (12 if vendor else 8) + len(data))
    return head + (struct.pack(">I", vendor) if vendor else b"") + data + bytes(-len(data) % 4)


def avps(octets):
    """(code, data) of a message's or a group's AVPs."""
    at, out = 0, []
    while at + 8 <= len(octets):
        code, word = struct.unpack(">II", octets[at:at + 8])
        size = word & 0xffffff
        begin = 12 if word >> 31 else 8
        out.append((code, octets[at + begin:at + size]))
        at += (size + 3) & ~3
    return out


def all_of(octets, code):
    return [data for c, data in avps(octets) if c == code]


def result_of(answer):
    """Result-Code, or Experimental-Result-Code."""
    codes = all_of(answer, 268) or all_of(all_of(answer, 297)[0], 298)
    return struct.unpack(">I", codes[0])[0]


class Scscf:
    def __init__(self, hss, host="scscf.home1.net", local="10.9.9.2", realm="home1.net"):
        self.host = host
        self.name = "sip:%s:5060" % host
        self.realm = realm
        self.next = 1
        self.lock = threading.Lock()
        self.came = threading.Condition()
        self.answers = {}
        self.requests = []  # (command, AVPs) that came
        self.silent = False  # to RTR and PPR
        self.result = 2001
        self.socket = socket.create_connection((hss, 3868), 10, (local, 0))
        self.socket.settimeout(None)
        threading.Thread(target=self.read, daemon=True).start()
        application = avp(260, avp(266, TGPP) + avp(258, CX))
        address = avp(257, b"\0\1" + socket.inet_aton(local))
        answer = self.ask(CER, avp(264, host) + avp(296, realm) + address + avp(266, 0) + avp(269, "test")
                          + application, application=0)
        assert struct.unpack(">I", all_of(answer, 268)[0])[0] == 2001

    def send(self, flags, command, application, hop, end, body):
        with self.lock:
            self.socket.sendall(struct.pack(">IIIII", 1 << 24 | 20 + len(body), flags << 24 | command, application,
                                            hop, end) + body)

    def receive(self, n):
        octets = b""
        while len(octets) < n:
            more = self.socket.recv(n - len(octets))
            if not more:
                raise OSError("closed")
            octets += more
        return octets

    def read(self):
        try:
            while True:
                head = self.receive(20)
                length, word, application, hop, end = struct.unpack(">IIIII", head)
                body = self.receive((length & 0xffffff) - 20)
                if word >> 31:
                    self.answer(word & 0xffffff, application, hop, end, body)
                else:
                    with self.came:
                        self.answers[hop] = body
                        self.came.notify_all()
        except OSError:
            pass

    def answer(self, command, application, hop, end, body):
        if command not in (DWR, DPR):
            self.requests.append((command, body))
            if self.silent:
                return
        out = avp(268, self.result if command in (RTR, PPR) else 2001) + avp(264, self.host) + avp(296, self.realm)
        if command in (RTR, PPR):
            out = avp(263, all_of(body, 263)[0]) + avp(260, avp(266, TGPP) + avp(258, CX)) + avp(277, 1) + out
        # DWA and DPA have no P bit (RFC 6733 5.5.2): with it freeDiameter takes them for somebody else's
        self.send(0x40 if command in (RTR, PPR) else 0, command, application, hop, end, out)

    def ask(self, command, body, application=CX):
        with self.lock:
            hop = self.next
            self.next += 1
        self.send(0x80 if application == 0 else 0xc0, command, application, hop, hop, body)
        with self.came:
            assert self.came.wait_for(lambda: hop in self.answers, 20), "no answer to command %d" % command
            return self.answers.pop(hop)

    def answer_to(self, command, impi, impu, more):
        """The AVPs of the answer to a request of Cx; an identity may be None."""
        head = (avp(263, "%s;1;%d" % (self.host, self.next)) + avp(260, avp(266, TGPP) + avp(258, CX)) + avp(277, 1)
                + avp(264, self.host) + avp(296, self.realm) + avp(283, self.realm))
        return self.ask(command, head + (avp(1, impi) if impi else b"") + (avp(601, impu, TGPP) if impu else b"") + more)

    def cx(self, command, impi, impu, more):
        return result_of(self.answer_to(command, impi, impu, more))

    def challenge(self, impi, impu):
        """A phone's first REGISTER: authentication is pending then."""
        item = avp(612, avp(608, "Digest-AKAv1-MD5", TGPP), TGPP)
        return self.cx(MAR, impi, impu, avp(607, 1, TGPP) + item + avp(602, self.name, TGPP))

    def register(self, impi, impu, assignment=1):
        """What a phone's REGISTER with the right answer makes an S-CSCF ask; 5: it leaves."""
        return self.cx(SAR, impi, impu, avp(602, self.name, TGPP) + avp(614, assignment, TGPP) + avp(624, 0, TGPP))

    def wait(self, command, count=1):
        """The count-th request of a command, waited for."""
        end = time.monotonic() + 20
        while True:
            found = [body for c, body in self.requests if c == command]
            if len(found) >= count:
                return found[count - 1]
            assert time.monotonic() < end, "command %d never came" % command
            time.sleep(0.01)
