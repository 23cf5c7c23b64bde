# SPDX-License-Identifier: GPL-2.0-or-later
"""What passed in a scenario, to be asked for: SIP at the phones and in the core, H.248 commands with their replies, media."""
import glob
import json
import os
import re

import capture
import h248
import media


class Sdp:
    """One m-line of a description with what holds for it: the first whose proto is one of those, or the first at all."""

    def __init__(self, text, protos=()):
        lines = [line.rstrip("\r") for line in text.split("\n")]
        starts = [i for i, line in enumerate(lines) if line.startswith("m=")]
        wanted = [i for i in starts if not protos or lines[i].split(" ")[2] in protos]
        self.there = bool(wanted)
        if not wanted:
            return
        end = next((i for i in starts if i > wanted[0]), len(lines))
        own, session = lines[wanted[0]:end], lines[:starts[0]]
        self.media, self.port, self.proto = own[0][2:].split(" ")[:3]
        self.lines = own
        found = [line for line in own + session if line.startswith("c=")]
        self.address = found[0].split(" ")[2] if found else ""
        self.at = (self.address, int(self.port) if self.port.isdigit() else self.port)
        self.attributes = [line[2:] for line in own + session if line.startswith("a=")]

    def has(self, name):
        return any(a == name or a.startswith(name + ":") for a in self.attributes)

    def get(self, name):
        """The value of the first attribute of that name, "" if there is none."""
        return next((a[len(name) + 1:] for a in self.attributes if a.startswith(name + ":")), "")


class Message:
    """A SIP message where it was seen: at a UE ("A", "send") or between two addresses of the core."""

    def __init__(self, t, text, src, dst):
        self.t, self.text, self.src, self.dst = t, text, src, dst
        self.first = text.split("\r\n", 1)[0]
        m = re.search(r"(?im)^(?:Call-ID|i)\s*:\s*(\S+)", text)
        self.call = m[1] if m else ""
        m = re.search(r"(?im)^CSeq\s*:\s*\d+\s+(\S+)", text)
        self.method = m[1] if m else ""
        self.body = text.partition("\r\n\r\n")[2]

    def header(self, name):
        m = re.search(rf"(?im)^{name}\s*:\s*(.*?)\r?$", self.text)
        return m[1] if m else ""

    def sdp(self, *protos):
        return Sdp(self.body, protos)


class Command:
    """A command of a transaction, and what was replied to it."""

    def __init__(self, t, gateway, part, context, name, termination, item):
        self.t, self.gateway, self.transaction, self.context = t, gateway, part.value, context
        self.name, self.termination, self.item = name, termination, item
        self.replied, self.reply, self.error = None, None, ""

    def value(self, name):
        i = self.item.find(name)
        return i.value if i else ""

    def local(self):
        i = self.item.find("Local")
        return Sdp(i.raw) if i else None

    def remote(self):
        i = self.item.find("Remote")
        return Sdp(i.raw) if i else None

    def given(self):
        """Local as the reply has it."""
        i = self.reply.find("Local") if self.reply else None
        return Sdp(i.raw) if i else None


class Story:
    def __init__(self, d):
        pcaps = sorted(p for p in glob.glob(d + "/*.pcap") if not p.endswith("/all.pcap"))
        self.seen = media.seen_in(pcaps)
        self.phones = list(phones(d + "/ue.jsonl")) if os.path.exists(d + "/ue.jsonl") else []
        self.core = list(core(d + "/core.pcap")) if os.path.exists(d + "/core.pcap") else []
        self.commands = commands([s for s in self.seen if s.kind == "h248"])

    def stream(self, kind, what, src=None, dst=None, since=0.0):
        """The first such thing between these (address, port); a port of None: any."""
        def fits(end, want):
            return want is None or (end[0] == want[0] and want[1] in (None, end[1]))
        return next((s for s in self.seen if s.t >= since and (s.kind, s.what) == (kind, what) and fits(s.src, src) and
                     fits(s.dst, dst)), None)

    def command(self, name, fits, since=0.0):
        return next((c for c in self.commands if c.t >= since and c.name == name and fits(c)), None)


def phones(path):
    with open(path) as f:
        for line in f:
            try:
                e = json.loads(line)
            except ValueError:
                continue
            if e.get("ev") == "sip" and e.get("msg"):
                yield Message(e["t"] / 1e6, e["msg"], *((e["ue"], "send") if e["dir"] == "send" else ("recv", e["ue"])))


def core(path):
    for t, src, dst, proto, l4 in capture.datagrams(path):
        text = l4[8:].decode("latin-1") if proto == 17 else ""
        if text.startswith("SIP/2.0 ") or re.match(r"[A-Z]+ \S+ SIP/2\.0\r\n", text):
            yield Message(t, text, src, dst)


def commands(parts):
    """The commands to gateways in the order of time. What was sent again counts once; a reply counts for its transaction."""
    out, open_ = [], {}
    for s in parts:
        key = (s.dst if s.part.name == "Transaction" else s.src, s.part.value)
        if s.part.name == "Transaction" and s.dst[0] in media.GATEWAYS and key not in open_:
            open_[key] = [Command(s.t, s.dst[0], s.part, *c) for c in h248.commands(s.part)]
            out += open_[key]
        elif s.part.name == "Reply":
            settle(open_.get(key, []), s)
    return out


def settle(asked, s):
    error = s.part.find("Error")
    for c, (context, _, _, item) in zip(asked, h248.commands(s.part)):
        if c.reply is None:
            c.replied, c.reply, c.termination = s.t, item, item.value
            if c.context == "$":
                c.context = context
    for c in asked:
        c.error = error.value if error else c.error
