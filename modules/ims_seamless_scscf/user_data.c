/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * User-Data of an SAA (TS 29.228 annex E) into the structures of ims_usrloc_scscf, laid out as
 * ims_isc reads them. The HSS is trusted but not its bytes: no DTD, no network, sizes and counts
 * bounded.
 */
#include "modules/ims_seamless_scscf/user_data.h"
#include "modules/ims_seamless_scscf/third_party.h"
#include "../../core/mem/shm_mem.h"
#include "../../core/parser/hf.h"
#include "../../core/parser/parse_hname2.h"

#include <libxml/parser.h>

#define XML_MAX	       (256 * 1024)
#define PROFILES_MAX   32
#define IDENTITIES_MAX SCSCF_SET_IMPUS_MAX
#define CRITERIA_MAX   128
#define TRIGGERS_MAX   256
#define SEED_NAME_MAX  32

static bool is(const xmlNode *n, const char *name)
{
	return n->type == XML_ELEMENT_NODE && !xmlStrcasecmp(n->name, (const xmlChar *)name);
}

static const xmlNode *child(const xmlNode *n, const char *name)
{
	for (n = n->children; n; n = n->next)
		if (is(n, name))
			return n;
	return NULL;
}

static int count(const xmlNode *n, const char *name, int max)
{
	int found = 0;

	for (n = n->children; n; n = n->next)
		found += is(n, name);
	return found > max ? max : found;
}

/* Text of an element into shared memory, blanks and (if asked) enclosing quotes cut. Empty: nothing
 * is allocated. */
static int text_of(const xmlNode *n, bool unquote, str *out)
{
	xmlChar *x = n ? xmlNodeGetContent((xmlNode *)n) : NULL;
	struct slice s = x ? slice_trim(slice_str((const char *)x)) : SLICE_NULL;
	int rc = 0;

	if (unquote)
		s = sip_unquote(s);
	out->s = NULL;
	out->len = 0;
	if (s.len) {
		out->s = shm_malloc(s.len);
		if (out->s) {
			memcpy(out->s, s.p, s.len);
			out->len = (int)s.len;
		} else {
			rc = -1;
		}
	}
	xmlFree(x);
	return rc;
}

static int number_of(const xmlNode *n, int otherwise)
{
	xmlChar *x = n ? xmlNodeGetContent((xmlNode *)n) : NULL;
	struct slice s = x ? slice_trim(slice_str((const char *)x)) : SLICE_NULL;
	uint64_t v;
	int out = otherwise;

	if (s.len && !slice_u64(s, 1000000, &v))
		out = (int)v;
	else if (slice_eq_nocase(s, SLICE_LIT("true")))
		out = 1;
	else if (slice_eq_nocase(s, SLICE_LIT("false")))
		out = 0;
	xmlFree(x);
	return out;
}

static int parse_identity(const xmlNode *n, ims_public_identity *pi)
{
	const xmlNode *ext = child(n, "Extension"),
		      *wild = ext ? child(ext, "WildcardedPSI") : NULL;

	pi->barring = number_of(child(n, "BarringIndication"), 0) != 0;
	if (text_of(child(n, "Identity"), false, &pi->public_identity))
		return -1;
	return wild ? text_of(wild, false, &pi->wildcarded_psi) : 0;
}

static int parse_server(const xmlNode *n, ims_application_server *as)
{
	const xmlNode *ext = child(n, "Extension");

	as->default_handling =
	    (char)number_of(child(n, "DefaultHandling"), IFC_NO_DEFAULT_HANDLING);
	as->include_register_request = ext && child(ext, "IncludeRegisterRequest");
	as->include_register_response = ext && child(ext, "IncludeRegisterResponse");
	if (as->include_register_response)
		third_party_response_wanted();
	if (text_of(child(n, "ServerName"), false, &as->server_name))
		return -1;
	return text_of(child(n, "ServiceInfo"), false, &as->service_info);
}

static short header_type(str name)
{
	struct hdr_field hf;
	char buf[260];

	if (name.len <= 0 || name.len > 250)
		return HDR_OTHER_T;
	memcpy(buf, name.s, (size_t)name.len);
	memcpy(buf + name.len, ":    ", 6);
	memset(&hf, 0, sizeof(hf));
	parse_hname2(buf, buf + name.len + 4, &hf);
	return (short)hf.type;
}

