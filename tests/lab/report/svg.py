# SPDX-License-Identifier: GPL-2.0-or-later
"""The ladder as SVG, for a browser or an image viewer."""
from html import escape
from events import COLUMNS

COL, LEFT, TOP, ROW, AGAIN, WHO = 150, 90, 96, 26, 40, 230
COLOUR = {"esp": "#0b6e4f", "clear": "#1f4e8c", "diameter": "#8a4b08", "h248": "#7a1fa2", "stream": "#00707c", "http": "#b00058"}
DASHES = {"diameter": ' stroke-dasharray="5 3"', "h248": ' stroke-dasharray="8 2"', "stream": ' stroke-dasharray="2 2"',
          "http": ' stroke-dasharray="6 2 1 2"'}
NOTE = {"cut": ("#fde2e1", "#a11d1d"), "fail": ("#a11d1d", "#ffffff"), "media": ("#e3f1fd", "#1f4e8c"),
        "state": ("#f1f1f1", "#555555"), "note": ("#fff6d6", "#6b5300")}


def x_of(cols, c):
    return LEFT + cols.index(c) * COL + COL // 2


def draw_arrow(e, cols, y):
    style = e.kind if e.kind in DASHES else "esp" if e.esp else "clear"
    colour, a, b = COLOUR[style], x_of(cols, e.src), x_of(cols, e.dst)
    right = b > a
    tip = b - 7 if right else b + 7
    dash = DASHES.get(style, "")
    width = 2.2 if style == "esp" else 1.3
    head = f"{b},{y} {tip},{y - 4} {tip},{y + 4}"
    times = f" \u00d7{e.times}" if e.times > 1 else ""
    title = f"<title>{escape(e.detail)}</title>" if e.detail else ""
    middle = (a + b) // 2
    text = escape(e.text + times)
    # A label longer than its arrow stands beside the left end, on white so that lifelines do not cut it.
    length = 6.3 * len(e.text + times)
    at = max(middle, LEFT + length / 2)
    return (f'<g>{title}<line x1="{a}" y1="{y}" x2="{tip}" y2="{y}" stroke="{colour}" stroke-width="{width}"{dash}/>'
            f'<polygon points="{head}" fill="{colour}"/>'
            f'<text x="{at:.0f}" y="{y - 5}" text-anchor="middle" class="m" fill="{colour}">{text}</text></g>')


def draw_note(e, cols, y):
    fill, ink = NOTE.get(e.kind, NOTE["note"])
    width = len(cols) * COL
    bold = ' font-weight="bold"' if e.kind in ("cut", "fail") else ""
    return (f'<rect x="{LEFT}" y="{y - 15}" width="{width}" height="20" rx="3" fill="{fill}"/>'
            f'<text x="{LEFT + width // 2}" y="{y - 1}" text-anchor="middle" class="n" fill="{ink}"{bold}>'
            f"{escape(e.text[:160])}</text>")


def draw_heads(cols, y):
    out = []
    for c in cols:
        x = x_of(cols, c)
        out.append(f'<rect x="{x - 55}" y="{y}" width="110" height="24" rx="4" fill="#f4f4f4" stroke="#888"/>'
                   f'<text x="{x}" y="{y + 17}" text-anchor="middle" class="c">{escape(COLUMNS[c])}</text>')
    return "".join(out)


def ladder(events, cols, title):
    t0 = events[0].t if events else 0
    # The hosts' names come again now and then, so that a long diagram can be read in its middle.
    height = TOP + ROW * (len(events) + 2 + 2 * (len(events) // AGAIN))
    width = LEFT + len(cols) * COL + WHO
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}">',
           "<style>text{font-family:DejaVu Sans,Helvetica,Arial,sans-serif}.m{font-size:11px;paint-order:stroke;"
           "stroke:#fff;stroke-width:3px}.n{font-size:11px}.t,.w{font-size:10px;fill:#777}.c{font-size:13px;"
           "font-weight:bold;fill:#222}.h{font-size:16px;font-weight:bold;fill:#222}.k{font-size:11px}</style>",
           f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
           f'<text x="{LEFT}" y="26" class="h">{escape(title)}</text>',
           f'<text x="{LEFT}" y="46" class="k" fill="#555">times in ms \u2014 '
           f'<tspan fill="{COLOUR["esp"]}">SIP inside ESP</tspan>, <tspan fill="{COLOUR["clear"]}">SIP in clear or '
           f'between CSCFs</tspan>, <tspan fill="{COLOUR["diameter"]}">Diameter</tspan>, '
           f'<tspan fill="{COLOUR["http"]}">HTTP in TLS</tspan>, '
           f'<tspan fill="{COLOUR["h248"]}">H.248</tspan>, <tspan fill="{COLOUR["stream"]}">media of the gateways: TCP, TLS, '
           f'MSRP, BFCP, RTP</tspan>; \u00d7N: sent N times; '
           f'right: the identity of a REGISTER and of Diameter, path of HTTP, ports of media, else From &gt; To</text>']
    for c in cols:
        x = x_of(cols, c)
        out.append(f'<line x1="{x}" y1="{TOP - 14}" x2="{x}" y2="{height - 14}" stroke="#bbb"/>')
    out.append(draw_heads(cols, TOP - 38))
    y = TOP + ROW
    for n, e in enumerate(events):
        if n and n % AGAIN == 0:
            out.append(draw_heads(cols, y - 12))
            y += 2 * ROW
        out.append(f'<text x="{LEFT - 12}" y="{y + 3 if e.src is not None else y - 1}" text-anchor="end" class="t">'
                   f"{(e.t - t0) * 1000:.0f}</text>")
        out.append(draw_note(e, cols, y) if e.src is None or e.src == e.dst else draw_arrow(e, cols, y))
        if e.who:
            out.append(f'<text x="{LEFT + len(cols) * COL + 6}" y="{y + 3}" class="w">{escape(e.who)}</text>')
        y += ROW
    out.append("</svg>")
    return "\n".join(out) + "\n"
