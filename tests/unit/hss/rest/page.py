#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""page.py BUILD FOLDER   The web page of a real ims-hss in Chromium: what a person with a browser does, and what an S-CSCF
sees of it. With PICTURES=FOLDER screenshots of each step go there."""
import re
import sys

import browser
import partners
import person
import rest
import scscf as cscf
from rest import call, check, hssctl

NAME = '<script>document.title="bad"</script><img src=x onerror=\'document.title="bad"\'>'
ONE, TWO, AS = "sip:lab@home1.net", "tel:+12125550000", "sip:as.home1.net:5060"


def reads(text):
    who.reads(text)
    check(text, True)


def reads_state(identity, word):
    who.reads_state(identity, word)
    check("%s is %s" % (identity, word), True)


def first_steps():
    page.open("http://127.0.0.1:%d/" % rest.PORT)
    check("nothing is shown without a token", not page.shown("//main"))
    who.signs_in("0" * 64)
    reads("the token is wrong")
    check("nothing is shown with a wrong one", not page.shown("//main"))
    who.signs_in(rest.tokens["admin"])
    who.is_signed_in()
    reads("hss.home1.net")


def subscriber():
    who.creates("lab@home1.net", rest.K, rest.OPC, [ONE, TWO], NAME[:63])
    who.sees_subscriber("lab@home1.net")
    who.sets_criterion("10", AS, "all method:INVITE;case:orig")
    got = call("GET", "/api/v1/subscribers/lab@home1.net").json
    check("it is stored", [(u["identity"], u["set"]) for u in got["public"]] == [(ONE, 1), (TWO, 1)]
          and got["ifc"][0]["server"] == AS and "case:orig" in hssctl("subscriber", "show", "lab@home1.net"), got)
    check("a name is text, whatever is in it", got["public"][0]["display"] == NAME[:63]
          and page.run("return document.title") == "ims-hss" and page.run("return document.images.length") == 0
          and NAME[:63] in page.text(), page.run("return document.title"))
    reads_state(ONE, "not-registered")
    who.picture("created")


def other_keys():
    top = "5" * 64
    who.creates_by("tuak", "tuak@home1.net", {"k": rest.K * 2, "topc": top}, ["sip:tuak@home1.net"])
    who.sees_subscriber("tuak@home1.net")
    check("a card with TUAK", "algorithm=tuak res=64 keccak=1" in hssctl("subscriber", "show", "tuak@home1.net")
          and "k=%s topc=%s" % (rest.K * 2, top) in hssctl("export", "tuak@home1.net"))
    check("the form is Milenage's again", page.shown("//label[@data-for='milenage']") and not page.shown("//label[@data-for='tuak']"))
    who.creates_by("digest", "pass@home1.net", {"password": "open sesame"}, ["sip:pass@home1.net"])
    who.sees_subscriber("pass@home1.net")
    check("a password is kept as its hash", "private pass@home1.net realm=home1.net" in hssctl("subscriber", "show", "pass@home1.net"))
    for name in "tuak@home1.net", "pass@home1.net":
        hssctl("subscriber", "remove", name)


def registration(peer):
    check("the challenge", peer.challenge("lab@home1.net", ONE) == 2001)
    reads_state(ONE, "authentication-pending")
    check("the registration", peer.register("lab@home1.net", ONE) == 2001)
    reads_state(ONE, "registered")
    reads_state(TWO, "registered")
    reads(cscf.NAME)
    who.picture("registered")


def changes(peer):
    who.sets_criterion("20", "sip:new.home1.net", "all method:INVITE;case:orig")
    check("a changed profile goes out by PPR", "sip:new.home1.net" in cscf.all_of(peer.wait(cscf.PPR), 606)[0].decode())
    who.bars(TWO)
    profile = cscf.all_of(peer.wait(cscf.PPR, 2), 606)[0].decode()
    check("and so does a barred identity",
          re.search(r"<BarringIndication>1</BarringIndication><Identity>%s" % re.escape(TWO), profile), profile)
    who.picture("barred")


def shared_set(peer):
    page.type("//form[@id='add-set']//input[@name='set']", "7")
    page.type("//form[@id='add-set']//input[@name='server']", "sip:shared.home1.net")
    page.click("//form[@id='add-set']/button")
    page.wait_for("the set", lambda: page.shown("//tbody[@id='sets']/tr/td[text()='sip:shared.home1.net']"))
    page.type("//form[@id='add-use']//input[@name='set']", "7")
    page.click("//form[@id='add-use']/button")
    page.wait_for("it is used", lambda: page.shown("//tbody[@id='uses']/tr/td[text()='7']"))
    check("who uses a shared set has its criteria", "sip:shared.home1.net" in cscf.all_of(peer.wait(cscf.PPR, 3), 606)[0].decode())
    who.picture("shared")


def withdrawal(peer):
    who.withdraws()
    check("RTR", cscf.all_of(peer.wait(cscf.RTR), 1)[0] == b"lab@home1.net")
    page.wait_for("the subscriber is gone", lambda: not page.shown("//section[@id='one']"))
    reads("RTR answered by scscf.home1.net: 2001")
    call("GET", "/api/v1/subscribers/lab@home1.net", status=404)
    who.picture("withdrawn")


def by_role():
    page.click("//button[@id='logout']")
    who.signs_in(rest.tokens["read"])
    who.is_signed_in()
    who.reads("hss.home1.net")
    page.run("document.querySelector('#search-bound [name=over]').value = 'true';")
    page.click("//form[@id='search-bound']/button")
    page.wait_for("the migrations", lambda: page.shown(partners.row("ann")))
    check("who may only read is shown them, and nothing that changes anything", not page.shown("//form[@id='create']")
          and page.run("return [...document.querySelectorAll('.provision, #bound button')].every(n => !n.checkVisibility());"))
    # a page that does not know it is refused
    page.run("document.querySelectorAll('.provision').forEach(n => n.classList.remove('provision'));")
    who.creates("other@home1.net", rest.K, rest.OPC, [ONE], "")
    reads("the token's role does not allow this")
    call("GET", "/api/v1/subscribers/other@home1.net", status=404)


def many():
    hssctl("import", rest.path("many"))
    page.click("//button[@id='all']")
    page.wait_for("a full page", lambda: page.run("return document.getElementById('rows').rows.length") == 50)
    page.click("//button[@id='next']")
    page.wait_for("the next page", lambda: page.shown("//tbody[@id='rows']//button[text()='m60@home1.net']"))
    page.type("//input[@id='wanted']", "sip:m77@home1.net")
    page.click("//form[@id='search']/button")
    page.wait_for("the one", lambda: page.run("return document.getElementById('rows').rows.length") == 1)
    check("found", page.shown("//tbody[@id='rows']//button[text()='m77@home1.net']"))
    who.picture("found")


rest.configure("http 127.0.0.1:%d\n%s" % (rest.PORT, partners.LINES))
rest.make_tokens()
with open(rest.path("many"), "w", encoding="utf-8") as f:
    f.writelines("subscription\nprivate m%d@home1.net k=%s opc=%s\npublic sip:m%d@home1.net\nend\n" % (i, rest.K, rest.OPC, i)
                 for i in range(120))
try:
    page = browser.Browser()
except browser.Unusable as why:
    print("skipped: the page is not tried in Chromium: %s" % why)
    sys.exit(0)
who = person.Person(page)
server = rest.start()
rest.load_document()
s = cscf.Scscf(rest.HSS)
first_steps()
other_keys()
subscriber()
registration(s)
changes(s)
shared_set(s)
withdrawal(s)
partners.story(who, s)
by_role()
many()
# refusals that were played above, and who was removed while he was looked at, are noted by the console; scripts or styles that
# were blocked would be, too
rest_of = [c for c in page.complaints() if not re.search(r"status of 40[13]|pass%40home1.net .* status of 404", c)]
check("the console has no complaints", not rest_of, rest_of)
page.close()
rest.stop(server)
rest.end("the page in Chromium")
