/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of rules in docs/modules/ims_alg.md: each number is there once, and each story and test that
 * it names is there, too. */
#include "unit/unit.h"

#include <dirent.h>
#include <string.h>

#define PAGE	"docs/modules/ims_alg.md"
#define STORIES "tests/unit/ims_alg/stories"

enum { ROWS = 92 };

static char names[1 << 16]; /* "\n" and the name of each story */

static size_t read_file(const char *path, char *buf, size_t size)
{
	FILE *f = fopen(path, "r");
	size_t n;

	ck_assert_msg(f != NULL, "%s", path);
	n = fread(buf, 1, size - 1, f);
	fclose(f);
	ck_assert_msg(n < size - 1, "%s is too long", path);
	buf[n] = '\0';
	return n;
}

static void read_stories(void)
{
	static char text[1 << 19];
	DIR *d = opendir(STORIES);
	struct dirent *e;

	ck_assert_ptr_nonnull(d);
	while ((e = readdir(d)) != NULL) {
		char path[512];

		if (!strstr(e->d_name, ".txt"))
			continue;
		snprintf(path, sizeof(path), "%s/%s", STORIES, e->d_name);
		read_file(path, text, sizeof(text));
		for (char *l = strtok(text, "\n"); l; l = strtok(NULL, "\n"))
			if (strncmp(l, "== ", 3) == 0)
				snprintf(names + strlen(names), sizeof(names) - strlen(names),
					 "\n%s", l + 3);
	}
	closedir(d);
	strcat(names, "\n");
}

/* A name of a story may itself have a ';': take the longest piece that is one. Returns what is behind
 * it, or NULL. */
static char *skip_story(char *p)
{
	for (size_t len = strlen(p); len; len--) {
		char name[512];

		if (p[len] && strncmp(p + len, "; ", 2))
			continue;
		snprintf(name, sizeof(name), "\n%.*s\n", (int)len, p);
		if (strstr(names, name))
			return p + len;
	}
	return NULL;
}

static void check_test(int row, const char *p)
{
	static char text[1 << 17];
	char file[64], test[128], path[256], start[256];

	ck_assert_msg(sscanf(p, "%63[a-z_] %127[a-z_0-9]", file, test) == 2, "row %d: %s", row, p);
	snprintf(path, sizeof(path), "tests/unit/ims_alg/%s.c", file);
	read_file(path, text, sizeof(text));
	snprintf(start, sizeof(start), "START_TEST(%s)", test);
	ck_assert_msg(strstr(text, start) != NULL, "row %d: no %s in %s", row, test, path);
}

static void check_cell(int row, char *p)
{
	while (*p) {
		if (strncmp(p, "story ", 6) == 0) {
			char *behind = skip_story(p + 6);

			ck_assert_msg(behind != NULL, "row %d: no story %s", row, p + 6);
			p = behind;
		} else {
			if (strncmp(p, "test_", 5) == 0)
				check_test(row, p);
			else
				ck_assert_msg(strncmp(p, "agw: ", 5) == 0 ||
						  strncmp(p, "not yet: ", 9) == 0,
					      "row %d: %s", row, p);
			p = strstr(p, "; ") ? strstr(p, "; ") : p + strlen(p);
		}
		if (strncmp(p, "; ", 2) == 0)
			p += 2;
	}
}

START_TEST(each_rule_names_what_shows_it)
{
	static char page[1 << 17];
	int seen[ROWS + 1] = {0};

	read_stories();
	read_file(PAGE, page, sizeof(page));
	for (char *line = page, *next; line; line = next) {
		char *cell = line;
		int row = 0;

		next = strchr(line, '\n');
		if (next)
			*next++ = '\0';
		if (sscanf(line, "| %d |", &row) != 1 || row < 1 || row > ROWS)
			continue;
		seen[row]++;
		for (int i = 0; i < 3 && cell; i++)
			cell = strstr(cell + 1, "| ");
		ck_assert_msg(cell != NULL, "row %d", row);
		cell += 2;
		ck_assert_msg(strlen(cell) > 2 && strcmp(cell + strlen(cell) - 2, " |") == 0,
			      "row %d", row);
		cell[strlen(cell) - 2] = '\0';
		check_cell(row, cell);
	}
	for (int i = 1; i <= ROWS; i++)
		ck_assert_msg(seen[i] == 1, "row %d is there %d times", i, seen[i]);
}
END_TEST

UNIT_MAIN("ims_alg rows", each_rule_names_what_shows_it)
