#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""story.py CTL RESTART BORDER.MD: the table of headers, dialogs, identities and charging at the shipped P-CSCF."""
import re
import subprocess
import sys
import time

import sip
import table
from sip import Party, Phone, check, counter, home, rpc, PCSCF_CORE


def icid(m):
    found = re.search(r"icid-value=([^;]+)", m.one("P-Charging-Vector")) if m else None
    return found and found.group(1)


def routes(uris):
    return [("Route", ", ".join("<%s>" % u for u in uris))] if uris else []


def phone_calls(phone, core_route="<sip:mo@scscf.home1.net:5060;lr>", answer=()):
    """An INVITE of the phone, answered. Returns (Call-ID, the phone's route set, INVITE at home, 200 at the phone)."""
    call = phone.ask("INVITE")
    invite = home.of_call(call)
    home.reply(invite, "200 OK", ([("Record-Route", core_route)] if core_route else [])
               + [("Record-Route", v) for v in invite.all("Record-Route")]
               + [("Contact", "<sip:bob@10.0.0.4:5060>")] + list(answer), record_route=False)
    ok = phone.of_call(call)
    return call, ok and list(reversed(ok.uris("Record-Route"))), invite, ok


def in_dialog(phone, method, call, route, to_tag="uas", **kw):
    """What the home network and the phone see of a request inside a dialog."""
    phone.ask(method, routes(route), to_tag=to_tag, call_id=call, **kw)
    def at_home(m):
        return m.method == method and m.one("Call-ID") == call

    def answer(r):
        return r.code >= 200 and r.one("Call-ID") == call and r.one("CSeq") == "%d %s" % (phone.cseq, method)
    m, r = sip.either(home, at_home, phone, answer)
    if m:
        home.reply(m, "200 OK")
        r = None if method == "ACK" else phone.receive(answer)
    else:
        m = home.receive(at_home, 0.2)
    return m, r


def dialogs_of_the_phone_s_making(phone):
    call, route, invite, ok = phone_calls(phone)
    check("the 200 arrives with our ticket", ok and "bd=" in route[0] and "bd=" not in "".join(route[1:]), ok and ok.text)
    check("the ticket hides the icid", ok and icid(invite) not in ok.text)
    m, _ = in_dialog(phone, "ACK", call, route)
    check("its ACK passes", m is not None)
    m, r = in_dialog(phone, "INVITE", call, route)
    check("a re-INVITE by the route set of the dialog passes", m and r and r.code == 200, r and r.text)
    check("... with the icid of the dialog", m and icid(m) == icid(invite), m and m.text)
    check("... without an asserted identity of the phone's making", m and not m.all("P-Preferred-Identity"))
    before = counter("foreign_dialog")
    for what, kw in (("another place instead of the S-CSCF", {"route": route[:2] + ["sip:10.0.0.4:7777;lr"]}),
                     ("the S-CSCF's name with maddr", {"route": route[:2] + [route[2] + ";maddr=10.1.0.20"]}),
                     ("a place behind the S-CSCF", {"route": route + ["sip:10.0.0.4:7777;lr"]}),
                     ("nothing behind us", {"route": route[:2]}),
                     ("no route at all", {"route": []}),
                     ("the S-CSCF alone", {"route": route[2:]}),
                     ("a made-up To tag", {"route": route, "to_tag": "made-up"}),
                     ("another Call-ID", {"route": route, "call": "other-" + call}),
                     ("a changed ticket", {"route": [route[0].replace("bd=", "bd=A")] + route[1:]})):
        m, r = in_dialog(phone, "MESSAGE", kw.pop("call", call), **kw)
        check("%s: 403 and nothing at home" % what, m is None and r and r.code == 403, (m and m.text) or (r and r.text))
    check("... counted", counter("foreign_dialog") == before + 9, counter("foreign_dialog") - before)
    m, r = in_dialog(phone, "BYE", call, route)
    check("BYE ends it", m and r and r.code == 200)
    return route, call


def a_long_route_set_is_one_too(phone):
    """Each application server stands between two entries of the S-CSCF, the far end's network adds its own."""
    for hops in (9, 16, 32):
        far = ", ".join("<sip:hop%d@scscf.home1.net:5060;lr>" % i for i in range(hops))
        call, route, _, _ = phone_calls(phone, far)
        for method in ("ACK", "BYE"):
            m, r = in_dialog(phone, method, call, route)
            check("%s by a route set of %d hops passes" % (method, hops), m is not None, r and r.text)


def tickets_are_personal(phone, thief, route, call):
    m, r = in_dialog(thief, "INVITE", call, route)
    check("another subscriber with the ticket: 403", m is None and r and r.code == 403, r and r.text)


