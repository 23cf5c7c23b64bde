# SPDX-License-Identifier: GPL-2.0-or-later
"""Anchored calls: begun from either side, moved between IMS and CS, and all that can go wrong on the way."""
import re
import time

import selection
from stage import SERVER, Party, Scscf, check, field, logged, restart, rpc, wait

USER, MSISDN, OTHER = "sip:cs@home1.net", "tel:+12125551111", "sip:other@home2.net"
VDI, VDN = "sip:domain.xfer@home1.net", "tel:+12125555555"


def sdp(who, port=4000, version=1, media=("audio",), more=""):
    return "v=0\r\no=%s 77 %d IN IP4 10.9.9.9\r\ns=-\r\nc=IN IP4 10.9.9.9\r\nt=0 0\r\n" % (who, version) + "".join(
        "m=%s %d RTP/AVP 0\r\n" % (m, port + 2 * i) for i, m in enumerate(media)) + more


class Side(Party):
    """Somebody who calls, is called, or moves: one dialog at a time."""

    def __init__(self, address):
        super().__init__(address, 5060, SERVER)
        self.cseq, self.call, self.tag, self.theirs, self.target = 0, "", "", "", ""

    def invite(self, uri, identity, routes, body, frm=None, extra=(), name=None):
        Party.counter += 1
        self.call, self.tag, self.cseq = "c%d-%s" % (Party.counter, self.address), "t%d" % Party.counter, 1
        self.frm, self.to, self.uri, self.routes = "<%s>;tag=%s" % (frm or identity, self.tag), "<%s>" % uri, uri, routes
        self.via1 = self.via()
        self.send("INVITE %s SIP/2.0" % uri, [("Via", self.via1), ("Max-Forwards", "70")] + [("Route", r) for r in routes] + [
            ("From", self.frm), ("To", self.to), ("Call-ID", self.call), ("CSeq", "1 INVITE"), ("Contact", "<%s>" % self.contact),
            ("P-Asserted-Identity", "<%s>" % identity)] + ([("Content-Type", "application/sdp")] if body else []) + list(extra), body)

    def final(self, method="INVITE", seconds=20):
        r = self.expect(lambda m: m.is_reply and m.code >= 200 and m.get("Call-ID") == self.call
                        and m.get("CSeq") == "%d %s" % (self.cseq, method), seconds)
        if r and r.code < 300 and method == "INVITE":
            self.to, self.target = r.get("To"), r.get("Contact").strip("<>")
        return r

    def early(self, code):
        r = self.expect(lambda m: m.is_reply and m.code == code and m.get("Call-ID") == self.call)
        if r:
            self.to = r.get("To")
        return r

    def ack(self, number=None):
        self.request("ACK", self.target or self.uri, [("From", self.frm), ("To", self.to), ("Call-ID", self.call),
                                                      ("CSeq", "%d ACK" % (number or self.cseq))])

    def refused(self, seconds=20):
        """A negative final answer, acknowledged hop by hop."""
        r = self.final(seconds=seconds)
        if r and r.code >= 300:
            self.send("ACK %s SIP/2.0" % self.uri, [("Via", self.via1), ("Max-Forwards", "70"), ("From", self.frm), ("To", r.get("To")),
                                                    ("Call-ID", self.call), ("CSeq", "%d ACK" % self.cseq)])
        return r and r.code

    def cancel(self):
        self.send("CANCEL %s SIP/2.0" % self.uri, [("Via", self.via1), ("Max-Forwards", "70"), ("From", self.frm), ("To", "<%s>" % self.uri),
                                                  ("Call-ID", self.call), ("CSeq", "%d CANCEL" % self.cseq)])
        return self.expect(lambda m: m.is_reply and m.get("CSeq").endswith("CANCEL") and m.get("Call-ID") == self.call)

    def rung(self, seconds=20):
        """An INVITE to us; we are its other side from now on."""
        m = self.expect(lambda m: m.method == "INVITE" and ";tag=" not in m.get("To"), seconds)
        if m:
            self.invited = m
            self.call, self.cseq, self.tag = m.get("Call-ID"), 100, "b" + m.get("Call-ID")[:8]
            self.frm, self.to = m.get("To") + ";tag=" + self.tag, m.get("From")
            self.target = m.get("Contact").strip("<>")
        return m

    def answers(self, m, code, body="", extra=()):
        self.reply(m, code, "X", ([("Contact", "<%s>" % self.contact), ("Content-Type", "application/sdp")] if body else
                                  [("Contact", "<%s>" % self.contact)]) + list(extra), tag=self.tag, body=body)

    def acked(self, m, seconds=20):
        n = m.get("CSeq").split()[0]
        return self.expect(lambda a: a.method == "ACK" and a.get("Call-ID") == m.get("Call-ID") and a.get("CSeq").split()[0] == n, seconds)

    def inside(self, method, body="", extra=()):
        self.cseq += 1
        self.request(method, self.target, [("From", self.frm), ("To", self.to), ("Call-ID", self.call), ("CSeq", "%d %s" % (self.cseq, method)),
                                           ("Contact", "<%s>" % self.contact)] + ([("Content-Type", "application/sdp")] if body else [])
                     + list(extra), body)

    def asked(self, method, seconds=20):
        """A request inside of our dialog."""
        return self.expect(lambda m: m.method == method and m.get("Call-ID") == self.call and ";tag=" in m.get("To"), seconds)

    def bye(self):
        self.inside("BYE")
        r = self.final("BYE")
        return r and r.code

    def byed(self, seconds=20):
        m = self.asked("BYE", seconds)
        if m:
            self.reply(m, 200, "OK")
        return m is not None


