#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""story.py ROOT BUILD FOLDER: dialogs of two phones through two borders, refusals, the end of a binding, a restart."""
from borders import *

home = Border("home", "10.0.0.1", "10.9.0.1", "10.9.0.2", "10.0.0.5")
partner = Border("partner", "10.1.0.1", "10.9.0.2", "10.9.0.1", "10.1.0.7")
A = Phone("10.0.0.5", home.inside)
B = Phone("10.1.0.7", partner.inside)
ALICE, BOB = NAMES["uri"], "sip:bob@partner1.net"


def call_of_alice():
    """INVITE, 180, 200, ACK, re-INVITE by the other side, UPDATE, INFO, REFER and its NOTIFY, BYE."""
    A.request("INVITE " + BOB, heads('"alice" <%s>;tag=a' % ALICE[HOME], "<%s>" % BOB, "c1@10.0.0.5", "1 INVITE",
              "Contact: <sip:alice@10.0.0.5:5060>", "P-Asserted-Identity: <%s>, <%s>" % (ALICE[HOME], NAMES["tel"][HOME]),
              "Subject: from %s" % ALICE[HOME][4:]), sdp("alice", "10.0.0.5"))
    m = B.receive(is_request("INVITE"))
    check("the INVITE arrives", m)
    check("From as the partner has it", '"%s" <%s>' % (USER[PARTNER], ALICE[PARTNER]) in m, m)
    check("P-Asserted-Identity", one(m, "P-Asserted-Identity") == "<%s>, <%s>" % (ALICE[PARTNER], NAMES["tel"][PARTNER]), m)
    check("Contact's user", one(m, "Contact") == "<sip:%s@10.0.0.5:5060>" % USER[PARTNER], m)
    check("SDP's user, and the length of it", "o=%s " % USER[PARTNER] in m and int(one(m, "Content-Length")) == len(body_of(m)), m)
    B.answer(m, "180 Ringing", ["Contact: <sip:bob@10.1.0.7>"], tag="b")
    check("From of the 180 as it was", one(A.receive(is_answer(180)), "From") == '"alice" <%s>;tag=a' % ALICE[HOME])
    B.answer(m, "200 OK", ["Contact: <sip:bob@10.1.0.7>", "P-Asserted-Identity: <%s>" % BOB], sdp("bob", "10.1.0.7"), tag="b")
    r = A.receive(is_answer(200, "INVITE"))
    check("From comes back as it was", r and one(r, "From") == '"alice" <%s>;tag=a' % ALICE[HOME], r)
    back, forth = route_set(m), route_set(r, True)
    a = '"alice" <%s>;tag=a' % ALICE[HOME]
    b = "<%s>;tag=b" % BOB
    A.request("ACK sip:bob@10.1.0.7", heads(a, b, "c1@10.0.0.5", "1 ACK", *forth))
    check("the ACK arrives", B.receive(is_request("ACK")))
    for i, method in enumerate(("UPDATE", "INFO", "PRACK", "INVITE")):
        A.request(method + " sip:bob@10.1.0.7", heads(a, b, "c1@10.0.0.5", "%d %s" % (2 + i, method), "Contact: <sip:alice@10.0.0.5>", *forth),
                  sdp("alice", "10.0.0.5"))
        n = B.receive(is_request(method))
        check(method + " arrives", n and ALICE[PARTNER] in one(n, "From"), n)
        B.answer(n, "200 OK")
        check("its answer, too", A.receive(is_answer(200, method)))
        if method == "INVITE":
            A.request("ACK sip:bob@10.1.0.7", heads(a, b, "c1@10.0.0.5", "5 ACK", *forth))
            B.receive(is_request("ACK"))
    there = '"%s" <%s>;tag=a' % (USER[PARTNER], ALICE[PARTNER])
    B.request("INVITE sip:%s@10.0.0.5:5060" % USER[PARTNER], heads(b, there, "c1@10.0.0.5", "1 INVITE", "Contact: <sip:bob@10.1.0.7>", *back),
              sdp("bob", "10.1.0.7"))
    n = A.receive(is_request("INVITE"))
    check("a re-INVITE reaches her Contact", n and n.startswith("INVITE sip:alice@10.0.0.5:5060 SIP/2.0\r\n") and one(n, "To") == a, n)
    A.answer(n, "200 OK", ["Contact: <sip:alice@10.0.0.5:5060>"], sdp("alice", "10.0.0.5"))
    n = B.receive(is_answer(200, "INVITE"))
    check("her answer as the partner has it", n and one(n, "To") == there and one(n, "Contact") == "<sip:%s@10.0.0.5:5060>" % USER[PARTNER]
          and "o=%s " % USER[PARTNER] in n, n)
    B.request("ACK sip:%s@10.0.0.5:5060" % USER[PARTNER], heads(b, there, "c1@10.0.0.5", "1 ACK", *back))
    check("its ACK", (A.receive(is_request("ACK")) or "").startswith("ACK sip:alice@10.0.0.5:5060 "))
    A.request("REFER sip:bob@10.1.0.7", heads(a, b, "c1@10.0.0.5", "6 REFER",
              "Refer-To: <sip:carl@partner1.net?From=sip%3Aalice%40home1.net&Replaces=x%40y%3Bto-tag%3D1%3Bfrom-tag%3D2>",
              "Referred-By: <%s>" % ALICE[HOME], "Contact: <sip:alice@10.0.0.5>", *forth))
    n = B.receive(is_request("REFER"))
    check("REFER with what is escaped in it", n and "?From=%s&Replaces=x%%40y%%3B" % ALICE[PARTNER].replace(":", "%3A").replace("@", "%40") in n
          and one(n, "Referred-By") == "<%s>" % ALICE[PARTNER], n)
    B.answer(n, "202 Accepted")
    A.receive(is_answer(202))
    B.request("NOTIFY sip:%s@10.0.0.5" % USER[PARTNER], heads(b, there, "c1@10.0.0.5", "2 NOTIFY", "Event: refer", *back),
              "SIP/2.0 200 OK\r\nFrom: <%s>;tag=x\r\n\r\n" % ALICE[PARTNER], "message/sipfrag")
    n = A.receive(is_request("NOTIFY"))
    check("NOTIFY with its sipfrag", n and "From: <%s>;tag=x" % ALICE[HOME] in body_of(n) and int(one(n, "Content-Length")) == len(body_of(n)), n)
    A.answer(n, "200 OK")
    B.receive(is_answer(200, "NOTIFY"))
    B.request("BYE sip:%s@10.0.0.5:5060" % USER[PARTNER], heads(b, there, "c1@10.0.0.5", "3 BYE", *back))
    n = A.receive(is_request("BYE"))
    check("BYE", n and one(n, "To") == a, n)
    A.answer(n, "200 OK")
    check("the end", B.receive(is_answer(200, "BYE")))


