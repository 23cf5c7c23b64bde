/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "modules/ims_border/core/header_rules.h"

#define P  BORDER_PASS
#define X  BORDER_CUT
#define O  BORDER_OURS
#define F  BORDER_FLOW
#define N  BORDER_NO_NETWORK
#define SA BORDER_NO_SEC_AGREE
#define ID BORDER_NOT_WITH_ID
#define HI BORDER_NOT_WITH_HISTORY
#define LS BORDER_NO_LOC_SRC
#define IN BORDER_NO_INTEGRITY
#define K  BORDER_NO_KEYS

/* clang-format off */
const struct border_rule border_rules[] = {
	/*                                 of the phone   to the phone   REGISTER
	 *                                 request answer request answer request refused 200 */
	{"P-Asserted-Identity",           {O,      O,     ID,     ID,    X,      ID,     ID}},
	{"P-Preferred-Identity",          {X,      X,     X,      X,     X,      X,      X}},
	{"P-Preferred-Service",           {P,      X,     X,      X,     X,      X,      X}},
	{"P-Asserted-Service",            {X,      X,     X,      X,     X,      X,      X}},
	{"P-Associated-URI",              {X,      X,     X,      X,     X,      X,      P}},
	{"P-Access-Network-Info",         {N,      N,     X,      X,     N,      X,      X}},
	{"Cellular-Network-Info",         {P,      P,     X,      X,     P,      X,      X}},
	{"P-Visited-Network-ID",          {X,      X,     X,      X,     O,      X,      X}},
	{"P-Charging-Vector",             {O,      O,     X,      X,     O,      X,      X}},
	{"P-Charging-Function-Addresses", {X,      X,     X,      X,     X,      X,      X}},
	{"P-Charge-Info",                 {X,      X,     X,      X,     X,      X,      X}},
	{"P-DCS-Billing-Info",            {X,      X,     X,      X,     X,      X,      X}},
	{"P-DCS-LAES",                    {X,      X,     X,      X,     X,      X,      X}},
	{"P-DCS-OSPS",                    {X,      X,     X,      X,     X,      X,      X}},
	{"P-DCS-Redirect",                {X,      X,     X,      X,     X,      X,      X}},
	{"Remote-Party-ID",               {X,      X,     ID,     ID,    X,      ID,     ID}},
	{"P-Called-Party-ID",             {X,      X,     P,      X,     X,      X,      X}},
	{"P-Served-User",                 {X,      X,     X,      X,     X,      X,      X}},
	{"P-Profile-Key",                 {X,      X,     X,      X,     X,      X,      X}},
	{"P-User-Database",               {X,      X,     X,      X,     X,      X,      X}},
	{"P-Private-Network-Indication",  {X,      X,     X,      X,     X,      X,      X}},
	{"P-Early-Media",                 {BORDER_SUPPORTED_ONLY, X, P, P, X,    X,      X}},
	{"P-Media-Authorization",         {X,      X,     X,      X,     X,      X,      X}},
	{"Privacy",                       {P,      P,     P,      P,     P,      P,      P}},
	{"History-Info",                  {X,      X,     HI,     HI,    X,      X,      X}},
	{"Diversion",                     {X,      X,     P,      P,     X,      X,      X}},
	{"Path",                          {X,      X,     X,      X,     X,      X,      P}},
	{"Service-Route",                 {X,      X,     X,      X,     X,      X,      P}},
	{"Record-Route",                  {X,      BORDER_AS_SENT, P, P, X,      X,      X}},
	{"Security-Client",               {X,      X,     X,      X,     F,      X,      X}},
	{"Security-Verify",               {X,      X,     X,      X,     F,      X,      X}},
	{"Security-Server",               {X,      X,     X,      X,     X,      X,      X}},
	{"Require",                       {SA,     SA,    SA,     SA,    F,      SA,     SA}},
	{"Proxy-Require",                 {SA,     SA,    SA,     SA,    F,      SA,     SA}},
	{"Authorization",                 {IN,     P,     P,      P,     F,      P,      P}},
	{"Proxy-Authorization",           {IN,     P,     P,      P,     IN,     P,      P}},
	{"WWW-Authenticate",              {P,      P,     P,      K,     P,      F,      F}},
	{"Proxy-Authenticate",            {P,      P,     P,      K,     P,      F,      F}},
	{"Geolocation",                   {LS,     LS,    LS,     LS,    LS,     LS,     LS}},
	{"Priority",                      {BORDER_NO_PSAP, P, BORDER_NO_PSAP, P, P, P,   P}},
	{"Resource-Priority",             {X,      X,     P,      P,     X,      P,      P}},
	{"Feature-Caps",                  {X,      X,     P,      P,     X,      P,      P}},
	{"Relayed-Charge",                {X,      X,     X,      X,     X,      X,      X}},
	{"Restoration-Info",              {X,      X,     X,      X,     X,      X,      X}},
	{"Service-Interact-Info",         {X,      X,     X,      X,     X,      X,      X}},
	{"Response-Source",               {X,      X,     X,      X,     X,      X,      X}},
	{"Additional-Identity",           {X,      X,     X,      X,     X,      X,      X}},
	{"Priority-Verstat",              {X,      X,     X,      X,     X,      X,      X}},
	{"DC-Info",                       {X,      X,     X,      X,     X,      X,      X}},
	{"Attestation-Info",              {X,      X,     X,      X,     X,      X,      X}},
	{"Origination-Id",                {X,      X,     X,      X,     X,      X,      X}},
};
/* clang-format on */
const size_t border_rules_n = sizeof(border_rules) / sizeof(border_rules[0]);

