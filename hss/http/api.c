/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hss/http/api.h"

#include <stdio.h>

#define SUBSCRIBER "/api/v1/subscribers/{}"
#define SHARED_SET "/api/v1/shared-ifcs/{}"
#define MIGRATIONS "/api/v1/migrations"
#define MIGRATION  MIGRATIONS "/{}"
static const struct route api_routes[] = {
    {"GET", "/", ROLE_NONE, NULL, BODY_NONE, page_index, 0},
    {"GET", "/page.js", ROLE_NONE, NULL, BODY_NONE, page_script, 0},
    {"GET", "/page.css", ROLE_NONE, NULL, BODY_NONE, page_style, 0},
    {"GET", "/openapi.json", ROLE_NONE, NULL, BODY_NONE, page_openapi, 0},
    {"GET", "/metrics", ROLE_READ, NULL, BODY_NONE, api_metrics, 0},
    {"GET", "/api/v1/status", ROLE_READ, NULL, BODY_NONE, api_status, 0},
    {"GET", "/api/v1/subscribers", ROLE_READ, "after limit identity ", BODY_NONE, api_list, 0},
    {"POST", "/api/v1/subscribers", ROLE_PROVISION, NULL, BODY_JSON, api_add, 0},
    {"GET", SUBSCRIBER, ROLE_READ, NULL, BODY_NONE, api_get, TAGGED},
    {"DELETE", SUBSCRIBER, ROLE_PROVISION, "force ", BODY_NONE, api_remove, TAGGED},
    {"PUT", SUBSCRIBER "/private/{}", ROLE_PROVISION, NULL, BODY_JSON, api_private, TAGGED},
    {"PUT", SUBSCRIBER "/public/{}", ROLE_PROVISION, NULL, BODY_JSON, api_public, TAGGED},
    {"PATCH", SUBSCRIBER "/public/{}", ROLE_PROVISION, NULL, BODY_JSON, api_public, TAGGED},
    {"DELETE", SUBSCRIBER "/public/{}", ROLE_PROVISION, NULL, BODY_NONE, api_public, TAGGED},
    {"PUT", SUBSCRIBER "/ifc/{}/{}", ROLE_PROVISION, NULL, BODY_JSON, api_ifc, TAGGED},
    {"DELETE", SUBSCRIBER "/ifc/{}/{}", ROLE_PROVISION, NULL, BODY_NONE, api_ifc, TAGGED},
    {"PUT", SUBSCRIBER "/shared/{}/{}", ROLE_PROVISION, NULL, BODY_NONE, api_shared, TAGGED},
    {"DELETE", SUBSCRIBER "/shared/{}/{}", ROLE_PROVISION, NULL, BODY_NONE, api_shared, TAGGED},
    {"GET", "/api/v1/shared-ifcs", ROLE_READ, "after ", BODY_NONE, api_sets, 0},
    {"GET", SHARED_SET, ROLE_READ, NULL, BODY_NONE, api_set, 0},
    {"DELETE", SHARED_SET, ROLE_PROVISION, NULL, BODY_NONE, api_set_remove, 0},
    {"PUT", SHARED_SET "/{}", ROLE_PROVISION, NULL, BODY_JSON, api_set_ifc, 0},
    {"DELETE", SHARED_SET "/{}", ROLE_PROVISION, NULL, BODY_NONE, api_set_ifc, 0},
    {"GET", "/api/v1/bearers", ROLE_READ, "after ", BODY_NONE, api_bearers, 0},
    {"PUT", "/api/v1/bearers/{}", ROLE_PROVISION, NULL, BODY_JSON, api_bearer, 0},
    {"DELETE", "/api/v1/bearers/{}", ROLE_PROVISION, NULL, BODY_NONE, api_bearer, 0},
    {"PUT", SUBSCRIBER "/capabilities", ROLE_PROVISION, NULL, BODY_JSON, api_capabilities, TAGGED},
    {"PUT", SUBSCRIBER "/charging", ROLE_PROVISION, NULL, BODY_JSON, api_charging, TAGGED},
    {"PUT", SUBSCRIBER "/visited", ROLE_PROVISION, NULL, BODY_JSON, api_visited, TAGGED},
    {"POST", SUBSCRIBER "/deregister", ROLE_PROVISION, NULL, BODY_OPTIONAL, api_deregister, 0},
    {"POST", SUBSCRIBER "/push", ROLE_PROVISION, NULL, BODY_NONE, api_push, 0},
    {"GET", MIGRATIONS, ROLE_READ, "after partner identity over ", BODY_NONE, api_migrations,
     FOR_MIGRATION},
    {"DELETE", MIGRATIONS, ROLE_PROVISION, "partner all ", BODY_NONE, api_migrations_end, 0},
    {"GET", MIGRATION, ROLE_READ, NULL, BODY_NONE, api_migration, FOR_MIGRATION},
    {"PUT", MIGRATION, ROLE_PROVISION, NULL, BODY_JSON, api_migration_put, FOR_MIGRATION},
    {"DELETE", MIGRATION, ROLE_PROVISION, NULL, BODY_NONE, api_migration_end, FOR_MIGRATION},
    {"GET", "/api/v1/import", ROLE_READ, NULL, BODY_NONE, api_import_state, 0},
    {"POST", "/api/v1/import", ROLE_ADMIN, "replace skip ", BODY_IMPORT, api_import_begin, 0},
};
enum { N_ROUTES = sizeof(api_routes) / sizeof(api_routes[0]) };

