# SPDX-License-Identifier: GPL-2.0-or-later
"""Each way that a call can go, with a real P-CSCF and real gateways: what comes to the other side, and that nothing is left."""
import os
import re
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from bodies import FP, KEY, KEY2, audio, bfcp, dead, msrp, multipart, sdes, sdp
from play import at, call, leaks
from world import CORE, Dialog, Never, Ua, World

P = "10.1.0.10"
SECRETS = ("3ge2ae", "fingerprint", "crypto", "inline:", "TLS", "SAVP", "msrps", P)
checks = []


def check(f):
    checks.append(f)
    return f


def secured_towards_core(w, i, what):
    w.ok(not leaks(i.body, *SECRETS), what + ": nothing of the access side goes to the core", " ".join(leaks(i.body, *SECRETS)))


def ends(w, c, what, by_caller=True):
    w.ok(c.bye(by_caller).code == 200, what + ": BYE")
    c.gone()


def ends_one(w, c, left, what):
    w.ok(c.bye().code == 200, what)
    w.until(lambda: w.contexts() == left, "contexts")


# ---- the four flows of TR 29.828 5.2.1, and SRTP ----

@check
def flows(w, phone):
    """MSRP and BFCP over TLS, RTP with SDES, begun by the phone and by the core"""
    kinds = {
        "MSRP": (msrp(P, tls=True, requested=True), msrp(CORE, setup="active"), msrp(CORE), msrp(P, tls=True, setup="active"), "message"),
        "BFCP": (bfcp(tls=True, requested=True), bfcp(setup="active"), bfcp(), bfcp(tls=True, setup="active"), "application"),
        "SRTP": (sdes(requested=True), audio(50000), audio(50000), sdes(key=KEY2), "audio"),
    }
    for kind, (up_offer, up_answer, down_offer, down_answer, media) in kinds.items():
        c = call(w, phone)
        i, ok = c.up(sdp("p", P, up_offer), sdp("far", CORE, up_answer))
        secured_towards_core(w, i, kind + " of the phone")
        w.ok(at(i.body, media)[0].startswith("10.0.0.") and at(ok.body, media)[0].startswith("10.1.0."), kind + ": both name the gateway")
        w.ok(("crypto:1" if kind == "SRTP" else "fingerprint:SHA-256") in ok.body and "3ge2ae" not in ok.body and CORE not in ok.body,
             kind + ": the phone is answered protected", ok.body)
        w.ok(w.contexts() == 1, kind + ": one context")
        ends(w, c, kind + " of the phone")
        c = call(w, phone, False)
        i, ok = c.up(sdp("far", CORE, down_offer), sdp("p", P, down_answer))
        w.ok("a=3ge2ae:applied" in i.body and ("crypto:1" if kind == "SRTP" else "fingerprint:SHA-256") in i.body and CORE not in i.body,
             kind + ": the phone is offered it, protected", i.body)
        secured_towards_core(w, ok, kind + " to the phone")
        ends(w, c, kind + " to the phone", False)


@check
def plain(w, phone):
    """a call in clear is relayed; multipart bodies; several m-lines"""
    c = call(w, phone)
    i, ok = c.up(sdp("p", P, audio()), sdp("far", CORE, audio(50000)))
    w.ok("RTP/AVP 0" in i.body and P not in i.body and CORE not in ok.body, "both ends see the gateway alone")
    ends(w, c, "plain")
    c = call(w, phone)
    body = multipart(sdp("p", P, msrp(P, tls=True)))
    c.offer(body, content_type="multipart/mixed;boundary=b1")
    i = c.arrives()
    part = i.body.split("\r\n\r\n", 1)[1].split("\r\n--b1")[0]
    length = int(i.body.split("Content-Length: ")[1].split("\r\n")[0])
    w.ok(not leaks(i.body, *SECRETS) and "Content-ID: <x@y>" in i.body and i.body.endswith("hello\r\n--b1--\r\n"),
         "of a multipart the description changes alone")
    w.ok(len(part) == length and int(i.one("Content-Length")) == len(i.body), "its lengths are right", "%d %d" % (len(part), length))
    c.answer("200 OK", sdp("far", CORE, msrp(CORE, setup="active")))
    c.ack()
    ends(w, c, "multipart")
    c = call(w, phone)
    i, ok = c.up(sdp("p", P, sdes(), msrp(P, tls=True), bfcp(tls=True)), sdp("far", CORE, audio(50000), dead(proto="TCP/MSRP"), bfcp(setup="active")))
    w.ok("m=message 0 " in ok.body and "m=application 0" not in ok.body and w.contexts() == 1, "of three lines one is rejected", ok.body)
    ends(w, c, "three lines")


