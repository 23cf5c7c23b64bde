/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The phones: security agreement, their ends of the SAs, answers. */
#include "crowd.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>

#define PCSCF "10.1.0.1"

static uint32_t spi_uc(uint32_t n)
{
	return 0x10000 + 2 * n;
}

static void request(struct crowd *c, uint32_t n, const char *method, uint16_t via_port,
		    const char *extra, char out[CROWD_TEXT])
{
	const char *kind = *method == 'R' ? "reg" : "mo";
	unsigned cseq = *method == 'R' ? 2 * c->round + !!c->phones[n].server[0] : 1;

	snprintf(out, CROWD_TEXT,
		 "%s sip:home1.net SIP/2.0\r\n"
		 "Via: SIP/2.0/UDP 10.%u.%u.%u:%u;branch=z9hG4bK%s%u-%u-%u\r\nMax-Forwards: 70\r\n"
		 "From: <sip:ue%u@home1.net>;tag=u%u\r\nTo: <sip:ue%u@home1.net>\r\n"
		 "Call-ID: %s-%u-%u\r\nCSeq: %u %s\r\n%sContent-Length: 0\r\n\r\n",
		 method, 128 + (n >> 16), n >> 8 & 255, n & 255, via_port, kind, c->round, n, cseq,
		 n, c->round, n, kind, c->round, n, cseq, method, extra);
}

static void say_register(struct crowd *c, uint32_t n)
{
	const struct phone *p = &c->phones[n];
	char out[CROWD_TEXT], extra[2048];
	bool inside = p->server[0];

	snprintf(
	    extra, sizeof(extra),
	    "Contact: <sip:ue%u@10.%u.%u.%u:%d>\r\nExpires: 3600\r\nSupported: path\r\n"
	    "Authorization: Digest username=\"ue%u@home1.net\",realm=\"home1.net\",nonce=\"%s\","
	    "uri=\"sip:home1.net\",response=\"%s\"\r\n"
	    "Require: sec-agree\r\nProxy-Require: sec-agree\r\n"
	    "Security-Client: ipsec-3gpp;alg=hmac-sha-1-96;ealg=aes-cbc;prot=esp;mod=trans;"
	    "spi-c=%u;spi-s=%u;port-c=%d;port-s=%d\r\n%s%s%s",
	    n, 128 + (n >> 16), n >> 8 & 255, n & 255, PORT_US, n, inside ? "abc" : "",
	    inside ? "right" : "", spi_uc(n), spi_uc(n) + 1, PORT_UC, PORT_US,
	    inside ? "Security-Verify: " : "", p->server, inside ? "\r\n" : "");
	request(c, n, "REGISTER", inside ? PORT_US : 5060, extra, out);
	if (inside)
		crowd_send_phone(c, c->uc, n, 5061, out);
	else
		crowd_send_phone(c, c->plain, n, 5060, out);
}

void phone_say(struct crowd *c, uint32_t n)
{
	char out[CROWD_TEXT];

	if (c->deed == DEED_REGISTER) {
		say_register(c, n);
	} else if (c->deed == DEED_CALL) {
		home_call(c, n);
	} else {
		request(c, n, "MESSAGE", PORT_US, "", out);
		crowd_send_phone(c, c->uc, n, 5061, out);
	}
}

static unsigned long number(const char *server, const char *name)
{
	const char *at = strstr(server, name);

	return at ? strtoul(at + strlen(name), NULL, 10) : 0;
}

/* Our ends of the four SAs. */
static bool install(struct crowd *c, uint32_t n, const char *server)
{
	struct phone *p = &c->phones[n];
	uint32_t address = htonl(0x0a800000 + n);
	struct netaddr ue = netaddr_make(&address, 4, 0), pcscf;
	struct xfrm_keys keys;
	uint32_t pc = (uint32_t)number(server, "spi-c="), ps = (uint32_t)number(server, "spi-s=");
	const struct {
		bool out;
		uint16_t ours, theirs;
		uint32_t spi;
	} four[4] = {{true, PORT_UC, 5061, ps},
		     {false, PORT_UC, 5061, spi_uc(n)},
		     {false, PORT_US, 5062, spi_uc(n) + 1},
		     {true, PORT_US, 5062, pc}};
	int rc;

	if (xfrm_keys_from_aka(XFRM_ALG_HMAC_SHA1_96, XFRM_EALG_AES_CBC, p->ck, p->ik, &keys))
		return false;
	if (netaddr_parse(slice_str(PCSCF), &pcscf) < 0)
		return false;
	for (int i = 0; i < 4; i++) {
		ue.port = four[i].ours;
		pcscf.port = four[i].theirs;
		xfrm_batch_sa_add(c->batch,
				  &(struct xfrm_sa){.src = four[i].out ? ue : pcscf,
						    .dst = four[i].out ? pcscf : ue,
						    .spi = four[i].spi,
						    .alg = XFRM_ALG_HMAC_SHA1_96,
						    .ealg = XFRM_EALG_AES_CBC,
						    .mark = 1},
				  &keys);
	}
	rc = xfrm_batch_commit(c->batch, true, NULL);
	if (rc)
		fprintf(stderr, "crowd: SAs of phone %u: %s\n", n, xfrm_strerror(rc));
	return rc == 0;
}

/* What a REGISTER was answered. */
static void hear_answer(struct crowd *c, uint32_t n, struct slice msg, unsigned status)
{
	struct phone *p = &c->phones[n];
	char server[sizeof(p->server)];

	if (status == 401 && p->server[0])
		return; /* a copy */
	if (status != 401) {
		crowd_done(c, p, status == 200);
		return;
	}
	if (slice_copy(header(msg, "Security-Server", 0), server, sizeof(server)) || !server[0] ||
	    !install(c, n, server)) {
		crowd_done(c, p, false);
		return;
	}
	memcpy(p->server, server, sizeof(server));
	p->sent_ms = crowd_us() / 1000;
	say_register(c, n);
}

void phone_hear(struct crowd *c, uint32_t n, struct slice msg)
{
	struct phone *p = &c->phones[n];
	unsigned status = status_of(msg);
	char out[CROWD_TEXT], contact[64];

	if (status && status < 200)
		return;
	if (status && p->busy && c->deed == DEED_REGISTER) {
		hear_answer(c, n, msg, status);
	} else if (status && c->deed == DEED_SPEAK) {
		crowd_done(c, p, status == 200);
	} else if (!status && !memcmp(msg.p, "ACK", 3)) {
		if (c->deed == DEED_CALL)
			crowd_done(c, p, true);
	} else if (!status) {
		snprintf(contact, sizeof(contact), "Contact: <sip:ue%u@10.%u.%u.%u:%d>\r\n", n,
			 128 + (n >> 16), n >> 8 & 255, n & 255, PORT_US);
		respond(msg, "200 OK", contact, out);
		crowd_send_phone(c, c->uc, n, 5061, out);
	}
}