static const char *const way_names[BORDER_WAYS] = {
    "ue-request", "ue-answer",	      "core-request", "core-answer",
    "register",	  "register-refused", "register-ok",
};

static const char *const action_names[BORDER_ACTIONS] = {
    [BORDER_PASS] = "pass",
    [BORDER_CUT] = "cut",
    [BORDER_OURS] = "ours",
    [BORDER_FLOW] = "ims_flow",
    [BORDER_AS_SENT] = "as sent",
    [BORDER_NO_NETWORK] = "no network value",
    [BORDER_SUPPORTED_ONLY] = "supported only",
    [BORDER_NO_LOC_SRC] = "no loc-src",
    [BORDER_NO_PSAP] = "no psap-callback",
    [BORDER_NO_SEC_AGREE] = "no sec-agree",
    [BORDER_NO_INTEGRITY] = "no integrity",
    [BORDER_NO_KEYS] = "no keys",
    [BORDER_NOT_WITH_ID] = "not with id",
    [BORDER_NOT_WITH_HISTORY] = "not with history",
};

const char *border_way_name(enum border_way w)
{
	return (unsigned)w < BORDER_WAYS ? way_names[w] : "?";
}

const char *border_action_name(enum border_action a)
{
	return (unsigned)a < BORDER_ACTIONS ? action_names[a] : "?";
}

static int row_of(const struct border_table *t, struct slice name)
{
	unsigned i = name.len < BORDER_NAME_MAX ? t->by_len[name.len] : 0;

	while (i && !slice_eq_nocase(slice_make(t->row[i - 1].name, t->row[i - 1].len), name))
		i = t->row[i - 1].next;
	return (int)i - 1;
}

/* A row without any rule yet: all is passed. */
static int row_new(struct border_table *t, struct slice name)
{
	size_t i = t->n;

	if (i == BORDER_RULES_MAX || name.len == 0 ||
	    slice_copy(name, t->row[i].name, sizeof(t->row[i].name)))
		return -1;
	memset(t->row[i].action, BORDER_PASS, sizeof(t->row[i].action));
	t->row[i].len = (uint8_t)name.len;
	t->row[i].next = t->by_len[name.len];
	t->by_len[name.len] = (uint8_t)(i + 1);
	t->n++;
	return (int)i;
}

void border_table_init(struct border_table *t)
{
	memset(t, 0, sizeof(*t));
	for (size_t i = 0; i < border_rules_n; i++) {
		int row = row_new(t, slice_str(border_rules[i].name));

		if (row >= 0)
			memcpy(t->row[row].action, border_rules[i].action,
			       sizeof(border_rules[i].action));
	}
}

static bool may_change(enum border_action a)
{
	return a != BORDER_FLOW && a != BORDER_AS_SENT && a != BORDER_NO_KEYS;
}

static struct slice next_word(struct slice *rest)
{
	*rest = slice_trim(*rest);
	return slice_cut(rest, ' ');
}

int border_table_rule(struct border_table *t, struct slice text)
{
	struct slice name = next_word(&text), way = next_word(&text), action = next_word(&text);
	bool all = slice_eq_nocase(way, SLICE_LIT("all")), known = all;
	bool cut = slice_eq_nocase(action, SLICE_LIT("cut"));
	int row = row_of(t, name);

	if (slice_trim(text).len || !(cut || slice_eq_nocase(action, SLICE_LIT("pass"))))
		return -1;
	for (int w = 0; w < BORDER_WAYS; w++) {
		bool meant = all || slice_eq_nocase(way, slice_str(way_names[w]));

		known = known || meant;
		if (meant && row >= 0 && !may_change(t->row[row].action[w]))
			return -1;
	}
	if (!known)
		return -1;
	if (row < 0)
		row = row_new(t, name);
	if (row < 0)
		return -1;
	for (int w = 0; w < BORDER_WAYS; w++)
		if (all || slice_eq_nocase(way, slice_str(way_names[w])))
			t->row[row].action[w] = cut ? BORDER_CUT : BORDER_PASS;
	return 0;
}

enum border_action border_table_action(const struct border_table *t, struct slice name,
				       enum border_way way)
{
	int row = row_of(t, name);

	return row < 0 ? BORDER_PASS : (enum border_action)t->row[row].action[way];
}