@check
def offer_in_answer(w, phone):
    """the offer in the 200, its answer in the ACK, both directions"""
    c = call(w, phone)
    c.begin()
    ok = c.answer("200 OK", sdp("far", CORE, audio(50000)))
    w.ok("crypto:1" in ok.body and "3ge2ae:applied" in ok.body and CORE not in ok.body, "the core's offer comes protected", ok.body)
    ack = c.ack(sdp("p", P, sdes(key=KEY2)))
    secured_towards_core(w, ack, "the answer in the ACK")
    w.ok(w.contexts() == 1, "one context")
    ends(w, c, "offer of the core in the 200")
    c = call(w, phone, False)
    c.begin()
    ok = c.answer("200 OK", sdp("p", P, sdes(requested=True)))
    secured_towards_core(w, ok, "the phone's offer in the 200")
    ack = c.ack(sdp("far", CORE, audio(50000)))
    w.ok("crypto:1" in ack.body and CORE not in ack.body, "the answer in the ACK comes protected", ack.body)
    ends(w, c, "offer of the phone in the 200", False)
    c = call(w, phone, False)
    c.begin()
    c.answer("200 OK", sdp("p", P, sdes(requested=True)))
    c.ack()
    byes = [phone.request("BYE", c.a.call_id), w.core.request("BYE", c.a.call_id)]
    w.ok(all("Reason: SIP;cause=" in b.text for b in byes), "an ACK without the answer: BYE with a Reason to both ends")
    c.gone()


@check
def early(w, phone):
    """early media: reliable with PRACK and UPDATE, unreliable with another 200, 4xx after 183"""
    rel = "Require: 100rel\r\nRSeq: 1\r\n"
    c = call(w, phone)
    c.begin(sdp("p", P, sdes()))
    e = c.answer("183 Session Progress", sdp("far", CORE, audio(50000)), extra=rel)
    w.ok("crypto:1" in e.body and w.contexts() == 1, "a reliable 183 is answered protected")
    c.a.say("PRACK", extra="RAck: 1 1 INVITE\r\n")
    c.callee.answer(c.callee.request("PRACK", c.a.call_id), "200 OK")
    c.a.got("PRACK")
    c.a.say("UPDATE", sdp("p", P, sdes(key=KEY2), version=2))
    u = c.callee.request("UPDATE", c.a.call_id)
    secured_towards_core(w, u, "UPDATE in the early dialog")
    c.callee.answer(u, "200 OK", sdp("far", CORE, audio(50004), version=2))
    w.ok("crypto:1" in c.a.got("UPDATE").body, "and its answer")
    c.callee.answer(c.invite, "200 OK")
    c.a.learn(c.a.got("INVITE"))
    c.ack()
    ends(w, c, "reliable early media")
    c = call(w, phone)
    c.begin(sdp("p", P, sdes()))
    one = c.answer("183 Session Progress", sdp("far", CORE, audio(50000)))
    two = c.answer("200 OK", sdp("far", CORE, audio(50010), version=2))
    c.ack()
    w.ok("crypto:1" in one.body and "crypto:1" in two.body and at(one.body) == at(two.body), "a 183 that is not reliable, then another answer")
    ends(w, c, "unreliable early media")
    c = call(w, phone)
    c.begin(sdp("p", P, sdes()))
    c.answer("183 Session Progress", sdp("far", CORE, audio(50000)))
    r = c.answer("486 Busy Here")
    c.a.ack_refused(r)
    w.ok(r.code == 486, "486 after 183")
    c.gone()


@check
def forks(w, phone):
    """two callees answer one INVITE: the first shows media, the second takes the call; two 200"""
    c = call(w, phone)
    c.begin(sdp("p", P, sdes()))
    one = c.answer("183 Session Progress", sdp("far", CORE, audio(50000)), tag="one")
    two = c.answer("183 Session Progress", sdp("far", CORE, audio(50020)), tag="two")
    w.ok(at(one.body) == at(two.body) and "crypto:1" in two.body, "both show the phone the same leg")
    ok = c.answer("200 OK", sdp("far", CORE, audio(50020)), tag="two")
    c.ack()
    w.ok(at(ok.body) == at(one.body) and w.contexts() == 1, "the 200 of the second is in force, one context")
    late = c.answer("200 OK", sdp("far", CORE, audio(50000)), tag="one")
    w.ok(at(late.body) == at(one.body) and CORE not in late.body, "a second 200 names the gateway, too")
    d = Dialog(phone)
    d.__dict__.update(c.a.__dict__)
    d.learn(late)
    d.ack(seq=1)
    c.callee.request("ACK", c.a.call_id)
    d.say("BYE")
    w.ok(d.got("BYE", tag="one").code == 200 and w.contexts() == 1, "BYE of one of the two leaves the call alone")
    d.learn(ok)
    d.say("BYE")
    w.ok(d.got("BYE", tag="two").code == 200, "and that of the other ends it")
    c.gone()


