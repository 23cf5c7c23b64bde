/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "modules/ims_alg/control/build.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "h248/sdp.h"

/* ---- what has changed ---- */

static bool same_local(const struct told_stream *a, const struct told_stream *b)
{
	const struct alg_end *x = &a->end, *y = &b->end;

	return strcmp(a->media, b->media) == 0 && strcmp(a->formats, b->formats) == 0 &&
	       x->has_setup == y->has_setup && (!x->has_setup || x->setup == y->setup) &&
	       x->want_fingerprint == y->want_fingerprint &&
	       (!x->want_fingerprint || x->hash == y->hash) && x->suite == y->suite &&
	       (!x->suite || (x->crypto_tag == y->crypto_tag && x->key_serial == y->key_serial)) &&
	       x->rtcp_mux == y->rtcp_mux && x->msrp_cema == y->msrp_cema &&
	       strcmp(x->path, y->path) == 0;
}

static bool same_remote(const struct told_stream *a, const struct told_stream *b)
{
	const struct alg_end *x = &a->end, *y = &b->end;

	return strcmp(a->formats, b->formats) == 0 && netaddr_eq(&x->remote, &y->remote) &&
	       netaddr_eq(&x->remote_rtcp, &y->remote_rtcp) &&
	       x->has_remote_setup == y->has_remote_setup &&
	       (!x->has_remote_setup || x->remote_setup == y->remote_setup) &&
	       x->remote_rtcp_mux == y->remote_rtcp_mux && x->remote_cema == y->remote_cema &&
	       fingerprint_set_eq(&x->fingerprints, &y->fingerprints) &&
	       x->remote_key.tag == y->remote_key.tag &&
	       sdes_key_eq(&x->remote_key, &y->remote_key) &&
	       strcmp(x->remote_path, y->remote_path) == 0;
}

static bool same_control(const struct told *ta, const struct told_stream *a, const struct told *tb,
			 const struct told_stream *b)
{
	const struct alg_end *x = &a->end, *y = &b->end;

	/* gm/sam names the peer's address. */
	return x->mode == y->mode && x->filter_address == y->filter_address &&
	       x->filter_port == y->filter_port && x->rtcp_port == y->rtcp_port &&
	       ta->dscp == tb->dscp &&
	       (!y->filter_address || netaddr_ip_eq(&x->remote, &y->remote));
}

static bool new_latch(const struct alg_end *now, const struct alg_end *want)
{
	return want->latch != ALG_LATCH_NONE &&
	       (!now || now->latch != want->latch || now->latch_serial != want->latch_serial);
}

static bool new_signal(const struct alg_end *now, const struct alg_end *want)
{
	return new_latch(now, want) || (want->tls_client && (!now || !now->tls_client)) ||
	       (want->tcp_establish && (!now || !now->tcp_establish));
}

static bool same_stream(const struct told *now, const struct told_stream *a,
			const struct told *want, const struct told_stream *b)
{
	return same_control(now, a, want, b) && same_local(a, b) && same_remote(a, b) &&
	       !new_signal(&a->end, &b->end);
}

/* Which events the streams call for: bits. */
enum { FOR_TCP = 1, FOR_TLS = 2, FOR_RTP = 4 };

static unsigned kinds(const struct told *t)
{
	unsigned k = 0;

	for (unsigned i = 0; i < t->streams; i++)
		k |= (told_is_tcp(&t->stream[i]) ? FOR_TCP : 0) |
		     (told_is_tls(&t->stream[i]) ? FOR_TLS : 0) |
		     (told_is_rtp(&t->stream[i]) ? FOR_RTP : 0);
	return k;
}

static bool changes_proto(const struct told_stream *now, const struct told_stream *want)
{
	return now && want && strcmp(now->end.proto, want->end.proto) != 0;
}

enum build_step build_next(const struct told *now, const struct told *want)
{
	bool differs = false;

	if (!now->there)
		return want->there ? BUILD_ADD : BUILD_NOTHING;
	if (!want->there)
		return BUILD_SUBTRACT;
	if (now->family != want->family || now->move != want->move ||
	    strcmp(now->realm, want->realm) != 0)
		return BUILD_REPLACE;
	differs = now->uncertain;
	for (unsigned i = 0; i < now->streams; i++) {
		const struct told_stream *w = told_stream(want, now->stream[i].id);

		if (changes_proto(&now->stream[i], w))
			return BUILD_RELEASE;
		differs |= !w || !same_stream(now, &now->stream[i], want, w);
	}
	for (unsigned i = 0; i < want->streams; i++)
		differs |= !told_stream(now, want->stream[i].id);
	return differs ? BUILD_MODIFY : BUILD_NOTHING;
}

