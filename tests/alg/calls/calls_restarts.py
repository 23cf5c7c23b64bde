# SPDX-License-Identifier: GPL-2.0-or-later
"""Gateways and P-CSCFs that die, and what a phone has announced."""
import os
import signal
import socket
import ssl
import subprocess
import time

from bodies import KEY, KEY2, audio, bfcp, msrp, sdes, sdp
from checks import P, SECRETS, check, ends, ends_one, hold
from play import at, call, leaks
from sip import enter
from ua import CORE, Ua


@check
def no_gateway(w, phone):
    """no gateway, then one that dies in mid-call"""
    c = call(w, phone)
    c.up(sdp("p", P, sdes()), sdp("far", CORE, audio(50000)))
    c2 = call(w, phone)
    c2.begin(sdp("p", P, sdes()))
    c2.answer("183 Session Progress", sdp("far", CORE, audio(50000)))
    used = [n for n in (0, 1) if w.contexts(n)]
    for n in used:
        w.gateway_kill(n)
    byes = [phone.request("BYE", c.a.call_id), w.core.request("BYE", c.a.call_id)]
    w.ok(all("Reason: SIP;cause=503" in b.text for b in byes), "the gateway of a call dies: BYE with a Reason to both", byes[0].text)
    r = c2.a.got("INVITE", 300)
    c2.a.ack_refused(r)
    w.ok(r.code in (500, 503) and "Reason: Q.850;cause=47" in r.text, "an early call is refused", r.text)
    c2.callee.request("CANCEL", c2.a.call_id)
    c2.callee.answer(c2.invite, "487 Request Terminated")
    for n in (0, 1):
        if n in w.gateways:
            w.gateway_kill(n)
    w.until(lambda: w.rpc("alg.gateways").count("state: down") == 2, "both are down")
    c = call(w, phone)
    c.offer(sdp("p", P, sdes()))
    r = c.a.got("INVITE", 300)
    c.a.ack_refused(r)
    w.ok(r.code == 503 and "Retry-After:" in r.text, "no gateway: 503 with Retry-After", r.text)
    w.up()
    c = call(w, phone)
    c.up(sdp("p", P, sdes()), sdp("far", CORE, audio(50000)))
    ends(w, c, "the gateways are there again")


def restart(w, *defines):
    w.stop()
    w.start(*defines)
    w.until(lambda: w.rpc("alg.gateways").count("state: up") == 2, "both gateways")


MANY, SOON_S = 100, 5


@check
def many_calls(w, phone):
    """a gateway dies under many calls, with the times that come with the module: all are told within 5 s"""
    restart(w, "DEFAULT_TIMES")
    phone.register()
    w.rpc("alg.drain", "agw1")
    calls = [call(w, phone) for _ in range(MANY)]
    for c in calls:
        c.up(sdp("p", P, sdes()), sdp("far", CORE, audio(50000)))
    w.rpc("alg.undrain", "agw1")
    w.ok(w.contexts(0) == MANY, "%d calls at one gateway" % MANY, str(w.contexts(0)))
    names = {c.a.call_id for c in calls}

    def byes(ua):
        return ua.look(lambda m: m.method == "BYE" and not m.code and m.call_id in names and "Reason: SIP;cause=503" in m.text)
    w.gateway_kill(0)
    killed_at, first = time.monotonic(), []

    def told():
        n = len(byes(phone)) + len(byes(w.core))
        if n and not first:
            first.append(time.monotonic() - killed_at)
        return n >= 2 * MANY
    w.until(told, "BYE to both ends of all")
    last = time.monotonic() - killed_at
    w.ok(last < SOON_S, "BYE with a Reason to both ends of all, the first after %.2f s, the last after %.2f s" % (first[0], last))
    w.ok({m.call_id for m in byes(phone)} == names == {m.call_id for m in byes(w.core)}, "to each once")
    w.gateway(0)
    w.until(lambda: w.rpc("alg.gateways").count("state: up") == 2, "both gateways")
    w.until(lambda: not w.total(), "calls")
    restart(w)
    phone.register()


