# SPDX-License-Identifier: GPL-2.0-or-later
"""Every row of the table in docs/modules/border.md, in all seven ways: what is sent, and what must arrive."""
import re
import sys

from sip import check, home

WAYS = ("request of a phone", "answer of a phone", "request to a phone", "answer to a phone", "REGISTER", "refusal", "200")

# What a header of that name looks like; any other is VALUE.
VALUE = "x-value"
SAMPLES = {
    "P-Access-Network-Info": "IEEE-802.11;i-wlan-node-id=1, 3GPP-NR;network-provided",
    "P-Early-Media": "supported, sendrecv",
    "Geolocation": "<cid:a@b>;loc-src=c",
    "Priority": "psap-callback",
    "Require": "sec-agree, x-tag",
    "Proxy-Require": "sec-agree",
    "Authorization": 'Digest username="u", integrity-protected="yes", realm="r"',
    "Proxy-Authorization": 'Digest username="u", integrity-protected="yes", realm="r"',
    "WWW-Authenticate": 'Digest realm="r", nonce="n", ck="0123456789abcdef0123456789abcdef", ik="%s"' % ("1" * 32),
    "Proxy-Authenticate": 'Digest realm="r", nonce="n", ck="0123456789abcdef0123456789abcdef", ik="%s"' % ("1" * 32),
    "Record-Route": "<sip:evil.example;lr>",
    "Path": "<sip:evil.example;lr>",
    "Service-Route": "<sip:evil.example;lr>",
    "P-Associated-URI": "<sip:extra@home1.net>",
    "P-Called-Party-ID": "<sip:extra@home1.net>",
    "P-Asserted-Identity": '"The Bank" <sip:boss@bank.example>',
    "P-Preferred-Identity": "<sip:nobody@home1.net>",
    "P-Charging-Vector": "icid-value=evil",
    "History-Info": "<sip:a@b>;index=1",
    "Security-Client": "ipsec-3gpp;alg=hmac-sha-1-96;spi-c=4000;spi-s=4001;port-c=7000;port-s=7001",
    "Security-Verify": "ipsec-3gpp;alg=hmac-sha-1-96;spi-c=4000;spi-s=4001;port-c=7000;port-s=7001",
    "Privacy": "none",
}
# What is left of a sample.
LEFT = {"no network value": "IEEE-802.11;i-wlan-node-id=1", "supported only": "supported", "no loc-src": "<cid:a@b>",
        "no integrity": 'Digest username="u", realm="r"', "no keys": 'Digest realm="r", nonce="n"'}
GOES = {"cut", "ours", "no psap-callback", "as sent"}


def rows(path):
    for line in open(path):
        m = re.match(r"\| `([^`]+)` \|(.*)\|$", line.strip())
        cells = [c.strip() for c in m.group(2).split("|")] if m else []
        if len(cells) == len(WAYS):
            yield m.group(1), cells


def judge(name, way, cell, sent, got):
    """got: the bodies of headers of this name that arrived, ours apart."""
    what = "%s, %s: %s" % (name, WAYS[way], cell)
    if cell in GOES or (name == "Proxy-Require" and cell == "no sec-agree"):
        check(what, not got, got)
    elif cell in ("pass", "not with id", "not with history"):
        check(what, got == [sent], got)
    elif cell == "no sec-agree":
        check(what, got == ["x-tag"], got)
    elif cell in LEFT:
        check(what, got == [LEFT[cell]], got)
    else:
        check(what, False, "the test knows no such word")


def arrived(m, name, sent, way):
    """Bodies without what the P-CSCF wrote itself or must have anyhow."""
    if not m:
        return ["nothing arrived"]
    bodies = m.all(name)
    if name == "P-Charging-Vector":
        bodies = [b for b in bodies if "evil" in b]
    if name == "P-Visited-Network-ID":
        bodies = [b for b in bodies if b == sent]
    if name == "P-Asserted-Identity" and way < 2:
        bodies = [b for b in bodies if "bank" in b]
    if name in ("Record-Route", "Path", "Service-Route", "P-Associated-URI", "Require"):
        bodies = [b for b in bodies if b == sent or "evil" in b or "extra" in b or "x-tag" in b or "sec-agree" in b]
    return bodies


