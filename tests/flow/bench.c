/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bench-flow-core lookup N        time to find a flow set by its token among N
 * bench-flow-core xfrm N          add and delete the SAs and policies of N sets in this kernel, by
 * lib/xfrm bench-flow-core batch N FILE    the same additions as a file for `ip -batch`
 */
#include "modules/ims_flow/core/flow_token.h"
#include "modules/ims_flow/core/kernel_map.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static double now_s(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static struct sa_set set_of(uint32_t n)
{
	return (struct sa_set){.alg = XFRM_ALG_HMAC_SHA1_96,
			       .ealg = XFRM_EALG_AES_CBC,
			       .port_uc = 5064,
			       .port_us = 5065,
			       .port_pc = 5062,
			       .port_ps = 5061,
			       .spi_uc = 0x10000 + 4 * n,
			       .spi_us = 0x10001 + 4 * n,
			       .spi_pc = 0x10002 + 4 * n,
			       .spi_ps = 0x10003 + 4 * n};
}

static struct netaddr ue_of(uint32_t n)
{
	return (struct netaddr){
	    .family = 4, .ip = {10, (uint8_t)(128 + (n >> 16)), (uint8_t)(n >> 8), (uint8_t)n}};
}

static const struct kept_clock clock_now;
static const struct netaddr local = {.family = 4, .ip = {10, 1, 0, 1}};

static int lookup(uint32_t n)
{
	struct flow_token_keys keys;
	struct flow_table *t;
	size_t bytes = flow_table_bytes(n);
	void *memory = calloc(1, bytes);
	char(*tokens)[FLOW_TOKEN_LEN + 1] = malloc((size_t)n * sizeof(*tokens));
	uint64_t x = 88172645463325252ull, found = 0;
	const unsigned rounds = 2000000;
	uint32_t torn;
	double began, took;

	if (!memory || !tokens ||
	    flow_token_keys_parse(SLICE_LIT("1 00112233445566778899aabbccddeeff"
					    "00112233445566778899aabbccddeeff"),
				  &keys, NULL))
		return 1;
	if (flow_table_attach(memory, bytes, n, &(struct keyed_hash_key){{4711, 7}}, &clock_now, &t,
			      &torn) < 0)
		return 1;
	for (uint32_t i = 0; i < n; i++) {
		x ^= x << 13, x ^= x >> 7, x ^= x << 17;
		flow_table_new(t, x)->state = FLOW_ACTIVE;
		flow_token_encode(&keys, x, tokens[i]);
	}
	began = now_s();
	for (unsigned i = 0; i < rounds; i++) {
		uint64_t id;

		x ^= x << 13, x ^= x >> 7, x ^= x << 17;
		if (flow_token_decode(&keys, slice_make(tokens[x % n], FLOW_TOKEN_LEN), &id) ==
		    FLOW_TOKEN_OK)
			found += flow_by_id(t, id) != NULL;
	}
	took = now_s() - began;
	printf("token to flow set among %7u: %4.0f ns%s, %zu octets a set\n", n,
	       took / rounds * 1e9, found == rounds ? "" : " (NOT FOUND)", sizeof(struct flow_set));
	free(memory);
	free(tokens);
	return found == rounds ? 0 : 1;
}

static int check(int rc, const char *what)
{
	if (rc)
		fprintf(stderr, "%s: %s\n", what, xfrm_strerror(rc));
	return rc;
}

static int fill(uint32_t n, struct xfrm_batch *b, const struct xfrm_keys *keys, bool add)
{
	struct sa_set s = set_of(n);
	struct netaddr ue = ue_of(n);
	struct xfrm_sa sas[4];
	struct xfrm_policy p[2];

	flow_map_sas(&ue, &local, &s, 600, 77, sas);
	for (int i = 0; i < 4; i++)
		if (add ? xfrm_batch_sa_add(b, &sas[i], keys)
			: xfrm_batch_sa_del(b, &sas[i].dst, sas[i].spi))
			return 1;
	for (int pair = 1; pair <= 2; pair++) {
		flow_map_policies(&ue, &local, &s, (uint8_t)pair, 77, 1000, p);
		for (int i = 0; i < 2; i++)
			if (add ? xfrm_batch_policy_update(b, &p[i])
				: xfrm_batch_policy_del(b, &p[i]))
				return 1;
	}
	return 0;
}

