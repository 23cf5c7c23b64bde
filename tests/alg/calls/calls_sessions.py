# SPDX-License-Identifier: GPL-2.0-or-later
"""Sessions that take the place of others or come more than once: redirected, with Replaces, the same Call-ID over this P-CSCF
several times, and several 2xx of one INVITE."""
import re

from bodies import KEY, KEY2, audio, msrp, sdes, sdp
from calls_ends import sent_back, sent_on
from checks import P, check, ends, ends_one, secured_towards_core
from play import at, call
from ua import CORE, Dialog, Ua

FAR = [sdp("far", CORE, audio(50000 + 10 * i)) for i in range(4)]


def contexts(w, n, what):
    w.until(lambda: w.contexts() == n, "%d contexts, but %d" % (n, w.contexts()))
    w.ok(True, "%s: %d contexts" % (what, n))


def remotes(w):
    """The ports of the far end that the gateways send to."""
    out = []
    for g in w.gateways:
        for line in w.agw(g, "list").split("\n"):
            if re.match(r"\d+ ", line):
                out += re.findall(r"10\.0\.0\.4:(\d+)", w.agw(g, "show " + line.split()[0]))
    return sorted(set(out))


def in_dialog(c, answer):
    """The caller's view of the dialog that this answer makes."""
    d = Dialog(c.caller)
    d.__dict__.update(c.a.__dict__)
    d.learn(answer)
    return d


@check
def forked_offers(w, phone):
    """an INVITE without an offer, and two callees that each bring one in a reliable 183: the second takes the call; both take it"""
    rel = "Require: 100rel\r\nRSeq: %d\r\n"
    for both in (False, True):
        c = call(w, phone)
        c.begin()
        offers, dialogs = [], []
        for n, (tag, port) in enumerate((("one", 50000), ("two", 50020))):
            offers.append(c.answer("183 Session Progress", sdp("far", CORE, audio(port)), tag=tag, extra=rel % (n + 1)))
            dialogs.append(in_dialog(c, offers[-1]))
        w.ok(at(offers[0].body) == at(offers[1].body) and "crypto:1" in offers[1].body and CORE not in offers[1].body,
             "each offer comes protected, to the same leg of the phone", offers[1].body)
        for n, d in enumerate(dialogs):
            d.local_seq = n + 1
            d.say("PRACK", sdp("p", P, sdes(key=KEY2)), extra="RAck: %d 1 INVITE\r\n" % (n + 1))
            p = c.callee.request("PRACK", c.a.call_id)
            secured_towards_core(w, p, "the answer in PRACK to %s" % d.remote_tag)
            c.callee.answer(p, "200 OK", tag=d.remote_tag)
            d.got("PRACK", tag=d.remote_tag)
        w.ok(w.contexts() == 1 and remotes(w) == ["50000"], "one context, the media of the first are in force", " ".join(remotes(w)))
        if both:
            c.answer("200 OK", tag="one")
            dialogs[0].ack(seq=1)
            c.callee.request("ACK", c.a.call_id)
        c.answer("200 OK", tag="two")
        dialogs[1].ack(seq=1)
        c.callee.request("ACK", c.a.call_id)
        if both:
            dialogs[0].say("BYE")
            w.ok(dialogs[0].got("BYE", tag="one").code == 200, "both take it, BYE to the first")
        w.until(lambda: remotes(w) == ["50020"], "the second in force")
        w.ok(w.contexts() == 1, "then the media of the second are in force, in the same context")
        dialogs[1].say("BYE")
        w.ok(dialogs[1].got("BYE", tag="two").code == 200, "its BYE")
        c.gone()


def early_session(description):
    return "Content-Type: application/sdp\r\nContent-Disposition: early-session\r\n\r\n" + description


