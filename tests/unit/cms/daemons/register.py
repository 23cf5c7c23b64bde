#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""register.py BUILD FOLDER   Steps 14 to 25 of TR 23.781 6.2.1 on the Cx side: two ims-cms and two ims-hss, CSCFs of our own at both; what is
refused, and how a migration ends."""
import re
import struct

import hss
import systems as s
from hss import Card, Cscf, all_of, first, names, result_of, vector
from systems import ALICE, BOB, CONNECTIONS, check, ctl, ue, wait_for, wish

cms = hss.everything()
there = Cscf("partner1")
home = Cscf("home1")
card = Card()


def registered(a, cscf=there, the_card=card):
    """What the CSCFs ask when a phone with that card registers with these identities. Returns the user profile."""
    impi, impu = names(a)
    check("UAR", result_of(cscf.uar(impi, impu)) in (2001, 2002))
    rand, autn, xres, _, _ = vector(cscf.mar(impi, impu))
    res, _ = the_card.challenge(rand, autn)
    check("the card's answer is the one", res == xres)
    answer = cscf.sar(impi, impu)
    check("SAR", result_of(answer) == 2001)
    return first(answer, 606).decode()


def happy():
    check("a user of home registers there", result_of(home.mar("alice_private@home1.net", "sip:alice@home1.net")) == 2001)
    check("and is registered", result_of(home.sar("alice_private@home1.net", "sip:alice@home1.net")) == 2001)
    a = ue("POST", CONNECTIONS, wish())
    check("granted", a.status == 201, (a.status, a.body))
    impi, impu = names(a)
    check("both HSSs have it", " here live partner=home1" in hss.ctl("partner1", "migration", "list")
          and " away live partner=partner1" in hss.ctl("home1", "migration", "list"))
    answer = there.mar(impi, impu, items=5)
    check("step 21", result_of(answer) == 2001 and first(answer, 1).decode() == impi and first(answer, 601).decode() == impu)
    check("one vector", struct.unpack(">I", first(answer, 607)) == (1,))
    check("of our HSS alone", first(answer, 264) == b"hss.partner1.net" and first(answer, 296) == b"partner1.net"
          and not all_of(answer, 282) and b"home1" not in answer, answer)
    rand, autn, xres, ck, ik = vector(answer)
    res, _ = card.challenge(rand, autn)
    check("made with the key at home", res == xres and len(ck) == len(ik) == 16)
    profile = registered(a)
    check("profile", re.findall("<Identity>(.*?)</Identity>", profile) == [impu] and "<PrivateID>%s<" % impi in profile
          and "sip:mcptt.partner1.net" in profile and "home1" not in profile, profile)
    check("LIR", first(there.lir(impu), 602).decode() == there.name)
    check("the S-CSCF at home has its user still", first(home.lir("sip:alice@home1.net"), 602).decode() == home.name)
    check("and registers him again", result_of(home.sar("alice_private@home1.net", "sip:alice@home1.net", 2)) == 2001)
    mine = hss.ctl("home1", "migration", "list")
    check("the primary's own record", re.search(r"asked_by=hss\.partner1\.net .* vectors=\d", mine), mine)
    check("its trail", re.search(r" first vector \S+ partner1 ", hss.ctl("home1", "migration", "audit")))
    check("no real identity at the partner", b"alice" not in open(s.path("hss-partner1.db"), "rb").read()
          and b"alice" not in open(s.path("log-hss-partner1"), "rb").read())
    return a


def resynchronised(a):
    """A card that has heard numbers from elsewhere: one round over both systems."""
    impi, impu = names(a)
    rand, autn, _, _, _ = vector(there.mar(impi, impu))
    ahead = Card()
    ahead.seq = [1 << 30] * 32
    _, auts = ahead.challenge(rand, autn)
    check("the card asks for it", auts is not None)
    wrong = there.mar(impi, impu, resync=rand + bytes(14))
    check("a wrong AUTS", result_of(wrong) == 5012, result_of(wrong))
    before = vector(there.mar(impi, impu))
    card.challenge(before[0], before[1])
    check("moves nothing", card.last >> 5 < 1 << 20, card.last)
    rand, autn, xres, _, _ = vector(there.mar(impi, impu, resync=rand + auts))
    res, again = ahead.challenge(rand, autn)
    check("fresh, and new to the card", res == xres and again is None)
    check("counted", hss.counter("home1", "resyncs") == 1 and hss.counter("home1", "resyncs_failed") == 1)
    return ahead


def in_turns(a, the_card):
    """Home and partner, in any order: nobody resynchronises."""
    impi, impu = names(a)
    pending = []
    for i in range(4):
        pending.append(vector(there.mar(impi, impu)))
        pending.append(vector(home.mar("alice_private@home1.net", "sip:alice@home1.net")))
    for rand, autn, xres, _, _ in reversed(pending):
        res, auts = the_card.challenge(rand, autn)
        check("in whatever order", res == xres and auts is None)


def not_hidden():
    ctl("home1", "user", "set", BOB, "impi=bob_private@home1.net", "impu=sip:bob@home1.net", "outbound=no")
    b = ue("POST", CONNECTIONS, wish(BOB), tok=s.token(BOB))
    check("granted", b.status == 201, b.body)
    check("under his own name", "pair=bob_private@home1.net,sip:bob@home1.net" in hss.ctl("partner1", "migration", "list"))
    profile = registered(b, the_card=Card())
    check("which the profile has not", "bob" not in profile)
    return b


def refusals(a, b):
    impi, impu = names(a)
    other_impi, other_impu = names(b)
    check("unknown", result_of(there.mar("m" + "a" * 26 + "@in.partner1.net", impu)) == 5001)
    check("another's public identity", result_of(there.mar(impi, other_impu)) == 5002)
    for name in ("home1.net!" + impi, "partner1.net!%s@home1.net" % impi.split("@")[0]):
        answer = result_of(there.mar(name, impu))
        check("decorated %s" % name, answer == 5001, answer)
    check("no password goes there", result_of(there.mar(impi, impu, scheme="SIP Digest")) == 5006)
    check("half an AUTS", result_of(there.mar(impi, impu, resync=bytes(20))) == 5004)
    check("outbound names are for the border", result_of(home.mar(re.search(r"pair=(m[^,]+@out[^,]+)", hss.ctl(
        "home1", "migration", "list")).group(1), "sip:alice@home1.net")) == 5001)
    check("the inbound pair is not known at home", result_of(home.mar(impi, impu)) == 5001)


def strangers():
    """A partner's peer that asks what it may not: at home, for users who are there, and who are not."""
    out_impi, out_impu = "m" + "e" * 26 + "@out.home1.net", "sip:m" + "e" * 26 + "@out.home1.net"
    check("carol is there", hss.rest("home1", "PUT", "/api/v1/migrations/carol", {
        "side": "away", "partner": "partner1", "expires": s.stamp(600),
        "own": {"private": "carol_private@home1.net", "public": ["sip:carol@home1.net"]},
        "pair": {"private": out_impi, "public": [out_impu]}}).status == 201)
    rogue = Cscf("home1", "rogue", "partner1", hss.ROGUE)
    before = hss.counter("home1", "partner_refused")
    own = ("alice_private@home1.net", "sip:alice@home1.net")
    check("UAR, SAR, LIR", [result_of(x) for x in (rogue.uar(*own), rogue.sar(*own), rogue.lir(own[1]))] == [5003] * 3)
    udr = rogue.ask(306, s_avps(rogue), application=16777217)
    check("Sh", result_of(udr) == 5003, result_of(udr))
    check("counted", hss.counter("home1", "partner_refused") == before + 4)
    check("nothing changed", first(home.lir(own[1]), 602).decode() == home.name)
    before = hss.counter("home1", "partner_not_theirs")
    check("for a user who is hidden, by his own name", result_of(rogue.mar(*own)) == 5001)
    check("for one who is not there", result_of(rogue.mar("eve_private@home1.net", "sip:eve@home1.net")) == 5001)
    check("with another's public identity", result_of(rogue.mar(out_impi, "sip:alice@home1.net")) == 5002)
    host, rogue.host = rogue.host, "hss.partner1.net"
    check("in another's name", result_of(rogue.mar(out_impi, out_impu)) == 5001)
    rogue.host, realm, rogue.realm = host, rogue.realm, "home1.net"
    check("from another realm", result_of(rogue.mar(out_impi, out_impu)) == 5001)
    rogue.realm = realm
    check("decorated", result_of(rogue.mar("home1.net!" + out_impi, out_impu)) == 5001)
    check("of a user of his own", result_of(rogue.mar("m" + "b" * 26 + "@in.home1.net", out_impu)) == 5001)
    check("counted", hss.counter("home1", "partner_not_theirs") == before + 7, hss.counter("home1", "partner_not_theirs") - before)
    check("digest", result_of(rogue.mar(out_impi, out_impu, scheme="SIP Digest")) == 5006)
    check("but vectors for who is there", result_of(rogue.mar(out_impi, out_impu)) == 2001)
    limited = [result_of(rogue.mar(out_impi, out_impu)) for _ in range(40)]
    check("so many only", limited.count(3004) > 20 and set(limited) == {2001, 3004}, limited)
    rogue.socket.close()


