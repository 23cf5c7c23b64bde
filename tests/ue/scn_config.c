/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lines of configuration management: cms NAME, ask-config, look-config, return-config. */
#include <stdio.h>
#include <stdlib.h>

#include "ue/csc4.h"
#include "ue/scn_action.h"

enum { TOKEN_MAX = 8192 };

int scn_define_cms(struct scn_args *a)
{
	const bool right = a->n == 4 && strncmp(a->w[2], "url=https://", 12) == 0 &&
			   strncmp(a->w[3], "ca=", 3) == 0;
	struct cms *c;

	if (!right && !a->check_only)
		return scn_fail(a, SCN_SYNTAX, NULL, "cms NAME url=https://HOST[:PORT] ca=FILE");
	if (a->check_only)
		return SCN_OK;
	if (cms_find(slice_str(a->w[1])))
		return scn_fail(a, SCN_SYNTAX, NULL, "cms '%s' is there already", a->w[1]);
	c = cms_new(slice_str(a->w[1]));
	ue_set(&c->url, slice_str(a->w[2] + 4));
	ue_set(&c->ca, slice_str(a->w[3] + 3));
	return SCN_OK;
}

/* The token that the file has; NULL after scn_fail(). */
static char *read_token(struct action *x)
{
	const char *path = x->config.token;
	char buf[TOKEN_MAX];
	FILE *f = path ? fopen(path, "re") : NULL;
	size_t n;
	char *token;

	if (!f) {
		scn_fail(x->a, SCN_SYNTAX, NULL, "token=%s cannot be read", path ? path : "FILE");
		return NULL;
	}
	n = fread(buf, 1, sizeof(buf), f);
	fclose(f);
	token = ue_dup(slice_trim(slice_make(buf, n)));
	explicit_bzero(buf, n);
	return token;
}

static struct access *over(struct action *x)
{
	struct access *acc = access_find(slice_str(x->over));

	if (!acc)
		scn_fail(x->a, SCN_SYNTAX, NULL, "no access is called '%s'", x->over);
	return acc;
}

static int begun(struct action *x, int rc)
{
	x->op = &x->ue->config_op;
	return rc == 0 ? SCN_OK : scn_fail(x->a, SCN_FAILED, NULL, "nothing could be sent");
}

int do_ask_config(struct action *x)
{
	const struct config_options *o = &x->config;
	const struct csc4_wish wish = {o->mc_id, o->instance ? o->instance : x->ue->instance,
				       o->services, o->place, o->partner};
	const struct cms *server = cms_find(slice_str(o->at));
	struct access *acc = over(x);
	char *token;
	int rc;

	if (!acc)
		return SCN_SYNTAX;
	if (!server)
		return scn_fail(x->a, SCN_SYNTAX, NULL, "no cms is called '%s'", o->at);
	if (!o->mc_id || !o->services)
		return scn_fail(x->a, SCN_SYNTAX, NULL, "ask-config wants mc-id= and services=");
	if (strcmp(x->a->w[2], x->ue->home.name) == 0)
		return scn_fail(x->a, SCN_SYNTAX, NULL, "'home' is the card's own system");
	token = read_token(x);
	if (!token)
		return SCN_SYNTAX;
	rc = csc4_ask(x->ue, server, acc, slice_str(x->a->w[2]), token, &wish);
	explicit_bzero(token, strlen(token));
	free(token);
	return begun(x, rc);
}

int do_look_config(struct action *x)
{
	const bool give_back = strcmp(x->a->w[1], "return-config") == 0;
	struct ue_system *s = ue_system_find(x->ue, slice_str(x->a->w[2]));
	struct access *acc = over(x);

	if (!acc)
		return SCN_SYNTAX;
	if (!s || !s->server)
		return scn_fail(x->a, SCN_FAILED, NULL, "%s was given no system '%s'", x->ue->name,
				x->a->w[2]);
	return begun(x, csc4_look(x->ue, s, acc, give_back));
}

static void set(const struct action *x, const char *what, const char *value)
{
	struct text name = {0};

	text_add(&name, "%s_%s_%s", x->ue->name, x->a->w[2], what);
	scn_set_var(text_slice(&name), value);
	text_free(&name);
}

void config_variables(struct action *x)
{
	const struct ue_system *s = ue_system_find(x->ue, slice_str(x->a->w[2]));

	if (!s)
		return;
	set(x, "impi", s->impi);
	set(x, "impu", s->impu[0]);
	set(x, "domain", s->domain);
	set(x, "id", s->id);
}