@check
def early_sessions(w, phone):
    """descriptions of early sessions (RFC 3959): no gateway has part in them, so no address of them comes to the other side"""
    c = call(w, phone)
    c.begin(sdp("p", P, sdes()))
    body = "--b\r\nContent-Type: application/sdp\r\n\r\n%s\r\n--b\r\n%s\r\n--b--\r\n" % (
        sdp("far", CORE, audio(50000)), early_session(sdp("far", CORE, audio(50040))))
    e = c.answer("183 Session Progress", body, extra="Require: 100rel\r\nRSeq: 1\r\n", content_type="multipart/mixed;boundary=b")
    w.ok("crypto:1" in e.body and CORE not in e.body and "50040" not in e.body and e.body.count("--b") == 2,
         "beside the session's: it is taken out, the other is written", e.body)
    w.ok(int(e.one("Content-Length")) == len(e.body), "the length is right")
    c.a.say("PRACK", sdp("p", P, audio(40040)), extra="RAck: 1 1 INVITE\r\nContent-Disposition: early-session\r\n")
    p = c.callee.request("PRACK", c.a.call_id, body=False)
    w.ok(P not in p.body and "Content-Type" not in p.text, "alone: the message goes on without a body", p.text)
    c.callee.answer(p, "200 OK")
    c.a.got("PRACK")
    c.callee.answer(c.invite, "200 OK")
    c.a.learn(c.a.got("INVITE"))
    c.ack()
    ends(w, c, "with an early session")
    c = call(w, phone)
    c.begin(sdp("p", P, sdes()))
    r = c.answer("480 Temporarily Unavailable", sdp("far", CORE, audio(50040)), extra="Content-Disposition: early-session\r\n")
    c.a.ack_refused(r)
    w.ok(CORE not in r.body, "in a refusal, too", r.text)
    c.gone()


@check
def fax(w, phone):
    """T.38: through the gateway, as the first offer and in the place of voice"""
    t38 = "m=image %d udptl t38\r\na=T38FaxVersion:0\r\n"
    for from_phone in (True, False):
        c = call(w, phone, from_phone)
        ends_of = [sdp("p", P, t38 % 40010), sdp("far", CORE, t38 % 50010)]
        i, ok = c.up(*(ends_of if from_phone else reversed(ends_of)))
        w.ok(not any(a in m.body for a in (P, CORE) for m in (i, ok)) and "udptl t38" in i.body and "T38FaxVersion" in ok.body and
             w.contexts() == 1, "both ends see the gateway alone", i.body + ok.body)
        ends(w, c, "fax", from_phone)
    c = call(w, phone)
    c.up(sdp("p", P, sdes()), sdp("far", CORE, audio(50000)))
    c.b.say("INVITE", sdp("far", CORE, t38 % 50010, version=2))
    r = phone.request("INVITE", c.a.call_id)
    w.ok(CORE not in r.body and "m=image" in r.body, "the core goes over from voice to fax: it names the gateway", r.body)
    phone.answer(r, "200 OK", sdp("p", P, t38 % 40010, version=2), tag=c.a.local_tag)
    ok = c.b.got("INVITE")
    w.ok(P not in ok.body and "m=image" in ok.body and "crypto" not in ok.body, "and so does the phone's answer", ok.body)
    c.b.ack()
    phone.request("ACK", c.a.call_id)
    w.until(lambda: remotes(w) == ["50010"], "the fax in force")
    ends(w, c, "from voice to fax")


@check
def info(w, phone):
    """INFO describes no session (RFC 6086), whatever is in it: it goes on as it came, and changes nothing"""
    c = call(w, phone)
    c.up(sdp("p", P, sdes()), sdp("far", CORE, audio(50000)))
    body = sdp("p", P, audio(40090), version=2)
    c.a.say("INFO", body, extra="Info-Package: test\r\n")
    i = w.core.request("INFO", c.a.call_id)
    w.core.answer(i, "200 OK")
    w.ok(c.a.got("INFO").code == 200 and i.body == body, "the same octets", i.body)
    w.ok(remotes(w) == ["50000"] and w.contexts() == 1, "and the media are as they were")
    ends(w, c, "with INFO")


