#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""play.py BUILD FOLDER   A user of home1 migrates to partner1 and back: CSC-4, CMS-CMS, bindings on both sides, withdrawal."""
import hashlib
import json
import re
import socket
import threading
import time

import systems as s
from systems import ALICE, CONNECTIONS, check, ctl, ue, wait_for, wish

s.certificates()
s.configure("home1")
s.configure("partner1")
home, partner = s.start("home1"), s.start("partner1")
s.add_users()


def live():
    return s.counter("home1", "away"), s.counter("partner1", "here")


def happy():
    a = ue("POST", CONNECTIONS, wish())
    check("granted", a.status == 201, (a.status, a.body))
    sip = a.json["sip"]
    check("chosen by location", a.json["chosenBy"] == "location" and a.json["partnerSystemId"] == "partner1", a.json)
    check("inbound identities", re.fullmatch(r"m[a-z2-7]{26}@in\.partner1\.net", sip["privateIdentity"])
          and re.fullmatch(r"sip:m[a-z2-7]{26}@in\.partner1\.net", sip["publicIdentities"][0]), sip)
    check("what the UE needs", sip["realm"] == "partner1.net" and sip["registrarUri"] == "sip:in.partner1.net"
          and sip["pcscf"] == ["pcscf.partner1.net:5060"] and sip["authentication"] == "IMS-AKA", sip)
    check("not to be stored on the way", a.headers["Cache-Control"] == "no-store")
    document = ue("GET", a.json["initialUeConfig"]["href"])
    check("its configuration", document.status == 200 and b"<Instance-ID-URN>urn:uuid:00000000-0000-1000-8000-000000000001<"
          in document.body and document.headers["Content-Type"] == a.json["initialUeConfig"]["type"], document.body)
    check("is the one that was named", hashlib.sha256(document.body).hexdigest() == a.json["initialUeConfig"]["sha256"])
    check("and not sent twice", ue("GET", a.json["initialUeConfig"]["href"], If_None_Match=document.headers["ETag"]).status == 304)
    check("to nobody else", ue("GET", a.json["initialUeConfig"]["href"], tok=s.token(s.BOB)).status == 403)
    again = ue("POST", CONNECTIONS, wish())
    check("the same again", again.status == 200 and again.json["sip"] == sip, again.body)
    check("read", ue("GET", a.headers["Location"]).json["sip"] == sip)
    check("listed", [c["id"] for c in ue("GET", CONNECTIONS).json["partnerConnections"]] == [a.json["id"]])
    check("by its user only", ue("GET", CONNECTIONS, tok=s.token(s.BOB)).json["partnerConnections"] == []
          and ue("GET", a.headers["Location"], tok=s.token(s.BOB)).status == 404
          and ue("DELETE", a.headers["Location"], tok=s.token(s.BOB)).status == 204 and live() == (1, 1))
    check("on both sides", live() == (1, 1), live())
    return a


def bindings(a):
    at_home = ctl("home1", "binding", "sip:alice@home1.net")
    pair = re.search(r" pair=(\S+?),(\S+)", at_home).groups()
    check("hidden", pair[0].endswith("@out.home1.net") and "alice" not in pair[0] + pair[1], at_home)
    away = ctl("partner1", "binding", a.json["sip"]["privateIdentity"])
    check("inbound to pair", " pair=%s,%s " % pair in away and 'database="hss hss.home1.net home1.net"' in away, away)
    check("and back", ctl("partner1", "binding", pair[1]) == away)
    check("from inbound at home", ctl("home1", "binding", a.json["sip"]["publicIdentities"][0]) == at_home)
    check("no real identity there", "alice" not in away.replace("user=" + ALICE, ""), away)
    check("none at all", "no live migration" in ctl("home1", "binding", "sip:x@home1.net", ok=False))


def withdrawn_by_primary(a):
    check("withdrawn", "withdrawn 1" in ctl("home1", "withdraw", "user=" + ALICE))
    check("at once", ue("GET", a.headers["Location"]).status == 410)
    wait_for("the partner knows", lambda: live() == (0, 0))
    wait_for("and it is known that he knows", lambda: "told=no" not in ctl("home1", "bindings"))
    check("for ever", ue("GET", a.json["initialUeConfig"]["href"]).status == 410
          and "no live" in ctl("partner1", "binding", a.json["sip"]["privateIdentity"], ok=False))
    b = ue("POST", CONNECTIONS, wish())
    check("new identities", b.status == 201 and b.json["sip"]["privateIdentity"] != a.json["sip"]["privateIdentity"])
    ctl("home1", "withdraw", "partner=partner1", "user=" + ALICE, "bar")
    check("barred: nobody else serves there", ue("POST", CONNECTIONS, wish()).status == 404)
    ctl("home1", "unbar", "partner=partner1", "user=" + ALICE)
    wait_for("the partner knows", lambda: live() == (0, 0))


def withdrawn_by_partner():
    a = ue("POST", CONNECTIONS, wish())
    check("withdrawn there", "withdrawn 1" in ctl("partner1", "withdraw", "partner=home1"))
    wait_for("home knows", lambda: live() == (0, 0))
    check("gone", ue("GET", a.headers["Location"]).status == 410)
    ctl("partner1", "withdraw", "partner=home1", "bar")
    b = ue("POST", CONNECTIONS, wish())
    check("refused there", b.status == 403 and b.json["type"].endswith("partner-refused"), b.body)
    ctl("partner1", "unbar", "partner=home1")
    check("nothing is left", live() == (0, 0))


