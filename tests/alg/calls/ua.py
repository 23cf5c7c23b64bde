# SPDX-License-Identifier: GPL-2.0-or-later
"""One end of calls: says what a check wants said, and keeps what comes."""
import os
import re
import socket
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../flow"))
from sip import Message, enter

CORE, PCSCF_CORE = "10.0.0.4", "10.0.0.11"


class Never(Exception):
    """Something did not come."""


class Sip(Message):
    """A message with its body."""

    def __init__(self, text):
        super().__init__(text)
        self.body = text.split("\r\n\r\n", 1)[1] if "\r\n\r\n" in text else ""
        self.call_id = self.one("Call-ID")
        self.cseq = self.one("CSeq").split()[0]
        self.uri = "" if self.code else self.first.split()[1]

    def tag(self, name):
        m = re.search(r";tag=([^;>\s]+)", self.one(name))
        return m.group(1) if m else ""

    def routes(self):
        return [r.strip() for line in self.all("Record-Route") for r in line.split(",")]

    def contact(self):
        m = re.search(r"<([^>]*)>", self.one("Contact"))
        return m.group(1) if m else ""


class Ua:
    """One end: says what the check wants said, keeps what comes."""
    n = 0

    def __init__(self, world, name, address, port=5060):
        self.world, self.name, self.address, self.port = world, name, address, port
        # the P-CSCF has an address in each access network
        self.pcscf = PCSCF_CORE if address == CORE else address.rsplit(".", 1)[0] + ".1"
        enter("peers")
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        enter("net")
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 21)
        self.sock.bind((address, port))
        self.inbox, self.taken = [], 0
        self.path = ""
        self.auto = {"BYE": "200 OK", "CANCEL": "200 OK", "SUBSCRIBE": "200 OK"}
        world.wire.add(self.sock, self.readable)

    def readable(self, sock):
        data, peer = sock.recvfrom(65535)
        if len(data) < 20:
            return
        m = Sip(data.decode())
        if m.method == "REGISTER" and not m.code:
            self.register_answer(m, peer)
        elif not self.repeated(m):
            self.came(m)

    def came(self, m):
        self.inbox.append(m)
        if not m.code and m.method in self.auto:
            self.answer(m, self.auto[m.method])

    def repeated(self, m):
        """Over UDP requests come again until they are answered."""
        return not m.code and m.method != "ACK" and any(
            o.first == m.first and o.call_id == m.call_id and o.cseq == m.cseq and o.one("Via") == m.one("Via") for o in self.inbox)

    def close(self):
        self.world.wire.remove(self.sock)
        self.sock.close()

    def send(self, text):
        self.sock.sendto(text.encode(), (self.pcscf, 5060))

    def uri(self):
        return "sip:%s@%s:%d" % (self.name, self.address, self.port)

    # the core is the registrar of all

    def register_answer(self, m, peer):
        self.world.paths[m.contact()] = m.one("Path")
        user = re.search(r"sip:([^@]*)@", m.one("To")).group(1)
        text = m.answer("200 OK", "Path: %s\r\nContact: <%s>;expires=3600\r\nService-Route: <sip:orig@%s:5060;lr>\r\n"
                        "P-Associated-URI: <sip:%s@home1.net>\r\n" % (m.one("Path"), m.contact(), CORE, user))
        self.sock.sendto(text.encode(), peer)

    def register(self, extra="", expires=3600):
        Ua.n += 1
        call = "reg-%s-%d" % (self.name, Ua.n)
        self.send("REGISTER sip:home1.net SIP/2.0\r\nVia: SIP/2.0/UDP %s:%d;branch=z9hG4bK%s\r\nMax-Forwards: 70\r\n"
                  "From: <sip:%s@home1.net>;tag=r\r\nTo: <sip:%s@home1.net>\r\nCall-ID: %s\r\nCSeq: 1 REGISTER\r\n"
                  "Contact: <%s>\r\nExpires: %d\r\nSupported: path\r\n%sContent-Length: 0\r\n\r\n" %
                  (self.address, self.port, call, self.name, self.name, call, self.uri(), expires, extra))
        return self.wait(lambda m: m.code >= 200 and m.call_id == call, "answer to REGISTER")

    # waiting

    def look(self, want):
        return [m for m in self.inbox if want(m)]

    def wait(self, want, what="message", seconds=None):
        self.world.until(lambda: self.look(want), what + " at " + self.name, seconds)
        return self.look(want)[0]

    def request(self, method, call=None, body=None):
        """The next request of this kind that came and was not taken yet."""
        def want(m):
            return not m.code and m.method == method and not getattr(m, "taken", False) and (call is None or m.call_id == call)
        m = self.wait(want, method)
        m.taken = True
        if body is not None and bool(m.body) != body:
            raise AssertionError("%s at %s %s a body" % (method, self.name, "has" if m.body else "is without"))
        return m

    # answering

    def answer(self, m, status, sdp="", extra="", tag=None, contact=True, content_type="application/sdp"):
        tag = tag or "t" + self.name
        head = m.answer(status, ("Contact: <%s>\r\n" % self.uri() if contact and not status.startswith("100") else "") + extra +
                        ("Content-Type: %s\r\n" % content_type if sdp else ""), tag)
        text = head.replace("Content-Length: 0\r\n\r\n", "Content-Length: %d\r\n\r\n%s" % (len(sdp), sdp))
        port = re.search(r":(\d+)", m.one("Via").split(";")[0])
        self.send_answer(m, text, (self.pcscf, int(port.group(1)) if port else 5060))
        return Sip(text)

    def send_answer(self, m, text, to):
        self.sock.sendto(text.encode(), to)


