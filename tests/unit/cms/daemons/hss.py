# SPDX-License-Identifier: GPL-2.0-or-later
"""The HSS of either system, real ims-hss with Diameter between them; CSCFs of each; a card that checks vectors."""
import atexit
import os
import subprocess
import sys
import time

import systems as s

sys.path.insert(0, os.path.join(s.root, "tests/unit/hss/rest"))
from scscf import LIR, MAR, RTR, SAR, TGPP, UAR, Scscf, all_of, avp, result_of  # noqa: E402

ADDRESS = {"home1": "10.9.8.1", "partner1": "10.9.8.2"}
CSCF = {"home1": "10.9.8.3", "partner1": "10.9.8.4"}
ROGUE = "10.9.8.5"
HTTP = {"home1": 7443, "partner1": 7444}
K, OP, OPC = "465b5ce8b199b49faa5f0a2ee238a6bc", "cdc202d5123e20f62b6d676ac72cb318", "cd63cb71954a9f4e48a5994e37a02baf"
AKA = "Digest-AKAv1-MD5"
running = {}


# ---- the daemons ----

def other(name):
    return "partner1" if name == "home1" else "home1"


def configure(name, more=""):
    there = other(name)
    if not os.path.exists(s.path("hss-%s.pem" % name)):
        s.certificate("hss-" + name, "ca-home" if name == "home1" else "ca-partner", "DNS:localhost,DNS:hss.%s.net" % name)
    s.write("hss-%s.conf" % name, """
identity hss.%(name)s.net
realm %(name)s.net
listen %(at)s
peer scscf.%(name)s.net %(cscf)s
peer icscf.%(name)s.net %(cscf)s
peer hss.%(there)s.net %(there_at)s partner=%(there)s%(connect)s
peer rogue.%(there)s.net %(rogue)s partner=%(there)s
partner %(there)s realms=%(there)s.net domains=%(there)s.net rate=10000
inbound_domain in.%(name)s.net
outbound_domain out.%(name)s.net
migration_template visitor@%(name)s.net
store sqlite:%(folder)s/hss-%(name)s.db
control %(folder)s/hss-%(name)s.sock
http 127.0.0.1:%(http)d
http_certificate %(folder)s/hss-%(name)s.pem
http_key %(folder)s/hss-%(name)s.key
http_tokens %(folder)s/hss-%(name)s.tokens
answer_seconds 2
watchdog_seconds 6
log info
%(more)s
""" % {"name": name, "there": there, "at": ADDRESS[name], "cscf": CSCF[name], "there_at": ADDRESS[there], "rogue": ROGUE,
       "connect": " connect" if name == "partner1" else "", "folder": s.folder, "http": HTTP[name], "more": more})


def ctl(name, *words, ok=True):
    run = subprocess.run([s.build + "/bin/hssctl", "-c", s.path("hss-%s.conf" % name), *words], capture_output=True, text=True,
                         check=False)
    if ok:
        s.check("hssctl %s %s" % (name, " ".join(words)), run.returncode == 0, run.stderr)
    return run.stdout + run.stderr


def counter(name, which):
    return next(int(line.split()[1]) for line in ctl(name, "status").splitlines() if line.startswith(which + " "))


def start(name):
    p = subprocess.Popen([*os.environ.get("WRAP", "").split(), s.build + "/bin/ims-hss", "-c", s.path("hss-%s.conf" % name)],
                         stdout=subprocess.DEVNULL, stderr=open(s.path("log-hss-" + name), "ab"))
    atexit.register(p.kill)
    limit = time.monotonic() + 60
    while "uptime_seconds" not in ctl(name, "status", ok=False):
        if p.poll() is not None or time.monotonic() > limit:
            sys.exit("ims-hss does not start:\n" + open(s.path("log-hss-" + name), errors="replace").read()[-2000:])
        time.sleep(0.02)
    running[name] = p
    return p


def stop(name):
    p = running.pop(name)
    p.terminate()
    s.check("ims-hss ends well", p.wait(30) == 0, p.returncode)


def connected(name):
    return "peer hss.%s.net OPEN" % other(name) in ctl(name, "status", ok=False)


def provision(more=0):
    """Users at home (u0 and so on: more of them), one for the partner's own traffic, and the template of visitors."""
    s.write("key", "k=%s\nop=%s\n" % (K, OP))
    for name, users in (("home1", ("alice", "bob", "carol")), ("partner1", ("local", "visitor"))):
        for user in users:
            impi = "visitor@partner1.net" if user == "visitor" else "%s_private@%s.net" % (user, name)
            ctl(name, "subscriber", "add", impi, s.path("key"), "sip:%s@%s.net" % (user, name))
    if more:
        s.write("more", "".join("subscription\nprivate u%d_private@home1.net k=%s op=%s\npublic sip:u%d@home1.net set=1\nend\n"
                                % (i, K, OP, i) for i in range(more)))
        ctl("home1", "import", s.path("more"))
    ctl("partner1", "ifc", "set", "visitor@partner1.net", "server=sip:mcptt.partner1.net", "priority=3", "trigger=all method:INVITE")


def tokens():
    for name in ("home1", "partner1"):
        s.write("hss-%s.token" % name, ctl(name, "token", "add", "cms", "migration"))
        os.chmod(s.path("hss-%s.token" % name), 0o600)