@check
def again(w, phone):
    """re-INVITE accepted, refused, as a refresh; crossing offers"""
    c = call(w, phone)
    i, ok = c.up(sdp("p", P, sdes()), sdp("far", CORE, audio(50000)))
    c.a.say("INVITE", sdp("p", P, sdes() + "a=sendonly\r\n", version=2))
    r = c.callee.request("INVITE", c.a.call_id)
    secured_towards_core(w, r, "re-INVITE of the phone")
    w.ok(at(r.body) == at(i.body) and "a=sendonly" in r.body, "hold keeps the address")
    c.callee.answer(r, "200 OK", sdp("far", CORE, audio(50000, "recvonly"), version=2))
    h = c.a.got("INVITE")
    c.ack()
    w.ok(at(h.body) == at(ok.body) and "a=recvonly" in h.body, "and its answer")
    asked = w.asked(c.a.call_id)
    c.a.say("INVITE", sdp("p", P, sdes() + "a=sendonly\r\n", version=2))
    r2 = c.callee.request("INVITE", c.a.call_id)
    c.callee.answer(r2, "200 OK", sdp("far", CORE, audio(50000, "recvonly"), version=2))
    h2 = c.a.got("INVITE")
    c.ack()
    w.ok(r2.body == r.body and h2.body == h.body and w.asked(c.a.call_id) == asked and asked > 0, "a refresh: the same bodies, nothing for the gateway")
    c.b.say("INVITE", sdp("far", CORE, audio(50008), msrp(CORE), version=3))
    r = c.caller.request("INVITE", c.a.call_id)
    w.ok("m=message" in r.body and "fingerprint" in r.body, "the core adds a chat: the phone is offered it over TLS", r.body)
    c.caller.answer(r, "488 Not Acceptable Here")
    w.ok(c.b.got("INVITE", 300).code == 488, "which it refuses")
    c.b.ack_refused(c.b.got("INVITE", 300))
    c.b.say("INVITE", sdp("far", CORE, audio(50000, "recvonly"), version=4))
    r = c.caller.request("INVITE", c.a.call_id)
    w.ok(at(r.body) == at(ok.body), "all is as it was before")
    c.a.say("UPDATE", sdp("p", P, sdes(), version=5))
    w.ok(c.a.got("UPDATE", 300).code == 491, "an offer that crosses an open one gets 491")
    c.caller.answer(r, "200 OK", sdp("p", P, sdes() + "a=sendonly\r\n", version=5))
    c.b.got("INVITE")
    c.b.ack()
    c.caller.request("ACK", c.a.call_id)
    ends(w, c, "re-INVITEs", False)


# ---- what cannot be had ----

@check
def bad_answers(w, phone):
    """answers that cannot be used: never plaintext, never silence"""
    c = call(w, phone, False)
    c.begin(sdp("far", CORE, audio(50000)))
    ok = c.answer("200 OK", sdp("p", P, audio()))
    w.ok("m=audio 0 " in ok.body and P not in ok.body, "the phone answers AVP where SAVP was offered: port 0 to the core", ok.body)
    c.ack()
    byes = [phone.request("BYE", c.a.call_id), w.core.request("BYE", c.a.call_id)]
    w.ok(all("Reason: SIP;cause=488" in b.text for b in byes), "and BYE with a Reason to both", byes[0].text)
    c.gone()
    c = call(w, phone)
    c.begin(sdp("p", P, sdes(), msrp(P, tls=True)))
    ok = c.answer("200 OK", sdp("far", CORE, audio(50000), "m=message 7777 TCP/MSRP *\r\na=setup:active\r\n"))
    c.ack()
    w.ok("m=message 0 " in ok.body and "crypto" in ok.body, "the core answers a chat without path: port 0 for the chat, the voice goes on")
    ends(w, c, "one of two lines bad")
    c = call(w, phone, False)
    c.begin(sdp("far", CORE, msrp(CORE)))
    c.callee.answer(c.invite, "183 Session Progress", sdp("p", P, msrp(P)), extra="Require: 100rel\r\nRSeq: 1\r\n")
    r = c.a.got("INVITE", 300)
    c.a.ack_refused(r)
    w.ok(r.code == 488 and "Warning: 399" in r.text, "a bad reliable 183: 488 with a Warning to the core", r.text)
    w.ok(phone.request("CANCEL", c.a.call_id), "and CANCEL to the phone")
    w.ok(not c.a.ua.look(lambda m: m.code == 183 and m.call_id == c.a.call_id), "which the core has not seen")
    c.callee.answer(c.invite, "487 Request Terminated")
    c.gone()


