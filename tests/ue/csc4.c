/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>

#include "ue/csc4.h"
#include "ue/elog.h"
#include "ue/https.h"

#define CONNECTIONS "/csc-4/v1/partner-connections"

/* One action, from its first request to its last answer. */
struct csc4_job {
	struct ue *ue;
	const struct cms *server;
	struct access *access;
	struct https_transfer *transfer;
	char *token, *method, *path;
	struct ue_system *fresh; /* of ask: what the answer gave, not yet in the list */
	struct csc4_given given;
	int status; /* of the first answer */
};

struct cms *cms_all;

struct cms *cms_find(struct slice name)
{
	for (struct cms *c = cms_all; c; c = c->next)
		if (slice_eq(slice_str(c->name), name))
			return c;
	return NULL;
}

struct cms *cms_new(struct slice name)
{
	struct cms *c = ue_alloc(sizeof(*c));

	c->name = ue_dup(name);
	c->next = cms_all;
	cms_all = c;
	return c;
}

void csc4_free_all(void)
{
	while (cms_all) {
		struct cms *c = cms_all;

		cms_all = c->next;
		free(c->name);
		free(c->url);
		free(c->ca);
		free(c);
	}
	https_end();
}

void csc4_drop(struct ue *u)
{
	struct csc4_job *j = u->config_job;

	if (!j)
		return;
	u->config_job = NULL;
	if (j->transfer)
		https_drop(j->transfer);
	if (j->token)
		explicit_bzero(j->token, strlen(j->token));
	ue_system_free(j->fresh);
	csc4_given_free(&j->given);
	free(j->token);
	free(j->method);
	free(j->path);
	free(j);
}

static void finish(struct csc4_job *j, int code, bool local, struct slice text)
{
	struct ue *u = j->ue;

	csc4_drop(u);
	op_end(&u->config_op, code, local, text);
}

static void on_answer(void *owner, const struct https_answer *a);

static int send_request(struct csc4_job *j, const char *method, const char *path, const char *body)
{
	struct text url = {0};
	struct https_request r = {method, NULL, j->server->ca, j->token, body};

	ue_set(&j->method, slice_str(method));
	ue_set(&j->path, slice_str(path));
	text_add(&url, "%s%s", j->server->url, path);
	r.url = url.p;
	elog_line(j->ue->name, "%s -> HTTPS %s %s%s", j->access->name, method, j->server->name,
		  path);
	j->transfer = https_ask(j->access, &r, on_answer, j);
	text_free(&url);
	return j->transfer ? 0 : -1;
}

/* The document that was named has come. */
static void on_document(struct csc4_job *j, const struct https_answer *a)
{
	struct ue *u = j->ue;

	if (a->status != 200) {
		finish(j, 606, true, SLICE_LIT("the configuration document did not come"));
	} else if (!csc4_is_document(&j->given, a->body)) {
		finish(j, 606, true,
		       SLICE_LIT("the configuration document is not the one that was named"));
	} else {
		struct ue_system *s = j->fresh;

		elog_line(u->name, "%s (%s, chosen by %s): %s, %s, until %s", s->name,
			  j->given.partner, j->given.chosen_by, s->impi, s->domain,
			  j->given.expires);
		elog_event("config", "ue", u->name, "system", s->name, "partner", j->given.partner,
			   "chosen", j->given.chosen_by, "domain", s->domain, "document",
			   j->given.sha256, NULL);
		j->fresh = NULL;
		ue_system_add(u, s);
		finish(j, j->status, false, SLICE_LIT("configured"));
	}
}

static void on_connection(struct csc4_job *j, const struct https_answer *a)
{
	const char *why;

	j->status = a->status;
	if (csc4_read_connection(a->body, j->fresh, &j->given, &why) != 0)
		finish(j, 606, true, slice_str(why));
	else if (send_request(j, "GET", j->given.href, NULL) != 0)
		finish(j, 606, true, SLICE_LIT("nothing could be sent"));
}

static void log_answer(const struct csc4_job *j, const struct https_answer *a, const char *text)
{
	elog_line(j->ue->name, "%s <- HTTPS %d %s", j->access->name, a->status, text);
	elog_event("http", "ue", j->ue->name, "access", j->access->name, "peer", a->peer, "method",
		   j->method, "path", j->path, "code", elog_num(a->status), "text", text, NULL);
}

static void on_answer(void *owner, const struct https_answer *a)
{
	struct csc4_job *j = owner;
	struct text problem = {0};

	j->transfer = NULL;
	text_put(&problem, SLICE_NULL);
	if (a->status)
		csc4_read_problem(a->body, &problem);
	else
		text_add(&problem, "%s", a->why);
	log_answer(j, a, problem.p);
	if (a->status == 0)
		finish(j, 408, true, text_slice(&problem));
	else if (j->status)
		on_document(j, a);
	else if (j->fresh && a->status >= 200 && a->status < 300)
		on_connection(j, a);
	else
		finish(j, a->status, false, text_slice(&problem));
	text_free(&problem);
}

static struct csc4_job *job_new(struct ue *u, const struct cms *server, struct access *over,
				const char *token)
{
	struct csc4_job *j;

	csc4_drop(u);
	op_begin(&u->config_op);
	j = ue_alloc(sizeof(*j));
	j->ue = u;
	j->server = server;
	j->access = over;
	j->token = ue_dup(slice_str(token));
	u->config_job = j;
	return j;
}

int csc4_ask(struct ue *u, const struct cms *server, struct access *over, struct slice name,
	     const char *token, const struct csc4_wish *wish)
{
	struct csc4_job *j = job_new(u, server, over, token);
	struct text body = {0};
	int rc;

	j->fresh = ue_system_new(name);
	j->fresh->server = server;
	ue_set(&j->fresh->token, slice_str(token));
	csc4_write_wish(wish, &body);
	rc = send_request(j, "POST", CONNECTIONS, body.p);
	text_free(&body);
	if (rc)
		csc4_drop(u);
	return rc;
}

int csc4_look(struct ue *u, struct ue_system *system, struct access *over, bool give_back)
{
	struct csc4_job *j = job_new(u, system->server, over, system->token);
	struct text path = {0};
	int rc;

	text_add(&path, CONNECTIONS "/%s", system->id);
	rc = send_request(j, give_back ? "DELETE" : "GET", path.p, NULL);
	text_free(&path);
	if (rc)
		csc4_drop(u);
	return rc;
}