def s_avps(cscf):
    """A User-Data-Request of Sh."""
    avp = hss.avp
    return (avp(263, "%s;1;%d" % (cscf.host, cscf.next)) + avp(260, avp(266, hss.TGPP) + avp(258, 16777217)) + avp(277, 1)
            + avp(264, cscf.host) + avp(296, cscf.realm) + avp(283, "home1.net")
            + avp(700, avp(601, "sip:alice@home1.net", hss.TGPP), hss.TGPP) + avp(703, 11, hss.TGPP))


def withdrawn_in_mid_registration(b):
    impi, impu = names(b)
    there.sar(impi, impu, 5)
    check("challenged", result_of(there.mar(impi, impu)) == 2001)
    check("withdrawn", "withdrawn 1" in ctl("partner1", "withdraw", "grant=" + re.search(
        r"(\S+) here active partner=home1 user=" + BOB, ctl("partner1", "bindings")).group(1)))
    check("no vector any more, and nobody to register", result_of(there.mar(impi, impu)) == 5001
          and result_of(there.sar(impi, impu)) == 5001)
    wait_for("home knows, and its HSS", lambda: "sip:bob@home1.net" not in hss.ctl("home1", "migration", "list"))


def withdrawn(a):
    """The primary ends it: RTR at the partner's S-CSCF."""
    impi, impu = names(a)
    check("registered before", first(there.lir(impu), 602).decode() == there.name)
    there.requests.clear()
    check("withdrawn", "withdrawn 1" in ctl("home1", "withdraw", "user=" + ALICE))
    check("no vector at once", result_of(there.mar(impi, impu)) == 5001)
    rtr = there.wait(hss.RTR)
    check("RTR", first(rtr, 1).decode() == impi and [x.decode() for x in all_of(rtr, 601)] == [impu]
          and struct.unpack(">I", first(first(rtr, 615), 616)) == (0,) and b"home1" not in rtr, rtr)
    wait_for("gone", lambda: result_of(there.lir(impu)) == 5001 and result_of(there.uar(impi, impu)) == 5001)
    wait_for("and told", lambda: "told=no" not in ctl("home1", "bindings"))
    check("at home he is as he was", first(home.lir("sip:alice@home1.net"), 602).decode() == home.name)