def call_to_alice():
    """The other way, cancelled."""
    via = B.request("INVITE " + ALICE[PARTNER], heads("<%s>;tag=b" % BOB, "<%s>" % ALICE[PARTNER], "c2@10.1.0.7", "1 INVITE",
                    "Contact: <sip:bob@10.1.0.7>", "P-Asserted-Identity: <%s>" % BOB), sdp("bob", "10.1.0.7"))
    m = A.receive(is_request("INVITE"))
    check("R-URI and To as home has them", m and m.startswith("INVITE %s SIP/2.0\r\n" % ALICE[HOME]) and one(m, "To") == "<%s>" % ALICE[HOME], m)
    A.answer(m, "180 Ringing", ["Contact: <sip:alice@10.0.0.5>"], tag="a")
    check("180", B.receive(is_answer(180)))
    B.request("CANCEL " + ALICE[PARTNER], heads("<%s>;tag=b" % BOB, "<%s>" % ALICE[PARTNER], "c2@10.1.0.7", "1 CANCEL",
              'Reason: SIP;cause=200;text="%s"' % ALICE[PARTNER]), via=via)
    n = A.receive(is_request("CANCEL"))
    check("CANCEL, made by tm, with the URI of the INVITE", n and n.startswith("CANCEL %s SIP/2.0\r\n" % ALICE[HOME])
          and one(n, "To") == "<%s>" % ALICE[HOME], n)
    A.answer(n, "200 OK")
    A.answer(m, "487 Request Terminated", tag="a")
    r = B.receive(is_answer(487))
    check("487", r and one(r, "To") == "<%s>;tag=a" % ALICE[PARTNER], r)
    B.request("ACK " + ALICE[PARTNER], heads("<%s>;tag=b" % BOB, one(r, "To"), "c2@10.1.0.7", "1 ACK"), via=via)
    n = A.receive(is_request("ACK"))
    check("ACK of tm", n and n.startswith("ACK %s " % ALICE[HOME]), n)