def dialogs_of_the_core_s_making(phone):
    call = phone.called("INVITE", [("Record-Route", "<sip:mt@scscf.home1.net:5060;lr>"), ("P-Charging-Vector", "icid-value=core-1"),
                                   ("P-Called-Party-ID", "<tel:+4930123>")])
    invite = phone.of_call(call)
    check("the INVITE arrives with our ticket and its dialog's number", invite and "bd=" in invite.uris("Record-Route")[0]
          and invite.one("P-Called-Party-ID") == "<tel:+4930123>", invite and invite.text)
    phone.reply(invite, "180 Ringing", [("P-Asserted-Identity", "<sip:boss@bank.example>")])
    m = home.of_call(call)
    check("the 180 tells who was called", m and m.all("P-Asserted-Identity") == ["<tel:+4930123>"], m and m.text)
    phone.reply(invite, "200 OK", [("Contact", "<%s>" % phone.contact), ("P-Charging-Vector", "icid-value=evil")])
    ok = home.of_call(call)
    check("the 200, too", ok and ok.all("P-Asserted-Identity") == ["<tel:+4930123>"], ok and ok.text)
    check("... with the core's icid and our term-ioi", ok and ok.all("P-Charging-Vector") ==
          ["icid-value=core-1;term-ioi=type1.home1.net"], ok and ok.text)
    home.request("ACK", phone.contact, routes(ok.uris("Record-Route")[:2]) + [
        ("From", ok.one("From")), ("To", ok.one("To")), ("Call-ID", call), ("CSeq", "1 ACK")])
    check("ACK arrives", phone.receive(lambda m: m.method == "ACK") is not None)
    m, r = in_dialog(phone, "BYE", call, invite.uris("Record-Route"), to_tag="far", from_tag="uas")
    check("the phone's BYE passes, with the dialog's icid", m and icid(m) == "core-1" and r and r.code == 200, r and r.text)
    m, r = in_dialog(phone, "INVITE", call, invite.uris("Record-Route")[:2] + ["sip:10.0.0.4:7777;lr"], to_tag="far")
    check("not by another route", m is None and r and r.code == 403)


def notify_makes_the_dialog(phone):
    """RFC 6665 4.4.1: the NOTIFY may come before the 200 to SUBSCRIBE."""
    call = phone.ask("SUBSCRIBE", [("Event", "presence")])
    subscribe = home.of_call(call)
    path = ", ".join("<%s>" % u for u in subscribe.uris("Record-Route"))
    home.request("NOTIFY", phone.contact, [
        ("Route", path), ("Record-Route", "<sip:n@scscf.home1.net:5060;lr>"), ("From", "<sip:bob@home1.net>;tag=notifier"),
        ("To", subscribe.one("From")), ("Call-ID", call), ("CSeq", "1 NOTIFY"), ("Event", "presence"),
        ("Contact", "<sip:bob@10.0.0.4:5060>"), ("Subscription-State", "active")])
    m = phone.of_call(call)
    check("the NOTIFY has a ticket", m and "bd=" in m.one("Record-Route"), m and m.text)
    phone.reply(m, "200 OK")
    got, r = in_dialog(phone, "SUBSCRIBE", call, m.uris("Record-Route"), to_tag="notifier")
    check("a refresh by it passes", got and r and r.code == 200, r and r.text)
    home.reply(subscribe, "200 OK", [("Contact", "<sip:bob@10.0.0.4:5060>")], tag="notifier")


def record_route_of_a_phone_s_answer(phone):
    for what, forged in (("left out", []), ("of its own choice", ["<sip:evil.example;lr>"])):
        call = phone.called("INVITE", [("Record-Route", "<sip:mt@scscf.home1.net:5060;lr>")])
        invite = phone.of_call(call)
        phone.reply(invite, "200 OK", [("Contact", "<%s>" % phone.contact)] + [("Record-Route", f) for f in forged],
                    record_route=False)
        m = home.of_call(call)
        check("Record-Route %s: the request's is put in" % what,
              m and m.uris("Record-Route") == invite.uris("Record-Route"), m and m.text)


def a_long_record_route_is_put_in_whole(phone):
    far = ["sip:hop%d-of-a-host-with-a-long-name-in-its-user-part@scscf.home1.net:5060;lr" % i for i in range(20)]
    call = phone.called("INVITE", [("Record-Route", ", ".join("<%s>" % u for u in far))])
    invite = phone.of_call(call)
    phone.reply(invite, "200 OK", [("Contact", "<%s>" % phone.contact)], record_route=False)
    m = home.of_call(call)
    check("a Record-Route of 1,500 octets left out: it is put in", m and m.uris("Record-Route") == invite.uris("Record-Route"), m and m.text)
    check("... and the answer has identity and charging", m and m.all("P-Asserted-Identity") and m.all("P-Charging-Vector"), m and m.text)


def outside_of_dialogs(phone):
    for method in ("BYE", "UPDATE", "INFO", "PRACK", "NOTIFY"):
        call = phone.ask(method)
        r = phone.of_call(call)
        check("%s without a To tag: 403" % method, r and r.code == 403 and home.of_call(call, 0.2) is None, r and r.text)
    elsewhere = Party("10.0.0.4", 7777, PCSCF_CORE)
    for uri in ("sip:x@10.0.0.4:7777", "sip:x@victim.example:5080"):
        for tag in ("", "made-up"):
            for route in ([], ["sip:10.0.0.4:7777;lr"]):
                phone.ask("MESSAGE", routes(route), uri=uri, to_tag=tag)
    r = phone.of_call(phone.ask("MESSAGE", [("Route", "<sip:orig@scscf.home1.net:5060;lr;maddr=10.1.0.20>")]))
    check("a Service-Route with maddr: 400", r and r.code == 400, r and r.text)
    homeless = Phone("homeless", 5074)
    homeless.register(service_route="")
    call = homeless.ask("MESSAGE", [("Route", "<sip:10.0.0.4:5060;lr>")])
    r = homeless.of_call(call)
    check("a Route of a phone whose registration has no Service-Route: 403", r and r.code == 403 and home.of_call(call, 0.2) is None,
          r and r.text)
    victim = Phone("victim", 5080, "10.1.0.20")
    victim.register()
    phone.ask("MESSAGE", uri="sip:x@victim.example:5080", to_tag="made-up")
    phone.ask("MESSAGE", [("Route", "<sip:victim.example:5080;lr>")], uri="sip:x@victim.example:5080", to_tag="made-up")
    check("no host of the core but the S-CSCF hears of it", elsewhere.receive(lambda m: True, 1) is None)
    check("... and no phone whose name it knows", victim.receive(lambda m: m.method == "MESSAGE", 0.5) is None)


