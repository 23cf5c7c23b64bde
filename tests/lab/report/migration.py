# SPDX-License-Identifier: GPL-2.0-or-later
"""The 25 steps of TR 23.781 6.2.1 in what was captured of two systems, and identities of home where they must not be."""
import json
import os
import re

import capture

# step, (text, from, to) of an arrow of the ladder, or what is to be in its path. In this order, each after the one before.
STEPS = [
    ("1", "HTTP POST", "UE A wlan0", "CMS", "/csc-4/v1/partner-connections"),
    ("7", "HTTP POST", "CMS", "CMS 2", "/csc-17/v1/access-grants"),
    ("9", "HTTP PUT", "CMS 2", "HSS 2", "/api/v1/migrations/"),
    ("11", "HTTP 201", "HSS 2", "CMS 2", ""),
    ("12", "HTTP 201", "CMS 2", "CMS", ""),
    ("12, the document", "HTTP GET", "CMS", "CMS 2", "initial-ue-c"),
    ("4 to 6, told", "HTTP PUT", "CMS", "HSS", "/api/v1/migrations/"),
    ("13", "HTTP 201", "CMS", "UE A wlan0", ""),
    ("13, the document", "HTTP GET", "UE A wlan0", "CMS", "/xcap-root/"),
    ("15", "REGISTER", "UE A par0", "P-CSCF 2", ""),
    ("15, at the I-CSCF", "UAR", "I-CSCF 2", "HSS 2", ""),
    ("16", "MAR", "S-CSCF 2", "HSS 2", ""),
    ("18", "MAR", "HSS 2", "HSS", ""),
    ("19", "MAA 2001", "HSS", "HSS 2", ""),
    ("21", "MAA 2001", "HSS 2", "S-CSCF 2", ""),
    ("22", "401 REGISTER", "P-CSCF 2", "UE A par0", ""),
    ("23", "REGISTER", "UE A par0", "P-CSCF 2", "esp"),
    ("24", "SAR registration", "S-CSCF 2", "HSS 2", ""),
    ("25", "200 REGISTER", "P-CSCF 2", "UE A par0", "esp"),
    ("a call of his", "INVITE", "UE A par0", "P-CSCF 2", "esp"),
    ("withdrawn", "HTTP DELETE", "CMS", "CMS 2", "/csc-17/v1/access-grants/"),
    ("withdrawn: no vector", "HTTP DELETE", "CMS 2", "HSS 2", "/api/v1/migrations/"),
    ("withdrawn: RTR", "RTR", "HSS 2", "S-CSCF 2", ""),
    ("withdrawn: the phone", "NOTIFY", "P-CSCF 2", "UE A par0", "esp"),
    ("home again", "REGISTER", "UE A wlan0", "P-CSCF#1", "esp"),
]
# Networks where none of home's own identities may be, when they are hidden.
ABROAD = ("core4", "a4", "x")


def fits(e, step, columns, protected):
    _, text, src, dst, more = step
    if e.src is None or (columns[e.src], columns[e.dst], e.text) != (src, dst, text):
        return False
    return (e.esp or not protected) if more == "esp" else more in e.detail or not more


def steps(events, columns, protected=True):
    """(step, event or None) of each, in order; a step that is not there does not hide those behind it."""
    out, at = [], 0
    for step in STEPS:
        n = next((i for i in range(at, len(events)) if fits(events[i], step, columns, protected)), None)
        out.append((step, None if n is None else events[n]))
        at = at if n is None else n + 1
    return out


def table(found):
    """Lines for people."""
    if not found:
        return []
    t0 = next((e.t for _, e in found if e), 0)
    return ["%-22s %-17s %-11s > %-11s %s" % (step[0], step[1], step[2], step[3], "%7.0f ms" % (1000 * (e.t - t0)) if e else
            "NOT SEEN") for step, e in found]


def shown(d, names):
    """One line for each network abroad, and each message of a phone there, that has one of these names."""
    wanted = re.compile(b"|".join(re.escape(n.encode()) for n in names))
    for br in ABROAD:
        path = f"{d}/{br}.pcap"
        if os.path.exists(path):
            for _, rec in capture.packets(path):
                m = wanted.search(rec)
                if m:
                    yield f"{m[0].decode()} is on {br}"
                    break
    if os.path.exists(d + "/ue.jsonl"):
        with open(d + "/ue.jsonl") as f:
            for line in f:
                e = json.loads(line) if line.startswith("{") and line.endswith("}\n") else {}
                if e.get("access") in ("par0", "uec0") and wanted.search(e.get("msg", "").encode()):
                    yield f"{e['ue']} over {e['access']}: {e.get('first')} has a name of home"
