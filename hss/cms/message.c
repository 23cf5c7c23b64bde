/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hss/cms/message.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/utf8.h"
#include "hss/cms/document.h"

const char *grant_state_word(enum grant_state s)
{
	static const char *const words[] = {"pending", "active", "withdrawn", "expired"};

	return words[s];
}

/* ---- reading ---- */

static json_t *read_object(struct slice body, char why[WHY_SIZE])
{
	json_t *j = body.len <= MESSAGE_MAX
			? json_loadb(body.p ? body.p : "", body.len, JSON_REJECT_DUPLICATES, NULL)
			: NULL;
	const char *key;
	json_t *value;

	if (!json_is_object(j)) {
		snprintf(why, WHY_SIZE, "the body is no JSON object");
		json_decref(j);
		return NULL;
	}
	json_object_foreach(j, key, value)
	{
		if (strncmp(key, "must", 4) == 0) {
			snprintf(why, WHY_SIZE, "a member that must be understood is not known");
			json_decref(j);
			return NULL;
		}
	}
	return j;
}

/* A member that is a text and fits; "" where it is not there and need not be. */
static int text_member(const json_t *of, const char *name, bool needed, char *out, size_t size,
		       char why[WHY_SIZE])
{
	const json_t *j = json_object_get(of, name);
	const char *text = json_string_value(j);

	out[0] = '\0';
	if (!j && !needed)
		return 0;
	if (text && text[0] && utf8_printable(slice_str(text)) &&
	    slice_copy(slice_make(text, json_string_length(j)), out, size) == 0)
		return 0;
	snprintf(why, WHY_SIZE, "%s is missing, no text, or too long", name);
	return -1;
}

static int time_member(const json_t *of, const char *name, int64_t *out, char why[WHY_SIZE])
{
	if (time_read(json_string_value(json_object_get(of, name)), out) == 0)
		return 0;
	snprintf(why, WHY_SIZE, "%s is no time such as 2026-12-01T06:30:00Z", name);
	return -1;
}

static int services_member(const json_t *of, char out[SERVICES_SIZE], char why[WHY_SIZE])
{
	const json_t *list = json_object_get(of, "services");
	size_t used = 0;

	out[0] = '\0';
	for (size_t i = 0; i < json_array_size(list) && used < SERVICES_SIZE; i++) {
		const char *s = json_string_value(json_array_get(list, i));

		used += (size_t)snprintf(out + used, SERVICES_SIZE - used, "%s%s", i ? " " : "",
					 s ? s : " ");
	}
	if (out[0] && used < SERVICES_SIZE && services_valid(out))
		return 0;
	snprintf(why, WHY_SIZE, "services is an array of words such as mcptt");
	return -1;
}

