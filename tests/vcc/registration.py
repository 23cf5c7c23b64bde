# SPDX-License-Identifier: GPL-2.0-or-later
"""Registration state: third-party REGISTERs, their bodies, the reg event, time, restarts."""
import time

from stage import SERVER, Party, Scscf, Watch, check, counter, field, http, logged, restart, rpc, start, state, stop, user, wait

ALICE, ALICE2, TEL = "sip:user1_public1@home1.net", "sip:user1_public2@home1.net", "tel:+12125551111"
PHONE = "sip:[5555::aaa:bbb:ccc:ddd]:1357;comp=sigcomp"
INSTANCE = '+sip.instance="<urn:uuid:00000000-0000-4000-8000-00000000000a>"'

PREFERENCE = ('<?xml version="1.0" encoding="UTF-8"?><domain-preference xmlns="urn:x-ims-vcc:preference:1" version="7">'
              "<terminating>%s</terminating></domain-preference>")


def phones_register(contact=PHONE, params="expires=600000", wish=None, access="3GPP-UTRAN-TDD;utran-cell-id-3gpp=234151D0FCE11",
                    aor=ALICE):
    body = PREFERENCE % wish if wish and not wish.startswith("<") else wish or ""
    kind = "Content-Type: application/vnd.ims-domain-preference+xml\r\nContent-Disposition: signal;handling=optional\r\n" if body else ""
    return ("REGISTER sip:registrar.home1.net SIP/2.0\r\nVia: SIP/2.0/UDP [5555::aaa:bbb:ccc:ddd]:1357;comp=sigcomp;branch=z9hG4bKnashds7\r\n"
            "P-Access-Network-Info: %s\r\nFrom: <%s>;tag=4fa3\r\nTo: <%s>\r\nContact: <%s>;%s;%s;reg-id=1\r\n"
            'Authorization: Digest username="user1_private@home1.net", realm="registrar.home1.net", nonce="n", uri="u", response="r"\r\n'
            "Call-ID: apb03a0s09dkjdfglkj49111\r\nCSeq: 2 REGISTER\r\nSupported: path\r\n%sContent-Length: %d\r\n\r\n%s"
            % (access, aor, aor, contact, params, INSTANCE, kind, len(body), body))


def the_200(contacts, associated=(ALICE, ALICE2, TEL)):
    return ("SIP/2.0 200 OK\r\nFrom: <%s>;tag=4fa3\r\nTo: <%s>;tag=s\r\nCall-ID: apb03a0s09dkjdfglkj49111\r\nCSeq: 2 REGISTER\r\n"
            "Service-Route: <sip:orig@scscf1.home1.net;lr>\r\nP-Associated-URI: %s\r\n%sContent-Length: 0\r\n\r\n"
            % (ALICE, ALICE, ", ".join("<%s>" % a for a in associated), "".join("Contact: %s\r\n" % c for c in contacts)))


def multipart(*parts):
    """(body, Content-Type) of parts (type, content)."""
    return ("".join("--b1\r\nContent-Type: %s\r\n\r\n%s\r\n" % p for p in parts) + "--b1--\r\n", 'multipart/mixed;boundary="b1"')


def service_info(text):
    return '<?xml version="1.0"?><ims-3gpp version="1"><service-info>%s</service-info></ims-3gpp>' % text


