/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "modules/ims_alg/control/names.h"

#include <string.h>

/* The first of each row is the one that is sent by default. Case does not matter. */
static const char *const known[MGC_NAMES][2] = {
    [MGC_TCP_ESTABLISH] = {"tcpbcc/EstBNC", "tcpbcc/EstablishBNC"},
    [MGC_TLS_ESTABLISH] = {"tlsbsc/EstablishBNC", "tlsbsc/EstBNC"},
    [MGC_TCP_CHANGE] = {"tcpbcc/BNCChange"},
    [MGC_TLS_CHANGE] = {"tlsbsc/BNCChange"},
    [MGC_OVERLOAD] = {"ocp/mg_overload"},
};

void mgc_names_default(struct mgc_names *names)
{
	for (int i = 0; i < MGC_NAMES; i++)
		strcpy(names->text[i], known[i][0]);
}

static bool is_name(struct slice s)
{
	for (size_t i = 0; i < s.len; i++) {
		char c = s.p[i], letter = (char)(c | 0x20);
		bool is_letter = letter >= 'a' && letter <= 'z';

		if (!is_letter && (i == 0 || !((c >= '0' && c <= '9') || c == '_')))
			return false;
	}
	return s.len > 0;
}

int mgc_names_set(struct mgc_names *names, enum mgc_name which, struct slice text)
{
	struct slice item = text, package = slice_cut(&item, '/');

	if (text.len >= MGC_NAME_MAX || which >= MGC_NAMES)
		return -1;
	if (text.len && (!item.p || !is_name(package) || !is_name(item)))
		return -1;
	return slice_copy(text, names->text[which], MGC_NAME_MAX);
}

bool mgc_names_split(const struct mgc_names *names, enum mgc_name which, char buf[MGC_NAME_MAX],
		     const char **package, const char **item)
{
	char *slash;

	strcpy(buf, names->text[which]);
	slash = strchr(buf, '/');
	if (!slash)
		return false;
	*slash = '\0';
	*package = buf;
	*item = slash + 1;
	return true;
}

static bool is(const char *text, const struct h248_name *came)
{
	struct slice item = slice_str(text), package = slice_cut(&item, '/');

	return item.p && slice_eq_nocase(package, came->pkg) && slice_eq_nocase(item, came->item);
}

bool mgc_names_is(const struct mgc_names *names, enum mgc_name which, const struct h248_name *came)
{
	if (is(names->text[which], came))
		return true;
	for (int i = 0; i < 2 && known[which][i]; i++)
		if (is(known[which][i], came))
			return true;
	return false;
}

enum mgc_change mgc_change_of(struct slice type)
{
	static const struct {
		const char *word;
		enum mgc_change change;
	} words[] = {
	    {"Est", MGC_CHANGE_UP},	    {"Established", MGC_CHANGE_UP},
	    {"EstFail", MGC_CHANGE_FAILED}, {"EstablishmentFailure", MGC_CHANGE_FAILED},
	    {"Failed", MGC_CHANGE_FAILED},  {"Rel", MGC_CHANGE_ENDED},
	    {"Released", MGC_CHANGE_ENDED},
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (slice_eq_nocase(type, slice_str(words[i].word)))
			return words[i].change;
	return MGC_CHANGE_UNKNOWN;
}
