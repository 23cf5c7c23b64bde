# SPDX-License-Identifier: GPL-2.0-or-later
"""
Plays phones and an S-CSCF around a real Kamailio with ims_flow and ims_seamless_pcscf, and looks at what it sends and
at its RPC. usage: story.py CTL-SOCKET RESTART-COMMAND [ROUNDS [CHAPTER...]]
"""
import re
import subprocess
import sys
import time

import stage
import strangers
from stage import (CTL, RESTART, ROUNDS, TAGS, TERMINATED, Phone, Subscription, check, connection, core, counter,
                   expect_subscribe, inactive, rpc, sessions, subscribed, wait)


def option_tags():
    p = Phone("tags", "127.0.0.21", 5101)
    p.register([("Require", "seamless-ims"), ("Proxy-Require", "sec-agree, x-unheard-of, seamless-ims")])
    r = p.expect_reply("REGISTER")
    check("an unknown tag in Proxy-Require gets 420", r and r.code == 420, r and r.start)
    check("... which names it", r and r.get("Unsupported") == "x-unheard-of", r and r.get("Unsupported"))
    p.register([("Require", "seamless-ims;x"), ("Proxy-Require", "seamless-ims")])
    r = p.expect_reply("REGISTER")
    check("a malformed Require gets 400", r and r.code == 400, r and r.start)
    p.register(TAGS, "<%s>, <sip:10.9.9.9:5060>;expires=60" % p.contact)
    r = p.expect_reply("REGISTER")
    check("a new contact of another connection gets 400", r and r.code == 400, r and r.start)
    p.register(TAGS, "<%s" % p.contact)
    r = p.expect_reply("REGISTER")
    check("a malformed Contact gets 400", r and r.code == 400, r and r.start)
    check("nothing of this reached the core", core.read(0.2) is None)
    check("and nothing is known of it", connection(p.contact) is None)
    p.sock.close()


def registration_and_watch():
    p = Phone("watch", "127.0.0.21", 5102)
    m = p.registered([("Require", "seamless-ims"), ("Proxy-Require", "seamless-ims, sec-agree")])
    check("the tag is not passed on in Proxy-Require", m and "seamless" not in "".join(m.all("Proxy-Require")))
    check("it stays in Require", m and "seamless-ims" in "".join(m.all("Require")))
    s = expect_subscribe()
    check("the P-CSCF subscribes after the 200", s is not None)
    check("... to the default identity, at the S-CSCF", s and s.uri == p.impu, s and s.uri)
    check("... to the reg event", s and s.get("Event") == "reg" and s.get("Accept") == "application/reginfo+xml")
    check("... with an asserted identity that stands in the Path",
          s and s.get("P-Asserted-Identity").strip("<>")[4:] in p.path, s and (s.get("P-Asserted-Identity"), p.path))
    sub = Subscription(s, p.impu)
    check("the first NOTIFY is answered 200", sub.notify([(p.contact, "active", "")], full=True) == 200)
    p.registered()
    s = expect_subscribe()
    check("registering again asks in the dialog whether it still stands",
          s and s.get("Call-ID") == sub.m.get("Call-ID") and s.tag("To") == "scscf", s and s.get("To"))
    core.reply(s, 200, "OK", [("Contact", "<sip:127.0.0.4:5060>"), ("Expires", "600000")])
    check("... and makes no second subscription", expect_subscribe(1.5) is None)
    check("a NOTIFY from outside the dialog is not ours", sub.notify([], call_id="guess") == 481)
    check("a NOTIFY with another tag gets 481", sub.notify([], tag="evil", version=99) == 481)
    check("a body that is no XML gets 400", sub.notify([], body="<reginfo") == 400)
    check("a declaration gets 400", sub.notify([], body='<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>') == 400)
    c = connection(p.contact)
    check("the connection is active after all this", c and c["state"] == "active", c)
    check("a gap in versions is answered 200", sub.notify([], version=7) == 200)
    s = expect_subscribe()
    check("... and full state is asked for in the dialog",
          s and s.get("Call-ID") == sub.m.get("Call-ID") and s.tag("To") == "scscf", s and s.get("To"))
    core.reply(s, 481, "Gone")
    old = sub
    s = expect_subscribe()
    check("a 481 makes a new subscription", s and s.get("Call-ID") != sub.m.get("Call-ID") and not s.tag("To"))
    sub = Subscription(s, p.impu)
    check("... whose versions start anew", sub.notify([(p.contact, "active", "")], full=True) == 200)
    check("... and the old dialog is no more", old.notify([], version=8) == 481)
    check("the network's de-registration is answered",
          sub.notify([], full=True, reg_state="terminated", state="terminated;reason=noresource") == 200)
    check("... and ends the connection", wait(lambda: connection(p.contact) is None))
    p.sock.close()


