/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hss/subscription/subscription.h"

#include <pthread.h>
#include <stdlib.h>

#include "hss/subscription/restoration.h"

/*
 * Some that are not in use, wiped: every request takes one, and to give and take pieces of that size costs malloc() more
 * than a look in memory.
 */
#ifdef __SANITIZE_ADDRESS__
enum { SPARE_MAX = 0 }; /* whoever uses one that is free is to be found */
#else
enum { SPARE_MAX = 40 };
#endif
static struct {
	pthread_mutex_t lock;
	struct subscription *sub[SPARE_MAX + 1];
	size_t n;
} spare = {.lock = PTHREAD_MUTEX_INITIALIZER};

static struct subscription *take_spare(void)
{
	struct subscription *sub = NULL;

	pthread_mutex_lock(&spare.lock);
	if (spare.n)
		sub = spare.sub[--spare.n];
	pthread_mutex_unlock(&spare.lock);
	return sub;
}

/* Returns false if there are enough. */
static bool keep_spare(struct subscription *sub)
{
	bool keep;

	pthread_mutex_lock(&spare.lock);
	keep = spare.n < SPARE_MAX;
	if (keep)
		spare.sub[spare.n++] = sub;
	pthread_mutex_unlock(&spare.lock);
	return keep;
}

struct subscription *subscription_new(void)
{
	struct subscription *sub = take_spare();

	/* what lies behind the counts is never read, and zeroing it all would cost more than a
	 * request */
	if (!sub)
		sub = malloc(sizeof(*sub));
	if (sub) {
		sub->n_impi = 0;
		sub->restorations = NULL;
		sub->borrowed = NULL;
		subscription_clear(sub);
	}
	return sub;
}

bool impi_without_key(const struct impi *impi)
{
	static const struct aka_key none;

	return !impi->ha1[0] && impi->key.algorithm == none.algorithm &&
	       memcmp(&impi->key.milenage, &none.milenage, sizeof(none.milenage)) == 0;
}

/* Those that are there, and the one that was perhaps read in part. */
static void wipe_keys(struct subscription *sub)
{
	size_t n = sub->n_impi < SUB_IMPIS_MAX ? sub->n_impi + 1 : SUB_IMPIS_MAX;

	explicit_bzero(sub->impi, n * sizeof(sub->impi[0]));
}

void subscription_clear(struct subscription *sub)
{
	wipe_keys(sub);
	memset(sub, 0, offsetof(struct subscription, visited));
	sub->n_visited = sub->n_impi = sub->n_impu = sub->n_ifc = sub->n_shared = 0;
	subscription_drop_borrowed(sub);
	restorations_free(sub->restorations);
	sub->restorations = NULL;
}

void subscription_free(struct subscription *sub)
{
	if (!sub)
		return;
	wipe_keys(sub);
	subscription_drop_borrowed(sub);
	restorations_free(sub->restorations);
	if (!keep_spare(sub))
		free(sub);
}

void subscription_drop_borrowed(struct subscription *sub)
{
	free(sub->borrowed);
	sub->borrowed = NULL;
	sub->n_borrowed = 0;
}

size_t subscription_ifcs(const struct subscription *sub)
{
	return sub->n_ifc + sub->n_borrowed;
}

const struct ifc *subscription_ifc(const struct subscription *sub, size_t i)
{
	return i < sub->n_ifc ? &sub->ifc[i] : &sub->borrowed[i - sub->n_ifc];
}

int subscription_impi(const struct subscription *sub, struct slice name)
{
	for (size_t i = 0; i < sub->n_impi; i++)
		if (slice_eq(slice_str(sub->impi[i].name), name))
			return (int)i;
	return -1;
}

int subscription_impu(const struct subscription *sub, struct slice uri)
{
	for (size_t i = 0; i < sub->n_impu; i++)
		if (slice_eq(slice_str(sub->impu[i].uri), uri))
			return (int)i;
	return -1;
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + 'a' - 'A') : c;
}

static bool starts_nocase(struct slice s, struct slice prefix)
{
	return s.len >= prefix.len && slice_eq_nocase(slice_make(s.p, prefix.len), prefix);
}

struct out {
	char *p;
	size_t n;
	bool bad;
};

static void put(struct out *o, char c)
{
	/* what cannot stand in a URI must not travel on into XML, SQL or a log line */
	if (o->n >= IDENTITY_SIZE - 1 || (unsigned char)c <= ' ' || (unsigned char)c >= 0x7f ||
	    strchr("<>\"\\", c)) {
		o->bad = true;
		return;
	}
	o->p[o->n++] = c;
}

static void put_tel(struct out *o, struct slice s)
{
	size_t digits = 0;

	for (size_t i = 0; i < s.len && s.p[i] != ';'; i++) {
		if (strchr("-.()", s.p[i]) && s.p[i])
			continue;
		if (!strchr("+0123456789abcdefABCDEF*#", s.p[i]) || (s.p[i] == '+' && i > 0))
			o->bad = true;
		put(o, lower(s.p[i]));
		digits++;
	}
	if (digits == 0)
		o->bad = true;
}

static void put_sip(struct out *o, struct slice s)
{
	struct slice user = SLICE_NULL, host = s;
	size_t end = 0;

	for (size_t i = 0; i < s.len; i++) {
		if (s.p[i] != '@')
			continue;
		user = slice_make(s.p, i);
		host = slice_make(s.p + i + 1, s.len - i - 1);
		break;
	}
	if (user.p) {
		struct slice rest = user;
		struct slice name = slice_cut(&rest, ':'); /* the password goes */

		if (name.len == 0)
			o->bad = true;
		for (size_t i = 0; i < name.len; i++)
			put(o, name.p[i]);
		put(o, '@');
	}
	if (host.len && host.p[0] == '[') {
		while (end < host.len && host.p[end] != ']')
			end++;
		end += end < host.len;
	} else {
		while (end < host.len && !(host.p[end] && strchr(":;?", host.p[end])))
			end++;
	}
	if (end == 0)
		o->bad = true;
	for (size_t i = 0; i < end; i++)
		put(o, lower(host.p[i]));
}

int identity_canonical(struct slice uri, char out[IDENTITY_SIZE])
{
	static const struct {
		const char *scheme;
		void (*rest)(struct out *, struct slice);
	} forms[] = {{"sip:", put_sip}, {"sips:", put_sip}, {"tel:", put_tel}};
	char buf[IDENTITY_SIZE];
	struct out o = {buf, 0, false};

	for (size_t f = 0; f < sizeof(forms) / sizeof(forms[0]); f++) {
		struct slice scheme = slice_str(forms[f].scheme);

		if (!starts_nocase(uri, scheme))
			continue;
		for (size_t i = 0; i < scheme.len; i++)
			put(&o, scheme.p[i]);
		forms[f].rest(&o, slice_make(uri.p + scheme.len, uri.len - scheme.len));
		if (o.bad)
			return -1;
		buf[o.n] = '\0';
		memcpy(out, buf, o.n + 1);
		return 0;
	}
	return -1;
}
