# SPDX-License-Identifier: GPL-2.0-or-later
"""Descriptions by which somebody would have the gateway do what it is not there for."""
from bodies import audio, msrp, sdes, sdp
from checks import P, check, secured_towards_core
from play import at, call
from ua import CORE


@check
def refusals_with_descriptions(w, phone):
    """an answer of 488 that says what could have been had: no key and no address goes to the other side"""
    c = call(w, phone, False)
    c.begin(sdp("far", CORE, audio(50000)))
    r = c.answer("488 Not Acceptable Here", sdp("p", P, sdes()))
    c.a.ack_refused(r)
    w.ok(r.code == 488 and not r.body, "of the phone", r.text)
    secured_towards_core(w, r, "of the phone")
    c.gone()
    c = call(w, phone)
    c.begin(sdp("p", P, sdes()))
    r = c.answer("488 Not Acceptable Here", sdp("far", CORE, audio(50000)))
    c.a.ack_refused(r)
    w.ok(r.code == 488 and CORE not in r.body, "of the core", r.text)
    c.gone()


@check
def to_the_gateway_itself(w, phone):
    """a phone gives the gateway's address as its own, of its own call or another one: media do not go round for ever"""
    for what, further in (("its own port", 0), ("another one's port", 2)):
        c = call(w, phone)
        ok = c.up(sdp("p", P, audio()), sdp("far", CORE, audio(50000)))[1]
        ip, port = at(ok.body)
        c.a.say("INVITE", sdp("p", ip, audio(port + further), version=2))
        r = c.callee.request("INVITE", c.a.call_id)
        c.callee.answer(r, "200 OK", sdp("far", CORE, audio(50000), version=2))
        again = c.a.got("INVITE")
        c.ack()
        w.ok("m=audio 0 " in again.body, "re-INVITE to the gateway, %s: port 0" % what, again.body)
        byes = [phone.request("BYE", c.a.call_id), w.core.request("BYE", c.a.call_id)]
        w.ok(all("Reason: " in b.text for b in byes), "and BYE with a Reason to both", byes[0].text)
        c.gone()
    c = call(w, phone)
    c.offer(sdp("p", ip, audio(port)))
    r = c.a.got("INVITE", 300)
    c.a.ack_refused(r)
    w.ok(r.code == 500 and w.contexts() == 0, "INVITE to the gateway's address: 500, and no context", r.text)
    w.ok(not w.core.look(lambda m: m.method == "INVITE" and m.call_id == c.a.call_id), "the core has heard nothing of it")


@check
def to_the_gateways_host(w, phone):
    """a phone that would have the gateway connect to its own host: 488, nothing is reserved"""
    for what, body in (("a chat", msrp("127.0.0.1", tls=True, setup="passive")), ("voice", sdes()),
                       ("several hosts", sdes().replace("m=audio", "m=video"))):
        c = call(w, phone)
        c.offer(sdp("p", "224.0.0.9" if what == "several hosts" else "127.0.0.1", body))
        r = c.a.got("INVITE", 300)
        c.a.ack_refused(r)
        w.ok(r.code == 488 and "no IP address" in r.text, "%s: 488 with a Warning" % what, r.text)
    w.ok(w.contexts() == 0, "no context")
