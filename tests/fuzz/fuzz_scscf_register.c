/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a phone writes into a REGISTER and into a request of a session, over a small S-CSCF model. The
 * input is lines, each begins with what it is: R a REGISTER goes off with the lines since the last
 * one, P Path, C Contact, T To parameters, I Call-ID, V Via host, N received; L a look-up; S where a
 * session's end is (contact, a blank, Record-Route); E a pair of URIs to be compared. Whatever it
 * is, the model agrees with itself and gives back all memory.
 */
#include <stdlib.h>

#include "modules/ims_seamless_scscf/core/lookup.h"
#include "modules/ims_seamless_scscf/core/register_commit.h"
#include "modules/ims_seamless_scscf/core/served.h"
#include "sip/uri.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define LINES_MAX 64
#define IMPI	  SLICE_LIT("user1_private@home1.net")
#define IMPU	  SLICE_LIT("sip:user1_public1@home1.net")

struct world {
	struct scscf_model model;
	struct scscf_register_request rq;
	struct sip_contact_list contacts;
	uint64_t now_ms;
	bool readable;
};

static void *take(size_t n)
{
	return malloc(n);
}

static void give(void *p)
{
	free(p);
}

static void no_contacts(struct world *w)
{
	memset(&w->contacts, 0, sizeof(w->contacts));
	w->readable = true;
}

static void commit(struct world *w, const struct scscf_register_policy *policy,
		   const struct scscf_register_plan *plan)
{
	struct scscf_saved_register *r = scscf_saved_register_make(&w->model, plan, &w->rq, policy);
	struct scscf_register_result res;
	struct scscf_packed_effects *packed;
	struct scscf_effects e;

	if (!r->sets[0].known) {
		r->sets[0].impus[0] = r->rq.impu;
		r->sets[0].impus_n = 1;
	}
	scscf_effects_init(&e);
	if (!scscf_register_commit(&w->model, r, w->now_ms, &e, &res) && r->contact &&
	    !scscf_model_registered(&w->model, IMPU))
		__builtin_trap();
	packed = scscf_effects_pack(&w->model.store, NULL, &e);
	scscf_packed_effects_free(&w->model.store, NULL, packed);
	scscf_effects_free(&e);
	scscf_saved_register_free(&w->model, r, NULL);
}

static void send_register(struct world *w)
{
	static const struct scscf_register_policy policy = {
	    .min_expires = 60, .max_expires = 600000, .default_expires = 3600, .contacts_max = 4};
	static struct scscf_register_plan plan;
	struct scscf_register_refusal no;

	w->rq.impi = IMPI;
	w->rq.impu = IMPU;
	w->rq.contacts = &w->contacts;
	w->rq.has_expires = w->contacts.star; /* Expires: 0, without which * means nothing */
	w->rq.cseq++;
	if (w->readable && !scscf_register_plan(&w->model, &w->rq, &policy, &plan, &no))
		commit(w, &policy, &plan);
	no_contacts(w);
	w->now_ms += 1000;
}

static void look_up(struct world *w, struct slice impu)
{
	struct scscf_arena a = {0};
	struct scscf_targets t;

	if (!scscf_lookup(&w->model, impu, w->now_ms, &a, &t) && t.n > SCSCF_TARGETS_MAX)
		__builtin_trap();
	scscf_arena_free(&a);
}

static void where(struct world *w, struct slice text)
{
	struct scscf_where at = {.route = text};
	struct scscf_connection *c;

	at.contact = slice_cut(&at.route, ' ');
	c = scscf_served_connection(&w->model, IMPU, &at);
	if (c && !slice_eq(c->subscriber->impi, IMPI))
		__builtin_trap();
}

static void compare(struct slice text)
{
	struct slice b = text, a = slice_cut(&b, ' ');

	if (sip_uri_equal(a, b) != sip_uri_equal(b, a) || !sip_uri_equal(a, a))
		__builtin_trap();
}

static void play(struct world *w, char what, struct slice text)
{
	switch (what) {
	case 'R':
		w->rq.tagged = text.len & 1;
		send_register(w);
		break;
	case 'P':
		w->rq.path = text;
		break;
	case 'C':
		w->readable = !sip_contact_list_add(&w->contacts, text) && w->readable;
		break;
	case 'T':
		w->rq.to_params = text;
		break;
	case 'I':
		w->rq.call_id = text;
		break;
	case 'V':
		w->rq.via_host = text;
		break;
	case 'N':
		w->rq.via_received = text;
		break;
	case 'L':
		look_up(w, text);
		break;
	case 'S':
		where(w, text);
		break;
	case 'E':
		compare(text);
		break;
	default:
		break;
	}
}

static void pass_time(struct world *w)
{
	struct scscf_effects e;

	scscf_effects_init(&e);
	scscf_model_advance(&w->model, w->now_ms + 700000000, 0, &e);
	if (w->model.bindings)
		__builtin_trap();
	scscf_effects_free(&e);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct keyed_hash_key key = {{1, 2}};
	const struct scscf_store store = {.alloc = take, .release = give};
	struct slice rest = slice_make((const char *)data, size);
	static struct world w;

	memset(&w, 0, sizeof(w));
	if (scscf_model_init(&w.model, store, &key, 16, 1000))
		return 0;
	w.model.owns_expiry = true;
	w.now_ms = 1000;
	no_contacts(&w);
	for (int i = 0; rest.len && i < LINES_MAX; i++) {
		struct slice line = slice_cut(&rest, '\n');

		if (line.len)
			play(&w, line.p[0], slice_make(line.p + 1, line.len - 1));
	}
	pass_time(&w);
	scscf_model_free(&w.model);
	if (w.model.store.used)
		__builtin_trap();
	return 0;
}