def silent_scscf():
    """It does not answer the RTR: the binding is dead all the same, and it is told again."""
    a = ue("POST", CONNECTIONS, wish())
    registered(a, the_card=Card())
    impi, impu = names(a)
    there.requests.clear()
    there.silent = True
    check("withdrawn there", "withdrawn 1" in ctl("partner1", "withdraw", "partner=home1"))
    check("dead", result_of(there.mar(impi, impu)) == 5001 and result_of(there.lir(impu)) == 5001)
    there.silent = False
    there.wait(hss.RTR, 2)
    check("in the trail", " not confirmed" in hss.ctl("partner1", "migration", "audit"))
    wait_for("home knows", lambda: s.counter("home1", "away") == 0)


def binding(seconds, tail, **more):
    names_of = {"private": "m%s@in.partner1.net" % tail, "public": ["sip:m%s@in.partner1.net" % tail]}
    body = {"side": "here", "partner": "home1", "expires": s.stamp(seconds), "own": names_of,
            "pair": {"private": "o%s@out.home1.net" % tail, "public": ["sip:o%s@out.home1.net" % tail]},
            "database": {"host": "hss.home1.net", "realm": "home1.net"}}
    body.update(more)
    return body


def expired():
    """By the HSS's own clock, whatever the configuration management server does."""
    target = "/api/v1/migrations/expires"
    tail = "c" * 26
    impi, impu = "m%s@in.partner1.net" % tail, "sip:m%s@in.partner1.net" % tail
    away = {"side": "away", "partner": "partner1", "expires": s.stamp(60), "own": {
        "private": "alice_private@home1.net", "public": ["sip:alice@home1.net"]}, "pair": binding(0, tail)["pair"]}
    check("bound at home", hss.rest("home1", "PUT", target, away).status == 201)
    check("bound", hss.rest("partner1", "PUT", target, binding(4, tail)).status == 201)
    check("the same again", hss.rest("partner1", "PUT", target, binding(4, tail)).status == 200)
    check("served", result_of(there.mar(impi, impu)) == 2001 and result_of(there.sar(impi, impu)) == 2001)
    there.requests.clear()
    rtr = there.wait(hss.RTR)
    check("RTR when it is over", first(rtr, 1).decode() == impi)
    check("nothing any more", result_of(there.mar(impi, impu)) == 5001)
    wait_for("gone", lambda: result_of(there.lir(impu)) == 5001)
    check("and does not live again", hss.rest("partner1", "PUT", target, binding(60, tail)).status == 410)
    hss.rest("home1", "DELETE", target)