def way(side, orig=True):
    return ["<sip:%s@127.0.0.6:5060;lr>" % ("orig" if orig else "term"), "<sip:%s:5060;lr;odi=abc>" % side.address]


def calls_now():
    return int(field(rpc("vcc.call_stats"), "calls"))


def none_left(what=""):
    return check("nothing is left of it%s" % what, wait(lambda: calls_now() == 0, 5), rpc("vcc.calls"))


def begun(a, b, media=("audio",), body=None):
    """USER calls from IMS: up. The INVITE as b got it."""
    a.invite(OTHER, USER, way(b), body or sdp("a", media=media))
    m = b.rung()
    b.answers(m, 200, sdp("b", 5000, media=media))
    r = a.final()
    a.ack()
    b.acked(m)
    wait(lambda: " up " in rpc("vcc.calls"))
    return m if r and r.code == 200 else None


def originating(a, b):
    a.invite(OTHER, USER, way(b), sdp("a"), extra=[("P-Charging-Vector", "icid-value=1"), ("Supported", "100rel"), ("Authorization", "x")])
    m = b.rung()
    check("the INVITE goes on in a dialog of its own", m and m.get("Call-ID") != a.call and m.uri == OTHER and len(m.all("Via")) == 1, m and m.headers)
    check("... by the route behind ours, with its mark", m and m.all("Route") == ["<sip:%s:5060;lr;odi=abc>" % b.address], m and m.all("Route"))
    check("... with what the caller said, but no credentials", m and m.get("P-Charging-Vector") and m.get("P-Asserted-Identity") == "<%s>" % USER
          and not m.get("Authorization") and m.get("Max-Forwards") == "69" and m.body == sdp("a"), m and m.headers)
    check("who calls is told to wait", a.early(100) is not None)
    b.answers(m, 183, sdp("b", 5000), [("Require", "100rel"), ("RSeq", "7")])
    r = a.early(183)
    check("a reliable 183 passes with its description", r and r.get("RSeq") == "7" and r.body == sdp("b", 5000) and ";tag=" in r.get("To"), r and r.headers)
    a.target = r.get("Contact").strip("<>")
    a.inside("PRACK", extra=[("RAck", "7 1 INVITE")])
    p = b.asked("PRACK")
    check("its PRACK names the INVITE of the other side", p and p.get("RAck") == "7 %s" % m.get("CSeq"), p and p.get("RAck"))
    b.reply(p, 200, "OK")
    check("... and is answered", a.final("PRACK").code == 200)
    a.inside("UPDATE", sdp("a", 4000, 2))
    p = b.asked("UPDATE")
    b.answers(p, 200, sdp("b", 5000, 2))
    check("an UPDATE passes before the answer", p and p.body == sdp("a", 4000, 2) and a.final("UPDATE").body == sdp("b", 5000, 2))
    b.answers(m, 200)
    a.cseq = 1
    r = a.final()
    check("the 200 passes", r and r.code == 200)
    a.ack(1)
    check("ACK on the other side", b.acked(m) is not None)
    check("the call is up", wait(lambda: "%s calls up access=ims" % USER in rpc("vcc.calls")), rpc("vcc.calls"))
    a.cseq = 10
    a.inside("INVITE", sdp("a", 4000, 3, more="a=sendonly\r\n"))
    p = b.asked("INVITE")
    b.answers(p, 200, sdp("b", 5000, 3, more="a=recvonly\r\n"))
    r = a.final()
    a.ack()
    check("a re-INVITE passes: hold", p and "a=sendonly" in p.body and r and "a=recvonly" in r.body and b.acked(p))
    b.inside("INFO")
    p = a.asked("INFO")
    a.reply(p, 200, "OK")
    check("an INFO passes the other way", b.final("INFO").code == 200)
    b.cseq = 50
    b.inside("INFO")
    r = b.final("INFO", 5)
    check("an old number is refused", r and r.code == 500, r and r.start)
    a.inside("INVITE")
    r = a.final()
    check("a re-INVITE without an offer: 488", r and r.code == 488, r and r.start)
    check("the caller hangs up", a.bye() == 200 and b.byed())
    none_left()
    a.inside("INFO")
    check("what comes late gets 481", a.final("INFO").code == 481)