static int parse_registration_types(const xmlNode *n)
{
	static const int bits[] = {IFC_INITIAL_REGISTRATION, IFC_RE_REGISTRATION,
				   IFC_DE_REGISTRATION};
	int types = 0;

	for (const xmlNode *c = n ? n->children : NULL; c; c = c->next) {
		int v = is(c, "RegistrationType") ? number_of(c, -1) : -1;

		if (v >= 0 && v < 3)
			types |= bits[v];
	}
	return types;
}

/* One service point trigger as a member of one group. */
static int parse_trigger(const xmlNode *n, int group, ims_spt *spt)
{
	const xmlNode *c;

	spt->group = group;
	spt->condition_negated = number_of(child(n, "ConditionNegated"), 0) != 0;
	spt->registration_type = (char)parse_registration_types(child(n, "Extension"));
	spt->type = IFC_UNKNOWN;
	if ((c = child(n, "RequestURI"))) {
		spt->type = IFC_REQUEST_URI;
		return text_of(c, false, &spt->request_uri);
	}
	if ((c = child(n, "Method"))) {
		spt->type = IFC_METHOD;
		return text_of(c, false, &spt->method);
	}
	if ((c = child(n, "SIPHeader"))) {
		spt->type = IFC_SIP_HEADER;
		if (text_of(child(c, "Header"), false, &spt->sip_header.header) ||
		    text_of(child(c, "Content"), true, &spt->sip_header.content))
			return -1;
		spt->sip_header.type = header_type(spt->sip_header.header);
		return 0;
	}
	if ((c = child(n, "SessionCase"))) {
		spt->type = IFC_SESSION_CASE;
		spt->session_case = (char)number_of(c, 0);
		return 0;
	}
	if ((c = child(n, "SessionDescription"))) {
		spt->type = IFC_SESSION_DESC;
		if (text_of(child(c, "Line"), false, &spt->session_desc.line))
			return -1;
		return text_of(child(c, "Content"), true, &spt->session_desc.content);
	}
	return 0;
}

static void *shared(size_t n)
{
	void *p = shm_malloc(n ? n : 1);

	if (p)
		memset(p, 0, n ? n : 1);
	return p;
}

static void sort_by_group(ims_spt *spt, int n)
{
	for (int i = 1; i < n; i++) {
		ims_spt one = spt[i];
		int k = i;

		for (; k > 0 && spt[k - 1].group > one.group; k--)
			spt[k] = spt[k - 1];
		spt[k] = one;
	}
}

static ims_trigger_point *parse_trigger_point(const xmlNode *n)
{
	ims_trigger_point *tp = shared(sizeof(*tp));
	int total = 0;

	if (!tp)
		return NULL;
	tp->condition_type_cnf = number_of(child(n, "ConditionTypeCNF"), 0) ? IFC_CNF : IFC_DNF;
	for (const xmlNode *c = n->children; c; c = c->next)
		if (is(c, "SPT"))
			total += count(c, "Group", TRIGGERS_MAX);
	if (total > TRIGGERS_MAX)
		total = TRIGGERS_MAX;
	tp->spt = shared((size_t)total * sizeof(*tp->spt));
	for (const xmlNode *c = n->children; tp->spt && c; c = c->next) {
		if (!is(c, "SPT"))
			continue;
		for (const xmlNode *g = c->children; g && tp->spt_cnt < total; g = g->next)
			if (is(g, "Group"))
				(void)parse_trigger(c, number_of(g, 0), &tp->spt[tp->spt_cnt++]);
	}
	if (tp->spt)
		sort_by_group(tp->spt, tp->spt_cnt);
	return tp;
}

static void parse_criteria(const xmlNode *n, ims_filter_criteria *fc)
{
	const xmlNode *tp = child(n, "TriggerPoint"), *as = child(n, "ApplicationServer"),
		      *ppi = child(n, "ProfilePartIndicator");

	fc->priority = number_of(child(n, "Priority"), 0);
	if (tp)
		fc->trigger_point = parse_trigger_point(tp);
	if (as)
		(void)parse_server(as, &fc->application_server);
	if (ppi && (fc->profile_part_indicator = shm_malloc(1)))
		*fc->profile_part_indicator = (char)number_of(ppi, 0);
}

