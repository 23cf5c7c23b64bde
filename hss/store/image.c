/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hss/store/image.h"

#include "hss/store/tables.h"

/* One description of the octets serves both directions. */
struct image {
	uint8_t *at, *end;
	bool read; /* into the members, else out of them */
	bool bad;
	struct store *store;
	unsigned int parts; /* that are read */
	struct slice *names;
	int err; /* of a key */
};

static uint8_t *take(struct image *im, size_t n)
{
	uint8_t *p = im->at;

	if (n > (size_t)(im->end - im->at)) {
		im->bad = true;
		return NULL;
	}
	im->at += n;
	return p;
}

/* Seven bits an octet, the lowest first. */
static void number(struct image *im, uint64_t *v)
{
	uint64_t rest = *v, sum = 0;
	uint8_t *p;

	for (int shift = 0; shift < 64 && (p = take(im, 1)); shift += 7) {
		if (!im->read)
			*p = (uint8_t)((rest & 0x7f) | (rest > 0x7f ? 0x80 : 0));
		sum |= (uint64_t)(*p & 0x7f) << shift;
		rest >>= 7;
		if (!(*p & 0x80))
			break;
	}
	if (im->read)
		*v = sum;
}

#define NUMBER(im, member)                                                                         \
	do {                                                                                       \
		uint64_t number_ = (uint64_t)(member);                                             \
		number(im, &number_);                                                              \
		(member) = (__typeof__(member))number_;                                            \
	} while (0)

/* A count of at most max. */
static void count(struct image *im, size_t *n, size_t max)
{
	NUMBER(im, *n);
	if (im->bad || *n > max) {
		im->bad = true;
		*n = 0;
	}
}

static void fixed(struct image *im, void *member, size_t n)
{
	uint8_t *p = take(im, n);

	if (!p)
		return;
	if (im->read)
		memcpy(member, p, n);
	else
		memcpy(p, member, n);
}

/* Returns where it stands. */
static struct slice text(struct image *im, char *s, size_t size)
{
	size_t n = im->read ? 0 : strlen(s);
	char *p = (char *)im->at;

	count(im, &n, size - 1);
	p = (char *)im->at;
	fixed(im, s, n);
	if (im->read)
		s[n] = '\0';
	return slice_make(p, n);
}

static void octets(struct image *im, struct slice *s)
{
	uint8_t *p;

	count(im, &s->len, AKA_OP_MAX + AKA_DIGEST_SIZE + SEAL_OVERHEAD);
	p = take(im, s->len);
	if (p && im->read)
		s->p = (const char *)p;
	else if (p && s->len)
		memcpy(p, s->p, s->len);
}

/* ---- profile ---- */

static void numbers(struct image *im, uint32_t *v, size_t *n)
{
	count(im, n, SUB_CAPS_MAX);
	for (size_t i = 0; i < *n; i++)
		NUMBER(im, v[i]);
}

static void root(struct image *im, struct subscription *sub)
{
	struct capabilities *c = &sub->capabilities;

	NUMBER(im, sub->has_capabilities);
	NUMBER(im, sub->has_charging);
	NUMBER(im, sub->n_shared);
	text(im, c->server, IDENTITY_SIZE);
	numbers(im, c->mandatory, &c->n_mandatory);
	numbers(im, c->optional, &c->n_optional);
	for (int i = 0; i < 2; i++) {
		text(im, sub->charging.ecf[i], IDENTITY_SIZE);
		text(im, sub->charging.ccf[i], IDENTITY_SIZE);
	}
	count(im, &sub->n_visited, SUB_VISITED_MAX);
	for (size_t i = 0; i < sub->n_visited; i++)
		text(im, sub->visited[i], IDENTITY_SIZE);
}

static void keys(struct image *im, struct impi *p)
{
	struct sealed_keys room = {.id = ""};
	struct key_columns c = {.algorithm = 0};

	if (!im->read && seal_columns(im->store, p, &room, &c))
		im->bad = true;
	text(im, room.id, sizeof(room.id));
	NUMBER(im, c.algorithm);
	NUMBER(im, c.res);
	NUMBER(im, c.keccak);
	octets(im, &c.k);
	octets(im, &c.opc);
	octets(im, &c.ha1);
	if (im->read && !im->bad && (im->parts & STORE_KEYS) && im->err == 0)
		im->err = open_keys_in_memory(im->store, room.id, &c, p);
	explicit_bzero(&room, sizeof(room));
}

static void private_identity(struct image *im, struct impi *p)
{
	struct slice name = text(im, p->name, sizeof(p->name));

	if (im->names)
		*im->names++ = name;
	fixed(im, p->amf, sizeof(p->amf));
	text(im, p->realm, sizeof(p->realm));
	text(im, p->msisdn, sizeof(p->msisdn));
	text(im, p->imsi, sizeof(p->imsi));
	NUMBER(im, p->giba);
	keys(im, p);
}

