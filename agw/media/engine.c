/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The control thread's side of the media plane: makes legs, sends messages, delivers events. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "agw/media/srtp_crypto.h"
#include "agw/media/worker.h"

enum { LISTEN_BACKLOG = 32 };

const char *media_strerror(int err)
{
	switch (err) {
	case MEDIA_OK:
		return "success";
	case MEDIA_ENOMEM:
		return "out of memory or legs";
	case MEDIA_ENOPORT:
		return "no free port in the pool";
	case MEDIA_ESYSTEM:
		return "system call failed";
	case MEDIA_EINVAL:
		return "contradicting settings";
	case MEDIA_ECRYPTO:
		return "OpenSSL or libsrtp2 refused";
	case MEDIA_ELINKED:
		return "leg is linked already";
	case MEDIA_EMISMATCH:
		return "these legs cannot relay to each other";
	case MEDIA_EBUSY:
		return "worker is busy";
	case MEDIA_EDESCRIPTORS:
		return "no descriptor left";
	default:
		return "unknown error";
	}
}

const char *media_event_name(enum media_event_type type)
{
	static const char *const names[] = {
	    [MEDIA_EV_LATCHED] = "latched",	  [MEDIA_EV_TCP_UP] = "tcp-up",
	    [MEDIA_EV_TCP_FAILED] = "tcp-failed", [MEDIA_EV_TCP_CLOSED] = "tcp-closed",
	    [MEDIA_EV_TCP_LOST] = "tcp-lost",	  [MEDIA_EV_TLS_UP] = "tls-up",
	    [MEDIA_EV_TLS_FAILED] = "tls-failed", [MEDIA_EV_TLS_RETRY] = "tls-retry",
	    [MEDIA_EV_INACTIVE] = "inactive",	  [MEDIA_EV_RESUMED] = "resumed",
	    [MEDIA_EV_STRANGER] = "stranger",	  [MEDIA_EV_PROTOCOL] = "protocol-error",
	};

	return type < sizeof(names) / sizeof(names[0]) ? names[type] : "?";
}

const char *media_tls_cause_name(enum media_tls_cause cause)
{
	static const char *const names[] = {
	    [MEDIA_TLS_CAUSE_NONE] = "none",
	    [MEDIA_TLS_CAUSE_HANDSHAKE] = "handshake failed",
	    [MEDIA_TLS_CAUSE_FINGERPRINT] = "fingerprint mismatch",
	    [MEDIA_TLS_CAUSE_NO_CERTIFICATE] = "no certificate",
	    [MEDIA_TLS_CAUSE_TIMEOUT] = "timeout",
	    [MEDIA_TLS_CAUSE_LOST] = "connection lost",
	};

	return cause < sizeof(names) / sizeof(names[0]) ? names[cause] : "?";
}

static void send_message(struct worker *w, struct message m)
{
	struct message *copy = malloc(sizeof(*copy));

	if (!copy)
		abort(); /* a lost message would leave control and worker in different worlds */
	*copy = m;
	w->ordered = true;
	mailbox_post(&w->box, &copy->mail);
}

static int start_crypto(void)
{
	static bool done; /* libsrtp2's state is the process's */

	if (done)
		return 0;
	if (srtp_init() != srtp_err_status_ok)
		return -1;
	if (srtp_crypto_install() < 0) {
		srtp_shutdown();
		return -1;
	}
	done = true;
	return 0;
}

static int get_certificate(struct certificate *c, const struct media_config *cfg, char *why,
			   size_t size)
{
	const char *file = cfg->certificate_file;

	if (file)
		return certificate_load(
		    c, file, cfg->private_key_file ? cfg->private_key_file : file, why, size);
	snprintf(why, size, "OpenSSL cannot make a certificate");
	return certificate_make(c, "ims-agw");
}

