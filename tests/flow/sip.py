# SPDX-License-Identifier: GPL-2.0-or-later
"""One event loop, SIP as text, and the home network that the phones of these checks register with.

Everything runs in one thread: a socket belongs to the network namespace it was made in, whatever comes later.
"""
import ctypes
import os
import re
import resource
import selectors
import socket
import time

CLONE_NEWNET = 0x40000000
# Seconds until an answer that should come is given up; what is right comes sooner, however slow the machine.
PATIENCE = float(os.environ.get("FLOW_PATIENCE", "60"))
# So long a request over UDP goes unanswered before it is sent again: on a machine that stands still for seconds the kernel
# drops packets that wait for a neighbour's address.
SEND_AGAIN = 5
# As many as there may be: in a container even root cannot have more.
HARD = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
FILES = 1 << 16 if HARD == resource.RLIM_INFINITY else min(1 << 16, HARD)
resource.setrlimit(resource.RLIMIT_NOFILE, (FILES, HARD))
libc = ctypes.CDLL(None, use_errno=True)


def enter(ns):
    """Make the sockets and processes that follow in this network namespace."""
    fd = os.open("/run/netns/" + ns, os.O_RDONLY)
    try:
        if libc.setns(fd, CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), "setns " + ns)
    finally:
        os.close(fd)


class Wire:
    """The loop: sockets with what to do when something can be read."""

    def __init__(self):
        self.sel = selectors.DefaultSelector()

    def add(self, sock, handler):
        sock.setblocking(False)
        self.sel.register(sock, selectors.EVENT_READ, handler)

    def remove(self, sock):
        try:
            self.sel.unregister(sock)
        except KeyError:
            pass

    def pump(self, until=None, seconds=PATIENCE):
        """Serve until until() is true; False when the time ran out first. Without until: for that time."""
        end = time.monotonic() + seconds
        while True:
            if until and until():
                return True
            left = end - time.monotonic()
            if left <= 0:
                return False
            for key, _ in self.sel.select(min(left, 0.5)):
                key.data(key.fileobj)


def await_answer(wire, got, seconds, send_again):
    """Serve until got() is true, and call send_again() from time to time meanwhile."""
    end = time.monotonic() + seconds
    while not wire.pump(got, min(SEND_AGAIN, max(end - time.monotonic(), 0))) and time.monotonic() < end:
        send_again()
    return got()


class Message:
    def __init__(self, text):
        self.text = text
        self.head = text.split("\r\n\r\n", 1)[0]
        self.first = self.head.split("\r\n", 1)[0]
        self.code = int(self.first.split()[1]) if self.first.startswith("SIP/2.0 ") else 0
        self.method = self.first.split()[0] if not self.code else self.one("CSeq").split()[1]

    def all(self, name):
        return [l.split(":", 1)[1].strip() for l in self.head.split("\r\n")[1:] if l.lower().startswith(name.lower() + ":")]

    def one(self, name):
        return (self.all(name) or [""])[0]

    def answer(self, status, extra="", tag="t"):
        to = self.one("To")
        if ";tag=" not in to and not status.startswith("100"):
            to += ";tag=" + tag
        lines = ["SIP/2.0 " + status] + ["Via: " + v for v in self.all("Via")] + ["Record-Route: " + v for v in self.all("Record-Route")]
        lines += ["From: " + self.one("From"), "To: " + to, "Call-ID: " + self.one("Call-ID"), "CSeq: " + self.one("CSeq")]
        return "\r\n".join(lines) + "\r\n" + extra + "Content-Length: 0\r\n\r\n"


def routes(message):
    """The route set a far end builds from Record-Route, in its order (UAS: as it stands, UAC: reversed)."""
    out = []
    for line in message.all("Record-Route"):
        out += [r.strip() for r in line.split(",")]
    return out