@check
def redirected(w, phone):
    """302, before and after early media: the phone calls again with the same Call-ID, at once"""
    for early in (False, True):
        c = call(w, phone)
        c.begin(sdp("p", P, sdes()))
        if early:
            c.answer("183 Session Progress", FAR[0])
        r = c.answer("302 Moved Temporarily", extra="Contact: <sip:else@home1.net>\r\n", contact=False)
        w.ok(r.code == 302 and "else@home1.net" in r.text, "the phone is told where")
        # RFC 3261 8.1.3.4: another branch and CSeq, of no dialog; it overtakes the ACK
        c.a.remote_tag, c.a.route, c.a.target = "", [], "sip:else@home1.net"
        c.a.say("INVITE", sdp("p", P, sdes(key=KEY2), version=2))
        c.a.ack_refused(r)
        c.invite = c.callee.request("INVITE", c.a.call_id)
        secured_towards_core(w, c.invite, "the second INVITE")
        c.b = Dialog(c.callee, invite=c.invite)
        c.callee.answer(c.invite, "200 OK", FAR[1], tag="telse")
        ok = c.a.learn(c.a.got("INVITE", 200))
        c.ack()
        w.ok("crypto:1" in ok.body, "is answered protected")
        contexts(w, 1, "the first one's has gone")
        ends(w, c, "redirected")


@check
def redirecting(w, phone):
    """a phone that says 302: the core goes on elsewhere"""
    c = call(w, phone, False)
    c.begin(FAR[0])
    contexts(w, 1, "offered")
    r = c.answer("302 Moved Temporarily", sdp("p", P, sdes()), extra="Contact: <sip:else@home1.net>\r\n", contact=False)
    c.a.ack_refused(r)
    w.ok(r.code == 302 and not r.body, "a description in it does not go on", r.body)
    c.gone()


@check
def refusals_with_bodies(w, phone):
    """4xx, 5xx and 6xx with a description, of INVITE, re-INVITE and UPDATE: no key and no address goes on"""
    for status in ("488 Not Acceptable Here", "500 Oops", "606 Not Acceptable"):
        c = call(w, phone, False)
        c.begin(FAR[0])
        r = c.answer(status, sdp("p", P, sdes()))
        c.a.ack_refused(r)
        w.ok(not r.body and "Content-Length: 0" in r.text, status, r.body)
        c.gone()
    c = call(w, phone, False)
    c.up(FAR[0], sdp("p", P, sdes()))
    for method in ("INVITE", "UPDATE"):
        c.a.say(method, sdp("far", CORE, audio(50100), version=2))
        c.callee.answer(c.callee.request(method, c.a.call_id), "488 Not Acceptable Here", sdp("p", P, sdes(), version=2))
        r = c.a.got(method, 300)
        if method == "INVITE":
            c.a.ack_refused(r)
        w.ok(not r.body, "488 to a later " + method, r.body)
    c.callee.inbox.clear()
    ends(w, c, "refused")


@check
def replaced_at_the_phone(w, phone):
    """the core takes a call of the phone away with Replaces: the new call has a context and keys of its own"""
    c = call(w, phone)
    _, ok = c.up(sdp("p", P, sdes()), FAR[0])
    d = call(w, phone, False)
    i = d.begin(FAR[1], extra="Replaces: %s;to-tag=%s;from-tag=%s\r\n" % (c.a.call_id, c.a.local_tag, c.a.remote_tag))
    w.ok("Replaces: " + c.a.call_id in i.text, "Replaces comes to the phone")
    d.answer("200 OK", sdp("p", P, sdes(key=KEY2)))
    d.ack()
    contexts(w, 2, "both calls")
    key = [l for l in ok.body.split("\r\n") if "inline:" in l][0].split("inline:")[1]
    w.ok("crypto:1" in i.body and key not in i.body and at(i.body) != at(ok.body), "another key and port than the old one's")
    ends_one(w, c, 1, "BYE of the old one")
    w.ok(remotes(w) == ["50010"], "the new one's media stay", str(remotes(w)))
    ends(w, d, "replaced", False)


