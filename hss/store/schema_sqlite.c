/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SQLite's tables, as the list of steps that lead from an empty file to the newest version. A step that
 * was released never changes: a store of any older version goes through the steps that it lacks,
 * all in one transaction. PRAGMA user_version says how many it has gone through.
 */
#include "hss/store/schema.h"

static const char version_1[] =
    "CREATE TABLE subscription(id INTEGER PRIMARY KEY, scscf TEXT NOT NULL, scscf_host TEXT NOT "
    "NULL,"
    " scscf_realm TEXT NOT NULL, has_capabilities INT NOT NULL, capability_server TEXT NOT NULL,"
    " has_charging INT NOT NULL, ecf TEXT NOT NULL, ecf2 TEXT NOT NULL, ccf TEXT NOT NULL, ccf2 "
    "TEXT NOT NULL);"
    "CREATE TABLE impi(name TEXT PRIMARY KEY, sub INT NOT NULL, pos INT NOT NULL, k BLOB NOT NULL,"
    " opc BLOB NOT NULL, amf BLOB NOT NULL, sqn INT NOT NULL) WITHOUT ROWID;"
    "CREATE INDEX impi_sub ON impi(sub, pos);"
    "CREATE TABLE impu(uri TEXT PRIMARY KEY, sub INT NOT NULL, pos INT NOT NULL, display TEXT NOT "
    "NULL,"
    " implicit_set INT NOT NULL, profile INT NOT NULL, barred INT NOT NULL, impis INT NOT NULL,"
    " registered INT NOT NULL, pending INT NOT NULL, unregistered INT NOT NULL) WITHOUT ROWID;"
    "CREATE INDEX impu_sub ON impu(sub, pos);"
    "CREATE TABLE ifc(sub INT NOT NULL, pos INT NOT NULL, profile INT NOT NULL, priority INT NOT "
    "NULL,"
    " server TEXT NOT NULL, trigger_text TEXT NOT NULL, service_info TEXT NOT NULL, terminate INT "
    "NOT NULL,"
    " include_request INT NOT NULL, include_response INT NOT NULL, part INT NOT NULL,"
    " PRIMARY KEY(sub, pos)) WITHOUT ROWID;"
    "CREATE TABLE capability(sub INT NOT NULL, mandatory INT NOT NULL, pos INT NOT NULL, value INT "
    "NOT NULL,"
    " PRIMARY KEY(sub, mandatory, pos)) WITHOUT ROWID;"
    "CREATE TABLE visited(sub INT NOT NULL, pos INT NOT NULL, network TEXT NOT NULL,"
    " PRIMARY KEY(sub, pos)) WITHOUT ROWID;";

/*
 * The totals are kept as they change: counting a million rows took five seconds, in which nobody
 * was served.
 */
static const char version_2[] =
    "CREATE TABLE totals(one INTEGER PRIMARY KEY, subscriptions INT NOT NULL, impis INT NOT NULL,"
    " impus INT NOT NULL, registered INT NOT NULL, unregistered INT NOT NULL);"
    "INSERT INTO totals SELECT 1, (SELECT count(*) FROM subscription), (SELECT count(*) FROM impi),"
    " (SELECT count(*) FROM impu), (SELECT count(*) FROM impu WHERE registered<>0),"
    " (SELECT count(*) FROM impu WHERE unregistered<>0);"
    "CREATE TRIGGER subscription_added AFTER INSERT ON subscription BEGIN"
    " UPDATE totals SET subscriptions=subscriptions+1; END;"
    "CREATE TRIGGER subscription_gone AFTER DELETE ON subscription BEGIN"
    " UPDATE totals SET subscriptions=subscriptions-1; END;"
    "CREATE TRIGGER impi_added AFTER INSERT ON impi BEGIN UPDATE totals SET impis=impis+1; END;"
    "CREATE TRIGGER impi_gone AFTER DELETE ON impi BEGIN UPDATE totals SET impis=impis-1; END;"
    "CREATE TRIGGER impu_added AFTER INSERT ON impu BEGIN UPDATE totals SET impus=impus+1,"
    " registered=registered+(new.registered<>0), unregistered=unregistered+(new.unregistered<>0);"
    " END;"
    "CREATE TRIGGER impu_gone AFTER DELETE ON impu BEGIN UPDATE totals SET impus=impus-1,"
    " registered=registered-(old.registered<>0), unregistered=unregistered-(old.unregistered<>0);"
    " END;"
    "CREATE TRIGGER impu_changed AFTER UPDATE OF registered, unregistered ON impu"
    " WHEN (old.registered<>0)<>(new.registered<>0) OR (old.unregistered<>0)<>(new.unregistered<>0)"
    " BEGIN UPDATE totals SET registered=registered+(new.registered<>0)-(old.registered<>0),"
    " unregistered=unregistered+(new.unregistered<>0)-(old.unregistered<>0); END;";

