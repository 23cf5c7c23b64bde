# SPDX-License-Identifier: GPL-2.0-or-later
"""A phone as small as these checks need it: registers with security agreement, sets its SAs, answers, and notes from
which port to which port each message came and went. Ports are chosen by the check, SPIs by the phone."""
import re
import socket
import subprocess

from sip import PATIENCE, Message, await_answer, enter


class Xfrm:
    """One `ip -batch` per namespace that stays open: no process per change."""

    def __init__(self, ns):
        enter(ns)
        self.p = subprocess.Popen(["stdbuf", "-oL", "ip", "-force", "-batch", "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT, text=True, bufsize=1)

    def run(self, lines):
        self.p.stdin.write("\n".join(lines) + "\nxfrm state count\n")
        self.p.stdin.flush()
        while True:
            line = self.p.stdout.readline()
            if not line:
                raise RuntimeError("ip ended")
            if "SAD count" in line:
                return
            if line.strip() and "No such process" not in line:
                raise RuntimeError("ip: " + line.strip())


class Phone:
    used_spi = 0x10000
    xfrms = {}
    encaps = {}

    def __init__(self, wire, home, ns, address, pcscf, transport="udp", impi="alice", uc=6100, us=6101, unprotected=5060,
                 instance=None, reg_id=None, alg="hmac-sha-1-96", ealg="null", sec=True, port_pcscf=5060, nat=False):
        self.wire, self.home, self.ns, self.address, self.pcscf, self.transport = wire, home, ns, address, pcscf, transport
        self.impi, self.uc, self.us, self.unprotected = impi, uc, us, unprotected
        self.instance, self.reg_id, self.alg, self.ealg, self.sec = instance, reg_id, alg, ealg, sec
        self.port_pcscf = port_pcscf
        self.nat = nat        # can do ESP in UDP, and offers it beside transport mode
        self.outside = False  # calls itself by the NAT's address once it knows it (TS 24.229 annex F)
        self.v6 = ":" in address
        self.host = "[%s]" % address if self.v6 else address
        self.cseq, self.tag = 0, "p%d" % uc
        self.call_id = "reg-%s-%d-%s" % (impi, uc, transport)
        self.set = None       # ports and SPIs of the SA set in use
        self.old = []         # sets before
        self.socks = {}       # (kind, port): sockets by what they are
        self.inbox = []       # (message, our port, peer's port)
        self.mute = False     # answer nothing
        self.ring = False     # answer INVITE with 180 only
        self.extra = ""
        self.sent = ("", 0, 0)  # the last request, its port and the peer's

    # sockets

    def sock(self, kind):
        enter(self.ns)
        s = socket.socket(socket.AF_INET6 if self.v6 else socket.AF_INET, kind)
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        return s

    def udp(self, port):
        if ("udp", port) not in self.socks:
            s = self.sock(socket.SOCK_DGRAM)
            s.bind((self.address, port))
            self.socks["udp", port] = s
            self.wire.add(s, self.readable_udp)
        return self.socks["udp", port]

    def listen(self, port):
        if ("listen", port) not in self.socks:
            s = self.sock(socket.SOCK_STREAM)
            s.bind((self.address, port))
            s.listen(5)
            self.socks["listen", port] = s
            self.wire.add(s, self.accept)

    def connect(self, port, to):
        """The connection from our port; made if there is none."""
        if ("tcp", port) not in self.socks:
            s = self.sock(socket.SOCK_STREAM)
            s.bind((self.address, port))
            s.settimeout(PATIENCE)
            s.connect((self.pcscf, to))
            self.socks["tcp", port] = s
            self.wire.add(s, self.readable_tcp)
        return self.socks["tcp", port]

    def accept(self, listener):
        s, peer = listener.accept()
        self.socks["in", s.getsockname()[1]] = s
        self.wire.add(s, self.readable_tcp)

    def close(self, kind, port, reset=False):
        s = self.socks.pop((kind, port), None)
        if s:
            if reset:
                s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            self.wire.remove(s)
            s.close()

    def close_all(self):
        for kind, port in list(self.socks):
            self.close(kind, port, reset=True)

    def readable_udp(self, s):
        try:
            data, peer = s.recvfrom(65535)
        except (BlockingIOError, ConnectionRefusedError):
            return
        if data[:1] in (b"\0", b"\1"):
            self.raw = (data, peer[1])
        else:
            self.receive(Message(data.decode()), s, peer)

    def readable_tcp(self, s):
        try:
            data = s.recv(65535)
        except (BlockingIOError, ConnectionResetError):
            data = b""
        if not data:
            for k, v in list(self.socks.items()):
                if v is s:
                    self.close(*k)
            return
        for text in re.findall(r"(?s).*?\r\n\r\n", data.decode()):
            if text.strip():
                self.receive(Message(text), s, s.getpeername())

    # requests that come

    def receive(self, m, s, peer):
        self.inbox.append((m, s.getsockname()[1], peer[1]))
        if m.code or m.method == "ACK" or self.mute:
            return
        contact = "Contact: <%s>\r\n" % self.uri()
        if m.method == "INVITE" and self.ring:
            self.send_answer(m, m.answer("180 Ringing", contact, self.tag), s)
        elif m.method == "CANCEL":
            self.send_answer(m, m.answer("200 OK", "", self.tag), s)
            invite = [i for i, _, _ in self.inbox if i.method == "INVITE" and i.one("Call-ID") == m.one("Call-ID")][0]
            self.send_answer(invite, invite.answer("487 Request Terminated", "", self.tag), s)
        else:
            self.send_answer(m, m.answer("200 OK", contact, self.tag), s)

    def send_answer(self, m, text, s):
        if s.type == socket.SOCK_STREAM:
            s.send(text.encode())
            return
        port = re.search(r":(\d+)$", m.one("Via").split(";")[0])
        port = int(port.group(1)) if port else 5060
        own = self.udp(self.set["uc"]) if self.set else s
        own.sendto(text.encode(), (self.pcscf, port))

    # requests of ours

    def uri(self):
        port = self.set["us"] if self.set else self.us if self.sec else self.unprotected
        return "sip:%s@%s:%d%s" % (self.impi, self.host, port, ";transport=tcp" if self.transport == "tcp" else "")

    def text(self, method, uri, port, extra="", call_id=None, to_tag=None, contact=None, route=(), cseq=None):
        self.cseq += 1
        contact = "<%s>" % self.uri() if contact is None else contact
        out = "%s %s SIP/2.0\r\nVia: SIP/2.0/%s %s:%d;branch=z9hG4bK%s-%d-%d;rport\r\nMax-Forwards: 70\r\n" % (
            method, uri, self.transport.upper(), self.host, port, self.impi, self.uc, self.cseq)
        out += "".join("Route: %s\r\n" % r for r in route)
        out += "From: <sip:%s@home1.net>;tag=%s\r\nTo: <sip:%s@home1.net>%s\r\nCall-ID: %s\r\nCSeq: %d %s\r\n" % (
            self.impi, self.tag, self.impi, ";tag=" + to_tag if to_tag else "", call_id or self.call_id, cseq or self.cseq, method)
        if contact:
            out += "Contact: %s\r\n" % contact
        return out + extra + "Content-Length: 0\r\n\r\n"

    def transmit(self, text, port, to):
        if self.transport == "tcp":
            self.connect(port, to).send(text.encode())
        else:
            self.udp(port).sendto(text.encode(), (self.pcscf, to))
        self.sent = (text, port, to)

    def wait(self, call_id, cseq, seconds=PATIENCE, code=200):
        """The first answer of at least this code to this request, with our and the peer's port; None if none came."""
        def got():
            return [e for e in self.inbox if e[0].code >= code and e[0].one("Call-ID") == call_id and
                    e[0].one("CSeq").split()[0] == str(cseq)]

        def again():
            if self.transport == "udp" and "\r\nCall-ID: %s\r\nCSeq: %s " % (call_id, cseq) in self.sent[0]:
                self.transmit(*self.sent)
        await_answer(self.wire, got, seconds, again)
        return got()[0] if got() else None

    def ask(self, method, extra="", call_id=None, seconds=PATIENCE, **kw):
        """A request over the SA set in use; the final answer or None."""
        port = self.set["us"] if self.set else self.unprotected
        call_id = call_id or "mo-%s-%d-%d" % (self.impi, self.uc, self.cseq)
        text = self.text(method, kw.pop("uri", "sip:home1.net"), kw.pop("via_port", port), extra, call_id, **kw)
        self.transmit(text, self.set["uc"] if self.set else self.unprotected, self.set["ps"] if self.set else self.port_pcscf)
        return self.wait(call_id, kw.get("cseq") or self.cseq, seconds)

    # registration

    def contact_of(self, us):
        out = "<sip:%s@%s:%d%s>" % (self.impi, self.host, us, ";transport=tcp" if self.transport == "tcp" else "")
        if self.instance:
            out += ';+sip.instance="<%s>"' % self.instance
        if self.reg_id:
            out += ";reg-id=%d" % self.reg_id
        return out

    def register_text(self, port, us, response, expires, verify=None, client=None, integrity=""):
        extra = 'Authorization: Digest username="%s",realm="home1.net",nonce="abc",uri="sip:home1.net",response="%s"%s\r\n' % (
            self.impi, response, integrity)
        extra += "Expires: %d\r\nSupported: path%s\r\n" % (expires, ", outbound" if self.reg_id else "")
        if self.sec:
            extra += "Require: sec-agree\r\nProxy-Require: sec-agree\r\n%s\r\n" % client
        if verify:
            extra += "Security-Verify: %s\r\n" % verify
        return self.text("REGISTER", "sip:home1.net", port, extra + self.extra, contact=self.contact_of(us))

    def client_header(self, spi, uc, us):
        return "Security-Client: " + ", ".join(
            "ipsec-3gpp;alg=%s;ealg=%s;prot=esp;mod=%s;spi-c=%d;spi-s=%d;port-c=%d;port-s=%d" %
            (self.alg, self.ealg, mod, spi, spi + 1, uc, us) for mod in (("trans", "UDP-enc-tun") if self.nat else ("trans",)))

    def encap(self):
        """The socket through which the kernel receives ESP in UDP; one per address."""
        key = (self.ns, self.address)
        if key not in Phone.encaps:
            s = self.sock(socket.SOCK_DGRAM)
            s.setsockopt(socket.IPPROTO_UDP, 100, 2)  # UDP_ENCAP, UDP_ENCAP_ESPINUDP
            s.bind((self.address, 4500))
            Phone.encaps[key] = s

    def begin(self, uc=None, us=None, expires=600, client=None):
        """The first REGISTER, over the SA set in use if there is one; the final answer."""
        self.uc, self.us = uc or self.uc, us or self.us
        Phone.used_spi += 2
        self.spi = Phone.used_spi
        self.offered = client or self.client_header(self.spi, self.uc, self.us)
        here, there = (self.set["uc"], self.set["ps"]) if self.set else (self.unprotected, self.port_pcscf)
        text = self.register_text(self.set["us"] if self.set else self.unprotected, self.us if self.sec else self.unprotected,
                                  "", expires, self.set["server"] if self.set else None,
                                  self.offered)
        self.transmit(text, here, there)
        return self.wait(self.call_id, self.cseq)

    def install(self, answer):
        """SAs and sockets for what the 401 says; the new set."""
        server = answer[0].one("Security-Server")
        v = dict(re.findall(r"([\w-]+)=([\w.-]+)", server))
        new = {"uc": self.uc, "us": self.us, "pc": int(v["port-c"]), "ps": int(v["port-s"]), "spi_uc": self.spi,
               "spi_us": self.spi + 1, "spi_pc": int(v["spi-c"]), "spi_ps": int(v["spi-s"]), "server": server,
               "alg": v["alg"], "ealg": v.get("ealg", "null"), "mod": v.get("mod", "trans")}
        ck, ik = self.home.keys[self.impi]
        auth = {"hmac-sha-1-96": "'hmac(sha1)' 0x%s00000000 96" % ik, "hmac-md5-96": "'hmac(md5)' 0x%s 96" % ik}[new["alg"]]
        enc = "enc cbc(aes) 0x" + ck if new["ealg"] == "aes-cbc" else "enc ecb(cipher_null) ''"
        auth = auth.replace("'", "")
        lines = []
        for way, near, far, spi in (("out", "uc", "ps", "spi_ps"), ("in", "uc", "ps", "spi_uc"),
                                    ("in", "us", "pc", "spi_us"), ("out", "us", "pc", "spi_pc")):
            src, dst, sp, dp = self.address, self.pcscf, new[near], new[far]
            if way == "in":
                src, dst, sp, dp = dst, src, dp, sp
            tunnel = new["mod"] == "UDP-enc-tun"
            lines.append("xfrm state add src %s dst %s proto esp spi %d reqid %d mode %s auth-trunc %s %s%s" %
                         (src, dst, new[spi], new[spi], "tunnel" if tunnel else "transport", auth, enc,
                          " encap espinudp 4500 4500 0.0.0.0" if tunnel else ""))
            lines.append("xfrm policy update src %s dst %s sport %d dport %d dir %s tmpl %sproto esp %s mode %s" %
                         (src, dst, sp, dp, way, "src %s dst %s " % (src, dst) if tunnel else "",
                          "reqid %d" % new[spi] if way == "out" else "", "tunnel" if tunnel else "transport"))
        if self.ns not in Phone.xfrms:
            Phone.xfrms[self.ns] = Xfrm(self.ns)
        Phone.xfrms[self.ns].run(lines)
        if new["mod"] == "UDP-enc-tun":
            self.encap()
            if self.outside:
                self.host = re.search(r"received=([\d.]+)", answer[0].one("Via")).group(1)
        if self.transport == "tcp":
            self.listen(self.us)
        else:
            self.udp(self.us)
        self.udp(self.uc)
        return new

    def finish(self, new, response="right", expires=600, verify=None, client=None):
        """The second REGISTER, over the set just made; the final answer. A 200 makes it the set in use."""
        text = self.register_text(new["us"], new["us"], response, expires, verify or new["server"],
                                  client or self.offered)
        self.transmit(text, new["uc"], new["ps"])
        answer = self.wait(self.call_id, self.cseq)
        if answer and answer[0].code == 200:
            if self.set:
                self.old.append(self.set)
            self.set = new
        return answer

    def register(self, uc=None, us=None, expires=600):
        """All of it. The code of the last answer, 0 for none."""
        answer = self.begin(uc, us, expires)
        if not answer or answer[0].code != 401:
            return answer[0].code if answer else 0
        answer = self.finish(self.install(answer), expires=expires)
        return answer[0].code if answer else 0

    def forget(self, sa_set):
        """Delete our SAs of a set and close its sockets."""
        lines = []
        for src, dst, spi in ((self.address, self.pcscf, "spi_ps"), (self.pcscf, self.address, "spi_uc"),
                              (self.pcscf, self.address, "spi_us"), (self.address, self.pcscf, "spi_pc")):
            lines.append("xfrm state delete src %s dst %s proto esp spi %d" % (src, dst, sa_set[spi]))
        Phone.xfrms[self.ns].run(lines)
