# SPDX-License-Identifier: GPL-2.0-or-later
"""Every row of the table in docs/modules/ims_flow.md, asserted from packets: message, transport, source port,
destination port, SPI; UDP and TCP, IPv4 and IPv6, after an initial registration and after re-authentication."""
import os
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import capture
from flow import Checks, Lab
from phone import Phone


class Rows:
    """What was expected, to be compared with the capture at the end."""

    def __init__(self):
        self.list = []

    def add(self, row, first, call_id, cseq, proto, sport, dport, spi):
        self.list.append((row, first, call_id, str(cseq), proto, sport, dport, spi))

    def compare(self, checks, name, packets):
        for row, first, call_id, cseq, proto, sport, dport, spi in self.list:
            found = []
            for p in packets:
                for text in p.data.split(b"\r\n\r\n"):
                    if text.startswith(first.encode()) and b"Call-ID: " + call_id.encode() + b"\r\n" in text + b"\r\n" and \
                            b"CSeq: " + cseq.encode() + b" " in text:
                        found.append(p)
            good = [p for p in found if (p.proto, p.sport, p.dport, p.spi) == (proto, sport, dport, spi)]
            bad = [p for p in found if p not in good]
            checks.ok(good and not bad, "%s: %s" % (name, row), "%s %d > %d spi %d wanted, %s" % (
                proto, sport, dport, spi, "; ".join(map(str, bad)) or "no packet found"))


def up(rows, row, phone, first, call_id, cseq, s):
    """A message from the UE to port_ps over set s."""
    rows.add(row, first, call_id, cseq, phone.transport, s["uc"], s["ps"], s["spi_ps"])


def down_request(rows, row, phone, first, call_id, cseq, s):
    rows.add(row, first, call_id, cseq, phone.transport, s["pc"], s["us"], s["spi_us"])


def down_answer(rows, row, phone, code, call_id, cseq, s):
    if phone.transport == "udp":
        rows.add(row, "SIP/2.0 %d" % code, call_id, cseq, "udp", s["pc"], s["us"], s["spi_us"])
    else:
        rows.add(row, "SIP/2.0 %d" % code, call_id, cseq, "tcp", s["ps"], s["uc"], s["spi_uc"])


def up_answer(rows, row, phone, code, call_id, cseq, s):
    if phone.transport == "udp":
        rows.add(row, "SIP/2.0 %d" % code, call_id, cseq, "udp", s["uc"], s["ps"], s["spi_ps"])
    else:
        rows.add(row, "SIP/2.0 %d" % code, call_id, cseq, "tcp", s["us"], s["pc"], s["spi_pc"])


def traffic(checks, rows, lab, phone, when, sending):
    """Requests and answers both ways. sending: the set that carries what the P-CSCF sends."""
    home, s = lab.home, phone.set
    path = [home.path[phone.call_id]]
    call = home.request("MESSAGE", phone.uri(), path)
    checks.ok(home.final(call) == 200, "%s: MESSAGE to the UE is answered" % when)
    down_request(rows, when + ": request to the UE", phone, "MESSAGE", call, 1, sending)
    if sending is s:
        up_answer(rows, when + ": its answer", phone, 200, call, 1, s)
    for method, extra in (("OPTIONS", ""), ("NOTIFY", "Event: reg\r\nSubscription-State: active\r\n")):
        call = home.request(method, phone.uri(), path, extra=extra)
        checks.ok(home.final(call) == 200, "%s: %s to the UE is answered" % (when, method))
        down_request(rows, "%s: %s to the UE" % (when, method), phone, method, call, 1, sending)
    # A call to the UE, given up: CANCEL and the ACK that the P-CSCF itself makes.
    phone.ring = True
    call = home.request("INVITE", phone.uri(), path)
    branch = home.last_branch
    lab.wire.pump(lambda: any(a.code == 180 for a in home.answers.get(call, [])))
    home.request("CANCEL", phone.uri(), (), call, branch=branch)
    checks.ok(home.final(call, method="INVITE") == 487, "%s: INVITE and CANCEL to the UE" % when)
    phone.ring = False
    lab.wire.pump(lambda: any(m.method == "ACK" and m.one("Call-ID") == call for m, _, _ in phone.inbox))
    for first in ("INVITE", "CANCEL", "ACK"):
        down_request(rows, "%s: %s to the UE" % (when, first), phone, first, call, 1, sending)
    # A call to the UE: ACK and BYE inside the dialog come by Record-Route.
    call = home.request("INVITE", phone.uri(), path)
    checks.ok(home.final(call) == 200, "%s: call to the UE" % when)
    from sip import routes
    answer = [a for a in home.answers[call] if a.code == 200][0]
    back = list(reversed(routes(answer)))
    tag = answer.one("To").split("tag=")[1]
    home.request("ACK", phone.uri(), back, call, to_tag=tag)
    lab.wire.pump(lambda: any(m.method == "ACK" and m.one("Call-ID") == call for m, _, _ in phone.inbox))
    got = phone.ask("INFO", call_id=call, to_tag="far", contact="")
    checks.ok(got and got[0].code == 200, "%s: INFO of the UE inside the dialog is answered" % when)
    up(rows, when + ": request of the UE inside a dialog", phone, "INFO", call, phone.cseq, s)
    down_answer(rows, when + ": its answer", phone, 200, call, phone.cseq, s)
    bye = home.request("BYE", phone.uri(), back, call, cseq=2, to_tag=tag)
    checks.ok(home.final(call, method="BYE") == 200, "%s: BYE inside the dialog" % when)
    down_request(rows, when + ": request inside a dialog", phone, "BYE", bye, 2, sending)
    # From the UE.
    call = "mo-%s-%s-%d" % (phone.call_id, when.replace(" ", "-"), phone.cseq)
    got = phone.ask("MESSAGE", call_id=call, contact="")
    checks.ok(got and got[0].code == 200, "%s: MESSAGE from the UE is answered" % when)
    up(rows, when + ": request from the UE", phone, "MESSAGE", call, phone.cseq, s)
    down_answer(rows, when + ": its answer", phone, 200, call, phone.cseq, s)
    # One that the P-CSCF answers itself.
    call += "-403"
    got = phone.ask("MESSAGE", call_id=call, contact="<sip:x@192.0.2.99:5060>")
    checks.ok(got and got[0].code == 403, "%s: MESSAGE with the Contact of another address gets 403" % when)
    down_answer(rows, when + ": answer of the P-CSCF itself", phone, 403, call, phone.cseq, s)


