# SPDX-License-Identifier: GPL-2.0-or-later
"""A P-CSCF of Debian's own modules with as little of ims_flow as can be: with ims_flow in the place of ims_ipsec_pcscf
(replaced.cfg), and with ims_ipsec_pcscf kept and only tokens and flow_route() added (tokens.cfg)."""
import os
import re
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from check_flows import phone
from flow import Checks, Lab
from sip import routes

KEEPS_STOCK = "tokens.cfg" in os.environ["FLOW_CFG"]


def came(p, call, method):
    """From and to which port a request came."""
    return [(there, here) for m, here, there in p.inbox if m.method == method and m.one("Call-ID") == call]


def reached(lab, c, p, what):
    call = lab.home.request("MESSAGE", p.uri(), [lab.home.path[p.call_id]])
    code = lab.home.final(call)
    ports = came(p, call, "MESSAGE")
    c.ok(code == 200 and ports and ports[0] == (p.set["pc"], p.set["us"]), what + ": reached from port_pc at port_us",
         "%d, %s of %s" % (code, ports, p.set))


def call_of(lab, c, p):
    """A call whose Record-Route is the stock module's: what follows comes by the phone's address alone."""
    call = lab.home.request("INVITE", p.uri(), [lab.home.path[p.call_id]])
    c.ok(lab.home.final(call) == 200, "a call to the phone is set up")
    answer = [m for m in lab.home.answers[call] if m.code == 200][0]
    back, tag = list(reversed(routes(answer))), answer.one("To").split("tag=")[1]
    lab.home.request("ACK", p.uri(), back, call, to_tag=tag)
    lab.wire.pump(lambda: came(p, call, "ACK"))
    lab.home.request("BYE", p.uri(), back, call, cseq=2, to_tag=tag)
    c.ok(lab.home.final(call, method="BYE") == 200, "its BYE is answered")
    for method in ("INVITE", "ACK", "BYE"):
        ports = came(p, call, method)
        c.ok(ports and ports[0] == (p.set["pc"], p.set["us"]), "%s came from port_pc to port_us" % method, str(ports))


def pretender(lab, c):
    """A REGISTER in clear that says it came over SAs. Anybody can write these headers; the kernel knows better."""
    p = phone(lab, "pretender", 7900, unprotected=5066)
    before = lab.counter("unknown_sa")
    verify = "ipsec-3gpp;alg=hmac-sha-1-96;ealg=null;prot=esp;mod=trans;spi-c=4096;spi-s=4097;port-c=5060;port-s=5060"
    p.transmit(p.register_text(5066, 5066, "", 600, verify, p.client_header(990000, 5066, 5067)), 5066, 5060)
    c.ok(lab.until(lambda: lab.counter("unknown_sa") == before + 1), "SAs that the kernel does not have: counted")
    told = lambda: [m.one("Authorization") for m in lab.home.seen if m.method == "REGISTER" and "pretender" in m.one("Authorization")]
    c.ok(lab.until(told) and all('integrity-protected="no"' in t for t in told()), "the home network is told that it came in clear",
         str(told()))
    p.close_all()


def main():
    lab, c = Lab(), Checks()
    if KEEPS_STOCK:
        c.prefix = "beside ims_ipsec_pcscf: "
        pretender(lab, c)
    for n, transport in enumerate(("udp", "tcp")):
        c.prefix = "%s, %s: " % ("beside ims_ipsec_pcscf" if KEEPS_STOCK else "in its place", transport)
        p = phone(lab, "beside-" + transport, 7800 + 20 * n, transport, unprotected=5060 + n)
        code = p.register()
        if not c.ok(code == 200, "registered", str(code)):
            continue
        path = lab.home.path[p.call_id]
        c.ok(re.match(r"<sip:flow1\.\S+;lr;ob>", path), "Path carries a flow token", path)
        reached(lab, c, p, "registered")
        call_of(lab, c, p)
        got = p.ask("MESSAGE")
        c.ok(got and got[0].code == 200, "what it asks is answered")
        c.ok(lab.home.final(lab.home.request("MESSAGE", p.uri(), [path.replace("flow1.", "flow1.A")])) == 403, "a forged token: 403")
        if KEEPS_STOCK:
            lab.rpc("flow.drop", p.impi)
        else:
            c.ok(p.register(p.uc + 2, p.us) == 200, "re-registered")
            reached(lab, c, p, "re-registered")
            lab.wire.pump(seconds=9)
            reached(lab, c, p, "when the stock modules have given up the contact that was pending")
            c.ok(p.register(p.uc + 2, p.us, 0) == 200, "de-registered")
        c.ok(lab.home.final(lab.home.request("MESSAGE", p.uri(), [path])) == 430, "the registration has ended: its token gives 430")
        p.close_all()
    return c.end()


if __name__ == "__main__":
    sys.exit(main())
