# SPDX-License-Identifier: GPL-2.0-or-later
"""Protection fails closed: what other programs do to policies and SAs, a second Kamailio started by mistake, files that
are not ours, and addresses that a phone behind a NAT may not have."""
import os
import socket
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from check_flows import phone, reached
from check_phones import heard
from flow import Checks, Lab, log_since, log_size
from phone import Phone
from sip import enter


def signal(lab, how):
    for p in lab.processes():
        subprocess.run(["kill", "-" + how, p])


def clear_to(lab, p, port, text):
    """A datagram in clear from the phone's own address and protected port, as if it had come by its SAs."""
    lab.shell("ip xfrm policy flush; ip xfrm state flush", "uea")
    p.udp(p.set["uc"]).sendto(text.encode(), (p.pcscf, port))


def flushed_policies(lab, c):
    p = phone(lab, "flushed", 6100)
    c.ok(p.register() == 200 and reached(lab, p), "registered")
    policies, lost = lab.policies(), lab.counter("policies_lost")
    lab.shell("ip xfrm policy flush")
    c.ok(lab.until(lambda: lab.policies() == policies), "policies that another program flushed are there again", str(lab.policies()))
    c.ok(lab.counter("policies_lost") > lost and "another program has deleted IPsec policies" in log_since(0), "counted and said")
    c.ok(reached(lab, p) and heard(p), "the phone is reached and heard")
    # Nobody can set them again while all processes stand still: the sockets themselves take no packet in clear.
    seen = len(lab.home.seen)
    signal(lab, "STOP")
    lab.shell("ip xfrm policy flush; ip xfrm state flush")
    c.ok(lab.policies() == 0, "no policy is left, and nobody to set one")
    for port in (p.set["ps"], p.set["pc"]):
        clear_to(lab, p, port, p.text("MESSAGE", "sip:home1.net", p.set["us"], call_id="clear-%d" % port))
    time.sleep(0.3)
    signal(lab, "CONT")
    c.ok(lab.until(lambda: lab.policies() >= lab.guards), "they are set again", str(lab.policies()))
    lab.wire.pump(seconds=1)
    c.ok(len(lab.home.seen) == seen, "nothing that came in clear to a protected port was taken for the phone's",
         str([m.first for m in lab.home.seen[seen:]]))
    c.ok(lab.until(lambda: lab.counter("sas_lost") == 1), "flow sets whose SAs were flushed end, counted", str(lab.counter("sas_lost")))
    c.ok(lab.home.final(lab.home.request("MESSAGE", p.uri(), [lab.home.path[p.call_id]])) == 430, "430 for their tokens")
    p.close_all()
    q = phone(lab, "flushed", 6110)
    c.ok(q.register() == 200 and reached(lab, q), "the phone registers anew and is reached")
    return [q]


def start_second(*define):
    enter("pcscf1")
    os.makedirs("/run/flow9", exist_ok=True)
    return subprocess.run("timeout -k 5 60 kamailio -DD -E -f %s -A SECOND %s -m 64 -M 8 -P /run/flow9/pid -Y /run/flow9 "
                          "-L %s/modules:/usr/lib/$(uname -m)-linux-gnu/kamailio/modules 2>&1" %
                          (os.environ["FLOW_CFG"], " ".join("-A " + d for d in define), os.environ["FLOW_BUILD"]),
                          shell=True, capture_output=True, text=True)


def refused(second):
    """It ended by itself, not by timeout."""
    return second.returncode not in (0, 124, 137)


def second_kamailio(lab, c):
    p = phone(lab, "first", 6200)
    c.ok(p.register() == 200, "registered")
    sas, policies = lab.sas(), lab.policies()
    second = start_second()
    c.ok(refused(second), "a second one with other files does not start")
    c.ok(lab.sas() == sas and lab.policies() == policies, "SAs and policies of the first one are still there",
         "%d of %d, %d of %d" % (lab.sas(), sas, lab.policies(), policies))
    c.ok(reached(lab, p) and heard(p), "its phone is reached and heard")
    second = start_second("SAME_STATE")
    c.ok(refused(second) and "another Kamailio works with it" in second.stdout, "one with the same state file is told so",
         second.stdout[-300:])
    c.ok(lab.sas() == sas and lab.policies() == policies and heard(p), "and deletes nothing")
    return [p]


def the_same_mark(lab, c):
    """Other addresses and files, the same mark: it would delete what it finds."""
    lab.pcscf("kill")
    lab.until(lambda: not lab.processes())
    enter("pcscf1")
    at, other = log_size(), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    other.bind("\0ims_flow/494d5346")
    begun = lab.pcscf_begin()
    c.ok(begun.wait(60) != 0 and "mark of its own" in log_since(at), "does not start, and says which line to change")
    other.close()
    lab.pcscf("start")
    p = phone(lab, "mark", 6300)
    c.ok(p.register() == 200, "when the other one has gone it does")
    return [p]


def files_of_others(lab, c):
    path = "/run/flow/ims_flow.state"
    lab.pcscf("kill")
    lab.until(lambda: not lab.processes())
    os.rename(path, path + ".ours")
    for what in (b"precious\n", b"x" * 100000):
        with open(path, "wb") as f:
            f.write(what)
        at = log_size()
        c.ok(lab.pcscf_begin().wait(60) != 0 and "ims_flow has not made it" in log_since(at), "another file: refused, and said so")
        c.ok(open(path, "rb").read() == what, "it is as it was")
    os.remove(path)
    os.symlink("/etc/hosts", path)
    before = open("/etc/hosts").read()
    c.ok(lab.pcscf_begin().wait(60) != 0 and open("/etc/hosts").read() == before, "a link to one: refused")
    os.remove(path)
    os.rename(path + ".ours", path)
    lab.pcscf("start")
    return []


def main():
    lab, c = Lab(), Checks()
    for name, play in (("flushed", flushed_policies), ("second Kamailio", second_kamailio), ("the same mark", the_same_mark),
                       ("files of others", files_of_others)):
        c.prefix = name + ": "
        began = time.monotonic()
        for p in play(lab, c):
            lab.rpc("flow.drop", p.impi)
            p.close_all()
        print("  %-32s %5.1f s" % (name, time.monotonic() - began), flush=True)
        lab.nothing_left(c)
    return c.end()


if __name__ == "__main__":
    sys.exit(main())