def many_in_a_200():
    """A 200 lists the contacts of the user's other phones, however many and however written, and many identities."""
    others = ", ".join("<sip:many@10.9.9.%d:5060>;expires=600" % i for i in range(20))
    identities = ", ".join("<sip:+4930123456%02d@ims.mnc001.mcc262.3gppnetwork.org>" % i for i in range(30))
    p = Phone("many", 5078)
    own = "<%s>;expires=600" % p.contact
    p.register(associated="<%s>, %s" % (p.impu, identities), answer=[("Contact", others), ("Contact", "<sip:x@10.9.9.1>;q=")])
    m = home.receive(lambda m: m.method == "SUBSCRIBE" and "many@" in m.first)
    check("a 200 with 21 contacts, one of them odd, is followed", m is not None)
    for hint in (p.impu, "sip:+493012345629@ims.mnc001.mcc262.3gppnetwork.org"):
        call = p.ask("MESSAGE", [("P-Preferred-Identity", "<%s>" % hint)])
        m = home.of_call(call)
        check("one of 31 identities speaks", m and m.all("P-Asserted-Identity") == ["<%s>" % hint], m and m.text)
        home.reply(m, "200 OK")
    p.register(associated="", contact=own)
    m = home.of_call(p.ask("MESSAGE"))
    check("without P-Associated-URI the registered one speaks", m and m.all("P-Asserted-Identity") == ["<%s>" % p.impu],
          m and m.text)


def who_speaks(phone):
    def asserted(*hints):
        call = phone.ask("MESSAGE", [("P-Preferred-Identity", h) for h in hints])
        m = home.of_call(call)
        if m:
            home.reply(m, "200 OK")
        return m and m.all("P-Asserted-Identity"), m and m.all("P-Preferred-Identity")

    phone.register(associated="<%s>, <tel:+493012345>, <sip:work@home1.net>" % phone.impu)
    own = ["<%s>" % phone.impu]
    for what, hints, want in (("no hint", [], own), ("a registered one", ["<sip:work@HOME1.net>"], ["<sip:work@home1.net>"]),
                              ("one that is not registered", ["<sip:001010000000001@home1.net>"], own), ("an empty one", [""], own),
                              ("one that cannot be read", ["<sip:broken"], own), ("too many", ["<sip:a@b>"] * 9, own),
                              ("a tel in SIP's form", ["<sip:+493012345@home1.net;user=phone>"], ["<tel:+493012345>"]),
                              ("a SIP one and a tel", ["<sip:work@home1.net>, <tel:+49-30-12345>"],
                               ["<sip:work@home1.net>, <tel:+493012345>"])):
        got, hint = asserted(*hints)
        check("who speaks with %s" % what, got == want and hint == [], got)
    phone.register()
    check("the last 200's list counts", asserted("<sip:work@home1.net>")[0] == own)


def the_way_home(phone):
    hops = "<sip:ibcf.home1.net@10.0.0.4:5060;lr>, <sip:orig@scscf.home1.net:6060;lr>"
    phone.register(service_route=hops)
    m = home.of_call(phone.ask("MESSAGE"))
    check("all hops of the Service-Route are put in", m and m.uris("Route") == re.findall("<([^>]*)>", hops), m and m.text)
    own = "sip:orig@scscf.home1.net:5060;lr;orig;x=y"
    phone.register(service_route="<%s>" % own)
    for route in (["sip:orig@scscf.home1.net:5060;lr"], ["sip:10.1.0.1:5060;lr", "sip:orig@scscf.home1.net;lr=on"]):
        m = home.of_call(phone.ask("MESSAGE", routes(route)))
        check("its parameters are not the phone's to leave out", m and m.uris("Route") == [own], m and m.text)
    phone.register()
    for route in (["sip:orig@scscf.home1.net:5060"], ["sip:10.1.0.1:5060;lr", "sip:orig@scscf.home1.net:5060"]):
        call = phone.ask("MESSAGE", routes(route))
        r = phone.of_call(call)
        check("nobody has himself routed strictly: 400", r and r.code == 400 and home.of_call(call, 0.2) is None, r and r.text)
    m = home.of_call(phone.ask("MESSAGE", routes(["sip:orig@scscf.home1.net:5060;lr"]), uri="sip:x@10.0.0.4:7777"))
    check("a Route without an entry of ours leads there, too, once", m and len(m.uris("Route")) == 1, m and m.text)


