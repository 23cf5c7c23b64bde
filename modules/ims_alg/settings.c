/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Parameters of the module. */
#include "modules/ims_alg/glue.h"

#define DEFAULT(name, value) .name = (value),
struct alg_settings alg_settings = {.max_calls = 20000,
				    .max_waiting = 4000,
				    .workers = 4,
				    .linger_ms = 32000,
				    .call_s = 43200,
				    .continue_route = "RELAY",
				    .state_dir = "",
				    MGC_TIMES(DEFAULT)};

static void begin(void)
{
	if (!alg_settings.mgc.step_ms)
		mgc_config_default(&alg_settings.mgc);
}

static int gateway_param(modparam_t type, void *value)
{
	struct alg_gateway *g = &alg_settings.gateway[alg_settings.gateways];
	const char *why;

	if (alg_settings.gateways == MGC_GATEWAYS_MAX) {
		LM_ERR("modparam gateway: more than %d\n", MGC_GATEWAYS_MAX);
		return -1;
	}
	if (mgc_gateway_parse(slice_str(value), &g->config, &g->kind, &why)) {
		LM_ERR("modparam gateway '%s': %s\n", (char *)value, why);
		return -1;
	}
	alg_settings.gateways++;
	return 0;
}

static int listen_param(modparam_t type, void *value)
{
	struct slice at = slice_str(value), kind = slice_cut(&at, ':');
	struct alg_listen *l = &alg_settings.listen[alg_settings.listens];
	bool udp = slice_eq(kind, SLICE_LIT("udp"));

	if (alg_settings.listens < MGC_LISTENERS_MAX &&
	    (udp || slice_eq(kind, SLICE_LIT("sctp"))) && at.p &&
	    netaddr_parse_port(at, H248_PORT_TEXT, &l->at) == 0) {
		l->kind = udp ? H248_UDP : H248_SCTP;
		alg_settings.listens++;
		return 0;
	}
	LM_ERR(
	    "modparam listen '%s' is not udp:ADDRESS[:PORT] or sctp:ADDRESS[:PORT], or there are "
	    "more than %d\n",
	    (char *)value, MGC_LISTENERS_MAX);
	return -1;
}

static int name_param(enum mgc_name which, const char *parameter, const char *text)
{
	begin();
	if (mgc_names_set(&alg_settings.mgc.names, which, slice_str(text)) == 0)
		return 0;
	LM_ERR("modparam %s '%s' is not package/item\n", parameter, text);
	return -1;
}

