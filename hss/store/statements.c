/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hss/store/statements.h"

#define MIGRATION                                                                                  \
	"SELECT id, side, partner, own, pair, host, realm, expires, changed, state, reason,"       \
	" asker_host, asker_realm, asker_server, first, last, mars, resyncs FROM migration "

const char *const statements[S_COUNT] = {
    [S_FIND_IMPI] = "SELECT sub FROM impi WHERE name=?1",
    [S_FIND_IMPU] = "SELECT sub FROM impu WHERE uri=?1",
    /* of a host those that begin as the identity does, by a look in the index for each beginning that it has; the
     * longest first */
    [S_FIND_WILDCARD] =
	"WITH RECURSIVE front(n) AS (SELECT 1 UNION ALL SELECT n+1 FROM front WHERE n<length(?2))"
	" SELECT w.uri, w.sub FROM front JOIN wildcard w ON w.host=?1 AND "
	"w.prefix=substr(?2,1,front.n)"
	" ORDER BY front.n DESC, w.uri",
    [S_COUNT_WILDCARDS] = "SELECT count(*) FROM wildcard WHERE host=?1 AND prefix=?2",
    [S_LOAD_SUB] =
	"SELECT scscf, scscf_host, scscf_realm, has_capabilities, capability_server, has_charging,"
	" ecf, ecf2, ccf, ccf2, reassigning, replaced_host, replaced_realm, shared, scscf_features,"
	" sqn, state FROM subscription WHERE id=?1",
    [S_FIND_MSISDN] = "SELECT sub FROM impi WHERE msisdn=?1 AND msisdn<>'' ORDER BY name LIMIT 1",
    [S_LOAD_IMPI] =
	"SELECT name, k, opc, ha1, algorithm, res, keccak, amf, msisdn, imsi, realm, seal, giba"
	" FROM impi WHERE sub=?1 "
	"ORDER BY pos",
    [S_LOAD_IMPU] =
	"SELECT uri, display, implicit_set, profile, barred, impis, alias, service, masked,"
	" inactive FROM impu WHERE sub=?1 ORDER BY pos",
    [S_LOAD_IFC] =
	"SELECT profile, priority, server, trigger_text, service_info, terminate, include_request,"
	" include_response, part, dsai FROM ifc WHERE sub=?1 ORDER BY pos",
    [S_LOAD_CAPABILITY] =
	"SELECT mandatory, value FROM capability WHERE sub=?1 ORDER BY mandatory, pos",
    [S_LOAD_VISITED] = "SELECT network FROM visited WHERE sub=?1 ORDER BY pos",
    [S_LOAD_SHARED] =
	"SELECT profile, set_id FROM shared_use WHERE sub=?1 ORDER BY profile, set_id",
    [S_SHARED_IFCS] =
	"SELECT 0, priority, server, trigger_text, service_info, terminate, include_request,"
	" include_response, part, dsai FROM shared_ifc WHERE set_id=?1 ORDER BY priority",
    [S_SHARED_SETS] =
	"SELECT set_id, count(*) FROM shared_ifc WHERE set_id>?1 GROUP BY set_id ORDER BY set_id"
	" LIMIT ?2",
    [S_SHARED_USERS] = "SELECT DISTINCT sub FROM shared_use WHERE set_id=?1 AND sub>?2 ORDER BY sub"
		       " LIMIT ?3",
    [S_PUT_SHARED_IFC] =
	"INSERT INTO shared_ifc(set_id, priority, server, trigger_text, service_info, terminate,"
	" include_request, include_response, part, dsai) VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10)",
    [S_DEL_SHARED_SET] = "DELETE FROM shared_ifc WHERE set_id=?1",
    /* a row that would stay as it is is not written: it costs a page of the log */
    [S_SAVE_STATE] =
	"UPDATE subscription SET scscf=?2, scscf_host=?3, scscf_realm=?4, reassigning=?5,"
	" replaced_host=?6, replaced_realm=?7, scscf_features=?8, sqn=?9, state=?10,"
	" registered=?11, unregistered=?12"
	" WHERE id=?1 AND (state<>?10 OR sqn<>?9 OR scscf<>?2 OR scscf_host<>?3 OR"
	" scscf_realm<>?4 OR reassigning<>?5 OR replaced_host<>?6 OR replaced_realm<>?7 OR"
	" scscf_features<>?8)",
    [S_SAVE_SWITCHES] = "UPDATE impu SET masked=?2, inactive=?3 WHERE uri=?1"
			" AND (masked<>?2 OR inactive<>?3)",
    [S_SAVE_SQN] = "UPDATE subscription SET sqn=?2 WHERE id=?1 AND sqn<>?2",
    [S_LOAD_RESTORATIONS] = "SELECT impi, owner, data FROM restoration WHERE sub=?1 ORDER BY impi",
    [S_PUT_RESTORATION] =
	"INSERT OR REPLACE INTO restoration(sub, impi, owner, data) VALUES(?1,?2,?3,?4)",
    [S_DEL_RESTORATION] = "DELETE FROM restoration WHERE sub=?1 AND impi=?2 AND owner=?3",
    [S_DEL_RESTORATIONS] = "DELETE FROM restoration WHERE sub=?1",
    /* after a change of the subscription, that of registrations which it still has */
    [S_KEEP_RESTORATIONS] =
	"DELETE FROM restoration WHERE sub=?1 AND NOT EXISTS(SELECT 1 FROM registration r"
	" WHERE r.sub=?1 AND r.impi=restoration.impi"
	" AND (restoration.owner=r.uri OR restoration.owner='set:'||r.implicit_set))",
    [S_PUT_ERRAND] =
	"INSERT OR REPLACE INTO cx_errand(kind, impi, host, realm, impus, retry_at, tries)"
	" VALUES(?1,?2,?3,?4,?5,0,0)",
    [S_DUE_ERRAND] = "SELECT id, kind, impi, host, realm, impus, tries FROM cx_errand"
		     " WHERE retry_at<=?1 ORDER BY retry_at, id LIMIT 1",
    [S_RETRY_ERRAND] = "UPDATE cx_errand SET retry_at=?2, tries=tries+1 WHERE id=?1",
    [S_END_ERRAND] = "DELETE FROM cx_errand WHERE id=?1",
    [S_REDIRECT] = "SELECT host FROM slf WHERE identity=?1",
    [S_PUT_REDIRECT] = "INSERT OR REPLACE INTO slf(identity, host) VALUES(?1,?2)",
    [S_DEL_REDIRECT] = "DELETE FROM slf WHERE identity=?1",
    [S_REDIRECTS] = "SELECT identity, host FROM slf ORDER BY identity",
    [S_GIBA_USER] = "SELECT name, sub FROM impi WHERE imsi=?1 AND giba<>0",
    [S_BEARER] = "SELECT imsi, address, until, used FROM bearer WHERE imsi=?1",
    [S_BEARER_AT] = "SELECT imsi, address, until, used FROM bearer WHERE network=?1",
    [S_DEAD_BEARER] = "SELECT imsi, address, until, used FROM bearer WHERE until<=?1"
		      " ORDER BY until LIMIT 1",
    [S_PUT_BEARER] =
	"INSERT INTO bearer(imsi, network, address, until, used) VALUES(?1,?2,?3,?4,?5)",
    [S_USE_BEARER] = "UPDATE bearer SET used=1 WHERE imsi=?1 AND used=0",
    [S_END_BEARER] = "DELETE FROM bearer WHERE imsi=?1",
    [S_BEARERS] = "SELECT imsi, address, until, used FROM bearer WHERE imsi>?1 AND until>?2"
		  " ORDER BY imsi LIMIT ?3",
    [S_SEALS] = "SELECT key, impis FROM seal ORDER BY key",
    [S_SEAL_PIECE] =
	"SELECT name, k, opc, ha1, algorithm, res, keccak, seal FROM impi WHERE name>?1"
	" ORDER BY name LIMIT ?2",
    [S_RESEAL] = "UPDATE impi SET k=?2, opc=?3, ha1=?4, seal=?5 WHERE name=?1",
    [S_ADD_SUB] =
	"INSERT INTO subscription(scscf, scscf_host, scscf_realm, has_capabilities,"
	" capability_server, has_charging, ecf, ecf2, ccf, ccf2, reassigning, replaced_host,"
	" replaced_realm, shared, scscf_features, sqn, state, registered, unregistered)"
	" VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15,?16,?17,?18,?19)"
	" RETURNING id",
    [S_PUT_SUB] =
	"UPDATE subscription SET scscf=?1, scscf_host=?2, scscf_realm=?3, has_capabilities=?4,"
	" capability_server=?5, has_charging=?6, ecf=?7, ecf2=?8, ccf=?9, ccf2=?10, "
	"reassigning=?11,"
	" replaced_host=?12, replaced_realm=?13, shared=?14, scscf_features=?15, sqn=?16,"
	" state=?17, registered=?18, unregistered=?19 WHERE id=?20",
    [S_PUT_IMPI] = "INSERT INTO impi(sub, pos, name, k, opc, amf, msisdn, imsi, ha1, realm,"
		   " seal, algorithm, res, keccak, giba)"
		   " VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15)",
    [S_PUT_IMPU] =
	"INSERT INTO impu(sub, pos, uri, display, implicit_set, profile, barred, impis, alias,"
	" service, masked, inactive) VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12)",
    [S_PUT_IFC] =
	"INSERT INTO ifc(sub, pos, profile, priority, server, trigger_text, service_info, "
	"terminate,"
	" include_request, include_response, part, dsai)"
	" VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12)",
    [S_PUT_CAPABILITY] = "INSERT INTO capability(sub, mandatory, pos, value) VALUES(?1,?2,?3,?4)",
    [S_PUT_VISITED] = "INSERT INTO visited(sub, pos, network) VALUES(?1,?2,?3)",
    [S_PUT_SHARED] = "INSERT INTO shared_use(sub, profile, set_id) VALUES(?1,?2,?3)",
    [S_PUT_WILDCARD] = "INSERT INTO wildcard(sub, uri, host, prefix) VALUES(?1,?2,?3,?4)",
    [S_DEL_WILDCARDS] = "DELETE FROM wildcard WHERE sub=?1",
    [S_DEL_SUB] = "DELETE FROM subscription WHERE id=?1",
    [S_DEL_IMPI] = "DELETE FROM impi WHERE sub=?1",
    [S_DEL_IMPU] = "DELETE FROM impu WHERE sub=?1",
    [S_DEL_IFC] = "DELETE FROM ifc WHERE sub=?1",
    [S_DEL_CAPABILITY] = "DELETE FROM capability WHERE sub=?1",
    [S_DEL_VISITED] = "DELETE FROM visited WHERE sub=?1",
    [S_DEL_SHARED] = "DELETE FROM shared_use WHERE sub=?1",
    [S_DEL_REPOSITORY] = "DELETE FROM sh_repository WHERE sub=?1",
    /* what an identity owned goes with it */
    [S_KEEP_REPOSITORY] = "DELETE FROM sh_repository WHERE sub=?1 AND owner NOT IN"
			  " (SELECT uri FROM impu WHERE sub=?1 UNION ALL"
			  " SELECT 'alias:'||alias FROM impu WHERE sub=?1)",
    [S_LIST] = "SELECT id FROM subscription WHERE id>?1 ORDER BY id LIMIT ?2",
    [S_TOTALS] =
	"SELECT subscriptions, impis, impus, registered, unregistered FROM totals WHERE one=1",
    [S_ALLOWED] = "SELECT reference, operations FROM sh_permission WHERE host=?1",
    [S_ALLOW] =
	"INSERT OR REPLACE INTO sh_permission(host, reference, operations) VALUES(?1,?2,?3)",
    [S_FORBID] = "DELETE FROM sh_permission WHERE host=?1 AND reference=?2",
    [S_PERMISSIONS] =
	"SELECT host, reference, operations FROM sh_permission ORDER BY host, reference",
    [S_REPOSITORY] = "SELECT service, sequence, data FROM sh_repository"
		     " WHERE sub=?1 AND owner=?2 AND service=?3",
    [S_REPOSITORIES] = "SELECT service, sequence, data FROM sh_repository"
		       " WHERE sub=?1 AND owner=?2 ORDER BY service",
    [S_COUNT_REPOSITORIES] = "SELECT count(*) FROM sh_repository WHERE sub=?1 AND owner=?2",
    [S_PUT_REPOSITORY] = "INSERT OR REPLACE INTO sh_repository(sub, owner, service, sequence, data)"
			 " VALUES(?1,?2,?3,?4,?5)",
    /* who subscribes again keeps what was told him: nothing between is lost */
    [S_SUBSCRIBE] =
	"INSERT INTO sh_subscription(host, \"user\", impi, reference, sets, service, server, sub, "
	"realm,"
	" expiry, one_time, sent, retry_at, tries)"
	" VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,0,0)"
	" ON CONFLICT(host, \"user\", impi, reference, sets, service, server) DO UPDATE SET sub=?8,"
	" realm=?9, expiry=?10, one_time=?11",
    [S_UNSUBSCRIBE] = "DELETE FROM sh_subscription WHERE host=?1 AND \"user\"=?2 AND impi=?3"
		      " AND reference=?4 AND sets=?5 AND service=?6 AND server=?7",
    [S_COUNT_OF_SUB] = "SELECT count(*) FROM sh_subscription WHERE sub=?1",
    [S_COUNT_OF_HOST] = "SELECT count(*) FROM sh_subscription WHERE sub=?1 AND host=?2",
    [S_COUNT_ALL] = "SELECT count(*) FROM sh_subscription",
    [S_SUBSCRIPTIONS] = "SELECT id, sub, host, realm, \"user\", impi, reference, sets, service, "
			"server, expiry, one_time,"
			" sent, retry_at, tries"
			" FROM sh_subscription WHERE id>?1 ORDER BY id LIMIT ?2",
    [S_SUBSCRIPTIONS_OF] = "SELECT id, sub, host, realm, \"user\", impi, reference, sets, service, "
			   "server, expiry, one_time,"
			   " sent, retry_at, tries"
			   " FROM sh_subscription WHERE id>?1 AND sub=?3 ORDER BY id LIMIT ?2",
    [S_DUE] = "SELECT sub FROM sh_dirty UNION"
	      " SELECT sub FROM sh_subscription WHERE retry_at<>0 AND retry_at<=?1 LIMIT ?2",
    [S_SETTLE] = "DELETE FROM sh_dirty WHERE sub=?1",
    [S_LOOK_AGAIN] = "INSERT OR IGNORE INTO sh_dirty VALUES(?1)",
    /* with anything of application servers */
    [S_SH_SUBS] =
	"SELECT sub FROM (SELECT DISTINCT sub FROM sh_repository WHERE sub>?1 ORDER BY sub LIMIT "
	"?2)"
	" AS a UNION SELECT sub FROM (SELECT DISTINCT sub FROM sh_subscription WHERE sub>?1"
	" ORDER BY sub LIMIT ?2) AS b ORDER BY sub LIMIT ?2",
    [S_EXPIRE] = "DELETE FROM sh_subscription WHERE expiry<>0 AND expiry<=?1",
    [S_END_SUBSCRIPTION] = "DELETE FROM sh_subscription WHERE id=?1",
    [S_END_SUBSCRIPTIONS] = "DELETE FROM sh_subscription WHERE host=?1 AND \"user\"=?2",
    [S_SAVE_SUBSCRIPTION] = "UPDATE sh_subscription SET sent=?2, retry_at=?3, tries=?4,"
			    " sub=?5 WHERE id=?1",
    [S_RETRY_AT] = "UPDATE sh_subscription SET retry_at=?2 WHERE host=?1 AND retry_at<>0",
    [S_MIGRATION] = MIGRATION "WHERE id=?1",
    [S_MIGRATION_HERE] = MIGRATION "WHERE side=1 AND own_impi=?1 AND state<2",
    [S_MIGRATION_AWAY] = MIGRATION "WHERE side=0 AND partner=?1 AND pair_impi=?2 AND state<2",
    [S_MIGRATIONS] = MIGRATION "WHERE id>?1 AND state<?3 AND (?4='' OR partner=?4)"
			       " ORDER BY id LIMIT ?2",
    /* over their time, or on their way out */
    [S_MIGRATIONS_DUE] =
	MIGRATION "WHERE state=1 OR (state=0 AND expires<=?1) ORDER BY expires LIMIT ?2",
    [S_PUT_MIGRATION] =
	"INSERT INTO migration(id, side, partner, own, pair, host, realm, expires, changed, state,"
	" reason, own_impi, pair_impi, asker_host, asker_realm, asker_server, first, last, mars, "
	"resyncs)"
	" VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,'','','',0,0,0,0)"
	" ON CONFLICT(id) DO UPDATE SET expires=?8, changed=?9",
    [S_END_MIGRATION] = "UPDATE migration SET state=?2, reason=?3, changed=?4 WHERE id=?1",
    [S_ASKED_MIGRATION] =
	"UPDATE migration SET asker_host=?2, asker_realm=?3, asker_server=?4,"
	" first=CASE WHEN first=0 THEN ?5 ELSE first END, last=?5, mars=mars+?6, resyncs=resyncs+?7"
	" WHERE id=?1",
    [S_FORGET_MIGRATIONS] = "DELETE FROM migration WHERE state=2 AND expires<=?1 AND changed<=?1",
    [S_AUDIT_MIGRATION] = "INSERT INTO migration_audit(at, event, id, partner, actor, detail) "
			  "VALUES(?1,?2,?3,?4,?5,?6)",
    [S_MIGRATION_AUDIT] = "SELECT n, at, event, id, partner, actor, detail FROM migration_audit"
			  " WHERE n>?1 ORDER BY n LIMIT ?2",
    [S_TRIM_MIGRATION_AUDIT] = "DELETE FROM migration_audit WHERE at<=?1",
    /* of shared stores alone */
    [S_PUT_FORWARD] = "INSERT INTO forward(sender, number, host, octets, seconds)"
		      " VALUES(?1,?2,?3,?4,?5)",
    [S_TAKE_FORWARD] =
	"UPDATE forward SET taker=?1 WHERE (sender, number)=(SELECT sender, number FROM forward"
	" WHERE taker=0 AND lower(host)=ANY(string_to_array(lower(?2), ' '))"
	" AND made + make_interval(secs => seconds)>now() ORDER BY made LIMIT 1"
	" FOR UPDATE SKIP LOCKED) RETURNING sender, number, octets, seconds",
    [S_END_FORWARD] =
	"UPDATE forward SET done=1, answered=?3, code=?4, experimental=?5, answerer=?6"
	" WHERE sender=?1 AND number=?2",
    [S_FORWARD_OUTCOME] =
	"DELETE FROM forward WHERE sender=?1 AND number=(SELECT number FROM forward WHERE sender=?1"
	" AND done<>0 ORDER BY made LIMIT 1) RETURNING number, answered, code, experimental, "
	"answerer",
    [S_TAKE_BACK_FORWARD] =
	"DELETE FROM forward WHERE sender=?1 AND number=?2 AND taker=0 RETURNING number",
    [S_OLD_FORWARDS] = "DELETE FROM forward WHERE made<now() - make_interval(mins => 2)",
    [S_REMOVE_REPOSITORY] = "DELETE FROM sh_repository WHERE sub=?1 AND owner=?2 AND service=?3",
};
