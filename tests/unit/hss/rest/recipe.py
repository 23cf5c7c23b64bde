# SPDX-License-Identifier: GPL-2.0-or-later
"""What an operator types, as it stands in a page of the docs, and where it is typed."""
import os
import re


class Page:
    def __init__(self, name):
        """A file in docs/."""
        with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../../../docs", name), encoding="utf-8") as f:
            text = f.read()
        self.blocks = re.findall(r"^```(?:sh)?\n(.*?)^```", text, re.M | re.S)
        # what, line, what comes of it
        self.rows = re.findall(r"^\| (.*?) \| `((?:curl|hssctl) .*)` \| (.*?) \|?$", text, re.M)

    def block(self, text):
        """The one block that has the text in it."""
        return one({b for b in self.blocks if text in b}, text)

    def line(self, text):
        """The one line of a block that begins with the text, or of a table for what the text says."""
        return one({code for b in self.blocks for code in b.splitlines() if code.startswith(text)}
                   | {row[1] for row in self.rows if row[0].startswith(text)}, text)


def one(found, text):
    if len(found) != 1:
        raise LookupError("%d places in the docs have: %s" % (len(found), text))
    return found.pop()


def environment(folder, hssctl, curl):
    """In the folder are hssctl as an operator has it, who needs no -c, and settings of curl."""
    os.makedirs(os.path.join(folder, "bin"), exist_ok=True)
    program = os.path.join(folder, "bin/hssctl")
    with open(program, "w", encoding="utf-8") as f:
        f.write('#!/bin/sh\nexec %s "$@"\n' % hssctl)
    os.chmod(program, 0o755)
    with open(os.path.join(folder, ".curlrc"), "w", encoding="utf-8") as f:
        f.write(curl)
    out = dict(os.environ, PATH=os.path.join(folder, "bin") + ":" + os.environ["PATH"], CURL_HOME=folder,
               HSS="http://127.0.0.1:8080")
    out.pop("http_proxy", None)
    return out
