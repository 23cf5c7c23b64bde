# SPDX-License-Identifier: GPL-2.0-or-later
"""The four flows of TR 29.828 5.2.1 on the wire, numbered step by numbered step: in SIP, in H.248, in TCP and TLS.

A scenario asks for it:  #! flow originating|terminating MSRP|BFCP [agnostic] [delayed] [merged] [late] [skip] [call=N]
N counts the initial INVITEs that phones of the scenario sent. Numbers are those of the MSRP flows (5.2.1.2.2, 5.2.1.2.3);
those of BFCP have 14-16, 17, 18 where the originating MSRP flow has 13-15, 19, 20, and no 16-18.
"""
import re

PROTOS = {"MSRP": ("TCP/TLS/MSRP", "TCP/MSRP"), "BFCP": ("TCP/TLS/BFCP", "TCP/BFCP")}
PCSCF = ("10.0.0.11", "10.0.0.12")


class Missing(Exception):
    pass


class Flow:
    """The steps of one call, found one after the other; what is not found is the finding."""

    def __init__(self, story, words):
        self.story, self.role, self.kind = story, words[0], words[1]
        self.options = {w.partition("=")[0]: w.partition("=")[2] for w in words[2:]}
        self.secure, self.plain = PROTOS[self.kind]
        aware = "agnostic" not in self.options
        self.gateway_access = self.secure if aware else "TCP/TLS"
        self.gateway_core = self.plain if aware else "TCP"
        self.rows, self.last = [], 0.0

    def row(self, number, text, t):
        self.rows.append((number, t, text))

    def need(self, number, text, found, *demands):
        """What step NUMBER needs is there, and each (what it must be, whether it is) holds."""
        if not found:
            raise Missing(f"step {number}: not seen: {text}")
        for what, good in demands:
            if not good:
                raise Missing(f"step {number}: {text}: {what}")
        self.row(number, text, found.t)
        return found

    def order(self, text, *times):
        if any(a > b for a, b in zip(times, times[1:])):
            raise Missing(f"order: {text}")

    # ---- what both roles look for ----

    def the_call(self):
        invites = [m for m in self.story.phones if m.dst == "send" and m.first.startswith("INVITE ") and
                   "tag=" not in m.header("To")]
        calls = list(dict.fromkeys(m.call for m in invites))
        n = int(self.options.get("call", 1))
        if len(calls) < n:
            raise Missing(f"there are {len(calls)} calls, none is number {n}")
        return calls[n - 1]

    def sip(self, where, fits, since=0.0):
        return next((m for m in where if m.call == self.call and m.t >= since and fits(m)), None)

    def answer(self, where, fits, *protos):
        return self.sip(where, lambda m: m.method == "INVITE" and re.match(r"SIP/2.0 (18|2)", m.first) and
                        m.sdp(*protos).there and fits(m))

    def add(self, realm, proto, since):
        return self.story.command("Add", lambda c: c.value("ipdc/realm").startswith(realm) and c.local() and
                                  c.local().proto == proto and self.same_context(c), since)

    def same_context(self, c):
        return self.context is None or (c.gateway, c.context) == self.context

    def modify(self, add, fits, since):
        return self.story.command("Modify", lambda c: c.gateway == add.gateway and c.context == add.context and
                                  c.termination == add.termination and fits(c), since)

    def replied(self, number, text, c, *demands):
        if c.replied is None or c.error:
            raise Missing(f"step {number}: {text}: {'error ' + c.error if c.error else 'no reply'}")
        for what, good in demands:
            if not good:
                raise Missing(f"step {number}: {text}: {what}")
        self.row(number, text, c.replied)

    def reserve(self, numbers, side, since, *demands):
        """An Add with its reply: (2, 4) or (5, 7)."""
        core = side == "core"
        add = self.add("core" if core else "access", self.gateway_core if core else self.gateway_access, since)
        local = add.local() if add else None
        self.need(numbers[0], f"Add of the {side} side, {self.gateway_core if core else self.gateway_access}", add,
                  ("address and port are asked for", local and local.at == ("$", "$")),
                  ("the gateway's fingerprint is asked for", core or (local and "$" in local.get("fingerprint"))),
                  *[(what, add and good(add)) for what, good in demands])
        given = add.given()
        self.context = (add.gateway, add.context)
        self.replied(numbers[1], f"reply: the {side} side is {given.at[0]}:{given.at[1]}" if given else "reply", add,
                     ("it names address and port", given and str(given.port).isdigit()),
                     ("it has the gateway's fingerprint", core or (given and ":" in given.get("fingerprint"))))
        return add, given

    def connected(self, numbers, src, dst, since, not_before=None):
        """A TCP connection from src to dst. not_before: nothing of what came earlier was answered."""
        syn = self.story.stream("tcp", "SYN", src, dst, since)
        self.need(numbers[0], f"TCP SYN {src[0]} > {dst[0]}:{dst[1]}", syn)
        back = self.story.stream("tcp", "SYN ACK", dst, (src[0], None), since)
        if not back:
            raise Missing(f"step {numbers[0]}: no SYN ACK from {dst[0]}:{dst[1]}")
        if not_before:
            if back.t < not_before:
                raise Missing(f"step {numbers[0]}: a SYN was answered although the peer was not known yet")
            if syn.t < not_before:
                self.row(numbers[0] + "'", "the SYN that came too early was dropped; its repetition is answered", back.t)
        return syn, back

    def tls(self, number, src, dst, since):
        hello = self.story.stream("tls", "ClientHello", src, dst, since)
        self.need(number, f"TLS is begun by {src[0]}", hello)
        data = self.story.stream("tls", "data", (dst[0], None), (src[0], None), hello.t)
        if not data:
            raise Missing(f"step {number}: nothing protected has come back")
        return hello

    def in_clear(self, access, core):
        """Messages can be read on the core side, and nowhere on the access side."""
        kind = self.kind.lower()
        found = [m for m in self.story.seen if m.kind == kind and m.t >= self.began]
        leak = next((m for m in found if access in (m.src[0], m.dst[0])), None)
        if leak:
            raise Missing(f"{self.kind} in clear on the access side: {leak.what} {leak.src[0]} > {leak.dst[0]}")
        read = next((m for m in found if core in (m.src, m.dst) or core[0] in (m.src[0], m.dst[0])), None)
        if not read:
            raise Missing(f"no {self.kind} in clear on the core side")
        self.row("", f"{self.kind} in clear in the core, and not on the access side: {read.what}", read.t)

    def who_connects(self, add, told, since):
        """Steps 16 to 18. They need not be when the gateway has known since step 5 what the UE is told."""
        turn = self.modify(add, lambda c: c.local() and c.local().has("setup"), since)
        if not turn and told and add.local().get("setup") == told.get("setup") and not told.get("setup") == "actpass":
            self.row("16-18", "the gateway has known since step 5 who connects", add.replied)
            return add
        self.need("16", "Modify of the access side: who connects", turn,
                  ("as the UE is told", told and turn and turn.local().get("setup") == told.get("setup")))
        self.replied("18", "reply", turn)
        return turn

    # ---- the roles ----

    def run(self):
        self.context = None
        self.call = self.the_call()
        (originating if self.role == "originating" else terminating)(self)

    def text(self):
        rows = sorted(self.rows, key=lambda r: r[1])
        said = [o for o in self.options if o != "call"]
        head = f"{self.kind} {self.role}" + (f" ({', '.join(said)})" if said else "")
        return [head] + [f"  {n:>26}  {(t - rows[0][1]) * 1000:7.0f} ms  {text}" for n, t, text in rows]


