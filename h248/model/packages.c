/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The table. Names and ids of packages: IANA's Megaco registry. Items of g, root, nt, rtp: RFC 3525
 * Annex E; others from their Recommendations as known; `true` at the end of a row: spelling or id
 * not confirmed.
 */
#include "h248/model/nocase.h"
#include "h248/support.h"

static const struct h248_package_info packages[] = {
    {"g", 0x0001, 2, NULL},	 {"root", 0x0002, 2, NULL},	{"nt", 0x000b, 1, NULL},
    {"rtp", 0x000c, 2, "nt"},	 {"chp", 0x0029, 1, NULL},	{"it", 0x0045, 1, NULL},
    {"ocp", 0x0051, 1, NULL},	 {"ds", 0x008b, 2, NULL},	{"gm", 0x008c, 2, "rtcph"},
    {"tman", 0x008d, 2, NULL},	 {"hangterm", 0x0098, 1, NULL}, {"ipnapt", 0x0099, 1, NULL},
    {"adid", 0x009c, 1, NULL},	 {"ipdc", 0x009d, 2, NULL},	{"mgcinfo", 0x00a0, 1, NULL},
    {"seg", 0x00a3, 1, NULL},	 {"rtcph", 0x00b5, 1, NULL},	{"ipra", 0x00e0, 1, "ipdc"},
    {"tcpbcc", 0x0115, 1, NULL}, {"tlsbsc", 0x0117, 1, NULL},	{"tlscn", 0x0118, 1, NULL},
    {"tlsm", 0x0119, 1, NULL},	 {"tlstv", 0x011a, 1, NULL},	{"seplink", 0x011b, 1, NULL},
};
#define PACKAGES (sizeof(packages) / sizeof(packages[0]))

#define LC H248_IN_LOCAL_CONTROL
#define TS H248_IN_TERMINATION_STATE
#define RO H248_READ_ONLY