@check
def refused_offers(w, phone):
    """offers that cannot be had, bodies that cannot be read"""
    for what, body, kw, code in (
            ("TLS without a fingerprint", sdp("p", P, msrp(P, tls=True).replace("a=fingerprint:%s\r\n" % FP, "")), {}, 488),
            ("SAVP without a key", sdp("p", P, "m=audio 4000 RTP/SAVP 0\r\n"), {}, 488),
            ("no description at all", "hello", {}, 400),
            ("two descriptions", "--b1\r\nContent-Type: application/sdp\r\n\r\n%s\r\n--b1\r\nContent-Type: application/sdp\r\n\r\n%s\r\n--b1--\r\n" % (
                (sdp("p", P, audio()),) * 2), {"content_type": "multipart/mixed;boundary=b1"}, 400),
            ("a compressed body", "xxxx", {"extra": "Content-Encoding: gzip\r\n"}, 415)):
        c = call(w, phone)
        c.offer(body, **kw)
        r = c.a.got("INVITE", 300)
        c.a.ack_refused(r)
        w.ok(r.code == code and "Warning: 399" in r.text, "%s: %d with a Warning" % (what, code), r.text)
    c = call(w, phone)
    i = c.begin(sdp("p", P, sdes(), msrp(P, tls=True).replace("a=fingerprint:%s\r\n" % FP, "")))
    w.ok("m=message 0 " in i.body and "m=audio 0" not in i.body, "one bad line of two: port 0 for it alone")
    r = c.answer("486 Busy Here")
    c.a.ack_refused(r)
    c.gone()


# ---- the ends of calls ----

@check
def cancels(w, phone):
    """CANCEL at each moment"""
    c = call(w, phone)
    w.stopped(lambda: (c.offer(sdp("p", P, sdes())), w.until(lambda: w.waiting() > 0, "waiting"), c.a.cancel(), c.a.got("INVITE", 300)))
    r = c.a.got("INVITE", 300)
    c.a.ack_refused(r)
    w.ok(r.code == 487, "while the INVITE waits for the gateway")
    c.gone()
    w.ok(not w.core.look(lambda m: m.method == "INVITE" and m.call_id == c.a.call_id), "the core has heard nothing of it")
    for what, before in (("after 180", ("180 Ringing", "")), ("after 183 with an answer", ("183 Session Progress", sdp("far", CORE, audio(50000))))):
        c = call(w, phone)
        c.begin(sdp("p", P, sdes()))
        c.answer(before[0], before[1])
        c.a.cancel()
        c.callee.request("CANCEL", c.a.call_id)
        c.callee.answer(c.invite, "487 Request Terminated")
        r = c.a.got("INVITE", 300)
        c.a.ack_refused(r)
        w.ok(r.code == 487, what)
        c.gone()
    c = call(w, phone)
    c.begin(sdp("p", P, sdes()))
    c.answer("180 Ringing")
    c.a.cancel()
    c.callee.request("CANCEL", c.a.call_id)
    ok = c.answer("200 OK", sdp("far", CORE, audio(50000)))
    c.ack()
    w.ok(ok.code == 200 and "crypto:1" in ok.body, "the 200 was faster")
    ends(w, c, "and its BYE")
    c = call(w, phone, False)
    c.begin(sdp("far", CORE, audio(50000)))
    w.stopped(lambda: (c.callee.answer(c.invite, "183 Session Progress", sdp("p", P, sdes())), w.until(lambda: w.busy() > 0, "an answer that waits"),
                       c.a.cancel(), c.callee.request("CANCEL", c.a.call_id), c.callee.answer(c.invite, "487 Request Terminated")))
    r = c.a.got("INVITE", 300)
    c.a.ack_refused(r)
    w.ok(r.code == 487, "while an answer waits for the gateway")
    c.gone()