# ---- who has announced what ----

def registered(w, name, address, *media):
    ua = Ua(w, name, address)
    got = ua.register("".join("Security-Client: %s;mediasec\r\n" % m for m in media) + ("Proxy-Require: mediasec\r\n" if media else ""))
    return ua, got


@check
def announced(w, phone):
    """e2ae for those who announced it at registration, each mechanism by itself"""
    restart(w, "ANNOUNCED")
    phone.register()
    chat, got = registered(w, "chat", "10.1.0.12", "msrp-tls", "bfcp-tls")
    w.ok(got.one("Security-Server") == "sdes-srtp;mediasec, msrp-tls;mediasec, bfcp-tls;mediasec", "the P-CSCF says what it can", got.text)
    q = chat.address
    c = call(w, phone)
    c.offer(sdp("p", P, sdes(requested=True)))
    r = c.a.got("INVITE", 300)
    c.a.ack_refused(r)
    w.ok(r.code == 488 and "not announced" in r.text, "e2ae that was not announced is refused", r.text)
    c = call(w, phone)
    i, ok = c.up(sdp("p", P, sdes()), sdp("far", CORE, sdes(50000, KEY2)))
    w.ok("SAVP" in i.body and KEY in i.body and KEY2 in ok.body and P not in i.body, "SDES that nobody asks to end passes end to end")
    ends(w, c, "end to end")
    c = call(w, phone, False)
    i, ok = c.up(sdp("far", CORE, audio(50000)), sdp("p", P, audio()))
    w.ok("RTP/AVP" in i.body and "3ge2ae" not in i.body, "who announced nothing is offered nothing")
    ends(w, c, "plain", False)
    c = call(w, chat)
    i, ok = c.up(sdp("c", q, msrp(q, tls=True, requested=True)), sdp("far", CORE, msrp(CORE, setup="active")))
    w.ok("TCP/MSRP" in i.body and not leaks(i.body, *SECRETS), "who announced msrp-tls has it")
    ends(w, c, "chat of the phone")
    c = call(w, chat, False)
    i, ok = c.up(sdp("far", CORE, audio(50000), msrp(CORE), bfcp()), sdp("c", q, audio(), msrp(q, tls=True, setup="active"), bfcp(tls=True, setup="active")))
    w.ok("RTP/AVP" in i.body and "TCP/TLS/MSRP" in i.body and "TCP/TLS/BFCP" in i.body and i.body.count("3ge2ae:applied") == 2,
         "chat and floor control are offered over TLS, voice is not", i.body)
    ends(w, c, "three kinds", False)
    chat.register("Security-Client: bfcp-tls;mediasec\r\n")
    c = call(w, chat, False)
    i = c.begin(sdp("far", CORE, msrp(CORE)))
    w.ok("TCP/MSRP" in i.body, "a new registration that announces less counts")
    c.a.ack_refused(c.answer("486 Busy Here"))
    c.gone()
    chat.close()


@check
def unprotected(w, phone):
    """keys over signalling that nobody protects are not taken"""
    restart(w, "ANNOUNCED", "PROTECTED")
    chat, _ = registered(w, "chat", "10.1.0.12", "msrp-tls", "sdes-srtp")
    c = call(w, chat)
    c.offer(sdp("c", chat.address, sdes(requested=True)))
    r = c.a.got("INVITE", 300)
    c.a.ack_refused(r)
    w.ok(r.code == 488 and "protected signalling" in r.text, "488 says so", r.text)
    chat.close()
    restart(w)
    phone.register()


def written(w, n):
    """What outlives a kill is written behind the answer: so many calls have their file."""
    w.until(lambda: sum(f.endswith(".call") for f in files(w)) == n, "%d calls are in their files" % n)


def killed(w):
    """kill -9 of all its processes, and the start of another one."""
    w.kill()
    w.start("STATE")
    w.until(lambda: w.rpc("alg.gateways").count("state: up") == 2, "both gateways")


