/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "ue/csc4.h"
#include "ue/dialog.h"
#include "ue/media_stream.h"
#include "ue/scn_run.h"

static const char usage[] =
    "ims-ue: scriptable IMS phones with AKA and IPsec, played from a scenario file\n"
    "\n"
    "  ims-ue play FILE.scn [OPTION]...   run it\n"
    "  ims-ue check FILE.scn [OPTION]...  look at syntax and names only\n"
    "  ims-ue --help | --version\n"
    "\n"
    "  -D NAME=VALUE     set a variable of the scenario (may be repeated)\n"
    "  --log FILE        event log, JSON lines\n"
    "  --esp-keys FILE   SA keys for tshark's esp_sa table (mode 0600)\n"
    "  -q                timeline without SIP messages\n"
    "  -v                timeline with whole SIP messages\n"
    "\n"
    "Exit code: 0 the scenario held, 1 an expectation failed, 2 usage or syntax, 3 trouble of the "
    "machine.\n"
    "The language is described in docs/ims-ue.md.\n";

static char *read_file(const char *path, void *arg)
{
	FILE *f = fopen(path, "re");
	struct text t = {0};
	char buf[4096];
	size_t n;

	(void)arg;
	if (!f)
		return NULL;
	text_put(&t, SLICE_NULL);
	while ((n = fread(buf, 1, sizeof(buf), f)) > 0)
		text_put(&t, slice_make(buf, n));
	if (ferror(f))
		text_free(&t);
	fclose(f);
	return t.p;
}

static int define(const char *arg)
{
	const char *eq = strchr(arg, '=');

	if (!eq || eq == arg)
		return -1;
	scn_set_var(slice_make(arg, (size_t)(eq - arg)), eq + 1);
	return 0;
}

static int play(const char *path, bool check, const struct elog_options *o)
{
	struct scn_program prog;
	struct scn_error err;
	const char *what = "";
	int rc;

	if (scn_parse(path, read_file, NULL, &prog, &err) != 0) {
		fprintf(stderr, "%s:%d: %s\n", err.file, err.line, err.text);
		return 2;
	}
	if (loop_open() != 0 || elog_open(o, &what) != 0) {
		fprintf(stderr, "ims-ue: %s: %s\n", what, strerror(errno));
		scn_program_free(&prog);
		return 3;
	}
	elog_event("start", "scenario", path, "version", "1", NULL);
	rc = scn_play(&prog, check);
	ue_free_all();
	csc4_free_all();
	stream_certificates_free();
	media_plans_free();
	tl_free_all();
	access_free_all();
	net_reap();
	elog_event("end", "result", rc == 0 ? "ok" : "failed", NULL);
	if (!check)
		elog_line("--", rc == 0 ? "%s: ok" : "%s: FAILED", path);
	elog_close();
	loop_close();
	scn_program_free(&prog);
	return rc;
}

int main(int argc, char **argv)
{
	static const struct option longs[] = {
	    {"help", no_argument, NULL, 'h'},
	    {"version", no_argument, NULL, 'V'},
	    {"log", required_argument, NULL, 'l'},
	    {"esp-keys", required_argument, NULL, 'k'},
	    {NULL, 0, NULL, 0},
	};
	struct elog_options o = {0};
	bool check;
	int c, rc;

	signal(SIGPIPE, SIG_IGN);
	while ((c = getopt_long(argc, argv, "D:qvh", longs, NULL)) != -1) {
		switch (c) {
		case 'D':
			if (define(optarg) != 0) {
				fprintf(stderr, "ims-ue: -D wants NAME=VALUE, not '%s'\n", optarg);
				return 2;
			}
			break;
		case 'q':
			o.verbose = -1;
			break;
		case 'v':
			o.verbose = 1;
			break;
		case 'l':
			o.events_path = optarg;
			break;
		case 'k':
			o.keys_path = optarg;
			break;
		case 'h':
			fputs(usage, stdout);
			return 0;
		case 'V':
			puts("ims-ue 1");
			return 0;
		default:
			fputs(usage, stderr);
			return 2;
		}
	}
	if (argc - optind != 2 ||
	    (strcmp(argv[optind], "play") != 0 && strcmp(argv[optind], "check") != 0)) {
		fputs(usage, stderr);
		return 2;
	}
	check = strcmp(argv[optind], "check") == 0;
	rc = play(argv[optind + 1], check, &o);
	scn_free_vars();
	return rc;
}