def hidden_headers(phone):
    """What is no end of a line for Kamailio may be one for others."""
    boss = "P-Asserted-Identity: <sip:boss@bank.example>"
    for what, name, value in (("a bare CR", "X", "a\r" + boss), ("a bare CR in the Subject", "Subject", "a\r" + boss), ("a NUL", "X", "a\0"),
                              ("an empty line of an LF", "X", "a\r\n\n" + boss), ("an LF before the empty line", "X", "a\n\r\n" + boss)):
        call = phone.ask("MESSAGE", [(name, value)])
        r = phone.of_call(call)
        check("%s in a request: 400" % what, r and r.code == 400 and home.of_call(call, 0.2) is None, r and r.text)
        call = phone.called("INVITE", [("Record-Route", "<sip:mt@scscf.home1.net:5060;lr>")])
        phone.reply(phone.of_call(call), "200 OK", [(name, value), ("Contact", "<%s>" % phone.contact)])
        m = home.of_call(call)
        check("%s in an answer: 500" % what, m and m.code == 500, m and m.text)
    for name in ("P-Asserted-Identity ", "p-asserted-identity\t", "X: a\nP-Asserted-Identity"):
        m = home.of_call(phone.ask("MESSAGE", [(name, "<sip:boss@bank.example>")]))
        check("%r is the header that it is" % name, m and "boss" not in m.text, m and m.text)


def nobody_verifies_himself(phone):
    for speaker in ("<tel:+15551234;verstat=TN-Validation-Passed>", "<sip:+15551234;VERSTAT=TN-Validation-Passed@home1.net;user=phone>",
                    "sip:a@home1.net;verstat=TN-Validation-Passed", "<sip:a@home1.net;%76erst%41t=TN-Validation-Passed>"):
        call = phone.ask("MESSAGE", speaker=speaker)
        r = phone.of_call(call)
        check("From %s: 400" % speaker, r and r.code == 400 and home.of_call(call, 0.2) is None, r and r.text)
    m = home.of_call(phone.ask("MESSAGE", speaker='"see ;verstat" <%s>' % phone.impu))
    check("a display name may say so", m is not None)


def targets(phone):
    for uri in ("tel:+15550009999", "tel:7042;phone-context=home1.net", "sip:+15550009999@home1.net;user=phone",
                "urn:service:sosx"):
        m = home.of_call(phone.ask("MESSAGE", uri=uri))
        check("a request to %s goes the way home" % uri, m and m.first.split()[1] == uri, m and m.text)
        m = m and home.reply(m, "200 OK")


def what_begins_something_comes_by_the_path(phone):
    token = re.search(r"sip:([^@]+)@", phone.path).group(1)
    for what, uri in (("its address", phone.contact), ("its token", "sip:%s@pcscf1.home1.net:5060" % token),
                      ("its token and our address", "sip:%s@10.0.0.11:5060;lr;ob" % token)):
        for method in ("MESSAGE", "INVITE"):
            sip.Party.count += 1
            call = "round-%d" % sip.Party.count
            home.request(method, uri, [("From", "<sip:far@home1.net>;tag=far"), ("To", "<%s>" % phone.impu), ("Call-ID", call),
                                       ("CSeq", "1 " + method), ("Contact", "<sip:far@10.0.0.4:5060>")])
            r = home.of_call(call)
            check("%s by %s alone: 404" % (method, what), r and r.code == 404, r and r.text)
    check("... nothing reaches the phone", phone.receive(lambda m: m.method, 0.3) is None)


def emergency(phone):
    """TS 24.229 5.2.10.1: nobody subscribes to the reg event of a registration for emergency calls."""
    sos = Phone("sos", 5079)
    sos.register(contact="<sip:sos@10.1.0.10:5079;sos>;expires=600")
    check("no SUBSCRIBE for sos", home.receive(lambda m: m.method == "SUBSCRIBE" and "sip:sos@" in m.first, 1.5) is None)
    # TS 24.229 5.2.10.3: the E-CSCF gets the call, whatever way the phone names and whichever way it has registered.
    ecscf = Party("10.0.0.4", 7778, PCSCF_CORE)
    own = "sip:orig@scscf.home1.net:5060;lr"
    for p in (sos, phone):
        for route in ([], [own], ["sip:10.1.0.1:5060;lr", own]):
            for uri in ("urn:service:sos", "URN:service:sos.fire"):
                call = p.ask("INVITE", routes(route), uri=uri)
                m = ecscf.of_call(call)
                check("a call to %s by %s of %s goes to the E-CSCF" % (uri, route, p.user), m and m.uris("Route") ==
                      ["sip:ecscf@10.0.0.4:7778;lr"] and m.all("P-Asserted-Identity") == ["<%s>" % p.impu], m and m.text)
                if m:
                    ecscf.reply(m, "486 Busy Here")
                    check("... its answer comes back", p.of_call(call).code == 486)
    stranger = Party("10.1.0.20", 5065, sip.PCSCF_ACCESS)
    stranger.request("INVITE", "urn:service:sos", [("From", "<sip:a@b>;tag=1"), ("To", "<urn:service:sos>"), ("Call-ID", "help"),
                                                   ("CSeq", "1 INVITE"), ("Contact", "<sip:a@10.1.0.20:5065>")])
    m = stranger.of_call("help")
    check("a phone that is not registered: 403", m and m.code == 403 and ecscf.of_call("help", 0.2) is None, m and m.text)


