# SPDX-License-Identifier: GPL-2.0-or-later
"""What happened in a scenario, from its captures (opened with the ESP keys) and the UE's event log."""
import glob
import json
import os
import re
import subprocess

import capture
import h248
import media

# Left to right, with the addresses of each.
PLACES = [
    ("UE A wlan0", ["10.1.0.10", "10.1.0.20", "fd00:1::10", "fd00:1::20"]), ("UE A lte0", ["10.2.0.10", "fd00:2::10"]),
    ("UE A gsm0", ["10.4.0.10", "fd00:4::10"]), ("CS gateway", ["10.0.0.17", "10.4.0.1", "fd00:4::1"]),
    ("P-CSCF#1", ["10.0.0.11", "10.1.0.1", "10.3.0.1", "fd00:1::1", "fd00:3::1"]),
    ("AGW#1", []), ("AGW#2", []),
    ("P-CSCF#2", ["10.0.0.12", "10.2.0.1", "fd00:2::1"]), ("AGW#3", []),
    ("I-CSCF", ["10.0.0.3"]), ("S-CSCF", ["10.0.0.4"]), ("AS", ["10.0.0.6"]), ("HSS", ["10.0.0.5", "10.6.0.5"]),
    ("UE B", ["10.3.0.10", "fd00:3::10"]),
    # the second system, and the configuration management servers of both
    ("CMS", ["10.0.0.15", "10.1.0.15", "10.6.0.15"]), ("CMS 2", ["10.5.0.15", "10.4.0.15", "10.6.0.35"]),
    ("HSS 2", ["10.5.0.5", "10.6.0.25"]), ("S-CSCF 2", ["10.5.0.4"]), ("I-CSCF 2", ["10.5.0.3"]),
    ("P-CSCF 2", ["10.5.0.11", "10.4.0.1"]), ("UE A par0", ["10.4.0.10"]), ("UE C", ["10.4.0.20"]),
]
COLUMNS = [name for name, _ in PLACES]
HOSTS = {a: n for n, (_, addresses) in enumerate(PLACES) for a in addresses}
HOSTS.update({a: COLUMNS.index(name) for a, name in media.GATEWAYS.items()})
# Where agw1 has VRFs (tests/lab/vrfs) agw2 has the address of A's phone in the core.
IN_CORE = {**HOSTS, "10.1.0.10": COLUMNS.index("AGW#2")}
DIAMETER = {300: "UA", 301: "SA", 302: "LI", 303: "MA", 304: "RT", 305: "PP"}
ASSIGNMENT = {"1": "registration", "2": "re-registration", "3": "unregistered user", "5": "de-registration"}
HTTPS = (7443, 8443, 8444)  # REST API of an HSS, CSC-4, CMS-CMS
FIELDS = ["frame.time_epoch", "ip.src", "ip.dst", "ipv6.src", "ipv6.dst", "esp.spi", "udp.srcport", "udp.dstport",
          "tcp.srcport", "tcp.dstport", "sip.Request-Line", "sip.Status-Line", "sip.CSeq", "sip.Call-ID",
          "sip.Via.branch", "diameter.cmd.code", "diameter.flags.request", "diameter.Result-Code",
          "diameter.Experimental-Result-Code", "diameter.hopbyhopid", "diameter.Server-Assignment-Type",
          "http.request.method", "http.request.uri", "http.response.code", "tcp.stream", "sip.To", "sip.Replaces", "sip.From", "diameter.Public-Identity", "diameter.User-Name"]


class Event:
    """One arrow (src and dst are columns) or one note (src is None)."""

    def __init__(self, t, kind, text, src=None, dst=None, key=None, esp=False, detail="", who=""):
        self.t, self.kind, self.text, self.src, self.dst, self.who = t, kind, text, src, dst, who
        self.key, self.esp, self.detail, self.times, self.last = key, esp, detail, 1, t


