/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ue/media_stream.h"

#include <errno.h>
#include <stdlib.h>

#include "ue/elog.h"

/* ---- certificates ---- */

struct named_certificate {
	char *name;
	struct certificate c;
	struct named_certificate *next;
};

static struct named_certificate *certificates;

/* The certificate called so, made or read when it is first wanted. NULL: the file cannot be read. */
static const struct certificate *certificate_for(const char *name, bool file)
{
	struct named_certificate *n;
	char why[256] = "OpenSSL makes none";

	for (n = certificates; n; n = n->next)
		if (strcmp(n->name, name) == 0)
			return &n->c;
	n = ue_alloc(sizeof(*n));
	if ((file ? certificate_load(&n->c, name, name, why, sizeof(why))
		  : certificate_make(&n->c, name)) != 0) {
		elog_line("certificate", "%s: %s", name, why);
		free(n);
		return NULL;
	}
	n->name = ue_dup(slice_str(name));
	n->next = certificates;
	certificates = n;
	return &n->c;
}

void stream_certificates_free(void)
{
	while (certificates) {
		struct named_certificate *n = certificates;

		certificates = n->next;
		certificate_clear(&n->c);
		free(n->name);
		free(n);
	}
}

static bool is(const char *option, const char *value)
{
	return option && strcmp(option, value) == 0;
}

static const struct certificate *other_certificate(const struct stream_line *s)
{
	struct text name = {0};
	const struct certificate *c;

	text_add(&name, "%s, not announced", s->line.media->ue);
	c = certificate_for(name.p, false);
	text_free(&name);
	return c;
}

/* The one that the description speaks of. */
static const struct certificate *announced(const struct stream_line *s)
{
	const char *cert = s->line.plan->cert;
	bool file = cert && !is(cert, "other") && !is(cert, "none");

	return certificate_for(file ? cert : s->line.media->ue, file);
}

static const struct certificate *shown(const struct stream_line *s)
{
	if (is(s->line.plan->cert, "none"))
		return NULL;
	return is(s->line.plan->cert, "other") ? other_certificate(s) : announced(s);
}

static void write_fingerprint(const struct stream_line *s, struct text *t)
{
	const char *wish = s->line.plan->fingerprint;
	enum fingerprint_hash h = is(wish, "sha-1") ? FINGERPRINT_SHA1 : FINGERPRINT_SHA256;
	const struct certificate *c = is(wish, "wrong") ? other_certificate(s) : announced(s);
	char hex[FINGERPRINT_TEXT_MAX];

	if (is(wish, "none") || !c)
		return;
	if (wish && strchr(wish, ':'))
		text_add(t, "a=fingerprint:%s\r\n", wish);
	else
		text_add(t, "a=fingerprint:%s %s\r\n", is(wish, "sha-1") ? "SHA-1" : "SHA-256",
			 fingerprint_print(c->digest[h], fingerprint_hash_octets(h), hex));
}

/* ---- who connects ---- */

static bool link_stands(const struct link *l)
{
	return l && l->state != LINK_LOST && l->state != LINK_CLOSED && l->state != LINK_REFUSED;
}

static enum sdp_setup wished(const struct stream_line *s, enum sdp_setup otherwise)
{
	enum sdp_setup v = otherwise;

	if (is(s->line.plan->setup, "none"))
		return SDP_SETUPS;
	if (s->line.plan->setup)
		sdp_setup_parse(slice_str(s->line.plan->setup), &v);
	return v;
}

/* What an answer says to an offer (RFC 4145 4.1); phones would rather connect than be connected to. */
static enum sdp_setup answer_to(const struct stream_line *s)
{
	enum sdp_setup mine = wished(s, SDP_SETUP_ACTIVE);

	if (!s->peer.has_setup || s->peer.setup == SDP_SETUP_ACTIVE)
		return SDP_SETUP_PASSIVE; /* without a=setup the offerer connects (RFC 4975 5.4) */
	if (s->peer.setup == SDP_SETUP_PASSIVE)
		return SDP_SETUP_ACTIVE;
	if (s->peer.setup == SDP_SETUP_HOLDCONN)
		return SDP_SETUP_HOLDCONN;
	return mine == SDP_SETUP_PASSIVE ? SDP_SETUP_PASSIVE : SDP_SETUP_ACTIVE;
}

bool stream_renews(const struct stream_line *s)
{
	return s->next || s->renew;
}

int stream_prepare(struct stream_line *s, struct access *a, bool answer,
		   const struct link_handler *handler, void *owner)
{
	bool fresh = !link_stands(s->link) || s->link->access != a || s->renew;
	char name[96];

	link_free(s->next);
	s->next = NULL;
	s->answered = answer;
	if (answer)
		s->setup = answer_to(s);
	else if (fresh)
		s->setup = wished(s, SDP_SETUP_ACTPASS);
	else
		s->setup = s->active ? SDP_SETUP_ACTIVE : wished(s, SDP_SETUP_ACTPASS);
	/* A connection that goes on keeps its parts. */
	if (answer && !fresh && s->setup != SDP_SETUP_HOLDCONN)
		s->setup = s->active ? SDP_SETUP_ACTIVE : SDP_SETUP_PASSIVE;
	if (!fresh || s->line.plan->outside.family)
		return 0;
	if (s->line.plan->port && s->link)
		io_close(&s->link->listener); /* the port is wanted again */
	s->next = link_new(media_line_name(&s->line, name), a, s->setup != SDP_SETUP_ACTIVE,
			   s->line.plan->port, handler, owner);
	return s->next ? 0 : -1;
}

uint16_t stream_port(const struct stream_line *s)
{
	const struct link *l = s->next ? s->next : s->link;

	if (s->line.plan->outside.family)
		return s->line.plan->outside.port;
	/* Who connects has no port to tell (RFC 4145 4.1). */
	return l && l->port && s->setup != SDP_SETUP_ACTIVE ? l->port : 9;
}

