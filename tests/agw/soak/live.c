/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agw/soak/live.h"
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "agw/rig.h"

/* On one machine nothing is under way for longer, however busy it is. */
enum { ARRIVAL_MS = 10000, JOIN_MS = 30000 };
/* Before the sequence numbers roll over: libre begins every key with the counter at zero. */
enum { REKEY_TICKS = 100 };

struct live_totals live_totals;

static const struct live_media *media_of(const struct live *l)
{
	return l->kind == LIVE_SRTP ? &live_srtp : l->kind == LIVE_RTP6 ? &live_rtp6 : &live_stream;
}

void live_failed(const char *fmt, ...)
{
	va_list ap;

	if (live_totals.n_failures++)
		return;
	va_start(ap, fmt);
	vsnprintf(live_totals.failure, sizeof(live_totals.failure), fmt, ap);
	va_end(ap);
}

static void enter(struct live *l, int state)
{
	l->state = state;
	l->since_ms = 0;
}

struct live *live_new(unsigned n)
{
	static const enum live_kind kinds[] = {LIVE_SRTP, LIVE_RTP6, LIVE_SRTP, LIVE_MSRP,
					       LIVE_BFCP};
	struct live *l = calloc(1, sizeof(*l));

	if (!l)
		abort();
	l->number = n;
	l->kind = kinds[n % (sizeof(kinds) / sizeof(kinds[0]))];
	l->ue = l->far = -1;
	live_totals.calls++;
	media_of(l)->open(l);
	media_of(l)->add(l);
	return l;
}

static void addresses(struct live *l)
{
	netaddr_parse(l->kind == LIVE_RTP6 ? SLICE_LIT("fd00:1::7") : SLICE_LIT(ACCESS),
		      &l->access);
	netaddr_parse(SLICE_LIT(CORE), &l->core);
	l->access.port = (uint16_t)l->access_port;
	l->core.port = (uint16_t)l->core_port;
}

/* Ports of a reply with both Adds in it, the access side's first. */
static void take_ports(struct live *l, const char *reply)
{
	const char *second = strstr(reply, "Add = ");

	l->context = after(reply, "Context = ");
	second = second ? strstr(second + 1, "Add = ") : NULL;
	for (const char *p = strstr(reply, "m="); p; p = strstr(p + 2, "m=")) {
		int port = 0;

		if (sscanf(p, "m=%*s %d", &port) == 1 && second && p < second)
			l->access_port = port;
		else
			l->core_port = port;
	}
	addresses(l);
}

void live_answered(const char *reply, void *live)
{
	struct live *l = live;

	if (strstr(reply, "Error") || strcmp(reply, "no reply") == 0) {
		live_failed("call %u: %s", l->number, reply);
		l->ending = true;
	}
	if (l->state == CALLING) {
		take_ports(l, reply);
		enter(l, JOINING);
	} else if (l->state == ASKED) {
		media_of(l)->new_keys(l);
		live_totals.rekeyed++;
		enter(l, TALKING);
	} else {
		enter(l, OVER);
	}
}

void live_came(struct live *l, enum direction d, uint32_t n)
{
	if (n == l->got[d]) {
		l->got[d]++;
	} else if (n > l->got[d] && n < l->sent[d]) {
		live_totals.lost += n - l->got[d];
		live_failed("call %u kind %d: %u comes where %u is due", l->number, l->kind, n,
			    l->got[d]);
		l->got[d] = n + 1;
	} else {
		live_totals.wrong++;
		live_failed("call %u kind %d: %u again", l->number, l->kind, n);
	}
}

static void subtract(struct live *l)
{
	if (media_of(l)->hang_up)
		media_of(l)->hang_up(l);
	enter(l, SUBTRACTING);
	if (l->context > 0)
		mgc_ask(live_answered, l, "Context = %d { Subtract = * }", l->context);
	else
		enter(l, OVER);
}

/* Nothing is sent: everything has come, or the rest is lost. */
static bool all_arrived(struct live *l, int64_t now_ms)
{
	if (l->got[TO_UE] == l->sent[TO_UE] && l->got[TO_FAR] == l->sent[TO_FAR])
		return true;
	if (now_ms - l->since_ms < ARRIVAL_MS)
		return false;
	for (int d = 0; d < 2; d++) {
		live_totals.lost += l->sent[d] - l->got[d];
		if (l->sent[d] != l->got[d])
			live_failed("call %u kind %d: %u of %u have come %s", l->number, l->kind,
				    l->got[d], l->sent[d],
				    d == TO_UE ? "to the UE" : "to the far end");
		l->got[d] = l->sent[d];
	}
	return true;
}

static void joining(struct live *l, int64_t now_ms)
{
	if (l->ending) {
		subtract(l);
	} else if (media_of(l)->join(l)) {
		enter(l, TALKING);
	} else if (now_ms - l->since_ms > JOIN_MS) {
		live_failed("call %u kind %d does not come about", l->number, l->kind);
		l->ending = true;
	}
}

static void talking(struct live *l)
{
	const struct live_media *m = media_of(l);

	if (l->ending || (m->rekey && l->ticks >= REKEY_TICKS && !l->rekeyed)) {
		enter(l, PAUSE);
		return;
	}
	if (l->ticks++ % m->every)
		return;
	for (int d = 0; d < 2; d++) {
		/* Who waits to be latched is sent nothing until he has been heard. */
		if (l->kind == LIVE_RTP6 && d == TO_UE && !l->got[TO_FAR])
			continue;
		m->send(l, (enum direction)d);
		l->sent[d]++;
	}
}

void live_tick(struct live *l, int64_t now_ms)
{
	if (!l->since_ms)
		l->since_ms = now_ms;
	if (l->state == TALKING || l->state == PAUSE)
		media_of(l)->receive(l);
	if (l->state == JOINING) {
		joining(l, now_ms);
	} else if (l->state == TALKING) {
		talking(l);
	} else if (l->state == PAUSE && all_arrived(l, now_ms)) {
		if (l->ending) {
			subtract(l);
		} else {
			l->rekeyed = true;
			enter(l, ASKED);
			media_of(l)->rekey(l);
		}
	}
}

bool live_talks(const struct live *l)
{
	return l->state == TALKING || l->state == PAUSE || l->state == ASKED;
}

void live_end(struct live *l)
{
	l->ending = true;
}

bool live_ending(const struct live *l)
{
	return l->ending;
}

bool live_over(const struct live *l)
{
	return l->state == OVER;
}

void live_free(struct live *l)
{
	media_of(l)->close(l);
	if (l->ue >= 0)
		close(l->ue);
	if (l->far >= 0)
		close(l->far);
	free(l);
}
