# SPDX-License-Identifier: GPL-2.0-or-later
"""Many flow sets in one P-CSCF: rate of registration, CPU of the P-CSCF for each registration and call, memory,
descriptors, processes, at growing numbers of flow sets."""
import os
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from crowd import Crowd
from flow import Checks, Lab

STEPS = (100, 1000, 3000, 10000, 30000)


def look(lab):
    """CPU seconds, descriptors, processes of the P-CSCF, and what the kernel has allocated in kB."""
    pids = lab.processes()
    cpu = fds = 0
    for p in pids:
        f = open("/proc/%s/stat" % p).read().rsplit(")", 1)[1].split()
        cpu += (int(f[11]) + int(f[12])) / os.sysconf("SC_CLK_TCK")
        fds += len(os.listdir("/proc/%s/fd" % p))
    slab = int([l for l in open("/proc/meminfo") if l.startswith("Slab")][0].split()[1])
    return {"cpu": cpu, "fds": fds, "processes": len(pids), "slab": slab}


def main():
    count = int(os.environ["FLOW_PHONES"])
    lab, c = Lab(home=False), Checks()
    crowd, made, start = Crowd(lab), 0, look(lab)
    print("  flow sets   registrations/s   CPU ms each: registration, call   kernel kB a set, both ends   descriptors, processes")
    for step in [s for s in STEPS if s < count] + [count]:
        before, began = look(lab), time.monotonic()
        got = crowd.do("register", made, step - made)
        took, middle = time.monotonic() - began, look(lab)
        calls = crowd.do("call", made, min(step - made, 500))
        after = look(lab)
        print("  %9d   %15.0f   %18.2f %11.2f   %25.1f   %11d %4d" %
              (step, got["done"] / took, (middle["cpu"] - before["cpu"]) * 1000 / max(got["done"], 1),
               (after["cpu"] - middle["cpu"]) * 1000 / max(calls["done"], 1),
               (middle["slab"] - before["slab"]) / max(got["done"], 1), after["fds"], after["processes"]), flush=True)
        for what, have, want in (("registered", got["done"], step - made), ("called", calls["done"], min(step - made, 500)),
                                 ("SAs", lab.sas(), 4 * step), ("processes", after["processes"], start["processes"])):
            c.ok(have == want, "%d flow sets: %s" % (step, what), "%d instead of %d" % (have, want))
        # A process opens its netlink socket with its first SA.
        c.ok(after["fds"] <= start["fds"] + start["processes"], "%d flow sets: descriptors" % step,
             "%d, %d at the start" % (after["fds"], start["fds"]))
        made = step
    print("  state file with %d flow sets: %d kB" % (made, os.stat("/run/flow/ims_flow.state").st_blocks // 2))
    crowd.close()
    return c.end()


if __name__ == "__main__":
    sys.exit(main())