def register_rows(checks, rows, phone, when, old):
    """Register and note what must be seen. old: the set before, None for an initial registration."""
    answer = phone.begin()
    checks.ok(answer and answer[0].code == 401, "%s: 401" % when)
    cseq = phone.cseq
    if old:
        up(rows, when + ": REGISTER", phone, "REGISTER", phone.call_id, cseq, old)
        down_answer(rows, when + ": 401", phone, 401, phone.call_id, cseq, old)
    else:
        rows.add(when + ": REGISTER", "REGISTER", phone.call_id, cseq, phone.transport, phone.unprotected, 5060, 0)
        rows.add(when + ": 401", "SIP/2.0 401", phone.call_id, cseq, phone.transport, 5060, phone.unprotected, 0)
    checks.ok("ck=" not in answer[0].text and "ik=" not in answer[0].text, "%s: no key in the 401" % when)
    new = phone.install(answer)
    answer = phone.finish(new)
    checks.ok(answer and answer[0].code == 200, "%s: 200" % when)
    up(rows, when + ": REGISTER with the response", phone, "REGISTER", phone.call_id, phone.cseq, new)
    down_answer(rows, when + ": 200", phone, 200, phone.call_id, phone.cseq, new)
    return new


def stun(checks, lab, phone, s):
    """A STUN keep-alive over the SA is answered over the other one of its pair; CRLF is noticed."""
    before = lab.counter("keepalives")
    phone.raw = None
    phone.udp(s["uc"]).sendto(b"\r\n\r\n", (phone.pcscf, s["ps"]))
    phone.udp(s["uc"]).sendto(b"\0\1\0\0\x21\x12\xa4\x42keep-alive12", (phone.pcscf, s["ps"]))
    lab.wire.pump(lambda: phone.raw)
    checks.ok(phone.raw and phone.raw[0][:2] == b"\1\1" and b"keep-alive12" in phone.raw[0] and phone.raw[1] == s["ps"],
              "STUN is answered from port_ps inside the SA")
    port = int.from_bytes(phone.raw[0][26:28], "big") ^ 0x2112 if phone.raw else 0
    checks.ok(port == s["uc"], "the mapped port is ours", str(port))
    # Each by a process of its own.
    checks.ok(lab.until(lambda: lab.counter("keepalives") == before + 2), "both keep-alives are noticed")


class Stun:
    """The keep-alive of one address: (ports and SPI of the set, packets compared at the end)."""

    def __init__(self, address, s):
        self.address, self.s = address, s

    def compare(self, checks, name, packets):
        s = self.s
        for what, first, src, sport, dport, spi in (("STUN keep-alive", b"\0\1\0\0", True, s["uc"], s["ps"], s["spi_ps"]),
                                                    ("its answer", b"\1\1", False, s["ps"], s["uc"], s["spi_uc"])):
            found = [p for p in packets if p.data.startswith(first) and b"keep-alive12" in p.data and
                     (p.src if src else p.dst) == self.address]
            good = [p for p in found if (p.proto, p.sport, p.dport, p.spi) == ("udp", sport, dport, spi)]
            checks.ok(good and good == found, "%s: %s" % (name, what), "; ".join(map(str, found)) or "no packet found")


