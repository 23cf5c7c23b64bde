# SPDX-License-Identifier: GPL-2.0-or-later
"""What cannot be had, and how calls end."""
import re

from bodies import FP, KEY, KEY2, audio, msrp, multipart, sdes, sdp
from checks import P, check, secured_towards_core, ends
from play import at, call
from ua import CORE, Dialog, Ua


@check
def bad_answers(w, phone):
    """answers that cannot be used: never plaintext, never silence"""
    c = call(w, phone, False)
    c.begin(sdp("far", CORE, audio(50000)))
    ok = c.answer("200 OK", sdp("p", P, audio()))
    w.ok("m=audio 0 " in ok.body and P not in ok.body, "the phone answers AVP where SAVP was offered: port 0 to the core", ok.body)
    c.ack()
    byes = [phone.request("BYE", c.a.call_id), w.core.request("BYE", c.a.call_id)]
    w.ok(all("Reason: SIP;cause=488" in b.text for b in byes), "and BYE with a Reason to both", byes[0].text)
    c.gone()
    c = call(w, phone)
    c.begin(sdp("p", P, sdes(), msrp(P, tls=True)))
    ok = c.answer("200 OK", sdp("far", CORE, audio(50000), "m=message 7777 TCP/MSRP *\r\na=setup:active\r\n"))
    c.ack()
    w.ok("m=message 0 " in ok.body and "crypto" in ok.body, "the core answers a chat without path: port 0 for the chat, the voice goes on")
    ends(w, c, "one of two lines bad")
    c = call(w, phone, False)
    c.begin(sdp("far", CORE, msrp(CORE)))
    c.callee.answer(c.invite, "183 Session Progress", sdp("p", P, msrp(P)), extra="Require: 100rel\r\nRSeq: 1\r\n")
    r = c.a.got("INVITE", 300)
    c.a.ack_refused(r)
    w.ok(r.code == 488 and "Warning: 399" in r.text, "a bad reliable 183: 488 with a Warning to the core", r.text)
    w.ok(phone.request("CANCEL", c.a.call_id), "and CANCEL to the phone")
    w.ok(not c.a.ua.look(lambda m: m.code == 183 and m.call_id == c.a.call_id), "which the core has not seen")
    c.callee.answer(c.invite, "487 Request Terminated")
    c.gone()


@check
def refused_offers(w, phone):
    """offers that cannot be had, bodies that cannot be read"""
    for what, body, kw, code in (
            ("TLS without a fingerprint", sdp("p", P, msrp(P, tls=True).replace("a=fingerprint:%s\r\n" % FP, "")), {}, 488),
            ("SAVP without a key", sdp("p", P, "m=audio 4000 RTP/SAVP 0\r\n"), {}, 488),
            ("no description at all", "hello", {}, 400),
            ("two descriptions", "--b1\r\nContent-Type: application/sdp\r\n\r\n%s\r\n--b1\r\nContent-Type: application/sdp\r\n\r\n%s\r\n--b1--\r\n" % (
                (sdp("p", P, audio()),) * 2), {"content_type": "multipart/mixed;boundary=b1"}, 400),
            ("a compressed body", "xxxx", {"extra": "Content-Encoding: gzip\r\n"}, 415)):
        c = call(w, phone)
        c.offer(body, **kw)
        r = c.a.got("INVITE", 300)
        c.a.ack_refused(r)
        w.ok(r.code == code and "Warning: 399" in r.text, "%s: %d with a Warning" % (what, code), r.text)
    c = call(w, phone)
    i = c.begin(sdp("p", P, sdes(), msrp(P, tls=True).replace("a=fingerprint:%s\r\n" % FP, "")))
    w.ok("m=message 0 " in i.body and "m=audio 0" not in i.body, "one bad line of two: port 0 for it alone")
    r = c.answer("486 Busy Here")
    c.a.ack_refused(r)
    c.gone()


def both_told(w, phone, c, what):
    byes = [phone.request("BYE", c.a.call_id), w.core.request("BYE", c.a.call_id)]
    w.ok(all("Reason: SIP;cause=488" in b.text for b in byes), what + ": BYE with a Reason to both", byes[0].text)