@check
def replaced_by_the_phone(w, phone):
    """the phone takes a call with Replaces, also one that rings still"""
    c = call(w, phone, False)
    c.begin(FAR[0])
    c.answer("183 Session Progress", sdp("p", P, sdes()))
    d = call(w, phone)
    i = d.begin(sdp("p", P, sdes(key=KEY2)), extra="Replaces: %s;to-tag=%s;from-tag=%s;early-only\r\n" % (c.a.call_id, "talice", c.a.local_tag))
    secured_towards_core(w, i, "INVITE with Replaces")
    contexts(w, 2, "the early one and the new one")
    d.answer("200 OK", FAR[1])
    d.ack()
    c.a.cancel()
    c.callee.request("CANCEL", c.a.call_id)
    c.callee.answer(c.invite, "487 Request Terminated")
    c.a.ack_refused(c.a.got("INVITE", 300))
    contexts(w, 1, "the early one is cancelled")
    w.ok(remotes(w) == ["50010"], "the new one's media stay", str(remotes(w)))
    ends(w, d, "replaced")


@check
def calls_itself(w, phone):
    """a phone calls its own number and answers: two calls of one Call-ID, phone, user and From tag"""
    c = call(w, phone)
    i = c.begin(sdp("p", P, sdes()))
    n = len(phone.inbox)
    j = sent_on(w, i, phone, c)
    w.ok("crypto:1" in j.body and KEY not in j.body, "it is offered a key of its own leg")
    contexts(w, 2, "of the same phone")
    sent_back(w, phone, j, sdp("p", P, sdes(40100, key=KEY2)))
    ok = c.a.learn(phone.wait(lambda m: m.code == 200 and m.method == "INVITE" and m.call_id == c.a.call_id and phone.inbox.index(m) >= n,
                              "200 of its own"))
    w.ok("crypto:1" in ok.body and KEY2 not in ok.body and at(ok.body) != at(j.body), "each leg has a port and a key")
    d = Dialog(phone, invite=j)
    d.say("BYE")
    w.core.answer(w.core.request("BYE", c.a.call_id), "200 OK")
    contexts(w, 1, "BYE as who was called")
    c.a.say("BYE")
    c.a.got("BYE")
    c.gone()


@check
def goes_on_to_another(w, phone):
    """who is called first is busy, and the core goes on to another phone of this P-CSCF: three legs of one Call-ID"""
    bob, carol = Ua(w, "bob", "10.1.0.11"), Ua(w, "carol", "10.1.0.12")
    bob.register()
    carol.register()
    c = call(w, phone)
    i = c.begin(sdp("p", P, sdes()))
    j = sent_on(w, i, bob, c)
    contexts(w, 2, "caller and first callee")
    bob.answer(j, "183 Session Progress", sdp("b", bob.address, sdes(key=KEY2)))
    w.core.wait(lambda m: m.code == 183 and m.call_id == c.a.call_id, "183")
    bob.answer(j, "486 Busy Here")
    w.core.wait(lambda m: m.code == 486 and m.call_id == c.a.call_id, "486")
    contexts(w, 1, "the first callee's has gone")
    k = sent_on(w, i, carol, c, "2")
    contexts(w, 2, "caller and second callee")
    sent_back(w, carol, k, sdp("c", carol.address, sdes(key=KEY2)))
    c.a.learn(c.a.got("INVITE"))
    # a re-INVITE of the second one finds its own leg
    d = Dialog(carol, invite=k)
    d.say("INVITE", sdp("c", carol.address, sdes(40300, key=KEY2), version=2))
    r = w.core.request("INVITE", c.a.call_id)
    secured_towards_core(w, r, "re-INVITE of the second callee")
    w.core.answer(r, "200 OK", sdp("far", CORE, audio(50000), version=2), tag=d.remote_tag)
    w.ok("crypto:1" in d.got("INVITE").body, "is answered protected")
    d.ack()
    d.say("BYE")
    w.core.answer(w.core.request("BYE", c.a.call_id), "200 OK")
    contexts(w, 1, "BYE of the second callee")
    c.a.say("BYE")
    c.a.got("BYE")
    c.gone()
    bob.close()
    carol.close()


