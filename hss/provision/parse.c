/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A text of blocks: subscriptions, and shared sets of filter criteria. */
#include <stdlib.h>

#include "base/base64.h"
#include "hss/provision/line.h"
#include "hss/provision/provision.h"

/* The state of one parse: the block that is open, and where we are. */
struct parse {
	const struct provision_handlers *handlers;
	void *arg;
	struct subscription *sub; /* of a set: its criteria */
	struct words words;
	unsigned int line;
	enum { NO_BLOCK, SUBSCRIPTION, SHARED_SET, BESIDE } open;
	uint32_t set;
	/* of what stands beside subscriptions */
	struct slice head; /* its first line */
	char *data;
	size_t len;
};

enum { DATA_MAX = 128 << 10 }; /* of one block: more than any application server may keep */

/* shared-ifcs N */
static int begin_set(struct parse *p, const struct why *why)
{
	if (p->words.n != 2)
		return line_fail(why, "\"shared-ifcs\" has a number behind it");
	if (line_number(p->words.w[1], "shared-ifcs", SHARED_SET_MAX, &p->set, why))
		return -1;
	if (!p->handlers->set)
		return line_fail(why, "there are no shared sets here");
	p->open = SHARED_SET;
	subscription_clear(p->sub);
	return 0;
}

static int begin_subscription(struct parse *p, const struct why *why)
{
	if (p->words.n > 1)
		return line_fail(why, "\"subscription\" stands alone");
	p->open = SUBSCRIPTION;
	subscription_clear(p->sub);
	return 0;
}

int provision_beside(struct slice word)
{
	static const char *const names[] = {[BESIDE_SH_DATA] = "sh-data",
					    [BESIDE_SH_NOTIFY] = "sh-notify",
					    [BESIDE_SH_GRANT] = "sh-grant",
					    [BESIDE_SLF] = "slf"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (slice_eq(word, slice_str(names[i])))
			return (int)i;
	return -1;
}

static int begin_beside(struct parse *p, struct slice line, const struct why *why)
{
	if (!p->handlers->beside)
		return line_fail(why, "there are subscriptions only here");
	p->head = line;
	p->open = BESIDE;
	p->len = 0;
	return 0;
}

/* data BASE64 */
static int data_line(struct parse *p, const struct why *why)
{
	char *more;
	int n;

	if (p->words.n != 2 || !slice_eq(p->words.w[0], SLICE_LIT("data")))
		return line_fail(why, "this block has lines \"data BASE64\" only");
	if (p->len + p->words.w[1].len > DATA_MAX)
		return line_fail(why, "there is too much data in one block");
	more = realloc(p->data, p->len + p->words.w[1].len);
	if (!more)
		return line_fail(why, "no memory");
	p->data = more;
	n = b64_decode(p->words.w[1], (uint8_t *)p->data + p->len, p->words.w[1].len);
	if (n < 0)
		return line_fail(why, "the data are no base64");
	p->len += (size_t)n;
	return 0;
}

static int end_block(struct parse *p, const struct why *why)
{
	if (p->open == BESIDE) {
		p->open = NO_BLOCK;
		words_split(p->head, &p->words); /* as it was split when the block began */
		return p->handlers->beside(&p->words, slice_make(p->data, p->len), p->arg,
					   why->text, why->size);
	}
	if (p->open == SHARED_SET) {
		p->open = NO_BLOCK;
		if (p->sub->n_ifc == 0)
			return line_fail(why, "a shared set needs an ifc");
		return p->handlers->set(p->set, p->sub, p->arg, why->text, why->size);
	}
	p->open = NO_BLOCK;
	if (provision_complete(p->sub, why->text, why->size))
		return -1;
	return p->handlers->subscription(p->sub, p->arg, why->text, why->size);
}

static int parse_line(struct parse *p, struct slice line, const struct why *why)
{
	int err = words_split(line, &p->words);
	bool subscription, set, beside;

	if (err)
		return line_fail(why, "%s", words_strerror(err));
	if (p->words.n == 0)
		return 0;
	subscription = slice_eq(p->words.w[0], SLICE_LIT("subscription"));
	set = slice_eq(p->words.w[0], SLICE_LIT("shared-ifcs"));
	beside = provision_beside(p->words.w[0]) >= 0;
	if ((subscription || set || beside) && p->open)
		return line_fail(why, "\"end\" is missing before this line");
	if (set)
		return begin_set(p, why);
	if (subscription)
		return begin_subscription(p, why);
	if (beside)
		return begin_beside(p, line, why);
	if (!p->open)
		return line_fail(why, "\"subscription\" is missing before this line");
	if (slice_eq(p->words.w[0], SLICE_LIT("end")))
		return end_block(p, why);
	if (p->open == BESIDE)
		return data_line(p, why);
	return p->open == SHARED_SET ? provision_set_line(p->sub, &p->words, why->text, why->size)
				     : provision_line(p->sub, &p->words, why->text, why->size);
}

int provision_parse(struct slice text, provision_h handler, void *arg, char *why, size_t size)
{
	const struct provision_handlers handlers = {.subscription = handler};

	return provision_parse_from(text, 1, &handlers, arg, why, size);
}

int provision_parse_from(struct slice text, unsigned int line,
			 const struct provision_handlers *handlers, void *arg, char *why_text,
			 size_t size)
{
	char reason[PROVISION_WHY_SIZE] = "";
	const struct why why = {reason, sizeof(reason)};
	struct parse *p = calloc(1, sizeof(*p));
	int err = 0;

	if (p)
		p->sub = subscription_new();
	if (!p || !p->sub) {
		snprintf(why_text, size, "no memory");
		free(p);
		return -1;
	}
	p->handlers = handlers;
	p->arg = arg;
	p->line = line - 1;
	while (text.p && err == 0) {
		p->line++;
		err = parse_line(p, slice_cut(&text, '\n'), &why);
	}
	if (err == 0 && p->open)
		err = line_fail(&why, "the last block has no \"end\"");
	if (err)
		snprintf(why_text, size, "line %u: %s", p->line, reason);
	subscription_free(p->sub);
	free(p->data);
	explicit_bzero(p, sizeof(*p));
	free(p);
	return err;
}