def tshark(pcap, keys):
    """The SIP, Diameter and HTTP of a capture as rows of FIELDS; that of configuration management servers is in TLS."""
    tls_keys = os.path.join(os.path.dirname(keys), "tls_keys")
    cmd = ["tshark", "-n", "-r", pcap, "-Y", "sip || http || (diameter && diameter.cmd.code >= 300)", "-T", "fields",
           "-E", "separator=\x1f", "-E", "occurrence=a", "-E", "aggregator=\x1e",
           "-d", "udp.port==5061,sip", "-d", "udp.port==5062,sip", "-d", "tcp.port==5061,sip", "-d",
           "tcp.port==5062,sip", "-o", "esp.enable_encryption_decode:TRUE",
           "-o", "esp.enable_null_encryption_decode_heuristic:TRUE"]
    if os.path.exists(tls_keys):
        cmd += ["-o", "tls.keylog_file:" + tls_keys]
        for port in HTTPS:
            cmd += ["-d", f"tcp.port=={port},tls", "-d", f"tls.port=={port},http"]
    if os.path.exists(keys):
        with open(keys) as f:
            for line in f:
                if line.strip() and not line.startswith("#"):
                    cmd += ["-o", "uat:esp_sa:" + line.strip()]
    for f in FIELDS:
        cmd += ["-e", f]
    done = subprocess.run(cmd, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, errors="replace")
    if done.returncode not in (0, 2):
        raise RuntimeError("tshark: " + done.stderr.strip()[-400:])
    return [dict(zip(FIELDS, line.split("\x1f"))) for line in done.stdout.split("\n") if line]


def first(value):
    return value.split("\x1e")[0]


def sip_text(row, part):
    """The label of one SIP message; part counts messages in one packet."""
    req, status = row["sip.Request-Line"].split("\x1e"), row["sip.Status-Line"].split("\x1e")
    lines = [x for x in req + status if x]
    line = lines[min(part, len(lines) - 1)] if lines else "?"
    cseq = row["sip.CSeq"].split("\x1e")
    method = cseq[min(part, len(cseq) - 1)].split(" ")[-1]
    if line.startswith("SIP/2.0 "):
        return f"{line.split(' ')[1]} {method}", line
    text = line.split(" ")[0]
    if text == "INVITE" and ";tag=" in row["sip.To"]:
        text = "re-INVITE"
    if row["sip.Replaces"]:
        text += " (Replaces)"
    if "imsglobreg" in row["sip.To"]:
        text += " (imsglobreg)"
    return text, line


def user(value):
    """The user part of a URI or of a whole From or To, the host where there is none."""
    m = re.search(r"(?:sips?|tel):([^@;>\s]+)", value)
    return m[1] if m else value.split("@")[0]


def sip_who(row, part):
    """Whose message it is: of a REGISTER the identity in To, else who speaks to whom in this dialog."""
    values = [row[f].split("\x1e") for f in ("sip.From", "sip.To", "sip.CSeq")]
    caller, called, cseq = (v[min(part, len(v) - 1)] for v in values)
    return user(called) if cseq.endswith("REGISTER") else f"{user(caller)} > {user(called)}"


def diameter_who(row):
    return user(first(row["diameter.Public-Identity"]) or first(row["diameter.User-Name"]))


def diameter_text(row):
    name = DIAMETER.get(int(first(row["diameter.cmd.code"])), first(row["diameter.cmd.code"]))
    if first(row["diameter.flags.request"]).lower() in ("1", "true"):
        sat = first(row["diameter.Server-Assignment-Type"])
        return name + "R" + (f" {ASSIGNMENT.get(sat, sat)}" if sat else "")
    code = first(row["diameter.Result-Code"]) or first(row["diameter.Experimental-Result-Code"])
    return f"{name}A {code}"


def http_text(row):
    """(label, path) of a request, (code, "") of an answer. What is long and different each time is cut from paths."""
    if row["http.response.code"]:
        return "HTTP " + first(row["http.response.code"]), ""
    path = first(row["http.request.uri"])
    return f"HTTP {first(row['http.request.method'])}", re.sub(r"([A-Za-z0-9_-]{12})[A-Za-z0-9_-]{8,}", r"\1...", path)


def from_captures(pcap, keys):
    out = []
    for row in tshark(pcap, keys):
        t = float(row["frame.time_epoch"])
        src = HOSTS.get(first(row["ip.src"] or row["ipv6.src"]))
        dst = HOSTS.get(first(row["ip.dst"] or row["ipv6.dst"]))
        if src is None or dst is None:
            continue
        if row["diameter.cmd.code"]:
            text = diameter_text(row)
            out.append(Event(t, "diameter", text, src, dst, (src, dst, text, first(row["diameter.hopbyhopid"])),
                             who=diameter_who(row)))
            continue
        if row["http.request.method"] or row["http.response.code"]:
            text, detail = http_text(row)
            out.append(Event(t, "http", text, src, dst, detail=detail, who=detail))
            continue
        n = max(1, len([x for x in (row["sip.Request-Line"] + "\x1e" + row["sip.Status-Line"]).split("\x1e") if x]))
        for part in range(n):
            text, line = sip_text(row, part)
            key = (src, dst, line, row["sip.CSeq"], row["sip.Call-ID"], first(row["sip.Via.branch"]))
            out.append(Event(t, "sip", text, src, dst, key, bool(row["esp.spi"]), line, sip_who(row, part)))
    return out


