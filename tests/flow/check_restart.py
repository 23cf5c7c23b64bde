# SPDX-License-Identifier: GPL-2.0-or-later
"""kill -9 of a P-CSCF with FLOW_PHONES registered phones, and calls to every one of them while it starts again.

The clock runs from the start of the new process. A call is INVITE, 200 and ACK, over the phone's SAs as they were."""
import os
import re
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from crowd import Crowd
from flow import Checks, Lab, log_since


def kill_and_call(lab, crowd, count):
    """Seconds from the start until the first and the last phone was called, and how many were."""
    lab.pcscf("kill")
    while lab.processes():
        time.sleep(0.02)
    began = time.monotonic()
    lab.pcscf_begin()
    got = crowd.do("call", 0, count)
    lab.pcscf_ready()
    return got["first"] - began, got["last"] - began, got["done"]


def main():
    lab, c, count = Lab(home=False), Checks(), int(os.environ.get("FLOW_PHONES", "1000"))
    crowd = Crowd(lab)
    c.ok(crowd.do("register", 0, 1)["done"] == 1, "one phone registers")
    one = kill_and_call(lab, crowd, 1)
    c.ok(one[2] == 1, "it is called after a restart")
    began = time.monotonic()
    c.ok(crowd.do("register", 1, count - 1)["done"] == count - 1, "all %d register" % count)
    print("  %d registrations in %.1f s, phones and home network included" % (count, time.monotonic() - began))
    sas, policies = lab.sas(), lab.policies()
    c.ok(sas == 4 * count, "four SAs each", str(sas))
    began = time.monotonic()
    c.ok(crowd.do("call", 0, count)["done"] == count, "every phone is called")
    usual = time.monotonic() - began
    first, last, done = kill_and_call(lab, crowd, count)
    c.ok(done == count, "every phone is called without a new registration", "%d of %d" % (done, count))
    c.ok(lab.sas() == sas and lab.policies() == policies, "SAs and policies are as they were", "%d, %d" % (lab.sas(), lab.policies()))
    c.ok(lab.counter("adopted") == count and lab.counter("orphans") == 0, "all flow sets were adopted, nothing was deleted")
    c.ok(lab.counter("registers") == 0 and lab.counter("sa_added") == 0, "nobody registered")
    heard = crowd.do("speak", 0, count)["done"]
    c.ok(heard == count, "and every phone is heard", "%d of %d" % (heard, count))
    log = log_since()
    print("  from the start of the process to the first call: %.2f s (with one flow set %.2f s), of which %s ms to compare flow sets "
          "with SAs" % (first, one[0], re.findall(r"deleted, in (\d+) ms", log)[-1]))
    print("  all %d calls in %.2f s from then on (before the kill: %.2f s)" % (count, last - first, usual))
    crowd.close()
    return c.end()


if __name__ == "__main__":
    sys.exit(main())
