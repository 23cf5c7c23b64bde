#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""curl.py BUILD FOLDER   The recipe and the table of docs/hss-rest.md, line by line as they stand there."""
import os
import re
import subprocess

import rest
from rest import check

with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../../../docs/hss-rest.md"), encoding="utf-8") as f:
    page = f.read()
recipe = re.search(r"^```sh\n(.*?)^```", page, re.M | re.S).group(1)
rows = re.findall(r"^\| (.*?) \| `(.*)` \| (\d{3})", page, re.M)

rest.configure()
os.makedirs(rest.path("bin"))
# hssctl as an operator has it, who needs no -c; curl says the status behind each answer.
with open(rest.path("bin/hssctl"), "w", encoding="utf-8") as f:
    f.write('#!/bin/sh\nexec %s/bin/hssctl -c %s "$@"\n' % (rest.build, rest.path("ims-hss.conf")))
os.chmod(rest.path("bin/hssctl"), 0o755)
with open(rest.path(".curlrc"), "w", encoding="utf-8") as f:
    f.write('silent\nwrite-out = "\\n%{http_code}"\n')
environment = dict(os.environ, PATH=rest.path("bin") + ":" + os.environ["PATH"], CURL_HOME=rest.folder)
environment.pop("http_proxy", None)
rest.make_tokens()
server = rest.start()
rest.load_document()
check("the page has a recipe and a table", "hssctl token add" in recipe and len(rows) > 20, len(rows))
for what, line, status in rows:
    # the files of the recipe are there already, but for the first line
    script = (recipe if (what, line, status) == rows[0] else 'export HSS=http://127.0.0.1:8080') + "\n" + line
    run = subprocess.run(["bash", "-ec", script], cwd=rest.folder, env=environment, capture_output=True, text=True,
                         timeout=60, check=False)
    answer, _, code = run.stdout.rpartition("\n")
    check(line, code == status, "is %s, not %s: %s%s" % (code, status, answer, run.stderr))
    method = (re.search(r"-X (\w+)", line) or re.search(r"-(-json)", line) or [None, "GET"])[1].replace("-json", "POST")
    target = re.search(r"\$HSS(/[^\"\s]*)", line).group(1)
    media = "application/problem+json" if status[0] == "4" else "text/plain" if "/metrics" in target else "application/json"
    wrong = rest.document.judge(method, target, int(code or 0), media, answer)
    check(line, not wrong, wrong)
rest.stop(server)
rest.end("curl lines of the docs")
