# SPDX-License-Identifier: GPL-2.0-or-later
"""One call attempt whose ends act at random. Each ends what it has begun as SIP has it: what nobody answers is said again, a
final answer until its ACK comes, and whoever has a dialog says BYE. What it says before is random."""
import heapq
import itertools
import re
import time

from bodies import FP, KEY2, audio, bfcp, dead, msrp, sdes, sdp
from play import answer_for
from ua import Dialog, Ua

T1, T2, CALL_S, GIVE_UP_S, NEVER_S = 0.5, 4, 8, 30, 180
REFUSALS = ["486 Busy Here", "488 Not Acceptable Here", "603 Decline", "500 Oops", "407 Proxy Authentication Required", "302 Moved Temporarily",
            "300 Multiple Choices"]
IN_CLEAR = re.compile(r"(?m)^m=\S+ [1-9]\d* (RTP/AVPF?|TCP/MSRP|TCP/BFCP) ")
LIVE = re.compile(r"(?m)^m=\S+ [1-9]")
branches = itertools.count()


class Agenda:
    """What is to be done when."""

    def __init__(self):
        self.heap, self.n = [], itertools.count()

    def after(self, seconds, what):
        heapq.heappush(self.heap, (time.monotonic() + seconds, next(self.n), what))

    def run(self):
        while self.heap and self.heap[0][0] <= time.monotonic():
            heapq.heappop(self.heap)[2]()


class BadLine(Ua):
    """An end whose messages are lost and doubled now and then. Attempts, by Call-ID, hear what comes."""

    def __init__(self, world, r, attempts, name, address):
        self.r, self.attempts, self.answers, self.bad = r, attempts, {}, False
        super().__init__(world, name, address)

    def readable(self, sock):
        """All that has come: most of it comes to one end, and others have no less to say."""
        try:
            while True:
                super().readable(sock)
        except BlockingIOError:
            pass

    def put(self, text, to):
        what = self.r.random() if self.bad else 0.5
        for _ in range(0 if what < 0.02 else 2 if what > 0.97 else 1):
            self.sock.sendto(text.encode(), to)

    def send(self, text):
        self.put(text, (self.pcscf, 5060))

    def send_answer(self, m, text, to):
        self.answers.setdefault(m.call_id, {})[m.key] = (text, to)
        self.put(text, to)

    def repeated(self, m):
        """A request that was answered is answered again."""
        m.key = (m.cseq, m.method, m.one("Via"))
        if m.code or m.method == "ACK":
            return False
        known = self.answers.setdefault(m.call_id, {})
        if m.key not in known:
            known[m.key] = None
            return False
        if known[m.key]:
            self.put(*known[m.key])
        return True

    def came(self, m):
        a = self.attempts.get(m.call_id)
        if a:
            a.hear(self, m)
        elif m.method == "REGISTER":
            self.inbox.append(m)
        elif m.method == "SUBSCRIBE" and not m.code:
            self.answer(m, "200 OK", extra="Expires: 3600\r\n")
        elif not m.code and m.method != "ACK":
            self.answer(m, "481 Call/Transaction Does Not Exist")
            self.answers.pop(m.call_id)


class Asked:
    """A request that waits for its answer."""

    def __init__(self, d, method, seq):
        self.d, self.method, self.seq, self.heard, self.done = d, method, seq, False, False
        self.text, self.branch = d.sent[seq, method]


class Side:
    """What one end knows of the call: its dialogs by the callee's tag, and which of them it has to end."""

    def __init__(self, ua):
        self.ua, self.dialog, self.open = ua, {}, set()


