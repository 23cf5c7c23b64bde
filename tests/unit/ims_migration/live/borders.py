# SPDX-License-Identifier: GPL-2.0-or-later
"""Two borders, phones behind them, and a capture of what crosses between them."""
import glob
import os
import re
import signal
import socket
import struct
import subprocess
import sys
import time

ROOT, BUILD, DIR = sys.argv[1:4]
HERE = os.path.dirname(os.path.abspath(__file__))
PATIENCE = 20.0
passed = failed = 0

# What each name is at home, on the wire, and at the partner.
NAMES = {
    "impi": ("alice_private@home1.net", "mbbbbbbbbbbbbbbbbbbbbbbbbbb@out.home1.net", "mnbbbbbbbbbbbbbbbbbbbbbbbbb@in.partner1.net"),
    "uri": ("sip:alice@home1.net", "sip:maaaaaaaaaaaaaaaaaaaaaaaaaa@out.home1.net", "sip:mnaaaaaaaaaaaaaaaaaaaaaaaaa@in.partner1.net"),
    "tel": ("tel:+4930123456", "sip:mccccccccccccccccccccccccccc@out.home1.net", "sip:mnccccccccccccccccccccccccc@in.partner1.net"),
}
USER = ("alice", "maaaaaaaaaaaaaaaaaaaaaaaaaa", "mnaaaaaaaaaaaaaaaaaaaaaaaaa")
HOME, WIRE, PARTNER = range(3)
# What may not be seen on the wire. The user parts stand in Contact and SDP, too.
OF_HOME = [b"alice", b"4930123456", b"alice_private"]
OF_PARTNER = [b"mnaaaaa", b"mnbbbbb", b"mnccccc", b"in.partner1.net"]


def check(what, good, detail=""):
    global passed, failed
    passed, failed = passed + bool(good), failed + (not good)
    if not good:
        print("  FAILED  %s   %s" % (what, str(detail)[:900].replace("\r\n", " | ")))


class Border:
    def __init__(self, name, inside, wire, other, phone):
        self.name, self.inside, self.log = name, (inside, 5060), "%s/%s.log" % (DIR, name)
        self.ctl, self.pid = "%s/%s.ctl" % (DIR, name), None
        self.words = {"INSIDE_ADDRESS": inside, "WIRE_ADDRESS": wire, "OTHER_ADDRESS": other, "PHONE_ADDRESS": phone,
                      "HERE_STATE": "%s/%s.state" % (DIR, name), "HERE_CTL": "unix:" + self.ctl,
                      "PACK_ROOT": ROOT, "#!FEED": "", "OTHER_NAME": "other"}
        self.process = None

    def start(self, words={}):
        text = open(HERE + "/border.cfg").read()
        for key, value in {**self.words, **words}.items():
            text = text.replace(key, value)
        cfg = "%s/%s.cfg" % (DIR, self.name)
        open(cfg, "w").write(text)
        if os.path.exists(self.ctl):
            os.unlink(self.ctl)
        self.process = subprocess.Popen(
            ["kamailio", "-f", cfg, "-L", "%s/modules:%s" % (BUILD, glob.glob("/usr/lib/*/kamailio/modules")[0]), "-DD", "-E", "-m", "64",
             "-M", "8", "-Y", DIR], stdout=open(self.log, "a"), stderr=subprocess.STDOUT)
        end = time.monotonic() + 60
        while time.monotonic() < end and self.process.poll() is None:
            if os.path.exists(self.ctl) and self.rpc("core.uptime")[0] == 0:
                return True
            time.sleep(0.1)
        print(open(self.log).read()[-3000:])
        return False

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(30)
        return self.process.returncode

    def rpc(self, *words):
        p = subprocess.run(["kamcmd", "-s", "unix:" + self.ctl, *words], capture_output=True, text=True)
        return (1 if p.stdout.startswith("error") else p.returncode), p.stdout + p.stderr

    def counter(self, name):
        out = self.rpc("cnt.get", "migration", name)[1]
        return int(out) if out.strip().isdigit() else out

    def bind(self, inside, ident="alice", seconds=3600):
        words = []
        for name in NAMES.values():
            words += [name[inside], name[WIRE]]
        return self.rpc("ims_migration.bind", ident, "other", str(seconds), *words)


