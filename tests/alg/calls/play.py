# SPDX-License-Identifier: GPL-2.0-or-later
"""Calls as the checks of this folder begin and end them."""
import re

from bodies import FP, KEY2
from ua import Dialog, Sip


class Call:
    """A call between a phone and the core: both ends' dialogs."""

    def __init__(self, w, phone, from_phone):
        self.w, self.phone, self.from_phone = w, phone, from_phone
        self.a = self.b = self.invite = None

    @property
    def caller(self):
        return self.phone if self.from_phone else self.w.core

    @property
    def callee(self):
        return self.w.core if self.from_phone else self.phone

    def begin(self, offer="", **kw):
        """INVITE; returns it as it came to the callee."""
        self.offer(offer, **kw)
        return self.arrives()

    def offer(self, offer="", **kw):
        self.a = Dialog(self.caller, "sip:far@home1.net" if self.from_phone else self.phone.uri())
        if not self.from_phone:
            self.a.route = [self.w.paths[self.phone.uri()]]
        self.a.say("INVITE", offer, **kw)

    def arrives(self):
        self.invite = self.callee.request("INVITE", self.a.call_id)
        self.b = Dialog(self.callee, invite=self.invite)
        return self.invite

    def answer(self, status="200 OK", body="", **kw):
        """Answer the INVITE; returns it as it came to the caller, not for what does not come."""
        tag = kw.get("tag") or "t" + self.callee.name
        self.callee.answer(self.invite, status, body, **kw)
        code = int(status.split()[0])
        got = self.a.got("INVITE", code, tag=tag) if code < 300 else self.a.got("INVITE", code)
        if 100 < code < 300:
            self.a.learn(got)
        return got

    def sent(self):
        """The INVITE as its caller sent it."""
        return Sip(self.a.sent[1, "INVITE"][0])

    def ack(self, body=""):
        self.a.ack(sdp=body)
        return self.callee.request("ACK", self.a.call_id)

    def up(self, offer, answer):
        """From INVITE to ACK: what came to the callee, and what came to the caller."""
        i = self.begin(offer)
        ok = self.answer("200 OK", answer)
        self.ack()
        return i, ok

    def bye(self, by_caller=True):
        d = self.a if by_caller else self.b
        d.say("BYE")
        return d.got("BYE")

    def gone(self, what="nothing is left"):
        """No context at any gateway, and the call has ended."""
        self.w.until(lambda: not self.w.contexts(), "contexts are left")


def call(w, phone, from_phone=True):
    return Call(w, phone, from_phone)


def answer_for(i, ip, port=50000):
    """A plain answer to what came: each live line is taken as it is."""
    lines, out = i.body.split("\r\n"), []
    for l in lines:
        m = re.match(r"m=(\S+) (\d+) (\S+) (.*)", l)
        if m:
            out.append("m=%s %d %s %s" % (m.group(1), port if m.group(2) != "0" else 0, m.group(3), m.group(4)))
            if m.group(2) != "0" and "MSRP" in m.group(3):
                s = "s" if "TLS" in m.group(3) else ""
                out += ["a=path:msrp%s://%s:%d/answer;tcp" % (s, ip, port), "a=accept-types:*", "a=setup:active"]
            elif m.group(2) != "0" and "TCP" in m.group(3):
                out += ["a=setup:active", "a=connection:new"]
            if m.group(2) != "0" and "TLS" in m.group(3):
                out.append("a=fingerprint:" + FP)
            if m.group(2) != "0" and "SAVP" in m.group(3):
                out.append("a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:" + KEY2)
            port += 2
    return "v=0\r\no=answerer 1 1 IN IP4 %s\r\ns=-\r\nc=IN IP4 %s\r\nt=0 0\r\n%s\r\n" % (ip, ip, "\r\n".join(out))


def at(body, media="audio"):
    """Address and port of the first line of this kind."""
    section = body.split("m=" + media, 1)[1]
    port = int(section.split()[0])
    c = re.findall(r"c=IN IP4 (\S+)", section) or re.findall(r"c=IN IP4 (\S+)", body)
    return c[0], port


def leaks(body, *secrets):
    """What of these stands in the body."""
    return [s for s in secrets if s in body]
