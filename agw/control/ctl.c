/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The commands of the control socket. agwctl is its client. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "agw/control/show.h"

/* ---- status ---- */

static void show_status(struct gateway *g, struct outbuf *out)
{
	struct h248_peer *p = h248_peer_next(g->entity, NULL);
	char addr[NETADDR_TEXT_MAX] = "-";

	if (p)
		netaddr_text(&h248_peer_address(p)->at, addr);
	outbuf_printf(out, "association %s controller %s version %u\n",
		      h248_state_name(h248_mg_state(g->entity)), addr,
		      p ? h248_peer_version(p) : 0);
	outbuf_printf(out, "contexts %zu of %u, emergency %zu, terminations %zu%s\n",
		      g->model.n_contexts, g->cfg.contexts_max, g->model.n_emergency,
		      g->model.n_terminations, g->draining ? ", draining" : "");
	outbuf_printf(out, "load contexts %u%% ports %u%% cpu %u%%%s\n", g->overload.use.contexts,
		      g->overload.use.ports, g->overload.use.cpu,
		      g->overload.on ? ", overloaded" : "");
	for (struct realm *r = g->realms.list; r; r = r->next)
		for (size_t i = 0; i < r->cfg.n_addresses; i++) {
			char ip[NETADDR_TEXT_MAX];

			outbuf_printf(out, "realm %s %s ports %zu of %zu%s\n", r->cfg.name,
				      netaddr_ip_text(&r->cfg.addresses[i], ip),
				      realm_ports_used(r, i), media_pool_size(r->pools[i]),
				      r->retired ? " retired" : "");
		}
}

/* ---- trace ---- */

/* Of the streams before end; NULL: of all. */
static void trace_off(const struct context *c, const struct stream *end)
{
	for (const struct termination *t = c->terminations; t; t = t->next_in_context)
		for (struct stream *s = t->streams; s; s = s->next) {
			if (s == end)
				return;
			if (s->leg)
				media_leg_trace(s->leg, -1);
		}
}

/* One pcap per leg: context-<id>-<termination>-<stream>.pcap. 0, or -1 with the path that could not
 * be made: then it has switched nothing on. */
static int trace_on(struct gateway *g, const struct context *c, struct outbuf *out, char *path,
		    size_t size)
{
	for (const struct termination *t = c->terminations; t; t = t->next_in_context)
		for (struct stream *s = t->streams; s; s = s->next) {
			char name[H248_TID_MAX];
			int fd;

			if (!s->leg)
				continue;
			strcpy(name, t->id);
			for (char *p = name; *p; p++)
				*p = *p == '/' ? '-' : *p;
			snprintf(path, size, "%s/context-%u-%s-%u.pcap", g->cfg.trace_dir, c->id,
				 name, s->id);
			fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
			if (fd < 0) {
				int saved = errno;

				trace_off(c, s);
				errno = saved;
				return -1;
			}
			outbuf_printf(out, "%s\n", path);
			media_leg_trace(s->leg, fd);
		}
	return 0;
}

/* ---- the commands ---- */

static void on_status(struct gateway *g, struct request *r, const struct words *w)
{
	(void)w;
	show_status(g, request_out(r));
	control_ok(r);
}

static void on_list(struct gateway *g, struct request *r, const struct words *w)
{
	(void)w;
	if (show_all(g, r, show_line) < 0)
		control_error(r, "no memory");
}

static void on_dump(struct gateway *g, struct request *r, const struct words *w)
{
	(void)w;
	if (show_all(g, r, show_context) < 0)
		control_error(r, "no memory");
}

static struct context *named(const struct gateway *g, struct request *r, const struct words *w)
{
	struct context *c = NULL;
	uint64_t n;

	if (w->n > 1 && slice_u64(w->w[1], UINT32_MAX, &n) == 0)
		c = context_find(&g->model, (uint32_t)n);
	if (!c)
		control_error(r, "no such context");
	return c;
}

static void on_show(struct gateway *g, struct request *r, const struct words *w)
{
	const struct context *c = named(g, r, w);

	if (!c)
		return;
	show_context(c, request_out(r));
	control_ok(r);
}