class Dialog:
    """One end's view of a call: of the caller since its INVITE, of the callee since it came."""
    n = 0

    def __init__(self, ua, peer="sip:far@home1.net", invite=None):
        Dialog.n += 1
        self.ua, self.local_seq, self.branches = ua, 0, 0
        self.local_tag, self.remote_tag, self.route, self.target = "c%s%d" % (ua.name, Dialog.n), "", [], peer
        self.call_id = "call-%d-%d@%s" % (os.getpid(), Dialog.n, ua.address)
        self.me, self.peer = "sip:%s@home1.net" % ua.name, peer
        self.sent, self.last = {}, {}
        if invite:
            self.call_id, self.remote_tag, self.target = invite.call_id, invite.tag("From"), invite.contact()
            self.local_tag, self.route = "t" + ua.name, invite.routes()
            self.me, self.peer = "sip:%s@home1.net" % ua.name, re.search(r"<([^>]*)>", invite.one("From")).group(1)

    def say(self, method, sdp="", extra="", seq=None, branch=None, content_type="application/sdp"):
        """Send a request; its CSeq number."""
        if seq is None and method not in ("ACK", "CANCEL"):
            self.local_seq += 1
        seq = seq or self.local_seq
        self.last[method] = seq
        self.branches += 1
        branch = branch or "z9hG4bK%s%d%s" % (self.local_tag, self.branches, abs(hash(self.call_id)) % 99999)
        text = "%s %s SIP/2.0\r\nVia: SIP/2.0/UDP %s:%d;branch=%s;rport\r\nMax-Forwards: 70\r\n" % (
            method, self.target, self.ua.address, self.ua.port, branch)
        text += "".join("Route: %s\r\n" % r for r in self.route)
        text += "From: <%s>;tag=%s\r\nTo: <%s>%s\r\nCall-ID: %s\r\nCSeq: %d %s\r\nContact: <%s>\r\n" % (
            self.me, self.local_tag, self.peer, ";tag=" + self.remote_tag if self.remote_tag else "", self.call_id, seq, method,
            self.ua.uri())
        text += extra
        if sdp:
            text += "Content-Type: %s\r\n" % content_type
        text += "Content-Length: %d\r\n\r\n%s" % (len(sdp), sdp)
        self.sent[seq, method] = (text, branch)
        self.ua.send(text)
        return seq

    def got(self, method, code=200, seq=None, seconds=None, tag=None):
        """The first answer of this class or higher to our request."""
        seq = str(seq or self.last[method])

        def want(m):
            return m.code >= code and m.call_id == self.call_id and m.cseq == seq and m.method == method and (
                tag is None or m.tag("To") == tag) and m.tag("From") == self.local_tag
        return self.ua.wait(want, "%d to %s" % (code, method), seconds)

    def learn(self, answer):
        """The answer that makes the dialog."""
        self.remote_tag, self.route = answer.tag("To"), list(reversed(answer.routes()))
        self.target = answer.contact() or self.target
        return answer

    def ack(self, seq=None, sdp="", extra=""):
        return self.say("ACK", sdp, extra, seq=seq or self.last["INVITE"])

    def cancel(self):
        """CANCEL of the INVITE: same branch, no tag, no route set of the dialog."""
        text, branch = self.sent[self.last["INVITE"], "INVITE"]
        head = text.split("\r\n\r\n")[0]
        lines = [l for l in head.split("\r\n") if not l.startswith(("Content-", "Contact:", "Record-Route:", "CSeq:", "Security-"))]
        lines[0] = lines[0].replace("INVITE", "CANCEL", 1)
        text = "\r\n".join(lines + ["CSeq: %d CANCEL" % self.last["INVITE"], "Content-Length: 0"]) + "\r\n\r\n"
        self.sent[self.last["INVITE"], "CANCEL"] = (text, branch)
        self.ua.send(text)

    def ack_refused(self, answer):
        """The hop-by-hop ACK of an answer that is no 2xx."""
        text, branch = self.sent[int(answer.cseq), "INVITE"]
        route = "".join(l + "\r\n" for l in text.split("\r\n") if l.startswith("Route:"))
        self.ua.send("ACK %s SIP/2.0\r\nVia: SIP/2.0/UDP %s:%d;branch=%s;rport\r\nMax-Forwards: 70\r\n%sFrom: <%s>;tag=%s\r\nTo: %s\r\n"
                     "Call-ID: %s\r\nCSeq: %s ACK\r\nContent-Length: 0\r\n\r\n" %
                     (text.split()[1], self.ua.address, self.ua.port, branch, route, self.me, self.local_tag, answer.one("To"),
                      self.call_id, answer.cseq))
