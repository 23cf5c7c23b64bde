#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""play.py BUILD FOLDER   The REST API of a real ims-hss: what it does, what it refuses, and what an S-CSCF sees."""
import json
import re
import socket
import sqlite3
import subprocess
import threading
import time

import rest
import scscf as cscf
from rest import call, check, hssctl, subscriber

A = "/api/v1/subscribers/a@home1.net"


def provision():
    new = subscriber("a", "sip:a@home1.net", "tel:+12125551111",
                     ifc=[{"priority": 1, "server": "sip:as.home1.net", "trigger": "all method:INVITE"}])
    new["public"][0]["display"] = "<script>alert(1)</script> & \"q\""
    made = call("POST", "/api/v1/subscribers", new, 201)
    check("Location", made.headers["Location"] == A, made.headers["Location"])
    got = call("GET", A, token="read").json
    check("it is as it was made", got == made.json and got["public"][0]["display"].startswith("<script>"), got)
    check("hssctl sees the same", "public tel:+12125551111 set=1" in hssctl("subscriber", "show", "a@home1.net"))
    call("POST", "/api/v1/subscribers", new, 409)
    call("PUT", A + "/public/sip:two@HOME1.net:5060", {"set": 2, "profile": 3, "barred": True})
    call("PATCH", A + "/public/sip%3Atwo%40home1.net", {"display": "Two"})
    two = call("GET", A).json["public"][2]
    check("PATCH changes what it names only", (two["set"], two["barred"], two["display"]) == (2, True, "Two"), two)
    call("PUT", A + "/public/sip:two@home1.net", {"set": 2})
    two = call("GET", A).json["public"][2]
    check("PUT replaces it", (two["profile"], two["barred"], two["display"]) == (0, False, ""), two)
    call("PATCH", A + "/public/sip:three@home1.net", {"barred": True}, 422)
    room = A + "/public/sip:room-!.*!@home1.net"
    call("PUT", room, {"service": True})
    found = call("GET", "/api/v1/subscribers?identity=sip:room-12@home1.net").json
    check("a wildcard is found by what matches it", "sip:room-!.*!@home1.net" in str(found), found)
    call("PUT", A + "/public/sip:room-!(!@home1.net", {}, 422)
    call("PUT", room, {"service": True, "set": 1}, 422)
    check("a service", call("GET", A).json["public"][-1]["service"] is True)
    call("DELETE", room)
    call("DELETE", A + "/public/sip:two@home1.net")
    call("DELETE", A + "/public/sip:two@home1.net", status=422)
    call("PUT", A + "/ifc/0/5", {"server": "sip:b.home1.net", "part": "registered", "default": "terminate"})
    call("PUT", A + "/ifc/0/5", {"server": "sip:c.home1.net"})
    ifcs = call("GET", A).json["ifc"]
    check("an ifc is replaced", [f["server"] for f in ifcs] == ["sip:as.home1.net", "sip:c.home1.net"]
          and ifcs[1]["part"] == "both", ifcs)
    call("DELETE", A + "/ifc/0/5")
    call("PUT", A + "/private/tab@home1.net", {"k": rest.K, "op": rest.OP, "msisdn": "12125551111"})
    got = call("GET", "/api/v1/subscribers/tab@home1.net").json
    check("a private identity that joins may use all", all(len(u["for"]) == 2 for u in got["public"]), got["public"])
    made = call("POST", "/api/v1/subscribers", {"private": [{"identity": "soft@home1.net", "password": "s3cret-of-soft",
                                                             "realm": "home1.net"}]}, 201)
    check("SIP digest", made.json["private"][0]["scheme"] == "digest" and "ha1" not in made.text, made.text)
    call("DELETE", "/api/v1/subscribers/soft@home1.net")
    card = {"identity": "tuak@home1.net", "algorithm": "tuak", "k": rest.TUAK_K, "top": rest.TUAK_TOP, "res": 128, "keccak": 1}
    made = call("POST", "/api/v1/subscribers", {"private": [card]}, 201)
    check("TUAK", made.json["private"][0]["algorithm"] == "tuak" and "topc" not in made.text, made.text)
    check("as hssctl shows it", "algorithm=tuak res=128 keccak=1" in hssctl("subscriber", "show", "tuak@home1.net"))
    check("TOP became TOPc", "topc=" + rest.TUAK_TOPC in hssctl("export"))
    made = call("PUT", "/api/v1/subscribers/tuak@home1.net/private/tuak@home1.net", {"k": rest.K, "opc": rest.OPC})
    check("and another card is another key", made.json["private"][0]["algorithm"] == "milenage", made.text)
    call("DELETE", "/api/v1/subscribers/tuak@home1.net")
    call("PUT", A + "/private/a@home1.net", {"amf": "9000", "sqn": "000000000fff"})
    check("as hssctl key set", "amf=9000 sqn=000000000fff" in hssctl("subscriber", "show", "a@home1.net"))
    call("PUT", A + "/capabilities", {"mandatory": [1], "optional": [2, 3]})
    call("PUT", A + "/charging", {"ccf": "aaa://ccf.home1.net"})
    call("PUT", A + "/visited", ["home1.net"])
    got = call("GET", A).json
    check("the rest", got["capabilities"]["optional"] == [2, 3] and got["visited"] == ["home1.net"]
          and got["charging"]["ccf"] == "aaa://ccf.home1.net", got)
    for part in ("capabilities", "charging"):
        call("PUT", A + "/" + part, got[part])
        call("PUT", A + "/" + part, {})
    call("PUT", A + "/visited", [])
    got = call("GET", A).json
    check("and none of it", (got["capabilities"], got["charging"], got["visited"]) == (None, None, []), got)