/* ---- what fits ---- */

/* No less than the octets of a stream's Local as the gateway returns it. */
static size_t local_octets(const struct told_stream *s)
{
	enum { ALWAYS = 180, KEY = 130 };
	const struct alg_end *e = &s->end;
	size_t n = ALWAYS + strlen(s->formats) + strlen(e->path);

	n += e->suite ? KEY : 0;
	n += e->want_fingerprint ? FINGERPRINT_TEXT_MAX : 0;
	return n;
}

int build_part(const struct told *now, const struct told *want, size_t room, struct told *out)
{
	/* Of a termination that is made anew, all is new. */
	enum build_step next = build_next(now, want);
	bool fresh = next == BUILD_ADD || next == BUILD_REPLACE;
	size_t used = 0;
	unsigned kept = 0;

	if (told_copy(want, out))
		return -1;
	/* Of what may be otherwise than it was told, everything is told again. */
	if (!fresh && (next != BUILD_MODIFY || now->uncertain))
		return 0;
	for (unsigned i = 0; i < want->streams && room; i++) {
		const struct told_stream *w = &want->stream[i];
		const struct told_stream *was = fresh ? NULL : told_stream(now, w->id);
		bool same = was && same_stream(now, was, want, w);
		size_t n = same ? 0 : local_octets(w);
		bool fits = !n || !used || used + n <= room;

		used += fits ? n : 0;
		if (fits || was)
			out->stream[kept++] = fits ? *w : *was;
	}
	if (room) {
		explicit_bzero(&out->stream[kept], (out->streams - kept) * sizeof(out->stream[0]));
		out->streams = kept;
	}
	return 0;
}

/* ---- session descriptions ---- */

enum { TEXT_MAX = 4096 };

struct text {
	size_t n;
	bool bad; /* too long, or with octets that may not stand in a line */
	char buf[TEXT_MAX];
};

__attribute__((format(printf, 2, 3))) static void put(struct text *t, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(t->buf + t->n, sizeof(t->buf) - t->n, fmt, ap);
	va_end(ap);
	if (n < 0 || (size_t)n >= sizeof(t->buf) - t->n)
		t->bad = true;
	for (int i = 0; i < n && !t->bad; i++)
		t->bad = (unsigned char)t->buf[t->n + i] < ' ';
	if (!t->bad)
		t->n += (size_t)n;
}

static void end_line(struct text *t)
{
	if (t->n + 2 >= sizeof(t->buf))
		t->bad = true;
	else
		memcpy(t->buf + t->n, "\r\n", 2);
	t->n += t->bad ? 0 : 2;
}

#define LINE(t, ...)                                                                               \
	do {                                                                                       \
		put(t, __VA_ARGS__);                                                               \
		end_line(t);                                                                       \
	} while (0)

/* Copied into the arena, and not left here: keys may be in it. */
static struct slice finish(struct h248_arena *arena, struct text *t)
{
	struct slice out = t->bad ? SLICE_NULL : h248_copy(arena, slice_make(t->buf, t->n));

	explicit_bzero(t->buf, t->n);
	return out;
}

static void put_key(struct text *t, const struct sdes_key *key)
{
	char buf[512];

	if (sdes_print(key, buf, sizeof(buf)) < 0)
		t->bad = true;
	else
		LINE(t, "a=crypto:%s", buf);
	explicit_bzero(buf, sizeof(buf));
}

static void put_fingerprint(struct text *t, const struct fingerprint *f)
{
	char buf[FINGERPRINT_TEXT_MAX];

	LINE(t, "a=fingerprint:%s %s", fingerprint_hash_name(f->hash),
	     fingerprint_print(f->octets, fingerprint_hash_octets(f->hash), buf));
}

/*
 * The key of ours that Local names: the one that was given; when the serial has counted up since,
 * a new one ("inline:$"); when it has gone back, the one of then (an order is taken back).
 */
static const struct sdes_key *own_key(const struct told_stream *now, const struct told_stream *want)
{
	if (!now || !now->given.key.suite)
		return want->given.given && want->given.key.suite == want->end.suite && now
			   ? &want->given.key
			   : NULL;
	if (want->end.suite != now->given.key.suite || want->end.key_serial > now->end.key_serial)
		return NULL;
	if (want->end.key_serial < now->end.key_serial)
		return want->given.key.suite == want->end.suite ? &want->given.key : NULL;
	return &now->given.key;
}

