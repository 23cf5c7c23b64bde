# SPDX-License-Identifier: GPL-2.0-or-later
"""Media security mechanisms in the security agreement (TS 24.229 7.2A.7), over real SAs and without: who announced what is known
of each flow set, also after a restart; what was changed on its way is refused."""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from flow import Checks, Lab
from phone import Phone

OURS = "sdes-srtp;mediasec, msrp-tls;mediasec, bfcp-tls;mediasec"


def announcing(p, how, media):
    """Security-Client with media mechanisms before, behind, or in lines of their own."""
    Phone.used_spi += 2
    p.spi = Phone.used_spi
    ipsec = p.client_header(p.spi, p.uc, p.us)
    if how == "lines":
        return ipsec + "".join("\r\nSecurity-Client: " + m.strip() for m in media.split(","))
    if how == "before":
        return ipsec.replace("Security-Client: ", "Security-Client: %s, " % media)
    return ipsec + ", " + media


def begin(p, client):
    spi, got = p.spi, p.begin(client=client)
    p.spi = spi
    return got


def known(lab, p):
    """What the P-CSCF says of the phone's flow set."""
    return [v for n, v in lab.rpc("flow.list", p.impi) if n == "mediasec"]


def with_ipsec(lab, c):
    phones = []
    for n, (how, media, agreed) in enumerate((("behind", "sdes-srtp;mediasec, msrp-tls;mediasec", "sdes-srtp;mediasec, msrp-tls;mediasec"),
                                              ("before", "mediasec=bfcp-tls", "bfcp-tls;mediasec"),
                                              ("lines", "dtls-srtp;mediasec;q=0.3, msrp-tls;mediasec", "msrp-tls;mediasec"))):
        p = Phone(lab.wire, lab.home, "uea", "10.1.0.10", "10.1.0.1", impi="media%d" % n, uc=6100 + 10 * n, us=6101 + 10 * n, unprotected=5070 + n)
        p.extra = "Require: mediasec\r\nProxy-Require: mediasec\r\n"
        got = begin(p, announcing(p, how, media))
        c.ok(got and got[0].code == 401 and got[0].one("Security-Server").endswith(", " + OURS), "%s (%s): the 401 says what we can do" % (media, how),
             got[0].one("Security-Server") if got else "")
        seen = lab.home.seen[-1]
        c.ok("mediasec" not in seen.head and "Security-" not in seen.head, "the home network sees nothing of it")
        new = p.install(got)
        server = new["server"]
        for what, verify in (("left out", server[:server.index(", sdes")]), ("one left out", server.replace(", bfcp-tls;mediasec", "")),
                             ("turned round", server.replace(OURS, ", ".join(reversed(OURS.split(", "))))), ("twice", server + ", " + OURS)):
            got = p.finish(new, verify=verify)
            c.ok(got and got[0].code == 494 and got[0].one("Security-Server") == server, "Security-Verify with it %s: 494" % what)
        got = p.finish(new)
        c.ok(got and got[0].code == 200, "the same list: 200")
        c.ok(known(lab, p) == [agreed], "known: " + agreed, str(known(lab, p)))
        phones.append(p)
    p = phones[0]
    got = begin(p, announcing(p, "behind", "sdes-srtp;mediasec"))
    c.ok(p.finish(p.install(got))[0].code == 200 and known(lab, p) == ["sdes-srtp;mediasec"], "a re-authentication may announce less")
    return phones


def without_announcing(lab, c):
    p = Phone(lab.wire, lab.home, "uea", "10.1.0.10", "10.1.0.1", impi="silent", uc=6200, us=6201, unprotected=5080)
    got = p.begin()
    c.ok(got and "mediasec" not in got[0].one("Security-Server"), "who announces nothing is told nothing")
    new = p.install(got)
    c.ok(p.finish(new, verify=new["server"] + ", " + OURS)[0].code == 494, "and may verify nothing")
    c.ok(p.finish(new)[0].code == 200 and known(lab, p) == [""], "registers as before")
    return p


def in_clear(lab, c):
    p = Phone(lab.wire, lab.home, "uea", "10.1.0.10", "10.1.0.1", impi="clear", uc=6300, us=6301, unprotected=5090)
    client = "Security-Client: sdes-srtp;mediasec"
    got = p.begin(client=client)
    c.ok(got and got[0].code == 401 and got[0].one("Security-Server") == OURS, "without IPsec the 401 says it, too")
    for verify, code in ((OURS + ", " + OURS, 494), ("sdes-srtp;mediasec", 494), (OURS, 200)):
        p.transmit(p.register_text(p.unprotected, p.unprotected, "right", 600, verify, client), p.unprotected, 5060)
        got = p.wait(p.call_id, p.cseq)
        c.ok(got and got[0].code == code, "Security-Verify %s: %d" % (verify, code))
    c.ok(known(lab, p) == ["sdes-srtp;mediasec"], "known")
    return p


def main():
    lab, c = Lab(), Checks()
    phones = with_ipsec(lab, c)
    phones.append(without_announcing(lab, c))
    phones.append(in_clear(lab, c))
    before = [known(lab, p) for p in phones]
    lab.pcscf("kill")
    lab.pcscf("start")
    c.ok([known(lab, p) for p in phones] == before, "after a kill -9 it is known as before", str([known(lab, p) for p in phones]))
    for p in phones:
        p.close_all()
    return c.end()


if __name__ == "__main__":
    sys.exit(main())
