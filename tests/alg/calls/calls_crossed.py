# SPDX-License-Identifier: GPL-2.0-or-later
"""Calls whose ends do what no book says, or say it at the wrong moment: nothing in clear where security was asked for, no key of
the access side in the core, no offer answered by what was said of another one, and nothing that is left."""
from bodies import FP, KEY, KEY2, audio, msrp, sdes, sdp
from checks import P, SECRETS, check, ends, secured_towards_core
from play import call, leaks
from ua import CORE, Dialog

REL = "Require: 100rel\r\nRSeq: %d\r\n"


def up(w, phone, from_phone=True):
    c = call(w, phone, from_phone)
    if from_phone:
        c.up(sdp("p", P, sdes()), sdp("far", CORE, audio(50000)))
    else:
        c.up(sdp("far", CORE, audio(50000)), sdp("p", P, sdes()))
    return c


def story(w, c):
    """What the P-CSCF tells of this call."""
    return [t for t in w.stories().split("{\n") if c.a.call_id in t][0]


def count(ua, c, code, method="INVITE"):
    return len(ua.look(lambda m: m.code == code and m.method == method and m.call_id == c.a.call_id))


@check
def again_200(w, phone):
    """the 200 of the INVITE comes again while a later offer is open: it answers nothing"""
    for from_phone in (True, False):
        c = up(w, phone, from_phone)
        body = sdp("far", CORE, audio(50000)) if from_phone else sdp("p", P, sdes())
        offer = sdp("p", P, sdes(40100), version=2) if from_phone else sdp("far", CORE, audio(50100), version=2)
        c.a.say("INVITE", offer)
        r = c.callee.request("INVITE", c.a.call_id)
        n = count(c.caller, c, 200)
        c.callee.answer(c.invite, "200 OK", body)
        w.until(lambda: count(c.caller, c, 200) > n, "the first 200 again")
        c.callee.answer(r, "200 OK", body)
        c.a.got("INVITE")
        c.ack()
        w.ok(w.contexts() == 1 and "state: up" in story(w, c), "the call goes on", story(w, c))
        ends(w, c, "of the phone's call" if from_phone else "of a call to the phone", False)


@check
def in_clear(w, phone):
    """a phone that wants to go on in clear, where the operator said always"""
    c = up(w, phone)
    c.a.say("INVITE", sdp("p", P, audio(40000), version=2))
    r = c.a.got("INVITE", 300)
    c.a.ack_refused(r)
    w.ok(r.code == 488 and "not offered in clear" in r.text, "488 says so", r.text)
    w.ok("state: up" in story(w, c) and w.contexts() == 1, "the call is as it was", story(w, c))
    ends(w, c, "in clear")


@check
def glare(w, phone):
    """two re-INVITEs cross: our 491 to one of them is no answer to the other"""
    c = up(w, phone)
    c.b.say("INVITE", sdp("far", CORE, audio(50000), version=2))
    r = phone.request("INVITE", c.a.call_id)
    c.a.say("INVITE", sdp("p", P, sdes(), version=2))
    g = c.a.got("INVITE", 300)
    c.a.ack_refused(g)
    w.ok(g.code == 491, "the second gets 491")
    phone.answer(r, "200 OK", sdp("p", P, sdes(40200, key=KEY2), version=2))
    ok = c.b.got("INVITE")
    c.b.ack()
    phone.request("ACK", c.a.call_id)
    secured_towards_core(w, ok, "the first is answered")
    w.ok("rollback" not in story(w, c), "and by its own answer", story(w, c))
    ends(w, c, "glare")


@check
def late_18x(w, phone):
    """18x with the known description while an UPDATE is open"""
    c = call(w, phone)
    c.begin(sdp("p", P, sdes()))
    c.answer("183 Session Progress", sdp("far", CORE, audio(50000)), extra=REL % 1)
    c.a.say("PRACK", extra="RAck: 1 1 INVITE\r\n")
    c.callee.answer(c.callee.request("PRACK", c.a.call_id), "200 OK")
    c.a.got("PRACK")
    c.b.say("UPDATE", sdp("far", CORE, audio(50040), version=2))
    u = phone.request("UPDATE", c.a.call_id)
    c.callee.answer(c.invite, "180 Ringing", sdp("far", CORE, audio(50000)), extra=REL % 2)
    w.until(lambda: phone.look(lambda m: m.code == 180 and m.call_id == c.a.call_id), "180")
    phone.answer(u, "200 OK", sdp("p", P, sdes(40300, key=KEY2), version=2))
    ok = c.b.got("UPDATE")
    secured_towards_core(w, ok, "the UPDATE is answered")
    w.ok("180 INVITE: nothing that counts" in story(w, c), "by its own answer", story(w, c))
    c.callee.answer(c.invite, "200 OK")
    c.a.learn(c.a.got("INVITE"))
    c.ack()
    ends(w, c, "UPDATE crossed by 180")