@check
def bad_for_both(w, phone):
    """an answer without which nothing is left: ACK, then BYE to both ends, whoever called and whoever gave it"""
    pathless = "m=message 7777 TCP/MSRP *\r\na=setup:active\r\n"
    c = call(w, phone)
    c.begin(sdp("p", P, msrp(P, tls=True)))
    ok = c.answer("200 OK", sdp("far", CORE, pathless))
    w.ok("m=message 0 " in ok.body, "the core answers a chat without path: port 0 to the phone", ok.body)
    c.ack()
    both_told(w, phone, c, "of the phone's call")
    c.gone()
    for from_phone in (True, False):
        c = call(w, phone)
        c.up(sdp("p", P, sdes()), sdp("far", CORE, audio(50000)))
        d, other = (c.a, c.callee) if from_phone else (c.b, c.caller)
        d.say("INVITE", sdp("p", P, sdes(40100), version=2) if from_phone else sdp("far", CORE, audio(50100), version=2))
        r = other.request("INVITE", c.a.call_id)
        other.answer(r, "200 OK", sdp("x", other.address, "m=audio 4000 %s 0\r\n" % ("RTP/SAVP" if from_phone else "RTP/AVP"), version=2))
        again = d.got("INVITE")
        w.ok("m=audio 0 " in again.body, "re-INVITE of the %s: port 0" % ("phone" if from_phone else "core"), again.body)
        d.ack()
        other.request("ACK", c.a.call_id)
        both_told(w, phone, c, "re-INVITE")
        c.gone()


# ---- the ends of calls ----

@check
def cancels(w, phone):
    """CANCEL at each moment"""
    c = call(w, phone)
    w.stopped(lambda: (c.offer(sdp("p", P, sdes())), w.until(lambda: w.waiting() > 0, "waiting"), c.a.cancel(), c.a.got("INVITE", 300)))
    r = c.a.got("INVITE", 300)
    c.a.ack_refused(r)
    w.ok(r.code == 487, "while the INVITE waits for the gateway")
    c.gone()
    w.ok(not w.core.look(lambda m: m.method == "INVITE" and m.call_id == c.a.call_id), "the core has heard nothing of it")
    for what, before in (("after 180", ("180 Ringing", "")), ("after 183 with an answer", ("183 Session Progress", sdp("far", CORE, audio(50000))))):
        c = call(w, phone)
        c.begin(sdp("p", P, sdes()))
        c.answer(before[0], before[1])
        c.a.cancel()
        c.callee.request("CANCEL", c.a.call_id)
        c.callee.answer(c.invite, "487 Request Terminated")
        r = c.a.got("INVITE", 300)
        c.a.ack_refused(r)
        w.ok(r.code == 487, what)
        c.gone()
    c = call(w, phone)
    c.begin(sdp("p", P, sdes()))
    c.answer("180 Ringing")
    c.a.cancel()
    c.callee.request("CANCEL", c.a.call_id)
    ok = c.answer("200 OK", sdp("far", CORE, audio(50000)))
    c.ack()
    w.ok(ok.code == 200 and "crypto:1" in ok.body, "the 200 was faster")
    ends(w, c, "and its BYE")
    c = call(w, phone, False)
    c.begin(sdp("far", CORE, audio(50000)))
    w.stopped(lambda: (c.callee.answer(c.invite, "183 Session Progress", sdp("p", P, sdes())), w.until(lambda: w.busy() > 0, "an answer that waits"),
                       c.a.cancel(), c.callee.request("CANCEL", c.a.call_id), c.callee.answer(c.invite, "487 Request Terminated")))
    r = c.a.got("INVITE", 300)
    c.a.ack_refused(r)
    w.ok(r.code == 487, "while an answer waits for the gateway")
    c.gone()


@check
def crossings(w, phone):
    """crossing BYEs, answers that overtake, messages again"""
    c = call(w, phone)
    c.up(sdp("p", P, sdes()), sdp("far", CORE, audio(50000)))
    c.a.say("BYE")
    c.b.say("BYE")
    w.ok(c.a.got("BYE").code == 200 and c.b.got("BYE").code == 200, "both say BYE")
    c.gone()
    c = call(w, phone)
    c.begin(sdp("p", P, sdes()))
    w.stopped(lambda: (c.callee.answer(c.invite, "183 Session Progress", sdp("far", CORE, audio(50000))),
                       w.until(lambda: w.busy() > 0, "an answer that waits"), c.callee.answer(c.invite, "486 Busy Here")))
    r = c.a.got("INVITE", 300)
    c.a.ack_refused(r)
    w.ok(r.code == 486, "486 while the 183 waits for the gateway")
    c.gone()
    c = call(w, phone)
    c.begin(sdp("p", P, sdes()))

    def both():
        c.callee.answer(c.invite, "183 Session Progress", sdp("far", CORE, audio(50000)), extra="Require: 100rel\r\nRSeq: 1\r\n")
        w.until(lambda: w.busy() > 0, "an answer that waits")
        c.callee.answer(c.invite, "200 OK", sdp("far", CORE, audio(50000)))
    w.stopped(both)
    ok = c.a.learn(c.a.got("INVITE", 200))
    c.ack()
    w.ok("crypto:1" in ok.body, "200 while the 183 waits for the gateway")
    c.callee.answer(c.invite, "200 OK", sdp("far", CORE, audio(50000)))
    w.until(lambda: len([m for m in phone.inbox if m.code == 200 and m.call_id == c.a.call_id]) == 2, "the 200 again")
    twice = [m for m in phone.inbox if m.code == 200 and m.call_id == c.a.call_id]
    w.ok(twice[0].body == twice[1].body, "the 200 again: the same body")
    ends(w, c, "in disorder")