/* The path is there, the method is not: which are. */
static const char *allowed(const struct http_path *path)
{
	static const struct {
		const char *methods, *allow;
	} sets[] = {{"GET ", "GET, HEAD"},
		    {"GET POST ", "GET, HEAD, POST"},
		    {"GET DELETE ", "GET, HEAD, DELETE"},
		    {"GET PUT DELETE ", "GET, HEAD, PUT, DELETE"},
		    {"PUT ", "PUT"},
		    {"PUT DELETE ", "PUT, DELETE"},
		    {"PUT PATCH DELETE ", "PUT, PATCH, DELETE"},
		    {"POST ", "POST"}};
	char have[64] = "";

	for (int i = 0; i < N_ROUTES; i++)
		if (path_matches(path, api_routes[i].path)) {
			strcat(have, api_routes[i].method);
			strcat(have, " ");
		}
	for (size_t i = 0; i < sizeof(sets) / sizeof(sets[0]); i++)
		if (strcmp(have, sets[i].methods) == 0)
			return sets[i].allow;
	return NULL;
}

int api_find(struct api_call *call, const char *method, struct slice target)
{
	const char *wanted = strcmp(method, "HEAD") == 0 ? "GET" : method;

	if (path_parse(target, &call->path)) {
		answer_problem(
		    call, 400, "the path is malformed",
		    "encode names in it as RFC 3986 says; none is longer than 255 octets");
		return -1;
	}
	for (int i = 0; i < N_ROUTES; i++)
		if (strcmp(api_routes[i].method, wanted) == 0 &&
		    path_matches(&call->path, api_routes[i].path)) {
			call->route = &api_routes[i];
			return 0;
		}
	call->answer.allow = allowed(&call->path);
	if (call->answer.allow)
		answer_problem(call, 405, "the method is not for this path",
			       "see the header field Allow");
	else
		answer_problem(call, 404, "there is nothing at this path",
			       "see /openapi.json for what there is");
	return -1;
}

/* The arguments are those that the route has. */
static int check_query(struct api_call *call)
{
	for (size_t i = 0; i < call->query.n; i++) {
		char name[QUERY_NAME_SIZE + 1];

		snprintf(name, sizeof(name), "%s ", call->query.name[i]);
		if (strlen(name) > 1 && call->route->query && strstr(call->route->query, name))
			continue;
		answer_problem(call, 400, "an argument behind the '?' is not known here",
			       "see /openapi.json for those that are");
		return -1;
	}
	return 0;
}

void api_handle(struct api_call *call)
{
	if (check_query(call) == 0)
		call->route->handle(call);
}

void api_call_free(struct api_call *call)
{
	json_decref(call->body);
	subscription_free(call->sub);
	outbuf_free(&call->answer.out);
	outbuf_free(&call->steps);
}
