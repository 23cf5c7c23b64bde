/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Vectors before, while and after the master key of the store is rotated. HSSCTL is the command to say so. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "aka/auth.h"
#include "base/slice.h"
#include "scenarios.h"

static struct dm request, answer;
static uint64_t last_sqn;

static int64_t now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* A MAR, and its vector as the ISIM of user1 would judge it. Returns how long it took. */
static int64_t authenticate(struct peer *scscf)
{
	struct aka_key key = {.algorithm = AKA_MILENAGE};
	struct dm_avp item, challenge, xres;
	struct aka_answer a = {.sqn = 0};
	int64_t began = now_us(), took;

	slice_hex(SLICE_LIT("465b5ce8b199b49faa5f0a2ee238a6bc"), key.milenage.k, 16);
	slice_hex(SLICE_LIT("cd63cb71954a9f4e48a5994e37a02baf"), key.milenage.opc, 16);
	make_mar(scscf, &request, USER1, PUBLIC1, "Digest-AKAv1-MD5", 1, NULL);
	if (!CHECK(request_send(scscf, &request, &answer)))
		return 0;
	took = now_us() - began;
	CHECK_ANSWER(scscf, &request, &answer, 2001, false);
	if (!CHECK(dm_find(dm_avps(&answer), 612, TGPP, 0, &item) &&
		   dm_find(dm_group(&item), 609, TGPP, 0, &challenge) && challenge.len == 32 &&
		   dm_find(dm_group(&item), 610, TGPP, 0, &xres) && xres.len == 8))
		return took;
	CHECK(aka_autn_check(&key, challenge.data, challenge.data + 16, &a) == 0);
	CHECK(memcmp(a.res, xres.data, 8) == 0);
	CHECK(a.sqn > last_sqn);
	last_sqn = a.sqn;
	return took;
}

static void hssctl(const char *command, char *out, size_t size)
{
	const char *program = getenv("HSSCTL");
	char line[1024];
	size_t n = 0;
	FILE *f;

	snprintf(line, sizeof(line), "%s %s 2>&1", program ? program : "hssctl", command);
	f = popen(line, "re");
	if (f) {
		n = fread(out, 1, size - 1, f);
		CHECK_MSG(pclose(f) == 0, "%s", command);
	}
	out[n] = '\0';
}

/* Private identities that are not under the present key yet, and whether somebody is at it. */
static uint64_t left(bool *busy)
{
	static char status[16384];
	uint64_t n = 0;

	hssctl("status", status, sizeof(status));
	for (char *save, *line = strtok_r(status, "\n", &save); line;
	     line = strtok_r(NULL, "\n", &save)) {
		if (strcmp(line, "sealing_anew yes") == 0 || strcmp(line, "sealing_anew no") == 0)
			*busy = line[13] == 'y';
		else if (strncmp(line, "sealed_under ", 13) == 0 && !strstr(line, " current"))
			n += strtoull(line + 13 + 17, NULL, 10);
		else if (strncmp(line, "not_sealed ", 11) == 0)
			n += strtoull(line + 11, NULL, 10);
	}
	return n;
}

void play_rotation(struct peer *scscf)
{
	int64_t most = 0, end = now_us() + INT64_C(1000) * 6 * PATIENCE_MS;
	unsigned int during = 0;
	bool busy = true;
	uint64_t n;
	char said[256];

	authenticate(scscf);
	hssctl("master-key rotate", said, sizeof(said));
	for (n = left(&busy); busy && now_us() < end;) {
		uint64_t before = n;

		for (int i = 0; i < 8; i++) {
			int64_t took = authenticate(scscf);

			most = took > most ? took : most;
		}
		n = left(&busy);
		during += before > 0 && n > 0 ? 8 : 0;
	}
	CHECK(!busy && n == 0);
	CHECK_MSG(during > 0, "no MAR fell into the rotation");
	authenticate(scscf);
	printf("%u MAR answered while keys were sealed anew, the slowest in %lld us\n", during,
	       (long long)most);
}

void play_spoilt(struct peer *scscf)
{
	static const char user[] = "u7@home1.net", public[] = "sip:u7@home1.net";

	authenticate(scscf);
	make_mar(scscf, &request, user, public, "Digest-AKAv1-MD5", 1, NULL);
	CHECK(request_send(scscf, &request, &answer));
	CHECK_ANSWER(scscf, &request, &answer, 5012, false);
	CHECK(dm_count(dm_avps(&answer), 612, TGPP) == 0);
	authenticate(scscf); /* nobody else minds */
}
