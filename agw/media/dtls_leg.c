/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * DTLS-SRTP of a datagram leg (RFC 5763, 5764): the handshake runs on the RTP port, its keys go
 * into the same SRTP code as SDES keys. RTCP with a port of its own has an association of its own
 * there (RFC 5764 5.1). As with TLS, nothing of the peer's is taken after our first flight until its
 * fingerprint is known; DTLS repeats what we leave out.
 */
#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include "agw/media/demux.h"
#include "agw/media/worker.h"

enum { LINK_MTU = 1200 };

/* ---- the BIO ---- */

static int bio_write(BIO *b, const char *p, int n)
{
	struct dtls *d = BIO_get_data(b);
	const struct datagram_end *end = d->end;

	d->hold = true;
	if (end->dest_len && sendto(end->fd, p, (size_t)n, MSG_DONTWAIT,
				    end->connected ? NULL : (const struct sockaddr *)&end->dest_sa,
				    end->connected ? 0 : end->dest_len) < 0)
		STAT_ADD(d->leg->stats.send_failed, 1);
	return n; /* what is lost is repeated */
}

static int bio_read(BIO *b, char *p, int size)
{
	struct dtls *d = BIO_get_data(b);
	size_t n = d->in_len;

	BIO_clear_retry_flags(b);
	if (!n || n > (size_t)size) {
		BIO_set_retry_read(b);
		return -1;
	}
	memcpy(p, d->in, n);
	d->in_len = 0;
	return (int)n;
}

static long bio_ctrl(BIO *b, int cmd, long num, void *ptr)
{
	(void)b;
	(void)num;
	(void)ptr;
	switch (cmd) {
	case BIO_CTRL_FLUSH:
	case BIO_CTRL_DUP:
		return 1;
	case BIO_CTRL_DGRAM_QUERY_MTU:
	case BIO_CTRL_DGRAM_GET_FALLBACK_MTU:
		return LINK_MTU;
	default:
		return 0;
	}
}

static int bio_create(BIO *b)
{
	BIO_set_init(b, 1);
	return 1;
}

static BIO_METHOD *method;
static pthread_once_t method_once = PTHREAD_ONCE_INIT;

static void make_method(void)
{
	method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "media datagrams");
	if (!method)
		return;
	BIO_meth_set_write(method, bio_write);
	BIO_meth_set_read(method, bio_read);
	BIO_meth_set_ctrl(method, bio_ctrl);
	BIO_meth_set_create(method, bio_create);
}

/* ---- one association ---- */

/* What agwctl shows is the association of RTP. */
static void name(const struct dtls *d, const char *state)
{
	if (d->end == &d->leg->d.rtp)
		atomic_store_explicit(&d->leg->state_name, state, memory_order_relaxed);
}

static void clear(struct dtls *d)
{
	struct worker *w = d->leg->worker;

	leg_timer_cancel(w, &d->repeat);
	leg_timer_cancel(w, &d->limit);
	if (d->ssl)
		tls_free(&d->ssl);
	d->up = d->started = d->hold = false;
	d->again_ms = 0;
}

/* Without RTCP of its own a call has its media: only RTP's failure is the call's. */
static void tell_failed(const struct dtls *d, enum media_tls_cause cause,
			const struct netaddr *peer)
{
	STAT_ADD(d->leg->stats.tls_failed, 1);
	if (d->end == &d->leg->d.rtp)
		verdict_failed(d->leg, cause, 0, peer);
	else
		report_event(d->leg, MEDIA_EV_TLS_RETRY, 0, cause, peer);
}

static void begin_again(struct leg_timer *t);

/*
 * It may not have been the peer who broke it: anybody can write the peer's address on a datagram.
 * Where the peer begins, its next ClientHello does. Where we do, we try again, each time later.
 */
static void fail(struct dtls *d, enum media_tls_cause cause)
{
	enum { AGAIN_MIN_MS = 500, AGAIN_MAX_MS = 16000 };

	struct netaddr peer = d->end->dest;
	uint32_t again_ms = d->again_ms * 2;
	bool ours = d->client;

	clear(d);
	if (ours) {
		d->started = true;
		d->again_ms = again_ms < AGAIN_MIN_MS	? AGAIN_MIN_MS
			      : again_ms > AGAIN_MAX_MS ? AGAIN_MAX_MS
							: again_ms;
		leg_timer_arm(d->leg->worker, &d->repeat, d->leg->worker->now_ms + d->again_ms,
			      begin_again);
	} else if (d->end->latched) {
		datagram_leg_unlatch(d->leg, d->end);
	}
	name(d, ours ? "failed" : "idle");
	tell_failed(d, cause, &peer);
}