def wrong_certificate(w, to):
    """A TLS handshake from the phone's address with a certificate that nobody has named; its end."""
    pem = w.dir + "/wrong.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=x", "-days", "1", "-keyout", pem, "-out", pem + ".crt"],
                   check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.load_cert_chain(pem + ".crt", pem)
    enter("peers")
    s, far = socket.socket(), socket.socket()
    enter("net")
    # the gateway connects the far end first
    far.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    far.bind((CORE, 2855))
    far.listen()
    s.bind((P, 0))
    s.settimeout(10)
    s.connect(to)
    try:
        with context.wrap_socket(s) as t:
            t.recv(1)
    except OSError:
        pass
    far.close()


@check
def wrong_certificates(w, phone):
    """a TLS handshake that fails: told, and where it is wanted the call ends"""
    for define, ends_it in ((), False), (("TLS_ENDS",), True):
        restart(w, *define)
        phone.register()
        c = call(w, phone)
        _, ok = c.up(sdp("p", P, msrp(P, tls=True, setup="active")), sdp("far", CORE, msrp(CORE, setup="passive")))
        wrong_certificate(w, at(ok.body, "message"))
        w.until(lambda: w.counter("tls_failures") > 0, "the failure is told")
        if not ends_it:
            w.ok(w.total() == 1 and w.contexts() == 1, "the call goes on")
            ends(w, c, "a failure that is told")
            continue
        byes = [phone.request("BYE", c.a.call_id), w.core.request("BYE", c.a.call_id)]
        w.ok(all("Reason: SIP;cause=488" in b.text for b in byes), "BYE with a Reason to both ends", byes[0].text)
        c.gone()
    restart(w)
    phone.register()


@check
def outlives(w, phone):
    """calls outlive a kill -9 of the P-CSCF, and what was not agreed yet leaves nothing"""
    restart(w, "STATE")
    phone.register()
    c, d, e = call(w, phone), call(w, phone, False), call(w, phone)
    i, ok = c.up(sdp("p", P, sdes()), sdp("far", CORE, audio(50000)))
    d.up(sdp("far", CORE, msrp(CORE)), sdp("p", P, msrp(P, tls=True, setup="active")))
    e.begin(sdp("p", P, sdes()))
    e.answer("183 Session Progress", sdp("far", CORE, audio(50000)))
    w.until(lambda: len([f for f in files(w) if f.endswith(".context")]) == 3, "the files of three contexts")
    written(w, 2)
    with open(w.dir + "/state/ims_alg/00000000000fffff.call", "w") as f:
        f.write("nonsense")
    killed(w)
    w.ok(not os.path.exists(f.name), "a file that cannot be read is removed")
    w.ok(w.total() == 2, "two calls are known again, the early one is not", str(w.total()))
    w.until(lambda: w.contexts() == 2, "two contexts")
    w.ok(w.counter("contexts_lost") == 0, "its context is subtracted, theirs are kept")
    hold(w, c, i, ok, "hold: the same addresses, the same key")
    ends_one(w, d, 1, "BYE after the restart")
    killed(w)
    w.ok(w.total() == 1 and w.contexts() == 1, "after another one the call that is left is known")
    used = [n for n in (0, 1) if w.contexts(n)][0]
    w.gateway_kill(used)
    byes = [phone.request("BYE", c.a.call_id), w.core.request("BYE", c.a.call_id)]
    w.ok(all("Reason: SIP;cause=503" in b.text for b in byes), "its gateway dies: BYE to both ends")
    w.gateway(used)
    w.until(lambda: not w.total(), "calls")
    w.ok(not [f for f in os.listdir(w.dir + "/state/ims_alg") if not f.endswith(".mark")], "no file is left")
    w.until(lambda: w.rpc("alg.gateways").count("state: up") == 2, "both gateways")


def files(w):
    return [f for f in os.listdir(w.dir + "/state/ims_alg") if not f.endswith(".mark")]


def byes_of(ua, c):
    return ua.look(lambda m: m.method == "BYE" and not m.code and m.call_id == c.a.call_id)


def lose_gateways(w):
    for n in list(w.gateways):
        w.gateway_kill(n)