/* Sh: what application servers may do, the data that they keep, and what they ask for by. */
static const char version_3[] =
    "ALTER TABLE impi ADD COLUMN msisdn TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE impi ADD COLUMN imsi TEXT NOT NULL DEFAULT '';"
    "CREATE INDEX impi_msisdn ON impi(msisdn) WHERE msisdn<>'';"
    "ALTER TABLE impu ADD COLUMN alias INT NOT NULL DEFAULT 0;"
    "CREATE TABLE sh_permission(host TEXT NOT NULL, reference INT NOT NULL, operations INT NOT "
    "NULL,"
    " PRIMARY KEY(host, reference)) WITHOUT ROWID;"
    "CREATE TABLE sh_repository(sub INT NOT NULL, owner TEXT NOT NULL, service TEXT NOT NULL,"
    " sequence INT NOT NULL, data BLOB NOT NULL, PRIMARY KEY(sub, owner, service)) WITHOUT ROWID;";

/*
 * Subscriptions of application servers. sh_dirty names those whose data may have changed since their
 * subscribers were told: whoever changes them, and in whichever process, the triggers see it.
 */
static const char version_4[] =
    "CREATE TABLE sh_subscription(id INTEGER PRIMARY KEY AUTOINCREMENT, sub INT NOT NULL,"
    " host TEXT NOT NULL, realm TEXT NOT NULL, user TEXT NOT NULL, impi TEXT NOT NULL,"
    " reference INT NOT NULL, sets INT NOT NULL, service TEXT NOT NULL, server TEXT NOT NULL,"
    " expiry INT NOT NULL, one_time INT NOT NULL, sent TEXT NOT NULL,"
    " retry_at INT NOT NULL, tries INT NOT NULL,"
    " UNIQUE(host, user, impi, reference, sets, service, server));"
    "CREATE INDEX sh_subscription_sub ON sh_subscription(sub);"
    "CREATE INDEX sh_subscription_retry ON sh_subscription(retry_at) WHERE retry_at<>0;"
    "CREATE INDEX sh_subscription_expiry ON sh_subscription(expiry) WHERE expiry<>0;"
    "CREATE TABLE sh_dirty(sub INTEGER PRIMARY KEY);"
    "CREATE TRIGGER sh_subscription_put AFTER INSERT ON subscription"
    " WHEN EXISTS(SELECT 1 FROM sh_subscription WHERE sub=new.id)"
    " BEGIN INSERT OR IGNORE INTO sh_dirty VALUES(new.id); END;"
    "CREATE TRIGGER sh_subscription_gone AFTER DELETE ON subscription"
    " WHEN EXISTS(SELECT 1 FROM sh_subscription WHERE sub=old.id)"
    " BEGIN INSERT OR IGNORE INTO sh_dirty VALUES(old.id); END;"
    "CREATE TRIGGER sh_scscf AFTER UPDATE OF scscf ON subscription"
    " WHEN EXISTS(SELECT 1 FROM sh_subscription WHERE sub=new.id)"
    " BEGIN INSERT OR IGNORE INTO sh_dirty VALUES(new.id); END;"
    "CREATE TRIGGER sh_state AFTER UPDATE OF registered, unregistered ON impu"
    " WHEN EXISTS(SELECT 1 FROM sh_subscription WHERE sub=new.sub)"
    " BEGIN INSERT OR IGNORE INTO sh_dirty VALUES(new.sub); END;"
    "CREATE TRIGGER sh_data_put AFTER INSERT ON sh_repository"
    " WHEN EXISTS(SELECT 1 FROM sh_subscription WHERE sub=new.sub)"
    " BEGIN INSERT OR IGNORE INTO sh_dirty VALUES(new.sub); END;"
    "CREATE TRIGGER sh_data_gone AFTER DELETE ON sh_repository"
    " WHEN EXISTS(SELECT 1 FROM sh_subscription WHERE sub=old.sub)"
    " BEGIN INSERT OR IGNORE INTO sh_dirty VALUES(old.sub); END;"
    /* who may not subscribe any more is not notified any more (TS 29.328 6.2) */
    "CREATE TRIGGER sh_forbidden AFTER DELETE ON sh_permission BEGIN"
    " DELETE FROM sh_subscription WHERE host=old.host AND reference=old.reference; END;"
    "CREATE TRIGGER sh_allowed AFTER INSERT ON sh_permission WHEN (new.operations & 4)=0 BEGIN"
    " DELETE FROM sh_subscription WHERE host=new.host AND reference=new.reference; END;";

