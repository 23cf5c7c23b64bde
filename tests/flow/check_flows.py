# SPDX-License-Identifier: GPL-2.0-or-later
"""Phones that break P-CSCFs: several behind one address, several registrations of one, restarts, refusals, abuse."""
import os
import re
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from flow import Checks, Lab
from phone import Phone
from sip import PATIENCE

UE, P = "10.1.0.10", "10.1.0.1"


def phone(lab, impi, base, transport="udp", **kw):
    return Phone(lab.wire, lab.home, "uea", kw.pop("address", UE), kw.pop("pcscf", P), transport, impi=impi, uc=base, us=base + 1, **kw)


def reached(lab, p, seconds=PATIENCE):
    """A MESSAGE by the phone's Path is answered by this phone, over the set it has in use."""
    before = len(p.inbox)
    call = lab.home.request("MESSAGE", p.uri(), [lab.home.path[p.call_id]])
    code = lab.home.final(call, seconds)
    return code == 200 and any(m.one("Call-ID") == call for m, _, _ in p.inbox[before:])


def two_behind_one_address(lab, c):
    a, b = phone(lab, "two-a", 6100), phone(lab, "two-b", 6200, unprotected=5070)
    c.ok(a.register() == 200 and b.register() == 200, "both register")
    for _ in range(3):
        c.ok(reached(lab, a) and reached(lab, b), "each gets its own request")
    c.ok(a.ask("MESSAGE", contact="")[0].code == 200 and b.ask("MESSAGE", contact="")[0].code == 200, "each is heard")
    got = a.ask("MESSAGE", "P-Preferred-Identity: <sip:two-b@home1.net>\r\n", contact="")
    c.ok(got[0].code == 200, "a wish for the other's identity refuses nobody: the own default speaks")
    return [a, b]


def three_reg_ids(lab, c):
    all3 = [phone(lab, "three", 6300 + 10 * n, instance="urn:uuid:3", reg_id=n + 1, unprotected=5080 + n) for n in range(3)]
    c.ok([p.register() for p in all3] == [200, 200, 200], "three registrations of one instance")
    for p in all3:
        c.ok(reached(lab, p), "each is reached over its own flow")
    all3[1].close_all()
    again = phone(lab, "three", 6350, instance="urn:uuid:3", reg_id=2, unprotected=5090)
    gone = lab.home.path[all3[1].call_id]
    c.ok(again.register() == 200 and reached(lab, again) and reached(lab, all3[0]) and reached(lab, all3[2]),
         "a new registration with the same reg-id replaces that one only")
    c.ok(lab.home.final(lab.home.request("MESSAGE", all3[1].uri(), [gone])) == 430, "the replaced one's token gives 430")
    return [all3[0], again, all3[2]]


def other_unprotected_port(lab, c):
    p = phone(lab, "port", 6400, unprotected=40123)
    c.ok(p.register() == 200 and reached(lab, p), "reached with an unprotected port that is not 5060")
    return [p]


def tcp_closed_in_call(lab, c):
    p = phone(lab, "closing", 6500, "tcp")
    c.ok(p.register() == 200, "registered over TCP")
    call = lab.home.request("INVITE", p.uri(), [lab.home.path[p.call_id]])
    c.ok(lab.home.final(call) == 200, "call set up")
    answer = [m for m in lab.home.answers[call] if m.code == 200][0]
    from sip import routes
    back, tag = list(reversed(routes(answer))), answer.one("To").split("tag=")[1]
    lab.home.request("ACK", p.uri(), back, call, to_tag=tag)
    lab.wire.pump(lambda: any(m.method == "ACK" for m, _, _ in p.inbox))
    p.close("in", p.set["us"])
    p.close("tcp", p.set["uc"], reset=True)
    c.ok(lab.hung_up(p.set["us"]) and lab.hung_up(p.set["uc"]), "the P-CSCF has seen both end")
    lab.home.request("BYE", p.uri(), back, call, cseq=2, to_tag=tag)
    c.ok(lab.home.final(call, method="BYE") == 200, "BYE reaches the phone that closed its connections")
    bye = [(m, here, there) for m, here, there in p.inbox if m.method == "BYE"]
    c.ok(bye and bye[0][2] == p.set["pc"], "from port_pc, inside the SA")
    return [p]


