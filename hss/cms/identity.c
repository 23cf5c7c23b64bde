/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hss/cms/identity.h"

#include <stdio.h>
#include <sys/random.h>

int identity_draw(char out[DRAWN_SIZE])
{
	static const char alphabet[] = "abcdefghijklmnopqrstuvwxyz234567";
	unsigned char random[DRAWN_SIZE - 2];

	if (getrandom(random, sizeof(random), 0) != sizeof(random))
		return -1;
	out[0] = 'm';
	for (size_t i = 0; i < sizeof(random); i++)
		out[i + 1] = alphabet[random[i] & 31];
	out[DRAWN_SIZE - 1] = '\0';
	explicit_bzero(random, sizeof(random));
	return 0;
}

int names_draw(struct names *out, const char *domain)
{
	char user[DRAWN_SIZE];

	if (strlen(domain) + sizeof("sip:@") + DRAWN_SIZE > NAME_SIZE || identity_draw(user))
		return -1;
	snprintf(out->impi, NAME_SIZE, "%s@%s", user, domain);
	for (size_t i = 0; i < out->n_impu; i++) {
		if (identity_draw(user))
			return -1;
		snprintf(out->impu[i], NAME_SIZE, "sip:%s@%s", user, domain);
	}
	return 0;
}

static bool is_alnum(char c)
{
	return (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z');
}

bool identity_is_domain(struct slice s)
{
	char last = '.';

	for (size_t i = 0; i < s.len; i++) {
		char c = s.p[i];

		if (!is_alnum(c) && (last == '.' || (c != '-' && c != '.')))
			return false;
		last = c;
	}
	return s.len > 0 && s.len < NAME_SIZE && is_alnum(last);
}

bool identity_is_impi(struct slice s)
{
	struct slice host = s, user = slice_cut(&host, '@');

	if (!host.p || user.len == 0 || s.len >= NAME_SIZE)
		return false;
	for (size_t i = 0; i < user.len; i++)
		if (!is_alnum(user.p[i]) && !memchr("-_.+=*~", user.p[i], 7))
			return false;
	return identity_is_domain(host);
}

/* What follows the scheme, or nothing. */
static struct slice after(struct slice s, const char *scheme)
{
	size_t n = strlen(scheme);

	return s.len > n && memcmp(s.p, scheme, n) == 0 ? slice_make(s.p + n, s.len - n)
							: SLICE_NULL;
}

bool identity_is_impu(struct slice s)
{
	struct slice tel = after(s, "tel:+");

	for (size_t i = 0; i < tel.len; i++)
		if (tel.p[i] < '0' || tel.p[i] > '9')
			return false;
	return s.len < NAME_SIZE &&
	       ((tel.p && tel.len <= 15) || identity_is_impi(after(s, "sip:")));
}

bool identity_in_domain(struct slice identity, struct slice domain)
{
	struct slice host = identity;

	slice_cut(&host, '@');
	if (!host.p || host.len < domain.len || domain.len == 0)
		return false;
	if (!slice_eq_nocase(slice_make(host.p + host.len - domain.len, domain.len), domain))
		return false;
	return host.len == domain.len || host.p[host.len - domain.len - 1] == '.';
}

void names_write(const struct names *n, char out[NAMES_TEXT])
{
	size_t used = (size_t)snprintf(out, NAMES_TEXT, "%s", n->impi);

	for (size_t i = 0; i < n->n_impu; i++)
		used += (size_t)snprintf(out + used, NAMES_TEXT - used, "\n%s", n->impu[i]);
}

int names_read(struct slice text, struct names *out)
{
	out->n_impu = 0;
	if (slice_copy(slice_cut(&text, '\n'), out->impi, NAME_SIZE) ||
	    !identity_is_impi(slice_str(out->impi)))
		return -1;
	while (text.p) {
		struct slice impu = slice_cut(&text, '\n');

		if (out->n_impu == NAMES_IMPUS || !identity_is_impu(impu) ||
		    slice_copy(impu, out->impu[out->n_impu], NAME_SIZE))
			return -1;
		out->n_impu++;
	}
	return out->n_impu ? 0 : -1;
}