@check
def crossings(w, phone):
    """crossing BYEs, answers that overtake, messages again"""
    c = call(w, phone)
    c.up(sdp("p", P, sdes()), sdp("far", CORE, audio(50000)))
    c.a.say("BYE")
    c.b.say("BYE")
    w.ok(c.a.got("BYE").code == 200 and c.b.got("BYE").code == 200, "both say BYE")
    c.gone()
    c = call(w, phone)
    c.begin(sdp("p", P, sdes()))
    w.stopped(lambda: (c.callee.answer(c.invite, "183 Session Progress", sdp("far", CORE, audio(50000))),
                       w.until(lambda: w.busy() > 0, "an answer that waits"), c.callee.answer(c.invite, "486 Busy Here")))
    r = c.a.got("INVITE", 300)
    c.a.ack_refused(r)
    w.ok(r.code == 486, "486 while the 183 waits for the gateway")
    c.gone()
    c = call(w, phone)
    c.begin(sdp("p", P, sdes()))

    def both():
        c.callee.answer(c.invite, "183 Session Progress", sdp("far", CORE, audio(50000)), extra="Require: 100rel\r\nRSeq: 1\r\n")
        w.until(lambda: w.busy() > 0, "an answer that waits")
        c.callee.answer(c.invite, "200 OK", sdp("far", CORE, audio(50000)))
    w.stopped(both)
    ok = c.a.learn(c.a.got("INVITE", 200))
    c.ack()
    w.ok("crypto:1" in ok.body, "200 while the 183 waits for the gateway")
    c.callee.answer(c.invite, "200 OK", sdp("far", CORE, audio(50000)))
    w.until(lambda: len([m for m in phone.inbox if m.code == 200 and m.call_id == c.a.call_id]) == 2, "the 200 again")
    twice = [m for m in phone.inbox if m.code == 200 and m.call_id == c.a.call_id]
    w.ok(twice[0].body == twice[1].body, "the 200 again: the same body")
    ends(w, c, "in disorder")


@check
def late_200(w, phone):
    """a 200 again when its transaction has gone"""
    c = call(w, phone)
    _, ok = c.up(sdp("p", P, sdes()), sdp("far", CORE, audio(50000)))
    w.until(lambda: not w.tm_live(), "transactions are left")
    before = len(phone.inbox)
    c.callee.answer(c.invite, "200 OK", sdp("far", CORE, audio(50000)))
    w.until(lambda: len(phone.inbox) > before, "the 200 again")
    w.ok(phone.inbox[-1].body == ok.body, "it comes with the same body", phone.inbox[-1].body)
    ends(w, c, "late 200")


@check
def silence(w, phone):
    """nobody answers; nobody says BYE"""
    c = call(w, phone)
    c.begin(sdp("p", P, sdes()))
    w.rpc("cfg.set_now_int", "tm", "fr_inv_timer", "1000")
    c.answer("180 Ringing")
    c2 = call(w, phone)
    c2.begin(sdp("p", P, sdes()))
    c2.answer("180 Ringing")
    w.rpc("cfg.set_now_int", "tm", "fr_inv_timer", "120000")
    for x in (c, c2):
        if x is c:
            x.a.cancel()
            x.callee.request("CANCEL", x.a.call_id)
            x.callee.answer(x.invite, "487 Request Terminated")
        r = x.a.got("INVITE", 300)
        x.a.ack_refused(r)
        w.ok(r.code == (487 if x is c else 408), "%d, and nothing is left" % r.code)
    c2.callee.answer(c2.callee.request("CANCEL", c2.a.call_id), "200 OK")
    c2.callee.answer(c2.invite, "487 Request Terminated")
    c.gone()