/* SIP digest (TS 33.203 annex N): the hash of a password and the realm that is in it. */
static const char version_5[] = "ALTER TABLE impi ADD COLUMN ha1 TEXT NOT NULL DEFAULT '';"
				"ALTER TABLE impi ADD COLUMN realm TEXT NOT NULL DEFAULT '';";

/*
 * S-CSCFs that take over (TS 23.380): what the one before left goes when the registration does that it is
 * about, whichever way that ends.
 */
static const char version_6[] =
    "ALTER TABLE subscription ADD COLUMN reassigning INT NOT NULL DEFAULT 0;"
    "CREATE TABLE restoration(sub INT NOT NULL, impi TEXT NOT NULL, owner TEXT NOT NULL,"
    " data BLOB NOT NULL, PRIMARY KEY(sub, impi, owner)) WITHOUT ROWID;"
    "CREATE TRIGGER restoration_over AFTER UPDATE OF registered ON impu"
    " WHEN (old.registered & ~new.registered)<>0 BEGIN"
    " DELETE FROM restoration WHERE sub=new.sub"
    " AND (owner=new.uri OR owner='set:'||new.implicit_set)"
    " AND (new.registered & (1 << (SELECT pos FROM impi WHERE name=restoration.impi)))=0; END;";

/* What S-CSCFs must be told of changes; of new profiles one for each private identity. */
static const char version_7[] =
    "CREATE TABLE cx_errand(id INTEGER PRIMARY KEY AUTOINCREMENT, kind INT NOT NULL,"
    " impi TEXT NOT NULL, host TEXT NOT NULL, realm TEXT NOT NULL, impus TEXT NOT NULL,"
    " retry_at INT NOT NULL, tries INT NOT NULL);"
    "CREATE INDEX cx_errand_due ON cx_errand(retry_at, id);"
    "CREATE UNIQUE INDEX cx_errand_ppr ON cx_errand(impi) WHERE kind=0;";

/* Users of other subscriber bases, and which. */
static const char version_8[] =
    "CREATE TABLE slf(identity TEXT PRIMARY KEY, host TEXT NOT NULL) WITHOUT ROWID;";

/* Under which master key a private identity's keys are sealed, '' for none, and how many under each. */
static const char version_9[] =
    "ALTER TABLE impi ADD COLUMN seal TEXT NOT NULL DEFAULT '';"
    "CREATE TABLE seal(key TEXT PRIMARY KEY, impis INT NOT NULL) WITHOUT ROWID;"
    "INSERT INTO seal SELECT '', impis FROM totals;"
    "CREATE TRIGGER seal_added AFTER INSERT ON impi BEGIN INSERT INTO seal VALUES(new.seal, 1)"
    " ON CONFLICT(key) DO UPDATE SET impis=impis+1; END;"
    "CREATE TRIGGER seal_gone AFTER DELETE ON impi BEGIN"
    " UPDATE seal SET impis=impis-1 WHERE key=old.seal; END;"
    "CREATE TRIGGER seal_changed AFTER UPDATE OF seal ON impi WHEN old.seal<>new.seal BEGIN"
    " UPDATE seal SET impis=impis-1 WHERE key=old.seal;"
    " INSERT INTO seal VALUES(new.seal, 1) ON CONFLICT(key) DO UPDATE SET impis=impis+1; END;";