def feed(name):
    """Lines of ims-cms.conf."""
    return "hss https://localhost:%d\nhss_ca %s\nhss_token %s\n" % (
        HTTP[name], s.path("ca-home.pem" if name == "home1" else "ca-partner.pem"), s.path("hss-%s.token" % name))


def rest(name, method, target, body=None, token=None):
    with open(s.path("hss-%s.token" % name)) as f:
        token = token or f.read().strip()
    return s.ask(HTTP[name], method, target, body, {"Authorization": "Bearer " + token},
                 ca="ca-home.pem" if name == "home1" else "ca-partner.pem")


def everything(users=0, more=""):
    """Both systems, as they are tested; more users, and more lines of ims-cms.conf of both."""
    s.certificates()
    for name in ("home1", "partner1"):
        configure(name)
    tokens()
    provision(users)
    for name in ("home1", "partner1"):
        start(name)
    cms = {}
    for name in ("home1", "partner1"):
        s.configure(name, feed(name) + more, "live_max 100000\nhour_max 10000000" if users else "")
        cms[name] = s.start(name)
    s.add_users(users)
    s.wait_for("the HSSs are connected", lambda: connected("home1") and connected("partner1"))
    return cms


# ---- CSCFs ----

class Cscf(Scscf):
    def __init__(self, name, host="scscf", system=None, local=None):
        system = system or name
        super().__init__(ADDRESS[name], "%s.%s.net" % (host, system), local or CSCF[name], system + ".net")
        self.name = "sip:%s:5060" % self.host
        self.to = name + ".net"

    def answer_to(self, command, impi, impu, more):
        head = (avp(263, "%s;1;%d" % (self.host, self.next)) + avp(260, avp(266, TGPP) + avp(258, 16777216)) + avp(277, 1)
                + avp(264, self.host) + avp(296, self.realm) + avp(283, self.to))
        return self.ask(command, head + (avp(1, impi) if impi else b"") + (avp(601, impu, TGPP) if impu else b"") + more)

    def uar(self, impi, impu):
        return self.answer_to(UAR, impi, impu, avp(600, "partner1.net", TGPP))

    def mar(self, impi, impu, scheme=AKA, resync=b"", items=1):
        item = avp(608, scheme, TGPP) + (avp(610, resync, TGPP) if resync else b"")
        return self.answer_to(MAR, impi, impu, avp(607, items, TGPP) + avp(612, item, TGPP) + avp(602, self.name, TGPP))

    def sar(self, impi, impu, assignment=1):
        return self.answer_to(SAR, impi, impu, avp(602, self.name, TGPP) + avp(614, assignment, TGPP) + avp(624, 0, TGPP))

    def lir(self, impu):
        return self.answer_to(LIR, None, impu, b"")


def first(octets, code):
    found = all_of(octets, code)
    return found[0] if found else None


def vector(answer):
    """RAND, AUTN, XRES, CK, IK of the one that there is."""
    items = all_of(answer, 612)
    s.check("one vector", len(items) == 1, len(items))
    challenge = first(items[0], 609)
    return challenge[:16], challenge[16:], first(items[0], 610), first(items[0], 625), first(items[0], 626)


# ---- a card: Milenage (TS 35.206) by openssl ----

def aes(block):
    return s.openssl("enc", "-aes-128-ecb", "-K", K, "-nopad", data=block)


def xor(a, b):
    return bytes(x ^ y for x, y in zip(a, b))


class Card:
    """One ISIM: it takes each sequence number once, for each of 32 indices."""

    def __init__(self):
        self.seq = [0] * 32

    def out(self, rand, turn, constant, data=None):
        opc = bytes.fromhex(OPC)
        temp = aes(xor(rand, opc))
        if data is None:
            turned = xor(temp, opc)
            turned = turned[turn:] + turned[:turn]
            return xor(aes(xor(turned, bytes(15) + bytes([constant]))), opc)
        turned = xor(data, opc)
        turned = turned[turn:] + turned[:turn]
        return xor(aes(xor(temp, turned)), opc)

    def challenge(self, rand, autn):
        """(RES, None), (None, AUTS) where the number is not new, or (None, None): it is not from home."""
        f2 = self.out(rand, 0, 1)
        sqn = xor(autn[:6], f2[:6])
        mac = self.out(rand, 8, 0, sqn + autn[6:8] + sqn + autn[6:8])[:8]
        if mac != autn[8:]:
            return None, None
        number = int.from_bytes(sqn, "big")
        self.last = number
        if number >> 5 <= self.seq[number & 31]:
            return None, self.auts(rand)
        self.seq[number & 31] = number >> 5
        return f2[8:], None

    def auts(self, rand):
        best = max(range(32), key=lambda i: self.seq[i])
        sqn = (self.seq[best] << 5 | best).to_bytes(6, "big")
        mac = self.out(rand, 8, 0, sqn + bytes(2) + sqn + bytes(2))[8:]
        return xor(sqn, self.out(rand, 12, 8)[:6]) + mac


def names(connection):
    return connection.json["sip"]["privateIdentity"], connection.json["sip"]["publicIdentities"][0]