int media_new(const struct media_config *cfg, media_event_h *handler, void *arg, char *why,
	      size_t size, struct media **out)
{
	struct media *m = calloc(1, sizeof(*m));
	unsigned n = cfg->workers;
	int rc = MEDIA_ECRYPTO;

	if (!m) {
		snprintf(why, size, "no memory");
		return MEDIA_ENOMEM;
	}
	m->cfg = *cfg;
	m->cfg.certificate_file = m->cfg.private_key_file = NULL;
	m->cfg.tcp_buffer = cfg->tcp_buffer ? cfg->tcp_buffer : STREAM_CHUNK;
	m->cfg.tls_handshake_ms = cfg->tls_handshake_ms ? cfg->tls_handshake_ms : 30000;
	m->cfg.tcp_connect_ms = cfg->tcp_connect_ms ? cfg->tcp_connect_ms : 10000;
	m->cfg.tcp_keepalive_s = cfg->tcp_keepalive_s ? cfg->tcp_keepalive_s : 60;
	m->cfg.srtp_window = cfg->srtp_window ? cfg->srtp_window : 128;
	m->cfg.legs_max = cfg->legs_max ? cfg->legs_max : 65536;
	m->handler = handler;
	m->handler_arg = arg;
	m->box.event_fd = -1;
	if (!n) {
		long cpus = sysconf(_SC_NPROCESSORS_ONLN);

		n = cpus > 0 ? (unsigned)cpus : 1;
	}
	if (n > MEDIA_WORKERS_MAX)
		n = MEDIA_WORKERS_MAX;
	snprintf(why, size, "libsrtp2 does not take our ciphers");
	if (start_crypto() < 0 || get_certificate(&m->certificate, cfg, why, size) < 0 ||
	    tls_takes(&m->certificate, why, size) < 0)
		goto fail;
	rc = MEDIA_ESYSTEM;
	if (mailbox_open(&m->box) < 0) {
		snprintf(why, size, "no descriptor: %s", strerror(errno));
		goto fail;
	}
	for (unsigned i = 0; i < n; i++) {
		rc = worker_start(m, i, &m->workers[i]);
		if (rc < 0) {
			snprintf(why, size, "worker %u: %s", i, media_strerror(rc));
			goto fail;
		}
		m->n_workers++;
	}
	*out = m;
	return MEDIA_OK;
fail:
	media_free(m);
	return rc;
}

/* One list of the counters that are summed up over legs. */
static void add_to_totals(struct media_totals *sum, const struct media_leg_stats *s)
{
	sum->packets_in += s->packets_in;
	sum->packets_out += s->packets_out;
	sum->octets_in += s->octets_in;
	sum->octets_out += s->octets_out;
	sum->filtered += s->filtered;
	sum->policed += s->policed;
	sum->overrun += s->overrun;
	sum->malformed += s->malformed;
	sum->auth_failed += s->auth_failed;
	sum->replayed += s->replayed;
	sum->tls_failed += s->tls_failed;
	sum->strangers += s->strangers;
	sum->refused += s->refused;
	sum->accept_failed += s->accept_failed;
}

static int make_certificate(struct media_leg *leg)
{
	struct certificate *c = calloc(1, sizeof(*c));

	if (!c)
		return MEDIA_ENOMEM;
	if (certificate_make(c, "ims-agw") < 0) {
		free(c);
		return MEDIA_ECRYPTO;
	}
	leg->certificate = c;
	return MEDIA_OK;
}

static void drop_certificate(struct media_leg *leg)
{
	if (leg->certificate)
		certificate_clear(leg->certificate);
	free(leg->certificate);
}

/* The leg's own part, when the worker has let go. */
static void leg_free(struct media_leg *leg)
{
	struct media *m = leg->media;

	add_to_totals(&m->retired, &leg->stats);
	if (leg->prev)
		leg->prev->next = leg->next;
	else
		m->legs = leg->next;
	if (leg->next)
		leg->next->prev = leg->prev;
	m->n_legs--;
	pool_give_back(leg->pool, leg->local.port, leg->rtcp_port);
	drop_certificate(leg);
	explicit_bzero(leg, sizeof(*leg));
	free(leg);
}

void media_dispatch(struct media *m)
{
	uint64_t done[MEDIA_WORKERS_MAX] = {0};
	struct mail *mail;

	/* Before the mail: what a worker had to say before its mark is delivered with it. */
	for (unsigned i = 0; i < m->n_workers; i++)
		done[i] = atomic_load_explicit(&m->workers[i]->mark_done, memory_order_acquire);
	mail = mailbox_take(&m->box);

	while (mail) {
		struct report *r = (struct report *)mail;

		mail = mail->next;
		if (r->closed) {
			leg_free(r->event.leg);
		} else if (!r->event.leg->closing && m->handler) {
			r->event.user = r->event.leg->user;
			m->handler(&r->event, m->handler_arg);
		}
		free(r);
	}
	memcpy(m->marks_seen, done, sizeof(done[0]) * m->n_workers);
}

uint64_t media_mark(struct media *m)
{
	m->mark++;
	for (unsigned i = 0; i < m->n_workers; i++) {
		struct worker *w = m->workers[i];

		if (!w->ordered)
			continue;
		send_message(w, (struct message){.kind = MESSAGE_MARK, .mark = m->mark});
		w->ordered = false;
		w->mark_sent = m->mark;
	}
	return m->mark;
}

bool media_reached(const struct media *m, uint64_t mark)
{
	for (unsigned i = 0; i < m->n_workers; i++) {
		uint64_t sent = m->workers[i]->mark_sent;

		if (m->marks_seen[i] < (sent < mark ? sent : mark))
			return false;
	}
	return true;
}