def shared_sets():
    sets = "/api/v1/shared-ifcs"
    call("PUT", A + "/shared/0/7", status=422)
    made = call("PUT", sets + "/7/20", {"server": "sip:seven.home1.net", "trigger": "all method:MESSAGE"}).json
    check("a set comes to be with its first criterion", (made["set"], len(made["ifc"])) == (7, 1), made)
    call("PUT", sets + "/7/10", {"server": "sip:eight.home1.net", "part": "registered"})
    call("PUT", sets + "/3/1", {"server": "sip:three.home1.net"})
    rows = call("GET", sets, token="read").json
    check("the sets", rows == {"sets": [{"set": 3, "criteria": 1}, {"set": 7, "criteria": 2}], "next": None}, rows)
    check("those behind one", [s["set"] for s in call("GET", sets + "?after=3").json["sets"]] == [7])
    got = call("GET", sets + "/7").json["ifc"]
    check("one set, by priority", [f["server"] for f in got] == ["sip:eight.home1.net", "sip:seven.home1.net"], got)
    call("GET", sets + "?after=x", status=400)
    call("GET", sets + "/8", status=404)
    call("GET", sets + "/x", status=422)
    call("PUT", sets + "/7/10", {"server": "sip:x", "priority": 3}, 422)
    call("PUT", sets + "/7/10", {"server": "x"}, 422)
    call("PUT", sets + "/7/x", {"server": "sip:x"}, 422)
    used = call("PUT", A + "/shared/0/7").json["shared"]
    check("a subscriber uses it", used == [{"profile": 0, "set": 7}]
          and "shared set=7 profile=0" in hssctl("subscriber", "show", "a@home1.net"), used)
    made = call("POST", "/api/v1/subscribers", subscriber("shares", shared=[{"set": 7}, {"set": 3, "profile": 1}]), 201).json
    check("a new one likewise", made["shared"] == [{"profile": 0, "set": 7}, {"profile": 1, "set": 3}], made["shared"])
    call("POST", "/api/v1/subscribers", subscriber("s2", shared=[{"set": 99}]), 422)
    call("DELETE", "/api/v1/subscribers/shares@home1.net")
    text = hssctl("export")
    check("an export has the sets in front", text.startswith("shared-ifcs 3\n") and "shared-ifcs 7\n\tifc priority=10 server=" in text,
          text[:200])
    call("DELETE", sets + "/7", status=422)
    check("one that is used stays", "subscriptions use" in hssctl("shared-ifc", "remove", "7", check_status=False))
    call("DELETE", A + "/shared/0/7")
    call("DELETE", A + "/shared/0/7", status=422)
    call("DELETE", sets + "/7/20")
    call("DELETE", sets + "/7/20", status=422)
    call("DELETE", sets + "/7")
    call("DELETE", sets + "/7", status=422)
    check("hssctl sees the other", hssctl("shared-ifc", "list") ==
          'shared-ifcs 3\n\tifc priority=1 server="sip:three.home1.net" default=continue\nend\n', hssctl("shared-ifc", "list"))
    hssctl("shared-ifc", "set", "3", "priority=2", "server=sip:four.home1.net")
    hssctl("ifc", "share", "a@home1.net", "set=3", "profile=2")
    check("and the API what hssctl does", call("GET", A).json["shared"] == [{"profile": 2, "set": 3}])
    hssctl("ifc", "unshare", "a@home1.net", "set=3", "profile=2")
    hssctl("shared-ifc", "remove", "3", "priority=2")
    hssctl("shared-ifc", "remove", "3")
    check("none is left", call("GET", sets).json["sets"] == [])


