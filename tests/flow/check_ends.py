# SPDX-License-Identifier: GPL-2.0-or-later
"""The ends of flow sets and what comes right after them: silence, ports that are used again at once, a new registration
over SAs that the network has ended, transactions of a phone that is gone."""
import os
import re
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from check_flows import phone, reached
from flow import Checks, Lab, log_since


def log_lines(pattern):
    return re.findall(pattern, log_since())


def logged(lab, pattern):
    """Wait until a line of the log matches. An event route runs in a process of its own, after what it tells."""
    return lab.until(lambda: log_lines(pattern))


def gone(lab, impi):
    """Wait until no set of this IMPI is active."""
    return lab.until(lambda: "active" not in str(lab.rpc("flow.list", impi)))


def plain_register(p, expires=600):
    """Without IPsec: challenge and answer over the same flow. The code of the last answer."""
    answer = p.begin(expires=expires)
    if not answer or answer[0].code != 401:
        return answer[0].code if answer else 0
    p.transmit(p.register_text(p.unprotected, p.unprotected, "right", expires), p.unprotected, 5060)
    answer = p.wait(p.call_id, p.cseq)
    p.flow_timer = answer and answer[0].one("Flow-Timer")
    return answer[0].code if answer else 0


def silence(lab, c, p, register, keep_alive):
    c.ok(register() == 200 and reached(lab, p), "registered and reached")
    end = time.monotonic() + 7
    while time.monotonic() < end:
        keep_alive()
        lab.wire.pump(seconds=0.5)
    c.ok(reached(lab, p), "7 s of keep-alives and nothing else: the flow lives")
    c.ok(gone(lab, p.impi), "silent: the flow is dead soon")
    # One that was sent and not answered would get 408.
    call = lab.home.request("MESSAGE", p.uri(), [lab.home.path[p.call_id]])
    code = lab.home.final(call)
    c.ok(code == 430 and not any(m.one("Call-ID") == call for m, _, _ in p.inbox), "the next attempt gets 430, and nothing is sent",
         str(code))
    c.ok(logged(lab, r"flow of sip:%s@\S+ at \S+ ended: silent" % p.impi), "event_route[flow:dead] has run, the reason is silent")
    c.ok(register() == 200 and reached(lab, p), "registered again: reached")
    return [p]


def silent_plain(lab, c):
    p = phone(lab, "quiet", 7700, unprotected=7709, sec=False, instance="urn:uuid:q", reg_id=1)
    out = silence(lab, c, p, lambda: plain_register(p), lambda: p.udp(7709).sendto(b"\r\n\r\n", (p.pcscf, 5060)))
    c.ok(p.flow_timer == "2", "Flow-Timer is in the 200", str(p.flow_timer))
    return out


def silent_ipsec(lab, c):
    p = phone(lab, "hushed", 7720, unprotected=7729, instance="urn:uuid:h", reg_id=1)

    def register():
        p.set = None
        return p.register(p.uc + 2, p.us + 2)
    return silence(lab, c, p, register, lambda: p.udp(p.set["uc"]).sendto(
        b"\0\1\0\0\x21\x12\xa4\x42keep-alive12", (p.pcscf, p.set["ps"])))


def released_ports(lab, c, transport):
    p = phone(lab, "first-" + transport, 7740, transport, unprotected=7748)
    c.ok(p.register() == 200 and p.register(7742, 7743, 0) == 200, "registered and de-registered")
    p.close_all()
    q = phone(lab, "second-" + transport, 7742, transport, unprotected=7749)
    c.ok(q.register() == 200, "another phone registers with the ports just released")
    c.ok(reached(lab, q) and q.ask("MESSAGE", contact="")[0].code == 200, "reached and heard")
    c.ok(q.register(7744, 7745, 0) == 200, "and de-registers")
    q.close_all()
    q.set = None
    c.ok(q.register(7744, 7745) == 200 and reached(lab, q), "registers again with the ports it has just released: reached")
    lab.wire.pump(seconds=5)
    c.ok(reached(lab, q) and q.ask("MESSAGE", contact="")[0].code == 200, "and still when the earlier ones have ended for good")
    return [p, q]


def ended_by_the_network(lab, c):
    p = phone(lab, "ended", 7760)
    c.ok(p.register() == 200, "registered")
    old = lab.home.path[p.call_id]
    lab.rpc("flow.drop", "ended")
    c.ok(p.register(7762) == 200 and reached(lab, p), "ended by the network, registered again over the same SAs: reached at once")
    new = lab.home.path[p.call_id]
    c.ok(new != old and lab.home.final(lab.home.request("MESSAGE", p.uri(), [old])) == 430, "in a set of its own")
    s = phone(lab, "ended-plain", 7770, unprotected=7779, sec=False)
    c.ok(plain_register(s) == 200, "registered without IPsec")
    lab.rpc("flow.drop", "ended-plain")
    c.ok(plain_register(s) == 200 and reached(lab, s), "ended and registered again without IPsec: reached at once")
    lab.wire.pump(seconds=5)
    c.ok(reached(lab, p), "and still when the ended set is gone")
    return [p, s]


def gone_in_a_call(lab, c):
    p = phone(lab, "rebooted", 7780)
    c.ok(p.register() == 200, "registered")
    p.mute = True
    lab.home.request("INVITE", p.uri(), [lab.home.path[p.call_id]])
    lab.wire.pump(lambda: p.inbox and p.inbox[-1][0].method == "INVITE")
    before = lab.counter("discarded")
    q = phone(lab, "rebooted", 7784, unprotected=7789)
    c.ok(q.register() == 200 and reached(lab, q), "restarted in the middle of an INVITE, registered with other ports: reached")
    c.ok(lab.until(lambda: lab.counter("discarded") > before), "what is still sent to its old ports is discarded and counted")
    c.ok(not log_lines("not permitted"), "without an error in the log")
    return [p, q]


def main():
    lab, c = Lab(), Checks()
    for name, play in (("silent, without IPsec", silent_plain), ("silent, over IPsec", silent_ipsec),
                       ("ports used again, UDP", lambda l, k: released_ports(l, k, "udp")),
                       ("ports used again, TCP", lambda l, k: released_ports(l, k, "tcp")),
                       ("ended by the network", ended_by_the_network), ("gone in a call", gone_in_a_call)):
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
