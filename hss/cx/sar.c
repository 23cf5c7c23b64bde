/* SPDX-License-Identifier: GPL-2.0-or-later */
/* S-CSCF registration and deregistration notification, TS 29.228 6.1.2. */
#include "hss/cx/identity.h"
#include "hss/subscription/registration.h"

/* One SAR in the making. */
struct sar {
	struct subscription *sub;
	const struct cx_policy *policy;
	const struct cx_request *req;
	struct cx_answer *ans;
	int impi;	/* -1: not named */
	int impu;	/* -1: not named */
	uint64_t impus; /* all named, with their implicit sets */
	bool same_scscf;
};

static void give_profile(struct sar *s)
{
	const struct charging *c = s->sub->has_charging ? &s->sub->charging : &s->policy->charging;

	s->sub->scscf_features = s->req->features & CX_FEATURES_SAR;
	s->ans->profile_impus = s->impus;
	s->ans->profile_first = s->impu;
	s->ans->profile_impi = s->impi;
	/* without User-Name (unregistered user) the profile names a private identity that may use
	 * it */
	for (int i = 0; s->ans->profile_impi < 0 && i < (int)s->sub->n_impi; i++)
		if (s->sub->impu[s->impu].impis & 1u << i)
			s->ans->profile_impi = i;
	if (c->ecf[0][0] || c->ccf[0][0])
		s->ans->charging = c;
}

/* Release the S-CSCF when nothing needs it any more. */
static void release_scscf(struct sar *s)
{
	if (!subscription_needs_scscf(s->sub))
		scscf_clear(s->sub);
}

/* Another S-CSCF serves the user, and nobody has asked for a new one: that is told, and true. */
static bool others_user(struct sar *s)
{
	if (!s->sub->scscf[0] || s->same_scscf || s->sub->reassigning)
		return false;
	s->ans->result = CX_IDENTITY_ALREADY_REGISTERED;
	cx_give_server_name(s->sub, s->ans);
	return true;
}

static int assign(struct sar *s)
{
	if (scscf_assign(s->sub, s->req->scscf, s->req->origin_host, s->req->origin_realm))
		return -1;
	s->sub->scscf_features = s->req->features & CX_FEATURES_SAR;
	return 0;
}

/* What S-CSCFs left for this implicit set, of all private identities or of all but the one. Returns
 * whether there is any. */
static bool give_restorations(struct sar *s, struct slice but)
{
	char owner[RESTORATION_OWNER_SIZE];
	bool any = false;

	restoration_owner(&s->sub->impu[s->impu], owner);
	for (struct restoration *r = s->sub->restorations; r; r = r->next) {
		r->give = strcmp(r->owner, owner) == 0 && !slice_eq(slice_str(r->impi), but);
		any |= r->give;
	}
	return any;
}

static unsigned int assign_none(struct sar *s)
{
	uint32_t told;

	if (s->impu < 0 || (!s->same_scscf && !(s->sub->reassigning && s->sub->scscf[0])))
		return 0; /* UNABLE_TO_COMPLY: not the S-CSCF of this user */
	if (!s->same_scscf && assign(s))
		return 0;
	told = s->sub->scscf_features;
	s->ans->result = RESULT_SUCCESS;
	give_profile(s);
	give_restorations(s, SLICE_NULL);
	return s->same_scscf && told == s->sub->scscf_features ? 0 : CHANGED_STATE;
}

/*
 * One more contact of a phone, at an S-CSCF that has forgotten the others since: it gets what is kept,
 * and registers again with all (TS 29.228 6.1.2.1).
 */
static bool has_forgotten(struct sar *s)
{
	struct restoration *kept =
	    restoration_find(s->sub, &s->sub->impu[s->impu], slice_str(s->sub->impi[s->impi].name));

	if (s->req->assignment_type != SAT_REGISTRATION || !s->req->multiple ||
	    !s->req->has_restoration || !kept)
		return false;
	s->ans->result = CX_IN_ASSIGNMENT_TYPE;
	give_profile(s);
	kept->give = true;
	return true;
}

/*
 * Who may be authenticated by an address must have been: a bearer that ended meanwhile has taken back what its MAR
 * allowed, and left address_asked behind.
 */
static bool authenticated(const struct sar *s)
{
	uint16_t bit = (uint16_t)(1u << s->impi);
	bool needed = s->sub->impi[s->impi].giba, is = false;

	for (size_t i = 0; i < s->sub->n_impu; i++) {
		const struct impu *u = &s->sub->impu[i];

		if (!(s->impus & IMPU_BIT(i)))
			continue;
		needed |= (u->address_asked & bit) != 0;
		is |= ((u->pending | (u->registered & (u->by_address | ~u->address_asked))) &
		       bit) != 0;
	}
	return is || !needed;
}