static const struct h248_item items[] = {
    /* package, kind, name, of, id, type, where, values, unconfirmed */
    {"g", H248_EVENT, "cause", NULL, 1, 0, 0, NULL, false},
    {"g", H248_OBSERVED_PARM, "Generalcause", "cause", 1, H248_T_ENUMERATION, 0,
     "NR UR FT FP IW UN", false},
    {"g", H248_OBSERVED_PARM, "Failurecause", "cause", 2, H248_T_STRING, 0, NULL, false},
    {"g", H248_EVENT, "sc", NULL, 2, 0, 0, NULL, false},
    {"g", H248_OBSERVED_PARM, "SigID", "sc", 1, H248_T_STRING, 0, NULL, false},
    {"g", H248_OBSERVED_PARM, "Meth", "sc", 2, H248_T_ENUMERATION, 0, "TO EV SD NC PI", false},
    {"g", H248_OBSERVED_PARM, "SLID", "sc", 3, H248_T_INTEGER, 0, NULL, false},

    {"root", H248_PROPERTY, "maxNumberOfContexts", NULL, 1, H248_T_DOUBLE, TS | RO, NULL, false},
    {"root", H248_PROPERTY, "maxTerminationsPerContext", NULL, 2, H248_T_INTEGER, TS | RO, NULL,
     false},
    {"root", H248_PROPERTY, "normalMGExecutionTime", NULL, 3, H248_T_INTEGER, TS, NULL, false},
    {"root", H248_PROPERTY, "normalMGCExecutionTime", NULL, 4, H248_T_INTEGER, TS, NULL, false},
    {"root", H248_PROPERTY, "MGProvisionalResponseTimerValue", NULL, 5, H248_T_INTEGER, TS, NULL,
     false},
    {"root", H248_PROPERTY, "MGCProvisionalResponseTimerValue", NULL, 6, H248_T_INTEGER, TS, NULL,
     false},
    {"root", H248_PROPERTY, "MGCOriginatedPendingLimit", NULL, 7, H248_T_INTEGER, TS, NULL, false},
    {"root", H248_PROPERTY, "MGOriginatedPendingLimit", NULL, 8, H248_T_INTEGER, TS, NULL, false},

    {"nt", H248_STATISTIC, "dur", NULL, 1, H248_T_DOUBLE, 0, NULL, false},
    {"nt", H248_STATISTIC, "os", NULL, 2, H248_T_DOUBLE, 0, NULL, false},
    {"nt", H248_STATISTIC, "or", NULL, 3, H248_T_DOUBLE, 0, NULL, false},
    {"nt", H248_EVENT, "netfail", NULL, 5, 0, 0, NULL, false},
    {"nt", H248_OBSERVED_PARM, "cs", "netfail", 1, H248_T_STRING, 0, NULL, false},
    {"nt", H248_EVENT, "qualert", NULL, 6, 0, 0, NULL, false},
    {"nt", H248_EVENT_PARM, "th", "qualert", 1, H248_T_INTEGER, 0, NULL, false},
    {"nt", H248_OBSERVED_PARM, "th", "qualert", 1, H248_T_INTEGER, 0, NULL, false},
    {"nt", H248_PROPERTY, "jit", NULL, 7, H248_T_INTEGER, LC, NULL, false},
    {"rtp", H248_STATISTIC, "ps", NULL, 4, H248_T_DOUBLE, 0, NULL, false},
    {"rtp", H248_STATISTIC, "pr", NULL, 5, H248_T_DOUBLE, 0, NULL, false},
    {"rtp", H248_STATISTIC, "pl", NULL, 6, H248_T_DOUBLE, 0, NULL, false},
    {"rtp", H248_STATISTIC, "jit", NULL, 7, H248_T_INTEGER, 0, NULL, false},
    {"rtp", H248_STATISTIC, "delay", NULL, 8, H248_T_INTEGER, 0, NULL, false},
    {"rtp", H248_EVENT, "pltrans", NULL, 1, 0, 0, NULL, false},
    {"rtp", H248_OBSERVED_PARM, "rtppltype", "pltrans", 1, H248_T_STRING, 0, NULL, false},

    {"it", H248_EVENT, "ito", NULL, 1, 0, 0, NULL, false},
    {"it", H248_EVENT_PARM, "mit", "ito", 1, H248_T_INTEGER, 0, NULL, false},
    {"chp", H248_EVENT, "mgcon", NULL, 1, 0, 0, NULL, true},
    {"chp", H248_OBSERVED_PARM, "reduction", "mgcon", 1, H248_T_INTEGER, 0, NULL, true},
    {"ocp", H248_EVENT, "mg_overload", NULL, 1, 0, 0, NULL, true},

    {"ds", H248_PROPERTY, "dscp", NULL, 1, H248_T_HEX8, LC, NULL, false},
    {"ds", H248_PROPERTY, "tb", NULL, 2, H248_T_BOOLEAN, LC, NULL, true},

    {"rtcph", H248_PROPERTY, "rsb", NULL, 9, H248_T_BOOLEAN, LC, NULL, false},
    {"gm", H248_PROPERTY, "saf", NULL, 1, H248_T_BOOLEAN, LC, NULL, false},
    {"gm", H248_PROPERTY, "sam", NULL, 2, H248_T_STRING, LC, NULL, false},
    {"gm", H248_PROPERTY, "spf", NULL, 3, H248_T_BOOLEAN, LC, NULL, false},
    {"gm", H248_PROPERTY, "spr", NULL, 4, H248_T_STRING, LC, NULL, false},
    {"gm", H248_PROPERTY, "esas", NULL, 5, H248_T_BOOLEAN, LC, NULL, false},
    {"gm", H248_PROPERTY, "lsa", NULL, 6, H248_T_STRING, LC, NULL, false},
    {"gm", H248_PROPERTY, "esps", NULL, 7, H248_T_BOOLEAN, LC, NULL, false},
    {"gm", H248_PROPERTY, "lsp", NULL, 8, H248_T_STRING, LC, NULL, false},

    {"tman", H248_PROPERTY, "pol", NULL, 1, H248_T_BOOLEAN, LC, NULL, false},
    {"tman", H248_PROPERTY, "pdr", NULL, 2, H248_T_INTEGER, LC, NULL, false},
    {"tman", H248_PROPERTY, "dvt", NULL, 3, H248_T_INTEGER, LC, NULL, false},
    {"tman", H248_PROPERTY, "sdr", NULL, 4, H248_T_INTEGER, LC, NULL, false},
    {"tman", H248_PROPERTY, "mbs", NULL, 5, H248_T_INTEGER, LC, NULL, false},
    {"tman", H248_PROPERTY, "pmu", NULL, 6, H248_T_INTEGER, LC, NULL, false},
    {"tman", H248_PROPERTY, "mps", NULL, 7, H248_T_INTEGER, LC, NULL, false},

    {"ipdc", H248_PROPERTY, "realm", NULL, 1, H248_T_STRING, LC, NULL, false},
    {"ipra", H248_PROPERTY, "ar", NULL, 1, H248_T_STRING, TS | RO, NULL, true},
    {"ipra", H248_EVENT, "arc", NULL, 2, 0, 0, NULL, true},
    {"ipra", H248_OBSERVED_PARM, "nar", "arc", 1, H248_T_STRING, 0, NULL, true},

    {"ipnapt", H248_SIGNAL, "latch", NULL, 1, 0, 0, NULL, false},
    {"ipnapt", H248_SIGNAL_PARM, "napt", "latch", 1, H248_T_ENUMERATION, 0, "OFF LATCH RELATCH",
     false},
    {"hangterm", H248_EVENT, "thb", NULL, 1, 0, 0, NULL, false},
    {"hangterm", H248_EVENT_PARM, "timerx", "thb", 1, H248_T_INTEGER, 0, NULL, false},
    {"adid", H248_EVENT, "ipstop", NULL, 1, 0, 0, NULL, false},
    {"adid", H248_EVENT_PARM, "dt", "ipstop", 1, H248_T_INTEGER, 0, NULL, false},
    {"adid", H248_EVENT_PARM, "dir", "ipstop", 2, H248_T_ENUMERATION, 0, "IN OUT BOTH", false},
    {"mgcinfo", H248_PROPERTY, "db", NULL, 1, H248_T_OCTETS, LC | TS, NULL, true},

    {"seg", H248_PROPERTY, "MGSegmentationTimerValue", NULL, 1, H248_T_INTEGER, TS, NULL, true},
    {"seg", H248_PROPERTY, "MGCSegmentationTimerValue", NULL, 2, H248_T_INTEGER, TS, NULL, true},
    {"seg", H248_PROPERTY, "MGMaxPDUSize", NULL, 3, H248_T_INTEGER, TS, NULL, true},
    {"seg", H248_PROPERTY, "MGCMaxPDUSize", NULL, 4, H248_T_INTEGER, TS, NULL, true},

    {"tcpbcc", H248_SIGNAL, "EstBNC", NULL, 1, 0, 0, NULL, true},
    {"tcpbcc", H248_SIGNAL, "RelBNC", NULL, 2, 0, 0, NULL, true},
    {"tcpbcc", H248_EVENT, "BNCChange", NULL, 1, 0, 0, NULL, true},
    {"tcpbcc", H248_EVENT_PARM, "Type", "BNCChange", 1, H248_T_ENUMERATION, 0, "Est EstFail Rel",
     true},
    {"tcpbcc", H248_OBSERVED_PARM, "Type", "BNCChange", 1, H248_T_ENUMERATION, 0, "Est EstFail Rel",
     true},
    {"tlsbsc", H248_SIGNAL, "EstablishBNC", NULL, 1, 0, 0, NULL, true},
    {"tlsbsc", H248_SIGNAL, "ReleaseBNC", NULL, 2, 0, 0, NULL, true},
    {"tlsbsc", H248_EVENT, "BNCChange", NULL, 1, 0, 0, NULL, true},
    {"tlsbsc", H248_EVENT_PARM, "Type", "BNCChange", 1, H248_T_ENUMERATION, 0, "Est EstFail Rel",
     true},
    {"tlsbsc", H248_OBSERVED_PARM, "Type", "BNCChange", 1, H248_T_ENUMERATION, 0, "Est EstFail Rel",
     true},
    {"seplink", H248_PROPERTY, "linkage", NULL, 1, H248_T_STRING, LC | H248_IN_CONTEXT, NULL, true},
};
#define ITEMS (sizeof(items) / sizeof(items[0]))

