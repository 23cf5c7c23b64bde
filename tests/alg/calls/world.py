# SPDX-License-Identifier: GPL-2.0-or-later
"""A P-CSCF with ims_alg and two real gateways in one network namespace, phones and a core in another: what the checks of this
folder play on. Phones 10.1.0.10 and up, the core 10.0.0.4, the P-CSCF 10.0.0.11 and 10.1.0.1, gateway n 10.0.0.7+n and 10.1.0.7+n."""
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../../flow"))
from sip import Wire
from ua import CORE, Never, Ua

PATIENCE = float(os.environ.get("ALG_PATIENCE", "60"))


class World:
    def __init__(self, build, out):
        self.build, self.out = build, out
        self.dir = tempfile.mkdtemp(prefix="ims-alg-calls-")
        self.wire = Wire()
        self.gateways, self.kamailio = {}, None
        # where H.248 goes over a bad line: how to make that of a gateway
        self.lines, self.line_of = {}, None
        self.paths = {}
        self.passed = self.failed = 0
        self.core = Ua(self, "far", CORE)

    # what holds

    def ok(self, good, what, why=""):
        if good:
            self.passed += 1
        else:
            self.failed += 1
        print("  %s  %s%s" % ("ok     " if good else "FAILED ", what, "" if good or not why else "  (%s)" % why), flush=True)
        return bool(good)

    def until(self, what, text, seconds=None):
        if not self.wire.pump(what, seconds or PATIENCE):
            raise Never(text)

    # gateways

    def gateway(self, n):
        conf = "%s/agw%d.conf" % (self.dir, n)
        if self.line_of and n not in self.lines:
            self.lines[n] = self.line_of(n)
        local, mgc = (17 + n, 27 + n) if self.line_of else (7 + n, 11)
        with open(conf, "w") as f:
            f.write("[gateway]\nmid = [10.0.0.%d]:2944\nlocal = 10.0.0.%d:2944\nmwd_ms = 0\nworkers = 1\nports_reserved_percent = 0\n"
                    "control_socket = %s/agw%d.ctl\ntrace_dir = %s\n[mgc]\naddress = 10.0.0.%d:2944\n" % (
                        7 + n, local, self.dir, n, self.dir, mgc))
            for realm, net in (("core.ims", 0), ("access.ims", 1), ("access2.ims", 2)):
                f.write("[realm r%d]\nipdc = %s\naddress = 10.%d.0.%d\nports = 20000-21999\n" % (net, realm, net, 7 + n))
        log = open("%s/agw%d.log" % (self.out, n), "a")
        self.gateways[n] = subprocess.Popen([self.build + "/bin/ims-agw", "-c", conf], stdout=log, stderr=log)

    def gateway_kill(self, n, sig=signal.SIGKILL):
        self.gateways[n].send_signal(sig)
        if sig in (signal.SIGKILL, signal.SIGTERM):
            self.gateways.pop(n).wait()

    def agw(self, n, command):
        s = socket.socket(socket.AF_UNIX)
        out = b""
        try:
            s.connect("%s/agw%d.ctl" % (self.dir, n))
            s.sendall(command.encode() + b"\n")
            while True:
                got = s.recv(65536)
                if not got:
                    break
                out += got
        except OSError:
            pass
        s.close()
        return out.decode()

    def contexts(self, n=None):
        """Contexts that the gateways say they have."""
        total = 0
        for i in ([n] if n is not None else list(self.gateways)):
            m = re.search(r"contexts (\d+)", self.agw(i, "status"))
            total += int(m.group(1)) if m else 0
        return total

    # the P-CSCF

    def start(self, *defines):
        cfg = self.dir + "/pcscf.cfg"
        os.makedirs(self.dir + "/state", exist_ok=True)
        with open(os.path.join(HERE, "pcscf.cfg")) as f, open(cfg, "w") as to:
            to.write(f.read().replace("ALG_DIR", self.dir).replace("ALG_CFG", "../../../cfg").replace(
                "../../../cfg", os.path.join(HERE, "../../../cfg")))
        modules = "%s/modules:%s" % (self.build, subprocess.run("echo /usr/lib/*/kamailio/modules", shell=True, capture_output=True,
                                                                text=True).stdout.strip())
        args = ["kamailio", "-DD", "-E", "-f", cfg, "-m", "128", "-M", "16", "-Y", self.dir, "-w", self.dir, "-L", modules]
        for d in defines + tuple(os.environ.get("ALG_DEFINES", "").split()):
            args += ["-A", d]
        log = open(self.out + "/pcscf.log", "a")
        self.kamailio = subprocess.Popen(args, stdout=log, stderr=log)
        self.until(lambda: "uptime" in self.rpc("core.uptime"), "the P-CSCF")

    def stop(self, sig=signal.SIGTERM):
        self.kamailio.send_signal(sig)
        return self.kamailio.wait()

    def kill(self):
        """All its processes at once."""
        pids = subprocess.run(["pgrep", "-g", str(os.getpgid(self.kamailio.pid)), "-x", "kamailio"], capture_output=True, text=True)
        for p in pids.stdout.split():
            os.kill(int(p), signal.SIGKILL)
        self.kamailio.wait()

    def processes(self, name):
        """Its processes of this name."""
        return [int(p) for p in re.findall(r"PID: (\d+)\s+DSC: %s" % re.escape(name), self.rpc("core.psx"))]

    def rpc(self, *command):
        p = subprocess.run(["kamcmd", "-s", "unix:%s/ctl" % self.dir] + [str(c) for c in command], capture_output=True, text=True)
        return p.stdout + p.stderr

    def counters(self, group="alg"):
        return {a: int(b) for a, b in re.findall(r"(\w+):? *= *(\d+)|(\w+): (\d+)", "") or
                re.findall(r"(\w+): (\d+)", self.rpc("cnt.grp_get_all", group))}

    def counter(self, name):
        return self.counters().get(name, -1)

    def log_has(self, text, at=0):
        with open(self.out + "/pcscf.log", "rb") as f:
            f.seek(at)
            return text.encode() in f.read()

    def total(self, what="total"):
        """Of alg.calls: total, waiting."""
        m = re.search(what + r": (\d+)", self.rpc("alg.calls", 0, 0))
        return int(m.group(1)) if m else -1

    def waiting(self):
        """Requests that wait."""
        return self.total("waiting")

    def busy(self):
        """Calls that somebody works on just now."""
        return self.rpc("alg.calls").count("busy: 1")

    def stories(self):
        """What the P-CSCF tells of each call."""
        ids = re.findall(r"\bid: (\w+)", self.rpc("alg.calls"))
        return "".join(self.rpc("alg.call", i) for i in ids)

    def story(self, call_id):
        """What it tells of the calls of this Call-ID."""
        ids = re.findall(r"\bid: (\w+)\s+call_id: %s\s" % re.escape(call_id), self.rpc("alg.calls", 0, 500))
        return "".join(self.rpc("alg.call", i) for i in ids)

    def asked(self, call_id):
        """How often the gateway was asked in this call."""
        m = re.search(r"\bid: (\w+)\s+call_id: %s\s" % re.escape(call_id), self.rpc("alg.calls"))
        return self.rpc("alg.call", m.group(1)).count(", wait;")

    def shm(self):
        """Octets of shared memory in use."""
        m = re.search(r"real_used: (\d+)", self.rpc("core.shmmem"))
        return int(m.group(1)) if m else -1

    def ports(self):
        """Ports that the gateways have given away."""
        got = [int(m.group(1)) for n in self.gateways for m in re.finditer(r"(?m)^realm .* ports (\d+) of", self.agw(n, "status"))]
        if len(got) != 3 * len(self.gateways):
            raise AssertionError("the gateways do not tell their ports")
        return sum(got)

    def tm_live(self):
        m = re.search(r"current: (\d+)", self.rpc("tm.stats"))
        return int(m.group(1)) if m else -1

    def stopped(self, what):
        """Do this while no gateway answers: they are asked, and stand still."""
        for p in self.gateways.values():
            p.send_signal(signal.SIGSTOP)
        try:
            what()
        finally:
            for p in self.gateways.values():
                p.send_signal(signal.SIGCONT)

    def nothing_left(self):
        """No call, context, transaction, or message that waits."""
        def nothing():
            return not self.total() and not self.waiting() and not self.contexts() and not self.tm_live()
        self.ok(self.wire.pump(nothing, PATIENCE), "nothing is left: calls, contexts, transactions, messages that wait",
                self.stories() + self.rpc("tm.list") + "".join(self.agw(n, "list") for n in self.gateways) + self.rpc("alg.gateways"))

    def up_gateways(self):
        for n in (0, 1):
            self.gateway(n)

    def up(self):
        self.up_gateways()
        self.until(lambda: self.rpc("alg.gateways").count("state: up") == 2, "both gateways")

    def down(self):
        for n in list(self.gateways):
            self.gateway_kill(n, signal.SIGTERM)
        if self.kamailio and self.kamailio.poll() is None:
            self.stop()
        shutil.rmtree(self.dir)

    def end(self):
        print("%d passed, %d failed" % (self.passed, self.failed), flush=True)
        return 1 if self.failed or not self.passed else 0