def charging(phone):
    seen = [icid(phone.register()[0]) for _ in range(2)]
    seen += [icid(home.of_call(phone.ask("MESSAGE", call_id="same-call-id-%d" % i, from_tag="same"))) for i in range(2)]
    check("each REGISTER and each request has an icid of 32 hex digits of its own",
          len(set(seen)) == 4 and all(re.fullmatch("[0-9a-f]{32}", i or "") for i in seen), seen)


def a_failed_flow_is_not_the_phone_s_business(phone):
    call = phone.ask("MESSAGE")
    home.reply(home.of_call(call), "430 Flow Failed")
    m = phone.of_call(call)
    check("430 of the core is 480 for a phone", m and m.code == 480, m and m.text)


def stray_answers(phone):
    stray = "SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 10.0.0.11;branch=z9hG4bKstray\r\nVia: SIP/2.0/UDP 10.0.0.4:5060;branch=z9hG4bKa\r\n" \
            "From: <sip:a@b>;tag=1\r\nTo: <sip:c@d>;tag=2\r\nCall-ID: stray\r\nCSeq: 1 INVITE\r\n" \
            "P-Asserted-Identity: <sip:boss@bank.example>\r\nContent-Length: 0\r\n\r\n"
    phone.sock.sendto(stray.encode(), phone.proxy)
    check("an answer to nothing goes nowhere", home.of_call("stray", 0.7) is None)
    # The same by a phone that knows the branch of another one's call, and by the S-CSCF that was asked.
    call = phone.ask("INVITE")
    invite = home.of_call(call)
    thief = Phone("guesser", 5077, "10.1.0.20")
    before = counter("stray_answers")
    thief.reply(invite, "200 OK", [("Contact", "<sip:guesser@10.1.0.20:5077>"), ("P-Asserted-Identity", "<sip:boss@bank.example>")])
    check("nobody answers who was not asked", phone.receive(lambda m: m.code >= 200 and m.one("Call-ID") == call, 0.7) is None)
    check("... counted", sip.eventually(lambda: counter("stray_answers") == before + 1))
    home.reply(invite, "486 Busy Here")
    m = phone.of_call(call)
    check("who was asked does", m and m.code == 486, m and m.text)


def a_late_answer_of_the_core_is_cut_too(phone):
    """Kamailio sends a 2xx on that comes when its transaction has gone (RFC 3261 16.7, stock tm keeps it 5 s)."""
    call = phone.ask("INVITE")
    invite = home.of_call(call)
    home.reply(invite, "200 OK")
    phone.of_call(call)
    time.sleep(7)
    home.reply(invite, "200 OK", [("P-Charging-Vector", "icid-value=core"), ("Privacy", "id"), ("P-Asserted-Identity", "<sip:hidden@home1.net>")])
    m = phone.of_call(call)
    check("a late 200 arrives", m and m.code == 200)
    check("... without what is the core's", m and not m.all("P-Charging-Vector") and not m.all("P-Asserted-Identity"), m and m.text)


def an_answer_that_cannot_be_read_goes_nowhere(phone):
    """Its identity could not be taken out: what stands before the broken line has been read by nobody."""
    boss = ("P-Asserted-Identity", "<sip:boss@bank.example>")
    for what, broken in (("a line without a name", ("", "x")), ("a To that is none", ("To", "<")), ("a CSeq that is none", ("CSeq", "x")),
                         ("a length that is none", ("Content-Length", "x"))):
        call = phone.called("INVITE", [("Record-Route", "<sip:mt@scscf.home1.net:5060;lr>")])
        invite, before = phone.of_call(call), counter("unreadable_answers")
        for status in ("180 Ringing", "200 OK", "486 Busy Here"):
            phone.reply(invite, status, [boss, broken])
        m = home.of_call(call, 0.4)
        check("an answer with %s goes nowhere" % what, m is None, m and m.text)
        check("... counted", sip.eventually(lambda: counter("unreadable_answers") == before + 3))
        phone.reply(invite, "486 Busy Here", [boss])
        m = home.of_call(call)
        check("... the good one after it passes", m and m.code == 486 and "boss" not in m.text, m and m.text)


def keys_behind_a_broken_line_go_nowhere():
    """A home network that writes what cannot be read: the phone hears nothing of it, least of all keys."""
    p = Phone("unread", 5073)
    challenge = ("WWW-Authenticate", 'Digest realm="home1.net", nonce="x", algorithm=AKAv1-MD5, ck="11", ik="22"')
    before = counter("unreadable_answers")
    _, r = p.register(status="401 Unauthorized", answer=[challenge, ("", "x")], seconds=1)
    check("a 401 that cannot be read goes nowhere", r is None, r and r.text)
    p.register()
    call = p.ask("INVITE")
    invite = home.of_call(call)
    home.reply(invite, "200 OK", [("Privacy", "id"), ("P-Asserted-Identity", "<sip:hidden@home1.net>"), ("To", "<")])
    m = p.of_call(call, 0.5)
    check("a 200 that cannot be read goes nowhere", m is None, m and m.text)
    check("... both counted", sip.eventually(lambda: counter("unreadable_answers") == before + 2))
    home.reply(invite, "486 Busy Here")
    check("... the good answer after it passes", p.receive(lambda m: m.code == 486) is not None)


