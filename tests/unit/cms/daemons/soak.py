#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""soak.py BUILD FOLDER   Migrations begun, used, given back, withdrawn by either side and left to expire, at random, over two ims-cms and two ims-hss, each
of which is killed (SIGKILL) again and again. In the end no binding is left, none that was granted was lost before its end, no identity
was handed out twice, and after an end there was no vector. MIGRATIONS (60), STOP_AFTER (seconds: it begins none after so long; 0: until there
were so many), SEED."""
import http.client
import os
import random
import re
import ssl
import subprocess
import threading
import time

import hss
import systems as s
from hss import Cscf, first, result_of
from systems import CONNECTIONS, check, ctl, token, ue, wait_for, wish

MIGRATIONS = int(os.environ.get("MIGRATIONS", "60"))
STOP_AFTER = int(os.environ.get("STOP_AFTER", "0"))
SEED = int(os.environ.get("SEED", random.randrange(1 << 30)))
THREADS, LIFE, LATE = 12, 12 if MIGRATIONS < 1000 else 40, 4
USERS = THREADS * min(16, max(2, MIGRATIONS // 50))
NAMES = ("home1", "partner1")
rng = random.Random(SEED)
cms = hss.everything(USERS, "user_per_day 1000\nlifetime_seconds %d\n" % LIFE)
lock, stop = threading.Lock(), threading.Event()
seen, counts, peer = {}, {}, {"now": None}
kills = {(kind, name): 0 for kind in ("cms", "hss") for name in NAMES}
TROUBLE = (OSError, http.client.HTTPException, ssl.SSLError, AssertionError, AttributeError)


def count(what):
    with lock:
        counts[what] = counts.get(what, 0) + 1


def cscf():
    """The partner's S-CSCF, connected again after its HSS was killed."""
    with lock:
        if peer["now"] is None:
            peer["now"] = Cscf("partner1")
        return peer["now"]


def lost(which):
    with lock:
        if peer["now"] is which:
            peer["now"] = None
            try:
                which.socket.close()
            except OSError:
                pass


def vector_of(impi, impu):
    """The result of a MAR, or None where the HSS has just died."""
    p = None
    try:
        p = cscf()
        return result_of(p.mar(impi, impu))
    except TROUBLE:
        if p:
            lost(p)
        return None


def end_by_cmsctl(system, grant):
    """Withdrawn on that side: True when the answer says so."""
    run = subprocess.run([s.build + "/bin/cmsctl", "-c", s.path(system + ".conf"), "withdraw", "grant=" + grant],
                         capture_output=True, text=True, check=False)
    return run.returncode == 0 and re.search(r"withdrawn [01]\b", run.stdout) is not None


def remote_of(impu):
    """What the partner calls the grant with that identity."""
    run = subprocess.run([s.build + "/bin/cmsctl", "-c", s.path("partner1.conf"), "binding", impu], capture_output=True, text=True,
                         check=False)
    m = re.search(r"^\d+ (\S+) here ", run.stdout, re.M)
    return m and m[1]


def story(m):
    """What both audit trails have of it."""
    return [line for system in NAMES for line in ctl(system, "audit", ok=False).splitlines()
            if m.id in line or (remote_of(m.names[1]) or "-") in line]


class Migration:
    """One that a user was given, until it is over."""

    def __init__(self, answer):
        self.id = answer.json["id"]
        self.names = [answer.json["sip"]["privateIdentity"]] + answer.json["sip"]["publicIdentities"]
        self.expires = time.mktime(time.strptime(answer.json["expires"], "%Y-%m-%dT%H:%M:%SZ")) - time.timezone
        self.ending = False  # an end was asked for; its answer may be lost

    def lives(self):
        return not self.ending and time.time() < self.expires - LATE

    def is_over(self):
        return time.time() > self.expires + LATE


class User:
    def __init__(self, i):
        self.mc_id, self.mine, self.fate = "sip:u%d@mc.home1.net" % i, None, None
        self.tok = token(self.mc_id)

    def begin(self, r):
        a = ue("POST", CONNECTIONS, wish(self.mc_id), tok=self.tok)
        if a.status not in (200, 201):
            check("refused only for now", a.status in (409, 429, 502, 503, 504), (a.status, a.body))
            return
        self.mine = Migration(a)
        self.fate = r.choices(("user", "primary", "partner", "expiry"), (35, 25, 20, 20))[0]
        if a.status == 201:
            count("begun")
        with lock:
            for n in self.mine.names:
                if seen.setdefault(n, self.mine.id) != self.mine.id:
                    check("no identity twice", False, n)

    def use(self, r):
        m = self.mine
        if r.random() < 0.5:
            a = ue("GET", CONNECTIONS + "/" + m.id, tok=self.tok)
            if a.status != 200 and m.lives():
                check("what was granted is there", False, (a.status, m.id, time.time() - m.expires, story(m)))
            return
        code = vector_of(*m.names[:2])
        count("vectors" if code == 2001 else "no vector now")
        if m.lives():
            check("who is bound is not refused", code in (None, 2001, 5012, 3002, 3004), (code, m.id, time.time() - m.expires, story(m)))

    def end(self):
        m, done = self.mine, False
        if self.fate == "expiry":
            if not m.is_over():
                return
            done = True
        elif self.fate == "user":
            m.ending = True
            done = ue("DELETE", CONNECTIONS + "/" + m.id, tok=self.tok).status == 204
        elif self.fate == "primary":
            m.ending = True
            done = end_by_cmsctl("home1", m.id)
        else:
            m.ending = True
            grant = remote_of(m.names[1])
            if grant is not None and end_by_cmsctl("partner1", grant):
                self.no_vector()
            # the primary is told; until then it takes the user for who is there
            done = ue("GET", CONNECTIONS + "/" + m.id, tok=self.tok).status == 410
        if done or m.is_over():
            count("ended by " + self.fate)
            self.no_vector()
            self.mine = None

    def no_vector(self):
        code = vector_of(*self.mine.names[:2])
        check("no vector after the end by " + self.fate, code in (None, 5001, 5012, 3002), (code, self.mine.id))

    def step(self, r):
        try:
            if self.mine is None:
                if not stop.is_set():
                    self.begin(r)
            elif r.random() < 0.5:
                self.use(r)
            else:
                self.end()
        except TROUBLE:
            pass  # killed just now