def bearers():
    """Addresses of access bearers (GIBA)."""
    one, two, at = "001010000000001", "001010000000002", "/api/v1/bearers/"
    check("nobody may be authenticated so by itself", call("GET", A).json["private"][0]["giba"] is False)
    call("PUT", A + "/private/a@home1.net", {"giba": True}, 422)
    call("PUT", at + one, {"address": "10.45.0.2"}, 404)
    made = call("PUT", A + "/private/a@home1.net", {"giba": True, "imsi": one}).json
    check("who may", made["private"][0]["giba"] is True)
    check("as hssctl shows it", "imsi=%s giba=yes" % one in hssctl("subscriber", "show", "a@home1.net"))
    call("PUT", A + "/private/tab@home1.net", {"giba": True, "imsi": one}, 409)
    call("PUT", A + "/private/tab@home1.net", {"giba": True, "imsi": two})
    made = call("PUT", at + one, {"address": "2001:DB8:1:2::/64"}).json
    check("for a day", (made["address"], made["used"]) == ("2001:db8:1:2::/64", False) and 86000 < made["seconds"] <= 86400, made)
    call("PUT", at + one, {"address": "10.45.0.2", "seconds": 3600})
    call("PUT", at + two, {"address": "10.45.0.3"})
    rows = call("GET", "/api/v1/bearers", token="read").json
    check("all", [(b["imsi"], b["address"]) for b in rows["bearers"]] == [(one, "10.45.0.2"), (two, "10.45.0.3")]
          and rows["next"] is None, rows)
    check("those behind one", [b["imsi"] for b in call("GET", "/api/v1/bearers?after=" + one).json["bearers"]] == [two])
    check("hssctl sees the same", re.match(one + r" 10\.45\.0\.2 seconds=\d+\n" + two, hssctl("bearer", "list")))
    call("PUT", at + two, {"address": "10.45.0.2"})
    rows = call("GET", "/api/v1/bearers").json["bearers"]
    check("an address has one IMSI", [(b["imsi"], b["address"]) for b in rows] == [(two, "10.45.0.2")], rows)
    for body in ({}, {"address": 1}, {"address": "10.45.0.0/24"}, {"address": "127.0.0.1"}, {"address": "10.45.0.2", "seconds": 0},
                 {"address": "10.45.0.2", "seconds": "1"}, {"address": "10.45.0.2", "second": 1}, ["10.45.0.2"]):
        call("PUT", at + one, body, 422)
    call("PUT", at + "x", {"address": "10.45.0.2"}, 422)
    call("GET", "/api/v1/bearers?after=x", status=400)
    call("DELETE", at + two)
    call("DELETE", at + two, status=404)
    check("and hssctl", hssctl("bearer", "set", one, "10.45.0.2", "seconds=9") == ""
          and "used" not in hssctl("bearer", "list") and hssctl("bearer", "remove", one) == "")
    check("with a reason", "no private identity that has giba=yes" in hssctl("bearer", "set", "00999", "10.45.0.2", check_status=False))
    call("PUT", A + "/private/a@home1.net", {"giba": False, "imsi": ""})
    call("PUT", A + "/private/tab@home1.net", {"giba": False})


def lists():
    for i in range(7):
        call("POST", "/api/v1/subscribers", subscriber("l%d" % i), 201)
    names, target = [], "/api/v1/subscribers?limit=3"
    while target:
        page = call("GET", target, token="read").json
        names += [row["id"] for row in page["subscribers"]]
        target = page["next"]
    check("all pages have all", sorted(names) == ["a@home1.net"] + ["l%d@home1.net" % i for i in range(7)], names)
    for identity in ("tab@home1.net", "sip:A@HOME1.NET", "tel:%2B1-212-555-1111", "12125551111"):
        rows = call("GET", "/api/v1/subscribers?identity=" + identity).json["subscribers"]
        found = [row["id"] for row in rows]
        check(identity, found == (["a@home1.net"] if "A@" not in identity else []), found)
    check("nobody", call("GET", "/api/v1/subscribers?identity=x@y").json["subscribers"] == [])
    for i in range(7):
        call("DELETE", "/api/v1/subscribers/l%d@home1.net" % i)


