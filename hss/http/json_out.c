/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "aka/codec.h"
#include "hss/http/json.h"
#include "hss/subscription/registration.h"

/* Names of the private identities whose bits are set. */
static json_t *names(const struct subscription *sub, unsigned int bits)
{
	json_t *list = json_array();

	for (size_t i = 0; i < sub->n_impi; i++)
		if (bits & 1u << i)
			json_array_append_new(list, json_string(sub->impi[i].name));
	return list;
}

/* What a text lists, separated by ','. */
static json_t *listed(const char *text)
{
	struct slice list = slice_str(text);
	json_t *out = json_array();

	while (list.p && list.len) {
		struct slice one = slice_cut(&list, ',');

		json_array_append_new(out, json_stringn(one.p, one.len));
	}
	return out;
}

/* Of a card; "" with SIP digest. */
static const char *algorithm(const struct impi *p)
{
	if (impi_by_digest(p))
		return "";
	return p->key.algorithm == AKA_TUAK ? "tuak" : "milenage";
}

static json_t *of_private(const struct impi *p)
{
	char amf[5], sqn[13];
	uint8_t octets[6];

	for (int i = 0; i < 6; i++)
		octets[i] = (uint8_t)(p->sqn >> (40 - 8 * i));
	hex_encode(p->amf, 2, amf);
	hex_encode(octets, 6, sqn);
	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:b}", "identity", p->name,
			 "scheme", impi_by_digest(p) ? "digest" : "aka", "algorithm", algorithm(p),
			 "realm", p->realm, "amf", amf, "sqn", sqn, "msisdn", p->msisdn, "imsi",
			 p->imsi, "giba", p->giba);
}

static json_t *of_public(const struct subscription *sub, const struct impu *u)
{
	return json_pack("{s:s, s:i, s:i, s:i, s:b, s:b, s:b, s:o, s:s, s:o, s:s, s:o}", "identity",
			 u->uri, "set", (int)u->set, "profile", (int)u->profile, "alias",
			 (int)u->alias, "service", u->service, "inactive", u->inactive, "barred",
			 u->barred, "masked", listed(u->masked), "display", u->display, "for",
			 names(sub, u->impis), "state", impu_state(u), "registered_by",
			 names(sub, u->registered));
}

static json_t *of_ifc(const struct ifc *f)
{
	static const char *const parts[] = {[IFC_BOTH] = "both",
					    [IFC_REGISTERED] = "registered",
					    [IFC_UNREGISTERED] = "unregistered"};

	return json_pack("{s:i, s:i, s:s, s:s, s:s, s:o, s:s, s:s, s:b, s:b}", "profile",
			 (int)f->profile, "priority", (int)f->priority, "server", f->as, "trigger",
			 f->trigger, "service_info", f->service_info, "dsai", listed(f->dsai),
			 "default", f->terminate ? "terminate" : "continue", "part", parts[f->part],
			 "include_register_request", f->include_request,
			 "include_register_response", f->include_response);
}

static json_t *of_uses(const struct subscription *sub)
{
	json_t *list = json_array();

	for (size_t i = 0; i < sub->n_shared; i++)
		json_array_append_new(list, json_pack("{s:i, s:i}", "profile",
						      (int)sub->shared[i].profile, "set",
						      (int)sub->shared[i].set));
	return list;
}

static json_t *numbers(const uint32_t *v, size_t n)
{
	json_t *list = json_array();

	for (size_t i = 0; i < n; i++)
		json_array_append_new(list, json_integer(v[i]));
	return list;
}

static json_t *of_capabilities(const struct subscription *sub)
{
	const struct capabilities *c = &sub->capabilities;

	return sub->has_capabilities
		   ? json_pack("{s:o, s:o, s:s}", "mandatory",
			       numbers(c->mandatory, c->n_mandatory), "optional",
			       numbers(c->optional, c->n_optional), "server", c->server)
		   : json_null();
}

static json_t *of_charging(const struct subscription *sub)
{
	const struct charging *c = &sub->charging;

	return sub->has_charging ? json_pack("{s:s, s:s, s:s, s:s}", "ccf", c->ccf[0], "ccf2",
					     c->ccf[1], "ecf", c->ecf[0], "ecf2", c->ecf[1])
				 : json_null();
}

json_t *json_of_subscription(const struct subscription *sub)
{
	json_t *privates = json_array(), *publics = json_array(), *ifcs = json_array();
	json_t *visited = json_array();

	for (size_t i = 0; i < sub->n_impi; i++)
		json_array_append_new(privates, of_private(&sub->impi[i]));
	for (size_t i = 0; i < sub->n_impu; i++)
		json_array_append_new(publics, of_public(sub, &sub->impu[i]));
	for (size_t i = 0; i < sub->n_ifc; i++)
		json_array_append_new(ifcs, of_ifc(&sub->ifc[i]));
	for (size_t i = 0; i < sub->n_visited; i++)
		json_array_append_new(visited, json_string(sub->visited[i]));
	return json_pack("{s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "id",
			 sub->n_impi ? sub->impi[0].name : "", "scscf", sub->scscf, "private",
			 privates, "public", publics, "ifc", ifcs, "shared", of_uses(sub),
			 "capabilities", of_capabilities(sub), "charging", of_charging(sub),
			 "visited", visited);
}

json_t *json_of_set(uint32_t set, const struct subscription *criteria)
{
	json_t *ifcs = json_array();

	for (size_t i = 0; i < criteria->n_ifc; i++) {
		json_t *f = of_ifc(&criteria->ifc[i]);

		json_object_del(f, "profile");
		json_array_append_new(ifcs, f);
	}
	return json_pack("{s:i, s:o}", "set", (int)set, "ifc", ifcs);
}

json_t *json_summary(const struct subscription *sub)
{
	json_t *publics = json_array();

	for (size_t i = 0; i < sub->n_impu; i++) {
		const struct impu *u = &sub->impu[i];

		json_array_append_new(publics,
				      json_pack("{s:s, s:s, s:b}", "identity", u->uri, "state",
						impu_state(u), "barred", u->barred));
	}
	return json_pack("{s:s, s:o, s:o, s:s}", "id", sub->n_impi ? sub->impi[0].name : "",
			 "private", names(sub, (1u << sub->n_impi) - 1), "public", publics, "scscf",
			 sub->scscf);
}
