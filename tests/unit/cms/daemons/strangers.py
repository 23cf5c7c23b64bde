#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""strangers.py BUILD FOLDER   Who has no business here: wrong tokens and certificates, users of others, replays, guesses, bodies
that are none. Each is refused, counted, and in the audit trail where somebody is known by name."""
import base64
import json
import socket
import ssl
import threading
import time

import systems as s
from systems import BOB, CONNECTIONS, GRANTS, access, check, ctl, peer, token, ue, wish

s.certificates()
s.configure("home1")
s.configure("partner1", partner_more="hour_max 40")
home, partner = s.start("home1"), s.start("partner1")
s.add_users()


def counted(which, system, n, do):
    before = s.counter(system, which)
    do()
    check("%s of %s" % (which, system), s.counter(system, which) == before + n, s.counter(system, which) - before)


def tokens():
    now = int(time.time())
    check("RS256", ue("GET", CONNECTIONS).status == 200)
    check("ES256", ue("GET", CONNECTIONS, tok=token(alg="ES256", key="idms-ec.key")).status == 200)
    check("30 s of skew", ue("GET", CONNECTIONS, tok=token(exp=now - 25)).status == 200)
    good = token()
    head, claims, sig = good.split(".")
    eve = base64.urlsafe_b64encode(json.dumps({"mcptt_id": BOB}).encode()).rstrip(b"=").decode()
    wrong = {"none": "", "over": token(exp=now - 40), "of another issuer": token(iss="https://evil.net"),
             "for another": token(aud="x"), "alg none": token(alg="none"), "HMAC with the public key": token(alg="HS256"),
             "of a stranger": token(key="stranger.key"), "not yet": token(nbf=now + 60), "without exp": token(exp=None),
             "changed": ".".join([head, eve, sig]), "cut": good[:-8]}
    for what, tok in wrong.items():
        a = ue("GET", CONNECTIONS, tok=tok)
        # ten from one address in a minute, then he is told to wait; good ones count all the same
        check("token " + what, a.status in (401, 429), a.status)
        check("and how to ask", a.status == 429 or a.headers["WWW-Authenticate"].startswith("Bearer"))
    check("too many", ue("GET", CONNECTIONS, tok="x.y.z").status == 429)
    check("a good one counts", ue("GET", CONNECTIONS).status == 200)
    check("another scope", ue("GET", CONNECTIONS, tok=token(scope="openid")).status == 403)
    check("counted", s.counter("home1", "csc4_wrong_tokens") >= len(wrong))
    check("for another user", ue("POST", CONNECTIONS, wish(BOB)).status == 403)
    check("in the trail", "mcServiceId of another" in ctl("home1", "audit"))
    check("no wiser about paths", ue("GET", "/none", tok="x").status in (401, 429) and ue("GET", "/none").status == 404)


def refused_certificate(cert):
    try:
        return peer("POST", GRANTS, access(), cert=cert).status == 403
    except (ssl.SSLError, OSError):
        return False


def certificates():
    here = s.counter("partner1", "here")
    for cert, which in ((None, "no_certificate"), ("foreign", "foreign_certificate"), ("other-name", "foreign_certificate"),
                        ("expired", "expired_certificate"), ("csc4", "foreign_certificate")):
        counted("peer_" + which, "partner1", 1, lambda c=cert: check("certificate %s" % c, refused_certificate(c)))
    trail = ctl("partner1", "audit")
    for text in ("no client certificate came", "the certificate is of no partner", "the certificate is over"):
        check(text, text in trail, trail)
    check("nothing was given", s.counter("partner1", "here") == here)
    # we do not speak to a partner that cannot prove to be it either
    s.stop(partner)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(s.path("foreign.pem"), s.path("foreign.key"))
    listener = socket.create_server(("127.0.0.1", s.PEERS["partner1"]))
    listener.settimeout(10)
    heard = []

    def serve():
        try:
            c, _ = listener.accept()
            heard.append(context.wrap_socket(c, server_side=True).recv(100))
        except (ssl.SSLError, OSError):
            pass

    t = threading.Thread(target=serve)
    t.start()
    a = ue("POST", CONNECTIONS, wish(BOB), tok=token(BOB))
    t.join(15)
    listener.close()
    check("an impostor is told nothing", a.status == 504 and not any(heard), (a.status, heard))


def bodies():
    for what, body in (("no JSON", "{"), ("an array", []), ("twice", '{"messageId":"a","messageId":"b"}'),
                       ("must", access(mustUnderstand=1)), ("deep", "[" * 30000 + "]" * 30000),
                       ("no time", access(issuedAt="now")), ("no such time", access(issuedAt="2026-02-30T00:00:00Z")),
                       ("decorated", access(privateIdentity="home1.net!x@out.home1.net")),
                       ("five", access(publicIdentities=["sip:a@out.home1.net"] * 5)), ("NUL", access(messageId="a\0b")),
                       ("slashes", access(messageId="../../x")), ("long", access(mcServiceId="sip:%s@home1.net" % ("x" * 300)))):
        check("body with " + what, peer("POST", GRANTS, body).status == 400)
        check("UE's body with " + what, ue("POST", CONNECTIONS, body).status in (400, 403))
    check("too big", peer("POST", GRANTS, "x" * 70000).status == 413)
    check("of another type", s.ask(s.PEERS["partner1"], "POST", GRANTS, "x", {"Content-Type": "text/xml"}, cert="home1").status == 415)


def not_theirs():
    for what, body in (("system", access(primarySystemId="home2")), ("user", access(mcServiceId="sip:x@mc.other.net")),
                       ("identity", access(privateIdentity="x@other.net")), ("ours", access(privateIdentity="x@in.partner1.net")),
                       ("database", access(sipDatabase={"kind": "hss", "diameterHost": "hss.partner1.net",
                                                        "diameterRealm": "partner1.net"}))):
        counted("peer_not_yours", "partner1", 1, lambda b=body: check("another's " + what, peer("POST", GRANTS, b).status == 403))


def replays():
    body = access()
    first = peer("POST", GRANTS, body)
    check("granted", first.status == 201, first.body)
    again = peer("POST", GRANTS, body)
    check("the same again, no second identity", again.status == 200 and again.json["inbound"] == first.json["inbound"])
    check("one", s.counter("partner1", "here") == 1)
    check("another content", peer("POST", GRANTS, dict(body, ueInstanceId="urn:uuid:5")).status == 422)
    check("deleted", peer("DELETE", first.headers["Location"]).status == 204)
    check("twice", peer("DELETE", first.headers["Location"]).status == 204)
    check("over for ever", peer("POST", GRANTS, body).status == 410)
    check("old", peer("POST", GRANTS, access(issuedAt=s.stamp(-300))).status == 400)
    check("of the future", peer("POST", GRANTS, access(issuedAt=s.stamp(300))).status == 400)
    check("20 s are nothing", peer("POST", GRANTS, access(issuedAt=s.stamp(20))).status == 201)
    late = access()
    check("given up before it came", peer("DELETE", GRANTS + "/by-message/" + late["messageId"]).status == 204
          and peer("POST", GRANTS, late).status == 410)
    check("counted", s.counter("partner1", "peer_replayed") == 5, ctl("partner1", "status"))
    check("in the trail", " reused" in ctl("partner1", "audit") and " late" in ctl("partner1", "audit"))


def guesses():
    a = ue("POST", CONNECTIONS, wish())
    check("granted", a.status == 201, a.body)
    for guess in ("m" + "a" * 26, "../" + a.json["id"], a.json["id"][:-1] + ("3" if a.json["id"][-1] == "2" else "2"), "%00"):
        check("a guess", ue("GET", CONNECTIONS + "/" + guess).status in (400, 404))
        check("a partner's guess", peer("GET", GRANTS + "/" + guess).status in (400, 404))
    check("an event of another's grant", s.ask(s.PEERS["home1"], "POST", "/csc-17/v1/events", {"eventId": "e", "grantId": "m" * 27,
          "type": "withdrawn", "at": s.stamp()}, cert="partner1", ca="ca-home.pem").status == 404)
    check("it lives", ue("GET", a.headers["Location"]).status == 200)


def quota():
    statuses = [peer("POST", GRANTS, access()).status for _ in range(45)]
    check("no more than was agreed", 429 in statuses and statuses[-1] == 429, statuses)
    a = peer("POST", GRANTS, access())
    check("later", a.headers["Retry-After"] and s.counter("partner1", "peer_quota") > 0)
    b = ue("POST", CONNECTIONS, wish(BOB), tok=token(BOB))
    check("the user is told", b.status == 502 and b.headers["Retry-After"], b.body)


def raw(data, port):
    context = ssl.create_default_context(cafile=s.path("ca-home.pem"))
    with socket.create_connection(("127.0.0.1", port)) as c, context.wrap_socket(c, server_hostname="localhost") as t:
        t.sendall(data)
        t.settimeout(10)
        try:
            return t.recv(1000)
        except OSError:
            return b""


def smuggling():
    auth = b"Authorization: Bearer " + token().encode() + b"\r\n"
    for what, head in (("two lengths", b"Content-Length: 1\r\nContent-Length: 2\r\n"),
                       ("length and chunked", b"Content-Length: 1\r\nTransfer-Encoding: chunked\r\n"),
                       ("two tokens", auth)):
        got = raw(b"POST " + CONNECTIONS.encode() + b" HTTP/1.1\r\nHost: h\r\n" + auth + head + b"\r\nx", s.CSC4["home1"])
        check(what, b" 400 " in got, got)


tokens()
bodies()
not_theirs()
replays()
guesses()
quota()
smuggling()
certificates()
check("the audit trail", "each follows" in ctl("home1", "audit", "verify"))
s.stop(home)
s.end("strangers")