def strangers(scscf):
    mallory = Party("127.0.0.66", 5060, SERVER)
    for number, expires in ((1, 3600), (2, 0)):
        mallory.request("REGISTER", "sip:vcc@127.0.0.6:5060", [
            ("From", "<sip:scscf.home1.net:5060>;tag=m"), ("To", "<%s>" % ALICE), ("Call-ID", "mallory"),
            ("CSeq", "%d REGISTER" % number), ("Contact", "<%s>" % mallory.contact), ("Expires", str(expires))])
        r = mallory.expect_reply("REGISTER")
        check("a REGISTER of a stranger is refused", r and r.code == 403, r and r.start)
    check("... and counted", wait(lambda: counter("registers_untrusted") == 2), counter("registers_untrusted"))
    check("... and nothing is known of the user", "404" in user(ALICE), user(ALICE))
    mallory.request("NOTIFY", "sip:vcc@127.0.0.6:5060", [
        ("From", "<%s>;tag=m" % ALICE), ("To", "<sip:vcc@127.0.0.6:5060>;tag=x"), ("Call-ID", "00000001deadbeef"),
        ("CSeq", "1 NOTIFY"), ("Event", "reg"), ("Subscription-State", "active"), ("Contact", "<%s>" % mallory.contact)])
    r = mallory.expect_reply("NOTIFY")
    check("a NOTIFY of no dialog of ours gets 481", r and r.code == 481, r and r.start)
    mallory.sock.close()


def first(scscf):
    """A registration with all that the S-CSCF can tell."""
    body, kind = multipart(("application/3gpp-ims+xml", service_info("domain-preference: terminating=cs-preferred; precedence=user")),
                           ("message/sip", phones_register(wish="ims-preferred")),
                           ("message/sip", the_200(["<%s>;expires=540000;%s;reg-id=1" % (PHONE, INSTANCE)])))
    r = scscf.told(ALICE, 540000, [
        ("P-Access-Network-Info", "3GPP-UTRAN-TDD;utran-cell-id-3gpp=234151D0FCE11"), ("P-Visited-Network-ID", '"visited1.net"'),
        ("P-Charging-Vector", 'icid-value="AyretyU0dm+6O2IrT5tAFrbHLso=023551024";orig-ioi="Type 3home1.net"'),
        ("P-Charging-Function-Addresses", "ccf=192.0.8.1; ecf=192.0.8.3")], body, content=kind)
    check("the answer has the same expiry", r and r.code == 200 and r.get("Expires") == "540000", r and r.headers)
    check("... in the Contact of the S-CSCF, too", r and r.get("Contact") == "<%s>;expires=540000" % scscf.contact)
    check("... one Via, and nothing of a registrar", r and len(r.all("Via")) == 1 and not r.get("Service-Route")
          and not r.get("Path") and not r.get("P-Associated-URI"), r and r.headers)
    u = user(ALICE)
    for name, value in (("state", "registered"), ("scscf", scscf.contact), ("visited", "visited1.net"),
                        ("icid", "AyretyU0dm+6O2IrT5tAFrbHLso=023551024"), ("orig_ioi", "Type 3home1.net"),
                        ("charging_functions", "ccf=192.0.8.1; ecf=192.0.8.3"), ("wish", "ims-preferred"),
                        ("wish_source", "phone"), ("wish_version", "7"), ("service_info_wish", "cs-preferred"),
                        ("private_identity", "user1_private@home1.net"), ("reg_id", "1"),
                        ("access", "3GPP-UTRAN-TDD;utran-cell-id-3gpp=234151D0FCE11"),
                        ("instance", "<urn:uuid:00000000-0000-4000-8000-00000000000a>")):
        check("stored: %s" % name, field(u, name) == value, field(u, name))
    check("stored: how long", 539000 < int(field(u, "told_for_s") or 0) <= 540000, field(u, "told_for_s"))
    check("stored: the implicit set", field(user(ALICE2), "user") == ALICE and field(user("tel:+1-212-555-1111"), "user") == ALICE)
    check("event_route[vcc:registered] has run", wait(lambda: logged("VCC registered %s access=3GPP-UTRAN-TDD visited=visited1.net" % ALICE)))
    s = scscf.subscribed(ALICE)
    check("the reg event is subscribed to", s and s.get("Event") == "reg" and s.get("P-Asserted-Identity") == "<sip:vcc@127.0.0.6:5060>"
          and s.get("From").startswith("<sip:vcc@127.0.0.6:5060>"), s and s.headers)
    return Watch(scscf, s)