@check
def two_legs(w, phone):
    """a phone calls another one of the same P-CSCF: two calls of one Call-ID, kept apart"""
    bob = Ua(w, "bob", "10.1.0.11")
    bob.register()
    c = call(w, phone)
    i = c.begin(sdp("p", P, sdes()))
    # the core sends it on, to the second phone
    onward = "INVITE %s SIP/2.0\r\nVia: SIP/2.0/UDP %s:5060;branch=z9hG4bKonward%s\r\n" % (bob.uri(), CORE, c.a.local_tag)
    onward += "".join("Via: %s\r\n" % v for v in i.all("Via"))
    onward += "Max-Forwards: 60\r\nRoute: %s\r\n" % w.paths[bob.uri()]
    onward += "".join("Record-Route: %s\r\n" % r for r in ["<sip:%s:5060;lr>" % CORE] + i.routes())
    onward += "".join("%s: %s\r\n" % (n, i.one(n)) for n in ("From", "To", "Call-ID", "CSeq", "Contact"))
    w.core.send(onward + "Content-Type: application/sdp\r\nContent-Length: %d\r\n\r\n%s" % (len(i.body), i.body))
    j = bob.request("INVITE", c.a.call_id)
    w.ok("crypto:1" in j.body and KEY not in j.body and w.contexts() == 2, "two contexts; the second phone gets a key of its own")
    bob.answer(j, "200 OK", sdp("b", "10.1.0.11", sdes(key=KEY2)))
    back = w.core.wait(lambda m: m.code == 200 and m.call_id == c.a.call_id, "200 at the core")
    secured_towards_core(w, back, "between the two")
    via = "\r\n".join("Via: " + v for v in back.all("Via")[1:])
    head = "\r\n".join(l for l in back.head.split("\r\n") if not l.startswith("Via:"))
    w.core.send(head.replace("SIP/2.0 200 OK", "SIP/2.0 200 OK\r\n" + via, 1) + "\r\n\r\n" + back.body)
    ok = c.a.learn(c.a.got("INVITE"))
    w.ok("crypto:1" in ok.body and KEY2 not in ok.body, "the first phone is answered protected")
    d = Dialog(bob, invite=j)
    d.say("BYE")
    bye = w.core.request("BYE", c.a.call_id)
    w.until(lambda: w.contexts() == 1, "one of two contexts")
    w.ok(True, "BYE on the second leg frees that one alone")
    w.core.answer(bye, "200 OK")
    c.a.say("BYE")
    c.a.got("BYE")
    c.gone()
    bob.close()


@check
def moves(w, phone):
    """a phone takes its call to another access network: one context, another termination, other keys, the far end's body unchanged"""
    c = call(w, phone)
    i, ok = c.up(sdp("p", P, sdes(), msrp(P, tls=True)), sdp("far", CORE, audio(50000), msrp(CORE, setup="active")))
    used = [n for n in (0, 1) if w.contexts(n)][0]
    before = re.findall(r"ip/\w+/\d+", w.agw(used, "list"))
    there = Ua(w, "alice", "10.2.0.10")
    there.register()
    d = Dialog(there)
    d.__dict__.update(c.a.__dict__)
    d.ua = there
    d.say("INVITE", sdp("p", there.address, sdes(key=KEY2), msrp(there.address, tls=True), version=2))
    r = c.callee.request("INVITE", c.a.call_id)
    w.ok(r.body == i.body, "the far end is offered what it has", r.body)
    c.callee.answer(r, "200 OK", sdp("far", CORE, audio(50000), msrp(CORE, setup="active")))
    again = d.got("INVITE", seq=d.local_seq)
    d.ack()
    c.callee.request("ACK", c.a.call_id)
    key = [l for l in ok.body.split("\r\n") if "inline:" in l]
    w.ok(at(again.body)[0].startswith("10.2.0.") and key[0] not in again.body and "inline:" in again.body,
         "the phone has an address of its new network, and another key of ours", again.body)
    w.ok(w.contexts() == 1, "one context")
    w.until(lambda: w.agw(used, "list").count("ip/") == 2, "two terminations")
    after = re.findall(r"ip/\w+/\d+", w.agw(used, "list"))
    w.ok(len(set(before) & set(after)) == 1 and "core" in (set(before) & set(after)).pop(), "that of the core stayed, that of the old access is gone",
         "%s %s" % (before, after))
    d.say("BYE")
    w.ok(d.got("BYE").code == 200, "BYE over the new access")
    c.gone()
    there.close()
    phone.register()


@check
def media_for_rules(w, phone):
    """where the media go, as $alg() tells it to who makes rules for them"""
    c = call(w, phone)
    i = c.begin(sdp("p", P, sdes(40010), msrp(P, tls=True)))
    line = "media of %s: 2 lines, rtp 17 %s:40010 10.1.0." % (c.a.call_id, P)
    w.until(lambda: w.log_has(line), "$alg() in the log")
    w.ok(w.log_has(", msrp 6 " + P), "the second line, over TCP")
    c.a.ack_refused(c.answer("486 Busy Here"))
    c.gone()


# ---- gateways ----

