# SPDX-License-Identifier: GPL-2.0-or-later
"""The ladder as text: one line an arrow, one column a host."""
from events import COLUMNS

WIDTH = 17
STROKE = {"diameter": ".", "h248": "~", "stream": "_", "http": ":"}


def arrow(e, cols, width):
    a, b = cols.index(e.src), cols.index(e.dst)
    line = [" "] * (width * len(cols))
    for i in range(len(cols)):
        line[i * width + width // 2] = "|"
    left, right = min(a, b) * width + width // 2, max(a, b) * width + width // 2
    stroke = "=" if e.esp else STROKE.get(e.kind, "-")
    for x in range(left + 1, right):
        line[x] = stroke
    line[right - 1 if b > a else left + 1] = ">" if b > a else "<"
    label = f" {e.text}{f' x{e.times}' if e.times > 1 else ''} "
    room = right - left - 4
    label = label[:max(room, 0)]
    at = left + 1 + (right - left - len(label)) // 2
    line[at:at + len(label)] = label
    return "".join(line).rstrip()


def ladder(events, cols, title):
    t0 = events[0].t if events else 0
    out = [title, "", "times in ms; === inside ESP, --- SIP in clear or in the core, ... Diameter,",
           "::: HTTP in TLS, ~~~ H.248, ___ media of the gateways: TCP, TLS, MSRP, BFCP, RTP; xN: sent N times;",
           "right: the identity of a REGISTER and of Diameter, path of HTTP, ports of media, else From > To", ""]
    out.append(" " * 10 + "".join(COLUMNS[c].center(WIDTH) for c in cols).rstrip())
    for e in events:
        ms = f"{(e.t - t0) * 1000:8.0f}  "
        if e.src is None:
            mark = {"cut": "###", "fail": "!!!"}.get(e.kind, "---")
            out.append(ms + f"{mark} {e.text}")
        elif e.src == e.dst:
            out.append(named(ms + arrow_self(e, cols), e, cols))
        else:
            out.append(named(ms + arrow(e, cols, WIDTH), e, cols))
    return "\n".join(out) + "\n"


def named(line, e, cols):
    """The line with the identities of its message behind the last column."""
    return f"{line:{10 + WIDTH * len(cols)}}  {e.who}" if e.who else line


def arrow_self(e, cols):
    return " " * (cols.index(e.src) * WIDTH + WIDTH // 2) + f"|<] {e.text}"