#define ITEM_NAME(parameter, which)                                                                \
	static int parameter##_param(modparam_t type, void *value)                                 \
	{                                                                                          \
		return name_param(which, #parameter, value);                                       \
	}
ITEM_NAME(tcp_establish, MGC_TCP_ESTABLISH)
ITEM_NAME(tls_establish, MGC_TLS_ESTABLISH)
ITEM_NAME(tcp_change, MGC_TCP_CHANGE)
ITEM_NAME(tls_change, MGC_TLS_CHANGE)
ITEM_NAME(overload, MGC_OVERLOAD)

#define TEXT_ROW(name)                                                                             \
	{                                                                                          \
#name, PARAM_STRING | PARAM_USE_FUNC, (void *)name##_param                         \
	}
#define INT_ROW(name)                                                                              \
	{                                                                                          \
#name, PARAM_INT, &alg_settings.name                                               \
	}
#define TIME_ROW(name, value) INT_ROW(name),
#define CHOICE_ROW(name)      {#name, PARAM_STRING | PARAM_USE_FUNC, (void *)alg_choice_##name},
#define SWITCH_ROW(name)                                                                           \
	{                                                                                          \
#name, PARAM_INT, &alg_switches.name                                               \
	}
param_export_t alg_params[] = {
    TEXT_ROW(gateway),
    TEXT_ROW(listen),
    TEXT_ROW(tcp_establish),
    TEXT_ROW(tls_establish),
    TEXT_ROW(tcp_change),
    TEXT_ROW(tls_change),
    TEXT_ROW(overload),
    {"mid", PARAM_STR, &alg_settings.mid},
    MGC_TIMES(TIME_ROW) INT_ROW(compact),
    INT_ROW(max_calls),
    INT_ROW(max_waiting),
    INT_ROW(workers),
    INT_ROW(linger_ms),
    INT_ROW(call_s),
    {"continue_route", PARAM_STRING, &alg_settings.continue_route},
    {"state_dir", PARAM_STRING, &alg_settings.state_dir},
    ALG_CHOICES(CHOICE_ROW) SWITCH_ROW(agnostic),
    SWITCH_ROW(delayed),
    SWITCH_ROW(merged),
    SWITCH_ROW(late_access),
    SWITCH_ROW(skip_active),
    SWITCH_ROW(allow_sha1),
    SWITCH_ROW(any_signalling),
    SWITCH_ROW(path_mismatch),
    SWITCH_ROW(dtls),
    SWITCH_ROW(dtls_mux),
    SWITCH_ROW(family_core),
    SWITCH_ROW(dscp_access),
    SWITCH_ROW(dscp_core),
    SWITCH_ROW(tls_failure_ends),
    {0, 0, 0},
};

static int bounded(const char *name, int value, int min, int max)
{
	if (value >= min && value <= max)
		return 0;
	LM_ERR("modparam %s is %d: %d to %d\n", name, value, min, max);
	return -1;
}

static int find_listener(struct alg_gateway *g)
{
	for (unsigned i = 0; i < alg_settings.listens; i++)
		if (alg_settings.listen[i].kind == g->kind &&
		    alg_settings.listen[i].at.family == g->config.address.family) {
			g->config.listener = i;
			return 0;
		}
	LM_ERR("gateway %s: no modparam listen with its transport and address family\n",
	       g->config.name);
	return -1;
}

int alg_settings_check(void)
{
	struct alg_settings *s = &alg_settings;
	struct mgc_config *c = &s->mgc;
	struct h248_mid mid;

	begin();
	if (!s->gateways || !s->listens) {
		LM_ERR("modparam %s is needed\n", s->gateways ? "listen" : "gateway");
		return -1;
	}
	if (bounded("step_ms", s->step_ms, 50, 60000) ||
	    bounded("order_ms", s->order_ms, s->step_ms, 60000) ||
	    bounded("t_max_ms", s->t_max_ms, 500, 25000) ||
	    bounded("audit_ms", s->audit_ms, 100, 600000) ||
	    bounded("inactivity_ms", s->inactivity_ms, 0, 3600000) ||
	    bounded("grace_ms", s->grace_ms, 0, 3600000) ||
	    bounded("hang_s", s->hang_s, 0, 604800) || bounded("stop_s", s->stop_s, 0, 86400) ||
	    bounded("compare_s", s->compare_s, 0, 86400) ||
	    bounded("max_calls", s->max_calls, 1, 10000000) ||
	    bounded("max_waiting", s->max_waiting, 1, 10000000) ||
	    bounded("workers", s->workers, 1, 32) ||
	    bounded("linger_ms", s->linger_ms, 0, 600000) ||
	    bounded("call_s", s->call_s, 60, 31536000))
		return -1;
	if (s->mid.len && (slice_copy(slice_of(s->mid), c->mid, sizeof(c->mid)) ||
			   h248_mid_parse(slice_of(s->mid), &mid))) {
		LM_ERR("modparam mid '%.*s' is not [192.0.2.1]:2944 or <name>\n", s->mid.len,
		       s->mid.s);
		return -1;
	}
#define TAKE(name, value) c->name = (uint32_t)s->name;
	MGC_TIMES(TAKE)
	c->compact = s->compact != 0;
	for (unsigned i = 0; i < s->gateways; i++)
		if (find_listener(&s->gateway[i]))
			return -1;
	return 0;
}
