#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""bulk.py BUILD FOLDER   Many subscriptions, many requests, and clients that are slow, over the REST API of a real
ims-hss. SUBSCRIPTIONS (100,000) and REQUESTS (10,000) say how many."""
import http.client
import json
import os
import socket
import subprocess
import threading
import time

import rest
from rest import call, check, hssctl, subscriber

MANY = int(os.environ.get("SUBSCRIPTIONS", "100000"))
REQUESTS = int(os.environ.get("REQUESTS", "10000"))
LIMIT_S = 120  # for the import or export of MANY; it takes some seconds on an idle machine
IMPORT = "/api/v1/import"


def text_of(first, n):
    return "".join("subscription\n\tprivate u%d@home1.net k=%s opc=%s\n\tpublic sip:u%d@home1.net set=1\n"
                   "\tpublic tel:+99%d set=1\n\tifc priority=1 server=sip:as.home1.net trigger=\"all method:INVITE\"\n"
                   "end\n" % (i, rest.K, rest.OPC, i, i) for i in range(first, first + n))


def subscriptions():
    return call("GET", "/api/v1/status").json["totals"]["subscriptions"]


def send_import(text, query="", pieces=None):
    """The answer to an import that is sent in pieces; pieces is called between them."""
    connection = http.client.HTTPConnection("127.0.0.1", rest.PORT, timeout=LIMIT_S)

    def body():
        for at in range(0, len(text), 1 << 20):
            yield text[at:at + (1 << 20)].encode()
            if pieces:
                pieces()

    connection.request("POST", IMPORT + query, body(), {"Authorization": "Bearer " + rest.tokens["admin"],
                                                        "Content-Type": "text/plain"}, encode_chunked=True)
    answer = rest.Answer(connection.getresponse())
    connection.close()
    wrong = rest.document.judge("POST", IMPORT, answer.status, answer.headers["Content-Type"], answer.body)
    check("import", not wrong, wrong)
    return answer


def timed(what, f):
    began = time.monotonic()
    result = f()
    took = time.monotonic() - began
    check("%s of %d in time" % (what, MANY), took < LIMIT_S, "%.1f s" % took)
    print("%s of %d subscriptions: %.1f s" % (what, MANY, took), flush=True)
    return result


def import_many():
    text = text_of(0, MANY)
    states = []
    answer = timed("REST import", lambda: send_import(
        text, pieces=lambda: states.append(call("GET", IMPORT, token="read").json)))
    check("import", answer.status == 200 and answer.json["imported"] == MANY, answer.text)
    counts = [s["imported"] for s in states]
    check("progress is seen", all(s["state"] == "running" for s in states) and counts == sorted(counts)
          and (MANY < 50000 or 0 < counts[-1] < MANY), counts)
    check("all are there", subscriptions() == MANY)
    last = call("GET", IMPORT).json
    check("done", last["state"] == "done" and last["imported"] == MANY, last)


def walk():
    seen, target = 0, "/api/v1/subscribers?limit=200"
    while target:
        page = rest.raw("GET", target).json
        seen, target = seen + len(page["subscribers"]), page["next"]
    check("pages have all %d" % MANY, seen == MANY, seen)


def restore():
    """A base is restored from its own export, by hssctl."""
    with open(rest.path("export"), "w") as f:
        timed("hssctl export", lambda: subprocess.run(
            [rest.build + "/bin/hssctl", "-c", rest.path("ims-hss.conf"), "export"], stdout=f, check=True))
    other = [rest.build + "/bin/hssctl", "--store", "sqlite:" + rest.path("other.db")]
    run = timed("hssctl import", lambda: subprocess.run([*other, "import", rest.path("export")], capture_output=True,
                                                        text=True, check=False))
    check("restored", "%d subscriptions imported" % MANY in run.stdout, run.stdout + run.stderr)
    with open(rest.path("again"), "w") as f:
        subprocess.run([*other, "export"], stdout=f, check=True)
    check("and the same", subprocess.run(["cmp", rest.path("export"), rest.path("again")], check=False).returncode == 0)


def resume():
    n = 3000
    good = text_of(MANY, n)
    lines = good.split("\n")
    lines[6 * 2500 + 2] = "\tpublic mailto:x"
    problem = send_import("\n".join(lines)).json
    check("the line is named", problem["status"] == 422 and problem["detail"].startswith("line 15003: "), problem)
    skip = int(problem["action"].split("skip=")[1])
    check("what came before is stored", subscriptions() == MANY + skip and 0 < skip <= 2500, skip)
    check("and the import says so", call("GET", IMPORT).json["imported"] == skip)
    answer = send_import(good, "?skip=%d" % skip)
    check("it goes on", answer.status == 200 and subscriptions() == MANY + n, answer.text)
    check("once", send_import(text_of(MANY, 1)).status == 422)
    check("replace", send_import(text_of(MANY, n), "?replace=true").status == 200 and subscriptions() == MANY + n)


def half(state, length):
    return state["state"] == "running" and state["octets"] >= length // 2


def interrupted():
    text = text_of(MANY + 10000, 2000)
    s = socket.create_connection(("127.0.0.1", rest.PORT))
    s.sendall(("POST %s HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer %s\r\nContent-Type: text/plain\r\n"
               "Content-Length: %d\r\n\r\n" % (IMPORT, rest.tokens["admin"], len(text))).encode())
    s.sendall(text[:len(text) // 2 * 1].encode())
    wait_for("the import runs", lambda: half(call("GET", IMPORT).json, len(text)))
    # it stands still, and holds nothing but the place of the one import
    check("one at a time", send_import(text_of(MANY + 20000, 1)).status == 409)
    call("POST", "/api/v1/subscribers", subscriber("beside"), 201)
    hssctl("impu", "bar", "beside@home1.net", "sip:beside@home1.net")
    call("DELETE", "/api/v1/subscribers/beside@home1.net")
    refused = subprocess.run(["curl", "-sS", "-H", "Authorization: Bearer " + rest.tokens["admin"], "-T", rest.path("export"),
                              "-X", "POST", "-H", "Content-Type: text/plain", "http://127.0.0.1:%d%s" % (rest.PORT, IMPORT)],
                             capture_output=True, text=True, check=False)
    check("also a big one", '"status":409' in refused.stdout, refused.stdout + refused.stderr)
    s.close()
    wait_for("it is interrupted", lambda: call("GET", IMPORT).json["state"] == "interrupted")
    kept = call("GET", IMPORT).json["imported"]
    check("it goes on behind", send_import(text, "?skip=%d" % kept).status == 200)


def wait_for(what, ready, seconds=60):
    end = time.monotonic() + seconds
    while not ready():
        if time.monotonic() > end:
            return check(what, False, "never")
        time.sleep(0.05)
    return check(what, True)


class Slow:
    """Clients that ask, or read, an octet at a time."""

    def __init__(self, n):
        self.began = time.monotonic()
        head = ("GET /api/v1/subscribers?limit=200 HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer %s\r\n"
                % rest.tokens["read"]).encode()
        self.sockets = []
        for i in range(n):
            s = socket.socket()
            s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
            s.bind(("127.0.0.%d" % (2 + i % 4 // 2), 0))  # one address has not all places
            s.connect(("127.0.0.1", rest.PORT))
            # half of them never read what they asked for, twenty times over
            s.sendall((head + b"\r\n") * 20 if i % 2 else head)
            self.sockets.append(s)
        self.dripping = True
        threading.Thread(target=self.drip, daemon=True).start()

    def drip(self):
        while self.dripping:
            for s in self.sockets[::2]:
                try:
                    s.sendall(b"X")
                except OSError:
                    pass
            time.sleep(1)

    def gone(self):
        n = 0
        for s in self.sockets[::2]:
            s.setblocking(False)
            try:
                n += s.recv(1) == b""
            except BlockingIOError:
                pass
            except OSError:
                n += 1
        return n


def slow_clients(slow):
    began = time.monotonic()
    call("POST", "/api/v1/subscribers", subscriber("slow"), 201)
    hssctl("impu", "bar", "slow@home1.net", "sip:slow@home1.net")
    call("DELETE", "/api/v1/subscribers/slow@home1.net")
    check("others are served beside slow clients", time.monotonic() - began < 10, time.monotonic() - began)
    wait_for("those that drip are closed", lambda: slow.gone() == len(slow.sockets[::2]), 60)
    took = time.monotonic() - slow.began
    slow.dripping = False
    for s in slow.sockets:
        s.close()
    check("after half a minute", 25 < took < 60, took)
    check("and counted", call("GET", "/api/v1/status").json["counters"]["http_cut"] > 0)


def served():
    try:
        return rest.raw("GET", "/api/v1/status").status == 200
    except (OSError, http.client.HTTPException):
        return False  # there is no place yet


def crowd():
    """More connections than there are places; who comes later is served when they go."""
    sockets = [socket.create_connection(("127.0.0.1", rest.PORT)) for _ in range(200)]
    time.sleep(0.2)
    for s in sockets:
        s.close()
    wait_for("served after a crowd", served)


def leak(hss):
    connection = http.client.HTTPConnection("127.0.0.1", rest.PORT, timeout=60)
    auth = {"Authorization": "Bearer " + rest.tokens["admin"], "Content-Type": "application/json"}
    new = json.dumps(subscriber("leak"))

    def one_round(i):
        for method, target, body in (
                ("POST", "/api/v1/subscribers", new), ("GET", "/api/v1/subscribers/leak@home1.net", None),
                ("PATCH", "/api/v1/subscribers/leak@home1.net/public/sip:leak@home1.net", '{"barred":%s}'
                 % ("true" if i % 2 else "false")),
                ("POST", "/api/v1/subscribers", "{"), ("POST", "/api/v1/subscribers/leak@home1.net/push", None),
                ("DELETE", "/api/v1/subscribers/leak@home1.net", None), ("GET", "/api/v1/subscribers?limit=50", None),
                ("GET", "/metrics", None), ("GET", "/nothing", None), ("GET", "/", None)):
            connection.request(method, target, body, auth)
            connection.getresponse().read()

    for i in range(REQUESTS // 40):
        one_round(i)
    before = rest.memory_kb(hss.pid)
    began = time.monotonic()
    for i in range(REQUESTS // 10):
        one_round(i)
    took = time.monotonic() - began
    after = rest.memory_kb(hss.pid)
    print("%d requests in %.1f s, one after the other; %d kB before, %d after" % (REQUESTS, took, before, after))
    check("memory stays", after - before < 512, "%d kB, %d kB" % (before, after))


rest.configure("http 127.0.0.1:%d\nmemory_mb 0" % rest.PORT)  # what requests leave is measured, not what subscriptions take
rest.make_tokens()
server = rest.start()
rest.load_document()
slow = Slow(40)
slow_clients(slow)
crowd()
import_many()
walk()
restore()
resume()
interrupted()
leak(server)
check("never more than", rest.memory_kb(server.pid, "VmHWM:") < 96 * 1024, rest.memory_kb(server.pid, "VmHWM:"))
rest.stop(server)
rest.end("bulk")
