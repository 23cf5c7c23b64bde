# SPDX-License-Identifier: GPL-2.0-or-later
"""Many call attempts at once, each with something random at every step: refused, silent, cancelled, hung up, broken, in
disorder, with gateways that stand still or die; in the end nothing is left. ALG_ATTEMPTS (1,000), ALG_SEED."""
import os
import random
import re
import signal
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from bodies import FP, KEY2, audio, bfcp, dead, msrp, sdes, sdp
from play import answer_for
from ua import CORE, Dialog, Ua
from world import World

ATTEMPTS = int(os.environ.get("ALG_ATTEMPTS", "1000"))
SEED = int(os.environ.get("ALG_SEED", "1"))
AT_ONCE = 25


class Attempt:
    """One call whose ends act at random. Steps are done as messages come, never by waiting."""

    def __init__(self, w, r, phone, n):
        self.w, self.r, self.phone, self.n = w, r, phone, n
        self.from_phone = r.random() < 0.6
        self.caller, self.callee = (phone, w.core) if self.from_phone else (w.core, phone)
        self.d = Dialog(self.caller, "sip:far@home1.net" if self.from_phone else phone.uri())
        if not self.from_phone:
            self.d.route = [w.paths[phone.uri()]]
        self.peer, self.invite, self.done, self.cancelled, self.answered = None, None, False, False, False
        self.d.say("INVITE", "" if r.random() < 0.1 else self.body(self.caller))

    def body(self, ua, version=1):
        ip = ua.address
        if ua is self.w.core:
            kinds = [audio(50000), audio(50000) + msrp(ip, setup="active"), msrp(ip), bfcp(setup="active"), dead("audio", "RTP/AVP")]
        else:
            kinds = [sdes(), sdes(key=KEY2), sdes() + msrp(ip, tls=True), msrp(ip, tls=True, setup="active"), bfcp(tls=True), audio(),
                     msrp(ip, tls=True).replace("a=fingerprint:%s\r\n" % FP, ""), msrp(ip)]
        return sdp("x", ip, self.r.choice(kinds), version=version) if self.r.random() < 0.95 else "v=0\r\nbroken"

    def on_caller(self, m):
        if m.method == "INVITE" and m.code >= 300:
            self.d.ack_refused(m)
            self.done = self.done or m.cseq == "1"
        elif m.method == "INVITE" and m.code >= 200:
            self.d.learn(m)
            if self.r.random() < 0.9:
                self.d.ack(seq=int(m.cseq), sdp=self.body(self.caller) if m.body and self.r.random() < 0.2 else "")
            self.answered = True
            self.after_answer(self.d)
        elif m.code and 100 < m.code < 200 and not self.cancelled and self.r.random() < 0.15:
            self.cancelled = True
            self.d.cancel()

    def after_answer(self, d):
        what = self.r.random()
        if what < 0.25:
            d.say("INVITE", self.body(d.ua, 2))
        elif what < 0.35:
            d.say("UPDATE", self.body(d.ua, 2))
        else:
            d.say("BYE")
            self.done = self.done or self.r.random() < 2

    def on_callee(self, m):
        if m.method == "INVITE" and not m.code:
            again = m.tag("To") != ""
            self.invite = self.invite or m
            if not again:
                self.peer = Dialog(self.callee, invite=m)
            rel = "Require: 100rel\r\nRSeq: 1\r\n" if self.r.random() < 0.4 else ""
            for _ in range(self.r.randrange(3)):
                self.callee.answer(m, self.r.choice(["180 Ringing", "183 Session Progress"]), self.r.choice(["", self.body(self.callee)]),
                                   extra=rel, tag=self.r.choice([None, None, None, "fork"]) if not again else None)
            what = self.r.random()
            if what < 0.6:
                fits = m.body and "v=0" in m.body and self.r.random() < 0.7
                self.callee.answer(m, "200 OK", answer_for(m, self.callee.address) if fits else self.body(self.callee))
                if self.r.random() < 0.2 and self.peer:
                    self.peer.say("BYE")
            elif what < 0.9:
                self.callee.answer(m, self.r.choice(["486 Busy Here", "488 Not Acceptable Here", "603 Decline", "500 Oops"]))
        elif m.method == "CANCEL" and self.invite:
            self.callee.answer(self.invite, "487 Request Terminated")
        elif not m.code and m.method in ("UPDATE", "PRACK"):
            self.callee.answer(m, self.r.choice(["200 OK", "491 Request Pending"]), self.body(self.callee) if m.body else "")

    def hang_up(self):
        """Whatever its state."""
        self.d.say("BYE")
        if not self.answered and not self.cancelled:
            self.d.cancel()


def pump(w, attempts, uas, seen):
    """Give each message that came to its attempt."""
    for ua in uas:
        for m in ua.inbox[seen.get(ua, 0):]:
            a = attempts.get(m.call_id)
            if not a:
                continue
            mine = m.tag("From") == a.d.local_tag
            if m.code:
                (a.on_caller if mine and ua is a.caller else a.on_nothing)(m)
            elif ua is a.callee and mine:
                a.on_callee(m)
            elif not mine and m.method in ("INVITE", "UPDATE"):
                ua.answer(m, "200 OK", a.body(ua))
        seen[ua] = len(ua.inbox)


Attempt.on_nothing = lambda self, m: None


def trouble(w, r):
    """Now and then a gateway stands still for a moment, or dies and comes back."""
    what = r.random()
    n = r.randrange(2)
    if what < 0.01 and n in w.gateways:
        w.gateways[n].send_signal(signal.SIGSTOP)
        w.wire.pump(seconds=0.3)
        w.gateways[n].send_signal(signal.SIGCONT)
    elif what < 0.013 and n in w.gateways:
        w.gateway_kill(n)
        w.gateway(n)


def main():
    w, r = World(sys.argv[1], sys.argv[2]), random.Random(SEED)
    try:
        w.start()
        w.up()
        # ends that never answer are given up soon
        w.rpc("cfg.set_now_int", "tm", "fr_inv_timer", "4000")
        w.rpc("cfg.set_now_int", "tm", "fr_timer", "3000")
        phones = [Ua(w, "p%d" % i, "10.1.0.%d" % (10 + i)) for i in range(8)]
        for p in phones:
            p.register()
        w.until(lambda: not w.tm_live(), "transactions of registration")
        shm, uas, seen, attempts, made = w.shm(), phones + [w.core], {}, {}, 0
        while made < ATTEMPTS or attempts:
            while made < ATTEMPTS and len(attempts) < AT_ONCE:
                a = Attempt(w, r, r.choice(phones), made)
                a.began = time.monotonic()
                attempts[a.d.call_id] = a
                made += 1
            w.wire.pump(seconds=0.02)
            pump(w, attempts, uas, seen)
            trouble(w, r)
            for k, a in list(attempts.items()):
                if a.done or time.monotonic() > a.began + 6:
                    a.hang_up()
                    del attempts[k]
        print("  counters: %s" % " ".join("%s %d" % c for c in sorted(w.counters().items()) if c[1]))
        w.ok(w.counter("calls") >= ATTEMPTS * 0.9, "%d attempts made calls" % ATTEMPTS, str(w.counter("calls")))
        w.nothing_left()
        w.ok(w.wire.pump(lambda: abs(w.shm() - shm) < 300000, 20), "shared memory is as before", "%d, %d" % (shm, w.shm()))
        w.ok(w.ports() == 0, "no port of a gateway is in use", str(w.ports()))
        w.ok(w.kamailio.poll() is None, "the P-CSCF runs")
    finally:
        w.down()
    return w.end()


if __name__ == "__main__":
    sys.exit(main())
