/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names, values, identifiers. */
#include "h248/codec/token.h"
#include "unit/h248/generate_parts.h"

uint32_t rnd(struct generator *g, uint32_t n)
{
	g->state ^= g->state << 13;
	g->state ^= g->state >> 7;
	g->state ^= g->state << 17;
	return (uint32_t)(g->state >> 33) % n;
}

bool coin(struct generator *g)
{
	return rnd(g, 2);
}

bool since(struct generator *g, uint8_t version)
{
	return g->version >= version && coin(g);
}

struct slice pick(struct generator *g, const char *const *list, uint32_t n)
{
	return slice_str(list[rnd(g, n)]);
}

struct slice name(struct generator *g)
{
	static const char letters[] =
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
	uint32_t n = 1 + rnd(g, 12);
	char *p;

	/* names that are also tokens must survive too, where the grammar can tell them apart */
	if (rnd(g, 4) == 0)
		return PICK("gm", "hangterm", "Add", "c", "Media", "x", "e", "Stream2", "sg");
	p = h248_alloc(g->arena, n);
	for (uint32_t i = 0; p && i < n; i++)
		p[i] = letters[rnd(g, i ? 63 : 52)];
	return p ? slice_make(p, n) : SLICE_LIT("full");
}

/* A parameter name that no token of events and signals can be taken for. */
static struct slice parm_name(struct generator *g)
{
	return PICK("napt", "timerx", "dt", "dir", "Type", "Generalcause", "zz9", "p_1");
}

struct slice tid(struct generator *g)
{
	return PICK("ip/access/1", "ip/core/$", "*", "$", "ROOT", "A4444", "ip/*/12",
		    "t@a-b.example", "*x/y_z", "x", "c");
}

static struct slice safe_once(struct generator *g)
{
	static const char letters[] = "abcXYZ0189+-&!_/'?@^`~*$\\()%|.";
	uint32_t n = 1 + rnd(g, 10);
	char *p = h248_alloc(g->arena, n);

	for (uint32_t i = 0; p && i < n; i++)
		p[i] = letters[rnd(g, sizeof(letters) - 1)];
	return p ? slice_make(p, n) : SLICE_LIT("full");
}

static struct slice safe(struct generator *g)
{
	struct slice s = safe_once(g);

	while (g->for_megaco && h248_token_find(s) != T_NONE)
		s = safe_once(g);
	return s;
}

struct slice quoted(struct generator *g)
{
	return PICK("", "a", "core.ims", "with blank", "{[,=;:#<>]}", "2001:db8::1", "\t", "v=0 }");
}

static void value(struct generator *g, struct h248_value *out)
{
	out->quoted = coin(g);
	out->text = out->quoted ? quoted(g) : safe(g);
}

void relation(struct generator *g, struct h248_parm *p)
{
	struct h248_value **tail = &p->value.next;
	uint32_t more = 0;

	p->relation = (enum h248_relation)(H248_EQ + rnd(g, 7));
	value(g, &p->value);
	if (p->relation == H248_RANGE)
		more = 1;
	else if (p->relation == H248_AND || p->relation == H248_OR)
		more = rnd(g, 3);
	while (more--) {
		*tail = NEW(struct h248_value);
		if (!*tail)
			return;
		value(g, *tail);
		tail = &(*tail)->next;
	}
}

struct h248_parm *parms(struct generator *g, bool packaged, bool values, uint32_t least)
{
	struct h248_parm *list = NULL, **tail = &list;

	for (uint32_t n = least + rnd(g, 3); n; n--) {
		struct h248_parm *p = NEW(struct h248_parm);

		if (!p)
			break;
		if (packaged)
			p->name.pkg = name(g);
		p->name.item = packaged ? name(g) : parm_name(g);
		if (values)
			relation(g, p);
		*tail = p;
		tail = &p->next;
	}
	return list;
}

/* Statistics have no value, one, or (a list) several. */
struct h248_parm *statistics(struct generator *g, bool values)
{
	struct h248_parm *list = parms(g, true, values, 1);

	for (struct h248_parm *p = list; p && values; p = p->next) {
		p->relation = p->value.next && g->version >= 3 ? H248_AND : H248_EQ;
		if (p->relation == H248_EQ)
			p->value.next = NULL;
	}
	return list;
}

struct h248_mid mid(struct generator *g)
{
	static const struct h248_mid all[] = {
	    {H248_MID_IPV4, {"192.0.2.20", 10}, 2944},
	    {H248_MID_IPV4, {"192.0.2.20", 10}, 0},
	    {H248_MID_IPV6, {"2001:db8::20", 12}, 55555},
	    {H248_MID_DOMAIN, {"mg-1.example.net", 16}, 2944},
	    {H248_MID_DEVICE, {"gateway/1@example.net", 21}, 0},
	    {H248_MID_MTP, {"00ab12", 6}, 0},
	};

	return all[rnd(g, 6)];
}

struct h248_request_id request_id(struct generator *g)
{
	struct h248_request_id id = {.present = true, .all = rnd(g, 8) == 0};

	id.id = id.all ? 0 : rnd(g, 1u << 30);
	return id;
}

void error(struct generator *g, struct h248_error *e)
{
	e->code = (uint16_t)(400 + rnd(g, 200));
	if (coin(g))
		e->text = coin(g) ? quoted(g) : slice_str(h248_error_text(e->code));
}
