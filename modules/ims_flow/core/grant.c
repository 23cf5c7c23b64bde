/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "modules/ims_flow/core/grant.h"

#include "sip/contact.h"
#include "sip/name_addr.h"

void flow_grant_begin(struct grant *g, struct slice contact, uint32_t reg_id,
		      uint32_t default_expires)
{
	*g = (struct grant){
	    .contact = contact, .reg_id = reg_id, .default_expires = default_expires};
}

/* Octets of a quoted string at p, n at most; an open quote takes all. */
static size_t quoted(const char *p, size_t n)
{
	size_t i = 1;

	while (i < n && p[i] != '"')
		i += p[i] == '\\' ? 2 : 1;
	return i < n ? i + 1 : n;
}

/*
 * Take the next element of a comma list off *rest, trimmed; commas in quotes and in <> are part of
 * it. Unlike sip_name_addr_next() it judges nothing, so that a malformed element ends no list.
 */
static bool next_element(struct slice *rest, struct slice *out)
{
	while (rest->len) {
		bool angle = false;
		size_t i = 0;

		while (i < rest->len && (angle || rest->p[i] != ',')) {
			if (rest->p[i] == '"' && !angle) {
				i += quoted(rest->p + i, rest->len - i);
				continue;
			}
			angle = rest->p[i] == '<' || (angle && rest->p[i] != '>');
			i++;
		}
		*out = slice_trim(slice_make(rest->p, i));
		i += i < rest->len;
		*rest = slice_make(rest->p + i, rest->len - i);
		if (out->len)
			return true;
	}
	return false;
}

/* Our contact in a spelling of the element that is not RFC 3261's: <uri> and a number. */
static bool is_ours_at_least(const struct grant *g, struct slice element, uint32_t *expires)
{
	static const char name[] = "expires=";
	const char *end = element.p + element.len;
	const char *at = memmem(element.p, element.len, g->contact.p, g->contact.len);

	if (!g->contact.len || !at || at == element.p || at[-1] != '<' ||
	    at + g->contact.len == end || at[g->contact.len] != '>')
		return false;
	*expires = g->default_expires;
	for (const char *p = at; p + sizeof(name) - 1 < end; p++) {
		struct slice value = slice_make(p + sizeof(name) - 1, 0);

		if (!slice_eq_nocase(slice_make(p, sizeof(name) - 1), slice_str(name)))
			continue;
		while (value.p + value.len < end && value.p[value.len] >= '0' &&
		       value.p[value.len] <= '9')
			value.len++;
		if (sip_delta_seconds(value, expires))
			*expires = SIP_EXPIRES_MALFORMED;
		break;
	}
	return true;
}

void flow_grant_contacts(struct grant *g, struct slice body)
{
	struct slice element;

	while (!g->found && next_element(&body, &element)) {
		struct sip_contact_list one = {.n = 0};

		if (sip_contact_list_add(&one, element)) {
			g->found = is_ours_at_least(g, element, &g->expires_s);
			g->unreadable++;
			continue;
		}
		/* Whether it is listed at all is told by an expiry that is never granted. */
		g->expires_s =
		    sip_contact_list_granted(&one, g->contact, g->reg_id, g->default_expires);
		g->found = g->expires_s > 0;
	}
}

static bool add_line(char *lines, size_t size, struct slice line)
{
	size_t at = strlen(lines);

	if (at + line.len + 2 > size)
		return false;
	if (at)
		lines[at++] = '\n';
	memcpy(lines + at, line.p, line.len);
	lines[at + line.len] = '\0';
	return true;
}

/* The URI of an element, if it may stand in a header of ours. */
static bool read_uri(struct slice element, struct slice *uri)
{
	struct sip_name_addr na;

	if (sip_name_addr_parse(element, &na) || !na.uri.len)
		return false;
	*uri = na.uri;
	return true;
}

void flow_grant_identities(struct grant *g, struct slice body)
{
	struct slice element, uri;

	while (next_element(&body, &element)) {
		if (!read_uri(element, &uri))
			g->unreadable++;
		else if (!add_line(g->impus, sizeof(g->impus), uri))
			g->left_out++;
	}
}

/* Half a way leads nowhere. */
void flow_grant_route(struct grant *g, struct slice body)
{
	struct slice element, uri;

	while (!g->bad_route && next_element(&body, &element))
		g->bad_route = !read_uri(element, &uri) ||
			       !add_line(g->service_route, sizeof(g->service_route), uri);
	if (g->bad_route)
		g->service_route[0] = '\0';
}

void flow_grant_end(struct grant *g, struct slice aor)
{
	if (!g->impus[0] && aor.len)
		add_line(g->impus, sizeof(g->impus), aor);
}
