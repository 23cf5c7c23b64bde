# SPDX-License-Identifier: GPL-2.0-or-later
"""What happens when the kernel says no (SPI taken, no room for its answers, no ESP), and what the keys of the tokens are
worth on other nodes and after they were changed. After a refusal SAs, policies and flow sets must be exactly what they
were."""
import os
import re
import shutil
import socket
import struct
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from flow import Checks, Lab, log_since, log_size
from phone import Phone
from sip import enter

UE, P = "10.1.0.10", "10.1.0.1"
ESP = "proto esp mode transport enc 'ecb(cipher_null)' '' auth-trunc 'hmac(md5)' 0x00112233445566778899aabbccddeeff 96"


def phone(lab, impi, base, **kw):
    return Phone(lab.wire, lab.home, "uea", UE, P, impi=impi, uc=base, us=base + 1, **kw)


def reached(lab, p):
    before = len(p.inbox)
    call = lab.home.request("MESSAGE", p.uri(), [lab.home.path[p.call_id]])
    return lab.home.final(call) == 200 and any(m.one("Call-ID") == call for m, _, _ in p.inbox[before:])


def state(lab):
    """All that a refusal must not change; counters and ages of SAs do not belong to it."""
    kernel = lab.shell("ip xfrm state; ip xfrm policy")
    return re.sub(r"(?m)^\s*anti-replay.*$", "", kernel), str(lab.rpc("flow.stats"))


def told(answer, code, reason):
    return bool(answer) and answer[0].first == "SIP/2.0 %d %s" % (code, reason)


def end(lab, *phones):
    for p in phones:
        lab.rpc("flow.drop", p.impi)
        p.close_all()
    limit = time.monotonic() + 30
    while lab.sas() and time.monotonic() < limit:
        time.sleep(0.2)


def spi_taken(lab, c):
    """The SPIs that a phone offers name SAs of another program: EEXIST."""
    p = phone(lab, "taken", 6100)
    for n, what in ((0, "spi-c"), (1, "spi-s")):
        spi = Phone.used_spi + 2 + n
        foreign = "src 10.9.9.9 dst %s spi %d" % (UE, spi)
        lab.shell("ip xfrm state add %s %s" % (foreign, ESP))
        before, collisions = state(lab), lab.counter("spi_collisions")
        c.ok("0x%08x" % spi in before[0], "another program has %s" % what)
        got = p.begin()
        c.ok(told(got, 500, "SPI In Use"), "%s is taken: 500" % what, got and got[0].first or "no answer")
        c.ok(got and not got[0].all("WWW-Authenticate") and not got[0].all("Security-Server"), "which is no challenge")
        c.ok(lab.counter("spi_collisions") > collisions, "and counted")
        c.ok(state(lab) == before, "nothing half installed, the other program's SA still there")
        lab.shell("ip xfrm state delete %s proto esp" % foreign)
        p.close_all()
    c.ok(p.register() == 200 and reached(lab, p), "with SPIs that are free it registers")
    spi = Phone.used_spi + 2
    lab.shell("ip xfrm state add src 10.9.9.9 dst %s spi %d %s" % (UE, spi, ESP))
    before = state(lab)
    got = p.begin(6104, 6105)
    c.ok(told(got, 500, "SPI In Use") and state(lab) == before, "the same at a re-authentication")
    p.uc, p.us = 6100, 6101
    c.ok(reached(lab, p), "which leaves the registration alone")
    lab.shell("ip xfrm state delete src 10.9.9.9 dst %s spi %d proto esp" % (UE, spi))
    end(lab, p)


def modules(lab, what):
    """Take ESP out of the kernel, or put it back."""
    if what == "out":
        lab.shell("cp /proc/sys/kernel/modprobe /run/modprobe-was; echo /bin/false > /proc/sys/kernel/modprobe")
        limit = time.monotonic() + 30
        while time.monotonic() < limit:
            lab.shell("rmmod esp4; rmmod esp6")
            if not re.search(r"(?m)^esp[46] ", open("/proc/modules").read()):
                return True
            time.sleep(0.2)
        return False
    lab.shell("cat /run/modprobe-was > /proc/sys/kernel/modprobe; $(cat /run/modprobe-was) -a esp4 esp6")
    return "esp4" in open("/proc/modules").read()