def pcaps_of(d):
    """The captures of a scenario's networks."""
    return sorted(p for p in glob.glob(d + "/*.pcap") if not p.endswith("/all.pcap"))


def from_captures_of(d):
    """The same of a scenario's directory. Leaves d/all.pcap."""
    capture.merge(pcaps_of(d), d + "/all.pcap", media.concerns_gateway)
    return from_captures(d + "/all.pcap", d + "/esp_sa")


PROTOCOL = {"sctp": "SCTP", "tcp": "TCP", "tls": "TLS", "msrp": "MSRP", "bfcp": "BFCP", "rtp": "RTP", "h248": ""}


def from_gateways(pcaps):
    """H.248 message by message; of the media each kind once a connection and direction, with its number."""
    out = []
    for s, hosts in sorted(((s, IN_CORE if p.endswith("/core.pcap") else HOSTS) for p in pcaps for s in media.seen(p)),
                           key=lambda x: x[0].t):
        src, dst = hosts.get(s.src[0]), hosts.get(s.dst[0])
        if src is None or dst is None or (s.part and h248.keeps_alive(s.part)):
            continue
        key = (s.kind, s.what, s.src, s.dst, s.part.value if s.part else s.tag)
        beside = h248.label(s.part)[1] if s.part else f"{s.src[1]} > {s.dst[1]}"
        kind = "h248" if s.kind in ("h248", "sctp") else "stream"
        out.append(Event(s.t, kind, f"{PROTOCOL[s.kind]} {s.what}".strip(), src, dst, key,
                         detail=f"{s.src[0]}:{s.src[1]} > {s.dst[0]}:{s.dst[1]}", who=beside))
    return out


def media_note(e):
    who = f"{e.get('ue', '')}.{e.get('session', '')}"
    if e["what"] == "gap":
        return f"{who}: media back after {e.get('gap_ms')} ms, {e.get('lost', 0)} packets lost"
    if e["what"] == "start":
        return f"{who}: media flows {e.get('local', '')} <-> {e.get('remote', '')}"
    if e["what"] == "message":
        whole = f", SHA-256 {e['sha256'][:16]}..." if e.get("sha256") else ""
        return f"{who}: a message of {e.get('octets')} octets, {e.get('wrong', 0)} wrong{whole}"
    if e["what"] == "moved":
        return f"{who}: media moved to {e.get('access', 'another access')}"
    return None


def from_ue_log(path):
    """Notes: cuts, media, what the scenario says, how it ended."""
    out = []
    with open(path) as f:
        for line in f:
            try:
                e = json.loads(line)
            except ValueError:
                continue
            t, ev, text = e.get("t", 0) / 1e6, e.get("ev"), None
            if ev == "access":
                text = f"{e['access']} " + ("IS CUT" if e["what"] == "cut" else "is back")
            elif ev == "media":
                text = media_note(e)
            elif ev == "note":
                text = e.get("text")
            elif ev == "state" and e.get("what") in ("dialog", "connection"):
                text = f"{e.get('ue', '')} {e['what']} {e.get('name')}: {e.get('state')}"
            elif ev == "fail":
                text = f"FAILED {e.get('file')}:{e.get('line')} {e.get('text')}"
            if text:
                out.append(Event(t, {"access": "cut", "fail": "fail"}.get(ev, "note" if ev == "note" else ev), text))
    return out


def fold(events):
    """Sort by time and fold repeated messages into the first one, with their number."""
    seen, out = {}, []
    for e in sorted(events, key=lambda e: e.t):
        if e.key is not None and e.key in seen:
            seen[e.key].times += 1
            seen[e.key].last = e.t
            continue
        if e.key is not None:
            seen[e.key] = e
        out.append(e)
    return out


def used_columns(events):
    used = sorted({c for e in events if e.src is not None for c in (e.src, e.dst)})
    return used or [0]
