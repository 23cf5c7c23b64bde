# SPDX-License-Identifier: GPL-2.0-or-later
"""Read, cut and merge classic pcap files, and look into their packets as far as SIP in clear goes."""
import os
import re
import struct

GLOBAL_HEADER = 24
RECORD_HEADER = 16


def packets(path):
    """Yield (time in s, record as bytes with its header) for each whole packet of a little-endian pcap."""
    with open(path, "rb") as f:
        head = f.read(GLOBAL_HEADER)
        if len(head) < GLOBAL_HEADER:
            return
        magic = struct.unpack("<I", head[:4])[0]
        if magic not in (0xA1B2C3D4, 0xA1B23C4D):
            raise ValueError(f"{path}: not a little-endian pcap file")
        scale = 1e-6 if magic == 0xA1B2C3D4 else 1e-9
        while True:
            rec = f.read(RECORD_HEADER)
            if len(rec) < RECORD_HEADER:
                return
            sec, frac, kept, _ = struct.unpack("<IIII", rec)
            data = f.read(kept)
            if len(data) < kept:
                return
            yield sec + frac * scale, rec + data


def header(path):
    with open(path, "rb") as f:
        return f.read(GLOBAL_HEADER)


def cut(src, dst, since, until):
    """Copy what was captured from since to until. Returns the number of packets."""
    n = 0
    with open(dst, "wb") as out:
        out.write(header(src))
        for t, rec in packets(src):
            if t > until:
                break
            if t >= since:
                out.write(rec)
                n += 1
    return n


def merge(sources, dst, leave_out=lambda rec: False):
    """Write the packets of all sources to dst in the order of time, but for those that leave_out(record) says."""
    records = sorted((r for s in sources for r in packets(s) if not leave_out(r[1])), key=lambda r: r[0])
    with open(dst, "wb") as out:
        out.write(header(sources[0]))
        for _, rec in records:
            out.write(rec)


def ip_payload(rec):
    """(source, destination, protocol, layer-4 bytes) of an Ethernet record, or None. Fragments: the first one."""
    eth = rec[RECORD_HEADER:]
    kind = struct.unpack(">H", eth[12:14])[0] if len(eth) >= 14 else 0
    if kind == 0x0800 and len(eth) >= 34:
        ihl = (eth[14] & 15) * 4
        total = struct.unpack(">H", eth[16:18])[0]
        if struct.unpack(">H", eth[20:22])[0] & 0x1FFF:
            return None
        src, dst = (address(eth[o:o + 4]) for o in (26, 30))
        return src, dst, eth[23], eth[14 + ihl:14 + total]
    if kind == 0x86DD and len(eth) >= 54:
        import ipaddress
        src, dst = (str(ipaddress.IPv6Address(eth[o:o + 16])) for o in (22, 38))
        return src, dst, eth[20], eth[54:54 + struct.unpack(">H", eth[18:20])[0]]
    return None


def fragment(rec):
    """(what it is a fragment of, its offset, more follow, its octets) of an IPv4 fragment; None of anything else."""
    eth = rec[RECORD_HEADER:]
    if len(eth) < 34 or eth[12:14] != b"\x08\0":
        return None
    bits = struct.unpack(">H", eth[20:22])[0]
    if not bits & 0x3FFF:
        return None
    ihl, total = (eth[14] & 15) * 4, struct.unpack(">H", eth[16:18])[0]
    return eth[26:34] + eth[18:20] + eth[23:24], (bits & 0x1FFF) * 8, bool(bits & 0x2000), eth[14 + ihl:14 + total]


def address(octets):
    return ".".join(map(str, octets))


def datagrams(path):
    """Yield (time of the last part, source, destination, protocol, layer-4 bytes), IPv4 fragments put together."""
    parts = {}
    for t, rec in packets(path):
        f = fragment(rec)
        if not f:
            ip = ip_payload(rec)
            if ip:
                yield (t, *ip)
            continue
        key, offset, more, octets = f
        got = parts.setdefault(key, {"end": None})
        got[offset] = octets
        if not more:
            got["end"] = offset + len(octets)
        whole = b"".join(got[o] for o in sorted(k for k in got if k != "end"))
        if got["end"] == len(whole):
            del parts[key]
            yield t, address(key[0:4]), address(key[4:8]), key[10], whole


METHODS = ("REGISTER", "INVITE", "ACK", "BYE", "CANCEL", "SUBSCRIBE", "NOTIFY", "MESSAGE", "OPTIONS", "UPDATE",
           "PRACK", "REFER", "INFO", "PUBLISH")


def clear_sip(path):
    """Yield (time, source, destination, first line, whole text) of the SIP messages that are not inside ESP."""
    for t, rec in packets(path):
        ip = ip_payload(rec)
        if not ip or ip[2] not in (6, 17):
            continue
        l4 = ip[3]
        data = l4[8:] if ip[2] == 17 else l4[(l4[12] >> 4) * 4:] if len(l4) >= 20 else b""
        first = data.split(b"\r\n", 1)[0].decode("latin-1")
        if first.startswith("SIP/2.0 ") or (first.endswith(" SIP/2.0") and first.split(" ")[0] in METHODS):
            yield t, ip[0], ip[1], first, data.decode("latin-1")


def unprotected_is_due(first, text):
    """An unprotected REGISTER that answers no challenge, or that it is not taken (AUTS, or no response at all: TS 24.229
    5.1.1.5.3), and what may be said to it."""
    if first.startswith("REGISTER "):
        m = re.search(r'(?im)^Authorization:.*nonce="([^"]*)"(.*(auts="|response=""))?', text)
        return not m or m[1] == "" or bool(m[2])
    return bool(re.search(r"(?im)^CSeq:\s*\d+\s+REGISTER", text)) and not first.startswith("SIP/2.0 2")


def not_protected(d):
    """One line for each SIP message in a scenario's captures of the access networks that should have been in ESP."""
    for br in ("a1", "a2", "a3", "a4"):
        path = f"{d}/{br}.pcap"
        if os.path.exists(path):
            for _, src, dst, first, text in clear_sip(path):
                if not unprotected_is_due(first, text):
                    yield f"SIP in clear on {br}, {src} -> {dst}: {first}"
