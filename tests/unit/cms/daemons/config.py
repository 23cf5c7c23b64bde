#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""config.py BUILD FOLDER   ims-cms and cmsctl on the command line, and files that are refused."""
import os
import re
import subprocess
import urllib.request

import systems as s
from systems import check, path


def run(program, *words):
    return subprocess.run([s.build + "/bin/" + program, *words], capture_output=True, text=True, check=False, timeout=60)


def refused(says, more, test=True):
    s.configure("home1", more)
    r = run("ims-cms", "-c", path("home1.conf"), *(["-t"] if test else []))
    lines = [line for line in r.stderr.splitlines() if not line.startswith("<")]
    check(says, r.returncode == 1 and len(lines) == 1 and says in lines[0], r.stderr + r.stdout)


s.certificates()
s.configure("home1")
open(path("log-none"), "w").close()
text = run("ims-cms", "--help").stdout
with open(s.root + "/hss/cms/config.c") as f:
    names = re.findall(r'^    (?:\{"", "|TEXT\(|NUMBER\(|OWN\("", cms_config, |LIST\("", cms_config, ")(\w+)', f.read(), re.M)
check("each setting is explained", len(names) > 25 and all(re.search(r"\b%s\b" % n, text) for n in names), names)
check("version", re.fullmatch(r"ims-cms \S+\n", run("ims-cms", "--version").stdout))
check("good", "is good" in run("ims-cms", "-t", "-c", path("home1.conf")).stdout)
check("the model is one", "token_key /etc/ims-cms/idms.pem is no" in run("ims-cms", "-t", "-c", s.root + "/hss/cms/ims-cms.conf").stderr)
check("unknown option", run("ims-cms", "--none").returncode == 1)
commands = re.findall(r"^  (\w+)", run("cmsctl", "--help").stdout, re.M)
check("commands", {"status", "user", "agree", "withdraw", "bindings", "audit"} <= set(commands), commands)
check("not running", "cmsctl: " in run("cmsctl", "-c", path("home1.conf"), "status").stderr)
refused("is no public key", "token_key " + path("idms.key"))
refused("its root is not", "ue_config " + s.write("x.xml", "<a/>"))
refused("unknown setting", "none 1")
refused("cannot read", "csc4_key /none", False)
refused("fit together", "csc4_key " + path("home1.key"), False)
s.write("half.pem", "x")
refused("no certificate in PEM", "[partner p3]\nca %s\nsan s\nplaces 1" % path("half.pem"), False)
s.configure("home1", "metrics 127.0.0.1:9435")
home = s.start("home1")
check("mode of the store", os.stat(path("home1.db")).st_mode & 0o777 == 0o600)
for words in (["withdraw", "bar"], ["withdraw", "all", "user=sip:x@home1.net"], ["withdraw", "grant=x", "bar"], ["none"],
              ["user", "set", "sip:x@home1.net", "impi=x@home1.net", "impu=mailto:x"],
              ["user", "set", "sip:x@home9.net", "impi=x@home1.net", "impu=sip:x@home1.net"],
              ["agree", "sip:nobody@home1.net", "partner1"], ["agree", "sip:x@home1.net", "nobody"],
              ["pool", "add", "inbound", "impi=x@elsewhere.net", "impu=sip:x@elsewhere.net"], ["bindings", "after=x"]):
    check(" ".join(words), run("cmsctl", "-c", path("home1.conf"), *words).returncode == 1)
with urllib.request.urlopen("http://127.0.0.1:9435/metrics") as a:
    metrics = a.read().decode()
check("metrics", "ims_cms_granted_total 0" in metrics and "ims_cms_away 0" in metrics, metrics)
s.stop(home)
check("the socket is gone", not os.path.exists(path("home1.sock")))
s.end("configuration")
