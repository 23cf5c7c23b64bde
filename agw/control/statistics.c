/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The statistics that the gateway keeps for each termination, one row each. */
#include "agw/control/items.h"

static struct slice number(struct h248_arena *a, uint64_t v)
{
	return h248_printf(a, "%llu", (unsigned long long)v);
}

/* Milliseconds (E.11.4). */
static struct slice duration(const struct media_leg_stats *sum, int64_t open_ms,
			     struct h248_arena *a)
{
	(void)sum;
	return number(a, (uint64_t)open_ms);
}

static struct slice octets_sent(const struct media_leg_stats *sum, int64_t open_ms,
				struct h248_arena *a)
{
	(void)open_ms;
	return number(a, sum->octets_out);
}

static struct slice octets_received(const struct media_leg_stats *sum, int64_t open_ms,
				    struct h248_arena *a)
{
	(void)open_ms;
	return number(a, sum->octets_in);
}

static struct slice packets_sent(const struct media_leg_stats *sum, int64_t open_ms,
				 struct h248_arena *a)
{
	(void)open_ms;
	return number(a, sum->packets_out);
}

static struct slice packets_received(const struct media_leg_stats *sum, int64_t open_ms,
				     struct h248_arena *a)
{
	(void)open_ms;
	return number(a, sum->packets_in);
}

/* Percent (E.12.4). */
static struct slice loss(const struct media_leg_stats *sum, int64_t open_ms, struct h248_arena *a)
{
	uint64_t all = sum->packets_in + sum->rtp_lost;

	(void)open_ms;
	return h248_printf(a, "%.2f", all ? 100.0 * (double)sum->rtp_lost / (double)all : 0.0);
}

/* RTP timestamp units; the clock is taken as 8,000 a second, as the media plane does. */
static struct slice timestamp_units(struct h248_arena *a, uint64_t us)
{
	return number(a, us * 8 / 1000);
}

static struct slice jitter(const struct media_leg_stats *sum, int64_t open_ms, struct h248_arena *a)
{
	(void)open_ms;
	return timestamp_units(a, sum->rtp_jitter_us);
}

/* One way; what is known is the way there and back. */
static struct slice delay(const struct media_leg_stats *sum, int64_t open_ms, struct h248_arena *a)
{
	(void)open_ms;
	return timestamp_units(a, sum->rtp_delay_us / 2);
}

static const struct statistic_item items[] = {
    {"nt", "dur", false, duration},	   {"nt", "os", false, octets_sent},
    {"nt", "or", false, octets_received},  {"rtp", "ps", true, packets_sent},
    {"rtp", "pr", true, packets_received}, {"rtp", "pl", true, loss},
    {"rtp", "jit", true, jitter},	   {"rtp", "delay", true, delay},
};
enum { ITEMS = sizeof(items) / sizeof(items[0]) };

int statistics_declare(struct h248_support *support)
{
	for (size_t i = 0; i < ITEMS; i++)
		if (items_add(support, items[i].package, H248_STATISTIC, items[i].name, 0, NULL) <
		    0)
			return -1;
	return 0;
}

/* Add one stream's to a sum; jitter and delay are those of the last RTP stream. */
static void add(const struct stream *s, struct media_leg_stats *sum, int64_t *since_ms, bool *rtp)
{
	struct media_leg_stats one;

	if (!s->leg)
		return;
	media_leg_stats(s->leg, &one);
	sum->packets_in += one.packets_in;
	sum->packets_out += one.packets_out;
	sum->octets_in += one.octets_in;
	sum->octets_out += one.octets_out;
	sum->rtp_lost += one.rtp_lost;
	if (media_proto_is_rtp(s->proto)) {
		*rtp = true;
		sum->rtp_jitter_us = one.rtp_jitter_us;
		sum->rtp_delay_us = one.rtp_delay_us;
	}
	if (s->opened_ms < *since_ms)
		*since_ms = s->opened_ms;
}

static void put(const struct media_leg_stats *sum, int64_t open_ms, bool rtp, struct h248_arena *a,
		struct h248_parm **list)
{
	for (size_t i = 0; i < ITEMS; i++)
		if (rtp || !items[i].rtp_only)
			h248_new_parm(a, list, items[i].package, items[i].name,
				      items[i].print(sum, open_ms, a), false);
}

void audit_statistics(const struct termination *t, struct h248_arena *a, struct h248_command *reply,
		      int64_t now_ms)
{
	struct h248_descriptor *d = h248_new_descriptor(a, reply, H248_D_STATISTICS);
	struct media_leg_stats sum = {0};
	int64_t since = now_ms;
	bool rtp = false;

	if (!d)
		return;
	for (const struct stream *s = t->streams; s; s = s->next)
		add(s, &sum, &since, &rtp);
	put(&sum, now_ms - since, rtp, a, &d->u.statistics);
}

void audit_stream_statistics(const struct stream *s, struct h248_arena *a, struct h248_stream *out,
			     int64_t now_ms)
{
	struct media_leg_stats sum = {0};
	int64_t since = now_ms;
	bool rtp = false;

	if (!s->statistics || !out)
		return;
	add(s, &sum, &since, &rtp);
	out->has_statistics = true;
	put(&sum, now_ms - since, rtp, a, &out->statistics);
}

void audit_streams_statistics(const struct termination *t, struct h248_arena *a,
			      struct h248_command *reply, int64_t now_ms)
{
	struct h248_descriptor *d = NULL;

	for (const struct stream *s = t->streams; s; s = s->next) {
		if (!s->statistics)
			continue;
		if (!d)
			d = h248_new_descriptor(a, reply, H248_D_MEDIA);
		audit_stream_statistics(s, a, h248_new_stream(a, d, s->id), now_ms);
	}
}
