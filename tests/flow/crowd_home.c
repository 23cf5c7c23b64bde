/* SPDX-License-Identifier: GPL-2.0-or-later */
/* I-CSCF, S-CSCF and HSS in one: challenges with fresh keys, registers, calls phones by their Path.
 */
#include "crowd.h"

#include <stdio.h>
#include <sys/random.h>

#define HOME "10.0.0.4"

/* Call-IDs end with the number of the phone. */
static struct phone *phone_of(struct crowd *c, struct slice msg)
{
	struct slice id = header(msg, "Call-ID", 0);
	uint64_t n;

	while (memchr(id.p, '-', id.len))
		slice_cut(&id, '-');
	return slice_u64(id, CROWD_MAX - 1, &n) ? NULL : &c->phones[n];
}

static void hex(const uint8_t in[16], char out[33])
{
	for (int i = 0; i < 16; i++)
		snprintf(out + 2 * i, 3, "%02x", in[i]);
}

static void challenge(struct crowd *c, struct phone *p, struct slice msg)
{
	char out[CROWD_TEXT], extra[256], ck[33], ik[33];

	/* A copy of the REGISTER that the P-CSCF let through gets the same keys. */
	if (!p->challenged && getrandom(p->ck, 16, 0) + getrandom(p->ik, 16, 0) != 32)
		return;
	p->challenged = true;
	hex(p->ck, ck);
	hex(p->ik, ik);
	snprintf(extra, sizeof(extra),
		 "WWW-Authenticate: Digest realm=\"home1.net\",nonce=\"abc\",ck=\"%s\",ik=\"%s\","
		 "algorithm=AKAv1-MD5,qop=\"auth\"\r\n",
		 ck, ik);
	respond(msg, "401 Unauthorized", extra, out);
	crowd_send_home(c, out);
}

static void registered(struct crowd *c, struct phone *p, struct slice msg)
{
	struct slice path = header(msg, "Path", 0), contact = header(msg, "Contact", 0);
	struct slice who = header(msg, "To", 0);
	char out[CROWD_TEXT], extra[1024];

	if (slice_copy(path, p->path, sizeof(p->path)))
		return;
	snprintf(extra, sizeof(extra),
		 "Path: %.*s\r\nContact: %.*s;expires=3600\r\nP-Associated-URI: %.*s\r\n"
		 "Service-Route: <sip:orig@" HOME ":5060;lr>\r\n",
		 (int)path.len, path.p, (int)contact.len, contact.p, (int)who.len, who.p);
	respond(msg, "200 OK", extra, out);
	crowd_send_home(c, out);
}

/* ACK of a 2xx: the route set is Record-Route from the last to the first (RFC 3261 12.1.2). */
static void acknowledge(struct crowd *c, struct slice msg)
{
	struct slice to = header(msg, "To", 0), id = header(msg, "Call-ID", 0);
	struct slice from = header(msg, "From", 0), target = header(msg, "Contact", 0);
	struct slice hops[8] = {{NULL, 0}};
	unsigned n = 0, at;
	char out[CROWD_TEXT];

	for (unsigned i = 0; header(msg, "Record-Route", i).len; i++) {
		struct slice line = header(msg, "Record-Route", i);

		while (line.p && n < 8)
			hops[n++] = slice_trim(slice_cut(&line, ','));
	}
	slice_cut(&target, '<');
	target = slice_cut(&target, '>');
	at = (unsigned)snprintf(out, sizeof(out),
				"ACK %.*s SIP/2.0\r\nVia: SIP/2.0/UDP " HOME
				":5060;branch=z9hG4bKa%.*s\r\nMax-Forwards: 70\r\n",
				(int)target.len, target.p, (int)id.len, id.p);
	while (n-- > 0 && at < sizeof(out))
		at += (unsigned)snprintf(out + at, sizeof(out) - at, "Route: %.*s\r\n",
					 (int)hops[n].len, hops[n].p);
	if (at < sizeof(out))
		snprintf(out + at, sizeof(out) - at,
			 "From: %.*s\r\nTo: %.*s\r\nCall-ID: %.*s\r\nCSeq: 1 ACK\r\n"
			 "Content-Length: 0\r\n\r\n",
			 (int)from.len, from.p, (int)to.len, to.p, (int)id.len, id.p);
	crowd_send_home(c, out);
}

void home_call(struct crowd *c, uint32_t n)
{
	char out[CROWD_TEXT];

	snprintf(out, sizeof(out),
		 "INVITE sip:ue%u@10.%u.%u.%u:%d SIP/2.0\r\n"
		 "Via: SIP/2.0/UDP " HOME ":5060;branch=z9hG4bKi%u-%u\r\nMax-Forwards: 70\r\n"
		 "Route: %s\r\nFrom: <sip:far@home1.net>;tag=far\r\nTo: <sip:ue%u@home1.net>\r\n"
		 "Call-ID: call-%u-%u\r\nCSeq: 1 INVITE\r\nContact: <sip:far@" HOME ":5060>\r\n"
		 "Content-Length: 0\r\n\r\n",
		 n, 128 + (n >> 16), n >> 8 & 255, n & 255, PORT_US, c->round, n, c->phones[n].path,
		 n, c->round, n);
	crowd_send_home(c, out);
}

void home_hear(struct crowd *c, struct slice msg)
{
	struct phone *p = phone_of(c, msg);
	unsigned status = status_of(msg);
	char out[CROWD_TEXT];

	if (!p || (status && status < 200))
		return;
	if (status == 200) {
		acknowledge(c, msg);
	} else if (status) {
		crowd_done(c, p, false);
	} else if (memcmp(msg.p, "REGISTER", 8)) {
		respond(msg, "200 OK", "", out);
		crowd_send_home(c, out);
	} else if (memmem(msg.p, msg.len, "response=\"right\"", 16)) {
		registered(c, p, msg);
	} else {
		challenge(c, p, msg);
	}
}