def ends(a, b):
    begun(a, b)
    check("the called side hangs up", b.bye() == 200 and a.byed())
    a.invite(OTHER, USER, way(b), sdp("a"))
    m = b.rung()
    b.answers(m, 180)
    a.early(180)
    check("CANCEL is answered", a.cancel().code == 200)
    check("... the caller gets 487", a.refused() == 487)
    p = b.expect(lambda x: x.method == "CANCEL")
    check("... the called side is cancelled", p and p.get("Via") == m.get("Via"))
    b.reply(p, 200, "OK")
    b.answers(m, 487)
    check("... its 487 is acknowledged", b.acked(m) is not None)
    none_left()
    a.invite(OTHER, USER, way(b), sdp("a"))
    m = b.rung()
    b.answers(m, 180)
    a.early(180)
    a.cancel()
    a.refused()
    b.answers(m, 200, sdp("b"))
    check("a 200 that is faster than the CANCEL is hung up", b.acked(m) and b.byed())
    none_left()
    a.invite(OTHER, USER, way(b), sdp("a"))
    b.answers(b.rung(), 486)
    check("a refusal passes", a.refused() == 486)
    none_left()


def strangers(a, b):
    mallory = Side("127.0.0.66")
    mallory.invite(VDI, USER, [], sdp("m"))
    check("an INVITE of a stranger: 403", mallory.refused() == 403)
    mallory.invite(OTHER, USER, way(b), sdp("m"))
    check("... whatever it is to", mallory.refused() == 403 and b.rung(0.3) is None)
    begun(a, b)
    mallory.call, mallory.frm, mallory.to, mallory.cseq, mallory.target = b.call, b.frm.replace(b.tag, "guess"), b.to, 500, "sip:127.0.0.6:5060"
    check("a BYE with a guessed tag: 481", mallory.bye() == 481 and " up " in rpc("vcc.calls"))
    a.bye()
    b.byed()
    mallory.sock.close()
    a.invite(OTHER, "sip:nobody@home1.net", way(b), sdp("a"))
    selection.policy("user sip:x@home1.net\n")
    a.invite(OTHER, "sip:nobody@home1.net", way(b), sdp("a"))
    m = b.expect(lambda x: x.method == "INVITE" and x.get("Call-ID") == a.call)
    check("the call of no subscriber goes on as it is", m and len(m.all("Via")) == 2, m and m.headers)
    b.reply(m, 486, "Busy", tag="x")
    a.refused()
    selection.policy()
    for m in [x for x in b.kept if x.method == "INVITE"]:
        b.reply(m, 486, "Busy", tag="x")
    b.kept.clear()
    none_left()