class Home:
    """I-CSCF, S-CSCF and HSS in one: challenges with fresh keys, registers, and sends to phones by their Path."""

    def __init__(self, wire, ns, address, pcscf):
        enter(ns)
        self.wire, self.pcscf, self.address = wire, pcscf, address
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        self.sock.bind((address, 5060))
        self.path = {}      # by Call-ID of the REGISTER
        self.keys = {}      # by IMPI: what the phone's SIM would compute
        self.seen = []      # requests that arrived
        self.answers = {}   # by Call-ID
        self.n = 0
        self.sent = {}      # by Call-ID: the last request
        self.challenge = True
        self.www = None     # another WWW-Authenticate, with %s for ck and ik
        self.more = ""      # headers of a 200 before all others
        self.impus = None   # P-Associated-URI of a 200, "" for none
        self.also = ""      # contacts of a 200 before the phone's own
        wire.add(self.sock, self.readable)

    def readable(self, sock):
        try:
            data, peer = sock.recvfrom(65535)
        except BlockingIOError:
            return
        m = Message(data.decode())
        if m.code:
            self.answers.setdefault(m.one("Call-ID"), []).append(m)
            return
        self.seen.append(m)
        if m.method == "ACK":
            return
        sock.sendto((self.register(m) if m.method == "REGISTER" else m.answer("200 OK", self.contact())).encode(), peer)

    def contact(self):
        return "Contact: <sip:home@%s:5060>\r\n" % self.address

    def register(self, m):
        impi = re.search('username="([^"]*)"', m.one("Authorization"))
        impi = impi.group(1) if impi else ""
        said = re.search('response="([^"]*)"', m.one("Authorization"))
        said = said.group(1) if said else ""
        if said == "wrong":
            return m.answer("403 Forbidden")
        if said != "right" and self.challenge:
            ck, ik = os.urandom(16).hex(), os.urandom(16).hex()
            self.keys[impi] = (ck, ik)
            www = self.www or 'Digest realm="home1.net",nonce="abc",ck="%s",ik="%s",algorithm=AKAv1-MD5,qop="auth"'
            return m.answer("401 Unauthorized", "WWW-Authenticate: " + (www % (ck, ik) if "%" in www else www) + "\r\n")
        self.path[m.one("Call-ID")] = m.one("Path")
        contact = m.one("Contact")
        bare = contact.split(">")[0] + ">"
        rest = contact.split(">", 1)[1]
        impus = "<sip:%s@home1.net>, <tel:+49123>" % impi.split("@")[0] if self.impus is None else self.impus
        return m.answer("200 OK", self.more + "Path: %s\r\nContact: %s%s%s;expires=%s\r\n%s"
                        "Service-Route: <sip:orig@%s:5060;lr>\r\n%s" %
                        (m.one("Path"), self.also, bare, rest, m.one("Expires"),
                         "P-Associated-URI: %s\r\n" % impus if impus else "", self.address,
                         "Require: outbound\r\n" if "reg-id" in contact and "outbound" in m.one("Supported") else ""))

    def request(self, method, uri, route=(), call_id=None, cseq=1, extra="", to_tag=None, branch=None):
        """Send a request towards a phone; its Call-ID."""
        self.n += 1
        call_id = call_id or "mt%d-%d" % (os.getpid(), self.n)
        branch = branch or "z9hG4bKh%d-%d" % (os.getpid(), self.n)
        text = "%s %s SIP/2.0\r\nVia: SIP/2.0/UDP %s:5060;branch=%s\r\nMax-Forwards: 70\r\n" % (method, uri, self.address, branch)
        text += "".join("Route: %s\r\n" % r for r in route)
        text += "From: <sip:far@home1.net>;tag=far\r\nTo: <sip:near@home1.net>%s\r\n" % (";tag=" + to_tag if to_tag else "")
        text += "Call-ID: %s\r\nCSeq: %d %s\r\n%s%sContent-Length: 0\r\n\r\n" % (call_id, cseq, method, self.contact(), extra)
        self.last_branch = branch
        self.sent[call_id] = (text, self.pcscf)
        self.sock.sendto(text.encode(), (self.pcscf, 5060))
        return call_id

    def final(self, call_id, seconds=PATIENCE, method=None):
        """The final answer's code, 0 if none came."""
        def got():
            return [m for m in self.answers.get(call_id, []) if m.code >= 200 and (not method or m.method == method)]

        def again():
            text, pcscf = self.sent[call_id]
            if not any(m.one("Via").split("branch=")[-1] in text for m in self.answers.get(call_id, [])):
                self.sock.sendto(text.encode(), (pcscf, 5060))
        await_answer(self.wire, got, seconds, again)
        return got()[0].code if got() else 0
