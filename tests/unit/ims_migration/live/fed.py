#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""fed.py ROOT BUILD FOLDER: the same borders with bindings of two real ims-cms: a user migrates, is called, and is withdrawn."""
from borders import *

sys.argv = [sys.argv[0], BUILD, DIR]
sys.path.insert(0, ROOT + "/tests/unit/cms/daemons")
import systems as s  # noqa: E402

BOB = "sip:bob@partner1.net"
home = Border("home", "10.0.0.1", "10.9.0.1", "10.9.0.2", "10.0.0.5")
partner = Border("partner", "10.1.0.1", "10.9.0.2", "10.9.0.1", "10.1.0.7")


def fed(cms, other):
    return {"#!FEED": '#!define WITH_MIGRATION_FEED\n#!substdef "!CMS_CONTROL!%s/%s.sock!g"' % (DIR, cms), "OTHER_NAME": other}


def soon(what, seconds=PATIENCE):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if what():
            return True
        time.sleep(0.1)
    return False


check("the borders start before anybody can say who is bound", home.start(fed("home1", "partner1")) and partner.start(fed("partner1", "home1")))
A, B = Phone("10.0.0.5", home.inside), Phone("10.1.0.7", partner.inside)
capture = Capture()
A.request("MESSAGE " + BOB, heads("<sip:alice@home1.net>;tag=a", "<%s>" % BOB, "n1@x", "1 MESSAGE"), "hi", "text/plain")
check("nothing passes until it is known", A.receive(is_answer(503, "MESSAGE")) and home.counter("not_ready") == 1)
check("neither does it the other way", "ready: no" in partner.rpc("ims_migration.status")[1])

s.certificates()
s.configure("home1")
s.configure("partner1")
daemons = [s.start("home1"), s.start("partner1")]
s.add_users()
check("known, though nobody is bound", soon(lambda: "ready: yes" in home.rpc("ims_migration.status")[1] and "ready: yes" in partner.rpc("ims_migration.status")[1]))
A.request("MESSAGE " + BOB, heads("<sip:alice@home1.net>;tag=a", "<%s>" % BOB, "n2@x", "1 MESSAGE"), "hi", "text/plain")
m = B.receive(is_request("MESSAGE"))
check("who does not migrate is not touched", m and "<sip:alice@home1.net>;tag=a" in m, m)
B.answer(m, "200 OK")
A.receive(is_answer(200, "MESSAGE"))

a = s.ue("POST", s.CONNECTIONS, s.wish())
check("granted", a.status == 201, a.body)
inbound = a.json["sip"]["publicIdentities"][0]
own = "sip:alice@home1.net"
check("bound at home", soon(lambda: own in home.rpc("ims_migration.list", "partner1")[1]), home.rpc("ims_migration.list")[1])
check("bound at the partner", soon(lambda: inbound in partner.rpc("ims_migration.list", "home1")[1]), partner.rpc("ims_migration.list")[1])
pair = re.search(r"inside: %s\s+wire: (\S+)" % re.escape(own), home.rpc("ims_migration.list")[1]).group(1)
check("not by hand", "ims-cms" in home.rpc("ims_migration.list")[1])
grant = re.search(r"id: (\S+)", home.rpc("ims_migration.list")[1]).group(1)
rc, out = home.rpc("ims_migration.unbind", grant)
check("nor to be ended by hand", rc and "cmsctl withdraw grant=" + grant in out, out)
began = len(capture.packets(False))
B.request("INVITE " + inbound, heads("<%s>;tag=b" % BOB, "<%s>" % inbound, "f1@x", "1 INVITE", "Contact: <sip:bob@10.1.0.7>"), sdp("bob", "10.1.0.7"))
m = A.receive(is_request("INVITE"))
check("a call by her inbound identity reaches her own", m and m.startswith("INVITE %s SIP/2.0\r\n" % own) and one(m, "To") == "<%s>" % own, m)
A.answer(m, "200 OK", ["Contact: <sip:alice@10.0.0.5>", "P-Asserted-Identity: <%s>" % own], sdp("alice", "10.0.0.5"), tag="a")
r = B.receive(is_answer(200, "INVITE"))
check("and is answered as it was made", r and one(r, "To") == "<%s>;tag=a" % inbound and one(r, "P-Asserted-Identity") == "<%s>" % inbound, r)
B.request("ACK sip:x@10.0.0.5", heads("<%s>;tag=b" % BOB, one(r, "To"), "f1@x", "1 ACK", *route_set(r, True)))
A.receive(is_request("ACK"))

out = s.ctl("home1", "withdraw", "user=" + s.ALICE)
check("withdrawn", soon(lambda: "state: over" in home.rpc("ims_migration.list")[1] and "state: over" in partner.rpc("ims_migration.list")[1]), out)
B.request("INVITE " + inbound, heads("<%s>;tag=b" % BOB, "<%s>" % inbound, "f2@x", "1 INVITE", "Contact: <sip:bob@10.1.0.7>"))
check("no call begins any more", B.receive(is_answer(404, "INVITE")))
B.request("BYE sip:x@10.0.0.5", heads("<%s>;tag=b" % BOB, one(r, "To"), "f1@x", "2 BYE", *route_set(r, True)))
m = A.receive(is_request("BYE"))
check("the last one ends", m and one(m, "To") == "<%s>;tag=a" % own, m)
A.answer(m, "200 OK")
B.receive(is_answer(200, "BYE"))

again = s.ue("POST", s.CONNECTIONS, s.wish())
new = again.json["sip"]["publicIdentities"][0] if again.status == 201 else ""
check("she migrates again, under new identities", new and new != inbound, again.body)
check("bound beside the last", soon(lambda: home.rpc("ims_migration.list")[1].count(own) == 2 and new in partner.rpc("ims_migration.list")[1]), home.rpc("ims_migration.list")[1])
check("home starts again", home.stop() == 0 and home.start(fed("home1", "partner1")))
check("and knows what lives", soon(lambda: home.rpc("ims_migration.list")[1].count(own) == 1), home.rpc("ims_migration.list")[1])
check("nothing of ims-cms could not be swapped", home.counter("feed_refused") == 0 and partner.counter("feed_refused") == 0)

wire = [p for p in capture.packets()[began:] if {p[0], p[1]} == {"10.9.0.1", "10.9.0.2"}]
seen = [p for p in wire for w in (b"alice", b"in.partner1.net", inbound[4:31].encode()) if w in p[2]]
check("no identity of either side on the wire (%d packets)" % len(wire), len(wire) >= 6 and not seen, seen[:1])
for b in (home, partner):
    check(b.name + " stops cleanly", b.stop() == 0)
    check(b.name + " has no errors in its log", not log_is_clean(b), log_is_clean(b)[:3])
end("bindings of ims-cms")
