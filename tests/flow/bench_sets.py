# SPDX-License-Identifier: GPL-2.0-or-later
"""Many flow sets in one P-CSCF: rate of registration, CPU of the P-CSCF for each, memory, descriptors, processes."""
import os
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from flow import Lab
from phone import Phone


def look(lab):
    """CPU seconds, descriptors, processes, resident kB and shared memory of all P-CSCF processes."""
    pids = lab.processes()
    cpu = fds = 0
    for p in pids:
        f = open("/proc/%s/stat" % p).read().rsplit(")", 1)[1].split()
        cpu += (int(f[11]) + int(f[12])) / os.sysconf("SC_CLK_TCK")
        fds += len(os.listdir("/proc/%s/fd" % p))
    free = int([l for l in open("/proc/meminfo") if l.startswith("MemFree")][0].split()[1])
    return {"cpu": cpu, "fds": fds, "processes": len(pids), "free": free, "shm": int(dict(lab.rpc("core.shmmem"))["used"])}


def main():
    lab, count = Lab(), int(os.environ["FLOW_PHONES"])
    before, began, made = look(lab), time.monotonic(), 0
    for n in range(count):
        base = 1100 + 4 * (n % 15000)
        p = Phone(lab.wire, lab.home, "uea", "10.1.0.10", "10.1.0.1", impi="set%d" % n, uc=base, us=base + 1, unprotected=base + 2)
        made += p.register() == 200
        p.close_all()
        lab.home.seen.clear()
        if n % 1000 == 999:
            print("  %d flow sets after %.0f s" % (made, time.monotonic() - began), flush=True)
    took, after = time.monotonic() - began, look(lab)
    print("%d flow sets: %.0f registrations/s with phones and home network on the same CPU, %.2f ms of the P-CSCF's CPU each" %
          (made, made / took, (after["cpu"] - before["cpu"]) * 1000 / max(made, 1)))
    print("descriptors %d before, %d after; processes %d before, %d after" %
          (before["fds"], after["fds"], before["processes"], after["processes"]))
    print("shared memory of Kamailio: %d kB more; SAs in the kernel: %d" %
          ((after["shm"] - before["shm"]) // 1024, lab.sas()))
    return 0 if made == count and after["processes"] == before["processes"] else 1


if __name__ == "__main__":
    sys.exit(main())
