#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""check-tls.py DIRECTORY BUILD   TLS peers of an ims-hss on 10.9.9.5: whose certificate says what, and who waits."""
import os
import socket
import ssl
import struct
import subprocess
import sys
import time

folder, build = sys.argv[1], sys.argv[2]
HSS = "10.9.9.5"
failed = 0


def run(*words):
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def path(name):
    return os.path.join(folder, name)


def make_ca(name):
    run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=" + name,
        "-keyout", path(name + ".key"), "-out", path(name + ".pem"))


def make_certificate(name, dns, ca="ca"):
    with open(path(name + ".ext"), "w") as f:
        f.write("subjectAltName=DNS:%s\n" % dns)
    run("openssl", "req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=" + dns, "-keyout", path(name + ".key"),
        "-out", path(name + ".csr"))
    run("openssl", "x509", "-req", "-in", path(name + ".csr"), "-CA", path(ca + ".pem"), "-CAkey", path(ca + ".key"),
        "-CAcreateserial", "-days", "2", "-extfile", path(name + ".ext"), "-out", path(name + ".pem"))


def avp(code, data, flags=0x40):
    return struct.pack(">II", code, flags << 24 | 8 + len(data)) + data + bytes(-len(data) % 4)


def cer(host):
    application = avp(260, avp(266, struct.pack(">I", 10415)) + avp(258, struct.pack(">I", 16777216)))
    body = (avp(264, host.encode()) + avp(296, b"home1.net") + avp(257, b"\0\1\x0a\x09\x09\x02")
            + avp(266, bytes(4)) + avp(269, b"test", 0) + application)
    return struct.pack(">IIIII", 1 << 24 | 20 + len(body), 0x80 << 24 | 257, 0, 1, 1) + body


def result(answer):
    at = 20
    while at + 8 <= len(answer):
        code, word = struct.unpack(">II", answer[at:at + 8])
        if code == 268:
            return struct.unpack(">I", answer[at + 8:at + 12])[0]
        at += (word & 0xffffff) + 3 & ~3
    return 0


def exchange(host, certificate=None, port=5658):
    """The Result-Code of the CEA, or 0 if the connection ends without one."""
    try:
        with socket.create_connection((HSS, port), 5) as plain:
            if certificate:
                context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
                context.check_hostname = False
                context.load_verify_locations(path("ca.pem"))
                context.load_cert_chain(path(certificate + ".pem"), path(certificate + ".key"))
                with context.wrap_socket(plain) as s:
                    s.sendall(cer(host))
                    return result(s.recv(65536))
            plain.sendall(cer(host))
            return result(plain.recv(65536))
    except (OSError, ssl.SSLError):
        return 0


def check(what, ok):
    global failed
    if not ok:
        failed += 1
        print("FAILED: " + what)


def configure(extra):
    with open(path("tls.conf"), "w") as f:
        f.write("identity hss.home1.net\nrealm home1.net\nlisten %s\nlog info\n"
                "peer icscf.home1.net\npeer scscf.home1.net tls\npeer other.home1.net tls\n"
                "store sqlite:%s\ncontrol %s\ntls_port 5658\ntls_certificate %s\ntls_key %s\ntls_ca %s\n%s"
                % (HSS, path("tls.db"), path("tls.sock"), path("hss.pem"), path("hss.key"), path("ca.pem"), extra))


def start(extra):
    configure(extra)
    log = open(path("tls.log"), "ab")
    hss = subprocess.Popen([os.path.join(build, "bin", "ims-hss"), "-c", path("tls.conf")], stderr=log)
    for _ in range(600):
        try:
            socket.create_connection((HSS, 5658), 1).close()
            return hss
        except OSError:
            time.sleep(0.1)
    sys.exit("FAILED: ims-hss with TLS does not start:\n" + open(path("tls.log")).read())


def stop(hss):
    hss.terminate()
    check("ims-hss with TLS ends well", hss.wait(20) == 0)


def stalled_handshakes():
    """A ClientHello and then nothing, from more than libfdcore has threads for."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    out = ssl.MemoryBIO()
    hello = context.wrap_bio(ssl.MemoryBIO(), out)
    try:
        hello.do_handshake()
    except ssl.SSLWantReadError:
        pass
    octets = out.read()
    stalled = []
    for i in range(60):
        s = socket.create_connection((HSS, 5658), 5)
        s.sendall(octets if i % 2 else octets[:7])
        stalled.append(s)
    time.sleep(0.3)
    begin = time.monotonic()
    check("a peer gets in beside 60 handshakes that stand still", exchange("scscf.home1.net", "scscf") == 2001)
    check("and waits %.1f s for that" % (time.monotonic() - begin), time.monotonic() - begin < 10)
    for s in stalled:
        s.close()


make_ca("ca")
make_ca("wrong")
make_certificate("hss", "hss.home1.net")
make_certificate("scscf", "scscf.home1.net")
make_certificate("wild", "*.home1.net")
make_certificate("foreign", "scscf.home1.net", "wrong")
server = start("")
check("a certificate that bears the name gets in", exchange("scscf.home1.net", "scscf") == 2001)
check("another peer's certificate does not", exchange("other.home1.net", "scscf") == 3010)
check("nor one for any name", exchange("other.home1.net", "wild") == 3010)
check("nor one of another CA", exchange("scscf.home1.net", "foreign") == 0)
try:
    socket.create_connection((HSS, 3868), 1).close()
    check("the clear port is closed where TLS is asked for", False)
except ConnectionRefusedError:
    pass
stalled_handshakes()
stop(server)
server = start("port 3868\n")
check("a peer that must come over TLS does not get in clear", exchange("scscf.home1.net", port=3868) == 3010)
check("one that need not does, where the clear port is opened by name", exchange("icscf.home1.net", port=3868) == 2001)
stop(server)
print("TLS: %s" % ("%d failed" % failed if failed else "all passed"))
sys.exit(1 if failed else 0)