static struct slice local_text(struct h248_arena *arena, const struct told *t,
			       const struct told_stream *now, const struct told_stream *want)
{
	const struct alg_end *end = &want->end;
	const struct alg_given *given = now && now->given.given ? &now->given : NULL;
	const struct sdes_key *key = own_key(now, want);
	char ip[NETADDR_TEXT_MAX];
	struct text x = {0};

	LINE(&x, "v=0");
	LINE(&x, "c=IN %s %s", t->family == 6 ? "IP6" : "IP4",
	     given ? netaddr_ip_text(&given->local, ip) : "$");
	if (given)
		LINE(&x, "m=%s %u %s %s", want->media, given->local.port, end->proto,
		     want->formats);
	else
		LINE(&x, "m=%s $ %s %s", want->media, end->proto, want->formats);
	if (end->has_setup)
		LINE(&x, "a=setup:%s", sdp_setup_name(end->setup));
	if (end->want_fingerprint && given && given->has_fingerprint &&
	    given->fingerprint.hash == end->hash)
		put_fingerprint(&x, &given->fingerprint);
	else if (end->want_fingerprint && end->hash == FINGERPRINT_SHA256)
		LINE(&x, "a=fingerprint:$");
	else if (end->want_fingerprint)
		LINE(&x, "a=fingerprint:%s $", fingerprint_hash_name(end->hash));
	if (end->suite && key) {
		struct sdes_key named = *key;

		named.tag = end->crypto_tag;
		put_key(&x, &named);
		sdes_key_wipe(&named);
	} else if (end->suite) {
		LINE(&x, "a=crypto:%u %s inline:$", end->crypto_tag, sdes_suite_name(end->suite));
	}
	if (end->rtcp_mux)
		LINE(&x, "a=rtcp-mux");
	if (end->path[0])
		LINE(&x, "a=path:%s", end->path);
	if (end->msrp_cema)
		LINE(&x, "a=msrp-cema");
	return finish(arena, &x);
}

static struct slice remote_text(struct h248_arena *arena, const struct told_stream *s)
{
	const struct alg_end *end = &s->end;
	char ip[NETADDR_TEXT_MAX];
	struct text x = {0};

	if (!netaddr_known(&end->remote))
		return SLICE_LIT("");
	LINE(&x, "v=0");
	LINE(&x, "c=IN %s %s", end->remote.family == 6 ? "IP6" : "IP4",
	     netaddr_ip_text(&end->remote, ip));
	/* The port of a peer that connects means nothing and should be 9 (RFC 4145 4.1). */
	LINE(&x, "m=%s %u %s %s", s->media,
	     end->remote.port || !told_is_tcp(s) ? end->remote.port : 9, end->proto, s->formats);
	if (end->has_remote_setup)
		LINE(&x, "a=setup:%s", sdp_setup_name(end->remote_setup));
	for (size_t i = 0; i < end->fingerprints.n; i++)
		put_fingerprint(&x, &end->fingerprints.items[i]);
	if (end->remote_key.suite)
		put_key(&x, &end->remote_key);
	if (netaddr_known(&end->remote_rtcp))
		LINE(&x, "a=rtcp:%u IN %s %s", end->remote_rtcp.port,
		     end->remote_rtcp.family == 6 ? "IP6" : "IP4",
		     netaddr_ip_text(&end->remote_rtcp, ip));
	if (end->remote_rtcp_mux)
		LINE(&x, "a=rtcp-mux");
	if (end->remote_path[0])
		LINE(&x, "a=path:%s", end->remote_path);
	if (end->remote_cema)
		LINE(&x, "a=msrp-cema");
	return finish(arena, &x);
}

/* ---- descriptors ---- */