/* A handshake costs a processor more than it costs who asks for one: so many at once, and then one a
 * second. */
enum { STARTS_BURST = 8, START_MS = 1000 };

static bool may_start(struct dtls *d)
{
	int64_t now = d->leg->worker->now_ms;

	if (d->after_ms < now)
		d->after_ms = now;
	if (d->after_ms - now >= STARTS_BURST * START_MS)
		return false;
	d->after_ms += START_MS;
	return true;
}

/* RFC 5764 4.2: client key, server key, client salt, server salt. */
static int take_keys(struct dtls *d)
{
	static const char label[] = "EXTRACTOR-dtls_srtp";
	const SRTP_PROTECTION_PROFILE *profile = SSL_get_selected_srtp_profile(d->ssl);
	struct sdes_key client = {0}, server = {0};
	uint8_t material[2 * SDES_KEY_SALT_MAX];
	size_t key, salt;
	int rc = -1;

	if (!profile)
		return -1;
	client.suite = profile->id == SRTP_AEAD_AES_128_GCM    ? SDES_AEAD_AES_128_GCM
		       : profile->id == SRTP_AES128_CM_SHA1_80 ? SDES_AES_CM_128_HMAC_SHA1_80
							       : SDES_AES_CM_128_HMAC_SHA1_32;
	server.suite = client.suite;
	key = sdes_suite_key_octets(client.suite);
	salt = sdes_suite_salt_octets(client.suite);
	if (SSL_export_keying_material(d->ssl, material, 2 * (key + salt), label, sizeof(label) - 1,
				       NULL, 0, 0) == 1) {
		memcpy(client.key, material, key);
		memcpy(server.key, material + key, key);
		memcpy(client.key + key, material + 2 * key, salt);
		memcpy(server.key + key, material + 2 * key + salt, salt);
		rc = srtp_end_set_tx(d->keys, d->client ? &client : &server);
		if (rc == 0)
			rc = srtp_end_set_rx(d->keys, d->client ? &server : &client,
					     d->leg->worker->now_ms);
	}
	explicit_bzero(material, sizeof(material));
	sdes_key_wipe(&client);
	sdes_key_wipe(&server);
	return rc;
}

static struct dtls *of_repeat(struct leg_timer *t)
{
	return (struct dtls *)(void *)((char *)t - offsetof(struct dtls, repeat));
}

static void rearm(struct dtls *d);

/* A flight was perhaps lost: OpenSSL knows whether it is time to repeat it. */
static void repeat(struct leg_timer *t)
{
	struct dtls *d = of_repeat(t);

	if (DTLSv1_handle_timeout(d->ssl) < 0)
		fail(d, MEDIA_TLS_CAUSE_TIMEOUT);
	else
		rearm(d);
}

static void limit_passed(struct leg_timer *t)
{
	fail((struct dtls *)(void *)((char *)t - offsetof(struct dtls, limit)),
	     MEDIA_TLS_CAUSE_TIMEOUT);
}

/* While a leg would latch on anybody, nobody holds it for long. */
enum { LATCHED_LIMIT_MS = 4000 };

static void arm_limit(struct dtls *d)
{
	const struct media_leg_config *cfg = &d->leg->cfg;
	uint32_t ms = d->leg->media->cfg.tls_handshake_ms;

	if (cfg->latch != MEDIA_LATCH_OFF && cfg->fingerprint_given && ms > LATCHED_LIMIT_MS)
		ms = LATCHED_LIMIT_MS;
	leg_timer_arm(d->leg->worker, &d->limit, d->leg->worker->now_ms + ms, limit_passed);
}

static void rearm(struct dtls *d)
{
	struct worker *w = d->leg->worker;
	struct timeval left;

	if (!d->ssl && d->again_ms) { /* we wait for our next try */
		leg_timer_arm(w, &d->repeat, w->now_ms + d->again_ms, begin_again);
		return;
	}
	if (d->ssl && !d->up && !wheel_timer_armed(&d->limit.wheel))
		arm_limit(d);
	if (!d->ssl || d->up || !DTLSv1_get_timeout(d->ssl, &left)) {
		leg_timer_cancel(w, &d->repeat);
		return;
	}
	leg_timer_arm(w, &d->repeat, w->now_ms + left.tv_sec * 1000 + left.tv_usec / 1000, repeat);
}