@check
def late_200(w, phone):
    """a 200 again when its transaction has gone"""
    c = call(w, phone)
    _, ok = c.up(sdp("p", P, sdes()), sdp("far", CORE, audio(50000)))
    w.until(lambda: not w.tm_live(), "transactions are left")
    before = len(phone.inbox)
    c.callee.answer(c.invite, "200 OK", sdp("far", CORE, audio(50000)))
    w.until(lambda: len(phone.inbox) > before, "the 200 again")
    w.ok(phone.inbox[-1].body == ok.body, "it comes with the same body", phone.inbox[-1].body)
    ends(w, c, "late 200")


@check
def silence(w, phone):
    """nobody answers; nobody says BYE"""
    c = call(w, phone)
    c.begin(sdp("p", P, sdes()))
    w.rpc("cfg.set_now_int", "tm", "fr_inv_timer", "1000")
    c.answer("180 Ringing")
    c2 = call(w, phone)
    c2.begin(sdp("p", P, sdes()))
    c2.answer("180 Ringing")
    w.rpc("cfg.set_now_int", "tm", "fr_inv_timer", "120000")
    for x in (c, c2):
        if x is c:
            x.a.cancel()
            x.callee.request("CANCEL", x.a.call_id)
            x.callee.answer(x.invite, "487 Request Terminated")
        r = x.a.got("INVITE", 300)
        x.a.ack_refused(r)
        w.ok(r.code == (487 if x is c else 408), "%d, and nothing is left" % r.code)
    c2.callee.answer(c2.callee.request("CANCEL", c2.a.call_id), "200 OK")
    c2.callee.answer(c2.invite, "487 Request Terminated")
    c.gone()


def sent_on(w, i, bob, c, mark=""):
    """The core sends an INVITE on, to the second phone, on a branch of its own; returns it as it came there."""
    onward = "INVITE %s SIP/2.0\r\nVia: SIP/2.0/UDP %s:5060;branch=z9hG4bKonward%s%s\r\n" % (bob.uri(), CORE, mark, c.a.local_tag)
    onward += "".join("Via: %s\r\n" % v for v in i.all("Via"))
    onward += "Max-Forwards: 60\r\nRoute: %s\r\n" % w.paths[bob.uri()]
    onward += "".join("Record-Route: %s\r\n" % r for r in ["<sip:%s:5060;lr>" % CORE] + i.routes())
    onward += "".join("%s: %s\r\n" % (n, i.one(n)) for n in ("From", "To", "Call-ID", "CSeq", "Contact"))
    w.core.send(onward + "Content-Type: application/sdp\r\nContent-Length: %d\r\n\r\n%s" % (len(i.body), i.body))
    return bob.request("INVITE", c.a.call_id)


def sent_back(w, bob, j, body):
    """The second phone's 200, as it came to the core, which sends it back."""
    bob.answer(j, "200 OK", body)
    back = w.core.wait(lambda m: m.code == 200 and m.call_id == j.call_id, "200 at the core")
    via = "\r\n".join("Via: " + v for v in back.all("Via")[1:])
    head = "\r\n".join(l for l in back.head.split("\r\n") if not l.startswith("Via:"))
    w.core.send(head.replace("SIP/2.0 200 OK", "SIP/2.0 200 OK\r\n" + via, 1) + "\r\n\r\n" + back.body)
    return back


@check
def two_legs_bad(w, phone):
    """a phone calls another one of the same P-CSCF, which answers in clear: BYE to it, and in its name to the caller"""
    bob = Ua(w, "bob", "10.1.0.11")
    bob.register()
    c = call(w, phone)
    j = sent_on(w, c.begin(sdp("p", P, sdes())), bob, c)
    sent_back(w, bob, j, sdp("b", bob.address, audio()))
    ok = c.a.learn(c.a.got("INVITE"))
    w.ok("m=audio 0 " in ok.body, "port 0 to the caller", ok.body)
    c.a.ack()
    a = w.core.request("ACK", c.a.call_id)
    head = [l for l in a.head.split("\r\n") if not l.startswith(("ACK", "Route:", "Via:"))]
    route = list(reversed(j.routes()[:[CORE in r for r in j.routes()].index(True)]))
    w.core.send("\r\n".join(["ACK %s SIP/2.0" % bob.uri(), "Via: SIP/2.0/UDP %s:5060;branch=z9hG4bKack%s" % (CORE, c.a.local_tag)] +
                              ["Route: " + r for r in route] + head) + "\r\n\r\n")
    bob.request("ACK", c.a.call_id)
    bye = bob.request("BYE", c.a.call_id)
    w.ok("Reason: SIP;cause=488" in bye.text, "BYE with a Reason to who gave the answer", bye.text)
    bye = w.core.request("BYE", c.a.call_id)
    w.ok("Reason: SIP;cause=488" in bye.text and bye.tag("From") == "tbob" and
         bye.all("Via")[-1].startswith("SIP/2.0/UDP %s:5060;" % bob.address), "and one in his name towards the caller", bye.text)
    c.a.say("BYE")
    c.a.got("BYE")
    c.gone()
    bob.close()


