/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agw/control/quality.h"

static const uint32_t percents[] = {0, 1, 2, 5, 10, 20, 50},
		      milliseconds[] = {1, 2, 5, 10, 20, 50, 100, 200, 500, 1000};
#define BOUNDS(list) list, sizeof(list) / sizeof((list)[0])

static const struct {
	const char *name, *help;
	const uint32_t *bounds;
	size_t n;
} kinds[QUALITY_KINDS] = {
    [QUALITY_LOST] = {"rtp_lost_percent",
		      "RTP streams that have ended, by what was lost on the way from the peer",
		      BOUNDS(percents)},
    [QUALITY_REPORTED_LOST] = {"rtp_reported_lost_percent",
			       "the same, of what was lost on the way to the peer, by its last "
			       "RTCP report",
			       BOUNDS(percents)},
    [QUALITY_JITTER] = {"rtp_jitter_ms", "the same, by jitter of what came from the peer",
			BOUNDS(milliseconds)},
    [QUALITY_REPORTED_JITTER] = {"rtp_reported_jitter_ms",
				 "the same, by jitter of what reached the peer, by its last RTCP "
				 "report",
				 BOUNDS(milliseconds)},
    [QUALITY_ROUND_TRIP] = {"rtp_round_trip_ms",
			    "the same, by the way to the peer and back, from RTCP",
			    BOUNDS(milliseconds)},
};

const char *quality_name(enum quality_kind kind)
{
	return kinds[kind].name;
}

const char *quality_help(enum quality_kind kind)
{
	return kinds[kind].help;
}

static unsigned percent(uint64_t part, uint64_t whole)
{
	return whole ? (unsigned)((part * 100 + whole - 1) / whole) : 0;
}

unsigned quality_lost_percent(const struct media_leg_stats *st)
{
	return percent(st->rtp_lost, st->packets_in + st->rtp_lost);
}

static void note(struct quality *q, enum quality_kind kind, uint64_t value)
{
	q->of[kind].bounds = kinds[kind].bounds;
	q->of[kind].n = kinds[kind].n;
	metric_observe(&q->of[kind], value);
}

static uint64_t ms(uint64_t us)
{
	return (us + 999) / 1000;
}

void quality_note(struct quality *q, const struct media_leg_stats *st)
{
	if (st->packets_in) {
		note(q, QUALITY_LOST, quality_lost_percent(st));
		note(q, QUALITY_JITTER, ms(st->rtp_jitter_us));
	}
	if (st->rtp_reports) {
		note(q, QUALITY_REPORTED_LOST, percent(st->rtp_peer_fraction, 256));
		note(q, QUALITY_REPORTED_JITTER, ms(st->rtp_peer_jitter_us));
	}
	if (st->rtp_delay_us)
		note(q, QUALITY_ROUND_TRIP, ms(st->rtp_delay_us));
}