def thousand(lab, c, rounds):
    p = phone(lab, "thousand", 10000)
    c.ok(p.register() == 200, "registered")
    worst = wrong = 0
    shm = 0
    for n in range(rounds):
        port = 10000 + 4 * (n % 5000)
        code = p.register(port + 2, p.us if n % 3 == 0 else port + 3)
        call = lab.home.request("MESSAGE", p.uri(), [lab.home.path[p.call_id]])
        ok = code == 200 and lab.home.final(call) == 200 and p.ask("OPTIONS", contact="")[0].code == 200
        here = [h for m, h, _ in p.inbox if m.one("Call-ID") == call]
        wrong += not ok or not here or here[0] not in (p.set["us"], p.old[-1]["us"])
        p.inbox.clear()
        lab.home.seen.clear()
        lab.home.answers.clear()
        while len(p.old) > 1:
            gone = p.old.pop(0)
            p.forget(gone)
            p.close("udp", gone["uc"])
            if gone["us"] not in (p.set["us"], p.old[-1]["us"]):
                p.close("udp", gone["us"])
        if n % 20 == 0:
            worst = max(worst, int(re.search(r"sa_sets: (\d)", str(lab.shell("kamcmd -s unix:/run/flow/ctl flow.list thousand"))).group(1)))
        if n == 99:
            lab.wire.pump(seconds=6)  # transactions are kept for 5 s
            shm = int(dict(lab.rpc("core.shmmem"))["used"])
    c.ok(wrong == 0, "%d re-registrations with requests both ways: right pair every time" % rounds, "%d wrong" % wrong)
    c.ok(worst <= 3, "never more than old, new and temporary", "%d seen" % worst)
    lab.wire.pump(seconds=6)
    grown = int(dict(lab.rpc("core.shmmem"))["used"]) - shm
    c.ok(grown < 262144 or rounds < 100, "shared memory is where it was", "%d octets more" % grown)
    return [p]


