/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hss/diameter/dict.h"

#include <stdlib.h>

struct dict dict;

static int load_avp(struct dictionary *d, enum avp_id id)
{
	static const enum dict_avp_basetype types[] = {[AVP_OCTETSTRING] = AVP_TYPE_OCTETSTRING,
						       [AVP_UNSIGNED32] = AVP_TYPE_UNSIGNED32,
						       [AVP_GROUPED] = AVP_TYPE_GROUPED};
	const struct avp_definition *a = &avp_definitions[id];
	struct dict_avp_request find = {a->vendor, a->code, NULL};
	struct dict_avp_data data = {
	    .avp_code = a->code,
	    .avp_vendor = a->vendor,
	    .avp_name = (char *)a->name,
	    .avp_flag_mask = AVP_FLAG_VENDOR | AVP_FLAG_MANDATORY,
	    .avp_flag_val =
		(uint8_t)((a->vendor ? AVP_FLAG_VENDOR : 0) | (a->m ? AVP_FLAG_MANDATORY : 0)),
	    .avp_basetype = types[a->type],
	};

	if (!a->name)
		return fd_dict_search(d, DICT_AVP, AVP_BY_CODE_AND_VENDOR, &find, &dict.avp[id],
				      ENOENT);
	return fd_dict_new(d, DICT_AVP, &data, NULL, &dict.avp[id]);
}

/* An AVP of octets that only wire_check() writes. */
static int load_ours(struct dictionary *d, uint32_t code, const char *name,
		     struct dict_object **out)
{
	struct dict_avp_data data = {
	    .avp_code = code,
	    .avp_name = (char *)name,
	    .avp_flag_mask = AVP_FLAG_VENDOR | AVP_FLAG_MANDATORY,
	    .avp_basetype = AVP_TYPE_OCTETSTRING,
	};

	return fd_dict_new(d, DICT_AVP, &data, NULL, out);
}

/*
 * RFC 6733 5.3.1 wants a Host-IP-Address in a CER, and Kamailio's cdp leaves it out when it cannot
 * tell its own address, as on most reconnects. Nothing here uses it (where a peer may come from is
 * seen at the connection), so it is optional.
 */
static int allow_no_address(struct dictionary *d)
{
	struct dict_rule_request find = {NULL, NULL};
	struct dict_rule_data data;
	struct dict_object *rule = NULL;
	command_code_t code = 257;
	int err = fd_dict_search(d, DICT_COMMAND, CMD_BY_CODE_R, &code, &find.rule_parent, ENOENT);

	if (err == 0)
		err = fd_dict_search(d, DICT_AVP, AVP_BY_NAME, "Host-IP-Address", &find.rule_avp,
				     ENOENT);
	if (err == 0)
		err = fd_dict_search(d, DICT_RULE, RULE_BY_AVP_AND_PARENT, &find, &rule, ENOENT);
	if (err == 0)
		err = fd_dict_getval(rule, &data);
	if (err == 0)
		err = fd_dict_delete(rule);
	data.rule_position = RULE_OPTIONAL;
	data.rule_min = 0;
	return err ? err : fd_dict_new(d, DICT_RULE, &data, find.rule_parent, NULL);
}

int dict_load(void)
{
	struct dictionary *d = fd_g_config->cnf_dict;
	struct dict_vendor_data vendor = {VENDOR_3GPP, (char *)"3GPP"};
	int err = fd_dict_new(d, DICT_VENDOR, &vendor, NULL, &dict.vendor);

	for (int i = 0; i < AVPS && err == 0; i++)
		err = load_avp(d, (enum avp_id)i);
	if (err == 0)
		err = load_ours(d, WIRE_CODE_FAULT, "Fault-Found", &dict.octets);
	if (err == 0)
		err = load_ours(d, WIRE_CODE_SESSION, "Session-Id-Received", &dict.session);
	if (err == 0)
		err = load_ours(d, WIRE_CODE_USER_NAME, "User-Name-Received", &dict.user_name);
	return err ? err : allow_no_address(d);
}

static int load_command(struct dictionary *d, struct application *app, struct command *c)
{
	char names[2][64];
	struct dict_cmd_data request = {c->code, names[0], CMD_FLAG_REQUEST | CMD_FLAG_PROXIABLE,
					CMD_FLAG_REQUEST | CMD_FLAG_PROXIABLE};
	struct dict_cmd_data answer = {c->code, names[1], CMD_FLAG_REQUEST | CMD_FLAG_PROXIABLE,
				       CMD_FLAG_PROXIABLE};
	struct dict_object *answer_object;
	int err;

	snprintf(names[0], sizeof(names[0]), "3GPP/%s-Request", c->name);
	snprintf(names[1], sizeof(names[1]), "3GPP/%s-Answer", c->name);
	err = fd_dict_new(d, DICT_COMMAND, &request, app->object, &c->request);
	return err ? err : fd_dict_new(d, DICT_COMMAND, &answer, app->object, &answer_object);
}

