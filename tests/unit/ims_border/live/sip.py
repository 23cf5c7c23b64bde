# SPDX-License-Identifier: GPL-2.0-or-later
"""Parties around the P-CSCF: the home network (home) and phones. Plain UDP, one message at a time."""
import re
import select
import socket
import subprocess
import sys
import time

PCSCF_CORE, PCSCF_ACCESS = ("10.0.0.11", 5060), ("10.1.0.1", 5060)
# What should come is waited for, however busy the machine; what should not is given a moment where a test says so.
PATIENCE = 20.0
passed = failed = 0


def check(what, good, detail=""):
    global passed, failed
    passed, failed = passed + bool(good), failed + (not good)
    if not good:
        print("  FAILED  %s   %s" % (what, str(detail)[:600].replace("\r\n", " | ")))


class Message:
    def __init__(self, text):
        self.text = text
        lines = text.split("\r\n\r\n", 1)[0].split("\r\n")
        self.first, self.lines = lines[0], lines[1:]
        self.code = int(self.first.split()[1]) if self.first.startswith("SIP/2.0 ") else 0
        self.method = "" if self.code else self.first.split()[0]

    def all(self, name):
        return [l.split(":", 1)[1].strip() for l in self.lines if l.split(":", 1)[0].strip().lower() == name.lower()]

    def one(self, name):
        return (self.all(name) or [""])[0]

    def uris(self, name):
        return [u for l in self.all(name) for u in re.findall(r"<([^>]*)>", l)]


class Party:
    count = 0

    def __init__(self, address, port, proxy):
        self.address, self.port, self.proxy = address, port, proxy
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.bind((address, port))
        self.got = []

    def request(self, method, uri, headers):
        Party.count += 1
        via = "SIP/2.0/UDP %s:%d;branch=z9hG4bK%d-%d" % (self.address, self.port, self.port, Party.count)
        text = "%s %s SIP/2.0\r\nVia: %s\r\nMax-Forwards: 70\r\n" % (method, uri, via)
        text += "".join("%s: %s\r\n" % h for h in headers) + "Content-Length: 0\r\n\r\n"
        self.sock.sendto(text.encode(), self.proxy)

    def receive(self, what, seconds=PATIENCE):
        end = time.monotonic() + seconds
        while True:
            for i, m in enumerate(self.got):
                if what(m):
                    return self.got.pop(i)
            left = end - time.monotonic()
            if left <= 0 or not select.select([self.sock], [], [], left)[0]:
                return None
            self.got.append(Message(self.sock.recv(65535).decode()))

    def of_call(self, call_id, seconds=PATIENCE):
        """The next message of this Call-ID, 100s and retransmissions apart."""
        return self.receive(lambda m: m.one("Call-ID") == call_id and m.code != 100, seconds)

    def reply(self, m, status, headers=(), tag="uas", record_route=True):
        to = m.one("To") + ("" if ";tag=" in m.one("To") else ";tag=" + tag)
        text = "SIP/2.0 %s\r\n" % status + "".join("Via: %s\r\n" % v for v in m.all("Via"))
        if record_route:
            text += "".join("Record-Route: %s\r\n" % v for v in m.all("Record-Route"))
        text += "From: %s\r\nTo: %s\r\nCall-ID: %s\r\nCSeq: %s\r\n" % (m.one("From"), to, m.one("Call-ID"), m.one("CSeq"))
        text += "".join("%s: %s\r\n" % h for h in headers) + "Content-Length: 0\r\n\r\n"
        self.sock.sendto(text.encode(), self.proxy)


home = Party("10.0.0.4", 5060, PCSCF_CORE)


class Phone(Party):
    def __init__(self, user, port, address="10.1.0.10"):
        super().__init__(address, port, PCSCF_ACCESS)
        self.user, self.cseq = user, 0
        self.impu = "sip:%s@home1.net" % user
        self.contact = "sip:%s@%s:%d" % (user, address, port)

    def register(self, headers=(), answer=(), status="200 OK", associated=None, contact="",
                 service_route="<sip:orig@scscf.home1.net:5060;lr>", provisional=None, seconds=PATIENCE):
        """Returns the REGISTER that the home network saw, and the answer that the phone saw."""
        self.cseq += 1
        contact = contact or "<%s>;expires=600" % self.contact
        self.request("REGISTER", "sip:home1.net", [
            ("From", "<%s>;tag=r" % self.impu), ("To", "<%s>" % self.impu), ("Call-ID", "reg-" + self.user),
            ("CSeq", "%d REGISTER" % self.cseq), ("Contact", contact), ("Supported", "path"),
            ("Authorization", 'Digest username="%s@home1.net", realm="home1.net", nonce="", uri="sip:home1.net", response=""'
             % self.user)] + list(headers))
        # Not one that was sent again before.
        mine = ("reg-" + self.user, "%d REGISTER" % self.cseq)
        m = home.receive(lambda m: m.method == "REGISTER" and (m.one("Call-ID"), m.one("CSeq")) == mine)
        if m and provisional:
            home.reply(m, *provisional)
        if m:
            good = [("Contact", contact), ("Path", m.one("Path"))] if status.startswith("200") else []
            if good and service_route:
                good.append(("Service-Route", service_route))
            if good and associated != "":
                good.append(("P-Associated-URI", associated or "<%s>" % self.impu))
            home.reply(m, status, good + list(answer))
            self.path = m.one("Path")
        return m, self.receive(lambda m: m.code >= 200 and (m.one("Call-ID"), m.one("CSeq")) == mine, seconds)

    def ask(self, method, headers=(), uri="sip:bob@home1.net", to_tag="", call_id=None, from_tag="f", speaker=None):
        """Sends a request, returns its Call-ID."""
        self.cseq += 1
        call_id = call_id or "mo-%s-%d" % (self.user, self.cseq)
        self.request(method, uri, [
            ("From", "%s;tag=%s" % (speaker or "<%s>" % self.impu, from_tag)), ("To", "<sip:bob@home1.net>" + (to_tag and ";tag=" + to_tag)),
            ("Call-ID", call_id), ("CSeq", "%d %s" % (self.cseq, method)), ("Contact", "<%s>" % self.contact)]
            + list(headers))
        return call_id

    def called(self, method, headers=(), to_tag="", call_id=None, path=None):
        """A request of the core to this phone, returns its Call-ID."""
        Party.count += 1
        call_id = call_id or "mt-%s-%d" % (self.user, Party.count)
        home.request(method, self.contact, [
            ("Route", path or self.path), ("From", "<sip:far@home1.net>;tag=far"),
            ("To", "<%s>" % self.impu + (to_tag and ";tag=" + to_tag)), ("Call-ID", call_id), ("CSeq", "1 " + method),
            ("Contact", "<sip:far@10.0.0.4:5060>")] + list(headers))
        return call_id


def either(one, what, other, which, seconds=PATIENCE):
    """Wait for a message at one party or at another; what each has got."""
    end = time.monotonic() + seconds
    while True:
        a, b = one.receive(what, 0.02), other.receive(which, 0.02)
        if a or b or time.monotonic() > end:
            return a, b


def eventually(what, seconds=PATIENCE):
    """Wait until what() is true; what it is in the end."""
    end = time.monotonic() + seconds
    while not what() and time.monotonic() < end:
        time.sleep(0.05)
    return what()


def rpc(*command):
    return subprocess.run(["kamcmd", "-s", sys.argv[1], *command], capture_output=True, text=True).stdout


def counter(name, group="border"):
    return int(re.search(r"\d+", rpc("cnt.get", group, name)).group())