static unsigned int assign_register(struct sar *s)
{
	bool again = s->req->assignment_type == SAT_RE_REGISTRATION;

	if (s->impi < 0 || s->impu < 0) {
		s->ans->result = RESULT_MISSING_AVP;
		return 0;
	}
	/* the S-CSCF became the user's by MAR; another one cannot take him away without
	 * authenticating him */
	if (others_user(s) || has_forgotten(s) || !authenticated(s) || assign(s))
		return 0;
	impus_register(s->sub, s->impus, s->impi);
	s->ans->result = RESULT_SUCCESS;
	s->ans->keep_restoration = s->req->has_restoration;
	if (!again || !s->req->data_available) {
		give_profile(s);
		give_restorations(s, slice_str(s->sub->impi[s->impi].name));
	}
	return CHANGED_STATE;
}

static unsigned int assign_unregistered(struct sar *s)
{
	if (s->impu < 0) {
		s->ans->result = RESULT_MISSING_AVP;
		return 0;
	}
	if (others_user(s) || assign(s))
		return 0;
	/* who is registered, and whose S-CSCF has only forgotten it, stays so (TS 23.380 4.4) */
	if (!give_restorations(s, SLICE_NULL))
		impus_unregister(s->sub, s->impus);
	s->ans->result = RESULT_SUCCESS;
	give_profile(s);
	return CHANGED_STATE;
}

static unsigned int deregister(struct sar *s)
{
	if (!s->same_scscf)
		return 0;
	impus_deregister(s->sub, s->impus, s->impi);
	release_scscf(s);
	s->ans->result = RESULT_SUCCESS;
	return CHANGED_STATE;
}

/* The S-CSCF asks to stay the user's server although he is gone. */
static unsigned int deregister_keep_server(struct sar *s)
{
	if (!s->policy->keep_server_name) {
		unsigned int changed = deregister(s);

		if (changed)
			s->ans->result = CX_SERVER_NAME_NOT_STORED;
		return changed;
	}
	if (!s->same_scscf)
		return 0;
	impus_deregister(s->sub, s->impus, s->impi);
	for (size_t i = 0; i < s->sub->n_impu; i++) /* shared identities may still be registered */
		if ((s->impus & IMPU_BIT(i)) && !impu_registered(&s->sub->impu[i]))
			s->sub->impu[i].unregistered = true;
	s->ans->result = RESULT_SUCCESS;
	return CHANGED_STATE;
}

static unsigned int authentication_failed(struct sar *s)
{
	uint16_t keep = (uint16_t)(s->impi < 0 ? 0 : ~(1u << s->impi));

	if (!s->same_scscf)
		return 0;
	for (size_t i = 0; i < s->sub->n_impu; i++) {
		struct impu *u = &s->sub->impu[i];

		if (!(s->impus & IMPU_BIT(i)))
			continue;
		u->pending &= keep;
		u->address_asked &= (uint16_t)(keep | u->by_address);
	}
	release_scscf(s);
	s->ans->result = RESULT_SUCCESS;
	return CHANGED_STATE;
}

static const struct {
	unsigned int (*run)(struct sar *);
	bool several;	/* more than one Public-Identity, or none at all, is allowed */
	bool serves;	/* the S-CSCF has the user after that */
	bool registers; /* and he is registered */
} assignments[] = {
    [SAT_NO_ASSIGNMENT] = {assign_none, false, true, false},
    [SAT_REGISTRATION] = {assign_register, false, true, true},
    [SAT_RE_REGISTRATION] = {assign_register, false, true, true},
    [SAT_UNREGISTERED_USER] = {assign_unregistered, false, true, false},
    [SAT_TIMEOUT_DEREGISTRATION] = {deregister, true, false, false},
    [SAT_USER_DEREGISTRATION] = {deregister, true, false, false},
    [SAT_TIMEOUT_DEREGISTRATION_STORE_SERVER_NAME] = {deregister_keep_server, true, false, false},
    [SAT_USER_DEREGISTRATION_STORE_SERVER_NAME] = {deregister_keep_server, true, false, false},
    [SAT_ADMINISTRATIVE_DEREGISTRATION] = {deregister, true, false, false},
    [SAT_AUTHENTICATION_FAILURE] = {authentication_failed, false, false, false},
    [SAT_AUTHENTICATION_TIMEOUT] = {authentication_failed, false, false, false},
    [SAT_DEREGISTRATION_TOO_MUCH_DATA] = {deregister, true, false, false},
};

