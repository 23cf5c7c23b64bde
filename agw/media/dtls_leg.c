/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * DTLS-SRTP of a datagram leg (RFC 5763, 5764): the handshake runs on the RTP port, its keys go
 * into the same SRTP code as SDES keys. RTCP needs rtcp-mux: there is one association. As with TLS,
 * nothing of the peer's is taken after our first flight until its fingerprint is known; DTLS
 * repeats what we leave out.
 */
#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include "agw/media/demux.h"
#include "agw/media/worker.h"

enum { LINK_MTU = 1200 };

static int bio_write(BIO *b, const char *p, int n)
{
	struct media_leg *leg = BIO_get_data(b);
	const struct datagram_end *end = &leg->d.rtp;

	leg->d.dtls_hold = true;
	if (end->dest_len && sendto(end->fd, p, (size_t)n, MSG_DONTWAIT,
				    end->connected ? NULL : (const struct sockaddr *)&end->dest_sa,
				    end->connected ? 0 : end->dest_len) < 0)
		STAT_ADD(leg->stats.send_failed, 1);
	return n; /* what is lost is repeated */
}

static int bio_read(BIO *b, char *p, int size)
{
	struct media_leg *leg = BIO_get_data(b);
	size_t n = leg->d.dtls_in_len;

	BIO_clear_retry_flags(b);
	if (!n || n > (size_t)size) {
		BIO_set_retry_read(b);
		return -1;
	}
	memcpy(p, leg->d.dtls_in, n);
	leg->d.dtls_in_len = 0;
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

/*
 * Where we had begun, with the address that signalling gave, that is the end until the leg is
 * configured anew. Where somebody else had, it may not have been the peer: the next ClientHello
 * begins again.
 */
static void fail(struct media_leg *leg, enum media_tls_cause cause)
{
	struct netaddr peer = leg->d.rtp.dest;
	bool ours = !leg->d.dtls || !SSL_is_server(leg->d.dtls);

	STAT_ADD(leg->stats.tls_failed, 1);
	dtls_leg_clear(leg);
	leg->d.dtls_started = ours;
	if (!ours && leg->d.rtp.latched)
		datagram_leg_unlatch(leg);
	atomic_store_explicit(&leg->state_name, ours ? "failed" : "idle", memory_order_relaxed);
	report_event(leg, MEDIA_EV_TLS_FAILED, 0, cause, &peer);
}

/* A handshake costs a processor more than it costs who asks for one: so many at once, and then one a
 * second. */
enum { STARTS_BURST = 8, START_MS = 1000 };

static bool may_start(struct media_leg *leg)
{
	int64_t now = leg->worker->now_ms;

	if (leg->d.dtls_after_ms < now)
		leg->d.dtls_after_ms = now;
	if (leg->d.dtls_after_ms - now >= STARTS_BURST * START_MS)
		return false;
	leg->d.dtls_after_ms += START_MS;
	return true;
}

/* RFC 5764 4.2: client key, server key, client salt, server salt. */
static int take_keys(struct media_leg *leg)
{
	static const char label[] = "EXTRACTOR-dtls_srtp";
	const SRTP_PROTECTION_PROFILE *profile = SSL_get_selected_srtp_profile(leg->d.dtls);
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
	if (SSL_export_keying_material(leg->d.dtls, material, 2 * (key + salt), label,
				       sizeof(label) - 1, NULL, 0, 0) == 1) {
		bool we_are_client = !SSL_is_server(leg->d.dtls);

		memcpy(client.key, material, key);
		memcpy(server.key, material + key, key);
		memcpy(client.key + key, material + 2 * key, salt);
		memcpy(server.key + key, material + 2 * key + salt, salt);
		rc = srtp_end_set_tx(&leg->d.srtp, we_are_client ? &client : &server);
		if (rc == 0)
			rc = srtp_end_set_rx(&leg->d.srtp, we_are_client ? &server : &client,
					     leg->worker->now_ms);
	}
	explicit_bzero(material, sizeof(material));
	sdes_key_wipe(&client);
	sdes_key_wipe(&server);
	return rc;
}

/* A flight was perhaps lost: OpenSSL knows whether it is time to repeat it. */
static void repeat(struct leg_timer *t)
{
	struct media_leg *leg =
	    (struct media_leg *)(void *)((char *)t - offsetof(struct media_leg, d.dtls_timer));

	if (DTLSv1_handle_timeout(leg->d.dtls) < 0)
		fail(leg, MEDIA_TLS_CAUSE_TIMEOUT);
	else
		dtls_leg_rearm(leg);
}

static void limit_passed(struct leg_timer *t)
{
	fail((struct media_leg *)(void *)((char *)t - offsetof(struct media_leg, d.dtls_limit)),
	     MEDIA_TLS_CAUSE_TIMEOUT);
}

/* While a leg would latch on anybody, nobody holds it for long. */
enum { LATCHED_LIMIT_MS = 4000 };

static void arm_limit(struct media_leg *leg)
{
	uint32_t ms = leg->media->cfg.tls_handshake_ms;

	if (leg->cfg.latch != MEDIA_LATCH_OFF && leg->cfg.fingerprint_given &&
	    ms > LATCHED_LIMIT_MS)
		ms = LATCHED_LIMIT_MS;
	leg_timer_arm(leg->worker, &leg->d.dtls_limit, leg->worker->now_ms + ms, limit_passed);
}

void dtls_leg_rearm(struct media_leg *leg)
{
	struct timeval left;

	if (leg->d.dtls && !leg->d.dtls_up && !wheel_timer_armed(&leg->d.dtls_limit.wheel))
		arm_limit(leg);

	if (!leg->d.dtls || leg->d.dtls_up || !DTLSv1_get_timeout(leg->d.dtls, &left)) {
		leg_timer_cancel(leg->worker, &leg->d.dtls_timer);
		return;
	}
	leg_timer_arm(leg->worker, &leg->d.dtls_timer,
		      leg->worker->now_ms + left.tv_sec * 1000 + left.tv_usec / 1000, repeat);
}

static void go_on(struct media_leg *leg)
{
	int rc, err;

	ERR_clear_error();
	rc = SSL_do_handshake(leg->d.dtls);
	err = rc == 1 ? SSL_ERROR_NONE : SSL_get_error(leg->d.dtls, rc);
	if (err == SSL_ERROR_WANT_READ || err == SSL_ERROR_WANT_WRITE) {
		dtls_leg_rearm(leg);
		return;
	}
	if (err != SSL_ERROR_NONE) {
		fail(leg, tls_failure_cause(leg->d.dtls));
		return;
	}
	if (leg->d.dtls_up)
		return;
	if (take_keys(leg) < 0) {
		fail(leg, MEDIA_TLS_CAUSE_HANDSHAKE);
		return;
	}
	leg->d.dtls_up = true;
	leg_timer_cancel(leg->worker, &leg->d.dtls_timer);
	leg_timer_cancel(leg->worker, &leg->d.dtls_limit);
	atomic_store_explicit(&leg->state_name, "ready", memory_order_relaxed);
	report_event(leg, MEDIA_EV_TLS_UP, 0, MEDIA_TLS_CAUSE_NONE, &leg->d.rtp.dest);
}

static void start(struct media_leg *leg, bool client)
{
	BIO *bio;

	pthread_once(&method_once, make_method);
	leg->d.dtls_started = true;
	bio = method ? BIO_new(method) : NULL;
	leg->d.dtls = bio ? tls_new(leg, leg->worker->dtls, client) : NULL;
	if (!leg->d.dtls) {
		BIO_free(bio);
		fail(leg, MEDIA_TLS_CAUSE_HANDSHAKE);
		return;
	}
	BIO_set_data(bio, leg);
	SSL_set_bio(leg->d.dtls, bio, bio);
	SSL_set_mtu(leg->d.dtls, LINK_MTU);
	leg->d.dtls_hold = false;
	atomic_store_explicit(&leg->state_name, "handshake", memory_order_relaxed);
	go_on(leg);
}

void dtls_leg_clear(struct media_leg *leg)
{
	leg_timer_cancel(leg->worker, &leg->d.dtls_timer);
	leg_timer_cancel(leg->worker, &leg->d.dtls_limit);
	if (leg->d.dtls)
		tls_free(&leg->d.dtls);
	leg->d.dtls_up = leg->d.dtls_started = leg->d.dtls_hold = false;
}

void dtls_leg_configure(struct media_leg *leg, const struct media_leg_config *before)
{
	/* New fingerprints or a new role are a new association (RFC 5763 5, 6.6). */
	if (leg->d.dtls_started &&
	    ((before->fingerprint_given && memcmp(&leg->cfg.fingerprints, &before->fingerprints,
						  sizeof(before->fingerprints)) != 0) ||
	     (before->setup != leg->cfg.setup && before->setup != MEDIA_SETUP_ACTPASS)))
		dtls_leg_clear(leg);
	if (!leg->d.dtls_started && leg->cfg.setup == MEDIA_SETUP_ACTIVE && leg->d.rtp.dest_len &&
	    leg->cfg.mode != MEDIA_INACTIVE)
		start(leg, true);
}

bool dtls_leg_listens_to(const struct media_leg *leg, const struct netaddr *source)
{
	return leg->cfg.latch != MEDIA_LATCH_OFF || !netaddr_known(source) ||
	       netaddr_eq(source, &leg->d.rtp.dest);
}

/* Somebody wants to begin. While a handshake is under way, a ClientHello with another random is a
 * second try of the peer, or the peer's after somebody else's: it takes the place. */
static void take_hello(struct media_leg *leg, const uint8_t *random)
{
	bool running = leg->d.dtls && !leg->d.dtls_up && SSL_is_server(leg->d.dtls);

	if (leg->d.dtls_started &&
	    (!running || memcmp(leg->d.dtls_hello, random, DEMUX_DTLS_RANDOM) == 0))
		return;
	if (leg->cfg.setup == MEDIA_SETUP_ACTIVE || !leg->d.rtp.dest_len || !may_start(leg))
		return;
	dtls_leg_clear(leg);
	memcpy(leg->d.dtls_hello, random, DEMUX_DTLS_RANDOM);
	start(leg, false);
}

void dtls_leg_input(struct media_leg *leg, const uint8_t *p, size_t len)
{
	const uint8_t *random = demux_dtls_hello_random(p, len);

	if (random)
		take_hello(leg, random);
	if (!leg->d.dtls)
		return;
	if (leg->d.dtls_hold && !leg->cfg.fingerprint_given)
		return;
	leg->d.dtls_in = p;
	leg->d.dtls_in_len = len;
	if (leg->d.dtls_up) { /* alerts, repeated flights */
		char waste[64];

		ERR_clear_error();
		if (SSL_read(leg->d.dtls, waste, sizeof(waste)) <= 0 &&
		    SSL_get_shutdown(leg->d.dtls) & SSL_RECEIVED_SHUTDOWN) {
			dtls_leg_clear(leg);
			leg->d.dtls_started = true;
			report_event(leg, MEDIA_EV_TCP_LOST, ECONNRESET, MEDIA_TLS_CAUSE_NONE,
				     &leg->d.rtp.dest);
		}
		ERR_clear_error();
	} else {
		go_on(leg);
	}
	leg->d.dtls_in = NULL;
	leg->d.dtls_in_len = 0;
}