def originating(f):
    s, phones, core = f.story, f.story.phones, f.story.core
    offer = f.sip(phones, lambda m: m.dst == "send" and m.first.startswith("INVITE ") and m.sdp(f.secure).there)
    ue = offer.sdp(f.secure) if offer else None
    f.need("1", f"the UE offers {f.secure}", offer,
           ("a=3ge2ae:requested" if "always" not in f.options else "no a=3ge2ae",
            ue and (ue.get("3ge2ae") == "requested") != ("always" in f.options)),
           ("with its fingerprint", ue and ue.has("fingerprint")))
    f.began = offer.t
    core_add, core_at = f.reserve(("2", "4"), "core", offer.t, ("no Remote yet", lambda c: not c.remote()))
    late, skip = "late" in f.options, "skip" in f.options

    def access(since):
        return f.reserve(
            ("5", "7"), "access", since,
            ("Remote is the UE's address", lambda c: c.remote() and c.remote().at[0] == ue.address),
            ("Remote is the UE's port", lambda c: c.remote().port == ue.port or ue.get("setup") == "active"),
            ("Remote has the UE's fingerprint", lambda c: ue.get("fingerprint").upper() in c.remote().get("fingerprint").upper()))

    if not late:
        access_add, access_at = access(offer.t)
    out = f.sip(core, lambda m: m.src in PCSCF and m.first.startswith("INVITE "))
    o = out.sdp(f.plain) if out else None
    f.need("8-9", f"the offer goes on as {f.plain}", out, ("proto", o and o.there),
           ("address and port are the gateway's", o and o.there and o.at == core_at.at),
           ("no 3ge2ae, no fingerprint", o and o.there and not o.has("3ge2ae") and not o.has("fingerprint")))
    answer = f.answer(core, lambda m: m.dst in PCSCF and m.t > out.t, f.plain)
    a = answer.sdp(f.plain) if answer else None
    f.need("12", "the answer comes", answer)
    mod = configured(f, core_add, answer, a)
    if late:
        access_add, access_at = access(answer.t)
        if not skip and access_add.transaction != mod.transaction:
            raise Missing("note 2: steps 5 and 13 are not one transaction")
    back = f.answer(phones, lambda m: m.src == "recv" and m.dst == offer.src, f.secure)
    b = back.sdp(f.secure) if back else None
    turn = f.who_connects(access_add, b, answer.t)
    f.need("19-20", f"the answer goes to the UE as {f.secure}", back,
           ("address and port are the gateway's", b and b.at == access_at.at),
           ("with the gateway's fingerprint", b and b.get("fingerprint") == access_at.get("fingerprint")),
           ("no 3ge2ae", b and not b.has("3ge2ae")))
    f.order("2 after 1, 9 after 4, 20 after 15 and 18", offer.t, core_add.t, core_add.replied, out.t, answer.t, mod.t,
            answer.t if skip else mod.replied, back.t)
    f.order("9 after 7, with note 2 behind 12", core_add.replied, access_add.replied, back.t if late else out.t)
    f.order("20 after 18", turn.replied, back.t)
    if "merged" in f.options and (core_add.transaction != access_add.transaction or mod.transaction != turn.transaction):
        raise Missing("notes 2 and 3: not merged into one transaction")
    originating_media(f, s, (ue, a, b), core_at, access_at, mod)


