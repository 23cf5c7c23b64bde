#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""tls.py BUILD FOLDER   HTTP with TLS and over a UNIX socket, and the configurations that are refused."""
import http.client
import os
import socket
import ssl
import subprocess

import rest
from rest import check, path


def ask(connection, token=None):
    headers = {"Authorization": "Bearer " + token} if token else {}
    connection.request("GET", "/api/v1/status", None, headers)
    status = connection.getresponse().status
    connection.close()
    return status


class Local(http.client.HTTPConnection):
    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(path("http.sock"))


def openssl(*words):
    subprocess.run(["openssl", *words], check=True, capture_output=True)


def over_tls():
    openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=hss.home1.net", "-addext",
            "subjectAltName=IP:10.9.9.1", "-keyout", path("key.pem"), "-out", path("cert.pem"))
    rest.configure("http 10.9.9.1:8443\nhttp_certificate %s\nhttp_key %s" % (path("cert.pem"), path("key.pem")))
    rest.make_tokens()
    hss = rest.start()
    context = ssl.create_default_context(cafile=path("cert.pem"))
    check("over TLS", ask(http.client.HTTPSConnection("10.9.9.1", 8443, context=context), rest.tokens["read"]) == 200)
    check("a token is wanted there, too", ask(http.client.HTTPSConnection("10.9.9.1", 8443, context=context)) == 401)
    try:
        check("not in clear", ask(http.client.HTTPConnection("10.9.9.1", 8443)) not in (200, 401))
    except (OSError, http.client.HTTPException):
        pass
    old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    old.check_hostname, old.verify_mode = False, ssl.CERT_NONE
    old.set_ciphers("DEFAULT:@SECLEVEL=0")
    old.options |= ssl.OP_NO_TLSv1_2 | ssl.OP_NO_TLSv1_3
    try:
        ask(http.client.HTTPSConnection("10.9.9.1", 8443, context=old))
        check("not with TLS 1.1", False)
    except OSError:
        check("not with TLS 1.1", True)
    stalled = [socket.create_connection(("10.9.9.1", 8443)) for _ in range(20)]
    check("beside handshakes that stand still", ask(http.client.HTTPSConnection("10.9.9.1", 8443, context=context, timeout=10),
                                                    rest.tokens["read"]) == 200)
    for s in stalled:
        s.close()
    rest.stop(hss)


def over_unix():
    rest.configure("http unix:" + path("http.sock"))
    hss = rest.start()
    check("mode of the socket", os.stat(path("http.sock")).st_mode & 0o777 == 0o600)
    check("over a UNIX socket", ask(Local("localhost"), rest.tokens["read"]) == 200)
    check("a token is wanted there, too", ask(Local("localhost")) == 401)
    # tokens that others may write are none
    os.chmod(path("tokens"), 0o666)
    check("fails closed", ask(Local("localhost"), rest.tokens["read"]) == 401)
    os.chmod(path("tokens"), 0o600)
    check("until it is mended", ask(Local("localhost"), rest.tokens["read"]) == 200)
    rest.stop(hss)
    check("the socket is gone", not os.path.exists(path("http.sock")))


def refused(says, lines, test_only=True):
    rest.configure(lines)
    run = subprocess.run([rest.build + "/bin/ims-hss", "-c", path("ims-hss.conf"), *(["-t"] if test_only else [])],
                         capture_output=True, text=True, check=False, timeout=60)
    # lines of the log that lead up to it begin with their level
    say = "\n".join(line for line in run.stderr.splitlines() if not line.startswith(("<", "GnuTLS", "Failed"))).strip()
    check(says, run.returncode and says in say and "\n" not in say, say)


over_tls()
over_unix()
refused("is for other machines", "http 10.9.9.1:8080")
refused("is for other machines", "http 0.0.0.0:8080")
refused("is for other machines", "http [::]:8080")
refused("belong together", "http 127.0.0.1:8080\nhttp_key " + path("key.pem"))
refused("an address and port", "http localhost")
refused("make a token with", "http 127.0.0.1:8080\nhttp_tokens " + path("none"), False)
refused("cannot read", "http 127.0.0.1:8443\nhttp_certificate /none\nhttp_key /none", False)
refused("fit together", "http 127.0.0.1:8443\nhttp_certificate %s\nhttp_key %s" % (path("key.pem"), path("cert.pem")), False)
with open(path("tokens"), "a") as f:
    f.write("somebody root 00\n")
refused("a role is read, provision, admin or migration", "http 127.0.0.1:8080", False)
# by the operator's own word
os.remove(path("tokens"))
rest.configure("http 10.9.9.1:8080\nhttp_clear yes")
rest.make_tokens()
server = rest.start()
check("http_clear", ask(http.client.HTTPConnection("10.9.9.1", 8080), rest.tokens["read"]) == 200)
rest.stop(server)
# the error of the tokens' mode was ours, and is loud as it should be
with open(path("log"), encoding="utf-8") as f:
    heard = [line for line in f if not ("can be written by others" in line and line.startswith("<3>"))]
with open(path("log"), "w", encoding="utf-8") as f:
    f.writelines(heard)
rest.end("TLS and configuration")