def reconciled(scscf, watch):
    other = "sip:10.2.0.10:5060"
    check("a first document is applied", watch.notify([(PHONE.replace("&", "&amp;"), "active", "registered", 540000),
                                                       (other, "active", "registered", 1000, {"+sip.instance": '"&lt;urn:uuid:b&gt;"', "audio": ""})],
                                                      aor=[ALICE, ALICE2]) == 200)
    check("... its contacts are known", other in user(ALICE) and user(ALICE).count("seen_in_reg_event: yes") == 2, user(ALICE))
    r = scscf.told(ALICE, 0)
    check("an end is told", r and r.code == 200 and r.get("Expires") == "0", r and r.headers)
    s = scscf.expect(lambda m: m.method == "SUBSCRIBE" and m.tag("To") == "watch")
    check("... the reg event is asked in its dialog", s is not None and s.cseq == 2)
    check("... and until it answers the user stays", state(ALICE) == "doubtful", state(ALICE))
    watch.answer(s)
    check("a contact lives: he has not gone", watch.notify([(PHONE, "terminated", "unregistered", 0), (other, "active", "refreshed", 1000)],
                                                         aor=[ALICE, ALICE2]) == 200 and state(ALICE) == "registered", state(ALICE))
    check("... the one that ended is not there", "5555::aaa" not in user(ALICE))
    check("a repeated version is discarded", watch.notify([(other, "terminated", "expired", 0)], version=1) == 200 and state(ALICE) == "registered")
    check("an older number is refused", watch.notify([], cseq=1) == 500)
    watch.cseq = 10
    check("another tag is not our dialog", watch.notify([], tag="evil") == 481)
    check("what is no document is refused", watch.notify([], body="<reginfo") == 400)
    check("a document about others changes nothing", watch.notify([("sip:x@y", "active", "registered", 9)], aor="sip:bob@home1.net", version=5, full=False) == 200
          and "sip:x@y" not in user(ALICE))
    s = scscf.expect(lambda m: m.method == "SUBSCRIBE" and m.tag("To") == "watch")
    check("a gap in the versions: all is asked for", s is not None)
    watch.answer(s)
    check("the last contact ends: he has gone", watch.notify([(other, "terminated", "expired", 0)], aor=[ALICE, ALICE2], version=6) == 200
          and state(ALICE) == "not-registered", state(ALICE))
    check("event_route[vcc:deregistered] has run", wait(lambda: logged("VCC not registered %s: reg event" % ALICE)))
    check("what he wishes is kept", field(user(ALICE), "wish") == "ims-preferred")


def doubts_end(scscf):
    """Nobody answers about an end that was told."""
    scscf.told("sip:doubt@home1.net", 600)
    Watch(scscf, scscf.subscribed("sip:doubt@home1.net"))
    scscf.told("sip:doubt@home1.net", 0)
    check("an end that nobody denies", wait(lambda: state("sip:doubt@home1.net") == "not-registered", 8), state("sip:doubt@home1.net"))
    check("... and it is said why", wait(lambda: logged("VCC not registered sip:doubt@home1.net: no word")))
    scscf.told("sip:deaf@home1.net", 600)
    s = scscf.subscribed("sip:deaf@home1.net")
    scscf.reply(s, 403, "Forbidden", tag="x")
    again = scscf.subscribed("sip:deaf@home1.net")
    check("a refused SUBSCRIBE is tried again", again and again.get("Call-ID") != s.get("Call-ID"))
    scscf.reply(again, 489, "Bad Event", tag="x")
    check("... and he is registered all the same", state("sip:deaf@home1.net") == "registered")
    check("the end of an unknown user", scscf.told("sip:nobody@home1.net", 0).code == 200 and "404" in user("sip:nobody@home1.net"))