def unfit():
    """What would make a circle or a chain, or is not theirs."""
    def put(body, name="partner1"):
        a = hss.rest(name, "PUT", "/api/v1/migrations/unfit", body)
        return a.status, a.json.get("detail", "")

    tail = "d" * 26
    ours = {"private": "x@partner1.net", "public": ["sip:x@partner1.net"]}
    chain = {"private": "x@in.partner1.net", "public": ["sip:x@in.partner1.net"]}
    third = {"private": "x@home9.net", "public": ["sip:x@home9.net"]}
    check("a circle", "domain of ours" in put(binding(60, tail, pair=ours))[1])
    check("a chain", "domain of ours" in put(binding(60, tail, pair=chain))[1])
    check("a third system's", "no domain of the partner" in put(binding(60, tail, pair=third))[1])
    check("its database", "no peer line" not in put(binding(60, tail))[1] and "peer line" in put(binding(
        60, tail, database={"host": "hss.partner1.net", "realm": "partner1.net"}))[1])
    hss.rest("partner1", "DELETE", "/api/v1/migrations/unfit")
    check("an unknown partner", "no partner line" in put(binding(60, tail, partner="nobody"))[1])
    check("decorated", put(binding(60, tail, own={"private": "a!b@in.partner1.net", "public": ["sip:b@in.partner1.net"]}))[0] == 422)
    away = {"side": "away", "partner": "partner1", "expires": s.stamp(60), "own": {
        "private": "eve_private@home1.net", "public": ["sip:eve@home1.net"]}, "pair": binding(0, tail)["pair"]}
    check("away, and not ours", "no such private identity" in put(away, "home1")[1])
    check("its token is for nothing else", hss.rest("partner1", "GET", "/api/v1/subscribers").status == 403
          and hss.rest("partner1", "DELETE", "/api/v1/subscribers/local_private@partner1.net").status == 403)


a = happy()
the_card = resynchronised(a)
in_turns(a, the_card)
b = not_hidden()
refusals(a, b)
strangers()
withdrawn_in_mid_registration(b)
withdrawn(a)
silent_scscf()
expired()
unfit()
for name in ("home1", "partner1"):
    s.stop(cms[name])
    hss.stop(name)
s.end("register")