def of_branch(method, m, call, via, to=None):
    """A CANCEL or ACK of the INVITE m, by somebody who has read the Via that its sender wrote."""
    return "%s %s SIP/2.0\r\nVia: %s\r\nMax-Forwards: 70\r\nFrom: %s\r\nTo: %s\r\nCall-ID: %s\r\nCSeq: %s %s\r\n" \
           "Content-Length: 0\r\n\r\n" % (method, m.first.split()[1], re.sub(";(received|rport)=[^;]*", "", via), m.one("From"),
                                      to or m.one("To"), call, m.one("CSeq").split()[0], method)


def cancel_of(m, call, via):
    return of_branch("CANCEL", m, call, via)


def only_the_caller_cancels(phone):
    """A callee sees the branch of the call. Another phone, be it at the same address, ends nobody's call with it."""
    elsewhere, same_address = Phone("canceller", 5076, "10.1.0.20"), Phone("household", 5075)
    elsewhere.register()
    same_address.register()
    for what, who in (("another phone", elsewhere), ("another phone at the same address", same_address),
                      ("a stranger", Party("10.1.0.20", 5075, sip.PCSCF_ACCESS)),
                      ("a stranger at the same address", Party("10.1.0.10", 5068, sip.PCSCF_ACCESS)),
                      ("the home network", home), ("the caller", phone)):
        call = phone.ask("INVITE")
        invite = home.of_call(call)
        home.reply(invite, "180 Ringing")
        phone.of_call(call)
        before = counter("stray_cancels")
        who.sock.sendto(cancel_of(invite, call, invite.all("Via")[1]).encode(), who.proxy)
        m = home.receive(lambda m: m.method == "CANCEL" and m.one("Call-ID") == call, sip.PATIENCE if who is phone else 0.7)
        check("a CANCEL of %s %s" % (what, "passes" if who is phone else "goes nowhere"), bool(m) == (who is phone), m and m.text)
        check("... counted", sip.eventually(lambda: counter("stray_cancels") == before + (who is not phone)))
        if m:
            home.reply(m, "200 OK")
        home.reply(invite, "487 Request Terminated")
        check("... and the answer arrives", phone.receive(lambda m: m.code == 487 and m.one("Call-ID") == call) is not None)
    for what, who in (("the called phone", phone), ("another phone", same_address), ("the home network", home)):
        call = phone.called("INVITE")
        invite = phone.of_call(call)
        phone.reply(invite, "180 Ringing")
        home.of_call(call)
        who.sock.sendto(cancel_of(invite, call, invite.all("Via")[1]).encode(), who.proxy)
        m = phone.receive(lambda m: m.method == "CANCEL" and m.one("Call-ID") == call, sip.PATIENCE if who is home else 0.7)
        check("a CANCEL of %s %s the called phone" % (what, "reaches" if who is home else "does not reach"), bool(m) == (who is home),
              m and m.text)
        if m:
            phone.reply(m, "200 OK")
        phone.reply(invite, "487 Request Terminated")
        home.receive(lambda m: m.code == 487 and m.one("Call-ID") == call)


def only_the_caller_acknowledges(phone):
    """A refusal is said again until the one who got it acknowledges it."""
    other = Phone("acknowledger", 5052, "10.1.0.20")
    other.register()
    for what, who in (("another phone", other), ("the caller", phone)):
        call = phone.ask("INVITE")
        invite = home.of_call(call)
        home.reply(invite, "486 Busy Here")
        refusal = phone.of_call(call)
        before = counter("stray_cancels")
        who.sock.sendto(of_branch("ACK", invite, call, invite.all("Via")[1], refusal.one("To")).encode(), who.proxy)
        if who is other:
            check("an ACK of another phone is counted", sip.eventually(lambda: counter("stray_cancels") == before + 1))
            check("... and the refusal is said again", phone.receive(lambda m: m.code == 486 and m.one("Call-ID") == call))
        else:
            m = home.of_call(phone.ask("MESSAGE"))
            check("an ACK of the caller is none of these", m and counter("stray_cancels") == before)


def without_memory_nothing_passes(phone):
    """Each change of an answer fails once: what a phone may not say does not arrive in any case."""
    forged = [("P-Asserted-Identity", "<sip:boss@bank.example>"), ("P-Charging-Vector", "icid-value=evil"),
              ("Record-Route", "<sip:evil.example;lr>"), ("P-Access-Network-Info", "3GPP-NR;network-provided"),
              ("History-Info", "<sip:evil@b>;index=1"), ("Contact", "<%s>" % phone.contact)]
    secret = [("P-Charging-Vector", "icid-value=secret"), ("Privacy", "id"), ("P-Asserted-Identity", "<sip:secret@home1.net>"),
              ("WWW-Authenticate", 'Digest realm="r", nonce="n", ck="secret", ik="secret"'), ("Contact", "<sip:bob@10.0.0.4:5060>")]
    def failed():
        return int(re.search(r"failed: (\d+)", rpc("faults.count")).group(1))

    for file in ("data_lump.c", "headers.c"):
        for n in range(1, 100):
            call = phone.called("INVITE", [("Record-Route", "<sip:mt@scscf.home1.net:5060;lr>")])
            invite = phone.of_call(call)
            rpc("faults.pkg", file, str(n))
            phone.reply(invite, "200 OK", forged, record_route=False)
            m = home.of_call(call, 1)
            count = failed()
            m = m if m or count else home.of_call(call)
            rpc("faults.pkg", file, "0")
            check("%s %d: nothing of the phone's making arrives at home" % (file, n),
                  not m or not re.search("evil|boss|network-provided", m.text), m and m.text)
            check("%s %d: a 200 has the request's way back" % (file, n),
                  not m or m.code != 200 or m.uris("Record-Route") == invite.uris("Record-Route"), m and m.text)
            if not count:
                break
        check("%s: some fail, and in the end all is there" % file, n > 3 and m and m.code == 200, n)
        for n in range(1, 100):
            call = phone.ask("INVITE")
            invite = home.of_call(call)
            rpc("faults.pkg", file, str(n))
            home.reply(invite, "200 OK", secret)
            m = phone.of_call(call, 1)
            count = failed()
            m = m if m or count else phone.of_call(call)
            rpc("faults.pkg", file, "0")
            check("%s %d: nothing of the core's own arrives at the phone" % (file, n), not m or "secret" not in m.text, m and m.text)
            if not count:
                break
        check("%s: some of these fail, too" % file, n > 2 and m and m.code == 200, n)
    check("... counted", counter("no_memory") > 0)