def refusals():
    def wrong(body, *says, method="POST", target="/api/v1/subscribers"):
        problem = call(method, target, body, 422).json
        check("it says what is wrong", all(s in problem["detail"] for s in says), problem)

    wrong({}, "needs a private identity")
    wrong({"private": [{"identity": "x@h", "k": rest.K}]}, "k needs opc")
    wrong({"private": [{"identity": "x@h", "k": "12", "opc": rest.OPC}]}, "32 hex digits")
    wrong({"private": [{"identity": "x@h", "algorithm": "tuak", "k": rest.TUAK_K, "opc": rest.OPC}]}, "topc and top")
    wrong({"private": [{"identity": "x@h", "algorithm": "tuak", "k": rest.K, "topc": rest.TUAK_TOPC, "res": 48}]}, "32, 64 or 128")
    wrong({"private": [{"identity": "x@h", rest.K: ""}]}, "no member '...'")
    wrong({"private": [{"identity": "x y", "k": rest.K, "opc": rest.OPC}]}, "no blanks")
    wrong({"privates": []}, "no member 'privates'")
    wrong({"private": {}}, "is an array")
    wrong(subscriber("x", "mailto:x@y"), "sip:, sips: or tel:")
    wrong(subscriber("x", ifc=[{"priority": 1, "server": "x"}]), "SIP URI")
    wrong(subscriber("x", ifc=[{"priority": 1, "server": "sip:x", "trigger": "all x"}]), "a condition begins with")
    wrong({"display": "a\nb"}, "printable", method="PATCH", target=A + "/public/sip:a@home1.net")
    wrong({"for": ["nobody@h"]}, "no private identity", method="PATCH", target=A + "/public/sip:a@home1.net")
    wrong({"set": -1}, "takes a number", method="PATCH", target=A + "/public/sip:a@home1.net")
    wrong({"set": 70000}, "0 to 65535", method="PATCH", target=A + "/public/sip:a@home1.net")
    wrong({"server": "sip:x", "priority": 2}, "stand in the path", method="PUT", target=A + "/ifc/0/2")
    wrong({"server": "sip:x"}, "two numbers", method="PUT", target=A + "/ifc/0/x")
    wrong({"reason": "none"}, "permanent-termination", method="POST", target=A + "/deregister")
    for body in ("{", "", "[", '{"a":1,"a":2}', '"\\ud800"', "{\"a\":\"\0\"}", "[" * 100000):
        call("POST", "/api/v1/subscribers", status=400, body=body, headers={"Content-Type": "application/json"})
    call("POST", "/api/v1/subscribers", status=413, body="x" * 262145, headers={"Content-Type": "application/json"})
    with socket.create_connection(("127.0.0.1", rest.PORT)) as client:
        client.sendall(("POST /api/v1/subscribers HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer %s\r\nContent-Length: 99999999\r\n\r\n"
                    % rest.tokens["admin"]).encode())
        check("a body that is announced too big is not waited for", b" 413 " in client.recv(100))
    call("POST", "/api/v1/subscribers", status=415, body="k=1", headers={"Content-Type": "text/plain"})
    before = call("GET", A).body
    for field in ({"If-Match": '"nope"'}, {"If-Match": 'W/"*"'}, {"If-Match": ""}, {"If-None-Match": "*"}):
        for method, target, body in (("PATCH", A + "/public/sip:a@home1.net", {"display": "Nope"}), ("DELETE", A + "?force=true", None),
                                     ("PUT", A + "/charging", {"ccf": "aaa://nope.home1.net"}), ("POST", A + "/push", None),
                                     ("POST", "/api/v1/import", None)):
            call(method, target, body, 412, headers=field)
    check("nothing changed", call("GET", A, headers={"If-Match": '"nope"'}).body == before)
    tags()
    call("GET", "/api/v1/subscribers?limit=1000", status=400)
    call("GET", "/api/v1/subscribers?frob=1", status=400)
    call("DELETE", A + "?force=perhaps", status=400)
    call("GET", "/api/v1/subscribers/nobody@home1.net", status=404)
    call("DELETE", "/api/v1/subscribers/nobody@home1.net", status=404)
    call("POST", "/api/v1/subscribers/nobody@home1.net/push", status=404)
    for target in ("/api/v1/subscribers/%zz", "/api/v1//x", "/" + "x" * 300, "/a/b/c/d/e/f/g/h/i", "/%00",
                   "/api/v1/subscribers/%ff"):
        call("GET", target, status=400)
    call("GET", "/api/v2", status=404)
    check("HEAD has no body", rest.raw("HEAD", "/api/v1/status").body == b"")