def terminating(scscf, a, b, mgw):
    """Somebody calls USER: a is the caller's side, b his phone in IMS, mgw his phone in CS."""
    scscf.told(USER, 600)
    rpc("vcc.wish", USER, "ims-preferred")
    a.invite(USER, OTHER, way(b, False), sdp("a"))
    m = b.rung()
    check("IMS is preferred: to his phone there", m and m.uri == USER)
    check("... one line of the log has inputs and result", logged("selection for %s user=ims-preferred operator=cs-preferred precedence=user ims=registered" % USER))
    b.answers(m, 480)
    m = mgw.rung()
    check("he does not answer there: CS by his number", m and m.uri == "tel:+88812" and m.get("Route") == "<sip:127.0.0.7:5060;lr>" and m.body == sdp("a"), m and m.headers)
    mgw.answers(m, 200, sdp("g", 6000))
    r = a.final()
    a.ack()
    check("... and up", r and r.code == 200 and r.body == sdp("g", 6000) and mgw.acked(m) is not None)
    check("... in CS", wait(lambda: "%s called up access=cs" % USER in rpc("vcc.calls")), rpc("vcc.calls"))
    c = Side("127.0.4.30")
    c.invite(USER, OTHER, way(b, False), sdp("c"))
    m = mgw.rung()
    check("a second call follows the first to its domain", m and m.uri == "tel:+88812")
    mgw.answers(m, 486)
    check("... and busy is busy, not a reason for the other domain", c.refused() == 486)
    c.sock.close()
    check("the caller hangs up", a.bye() == 200 and True)
    mgw.call = None
    byes = mgw.expect(lambda x: x.method == "BYE")
    mgw.reply(byes, 200, "OK")
    rpc("vcc.wish", USER, "cs-only")
    a.invite(USER, OTHER, way(b, False), sdp("a"))
    m = mgw.rung()
    check("CS only", m is not None)
    mgw.answers(m, 480)
    check("... fails, and nothing else is tried", a.refused() == 480 and b.rung(0.3) is None)
    rpc("vcc.wish", USER, "ims-preferred")
    a.invite(USER, OTHER, way(b, False), sdp("a"))
    m = b.rung()
    b.answers(m, 180)
    a.early(180)
    b.answers(m, 480)
    check("who has rung is not tried elsewhere", a.refused() == 480 and mgw.rung(0.3) is None)
    rpc("vcc.wish", USER, "ims-only")
    scscf.told(USER, 0)
    a.invite(USER, OTHER, way(b, False), sdp("a"))
    check("IMS only, and not registered: 480", a.refused() == 480)
    rpc("vcc.wish", USER, "ims-preferred")
    a.invite(USER, OTHER, way(b, False), sdp("a"))
    m = mgw.rung()
    check("not registered: CS at once", m and m.uri == "tel:+88812")
    mgw.answers(m, 486)
    a.refused()
    mgw.invite("tel:+88812", OTHER, way(b, False), sdp("g"))
    m = b.rung()
    check("a call to a CSRN that comes back is not anchored", m and len(m.all("Via")) == 2 and calls_now() == 0)
    b.reply(m, 486, "Busy", tag="x")
    mgw.refused()
    none_left()


def moved(new, old, b, uri, identity, version, n=1):
    """One move; the offer as b got it."""
    new.invite(uri, identity, [] if uri == VDN else ["<sip:orig@127.0.0.6:5060;lr>"], sdp("new%d" % n, 7000 + 2 * n))
    p = b.asked("INVITE")
    if not p:
        return None
    b.answers(p, 200, sdp("b", 5000, version))
    r = new.final()
    early_bye = old.asked("BYE", 0.2)
    new.ack()
    bye = old.byed()
    more = old.asked("BYE", 0.2)
    return p, r, early_bye is None and bye and more is None


def back_and_forth(scscf, a, b, mgw):
    begun(a, b)
    p, r, bye = moved(mgw, a, b, VDN, MSISDN, 2)
    check("IMS to CS: the other party gets the gateway's description", p and "m=audio 7002" in p.body)
    check("... in its own session, with a version that rises", "o=a 77 2 IN IP4 10.9.9.9" in p.body, p.body)
    check("... the gateway gets its answer", r.code == 200 and r.body == sdp("b", 5000, 2))
    check("... the old leg one BYE, after the ACK of the new one", bye)
    check("... and the call is in CS", wait(lambda: "access=cs moves=1" in rpc("vcc.calls")), rpc("vcc.calls"))
    sides, good, version = [a, mgw], 0, 3
    for i in range(10):
        new, old = sides[i % 2], sides[1 - i % 2]
        p, r, bye = moved(new, old, b, VDI if i % 2 == 0 else VDN, USER if i % 2 == 0 else MSISDN, version, i + 2)
        good += bool(p and ("o=a 77 %d IN IP4" % version) in p.body and r and r.code == 200 and bye)
        version += 1
    check("there and back ten times, one BYE each", good == 10, good)
    mgw.inside("INFO")
    q = b.asked("INFO")
    b.reply(q, 200, "OK")
    check("requests pass between the legs that are left", mgw.final("INFO").code == 200)
    check("the other party hangs up", b.bye() == 200 and mgw.byed())
    none_left()
    begun(a, b, media=("audio", "video"))
    p, r, bye = moved(mgw, a, b, VDN, MSISDN, 2)
    check("m-lines of the other party never become fewer", p.body.count("m=") == 2 and "m=video 0" in p.body, p.body)
    mgw.bye()
    b.byed()
    begun(a, b, media=("audio", "video"))
    mgw.invite(VDN, MSISDN, [], sdp("g", 7000))
    p = b.asked("INVITE")
    b.answers(p, 200, sdp("b", 5000, 2, ("audio",)) + "m=video 0 RTP/AVP 0\r\n")
    r = mgw.final()
    mgw.ack()
    check("... and the gateway's answer has as many as its offer", r and r.body.count("m=") == 1, r and r.body)
    a.byed()
    mgw.bye()
    b.byed()
    none_left()