void media_free(struct media *m)
{
	if (!m)
		return;
	while (m->n_workers)
		worker_stop(m->workers[--m->n_workers]);
	m->handler = NULL;
	if (m->box.event_fd >= 0)
		media_dispatch(m);
	mailbox_close(&m->box);
	certificate_clear(&m->certificate);
	explicit_bzero(m, sizeof(*m));
	free(m);
}

int media_event_fd(const struct media *m)
{
	return m->box.event_fd;
}

static int open_sockets(struct media_leg *leg, const struct media_leg_open *how)
{
	bool rtp = media_proto_is_rtp(how->proto), pair = rtp && how->rtcp_port;
	int fds[2], rc;

	rc = pool_take(how->pool, leg_is_stream(leg) ? SOCK_STREAM : SOCK_DGRAM,
		       pair  ? PORT_PAIR
		       : rtp ? PORT_EVEN
			     : PORT_ANY,
		       &leg->local.port, fds);
	if (rc < 0)
		return rc;
	leg->rtcp_port = pair;
	if (!leg_is_stream(leg)) {
		leg->d.rtp.fd = fds[0];
		leg->d.rtcp.fd = fds[1];
		return MEDIA_OK;
	}
	/* Listen now, because the reply will name the port; the gate is put in before. */
	leg->s.gate = gate_shut();
	leg->s.listen_fd = fds[0];
	if (gate_attach(&leg->s.gate, leg->local.family, fds[0]) < 0 ||
	    listen(fds[0], LISTEN_BACKLOG) < 0) {
		int saved = errno;

		close(fds[0]);
		pool_give_back(how->pool, leg->local.port, false);
		errno = saved;
		return MEDIA_ESYSTEM;
	}
	return MEDIA_OK;
}

/* Put the first gate in right away: the peer may have our address before the worker has read its
 * mail. From then on the gate is the worker's. */
static void preset_gate(struct media_leg *leg, const struct media_leg_config *cfg)
{
	struct gate g = gate_of_listener(cfg);

	if (!leg->gate_preset && leg_is_stream(leg) && !g.closed)
		gate_attach(&g, leg->local.family, leg->s.listen_fd);
	leg->gate_preset = true;
}

int media_leg_open(struct media *m, const struct media_leg_open *how, struct media_leg **out)
{
	struct media_leg_config *cfg = NULL;
	struct media_leg *leg;
	int rc = MEDIA_ENOMEM;

	if (m->n_legs >= m->cfg.legs_max)
		return MEDIA_ENOMEM;
	leg = cache_new(sizeof(*leg));
	cfg = calloc(1, sizeof(*cfg));
	if (!leg || !cfg)
		goto fail;
	leg->media = m;
	leg->proto = how->proto;
	leg->pool = how->pool;
	leg->local = how->pool->addr;
	leg->user = how->user;
	if (how->own_certificate && media_proto_has_certificate(how->proto)) {
		rc = make_certificate(leg);
		if (rc < 0)
			goto fail;
	}
	rc = open_sockets(leg, how);
	if (rc < 0)
		goto fail;
	leg->worker = how->near ? how->near->worker : m->workers[m->next_worker++ % m->n_workers];
	atomic_init(&leg->state_name, "idle");
	leg->next = m->legs;
	if (m->legs)
		m->legs->prev = leg;
	m->legs = leg;
	m->n_legs++;
	if (how->config) {
		*cfg = *how->config;
		preset_gate(leg, cfg);
	}
	send_message(leg->worker, (struct message){.kind = MESSAGE_ATTACH, .leg = leg});
	leg->orders++;
	send_message(leg->worker,
		     (struct message){.kind = MESSAGE_CONFIGURE, .leg = leg, .cfg = cfg});
	*out = leg;
	return MEDIA_OK;
fail:
	if (leg)
		drop_certificate(leg);
	free(leg);
	free(cfg);
	return rc;
}

void media_leg_set_user(struct media_leg *leg, void *user)
{
	leg->user = user;
}

int media_leg_configure(struct media_leg *leg, const struct media_leg_config *cfg)
{
	struct message m = {.kind = MESSAGE_CONFIGURE, .leg = leg};

	if (cfg->mode > MEDIA_SENDRECV || cfg->dscp > 63 ||
	    cfg->fingerprints.n > FINGERPRINT_SET_MAX || cfg->filter.prefix_bits > 128 ||
	    !memchr(cfg->msrp_local_path, 0, sizeof(cfg->msrp_local_path)) ||
	    !memchr(cfg->msrp_remote_path, 0, sizeof(cfg->msrp_remote_path)))
		return MEDIA_EINVAL;
	m.cfg = malloc(sizeof(*m.cfg));
	if (!m.cfg)
		return MEDIA_ENOMEM;
	*m.cfg = *cfg;
	preset_gate(leg, cfg);
	leg->orders++;
	send_message(leg->worker, m);
	return MEDIA_OK;
}

