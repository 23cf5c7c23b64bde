/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How RTP fared, for metrics: when a stream ends, what it lost, its jitter and its way there and back
 * are counted in a histogram of its realm each.
 */
#ifndef AGW_CONTROL_QUALITY_H
#define AGW_CONTROL_QUALITY_H

#include "agw/media/media.h"
#include "daemon/metrics.h"

enum quality_kind {
	QUALITY_LOST,		 /* percent of what the peer sent, counted here */
	QUALITY_REPORTED_LOST,	 /* percent of what was sent to the peer, by its RTCP reports */
	QUALITY_JITTER,		 /* ms, measured here */
	QUALITY_REPORTED_JITTER, /* ms, by the peer's RTCP reports */
	QUALITY_ROUND_TRIP,	 /* ms, from RTCP */
	QUALITY_KINDS
};

struct quality {
	struct metric_histogram of[QUALITY_KINDS];
};

/* An RTP stream ends with these counters. What it does not know is not counted. */
void quality_note(struct quality *q, const struct media_leg_stats *st);
/* The family's name without its prefix, and its help. */
const char *quality_name(enum quality_kind kind);
const char *quality_help(enum quality_kind kind);

/* Percent of packets that were lost, of those that the peer sent; rounded up, so that 0 is none. */
unsigned quality_lost_percent(const struct media_leg_stats *st);

#endif