def call(phone, call_id, code=200):
    """An INVITE from the phone, answered by the core."""
    phone.request("INVITE", "sip:bob@home1.net", [
        ("From", "<%s>;tag=a" % phone.impu), ("To", "<sip:bob@home1.net>"), ("Call-ID", call_id), ("CSeq", "1 INVITE"),
        ("Contact", "<%s>" % phone.contact)])
    m = core.expect_request("INVITE")
    if m is None:
        return None
    core.reply(m, code, "X", [("Contact", "<sip:bob@127.0.0.4:5060>")], tag="b")
    r = phone.expect_reply("INVITE")
    return m if r and r.code == code else None


def in_dialog(phone, method, call_id, cseq, code=200):
    phone.request(method, "sip:bob@127.0.0.4:5060", [
        ("From", "<%s>;tag=a" % phone.impu), ("To", "<sip:bob@home1.net>;tag=b"), ("Call-ID", call_id),
        ("CSeq", "%d %s" % (cseq, method)), ("Contact", "<%s>" % phone.contact),
        ("Route", "<sip:127.0.0.11:5060;lr>")])
    m = core.expect_request(method)
    if m is None:
        return None
    core.reply(m, code, "X", [("Contact", "<sip:bob@127.0.0.4:5060>")])
    return phone.expect_reply(method)


def session_moves():
    wlan, lte = Phone("mover", "127.0.0.21", 5103), Phone("mover", "127.0.0.22", 5104)
    wlan.registered()
    _, sub = subscribed(wlan)
    check("a call over the first connection", call(wlan, "move-1") is not None)
    check("... is counted", sessions(wlan.contact, 1))
    lte.registered(contact="<%s>;expires=600, <%s>;expires=0" % (lte.contact, wlan.contact))
    check("a second connection does not end the first", connection(wlan.contact)["state"] == "active")
    sub.notify([(wlan.contact, "terminated", inactive(300)), (lte.contact, "active", "")])
    check("the first one is inactive", connection(wlan.contact)["state"] == "inactive")
    r = in_dialog(lte, "INVITE", "move-1", 2, 488)
    check("a refused move leaves the session", r and sessions(wlan.contact, 1))
    r = in_dialog(lte, "INVITE", "move-1", 3)
    check("the session moves by re-INVITE", r and sessions(lte.contact, 1))
    check("... and the first connection goes", wait(lambda: connection(wlan.contact) is None))
    check("... by that cause", wait(lambda: counter("drops_sessions_gone") == 1))
    r = in_dialog(lte, "BYE", "move-1", 4)
    check("the call ends on the second", r and sessions(lte.contact, 0))
    sub.notify([(lte.contact, "terminated", "")])
    check("without lingering the connection goes at once", wait(lambda: connection(lte.contact) is None))
    wlan.sock.close()
    lte.sock.close()


def lingering_ends():
    p = Phone("linger", "127.0.0.21", 5105)
    p.registered()
    _, sub = subscribed(p)
    call(p, "linger-1")
    sub.notify([(p.contact, "terminated", inactive(4))])
    check("held while it lingers", connection(p.contact)["state"] == "inactive")
    time.sleep(1.5)
    check("... still", connection(p.contact) is not None)
    check("dropped when lingering and grace are over", wait(lambda: connection(p.contact) is None))
    check("... by that cause", wait(lambda: counter("drops_linger_over") == 1))
    p.sock.close()
    p = Phone("linger2", "127.0.0.21", 5106)
    p.registered()
    _, sub = subscribed(p)
    call(p, "linger-2")
    sub.notify([(p.contact, "terminated", inactive(300))])
    sub.notify([(p.contact, "terminated", TERMINATED)])
    check("dropped when the S-CSCF says so", wait(lambda: connection(p.contact) is None))
    p.sock.close()


