# SPDX-License-Identifier: GPL-2.0-or-later
"""Read H.248 messages in long text (H.248.1 Annex B) as far as the lab looks into them."""
import re

RAW = ("Local", "Remote")


class Item:
    """NAME = VALUE { items }; of Local and Remote the text is kept as it is."""

    def __init__(self, name, value, items=(), raw=""):
        self.name, self.value, self.items, self.raw = name, value, list(items), raw

    def find(self, name):
        """The first item of that name in the tree below, itself included; None if there is none."""
        if self.name == name:
            return self
        return next((f for f in (i.find(name) for i in self.items) if f), None)


HEAD = re.compile(r'(?:"[^"]*"|[^{},"])*')


def items(text, at=0):
    """The items from position at to the closing brace, and where they end."""
    out = []
    while at < len(text) and text[at] != "}":
        m = HEAD.match(text, at)
        name, _, value = m[0].strip().partition("=")
        at = m.end()
        item = Item(name.strip(), value.strip().strip('"'))
        if at < len(text) and text[at] == "{":
            if item.name in RAW:
                end = text.index("}", at)
                item.raw, at = text[at + 1:end].strip(), end + 1
            else:
                item.items, at = items(text, at + 1)
                at += 1
        if item.name:
            out.append(item)
        if at < len(text) and text[at] == ",":
            at += 1
    return out, at


def message(text):
    """The transactions, replies and so on of a message; [] if it is none of H.248."""
    m = re.match(r"(?:MEGACO|!)/\d+\s+\S+\s+", text)
    return items(text[m.end():])[0] if m else []


COMMANDS = ("Add", "Modify", "Move", "Subtract", "Notify", "ServiceChange", "AuditValue", "AuditCapability", "O-Add",
            "W-Subtract", "W-AuditValue")


def commands(part):
    """(context, command, termination, its item) of a transaction or reply."""
    found = [c for i in part.items for c in ([i] if i.name == "Context" else i.items if i.name == "ImmAckRequired" else [])]
    return [(c.value, cmd.name, cmd.value, cmd) for c in found for cmd in c.items if cmd.name in COMMANDS]


def media_of(cmd):
    """The proto of the first m-line in a command's Local or Remote: "TCP/MSRP"."""
    for name in RAW:
        d = cmd.find(name)
        m = d and re.search(r"(?m)^m=\S+ \S+ (\S+)", d.raw)
        if m:
            return m[1]
    return ""


def subject(cmd, asked):
    """What a command is about: its termination, and what is asked for or told."""
    event = cmd.find("ObservedEvents")
    what = media_of(cmd) if asked else ""
    if event and event.items:
        what = re.sub(r"^\d+T\d+:\s*", "", event.items[0].name)
    elif cmd.name == "ServiceChange" and cmd.find("Method"):
        what = cmd.find("Method").value
    return " ".join(x for x in (cmd.value, what) if x)


def label(part):
    """(what an arrow of a ladder says of it, what stands beside it)"""
    found = commands(part)
    error = part.find("Error")
    names = ", ".join(dict.fromkeys(name for _, name, _, _ in found)) or (f"Error {error.value}" if error else part.value)
    if part.name not in ("Transaction", "Reply"):
        return part.name, ""
    beside = "; ".join(subject(cmd, part.name == "Transaction") for _, _, _, cmd in found)
    if found and found[0][0] not in ("-", ""):
        beside += f" (context {found[0][0]})"
    if error and found:
        beside += f" Error {error.value}"
    return ("Reply " if part.name == "Reply" else "") + names, beside


def keeps_alive(part):
    """Controller and gateway only ask each other whether they live."""
    found = commands(part)
    return part.name == "TransactionResponseAck" or (bool(found) and all(
        c[1:3] == ("AuditValue", "ROOT") or c[1:3] == ("Notify", "ROOT") for c in found))
