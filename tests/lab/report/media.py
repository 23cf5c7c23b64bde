# SPDX-License-Identifier: GPL-2.0-or-later
"""What an access gateway is told and what it carries: H.248, SCTP, TCP, TLS, MSRP, BFCP and RTP in the captures."""
import re
import struct

import capture
import h248

GATEWAYS = {"10.%d.0.%d" % (n, h): f"AGW#{h - 6}" for n in range(4) for h in (7, 8, 9)}
GATEWAYS.update({"fd00:%d::%d" % (n, h): f"AGW#{h - 6}" for n in range(4) for h in (7, 8, 9)})
# Where agw1 has VRFs (tests/lab/vrfs) it has one address on both sides.
GATEWAYS["10.9.0.7"] = "AGW#1"
H248_PORT = 2944
BFCP = ("", "FloorRequest", "FloorRelease", "FloorRequestQuery", "FloorRequestStatus", "UserQuery", "UserStatus",
        "FloorQuery", "FloorStatus", "ChairAction", "ChairActionAck", "Hello", "HelloAck", "Error",
        "FloorRequestStatusAck", "FloorStatusAck", "Goodbye", "GoodbyeAck")
HANDSHAKE = {1: "ClientHello", 2: "ServerHello"}


SCTP_CHUNKS = {1: "INIT", 2: "INIT ACK", 6: "ABORT", 7: "SHUTDOWN", 14: "SHUTDOWN COMPLETE"}
PPID_H248 = 7  # IANA


class Seen:
    """One thing that passed. kind: h248, sctp, tcp, tls, msrp, bfcp, rtp; what: its name; part: the H.248 transaction, over:
    udp or sctp; tag: of an association."""

    def __init__(self, t, kind, what, src, dst, part=None, over="", tag=0):
        self.t, self.kind, self.what, self.src, self.dst, self.part = t, kind, what, src, dst, part
        self.over, self.tag = over, tag


def tls_what(data):
    """The name of a TLS record at the beginning of data, None if there is none."""
    if len(data) < 6 or data[0] not in (20, 21, 22, 23) or data[1] != 3:
        return None
    return {21: "alert", 23: "data"}.get(data[0]) or (HANDSHAKE.get(data[5]) if data[0] == 22 else None)


def text_what(data):
    m = re.match(rb"MSRP \S+ (SEND|REPORT|\d{3})", data)
    if m:
        return "msrp", m[1].decode()
    if len(data) < 12 or data[0] >> 5 != 1 or len(data) < 12 + 4 * int.from_bytes(data[2:4], "big"):
        return None
    return ("bfcp", BFCP[data[1]]) if 0 < data[1] < len(BFCP) else None


def flags_what(flags):
    if flags & 2:
        return "SYN ACK" if flags & 16 else "SYN"
    return "RST" if flags & 4 else "FIN" if flags & 1 else None


def from_tcp(t, src, dst, l4):
    """What a TCP segment shows; at most one thing besides its flags."""
    sport, dport = struct.unpack(">HH", l4[:4])
    ends = (src, sport), (dst, dport)
    what = flags_what(l4[13])
    if what:
        yield Seen(t, "tcp", what, *ends)
    data = l4[(l4[12] >> 4) * 4:]
    tls = tls_what(data)
    if tls:
        yield Seen(t, "tls", tls, *ends)
    elif data and text_what(data):
        yield Seen(t, *text_what(data), *ends)


def from_h248(t, octets, ends, over):
    for part in h248.message(octets.decode("latin-1")):
        yield Seen(t, "h248", h248.label(part)[0], *ends, part, over)


class Sctp:
    """The associations of one capture: what begins and ends them, and H.248 in their DATA chunks, each once (RFC 9260 3)."""

    def __init__(self):
        self.seen, self.begun = set(), {}

    def read(self, t, src, dst, l4):
        sport, dport, tag = struct.unpack(">HHI", l4[:8])
        ends, at = ((src, sport), (dst, dport)), 12
        while at + 4 <= len(l4):
            kind, flags, size = struct.unpack(">BBH", l4[at:at + 4])
            if size < 4:
                return
            if kind in SCTP_CHUNKS:
                yield Seen(t, "sctp", SCTP_CHUNKS[kind], *ends, tag=tag or l4[at + 4:at + 8])
            elif kind == 0 and size > 16:
                yield from self.data(t, ends, tag, flags, l4[at + 4:at + size])
            at += size + 3 & ~3

    def data(self, t, ends, tag, flags, chunk):
        """A message may be cut into several chunks, whose numbers follow each other; a chunk may come again."""
        tsn, _, _, ppid = struct.unpack(">IHHI", chunk[:12])
        if ppid != PPID_H248 or (ends, tag, tsn) in self.seen:
            return
        self.seen.add((ends, tag, tsn))
        before = b"" if flags & 2 else self.begun.pop((ends, tag, tsn - 1), None)
        if before is None:
            return
        if flags & 1:
            yield from from_h248(t, before + chunk[12:], ends, "sctp")
        else:
            self.begun[ends, tag, tsn] = before + chunk[12:]


def from_udp(t, src, dst, l4):
    sport, dport = struct.unpack(">HH", l4[:4])
    ends = (src, sport), (dst, dport)
    if H248_PORT in (sport, dport):
        yield from from_h248(t, l4[8:], ends, "udp")
    elif len(l4) > 20 and l4[8] >> 6 == 2 and l4[9] & 0x7F not in range(72, 77):
        yield Seen(t, "rtp", "packet", *ends)


def concerns_gateway(rec):
    ip = capture.ip_payload(rec)
    return bool(ip) and (ip[0] in GATEWAYS or ip[1] in GATEWAYS)


def seen(path):
    """All of it in one capture, in the order of time."""
    sctp = Sctp()
    for t, src, dst, proto, l4 in capture.datagrams(path):
        if (src in GATEWAYS or dst in GATEWAYS) and len(l4) >= 8:
            if proto == 17:
                yield from from_udp(t, src, dst, l4)
            elif proto == 6 and len(l4) >= 20:
                yield from from_tcp(t, src, dst, l4)
            elif proto == 132 and len(l4) >= 16:
                yield from sctp.read(t, src, dst, l4)


def seen_in(paths):
    return sorted((s for p in paths for s in seen(p)), key=lambda s: s.t)
