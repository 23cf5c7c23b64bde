# SPDX-License-Identifier: GPL-2.0-or-later
"""What the tests of the REST API share: ims-hss as it is started, hssctl, a client that checks every answer."""
import atexit
import http.client
import json
import os
import subprocess
import sys
import time

import openapi

build, folder = os.path.realpath(sys.argv[1]), sys.argv[2]
HSS = "10.9.9.1"
PORT = 8080
K, OP, OPC = "465b5ce8b199b49faa5f0a2ee238a6bc", "cdc202d5123e20f62b6d676ac72cb318", "cd63cb71954a9f4e48a5994e37a02baf"
# TS 35.233 6.4
TUAK_K = "fffefdfcfbfaf9f8f7f6f5f4f3f2f1f0efeeedecebeae9e8e7e6e5e4e3e2e1e0"
TUAK_TOP = "808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f"
TUAK_TOPC = "305425427e18c503c8a4b294ea72c95d0c36c6c6b29d0c65de5974d5977f8524"
SECRETS = [K, OP, OPC, TUAK_K, TUAK_TOP, TUAK_TOPC, "s3cret-of-soft"]
# a store that is no file of the test's own, and the program that stops and starts its server
STORE, SERVER = os.environ.get("HSS_STORE"), os.environ.get("HSS_SERVER")
ROLES = ["none", "read", "provision", "admin"]
tokens = {}
passed = failed = 0
document = None


def check(what, ok, detail=""):
    global passed, failed
    passed, failed = passed + bool(ok), failed + (not ok)
    if not ok:
        print("FAILED: %s %s" % (what, detail), flush=True)
    return ok


def path(name):
    return os.path.join(folder, name)


def hssctl(*words, check_status=True):
    run = subprocess.run([build + "/bin/hssctl", "-c", path("ims-hss.conf"), *words], capture_output=True, text=True)
    if check_status and run.returncode:
        sys.exit("hssctl %s: %s" % (" ".join(words), run.stderr))
    return run.stdout + run.stderr


def configure(more=""):
    with open(path("ims-hss.conf"), "w") as f:
        f.write("identity hss.home1.net\nrealm home1.net\nlisten %s\npeer scscf.home1.net 10.9.9.2\nstore %s\n"
                "control %s\nhttp_tokens %s\nanswer_seconds 2\nlog info\npartner home2 realms=home2.net domains=home2.net\n"
                "inbound_domain in.home1.net\noutbound_domain out.home1.net\n%s\n"
                % (HSS, STORE or "sqlite:" + path("hss.db"), path("control"), path("tokens"), more or "http 127.0.0.1:%d" % PORT))


def make_tokens():
    for role in ROLES[1:] + ["migration"]:
        tokens[role] = hssctl("token", "add", role, role).strip()
        SECRETS.append(tokens[role])


def start(log="log"):
    wrap = os.environ.get("WRAP", "").split()
    hss = subprocess.Popen([*wrap, build + "/bin/ims-hss", "-c", path("ims-hss.conf")], stdout=subprocess.DEVNULL,
                           stderr=open(path(log), "ab"))
    atexit.register(hss.kill)
    end = time.monotonic() + 60
    while "uptime_seconds" not in hssctl("status", check_status=False):
        if hss.poll() is not None or time.monotonic() > end:
            sys.exit("ims-hss does not start:\n" + open(path(log), errors="replace").read()[-2000:])
        time.sleep(0.05)
    return hss


def stop(hss):
    hss.terminate()
    check("ims-hss ends well", hss.wait(30) == 0, hss.returncode)


HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY",
           "Referrer-Policy": "no-referrer"}


class Answer:
    def __init__(self, response):
        self.status = response.status
        self.headers = response.headers
        self.body = response.read()
        self.text = self.body.decode()
        self.json = json.loads(self.body) if "json" in (self.headers["Content-Type"] or "") and self.body else None


def raw(method, target, body=None, headers=None, token="admin", port=PORT):
    """One request on a connection of its own, its answer unchecked."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    headers = dict(headers or {})
    if token:
        headers.setdefault("Authorization", "Bearer " + tokens.get(token, token))
    connection.request(method, target, body, headers)
    answer = Answer(connection.getresponse())
    connection.close()
    return answer


def call(method, target, json_body=None, status=200, token="admin", body=None, headers=None):
    """One request; its answer is what the document says, has no secret in it, and the status."""
    headers = dict(headers or {})
    if json_body is not None:
        body, headers["Content-Type"] = json.dumps(json_body), "application/json"
    answer = raw(method, target, body, headers, token)
    where = "%s %s" % (method, target)
    check(where, answer.status == status, "is %d, not %d: %s" % (answer.status, status, answer.text[:300]))
    wrong = document.judge(method, target, answer.status, answer.headers["Content-Type"], answer.body)
    check(where, not wrong, wrong)
    check(where + " has no secret in it", not any(s in answer.text for s in SECRETS), answer.text)
    check(where + " has all headers", all(answer.headers[k] == v for k, v in HEADERS.items())
          and "default-src 'none'" in answer.headers["Content-Security-Policy"], answer.headers)
    return answer


def load_document():
    global document
    document = openapi.Document(raw("GET", "/openapi.json", token=None).text)


def subscriber(name, *publics, **more):
    return {"private": [{"identity": name + "@home1.net", "k": K, "opc": OPC}],
            "public": [{"identity": p, "set": 1} for p in publics or ("sip:%s@home1.net" % name,)], **more}


def memory_kb(pid, which="VmRSS:"):
    with open("/proc/%d/status" % pid) as f:
        return next(int(line.split()[1]) for line in f if line.startswith(which))


def end(title):
    print("%s: %d passed, %d failed" % (title, passed, failed))
    sys.exit(1 if failed else 0)