def to_the_phone():
    p = Phone("callee", "127.0.0.21", 5107)
    p.registered()
    _, sub = subscribed(p)
    core.request("INVITE", p.contact, [
        ("From", "<sip:bob@home1.net>;tag=x"), ("To", "<%s>" % p.impu), ("Call-ID", "mt-1"), ("CSeq", "1 INVITE"),
        ("Contact", "<sip:bob@127.0.0.4:5060>"), ("Route", "<%s>" % p.path)])
    m = p.expect_request("INVITE")
    check("a call to the phone arrives", m is not None)
    if m:
        check("... and counts while it rings", sessions(p.contact, 1))
        p.reply(m, 200, "OK", [("Contact", "<%s>" % p.contact)], tag="y")
        core.expect_reply("INVITE")
        check("... and when it is answered", sessions(p.contact, 1))
        core.request("BYE", p.contact, [
            ("From", "<sip:bob@home1.net>;tag=x"), ("To", "<%s>;tag=y" % p.impu), ("Call-ID", "mt-1"),
            ("CSeq", "2 BYE"), ("Route", "<%s>" % p.path)])
        core.expect_reply("BYE")  # nobody answers at the phone: tm's 408 ends the session all the same
        check("a BYE without answer ends the session", sessions(p.contact, 0))
    sub.notify([(p.contact, "terminated", "")])
    p.sock.close()


def own_end_with_session():
    p = Phone("ownend", "127.0.0.21", 5108)
    p.registered()
    _, sub = subscribed(p)
    call(p, "own-1")
    p.registered(expires=0)
    sub.notify([(p.contact, "terminated", inactive(300))])
    c = connection(p.contact)
    check("a phone that de-registers in a call becomes inactive", c and c["state"] == "inactive", c)
    check("... and its BYE passes", in_dialog(p, "BYE", "own-1", 2) is not None)
    check("... after which it is gone", wait(lambda: connection(p.contact) is None))
    p.sock.close()


def rings(phone):
    """A call from the core over the Path of the phone's registration reaches it."""
    core.request("INVITE", phone.contact, [
        ("From", "<sip:bob@home1.net>;tag=r"), ("To", "<%s>" % phone.impu), ("Call-ID", "rings-%d" % phone.port),
        ("CSeq", "1 INVITE"), ("Contact", "<sip:bob@127.0.0.4:5060>"), ("Route", "<%s>" % phone.path)])
    m = phone.expect_request("INVITE")
    if m is None:
        return False
    phone.reply(m, 486, "Busy Here", tag="y")
    r = core.expect_reply("INVITE")
    return r is not None and r.code == 486


def same_address():
    a, b, c = (Phone("same", "127.0.0.23", port) for port in (5111, 5112, 5113))
    a.registered()
    _, sub = subscribed(a)
    b.registered()
    sub.notify([(b.contact, "active", "")])
    check("a seamless REGISTER from the same address leaves the first connection", connection(a.contact) is not None)
    check("... which still rings", rings(a))
    check("... and so does the second", rings(b))
    a.registered()
    check("the first one can be refreshed", connection(a.contact)["state"] == "active" and rings(a))
    c.registered([])
    check("a REGISTER without the tag ends them (TS 33.203)", wait(
        lambda: connection(a.contact) is None and connection(b.contact) is None), rpc("seamless_pcscf.list"))
    check("... and stays itself", rings(c))
    sub.notify([(c.contact, "terminated", "")])
    wait(lambda: connection(c.contact) is None)
    for p in (a, b, c):
        p.sock.close()


def restart():
    p = Phone("restart", "127.0.0.21", 5109)
    p.registered()
    m, _ = subscribed(p)
    subprocess.run(RESTART, shell=True, check=True)
    s = expect_subscribe()
    check("after a restart the subscription is made again", s and s.uri == p.impu, s and s.uri)
    check("... with the same Contact", s and s.get("Contact") == m.get("Contact"))
    if s:
        sub = Subscription(s, p.impu)
        check("... and works", sub.notify([(p.contact, "active", "")], full=True) == 200)
        check("the connection is known", wait(lambda: connection(p.contact) is not None))
        sub.notify([(p.contact, "terminated", "")])
        wait(lambda: connection(p.contact) is None)
    p.sock.close()