def silence():
    """An answer that a border makes by itself goes in the names of who reads it."""
    via = B.request("INVITE " + ALICE[PARTNER], heads("<%s>;tag=b" % BOB, "<%s>" % ALICE[PARTNER], "c3@10.1.0.7", "1 INVITE",
              "Contact: <sip:bob@10.1.0.7>"))
    r = B.receive(is_answer(408))
    check("a 408 of the other border", r and one(r, "To").startswith("<%s>" % ALICE[PARTNER]), r)
    B.request("ACK " + ALICE[PARTNER], heads("<%s>;tag=b" % BOB, one(r, "To"), "c3@10.1.0.7", "1 ACK"), via=via)
    while A.receive(is_request("INVITE"), 0.5):
        pass


def redirect():
    via = B.request("INVITE " + ALICE[PARTNER], heads("<%s>;tag=b" % BOB, "<%s>" % ALICE[PARTNER], "c4@10.1.0.7", "1 INVITE", "Contact: <sip:bob@10.1.0.7>"))
    m = A.receive(is_request("INVITE"))
    A.answer(m, "302 Moved Temporarily", ["Contact: <%s>;q=0.5, <%s>" % (NAMES["tel"][HOME], ALICE[HOME])], tag="a")
    r = B.receive(is_answer(302))
    check("targets of a 302", r and one(r, "Contact") == "<%s>;q=0.5, <%s>" % (NAMES["tel"][PARTNER], ALICE[PARTNER]), r)
    B.request("ACK " + ALICE[PARTNER], heads("<%s>;tag=b" % BOB, one(r, "To"), "c4@10.1.0.7", "1 ACK"), via=via)


def register():
    A.request("REGISTER sip:partner1.net", heads("<%s>;tag=r" % ALICE[HOME], "<%s>" % ALICE[HOME], "r1@10.0.0.5", "1 REGISTER",
              'Contact: <sip:alice@10.0.0.5>;+sip.instance="<urn:gsma:imei:1>";reg-id=1',
              'Authorization: Digest username="%s", realm="partner1.net", uri="sip:partner1.net", nonce="", response=""' % NAMES["impi"][HOME]))
    m = B.receive(is_request("REGISTER"))
    check("REGISTER", m and 'username="%s"' % NAMES["impi"][PARTNER] in m and '>;+sip.instance="<urn:gsma:imei:1>";reg-id=1' in m, m)
    B.answer(m, "200 OK", ["P-Associated-URI: <%s>, <%s>" % (ALICE[PARTNER], NAMES["tel"][PARTNER]), "Path: <sip:%s@10.0.0.11;lr>" % USER[PARTNER]], tag="s")
    r = A.receive(is_answer(200, "REGISTER"))
    check("and its answer", r and one(r, "P-Associated-URI") == "<%s>, <%s>" % (ALICE[HOME], NAMES["tel"][HOME])
          and one(r, "Path") == "<sip:alice@10.0.0.11;lr>", r)
    A.request("REGISTER sip:partner1.net", heads("<%s>;tag=r" % ALICE[HOME], "<%s>" % ALICE[HOME], "r1@10.0.0.5", "2 REGISTER",
              'Authorization: Digest username="%s", realm="partner1.net", uri="sip:partner1.net", nonce="x", response="00"' % NAMES["impi"][HOME]))
    check("computed credentials are refused", A.receive(is_answer(403, "REGISTER")) and home.counter("digest") == 1)