def tags():
    """Two people change a subscription at the same time: who has seen it before the other's change is told."""
    seen = call("GET", A)
    tag = seen.headers["ETag"]
    check("the ETag is strong", tag[0] == tag[-1] == '"', tag)
    check("the same has the same", call("GET", A).headers["ETag"] == tag)
    for field in (tag, 'W/"x", ' + tag, "*"):
        check("304 has the tag and no body", raw_get(A, field) == (304, tag, b""))
    check("another tag is no 304", call("GET", A, headers={"If-None-Match": '"x"'}).body == seen.body)
    call("PATCH", A + "/public/sip:a@home1.net", {"display": "Mine"}, headers={"If-Match": '"x", ' + tag})
    changed = call("GET", A)
    check("what changed has another", changed.headers["ETag"] != tag)
    for method, target, body in (("PATCH", A + "/public/sip:a@home1.net", {"display": "Late"}), ("DELETE", A + "?force=true", None),
                                 ("PUT", A + "/charging", {"ccf": "aaa://late.home1.net"}), ("PUT", A + "/visited", ["late.home1.net"]),
                                 ("PUT", A + "/private/a@home1.net", {"msisdn": "999"})):
        problem = call(method, target, body, 412, headers={"If-Match": tag}).json
        check("it says so", problem["type"] == "urn:ims-hss:problem:precondition-failed", problem)
        call(method, target, body, 412, headers={"If-Match": "W/" + changed.headers["ETag"]})
    check("who was late has changed nothing", call("GET", A).body == changed.body)
    call("PATCH", "/api/v1/subscribers/nobody@home1.net/public/sip:x@home1.net", {"display": ""}, 404, headers={"If-Match": tag})
    call("DELETE", "/api/v1/subscribers/nobody@home1.net", None, 404, headers={"If-Match": tag})
    call("PATCH", A + "/public/sip:a@home1.net", {"display": ""}, headers={"If-Match": changed.headers["ETag"]})
    call("POST", "/api/v1/subscribers", rest.subscriber("tagged", "sip:tagged@home1.net"), 201)
    tagged = "/api/v1/subscribers/tagged@home1.net"
    call("DELETE", tagged, headers={"If-Match": call("GET", tagged).headers["ETag"]})


def raw_get(target, if_none_match):
    answer = rest.raw("GET", target, headers={"If-None-Match": if_none_match})
    return answer.status, answer.headers["ETag"], answer.body


