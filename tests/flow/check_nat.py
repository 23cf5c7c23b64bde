# SPDX-License-Identifier: GPL-2.0-or-later
"""Phones behind a NAT: ESP in UDP (TS 33.203 annex M) through a masquerading router that gives each flow a random port,
tests/lab/home-nat."""
import os
import re
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from flow import Checks, Lab
from phone import Phone

def phone(lab, impi, base, transport="udp", address="192.168.7.10", **kw):
    return Phone(lab.wire, lab.home, kw.pop("ns", "uen"), address, "10.1.0.1", transport, impi=impi, uc=base, us=base + 1,
                 unprotected=kw.pop("unprotected", base + 8), nat=kw.pop("nat", True), **kw)


def reached(lab, p):
    """By its Path, from port_pc at port_us."""
    before = len(p.inbox)
    call = lab.home.request("MESSAGE", p.uri(), [lab.home.path[p.call_id]])
    code = lab.home.final(call)
    ports = [(there, here) for m, here, there in p.inbox[before:] if m.one("Call-ID") == call]
    return code == 200 and ports[:1] == [(p.set["pc"], p.set["us"])]


def heard(p):
    got = p.ask("MESSAGE")
    return got and got[0].code == 200


def nat_ports(lab, impi):
    """The NAT's ports to which ESP in UDP of this phone goes."""
    spis = re.findall(r"spis: uc=(\d+) us=(\d+)", lab.shell("kamcmd -s unix:/run/flow/ctl flow.show " + impi))
    state = lab.shell("ip xfrm state")
    return {int(re.search(r"dst 10.1.0.77\n\tproto esp spi 0x%08x (?s:.*?)dport (\d+)" % int(spi), state).group(1))
            for pair in spis for spi in pair}


def one(lab, c, transport):
    p = phone(lab, "nat-" + transport, 6100 if transport == "udp" else 6120, transport)
    p.outside = True
    c.ok(p.register() == 200, "registers")
    c.ok(p.set and p.set["mod"] == "UDP-enc-tun", "the P-CSCF chose ESP in UDP")
    if not p.set:
        return [p]
    ports = nat_ports(lab, p.impi)
    c.ok(len(ports) == 1 and 4500 not in ports, "all goes to the port that the NAT gave it", str(ports))
    c.ok("@10.1.0.77:" in p.uri(), "it calls itself by the NAT's address", p.uri())
    c.ok(reached(lab, p) and heard(p), "reached and heard")
    c.ok(p.register(p.uc + 2, p.us + 2) == 200 and heard(p) and reached(lab, p), "registers again: reached and heard")
    return [p]


def two(lab, c):
    """Two of one address inside, one of another: all behind one address outside."""
    ps = [phone(lab, "nat-a", 6200), phone(lab, "nat-b", 6220), phone(lab, "nat-c", 6200, address="192.168.7.11")]
    c.ok([p.register() for p in ps] == [200] * 3, "three phones behind one address register")
    c.ok(len(nat_ports(lab, "nat-a") | nat_ports(lab, "nat-c")) == 2, "two addresses inside, two ports outside")
    for _ in range(2):
        c.ok(all(reached(lab, p) for p in ps), "each gets its own request")
    c.ok(all(heard(p) for p in ps), "each is heard")
    return ps


def reg_ids(lab, c):
    ps = [phone(lab, "nat-three", 6300 + 20 * n, instance="urn:uuid:3", reg_id=n + 1) for n in range(3)]
    c.ok([p.register() for p in ps] == [200] * 3, "one phone, three registrations over one address")
    c.ok(all(reached(lab, p) for p in ps) and all(heard(p) for p in ps), "each over its own flow")
    return ps


def home_nat(*what):
    subprocess.run([os.path.join(os.path.dirname(os.path.abspath(__file__)), "../lab/home-nat")] + list(what), check=True)