def refusals():
    def ask(n, phone, to, headers, body="", ctype="text/plain", code=403):
        phone.request("MESSAGE " + to, heads(headers[0], headers[1], "m%d@x" % n, "%d MESSAGE" % n, *headers[2:]), body, ctype)
        return phone.receive(is_answer(code, "MESSAGE"))

    check("encrypted", ask(1, A, BOB, ["<%s>;tag=a" % ALICE[HOME], "<%s>" % BOB], "xx", "application/pkcs7-mime", 488) and home.counter("opaque") == 1)
    check("coded", ask(2, A, BOB, ["<%s>;tag=a" % ALICE[HOME], "<%s>" % BOB, "Content-Encoding: gzip"], "xx", code=488))
    check("a document with entities", ask(3, A, BOB, ["<%s>;tag=a" % ALICE[HOME], "<%s>" % BOB],
          '<!DOCTYPE a [<!ENTITY b "alice">]><a>&b;@home1.net</a>', "application/pidf+xml", 488))
    check("signed", ask(4, A, BOB, ["<%s>;tag=a" % ALICE[HOME], "<%s>" % BOB], "--b\r\n\r\n%s\r\n--b--\r\n" % ALICE[HOME],
          "multipart/signed;boundary=b", 488) and home.counter("sealed") == 1)
    check("a number in free text", ask(5, A, BOB, ["<%s>;tag=a" % ALICE[HOME], "<%s>" % BOB, "Subject: +49 30 123456"]) and home.counter("left") == 1)
    check("nobody in the domain of identities", ask(6, B, "sip:mzzzzzzzzzzzzzzzzzzzzzzzzzz@out.home1.net",
          ["<%s>;tag=b" % BOB, "<sip:mzzzzzzzzzzzzzzzzzzzzzzzzzz@out.home1.net>"], code=404) and partner.counter("unknown") == 1)
    r = ask(7, B, ALICE[PARTNER], ['"alice@home1.net" <%s>;tag=b' % BOB, "<%s>" % ALICE[PARTNER]])
    check("a name that the partner was not told, and no word of what stands for it", r and home.counter("foreign") == 1
          and ALICE[WIRE] not in one(r, "From"), r)
    A.request("MESSAGE " + BOB, heads("<%s>;tag=a" % ALICE[HOME], "<%s>" % BOB, "m8@x", "8 MESSAGE", "Identity: eyJvcmlnIjp7InRuIjoiNDkzMDEyMzQ1NiJ9fQ"), "hi", "text/plain")
    m = B.receive(is_request("MESSAGE"))
    check("Identity is cut", m and not all_of(m, "Identity") and body_of(m) == "hi" and home.counter("signatures") == 1, m)
    B.answer(m, "200 OK")
    A.receive(is_answer(200, "MESSAGE"))
    # An answer that cannot go as it is.
    B.request("MESSAGE " + ALICE[PARTNER], heads("<%s>;tag=b" % BOB, "<%s>" % ALICE[PARTNER], "m9@x", "9 MESSAGE"), "hi", "text/plain")
    m = A.receive(is_request("MESSAGE"))
    A.answer(m, "200 OK", ["Server: alice's phone"], "xx", tag="a", ctype="application/pkcs7-mime")
    r = B.receive(is_answer(500, "MESSAGE"))
    check("an answer that cannot be swapped is a 500 with nothing in it", r and one(r, "To") == "<%s>;tag=a" % ALICE[PARTNER]
          and not all_of(r, "Server") and body_of(r) == "", r)


def forgetful():
    """A script that does not call the function: what can cross does, and what cannot does not."""
    A.request("OPTIONS " + BOB, heads("<%s>;tag=a" % ALICE[HOME], "<%s>" % BOB, "o1@x", "1 OPTIONS", "X-Forget: 1"))
    m = B.receive(is_request("OPTIONS"))
    check("swapped on the wire", m and one(m, "From") == "<%s>;tag=a" % ALICE[PARTNER], m)
    B.answer(m, "200 OK")
    check("answered", A.receive(is_answer(200, "OPTIONS")))
    dropped = home.counter("dropped")
    A.request("MESSAGE " + BOB, heads("<%s>;tag=a" % ALICE[HOME], "<%s>" % BOB, "o2@x", "1 MESSAGE", "X-Forget: 1"), "xx", "application/pkcs7-mime")
    check("not sent", A.receive(lambda m: re.match(r"SIP/2.0 [45]\d\d ", m)) and home.counter("dropped") > dropped)


def ends():
    """Withdrawn: dialogs go on, nothing begins."""
    A.request("SUBSCRIBE " + BOB, heads("<%s>;tag=s" % ALICE[HOME], "<%s>" % BOB, "s1@x", "1 SUBSCRIBE", "Event: presence", "Contact: <sip:alice@10.0.0.5>"))
    m = B.receive(is_request("SUBSCRIBE"))
    B.answer(m, "200 OK", ["Contact: <sip:bob@10.1.0.7>"], tag="t")
    r = A.receive(is_answer(200, "SUBSCRIBE"))
    rc, out = home.rpc("ims_migration.unbind", "alice")
    check("unbind", rc == 0, out)
    check("is shown", "state: over" in home.rpc("ims_migration.list", "other")[1], home.rpc("ims_migration.list")[1])
    A.request("SUBSCRIBE sip:bob@10.1.0.7", heads("<%s>;tag=s" % ALICE[HOME], one(r, "To"), "s1@x", "2 SUBSCRIBE", "Event: presence", *route_set(r, True)))
    m = B.receive(is_request("SUBSCRIBE"))
    check("a dialog goes on", m and one(m, "From") == "<%s>;tag=s" % ALICE[PARTNER], m)
    B.answer(m, "200 OK")
    A.receive(is_answer(200, "SUBSCRIBE"))
    A.request("MESSAGE " + BOB, heads("<%s>;tag=a" % ALICE[HOME], "<%s>" % BOB, "m20@x", "1 MESSAGE"))
    check("nothing begins", A.receive(is_answer(404, "MESSAGE")) and home.counter("over") == 1)