def worker(k):
    r = random.Random(SEED + k)
    users = [User(i) for i in range(k, USERS, THREADS)]
    while not stop.is_set():
        users[r.randrange(len(users))].step(r)
        time.sleep(r.random() * 0.02)
    left[k] = [u for u in users if u.mine]


left = {}
threads = [threading.Thread(target=worker, args=(k,)) for k in range(THREADS)]
began = time.monotonic()
for t in threads:
    t.start()
while counts.get("begun", 0) < MIGRATIONS:
    time.sleep((1 + 2 * rng.random()) * (1 if MIGRATIONS < 1000 else 3))
    kind, name = rng.choice(sorted(kills))
    kills[kind, name] += 1
    if kind == "cms":
        cms[name].kill()
        cms[name].wait()
        time.sleep(rng.random() * 0.5)
        cms[name] = s.start(name)
    else:
        hss.running[name].kill()
        hss.running[name].wait()
        time.sleep(rng.random() * 0.5)
        hss.start(name)
    if time.monotonic() - began > (STOP_AFTER or 60 + 2 * MIGRATIONS):
        check("so many in time", STOP_AFTER, counts)
        break
stop.set()
for t in threads:
    t.join()
took = time.monotonic() - began


def rows(system):
    """(grant, state, told, inbound) of each that the store of the configuration management server has."""
    out = []
    for line in ctl(system, "bindings", ok=False).splitlines():
        m = re.match(r"\d+ (\S+) (?:away|here) (\S+) .*told=(\S+).* inbound=(\S+) ", line)
        if m:
            out.append(m.groups())
    return out


def live_at_hss(name):
    return len([m for m in hss.rest(name, "GET", "/api/v1/migrations?over=false").json["migrations"] if m["state"] == "live"])


def wait_slowly(what, ready, seconds):
    """These lists are long."""
    limit = time.monotonic() + seconds
    while not ready() and time.monotonic() < limit:
        time.sleep(0.2 if MIGRATIONS < 1000 else 3)
    check(what, ready())


def settled():
    return all(state != "pending" and told == "yes" for name in NAMES for _, state, told, _ in rows(name))


wait_for("the HSSs are connected", lambda: hss.connected("home1") and hss.connected("partner1"), 60)
alive = [u for k in left for u in left[k] if u.mine.lives()]
if peer["now"]:
    lost(peer["now"])
for u in alive:
    answers = [vector_of(*u.mine.names[:2]) for _ in range(2)]
    if u.mine.lives():
        check("none lost that was granted", 2001 in answers or 3004 in answers, (answers, u.mine.id))
wait_slowly("all that is left expires, on both sides and in both HSSs", lambda: all(s.counter(n, c) == 0 and live_at_hss(n) == 0 for n, c in (
    ("home1", "away"), ("partner1", "here"))), LIFE + 120)
wait_slowly("all ends are known on both sides", settled, 300)
home, there = rows("home1"), rows("partner1")
check("no binding is left", all(state in ("withdrawn", "expired", "failed") for _, state, _, _ in home + there),
      {state for _, state, _, _ in home + there})
every = [n for row in there for n in row[3].split(",") if n and n != "-"]
check("no identity twice", len(every) == len(set(every)), len(every) - len(set(every)))
given = {n for n in seen}
check("each that a user was given is in the partner's store", given <= set(every), len(given - set(every)))
check("no subscription of a visitor is left", "in.partner1.net" not in hss.ctl("partner1", "export"))
for name in NAMES:
    check("the audit trail of " + name, "each follows" in ctl(name, "audit", "verify"))
# on a quick machine all that expire may do so behind the last
check("something of each happened", all(counts.get("ended by " + f, 0) for f in ("user", "primary", "partner"))
      and counts.get("ended by expiry", 0) + sum(u.fate == "expiry" for k in left for u in left[k]) and counts.get("vectors", 0), counts)
for name in NAMES:
    s.stop(cms[name])
    hss.stop(name)
print("seed %d, %d users, %.0f s; killed: %s; %s" % (SEED, USERS, took, ", ".join("%s of %s %d" % (k[0], k[1], n) for k, n in sorted(
    kills.items())), ", ".join("%s %d" % x for x in sorted(counts.items()))))
s.end("migrations at random")
