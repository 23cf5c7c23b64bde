# SPDX-License-Identifier: GPL-2.0-or-later
"""Each function once, called from script.js."""
import calls
import selection
from stage import Scscf, check, rpc, state


def chapters():
    selection.policy()
    scscf, a, b = Scscf(), calls.Side("127.0.4.10"), calls.Side("127.0.4.20")
    r = scscf.told(calls.USER, 600)
    check("KSR.vcc.register()", r and r.code == 200 and state(calls.USER) == "registered", r and r.start)
    for wish, chosen in (("ims-only", 1), ("cs-only", 2)):
        rpc("vcc.wish", calls.USER, wish)
        scscf.request("OPTIONS", calls.USER, [("From", "<sip:x@y>;tag=1"), ("To", "<%s>" % calls.USER), ("Call-ID", "o-" + wish), ("CSeq", "1 OPTIONS")])
        r = scscf.expect_reply("OPTIONS")
        check("KSR.vcc.select(): %d" % chosen, r and r.start.endswith("Chosen %d" % chosen), r and r.start)
    scscf.request("NOTIFY", "sip:vcc@127.0.0.6:5060", [
        ("From", "<%s>;tag=m" % calls.USER), ("To", "<sip:vcc@127.0.0.6:5060>;tag=x"), ("Call-ID", "00000001deadbeef"),
        ("CSeq", "1 NOTIFY"), ("Event", "reg"), ("Subscription-State", "active"), ("Contact", "<%s>" % scscf.contact)])
    r = scscf.expect_reply("NOTIFY")
    check("KSR.vcc.notify()", r and r.code == 481, r and r.start)
    check("KSR.vcc.anchor()", calls.begun(a, b) is not None)
    check("KSR.vcc.dialog()", a.bye() == 200 and b.byed())
    a.invite(calls.OTHER, calls.USER, calls.way(b), calls.sdp("a"))
    m = b.rung()
    b.answers(m, 180)
    a.early(180)
    check("KSR.vcc.cancel()", a.cancel().code == 200 and a.refused() == 487)
    p = b.expect(lambda x: x.method == "CANCEL")
    b.reply(p, 200, "OK")
    b.answers(m, 487)
    calls.none_left()
    for p in (scscf, a, b):
        p.sock.close()
