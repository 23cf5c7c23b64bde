# SPDX-License-Identifier: GPL-2.0-or-later
"""Descriptions that phones and the core write."""
FP = "SHA-256 " + ":".join("%02X" % (i * 7 % 256) for i in range(32))
KEY = "WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz"
KEY2 = "NzB4d1BINUAvLEw6UzF3WSJ+PSdFcGdUJShpX1Zj"


def sdp(who, ip, *media, version=1, session=""):
    return "v=0\r\no=%s 1 %d IN IP4 %s\r\ns=-\r\nc=IN IP4 %s\r\nt=0 0\r\n%s%s" % (who, version, ip, ip, session, "".join(media))


def audio(port=40000, direction=""):
    return "m=audio %d RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\n%s" % (port, "a=%s\r\n" % direction if direction else "")


def sdes(port=40000, key=KEY, tag=1, requested=False):
    return "m=audio %d RTP/SAVP 0\r\na=rtpmap:0 PCMU/8000\r\na=crypto:%d AES_CM_128_HMAC_SHA1_80 inline:%s\r\n%s" % (
        port, tag, key, "a=3ge2ae:requested\r\n" if requested else "")


def msrp(ip, port=2855, tls=False, setup="actpass", requested=False, session="abc"):
    return "m=message %d TCP/%sMSRP *\r\na=accept-types:text/plain\r\na=path:msrp%s://%s:%d/%s;tcp\r\na=setup:%s\r\n%s%s" % (
        port, "TLS/" if tls else "", "s" if tls else "", ip, port, session, setup, "a=fingerprint:%s\r\n" % FP if tls else "",
        "a=3ge2ae:requested\r\n" if requested else "")


def bfcp(port=3000, tls=False, setup="actpass", requested=False):
    return "m=application %d TCP/%sBFCP *\r\na=setup:%s\r\na=connection:new\r\na=floorctrl:c-only\r\n%s%s" % (
        port, "TLS/" if tls else "", setup, "a=fingerprint:%s\r\n" % FP if tls else "", "a=3ge2ae:requested\r\n" if requested else "")


def dead(media="message", proto="TCP/TLS/MSRP"):
    return "m=%s 0 %s 0\r\n" % (media, proto)


def multipart(description):
    return ("--b1\r\nContent-Type: application/sdp\r\nContent-Length: %d\r\n\r\n%s\r\n--b1\r\nContent-Type: message/cpim\r\n"
            "Content-ID: <x@y>\r\n\r\nFrom: <im:a>\r\n\r\nhello\r\n--b1--\r\n" % (len(description), description))