class Attempt:
    def __init__(self, w, r, agenda, phone):
        self.w, self.r, self.agenda, self.phone = w, r, agenda, phone
        self.from_phone = self.chance(0.6)
        self.caller, self.callee = Side(phone), Side(w.core)
        if not self.from_phone:
            self.caller, self.callee = self.callee, self.caller
        self.first = Dialog(self.caller.ua, "sip:far@home1.net" if self.from_phone else phone.uri())
        if not self.from_phone:
            self.first.route = [w.paths[phone.uri()]]
        self.call_id, self.began = self.first.call_id, time.monotonic()
        self.asked, self.unacked = {}, {}
        self.invite, self.final, self.ending, self.killed, self.faults = None, False, False, False, []

    def begin(self):
        self.invited = self.ask(self.first, "INVITE", "" if self.chance(0.1) else self.body(self.caller.ua))
        if self.chance(0.03):
            self.later(0.2, self.cancel)
        self.agenda.after(CALL_S, self.end)

    # ---- chance ----

    def chance(self, p):
        return self.r.random() < p

    def later(self, seconds, what):
        self.agenda.after(self.r.random() * seconds, what)

    def body(self, ua, version=1):
        ip = ua.address
        if ua is self.w.core:
            kinds = [audio(50000), audio(50000) + msrp(ip, setup="active"), msrp(ip), bfcp(setup="active"), dead("audio", "RTP/AVP")]
        else:
            kinds = [sdes(), sdes(key=KEY2), sdes() + msrp(ip, tls=True), msrp(ip, tls=True, setup="active"), bfcp(tls=True), audio(),
                     msrp(ip, tls=True).replace("a=fingerprint:%s\r\n" % FP, ""), msrp(ip)]
        return sdp("x", ip, self.r.choice(kinds), version=version) if self.chance(0.95) else "v=0\r\nbroken"

    def answer_to(self, ua, m):
        """What answers this offer, mostly."""
        if m.body.startswith("v=0") and self.chance(0.75):
            return answer_for(m, ua.address)
        return self.body(ua, 2) if self.chance(0.8) else ""

    # ---- saying ----

    def ask(self, d, method, body="", extra=""):
        """Say it, and again until somebody answers."""
        seq = d.say(method, body, extra, branch="z9hG4bKr%d" % next(branches))
        return self.wait_for(Asked(d, method, seq))

    def wait_for(self, a):
        self.asked[a.branch, a.method] = a
        began = time.monotonic()

        def again(after):
            if a.done:
                return
            if time.monotonic() > began + GIVE_UP_S:
                # The trust border answers no CANCEL of an INVITE that has gone.
                if a.method != "CANCEL":
                    self.fault("nobody has answered %s" % a.text.split("\r\n")[0])
                a.done = True
                return
            if not a.heard or a.method != "INVITE":
                a.d.ua.send(a.text)
            self.agenda.after(after, lambda: again(min(2 * after, T2)))
        self.agenda.after(T1, lambda: again(2 * T1))
        return a

    def fault(self, text):
        """What must not be, unless its P-CSCF was killed."""
        if not self.killed:
            self.faults.append("%s: %s\n%s" % (self.call_id, text, self.w.story(self.call_id)))

    def cancel(self):
        if not self.invited.done and (self.invited.branch, "CANCEL") not in self.asked:
            self.first.cancel()
            self.wait_for(Asked(self.first, "CANCEL", 1))

    def reply(self, side, m, status, body="", extra="", tag=None):
        """A final answer to INVITE is said until its ACK comes."""
        answer = side.ua.answer(m, status, body, extra, tag=tag)
        if m.method != "INVITE" or status.startswith("1"):
            return
        key, to = (side, m.cseq, answer.tag("To")), side.ua.answers[m.call_id][m.key][1]
        self.unacked[key] = time.monotonic() + GIVE_UP_S
        if status.startswith("2") and side is self.callee and not m.tag("To"):
            self.callee.dialog[tag] = Dialog(side.ua, invite=m)
            self.callee.dialog[tag].local_tag = tag
            self.callee.open.add(tag)
            if self.ending:
                self.bye(self.callee, tag)

        def again(after):
            if time.monotonic() < self.unacked.get(key, 0):
                side.ua.put(answer.text, to)
                self.agenda.after(after, lambda: again(min(2 * after, T2)))
            else:
                self.unacked.pop(key, None)
        self.agenda.after(T1, lambda: again(2 * T1))

    def bye(self, side, tag):
        if tag in side.open:
            side.open.remove(tag)
            self.ask(side.dialog[tag], "BYE")

    def end(self):
        """Both ends want no more of it."""
        self.ending = True
        self.cancel()
        for side in (self.caller, self.callee):
            for tag in list(side.open):
                self.bye(side, tag)

    def is_over(self):
        waits = [a.text.split("\r\n")[0] for a in self.asked.values() if not a.done]
        if not self.ending or self.caller.open or self.callee.open or self.unacked or waits:
            if time.monotonic() < self.began + NEVER_S:
                return False
            self.faults.append("%s never ends: %s %s %s" % (self.call_id, waits, self.caller.open, self.callee.open))
        self.caller.ua.answers.pop(self.call_id, None)
        self.callee.ua.answers.pop(self.call_id, None)
        return True

    # ---- hearing ----

    def hear(self, ua, m):
        side = self.caller if ua is self.caller.ua else self.callee
        self.look_at(ua, m)
        if m.code:
            self.hear_answer(side, m)
        elif m.method == "ACK":
            self.unacked.pop((side, m.cseq, m.tag("To")), None)
        elif m.method == "BYE":
            self.reply(side, m, "200 OK")
            side.open.discard(m.tag("From") if side is self.caller else m.tag("To"))
        elif m.method == "CANCEL":
            self.reply(side, m, "200 OK")
            if not m.tag("To") and self.invite and not self.final:
                self.final = True
                self.reply(side, self.invite, "487 Request Terminated", tag="tmain")
        elif m.method == "INVITE" and not m.tag("To"):
            self.hear_invite(m)
        elif not self.chance(0.03):
            self.reply(side, m, self.r.choice(["200 OK"] * 4 + ["491 Request Pending", "488 Not Acceptable Here", "500 Oops"]),
                       self.answer_to(ua, m) if m.body or m.method == "INVITE" else "")

    def look_at(self, ua, m):
        """No key of a phone in the core, nor its address for media; nothing in clear that is offered to a phone."""
        if ua is self.w.core and (any(s in m.body for s in ("inline:", "fingerprint", "3ge2ae")) or LIVE.search(m.body) and "10.1.0." in m.body):
            self.faults.append("of the access side, in the core: %s\n%s" % (m.text, self.w.story(self.call_id)))
        if ua is not self.w.core and m.method == "INVITE" and not m.code and not m.tag("To") and IN_CLEAR.search(m.body):
            self.faults.append("in clear, to a phone: %s\n%s" % (m.text, self.w.story(self.call_id)))

    def hear_invite(self, m):
        ua = self.callee.ua
        if self.invite:
            return # on another branch, because the first was given up
        self.invite = m
        for _ in range(self.r.randrange(3)):
            self.reply(self.callee, m, self.r.choice(["180 Ringing", "183 Session Progress"]), self.r.choice(["", self.answer_to(ua, m)]),
                       "Require: 100rel\r\nRSeq: 1\r\n" if self.chance(0.4) else "", self.r.choice(["tmain"] * 3 + ["tfork"]))
        if self.chance(0.9):
            self.later(0.1 if self.chance(0.7) else 3, self.decide)

    def decide(self):
        if self.final:
            return
        self.final = True
        if self.chance(0.35):
            self.reply(self.callee, self.invite, self.r.choice(REFUSALS), tag="tmain")
            return
        tags = ["tmain", "tfork"] if self.chance(0.1) else [self.r.choice(["tmain"] * 4 + ["tfork"])]
        for tag in tags:
            self.reply(self.callee, self.invite, "200 OK", self.answer_to(self.callee.ua, self.invite), tag=tag)
            if self.chance(0.2):
                self.later(0.3, lambda tag=tag: self.bye(self.callee, tag))
            elif self.chance(0.1):
                self.later(0.5, lambda tag=tag: self.offer_again(self.callee, tag))

    def offer_again(self, side, tag):
        if tag in side.open and not self.ending:
            self.ask(side.dialog[tag], self.r.choice(["INVITE", "INVITE", "UPDATE"]), self.body(side.ua, 2))

    def hear_answer(self, side, m):
        a = self.asked.get((re.search(r"branch=([^;\s]+)", m.one("Via")).group(1), m.method))
        if not a:
            return
        a.heard = True
        if m.code < 200:
            if a is self.invited:
                self.hear_progress(m)
            return
        a.done = True
        if m.method == "INVITE" and m.code >= 300:
            a.d.ack_refused(m)
        elif m.method == "INVITE" and a is self.invited:
            self.hear_success(m)
        elif m.method == "INVITE":
            a.d.say("ACK", self.body(side.ua) if self.chance(0.05) else "", seq=a.seq, branch="z9hG4bKr%d" % next(branches))
        elif m.method == "CANCEL" and m.code == 481 and self.killed:
            self.invited.done = True # the P-CSCF knows nothing of it any more

    def dialog_of(self, m):
        """The caller's, which this answer makes or names."""
        tag = m.tag("To")
        if tag not in self.caller.dialog:
            d = self.caller.dialog[tag] = Dialog(self.caller.ua)
            d.__dict__.update(self.first.__dict__, sent={}, last={})
        return self.caller.dialog[tag].learn(m) and self.caller.dialog[tag]

    def hear_progress(self, m):
        if m.code > 100 and m.one("Require") and self.chance(0.8):
            d = self.dialog_of(m)
            self.ask(d, "PRACK", self.body(self.caller.ua, 2) if self.chance(0.1) else "", "RAck: %s 1 INVITE\r\n" % m.one("RSeq"))
            if self.chance(0.2):
                self.ask(d, "UPDATE", self.body(self.caller.ua, 3))
        if m.code > 100 and self.chance(0.1):
            self.cancel()

    def hear_success(self, m):
        tag = m.tag("To")
        new = tag not in self.caller.dialog or not self.caller.dialog[tag].__dict__.get("confirmed")
        d = self.dialog_of(m)
        d.confirmed = True
        if self.chance(0.95):
            offered = "\r\nContent-Type:" in self.invited.text
            d.say("ACK", self.answer_to(self.caller.ua, m) if not offered else self.body(self.caller.ua) if self.chance(0.1) else "", seq=1,
                  branch="z9hG4bKr%d" % next(branches))
        if not new:
            return
        self.caller.open.add(tag)
        if self.ending:
            self.bye(self.caller, tag)
        elif self.chance(0.35):
            self.offer_again(self.caller, tag)
            self.later(2, self.end)
        elif self.chance(0.9):
            self.later(0.5, lambda: self.bye(self.caller, tag))
            self.later(1, self.end)