def restart():
    """In the middle of a dialog: the bindings are there again, and nothing else was kept."""
    check("bound again", home.bind(HOME, seconds=7200)[0] == 0)
    A.request("SUBSCRIBE " + BOB, heads("<%s>;tag=s" % ALICE[HOME], "<%s>" % BOB, "s2@x", "1 SUBSCRIBE", "Event: presence", "Contact: <sip:alice@10.0.0.5>"))
    m = B.receive(is_request("SUBSCRIBE"))
    B.answer(m, "200 OK", ["Contact: <sip:bob@10.1.0.7>"], tag="t")
    r = A.receive(is_answer(200, "SUBSCRIBE"))
    check("home stops cleanly", home.stop() == 0)
    check("home starts again", home.start())
    check("with what was bound", "sip:alice@home1.net" in home.rpc("ims_migration.list", "alice")[1], home.rpc("ims_migration.list")[1])
    A.request("SUBSCRIBE sip:bob@10.1.0.7", heads("<%s>;tag=s" % ALICE[HOME], one(r, "To"), "s2@x", "2 SUBSCRIBE", "Event: presence", *route_set(r, True)))
    m = B.receive(is_request("SUBSCRIBE"))
    check("the dialog goes on", m and one(m, "From") == "<%s>;tag=s" % ALICE[PARTNER], m)
    B.answer(m, "200 OK")
    A.receive(is_answer(200, "SUBSCRIBE"))


def wrong_words():
    for words, text in ((["ims_migration.bind", "x"], "ims_migration.bind ID PARTNER"),
                        (["ims_migration.bind", "x", "nobody", "60", "a@b.c", "d@e.f"], "no partner nobody"),
                        (["ims_migration.bind", "x", "other", "60", "sip:a@b.c"], "nothing stands for"),
                        (["ims_migration.bind", "x", "other", "60", "sip:a b@b.c", "sip:d@e.f"], "is not user@host"),
                        (["ims_migration.bind", "x", "other", "60", "sip:alice@home1.net", "sip:d@e.f"], "bound already"),
                        (["ims_migration.unbind", "x"], "no such binding")):
        rc, out = home.rpc(*words)
        check("%s says %s" % (" ".join(words), text), rc and text in out, out)


if not (home.start() and partner.start()):
    check("both borders start", False)
    end("dialogs")
check("bound at home", home.bind(HOME)[0] == 0, home.bind(HOME))
check("bound at the partner", partner.bind(PARTNER)[0] == 0)
capture = Capture()
for story in (call_of_alice, call_to_alice, silence, redirect, register, refusals, forgetful, ends, restart, wrong_words):
    story()
packets = capture.packets()
wire = [p for p in packets if {p[0], p[1]} == {"10.9.0.1", "10.9.0.2"}]
check("there was something on the wire", len(wire) > 40, len(wire))
# What the partner wrote himself (the display name above) is his own.
for what, words in (("home", OF_HOME), ("the partner", OF_PARTNER)):
    seen = [p for p in wire for w in words if w in p[2] and b'"alice@home1.net"' not in p[2]]
    check("no identity of %s on the wire (%d packets)" % (what, len(wire)), not seen, seen[:1])
inside = [p for p in packets if "10.0.0.5" in p[:2]]
check("no identity of the partner's side at home's phone", not [p for p in inside for w in OF_PARTNER if w in p[2]])
check("no name of the wire at home's phone", not [p for p in inside for w in (b"maaaaa", b"mccccc") if w in p[2]])
for b in (home, partner):
    check(b.name + " stops cleanly", b.stop() == 0)
    check(b.name + " has no errors in its log", not log_is_clean(b), log_is_clean(b)[:3])
print("%d messages between the borders were looked at" % len(wire))
end("dialogs")
