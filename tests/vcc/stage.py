# SPDX-License-Identifier: GPL-2.0-or-later
"""What every chapter needs: the S-CSCF around the application server, its RPC, and the count of checks."""
import http.client as httplib
import json
import os
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../unit/ims_seamless_pcscf/live"))
from sip import PATIENCE, Message, Party  # noqa: E402,F401

DIR = sys.argv[1]
CTL = "unix:%s/ctl" % DIR
SERVER = ("127.0.0.6", 5060)
passed = failed = 0


def check(what, ok, detail=""):
    global passed, failed
    if ok:
        passed += 1
        print("  ok      %s" % what)
    else:
        failed += 1
        print("  FAILED  %s %s" % (what, detail))
    sys.stdout.flush()
    return ok


def rpc(*args):
    return subprocess.run(["kamcmd", "-s", CTL] + list(args), capture_output=True, text=True, timeout=20).stdout


def http(method, *params, source="127.0.0.1"):
    """The same over HTTP: (status, result or error)."""
    c = httplib.HTTPConnection("127.0.0.1", 8088, timeout=20, source_address=(source, 0))
    c.request("POST", "/rpc", json.dumps({"jsonrpc": "2.0", "method": method, "params": params, "id": 1}))
    r = c.getresponse()
    text = r.read().decode()
    if not text.startswith("{"):
        return r.status, text
    said = json.loads(text)
    return r.status, said.get("result", said.get("error"))


def field(text, name):
    """The first value of this name in what kamcmd prints."""
    for line in text.splitlines():
        key, _, value = line.strip().partition(":")
        if key == name:
            return value.strip()
    return None


def user(identity):
    return rpc("vcc.user", identity)


def state(identity):
    return field(user(identity), "state")


def counter(name):
    out = rpc("cnt.get", "vcc", name)
    return int("".join(c for c in out if c.isdigit()) or -1)


def wait(condition, seconds=PATIENCE):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.05)
    return False


def restart(signal="TERM"):
    subprocess.run([DIR + "/stop", signal], check=True)
    subprocess.run([DIR + "/start"], check=True)


def stop(signal="TERM"):
    subprocess.run([DIR + "/stop", signal], check=True)


def start():
    subprocess.run([DIR + "/start"], check=True)


def logged(text):
    with open(DIR + "/log", errors="replace") as f:
        return text in f.read()


class Scscf(Party):
    """What the S-CSCF says: third-party REGISTERs, and the other end of reg event subscriptions."""

    def __init__(self, address="127.0.0.4", port=5060):
        super().__init__(address, port, SERVER)
        self.numbers = {}

    def told(self, identity, expires, extra=(), body="", call=None, cseq=None, content=None):
        """A third-party REGISTER in the form of TS 24.229; the answer."""
        call = call or "3pr-" + identity
        if cseq is None:
            cseq = self.numbers[call] = self.numbers.get(call, 0) + 1
        headers = [("From", "<sip:scscf.home1.net:5060>;tag=s%d" % cseq), ("To", "<%s>" % identity), ("Call-ID", call),
                   ("CSeq", "%d REGISTER" % cseq), ("Contact", "<%s>" % self.contact)]
        if expires is not None:
            headers.append(("Expires", str(expires)))
        if content:
            headers.append(("Content-Type", content))
        self.request("REGISTER", "sip:vcc@127.0.0.6:5060", headers + list(extra), body)
        return self.expect(lambda m: m.is_reply and m.get("CSeq") == "%d REGISTER" % cseq and m.get("Call-ID") == call)

    def subscribed(self, identity, seconds=PATIENCE):
        return self.expect(lambda m: m.method == "SUBSCRIBE" and m.uri == identity, seconds)


class Watch:
    """The S-CSCF's end of one subscription."""

    def __init__(self, scscf, subscribe, expires=600000, tag="watch"):
        self.scscf, self.m, self.tag, self.version, self.cseq = scscf, subscribe, tag, -1, 0
        self.answer(subscribe, expires)

    def answer(self, subscribe, expires=600000, code=200):
        self.scscf.reply(subscribe, code, "OK", [("Contact", "<%s>" % self.scscf.contact), ("Expires", str(expires))],
                         tag=self.tag)

    def notify(self, rows, aor=None, full=True, state="active;expires=600000", version=None, tag=None, cseq=None, body=None):
        self.version = self.version + 1 if version is None else version
        self.cseq = self.cseq + 1 if cseq is None else cseq
        aor = aor or self.m.uri
        aors = aor if isinstance(aor, (list, tuple)) else [aor]
        self.scscf.request("NOTIFY", self.m.get("Contact").strip("<>"), [
            ("From", "<%s>;tag=%s" % (aors[0], tag or self.tag)), ("To", self.m.get("From")),
            ("Call-ID", self.m.get("Call-ID")), ("CSeq", "%d NOTIFY" % self.cseq), ("Event", "reg"),
            ("Contact", "<%s>" % self.scscf.contact), ("Subscription-State", state),
            ("Content-Type", "application/reginfo+xml")], body or document(aors, rows, full, self.version))
        number = self.cseq
        r = self.scscf.expect(lambda m: m.is_reply and m.get("CSeq") == "%d NOTIFY" % number
                              and m.get("Call-ID") == self.m.get("Call-ID"))
        return r.code if r else None


def document(aors, rows, full, version):
    """rows: (uri, state, event, seconds, {unknown parameters})"""
    contacts = ""
    for n, (uri, its, event, seconds, *more) in enumerate(rows):
        unknown = "".join('<unknown-param name="%s">%s</unknown-param>' % p for p in (more[0] if more else {}).items())
        contacts += '<contact id="c%s" state="%s" event="%s" expires="%d"><uri>%s</uri>%s</contact>' % (
            abs(hash(uri)) % 10000, its, event, seconds, uri, unknown)
    active = "active" if any(r[1] == "active" for r in rows) else "terminated"
    text = "".join('<registration aor="%s" id="r%d" state="%s">%s</registration>' % (a, i, active, contacts)
                   for i, a in enumerate(aors))
    return '<?xml version="1.0"?><reginfo xmlns="urn:ietf:params:xml:ns:reginfo" version="%d" state="%s">%s</reginfo>' % (
        version, "full" if full else "partial", text)