def migrations():
    """A user of ours who may be at a partner; with real CMSs, HSSs and CSCFs tests/unit/cms/daemons/register.py plays the rest."""
    target = "/api/v1/migrations/"
    a = {"side": "away", "partner": "home2", "expires": "2099-01-01T00:00:00Z",
         "own": {"private": "a@home1.net", "public": ["sip:a@home1.net"]},
         "pair": {"private": "x1@out.home1.net", "public": ["sip:x2@out.home1.net"]}}
    got = call("PUT", target + "m1", a, 201, token="migration").json
    check("bound", got["state"] == "live" and got["own"] == a["own"] and got["pair"] == a["pair"], got)
    call("PUT", target + "m1", a)
    call("PUT", target + "m1", dict(a, expires="2098-01-01T00:00:00Z"), token="migration")
    check("another life", call("GET", target + "m1", token="migration").json["expires"] == "2098-01-01T00:00:00Z")
    call("PUT", target + "m1", dict(a, pair={"private": "y@out.home1.net", "public": ["sip:y@out.home1.net"]}), 409)
    call("PUT", target + "m2", a, 409)
    for wrong in (dict(a, side="x"), dict(a, expires="soon"), dict(a, expires="2001-01-01T00:00:00Z"), dict(a, partner="nobody"),
                  dict(a, own={"private": "nobody@home1.net", "public": ["sip:a@home1.net"]}), dict(a, more=1),
                  dict(a, own={"private": "a@home1.net", "public": ["sip:b@home1.net"]}),
                  dict(a, pair={"private": "x@home9.net", "public": ["sip:x@home9.net"]}),
                  dict(a, pair={"private": "x!y@out.home1.net", "public": ["sip:x@out.home1.net"]}),
                  dict(a, own={"private": "a@home1.net", "public": []}), dict(a, pair=None)):
        call("PUT", target + "m3", wrong, 422)
    call("PUT", target + "m-%s" % ("x" * 40), a, 422)
    call("PUT", target + "m3", status=400, body="[", headers={"Content-Type": "application/json"})
    rows = call("GET", "/api/v1/migrations", token="read").json
    check("listed", [r["id"] for r in rows["migrations"]] == ["m1"] and rows["next"] is None, rows)
    check("he is not registered", rows["migrations"][0]["registered"] is False and rows["migrations"][0]["changed"] == got["changed"])
    for query, n in (("identity=a@home1.net", 1), ("identity=sip:X2@out.home1.net", 0), ("identity=sip:x2@OUT.home1.net:5060", 1),
                     ("identity=nobody@home1.net", 0), ("partner=home2&over=false", 1), ("partner=home3", 0)):
        found = call("GET", "/api/v1/migrations?" + query, token="read").json
        check(query, len(found["migrations"]) == n and found["next"] is None, found)
    call("GET", "/api/v1/migrations?over=perhaps", status=400)
    check("hssctl has it", "m1 away live partner=home2" in hssctl("migration", "list"))
    call("GET", target + "m9", status=404)
    call("DELETE", target + "a%20b", status=404)
    call("GET", "/api/v1/status", status=403, token="migration")
    call("PUT", A + "/visited", [], 403, token="migration")
    ended = call("DELETE", target + "m1", token="migration").json
    check("ended", ended == {"ended": 1, "gone": 0, "not_confirmed": 0}, ended)
    check("ended before", call("DELETE", target + "m1").json["ended"] == 0)
    call("PUT", target + "m1", a, 410)
    call("DELETE", target + "m4")
    call("PUT", target + "m4", a, 410)
    call("PUT", target + "m5", a, 201)
    for query in ("", "?all=false", "?partner=", "?partner=home2&all=true"):
        call("DELETE", "/api/v1/migrations" + query, status=400)
    call("DELETE", "/api/v1/migrations?all=true", status=403, token="migration")
    check("another's", call("DELETE", "/api/v1/migrations?partner=home3", token="provision").json["ended"] == 0)
    check("hssctl ends all", "ended 1" in hssctl("migration", "withdraw", "partner=home2"))
    check("what happened", [line.split()[2:4] for line in hssctl("migration", "audit").splitlines()] == [
        ["bind", "m1"], ["extend", "m1"], ["end", "m1"], ["bind", "m5"], ["end", "m5"]], hssctl("migration", "audit"))
    for i in range(60):
        call("DELETE", target + "z%02d" % i)
    call("PUT", target + "z99", a, 201)
    first = call("GET", "/api/v1/migrations?identity=%s&over=true" % "sip:a@home1.net").json
    check("one is looked for in many", [r["id"] for r in first["migrations"]] == ["m1", "m5", "z99"] and first["next"] is None, first)
    page = call("GET", "/api/v1/migrations").json
    check("pages", len(page["migrations"]) == 50 and len(call("GET", page["next"]).json["migrations"]) == 14, page["next"])
    check("what is not over", [r["id"] for r in call("GET", "/api/v1/migrations?over=false").json["migrations"]] == ["z99"])
    ended = call("DELETE", "/api/v1/migrations?all=true", token="provision").json
    check("all are over", ended == {"ended": 1, "gone": 0, "not_confirmed": 0}
          and call("GET", "/api/v1/migrations?over=false").json["migrations"] == [], ended)
    check("who ended it", re.search(r" end z99 home2 rest withdrawn", hssctl("migration", "audit")))


def read_in_two_ways():
    """What a proxy in front may take for other requests than we do: one refusal, and the connection is closed."""
    token = "Authorization: Bearer %s\r\n" % rest.tokens["admin"]
    chunked, length = "Transfer-Encoding: chunked\r\n", "Content-Length: 2\r\n"
    behind = "2\r\n{}\r\n0\r\n\r\nGET /openapi.json HTTP/1.1\r\nHost: h\r\n\r\n"
    for fields in ("Host: h\r\n" + token + length + chunked, "Host: h\r\n" + token + length + "Content-Length: 5\r\n",
                   "Host: h\r\n" + token + "Transfer-Encoding: gzip, chunked\r\n",
                   "Host: h\r\n" + token + "Transfer-Encoding: identity\r\n", "Host: h\r\n" + token + chunked + chunked,
                   "Host: h\r\nHost: g\r\n" + token + chunked, "Host: h\r\n" + token + token + chunked,
                   "Host: h\r\n" + token + chunked + "X-A : b\r\n"):
        with socket.create_connection(("127.0.0.1", rest.PORT), 20) as client:
            client.sendall(("POST /api/v1/subscribers HTTP/1.1\r\n" + fields + "\r\n" + behind).encode())
            got = b""
            try:
                while more := client.recv(65536):
                    got += more
            except ConnectionResetError:
                pass
        check(repr(fields), got.startswith(b"HTTP/1.1 400 ") and got.count(b"HTTP/1.1 ") == 1, got[:300])
    call("GET", "/api/v1/status")