const struct netaddr *stream_address(const struct stream_line *s)
{
	const struct media *m = s->line.media;

	if (s->line.plan->outside.family)
		return &s->line.plan->outside;
	return m->next_access ? &m->next_access->local : &m->access->local;
}

void stream_write(struct stream_line *s, struct text *t)
{
	if (s->setup != SDP_SETUPS)
		text_add(t, "a=setup:%s\r\n", sdp_setup_name(s->setup));
	if (s->line.secure)
		write_fingerprint(s, t);
}

/* ---- what the peer says ---- */

static int take_fingerprints(struct stream_line *s, const struct sdp_body *b, int i,
			     struct text *key)
{
	struct slice value;

	s->peer.fingerprints.n = 0;
	/* Those of the m-line take the place of the session's (RFC 8122 5). */
	for (int level = i; s->peer.fingerprints.n == 0; level = SDP_SESSION) {
		int pos = -1;

		while (sdp_body_attr_next(b, level, SLICE_LIT("fingerprint"), &pos, &value)) {
			if (fingerprint_set_add(&s->peer.fingerprints, value) < 0)
				media_fault(&s->line, "a fingerprint that cannot be read");
			text_put(key, value);
		}
		if (level == SDP_SESSION)
			break;
	}
	if (s->peer.fingerprints.n || s->line.plan->any_peer || s->line.plan->outside.family)
		return 0;
	media_fault(&s->line, "TLS without a fingerprint");
	return -1;
}

int stream_take(struct stream_line *s, const struct sdp_body *b, int i, bool answer,
		struct slice extra)
{
	struct sdp_connection c;
	struct text key = {0};
	char at[NETADDR_TEXT_MAX];
	struct slice value;
	bool fresh;
	int rc = 0;

	if (!sdp_body_connection(b, i, &c) || !netaddr_known(&c.ip))
		return -1;
	s->peer.at = c.ip;
	s->peer.at.port = sdp_body_mline(b, i).port_number;
	s->peer.has_setup = sdp_body_attr(b, i, SLICE_LIT("setup"), &value) &&
			    sdp_setup_parse(value, &s->peer.setup) == 0;
	s->peer.existing = sdp_body_attr(b, i, SLICE_LIT("connection"), &value) &&
			   slice_eq_nocase(value, SLICE_LIT("existing"));
	text_add(&key, "%s %.*s ", netaddr_text(&s->peer.at, at), (int)extra.len, extra.p);
	if (s->line.secure)
		rc = take_fingerprints(s, b, i, &key);
	fresh = !s->peer_key || strcmp(s->peer_key, key.p) != 0;
	s->renew = s->begun && fresh;
	if (answer && !s->peer.has_setup && s->setup != SDP_SETUPS)
		media_fault(&s->line, "an answer without a=setup");
	if (answer && s->peer.has_setup && s->peer.setup == s->setup) {
		media_fault(&s->line, "both sides are %s", sdp_setup_name(s->setup));
		rc = -1;
	}
	if (rc == 0)
		ue_set(&s->peer_key, text_slice(&key));
	text_free(&key);
	return rc;
}

bool stream_will_be_active(const struct stream_line *s)
{
	if (s->answered)
		return s->setup == SDP_SETUP_ACTIVE;
	if (!s->peer.has_setup) /* the default of an answer is passive (RFC 4145 4) */
		return true;
	return s->peer.setup == SDP_SETUP_PASSIVE;
}

void stream_commit(struct stream_line *s, const struct netaddr *at, bool tls_client)
{
	struct link_tls tls = {.on = s->line.secure,
			       .client = tls_client,
			       .peer = s->peer.fingerprints,
			       .any_peer = s->line.plan->any_peer};
	bool renews = stream_renews(s);

	if (s->line.plan->outside.family || !s->peer_key)
		return;
	if (s->next) {
		link_free(s->link);
		s->link = s->next;
		s->next = NULL;
	}
	s->renew = false;
	if (!renews || s->setup == SDP_SETUP_HOLDCONN ||
	    (s->peer.has_setup && s->peer.setup == SDP_SETUP_HOLDCONN))
		return;
	s->active = stream_will_be_active(s);
	s->begun = true;
	tls.own = tls.on ? shown(s) : NULL;
	if ((s->active ? link_connect(s->link, at, &tls) : link_accept(s->link, &tls)) != 0)
		elog_line(s->link->name, "no connection can be begun: %s", strerror(errno));
}

void stream_rollback(struct stream_line *s)
{
	link_free(s->next);
	s->next = NULL;
	s->renew = false;
}

void stream_stop(struct media_line *l)
{
	struct stream_line *s = (struct stream_line *)l;

	if (!s->link)
		return;
	link_end(s->link, false);
	io_close(&s->link->listener);
}

const char *stream_state(const struct media_line *l)
{
	const struct stream_line *s = (const struct stream_line *)l;

	if (l->plan->outside.family)
		return "outside";
	return link_state_name(s->link ? s->link->state : LINK_IDLE);
}

bool stream_is_up(const struct stream_line *s)
{
	return s->link && s->link->state == LINK_UP;
}

void stream_close(struct stream_line *s)
{
	link_free(s->link);
	link_free(s->next);
	free(s->peer_key);
	s->link = s->next = NULL;
	s->peer_key = NULL;
}

int stream_disconnect(struct media_line *l)
{
	struct stream_line *s = (struct stream_line *)l;

	if ((l->kind != &media_msrp_kind && l->kind != &media_bfcp_kind) || !s->link ||
	    s->link->io.fd < 0)
		return -1;
	link_end(s->link, true);
	return 0;
}