def netlink(lab, pid):
    """(octets waiting, answers lost) of the socket on which this process asks the kernel for SAs."""
    rows = [r.split() for r in lab.shell("cat /proc/net/netlink").splitlines()[1:]]
    return [(int(r[4]), int(r[8])) for r in rows if r[1] == str(socket.NETLINK_XFRM) and r[2] == str(pid)][0]


def fill(pid):
    """Put so much into that socket's queue that the kernel has no room for an answer: ENOBUFS."""
    enter("pcscf1")
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_XFRM) as s:
        s.setblocking(False)
        for size in (8192, 16):
            noop = struct.pack("=IHHII", size, 1, 0, 0, 0).ljust(size, b"\0")
            try:
                while True:
                    s.sendto(noop, (pid, 0))
            except BlockingIOError:
                pass


def no_room(lab, c):
    """ENOBUFS: what the kernel did is known only from looking."""
    lab.fresh("ONE_WORKER")
    p, q = phone(lab, "room-p", 6400), phone(lab, "room-q", 6410, unprotected=5070)
    c.ok(p.register() == 200 and reached(lab, p), "registered")
    about = lab.rpc("core.psx")
    at = [i for i, (_, value) in enumerate(about) if value == "udp receiver child=0 sock=10.0.0.11:5060"][0]
    worker = int([value for name, value in about[:at] if name == "PID"][-1])
    log = log_size()
    for who, ports, what in ((q, (6410, 6411), "a new phone"), (p, (6404, 6405), "a registered one")):
        fill(worker)
        before, errors, (waiting, lost) = state(lab), lab.counter("kernel_errors"), netlink(lab, worker)
        got = who.begin(*ports)
        after = netlink(lab, worker)
        c.ok(waiting > 1 << 20 and after[0] == 0 and after[1] > lost, what + ": the kernel could not answer",
             "%d waiting, %s" % (waiting, after))
        c.ok(told(got, 500, "No Resources For Security Association"), what + ": 500", got and got[0].first or "no answer")
        c.ok(got and not got[0].all("WWW-Authenticate") and not got[0].all("Security-Server"), "which is no challenge")
        c.ok(lab.counter("kernel_errors") == errors + 1, "counted once")
        c.ok(state(lab) == before, what + ": nothing half installed")
    c.ok(re.findall(r"ERROR: ims_flow.*refused.*out of memory or buffers; give the machine more memory", log_since(log)),
         "an ERROR says what to do")
    p.uc, p.us = 6400, 6401
    c.ok(reached(lab, p) and p.ask("MESSAGE", contact="")[0].code == 200, "the registration goes on, both ways")
    c.ok(q.register(6414, 6415) == 200 and reached(lab, q), "and the new phone registers when there is room")
    c.ok(p.register(6420, 6421) == 200 and reached(lab, p), "as the other one again")
    end(lab, p, q)
    lab.fresh()