static void public_identity(struct image *im, struct impu *u)
{
	struct slice uri = text(im, u->uri, sizeof(u->uri));

	if (im->names)
		*im->names++ = uri;
	text(im, u->display, sizeof(u->display));
	NUMBER(im, u->set);
	NUMBER(im, u->profile);
	NUMBER(im, u->alias);
	NUMBER(im, u->service);
	NUMBER(im, u->inactive);
	text(im, u->masked, sizeof(u->masked));
	NUMBER(im, u->barred);
	NUMBER(im, u->impis);
}

static void criterion(struct image *im, struct ifc *f)
{
	NUMBER(im, f->profile);
	NUMBER(im, f->priority);
	text(im, f->as, sizeof(f->as));
	text(im, f->trigger, sizeof(f->trigger));
	text(im, f->service_info, sizeof(f->service_info));
	NUMBER(im, f->terminate);
	NUMBER(im, f->include_request);
	NUMBER(im, f->include_response);
	NUMBER(im, f->part);
	text(im, f->dsai, sizeof(f->dsai));
}

static void profile(struct image *im, struct subscription *sub)
{
	root(im, sub);
	count(im, &sub->n_impi, SUB_IMPIS_MAX);
	for (size_t i = 0; i < sub->n_impi; i++)
		private_identity(im, &sub->impi[i]);
	count(im, &sub->n_impu, SUB_IMPUS_MAX);
	for (size_t i = 0; i < sub->n_impu; i++)
		public_identity(im, &sub->impu[i]);
	if (im->read && !(im->parts & STORE_IFCS))
		return;
	count(im, &sub->n_ifc, SUB_IFCS_MAX);
	for (size_t i = 0; i < sub->n_ifc; i++)
		criterion(im, &sub->ifc[i]);
}

/* ---- state ---- */

static void state(struct image *im, struct subscription *sub)
{
	size_t n_impi = sub->n_impi, n_impu = sub->n_impu;

	NUMBER(im, n_impi);
	NUMBER(im, n_impu);
	im->bad |= n_impi != sub->n_impi || n_impu != sub->n_impu; /* of another profile */
	text(im, sub->scscf, IDENTITY_SIZE);
	text(im, sub->scscf_host, IDENTITY_SIZE);
	text(im, sub->scscf_realm, IDENTITY_SIZE);
	NUMBER(im, sub->scscf_features);
	text(im, sub->replaced_host, IDENTITY_SIZE);
	text(im, sub->replaced_realm, IDENTITY_SIZE);
	NUMBER(im, sub->reassigning);
	for (size_t i = 0; i < sub->n_impi; i++) {
		NUMBER(im, sub->impi[i].sqn);
		NUMBER(im, sub->impi[i].sqn_kept);
	}
	for (size_t i = 0; i < sub->n_impu; i++) {
		struct impu *u = &sub->impu[i];

		NUMBER(im, u->registered);
		NUMBER(im, u->pending);
		NUMBER(im, u->unregistered);
		NUMBER(im, u->by_address);
		NUMBER(im, u->address_asked);
	}
}

/* ---- whole ---- */

static size_t write_with(struct image *im, const struct subscription *sub,
			 void (*part)(struct image *, struct subscription *), uint8_t *out)
{
	/* nothing is written to it: only reading does */
	part(im, (struct subscription *)(uintptr_t)sub);
	return im->bad ? 0 : (size_t)(im->at - out);
}

size_t image_of_profile(struct store *store, const struct subscription *sub, uint8_t *out,
			size_t max, struct slice names[IMAGE_NAMES_MAX])
{
	struct image im = {.at = out, .end = out + max, .store = store, .names = names};

	return write_with(&im, sub, profile, out);
}

size_t image_of_state(const struct subscription *sub, uint8_t *out, size_t max)
{
	struct image im = {.at = out, .end = out + max};

	return write_with(&im, sub, state, out);
}

static void read_with(struct image *im, struct subscription *sub,
		      void (*part)(struct image *, struct subscription *), struct slice from)
{
	im->at = (uint8_t *)(uintptr_t)from.p;
	im->end = im->at + from.len;
	part(im, sub);
}

int image_read(struct store *store, struct slice from_profile, struct slice from_state,
	       unsigned int parts, struct subscription *sub)
{
	struct image im = {.read = true, .store = store, .parts = parts};

	subscription_clear(sub);
	read_with(&im, sub, profile, from_profile);
	if (!im.bad && im.err == 0)
		read_with(&im, sub, state, from_state);
	if (sub->n_shared && (parts & STORE_IFCS))
		im.bad = true;
	sub->n_shared = 0;
	if (im.bad || im.err)
		subscription_clear(sub);
	return im.bad ? STORE_ENOTFOUND : im.err;
}