int dict_load_application(struct application *app)
{
	struct dictionary *d = fd_g_config->cnf_dict;
	struct dict_application_data data = {app->id, (char *)app->name};
	int err = fd_dict_new(d, DICT_APPLICATION, &data, dict.vendor, &app->object);

	for (size_t i = 0; i < app->n_commands && err == 0; i++)
		err = load_command(d, app, &app->commands[i]);
	return err;
}

static enum wire_type wire_type(enum dict_avp_basetype type)
{
	switch (type) {
	case AVP_TYPE_GROUPED:
		return WIRE_GROUP;
	case AVP_TYPE_INTEGER32:
	case AVP_TYPE_UNSIGNED32:
	case AVP_TYPE_FLOAT32:
		return WIRE_32;
	case AVP_TYPE_INTEGER64:
	case AVP_TYPE_UNSIGNED64:
	case AVP_TYPE_FLOAT64:
		return WIRE_64;
	case AVP_TYPE_OCTETSTRING:
		break;
	}
	return WIRE_OCTETS;
}

/* The AVPs of one vendor, in order. All that libfdcore or we define have codes below the bound. */
static int list_avps(uint32_t vendor, struct wire_avp *out, size_t *n, size_t max)
{
	enum { CODES = 4096 };

	for (uint32_t code = 1; code < CODES && *n < max; code++) {
		struct dict_avp_request find = {vendor, code, NULL};
		struct dict_object *object = NULL;
		struct dict_avp_data data;

		if (fd_dict_search(fd_g_config->cnf_dict, DICT_AVP, AVP_BY_CODE_AND_VENDOR, &find,
				   &object, 0) ||
		    !object)
			continue;
		if (fd_dict_getval(object, &data))
			return EINVAL;
		out[(*n)++] = (struct wire_avp){vendor, code, wire_type(data.avp_basetype)};
	}
	return *n == max ? ENOSPC : 0;
}

static int compare_ids(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

static int make_avps(struct wire_dict *out)
{
	enum { MAX = 4096 };
	struct wire_avp *avps = calloc(MAX, sizeof(*avps));
	vendor_id_t *vendors = fd_dict_get_vendorid_list(fd_g_config->cnf_dict);
	size_t n_vendors = 0;
	int err = avps && vendors ? list_avps(0, avps, &out->n_avps, MAX) : ENOMEM;

	while (vendors && vendors[n_vendors])
		n_vendors++;
	if (vendors)
		qsort(vendors, n_vendors, sizeof(*vendors), compare_ids);
	for (size_t i = 0; i < n_vendors && err == 0; i++)
		err = list_avps(vendors[i], avps, &out->n_avps, MAX);
	free(vendors);
	if (err)
		free(avps);
	else
		out->avps = avps;
	return err;
}

static struct wire_rule *make_rules(const struct rule *rules, size_t *n)
{
	static const enum wire_type types[] = {[AVP_OCTETSTRING] = WIRE_OCTETS,
					       [AVP_UNSIGNED32] = WIRE_32,
					       [AVP_GROUPED] = WIRE_GROUP};
	struct wire_rule *out;

	for (*n = 0; rules[*n].avp != AVPS; (*n)++)
		;
	out = calloc(*n + 1, sizeof(*out));
	for (size_t i = 0; out && i < *n; i++) {
		const struct avp_definition *a = &avp_definitions[rules[i].avp];

		out[i] = (struct wire_rule){a->vendor, a->code, rules[i].min, rules[i].max,
					    types[a->type]};
	}
	return out;
}

int dict_make_wire(struct application *const *apps, size_t n, struct wire_dict *out)
{
	struct wire_command *commands;
	size_t max = 0;

	memset(out, 0, sizeof(*out));
	for (size_t i = 0; i < n; i++)
		max += apps[i]->n_commands;
	commands = calloc(max + 1, sizeof(*commands));
	if (!commands)
		return ENOMEM;
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < apps[i]->n_commands; j++) {
			const struct command *c = &apps[i]->commands[j];
			struct wire_command *w = &commands[out->n_commands];

			if (!c->rules)
				continue;
			*w = (struct wire_command){.application = apps[i]->id, .code = c->code};
			w->rules = make_rules(c->rules, &w->n_rules);
			if (!w->rules)
				return ENOMEM;
			out->n_commands++;
		}
	out->commands = commands;
	return make_avps(out);
}

int avp_identify(const struct avp_hdr *hdr)
{
	if (!(hdr->avp_flags & AVP_FLAG_VENDOR) && hdr->avp_code == WIRE_CODE_USER_NAME)
		return AVP_USER_NAME;
	return avp_find(hdr->avp_flags & AVP_FLAG_VENDOR ? hdr->avp_vendor : 0, hdr->avp_code);
}