def play(checks, lab, address, pcscf, transport, base):
    rows = Rows()
    phone = Phone(lab.wire, lab.home, "uea", address, pcscf, transport, impi="row%d" % base, uc=base, us=base + 1)
    first = register_rows(checks, rows, phone, "initial", None)
    traffic(checks, rows, lab, phone, "initial", first)
    if transport == "udp":
        stun(checks, lab, phone, first)
    # Re-authentication with the same port_us: the new set carries all at once.
    phone.uc += 2
    second = register_rows(checks, rows, phone, "re-authenticated, port_us kept", first)
    traffic(checks, rows, lab, phone, "re-authenticated, port_us kept", second)
    # With another port_us: the older set goes on carrying what we send until the UE uses the new one.
    phone.uc, phone.us = phone.uc + 2, phone.us + 2
    third = register_rows(checks, rows, phone, "re-authenticated, port_us changed", second)
    call = lab.home.request("MESSAGE", phone.uri(), [lab.home.path[phone.call_id]])
    phone.set = second
    checks.ok(lab.home.final(call) == 200, "before the new set is used: MESSAGE to the UE is answered")
    down_request(rows, "before the new set is used: request to the UE", phone, "MESSAGE", call, 1, second)
    phone.set = third
    phone.ask("OPTIONS", contact="")
    traffic(checks, rows, lab, phone, "re-authenticated, port_us changed", third)
    if transport == "tcp":
        # The UE closes what we opened; the next request opens it again, inside the SA.
        phone.close("in", third["us"])
        checks.ok(lab.hung_up(third["us"]), "closed by the UE: the P-CSCF has seen it")
        call = lab.home.request("MESSAGE", phone.uri(), [lab.home.path[phone.call_id]])
        checks.ok(lab.home.final(call) == 200, "closed by the UE: MESSAGE to the UE is answered")
        down_request(rows, "closed by the UE: request to the UE", phone, "MESSAGE", call, 1, third)
    phone.begin(uc=phone.uc + 2, expires=0)
    new = phone.install(phone.wait(phone.call_id, phone.cseq))
    answer = phone.finish(new, expires=0)
    checks.ok(answer and answer[0].code == 200, "de-registration: 200")
    down_answer(rows, "de-registration: 200", phone, 200, phone.call_id, phone.cseq, new)
    call = lab.home.request("MESSAGE", phone.uri(), [lab.home.path[phone.call_id]])
    checks.ok(lab.home.final(call) == 430, "de-registration: its token gives 430")
    phone.close_all()
    return rows, first


def plain(checks, lab, transport):
    """Without IPsec: the exact flow of RFC 5626."""
    rows = Rows()
    phone = Phone(lab.wire, lab.home, "uea", "10.1.0.10", "10.1.0.1", transport, impi="plain-" + transport, uc=7900, us=7901,
                  unprotected=7999, sec=False, instance="urn:uuid:1", reg_id=1)
    checks.ok(phone.begin()[0].code == 401, "without IPsec: 401")
    text = phone.register_text(7999, 7999, "right", 600)
    phone.transmit(text, 7999, 5060)
    answer = phone.wait(phone.call_id, phone.cseq)
    checks.ok(answer and answer[0].code == 200, "without IPsec: 200")
    checks.ok(answer and answer[0].one("Flow-Timer") == "30", "without IPsec: Flow-Timer in the 200")
    call = lab.home.request("MESSAGE", phone.uri(), [lab.home.path[phone.call_id]])
    checks.ok(lab.home.final(call) == 200, "without IPsec: MESSAGE to the UE is answered")
    rows.add("request to the UE", "MESSAGE", call, 1, transport, 5060, 7999, 0)
    if transport == "tcp":
        phone.close("tcp", 7999, reset=True)
        checks.ok(lab.hung_up(7999), "without IPsec: the P-CSCF has seen the connection end")
        call = lab.home.request("MESSAGE", phone.uri(), [lab.home.path[phone.call_id]])
        checks.ok(lab.home.final(call) == 430, "without IPsec: the connection is gone: 430, and no new one",
                  str(lab.home.final(call)))
    phone.close_all()
    return rows


def main():
    lab, checks = Lab(), Checks()
    played = []
    for n, (address, pcscf, transport) in enumerate((("10.1.0.10", "10.1.0.1", "udp"), ("10.1.0.10", "10.1.0.1", "tcp"),
                                                     ("fd00:1::10", "fd00:1::1", "udp"), ("fd00:1::10", "fd00:1::1", "tcp"))):
        name = "%s IPv%d" % (transport.upper(), 6 if ":" in address else 4)
        checks.prefix = name + ": "
        rows, first = play(checks, lab, address, pcscf, transport, 7000 + 100 * n)
        played.append((name, rows))
        if transport == "udp":
            played.append((name, Stun(address, first)))
    checks.prefix = ""
    for transport in ("udp", "tcp"):
        played.append(("plain " + transport.upper(), plain(checks, lab, transport)))
    checks.prefix = ""
    lab.nothing_left(checks, "no SA is left")
    seen = capture.packets(os.environ["FLOW_OUT"] + "/a1.pcap")
    for name, rows in played:
        rows.compare(checks, name, seen)
    clear = [p for p in seen if not p.spi and p.data[:4] and (p.sport in (5061, 5062) or p.dport in (5061, 5062))]
    checks.ok(not clear, "nothing in clear on a protected port", "; ".join(map(str, clear[:3])))
    return checks.end()


if __name__ == "__main__":
    sys.exit(main())