/* Open addressing over both lists; filled before main(), read-only afterwards. A slot is a place in
 * the list, counted from 1. */
#define SLOT_BITS 9
#define SLOTS	  (1u << SLOT_BITS)
static uint8_t package_slots[SLOTS], item_slots[SLOTS];
static struct nocase_word package_words[PACKAGES];
static struct {
	struct nocase_word package, name;
	struct slice of;
} item_words[ITEMS];
_Static_assert(ITEMS < 256, "a slot holds an item's number in one byte");
_Static_assert(ITEMS <= H248_SUPPORT_ITEMS && PACKAGES <= H248_SUPPORT_PACKAGES,
	       "struct h248_support has a bit for each");

static unsigned package_slot(uint64_t name)
{
	return (unsigned)((name | NOCASE_BITS) * 0x9e3779b97f4a7c15ull >> (64 - SLOT_BITS));
}

static unsigned item_slot(enum h248_item_kind kind, uint64_t package, struct nocase name)
{
	uint64_t h = ((package | NOCASE_BITS) + kind) * 0xd6e8feb86659fd93ull;

	return (unsigned)((h + nocase_hash(name)) >> (64 - SLOT_BITS));
}

static void slot_fill(uint8_t *slots, unsigned i, unsigned place)
{
	while (slots[i])
		i = (i + 1) % SLOTS;
	slots[i] = (uint8_t)(place + 1);
}