def refusals(lab, c):
    # Security agreement.
    p = phone(lab, "refused", 6600)
    got = p.begin(client="Security-Client: tls;q=0.1, ipsec-3gpp;alg=future;spi-c=300;spi-s=400;port-c=1;port-s=2")
    c.ok(got and got[0].code == 494 and "hmac-sha-1-96" in got[0].one("Security-Server"), "only unknown algorithms: 494 with our list")
    got = p.begin(client="Security-Client: ipsec-3gpp;alg=hmac-sha-1-96;spi-c=5;spi-s=400;port-c=1;port-s=2")
    c.ok(got and got[0].code == 400, "a reserved SPI: 400")
    got = p.begin(client="Security-Client: ipsec-3gpp;alg=hmac-sha-1-96;spi-c=500;spi-s=400;port-c=6601;port-s=6601")
    c.ok(got and got[0].code == 400, "one port for both pairs: 400")
    got = p.begin(client="Security-Client: ;;;")
    c.ok(got and got[0].code == 400, "a broken Security-Client: 400")
    got = p.begin(client="Security-Client: msrp-tls;mediasec\r\nSecurity-Client: ipsec-3gpp;alg=rot13;spi-c=300;spi-s=400;"
                  "port-c=1;port-s=2, " + p.client_header(777000, 6600, 6601)[17:])
    c.ok(got and got[0].code == 401, "several lines and lists: the one we know is found")
    c.ok(lab.sas() == 4, "one temporary set", str(lab.sas()))
    p.spi = 777000
    new = p.install(got)
    got = p.finish(new, verify=new["server"].replace("spi-c=", "spi-c=1"))
    c.ok(got and got[0].code == 494, "Security-Verify that differs: 494")
    got = p.finish(new, response="wrong")
    c.ok(got and got[0].code == 403, "wrong response: 403, inside the SA")
    lab.nothing_left(c, "a refused registration leaves nothing")
    # A registered phone: a refused re-authentication, another IMPI over its SAs, other people's addresses.
    p = phone(lab, "guarded", 6700)
    p.register()
    first = p.set
    got = p.begin(6702, 6703)
    got = p.finish(p.install(got), response="wrong")
    c.ok(got and got[0].code == 403 and p.set is first and reached(lab, p), "a refused re-authentication leaves the registration alone")
    p.impi = "mallory"
    got = p.begin(6704, 6705)
    c.ok(got and got[0].code == 403, "REGISTER of another IMPI over the SA: 403")
    p.impi, p.uc = "guarded", 6700
    got = p.ask("MESSAGE", via_port=5060, contact="")
    c.ok(got and got[0].code == 200, "Via of another port is no reason to refuse")
    got = p.ask("MESSAGE", contact="<sip:guarded@10.1.0.99:6701>")
    c.ok(got and got[0].code == 403, "Contact of another address: 403")
    own = "<sip:guarded@10.1.0.10:6701%s>"
    for what, contact in (("a second Contact of another address", own % "" + ", <sip:guarded@10.1.0.99:6701>"),
                          ("a second Contact header of another address", own % "" + "\r\nContact: <sip:guarded@10.1.0.99:6701>"),
                          ("maddr of another address", own % ";maddr=10.1.0.99"), ("maddr that is a name", own % ";maddr=victim.example")):
        before = lab.counter("denied_contact")
        got = p.ask("MESSAGE", contact=contact)
        c.ok(got and got[0].code == 403 and lab.counter("denied_contact") > before, what + ": 403, counted", got and got[0].first)
    got = p.ask("MESSAGE", contact=own % ";transport=udp;maddr=10.1.0.10" + ", <sip:guarded@phone.example>")
    c.ok(got and got[0].code == 200, "its own address in all of them, and a name: passes", got and got[0].first)
    # Tokens.
    path = lab.home.path[p.call_id]
    token = re.search(r"sip:([^@]+)@", path).group(1)
    swapped = token[:-3] + ("A" if token[-3] != "A" else "B") + token[-2:]
    for what, user, want in (("forged", swapped, 403), ("cut", token[:-4], 403), ("of another key", "flow1." + "A" * 34, 403),
                             ("good", token, 200)):
        call = lab.home.request("MESSAGE", p.uri(), [path.replace(token, user)])
        c.ok(lab.home.final(call) == want, "a %s token: %d" % (what, want))
    call = lab.home.request("MESSAGE", p.uri(), ["<sip:AWlvb2Zvbw==@10.0.0.11:5060;lr;ob>"])
    code = lab.home.final(call)
    c.ok(code == 200, "a foreign token is left alone: the request goes by its URI", str(code))
    call = lab.home.request("MESSAGE", "sip:nobody@10.1.0.77:5099", [])
    c.ok(lab.home.final(call) == 404, "no phone of ours: flow_route() says so")
    # Somebody else's SPI: the kernel says EEXIST, another one is taken.
    spi = int(re.search(r"spis: .*ps=(\d+)", lab.shell("kamcmd -s unix:/run/flow/ctl flow.show guarded")).group(1))
    foreign = ["ip xfrm state add src 10.9.9.9 dst 10.1.0.1 proto esp spi %d mode transport enc 'ecb(cipher_null)' '' "
               "auth-trunc 'hmac(md5)' 0x00112233445566778899aabbccddeeff 96" % (spi + n) for n in range(1, 20)]
    lab.shell("; ".join(foreign))
    q = phone(lab, "collide", 6800)
    before = lab.counter("spi_collisions")
    tries = [q.register(6800 + 4 * n, 6801 + 4 * n) for n in range(6)]
    c.ok(lab.counter("spi_collisions") > before and 200 in tries, "taken SPIs are passed over", str(tries))
    lab.shell("; ".join("ip xfrm state delete src 10.9.9.9 dst 10.1.0.1 proto esp spi %d" % (spi + n) for n in range(1, 20)))
    # Past the home network: from a registered phone, and from a stranger on the access network.
    call = "past-home"
    got = p.ask("MESSAGE", uri=q.uri() if q.set else p.uri(), contact="", call_id=call)
    c.ok(got and got[0].code == 403, "from one phone to another by its address: 403", str(got and got[0].code))
    s = phone(lab, "outsider", 6950, unprotected=6959, sec=False)
    got = s.ask("MESSAGE", uri=p.uri(), contact="")
    c.ok(got and got[0].code == 404 and not any("outsider" in m.one("From") for m, _, _ in p.inbox),
         "from a stranger on the access network by its address: 404", str(got and got[0].code))
    s.close_all()
    # A stranger without SAs on the protected port gets nothing.
    s = phone(lab, "stranger", 6900)
    s.set = {"uc": 6900, "us": 6901, "ps": 5061, "pc": 5062, "server": "x"}
    c.ok(s.ask("OPTIONS", seconds=1.0, contact="") is None, "in clear on port_ps: nothing")
    # By the policy of the socket, or, where there is none, by the one that blocks.
    stopped = re.findall(r"XfrmIn(?:PolBlock|TmplMismatch)\s+(\d+)", lab.shell("cat /proc/net/xfrm_stat"))
    c.ok(sum(map(int, stopped)) > 0, "stopped by the kernel")
    return [p, q]