def given_back():
    a = ue("POST", CONNECTIONS, wish(partnerSystemId="partner1", location={}))
    check("named", a.status == 201 and a.json["chosenBy"] == "request", a.body)
    for _ in range(2):
        check("given back", ue("DELETE", a.headers["Location"]).status == 204)
    wait_for("on both sides", lambda: live() == (0, 0))


def refusals():
    a = ue("POST", CONNECTIONS, wish(partnerSystemId="silent"))
    check("no agreement with the one named: the one that serves there", a.status == 201 and a.json["chosenBy"] == "location",
          a.body)
    ue("DELETE", a.headers["Location"])
    a = ue("POST", CONNECTIONS, wish(location={"plmn": "00199"}))
    check("none serves there", a.status == 404 and a.json["type"] == "urn:ims-cms:problem:no-partner", a.body)
    check("unknown user", ue("POST", CONNECTIONS, wish("sip:eve@mc.home1.net"), tok=s.token("sip:eve@mc.home1.net")).status == 403)
    ctl("home1", "disagree", ALICE, "partner1")
    check("no agreement", ue("POST", CONNECTIONS, wish()).status == 403)
    ctl("home1", "agree", ALICE, "partner1")
    a = ue("POST", CONNECTIONS, wish(), Idempotency_Key='"k1"')
    check("with a key", a.status == 201, a.body)
    check("the same", ue("POST", CONNECTIONS, wish(), Idempotency_Key='"k1"').json == a.json)
    check("another content", ue("POST", CONNECTIONS, wish(location={"plmn": "00103"}), Idempotency_Key='"k1"').status == 422)
    other = ue("POST", CONNECTIONS, wish(ueInstanceId="urn:uuid:9"))
    check("another phone of the user", other.status == 409 and other.headers["Retry-After"], other.body)
    ue("DELETE", a.headers["Location"])
    wait_for("nothing is left", lambda: live() == (0, 0))


def partner_away():
    """Its server does not answer, then comes back: nothing is left on either side, and nobody else waits."""
    global partner
    ctl("home1", "user", "set", "sip:carl@mc.home1.net", "impi=carl@home1.net", "impu=sip:carl@home1.net")
    ctl("home1", "agree", "sip:carl@mc.home1.net", "silent")
    began = time.monotonic()
    a = ue("POST", CONNECTIONS, wish("sip:carl@mc.home1.net", location={"plmn": "00109"}), tok=s.token("sip:carl@mc.home1.net"))
    check("nobody there", a.status == 504 and a.headers["Retry-After"] and time.monotonic() - began < 10, a.body)
    # one that takes the connection and says nothing holds up his own users, and nobody else
    with socket.create_server(("127.0.0.1", s.PEERS["silent"])):
        slow = []
        t = threading.Thread(target=lambda: slow.append(ue("POST", CONNECTIONS, wish("sip:carl@mc.home1.net", location={
            "plmn": "00109"}), tok=s.token("sip:carl@mc.home1.net")).status))
        t.start()
        a = ue("POST", CONNECTIONS, wish())
        check("granted before", a.status == 201 and not slow, (a.status, slow))
        t.join()
        check("silent", slow == [504], slow)
    s.stop(partner)
    ctl("home1", "withdraw", "grant=" + a.json["id"])
    check("dead at home at once", ue("GET", a.headers["Location"]).status == 410 and s.counter("home1", "away") == 0)
    b = ue("POST", CONNECTIONS, wish())
    check("partner down", b.status == 504, b.body)
    partner = s.start("partner1")
    wait_for("told when it is back", lambda: live() == (0, 0), 60)
    check("later works", ue("POST", CONNECTIONS, wish()).status == 201)
    ctl("home1", "withdraw", "all")
    wait_for("all", lambda: live() == (0, 0))


def own_document():
    target = "/xcap-root/org.3gpp.mcptt.ue-init-config/users/sip:urn:uuid:7/urn:uuid:7"
    a = ue("GET", target, tok="")
    check("before any token", a.status == 200 and b"<Instance-ID-URN>urn:uuid:7<" in a.body and b'XUI-URI="sip:urn:uuid:7"'
          in a.body, a.body)
    check("not another's", ue("GET", target[:-1] + "8", tok="").status == 404)


def restarted():
    global home
    a = ue("POST", CONNECTIONS, wish())
    s.stop(home)
    home = s.start("home1")
    check("still there", ue("GET", a.headers["Location"]).json["sip"] == a.json["sip"])
    ctl("home1", "user", "remove", ALICE)
    check("removed", ue("GET", a.headers["Location"]).status == 410)
    wait_for("there, too", lambda: live() == (0, 0))


first = happy()
bindings(first)
withdrawn_by_primary(first)
withdrawn_by_partner()
given_back()
refusals()
partner_away()
own_document()
restarted()
for system in ("home1", "partner1"):
    check("the audit trail of " + system, "each follows" in ctl(system, "audit", "verify"))
    with open(s.path("log-" + system), errors="replace") as log:
        text = log.read()
    check("no identity in the log of " + system, not re.search(r"[a-z2-7]{26}@|alice|eyJ", text))
check("the trail names no user", "alice" not in ctl("home1", "audit") + ctl("partner1", "audit"))
s.stop(home)
s.stop(partner)
s.end("two systems")