KEYS = 'Digest realm="home1.net", nonce="n", algorithm=AKAv1-MD5, ck="%s", ik="%s"' % ("c" * 32, "d" * 32)


def keys_of_an_answer_that_cannot_be_read():
    """flow_register_reply() alone: no reply_route has dropped it before."""
    p = Phone("unread-bare", 5066)
    for what, answer in (("a broken line before the challenge", [("", "x"), ("WWW-Authenticate", KEYS)]),
                         ("a broken line behind it", [("WWW-Authenticate", KEYS), ("", "x")]),
                         ("a To that is none", [("To", "<"), ("WWW-Authenticate", KEYS)]),
                         ("a Via that is none, at the end", [("WWW-Authenticate", KEYS), ("Via", "x")]),
                         ("two challenges in one line", [("WWW-Authenticate", 'Digest realm="h", nonce="m", ' + KEYS)]),
                         ("no comma between parameters", [("WWW-Authenticate", KEYS.replace(",", ""))]),
                         ("semicolons", [("WWW-Authenticate", KEYS.replace(",", ";"))])):
        broken = any(name in ("", "To", "Via") for name, _ in answer)
        for status in ("401 Unauthorized", "200 OK", "403 Forbidden"):
            before = counter("unreadable", "flow")
            _, r = p.register(status=status, answer=answer)
            check("%s of a %s: an answer without keys" % (what, status), r and not re.search("c{8}|d{8}", r.text), r and r.text)
            check("... a 500, counted", not broken or (r and r.first == "SIP/2.0 500 Answer Cannot Be Read" and counter("unreadable", "flow") > before), r and r.text)
        p.register(status="403 Forbidden", provisional=("183 Session Progress", answer))
        r = p.receive(lambda m: m.code == 183, 0.3)
        check("%s of a 183: no keys at the phone" % what, not r or not re.search("c{8}|d{8}", r.text), r and r.text)
    _, r = p.register()
    check("... and the phone registers with the next one", r and r.code == 200, r and r.text)


def keys_that_come_late_go_nowhere():
    """tm keeps a REGISTER that is answered for 5 s; the core sends on what comes afterwards without any route."""
    p = Phone("late", 5072)
    m, r = p.register(status="401 Unauthorized", answer=[("WWW-Authenticate", KEYS)])
    check("a 401 without its keys", r and r.code == 401 and "cccc" not in r.text, r and r.text)
    time.sleep(7)
    before = counter("late_challenge", "flow")
    home.reply(m, "401 Unauthorized", [("WWW-Authenticate", KEYS)])
    home.reply(m, "401 Unauthorized", [("CSeq", "x"), ("WWW-Authenticate", KEYS)])
    check("the same again when all is over: dropped and counted", sip.eventually(lambda: counter("late_challenge", "flow") == before + 2))
    r = p.receive(lambda m: m.code == 401, 0.3)
    check("... nothing arrives", r is None, r and r.text)


def bare():
    subprocess.run([sys.argv[2], "-ABARE"], check=True)
    keys_of_an_answer_that_cannot_be_read()
    keys_that_come_late_go_nowhere()
    alice = Phone("alice-bare", 5069)
    alice.register()
    m = home.of_call(alice.ask("INVITE", uri="urn:service:sos"))
    check("without emergency_route an emergency call goes the way home", m is not None)
    for what, broken in (("a line without a name", ("", "x")), ("a To that is none", ("To", "<"))):
        call = alice.called("INVITE", [("Record-Route", "<sip:mt@scscf.home1.net:5060;lr>")])
        invite = alice.of_call(call)
        alice.reply(invite, "200 OK", [("P-Asserted-Identity", "<sip:boss@bank.example>"), broken, ("History-Info", "<sip:boss@b>")])
        m = home.of_call(call)
        check("an answer of a phone with %s: a 500 that says nothing" % what, m and m.code == 500 and "boss" not in m.text,
              m and m.text)
        call = alice.ask("INVITE")
        home.reply(home.of_call(call), "200 OK", [("P-Charging-Vector", "icid-value=secret"), broken, ("P-Served-User", "<sip:secret@b>")])
        m = alice.of_call(call)
        check("an answer to a phone with %s: a 500 that says nothing" % what, m and m.code == 500 and "secret" not in m.text,
              m and m.text)


