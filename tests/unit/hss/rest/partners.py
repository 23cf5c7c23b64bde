# SPDX-License-Identifier: GPL-2.0-or-later
"""Users between partner systems in the web page: a second real ims-hss is the partner's, with an S-CSCF of its own; bindings come by the
REST API of both, as ims-cms puts them, and are withdrawn by who sits at the page of the first."""
import atexit
import json
import re
import subprocess
import time

import rest
import scscf as cscf
from rest import call, check

HERE, PORT = "10.9.9.3", 8081
# lines of the first one's configuration
LINES = "peer hss.home2.net %s partner=home2" % HERE
OURS, THEIRS = ("ann", "bea"), ("max", "tom")
ENTER = "\ue007"


def ctl(*words):
    run = subprocess.run([rest.build + "/bin/hssctl", "-c", rest.path("partner.conf"), *words], capture_output=True, text=True,
                         check=False)
    return run.stdout + run.stderr


def start():
    """The partner's HSS, once it is connected with ours."""
    with open(rest.path("partner.conf"), "w", encoding="utf-8") as f:
        f.write("identity hss.home2.net\nrealm home2.net\nlisten %s\npeer scscf.home2.net 10.9.9.4\n"
                "peer hss.home1.net %s partner=home1 connect\npartner home1 realms=home1.net domains=home1.net\n"
                "inbound_domain in.home2.net\noutbound_domain out.home2.net\nstore sqlite:%s\ncontrol %s\nhttp_tokens %s\n"
                "answer_seconds 2\nlog info\nhttp 127.0.0.1:%d\n" % (HERE, rest.HSS, rest.path("partner.db"), rest.path("control2"),
                                                                  rest.path("tokens2"), PORT))
    rest.tokens["partner"] = ctl("token", "add", "cms", "migration").strip()
    with open(rest.path("partner.key"), "w", encoding="utf-8") as f:
        f.write("k=%s\nopc=%s\n" % (rest.K, rest.OPC))
    for user in THEIRS:
        ctl("subscriber", "add", user + "@home2.net", rest.path("partner.key"), "sip:%s@home2.net" % user)
    with open(rest.path("log-partner"), "ab") as log:
        hss = subprocess.Popen([rest.build + "/bin/ims-hss", "-c", rest.path("partner.conf")], stdout=subprocess.DEVNULL, stderr=log)
    atexit.register(hss.kill)
    end = time.monotonic() + 60
    while "peer hss.home1.net OPEN" not in ctl("status"):
        assert hss.poll() is None and time.monotonic() < end, "the partner's HSS is not connected: " + ctl("status")
        time.sleep(0.1)
    return hss


def names(user, domain):
    return {"private": "%s@%s" % (user, domain), "public": ["sip:%s@%s" % (user, domain)]}


def bind(user, home, there):
    """Each system's ims-cms tells its HSS, the primary's first; nothing but what the role migration may."""
    first, second = ("migration", rest.PORT), ("partner", PORT)
    if home == "home2":
        first, second = second, first
    until = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 3600))
    hidden, inbound = names("m-" + user, "out.%s.net" % home), names("m-" + user, "in.%s.net" % there)
    away = {"side": "away", "partner": there, "expires": until, "own": names(user, home + ".net"), "pair": hidden}
    here = {"side": "here", "partner": home, "expires": until, "own": inbound, "pair": hidden,
            "database": {"host": "hss.%s.net" % home, "realm": home + ".net"}}
    for (token, port), body in (first, away), (second, here):
        made = rest.raw("PUT", "/api/v1/migrations/m-" + user, json.dumps(body), {"Content-Type": "application/json"}, token, port)
        check("%s is bound" % user, made.status == 201, made.text)


def row(user):
    """The row of a user: its id is that of the grant."""
    return "//tbody[@id='bound']/tr[@data-id='m-%s']" % user


def cell(who, user, column):
    return who.page.run("const n = document.evaluate(arguments[0], document, null, 9, null).singleNodeValue;"
                        "return n ? n.innerText : null;", row(user) + "/td[%d]" % column)


def waits(who, user, column, text):
    who.page.wait_for("%s: %s" % (user, text), lambda: text in (cell(who, user, column) or ""))
    check("%s: %s" % (user, text), True)


def refused(what, peer, user, domain, result=5001):
    name = names(user, domain)
    got = peer.challenge(name["private"], name["public"][0])
    check("%s: %d" % (what, result), got == result, got)


