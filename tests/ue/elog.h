/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What ims-ue writes while it runs: the timeline for people (stdout), the event log (JSON lines),
 * the keys of SAs for tshark, and a short memory of SIP messages that a failure report can quote.
 */
#ifndef UE_ELOG_H
#define UE_ELOG_H

#include "base/slice.h"
#include "ue/text.h"

struct elog_options {
	const char *events_path; /* NULL: none */
	const char *keys_path;	 /* NULL: none */
	int verbose;		 /* -1: notes and failures only; 0; 1: whole messages */
};

/* Returns 0, or -1 (errno) with *what naming the file. */
int elog_open(const struct elog_options *o, const char **what);
void elog_close(void);
/* SIP messages in the timeline or not (scenario line `quiet on`). */
void elog_quiet(bool on);

struct elog_sip {
	const char *ue, *conn, *access; /* "" if not known */
	bool send, tcp, esp, repeated;
	char src[64], dst[64]; /* ip:port */
	uint32_t spi;
	struct slice raw;
	/* From the message: */
	struct slice method, callid, cseq;
	int code;
};
void elog_sip(const struct elog_sip *e);

/* One line of the timeline. */
void elog_line(const char *who, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/*
 * One JSON line: elog_event("media", "ue", "A", "gap_ms", elog_num(812), NULL): names and values by
 * turns. A value that elog_num() made goes out as a number, others as strings. Does nothing without
 * an event log.
 */
void elog_event(const char *ev, ...);
const char *elog_num(int64_t n); /* valid until eight more calls */

/* One line "..." for tshark's esp_sa table. */
void elog_key(const char *line);

/* Append the last messages of one UE ("" = all) to out, the newest whole. */
void elog_recent(struct text *out, const char *ue, unsigned max);
/* Seconds since the start. */
double elog_seconds(void);
void elog_flush(void);

#endif
