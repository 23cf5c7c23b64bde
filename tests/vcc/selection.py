# SPDX-License-Identifier: GPL-2.0-or-later
"""Domain selection: the operator's file, what is known of users, what is chosen."""
import itertools

from stage import DIR, Scscf, check, rpc, wait, state

POLICY = """# tests
default terminating=ims-preferred precedence=operator
user sip:cs@home1.net terminating=cs-preferred precedence=user csrn=+88812 msisdn=+12125551111
user sip:only@home1.net terminating=cs-only csrn=+88813
vdi sip:domain.xfer@home1.net
vdn +12125555555
"""


def policy(text=POLICY):
    with open(DIR + "/policy", "w") as f:
        f.write(text)
    return rpc("vcc.reload")


def want(user, operator, precedence):
    if precedence == "user" and user != "default":
        return user
    return operator if operator != "default" else user if user != "default" else "ims-preferred"


def expected(wish, ims, cs):
    order = ["cs", "ims"] if wish.startswith("cs") else ["ims", "cs"]
    there = [d for d in order if (ims if d == "ims" else cs)]
    if wish.endswith("only"):
        there = [d for d in there if d == order[0]]
    return there[0] if there else "-", there[1] if len(there) > 1 else "-"


def combinations(scscf):
    who, n, wrong = "sip:table@home1.net", 0, []
    # The record must be there for its CS state; then it comes and goes.
    for user, operator, precedence in itertools.product(("default", "cs-preferred", "ims-only"), ("default", "cs-only", "ims-preferred"),
                                                        ("operator", "user")):
        policy("user %s terminating=%s precedence=%s csrn=+4911\n" % (who, operator, precedence))
        for ims in (True, False):
            scscf.told(who, 600 if ims else 0)
            for cs in ("attached", "detached"):
                rpc("vcc.wish", who, user)
                rpc("vcc.cs", who, cs)
                first, second = expected(want(user, operator, precedence), ims, cs == "attached")
                said = rpc("vcc.select", who).strip()
                n += 1
                if ": %s, then %s (" % (first, second) not in said:
                    wrong.append((user, operator, precedence, ims, cs, said))
    check("%d combinations of wish, operator, precedence, IMS and CS" % n, n >= 32 and not wrong, wrong[:3])


def chapters():
    scscf = Scscf()
    check("the operator's file is read again", "2 users" in policy())
    check("a wrong line is named, and nothing changes", "line 2: terminating is" in policy("user sip:x@h\ndefault terminating=never\n")
          and "cs, then -" in rpc("vcc.select", "sip:only@home1.net"))
    policy("user sip:x@h\n")
    check("who has no line and no default is no subscriber", "no subscriber" in rpc("vcc.select", "sip:cs@home1.net"))
    policy()
    check("by MSISDN", "csrn=+88812" in rpc("vcc.select", "tel:+1-212-555-1111"))
    scscf.told("sip:cs@home1.net", 600)
    check("the operator's line", "cs, then ims" in rpc("vcc.select", "sip:cs@home1.net"))
    rpc("vcc.wish", "sip:cs@home1.net", "ims-only")
    check("the user's wish wins where the line says so", "ims, then -" in rpc("vcc.select", "sip:cs@home1.net"))
    combinations(scscf)
    policy()
    scscf.sock.close()