__attribute__((constructor)) static void slots_fill(void)
{
	for (unsigned n = 0; n < PACKAGES; n++) {
		package_words[n] = nocase_word(slice_str(packages[n].name));
		slot_fill(package_slots, package_slot(package_words[n].n.head), n);
	}
	for (unsigned n = 0; n < ITEMS; n++) {
		item_words[n].package = nocase_word(slice_str(items[n].package));
		item_words[n].name = nocase_word(slice_str(items[n].name));
		item_words[n].of = slice_str(items[n].of);
		slot_fill(
		    item_slots,
		    item_slot(items[n].kind, item_words[n].package.n.head, item_words[n].name.n),
		    n);
	}
}

/* No package of the table has a name of more than eight characters. */
#define PACKAGE_MAX 8

const struct h248_package_info *h248_package_find(struct slice name)
{
	uint64_t key = nocase_load(name.p, name.len);

	if (name.len > PACKAGE_MAX)
		return NULL;
	for (unsigned i = package_slot(key); package_slots[i]; i = (i + 1) % SLOTS) {
		if (nocase_is_short(&package_words[package_slots[i] - 1], key, name.len))
			return &packages[package_slots[i] - 1];
	}
	return NULL;
}

const struct h248_item *h248_item_find(struct slice package, enum h248_item_kind kind,
				       struct slice name, struct slice of)
{
	uint64_t package_key = nocase_load(package.p, package.len);
	struct nocase key = nocase_of(name);
	const struct h248_package_info *info;

	if (package.len > PACKAGE_MAX)
		return NULL;
	for (unsigned i = item_slot(kind, package_key, key); item_slots[i]; i = (i + 1) % SLOTS) {
		unsigned n = item_slots[i] - 1u;

		if (items[n].kind == kind && nocase_is(&item_words[n].name, key, name) &&
		    nocase_is_short(&item_words[n].package, package_key, package.len) &&
		    of.len == item_words[n].of.len &&
		    (of.len == 0 || nocase_equal(of, item_words[n].of)))
			return &items[n];
	}
	info = h248_package_find(package);
	if (info && info->extends)
		return h248_item_find(slice_str(info->extends), kind, name, of);
	return NULL;
}

const struct h248_package_info *h248_package_at(size_t n)
{
	return n < PACKAGES ? &packages[n] : NULL;
}

const struct h248_item *h248_item_at(size_t n)
{
	return n < ITEMS ? &items[n] : NULL;
}

size_t h248_package_place(const struct h248_package_info *package)
{
	return (size_t)(package - packages);
}

size_t h248_item_place(const struct h248_item *item)
{
	return (size_t)(item - items);
}

static bool is_hex(struct slice v)
{
	for (size_t i = 0; i < v.len; i++) {
		char c = (char)(v.p[i] | 0x20);

		if (!(v.p[i] >= '0' && v.p[i] <= '9') && !(c >= 'a' && c <= 'f'))
			return false;
	}
	return v.len > 0;
}

static bool is_integer(struct slice v)
{
	uint64_t n;

	if (v.len > 2 && v.p[0] == '0' && (v.p[1] == 'x' || v.p[1] == 'X'))
		return v.len <= 18 && is_hex(slice_make(v.p + 2, v.len - 2));
	if (v.len && v.p[0] == '-')
		v = slice_make(v.p + 1, v.len - 1);
	return slice_u64(v, UINT64_MAX, &n) == 0;
}

static bool is_double(struct slice v)
{
	struct slice whole;
	uint64_t n;

	if (is_integer(v))
		return true;
	if (v.len && v.p[0] == '-')
		v = slice_make(v.p + 1, v.len - 1);
	whole = slice_cut(&v, '.');
	return slice_u64(whole, UINT64_MAX, &n) == 0 && v.p && slice_u64(v, UINT64_MAX, &n) == 0;
}

bool h248_value_fits(const struct h248_item *item, struct slice value)
{
	struct slice rest, one;

	switch (item->type) {
	case H248_T_INTEGER:
		return is_integer(value);
	case H248_T_DOUBLE:
		return is_double(value);
	case H248_T_BOOLEAN:
		return NOCASE_IS(value, "on") || NOCASE_IS(value, "off");
	case H248_T_OCTETS:
		return is_hex(value) && value.len % 2 == 0;
	case H248_T_HEX8:
		return is_hex(value) && value.len <= 2;
	case H248_T_ENUMERATION:
		for (rest = slice_str(item->values); rest.p;) {
			one = slice_cut(&rest, ' ');
			if (nocase_equal(one, value))
				return true;
		}
		return false;
	default:
		return true;
	}
}
