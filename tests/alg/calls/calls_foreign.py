# SPDX-License-Identifier: GPL-2.0-or-later
"""Whose call it is: who knows its Call-ID and tags is not its phone for that."""
from bodies import KEY2, audio, sdes, sdp
from calls_restarts import restart
from checks import P, check, ends, hold
from play import call
from ua import CORE, Dialog, Ua


def refused(w, d, method, what, body=""):
    """What this end says of a call that is not its own."""
    before = w.counter("foreign")
    seq = d.say(method, body)
    r = d.got(method, 300, seq=seq)
    if method == "INVITE":
        d.ack_refused(r)
    w.ok(r.code == 403 and "another user" in r.text, "%s: 403" % what, r.text)
    w.ok(w.counter("foreign") == before + 1, "and it is counted", "%d, %d" % (before, w.counter("foreign")))


def goes_on(w, c, first, ok):
    """Hold, and the end."""
    hold(w, c, first, ok, "the call is as it was")
    ends(w, c, "its own phone")


@check
def others(w, phone):
    """another phone that knows Call-ID and tags can neither move a call nor end it"""
    # without what the trust border knows of dialogs
    restart(w, "border_dialog=flow_from_ue")
    phone.register()
    eve = Ua(w, "eve", "10.1.0.13")
    eve.register()
    c = call(w, phone)
    i, ok = c.up(sdp("p", P, sdes()), sdp("far", CORE, audio(50000)))
    d = Dialog(eve)
    d.__dict__.update(c.a.__dict__)
    # as herself, and by her own Service-Route: ims_flow finds nothing wrong with it
    d.ua, d.last, d.sent, d.local_seq, d.me, d.route = eve, {}, {}, 7, "sip:eve@home1.net", ["<sip:orig@%s:5060;lr>" % CORE]
    for method, body in (("INVITE", sdp("e", eve.address, sdes(key=KEY2), version=2)), ("UPDATE", sdp("e", eve.address, sdes(key=KEY2), version=2)),
                         ("BYE", "")):
        refused(w, d, method, method + " of another phone", body)
    c.b.route, c.b.target = [w.paths[eve.uri()]], eve.uri()
    refused(w, c.b, "INVITE", "re-INVITE of the core to another phone", sdp("far", CORE, audio(50000), version=2))
    w.ok(not w.core.look(lambda m: m.call_id == c.a.call_id and m.method in ("BYE", "UPDATE") and not m.code) and
         not eve.look(lambda m: m.call_id == c.a.call_id and not m.code), "nobody has heard of it")
    goes_on(w, c, i, ok)
    eve.close()
    restart(w)
    phone.register()
