# SPDX-License-Identifier: GPL-2.0-or-later
"""What the checks of this folder share: the namespaces with home network and P-CSCF, and counting of what holds."""
import os
import re
import subprocess
import time

from sip import PATIENCE, Home, Wire, enter


def log_size():
    return os.path.getsize(os.environ["FLOW_OUT"] + "/pcscf.log")


def log_since(at=0):
    """What the P-CSCF's log holds from this octet on. It quotes what phones send, so it may be no text at all."""
    with open(os.environ["FLOW_OUT"] + "/pcscf.log", "rb") as f:
        f.seek(at)
        return f.read().decode("latin-1")


class Checks:
    def __init__(self):
        self.passed = self.failed = 0
        self.prefix = ""

    def ok(self, good, what, why=""):
        if good:
            self.passed += 1
        else:
            self.failed += 1
            print("  FAILED  %s%s%s" % (self.prefix, what, "  (" + why + ")" if why else ""), flush=True)
        return bool(good)

    def end(self):
        print("%d passed, %d failed" % (self.passed, self.failed), flush=True)
        return 1 if self.failed or not self.passed else 0


class Lab:
    def __init__(self, home=True):
        self.wire = Wire()
        self.home = Home(self.wire, "scscf", "10.0.0.4", "10.0.0.11") if home else None
        self.guards = self.policies()

    def until(self, what, seconds=PATIENCE):
        """Serve until what() is true. What another process does after it has answered is waited for with this."""
        end = time.monotonic() + seconds
        while not what():
            if time.monotonic() > end:
                return False
            self.wire.pump(seconds=0.05)
        return True

    def hung_up(self, port):
        """Wait until the P-CSCF has noticed that the phone closed its connection at this port."""
        return self.until(lambda: ("src_port", str(port)) not in list(self.rpc("core.tcp_list")))

    def nothing_left(self, c, what="nothing is left in the end", seconds=60):
        """The SAs of what has ended go, and the policies are as in the beginning: after 64*T1 and a tick."""
        c.ok(self.until(lambda: not self.sas() and self.policies() == self.guards, seconds), what,
             "%d SAs, %d policies of %d" % (self.sas(), self.policies(), self.guards))

    def shell(self, command, ns="pcscf1"):
        enter(ns)
        return subprocess.run(command, shell=True, capture_output=True, text=True).stdout

    def rpc(self, *command):
        """kamcmd's output, flat: list of (name, value)."""
        out = subprocess.run(["kamcmd", "-s", "unix:/run/flow/ctl"] + list(command), capture_output=True, text=True)
        return [(a, b.strip()) for a, b in re.findall(r"(?m)^\s*([\w.-]+):[ \t]*([^{\n]*)$", out.stdout)] or out.stdout + out.stderr

    def counter(self, name):
        return int(dict(self.rpc("cnt.grp_get_all", "flow"))[name])

    def sas(self, ns="pcscf1"):
        return int(re.search(r"SAD count (\d+)", self.shell("ip xfrm state count", ns)).group(1))

    def policies(self, ns="pcscf1"):
        return self.shell("ip xfrm policy", ns).count("\tdir ")

    def processes(self):
        """Kamailio's in the P-CSCF's namespace."""
        out = []
        for p in self.shell("ip netns pids pcscf1").split():
            try:
                if open("/proc/%s/comm" % p).read().strip() == "kamailio":
                    out.append(p)
            except FileNotFoundError:
                pass
        return out

    def fresh(self, *define):
        """A P-CSCF that knows nothing, and no SA anywhere."""
        self.pcscf("kill")
        self.shell("ip xfrm state flush; ip xfrm policy flush; rm -f /run/flow/*.state")
        self.shell("ip xfrm state flush; ip xfrm policy flush", "uea")
        self.pcscf("start", *define)

    def pcscf(self, what, *define):
        enter("net")
        subprocess.run([os.path.join(os.path.dirname(os.path.abspath(__file__)), "pcscf"), what, *define], check=what != "kill")

    def pcscf_begin(self, *define):
        """Start it without waiting."""
        enter("net")
        return subprocess.Popen([os.path.join(os.path.dirname(os.path.abspath(__file__)), "pcscf"), "begin", *define])

    def pcscf_ready(self):
        """Wait until RPC is answered."""
        end = time.monotonic() + 60
        while "uptime" not in str(self.rpc("core.uptime")):
            if time.monotonic() > end:
                raise RuntimeError("the P-CSCF does not answer")
            time.sleep(0.05)