@check
def no_gateway(w, phone):
    """no gateway, then one that dies in mid-call"""
    c = call(w, phone)
    c.up(sdp("p", P, sdes()), sdp("far", CORE, audio(50000)))
    c2 = call(w, phone)
    c2.begin(sdp("p", P, sdes()))
    c2.answer("183 Session Progress", sdp("far", CORE, audio(50000)))
    used = [n for n in (0, 1) if w.contexts(n)]
    for n in used:
        w.gateway_kill(n)
    byes = [phone.request("BYE", c.a.call_id), w.core.request("BYE", c.a.call_id)]
    w.ok(all("Reason: SIP;cause=503" in b.text for b in byes), "the gateway of a call dies: BYE with a Reason to both", byes[0].text)
    r = c2.a.got("INVITE", 300)
    c2.a.ack_refused(r)
    w.ok(r.code in (500, 503) and "Reason: Q.850;cause=47" in r.text, "an early call is refused", r.text)
    c2.callee.request("CANCEL", c2.a.call_id)
    c2.callee.answer(c2.invite, "487 Request Terminated")
    for n in (0, 1):
        if n in w.gateways:
            w.gateway_kill(n)
    w.until(lambda: w.rpc("alg.gateways").count("state: down") == 2, "both are down")
    c = call(w, phone)
    c.offer(sdp("p", P, sdes()))
    r = c.a.got("INVITE", 300)
    c.a.ack_refused(r)
    w.ok(r.code == 503 and "Retry-After:" in r.text, "no gateway: 503 with Retry-After", r.text)
    w.up()
    c = call(w, phone)
    c.up(sdp("p", P, sdes()), sdp("far", CORE, audio(50000)))
    ends(w, c, "the gateways are there again")


# ---- who has announced what ----

def restart(w, *defines):
    w.stop()
    w.start(*defines)
    w.until(lambda: w.rpc("alg.gateways").count("state: up") == 2, "both gateways")


def registered(w, name, address, *media):
    ua = Ua(w, name, address)
    got = ua.register("".join("Security-Client: %s;mediasec\r\n" % m for m in media) + ("Proxy-Require: mediasec\r\n" if media else ""))
    return ua, got


@check
def announced(w, phone):
    """e2ae for those who announced it at registration, each mechanism by itself"""
    restart(w, "ANNOUNCED")
    phone.register()
    chat, got = registered(w, "chat", "10.1.0.12", "msrp-tls", "bfcp-tls")
    w.ok(got.one("Security-Server") == "sdes-srtp;mediasec, msrp-tls;mediasec, bfcp-tls;mediasec", "the P-CSCF says what it can", got.text)
    q = chat.address
    c = call(w, phone)
    c.offer(sdp("p", P, sdes(requested=True)))
    r = c.a.got("INVITE", 300)
    c.a.ack_refused(r)
    w.ok(r.code == 488 and "not announced" in r.text, "e2ae that was not announced is refused", r.text)
    c = call(w, phone)
    i, ok = c.up(sdp("p", P, sdes()), sdp("far", CORE, sdes(50000, KEY2)))
    w.ok("SAVP" in i.body and KEY in i.body and KEY2 in ok.body and P not in i.body, "SDES that nobody asks to end passes end to end")
    ends(w, c, "end to end")
    c = call(w, phone, False)
    i, ok = c.up(sdp("far", CORE, audio(50000)), sdp("p", P, audio()))
    w.ok("RTP/AVP" in i.body and "3ge2ae" not in i.body, "who announced nothing is offered nothing")
    ends(w, c, "plain", False)
    c = call(w, chat)
    i, ok = c.up(sdp("c", q, msrp(q, tls=True, requested=True)), sdp("far", CORE, msrp(CORE, setup="active")))
    w.ok("TCP/MSRP" in i.body and not leaks(i.body, *SECRETS), "who announced msrp-tls has it")
    ends(w, c, "chat of the phone")
    c = call(w, chat, False)
    i, ok = c.up(sdp("far", CORE, audio(50000), msrp(CORE), bfcp()), sdp("c", q, audio(), msrp(q, tls=True, setup="active"), bfcp(tls=True, setup="active")))
    w.ok("RTP/AVP" in i.body and "TCP/TLS/MSRP" in i.body and "TCP/TLS/BFCP" in i.body and i.body.count("3ge2ae:applied") == 2,
         "chat and floor control are offered over TLS, voice is not", i.body)
    ends(w, c, "three kinds", False)
    chat.register("Security-Client: bfcp-tls;mediasec\r\n")
    c = call(w, chat, False)
    i = c.begin(sdp("far", CORE, msrp(CORE)))
    w.ok("TCP/MSRP" in i.body, "a new registration that announces less counts")
    c.a.ack_refused(c.answer("486 Busy Here"))
    c.gone()
    chat.close()


