# SPDX-License-Identifier: GPL-2.0-or-later
"""What is offered and answered: the four flows of TR 29.828 5.2.1 and SRTP, early media, forks, further offers."""
import re

from bodies import KEY2, audio, bfcp, dead, msrp, multipart, sdes, sdp
from checks import P, SECRETS, check, secured_towards_core, ends
from play import at, call, leaks
from ua import CORE, Dialog


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
def many_keys(w, phone):
    """eight m-lines of SDES with eight a=crypto each: more than one answer of the gateway over UDP has room for"""
    crypto = "".join("a=crypto:%d AES_CM_128_HMAC_SHA1_80 inline:%s\r\n" % (n, KEY2) for n in range(2, 9))
    voices = [(sdes(40000 + 2 * n) + crypto, audio(50000 + 2 * n)) for n in range(8)]
    c = call(w, phone)
    i, ok = c.up(sdp("p", P, *(v[0] for v in voices)), sdp("far", CORE, *(v[1] for v in voices)))
    secured_towards_core(w, i, "eight voices of the phone")
    w.ok(i.body.count("RTP/AVP") == 8 and "m=audio 0" not in i.body, "the core is offered all of them", i.body)
    keys = re.findall("inline:(\\S+)", ok.body)
    w.ok(ok.body.count("RTP/SAVP") == 8 and "m=audio 0" not in ok.body and len(set(keys)) == 8,
         "the phone is answered with eight keys of the gateway's", ok.body)
    ends(w, c, "eight voices of the phone")
    c = call(w, phone, False)
    i, ok = c.up(sdp("far", CORE, *(v[1] for v in voices)), sdp("p", P, *(sdes(40000 + 2 * n) for n in range(8))))
    w.ok(i.body.count("RTP/SAVP") == 8 and len(set(re.findall("inline:(\\S+)", i.body))) == 8, "eight are offered to the phone", i.body)
    secured_towards_core(w, ok, "eight voices to the phone")
    ends(w, c, "eight voices to the phone", False)


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