static int kernel(uint32_t n)
{
	static const uint8_t ck[16] = {1}, ik[16] = {2};
	struct xfrm_keys keys;
	struct xfrm_batch *b;
	struct xfrm *x;

	if (check(xfrm_open(&x), "open") || !(b = xfrm_batch_new(x)) ||
	    check(xfrm_keys_from_aka(XFRM_ALG_HMAC_SHA1_96, XFRM_EALG_AES_CBC, ck, ik, &keys),
		  "keys"))
		return 1;
	for (int round = 0; round < 2; round++) {
		double began = now_s(), took;

		/* One set a system call, as a registration does it. */
		for (uint32_t i = 0; i < n; i++)
			if (fill(i, b, &keys, round == 0) ||
			    check(xfrm_batch_commit(b, true, NULL), "commit"))
				return 1;
		took = now_s() - began;
		printf("lib/xfrm: %s %u sets of 4 SAs and 4 policies: %.2f s, %.0f SAs/s\n",
		       round ? "delete" : "add", n, took, 4 * n / took);
	}
	xfrm_batch_free(b);
	xfrm_close(x);
	return 0;
}

static int batch(uint32_t n, const char *path)
{
	FILE *f = fopen(path, "w");

	if (!f)
		return 1;
	for (uint32_t k = 0; k < n; k++) {
		struct sa_set s = set_of(k);
		struct netaddr ue = ue_of(k);
		struct xfrm_sa sas[4];
		struct xfrm_policy p[2];
		char a[NETADDR_TEXT_MAX], b[NETADDR_TEXT_MAX];

		flow_map_sas(&ue, &local, &s, 600, 77, sas);
		for (int i = 0; i < 4; i++)
			fprintf(f,
				"xfrm state add src %s dst %s proto esp spi %u reqid %u mode "
				"transport auth-trunc hmac(sha1) "
				"0x0200000000000000000000000000000000000000 96 enc cbc(aes) "
				"0x01000000000000000000000000000000 limit time-hard 600 sel src %s "
				"dst %s sport %u dport %u "
				"proto udp\n",
				netaddr_ip_text(&sas[i].src, a), netaddr_ip_text(&sas[i].dst, b),
				sas[i].spi, sas[i].reqid, a, b, sas[i].src.port, sas[i].dst.port);
		for (int pair = 1; pair <= 2; pair++) {
			flow_map_policies(&ue, &local, &s, (uint8_t)pair, 77, 1000, p);
			for (int i = 0; i < 2; i++)
				fprintf(f,
					"xfrm policy update src %s dst %s proto udp sport %u dport "
					"%u dir %s priority 1000 tmpl "
					"proto esp spi %u reqid %u mode transport\n",
					netaddr_ip_text(&p[i].src, a),
					netaddr_ip_text(&p[i].dst, b), p[i].src.port, p[i].dst.port,
					p[i].dir == XFRM_IN ? "in" : "out", p[i].spi, p[i].reqid);
		}
	}
	return fclose(f) ? 1 : 0;
}

int main(int argc, char **argv)
{
	uint32_t n = argc > 2 ? (uint32_t)strtoul(argv[2], NULL, 10) : 0;

	if (n && n <= 1u << 22 && !strcmp(argv[1], "lookup"))
		return lookup(n);
	if (n && !strcmp(argv[1], "xfrm"))
		return kernel(n);
	if (n && argc > 3 && !strcmp(argv[1], "batch"))
		return batch(n, argv[3]);
	fprintf(stderr, "usage: bench-flow-core lookup N | xfrm N | batch N FILE\n");
	return 2;
}
