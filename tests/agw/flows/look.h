/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Looking at a running gateway from outside, for tests of what it costs and counts. */
#ifndef TESTS_AGW_FLOWS_LOOK_H
#define TESTS_AGW_FLOWS_LOOK_H

#include <stdbool.h>

/* The line for rig_start() that makes metric() work. */
#define METRICS "metrics = 10.0.0.7:9432\n"

/* All of the metrics endpoint's answer. */
const char *metrics_text(void);
/* A value from the metrics endpoint, named without its "ims_agw_"; the test fails without it. */
long metric(const char *name);
/* Does it come to this value within ms? The controller works meanwhile. */
bool metric_reaches(const char *name, long value, int ms);

#endif