/* The public identities that the request is about; all of the private identity's where none is
 * named. */
static bool collect_identities(struct sar *s)
{
	for (size_t n = 0; n < s->req->n_impu; n++) {
		int i = subscription_impu(s->sub, slice_str(s->req->impu[n]));

		if (i < 0 || (s->impi >= 0 && !(s->sub->impu[i].impis & 1u << s->impi))) {
			s->ans->result = CX_IDENTITIES_DONT_MATCH;
			return false;
		}
		if (s->sub->impu[i].inactive) {
			s->ans->result = CX_USER_UNKNOWN;
			return false;
		}
		s->impus |= implicit_set(s->sub, i, s->impi);
	}
	if (s->req->n_impu)
		return true;
	for (size_t i = 0; i < s->sub->n_impu; i++)
		if (s->sub->impu[i].impis & 1u << s->impi)
			s->impus |= IMPU_BIT(i);
	return true;
}

/* The user has come to another S-CSCF, and is served there: the one before may forget him (6.1.3). */
static void tell_replaced(struct sar *s, const uint64_t registered[SUB_IMPIS_MAX])
{
	bool any = false;

	for (size_t i = 0; i < s->sub->n_impi; i++)
		any |= registered[i] != 0;
	if (any) {
		strcpy(s->ans->replaced_host, s->sub->replaced_host);
		strcpy(s->ans->replaced_realm, s->sub->replaced_realm);
		memcpy(s->ans->replaced, registered, sizeof(s->ans->replaced));
	}
	s->sub->replaced_host[0] = s->sub->replaced_realm[0] = '\0';
}

/*
 * The user's P-CSCF has failed, and his serving nodes shall have him register anew (TS 23.380 5.4). No MME, SGSN or AMF is
 * known here: nobody would do it, so that is not said, and he stays as he is (TS 29.229 6.2.2.12).
 */
static bool wants_pcscf_restored(struct sar *s)
{
	uint32_t type = s->req->assignment_type;

	if (!s->req->pcscf_failed ||
	    (type != SAT_UNREGISTERED_USER && type != SAT_ADMINISTRATIVE_DEREGISTRATION))
		return false;
	if (!others_user(s))
		s->ans->result = CX_NODE_FEATURE_UNSUPPORTED;
	return true;
}

static unsigned int run(struct sar *s)
{
	uint64_t registered[SUB_IMPIS_MAX] = {0};
	unsigned int changed;

	for (size_t i = 0; i < s->sub->n_impi; i++)
		for (size_t u = 0; u < s->sub->n_impu; u++)
			if (s->sub->impu[u].registered & 1u << i)
				registered[i] |= IMPU_BIT(u);
	changed = assignments[s->req->assignment_type].run(s);
	if ((changed & CHANGED_STATE) && s->sub->scscf[0] && s->sub->replaced_host[0] &&
	    assignments[s->req->assignment_type].serves)
		tell_replaced(s, registered);
	return changed;
}

unsigned int cx_sar(struct subscription *sub, const struct cx_policy *policy,
		    const struct cx_request *req, struct cx_answer *ans)
{
	struct sar s = {.sub = sub, .policy = policy, .req = req, .ans = ans};

	cx_answer_clear(ans);
	if (!cx_identities(sub, req, ans, &s.impi, &s.impu))
		return 0;
	if (req->assignment_type >= sizeof(assignments) / sizeof(assignments[0])) {
		ans->result = CX_IN_ASSIGNMENT_TYPE;
		return 0;
	}
	if (req->n_impu > 1 && !assignments[req->assignment_type].several) {
		ans->result = RESULT_AVP_TOO_MANY;
		return 0;
	}
	if (req->n_impu == 0 && (s.impi < 0 || !assignments[req->assignment_type].several)) {
		ans->result = RESULT_MISSING_AVP;
		return 0;
	}
	if (!collect_identities(&s))
		return 0;
	s.same_scscf = sub->scscf[0] && slice_eq(slice_str(sub->scscf), req->scscf);
	if (s.impu >= 0 && assignments[req->assignment_type].registers &&
	    !cx_may_register(&sub->impu[s.impu], req)) {
		ans->result = RESULT_AUTHORIZATION_REJECTED;
		return 0;
	}
	return wants_pcscf_restored(&s) ? 0 : run(&s);
}