static int id_member(const json_t *of, const char *name, char *out, size_t size, char why[WHY_SIZE])
{
	if (text_member(of, name, true, out, size, why))
		return -1;
	if (strspn(out, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789:._-") ==
	    strlen(out))
		return 0;
	snprintf(why, WHY_SIZE, "%s has other characters than letters, digits, ':', '.', '_', '-'",
		 name);
	return -1;
}

static int mc_id_member(const json_t *of, char *out, char why[WHY_SIZE])
{
	if (text_member(of, "mcServiceId", true, out, NAME_SIZE, why))
		return -1;
	if (strncmp(out, "sip:", 4) == 0 && identity_is_impu(slice_str(out)))
		return 0;
	snprintf(why, WHY_SIZE, "mcServiceId is no SIP URI");
	return -1;
}

static int names_members(const json_t *of, struct names *out, char why[WHY_SIZE])
{
	const json_t *list = json_object_get(of, "publicIdentities");

	memset(out, 0, sizeof(*out));
	if (text_member(of, "privateIdentity", true, out->impi, NAME_SIZE, why))
		return -1;
	out->n_impu = json_array_size(list);
	if (identity_is_impi(slice_str(out->impi)) && out->n_impu >= 1 &&
	    out->n_impu <= NAMES_IMPUS) {
		size_t i = 0;

		for (; i < out->n_impu; i++) {
			struct slice s = slice_str(json_string_value(json_array_get(list, i)));

			if (!identity_is_impu(s) || slice_copy(s, out->impu[i], NAME_SIZE))
				break;
		}
		if (i == out->n_impu)
			return 0;
	}
	snprintf(why, WHY_SIZE, "privateIdentity is user@domain, publicIdentities are 1 to %d URIs",
		 NAMES_IMPUS);
	return -1;
}

static bool digits(const char *s, size_t min, size_t max)
{
	size_t n = strlen(s);

	return n >= min && n <= max && strspn(s, "0123456789abcdefABCDEF") == n;
}

int read_ue_request(struct slice body, struct ue_request *out, char why[WHY_SIZE])
{
	json_t *j = read_object(body, why);
	const json_t *location = json_object_get(j, "location");
	int err = -1;

	memset(out, 0, sizeof(*out));
	if (!j)
		return -1;
	if (mc_id_member(j, out->mc_id, why) == 0 &&
	    id_member(j, "ueInstanceId", out->ue, UE_SIZE, why) == 0 &&
	    services_member(j, out->services, why) == 0 &&
	    text_member(j, "partnerSystemId", false, out->partner, SYSTEM_SIZE, why) == 0 &&
	    text_member(location, "plmn", false, out->plmn, sizeof(out->plmn), why) == 0 &&
	    text_member(location, "tac", false, out->tac, sizeof(out->tac), why) == 0)
		err = 0;
	if (err == 0 && ((out->plmn[0] && !digits(out->plmn, 5, 6)) ||
			 (out->tac[0] && !digits(out->tac, 4, 6)))) {
		snprintf(why, WHY_SIZE, "location has plmn, 5 or 6 digits, and tac, 4 to 6");
		err = -1;
	}
	json_decref(j);
	return err;
}

int read_access_request(struct slice body, struct access_request *out, char why[WHY_SIZE])
{
	json_t *j = read_object(body, why);
	const json_t *db = json_object_get(j, "sipDatabase");
	int err = -1;

	memset(out, 0, sizeof(*out));
	if (!j)
		return -1;
	if (id_member(j, "messageId", out->message, ID_SIZE, why) == 0 &&
	    time_member(j, "issuedAt", &out->issued, why) == 0 &&
	    time_member(j, "requestedExpires", &out->expires, why) == 0 &&
	    id_member(j, "primarySystemId", out->primary, SYSTEM_SIZE, why) == 0 &&
	    mc_id_member(j, out->mc_id, why) == 0 &&
	    id_member(j, "ueInstanceId", out->ue, UE_SIZE, why) == 0 &&
	    services_member(j, out->services, why) == 0 && names_members(j, &out->pair, why) == 0 &&
	    id_member(db, "kind", out->database_kind, sizeof(out->database_kind), why) == 0 &&
	    id_member(db, "diameterHost", out->database_host, NAME_SIZE, why) == 0 &&
	    id_member(db, "diameterRealm", out->database_realm, NAME_SIZE, why) == 0)
		err = 0;
	if (err == 0 &&
	    ((strcmp(out->database_kind, "hss") != 0 && strcmp(out->database_kind, "slf") != 0) ||
	     !identity_is_domain(slice_str(out->database_host)) ||
	     !identity_is_domain(slice_str(out->database_realm)))) {
		snprintf(why, WHY_SIZE,
			 "sipDatabase is of kind hss or slf, with Diameter identities");
		err = -1;
	}
	json_decref(j);
	return err;
}

/* What the UE is told of the partner's SIP core, of what the partner said: only what is known, checked. */
static int read_sip(const json_t *sip, char out[CONNECTION_SIZE], char why[WHY_SIZE])
{
	char home[NAME_SIZE], realm[NAME_SIZE];
	const json_t *list = json_object_get(sip, "pcscf");
	json_t *pcscf = json_array(), *all;
	char *text = NULL;
	int err = -1;

	if (id_member(sip, "homeDomain", home, sizeof(home), why) == 0 &&
	    id_member(sip, "realm", realm, sizeof(realm), why) == 0) {
		for (size_t i = 0; i < json_array_size(list) && i < PARTNER_LIST; i++) {
			const char *s = json_string_value(json_array_get(list, i));

			if (s && *s && strlen(s) < NAME_SIZE && !strpbrk(s, " \"<>\\"))
				json_array_append_new(pcscf, json_string(s));
		}
		err = json_array_size(pcscf) ? 0 : -1;
		if (err)
			snprintf(why, WHY_SIZE, "pcscf names none");
	}
	if (err) {
		json_decref(pcscf);
		return -1;
	}
	all = json_pack("{s:s, s:s, s:o}", "homeDomain", home, "realm", realm, "pcscf", pcscf);
	text = all ? json_dumps(all, JSON_COMPACT) : NULL;
	json_decref(all);
	err = text ? slice_copy(slice_str(text), out, CONNECTION_SIZE) : -1;
	if (err)
		snprintf(why, WHY_SIZE, "sip is too long");
	free(text);
	return err;
}

int read_access_answer(struct slice body, struct access_answer *out, char sha256[65],
		       char why[WHY_SIZE])
{
	json_t *j = read_object(body, why);
	int err = -1;

	memset(out, 0, sizeof(*out));
	if (!j)
		return -1;
	if (id_member(j, "grantId", out->remote, ID_SIZE, why) == 0 &&
	    time_member(j, "expires", &out->expires, why) == 0 &&
	    names_members(json_object_get(j, "inbound"), &out->inbound, why) == 0 &&
	    read_sip(json_object_get(j, "sip"), out->connection, why) == 0 &&
	    text_member(json_object_get(j, "initialUeConfig"), "sha256", true, sha256, 65, why) ==
		0)
		err = 0;
	json_decref(j);
	return err;
}

int read_event(struct slice body, struct event *out, char why[WHY_SIZE])
{
	json_t *j = read_object(body, why);
	char type[16];
	int err = -1;

	memset(out, 0, sizeof(*out));
	if (!j)
		return -1;
	if (id_member(j, "grantId", out->grant, ID_SIZE, why) == 0 &&
	    id_member(j, "type", type, sizeof(type), why) == 0) {
		err = strcmp(type, "withdrawn") == 0 || strcmp(type, "expired") == 0 ? 0 : -1;
		if (err)
			snprintf(why, WHY_SIZE, "type is withdrawn or expired");
		snprintf(out->reason, sizeof(out->reason), "partner-%s", type);
	}
	json_decref(j);
	return err;
}

/* ---- writing ---- */

static json_t *impus_of(const struct names *n)
{
	json_t *list = json_array();

	for (size_t i = 0; i < n->n_impu; i++)
		json_array_append_new(list, json_string(n->impu[i]));
	return list;
}

static json_t *words_of(const char *words)
{
	json_t *list = json_array();
	struct slice rest = slice_str(words);

	while (rest.p) {
		struct slice w = slice_cut(&rest, ' ');

		json_array_append_new(list, json_stringn(w.p, w.len));
	}
	return list;
}

json_t *write_access_request(const struct cms_config *cfg, const struct grant *g, int64_t now)
{
	char issued[24], expires[24];

	time_write(now, issued);
	time_write(g->expires, expires);
	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:o, s:o, s:{s:s, s:s, s:s}, s:b}",
			 "messageId", g->message, "issuedAt", issued, "requestedExpires", expires,
			 "primarySystemId", cfg->system, "mcServiceId", g->mc_id, "ueInstanceId",
			 g->ue, "privateIdentity", g->pair.impi, "publicIdentities",
			 impus_of(&g->pair), "services", words_of(g->services), "sipDatabase",
			 "kind", cfg->database_kind, "diameterHost", cfg->database_host,
			 "diameterRealm", cfg->database_realm, "outbound",
			 (int)(strcmp(g->own.impi, g->pair.impi) != 0));
}

