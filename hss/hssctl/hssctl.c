/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hssctl: command line, and what the commands share. */
#include "hss/hssctl/hssctl.h"

#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdlib.h>

#include "hss/config.h"
#include "hss/provision/change.h"

static const struct {
	const char *noun, *verb; /* verb NULL: the noun alone is the command */
	int (*run)(struct hssctl *);
	int least; /* arguments */
	const char *arguments, *text;
} commands[] = {
    {"subscriber", "add", cmd_subscriber_add, 2, "IMPI KEYFILE [IMPU]...",
     "add a subscriber; KEYFILE holds k=HEX opc=HEX (or op=HEX) [amf=HEX] [sqn=HEX], for TUAK "
     "algorithm=tuak k=HEX topc=HEX (or top=HEX) [res=BITS] [keccak=N] [amf=HEX] [sqn=HEX], or, "
     "for "
     "SIP digest, password=TEXT (or ha1=HEX) [realm=NAME]; and [msisdn=DIGITS] [imsi=DIGITS] "
     "[giba=yes|no]; with "
     "--with=IMPI as a"
     " further private identity of that subscription"},
    {"subscriber", "list", cmd_subscriber_list, 0, "", "all private identities with their state"},
    {"subscriber", "show", cmd_subscriber_show, 1, "IMPI", "one subscription, without keys"},
    {"subscriber", "remove", cmd_subscriber_remove, 1, "IMPI [force]",
     "remove the whole subscription; with force also a registered one, which its S-CSCF is told"},
    {"key", "set", cmd_key, 2, "IMPI KEYFILE",
     "change keys or password, AMF, SQN, MSISDN, IMSI or giba"},
    {"impu", "set", cmd_impu_set, 2,
     "IMPI IMPU [set=N] [profile=N] [alias=N] [service] [active|inactive] [barred] [masked=TAG,...]"
     " [display=TEXT] [for=IMPI,...]",
     "add or change a public identity; identities with one set register together"},
    {"impu", "remove", cmd_impu_remove, 2, "IMPI IMPU", "remove a public identity"},
    {"impu", "bar", cmd_bar, 2, "IMPI IMPU", "bar it"},
    {"impu", "unbar", cmd_unbar, 2, "IMPI IMPU", "unbar it"},
    {"ifc", "set", cmd_ifc_set, 3,
     "IMPI server=URI priority=N [profile=N] [trigger=TEXT] [default=terminate] "
     "[part=registered|unregistered]"
     " [service-info=TEXT] [dsai=TAG,...] [include-register-request] [include-register-response]",
     "add or change an initial filter criterion"},
    {"ifc", "remove", cmd_ifc_remove, 2, "IMPI priority=N [profile=N]", "remove one"},
    {"ifc", "share", cmd_ifc_share, 2, "IMPI set=N [profile=N]",
     "a service profile has the criteria of a shared set, too"},
    {"ifc", "unshare", cmd_ifc_unshare, 2, "IMPI set=N [profile=N]", "not any more"},
    {"shared-ifc", "set", cmd_shared_set, 3,
     "SET server=URI priority=N [trigger=TEXT] [default=terminate] [part=registered|unregistered]"
     " [service-info=TEXT] [dsai=TAG,...] [include-register-request] [include-register-response]",
     "add or change a criterion of a shared set"},
    {"shared-ifc", "list", cmd_shared_list, 0, "[SET]", "the shared sets, as import takes them"},
    {"shared-ifc", "remove", cmd_shared_remove, 1, "SET [priority=N]",
     "remove a shared set that nobody uses, or one criterion of it"},
    {"capabilities", NULL, cmd_capabilities, 1,
     "IMPI [mandatory=N,...] [optional=N,...] [server=URI]",
     "which S-CSCFs will do; nothing: the configured default"},
    {"charging", NULL, cmd_charging, 1, "IMPI [ccf=URI] [ccf2=URI] [ecf=URI] [ecf2=URI]",
     "charging functions; nothing: the configured default"},
    {"visited", NULL, cmd_visited, 1, "IMPI [NETWORK]...",
     "networks from which to register; nothing: all"},
    {"as", "set", cmd_as_set, 2, "HOST data=N,N-N,... allow=[pull][,update][,subscribe]",
     "what an application server may do over Sh with each Data-Reference; allow= alone: nothing"},
    {"as", "list", cmd_as_list, 0, "", "what all application servers may do"},
    {"as", "remove", cmd_as_remove, 1, "HOST", "it may do nothing any more"},
    {"sh", "data", cmd_sh_data, 1, "IMPU [SERVICE]",
     "which data application servers keep with a public identity, or those of a service"},
    {"sh", "subscriptions", cmd_sh_subscriptions, 0, "[IMPU]",
     "which application servers are notified of what"},
    {"bearer", "set", cmd_bearer_set, 2, "IMSI ADDRESS [seconds=N]",
     "the access bearer of the IMSI has this address: IPv4, an IPv6 prefix (/64) or an IPv6 "
     "address "
     "(GIBA); seconds: how long it lives, a day if nothing is said"},
    {"bearer", "list", cmd_bearer_list, 0, "", "the addresses that are known"},
    {"bearer", "remove", cmd_bearer_remove, 1, "IMSI",
     "the bearer is gone; who is registered by its address is deregistered"},
    {"slf", "set", cmd_slf_set, 2, "IDENTITY|*@DOMAIN HOST",
     "who asks for this user, or for one of that domain, is told to ask that HSS"},
    {"slf", "list", cmd_slf_list, 0, "", "users of other HSSs"},
    {"slf", "remove", cmd_slf_remove, 1, "IDENTITY|*@DOMAIN", "not any more"},
    {"import", NULL, cmd_import, 1, "FILE [replace]",
     "add subscriptions from a file, all or none; replace those that exist"},
    {"export", NULL, cmd_export, 0, "[IMPI]", "write everything, keys too, as import takes it"},
    {"status", NULL, cmd_status, 0, "", "peers, totals and counters of the running ims-hss"},
    {"deregister", NULL, cmd_deregister, 1, "IMPI [IMPU]... [reason=WORD] [info=TEXT] [force]",
     "send RTR; reason: permanent-termination, new-server-assigned, server-change, remove-scscf"},
    {"push", NULL, cmd_push, 1, "IMPI", "send the profile to the S-CSCF by PPR"},
    {"withdraw", NULL, cmd_withdraw, 1, "IMPI [force]",
     "send RTR for all that is registered, then remove the subscription"},
    {"migration", "list", cmd_migration_list, 0, "[all]",
     "bindings of migrated users: who of a partner is here, who of ours may be at one; all: those "
     "that are over, too"},
    {"migration", "withdraw", cmd_migration_withdraw, 1, "ID|partner=NAME|all",
     "end them at once: no vectors from now on, and who is here is deregistered"},
    {"migration", "audit", cmd_migration_audit, 0, "[after=N]", "what happened to them"},
    {"master-key", "rotate", cmd_master_key_rotate, 0, "",
     "ims-hss reads the master keys again, and seals all keys under the first of them; hssctl "
     "status "
     "tells how far it is"},
    {"master-key", "scrub", cmd_master_key_scrub, 0, "",
     "write the store anew, so that nothing is left in its files of keys that were there before"},
    {"token", "add", cmd_token_add, 2, "NAME read|provision|admin|migration",
     "make a token for the REST API and the page, and print it once; migration is for ims-cms"},
    {"token", "list", cmd_token_list, 0, "", "names and roles of the tokens"},
    {"token", "remove", cmd_token_remove, 1, "NAME", "it counts no more"},
};

