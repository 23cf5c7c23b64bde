/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "modules/ims_alg/core/proto.h"

static const struct alg_proto_info protos[ALG_PROTOS] = {
    [ALG_PROTO_OTHER] = {"", ALG_KIND_OTHER, ALG_CLEAR, false, false, ""},
    [ALG_PROTO_TCP_MSRP] = {"TCP/MSRP", ALG_KIND_MSRP, ALG_CLEAR, false, true, "TCP"},
    [ALG_PROTO_TCP_TLS_MSRP] = {"TCP/TLS/MSRP", ALG_KIND_MSRP, ALG_TLS, false, true, "TCP/TLS"},
    [ALG_PROTO_TCP_BFCP] = {"TCP/BFCP", ALG_KIND_BFCP, ALG_CLEAR, false, true, "TCP"},
    [ALG_PROTO_TCP_TLS_BFCP] = {"TCP/TLS/BFCP", ALG_KIND_BFCP, ALG_TLS, false, true, "TCP/TLS"},
    [ALG_PROTO_RTP_AVP] = {"RTP/AVP", ALG_KIND_RTP, ALG_CLEAR, false, false, "RTP/AVP"},
    [ALG_PROTO_RTP_AVPF] = {"RTP/AVPF", ALG_KIND_RTP, ALG_CLEAR, true, false, "RTP/AVPF"},
    [ALG_PROTO_RTP_SAVP] = {"RTP/SAVP", ALG_KIND_RTP, ALG_SDES, false, false, "RTP/SAVP"},
    [ALG_PROTO_RTP_SAVPF] = {"RTP/SAVPF", ALG_KIND_RTP, ALG_SDES, true, false, "RTP/SAVPF"},
    [ALG_PROTO_DTLS_SAVP] = {"UDP/TLS/RTP/SAVP", ALG_KIND_RTP, ALG_DTLS, false, false,
			     "UDP/TLS/RTP/SAVP"},
    [ALG_PROTO_DTLS_SAVPF] = {"UDP/TLS/RTP/SAVPF", ALG_KIND_RTP, ALG_DTLS, true, false,
			      "UDP/TLS/RTP/SAVPF"},
    [ALG_PROTO_UDPTL] = {"udptl", ALG_KIND_DATAGRAM, ALG_CLEAR, false, false, "udptl"},
    [ALG_PROTO_UDP_BFCP] = {"UDP/BFCP", ALG_KIND_DATAGRAM, ALG_CLEAR, false, false, "UDP/BFCP"},
};

const struct alg_proto_info *alg_proto_info(enum alg_proto p)
{
	return &protos[(unsigned)p < ALG_PROTOS ? p : ALG_PROTO_OTHER];
}

enum alg_proto alg_proto_parse(struct slice text)
{
	for (unsigned i = 1; i < ALG_PROTOS; i++)
		if (slice_eq_nocase(text, slice_str(protos[i].text)))
			return (enum alg_proto)i;
	return ALG_PROTO_OTHER;
}

enum alg_proto alg_proto_make(enum alg_kind k, enum alg_security s, bool feedback)
{
	for (unsigned i = 1; i < ALG_PROTOS; i++)
		if (protos[i].kind == k && protos[i].security == s &&
		    protos[i].feedback == feedback)
			return (enum alg_proto)i;
	return ALG_PROTO_OTHER;
}

const char *alg_kind_name(enum alg_kind k)
{
	static const char *const names[ALG_KINDS] = {"other", "msrp", "bfcp", "rtp", "datagram"};

	return (unsigned)k < ALG_KINDS ? names[k] : "?";
}

const char *alg_security_name(enum alg_security s)
{
	static const char *const names[ALG_SECURITIES] = {"clear", "tls", "sdes", "dtls"};

	return (unsigned)s < ALG_SECURITIES ? names[s] : "?";
}
