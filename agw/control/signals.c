/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The signals that the gateway implements, one row each. All are brief: none is ever running. */
#include "agw/control/items.h"
#include "agw/control/signals.h"

static bool any_proto(enum media_proto proto)
{
	(void)proto;
	return true;
}

static unsigned latch(const struct h248_signal *signal, struct stream *s, const char **why)
{
	const struct h248_parm *napt = h248_parm_find(signal->parms, "", "napt");

	if (!napt) {
		*why = "ipnapt/latch needs napt";
		return 457;
	}
	*why = "napt";
	if (h248_parm_is(napt, "LATCH"))
		s->latch = MEDIA_LATCH_ON;
	else if (h248_parm_is(napt, "RELATCH"))
		s->latch = MEDIA_LATCH_RELATCH;
	else if (h248_parm_is(napt, "OFF"))
		s->latch = MEDIA_LATCH_OFF;
	else
		return 449;
	s->latch_serial++;
	return 0;
}

static unsigned establish_tcp(const struct h248_signal *signal, struct stream *s, const char **why)
{
	(void)signal;
	(void)why;
	s->config.tcp_establish = true;
	return 0;
}

static unsigned release_tcp(const struct h248_signal *signal, struct stream *s, const char **why)
{
	(void)signal;
	(void)why;
	s->config.tcp_establish = false;
	s->control.mode = H248_INACTIVE;
	return 0;
}

static unsigned establish_tls(const struct h248_signal *signal, struct stream *s, const char **why)
{
	(void)signal;
	(void)why;
	s->tls_client = true;
	return 0;
}

static unsigned release_tls(const struct h248_signal *signal, struct stream *s, const char **why)
{
	(void)signal;
	(void)why;
	s->tls_client = false;
	s->control.mode = H248_INACTIVE;
	return 0;
}

static const char *const latch_parms[] = {"napt", NULL};

static const struct signal_item items[] = {
    {"ipnapt", "latch", latch_parms, any_proto, latch},
    {"tcpbcc", "EstBNC", NULL, media_proto_is_tcp, establish_tcp},
    {"tcpbcc", "RelBNC", NULL, media_proto_is_tcp, release_tcp},
    {"tlsbsc", "EstablishBNC", NULL, media_proto_has_tls, establish_tls},
    {"tlsbsc", "ReleaseBNC", NULL, media_proto_has_tls, release_tls},
};
enum { ITEMS = sizeof(items) / sizeof(items[0]) };

int signals_declare(struct h248_support *support)
{
	for (size_t i = 0; i < ITEMS; i++)
		if (items_add(support, items[i].package, H248_SIGNAL, items[i].name,
			      H248_SIGNAL_PARM, items[i].parms) < 0)
			return -1;
	return 0;
}

const struct signal_item *signal_item_find(const struct h248_name *name)
{
	const struct h248_item *item =
	    h248_item_find(name->pkg, H248_SIGNAL, name->item, SLICE_NULL);

	for (size_t i = 0; i < ITEMS; i++)
		if (items_is(item, items[i].package, items[i].name))
			return &items[i];
	return NULL;
}