/*
 * Wildcarded identities, found by their host and what stands in front of the pattern; services' identities; the S-CSCF
 * that must be told that another has the user.
 */
static const char version_10[] =
    "ALTER TABLE impu ADD COLUMN service INT NOT NULL DEFAULT 0;"
    "CREATE TABLE wildcard(uri TEXT PRIMARY KEY, sub INT NOT NULL, host TEXT NOT NULL,"
    " prefix TEXT NOT NULL) WITHOUT ROWID;"
    "CREATE INDEX wildcard_front ON wildcard(host, prefix);"
    "CREATE INDEX wildcard_sub ON wildcard(sub);"
    "ALTER TABLE subscription ADD COLUMN replaced_host TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE subscription ADD COLUMN replaced_realm TEXT NOT NULL DEFAULT '';";

/*
 * Sets of filter criteria that profiles share; how many a subscription uses; which features its S-CSCF has. Who is told
 * by Sh of criteria is told of those, too.
 */
static const char version_11[] =
    "ALTER TABLE subscription ADD COLUMN shared INT NOT NULL DEFAULT 0;"
    "ALTER TABLE subscription ADD COLUMN scscf_features INT NOT NULL DEFAULT 0;"
    "CREATE TABLE shared_ifc(set_id INT NOT NULL, priority INT NOT NULL, server TEXT NOT NULL,"
    " trigger_text TEXT NOT NULL, service_info TEXT NOT NULL, terminate INT NOT NULL,"
    " include_request INT NOT NULL, include_response INT NOT NULL, part INT NOT NULL,"
    " PRIMARY KEY(set_id, priority)) WITHOUT ROWID;"
    "CREATE TABLE shared_use(sub INT NOT NULL, profile INT NOT NULL, set_id INT NOT NULL,"
    " PRIMARY KEY(sub, profile, set_id)) WITHOUT ROWID;"
    "CREATE INDEX shared_use_set ON shared_use(set_id, sub);"
    "CREATE TRIGGER sh_shared_put AFTER INSERT ON shared_ifc BEGIN"
    " INSERT OR IGNORE INTO sh_dirty SELECT s.sub FROM sh_subscription s WHERE s.reference=13"
    " AND EXISTS(SELECT 1 FROM shared_use u WHERE u.set_id=new.set_id AND u.sub=s.sub); END;"
    "CREATE TRIGGER sh_shared_gone AFTER DELETE ON shared_ifc BEGIN"
    " INSERT OR IGNORE INTO sh_dirty SELECT s.sub FROM sh_subscription s WHERE s.reference=13"
    " AND EXISTS(SELECT 1 FROM shared_use u WHERE u.set_id=old.set_id AND u.sub=s.sub); END;";

/* Algorithms of AKA: 0 Milenage, 1 TUAK; of TUAK the octets of RES and how often Keccak runs. */
static const char version_12[] = "ALTER TABLE impi ADD COLUMN algorithm INT NOT NULL DEFAULT 0;"
				 "ALTER TABLE impi ADD COLUMN res INT NOT NULL DEFAULT 0;"
				 "ALTER TABLE impi ADD COLUMN keccak INT NOT NULL DEFAULT 0;";

/*
 * What application servers switch: tags that filter criteria are bound to, those that are off for an identity, and
 * services that are off. Subscribers of Sh are told.
 */
static const char version_13[] =
    "ALTER TABLE ifc ADD COLUMN dsai TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE shared_ifc ADD COLUMN dsai TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE impu ADD COLUMN masked TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE impu ADD COLUMN inactive INT NOT NULL DEFAULT 0;"
    "CREATE TRIGGER sh_switched AFTER UPDATE OF masked, inactive ON impu"
    " WHEN EXISTS(SELECT 1 FROM sh_subscription WHERE sub=new.sub)"
    " BEGIN INSERT OR IGNORE INTO sh_dirty VALUES(new.sub); END;";