def requests_and_answers(phone, name, cells, sent):
    h = [(name, sent)]
    # a request of the phone and its answer
    call = phone.ask("OPTIONS" if name != "Proxy-Require" else "MESSAGE", h)
    m = home.of_call(call)
    judge(name, 0, cells[0], sent, arrived(m, name, sent, 0))
    if m:
        home.reply(m, "407 Proxy Authentication Required" if "Authenticate" in name else "200 OK", h)
        judge(name, 3, cells[3], sent, arrived(phone.of_call(call), name, sent, 3))
    # a request of the core; and the phone's answer to one that has no such header
    m = phone.of_call(phone.called("OPTIONS", h))
    judge(name, 2, cells[2], sent, arrived(m, name, sent, 2))
    phone.reply(m, "200 OK")
    call = phone.called("OPTIONS")
    phone.reply(phone.of_call(call), "200 OK", h)
    judge(name, 1, cells[1], sent, arrived(home.of_call(call), name, sent, 1))


def registers(phone, name, cells, sent):
    h = [(name, sent)]
    asked = h if cells[4] != "ims_flow" else []
    for way, status in ((5, "403 Forbidden"), (6, "200 OK")):
        seen, answer = phone.register(headers=asked, answer=h, status=status)
        if asked:
            judge(name, 4, cells[4], sent, arrived(seen, name, sent, 4))
        if cells[way] == "ims_flow":
            check("%s, %s: no keys" % (name, WAYS[way]), answer and answer.code == int(status.split()[0])
                  and "0123456789abcdef" not in answer.text and 'nonce="n"' in answer.text, answer and answer.text)
        else:
            judge(name, way, cells[way], sent, arrived(answer, name, sent, way))


def keys_of_a_401(phone):
    """Cells "ims_flow": the REGISTER's own security headers, and the keys of a 401."""
    seen, answer = phone.register(
        headers=[("Require", "sec-agree, x-tag"), ("Proxy-Require", "sec-agree"),
                 ("Security-Client", SAMPLES["Security-Client"]), ("Security-Verify", SAMPLES["Security-Verify"])],
        answer=[("WWW-Authenticate", SAMPLES["WWW-Authenticate"])],
        status="401 Unauthorized")
    text = seen.text if seen else "sec-agree"
    check("ims_flow: sec-agree and Security-* of a REGISTER go no further",
          "sec-agree" not in text and "Security-" not in text and "x-tag" in text, text)
    check("ims_flow: a REGISTER is marked by us", 'integrity-protected="no"' in text, text)
    check("ims_flow: no keys in a 401", answer and answer.code == 401 and "0123456789abcdef" not in answer.text
          and "1" * 32 not in answer.text and 'nonce="n"' in answer.text, answer and answer.text)


def play(phone, path):
    n = 0
    for name, cells in rows(path):
        n += 1
        sent = SAMPLES.get(name, VALUE)
        requests_and_answers(phone, name, cells, sent)
        registers(phone, name, cells, sent)
    check("the table has its rows", n > 40, n)
    keys_of_a_401(phone)
    phone.register()


def privacy(phone):
    pai = ("P-Asserted-Identity", "<sip:far@home1.net>")
    history = ("History-Info", "<sip:a@b?Privacy=history>;index=1, <sip:c@d>;index=2")
    for value, shown in (("id", False), ("header;id", False), ("none", True), ("user", True)):
        m = phone.of_call(phone.called("MESSAGE", [pai, ("Privacy", value)]))
        check("Privacy %s in a request" % value, m and bool(m.all("P-Asserted-Identity")) == shown, m and m.text)
        phone.reply(m, "200 OK")
        call = phone.ask("MESSAGE")
        home.reply(home.of_call(call), "200 OK", [pai, ("Privacy", value)])
        m = phone.of_call(call)
        check("Privacy %s in an answer" % value, m and bool(m.all("P-Asserted-Identity")) == shown, m and m.text)
    m = phone.of_call(phone.called("MESSAGE", [history]))
    check("a History-Info entry that asks for privacy goes alone", m and m.all("History-Info") == ["<sip:c@d>;index=2"],
          m and m.text)
    phone.reply(m, "200 OK")
