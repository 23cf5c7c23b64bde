/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Session descriptions in the shapes that phones, PBXs and browsers write. All values are made up. */
#ifndef UNIT_SDP_BODIES_H
#define UNIT_SDP_BODIES_H

#define FP32                                                                                       \
	"00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:"                                         \
	"00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF"
#define FP20  "00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:01:02:03:04"
#define KEY30 "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwd"
#define HEAD  "v=0\r\no=- 7 1 IN IP4 192.0.2.10\r\ns=-\r\nc=IN IP4 192.0.2.10\r\nt=0 0\r\n"

static const struct body {
	const char *shape, *text;
	int mlines;
} bodies[] = {
    {"a chat over TLS that asks the network to end it",
     HEAD "m=message 50000 TCP/TLS/MSRP *\r\na=accept-types:message/cpim text/plain\r\n"
	  "a=setup:actpass\r\na=3ge2ae:requested\r\na=path:msrps://192.0.2.10:50000/ab;tcp\r\n"
	  "a=fingerprint:SHA-1 " FP20 "\r\na=sendrecv\r\n",
     1},
    {"an active phone behind a NAT: port 9, IPv6, CEMA, a name with a blank",
     "v=0\r\no=- 7 1 IN IP6 2001:db8::10\r\ns=SS CHAT\r\nc=IN IP6 2001:db8::10\r\nt=0 0\r\n"
     "m=message 9 TCP/MSRP *\r\na=path:msrp://[2001:db8::10]:9/ab;tcp\r\na=setup:active\r\n"
     "a=connection:new\r\na=msrp-cema\r\na=accept-types: *\r\n",
     1},
    {"a path over a relay, host names",
     "v=0\r\no=alice 7 1 IN IP4 a.example.com\r\ns=-\r\nc=IN IP4 a.example.com\r\nt=0 0\r\n"
     "m=message 7654 TCP/MSRP *\r\n"
     "a=path:msrp://relay.example.com:2855/x;tcp msrp://u@a.example.com:7654/y;tcp;q=1\r\n"
     "a=max-size:100000\r\n",
     1},
    {"fingerprint and setup at both levels",
     HEAD "a=fingerprint:SHA-256 " FP32 "\r\na=setup:passive\r\n"
	  "m=message 50000 TCP/TLS/MSRP *\r\na=setup:actpass\r\na=fingerprint:SHA-1 " FP20
	  "\r\na=fingerprint:sha-256 " FP32 "\r\nm=message 50000 TCP/TLS/MSRP *\r\n"
	  "a=path:msrps://192.0.2.10:50000/y;tcp\r\n",
     2},
    {"no c= for the session, line ends of LF, the last one missing",
     "v=0\no=- 7 1 IN IP4 192.0.2.10\ns=-\nt=0 0\nm=audio 50000 RTP/AVP 0\n"
     "c=IN IP4 192.0.2.11\nb=AS:64\na=sendonly",
     1},
    {"a file with a hash that looks like a fingerprint, i= behind a=",
     HEAD "m=message 9 TCP/MSRP *\r\na=file-selector:name:\"a (1) b.jpg\" type:image/jpeg "
	  "size:7 hash:sha-1:" FP20
	  "\r\na=file-range:1-*\r\na=recvonly\r\ni=supporting inactive\r\n",
     1},
    {"dead slots: formats * and 0, no attributes",
     HEAD "m=message 0 TCP/TLS/MSRP *\r\nm=video 0 RTP/SAVP 0\r\nm=audio 50000 RTP/AVP 0\r\n", 3},
    {"floor control beside its streams, old and new words",
     HEAD "m=audio 50000 RTP/AVP 0\r\nm=application 0 UDP/BFCP *\r\n"
	  "m=application 50010 TCP/TLS/BFCP *\r\na=floorctrl:c-s\r\na=confid:4\r\n"
	  "a=floorid:2 mstrm:12\r\na=connection:existing\r\na=tls-id:abc3de65\r\na=bfcpver:2 1\r\n"
	  "m=video 50020 RTP/AVP 96\r\na=label:12\r\n",
     4},
    {"SDES with blanks, several suites, MKI, preconditions, bandwidth twice",
     HEAD "b=AS:49\r\nm=audio 50000 RTP/SAVP 96 97 0\r\nb=AS:49\r\nb=RS:0\r\nb=RR:2500\r\n"
	  "a=crypto:1 AES_CM_128_HMAC_SHA1_80  inline:" KEY30 "|2^20|1:4\r\n"
	  "a=crypto:2 AES_CM_128_HMAC_SHA1_32 inline:" KEY30 "\r\na=3ge2ae: requested\r\n"
	  "a=curr:qos local none\r\na=des:qos mandatory local sendrecv\r\na=rtcp-fb:* nack\r\n",
     1},
    {"potential configurations",
     HEAD "m=audio 50000 RTP/AVP 96\r\na=tcap:1 RTP/SAVP RTP/AVPF\r\n"
	  "a=acap:1 crypto:1 AES_CM_128_HMAC_SHA1_80 inline:" KEY30 "\r\na=pcfg:1 t=1 a=1\r\n",
     1},
    {"a browser: BUNDLE, ICE, port 9, 0.0.0.0",
     "v=0\r\no=- 7 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0 1\r\n"
     "a=msid-semantic: WMS\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111 0\r\nc=IN IP4 0.0.0.0\r\n"
     "a=rtcp:9 IN IP4 0.0.0.0\r\na=ice-ufrag:ab\r\na=candidate:1 1 udp 2122 192.0.2.10 5 typ "
     "host\r\na=setup:actpass\r\na=mid:0\r\na=fingerprint:sha-256 " FP32 "\r\na=rtcp-mux\r\n"
     "m=video 9 UDP/TLS/RTP/SAVPF 96\r\nc=IN IP4 0.0.0.0\r\na=mid:1\r\na=bundle-only\r\n",
     2},
    {"every type of line, a port count, two ranges of addresses",
     "v=0\r\no=- 1 1 IN IP4 192.0.2.10\r\ns=-\r\ni=about\r\nu=http://example.com\r\n"
     "e=a@example.com\r\np=+1 2\r\nc=IN IP4 233.252.0.1/127\r\nb=CT:100\r\nb=X-YZ:5\r\nt=0 0\r\n"
     "r=604800 3600 0 90000\r\nz=0 0\r\nk=clear:x\r\na=recvonly\r\n"
     "m=audio 50000/2 RTP/AVP 0\r\ni=stream\r\nc=IN IP4 233.252.0.1/127\r\n"
     "c=IN IP4 233.252.0.2/127\r\nb=TIAS:64000\r\nk=prompt\r\na=rtpmap:0 PCMU/8000\r\n",
     1},
    {"fax, text, an unknown proto, blanks doubled",
     HEAD "m=image  50000  udptl   t38\r\na=T38FaxVersion:0\r\nm=text 50002 RTP/AVP 103\r\n"
	  "m=application 50004 UDP/MCPTT *\r\na=\r\na=x:\r\n",
     3},
    {"empty lines at the very end", HEAD "m=audio 50000 RTP/AVP 0\r\na=inactive\r\n\r\n\r\n", 1},
    {"no stream at all", HEAD, 0},
};
#define BODIES (sizeof(bodies) / sizeof(bodies[0]))

#endif