@check
def unprotected(w, phone):
    """keys over signalling that nobody protects are not taken"""
    restart(w, "ANNOUNCED", "PROTECTED")
    chat, _ = registered(w, "chat", "10.1.0.12", "msrp-tls", "sdes-srtp")
    c = call(w, chat)
    c.offer(sdp("c", chat.address, sdes(requested=True)))
    r = c.a.got("INVITE", 300)
    c.a.ack_refused(r)
    w.ok(r.code == 488 and "protected signalling" in r.text, "488 says so", r.text)
    chat.close()
    restart(w)
    phone.register()


def killed(w):
    """kill -9 of all its processes, and the start of another one."""
    w.kill()
    w.start("STATE")
    w.until(lambda: w.rpc("alg.gateways").count("state: up") == 2, "both gateways")


@check
def outlives(w, phone):
    """calls outlive a kill -9 of the P-CSCF, and what was not agreed yet leaves nothing"""
    restart(w, "STATE")
    phone.register()
    c, d, e = call(w, phone), call(w, phone, False), call(w, phone)
    i, ok = c.up(sdp("p", P, sdes()), sdp("far", CORE, audio(50000)))
    d.up(sdp("far", CORE, msrp(CORE)), sdp("p", P, msrp(P, tls=True, setup="active")))
    e.begin(sdp("p", P, sdes()))
    e.answer("183 Session Progress", sdp("far", CORE, audio(50000)))
    with open(w.dir + "/state/ims_alg/00000000000fffff.call", "w") as f:
        f.write("nonsense")
    killed(w)
    w.ok(not os.path.exists(f.name), "a file that cannot be read is removed")
    w.ok(w.total() == 2, "two calls are known again, the early one is not", str(w.total()))
    w.until(lambda: w.contexts() == 2, "two contexts")
    w.ok(w.counter("contexts_lost") == 0, "its context is subtracted, theirs are kept")
    c.a.say("INVITE", sdp("p", P, sdes() + "a=sendonly\r\n", version=2))
    r = c.callee.request("INVITE", c.a.call_id)
    c.callee.answer(r, "200 OK", sdp("far", CORE, audio(50000, "recvonly"), version=2))
    again = c.a.got("INVITE")
    c.ack()
    key = [l for l in ok.body.split("\r\n") if "inline:" in l][0]
    w.ok(at(r.body) == at(i.body) and at(again.body) == at(ok.body) and key in again.body, "hold: the same addresses, the same key", again.body)
    ends_one(w, d, 1, "BYE after the restart")
    killed(w)
    w.ok(w.total() == 1 and w.contexts() == 1, "after another one the call that is left is known")
    used = [n for n in (0, 1) if w.contexts(n)][0]
    w.gateway_kill(used)
    byes = [phone.request("BYE", c.a.call_id), w.core.request("BYE", c.a.call_id)]
    w.ok(all("Reason: SIP;cause=503" in b.text for b in byes), "its gateway dies: BYE to both ends")
    w.gateway(used)
    w.until(lambda: not w.total(), "calls")
    w.ok(not [f for f in os.listdir(w.dir + "/state/ims_alg") if not f.endswith(".mark")], "no file is left")
    w.until(lambda: w.rpc("alg.gateways").count("state: up") == 2, "both gateways")


@check
def both_die(w, phone):
    """P-CSCF and gateway die together: who is there is told when they are back"""
    restart(w, "STATE")
    phone.register()
    c = call(w, phone)
    c.up(sdp("p", P, sdes()), sdp("far", CORE, audio(50000)))
    for n in (0, 1):
        w.gateway_kill(n)
    w.kill()
    w.up_gateways()
    w.start("STATE")
    byes = [phone.request("BYE", c.a.call_id), w.core.request("BYE", c.a.call_id)]
    w.ok(all("Reason: SIP;cause=503" in b.text for b in byes), "BYE with a Reason to both ends", byes[0].text)
    w.until(lambda: w.rpc("alg.gateways").count("state: up") == 2, "both gateways")
    c.gone()
    restart(w)
    phone.register()


def main():
    w = World(sys.argv[1], sys.argv[2])
    only = sys.argv[3:]
    try:
        w.start()
        w.up()
        phone = Ua(w, "alice", P)
        w.ok(phone.register().code == 200, "a phone registers")
        for f in checks:
            if only and f.__name__ not in only:
                continue
            print("%s: %s" % (f.__name__, f.__doc__), flush=True)
            try:
                f(w, phone)
            except (Never, AssertionError) as e:
                w.ok(False, f.__name__, "never: %s" % e)
                print(w.stories())
        w.nothing_left()
    finally:
        w.down()
    return w.end()


if __name__ == "__main__":
    sys.exit(main())
