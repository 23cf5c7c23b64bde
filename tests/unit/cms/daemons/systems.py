# SPDX-License-Identifier: GPL-2.0-or-later
"""Two systems, home1 and partner1, each with a real ims-cms; certificates and access tokens; clients good and bad."""
import atexit
import base64
import functools
import http.client
import json
import os
import random
import re
import ssl
import subprocess
import sys
import time

build, folder = os.path.realpath(sys.argv[1]), sys.argv[2]
root = os.path.realpath(os.path.join(os.path.dirname(__file__), "../../../.."))
ALICE, BOB = "sip:alice@mc.home1.net", "sip:bob@mc.home1.net"
CSC4 = {"home1": 8443, "partner1": 9443}
PEERS = {"home1": 8444, "partner1": 9444, "silent": 9555}
SCOPE = "3gpp:mc:ptt_config_management_service"
CONNECTIONS, GRANTS = "/csc-4/v1/partner-connections", "/csc-17/v1/access-grants"
passed = failed = 0


def check(what, ok, detail=""):
    global passed, failed
    passed, failed = passed + bool(ok), failed + (not ok)
    if not ok:
        print("FAILED: %s %s" % (what, detail), flush=True)
    return ok


def end(title):
    print("%s: %d passed, %d failed" % (title, passed, failed))
    sys.exit(1 if failed else 0)


def path(name):
    return os.path.join(folder, name)


def openssl(*words, data=None):
    run = subprocess.run(["openssl", *words], input=data, capture_output=True, check=False)
    if run.returncode:
        sys.exit("openssl %s: %s" % (" ".join(words), run.stderr.decode()))
    return run.stdout


def write(name, text):
    with open(path(name), "w") as f:
        f.write(text)
    return path(name)


# ---- certificates ----

def authority(name):
    openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-subj", "/CN=" + name, "-keyout",
            path(name + ".key"), "-out", path(name + ".pem"))


def certificate(name, ca, san, days="30"):
    openssl("req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=" + name, "-keyout", path(name + ".key"), "-out",
            path(name + ".csr"))
    write("ext", "subjectAltName=" + san)
    openssl("x509", "-req", "-in", path(name + ".csr"), "-CA", path(ca + ".pem"), "-CAkey", path(ca + ".key"), "-days", days,
            "-extfile", path("ext"), "-out", path(name + ".pem"))


def certificates():
    for ca in ("ca-home", "ca-partner", "ca-foreign"):
        authority(ca)
    certificate("home1", "ca-home", "DNS:cms.home1.net,DNS:localhost")
    certificate("partner1", "ca-partner", "DNS:cms.partner1.net,DNS:localhost")
    certificate("foreign", "ca-foreign", "DNS:cms.home1.net,DNS:localhost")
    certificate("expired", "ca-home", "DNS:cms.home1.net", "-1")
    certificate("other-name", "ca-home", "DNS:cms.home9.net")
    certificate("csc4", "ca-home", "DNS:localhost")
    openssl("genrsa", "-out", path("idms.key"), "2048")
    openssl("rsa", "-in", path("idms.key"), "-pubout", "-out", path("idms.pem"))
    openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", path("idms-ec.key"))
    openssl("ec", "-in", path("idms-ec.key"), "-pubout", "-out", path("idms-ec.pem"))
    openssl("genrsa", "-out", path("stranger.key"), "2048")


# ---- access tokens ----

def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def raw_of_der(der):
    """r and s of an ECDSA signature side by side (RFC 7518 3.4)."""
    out, at = b"", 2
    for _ in range(2):
        n = der[at + 1]
        out += der[at + 2:at + 2 + n].lstrip(b"\0").rjust(32, b"\0")
        at += 2 + n
    return out


def token(mc_id=ALICE, alg="RS256", key="idms.key", **claims):
    body = {"iss": "https://idms.home1.net", "aud": "cms.home1.net", "exp": int(time.time()) + 3600, "scope": "openid " + SCOPE,
            "mcptt_id": mc_id, "client_id": "ue"}
    body.update(claims)
    text = b64(json.dumps({"alg": alg, "typ": "JWT"}).encode()) + "." + b64(json.dumps(body).encode())
    if alg == "none":
        return text + "."
    if alg == "HS256":  # with what anybody may know, the public key
        secret = open(path("idms.pem"), "rb").read()
        return text + "." + b64(openssl("dgst", "-sha256", "-mac", "HMAC", "-macopt", "hexkey:" + secret.hex(), "-binary",
                                        data=text.encode()))
    sig = openssl("dgst", "-sha256", "-sign", path(key), data=text.encode())
    return text + "." + b64(raw_of_der(sig) if alg == "ES256" else sig)


# ---- the daemons ----

