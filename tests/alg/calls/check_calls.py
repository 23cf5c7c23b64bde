# SPDX-License-Identifier: GPL-2.0-or-later
"""Each way that a call can go, with a real P-CSCF and real gateways: what comes to the other side, and that nothing is left."""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import calls_flows
import calls_ends
import calls_crossed
import calls_restarts
import calls_sessions
import calls_foreign
import calls_hostile
import calls_openssl
from checks import P, checks
from ua import Never, Ua
from world import World

# each has put its checks into the list
PARTS = (calls_flows, calls_ends, calls_crossed, calls_sessions, calls_restarts, calls_foreign, calls_hostile, calls_openssl)


def main():
    w = World(sys.argv[1], sys.argv[2])
    only = sys.argv[3:]
    try:
        w.start()
        w.up()
        phone = Ua(w, "alice", P)
        w.ok(phone.register().code == 200, "a phone registers")
        for f in checks:
            if only and f.__name__ not in only:
                continue
            print("%s: %s" % (f.__name__, f.__doc__), flush=True)
            try:
                f(w, phone)
            except (Never, AssertionError) as e:
                w.ok(False, f.__name__, "never: %s" % e)
                print(w.stories())
        w.nothing_left()
    finally:
        w.down()
    return w.end()


if __name__ == "__main__":
    sys.exit(main())
