# SPDX-License-Identifier: GPL-2.0-or-later
"""The program flow-crowd: thousands of phones with addresses of their own, and their home network."""
import os
import subprocess


class Crowd:
    """Phones 10.128.0.0 + n behind access-1, in place of the lab's own phone and S-CSCF."""

    def __init__(self, lab, window=16):
        for command, ns in (("ip route replace 10.128.0.0/9 via 10.1.0.10", "pcscf1"),
                            ("ip route replace local 10.128.0.0/9 dev lo", "uea")):
            lab.shell(command, ns)
        self.p = subprocess.Popen([os.environ["FLOW_BUILD"] + "/bin/flow-crowd", str(window)], stdin=subprocess.PIPE,
                                  stdout=subprocess.PIPE, text=True, bufsize=1)

    def begin(self, what, first, count):
        self.p.stdin.write("%s %d %d\n" % (what, first, count))
        self.p.stdin.flush()

    def end(self):
        """What came of it: done, refused, first, last (time.monotonic()), cpu."""
        line = self.p.stdout.readline()
        if not line:
            raise RuntimeError("flow-crowd ended")
        return {k: float(v) for k, v in (f.split("=") for f in line.split()) if k != "what"}

    def do(self, what, first, count):
        self.begin(what, first, count)
        return self.end()

    def close(self):
        self.p.stdin.close()
        self.p.wait()
