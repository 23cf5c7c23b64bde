#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""page.py BUILD FOLDER   The web page of a real ims-hss in Chromium: what a person with a browser does, and what an S-CSCF
sees of it. With PICTURES=FOLDER screenshots of each step go there."""
import os
import re
import sys

import browser
import rest
import scscf as cscf
from rest import call, check, hssctl

PICTURES = os.environ.get("PICTURES")
NAME = '<script>document.title="bad"</script><img src=x onerror=\'document.title="bad"\'>'
ONE, TWO, AS = "sip:lab@home1.net", "tel:+12125550000", "sip:as.home1.net:5060"


def picture(name):
    if PICTURES:
        os.makedirs(PICTURES, exist_ok=True)
        page.picture(os.path.join(PICTURES, name + ".png"))


def row(text):
    return "//tbody[@id='publics']/tr[td[text()='%s']]" % text


def state(identity, word):
    page.wait_for("%s is %s" % (identity, word), lambda: page.shown(row(identity) + "/td[text()='%s']" % word))
    check("%s is %s" % (identity, word), True)


def says(text):
    page.wait_for("the page says " + text, lambda: text in page.text())
    check(text, True)


def sign_in(token):
    page.wait_for("the form", lambda: page.shown("//input[@id='token']"))
    page.type("//input[@id='token']", token)
    page.click("//form[@id='login']/button")


def create(name, *identities):
    page.type("//form[@id='create']//input[@name='identity']", name)
    page.type("//form[@id='create']//input[@name='k']", rest.K)
    page.type("//form[@id='create']//input[@name='opc']", rest.OPC)
    page.type("//form[@id='create']//textarea", "\n".join(identities))
    page.type("//form[@id='create']//input[@name='display']", NAME[:63])
    page.click("//form[@id='create']/button")


def criterion(priority, server):
    page.run("document.querySelector('#add-ifc [name=priority]').value = arguments[0];", priority)
    page.type("//form[@id='add-ifc']//input[@name='server']", server)
    page.type("//form[@id='add-ifc']//input[@name='trigger']", "all method:INVITE;case:orig")
    page.click("//form[@id='add-ifc']/button")


def first_steps():
    page.open("http://127.0.0.1:%d/" % rest.PORT)
    check("nothing is shown without a token", not page.shown("//main"))
    sign_in("0" * 64)
    says("the token is wrong")
    check("nothing is shown with a wrong one", not page.shown("//main"))
    sign_in(rest.tokens["admin"])
    page.wait_for("signed in", lambda: page.shown("//main") and not page.shown("//form[@id='login']"))
    says("hss.home1.net")


def subscriber():
    create("lab@home1.net", ONE, TWO)
    page.wait_for("the new subscriber", lambda: page.shown("//h2[@id='name'][text()='lab@home1.net']"))
    criterion("10", AS)
    page.wait_for("the criterion", lambda: page.shown("//tbody[@id='ifcs']/tr/td[text()='%s']" % AS))
    got = call("GET", "/api/v1/subscribers/lab@home1.net").json
    check("it is stored", [(u["identity"], u["set"]) for u in got["public"]] == [(ONE, 1), (TWO, 1)]
          and got["ifc"][0]["server"] == AS and "case:orig" in hssctl("subscriber", "show", "lab@home1.net"), got)
    check("a name is text, whatever is in it", got["public"][0]["display"] == NAME[:63]
          and page.run("return document.title") == "ims-hss" and page.run("return document.images.length") == 0
          and NAME[:63] in page.text(), page.run("return document.title"))
    state(ONE, "not-registered")
    picture("created")


def registration(peer):
    check("the challenge", peer.challenge("lab@home1.net", ONE) == 2001)
    state(ONE, "authentication-pending")
    check("the registration", peer.register("lab@home1.net", ONE) == 2001)
    state(ONE, "registered")
    state(TWO, "registered")
    says(cscf.NAME)
    picture("registered")


def changes(peer):
    criterion("20", "sip:new.home1.net")
    check("a changed profile goes out by PPR", "sip:new.home1.net" in cscf.all_of(peer.wait(cscf.PPR), 606)[0].decode())
    page.click(row(TWO) + "//button[text()='Bar']")
    state(TWO, "barred")
    profile = cscf.all_of(peer.wait(cscf.PPR, 2), 606)[0].decode()
    check("and so does a barred identity",
          re.search(r"<BarringIndication>1</BarringIndication><Identity>%s" % re.escape(TWO), profile), profile)
    picture("barred")


def shared_set(peer):
    page.type("//form[@id='add-set']//input[@name='set']", "7")
    page.type("//form[@id='add-set']//input[@name='server']", "sip:shared.home1.net")
    page.click("//form[@id='add-set']/button")
    page.wait_for("the set", lambda: page.shown("//tbody[@id='sets']/tr/td[text()='sip:shared.home1.net']"))
    page.type("//form[@id='add-use']//input[@name='set']", "7")
    page.click("//form[@id='add-use']/button")
    page.wait_for("it is used", lambda: page.shown("//tbody[@id='uses']/tr/td[text()='7']"))
    check("who uses a shared set has its criteria", "sip:shared.home1.net" in cscf.all_of(peer.wait(cscf.PPR, 3), 606)[0].decode())
    picture("shared")


def withdrawal(peer):
    page.click("//button[@id='withdraw']")
    page.accept()
    check("RTR", cscf.all_of(peer.wait(cscf.RTR), 1)[0] == b"lab@home1.net")
    page.wait_for("the subscriber is gone", lambda: not page.shown("//section[@id='one']"))
    says("RTR answered by scscf.home1.net: 2001")
    call("GET", "/api/v1/subscribers/lab@home1.net", status=404)
    picture("withdrawn")


def by_role():
    page.click("//button[@id='logout']")
    sign_in(rest.tokens["read"])
    page.wait_for("signed in", lambda: page.shown("//main"))
    create("other@home1.net", ONE)
    says("the token's role does not allow this")
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
    picture("found")


rest.configure()
rest.make_tokens()
with open(rest.path("many"), "w", encoding="utf-8") as f:
    f.writelines("subscription\nprivate m%d@home1.net k=%s opc=%s\npublic sip:m%d@home1.net\nend\n" % (i, rest.K, rest.OPC, i)
                 for i in range(120))
try:
    page = browser.Browser()
except browser.Unusable as why:
    print("skipped: the page is not tried in Chromium: %s" % why)
    sys.exit(0)
server = rest.start()
rest.load_document()
s = cscf.Scscf(rest.HSS)
first_steps()
subscriber()
registration(s)
changes(s)
shared_set(s)
withdrawal(s)
by_role()
many()
# refusals that were played above are noted by the console; scripts or styles that were blocked would be, too
rest_of = [c for c in page.complaints() if not re.search(r"status of 40[13]", c)]
check("the console has no complaints", not rest_of, rest_of)
page.close()
rest.stop(server)
rest.end("the page in Chromium")