@check
def after_the_end(w, phone):
    """re-INVITE and UPDATE that cross a BYE, an ACK that cannot be read: no key goes on"""
    for method in ("INVITE", "UPDATE"):
        c = up(w, phone)
        c.b.say("BYE")
        c.b.got("BYE")
        c.a.say(method, sdp("p", P, sdes(), version=2))
        w.until(lambda: c.a.ua.look(lambda m: m.code >= 300 and m.call_id == c.a.call_id) or
                w.core.look(lambda m: m.method == method and m.call_id == c.a.call_id and m.tag("To") and not m.code), "what becomes of it")
        got = w.core.look(lambda m: m.method == method and m.call_id == c.a.call_id and m.tag("To") and not m.code)
        w.ok(not got or not leaks(got[0].body, KEY, P), method + " that crosses a BYE", got[0].body if got else "")
        if got:
            w.core.answer(got[0], "481 Call/Transaction Does Not Exist")
        r = c.a.got(method, 300)
        if method == "INVITE":
            c.a.ack_refused(r)
        c.gone()
    c = call(w, phone)
    c.begin()
    c.answer("200 OK", sdp("far", CORE, audio(50000)))
    one = "--b1\r\nContent-Type: application/sdp\r\n\r\n%s\r\n" % sdp("p", P, sdes())
    c.a.say("ACK", one + one + "--b1--\r\n", seq=c.a.last["INVITE"], content_type="multipart/mixed;boundary=b1")
    a = w.core.request("ACK", c.a.call_id)
    w.ok(not leaks(a.body, *SECRETS), "an ACK with two descriptions", a.body)
    w.core.request("BYE", c.a.call_id)
    c.gone()
    c = up(w, phone)
    c.a.say("INVITE", sdp("p", P, sdes(), version=2))
    r = c.callee.request("INVITE", c.a.call_id)
    c.callee.answer(r, "200 OK", sdp("far", CORE, audio(50000), version=2))
    c.a.got("INVITE")
    c.a.ack(sdp=sdp("p", P, sdes(key=KEY2), sdes(40400, key=KEY), msrp(P, tls=True)))
    a = w.core.request("ACK", c.a.call_id)
    w.ok(not leaks(a.body, *SECRETS), "an ACK with a description that nobody asked for", a.body)
    ends(w, c, "ACK")
    # long after its end
    w.until(lambda: not w.total(), "the call is forgotten")
    c.a.say("UPDATE", sdp("p", P, sdes(), version=9))
    w.until(lambda: c.a.ua.look(lambda m: m.method == "UPDATE" and m.code >= 300 and m.call_id == c.a.call_id) or
            w.core.look(lambda m: m.method == "UPDATE" and m.call_id == c.a.call_id), "UPDATE")
    got = w.core.look(lambda m: m.method == "UPDATE" and m.call_id == c.a.call_id)
    w.ok(not got or not leaks(got[0].body, *SECRETS), "UPDATE of a call that nobody knows", got[0].body if got else "")
    for m in got:
        w.core.answer(m, "481 Call/Transaction Does Not Exist")


@check
def answered_when_forgotten(w, phone):
    """a phone answers an offer when its call has ended and is forgotten: no key and no address goes on"""
    for method in ("INVITE", "UPDATE"):
        c = up(w, phone, False)
        c.a.say(method, sdp("far", CORE, audio(50100), version=2))
        r = phone.request(method, c.a.call_id)
        c.b.say("BYE")
        c.b.got("BYE")
        w.until(lambda: not w.total(), "the call is forgotten")
        phone.answer(r, "200 OK", sdp("p", P, sdes(), version=2))
        ok = c.a.got(method)
        w.ok(not leaks(ok.body, *SECRETS), "200 to " + method, ok.body)


@check
def challenged(w, phone):
    """407, then the INVITE again with the same Call-ID and tag"""
    c = call(w, phone)
    c.begin(sdp("p", P, sdes()))
    r = c.answer("407 Proxy Authentication Required")
    c.a.ack_refused(r)
    c.a.say("INVITE", sdp("p", P, sdes()))
    c.invite = c.callee.request("INVITE", c.a.call_id)
    c.b = Dialog(c.callee, invite=c.invite)
    c.callee.answer(c.invite, "200 OK", sdp("far", CORE, audio(50000)), tag="tfar")
    ok = c.a.learn(c.a.got("INVITE"))
    c.ack()
    w.ok("crypto:1" in ok.body and w.contexts() == 1, "one context")
    ends(w, c, "challenged", False)


