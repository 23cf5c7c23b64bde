/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * MSRP through the relay in pieces: whatever comes, it must not crash, must consume what it says,
 * and without rewriting must pass on exactly what it consumed, empty lines between messages left
 * out.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "agw/media/msrp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Is out what in is, but for empty lines? What follows one that was left out begins with a letter. */
static int is_the_same(const char *in, size_t n, const char *out, size_t made)
{
	size_t i = 0, o = 0;

	while (i < n) {
		if (o < made && in[i] == out[o]) {
			i++;
			o++;
		} else if (n - i >= 2 && memcmp(in + i, "\r\n", 2) == 0) {
			i += 2;
		} else {
			return 0;
		}
	}
	return o == made;
}

static void run(const struct msrp_paths *paths, const char *in, size_t size, size_t step)
{
	struct msrp_relay r = {0};
	static char out[MSRP_HEAD_MAX + MSRP_GROWTH_MAX + 4096];
	size_t at = 0, end = 0;

	while (at < size) {
		size_t made = 0;
		ssize_t n;

		end = end + step < size ? end + step : size;
		n = msrp_relay_feed(&r, paths, in + at, end - at, out, sizeof(out), &made);
		if (n < 0)
			return;
		if ((size_t)n > end - at || made > sizeof(out))
			abort();
		if (!paths->rewrite && !is_the_same(in + at, (size_t)n, out, made))
			abort();
		at += (size_t)n;
		if (!n && end == size)
			return;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct msrp_paths untouched = {0};
	static const struct msrp_paths whole = {.rewrite = true,
						.scheme = "msrp",
						.to_path = {"msrp://a:1/s;tcp", 16},
						.from_path = {"msrp://b:2/t;tcp", 16}};
	static const struct msrp_paths parts = {.rewrite = true,
						.scheme = "msrps",
						.to_authority = {"[2001:db8::1]:9", 15},
						.from_authority = {"192.0.2.1:8", 11}};
	size_t step;

	if (!size)
		return 0;
	step = 1 + data[0] * 7u;
	run(&untouched, (const char *)data + 1, size - 1, step);
	run(&whole, (const char *)data + 1, size - 1, step);
	run(&parts, (const char *)data + 1, size - 1, step);
	return 0;
}
