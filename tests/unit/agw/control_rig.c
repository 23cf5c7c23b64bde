/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "control_rig.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "unit/unit.h"

struct gateway control;
static char text[256 * 1024], memory[1024 * 1024], reply[256 * 1024];

static void send_nowhere(void *user, const struct h248_addr *to, const char *bytes, size_t len)
{
	(void)user;
	(void)to;
	(void)bytes;
	(void)len;
}

static void open_entity(void)
{
	struct h248_addr mgc;
	struct h248_entity_config c = {.role = H248_ROLE_MG,
				       .mgcs = &mgc,
				       .mgc_count = 1,
				       .user = &control,
				       .send = send_nowhere,
				       .request = gateway_request};

	ck_assert_int_eq(h248_addr_parse("127.0.0.1", H248_PORT_TEXT, &mgc), 0);
	ck_assert_int_eq(h248_mid_parse(slice_str(control.cfg.mid), &c.mid), 0);
	h248_timers_default(&c.timers, false);
	ck_assert_int_eq(h248_entity_new(&c, &control.entity), H248_OK);
}

void control_start(const char *more)
{
	struct media_config media = {.workers = 1};
	char conf[4096], why[300];

	memset(&control, 0, sizeof(control));
	snprintf(conf, sizeof(conf),
		 "[gateway]\nmid = <agw.test>\nlocal = 127.0.0.1:2944\nlog_level = 3\n%s\n"
		 "[mgc]\naddress = 127.0.0.1\n"
		 "[realm core]\nipdc = core.test\naddress = 127.0.0.1\nports = 21000-21099\n"
		 "[realm access]\naddress = 127.0.0.2\nports = 22000-22099\n",
		 more ? more : "");
	ck_assert_msg(config_parse(slice_str(conf), &control.cfg, why, sizeof(why)) == 0, "%s",
		      why);
	log_open(control.cfg.log_level);
	ck_assert_int_eq(items_init(), 0);
	root_init(&control.root);
	ck_assert_int_eq(
	    media_new(&media, notify_media_event, &control, why, sizeof(why), &control.media),
	    MEDIA_OK);
	control.model.media = control.media;
	control.model.limits = &control.limits;
	limits_set(&control.limits, 1024, 0, 0);
	ck_assert_int_eq(realms_update(&control.realms, &control.cfg), MEDIA_OK);
	open_entity();
}

void control_stop(void)
{
	gateway_clear(&control);
	h248_entity_free(control.entity);
	media_free(control.media);
	realms_free(&control.realms);
}

const char *control_do(const char *fmt, ...)
{
	struct h248_arena in, out;
	struct h248_action *actions, *list;
	static char nodes[512 * 1024];
	size_t len = 0;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	h248_arena_init(&in, nodes, sizeof(nodes));
	h248_arena_init(&out, memory, sizeof(memory));
	ck_assert_msg(h248_decode_actions(slice_str(text), &in, &actions, NULL) == H248_OK, "%s",
		      text);
	gateway_run_actions(&control, actions, &out, &list, h248_now_ms());
	ck_assert(!out.overflow);
	ck_assert_msg(h248_encode_actions(list, H248_REPLY, 3, H248_COMPACT, reply,
					  sizeof(reply) - 1, &len) == H248_OK,
		      "the reply to %s cannot be written", text);
	reply[len] = 0;
	return reply;
}

unsigned control_code(const char *r)
{
	const char *at = strstr(r, "ER=");

	return at ? (unsigned)strtoul(at + 3, NULL, 10) : 0;
}

static void tid_of(const char *r, char out[H248_TID_MAX])
{
	const char *at = strstr(r, "A=");

	ck_assert_msg(at != NULL, "%s", r);
	snprintf(out, H248_TID_MAX, "%.*s", (int)strcspn(at + 2, "{},"), at + 2);
}

#define SIDE "M{ST=1{O{MO=SR,rtcph/rsb=ON},L{v=0\nc=IN IP4 $\nm=audio $ RTP/AVP 0\n}}}"

uint32_t control_call(char core[H248_TID_MAX], char access[H248_TID_MAX])
{
	const char *r = control_do("C=${A=ip/core/${" SIDE "}}");
	uint32_t id = (uint32_t)strtoul(r + 2, NULL, 10);

	tid_of(r, core);
	tid_of(control_do("C=%u{A=ip/access/${" SIDE "}}", id), access);
	return id;
}