static int parse_profile(const xmlNode *n, ims_service_profile *sp)
{
	const xmlNode *auth = child(n, "CoreNetworkServicesAuthorization");
	int ids = count(n, "PublicIdentity", IDENTITIES_MAX),
	    criteria = count(n, "InitialFilterCriteria", CRITERIA_MAX);

	sp->public_identities = shared((size_t)ids * sizeof(*sp->public_identities));
	sp->filter_criteria = shared((size_t)criteria * sizeof(*sp->filter_criteria));
	if (!sp->public_identities || !sp->filter_criteria)
		return -1;
	if (auth && (sp->cn_service_auth = shared(sizeof(*sp->cn_service_auth))))
		sp->cn_service_auth->subscribed_media_profile_id =
		    number_of(child(auth, "SubscribedMediaProfileId"), -1);
	for (const xmlNode *c = n->children; c; c = c->next) {
		if (is(c, "PublicIdentity") && sp->public_identities_cnt < ids) {
			ims_public_identity *pi = &sp->public_identities[sp->public_identities_cnt];

			if (parse_identity(c, pi))
				return -1;
			sp->public_identities_cnt += pi->public_identity.len > 0;
		} else if (is(c, "InitialFilterCriteria") && sp->filter_criteria_cnt < criteria) {
			ims_filter_criteria fc = {0};
			int i = sp->filter_criteria_cnt++;

			parse_criteria(c, &fc);
			for (; i > 0 && sp->filter_criteria[i - 1].priority > fc.priority; i--)
				sp->filter_criteria[i] = sp->filter_criteria[i - 1];
			sp->filter_criteria[i] = fc;
		}
	}
	return 0;
}

static ims_subscription *empty_subscription(void)
{
	ims_subscription *s = shared(sizeof(*s));

	if (!s)
		return NULL;
	s->lock = lock_alloc();
	if (!s->lock || !lock_init(s->lock)) {
		if (s->lock)
			lock_dealloc(s->lock);
		shm_free(s);
		return NULL;
	}
	s->sl = -1; /* in no list of stock's yet */
	s->ref_count = 1;
	return s;
}

static int parse_subscription(const xmlNode *root, ims_subscription *s)
{
	int profiles = count(root, "ServiceProfile", PROFILES_MAX);

	if (text_of(child(root, "PrivateID"), false, &s->private_identity) ||
	    !s->private_identity.len || !profiles)
		return -1;
	s->service_profiles = shared((size_t)profiles * sizeof(*s->service_profiles));
	if (!s->service_profiles)
		return -1;
	for (const xmlNode *c = root->children; c && s->service_profiles_cnt < profiles;
	     c = c->next)
		if (is(c, "ServiceProfile") &&
		    parse_profile(c, &s->service_profiles[s->service_profiles_cnt++]))
			return -1;
	for (int i = 0; i < s->service_profiles_cnt; i++)
		for (int k = 0; k < s->service_profiles[i].public_identities_cnt; k++)
			s->wpsi =
			    s->wpsi ||
			    s->service_profiles[i].public_identities[k].wildcarded_psi.len > 0;
	return 0;
}

ims_subscription *user_data_parse(str xml)
{
	int options = XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING;
	ims_subscription *s = NULL;
	xmlDoc *doc = NULL;
	const xmlNode *root;

	/* Some HSSs count the terminating NUL in. */
	while (xml.len > 0 && xml.s[xml.len - 1] == '\0')
		xml.len--;
	if (xml.len <= XML_MAX)
		doc = xmlReadMemory(xml.s, xml.len, NULL, NULL, options);
	root = doc && !xmlGetIntSubset(doc) ? xmlDocGetRootElement(doc) : NULL;
	if (root && is(root, "IMSSubscription") && (s = empty_subscription()) &&
	    parse_subscription(root, s)) {
		seamless_ul.unref_subscription(s);
		s = NULL;
	}
	if (!s)
		LM_ERR("user data of %d bytes from the HSS not usable\n", xml.len);
	xmlFreeDoc(doc);
	return s;
}

ims_subscription *user_data_seed(void)
{
	ims_subscription *s = empty_subscription();

	if (!s)
		return NULL;
	s->private_identity.s = shared(SEED_NAME_MAX);
	if (!s->private_identity.s) {
		seamless_ul.unref_subscription(s);
		return NULL;
	}
	s->private_identity.len =
	    snprintf(s->private_identity.s, SEED_NAME_MAX, "\x7f%p", (void *)s);
	return s;
}

size_t user_data_identities(const ims_subscription *s, struct slice *impus, bool *barred,
			    size_t max)
{
	size_t n = 0;

	for (int i = 0; i < s->service_profiles_cnt; i++) {
		const ims_service_profile *sp = &s->service_profiles[i];

		for (int k = 0; k < sp->public_identities_cnt && n < max; k++) {
			impus[n] = slice_of(sp->public_identities[k].public_identity);
			if (barred)
				barred[n] = sp->public_identities[k].barring != 0;
			n++;
		}
	}
	return n;
}
