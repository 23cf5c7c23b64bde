/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ue/media_plan.h"

#include <stdlib.h>

#include "sdp/line.h"
#include "ue/msrp_msg.h"

static struct media_plan *plans; /* the first six are always there, once they were asked for */

static const char *const kinds[MEDIA_KINDS] = {"rtp", "msrp", "bfcp"};
static const char *const secure_names[MEDIA_KINDS] = {"srtp", "msrps", "bfcps"};

static struct media_plan *add(struct slice name)
{
	struct media_plan *p = ue_alloc(sizeof(*p)), **at = &plans;

	p->name = ue_dup(name);
	p->conference = 1;
	p->user = 1;
	p->floor = 1;
	while (*at)
		at = &(*at)->next;
	*at = p;
	return p;
}

static void make_defaults(void)
{
	if (plans)
		return;
	for (int i = 0; i < 2 * MEDIA_KINDS; i++) {
		bool secure = i >= MEDIA_KINDS;
		int k = i % MEDIA_KINDS;
		struct media_plan *p = add(slice_str(secure ? secure_names[k] : kinds[k]));

		p->kind = (enum media_kind_id)k;
		p->secure = secure;
	}
}

struct media_plan *media_plan_new(struct slice name)
{
	make_defaults();
	return add(name);
}

struct media_plan *media_plan_find(struct slice name)
{
	make_defaults();
	for (struct media_plan *p = plans; p; p = p->next)
		if (slice_eq(slice_str(p->name), name))
			return p;
	return NULL;
}

struct media_plan *media_plan_default(enum media_kind_id kind, bool secure)
{
	return media_plan_find(slice_str(secure ? secure_names[kind] : kinds[kind]));
}

static const char *value_of(const char *word, const char *name)
{
	size_t n = strlen(name);

	return strncmp(word, name, n) == 0 && word[n] == '=' ? word + n + 1 : NULL;
}

static int number(const char *v, uint64_t max, uint64_t *out)
{
	return slice_u64(slice_str(v), max, out);
}

static int number_option(struct media_plan *p, const char *w)
{
	const char *v;
	uint64_t n;
	int rc = -1;

	if ((v = value_of(w, "max-size")))
		return number(v, INT64_MAX, &p->max_size);
	if ((v = value_of(w, "conference")) && (rc = number(v, UINT32_MAX, &n)) == 0)
		p->conference = (uint32_t)n;
	else if ((v = value_of(w, "user")) && (rc = number(v, UINT16_MAX, &n)) == 0)
		p->user = (uint16_t)n;
	else if ((v = value_of(w, "floor")) && (rc = number(v, UINT16_MAX, &n)) == 0)
		p->floor = (uint16_t)n;
	else if ((v = value_of(w, "port")) && (rc = number(v, UINT16_MAX, &n)) == 0)
		p->port = (uint16_t)n;
	return rc;
}

static int set_relay(struct media_plan *p, const char *v)
{
	struct ue_msrp_uri uri;

	if (ue_msrp_uri_parse(slice_str(v), &uri) != 0 ||
	    netaddr_parse_host(uri.host, &p->relay_at) != 0)
		return -1;
	p->relay_at.port = uri.port;
	ue_set(&p->relay, slice_str(v));
	return 0;
}

int media_plan_option(struct media_plan *p, const char *w)
{
	const struct {
		const char *name;
		char **field;
	} texts[] = {{"setup", &p->setup},     {"connection", &p->connection},
		     {"3ge2ae", &p->e2ae},     {"cert", &p->cert},
		     {"path", &p->path},       {"fingerprint", &p->fingerprint},
		     {"crypto", &p->crypto},   {"accept-types", &p->types},
		     {"file", &p->file},       {"floorctrl", &p->floorctrl},
		     {"connect", &p->connect}, {"grant", &p->grant}};
	enum sdp_setup setup;
	const char *v;

	for (int k = 0; k < MEDIA_KINDS; k++)
		if (strcmp(w, kinds[k]) == 0 || strcmp(w, secure_names[k]) == 0) {
			p->kind = (enum media_kind_id)k;
			p->secure = strcmp(w, kinds[k]) != 0;
			return 0;
		}
	if (strcmp(w, "verify=no") == 0 || strcmp(w, "feedback") == 0) {
		*(*w == 'v' ? &p->any_peer : &p->feedback) = true;
		return 0;
	}
	if ((v = value_of(w, "attr"))) {
		if (p->attrs == MEDIA_PLAN_ATTRS)
			return -1;
		p->attr[p->attrs++] = ue_dup(slice_str(v));
		return 0;
	}
	if ((v = value_of(w, "relay")))
		return set_relay(p, v);
	if ((v = value_of(w, "outside")))
		return netaddr_parse_port(slice_str(v), 0, &p->outside);
	if ((v = value_of(w, "setup")) && strcmp(v, "none") != 0 &&
	    sdp_setup_parse(slice_str(v), &setup) != 0)
		return -1;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if ((v = value_of(w, texts[i].name))) {
			ue_set(texts[i].field, slice_str(v));
			return 0;
		}
	return number_option(p, w);
}

void media_plans_free(void)
{
	while (plans) {
		struct media_plan *p = plans;
		char *texts[] = {p->name,      p->setup,   p->connection,  p->e2ae, p->cert,
				 p->path,      p->types,   p->fingerprint, p->file, p->crypto,
				 p->floorctrl, p->connect, p->grant,	   p->relay};

		plans = p->next;
		for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
			free(texts[i]);
		for (unsigned i = 0; i < p->attrs; i++)
			free(p->attr[i]);
		free(p);
	}
}