def configured(f, core_add, answer, a):
    """Steps 13 to 15. With note 3 they are not."""
    if "skip" in f.options:
        told = f.modify(core_add, lambda c: True, answer.t)
        if told or a.get("setup") != "active":
            raise Missing("note 3: the gateway is told of a far end that connects" if told else "note 3: it does not connect")
        f.row("13-15", "note 3: the far end connects, and is not told to the gateway", answer.t)
        return answer
    mod = f.modify(core_add, lambda c: c.remote() and c.remote().address == a.address, answer.t)
    f.need("13", "Modify of the core side: the far end is known", mod,
           ("its port", mod and (mod.remote().port == a.port or a.get("setup") == "active")),
           ("only from there" if "delayed" in f.options else "",
            "delayed" not in f.options or (mod and mod.value("gm/saf") == "ON")))
    f.replied("15", "reply", mod)
    return mod


def originating_media(f, s, sdp, core_at, access_at, mod):
    ue, a, b = sdp
    delayed = mod.t if "delayed" in f.options else None
    if a.get("setup") == "active":
        far = f.connected(["10"], (a.address, None), core_at.at, f.began, delayed)
    else:
        far = f.connected(["10 (we connect)"], (core_at.address, None), a.at, mod.t)
    if b.get("setup") == "active":
        near = f.connected(["11"], (access_at.address, None), ue.at, f.began, delayed)
        f.order("11 after 10", far[0].t, near[0].t)
    else:
        near = f.connected(["11 (the UE connects)"], (ue.address, None), access_at.at, f.began)
    gateway, phone = (access_at.address, None), (ue.address, None)
    gateway_begins = b.get("setup") == "active" if f.kind == "MSRP" else False
    f.tls("21" if f.kind == "MSRP" else "12 (BFCP)", *((gateway, phone) if gateway_begins else (phone, gateway)), near[1].t)
    f.in_clear(access_at.address, core_at.at)


