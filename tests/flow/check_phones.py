# SPDX-License-Identifier: GPL-2.0-or-later
"""Phones as they are, and home networks as they are: what RFC 3329 lets them leave out, what they offer beside IPsec,
what they forget in a reboot, and what must not reach them whatever a 401 looks like."""
import os
import re
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from check_flows import phone, reached
from flow import Checks, Lab
from phone import Phone


def anew(p):
    """Begun anew: other transactions and another Call-ID."""
    p.cseq, p.call_id = 1000, p.call_id + "-anew"
    return p


def heard(p):
    got = p.ask("MESSAGE", contact="")
    return bool(got) and got[0].code == 200


def challenged(p, new, **kw):
    got = p.finish(new, **kw)
    return got[0].code if got else 0


def defaults_left_out(lab, c):
    p = phone(lab, "defaults", 6100)
    new = p.install(p.begin())
    short = re.sub(r";(prot=esp|mod=trans|ealg=null|q=[\d.]+)", "", new["server"])
    c.ok("prot" not in short and challenged(p, new, verify=short) == 200, "Security-Verify without what has a default: 200", short)
    c.ok(reached(lab, p) and heard(p), "reached and heard")
    q = phone(lab, "semicolon", 6110, unprotected=5070)
    header = q.client_header(0x77000, 6110, 6111).replace(";alg=", ";;alg=") + ";"
    got = q.begin(client=header)
    q.spi = 0x77000
    c.ok(got and got[0].code == 401 and challenged(q, q.install(got)) == 200, "a semicolon too many: 200")
    return [p, q]


def other_offers(lab, c):
    """Only ipsec-3gpp is an offer of IPsec; who offers other things only registers without."""
    out = []
    for n, client in enumerate(("sdes-srtp;mediasec", "tls;q=0.2, digest", "msrp-tls;mediasec, tls")):
        p = phone(lab, "other%d" % n, 6200 + 10 * n, unprotected=6209 + 10 * n)
        p.extra = "Require: mediasec\r\nProxy-Require: mediasec\r\n"
        got = p.begin(client="Security-Client: " + client)
        c.ok(got and got[0].code == 401 and not got[0].one("Security-Server"), "%s: 401 without Security-Server" % client)
        seen = lab.home.seen[-1]
        c.ok("mediasec" not in seen.head and "sec-agree" not in seen.head, "the home network sees neither option tag nor list")
        text = p.register_text(p.unprotected, p.unprotected, "right", 600, None, "Security-Client: " + client)
        p.transmit(text, p.unprotected, 5060)
        got = p.wait(p.call_id, p.cseq)
        c.ok(got and got[0].code == 200, "and registers")
        out.append(p)
    return out


def lists_changed_on_the_way(lab, c):
    p = phone(lab, "client", 6300)
    got = p.begin()
    new = p.install(got)
    before = len(lab.home.seen)
    weaker = p.offered.replace("hmac-sha-1-96", "hmac-md5-96")
    c.ok(challenged(p, new, client=weaker) == 494, "another Security-Client than the first one: 494")
    c.ok(len(lab.home.seen) == before, "nothing of it goes on")
    c.ok(lab.counter("client_differs") == 1, "counted")
    spelled = p.offered.replace("alg=", "ALG=").replace(";prot=esp", "").replace("spi-c=", "spi-c=00")
    c.ok(challenged(p, new, client=spelled) == 200, "the same in other words: 200")
    return [p]