static void put_control(struct h248_arena *arena, struct h248_stream *stream, const struct told *t,
			const struct alg_end *end)
{
	static const enum h248_mode modes[] = {
	    [SDP_DIR_INACTIVE] = H248_INACTIVE,
	    [SDP_DIR_SENDONLY] = H248_SEND_ONLY,
	    [SDP_DIR_RECVONLY] = H248_RECEIVE_ONLY,
	    [SDP_DIR_SENDRECV] = H248_SEND_RECEIVE,
	};
	const struct slice on = SLICE_LIT("ON");
	struct h248_local_control *lc = h248_new_control(arena, stream);
	char ip[NETADDR_TEXT_MAX];

	if (!lc)
		return;
	lc->mode = modes[end->mode & SDP_DIR_SENDRECV];
	lc->mode_relation = H248_EQ;
	if (t->realm[0])
		h248_new_parm(arena, &lc->properties, "ipdc", "realm", slice_str(t->realm), true);
	if (end->filter_address) {
		h248_new_parm(arena, &lc->properties, "gm", "saf", on, false);
		if (netaddr_known(&end->remote))
			h248_new_parm(
			    arena, &lc->properties, "gm", "sam",
			    h248_copy(arena, slice_str(netaddr_ip_text(&end->remote, ip))), true);
	}
	if (end->filter_port)
		h248_new_parm(arena, &lc->properties, "gm", "spf", on, false);
	if (end->rtcp_port)
		h248_new_parm(arena, &lc->properties, "rtcph", "rsb", on, false);
	if (t->dscp != ALG_DSCP_NONE)
		h248_new_parm(arena, &lc->properties, "ds", "dscp",
			      h248_printf(arena, "%02X", t->dscp), false);
}

static struct h248_stream *new_stream(struct h248_arena *arena, struct h248_command *c,
				      struct h248_descriptor **media, uint16_t id)
{
	if (!*media)
		*media = h248_new_descriptor(arena, c, H248_D_MEDIA);
	return *media ? h248_new_stream(arena, *media, id) : NULL;
}

static int put_stream(struct h248_arena *arena, struct h248_command *c,
		      struct h248_descriptor **media, const struct told *now,
		      const struct told_stream *was, const struct told *want,
		      const struct told_stream *s)
{
	bool all = now->uncertain, control = all || !was || !same_control(now, was, want, s),
	     local = all || !was || !same_local(was, s),
	     remote = was ? all || !same_remote(was, s) : netaddr_known(&s->end.remote);
	struct h248_stream *out;

	if (!control && !local && !remote)
		return 0;
	out = new_stream(arena, c, media, s->id);
	if (!out)
		return 0;
	if (control)
		put_control(arena, out, want, &s->end);
	if (local) {
		out->local = local_text(arena, want, was, s);
		out->has_local = true;
	}
	if (remote) {
		out->remote = remote_text(arena, s);
		out->has_remote = true;
	}
	return arena->overflow || ((!local || out->local.p) && (!remote || out->remote.p)) ? 0 : -1;
}

/* Local and Remote empty: what was reserved is given back (7.1.8). */
static void put_end(struct h248_arena *arena, struct h248_command *c,
		    struct h248_descriptor **media, uint16_t id)
{
	struct h248_stream *out = new_stream(arena, c, media, id);

	if (!out)
		return;
	out->has_local = out->has_remote = true;
	out->local = out->remote = SLICE_LIT("");
}

static void put_event(struct h248_arena *arena, struct h248_descriptor *d, const char *package,
		      const char *item, const char *parm, uint32_t seconds)
{
	struct h248_event *e = h248_new_event(arena, &d->u.events.list, package, item);

	if (!e)
		return;
	/* An event that is seen ends the signals that run, unless it says otherwise (7.1.9). */
	e->keep_active = true;
	if (parm)
		h248_new_parm(arena, &e->parms, "", parm, h248_printf(arena, "%u", seconds), false);
}

static void put_named_event(struct h248_arena *arena, struct h248_descriptor *d,
			    const struct mgc_names *names, enum mgc_name which)
{
	const char *package, *item;
	char *buf = h248_alloc(arena, MGC_NAME_MAX);

	if (buf && mgc_names_split(names, which, buf, &package, &item))
		put_event(arena, d, package, item, NULL, 0);
}

static void put_events(struct h248_arena *arena, struct h248_command *c, const struct told *want,
		       uint32_t request, const struct build_settings *settings)
{
	struct h248_descriptor *d = h248_new_descriptor(arena, c, H248_D_EVENTS);
	unsigned k = kinds(want);

	if (!d)
		return;
	d->u.events.request = (struct h248_request_id){.present = true, .id = request};
	put_event(arena, d, "g", "cause", NULL, 0);
	if (settings->hang_s)
		put_event(arena, d, "hangterm", "thb", "timerx", settings->hang_s);
	if (k & FOR_TCP)
		put_named_event(arena, d, settings->names, MGC_TCP_CHANGE);
	if (k & FOR_TLS)
		put_named_event(arena, d, settings->names, MGC_TLS_CHANGE);
	if (k & FOR_RTP && settings->stop_s)
		put_event(arena, d, "adid", "ipstop", "dt", settings->stop_s);
}

