# SPDX-License-Identifier: GPL-2.0-or-later
"""What every chapter needs: phones, the S-CSCF around the P-CSCF under test, its RPC, and the count of checks."""
import subprocess
import sys
import time

from sip import PATIENCE, Party

CTL, RESTART = sys.argv[1], sys.argv[2]
ROUNDS = int(sys.argv[3]) if len(sys.argv) > 3 else 1000
TAGS = [("Require", "seamless-ims"), ("Proxy-Require", "seamless-ims")]
passed, failed = 0, 0
core = Party("127.0.0.4")


def check(what, ok, detail=""):
    global passed, failed
    if ok:
        passed += 1
        print("  ok      %s" % what)
    else:
        failed += 1
        print("  FAILED  %s %s" % (what, detail))
    sys.stdout.flush()


def rpc(*args):
    out = subprocess.run(["kamcmd", "-s", CTL] + list(args), capture_output=True, text=True).stdout
    rows, row = [], None
    for line in out.splitlines():
        if line.strip() == "{":
            row = {}
            rows.append(row)
        elif row is not None and ":" in line:
            k, _, v = line.partition(":")
            row[k.strip()] = v.strip()
    return rows


def counter(name):
    out = subprocess.run(["kamcmd", "-s", CTL, "cnt.get", "seamless_pcscf", name], capture_output=True, text=True).stdout
    return int(out.strip() or -1)


def connection(contact):
    for row in rpc("seamless_pcscf.list"):
        if row["contact"] == contact:
            return row
    return None


def wait(condition, seconds=PATIENCE):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.1)
    return False


def sessions(contact, number):
    """tm tells of an answer after it was sent: allow for that."""
    return wait(lambda: connection(contact)["sessions"] == str(number))


class Phone(Party):
    def __init__(self, user, address, port):
        super().__init__(address, port)
        self.impu = "sip:%s@home1.net" % user
        self.authorization = (
            'Digest username="%s", realm="home1.net", nonce="", uri="sip:home1.net", response=""' % self.impu[4:])
        self.cseq = 0

    def register(self, extra=(), contact=None, expires=600):
        self.cseq += 1
        self.request("REGISTER", "sip:home1.net", [
            ("From", "<%s>;tag=r%d" % (self.impu, self.port)), ("To", "<%s>" % self.impu),
            ("Call-ID", "reg-%s-%d" % (self.impu, self.port)), ("CSeq", "%d REGISTER" % self.cseq),
            ("Contact", contact or "<%s>;expires=%d" % (self.contact, expires)),
            ("Supported", "path"),
            ("Authorization", self.authorization)] + list(extra))

    def registered(self, extra=TAGS, contact=None, expires=600):
        """REGISTER and the 200 of the S-CSCF; returns the REGISTER as it arrived there."""
        self.register(extra, contact, expires)
        m = core.expect_request("REGISTER")
        if m is None:
            return None
        core.reply(m, 200, "OK", [("Contact", contact or "<%s>;expires=%d" % (self.contact, expires)),
                                  ("Path", m.get("Path")), ("Service-Route", "<sip:orig@127.0.0.4:5060;lr>"),
                                  ("P-Associated-URI", "<%s>, <tel:+4912>" % self.impu)], tag="s")
        self.path = m.get("Path").strip("<>").partition(">")[0]
        self.expect_reply("REGISTER")
        return m


class Subscription:
    """The S-CSCF's end of the P-CSCF's subscription."""

    def __init__(self, subscribe, aor, expires=600000):
        self.m, self.aor, self.version, self.cseq = subscribe, aor, 0, 0
        core.reply(subscribe, 200, "OK", [("Contact", "<sip:127.0.0.4:5060>"), ("Expires", str(expires))], tag="scscf")

    def notify(self, rows, full=False, version=None, state="active;expires=600000", tag="scscf", body=None,
               reg_state="active", call_id=None, compact=False):
        if version is None:
            version = self.version
            self.version += 1
        self.cseq += 1
        text = body if body is not None else document(self.aor, rows, full, version, reg_state)
        core.request("NOTIFY", self.m.get("Contact").strip("<>"), [
            ("From", "<%s>;tag=%s" % (self.aor, tag)), ("To", self.m.get("From")),
            ("Call-ID", call_id or self.m.get("Call-ID")), ("CSeq", "%d NOTIFY" % self.cseq), ("o" if compact else "Event", "reg"),
            ("Contact", "<sip:127.0.0.4:5060>"), ("Subscription-State", state),
            ("c" if compact else "Content-Type", "application/reginfo+xml")], text)
        r = core.expect_reply("NOTIFY")
        return r.code if r else None


def document(aor, rows, full, version, reg_state):
    text = ('<?xml version="1.0"?>\n<reginfo xmlns="urn:ietf:params:xml:ns:reginfo" version="%d" state="%s">'
            '<registration aor="%s" id="r" state="%s">' % (version, "full" if full else "partial", aor, reg_state))
    for i, (uri, state, child) in enumerate(rows):
        text += ('<contact id="%d" state="%s" event="%s"><uri>%s</uri>%s</contact>' %
                 (i, state, "registered" if state == "active" else "unregistered", uri, child))
    return text + "</registration></reginfo>"


def inactive(seconds):
    return '<connection xmlns="urn:ims-pack:seamless" state="inactive" linger="%d"/>' % seconds


TERMINATED = '<connection xmlns="urn:ims-pack:seamless" state="terminated"/>'


def expect_subscribe(timeout=PATIENCE):
    """The next SUBSCRIBE that wants something; those that end a subscription are answered."""
    while True:
        m = core.expect_request("SUBSCRIBE", timeout)
        if m is None or m.get("Expires") != "0":
            return m
        core.reply(m, 200, "OK", [("Expires", "0")])


def subscribed(phone, timeout=PATIENCE):
    m = expect_subscribe(timeout)
    if m is None:
        return None, None
    sub = Subscription(m, phone.impu)
    sub.notify([(phone.contact, "active", "")], full=True)
    return m, sub