@check
def two_legs(w, phone):
    """a phone calls another one of the same P-CSCF: two calls of one Call-ID, kept apart"""
    bob = Ua(w, "bob", "10.1.0.11")
    bob.register()
    c = call(w, phone)
    i = c.begin(sdp("p", P, sdes()))
    j = sent_on(w, i, bob, c)
    w.ok("crypto:1" in j.body and KEY not in j.body and w.contexts() == 2, "two contexts; the second phone gets a key of its own")
    back = sent_back(w, bob, j, sdp("b", bob.address, sdes(key=KEY2)))
    secured_towards_core(w, back, "between the two")
    ok = c.a.learn(c.a.got("INVITE"))
    w.ok("crypto:1" in ok.body and KEY2 not in ok.body, "the first phone is answered protected")
    d = Dialog(bob, invite=j)
    d.say("BYE")
    bye = w.core.request("BYE", c.a.call_id)
    w.until(lambda: w.contexts() == 1, "one of two contexts")
    w.ok(True, "BYE on the second leg frees that one alone")
    w.core.answer(bye, "200 OK")
    c.a.say("BYE")
    c.a.got("BYE")
    c.gone()
    bob.close()


@check
def moves(w, phone):
    """a phone takes its call to another access network: one context, another termination, other keys; for the far end its voice is unchanged"""
    c = call(w, phone)
    i, ok = c.up(sdp("p", P, sdes(), msrp(P, tls=True)), sdp("far", CORE, audio(50000), msrp(CORE, setup="active")))
    used = [n for n in (0, 1) if w.contexts(n)][0]
    before = re.findall(r"ip/\w+/\d+", w.agw(used, "list"))
    there = Ua(w, "alice", "10.2.0.10")
    there.register()
    d = Dialog(there)
    d.__dict__.update(c.a.__dict__)
    d.ua = there
    d.say("INVITE", sdp("p", there.address, sdes(key=KEY2), msrp(there.address, tls=True), version=2))
    r = c.callee.request("INVITE", c.a.call_id)
    lines = [[l for l in b.split("\r\n") if l.startswith("m=")] for b in (i.body, r.body)]
    w.ok(lines[0][0] == lines[1][0] and at(r.body)[0] == at(i.body)[0], "the far end is offered the voice that it has", r.body)
    w.ok(lines[0][1] != lines[1][1] and "TCP/MSRP" in lines[1][1], "and another connection for messages", r.body)
    c.callee.answer(r, "200 OK", sdp("far", CORE, audio(50000), msrp(CORE, setup="active")))
    again = d.got("INVITE", seq=d.local_seq)
    d.ack()
    c.callee.request("ACK", c.a.call_id)
    key = [l for l in ok.body.split("\r\n") if "inline:" in l]
    w.ok(at(again.body)[0].startswith("10.2.0.") and key[0] not in again.body and "inline:" in again.body,
         "the phone has an address of its new network, and another key of ours", again.body)
    w.ok(w.contexts() == 1, "one context")
    w.until(lambda: w.agw(used, "list").count("ip/") == 2, "two terminations")
    after = re.findall(r"ip/\w+/\d+", w.agw(used, "list"))
    w.ok(len(set(before) & set(after)) == 1 and "core" in (set(before) & set(after)).pop(), "that of the core stayed, that of the old access is gone",
         "%s %s" % (before, after))
    d.say("BYE")
    w.ok(d.got("BYE").code == 200, "BYE over the new access")
    c.gone()
    there.close()
    phone.register()


@check
def media_for_rules(w, phone):
    """where the media go, as $alg() tells it to who makes rules for them"""
    c = call(w, phone)
    i = c.begin(sdp("p", P, sdes(40010), msrp(P, tls=True)))
    line = "media of %s: 2 lines, rtp 17 %s:40010 10.1.0." % (c.a.call_id, P)
    w.until(lambda: w.log_has(line), "$alg() in the log")
    w.ok(w.log_has(", msrp 6 " + P), "the second line, over TCP")
    c.a.ack_refused(c.answer("486 Busy Here"))
    c.gone()
