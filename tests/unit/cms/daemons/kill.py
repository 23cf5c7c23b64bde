#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""kill.py BUILD FOLDER   Users migrate, give back, are withdrawn, while either ims-cms is killed (SIGKILL) at random moments. In the
end both sides agree, nothing that was granted was lost or lives though it was ended, and no identity was handed out twice.
ROUNDS (6) says how often."""
import http.client
import os
import random
import re
import ssl
import threading
import time

import systems as s
from systems import CONNECTIONS, check, ctl, token, ue, wait_for, wish

ROUNDS, USERS = int(os.environ.get("ROUNDS", "6")), 8
SEED = int(os.environ.get("SEED", random.randrange(1 << 30)))
rng = random.Random(SEED)
s.certificates()
s.configure("home1", "user_per_day 1000")
s.configure("partner1", partner_more="hour_max 100000")
daemons = {name: s.start(name) for name in ("home1", "partner1")}
s.add_users(USERS)
seen, live, ended, stop = {}, {}, set(), threading.Event()
lock = threading.Lock()


def one_user(i):
    mc_id = "sip:u%d@mc.home1.net" % i
    tok, mine, r = token(mc_id), None, random.Random(SEED + i)
    ending = False  # a DELETE may have been carried out, its answer lost
    while not stop.is_set():
        try:
            if mine is None:
                a = ue("POST", CONNECTIONS, wish(mc_id), tok=tok)
                if a.status in (200, 201):
                    mine = a.json["id"]
                    names = [a.json["sip"]["privateIdentity"]] + a.json["sip"]["publicIdentities"]
                    with lock:
                        live[mc_id] = (mine, names)
                        for n in names:
                            if seen.setdefault(n, mine) != mine:
                                check("no identity twice", False, n)
            elif r.random() < 0.7:
                a = ue("GET", CONNECTIONS + "/" + mine, tok=tok)
                if a.status != 200:
                    check("what was granted is there", ending and a.status == 410, (a.status, a.body))
                    mine, ending = None, False
            else:
                with lock:
                    live.pop(mc_id, None)
                ending = True
                if ue("DELETE", CONNECTIONS + "/" + mine, tok=tok).status == 204:
                    with lock:
                        ended.add(mine)
                    mine, ending = None, False
        except (OSError, http.client.HTTPException, ssl.SSLError):
            pass  # killed just now
        time.sleep(r.random() * 0.05)


threads = [threading.Thread(target=one_user, args=(i,)) for i in range(USERS)]
for t in threads:
    t.start()
for _ in range(ROUNDS):
    time.sleep(0.3 + rng.random())
    victim = rng.choice(["home1", "partner1"])
    daemons[victim].kill()
    daemons[victim].wait()
    time.sleep(rng.random() * 0.5)
    daemons[victim] = s.start(victim)
time.sleep(1)
stop.set()
for t in threads:
    t.join()


def rows(system):
    out = []
    for line in ctl(system, "bindings").splitlines():
        m = re.match(r"\d+ (\S+) (away|here) (\S+) .*told=(\S+).* inbound=(\S+) ", line)
        if m:
            out.append(m.groups())
    return out


def settled():
    both = rows("home1") + rows("partner1")
    return all(state != "pending" and told == "yes" for _, _, state, told, _ in both)


wait_for("all ends are known on both sides", settled, 150)
home = {r[0]: r for r in rows("home1")}
there = [r for r in rows("partner1") if r[2] == "active"]
alive = {r[4] for r in home.values() if r[2] == "active"}
check("both sides bind the same", alive == {r[4] for r in there}, (alive, there))
for mc_id, (grant, names) in live.items():
    check("granted and not lost", home[grant][2] == "active" and home[grant][4] == ",".join(names), home[grant])
for grant in ended:
    check("ended is ended", home[grant][2] == "withdrawn", home[grant])
every = [n for r in rows("partner1") for n in r[4].split(",")]
check("no identity twice", len(every) == len(set(every)))
check("something happened", len(every) > 4 * USERS and ended, (len(every), len(ended)))
for system in daemons:
    check("the audit trail of " + system, "each follows" in ctl(system, "audit", "verify"))
ctl("home1", "withdraw", "all")
wait_for("none left", lambda: s.counter("home1", "away") == 0 and s.counter("partner1", "here") == 0, 60)
for p in daemons.values():
    s.stop(p)
print("seed %d, %d kills, %d migrations" % (SEED, ROUNDS, len(every) // 2))
s.end("killed at random")