enum { N_COMMANDS = sizeof(commands) / sizeof(commands[0]) };

int complain(const char *fmt, ...)
{
	va_list ap;

	fputs("hssctl: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	return 1;
}

static void help(void)
{
	printf(
	    "Usage: hssctl [-c FILE] [--store URL] [--master-key FILE] [--control PATH] COMMAND "
	    "[ARGUMENT]...\n"
	    "Provision the subscribers of ims-hss; what is changed counts from the next request "
	    "on.\n\n"
	    "  -c, --config FILE  the configuration of ims-hss, default /etc/ims-hss/ims-hss.conf\n"
	    "  --store URL        work on this store, e.g. sqlite:/var/lib/ims-hss/hss.db, or\n"
	    "                     postgresql://hss@db.home1.net/hss\n"
	    "  --master-key FILE  the master key of the store, as master_key in the configuration\n"
	    "  --control PATH     talk to the ims-hss behind this socket\n\nCommands:\n");
	for (int i = 0; i < N_COMMANDS; i++)
		printf("  %s%s%s %s\n        %s\n", commands[i].noun, commands[i].verb ? " " : "",
		       commands[i].verb ? commands[i].verb : "", commands[i].arguments,
		       commands[i].text);
}

int store_needed(struct hssctl *c)
{
	char why[512];

	if (!c->store &&
	    store_open_sealed(c->store_url, c->master_key, &c->store, why, sizeof(why)))
		return complain("%s", why);
	return 0;
}

int line_from_arguments(struct hssctl *c, const char *first, int from, struct words *w, char *why,
			size_t size)
{
	w->n = 0;
	w->w[w->n++] = slice_str(first);
	for (int i = from; i < c->n_arg; i++) {
		if (w->n == WORDS_MAX) {
			snprintf(why, size, "at most %d words", WORDS_MAX);
			return -1;
		}
		w->w[w->n++] = slice_str(c->arg[i]);
	}
	return 0;
}

/* What change_subscription() hands on. */
struct change {
	struct hssctl *c;
	int (*change)(struct hssctl *, struct subscription *, char *, size_t);
};

static int edit(struct subscription *sub, void *arg, char *why, size_t size)
{
	struct change *ch = arg;

	return ch->change(ch->c, sub, why, size);
}

int change_subscription(struct hssctl *c, const char *impi,
			int (*change)(struct hssctl *, struct subscription *, char *, size_t))
{
	struct subscription *sub = subscription_new();
	struct change ch = {c, change};
	char why[512] = "no memory";
	int status = sub ? store_needed(c) : complain("%s", why);

	if (status == 0 && provision_change(c->store, impi, edit, &ch, sub, why, sizeof(why)))
		status = complain("%s", why);
	subscription_free(sub);
	return status;
}

static int run(struct hssctl *c)
{
	bool noun_known = false;

	for (int i = 0; i < N_COMMANDS; i++) {
		int words = commands[i].verb ? 2 : 1;

		if (strcmp(commands[i].noun, c->arg[0]) != 0)
			continue;
		noun_known = true;
		if (words == 2 && (c->n_arg < 2 || strcmp(commands[i].verb, c->arg[1]) != 0))
			continue;
		c->arg += words;
		c->n_arg -= words;
		if (c->n_arg < commands[i].least)
			return complain("it needs: %s %s %s", commands[i].noun,
					commands[i].verb ? commands[i].verb : "",
					commands[i].arguments);
		return commands[i].run(c);
	}
	return complain(noun_known ? "no such verb for '%s'; see hssctl --help"
				   : "no command '%s'; see hssctl --help",
			c->arg[0]);
}

int main(int argc, char **argv)
{
	enum { OPT_STORE = 256, OPT_CONTROL, OPT_MASTER_KEY };
	static const struct option options[] = {
	    {"config", required_argument, NULL, 'c'},
	    {"store", required_argument, NULL, OPT_STORE},
	    {"control", required_argument, NULL, OPT_CONTROL},
	    {"master-key", required_argument, NULL, OPT_MASTER_KEY},
	    {"help", no_argument, NULL, 'h'},
	    {NULL, 0, NULL, 0}};
	static struct config cfg;
	struct hssctl c = {.store_url = NULL};
	const char *path = "/etc/ims-hss/ims-hss.conf";
	char why[1024];
	int opt, status;

	while ((opt = getopt_long(argc, argv, "+c:h", options, NULL)) != -1) {
		if (opt == 'c')
			path = optarg;
		else if (opt == OPT_STORE)
			c.store_url = optarg;
		else if (opt == OPT_CONTROL)
			c.control_path = optarg;
		else if (opt == OPT_MASTER_KEY)
			c.master_key = optarg;
		else if (opt == 'h') {
			help();
			return 0;
		} else
			return complain("see hssctl --help");
	}
	if (optind == argc)
		return complain("a command is missing; see hssctl --help");
	if (!c.store_url || !c.control_path) {
		/* with one of the two given, the configuration is only asked if it is there */
		int err = config_read(path, &cfg, why, sizeof(why));

		if (err && !c.store_url && !c.control_path)
			return complain("%s", why);
		c.store_url = c.store_url ? c.store_url : cfg.store;
		c.control_path = c.control_path ? c.control_path : cfg.control;
		c.tokens_path = err ? NULL : cfg.http_tokens;
		c.no_giba = !err && !cfg.giba;
		if (!err && !c.master_key)
			c.master_key = cfg.master_key;
	}
	c.master_key = c.master_key ? c.master_key : "";
	c.arg = argv + optind;
	c.n_arg = argc - optind;
	status = run(&c);
	store_close(c.store);
	return status;
}