def reboots(lab, c, transport):
    """A phone that comes back with the ports and SPIs that it had."""
    clear = 6400 if transport == "udp" else 6409
    p = phone(lab, "reboot-" + transport, 6400, transport, unprotected=clear)
    c.ok(p.register() == 200 and reached(lab, p), "registered")
    first = dict(p.set)
    p.forget(p.set)
    p.close_all()
    q = anew(phone(lab, "reboot-" + transport, 6400, transport, unprotected=clear))
    Phone.used_spi -= 2
    began = time.monotonic()
    got = q.begin()
    c.ok(got and got[0].code == 401, "its REGISTER is challenged, in clear, at a port that had SAs", got and got[0].first)
    if not got or got[0].code != 401:
        return [q]
    c.ok(q.spi == first["spi_uc"], "it offers the same SPIs")
    new = q.install(got)
    # What has ended at the phone is not ended by who offers its SPIs: only by whom the keys are known to.
    c.ok(lab.sas() == 6, "the older SAs stay, the new inbound ones stand", str(lab.sas()))
    code = challenged(q, new)
    c.ok(code == 200, "and registers over the new SAs", str(code))
    # A connection of before is found dead by what is sent over it first.
    if transport == "tcp":
        reached(lab, q, 8)
    c.ok(reached(lab, q) and heard(q), "reached and heard",
         "%.1f s" % (time.monotonic() - began))
    c.ok(lab.until(lambda: lab.sas() == 4), "four SAs", str(lab.sas()))
    c.ok(reached(lab, q) and heard(q), "still reached and heard when the older ones have gone")
    c.ok(q.register(6402) == 200 and reached(lab, q) and heard(q), "a re-authentication follows")
    return [q]


def offers_of_a_stranger(lab, c):
    """Who has only the address of a phone and has seen its SPIs takes nothing."""
    p = phone(lab, "owner", 6500, unprotected=6508)
    c.ok(p.register() == 200, "registered")
    q = anew(phone(lab, "owner", 6500, unprotected=6509))
    q.close_all()
    Phone.used_spi -= 2
    got = q.begin()
    c.ok(got and got[0].code == 401, "a REGISTER in its name with its SPIs is challenged", got and got[0].first)
    c.ok(reached(lab, p) and heard(p), "the phone is reached and heard all the same")
    return [p]


def refused_after_a_reboot(lab, c):
    p = phone(lab, "refused", 6600, unprotected=6600)
    c.ok(p.register() == 200, "registered")
    p.forget(p.set)
    p.close_all()
    q = anew(phone(lab, "refused", 6600, unprotected=6600))
    got = q.begin(client="Security-Client: ipsec-3gpp;alg=future;spi-c=300;spi-s=400;port-c=1;port-s=2")
    c.ok(got and got[0].code == 494 and got[2] == 5060, "the refusal is heard: in clear, whence the REGISTER went",
         got and "%s from %d" % (got[0].first, got[2]))
    return [q]


def late_answer(lab, c):
    """An answer that comes again when its transaction has gone finds its way to the phone by its Via alone: inside the SAs."""
    p = phone(lab, "late", 6650)
    c.ok(p.register() == 200, "registered")
    c.ok(heard(p), "it is answered")
    asked = lab.home.seen[-1]
    before = len(p.inbox)
    gone = asked.answer("200 OK", lab.home.contact()).replace("z9hG4bK", "z9hG4bKgone", 1) # the branch of no transaction
    lab.home.sock.sendto(gone.encode(), (lab.home.pcscf, 5060))
    c.ok(lab.until(lambda: len(p.inbox) > before), "the answer again")
    m, at, whence = p.inbox[-1]
    c.ok((m.code, at, whence) == (200, p.set["us"], p.set["pc"]), "inside the SAs, as the first one", "%s from %d" % (m.first, whence))
    return [p]


def contact_over_tcp(lab, c):
    """It registers over TCP, and its Contact asks for nothing: requests come over UDP."""
    p = phone(lab, "udp-only", 6700, "tcp")
    p.contact_of = lambda us: "<sip:udp-only@%s:%d>" % (p.host, us)
    c.ok(p.register() == 200, "registers over TCP")
    p.close("listen", 6701)
    p.udp(6701)
    before = len(p.inbox)
    call = lab.home.request("MESSAGE", "sip:udp-only@10.1.0.10:6701", [lab.home.path[p.call_id]])
    c.ok(lab.home.final(call) == 200 and any(m.one("Call-ID") == call for m, _, _ in p.inbox[before:]), "reached over UDP")
    return [p]