def restart(lab, c):
    """kill -9 while phones share one address; check_restart.py does it with many more."""
    phones = []
    for n in range(20):
        p = phone(lab, "many%d" % n, 20000 + 4 * n, unprotected=20003 + 4 * n, alg="hmac-md5-96")
        if p.register() == 200:
            phones.append(p)
    c.ok(len(phones) == 20, "20 phones register", "%d did" % len(phones))
    lab.shell("ip xfrm state add src 10.9.9.9 dst 10.1.0.1 proto esp spi 0x9999 mode transport enc 'ecb(cipher_null)' '' "
              "auth-trunc 'hmac(md5)' 0x00112233445566778899aabbccddeeff 96")
    sas, policies = lab.sas(), lab.policies()
    lab.pcscf("kill")
    lab.pcscf("start")
    c.ok(lab.sas() == sas and lab.policies() == policies, "the restarted P-CSCF keeps SAs and policies, the foreign SA too",
         "%d of %d, %d of %d" % (lab.sas(), sas, lab.policies(), policies))
    lost = sum(not reached(lab, p) for p in phones)
    c.ok(lost == 0, "every phone is reached without a new registration", "%d are not" % lost)
    deaf = sum(p.ask("MESSAGE", contact="") is None for p in phones)
    c.ok(deaf == 0, "and heard")
    c.ok(phones[3].register(phones[3].uc + 2, phones[3].us) == 200 and reached(lab, phones[3]), "re-authentication goes on as well")
    lab.shell("ip xfrm state delete src 10.9.9.9 dst 10.1.0.1 proto esp spi 0x9999")
    lab.rpc("flow.drop", UE)
    for p in phones:
        p.close_all()
    return []


def main():
    lab, c = Lab(), Checks()
    c.ok(lab.guards > 0 and lab.sas() == 0, "guards stand, no SA")
    rounds = int(os.environ.get("FLOW_ROUNDS", "1000"))
    for name, play in (("two UEs behind one address", two_behind_one_address), ("one UE, three reg-ids", three_reg_ids),
                       ("unprotected port", other_unprotected_port), ("TCP closed in a call", tcp_closed_in_call),
                       ("refusals", refusals), ("re-registrations", lambda l, k: thousand(l, k, rounds)),
                       ("restart", restart)):
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