static void on_trace(struct gateway *g, struct request *r, const struct words *w)
{
	bool on = w->n == 3 && slice_eq(w->w[2], SLICE_LIT("on"));
	char path[CONFIG_TEXT_MAX + 128];
	const struct context *c;

	if (w->n != 3 || !(on || slice_eq(w->w[2], SLICE_LIT("off")))) {
		control_error(r, "trace CONTEXT on|off");
		return;
	}
	c = named(g, r, w);
	if (!c)
		return;
	if (on && !g->cfg.trace_dir[0]) {
		control_error(r, "trace_dir is empty: there are no traces");
		return;
	}
	if (on && trace_on(g, c, request_out(r), path, sizeof(path)) < 0) {
		control_error(r, "%s: %s%s; nothing was switched on", path, strerror(errno),
			      errno == EEXIST ? ", move it away" : "");
		return;
	}
	if (!on) {
		trace_off(c, NULL);
		outbuf_printf(request_out(r), "off\n");
	}
	control_ok(r);
}

static void on_drain(struct gateway *g, struct request *r, const struct words *w)
{
	(void)w;
	gateway_drain(g);
	outbuf_printf(request_out(r), "draining, %zu contexts left\n", g->model.n_contexts);
	control_ok(r);
}

static void on_undrain(struct gateway *g, struct request *r, const struct words *w)
{
	(void)w;
	g->draining = false;
	h248_mg_stay(g->entity, h248_now_ms());
	outbuf_printf(request_out(r), "in service\n");
	control_ok(r);
}

static void on_reload(struct gateway *g, struct request *r, const struct words *w)
{
	char text[400];

	(void)w;
	if (gateway_reload(g, text, sizeof(text)) < 0) {
		control_error(r, "the configuration in force stays: %s", text);
		return;
	}
	outbuf_printf(request_out(r), "reloaded%s%s\n", text[0] ? "; " : "", text);
	control_ok(r);
}

static void on_stop(struct gateway *g, struct request *r, const struct words *w)
{
	(void)w;
	g->stop = true;
	outbuf_printf(request_out(r), "stopping\n");
	control_ok(r);
}

static const struct {
	const char *name;
	size_t words; /* at most, itself included */
	void (*run)(struct gateway *g, struct request *r, const struct words *w);
} commands[] = {
    {"status", 1, on_status},	{"list", 1, on_list},	  {"show", 2, on_show},
    {"dump", 1, on_dump},	{"trace", 3, on_trace},	  {"drain", 1, on_drain},
    {"undrain", 1, on_undrain}, {"reload", 1, on_reload}, {"stop", 1, on_stop},
};

static void on_command(struct request *r, const struct words *w, void *gateway)
{
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (slice_eq(w->w[0], slice_str(commands[i].name)) && w->n <= commands[i].words) {
			commands[i].run(gateway, r, w);
			return;
		}
	control_error(r, "status | list | show CONTEXT | dump | trace CONTEXT on|off | drain | "
			 "undrain | reload | stop");
}

/* /run/ims-agw/control is made by nobody else where there is no systemd. */
void ctl_make_folder(const char *path)
{
	char dir[CONFIG_TEXT_MAX], *slash;

	strcpy(dir, path);
	slash = strrchr(dir, '/');
	if (!slash || slash == dir)
		return;
	*slash = 0;
	if (mkdir(dir, 0755) < 0 && errno != EEXIST)
		log_line(LOG_WARNING, "control_socket: cannot make %s: %s", dir, strerror(errno));
}

int ctl_open(struct gateway *g)
{
	char why[300];
	int fd;

	if (!g->cfg.control_socket[0])
		return 0;
	ctl_make_folder(g->cfg.control_socket);
	fd = control_open(g->cfg.control_socket, &g->control_path, why, sizeof(why));
	if (fd < 0) {
		log_line(LOG_ERR, "%s", why);
		return -1;
	}
	g->control = (struct control){.handler = on_command, .arg = g};
	g->control_server = control_server(fd, &g->control);
	if (!g->control_server)
		log_line(LOG_ERR, "control socket: no memory");
	return g->control_server ? 0 : -1;
}
