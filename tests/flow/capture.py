# SPDX-License-Identifier: GPL-2.0-or-later
"""Packets of a pcap file as (transport, source address and port, destination address and port, SPI or 0, payload).

Reads what these checks send: IPv4 and IPv6 on Ethernet, UDP and TCP, in clear or in ESP with null encryption (whose
payload is there to be read). Encrypted ESP gives transport "esp"."""
import socket
import struct


class Packet:
    def __init__(self, proto, src, dst, sport, dport, spi, data, flags=0):
        self.proto, self.src, self.dst, self.sport, self.dport = proto, src, dst, sport, dport
        self.spi, self.data, self.flags = spi, data, flags

    def __str__(self):
        return "%s %s:%d > %s:%d spi %d" % (self.proto, self.src, self.sport, self.dst, self.dport, self.spi)


def transport(next_header, body, src, dst, spi=0):
    if next_header == 17 and len(body) >= 8:
        sport, dport, length = struct.unpack("!HHH", body[:6])
        return Packet("udp", src, dst, sport, dport, spi, body[8:length])
    if next_header == 6 and len(body) >= 20:
        sport, dport = struct.unpack("!HH", body[:4])
        return Packet("tcp", src, dst, sport, dport, spi, body[(body[12] >> 4) * 4:], body[13])
    if next_header == 50 and len(body) >= 8:
        spi = struct.unpack("!I", body[:4])[0]
        inner = body[8:-12]  # ICV of 96 bits
        if len(inner) >= 2:
            pad, inner_header = inner[-2], inner[-1]
            if inner_header in (6, 17) and pad < 16 and inner[-2 - pad:-2] == bytes(range(1, pad + 1)):
                return transport(inner_header, inner[:-2 - pad], src, dst, spi)
        return Packet("esp", src, dst, 0, 0, spi, b"")
    return None


def packets(path):
    out = []
    with open(path, "rb") as f:
        data = f.read()
    order = "<" if data[:4] in (b"\xd4\xc3\xb2\xa1", b"\x4d\x3c\xb2\xa1") else ">"
    at = 24
    while at + 16 <= len(data):
        length = struct.unpack(order + "I", data[at + 8:at + 12])[0]
        frame = data[at + 16:at + 16 + length]
        at += 16 + length
        kind = frame[12:14]
        if kind == b"\x08\x00":
            ihl = (frame[14] & 15) * 4
            total = struct.unpack("!H", frame[16:18])[0]
            p = transport(frame[23], frame[14 + ihl:14 + total], socket.inet_ntop(socket.AF_INET, frame[26:30]),
                          socket.inet_ntop(socket.AF_INET, frame[30:34]))
        elif kind == b"\x86\xdd":
            length = struct.unpack("!H", frame[18:20])[0]
            p = transport(frame[20], frame[54:54 + length], socket.inet_ntop(socket.AF_INET6, frame[22:38]),
                          socket.inet_ntop(socket.AF_INET6, frame[38:54]))
        else:
            p = None
        if p:
            out.append(p)
    return out