static struct h248_signal *put_signal(struct h248_arena *arena, struct h248_command *c,
				      struct h248_descriptor **d, const char *package,
				      const char *item, uint16_t stream)
{
	struct h248_signal *s;

	if (!*d)
		*d = h248_new_descriptor(arena, c, H248_D_SIGNALS);
	s = *d ? h248_new_signal(arena, &(*d)->u.signals, package, item) : NULL;
	if (s) {
		s->has_stream = true;
		s->stream = stream;
	}
	return s;
}

static void put_named_signal(struct h248_arena *arena, struct h248_command *c,
			     struct h248_descriptor **d, const struct mgc_names *names,
			     enum mgc_name which, uint16_t stream)
{
	const char *package, *item;
	char *buf = h248_alloc(arena, MGC_NAME_MAX);

	if (buf && mgc_names_split(names, which, buf, &package, &item))
		put_signal(arena, c, d, package, item, stream);
}

static void put_signals(struct h248_arena *arena, struct h248_command *c, const struct told *now,
			const struct told *want, const struct mgc_names *names)
{
	struct h248_descriptor *d = NULL;

	for (unsigned i = 0; i < want->streams; i++) {
		const struct told_stream *s = &want->stream[i], *was = told_stream(now, s->id);
		const struct alg_end *end = &s->end, *before = was ? &was->end : NULL;

		if (new_latch(before, end)) {
			struct h248_signal *latch =
			    put_signal(arena, c, &d, "ipnapt", "latch", s->id);

			if (latch)
				h248_new_parm(arena, &latch->parms, "", "napt",
					      end->latch == ALG_LATCH_AGAIN ? SLICE_LIT("RELATCH")
									    : SLICE_LIT("LATCH"),
					      false);
		}
		if (end->tcp_establish && (!before || !before->tcp_establish))
			put_named_signal(arena, c, &d, names, MGC_TCP_ESTABLISH, s->id);
		if (end->tls_client && (!before || !before->tls_client))
			put_named_signal(arena, c, &d, names, MGC_TLS_ESTABLISH, s->id);
	}
}

static void put_subtract(struct h248_arena *arena, struct h248_action *action,
			 const struct told *now)
{
	struct h248_command *c =
	    h248_new_command(arena, action, H248_SUBTRACT, h248_copy(arena, slice_str(now->tid)));

	h248_new_descriptor(arena, c, H248_D_AUDIT); /* no statistics, please */
}

static const struct told nothing;

static int put_all(struct h248_arena *arena, struct h248_command *c, const struct told *now,
		   const struct told *want, uint32_t request, const struct build_settings *settings)
{
	struct h248_descriptor *media = NULL;

	for (unsigned i = 0; i < want->streams; i++)
		if (put_stream(arena, c, &media, now, told_stream(now, want->stream[i].id), want,
			       &want->stream[i]))
			return -1;
	for (unsigned i = 0; i < now->streams; i++)
		if (!told_stream(want, now->stream[i].id))
			put_end(arena, c, &media, now->stream[i].id);
	if (!now->there || kinds(now) != kinds(want))
		put_events(arena, c, want, request, settings);
	put_signals(arena, c, now, want, settings->names);
	return 0;
}

int build_step(struct h248_arena *arena, struct h248_action *action, enum alg_side side,
	       enum build_step step, const struct told *now, const struct told *want,
	       uint32_t request, const struct build_settings *settings)
{
	struct h248_descriptor *media = NULL;
	struct h248_command *c = NULL;
	int rc = 0;

	if (step == BUILD_ADD || step == BUILD_REPLACE)
		c = h248_new_command(
		    arena, action, H248_ADD,
		    h248_printf(arena, "ip/%s/$", side == ALG_ACCESS ? "access" : "core"));
	else if (step == BUILD_MODIFY || step == BUILD_RELEASE)
		c = h248_new_command(arena, action, H248_MODIFY,
				     h248_copy(arena, slice_str(now->tid)));
	if (step == BUILD_ADD || step == BUILD_REPLACE)
		rc = put_all(arena, c, &nothing, want, request, settings);
	else if (step == BUILD_MODIFY)
		rc = put_all(arena, c, now, want, request, settings);
	for (unsigned i = 0; step == BUILD_RELEASE && i < now->streams; i++)
		if (changes_proto(&now->stream[i], told_stream(want, now->stream[i].id)))
			put_end(arena, c, &media, now->stream[i].id);
	if (step == BUILD_REPLACE || step == BUILD_SUBTRACT)
		put_subtract(arena, action, now);
	return rc;
}