def no_esp(lab, c):
    """EPROTONOSUPPORT: while it runs, and at start."""
    if os.environ.get("KERN_RUN_KERNEL") != "qemu":
        print("  not played: it would take ESP from this machine's own kernel (KERN_RUN_KERNEL=qemu plays it)", flush=True)
        return
    lab.shell("ip xfrm state flush; ip xfrm policy flush", "uea")
    if not c.ok(modules(lab, "out"), "the kernel has no ESP any more"):
        return
    at = log_size()
    before, errors, p = state(lab), lab.counter("kernel_errors"), phone(lab, "noesp", 6200)
    for n in range(3):
        got = p.begin(6200 + 4 * n, 6201 + 4 * n)
        c.ok(told(got, 500, "IPsec Not Available"), "no ESP: 500", got and got[0].first or "no answer")
    c.ok(lab.counter("kernel_errors") == errors + 3, "counted")
    c.ok(state(lab) == before, "nothing half installed")
    lines = re.findall(r"ERROR: ims_flow.*refused.*modprobe -a esp4 esp6", log_since(at))
    c.ok(lines, "an ERROR says what to do")
    # At start.
    at = log_size()
    lab.pcscf("kill")
    lab.shell("ip xfrm policy flush; rm -f /run/flow/*.state")
    required = lab.pcscf_begin("IPSEC_REQUIRED")
    c.ok(required.wait(60) != 0 and "modprobe -a esp4 esp6" in log_since(at), "with ipsec=2 the P-CSCF does not start, and says why")
    at = log_size()
    c.ok(lab.pcscf_begin().wait(60) != 0 and 'modparam("ims_flow", "ipsec", 0)' in log_since(at),
         "nor with ipsec=1, and says how to do without")
    lab.pcscf("start", "WITHOUT_IPSEC")
    got = p.begin(6220, 6221)
    c.ok(got and got[0].code == 401 and not got[0].all("Security-Server") and "ck=" not in got[0].text,
         "and challenges without offering SAs")
    p.close_all()
    c.ok(modules(lab, "back"), "ESP is back")
    lab.fresh()
    p = phone(lab, "again", 6230)
    c.ok(p.register() == 200 and reached(lab, p), "after a restart all is as ever")
    end(lab, p)


def change_keys(lab, text):
    with open("/run/flow/ims_flow.keys", "w") as f:
        f.write(text)
    lab.rpc("flow.reload_keys")


def keys(lab, c):
    """Rotation, and a second node with the same file."""
    old = open("/run/flow/ims_flow.keys").read()
    new = "2 " + os.urandom(32).hex() + "\n"
    p, q = phone(lab, "before", 6300), phone(lab, "after", 6310, unprotected=5070)
    c.ok(p.register() == 200, "registered")
    change_keys(lab, new + old)
    c.ok(reached(lab, p), "a token made with the old key is good while the file has it")
    c.ok(q.register() == 200 and reached(lab, q), "new ones are made with the new key")
    os.makedirs("/run/flow2", exist_ok=True)
    shutil.copy("/run/flow/ims_flow.keys", "/run/flow2/ims_flow.keys")
    lab.pcscf("start", "NODE2")
    lab.home.pcscf = "10.0.0.12"
    for who, path in (("old", lab.home.path[p.call_id]), ("new", lab.home.path[q.call_id])):
        there = path.replace("10.0.0.11", "10.0.0.12")
        c.ok(lab.home.final(lab.home.request("MESSAGE", p.uri(), [there])) == 430,
             "another node with the file knows a token of the %s key: 430, try another flow" % who)
        token = re.search(r"sip:(flow1\.[^@]+)@", there).group(1)
        forged = there.replace(token, token[:-3] + ("A" if token[-3] != "A" else "B") + token[-2:])
        c.ok(lab.home.final(lab.home.request("MESSAGE", p.uri(), [forged])) == 403, "and a forged one: 403")
    lab.home.pcscf = "10.0.0.11"
    lab.pcscf("stop", "NODE2")
    change_keys(lab, new)
    c.ok(lab.home.final(lab.home.request("MESSAGE", p.uri(), [lab.home.path[p.call_id]])) == 403,
         "without the old key its tokens are forged ones")
    c.ok(reached(lab, q), "those of the new key stay good")
    change_keys(lab, "this is no key\n")
    c.ok(reached(lab, q), "a broken file changes nothing")
    change_keys(lab, old)
    end(lab, p, q)


def main():
    lab, c = Lab(), Checks()
    for name, play in (("keys of the tokens", keys), ("SPI taken", spi_taken), ("no room", no_room),
                             ("no ESP", no_esp)):
        c.prefix = name + ": "
        began = time.monotonic()
        play(lab, c)
        print("  %-32s %5.1f s" % (name, time.monotonic() - began), flush=True)
    return c.end()


if __name__ == "__main__":
    sys.exit(main())