def emergency_elsewhere():
    """TS 24.229 5.2.10, 7.6: 380 says what to do; the phone believes it of its P-CSCF as it stands in Path."""
    for n, (define, action) in enumerate((("REGISTRATION", "<action>emergency-registration</action>"), ("ELSEWHERE", ""))):
        subprocess.run([sys.argv[2], "-AWITH_EMERGENCY_" + define], check=True)
        p, stranger = Phone("caller%d" % n, 5055 + n), Party("10.1.0.20", 5055 + n, sip.PCSCF_ACCESS)
        path = p.register()[1].uris("Path")
        for who, speaker, trusted in ((p, p.impu, path), (stranger, "sip:a@b", ["sip:pcscf1.home1.net;lr"])):
            for uri in ("urn:service:sos", "URN:service:sos.fire"):
                call = "380 %s %s %s" % (define, who.port, uri)
                who.request("INVITE", uri, [("From", "<%s>;tag=1" % speaker), ("To", "<%s>" % uri), ("Call-ID", call),
                                            ("CSeq", "1 INVITE"), ("Contact", "<sip:a@%s:%d>" % (who.address, who.port))])
                m = who.of_call(call)
                check("%s, %s: 380" % (define, uri), m and m.code == 380 and home.of_call(call, 0.2) is None, m and m.text)
                check("... from its P-CSCF", m and m.uris("P-Asserted-Identity") == trusted, m and m.text)
                check("... what to do", m and m.one("Content-Type") == "application/3gpp-ims+xml" and action in m.text and
                      ("<action>" in m.text) == bool(action) and "<type>emergency</type>" in m.text, m and m.text)
        check("another service is none of it", home.of_call(p.ask("INVITE", uri="urn:service:sosx")) is not None)
        if action:
            sos, ecscf = Phone("sos", 5053), Party("10.0.0.4", 7778, PCSCF_CORE)
            sos.register(contact="<sip:sos@10.1.0.10:5053;sos>;expires=600")
            check("who has registered for it is let through", ecscf.of_call(sos.ask("INVITE", uri="urn:service:sos")) is not None)


def after_the_registration(phone):
    """TS 24.229 5.2.8.1.4: what is known of a phone's dialogs ends with its registration, and nobody is told. Who asks hears it."""
    p = Phone("leaver", 5067)
    p.register()
    call, route, _, _ = phone_calls(p)
    called = p.called("INVITE", [("Record-Route", "<sip:mt@scscf.home1.net:5060;lr>")])
    invite = p.of_call(called)
    p.reply(invite, "200 OK", [("Contact", "<%s>" % p.contact)])
    ok = home.of_call(called)
    p.register(contact="<%s>;expires=0" % p.contact)
    for method in ("BYE", "INVITE", "MESSAGE"):
        m, r = in_dialog(p, method, call, route)
        check("%s inside its call: 481, and nothing at home" % method, m is None and r and r.code == 481, r and r.text)
    r = p.of_call(p.ask("MESSAGE"))
    check("what would begin something: 403", r and r.code == 403, r and r.text)
    for method in ("BYE", "INVITE"):
        far = home.request(method, p.contact, routes(ok.uris("Record-Route")[:2]) + [
            ("From", ok.one("From")), ("To", ok.one("To")), ("Call-ID", called), ("CSeq", "2 " + method)])
        r = home.receive(lambda m: m.code >= 200 and m.one("Call-ID") == called and method in m.one("CSeq"))
        check("%s of the far end: 430, the S-CSCF knows what to do" % method, r and r.code == 430, r and r.text)
    check("... nothing reaches the phone", p.receive(lambda m: m.method, 0.3) is None)


def restart(phone):
    call, route, invite, _ = phone_calls(phone)
    subprocess.run([sys.argv[2]], check=True)
    m, r = in_dialog(phone, "BYE", call, route)
    check("a dialog outlives a restart", m and r and r.code == 200 and icid(m) == icid(invite), r and r.text)


def main():
    alice, thief = Phone("alice", 5070), Phone("thief", 5071)
    alice.register()
    thief.register()
    table.play(alice, sys.argv[3])
    table.privacy(alice)
    route, call = dialogs_of_the_phone_s_making(alice)
    a_long_route_set_is_one_too(alice)
    tickets_are_personal(alice, thief, route, call)
    dialogs_of_the_core_s_making(alice)
    notify_makes_the_dialog(alice)
    record_route_of_a_phone_s_answer(alice)
    a_long_record_route_is_put_in_whole(alice)
    outside_of_dialogs(alice)
    many_in_a_200()
    who_speaks(alice)
    the_way_home(alice)
    hidden_headers(alice)
    nobody_verifies_himself(alice)
    targets(alice)
    what_begins_something_comes_by_the_path(alice)
    emergency(alice)
    charging(alice)
    a_failed_flow_is_not_the_phone_s_business(alice)
    stray_answers(alice)
    an_answer_that_cannot_be_read_goes_nowhere(alice)
    keys_behind_a_broken_line_go_nowhere()
    only_the_caller_cancels(alice)
    only_the_caller_acknowledges(alice)
    without_memory_nothing_passes(alice)
    after_the_registration(alice)
    a_late_answer_of_the_core_is_cut_too(alice)
    restart(alice)
    bare()
    emergency_elsewhere()
    print("%d passed, %d failed" % (sip.passed, sip.failed))
    return 1 if sip.failed else 0


if __name__ == "__main__":
    sys.exit(main())