/* ---- the reply ---- */

static bool read_local(struct slice text, struct alg_given *out)
{
	char memory[16384];
	struct h248_arena arena;
	const struct h248_sdp_line *pos = NULL;
	struct h248_sdp_attribute at;
	struct alg_given g = {.given = true};
	struct h248_sdp *sdp;

	h248_arena_init(&arena, memory, sizeof(memory));
	if (h248_sdp_parse(text, &arena, &sdp) || !sdp || !sdp->has_connection || !sdp->has_media ||
	    netaddr_parse(sdp->address, &g.local) || !sdp->port_number ||
	    sdp->port_number > UINT16_MAX)
		return false;
	g.local.port = (uint16_t)sdp->port_number;
	if (h248_sdp_attribute_next(sdp, "fingerprint", &pos, &at))
		g.has_fingerprint = fingerprint_parse(at.value, &g.fingerprint) == 0;
	pos = NULL;
	if (h248_sdp_attribute_next(sdp, "crypto", &pos, &at) &&
	    sdes_parse(at.value, &g.key) != SDES_OK)
		sdes_key_wipe(&g.key);
	*out = g;
	sdes_key_wipe(&g.key);
	return true;
}

static const struct h248_stream *stream_in(const struct h248_command *reply, uint16_t id)
{
	const struct h248_descriptor *d = h248_descriptor_find(reply, H248_D_MEDIA);

	for (const struct h248_stream *s = d ? d->u.media.streams : NULL; s; s = s->next)
		if ((s->has_id ? s->id : 1) == id && s->has_local)
			return s;
	return NULL;
}

/* What was asked of it is there, and is what was asked for. */
static bool is_complete(const struct told_stream *s)
{
	return s->given.given && (!s->end.want_fingerprint || s->given.has_fingerprint) &&
	       (!s->end.suite || s->given.key.suite == s->end.suite);
}

static int take_given(const struct told *now, const struct h248_command *reply, struct told *out)
{
	for (unsigned i = 0; i < out->streams; i++) {
		struct told_stream *s = &out->stream[i];
		const struct told_stream *was = told_stream(now, s->id);
		const struct h248_stream *in = stream_in(reply, s->id);
		const struct sdes_key *named = own_key(was, s);
		struct sdes_key key = {0};

		if (named)
			key = *named;
		memset(&s->given, 0, sizeof(s->given));
		if (was)
			s->given = was->given;
		if (in && !read_local(in->local, &s->given))
			return -2;
		/* Without a choice to make the descriptor need not come back. */
		if (!in && named)
			s->given.key = key;
		sdes_key_wipe(&key);
		if (!s->end.suite)
			sdes_key_wipe(&s->given.key);
		if (!is_complete(s) || netaddr_len(&s->given.local) != (out->family == 6 ? 16 : 4))
			return -2;
	}
	return 0;
}

/* What stays when the streams that change their proto are given back. */
static int without_changed(const struct told *now, const struct told *want, struct told *out)
{
	unsigned kept = 0;

	if (told_copy(now, out))
		return -1;
	for (unsigned i = 0; i < out->streams; i++)
		if (!changes_proto(&out->stream[i], told_stream(want, out->stream[i].id)))
			out->stream[kept++] = out->stream[i];
	explicit_bzero(&out->stream[kept], (out->streams - kept) * sizeof(out->stream[0]));
	out->streams = kept;
	return 0;
}

int build_taken(enum build_step step, const struct told *now, const struct told *want,
		const struct h248_command *reply, struct told *out)
{
	bool fresh = step == BUILD_ADD || step == BUILD_REPLACE;
	int rc;

	if (step == BUILD_SUBTRACT)
		return 0;
	if (step == BUILD_RELEASE)
		return without_changed(now, want, out);
	if (told_copy(want, out))
		return -1;
	rc = reply->tid.id.len && slice_copy(reply->tid.id, out->tid, sizeof(out->tid)) == 0 ? 0
											     : -2;
	if (!rc)
		rc = take_given(fresh ? &nothing : now, reply, out);
	if (rc)
		told_clear(out);
	return rc;
}