bool media_leg_settled(const struct media_leg *leg)
{
	return atomic_load_explicit(&leg->orders_done, memory_order_acquire) == leg->orders;
}

/* Take a leg from its worker to another. Waits until the old one has let go. */
static void move_to_worker(struct media_leg *leg, struct worker *to)
{
	sem_t done;

	sem_init(&done, 0, 0);
	send_message(leg->worker,
		     (struct message){.kind = MESSAGE_DETACH, .leg = leg, .done = &done});
	while (sem_wait(&done) < 0 && errno == EINTR)
		;
	sem_destroy(&done);
	leg->worker = to;
	send_message(to, (struct message){.kind = MESSAGE_ATTACH, .leg = leg});
}

int media_link(struct media_leg *a, struct media_leg *b)
{
	bool a_rtp = media_proto_is_rtp(a->proto), b_rtp = media_proto_is_rtp(b->proto);

	if (a->linked || b->linked)
		return MEDIA_ELINKED;
	if (a == b || leg_is_stream(a) != leg_is_stream(b) || a_rtp != b_rtp)
		return MEDIA_EMISMATCH;
	/* MSRP on one side only would pass heads unchecked; BFCP likewise. Plain TCP is the
	 * agnostic mode. */
	if (media_proto_has_msrp(a->proto) != media_proto_has_msrp(b->proto) ||
	    media_proto_has_bfcp(a->proto) != media_proto_has_bfcp(b->proto)) {
		if (a->proto != MEDIA_TCP && a->proto != MEDIA_TCP_TLS && b->proto != MEDIA_TCP &&
		    b->proto != MEDIA_TCP_TLS)
			return MEDIA_EMISMATCH;
	}
	if (b->worker != a->worker)
		move_to_worker(b, a->worker);
	a->linked = b;
	b->linked = a;
	a->orders++;
	b->orders++;
	send_message(a->worker, (struct message){.kind = MESSAGE_LINK, .leg = a, .other = b});
	return MEDIA_OK;
}

void media_unlink(struct media_leg *leg)
{
	if (!leg->linked)
		return;
	leg->linked->linked = NULL;
	leg->linked = NULL;
	send_message(leg->worker, (struct message){.kind = MESSAGE_UNLINK, .leg = leg});
}

void media_leg_close(struct media_leg *leg)
{
	media_unlink(leg);
	leg->closing = true;
	send_message(leg->worker, (struct message){.kind = MESSAGE_CLOSE, .leg = leg});
}

int media_leg_trace(struct media_leg *leg, int fd)
{
	leg->orders++;
	send_message(leg->worker, (struct message){.kind = MESSAGE_TRACE, .leg = leg, .fd = fd});
	return MEDIA_OK;
}

void media_leg_local(const struct media_leg *leg, struct netaddr *out)
{
	*out = leg->local;
}

int media_leg_fingerprint(const struct media_leg *leg, enum fingerprint_hash hash,
			  char buf[FINGERPRINT_TEXT_MAX])
{
	const struct certificate *c =
	    leg->certificate ? leg->certificate : &leg->media->certificate;

	if (!media_proto_has_certificate(leg->proto) || hash >= FINGERPRINT_HASHES)
		return MEDIA_EINVAL;
	fingerprint_print(c->digest[hash], fingerprint_hash_octets(hash), buf);
	return MEDIA_OK;
}

void media_leg_stats(const struct media_leg *leg, struct media_leg_stats *out)
{
	const uint64_t *from = (const uint64_t *)&leg->stats;
	uint64_t *to = (uint64_t *)out;

	_Static_assert(sizeof(*out) % sizeof(uint64_t) == 0, "all counters are 64 bits");
	for (size_t i = 0; i < sizeof(*out) / sizeof(*to); i++)
		to[i] = __atomic_load_n(&from[i], __ATOMIC_RELAXED);
}

int media_io_uring(const struct media *m)
{
	for (unsigned i = 0; i < m->n_workers; i++)
		if (m->workers[i]->uring_error)
			return -m->workers[i]->uring_error;
	return 0;
}

const char *media_leg_state(const struct media_leg *leg)
{
	return atomic_load_explicit(&leg->state_name, memory_order_relaxed);
}

void media_totals(const struct media *m, struct media_totals *out)
{
	*out = m->retired;
	out->legs = m->n_legs;
	for (unsigned i = 0; i < m->n_workers; i++)
		out->wakeups += __atomic_load_n(&m->workers[i]->wakeups, __ATOMIC_RELAXED);
	for (const struct media_leg *leg = m->legs; leg; leg = leg->next) {
		struct media_leg_stats s;

		media_leg_stats(leg, &s);
		add_to_totals(out, &s);
	}
}