static void go_on(struct dtls *d)
{
	struct media_leg *leg = d->leg;
	int rc, err;

	ERR_clear_error();
	rc = SSL_do_handshake(d->ssl);
	err = rc == 1 ? SSL_ERROR_NONE : SSL_get_error(d->ssl, rc);
	if (err == SSL_ERROR_WANT_READ || err == SSL_ERROR_WANT_WRITE) {
		rearm(d);
		return;
	}
	if (err != SSL_ERROR_NONE) {
		fail(d, tls_failure_cause(d->ssl));
		return;
	}
	if (d->up)
		return;
	if (take_keys(d) < 0) {
		fail(d, MEDIA_TLS_CAUSE_HANDSHAKE);
		return;
	}
	d->up = true;
	d->again_ms = 0;
	leg_timer_cancel(leg->worker, &d->repeat);
	leg_timer_cancel(leg->worker, &d->limit);
	name(d, "ready");
	if (d->end == &leg->d.rtp)
		verdict_clear(leg);
	report_event(leg, MEDIA_EV_TLS_UP, 0, MEDIA_TLS_CAUSE_NONE, &d->end->dest);
}

static void start(struct dtls *d, bool client)
{
	BIO *bio;

	pthread_once(&method_once, make_method);
	d->started = true;
	d->client = client;
	bio = method ? BIO_new(method) : NULL;
	d->ssl = bio ? tls_new(d->leg, d->leg->worker->dtls, client) : NULL;
	if (!d->ssl) {
		BIO_free(bio);
		fail(d, MEDIA_TLS_CAUSE_HANDSHAKE);
		return;
	}
	BIO_set_data(bio, d);
	SSL_set_bio(d->ssl, bio, bio);
	SSL_set_mtu(d->ssl, LINK_MTU);
	d->hold = false;
	name(d, "handshake");
	go_on(d);
}

/* Is it on us to begin? */
static bool may_begin(const struct dtls *d)
{
	const struct media_leg_config *cfg = &d->leg->cfg;

	return cfg->setup == MEDIA_SETUP_ACTIVE && d->end->dest_len && cfg->mode != MEDIA_INACTIVE;
}

static void begin_again(struct leg_timer *t)
{
	struct dtls *d = of_repeat(t);

	if (may_begin(d))
		start(d, true);
	else
		clear(d); /* the configuration that changes that begins */
}

static void configure(struct dtls *d, const struct media_leg_config *before)
{
	const struct media_leg_config *cfg = &d->leg->cfg;

	/* New fingerprints or a new role are a new association (RFC 5763 5, 6.6). */
	if (d->started &&
	    ((before->fingerprint_given && memcmp(&cfg->fingerprints, &before->fingerprints,
						  sizeof(before->fingerprints)) != 0) ||
	     (before->setup != cfg->setup && before->setup != MEDIA_SETUP_ACTPASS))) {
		clear(d);
		if (d->end == &d->leg->d.rtp)
			verdict_clear(d->leg);
	}
	if (!d->started && may_begin(d))
		start(d, true);
}

/* Somebody wants to begin. While a handshake is under way, a ClientHello with another random is a
 * second try of the peer, or the peer's after somebody else's: it takes the place. */
static void take_hello(struct dtls *d, const uint8_t *random)
{
	bool running = d->ssl && !d->up && !d->client;

	if (d->started && (!running || memcmp(d->hello, random, DEMUX_DTLS_RANDOM) == 0))
		return;
	if (d->leg->cfg.setup == MEDIA_SETUP_ACTIVE || !d->end->dest_len || !may_start(d))
		return;
	clear(d);
	memcpy(d->hello, random, DEMUX_DTLS_RANDOM);
	start(d, false);
}

