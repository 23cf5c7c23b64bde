#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""phone.py BUILD FOLDER   The configuration management client of ims-ue against a real ims-cms: what it is given, and what it does not take."""
import subprocess

import systems as s
from systems import ALICE, BOB, check, ctl

s.certificates()
s.configure("home1")
s.configure("partner1")
home, partner = s.start("home1"), s.start("partner1")
s.add_users()
for name, tok in (("alice", s.token()), ("bob", s.token(BOB)), ("wrong", s.token(key="stranger.key")),
                  ("over", s.token(exp=1))):
    s.write("token-" + name, tok + "\n")


def play(what, story, rc=0):
    scn = s.write("story.scn", """
access a addr=127.0.0.1 pcscf=127.0.0.1 ipsec=no
ue A impi=alice_private@home1.net impu=sip:alice@home1.net k=465b5ce8b199b49faa5f0a2ee238a6bc opc=cd63cb71954a9f4e48a5994e37a02baf
cms home url=https://localhost:%d ca=%s
cms foreign url=https://localhost:%d ca=%s
cms nobody url=https://localhost:9 ca=%s
%s
""" % (s.CSC4["home1"], s.path("ca-home.pem"), s.CSC4["home1"], s.path("ca-foreign.pem"), s.path("ca-home.pem"),
       story.replace("ALICE", "mc-id=%s services=mcptt token=%s" % (ALICE, s.path("token-alice")))))
    run = subprocess.run([s.build + "/bin/ims-ue", "play", scn, "--log", s.path("phone.jsonl")], capture_output=True, text=True, check=False)
    check(what, run.returncode == rc, run.stdout[-1500:] + run.stderr[-1500:])
    return run.stdout + run.stderr


def counts():
    return s.counter("home1", "away"), s.counter("partner1", "here")


out = play("given by location, and again the same", r"""
A ask-config p at home over a ALICE place=00102
set first $A_p_impi
expect $first ~ /^m[a-z2-7]{26}@in\.partner1\.net$/
expect $A_p_impu ~ /^sip:m[a-z2-7]{26}@in\.partner1\.net$/
expect $A_p_domain == in.partner1.net
A ask-config p at home over a ALICE place=00102 expect 200
expect $A_p_impi == $first
A look-config p over a expect 200
""")
check("bound on both sides", counts() == (1, 1), counts())
log = open(s.path("phone.jsonl")).read()
check("no token in what the phone writes", s.token()[:40] not in out + log and "Bearer" not in out + log)
check("who chose is in its log", '"chosen":"location"' in log.replace(" ", ""))
ctl("home1", "withdraw", "user=" + ALICE)
s.wait_for("the partner knows", lambda: counts() == (0, 0))
play("withdrawn, and new ones", r"""
A ask-config p at home over a ALICE partner=partner1
set first $A_p_impi
run %s/bin/cmsctl -c %s withdraw all
A look-config p over a expect 410
A ask-config p at home over a ALICE partner=partner1 expect 201
if $A_p_impi == $first
  fail the same identity again
end
A return-config p over a expect 204
A look-config p over a expect 410
""" % (s.build, s.path("home1.conf")))
s.wait_for("nothing is left", lambda: counts() == (0, 0))
play("refused", r"""
A ask-config p at home over a mc-id=%s services=mcptt place=00102 token=%s expect 401
A ask-config p at home over a mc-id=%s services=mcptt place=00102 token=%s expect 401
A ask-config p at home over a mc-id=%s services=mcptt place=00102 token=%s expect 403
A ask-config p at home over a ALICE place=00199 expect 404
A ask-config p at foreign over a ALICE place=00102 expect timeout
A ask-config p at nobody over a ALICE place=00102 expect timeout
""" % (ALICE, s.path("token-wrong"), ALICE, s.path("token-over"), ALICE, s.path("token-bob")))
check("and nothing was given", counts() == (0, 0), counts())
said = play("what it was not given it does not use", "A register c over a in=p", 1)
check("and says so", "has no identities of a system 'p'" in said, said)
said = play("the card's own system is none that is given", "A ask-config home at home over a ALICE", 2)
for p in (home, partner):
    s.stop(p)
s.end("the phone's client")
