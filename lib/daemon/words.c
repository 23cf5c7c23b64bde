/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/words.h"

const char *words_strerror(int err)
{
	switch (err) {
	case WORDS_ETOOLONG:
		return "line too long";
	case WORDS_ETOOMANY:
		return "too many words";
	case WORDS_EQUOTE:
		return "a \" is not closed";
	case WORDS_EBYTE:
		return "control character";
	}
	return "unknown error";
}

static bool blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

int words_split(struct slice line, struct words *out)
{
	size_t i = 0, o = 0;

	out->n = 0;
	if (line.len >= sizeof(out->text))
		return WORDS_ETOOLONG;
	for (;;) {
		size_t start = o;
		bool quoted = false;

		while (i < line.len && blank(line.p[i]))
			i++;
		if (i == line.len || line.p[i] == '#')
			return 0;
		if (out->n == WORDS_MAX)
			return WORDS_ETOOMANY;
		for (; i < line.len && (quoted || !blank(line.p[i])); i++) {
			char c = line.p[i];

			if ((unsigned char)c < ' ' && c != '\t')
				return WORDS_EBYTE;
			if (c == '"') {
				quoted = !quoted;
				continue;
			}
			if (quoted && c == '\\' && i + 1 < line.len &&
			    (line.p[i + 1] == '"' || line.p[i + 1] == '\\'))
				c = line.p[++i];
			out->text[o++] = c;
		}
		if (quoted)
			return WORDS_EQUOTE;
		out->w[out->n++] = slice_make(out->text + start, o - start);
	}
}

bool word_option(struct slice word, const char *name, struct slice *value)
{
	struct slice rest = word;
	struct slice key = slice_cut(&rest, '=');

	if (!rest.p || !slice_eq(key, slice_str(name)))
		return false;
	*value = rest;
	return true;
}