class Phone:
    """One that writes what it is told, and keeps what comes."""
    serial = 0

    def __init__(self, address, proxy):
        self.address, self.proxy = address, proxy
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.bind((address, 5060))
        self.got = []

    def send(self, text, to=None):
        self.sock.sendto(text.encode(), to or self.proxy)

    def request(self, line, headers, body="", ctype="application/sdp", via=None):
        Phone.serial += 1
        via = via or "SIP/2.0/UDP %s:5060;branch=z9hG4bK%d" % (self.address, Phone.serial)
        text = "%s SIP/2.0\r\nVia: %s\r\nMax-Forwards: 70\r\n" % (line, via)
        text += "".join(h + "\r\n" for h in headers)
        if body:
            text += "Content-Type: %s\r\n" % ctype
        self.send(text + "Content-Length: %d\r\n\r\n%s" % (len(body), body))
        return via

    def receive(self, what, seconds=PATIENCE):
        end = time.monotonic() + seconds
        while True:
            for i, m in enumerate(self.got):
                if what(m):
                    return self.got.pop(i)
            left = end - time.monotonic()
            if left <= 0:
                return None
            self.sock.settimeout(left)
            try:
                self.got.append(self.sock.recv(65535).decode())
            except socket.timeout:
                return None

    def answer(self, request, status, headers=(), body="", tag=None, ctype="application/sdp"):
        keep = [l for l in request.split("\r\n\r\n")[0].split("\r\n")[1:]
                if l.split(":")[0] in ("Via", "From", "To", "Call-ID", "CSeq", "Record-Route")]
        text = "SIP/2.0 %s\r\n" % status
        for l in keep:
            text += l + (";tag=" + tag if tag and l.startswith("To:") and ";tag=" not in l else "") + "\r\n"
        text += "".join(h + "\r\n" for h in headers)
        if body:
            text += "Content-Type: %s\r\n" % ctype
        self.send(text + "Content-Length: %d\r\n\r\n%s" % (len(body), body))


def is_request(method):
    return lambda m: m.startswith(method + " ")


def is_answer(code, method=None):
    return lambda m: m.startswith("SIP/2.0 %d " % code) and (not method or re.search(r"\r\nCSeq: \d+ %s\r\n" % method, m))


def all_of(m, name):
    return [l.split(":", 1)[1].strip() for l in m.split("\r\n\r\n")[0].split("\r\n")[1:] if l.split(":")[0].lower() == name.lower()]


def one(m, name):
    return (all_of(m or "", name) or [""])[0]


def body_of(m):
    return m.split("\r\n\r\n", 1)[1]


def sdp(user, address):
    return "v=0\r\no=%s 1 1 IN IP4 %s\r\ns=-\r\nc=IN IP4 %s\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n" % (user, address, address)


class Capture:
    """Of all that crosses between the two borders, by a packet socket of its own process: tcpdump."""

    def __init__(self):
        self.file = DIR + "/wire.pcap"
        self.process = subprocess.Popen(["tcpdump", "-q", "-i", "lo", "-s", "0", "-U", "-w", self.file, "udp"], stderr=subprocess.PIPE,
                                        preexec_fn=os.setsid)
        self.process.stderr.readline()

    def packets(self, last=True):
        time.sleep(0.3)
        if last:
            self.process.terminate()
            self.process.wait(20)
        data, at, out = open(self.file, "rb").read(), 24, []
        while at + 16 <= len(data):
            size = struct.unpack_from("<I", data, at + 8)[0]
            if at + 16 + size > len(data):
                break
            frame = data[at + 16:at + 16 + size]
            at += 16 + size
            ip = frame[14:]
            head = (ip[0] & 15) * 4
            out.append((socket.inet_ntoa(ip[12:16]), socket.inet_ntoa(ip[16:20]), ip[head + 8:]))
        return out


def heads(frm, to, call, cseq, *more):
    return ["From: " + frm, "To: " + to, "Call-ID: " + call, "CSeq: " + cseq, *more]


def route_set(m, reverse=False):
    routes = [r for l in all_of(m, "Record-Route") for r in re.findall(r"<[^>]*>", l)]
    return ["Route: " + r for r in (reversed(routes) if reverse else routes)]


def log_is_clean(border):
    # tm and sl call it an error that a message was not sent, which the stories want to see.
    return [l for l in open(border.log) if re.search("CRITICAL|BUG|ERROR", l)
            and not re.search("failed to update outgoing buffer|error on sending to next hop|cannot be asked for its bindings", l)]


def end(title):
    print("%s: %d passed, %d failed" % (title, passed, failed))
    sys.exit(failed != 0)