def keys_stay_here(lab, c):
    """No challenge brings CK or IK to a phone, with IPsec or without."""
    keys = 'ck="%s",ik="%s"'
    for n, www in enumerate(('Digest realm="h",nonce="abc",algorithm=AKAv1-MD5,' + keys,
                             'Digest realm="h",nonce="abc",algorithm=AKAv1-MD5,%s,ck="aaaa"' % keys,
                             'Digest realm="h",nonce="abc",algorithm=AKAv1-MD5,ck="%s00",ik="%s"',
                             'Digest realm="h",nonce="abc",' + keys + ', Digest realm="h",nonce="m",algorithm=MD5',
                             'Digest realm="h",nonce="abc",opaque,algorithm=AKAv1-MD5,' + keys,
                             'Digest realm="h" nonce="abc" algorithm=AKAv1-MD5 ck="%s" ik="%s"',
                             'Digest realm="h",nonce="abc",algorithm=AKAv1-MD5;' + keys,
                             'Digest realm="h",nonce="abc,' + keys,
                             'AKA ' + keys,
                             # Kamailio reads no header behind such a line.
                             'Digest realm="h",nonce="abc",algorithm=AKAv1-MD5,' + keys + '\r\n: x',
                             'Digest realm="h",nonce="abc"\r\n: x\r\nWWW-Authenticate: Digest realm="h",nonce="abc",' + keys)):
        for sec in (True, False):
            p = phone(lab, "keys%d%d" % (n, sec), 20000 + 20 * n + 10 * sec, unprotected=20009 + 20 * n + 10 * sec, sec=sec)
            lab.home.www = www
            got = p.begin()
            lab.home.www = None
            ck, ik = lab.home.keys.get(p.impi, ("-", "-"))
            c.ok(got and got[0].code in (401, 403, 500), "%s: 401, 403 or 500" % www[:50], got and got[0].first)
            c.ok(got and ck not in got[0].text and ik not in got[0].text, "%s: no key, sec-agree %s" % (www[:50], sec))
            c.ok(n in (0, 3) or got[0].code == 500, "%s: what cannot be read is no challenge" % www[:50], got[0].first)
            c.ok(n != 3 or got[0].code == 403, "a second challenge that is not AKA's: refused", got[0].first)
            p.close_all()
    lab.rpc("flow.drop", "10.1.0.10")
    return []


def no_passwords(lab, c):
    """Without digest 1 nobody is challenged for a password, with IPsec or without."""
    refused = int(lab.counter("digest_refused"))
    n = 0
    for www in ('Digest realm="h",nonce="abc",algorithm=MD5,qop="auth"', 'Digest realm="h",nonce="abc"',
                'Digest realm="h",nonce="abc",algorithm=SHA-256', "Basic realm=\"h\""):
        for sec in (True, False):
            p = phone(lab, "digest%d" % n, 22000 + 10 * n, unprotected=22009 + 10 * n, sec=sec)
            lab.home.www = www
            got = p.begin()
            lab.home.www = None
            c.ok(got and got[0].code == 403 and "WWW-Authenticate" not in got[0].text, "%s: 403" % www, got and got[0].first)
            p.close_all()
            n += 1
    c.ok(int(lab.counter("digest_refused")) - refused == n, "each is counted", lab.counter("digest_refused"))
    return []