/* Who may be authenticated by the address of his access bearer, one for an IMSI; and those addresses. */
static const char version_15[] = "ALTER TABLE impi ADD COLUMN giba INT NOT NULL DEFAULT 0;"
				 "CREATE UNIQUE INDEX impi_giba ON impi(imsi) WHERE giba<>0;"
				 "CREATE TABLE bearer(imsi TEXT PRIMARY KEY, network TEXT NOT NULL "
				 "UNIQUE, address TEXT NOT NULL,"
				 " until INT NOT NULL, used INT NOT NULL) WITHOUT ROWID;"
				 "CREATE INDEX bearer_until ON bearer(until);";

/* Migrations between partner systems: what binds the identities of each, and what happened to it. */
static const char version_16[] =
    "CREATE TABLE migration(id TEXT PRIMARY KEY, side INT NOT NULL, partner TEXT NOT NULL,"
    " own_impi TEXT NOT NULL, own TEXT NOT NULL, pair_impi TEXT NOT NULL, pair TEXT NOT NULL,"
    " host TEXT NOT NULL, realm TEXT NOT NULL, expires INT NOT NULL, changed INT NOT NULL,"
    " state INT NOT NULL, reason TEXT NOT NULL, asker_host TEXT NOT NULL, asker_realm TEXT NOT "
    "NULL,"
    " asker_server TEXT NOT NULL, first INT NOT NULL, last INT NOT NULL, mars INT NOT NULL,"
    " resyncs INT NOT NULL) WITHOUT ROWID;"
    "CREATE UNIQUE INDEX migration_here ON migration(own_impi) WHERE side=1 AND state<2;"
    "CREATE UNIQUE INDEX migration_pair ON migration(side, partner, pair_impi) WHERE state<2;"
    "CREATE INDEX migration_over ON migration(state, expires);"
    "CREATE TABLE migration_audit(n INTEGER PRIMARY KEY AUTOINCREMENT, at INT NOT NULL,"
    " event TEXT NOT NULL, id TEXT NOT NULL, partner TEXT NOT NULL, actor TEXT NOT NULL,"
    " detail TEXT NOT NULL);";

/*
 * What requests change stands in the one row of the subscription (state.h). "registration" names who has registered what:
 * of the identity at pos the digits of registered are those from 9*pos+1 to 9*pos+4, four private identities in each, the
 * last of which are the first.
 */
