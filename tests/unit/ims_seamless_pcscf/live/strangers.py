# SPDX-License-Identifier: GPL-2.0-or-later
"""What somebody who is not registered, or registered as somebody else, can make of the P-CSCF: nothing."""
import time

from sip import PATIENCE, Party
from stage import TAGS, Phone, check, connection, core, rpc, subscribed, wait


def flow_of(phone):
    """What ims_flow knows of a phone's flow set."""
    for row in rpc("flow.list"):
        if row["contact"] == phone.contact:
            return row
    return None


def digest(user, realm="home1.net"):
    return ("Authorization", 'Digest username="%s@home1.net", realm="%s", nonce="n", uri="sip:home1.net", response="r"'
            % (user, realm))


def two_identities():
    p = Phone("mallory", "127.0.0.31", 5301)
    for what, headers in (("two Authorization headers", [digest("mallory")]),
                          ("a second one for another realm", [digest("victim", "elsewhere")])):
        p.register(headers)
        r = p.expect_reply("REGISTER")
        check("%s get 400" % what, r and r.code == 400, r and r.start)
    p.authorization = "Basic bWFsbG9yeTo="
    p.register()
    r = p.expect_reply("REGISTER")
    check("credentials that are no digest get 400", r and r.code == 400, r and r.start)
    p.sock.close()
    p = Phone("mallory", "127.0.0.31", 5309)
    p.register([("Require", "sec-agree, " + "x" * 600)])
    r = p.expect_reply("REGISTER")
    check("so does a Require that is too long", r and r.code == 400, r and r.start)
    check("nothing of this reached the core", core.expect_request("REGISTER", 0.2) is None)
    p.sock.close()


def forged_answer():
    """Who guesses the branch of the REGISTER that the P-CSCF sent may not answer it."""
    p = Phone("victim", "127.0.0.31", 5302)
    p.register()
    m = core.expect_request("REGISTER")
    p.reply(m, 200, "OK", [("Contact", "<%s>;expires=600" % p.contact), ("Path", m.get("Path")),
                           ("P-Associated-URI", "<sip:victim@home1.net>")], tag="s")
    r = p.expect_reply("REGISTER")
    check("a 200 of the phone itself is none", r and r.code == 500, r and r.start)
    check("... and registers nobody", flow_of(p) is None and connection(p.contact) is None, flow_of(p))
    p.sock.close()


def holds_stay():
    """A REGISTER that nobody has authenticated leaves the holds of its alleged sender alone."""
    a, b = (Phone("held", "127.0.0.32", port) for port in (5303, 5304))
    a.registered()
    _, sub = subscribed(a)
    b.registered()
    sub.notify([(b.contact, "active", "")])
    check("a connection that was replaced is held", wait(lambda: int(flow_of(a)["held"]) > 500), flow_of(a))
    mallory = Phone("held", "127.0.0.31", 5305)
    mallory.register(TAGS)
    core.reply(core.expect_request("REGISTER"), 401, "Unauthorized", tag="s")
    mallory.expect_reply("REGISTER")
    check("... and a stranger's REGISTER does not shorten that", int(flow_of(a)["held"]) > 500, flow_of(a))
    check("... nor make another", flow_of(b)["held"] == "0", flow_of(b))
    sub.notify([(a.contact, "terminated", ""), (b.contact, "terminated", "")])
    wait(lambda: connection(a.contact) is None and connection(b.contact) is None)
    for p in (a, b, mallory):
        p.sock.close()


def keys_stay():
    """The home network's CK and IK go to no phone, in whichever challenge they stand."""
    p = Phone("keys", "127.0.0.31", 5306)
    p.register()
    keys = 'ck="00112233445566778899aabbccddeeff", ik="ffeeddccbbaa99887766554433221100"'
    core.reply(core.expect_request("REGISTER"), 401, "Unauthorized", [
        ("WWW-Authenticate", 'Digest realm="home1.net", nonce="a", algorithm=AKAv2-SHA-256'),
        ("WWW-Authenticate", 'Digest realm="home1.net", nonce="b", algorithm=AKAv1-MD5, ' + keys)], tag="s")
    r = p.expect_reply("REGISTER")
    check("both challenges arrive", r and r.code == 401 and len(r.all("WWW-Authenticate")) == 2, r and r.start)
    check("... and neither has keys", "00112233" not in str(r.headers) and "ffeeddcc" not in str(r.headers), r.headers)
    p.sock.close()


def invite(phone, routes, to_tag=""):
    """Sends an INVITE with these Route URIs; the code of the answer, or None and the INVITE if it went on."""
    Party.counter += 1
    call = "strange-%d" % Party.counter
    phone.request("INVITE", "sip:bob@home1.net", [
        ("From", "<%s>;tag=a" % phone.impu), ("To", "<sip:bob@home1.net>" + to_tag), ("Call-ID", call),
        ("CSeq", "1 INVITE"), ("Contact", "<%s>" % phone.contact)] + [("Route", "<%s>" % r) for r in routes])
    m = r = None
    end = time.monotonic() + PATIENCE
    while not m and not r and time.monotonic() < end:
        m = core.expect(lambda m: m.get("Call-ID") == call, 0.05)
        r = m or phone.expect(lambda m: m.is_reply and m.code >= 200 and m.get("CSeq").endswith("INVITE"), 0.05)
    m = m or core.expect(lambda m: m.get("Call-ID") == call, 0.2)
    if not m:
        return r and r.code
    core.reply(m, 486, "Busy Here", tag="b")
    phone.expect_reply("INVITE")
    return None


def ways_of_its_own():
    """A registered phone sends where its Service-Route leads, and nowhere else."""
    p, other = Phone("p", "127.0.0.31", 5307), Phone("other", "127.0.0.32", 5308)
    for phone in (p, other):
        phone.registered()
        _, phone.sub = subscribed(phone)
    home, us = "sip:orig@127.0.0.4:5060;lr", "sip:127.0.0.11:5060;lr"
    check("an INVITE by the Service-Route goes on", invite(p, [us, home]) is None)
    check("... or without any", invite(p, []) is None)
    check("to the terminating half: 400", invite(p, [us, "sip:127.0.0.4:5060;lr"]) == 400)
    check("to a place of its choice: 400", invite(p, [us, "sip:127.0.0.99;lr"]) == 400)
    check("by way of such a place: 400", invite(p, ["sip:127.0.0.99;lr", home]) == 400)
    check("by the flow token of another phone: 403", invite(p, [us, other.path], ";tag=b") == 403)
    check("by its own, in a dialog, it goes on", invite(p, [p.path, home], ";tag=b") is None)
    for phone in (p, other):
        phone.sub.notify([(phone.contact, "terminated", "")])
    wait(lambda: connection(p.contact) is None and connection(other.contact) is None)
    for phone in (p, other):
        phone.sock.close()


CHAPTERS = (two_identities, forged_answer, holds_stay, keys_stay, ways_of_its_own)