def configure(name, more="", partner_more=""):
    other = "partner1" if name == "home1" else "home1"
    write(name + ".conf", """
system %(name)s
domains %(name)s.net
inbound_domain in.%(name)s.net
outbound_domain out.%(name)s.net
realm %(name)s.net
pcscf pcscf.%(name)s.net:5060
sip_database hss hss.%(name)s.net %(name)s.net
ue_config %(root)s/hss/cms/initial-ue-config.xml
store %(folder)s/%(name)s.db
control %(folder)s/%(name)s.sock
csc4 127.0.0.1:%(csc4)d
csc4_certificate %(folder)s/csc4.pem
csc4_key %(folder)s/csc4.key
token_key %(folder)s/idms.pem
token_key %(folder)s/idms-ec.pem
token_issuer https://idms.home1.net
token_audience cms.home1.net
peers 127.0.0.1:%(peers)d
certificate %(folder)s/%(name)s.pem
key %(folder)s/%(name)s.key
answer_seconds 2
log info
%(more)s
[partner %(other)s]
url https://localhost:%(there)d
ca %(folder)s/ca-%(ca)s.pem
san cms.%(other)s.net
domains %(other)s.net
databases hss.%(other)s.net
places 00102
services mcptt
accept all
%(partner_more)s
[partner silent]
url https://localhost:%(silent)d
ca %(folder)s/ca-foreign.pem
san cms.silent.net
places 00109
services mcptt
""" % {"name": name, "other": other, "root": root, "folder": folder, "csc4": CSC4[name], "peers": PEERS[name],
       "there": PEERS[other], "ca": "partner" if name == "home1" else "home", "silent": PEERS["silent"], "more": more,
       "partner_more": partner_more})


def ctl(name, *words, ok=True):
    run = subprocess.run([build + "/bin/cmsctl", "-c", path(name + ".conf"), *words], capture_output=True, text=True, check=False)
    if ok:
        check("cmsctl %s %s" % (name, " ".join(words)), run.returncode == 0, run.stderr)
    return run.stdout + run.stderr


def counter(name, which):
    return int(re.search(r"^%s (\d+)$" % which, ctl(name, "status"), re.M).group(1))


def start(name):
    p = subprocess.Popen([*os.environ.get("WRAP", "").split(), build + "/bin/ims-cms", "-c", path(name + ".conf")],
                         stdout=subprocess.DEVNULL, stderr=open(path("log-" + name), "ab"))
    atexit.register(p.kill)
    limit = time.monotonic() + 60
    while "away" not in ctl(name, "status", ok=False):
        if p.poll() is not None or time.monotonic() > limit:
            sys.exit("ims-cms does not start:\n" + open(path("log-" + name), errors="replace").read()[-2000:])
        time.sleep(0.02)
    return p


def stop(p):
    p.terminate()
    check("ims-cms ends well", p.wait(30) == 0, p.returncode)


def add_users(n=0):
    for mc_id in [ALICE, BOB] + ["sip:u%d@mc.home1.net" % i for i in range(n)]:
        user = mc_id[4:].split("@")[0]
        ctl("home1", "user", "set", mc_id, "impi=%s_private@home1.net" % user, "impu=sip:%s@home1.net" % user)
        ctl("home1", "agree", mc_id, "partner1")


def wait_for(what, ready, seconds=30):
    limit = time.monotonic() + seconds
    while not ready():
        if time.monotonic() > limit:
            return check(what, False, "never")
        time.sleep(0.05)
    return check(what, True)


# ---- clients ----

class Answer:
    def __init__(self, response):
        self.status, self.headers, self.body = response.status, response.headers, response.read()
        self.json = json.loads(self.body) if "json" in (self.headers["Content-Type"] or "") and self.body else None


@functools.lru_cache
def trusting(ca, cert):
    """What a client needs of TLS; reading an authority takes longer than a handshake."""
    context = ssl.create_default_context(cafile=path(ca))
    if cert:
        context.load_cert_chain(path(cert + ".pem"), path(cert + ".key"))
    return context


def ask(port, method, target, body=None, headers=None, cert=None, ca=None, name="localhost"):
    context = trusting(ca or ("ca-partner.pem" if port == PEERS["partner1"] else "ca-home.pem"), cert)
    c = http.client.HTTPSConnection(name, port, context=context, timeout=30)
    try:
        if isinstance(body, (dict, list)):
            body = json.dumps(body)
        c.request(method, target, body, dict({"Content-Type": "application/json"} if body else {}, **(headers or {})))
        return Answer(c.getresponse())
    finally:
        c.close()


def ue(method, target, body=None, tok=None, system="home1", **headers):
    """A request of a UE; tok "" sends none."""
    h = {k.replace("_", "-"): v for k, v in headers.items()}
    if tok != "":
        h["Authorization"] = "Bearer " + (tok or token())
    return ask(CSC4[system], method, target, body, h, ca="ca-home.pem")


def wish(mc_id=ALICE, **more):
    body = {"mcServiceId": mc_id, "ueInstanceId": "urn:uuid:00000000-0000-1000-8000-000000000001", "services": ["mcptt"],
            "location": {"plmn": "00102"}}
    body.update(more)
    return body


def peer(method, target, body=None, cert="home1"):
    """A request of home1 to partner1's CMS-CMS door."""
    return ask(PEERS["partner1"], method, target, body, cert=cert)


def stamp(offset=0):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + offset))


def access(**more):
    name = "".join(random.choice("abcdefgh") for _ in range(12))
    body = {"messageId": "t" + name, "issuedAt": stamp(), "requestedExpires": stamp(3600), "primarySystemId": "home1",
            "mcServiceId": "sip:%s@mc.home1.net" % name, "ueInstanceId": "urn:uuid:2", "services": ["mcptt"],
            "privateIdentity": name + "@out.home1.net", "publicIdentities": ["sip:%s@out.home1.net" % name], "outbound": True,
            "sipDatabase": {"kind": "hss", "diameterHost": "hss.home1.net", "diameterRealm": "home1.net"}}
    body.update(more)
    return body
