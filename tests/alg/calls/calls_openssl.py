# SPDX-License-Identifier: GPL-2.0-or-later
"""TLS that is not ours: the phone's end of an MSRP leg is openssl s_client."""
import re
import socket
import subprocess

from bodies import FP, msrp, sdp
from checks import P, check, ends
from play import at, call
from sip import enter
from ua import CORE

PORT = 2855


def certificate(w):
    """A file with certificate and key, and the fingerprint of it."""
    pem = w.dir + "/phone.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=phone",
                    "-days", "1", "-keyout", pem, "-out", pem + ".crt"], check=True, capture_output=True)
    with open(pem + ".crt") as crt, open(pem, "a") as f:
        f.write(crt.read())
    said = subprocess.run(["openssl", "x509", "-in", pem, "-noout", "-fingerprint", "-sha256"], check=True, capture_output=True, text=True)
    return pem, "SHA-256 " + said.stdout.strip().split("=", 1)[1]


def openssl(*arguments):
    return subprocess.Popen(["ip", "netns", "exec", "peers", "openssl"] + list(arguments), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                            stderr=subprocess.DEVNULL)


def path_of(body):
    return re.search(r"a=path:(\S+)", body).group(1)


def send(to, of, text):
    return ("MSRP t1t1 SEND\r\nTo-Path: %s\r\nFrom-Path: %s\r\nMessage-ID: m1m1\r\nByte-Range: 1-%d/%d\r\nContent-Type: text/plain\r\n\r\n"
            "%s\r\n-------t1t1$\r\n" % (to, of, len(text), len(text), text)).encode()


def until_end(read):
    """What comes, to the end of a message."""
    got = b""
    while b"-------t1t1$\r\n" not in got:
        more = read(65536)
        if not more:
            raise AssertionError("the connection ended after %r" % got)
        got += more
    return got.decode()


def both_ways(w, c, tls, far, up, down, what):
    """Each end writes, and the other gets it; far: the core's connection."""
    far.settimeout(60)
    tls.stdin.write(send(path_of(down), path_of(up), "hello from openssl"))
    tls.stdin.flush()
    got = until_end(far.recv)
    w.ok("hello from openssl" in got and P not in got and "msrps" not in got, what + ": what it writes comes in clear", got)
    far.sendall(send("msrp://%s:%d/abc;tcp" % at(c.to_core, "message"), "msrp://%s:%d/abc;tcp" % (CORE, PORT), "hello from the core"))
    got = until_end(tls.stdout.read1)
    w.ok("hello from the core" in got and CORE not in got and "To-Path: " + path_of(up) in got, what + ": and reads", got)


@check
def openssl_ends(w, phone):
    """the phone's TLS is openssl's"""
    pem, fp = certificate(w)
    enter("peers")
    core = socket.socket()
    enter("net")
    core.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    core.bind((CORE, PORT))
    core.listen()
    core.settimeout(60)

    c = call(w, phone)
    up = sdp("p", P, msrp(P, tls=True, setup="active").replace(FP, fp))
    i, ok = c.up(up, sdp("far", CORE, msrp(CORE, setup="passive")))
    c.to_core = i.body
    tls = openssl("s_client", "-quiet", "-bind", P + ":0", "-connect", "%s:%d" % at(ok.body, "message"), "-cert", pem, "-key", pem)
    far = core.accept()[0]
    both_ways(w, c, tls, far, up, ok.body, "s_client")
    tls.kill()
    far.close()
    ends(w, c, "s_client")
    core.close()