static void input(struct dtls *d, const uint8_t *p, size_t len)
{
	const uint8_t *random = demux_dtls_hello_random(p, len);

	if (random)
		take_hello(d, random);
	if (!d->ssl)
		return;
	if (d->hold && !d->leg->cfg.fingerprint_given)
		return;
	d->in = p;
	d->in_len = len;
	if (d->up) { /* alerts, repeated flights */
		char waste[64];

		ERR_clear_error();
		if (SSL_read(d->ssl, waste, sizeof(waste)) <= 0 &&
		    SSL_get_shutdown(d->ssl) & SSL_RECEIVED_SHUTDOWN) {
			clear(d);
			d->started = true;
			if (d->end == &d->leg->d.rtp)
				report_event(d->leg, MEDIA_EV_TCP_LOST, ECONNRESET,
					     MEDIA_TLS_CAUSE_NONE, &d->end->dest);
		}
		ERR_clear_error();
	} else {
		go_on(d);
	}
	d->in = NULL;
	d->in_len = 0;
}

/* ---- those of a leg ---- */

static struct dtls *association(struct media_leg *leg, const struct datagram_end *end)
{
	if (end == &leg->d.rtcp)
		return leg->d.dtls_rtcp ? &leg->d.dtls_rtcp->dtls : NULL;
	return &leg->d.dtls;
}

static void rtcp_clear(struct media_leg *leg)
{
	struct dtls_rtcp *r = leg->d.dtls_rtcp;

	if (!r)
		return;
	clear(&r->dtls);
	srtp_end_clear(&r->srtp);
	explicit_bzero(r, sizeof(*r));
	free(r);
	leg->d.dtls_rtcp = NULL;
}

/* While RTCP shares RTP's port it shares its association; that is known with Remote. */
static void rtcp_configure(struct media_leg *leg, const struct media_leg_config *before)
{
	bool want = leg->d.rtcp.fd >= 0 && !leg->cfg.rtcp_mux;

	if (!want)
		rtcp_clear(leg);
	if (want && !leg->d.dtls_rtcp) {
		leg->d.dtls_rtcp = cache_new(sizeof(*leg->d.dtls_rtcp));
		if (!leg->d.dtls_rtcp)
			return; /* no RTCP, and the next configuration tries again */
		srtp_end_init(&leg->d.dtls_rtcp->srtp, leg->media->cfg.srtp_window);
		leg->d.dtls_rtcp->dtls =
		    (struct dtls){.leg = leg, .end = &leg->d.rtcp, .keys = &leg->d.dtls_rtcp->srtp};
	}
	if (want)
		configure(&leg->d.dtls_rtcp->dtls, before);
}

const char *dtls_leg_state(const struct media_leg *leg)
{
	const struct dtls *d = &leg->d.dtls;

	return d->up ? "ready" : d->ssl ? "handshake" : d->started ? "failed" : "idle";
}

void dtls_leg_init(struct media_leg *leg)
{
	leg->d.dtls = (struct dtls){.leg = leg, .end = &leg->d.rtp, .keys = &leg->d.srtp};
}

void dtls_leg_configure(struct media_leg *leg, const struct media_leg_config *before)
{
	configure(&leg->d.dtls, before);
	rtcp_configure(leg, before);
}

bool dtls_leg_listens_to(const struct media_leg *leg, const struct datagram_end *end,
			 const struct netaddr *source)
{
	bool latches = leg->cfg.latch != MEDIA_LATCH_OFF && leg->cfg.setup != MEDIA_SETUP_ACTIVE;

	return latches || !netaddr_known(source) || netaddr_eq(source, &end->dest);
}

void dtls_leg_input(struct media_leg *leg, const struct datagram_end *end, const uint8_t *p,
		    size_t len)
{
	struct dtls *d = association(leg, end);

	if (d)
		input(d, p, len);
	else
		STAT_ADD(leg->stats.malformed, 1);
}

void dtls_leg_clear(struct media_leg *leg)
{
	clear(&leg->d.dtls);
	rtcp_clear(leg);
}

void dtls_leg_pause(struct media_leg *leg)
{
	struct dtls *all[] = {&leg->d.dtls, leg->d.dtls_rtcp ? &leg->d.dtls_rtcp->dtls : NULL};

	for (size_t i = 0; i < 2; i++)
		if (all[i]) {
			leg_timer_cancel(leg->worker, &all[i]->repeat);
			leg_timer_cancel(leg->worker, &all[i]->limit);
		}
}

void dtls_leg_rearm(struct media_leg *leg)
{
	rearm(&leg->d.dtls);
	if (leg->d.dtls_rtcp)
		rearm(&leg->d.dtls_rtcp->dtls);
}