static const char version_17[] =
    "DROP TRIGGER impu_added; DROP TRIGGER impu_gone; DROP TRIGGER impu_changed;"
    "DROP TRIGGER subscription_added; DROP TRIGGER subscription_gone;"
    "DROP TRIGGER sh_scscf; DROP TRIGGER sh_state; DROP TRIGGER restoration_over;"
    "ALTER TABLE subscription ADD COLUMN sqn TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE subscription ADD COLUMN state TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE subscription ADD COLUMN registered INT NOT NULL DEFAULT 0;"
    "ALTER TABLE subscription ADD COLUMN unregistered INT NOT NULL DEFAULT 0;"
    "UPDATE subscription SET"
    " sqn=(SELECT COALESCE(group_concat(printf('%012x', n), ''), '') FROM"
    " (SELECT i.sqn AS n FROM impi i WHERE i.sub=subscription.id ORDER BY i.pos)),"
    " state=(SELECT COALESCE(group_concat(printf('%04x%04x%d', r, p, n<>0), ''), '') FROM"
    " (SELECT u.registered AS r, u.pending AS p, u.unregistered AS n FROM impu u"
    " WHERE u.sub=subscription.id ORDER BY u.pos)),"
    " registered=(SELECT count(*) FROM impu u WHERE u.sub=subscription.id AND u.registered<>0),"
    " unregistered=(SELECT count(*) FROM impu u WHERE u.sub=subscription.id"
    " AND u.unregistered<>0);"
    "ALTER TABLE impi DROP COLUMN sqn;"
    "ALTER TABLE impu DROP COLUMN registered;"
    "ALTER TABLE impu DROP COLUMN pending;"
    "ALTER TABLE impu DROP COLUMN unregistered;"
    "CREATE VIEW registration AS SELECT s.id AS sub, i.name AS impi, u.uri, u.implicit_set"
    " FROM subscription s JOIN impi i ON i.sub=s.id JOIN impu u ON u.sub=s.id"
    " WHERE (instr('123456789abcdef', substr(s.state, 9*u.pos+4-i.pos/4, 1)) >> i.pos%4) & 1;"
    "CREATE TRIGGER impu_added AFTER INSERT ON impu BEGIN UPDATE totals SET impus=impus+1; END;"
    "CREATE TRIGGER impu_gone AFTER DELETE ON impu BEGIN UPDATE totals SET impus=impus-1; END;"
    "CREATE TRIGGER subscription_added AFTER INSERT ON subscription BEGIN"
    " UPDATE totals SET subscriptions=subscriptions+1, registered=registered+new.registered,"
    " unregistered=unregistered+new.unregistered; END;"
    "CREATE TRIGGER subscription_gone AFTER DELETE ON subscription BEGIN"
    " UPDATE totals SET subscriptions=subscriptions-1, registered=registered-old.registered,"
    " unregistered=unregistered-old.unregistered; END;"
    "CREATE TRIGGER subscription_changed AFTER UPDATE OF registered, unregistered ON subscription"
    " WHEN old.registered<>new.registered OR old.unregistered<>new.unregistered"
    " BEGIN UPDATE totals SET registered=registered+new.registered-old.registered,"
    " unregistered=unregistered+new.unregistered-old.unregistered; END;"
    /* also where it is written anew, with whatever it has otherwise */
    "CREATE TRIGGER sh_state AFTER UPDATE OF scscf, state ON subscription"
    " WHEN EXISTS(SELECT 1 FROM sh_subscription WHERE sub=new.id)"
    " BEGIN INSERT OR IGNORE INTO sh_dirty VALUES(new.id); END;"
    /* not while the identities are written anew: who does so keeps what stays */
    "CREATE TRIGGER restoration_over AFTER UPDATE OF state ON subscription"
    " WHEN old.state<>new.state AND EXISTS(SELECT 1 FROM restoration WHERE sub=new.id)"
    " AND EXISTS(SELECT 1 FROM impi WHERE sub=new.id) BEGIN"
    " DELETE FROM restoration WHERE sub=new.id AND NOT EXISTS(SELECT 1 FROM registration r"
    " WHERE r.sub=new.id AND r.impi=restoration.impi"
    " AND (restoration.owner=r.uri OR restoration.owner='set:'||r.implicit_set)); END;";

/*
 * Who is registered by the address of his bearer (state.h). Of a bearer that an S-CSCF had got it was not noted whether the
 * registration is by it: as before, whoever of its IMSI is registered, or has an authentication pending, goes with it.
 */
static const char version_18[] =
    "UPDATE subscription SET state=state || (SELECT group_concat(printf('%04x%04x', bits, bits), "
    "'')"
    " FROM (SELECT u.impis & (SELECT sum(1 << i.pos) FROM impi i JOIN bearer b ON b.imsi=i.imsi"
    " WHERE i.sub=u.sub AND i.giba<>0 AND b.used<>0) AS bits"
    " FROM impu u WHERE u.sub=subscription.id ORDER BY u.pos))"
    " WHERE scscf<>'' AND id IN (SELECT i.sub FROM bearer b JOIN impi i ON i.imsi=b.imsi"
    " WHERE i.giba<>0 AND b.used<>0)"
    " AND EXISTS(SELECT 1 FROM impu u WHERE u.sub=subscription.id);";

const char *const schema_sqlite[SCHEMA_VERSION] = {
    version_1,	version_2, version_3,  version_4,  version_5,  version_6,
    version_7,	version_8, version_9,  version_10, version_11, version_12,
    version_13, "",	   version_15, version_16, version_17, version_18};