@check
def ends_survive(w, phone):
    """a P-CSCF that is killed before it could say BYE says it when it is back, but not to who has answered"""
    restart(w, "STATE")
    phone.register()
    calls = [call(w, phone), call(w, phone, False)]
    calls[0].up(sdp("p", P, sdes()), sdp("far", CORE, audio(50000)))
    calls[1].up(sdp("far", CORE, msrp(CORE)), sdp("p", P, msrp(P, tls=True, setup="active")))
    w.until(lambda: len([f for f in files(w) if f.endswith(".call")]) == 2, "two files")
    # the end is decided, and those who would say it do not run
    workers = w.processes("ims_alg worker")
    w.ok(workers, "the workers have a name", w.rpc("core.psx"))
    for p in workers:
        os.kill(p, signal.SIGSTOP)
    lose_gateways(w)
    w.until(lambda: w.rpc("alg.calls").count("state: ended") == 2, "both calls end")
    w.wire.pump(lambda: False, 0.5)
    ends_of = [(ua, c) for ua in (phone, w.core) for c in calls]
    w.ok(not any(byes_of(ua, c) for ua, c in ends_of), "their BYEs are queued, none is said")
    w.ok(len([f for f in files(w) if f.endswith(".call")]) == 2, "both have their files still", " ".join(files(w)))
    w.kill()
    w.up_gateways()
    w.start("STATE")
    byes = [ua.request("BYE", c.a.call_id) for ua, c in ends_of]
    w.ok(all("Reason: SIP;cause=503" in b.text for b in byes), "killed and back: BYE to all four ends, with its Reason", byes[0].text)
    w.until(lambda: not files(w) and not w.total(), "files or calls are left")
    w.ok(all(len(byes_of(ua, c)) == 1 for ua, c in ends_of), "to each once, and then no file is left")
    w.until(lambda: w.rpc("alg.gateways").count("state: up") == 2, "both gateways")
    # one end answers, the other one does not
    c = call(w, phone)
    c.up(sdp("p", P, sdes()), sdp("far", CORE, audio(50000)))
    del phone.auto["BYE"]
    lose_gateways(w)
    phone.request("BYE", c.a.call_id)
    w.core.request("BYE", c.a.call_id)
    w.until(lambda: w.story(c.a.call_id).count("is not answered yet") == 1, "the core's answer")
    w.ok("BYE to the caller is not answered yet" in w.story(c.a.call_id), "it is known which end has not answered", w.story(c.a.call_id))
    w.wire.pump(lambda: False, 0.6)
    w.kill()
    w.up_gateways()
    w.start("STATE")
    w.rpc("cfg.set_now_int", "tm", "fr_timer", 3000)
    again = phone.request("BYE", c.a.call_id)
    w.ok("Reason: SIP;cause=503" in again.text, "killed and back: BYE again to who has not answered", again.text)
    w.ok(len(files(w)) == 1, "its file waits for the answer", " ".join(files(w)))
    w.until(lambda: not files(w) and not w.total(), "files or calls are left")
    w.ok(len(byes_of(w.core, c)) == 1, "to who has answered not again; who never answers is given up")
    phone.auto["BYE"] = "200 OK"
    restart(w)
    phone.register()


@check
def both_die(w, phone):
    """P-CSCF and gateway die together: who is there is told when they are back"""
    restart(w, "STATE")
    phone.register()
    c = call(w, phone)
    c.up(sdp("p", P, sdes()), sdp("far", CORE, audio(50000)))
    written(w, 1)
    for n in (0, 1):
        w.gateway_kill(n)
    w.kill()
    w.up_gateways()
    w.start("STATE")
    byes = [phone.request("BYE", c.a.call_id), w.core.request("BYE", c.a.call_id)]
    w.ok(all("Reason: SIP;cause=503" in b.text for b in byes), "BYE with a Reason to both ends", byes[0].text)
    w.until(lambda: w.rpc("alg.gateways").count("state: up") == 2, "both gateways")
    c.gone()
    restart(w)
    phone.register()
