# SPDX-License-Identifier: GPL-2.0-or-later
"""What the checks of calls share: their list, and what holds for many of them."""
from play import leaks

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