def lapses(scscf):
    scscf.told("sip:lapse@home1.net", 2)
    check("he is there", state("sip:lapse@home1.net") == "registered")
    check("a registration ends by itself", wait(lambda: state("sip:lapse@home1.net") == "not-registered", 8))


def order(scscf):
    bob = "sip:bob@home1.net"
    check("a number", scscf.told(bob, 600, cseq=7).code == 200)
    r = scscf.told(bob, 0, cseq=6)
    check("an older one is refused, and changes nothing", r.code == 500 and state(bob) == "registered", r.start)
    check("the same again is answered", scscf.told(bob, 0, cseq=7).code == 200 and state(bob) == "registered")
    r = scscf.told(bob, 700, call="another")
    check("another Call-ID has numbers of its own", r.code == 200 and int(field(user(bob), "told_for_s")) > 600)


def odd(scscf):
    r = scscf.told("sip:odd@home1.net", None)
    check("no expiry: 400", r and r.code == 400, r and r.start)
    r = scscf.told("http://odd", 600)
    check("To is no identity: 400", r and r.code == 400, r and r.start)
    r = scscf.told("sip:odd@home1.net", 600, body="--b\r\n\r\nx", content="multipart/mixed;boundary=b")
    check("a multipart that is not closed: 400", r and r.code == 400, r and r.start)
    r = scscf.told("sip:odd@home1.net", 600, body="rubbish", content="message/sip")
    check("a copy that is no message: 400", r and r.code == 400, r and r.start)
    check("nothing is known of him", "404" in user("sip:odd@home1.net"))
    body, kind = multipart(("message/sip", phones_register(wish="<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>")))
    r = scscf.told(ALICE, 600, body=body, content=kind)
    check("a preference that cannot be read: the registration stands", r and r.code == 200 and state(ALICE) == "registered")
    check("... and the old one", field(user(ALICE), "wish") == "ims-preferred" and field(user(ALICE), "wish_ignored") == "yes")
    check("... counted and logged", counter("wishes_ignored") >= 1 and logged("the domain preference of %s is ignored" % ALICE))
    body, kind = multipart(("message/sip", phones_register(wish="x" * 5000)))
    check("5,000 octets of preference", scscf.told(ALICE, 600, body=body, content=kind).code == 200 and field(user(ALICE), "wish") == "ims-preferred")
    body, kind = multipart(("message/sip", phones_register(wish="default")))
    check("default takes it away", scscf.told(ALICE, 600, body=body, content=kind).code == 200 and field(user(ALICE), "wish") == "default")
    r = scscf.told(ALICE, 600, body=phones_register(params='+u.example.domain-preference="cs-only"'), content="message/sip")
    check("a tag of the Contact", r.code == 200 and field(user(ALICE), "wish") == "cs-only", field(user(ALICE), "wish"))
    check("by RPC", "ims-only" in rpc("vcc.wish", ALICE, "ims-only") and field(user(ALICE), "wish_source") == "rpc")
    check("by HTTP", http("vcc.wish", ALICE, "cs-preferred") == (200, "cs-preferred") and field(user(ALICE), "wish") == "cs-preferred", http("vcc.wish", ALICE, "cs-preferred"))
    check("... wrong there is wrong", http("vcc.wish", ALICE, "maybe")[0] == 400, http("vcc.wish", ALICE, "maybe"))
    check("... and only from this machine", http("vcc.wish", ALICE, "cs-only", source="127.0.0.66")[0] == 403 and field(user(ALICE), "wish") == "cs-preferred")
    check("what is no wish is refused", "400" in rpc("vcc.wish", ALICE, "maybe"))
    check("CS by RPC", "attached" in rpc("vcc.cs", ALICE, "attached") and field(user(ALICE), "cs") == "attached")


