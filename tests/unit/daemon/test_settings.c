/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <syslog.h>

#include "daemon/settings.h"
#include "unit/unit.h"

struct room {
	char name[16];
	uint32_t beds;
};

struct house {
	char owner[16];
	uint32_t floors;
	uint16_t port;
	bool lit;
	int log_level;
	char guests[2][16];
	size_t n_guests, n_rooms;
	struct room rooms[2];
};

static int add_guest(void *into, const struct setting *s, const struct words *w, char *why,
		     size_t size)
{
	struct house *h = into;

	if (w->n != 2 || h->n_guests == 2) {
		snprintf(why, size, "%s takes one name, twice at most", s->name);
		return -1;
	}
	return slice_copy(w->w[1], h->guests[h->n_guests++], sizeof(h->guests[0]));
}

static const struct setting table[] = {
    SETTING_AT_TEXT(struct house, "", owner, "Anna", "who lives here"),
    SETTING_AT_NUMBER(struct house, "", floors, 1, 9, "2", "how high it is"),
    {"", "port", SETTING_PORT, offsetof(struct house, port), 0, 1, UINT16_MAX, NULL, "80",
     "its port"},
    SETTING_AT_FLAG(struct house, "", lit, "yes", "whether there is light"),
    {"", "log", SETTING_LEVEL, offsetof(struct house, log_level), 0, 0, 0, NULL, "info", "its log"},
    {"", "guest", SETTING_OTHER, 0, 0, 0, 0, add_guest, "Bert", "who comes; several lines"},
    SETTING_AT_NUMBER(struct room, "room", beds, 0, 4, "1", "beds of a room"),
    {0},
};

static void *section(void *config, struct slice kind, struct slice name, char *why, size_t size)
{
	struct house *h = config;

	if (!slice_eq(kind, SLICE_LIT("room")) || h->n_rooms == 2) {
		snprintf(why, size, "two [room NAME] at most");
		return NULL;
	}
	slice_copy(name, h->rooms[h->n_rooms].name, sizeof(h->rooms[0].name));
	return &h->rooms[h->n_rooms++];
}

static char why[256];

static int parse(const char *text, struct house *h)
{
	memset(h, 0, sizeof(*h));
	why[0] = '\0';
	return settings_parse(slice_str(text), table, section, h, why, sizeof(why));
}

START_TEST(a_value_is_written_with_and_without_an_equals_sign)
{
	static const char *const lines[] = {"floors 3",	 "floors = 3", "floors=3",
					    "floors= 3", "floors =3",  "  floors\t=\t3  # comment"};
	struct house h;

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		ck_assert_msg(parse(lines[i], &h) == 0, "%s: %s", lines[i], why);
		ck_assert_uint_eq(h.floors, 3);
	}
}
END_TEST

START_TEST(every_kind_of_setting_is_read)
{
	struct house h;

	ck_assert_int_eq(
	    parse("owner \"A B\"\nport 65535\nlit On\nlog debug\nguest = Bert\nguest Carl\n"
		  "[room blue]\nbeds 2\n[ room  red ]\nbeds = 4\n",
		  &h),
	    0);
	ck_assert_str_eq(h.owner, "A B");
	ck_assert_uint_eq(h.port, 65535);
	ck_assert(h.lit);
	ck_assert_int_eq(h.log_level, LOG_DEBUG);
	ck_assert_str_eq(h.guests[0], "Bert");
	ck_assert_str_eq(h.guests[1], "Carl");
	ck_assert_uint_eq(h.n_rooms, 2);
	ck_assert_str_eq(h.rooms[0].name, "blue");
	ck_assert_uint_eq(h.rooms[0].beds, 2);
	ck_assert_uint_eq(h.rooms[1].beds, 4);
}
END_TEST

START_TEST(an_address_in_brackets_is_a_value)
{
	struct house h;

	ck_assert_int_eq(parse("owner = [fd00::1]:2944", &h), 0);
	ck_assert_str_eq(h.owner, "[fd00::1]:2944");
}
END_TEST

START_TEST(a_mistake_is_named_with_its_line)
{
	static const struct {
		const char *text, *why;
	} cases[] = {
	    {"owner a\nfloors 10", "line 2: floors takes a number from 1 to 9"},
	    {"floors 0", "line 1: floors takes a number from 1 to 9"},
	    {"floors", "line 1: floors takes one value, such as 2"},
	    {"floors 1 2", "line 1: floors takes one value, such as 2"},
	    {"lit maybe", "line 1: lit is yes or no"},
	    {"log 9", "line 1: log is error, warning, notice, info or debug"},
	    {"owner abcdefghijklmnop", "line 1: owner takes at most 15 octets"},
	    {"beds 1", "line 1: unknown setting 'beds'; --help lists them"},
	    {"[room x]\nowner a", "line 2: unknown setting 'owner' in [room]; --help lists them"},
	    {"[cellar]", "line 1: two [room NAME] at most"},
	    {"\"\" x", "line 1: unknown setting ''; --help lists them"},
	    {"owner \"a", "line 1: a \" is not closed"},
	    {"owner a\001", "line 1: control character"},
	};
	struct house h;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		ck_assert_int_eq(parse(cases[i].text, &h), -1);
		ck_assert_str_eq(why, cases[i].why);
	}
}
END_TEST

START_TEST(help_lists_every_setting_under_its_section)
{
	char *text = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&text, &len);

	settings_help(table, f);
	fclose(f);
	ck_assert_ptr_nonnull(strstr(text, "  owner Anna\n        who lives here\n"));
	ck_assert_ptr_nonnull(strstr(text, "[room]\n  beds 1\n"));
	free(text);
}
END_TEST

UNIT_MAIN("daemon: settings", a_value_is_written_with_and_without_an_equals_sign,
	  every_kind_of_setting_is_read, an_address_in_brackets_is_a_value,
	  a_mistake_is_named_with_its_line, help_lists_every_setting_under_its_section)
