# SPDX-License-Identifier: GPL-2.0-or-later
"""Seven situations in the life of a P-CSCF, told as what came of them: one line each, "situation<TAB>outcome"."""
import os
import re
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from check_flows import phone
from flow import Lab
from phone import Phone
from sip import routes


def reached(lab, p):
    """Whether a request by the phone's Path comes to this phone, and over ports of its SAs."""
    before = len(p.inbox)
    call = lab.home.request("MESSAGE", p.uri(), [lab.home.path.get(p.call_id, "<sip:10.0.0.11:5060;lr>")])
    code = lab.home.final(call, 1.5)
    ours = [(h, t) for m, h, t in p.inbox[before:] if m.one("Call-ID") == call]
    return code == 200 and ours and p.set and ours[0][1] == p.set["pc"] and ours[0][0] == p.set["us"]


def count(lab, phones):
    return sum(bool(reached(lab, p)) for p in phones)


def said(lab):
    """What the IMS modules themselves complained of since the last look."""
    with open(os.environ["FLOW_OUT"] + "/pcscf.log") as f:
        f.seek(lab.log_at)
        text = f.read()
        lab.log_at = f.tell()
    seen = []
    for line in re.findall(r"ERROR: ims_\w+ \[[^]]*\]: (.*)", text):
        line = re.sub(r"\d+\.\d+\.\d+\.\d+|\d{3,}", "...", line).strip()
        if line not in seen and "No data available" not in line:
            seen.append(line)
    return " (log: %s)" % "; ".join(seen[:2]) if seen else ""


def try_register(p, *ports):
    try:
        return p.register(*ports)
    except (RuntimeError, OSError, KeyError) as e:
        # What the 401 offered cannot be set up: no ports, or SAs that exist.
        print("%s: %r, offered %s" % (p.impi, e, [m.one("Security-Server") for m, _, _ in p.inbox if m.code == 401][-1:]), file=sys.stderr)
        return 0


def two(lab):
    a, b = phone(lab, "two-a", 7100), phone(lab, "two-b", 7200, unprotected=5070)
    codes = [try_register(a), try_register(b)]
    return "registered %s; of 6 requests %d reach the right phone inside its SAs" % (codes, sum(count(lab, [a, b]) for _ in range(3))), [a, b]


def three(lab):
    ps, codes = [], []
    for n in range(3):
        p = phone(lab, "three", 7300 + 10 * n, instance="urn:uuid:3", reg_id=n + 1)
        codes.append(try_register(p))
        p.close("udp", 5060)  # the next one registers from 5060 as well
        ps.append(p)
    return "registered %s; of 3 requests %d come over the flow they are for" % (codes, count(lab, ps)), ps


def odd_port(lab):
    p = phone(lab, "port", 7400, unprotected=40123)
    code = try_register(p)
    first = bool(reached(lab, p))
    lab.wire.pump(seconds=11)
    return "registered [%d]; reached %s; 11 s later %s" % (code, "yes" if first else "NO", "yes" if reached(lab, p) else "NO"), [p]


def tcp(lab):
    p = phone(lab, "closing", 7500, "tcp")
    code = try_register(p)
    call = lab.home.request("INVITE", p.uri(), [lab.home.path.get(p.call_id, "<sip:10.0.0.11:5060;lr>")])
    if lab.home.final(call, 3) != 200 or not p.set:
        return "registered [%d]; the call is not set up" % code, [p]
    answer = [m for m in lab.home.answers[call] if m.code == 200][0]
    back, tag = list(reversed(routes(answer))), answer.one("To").split("tag=")[1]
    lab.home.request("ACK", p.uri(), back, call, to_tag=tag)
    lab.wire.pump(seconds=0.3)
    p.close("in", p.set["us"])
    p.close("tcp", p.set["uc"], reset=True)
    lab.wire.pump(seconds=0.3)
    lab.home.request("BYE", p.uri(), back, call, cseq=2, to_tag=tag)
    code = lab.home.final(call, 3, "BYE")
    bye = [t for m, h, t in p.inbox if m.method == "BYE"]
    return "BYE after the phone closed: %s" % ("answered, from port_pc" if code == 200 and bye and bye[0] == p.set["pc"]
                                               else "answered, but from port %d" % bye[0] if bye else "LOST (%d)" % code), [p]


def repeated(lab, rounds=40):
    p = phone(lab, "repeat", 7600)
    code, good, worst, registered = try_register(p), 0, 0, 0
    for n in range(rounds):
        registered += try_register(p, 7602 + 4 * n, 7603 + 4 * n) == 200
        # A request of the phone first: from then on everything belongs on the new set.
        p.ask("OPTIONS", contact="", seconds=1.0)
        good += bool(reached(lab, p))
        worst = max(worst, lab.sas())
        if registered < n - 3:
            break
    return ("of %d re-registrations %d succeed, after %d a request comes over the right pair" % (rounds, registered, good), [p],
            "%d SA sets of one phone at most (old + new + temporary would be 3)" % -(-worst // 4))


def main():
    lab = Lab()
    left = lab.log_at = 0
    for name, play in (("two UEs behind one address", two), ("one UE, three reg-ids", three),
                       ("unprotected port is not 5060", odd_port), ("TCP closed by the UE in a call", tcp),
                       ("re-registrations in a row", repeated)):
        if len(sys.argv) > 1 and sys.argv[1] not in name:
            continue
        # Each on a P-CSCF that has just started: what goes wrong in one spoils no other.
        lab.fresh()
        Phone.xfrms.clear()
        out = play(lab)
        print("%s\t%s%s" % (name, out[0], said(lab)), flush=True)
        for p in out[1]:
            if p.set:  # all leave in good order
                try_register(p, p.uc + 1000, p.us + 1000, 0)
        if len(out) > 2:
            print("SAs of one phone\t%s" % out[2], flush=True)
        lab.wire.pump(seconds=8)
        for p in out[1]:
            p.close_all()
        left += lab.sas()
    print("left when all have gone\t%d SAs" % left)
    pids = lab.processes()
    print("processes\t%d%s" % (len(pids), "" if "pcscf.cfg" in os.environ["FLOW_CFG"] else ", for at most 12 SA sets"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
