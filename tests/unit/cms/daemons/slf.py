#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""slf.py BUILD FOLDER   The primary tells its partner of an SLF (note 2 of TR 23.781 6.2.1): it redirects the partner's HSS to the HSS that has the user. The
HSSs speak TLS with each other, on port 5658, and in no other way."""
import subprocess
import time

import hss
import systems as s
from hss import ADDRESS, MAR, Card, Cscf, avp, first, names, result_of, vector
from systems import CONNECTIONS, check, ue, wait_for, wish

SLF = "10.9.8.6"
s.certificates()
# freeDiameter takes one authority: that of the network between the systems
s.authority("ca-between")
for name in ("home1", "partner1"):
    s.certificate("tls-" + name, "ca-between", "DNS:hss.%s.net" % name)
for name in ("home1", "partner1"):
    hss.configure(name, "port 3868\ntls_port 5658\ntls_certificate %s\ntls_key %s\ntls_ca %s\n%s" % (
        s.path("tls-%s.pem" % name), s.path("tls-%s.key" % name), s.path("ca-between.pem"),
        "peer slf.home1.net %s partner=home1\n" % SLF if name == "partner1" else ""))
    conf = open(s.path("hss-%s.conf" % name)).read()
    conf = conf.replace("partner=partner1\npeer rogue", "partner=partner1 tls\npeer rogue").replace(
        "partner=home1 connect\n", "partner=home1 connect tls\n")
    s.write("hss-%s.conf" % name, conf)
hss.tokens()
hss.provision()
for name in ("home1", "partner1"):
    hss.start(name)
cms = {}
for name in ("home1", "partner1"):
    s.configure(name, hss.feed(name))
    conf = open(s.path(name + ".conf")).read()
    if name == "home1":
        conf = conf.replace("sip_database hss hss.home1.net", "sip_database slf slf.home1.net")
    else:
        conf = conf.replace("databases hss.home1.net", "databases slf.home1.net")
    s.write(name + ".conf", conf)
    cms[name] = s.start(name)
s.add_users()
wait_for("the HSSs are connected", lambda: hss.connected("home1") and hss.connected("partner1"))


class Slf(Cscf):
    """A redirect agent (RFC 6733 6.1.8) of home1.net; MARs get what it says now."""

    host_of, asked = "aaa://hss.home1.net", 0

    def answer(self, command, application, hop, end, body):
        if command != MAR:
            super().answer(command, application, hop, end, body)
            return
        self.asked += 1
        out = (avp(263, first(body, 263)) + avp(268, 3006) + avp(264, self.host) + avp(296, self.realm)
               + (avp(292, self.host_of) + avp(261, 0) if self.host_of else b""))
        self.send(0x60, command, application, hop, end, out)


def tls_alone():
    """Between the HSSs nothing but TLS: their only connection is with port 5658."""
    found = subprocess.run(["ss", "-Htn", "src", ADDRESS["partner1"], "dst", ADDRESS["home1"]], capture_output=True, text=True,
                           check=False).stdout.split("\n")
    return [line.split()[4] for line in found if line]


check("over TLS alone", tls_alone() == [ADDRESS["home1"] + ":5658"], tls_alone())
there = Cscf("partner1")
slf = Slf("partner1", "slf", "home1", SLF)
a = ue("POST", CONNECTIONS, wish())
check("granted", a.status == 201, (a.status, a.body))
impi, impu = names(a)
check("the binding names the SLF", 'database="slf slf.home1.net home1.net"' in s.ctl("partner1", "binding", impi))
answer = there.mar(impi, impu)
check("a vector, after one redirect", result_of(answer) == 2001 and slf.asked == 1, (result_of(answer), slf.asked))
rand, autn, xres, _, _ = vector(answer)
check("of the card's home", Card().challenge(rand, autn)[0] == xres)
check("under inbound names", first(answer, 1).decode() == impi and b"home1" not in answer)
for to, why in (("aaa://hss.partner1.net", "ourselves"), ("aaa://hss.home9.net", "a third system"), ("aaa://slf.home1.net", "itself"),
                ("http://hss.home1.net", "no Diameter"), ("", "nobody")):
    slf.host_of, before = to, slf.asked
    began = time.monotonic()
    code = result_of(there.mar(impi, impu))
    check("sent to %s" % why, code == 5012 and slf.asked == before + 1 and time.monotonic() - began < 2, (code, slf.asked - before))
slf.host_of = "aaa://hss.home1.net"
check("and right again", result_of(there.mar(impi, impu)) == 2001)
slf.socket.close()
wait_for("without it nothing", lambda: result_of(there.mar(impi, impu)) == 5012)
check("withdrawn", "withdrawn 1" in s.ctl("home1", "withdraw", "all"))
check("no vector at once", result_of(there.mar(impi, impu)) in (5001, 5012))
wait_for("nobody is asked when the partner knows", lambda: result_of(there.mar(impi, impu)) == 5001)
for name in ("home1", "partner1"):
    s.stop(cms[name])
    hss.stop(name)
s.end("an SLF, and TLS")