@check
def shapes(w, phone):
    """descriptions as no phone should write them"""
    many = "".join(sdes(41000 + 2 * i) for i in range(20))
    session = "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:%s\r\na=fingerprint:%s\r\na=setup:actpass\r\na=3ge2ae:requested\r\nk=clear:x\r\n" % (KEY, FP)
    huge = sdes() + "".join("a=x-%d:%s\r\n" % (i, "y" * 900) for i in range(20))
    odd = [("20 lines", sdp("p", P, many)), ("session level", sdp("p", P, "m=audio 4000 RTP/SAVP 0\r\n", session=session)),
           ("session level, DTLS", sdp("p", P, "m=audio 4000 UDP/TLS/RTP/SAVPF 0\r\n", session=session)),
           ("huge", sdp("p", P, huge)), ("port 0 with keys", sdp("p", P, sdes(0), sdes())),
           ("upper case", sdp("p", P, sdes().replace("a=crypto", "a=CRYPTO"))), ("upper proto", sdp("p", P, sdes().replace("SAVP", "savp"))),
           ("spaces", sdp("p", P, sdes().replace("a=crypto:1", "a=crypto: 1"))), ("LF", sdp("p", P, sdes()).replace("\r\n", "\n")),
           ("CR alone", sdp("p", P, sdes().replace("a=crypto", "a=x:y\ra=crypto"))),
           ("nul", sdp("p", P, sdes().replace("a=rtpmap:0", "a=rtpmap:0\0"))), ("ports", sdp("p", P, sdes().replace("40000", "40000/2"))),
           ("port 70000", sdp("p", P, sdes(70000))), ("zrtp", sdp("p", P, sdes() + "a=zrtp-hash:1.10 abcdef\r\na=key-mgmt:mikey AQ\r\n")),
           ("csup", sdp("p", P, audio() + "a=tcap:1 RTP/SAVP\r\na=acap:1 crypto:1 AES_CM_128_HMAC_SHA1_80 inline:%s\r\na=pcfg:1 t=1 a=1\r\n" % KEY)),
           ("ssrc", sdp("p", P, sdes() + "a=candidate:1 1 UDP 1 %s 40000 typ host\r\na=ice-pwd:secretpassword\r\na=rtcp:40001 IN IP4 %s\r\n" % (P, P))),
           ("two c=", sdp("p", P, sdes() + "c=IN IP4 %s\r\n" % P)), ("multicast", sdp("p", "224.2.1.1/127", sdes())), ("host", sdp("p", "phone.example", sdes()))]
    for what, body in odd:
        c = call(w, phone)
        c.offer(body)
        w.until(lambda: phone.look(lambda m: m.code >= 300 and m.call_id == c.a.call_id) or
                w.core.look(lambda m: m.method == "INVITE" and m.call_id == c.a.call_id), "what becomes of " + what)
        got = w.core.look(lambda m: m.method == "INVITE" and not m.code and m.call_id == c.a.call_id)
        if got:
            c.arrives()
            bad = leaks(got[0].body.lower(), *[s.lower() for s in SECRETS[:4] + ("m=audio 4", P, KEY, "zrtp", "key-mgmt", "candidate", "ice-", "k=")])
            w.ok(not bad, "%s: goes on without what is secret" % what, " ".join(bad) + "\n" + got[0].body)
            c.a.ack_refused(c.answer("486 Busy Here"))
        else:
            r = c.a.got("INVITE", 300)
            c.a.ack_refused(r)
            w.ok(r.code in (400, 415, 488) or (r.code == 500 and what == "20 lines"), "%s: %d" % (what, r.code), r.text)
        c.gone()


@check
def downgrade(w, phone):
    """answers and later offers that would have it in clear"""
    c = up(w, phone)
    c.b.say("INVITE", sdp("far", CORE, audio(50000), version=3))
    r = phone.request("INVITE", c.a.call_id)
    w.ok("RTP/SAVP" in r.body and "crypto:1" in r.body, "the core offers again: the phone keeps its protection", r.body)
    phone.answer(r, "200 OK", sdp("p", P, audio(), version=3))
    ok = c.b.got("INVITE")
    w.ok("m=audio 0 " in ok.body and P not in ok.body, "which it would answer in clear: port 0", ok.body)
    c.b.ack()
    byes = [phone.request("BYE", c.a.call_id), w.core.request("BYE", c.a.call_id)]
    w.ok(all("Reason: SIP;cause=488" in b.text for b in byes), "and BYE with a Reason to both")
    c.gone()
    c = call(w, phone, False)
    c.begin(sdp("far", CORE, audio(50000)))
    ok = c.answer("200 OK", sdp("p", P, sdes(tag=2, key=KEY2)))
    w.ok("m=audio 0 " in ok.body and KEY2 not in ok.body, "a key of a tag that was not offered: port 0", ok.body)
    c.ack()
    phone.request("BYE", c.a.call_id)
    c.gone()


@check
def full_queue(w, phone):
    """more messages than may wait while no gateway answers"""
    c = up(w, phone)

    def many():
        c.a.say("INVITE", sdp("p", P, sdes(40500), msrp(P, tls=True), version=2))
        w.until(lambda: w.busy() > 0, "an offer that waits")
        for i in range(40):
            c.a.say("UPDATE", sdp("p", P, sdes(40500), version=3))
            c.b.say("UPDATE", sdp("far", CORE, audio(50000), version=3))
        w.until(lambda: w.core.look(lambda m: m.code == 503 and m.call_id == c.a.call_id), "503")
    w.stopped(many)
    r = c.callee.request("INVITE", c.a.call_id)
    c.callee.answer(r, "200 OK", sdp("far", CORE, audio(50000), msrp(CORE, setup="active"), version=2))
    c.a.got("INVITE")
    c.ack()
    w.ok(True, "the offer goes on")
    ends(w, c, "full queue")