def long_answers(lab, c):
    """Many contacts, many identities, none, and a long Service-Route."""
    p = phone(lab, "long", 6800)
    lab.home.also = "".join("<sip:long@10.9.9.%d:5060>;expires=600, " % n for n in range(60)) + "\u00dcn\u00ef <sip:x@10.9.9.1>;q=, "
    lab.home.impus = ", ".join(["<sip:long@home1.net>"] + ["<sip:+4930123456%02d@ims.mnc001.mcc262.3gppnetwork.org>" % n for n in range(40)])
    lab.home.more = "Service-Route: <sip:a.home1.net;lr>, <sip:b.home1.net;lr>\r\n"
    c.ok(p.register() == 200 and reached(lab, p) and heard(p), "61 contacts and 41 identities: registered, reached and heard")
    shown = lab.shell("kamcmd -s unix:/run/flow/ctl flow.show long")
    c.ok("+493012345639@" in shown, "all identities are there")
    lab.home.impus = "<sip:long@home1.net>"
    c.ok(p.register(6802) == 200, "registered again")
    c.ok("+4930" not in lab.shell("kamcmd -s unix:/run/flow/ctl flow.show long"), "the list of the last 200 counts")
    lab.home.also, lab.home.more, lab.home.impus = "", "", ""
    q = phone(lab, "nolist", 6820, unprotected=5071)
    c.ok(q.register() == 200 and heard(q), "no P-Associated-URI: registered and heard")
    c.ok("sip:nolist@home1.net" in lab.shell("kamcmd -s unix:/run/flow/ctl flow.show nolist"), "by the identity that was registered")
    lab.home.impus = None
    return [p, q]


def one_subscriber(lab, c):
    """One subscriber with many instances does not take everybody's place."""
    out, codes = [], []
    for n in range(18):
        p = phone(lab, "greedy", 21000 + 10 * n, unprotected=21009 + 10 * n, instance="urn:uuid:%d" % n, reg_id=1)
        codes.append(p.register())
        out.append(p)
    c.ok(codes == [200] * 16 + [503] * 2, "sixteen flow sets, then 503 before the home network is asked", str(codes))
    q = phone(lab, "modest", 6900, unprotected=5072)
    c.ok(q.register() == 200, "another subscriber registers")
    again = phone(lab, "greedy", 22000, unprotected=22009, instance="urn:uuid:3", reg_id=1)
    c.ok(again.register() == 200, "and he again, with an instance that he has")
    return [out[0], q, again] + out[1:]


def long_requests(lab, c):
    """The core's udp_mtu: a request that does not fit goes over TCP (RFC 3261 18.1.1), over the same SAs, from port_pc."""
    p = phone(lab, "long-mt", 21000, unprotected=21009)
    c.ok(p.register() == 200, "registered over UDP")
    p.listen(21001)
    lab.rpc("cfg.set_now_int", "core", "udp_mtu", "1300")
    for octets, transport in ((100, "UDP"), (1500, "TCP"), (100, "UDP")):
        call = lab.home.request("MESSAGE", p.uri(), [lab.home.path[p.call_id]], extra="Subject: %s\r\n" % ("x" * octets))
        code = lab.home.final(call)
        got = [e for e in p.inbox if e[0].one("Call-ID") == call]
        c.ok(code == 200 and got, "%d octets more: answered" % octets, str(code))
        c.ok(got and got[0][0].one("Via").startswith("SIP/2.0/" + transport) and got[0][1:] == (21001, 5062),
             "... over %s from port_pc to port_us" % transport, got and got[0][0].one("Via") + str(got[0][1:]))
    lab.rpc("cfg.set_now_int", "core", "udp_mtu", "0")
    return [p]


def main():
    lab, c = Lab(), Checks()
    for name, play in (("defaults", defaults_left_out), ("other offers", other_offers), ("changed lists", lists_changed_on_the_way),
                       ("reboot, UDP", lambda l, k: reboots(l, k, "udp")), ("reboot, TCP", lambda l, k: reboots(l, k, "tcp")),
                       ("a stranger's offer", offers_of_a_stranger), ("refused after a reboot", refused_after_a_reboot), ("a late answer", late_answer),
                       ("TCP without saying so", contact_over_tcp), ("keys", keys_stay_here), ("passwords", no_passwords), ("long answers", long_answers),
                       ("one subscriber", one_subscriber), ("long requests", long_requests)):
        if os.environ.get("FLOW_ONLY", "") not in name:
            continue
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
