# SPDX-License-Identifier: GPL-2.0-or-later
"""Many call attempts at once, each with something random at every step: refused, silent, cancelled, hung up, broken, forked, in
disorder, over lines that lose SIP and H.248, with gateways that refuse, stand still or die, and a P-CSCF that is killed. Each gets
an answer, nothing of the access side comes to the core, and in the end nothing is left. ALG_ATTEMPTS (1,000), ALG_SEED."""
import os
import random
import re
import signal
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from attempt import Agenda, Attempt, BadLine
from bodies import sdes, sdp
from h248_line import Line
from ua import CORE, Dialog
from world import World

ATTEMPTS = int(os.environ.get("ALG_ATTEMPTS", "1000"))
SEED = int(os.environ.get("ALG_SEED", "1"))
AT_ONCE, PHONES = int(os.environ.get("ALG_AT_ONCE", "100")), 8
# Behind this part of the attempts the P-CSCF is not killed any more, and its shared memory has to stay as it is.
KILLS_UNTIL = 0.7
STOPPED_S = 0.3


class Play:
    def __init__(self, w):
        self.w, self.r, self.agenda, self.attempts = w, random.Random(SEED), Agenda(), {}
        self.made = self.kills = self.gateway_kills = 0
        self.faults, self.shm = [], 0
        w.core.close()
        w.core = BadLine(w, self.r, self.attempts, "far", CORE)
        w.line_of = lambda n: Line(SEED + n, n)

    def start(self):
        self.w.start("STATE", "DEFAULT_TIMES")
        # ends that never answer are given up soon
        self.w.rpc("cfg.set_now_int", "tm", "fr_inv_timer", "4000")
        self.w.rpc("cfg.set_now_int", "tm", "fr_timer", "10000")

    def trouble(self):
        """Now and then a gateway stands still for a moment, or dies and comes back, or the P-CSCF does."""
        what, n = self.r.random(), self.r.randrange(2)
        if what < 0.01:
            self.w.gateways[n].send_signal(signal.SIGSTOP)
            self.agenda.after(STOPPED_S, lambda g=self.w.gateways[n]: g.send_signal(signal.SIGCONT))
        elif what < 0.012:
            self.gateway_kills += 1
            self.w.gateway_kill(n)
            self.w.gateway(n)
        elif what < 0.0125 and self.made < ATTEMPTS * KILLS_UNTIL:
            self.kills += 1
            for a in self.attempts.values():
                a.killed = True
            self.w.kill()
            self.start()

    def reap(self):
        for k, a in list(self.attempts.items()):
            if a.is_over():
                self.faults += a.faults
                for text in a.faults[:1] if len(self.faults) < 20 else []:
                    print("  fault: " + text.replace("\r", ""), flush=True)
                del self.attempts[k]

    def run(self):
        while self.made < ATTEMPTS or self.attempts:
            while self.made < ATTEMPTS and len(self.attempts) < AT_ONCE:
                a = Attempt(self.w, self.r, self.agenda, self.r.choice(self.phones))
                self.attempts[a.call_id] = a
                a.begin()
                self.made += 1
                self.trouble()
                if self.made % 5000 == 0:
                    print("  %d attempts, %d faults, shared memory %d" % (self.made, len(self.faults), self.w.shm()), flush=True)
            self.w.wire.pump(seconds=0.01)
            self.agenda.run()
            self.reap()

    def begin(self):
        self.start()
        self.w.up()
        self.phones = [BadLine(self.w, self.r, self.attempts, "p%d" % i, "10.1.0.%d" % (10 + i)) for i in range(PHONES)]
        for p in self.phones:
            p.register()
        for end in self.phones + [self.w.core]:
            end.bad = True
        self.w.until(lambda: not self.w.tm_live(), "transactions of registration")
        self.shm = self.w.shm()


def denied_add(p):
    """With nothing else going on: a gateway carries out an Add, and who asked for it hears that it did not."""
    w = p.w
    for end in p.phones + [w.core]:
        end.bad = False
    for line in w.lines.values():
        line.denies = True
    phone = p.phones[0]
    phone.came = phone.inbox.append
    d = Dialog(phone, "sip:far@home1.net")
    d.say("INVITE", sdp("x", phone.address, sdes()))
    d.ack_refused(d.got("INVITE", 300))
    w.ok(w.contexts() == 1, "a call is refused whose Add was carried out, and then denied: its context is there", str(w.contexts()))
    w.ok(w.wire.pump(lambda: not w.contexts(), 15), "and is found without any other cause", str(w.contexts()))


def complaints(w):
    """What tm and others say of what must not be; not that the TCP process outlives its workers when all are ended."""
    words = ("please report", "still linked", "BUG", "CRITICAL", "must not happen")
    with open(w.out + "/pcscf.log", errors="replace") as log:
        return [line for line in log if any(t in line for t in words) and "receive_fd(): EOF on" not in line]


def main():
    w = World(sys.argv[1], sys.argv[2])
    try:
        p = Play(w)
        p.begin()
        began = time.monotonic()
        p.run()
        print("  seed %d, %d s, %d kills of a gateway, %d of the P-CSCF, H.248 of both lines: %s" % (
            SEED, time.monotonic() - began, p.gateway_kills, p.kills,
            ", ".join("%s %d" % (k, sum(getattr(l, k) for l in w.lines.values())) for k in ("lost", "doubled", "late", "refused", "again"))))
        for what in ("comparisons", "orphans"):
            print("  %s: %s" % (what, " ".join(re.findall(what + r": (\d+)", w.rpc("alg.gateways")))))
        print("  counters since the last kill: %s" % " ".join("%s %d" % c for c in sorted(w.counters().items()) if c[1]))
        w.ok(not p.faults, "each request was answered, nothing of the access side came to the core", "%d faults" % len(p.faults))
        w.nothing_left()
        denied_add(p)
        w.nothing_left()
        w.ok(w.wire.pump(lambda: abs(w.shm() - p.shm) < 300000, 20), "shared memory is as before", "%d, %d" % (p.shm, w.shm()))
        w.ok(w.ports() == 0, "no port of a gateway is in use", str(w.ports()))
        left = os.listdir(w.dir + "/state/ims_alg")
        w.ok(left == ["ims_alg.mark"], "no file of a call is left", " ".join(left))
        w.ok(w.kamailio.poll() is None, "the P-CSCF runs")
        bad = complaints(w)
        w.ok(not bad, "Kamailio finds nothing wrong with itself", "".join(bad[:5]))
    finally:
        w.down()
    return w.end()


if __name__ == "__main__":
    sys.exit(main())