def shown(who, ours, theirs):
    """One of ours fetches vectors at the partner; a visitor registers here."""
    refused("a vector of home", theirs, "m-ann", "in.home2.net", 2001)
    refused("a vector of the partner's", ours, "m-max", "in.home1.net", 2001)
    check("the visitor registers", ours.register("m-max@in.home1.net", "sip:m-max@in.home1.net") == 2001)
    waits(who, "max", 8, "yes")
    waits(who, "ann", 9, "1, last 2")
    for user, texts in (("ann", ["ours, at the partner", "home2", "ann@home1.net\nsip:ann@home1.net",
                                 "m-ann@out.home1.net\nsip:m-ann@out.home1.net", "live"]),
                        ("max", ["the partner's, here (inbound)", "home2", "m-max@in.home1.net\nsip:m-max@in.home1.net",
                                 "m-max@out.home2.net\nsip:m-max@out.home2.net", "live"])):
        got = [cell(who, user, i + 1) for i in range(5)]
        check("%s: who, where, identities, state" % user, got == texts, got)
        check("%s: since and until" % user, all(re.fullmatch(r"\d{4}-\d\d-\d\d [\d:]{8}", cell(who, user, c)) for c in (6, 7)))
    check("nothing is wider than the window", who.page.run(
        "return document.documentElement.scrollWidth <= document.documentElement.clientWidth;"))
    check("home's user is not registered at home", cell(who, "ann", 8) == "no")
    who.page.run("document.getElementById('search-bound').scrollIntoView();")
    who.picture("migrations")


def found(who):
    form = "//form[@id='search-bound']"
    who.page.type(form + "//input[@name='identity']", "sip:m-max@out.home2.net" + ENTER)
    who.page.wait_for("the one", lambda: who.page.run("return document.getElementById('bound').rows.length") == 1)
    check("found by an identity of his own system", who.page.shown(row("max")))
    who.page.run("document.querySelector('#search-bound [name=identity]').value = '';"
                 "document.querySelector('#search-bound [name=over]').value = 'true';")
    who.page.click(form + "/button")
    who.page.wait_for("all", lambda: who.page.run("return document.getElementById('bound').rows.length") == 4)


def one_is_withdrawn(who, ours, theirs):
    """By the keyboard; who says no has changed nothing."""
    button = row("max") + "//button[text()='Withdraw']"
    who.page.type(button, ENTER)
    who.page.command("/alert/dismiss")
    check("not without a yes", call("GET", "/api/v1/migrations/m-max").json["state"] == "live")
    before = len([c for c, _ in ours.requests if c == cscf.RTR])
    who.page.type(button, ENTER)
    who.page.accept()
    check("RTR", cscf.all_of(ours.wait(cscf.RTR, before + 1), 1)[0] == b"m-max@in.home1.net")
    waits(who, "max", 5, "over")
    waits(who, "max", 5, "withdrawn")
    who.reads("withdrawn: 1, users who were here and are gone: 1")
    check("there is no button any more", not who.page.shown(button))
    check("the keyboard's focus stays in the section",
          who.page.run("return !!document.activeElement.closest('section').querySelector('#bound');"))
    refused("no vector for the visitor", ours, "m-max", "in.home1.net")
    refused("the others are as they were", ours, "m-tom", "in.home1.net", 2001)
    who.page.type(row("ann") + "//button[text()='Withdraw']", ENTER)
    who.page.accept()
    waits(who, "ann", 5, "over")
    refused("no vector for ours", theirs, "m-ann", "in.home2.net")
    refused("at home he has them", ours, "ann", "home1.net", 2001)
    who.picture("migration-withdrawn")


def rest_is_withdrawn(who, ours, theirs):
    who.page.type("//form[@id='end-bound']//input", "nobody" + ENTER)
    who.page.accept()
    who.reads("withdrawn: 0")
    check("of another partner", cell(who, "tom", 5) == "live")
    who.page.type("//form[@id='end-bound']//input", "home2" + ENTER)
    who.page.accept()
    waits(who, "tom", 5, "over")
    waits(who, "bea", 5, "over")
    refused("no vector here", ours, "m-tom", "in.home1.net")
    refused("no vector there", theirs, "m-bea", "in.home2.net")
    call("POST", "/api/v1/subscribers", rest.subscriber("eve"), 201)
    bind("eve", "home1", "home2")
    refused("a vector", theirs, "m-eve", "in.home2.net", 2001)
    waits(who, "eve", 5, "live")
    who.page.click("//button[@id='end-all-bound']")
    who.page.accept()
    waits(who, "eve", 5, "over")
    refused("and none", theirs, "m-eve", "in.home2.net")


def story(who, ours):
    hss = start()
    theirs = cscf.Scscf(HERE, "scscf.home2.net", "10.9.9.4", "home2.net")
    for user in OURS:
        call("POST", "/api/v1/subscribers", rest.subscriber(user), 201)
        bind(user, "home1", "home2")
    for user in THEIRS:
        bind(user, "home2", "home1")
    shown(who, ours, theirs)
    found(who)
    one_is_withdrawn(who, ours, theirs)
    rest_is_withdrawn(who, ours, theirs)
    for user in OURS + ("eve",):
        call("DELETE", "/api/v1/subscribers/%s@home1.net" % user)
    rest.stop(hss)