def terminating(f):
    s, phones, core = f.story, f.story.phones, f.story.core
    offer = f.sip(core, lambda m: m.dst in PCSCF and m.first.startswith("INVITE ") and m.sdp(f.plain).there)
    o = offer.sdp(f.plain) if offer else None
    f.need("1", f"an offer of {f.plain} comes from the core", offer)
    f.began = offer.t
    closed = [("nobody may come in yet", lambda c: c.value("gm/saf") == "ON")] if "delayed" in f.options else []
    begins = [("TLS is to be begun by the gateway", lambda c: c.item.find("Signals"))] if f.kind == "BFCP" else []
    demands = [("no Remote yet", lambda c: not c.remote()), *closed, *begins]
    access_add, access_at = f.reserve(("2", "4"), "access", offer.t, *demands)
    core_add, core_at = f.reserve(("5", "7"), "core", offer.t,
                                  ("Remote is the far end", lambda c: c.remote() and c.remote().address == o.address))
    out = f.sip(phones, lambda m: m.src == "recv" and m.first.startswith("INVITE "))
    e = out.sdp(f.secure) if out else None
    f.need("8-9", f"the UE is offered {f.secure}", out, ("proto", e and e.there),
           ("address and port are the gateway's", e and e.there and e.at == access_at.at),
           ("a=3ge2ae:applied", e and e.there and e.get("3ge2ae") == "applied"),
           ("with the gateway's fingerprint", e and e.there and e.get("fingerprint") == access_at.get("fingerprint")))
    answer = f.answer(phones, lambda m: m.dst == "send" and m.src == out.dst, f.secure)
    a = answer.sdp(f.secure) if answer else None
    f.need("13", "the UE answers with its fingerprint", answer, ("fingerprint", a and a.has("fingerprint")))
    mod = f.modify(access_add, lambda c: c.remote() and c.remote().address == a.address, answer.t)
    f.need("14", "Modify of the access side: the UE is known", mod,
           ("its fingerprint", mod and a.get("fingerprint").upper() in mod.remote().get("fingerprint").upper()),
           ("only from there" if "delayed" in f.options else "",
            "delayed" not in f.options or (mod and mod.value("gm/saf") == "ON")))
    f.replied("16", "reply", mod)
    back = f.answer(core, lambda m: m.src in PCSCF and m.t > answer.t, f.plain)
    b = back.sdp(f.plain) if back else None
    f.need("17-18", f"the answer goes on as {f.plain}", back,
           ("address and port are the gateway's", b and b.at == core_at.at),
           ("no fingerprint, no 3ge2ae", b and not b.has("fingerprint") and not b.has("3ge2ae")))
    f.order("9 after 4 and 7, 18 after 16", offer.t, access_add.t, access_add.replied, core_add.replied, out.t, answer.t,
            mod.t, mod.replied, back.t)
    if "merged" in f.options and core_add.transaction != access_add.transaction:
        raise Missing("note 2: not merged into one transaction")
    terminating_media(f, (o, a, b), core_at, access_at, mod)


def terminating_media(f, sdp, core_at, access_at, mod):
    o, a, b = sdp
    delayed = mod.t if "delayed" in f.options else None
    near = f.connected(["10"], (a.address, None), access_at.at, f.began, delayed)
    if b.get("setup") == "active":
        far = f.connected(["11"], (core_at.address, None), o.at, f.began, delayed)
        f.order("11 after 10", near[0].t, far[0].t)
    else:
        f.connected(["11 (the far end connects)"], (o.address, None), core_at.at, f.began)
    gateway, phone = (access_at.address, None), (a.address, None)
    f.tls("12", *((phone, gateway) if f.kind == "MSRP" else (gateway, phone)), near[1].t)
    f.in_clear(access_at.address, core_at.at)


def check(story, wanted):
    """(findings, the steps as text) of the flows that were asked for, each a list of words."""
    findings, text = [], []
    for words in wanted:
        f = Flow(story, words)
        try:
            f.run()
        except Missing as e:
            findings.append(f"flow {' '.join(words)}: {e}")
        text += f.text()
    return findings, text