@check
def both_phones_answer(w, phone):
    """the core forks to two phones of this P-CSCF, and their 200 cross: each leg has its context, and BYE ends that one alone"""
    bob = Ua(w, "bob", "10.1.0.11")
    bob.register()
    c = call(w, phone, False)
    i = c.begin(FAR[0])
    j = sent_on(w, c.sent(), bob, c, "2")
    contexts(w, 2, "both ring")
    w.stopped(lambda: (phone.answer(i, "200 OK", sdp("p", P, sdes())), bob.answer(j, "200 OK", sdp("b", bob.address, sdes(key=KEY2))),
                       w.until(lambda: w.busy() == 2, "two answers that wait")))
    both = [w.core.wait(lambda m, t=t: m.code == 200 and m.tag("To") == t and m.call_id == c.a.call_id, "200 of " + t) for t in ("talice", "tbob")]
    for ok in both:
        secured_towards_core(w, ok, "200")
    w.ok(at(both[0].body) != at(both[1].body), "each names a port of its own")
    d = Dialog(w.core)
    d.__dict__.update(c.a.__dict__, sent={}, last={"INVITE": 1})
    for x, ok, ua in ((c.a, both[0], phone), (d, both[1], bob)):
        x.learn(ok)
        x.ack(seq=1)
        ua.request("ACK", c.a.call_id)
    d.say("BYE", branch="z9hG4bKbye%s" % c.a.local_tag)
    d.got("BYE", tag="tbob")
    contexts(w, 1, "BYE to one of them")
    ends(w, c, "and to the other")
    bob.close()


@check
def two_success(w, phone):
    """two 2xx of one INVITE cross while no gateway answers; BYE of the one in force gives its media to the other"""
    c = call(w, phone)
    c.begin(sdp("p", P, sdes()))
    w.stopped(lambda: (c.callee.answer(c.invite, "200 OK", FAR[1], tag="one"), w.until(lambda: w.busy() > 0, "the first waits"),
                       c.callee.answer(c.invite, "200 OK", FAR[2], tag="two")))
    one, two = c.a.got("INVITE", tag="one"), c.a.got("INVITE", tag="two")
    w.ok(at(one.body) == at(two.body) and "crypto:1" in two.body and CORE not in two.body, "both show the phone its leg", two.body)
    w.ok(w.contexts() == 1 and remotes(w) == ["50010"], "the first is in force", str(remotes(w)))
    d = Dialog(phone)
    d.__dict__.update(c.a.__dict__, sent={}, last={"INVITE": 1})
    for x, ok in ((c.a, one), (d, two)):
        x.learn(ok)
        x.ack(seq=1)
        c.callee.request("ACK", c.a.call_id)
    c.a.say("BYE")
    c.a.got("BYE", tag="one")
    w.until(lambda: remotes(w) == ["50020"], "the media of the second")
    w.ok(w.contexts() == 1, "its media go to the second one now")
    d.say("BYE", branch="z9hG4bKbye%s" % c.a.local_tag)
    w.ok(d.got("BYE", tag="two").code == 200, "BYE of that one")
    c.gone()


@check
def bye_crosses_success(w, phone):
    """BYE of the one that is in force comes while the 2xx of another one waits for the gateway"""
    c = call(w, phone)
    c.begin(sdp("p", P, sdes()))
    c.callee.answer(c.invite, "200 OK", FAR[1], tag="one")
    c.a.learn(c.a.got("INVITE", tag="one"))
    c.ack()
    d = Dialog(phone)
    d.__dict__.update(c.a.__dict__, sent={}, last={"INVITE": 1})

    def cross():
        c.a.say("INVITE", sdp("p", P, sdes(40400, key=KEY2), msrp(P, tls=True), version=2))
        w.until(lambda: w.busy() > 0, "a re-INVITE that waits")
        c.callee.answer(c.invite, "200 OK", FAR[2], tag="two")
        c.a.say("BYE")
    w.stopped(cross)
    w.ok(c.a.got("BYE", tag="one").code == 200, "BYE")
    d.learn(c.a.got("INVITE", tag="two", seq=1))
    d.ack(seq=1)
    r = c.callee.request("INVITE", c.a.call_id)
    c.callee.answer(r, "481 Call/Transaction Does Not Exist")
    c.a.ack_refused(c.a.got("INVITE", 300, seq=2))
    d.say("BYE", branch="z9hG4bKbye%s" % c.a.local_tag)
    w.ok(d.got("BYE", tag="two").code == 200, "BYE of the other")
    c.gone()