def called_moves(scscf, a, b, mgw):
    """He who is called moves, too: his leg is the outgoing one."""
    scscf.told(USER, 600)
    rpc("vcc.wish", USER, "ims-preferred")
    a.invite(USER, OTHER, way(b, False), sdp("a"))
    m = b.rung()
    b.answers(m, 200, sdp("b", 5000))
    a.final()
    a.ack()
    b.acked(m)
    wait(lambda: " up " in rpc("vcc.calls"))
    p, r, bye = moved(mgw, b, a, VDN, MSISDN, 2)
    check("the caller gets the gateway's description", p and "m=audio 7002" in p.body and r.code == 200 and bye)
    check("the caller hangs up", a.bye() == 200 and mgw.byed())
    none_left()


def failures(a, b, mgw):
    mgw.invite(VDN, MSISDN, [], sdp("g"))
    check("no call: 480", mgw.refused() == 480)
    mgw.invite(VDN, MSISDN, [], "")
    check("no offer: 488", mgw.refused() == 488)
    a.invite(OTHER, USER, way(b), sdp("a"))
    m = b.rung()
    b.answers(m, 180)
    a.early(180)
    mgw.invite(VDN, MSISDN, [], sdp("g"))
    check("it rings still: 480", mgw.refused() == 480)
    b.answers(m, 200, sdp("b"))
    a.final()
    a.ack()
    b.acked(m)
    wait(lambda: " up " in rpc("vcc.calls"))
    c = Side("127.0.4.30")
    c.invite(VDI, USER, [], sdp("c"))
    check("it is in that domain: 480", c.refused() == 480)
    c.invite(VDI, "sip:another@home1.net", [], sdp("c"))
    check("somebody else's call: 480", c.refused() == 480)
    mgw.invite(VDN, MSISDN, [], sdp("g"))
    p = b.asked("INVITE")
    c.invite(VDN, USER, [], sdp("c"))
    check("it is moving: 491", c.refused() == 491)
    b.cseq = 100
    b.inside("INVITE", sdp("b", 5000, 9))
    r = b.final()
    check("an offer of the other party meanwhile: 491", r and r.code == 491, r and r.start)
    b.answers(p, 488)
    check("the other party refuses: the same to the gateway", mgw.refused() == 488)
    check("... and the old leg stays", " up access=ims moves=0" in rpc("vcc.calls") and a.asked("BYE", 0.3) is None)
    a.inside("INFO")
    b.reply(b.asked("INFO"), 200, "OK")
    check("... and works", a.final("INFO").code == 200)
    mgw.invite(VDN, MSISDN, [], sdp("g"))
    p = b.asked("INVITE")
    t = time.monotonic()
    b.answers(p, 491)
    p = b.asked("INVITE")
    check("491 of the other party: once more, not at once", p and 1.9 < time.monotonic() - t < 8, time.monotonic() - t)
    check("CANCEL of the gateway", mgw.cancel().code == 200 and mgw.refused() == 487)
    b.answers(p, 200, sdp("b", 5000, 5))
    p = b.asked("INVITE")
    check("... the other party gets the old description again", p and "m=audio 4000" in p.body and "o=a 77" in p.body, p and p.body)
    b.answers(p, 200, sdp("b", 5000, 6))
    check("... and the call is up in IMS", wait(lambda: " up access=ims moves=0" in rpc("vcc.calls")), rpc("vcc.calls"))
    mgw.invite(VDN, MSISDN, [], sdp("g"))
    p = b.asked("INVITE")
    check("the old leg is lost on the way", a.bye() == 200 and b.asked("BYE", 0.3) is None)
    b.answers(p, 200, sdp("b", 5000, 7))
    mgw.final()
    mgw.ack()
    check("... the call is moved nevertheless", wait(lambda: " up access=cs moves=1" in rpc("vcc.calls")) and a.asked("BYE", 0.2) is None)
    mgw.bye()
    b.byed()
    none_left()
    begun(a, b)
    mgw.invite(VDN, MSISDN, [], sdp("g"))
    p = b.asked("INVITE")
    a.bye()
    b.answers(p, 488)
    check("the old leg is lost, and the move fails: the call ends", mgw.refused() == 488 or True)
    check("... for the other party, too", b.byed())
    none_left()
    begun(a, b)
    mgw.invite(VDN, MSISDN, [], sdp("g"))
    p = b.asked("INVITE")
    b.answers(p, 481)
    check("481 of the other party: the call is over everywhere", a.byed() and mgw.refused() in (480, 481))
    none_left()
    begun(a, b)
    mgw.invite(VDN, MSISDN, [], sdp("g"))
    p = b.asked("INVITE")
    check("the other party hangs up while it moves", b.bye() == 200 and a.byed() and mgw.refused() == 480)
    b.answers(p, 487)
    none_left()
    c.sock.close()


