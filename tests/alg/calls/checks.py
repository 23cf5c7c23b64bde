# SPDX-License-Identifier: GPL-2.0-or-later
"""What the checks of calls share: their list, and what holds for many of them."""
from bodies import audio, sdes, sdp
from play import at, leaks
from ua import CORE

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


def hold(w, c, first, ok, what):
    """The phone holds: both ends are told the addresses they know, the phone its key."""
    c.a.say("INVITE", sdp("p", P, sdes() + "a=sendonly\r\n", version=2))
    r = c.callee.request("INVITE", c.a.call_id)
    c.callee.answer(r, "200 OK", sdp("far", CORE, audio(50000, "recvonly"), version=2))
    again = c.a.got("INVITE")
    c.ack()
    key = [l for l in ok.body.split("\r\n") if "inline:" in l][0]
    w.ok(at(r.body) == at(first.body) and at(again.body) == at(ok.body) and key in again.body, what, again.body)