json_t *write_access_answer(const struct cms_config *cfg, const struct grant *g, const char *sha256)
{
	json_t *pcscf = json_array();
	char expires[24];

	for (size_t i = 0; i < cfg->n_pcscf; i++)
		json_array_append_new(pcscf, json_string(cfg->pcscf[i]));
	time_write(g->expires, expires);
	return json_pack("{s:s, s:s, s:{s:s, s:o}, s:{s:s, s:s, s:o}, s:{s:s, s:s}, s:s}",
			 "grantId", g->id, "state", grant_state_word(g->state), "inbound",
			 "privateIdentity", g->inbound.impi, "publicIdentities",
			 impus_of(&g->inbound), "sip", "homeDomain", cfg->home_domain, "realm",
			 cfg->realm, "pcscf", pcscf, "initialUeConfig", "type", DOCUMENT_TYPE,
			 "sha256", sha256, "expires", expires);
}

json_t *write_connection(const struct grant *g, const char *href, const char *sha256)
{
	json_t *sip = json_loads(g->connection, 0, NULL);
	const char *home = json_string_value(json_object_get(sip, "homeDomain"));
	char expires[24], created[24];

	if (!sip || !home)
		return NULL;
	time_write(g->expires, expires);
	time_write(g->created, created);
	json_object_set_new(sip, "privateIdentity", json_string(g->inbound.impi));
	json_object_set_new(sip, "publicIdentities", impus_of(&g->inbound));
	json_object_set_new(sip, "registrarUri", json_sprintf("sip:%s", home));
	json_object_set_new(sip, "authentication", json_string("IMS-AKA"));
	json_object_set_new(sip, "algorithms", json_pack("[s]", "AKAv1-MD5"));
	return json_pack("{s:s, s:s, s:s, s:s, s:o, s:o, s:{s:s, s:s, s:s}, s:s, s:s}", "id", g->id,
			 "partnerSystemId", g->partner, "chosenBy", g->chosen, "status",
			 grant_state_word(g->state), "sip", sip, "services", words_of(g->services),
			 "initialUeConfig", "href", href, "type", DOCUMENT_TYPE, "sha256", sha256,
			 "notBefore", created, "expires", expires);
}

json_t *write_event(const struct grant *g, int64_t now)
{
	char at[24];

	time_write(now, at);
	return json_pack("{s:s, s:s, s:s, s:s}", "eventId", g->id, "grantId", g->id, "type",
			 g->state == GRANT_EXPIRED ? "expired" : "withdrawn", "at", at);
}