def who_may():
    for path, method, operation in rest.document.operations():
        target = path.replace("{impi}", "a@home1.net").replace("{profile}", "0").replace("{priority}", "9").replace("{set}", "7")
        target = target.replace("{impu}", "sip:a@home1.net").replace("{name}", "a@home1.net").replace("{id}", "m9")
        allow = rest.raw("OPTIONS", target)
        check(path, allow.status == 405 and method in allow.headers["Allow"].split(", "), allow.headers)
        role = rest.ROLES.index(operation["x-role"])
        if role:
            call(method, target, status=401, token=None)
        if role > 1:
            call(method, target, status=403, token=rest.ROLES[role - 1])
    methods = {path: set() for path, _, _ in rest.document.operations()}
    for path, method, _ in rest.document.operations():
        methods[path].add(method)
    for path, have in methods.items():
        target = re.sub("{[^}]*}", "9", path)
        allow = set(rest.raw("OPTIONS", target).headers["Allow"].split(", ")) - {"HEAD"}
        check(path + ": the document has what there is", allow == have, allow)


def wrong_tokens():
    call("GET", "/api/v1/status", status=401, token="x" * 64)
    statuses = [rest.raw("GET", "/api/v1/status", token="y" * 64) for _ in range(30)]
    check("wrong tokens are limited", statuses[-1].status == 429, statuses[-1].status)
    check("and it says for how long", 1 <= int(statuses[-1].headers["Retry-After"]) <= 60)
    call("GET", "/api/v1/status")  # a right one counts all the same
    secret = hssctl("token", "add", "guest", "read").strip()
    check("a new token counts at once", rest.raw("GET", "/api/v1/status", token=secret).status == 200)
    hssctl("token", "remove", "guest")
    check("one that is removed does not", rest.raw("GET", "/api/v1/status", token=secret).status in (401, 429))
    with open(rest.path("tokens")) as f:
        text = f.read()
    check("the file has no secret", secret not in text and not any(t in text for t in rest.tokens.values()))


def pushes(peer):
    check("registration", peer.challenge("a@home1.net", "sip:a@home1.net") == 2001)
    check("pending", call("GET", A).json["public"][0]["state"] == "authentication-pending")
    check("registration", peer.register("a@home1.net", "sip:a@home1.net") == 2001)
    got = call("GET", A).json
    check("the whole set is registered", [u["state"] for u in got["public"]] == ["registered"] * 2
          and got["public"][1]["registered_by"] == ["a@home1.net"] and got["scscf"] == cscf.NAME, got)
    call("PATCH", A + "/public/tel:+12125551111", {"barred": True})
    profile = cscf.all_of(peer.wait(cscf.PPR), 606)[0].decode()
    check("the S-CSCF has it by PPR", "<BarringIndication>1" in profile and "tel:+12125551111" in profile, profile)
    call("PUT", A + "/ifc/0/7", {"server": "sip:new.home1.net"})
    check("a new ifc", "sip:new.home1.net" in cscf.all_of(peer.wait(cscf.PPR, 2), 606)[0].decode())
    pushed = call("POST", A + "/push").json["steps"]
    check("pushed again", pushed == ["PPR answered by scscf.home1.net: 2001"], pushed)
    peer.wait(cscf.PPR, 3)
    peer.silent = True
    began = time.monotonic()
    waits = threading.Thread(target=lambda: call("POST", A + "/deregister", {"reason": "server-change"}, 502))
    waits.start()
    peer.wait(cscf.RTR)
    call("GET", A)
    check("others are served while one waits", time.monotonic() - began < 2)
    waits.join()
    call("DELETE", A, status=502)
    call("DELETE", A + "/public/tel:+12125551111", status=422)
    peer.silent = False
    call("POST", A + "/deregister", {"public": ["sip:nobody@home1.net"]}, 409)
    call("POST", A + "/deregister", {"info": "good bye"})
    check("it is not registered", call("GET", A).json["public"][0]["state"] == "not-registered")
    call("POST", A + "/deregister", status=409)
    call("POST", A + "/push", status=409)