def restart_while_lingering():
    """A connection that lingers when Kamailio is restarted lingers on, and no longer than it had to."""
    a, b = Phone("linger", "127.0.0.21", 5119), Phone("linger", "127.0.0.22", 5120)
    a.registered()
    _, sub = subscribed(a)
    b.registered()
    check("a NOTIFY with compact headers is one", sub.notify(
        [(a.contact, "terminated", inactive(30)), (b.contact, "active", "")], compact=True) == 200)
    check("... and is followed", wait(lambda: connection(a.contact)["state"] == "inactive"))
    subprocess.run(RESTART, shell=True, check=True)
    for _ in range(2):
        m = expect_subscribe()
        if m:
            core.reply(m, 403, "Forbidden")
    row = connection(a.contact)
    check("it lingers on after a restart, SUBSCRIBE refused or not",
          row and row["state"] == "inactive" and 0 < int(row["ends_in_ms"]) <= 35000, row)
    for phone in (a, b):
        phone.registered(contact="<%s>;expires=0" % phone.contact)
    for row in rpc("flow.list"):
        if "linger@" in row["impi"]:
            rpc("flow.drop", row["id"])
    wait(lambda: connection(a.contact) is None and connection(b.contact) is None)
    for phone in (a, b):
        phone.sock.close()


def memory():
    """Bytes of shared memory in use, and of private memory over all processes."""
    out = subprocess.run(["kamcmd", "-s", CTL, "core.shmmem"], capture_output=True, text=True).stdout
    shm = int(re.search(r"real_used: (\d+)", out).group(1))
    pkg = [int(r["real_used"]) for r in rpc("pkg.stats") if "real_used" in r]
    return shm, pkg


def move_once(i):
    """One user registers, calls, moves with the call, ends it, and is de-registered."""
    a = Phone("soak%d" % (i % 20), "127.0.0.21", 10000 + i)
    b = Phone("soak%d" % (i % 20), "127.0.0.22", 10000 + i)
    core.kept.clear()
    core.seen.clear()
    try:
        if not a.registered():
            return "REGISTER"
        _, sub = subscribed(a)
        if not sub:
            return "SUBSCRIBE"
        if not call(a, "soak-%d" % i):
            return "INVITE"
        if not b.registered(contact="<%s>;expires=600, <%s>;expires=0" % (b.contact, a.contact)):
            return "second REGISTER"
        if sub.notify([(a.contact, "terminated", inactive(30)), (b.contact, "active", "")]) != 200:
            return "NOTIFY"
        if not in_dialog(b, "INVITE", "soak-%d" % i, 2):
            return "re-INVITE"
        if not in_dialog(b, "BYE", "soak-%d" % i, 3):
            return "BYE"
        if sub.notify([(b.contact, "terminated", "")], state="terminated;reason=noresource") != 200:
            return "last NOTIFY"
        return None
    finally:
        a.sock.close()
        b.sock.close()


def settle():
    """Wait until connections, flow sets and transactions are over."""
    wait(lambda: rpc("seamless_pcscf.stats")[0]["connections"] == "0")
    time.sleep(10)
    return memory()


def no_leaks(rounds=ROUNDS):
    """Over and over; memory must be where it was after the first tenth."""
    failures, before = [], None
    for i in range(rounds):
        if i == rounds // 10:
            before = settle()
        where = move_once(i)
        if where:
            failures.append("%d: %s" % (i, where))
    check("%d moves in a row work" % rounds, not failures, failures[:5])
    after = settle()
    stats = rpc("seamless_pcscf.stats")[0]
    check("no connection, session or subscription is left",
          all(stats[k] == "0" for k in ("connections", "inactive", "sessions", "subscriptions")), stats)
    print("          shared memory %d -> %d bytes, private %d -> %d over %d processes" %
          (before[0], after[0], sum(before[1]), sum(after[1]), len(after[1])))
    check("shared memory is where it was", after[0] - before[0] < 16384, (before[0], after[0]))
    check("private memory is where it was", sum(after[1]) - sum(before[1]) < 16384, (sum(before[1]), sum(after[1])))


def main():
    known = (option_tags, registration_and_watch, session_moves, lingering_ends, to_the_phone, own_end_with_session,
             same_address) + strangers.CHAPTERS + (restart, restart_while_lingering, no_leaks)
    for chapter in [c for c in known if len(sys.argv) < 5 or c.__name__ in sys.argv[4:]]:
        print(chapter.__name__.replace("_", " ") + ":")
        core.kept.clear()
        try:
            chapter()
        except (TypeError, KeyError, AttributeError, IndexError) as e:
            check("%s played to its end" % chapter.__name__, False, repr(e))
    print("%d passed, %d failed" % (stage.passed, stage.failed))
    sys.exit(1 if stage.failed else 0)


main()