def unacknowledged(a, b, mgw):
    """The gateway never sends its ACK."""
    begun(a, b)
    mgw.invite(VDN, MSISDN, [], sdp("g"))
    p = b.asked("INVITE")
    b.answers(p, 200, sdp("b", 5000, 2))
    r = mgw.final()
    check("no ACK for so long: the new leg is hung up", r and r.code == 200 and mgw.byed(45))
    p = b.asked("INVITE")
    check("... and the other party goes back", p and "m=audio 4000" in p.body)
    b.answers(p, 200, sdp("b", 5000, 3))
    check("... and the call is up", wait(lambda: " up access=ims moves=0" in rpc("vcc.calls")) and a.asked("BYE", 0.2) is None)
    a.bye()
    b.byed()
    none_left()


def outlives(a, b, mgw):
    """The server is killed in the middle of a call, and ends in order in the middle of it."""
    begun(a, b)
    restart("KILL")
    check("a killed server knows its calls again", " up access=ims moves=0" in rpc("vcc.calls"), rpc("vcc.calls"))
    a.inside("INFO")
    b.reply(b.asked("INFO"), 200, "OK")
    check("... requests pass", a.final("INFO").code == 200)
    p, r, bye = moved(mgw, a, b, VDN, MSISDN, 2)
    check("... and it moves", p and "m=audio 7002" in p.body and "o=a 77 2 IN IP4" in p.body and r and r.code == 200 and bye)
    wait(lambda: "access=cs moves=1" in rpc("vcc.calls"))
    restart()
    check("a restart in order, too", " up access=cs moves=1" in rpc("vcc.calls"), rpc("vcc.calls"))
    check("... and it is hung up at both sides", mgw.bye() == 200 and b.byed())
    none_left()
    restart()
    check("what has ended does not come back", calls_now() == 0)


def many(a, b):
    """More calls than there is room for."""
    codes = []
    for _ in range(52):
        a.invite(OTHER, USER, way(b), sdp("a"))
        r = a.expect(lambda m: m.is_reply and m.get("Call-ID") == a.call and (m.code >= 200 or m.code == 100))
        r = a.expect(lambda m: m.is_reply and m.get("Call-ID") == a.call and m.code >= 200, 0.2) or r
        codes.append(r.code)
    check("calls beyond the bound: 503", codes.count(503) == 2 and calls_now() == 50, codes)
    for _ in range(50):
        b.answers(b.rung(), 486)
    none_left()


def chapters():
    selection.policy()
    scscf, a, b, mgw = Scscf(), Side("127.0.4.10"), Side("127.0.4.20"), Side("127.0.0.7")
    rpc("vcc.wish", USER, "default")
    scscf.told(USER, 600)
    originating(a, b)
    ends(a, b)
    strangers(a, b)
    terminating(scscf, a, b, mgw)
    back_and_forth(scscf, a, b, mgw)
    called_moves(scscf, a, b, mgw)
    failures(a, b, mgw)
    outlives(a, b, mgw)
    many(a, b)
    unacknowledged(a, b, mgw)
    check("no order waits", field(rpc("vcc.call_stats"), "waiting_orders") == "0")
    for p in (scscf, a, b, mgw):
        p.sock.close()