def withdrawal(peer):
    for name in ("a@home1.net", "tab@home1.net"):
        check("registration", peer.register(name, "sip:a@home1.net") == 2001)
    before = len([c for c, _ in peer.requests if c == cscf.RTR])
    steps = call("DELETE", A).json["steps"]
    names = {cscf.all_of(peer.wait(cscf.RTR, before + i), 1)[0].decode() for i in (1, 2)}
    check("an RTR for each private identity", len(steps) == 2 and names == {"a@home1.net", "tab@home1.net"}, steps)
    call("GET", A, status=404)
    check("and the S-CSCF finds nobody", peer.register("a@home1.net", "sip:a@home1.net") == 5001)
    call("POST", "/api/v1/subscribers", subscriber("b"), 201)
    check("registration", peer.register("b@home1.net", "sip:b@home1.net") == 2001)
    check("hssctl refuses", "deregister it first" in hssctl("subscriber", "remove", "b@home1.net", check_status=False))
    check("hssctl withdraws", "RTR answered" in hssctl("withdraw", "b@home1.net"))
    call("GET", "/api/v1/subscribers/b@home1.net", status=404)
    peer.silent = True
    call("POST", "/api/v1/subscribers", subscriber("b"), 201)
    check("registration", peer.register("b@home1.net", "sip:b@home1.net") == 2001)
    call("DELETE", "/api/v1/subscribers/b@home1.net?force=true")
    call("GET", "/api/v1/subscribers/b@home1.net", status=404)
    peer.silent = False


def server_gone():
    """The store's server goes and comes back."""
    subprocess.run([rest.SERVER, "stop"], check=True)
    gone = call("POST", "/api/v1/subscribers", subscriber("d"), 503)
    check("it says when", gone.headers["Retry-After"] == "2")
    call("GET", "/api/v1/subscribers/c@home1.net", status=503)
    call("GET", "/api/v1/subscribers", status=503)
    call("POST", "/api/v1/subscribers/c@home1.net/push", status=503)
    subprocess.run([rest.SERVER, "start"], check=True)
    end = time.monotonic() + 60
    while rest.raw("GET", "/api/v1/subscribers/c@home1.net").status != 200 and time.monotonic() < end:
        time.sleep(0.1)
    call("DELETE", "/api/v1/subscribers/c@home1.net")


def held_store():
    call("POST", "/api/v1/subscribers", subscriber("c"), 201)
    if rest.SERVER:
        server_gone()
        return
    other = sqlite3.connect(rest.path("hss.db"), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    busy = call("POST", "/api/v1/subscribers", subscriber("d"), 503)
    check("it says when", busy.headers["Retry-After"] == "2")
    call("GET", "/api/v1/subscribers/c@home1.net")
    other.execute("ROLLBACK")
    other.close()
    call("DELETE", "/api/v1/subscribers/c@home1.net")


def status_and_metrics():
    status = call("GET", "/api/v1/status").json
    check("a peer", {"name": "scscf.home1.net", "state": "OPEN"} in status["peers"], status["peers"])
    check("counters", status["counters"]["ppr"] >= 3 and status["counters"]["http_requests"] > 100)
    metrics = call("GET", "/metrics", token="read").text
    check("metrics", "ims_hss_rtr_total %d\n" % status["counters"]["rtr"] in metrics
          and 'ims_hss_peer_open{peer="scscf.home1.net"} 1' in metrics)
    for target, kind in (("/", "text/html"), ("/page.js", "text/javascript"), ("/page.css", "text/css")):
        page = rest.raw("GET", target, token=None)
        check(target, page.status == 200 and page.headers["Content-Type"].startswith(kind)
              and "script-src 'self'" in page.headers["Content-Security-Policy"])
        check("no inline script or style", kind != "text/html" or not any(
            s in page.text for s in ("<script>", " style=", " onclick", "javascript:")))


def stop_while_waiting(hss, peer):
    call("POST", "/api/v1/subscribers", subscriber("e"), 201)
    check("registration", peer.register("e@home1.net", "sip:e@home1.net") == 2001)
    peer.silent = True
    answers = []
    waits = threading.Thread(target=lambda: answers.append(rest.raw("POST", "/api/v1/subscribers/e@home1.net/push")))
    before = len([c for c, _ in peer.requests if c == cscf.PPR])
    waits.start()
    peer.wait(cscf.PPR, before + 1)
    rest.stop(hss)
    waits.join()
    check("who waits is told that it stops", answers and answers[0].status == 503, answers)


rest.configure("http 127.0.0.1:%d\ngiba yes" % rest.PORT)
rest.make_tokens()
server = rest.start()
rest.load_document()
s = cscf.Scscf(rest.HSS)
provision()
shared_sets()
bearers()
migrations()
lists()
refusals()
read_in_two_ways()
who_may()
pushes(s)
withdrawal(s)
held_store()
status_and_metrics()
wrong_tokens()
stop_while_waiting(server, s)
unseen = [(p, m) for p, m, o in rest.document.operations() if (p, m, 200) not in rest.document.seen
          and (p, m, 201) not in rest.document.seen and p not in ("/openapi.json", "/api/v1/import")]
check("every operation was played", not unseen, json.dumps(unseen))
rest.end("REST")