def table_11(scscf):
    """The header fields of the contribution's table A.3.2.2-11: the phone's."""
    scscf.request("REGISTER", "sip:scscf1.home1.net", [
        ("Via", "SIP/2.0/UDP icscf1_p.home1.net;branch=z9hG4bK351g45.1, SIP/2.0/UDP [5555::aaa:bbb:ccc:ddd]:1357;comp=sigcomp;branch=z9hG4bKnashds7"),
        ("P-Access-Network-Info", "3GPP-UTRAN-TDD; utran-cell-id-3gpp=234151D0FCE11"), ("Path", "<sip:term@pcscf1.visited1.net;lr>"),
        ("Require", "path"), ("P-Visited-Network-ID", '"Visited Network Number 1"'), ("P-Charging-Vector", 'icid-value="x"'),
        ("From", "<sip:seed@home1.net>;tag=4fa3"), ("To", "<sip:seed@home1.net>"), ("Contact", "<%s>;expires=600000" % PHONE),
        ("Call-ID", "apb03a0s09dkjdfglkj49111"), ("Authorization", 'Digest username="seed_private@home1.net", realm="r", nonce="n", uri="u", response="r"'),
        ("CSeq", "3 REGISTER"), ("Supported", "path")])
    r = scscf.expect_reply("REGISTER")
    u = user("sip:seed@home1.net")
    check("table 11 as it stands is understood", r and r.code == 200 and r.get("Contact") == "<%s>;expires=600000" % PHONE, r and r.headers)
    check("... its Contact is the phone's", PHONE in u and field(u, "private_identity") == "seed_private@home1.net"
          and field(u, "visited") == "Visited Network Number 1", u)


def restarts(scscf):
    carol = "sip:carol@home1.net"
    body, kind = multipart(("message/sip", phones_register(aor=carol, wish="cs-only")), ("message/sip", the_200(
        ["<%s>;expires=5000" % PHONE], (carol, "tel:+49111"))))
    scscf.told(carol, 5000, body=body, content=kind)
    watch = Watch(scscf, scscf.subscribed(carol))
    watch.notify([(PHONE, "active", "registered", 5000)])
    scscf.told("sip:brief@home1.net", 3)
    before = user(carol)
    stop("KILL")
    time.sleep(3)
    start()
    after = user(carol)
    check("a killed server knows its users again", all(field(before, n) == field(after, n) for n in (
        "user", "state", "scscf", "wish", "uri", "private_identity", "reg_event", "reg_event_version")), (before, after))
    check("... for as long as they were told", int(field(before, "told_for_s")) - 120 < int(field(after, "told_for_s")) <= int(field(before, "told_for_s")) - 3)
    check("... the tel: identity, too", field(user("tel:+49111"), "user") == carol)
    check("... who has lapsed meanwhile is gone", wait(lambda: state("sip:brief@home1.net") == "not-registered", 8))
    check("the subscription goes on", watch.notify([(PHONE, "terminated", "expired", 0)]) == 200 and state(carol) == "not-registered")
    restart()
    check("a restart in order, too", state(carol) == "not-registered" and field(user(carol), "wish") == "cs-only")


def many(scscf):
    """More users than there is room for."""
    room = int(field(rpc("vcc.stats"), "max_users"))
    codes = {}
    for i in range(room + 5):
        r = scscf.told("sip:many%d@home1.net" % i, 3600)
        codes[r.code if r else None] = codes.get(r.code if r else None, 0) + 1
    check("users beyond the bound are refused", codes.get(503, 0) >= 5 and codes.get(200, 0) > room - 20, codes)
    check("... and counted", counter("registers_full") == codes.get(503), counter("registers_full"))
    check("those who had gone made room", "404" in user("sip:doubt@home1.net"))


def chapters():
    scscf = Scscf()
    strangers(scscf)
    watch = first(scscf)
    reconciled(scscf, watch)
    doubts_end(scscf)
    lapses(scscf)
    order(scscf)
    odd(scscf)
    table_11(scscf)
    restarts(scscf)
    many(scscf)
    scscf.sock.close()