def new_port(lab, c):
    p = phone(lab, "nat-idle", 6400)
    c.ok(p.register() == 200 and reached(lab, p), "registered and reached")
    home_nat("forget", "2")
    c.ok(heard(p), "heard")  # from here on its port is one that is forgotten soon
    before, learned = nat_ports(lab, p.impi), lab.counter("mappings")
    end = time.monotonic() + 30
    while lab.counter("mappings") == learned and time.monotonic() < end:
        lab.wire.pump(seconds=4)  # longer than the NAT remembers
        c.ok(heard(p), "heard after a while of silence")
    home_nat("forget", "60")
    c.ok(heard(p), "heard with it")
    after = nat_ports(lab, p.impi)
    c.ok(after and after != before, "the NAT has given it another port, and the P-CSCF follows", "%s, %s" % (before, after))
    c.ok(reached(lab, p), "reached at the new port")
    return [p]


def claims(lab, c):
    p, q = phone(lab, "nat-owner", 6500), phone(lab, "nat-thief", 6501)
    direct = phone(lab, "direct", 6520, ns="uea", address="10.1.0.10", nat=False)
    c.ok(p.register() == 200 and direct.register() == 200 and direct.set["mod"] == "trans",
         "one registers through the NAT, one without it in transport mode")
    q.us = 6501
    got = q.begin(6540, 6501)
    c.ok(got and got[0].code == 500, "another phone cannot claim its inner address and port", str(got and got[0].code))
    c.ok(reached(lab, p) and reached(lab, direct), "both are reached as before")
    old = phone(lab, "nat-cannot", 6560, nat=False)
    old.extra = ""
    c.ok(old.begin(client="Security-Client: ipsec-3gpp;alg=hmac-sha-1-96;mod=UDP-enc-tun;spi-c=9000;spi-s=9001;port-c=6560;"
                   "port-s=6561;ealg=des-ede3-cbc")[0].code == 494, "nothing in common for ESP in UDP: 494")
    q.close_all()
    old.close_all()
    return [p, direct]


def restart(lab, c):
    p = phone(lab, "nat-kept", 6600)
    c.ok(p.register() == 200 and reached(lab, p), "registered and reached")
    lab.pcscf("kill")
    lab.pcscf("start")
    c.ok(heard(p) and reached(lab, p), "after kill -9 and restart: heard and reached")
    return [p]


def forbidden_addresses(lab, c):
    """A phone says that its address inside is one that the P-CSCF reaches otherwise: it would draw that traffic."""
    for n, (what, address) in enumerate((("the S-CSCF's", "10.0.0.4"), ("ours in the core", "10.0.0.11"),
                                         ("the access router's", "10.1.0.254"), ("another phone's", "10.1.0.10"),
                                         ("in none of nat_networks", "198.51.100.7"))):
        lab.shell("ip addr add %s/32 dev n0" % address, "uen")
        lab.shell("ip route add %s/32 via 192.168.7.10" % address, "nat")
        denied = lab.counter("denied_inner")
        p = phone(lab, "thief%d" % n, 23000 + 20 * n, address=address)
        lab.shell("ip route add 10.1.0.1/32 via 192.168.7.1 dev n0 src %s" % address, "uen")
        got = p.begin()
        c.ok(got and got[0].code == 403 and lab.counter("denied_inner") == denied + 1, "%s: 403 and counted" % what,
             got and got[0].first or "no answer")
        p.close_all()
        lab.shell("ip addr del %s/32 dev n0; ip route del 10.1.0.1/32" % address, "uen")
        lab.shell("ip route del %s/32" % address, "nat")
    return []


def main():
    lab, c = Lab(), Checks()
    home_nat("up", "60")
    for name, play in (("UDP", lambda l, k: one(l, k, "udp")), ("TCP", lambda l, k: one(l, k, "tcp")),
                       ("behind one address", two), ("three reg-ids", reg_ids), ("another port", new_port),
                       ("claims", claims), ("forbidden addresses", forbidden_addresses), ("restart", restart)):
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
