#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""curl.py BUILD FOLDER   The recipe and the table of docs/hss-rest.md, line by line as they stand there."""
import re
import subprocess

import recipe
import rest
from rest import check

page = recipe.Page("hss-rest.md")
beginning = page.block("hssctl token add lab")

rest.configure()
# curl says the status behind each answer
environment = recipe.environment(rest.folder, "%s/bin/hssctl -c %s" % (rest.build, rest.path("ims-hss.conf")),
                                 'silent\nwrite-out = "\\n%{http_code}"\n')
rest.make_tokens()
server = rest.start()
rest.load_document()
check("the page has a table", len(page.rows) > 20, len(page.rows))
for i, (_, line, result) in enumerate(page.rows):
    status = result[:3]
    # the files of the beginning are there already, but for the first line
    script = (beginning + "\n" if i == 0 else "") + line
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
