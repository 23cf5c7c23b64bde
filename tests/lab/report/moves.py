# SPDX-License-Identifier: GPL-2.0-or-later
"""A session that moves to another access of the same P-CSCF and gateway, on the wire: SIP, H.248, TCP and TLS.

A scenario asks for it:  #! moved MSRP|RTP [call=N]
N as in steps.py. The phone that moves is A. What is looked for: its access is another termination of the context that was
there, with another key and another port, and the old one goes in the same transaction; the far end sees one re-INVITE, for
RTP with the address that it has, for MSRP with another, and nothing of it is on the access side in clear.
"""
from steps import PCSCF, Flow, Missing

PROTOS = {"MSRP": ("TCP/TLS/MSRP", "TCP/MSRP"), "RTP": ("RTP/SAVP", "RTP/AVP")}


class Move(Flow):
    def __init__(self, story, words):
        super().__init__(story, ["moved", "MSRP", *words[1:]])
        self.kind = words[0]
        self.secure, self.plain = PROTOS[self.kind]

    def of_a(self):
        """What A sent in this call with a description of its protected side."""
        return [m for m in self.story.phones if m.call == self.call and (m.src, m.dst) == ("A", "send") and
                m.method == "INVITE" and m.sdp(self.secure).there]

    def moved(self):
        """The first message of A from another address than before, and what was before."""
        said = self.of_a()
        for before, m in zip(said, said[1:]):
            if m.sdp(self.secure).address != before.sdp(self.secure).address:
                return before, m
        raise Missing("A says the same address throughout")

    def access(self, address, since):
        return self.story.command("Add", lambda c: c.remote() and c.remote().address == address and
                                  c.remote().proto == self.secure and self.same_context(c), since)

    def run(self):
        self.context = None
        self.call = self.the_call()
        before, offer = self.moved()
        ue, self.began = offer.sdp(self.secure), offer.t
        self.need("1", f"A offers {self.secure} from {ue.address}", offer)
        old = self.first_access(before)
        self.context = (old.gateway, old.context)
        new = self.access(ue.address, offer.t)
        gone = self.story.command("Subtract", lambda c: c.termination == old.termination, offer.t)
        self.need("2", f"Add of another access termination in context {old.context}", new,
                  ("it is another one", new and new.termination != old.termination))
        self.need("3", f"Subtract of {old.termination} in the same transaction", gone,
                  ("the transaction", gone and gone.transaction == new.transaction))
        self.replied("4", f"reply: {new.given().at[0]}:{new.given().at[1]}", new,
                     ("another port", new.given().at != old.given().at))
        self.keys(old, new)
        self.far_end(offer)
        self.answered(offer, new)
        if self.kind == "MSRP":
            near = self.connected(["9"], (ue.address, None), new.given().at, offer.t)
            self.tls("10", (ue.address, None), (new.given().address, None), near[1].t)
            self.in_clear(new.given().address, self.core_at)

    def first_access(self, before):
        """The termination that A had: its Remote came with the Add, or with a Modify of it."""
        address = before.sdp(self.secure).address
        add = self.story.command("Add", lambda c: c.remote() and c.remote().address == address and
                                 c.remote().proto == self.secure and c.t >= self.began_at(), 0)
        if add:
            return add
        mod = self.story.command("Modify", lambda c: c.remote() and c.remote().address == address and
                                 c.remote().proto == self.secure and c.t >= self.began_at(), 0)
        old = mod and self.story.command("Add", lambda c: c.termination == mod.termination and c.gateway == mod.gateway)
        if not old:
            raise Missing(f"no access termination towards {address}")
        return old

    def began_at(self):
        return next(m.t for m in self.story.phones if m.call == self.call)

    def keys(self, old, new):
        name = "crypto" if self.kind == "RTP" else "fingerprint"
        ours, theirs = new.given().get(name), new.remote().get(name)
        if not ours or not theirs:
            raise Missing(f"step 5: no {name} of the gateway's or the phone's")
        if self.kind == "RTP":
            for whose, a, b in (("ours", old.given(), new.given()), ("the phone's", old.remote() or new.remote(), new.remote())):
                if a is not b and a.get(name) == b.get(name):
                    raise Missing(f"step 5: the key that is {whose} is the old one")
        self.row("5", f"{name} of both are there, keys are other ones than before", new.replied)

    def far_end(self, offer):
        """What goes to the core for it, once."""
        sent = [m for m in self.story.core if m.call == self.call and m.src in PCSCF and m.first.startswith("INVITE ") and
                m.sdp(self.plain).there]
        mine = [m for m in sent if m.t >= offer.t]
        earlier = [m for m in self.story.core if m.call == self.call and m.src in PCSCF and m.method == "INVITE" and
                   m.sdp(self.plain).there and m.t < offer.t]
        was = {m.sdp(self.plain).at for m in earlier}
        if not mine or not was:
            raise Missing("step 6: no INVITE in the core")
        self.core_at = mine[0].sdp(self.plain).at
        self.need("6", f"the core is offered {self.plain} at {self.core_at[0]}:{self.core_at[1]}", mine[0],
                  ("the address that it has" if self.kind == "RTP" else "another connection",
                   (self.core_at in was) == (self.kind == "RTP")))
        seen = [m for m in self.story.phones if m.call == self.call and (m.src, m.dst) == ("recv", "B") and
                m.first.startswith("INVITE ") and m.t >= offer.t]
        unlike = {m.header("CSeq") for m in seen}
        if len(unlike) != 1:
            raise Missing(f"step 7: the far end sees {len(unlike)} re-INVITEs")
        self.row("7", "the far end sees one re-INVITE", seen[0].t)

    def answered(self, offer, new):
        back = self.sip(self.story.phones, lambda m: (m.src, m.dst) == ("recv", "A") and m.first.startswith("SIP/2.0 200") and
                        m.method == "INVITE" and m.sdp(self.secure).there, offer.t)
        self.need("8", "the answer names the new termination", back,
                  ("its address and port", back and back.sdp(self.secure).at == new.given().at))


def check(story, wanted):
    """(findings, the steps as text) of the moves that were asked for, each a list of words."""
    findings, text = [], []
    for words in wanted:
        m = Move(story, words)
        try:
            m.run()
        except Missing as e:
            findings.append(f"moved {' '.join(words)}: {e}")
        text += m.text()
    return findings, text
