/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What earlier versions wrote, frozen: schema and rows together, taken from their files with the
 * sqlite3 shell's .dump. A new schema version adds the one before it here.
 */
#ifndef TESTS_HSS_MIGRATION_SQLITE_H
#define TESTS_HSS_MIGRATION_SQLITE_H

#define VERSION_1                                                                                  \
	"CREATE TABLE subscription(id INTEGER PRIMARY KEY, scscf TEXT NOT NULL, scscf_host TEXT "  \
	"NOT "                                                                                     \
	"NULL,"                                                                                    \
	" scscf_realm TEXT NOT NULL, has_capabilities INT NOT NULL, capability_server TEXT NOT "   \
	"NULL,"                                                                                    \
	" has_charging INT NOT NULL, ecf TEXT NOT NULL, ecf2 TEXT NOT NULL, ccf TEXT NOT NULL, "   \
	"ccf2 "                                                                                    \
	"TEXT NOT NULL);"                                                                          \
	"CREATE TABLE impi(name TEXT PRIMARY KEY, sub INT NOT NULL, pos INT NOT NULL, k BLOB NOT " \
	"NULL,"                                                                                    \
	" opc BLOB NOT NULL, amf BLOB NOT NULL, sqn INT NOT NULL) WITHOUT ROWID;"                  \
	"CREATE INDEX impi_sub ON impi(sub, pos);"                                                 \
	"CREATE TABLE impu(uri TEXT PRIMARY KEY, sub INT NOT NULL, pos INT NOT NULL, display "     \
	"TEXT NOT "                                                                                \
	"NULL,"                                                                                    \
	" implicit_set INT NOT NULL, profile INT NOT NULL, barred INT NOT NULL, impis INT NOT "    \
	"NULL,"                                                                                    \
	" registered INT NOT NULL, pending INT NOT NULL, unregistered INT NOT NULL) WITHOUT "      \
	"ROWID;"                                                                                   \
	"CREATE INDEX impu_sub ON impu(sub, pos);"                                                 \
	"CREATE TABLE ifc(sub INT NOT NULL, pos INT NOT NULL, profile INT NOT NULL, priority INT " \
	"NOT "                                                                                     \
	"NULL,"                                                                                    \
	" server TEXT NOT NULL, trigger_text TEXT NOT NULL, service_info TEXT NOT NULL, "          \
	"terminate INT "                                                                           \
	"NOT NULL,"                                                                                \
	" include_request INT NOT NULL, include_response INT NOT NULL, part INT NOT NULL,"         \
	" PRIMARY KEY(sub, pos)) WITHOUT ROWID;"                                                   \
	"CREATE TABLE capability(sub INT NOT NULL, mandatory INT NOT NULL, pos INT NOT NULL, "     \
	"value INT "                                                                               \
	"NOT NULL,"                                                                                \
	" PRIMARY KEY(sub, mandatory, pos)) WITHOUT ROWID;"                                        \
	"CREATE TABLE visited(sub INT NOT NULL, pos INT NOT NULL, network TEXT NOT NULL,"          \
	" PRIMARY KEY(sub, pos)) WITHOUT ROWID;"                                                   \
	"INSERT INTO subscription "                                                                \
	"VALUES(1,'sip:s.h','s.h','h',1,'sip:s',1,'aaa://e','aaa://f','aaa://c','');"              \
	"INSERT INTO subscription VALUES(2,'','','',0,'',0,'','','','');"                          \
	"INSERT INTO impi VALUES('one@h',1,0,x'465b5ce8b199b49faa5f0a2ee238a6bc',"                 \
	"x'cd63cb71954a9f4e48a5994e37a02baf',x'8000',32);"                                         \
	"INSERT INTO impi VALUES('two@h',2,0,x'465b5ce8b199b49faa5f0a2ee238a6bc',"                 \
	"x'cd63cb71954a9f4e48a5994e37a02baf',x'9000',0);"                                          \
	"INSERT INTO impu VALUES('sip:a@h',1,0,'X y',1,2,1,1,1,0,0);"                              \
	"INSERT INTO impu VALUES('sip:b@h',1,1,'',1,0,0,1,1,0,0);"                                 \
	"INSERT INTO impu VALUES('sip:c@h',2,0,'',0,0,0,1,0,0,1);"                                 \
	"INSERT INTO ifc VALUES(1,0,2,4,'sip:as','all method:INVITE','',0,0,0,1);"                 \
	"INSERT INTO capability VALUES(1,1,0,1);INSERT INTO capability VALUES(1,0,0,3);"           \
	"INSERT INTO visited VALUES(1,0,'h.net');"
#define VERSION_2                                                                                  \
	VERSION_1                                                                                  \
	"CREATE TABLE totals(one INTEGER PRIMARY KEY, subscriptions INT NOT NULL, impis INT NOT "  \
	"NULL,"                                                                                    \
	" impus INT NOT NULL, registered INT NOT NULL, unregistered INT NOT NULL);"                \
	"INSERT INTO totals SELECT 1, (SELECT count(*) FROM subscription), (SELECT count(*) FROM " \
	"impi),"                                                                                   \
	" (SELECT count(*) FROM impu), (SELECT count(*) FROM impu WHERE registered<>0),"           \
	" (SELECT count(*) FROM impu WHERE unregistered<>0);"                                      \
	"CREATE TRIGGER subscription_added AFTER INSERT ON subscription BEGIN"                     \
	" UPDATE totals SET subscriptions=subscriptions+1; END;"                                   \
	"CREATE TRIGGER subscription_gone AFTER DELETE ON subscription BEGIN"                      \
	" UPDATE totals SET subscriptions=subscriptions-1; END;"                                   \
	"CREATE TRIGGER impi_added AFTER INSERT ON impi BEGIN UPDATE totals SET impis=impis+1; "   \
	"END;"                                                                                     \
	"CREATE TRIGGER impi_gone AFTER DELETE ON impi BEGIN UPDATE totals SET impis=impis-1; "    \
	"END;"                                                                                     \
	"CREATE TRIGGER impu_added AFTER INSERT ON impu BEGIN UPDATE totals SET impus=impus+1,"    \
	" registered=registered+(new.registered<>0), "                                             \
	"unregistered=unregistered+(new.unregistered<>0);"                                         \
	" END;"                                                                                    \
	"CREATE TRIGGER impu_gone AFTER DELETE ON impu BEGIN UPDATE totals SET impus=impus-1,"     \
	" registered=registered-(old.registered<>0), "                                             \
	"unregistered=unregistered-(old.unregistered<>0);"                                         \
	" END;"                                                                                    \
	"CREATE TRIGGER impu_changed AFTER UPDATE OF registered, unregistered ON impu"             \
	" WHEN (old.registered<>0)<>(new.registered<>0) OR "                                       \
	"(old.unregistered<>0)<>(new.unregistered<>0)"                                             \
	" BEGIN UPDATE totals SET registered=registered+(new.registered<>0)-(old.registered<>0),"  \
	" unregistered=unregistered+(new.unregistered<>0)-(old.unregistered<>0); END;"
#define VERSION_3                                                                                  \
	VERSION_2                                                                                  \
	"ALTER TABLE impi ADD COLUMN msisdn TEXT NOT NULL DEFAULT '';"                             \
	"ALTER TABLE impi ADD COLUMN imsi TEXT NOT NULL DEFAULT '';"                               \
	"CREATE INDEX impi_msisdn ON impi(msisdn) WHERE msisdn<>'';"                               \
	"ALTER TABLE impu ADD COLUMN alias INT NOT NULL DEFAULT 0;"                                \
	"CREATE TABLE sh_permission(host TEXT NOT NULL, reference INT NOT NULL, operations INT "   \
	"NOT "                                                                                     \
	"NULL,"                                                                                    \
	" PRIMARY KEY(host, reference)) WITHOUT ROWID;"                                            \
	"CREATE TABLE sh_repository(sub INT NOT NULL, owner TEXT NOT NULL, service TEXT NOT NULL," \
	" sequence INT NOT NULL, data BLOB NOT NULL, PRIMARY KEY(sub, owner, service)) WITHOUT "   \
	"ROWID;"                                                                                   \
	"UPDATE impi SET msisdn='12345' WHERE name='one@h';"                                       \
	"INSERT INTO sh_permission VALUES('as.h',0,3);"                                            \
	"INSERT INTO sh_repository VALUES(1,'sip:a@h','x',4,x'3c532f3e');"
#define VERSION_4                                                                                  \
	VERSION_3                                                                                  \
	"CREATE TABLE sh_subscription(id INTEGER PRIMARY KEY AUTOINCREMENT, sub INT NOT NULL,"     \
	" host TEXT NOT NULL, realm TEXT NOT NULL, user TEXT NOT NULL, impi TEXT NOT NULL,"        \
	" reference INT NOT NULL, sets INT NOT NULL, service TEXT NOT NULL, server TEXT NOT NULL," \
	" expiry INT NOT NULL, one_time INT NOT NULL, sent TEXT NOT NULL,"                         \
	" retry_at INT NOT NULL, tries INT NOT NULL,"                                              \
	" UNIQUE(host, user, impi, reference, sets, service, server));"                            \
	"CREATE INDEX sh_subscription_sub ON sh_subscription(sub);"                                \
	"CREATE INDEX sh_subscription_retry ON sh_subscription(retry_at) WHERE retry_at<>0;"       \
	"CREATE INDEX sh_subscription_expiry ON sh_subscription(expiry) WHERE expiry<>0;"          \
	"CREATE TABLE sh_dirty(sub INTEGER PRIMARY KEY);"                                          \
	"CREATE TRIGGER sh_subscription_put AFTER INSERT ON subscription"                          \
	" WHEN EXISTS(SELECT 1 FROM sh_subscription WHERE sub=new.id)"                             \
	" BEGIN INSERT OR IGNORE INTO sh_dirty VALUES(new.id); END;"                               \
	"CREATE TRIGGER sh_subscription_gone AFTER DELETE ON subscription"                         \
	" WHEN EXISTS(SELECT 1 FROM sh_subscription WHERE sub=old.id)"                             \
	" BEGIN INSERT OR IGNORE INTO sh_dirty VALUES(old.id); END;"                               \
	"CREATE TRIGGER sh_scscf AFTER UPDATE OF scscf ON subscription"                            \
	" WHEN EXISTS(SELECT 1 FROM sh_subscription WHERE sub=new.id)"                             \
	" BEGIN INSERT OR IGNORE INTO sh_dirty VALUES(new.id); END;"                               \
	"CREATE TRIGGER sh_state AFTER UPDATE OF registered, unregistered ON impu"                 \
	" WHEN EXISTS(SELECT 1 FROM sh_subscription WHERE sub=new.sub)"                            \
	" BEGIN INSERT OR IGNORE INTO sh_dirty VALUES(new.sub); END;"                              \
	"CREATE TRIGGER sh_data_put AFTER INSERT ON sh_repository"                                 \
	" WHEN EXISTS(SELECT 1 FROM sh_subscription WHERE sub=new.sub)"                            \
	" BEGIN INSERT OR IGNORE INTO sh_dirty VALUES(new.sub); END;"                              \
	"CREATE TRIGGER sh_data_gone AFTER DELETE ON sh_repository"                                \
	" WHEN EXISTS(SELECT 1 FROM sh_subscription WHERE sub=old.sub)"                            \
	" BEGIN INSERT OR IGNORE INTO sh_dirty VALUES(old.sub); END;"                              \
	"CREATE TRIGGER sh_forbidden AFTER DELETE ON sh_permission BEGIN"                          \
	" DELETE FROM sh_subscription WHERE host=old.host AND reference=old.reference; END;"       \
	"CREATE TRIGGER sh_allowed AFTER INSERT ON sh_permission WHEN (new.operations & 4)=0 "     \
	"BEGIN"                                                                                    \
	" DELETE FROM sh_subscription WHERE host=new.host AND reference=new.reference; END;"       \
	"INSERT INTO sh_subscription VALUES(7,1,'as.h','h','sip:a@h','',0,0,'x','',0,0,'-',0,0);"
#define VERSION_5                                                                                  \
	VERSION_4                                                                                  \
	"ALTER TABLE impi ADD COLUMN ha1 TEXT NOT NULL DEFAULT '';"                                \
	"ALTER TABLE impi ADD COLUMN realm TEXT NOT NULL DEFAULT '';"                              \
	"UPDATE impi SET ha1='939e7578ed9e3c518a452acee763bce9', realm='h' WHERE name='two@h';"
#define VERSION_6                                                                                  \
	VERSION_5                                                                                  \
	"ALTER TABLE subscription ADD COLUMN reassigning INT NOT NULL DEFAULT 0;"                  \
	"CREATE TABLE restoration(sub INT NOT NULL, impi TEXT NOT NULL, owner TEXT NOT NULL,"      \
	" data BLOB NOT NULL, PRIMARY KEY(sub, impi, owner)) WITHOUT ROWID;"                       \
	"CREATE TRIGGER restoration_over AFTER UPDATE OF registered ON impu"                       \
	" WHEN (old.registered & ~new.registered)<>0 BEGIN"                                        \
	" DELETE FROM restoration WHERE sub=new.sub"                                               \
	" AND (owner=new.uri OR owner='set:'||new.implicit_set)"                                   \
	" AND (new.registered & (1 << (SELECT pos FROM impi WHERE name=restoration.impi)))=0; "    \
	"END;"                                                                                     \
	"INSERT INTO restoration VALUES(1,'one@h','set:1',x'01');"
#define VERSION_7                                                                                  \
	VERSION_6                                                                                  \
	"CREATE TABLE cx_errand(id INTEGER PRIMARY KEY AUTOINCREMENT, kind INT NOT NULL,"          \
	" impi TEXT NOT NULL, host TEXT NOT NULL, realm TEXT NOT NULL, impus TEXT NOT NULL,"       \
	" retry_at INT NOT NULL, tries INT NOT NULL);"                                             \
	"CREATE INDEX cx_errand_due ON cx_errand(retry_at, id);"                                   \
	"CREATE UNIQUE INDEX cx_errand_ppr ON cx_errand(impi) WHERE kind=0;"                       \
	"INSERT INTO cx_errand VALUES(5,1,'one@h','s.h','h','sip:a@h',0,0);"
#define VERSION_8                                                                                  \
	VERSION_7                                                                                  \
	"CREATE TABLE slf(identity TEXT PRIMARY KEY, host TEXT NOT NULL) WITHOUT ROWID;"           \
	"INSERT INTO slf VALUES('*@other.h','hss2.h');"
#define VERSION_9                                                                                  \
	VERSION_8                                                                                  \
	"ALTER TABLE impi ADD COLUMN seal TEXT NOT NULL DEFAULT '';"                               \
	"CREATE TABLE seal(key TEXT PRIMARY KEY, impis INT NOT NULL) WITHOUT ROWID;"               \
	"INSERT INTO seal SELECT '', impis FROM totals;"                                           \
	"CREATE TRIGGER seal_added AFTER INSERT ON impi BEGIN INSERT INTO seal VALUES(new.seal, "  \
	"1)"                                                                                       \
	" ON CONFLICT(key) DO UPDATE SET impis=impis+1; END;"                                      \
	"CREATE TRIGGER seal_gone AFTER DELETE ON impi BEGIN"                                      \
	" UPDATE seal SET impis=impis-1 WHERE key=old.seal; END;"                                  \
	"CREATE TRIGGER seal_changed AFTER UPDATE OF seal ON impi WHEN old.seal<>new.seal BEGIN"   \
	" UPDATE seal SET impis=impis-1 WHERE key=old.seal;"                                       \
	" INSERT INTO seal VALUES(new.seal, 1) ON CONFLICT(key) DO UPDATE SET impis=impis+1; END;"

#define VERSION_10                                                                                 \
	VERSION_9                                                                                  \
	";ALTER TABLE impu ADD COLUMN service INT NOT NULL DEFAULT 0;"                             \
	"CREATE TABLE wildcard(uri TEXT PRIMARY KEY, sub INT NOT NULL, host TEXT NOT NULL,"        \
	" prefix TEXT NOT NULL) WITHOUT ROWID;"                                                    \
	"CREATE INDEX wildcard_front ON wildcard(host, prefix);"                                   \
	"CREATE INDEX wildcard_sub ON wildcard(sub);"                                              \
	"ALTER TABLE subscription ADD COLUMN replaced_host TEXT NOT NULL DEFAULT '';"              \
	"ALTER TABLE subscription ADD COLUMN replaced_realm TEXT NOT NULL DEFAULT '';"
#define VERSION_11                                                                                 \
	VERSION_10                                                                                 \
	";"                                                                                        \
	"ALTER TABLE subscription ADD COLUMN shared INT NOT NULL DEFAULT 0;"                       \
	"ALTER TABLE subscription ADD COLUMN scscf_features INT NOT NULL DEFAULT 0;"               \
	"CREATE TABLE shared_ifc(set_id INT NOT NULL, priority INT NOT NULL, server TEXT NOT "     \
	"NULL,"                                                                                    \
	" trigger_text TEXT NOT NULL, service_info TEXT NOT NULL, terminate INT NOT NULL,"         \
	" include_request INT NOT NULL, include_response INT NOT NULL, part INT NOT NULL,"         \
	" PRIMARY KEY(set_id, priority)) WITHOUT ROWID;"                                           \
	"CREATE TABLE shared_use(sub INT NOT NULL, profile INT NOT NULL, set_id INT NOT NULL,"     \
	" PRIMARY KEY(sub, profile, set_id)) WITHOUT ROWID;"                                       \
	"CREATE INDEX shared_use_set ON shared_use(set_id, sub);"                                  \
	"CREATE TRIGGER sh_shared_put AFTER INSERT ON shared_ifc BEGIN"                            \
	" INSERT OR IGNORE INTO sh_dirty SELECT s.sub FROM sh_subscription s WHERE s.reference=13" \
	" AND EXISTS(SELECT 1 FROM shared_use u WHERE u.set_id=new.set_id AND u.sub=s.sub); END;"  \
	"CREATE TRIGGER sh_shared_gone AFTER DELETE ON shared_ifc BEGIN"                           \
	" INSERT OR IGNORE INTO sh_dirty SELECT s.sub FROM sh_subscription s WHERE s.reference=13" \
	" AND EXISTS(SELECT 1 FROM shared_use u WHERE u.set_id=old.set_id AND u.sub=s.sub); END;"  \
	"INSERT INTO shared_ifc VALUES(9,1,'sip:nine.h','','',0,0,0,0);"
#define VERSION_12                                                                                 \
	VERSION_11                                                                                 \
	"ALTER TABLE impi ADD COLUMN algorithm INT NOT NULL DEFAULT 0;"                            \
	"ALTER TABLE impi ADD COLUMN res INT NOT NULL DEFAULT 0;"                                  \
	"ALTER TABLE impi ADD COLUMN keccak INT NOT NULL DEFAULT 0;"
#define VERSION_13                                                                                 \
	VERSION_12                                                                                 \
	"ALTER TABLE ifc ADD COLUMN dsai TEXT NOT NULL DEFAULT '';"                                \
	"ALTER TABLE shared_ifc ADD COLUMN dsai TEXT NOT NULL DEFAULT '';"                         \
	"ALTER TABLE impu ADD COLUMN masked TEXT NOT NULL DEFAULT '';"                             \
	"ALTER TABLE impu ADD COLUMN inactive INT NOT NULL DEFAULT 0;"                             \
	"CREATE TRIGGER sh_switched AFTER UPDATE OF masked, inactive ON impu"                      \
	" WHEN EXISTS(SELECT 1 FROM sh_subscription WHERE sub=new.sub)"                            \
	" BEGIN INSERT OR IGNORE INTO sh_dirty VALUES(new.sub); END;"

#define VERSION_14 VERSION_13
#define VERSION_15                                                                                 \
	VERSION_14                                                                                 \
	"ALTER TABLE impi ADD COLUMN giba INT NOT NULL DEFAULT 0;"                                 \
	"CREATE UNIQUE INDEX impi_giba ON impi(imsi) WHERE giba<>0;"                               \
	"CREATE TABLE bearer(imsi TEXT PRIMARY KEY, network TEXT NOT NULL UNIQUE, address TEXT "   \
	"NOT NULL, until INT NOT NULL, used INT NOT NULL) WITHOUT ROWID;"                          \
	"CREATE INDEX bearer_until ON bearer(until);"
#define VERSION_16                                                                                 \
	VERSION_15                                                                                 \
	"CREATE TABLE migration(id TEXT PRIMARY KEY, side INT NOT NULL, partner TEXT NOT NULL,"    \
	" own_impi TEXT NOT NULL, own TEXT NOT NULL, pair_impi TEXT NOT NULL, pair TEXT NOT NULL," \
	" host TEXT NOT NULL, realm TEXT NOT NULL, expires INT NOT NULL, changed INT NOT NULL,"    \
	" state INT NOT NULL, reason TEXT NOT NULL, asker_host TEXT NOT NULL, asker_realm TEXT "   \
	"NOT "                                                                                     \
	"NULL,"                                                                                    \
	" asker_server TEXT NOT NULL, first INT NOT NULL, last INT NOT NULL, mars INT NOT NULL,"   \
	" resyncs INT NOT NULL) WITHOUT ROWID;"                                                    \
	"CREATE UNIQUE INDEX migration_here ON migration(own_impi) WHERE side=1 AND state<2;"      \
	"CREATE UNIQUE INDEX migration_pair ON migration(side, partner, pair_impi) WHERE state<2;" \
	"CREATE INDEX migration_over ON migration(state, expires);"                                \
	"CREATE TABLE migration_audit(n INTEGER PRIMARY KEY AUTOINCREMENT, at INT NOT NULL,"       \
	" event TEXT NOT NULL, id TEXT NOT NULL, partner TEXT NOT NULL, actor TEXT NOT NULL,"      \
	" detail TEXT NOT NULL);"
#define VERSION_17                                                                                 \
	VERSION_16                                                                                 \
	"DROP TRIGGER impu_added; DROP TRIGGER impu_gone; DROP TRIGGER impu_changed;"              \
	"DROP TRIGGER subscription_added; DROP TRIGGER subscription_gone;"                         \
	"DROP TRIGGER sh_scscf; DROP TRIGGER sh_state; DROP TRIGGER restoration_over;"             \
	"ALTER TABLE subscription ADD COLUMN sqn TEXT NOT NULL DEFAULT '';"                        \
	"ALTER TABLE subscription ADD COLUMN state TEXT NOT NULL DEFAULT '';"                      \
	"ALTER TABLE subscription ADD COLUMN registered INT NOT NULL DEFAULT 0;"                   \
	"ALTER TABLE subscription ADD COLUMN unregistered INT NOT NULL DEFAULT 0;"                 \
	"UPDATE subscription SET"                                                                  \
	" sqn=(SELECT COALESCE(group_concat(printf('%012x', n), ''), '') FROM"                     \
	" (SELECT i.sqn AS n FROM impi i WHERE i.sub=subscription.id ORDER BY i.pos)),"            \
	" state=(SELECT COALESCE(group_concat(printf('%04x%04x%d', r, p, n<>0), ''), '') FROM"     \
	" (SELECT u.registered AS r, u.pending AS p, u.unregistered AS n FROM impu u"              \
	" WHERE u.sub=subscription.id ORDER BY u.pos)),"                                           \
	" registered=(SELECT count(*) FROM impu u WHERE u.sub=subscription.id AND "                \
	"u.registered<>0),"                                                                        \
	" unregistered=(SELECT count(*) FROM impu u WHERE u.sub=subscription.id"                   \
	" AND u.unregistered<>0);"                                                                 \
	"ALTER TABLE impi DROP COLUMN sqn;"                                                        \
	"ALTER TABLE impu DROP COLUMN registered;"                                                 \
	"ALTER TABLE impu DROP COLUMN pending;"                                                    \
	"ALTER TABLE impu DROP COLUMN unregistered;"                                               \
	"CREATE VIEW registration AS SELECT s.id AS sub, i.name AS impi, u.uri, u.implicit_set"    \
	" FROM subscription s JOIN impi i ON i.sub=s.id JOIN impu u ON u.sub=s.id"                 \
	" WHERE (instr('123456789abcdef', substr(s.state, 9*u.pos+4-i.pos/4, 1)) >> i.pos%4) & 1;" \
	"CREATE TRIGGER impu_added AFTER INSERT ON impu BEGIN UPDATE totals SET impus=impus+1; "   \
	"END;"                                                                                     \
	"CREATE TRIGGER impu_gone AFTER DELETE ON impu BEGIN UPDATE totals SET impus=impus-1; "    \
	"END;"                                                                                     \
	"CREATE TRIGGER subscription_added AFTER INSERT ON subscription BEGIN"                     \
	" UPDATE totals SET subscriptions=subscriptions+1, registered=registered+new.registered,"  \
	" unregistered=unregistered+new.unregistered; END;"                                        \
	"CREATE TRIGGER subscription_gone AFTER DELETE ON subscription BEGIN"                      \
	" UPDATE totals SET subscriptions=subscriptions-1, registered=registered-old.registered,"  \
	" unregistered=unregistered-old.unregistered; END;"                                        \
	"CREATE TRIGGER subscription_changed AFTER UPDATE OF registered, unregistered ON "         \
	"subscription"                                                                             \
	" WHEN old.registered<>new.registered OR old.unregistered<>new.unregistered"               \
	" BEGIN UPDATE totals SET registered=registered+new.registered-old.registered,"            \
	" unregistered=unregistered+new.unregistered-old.unregistered; END;"                       \
	"CREATE TRIGGER sh_state AFTER UPDATE OF scscf, state ON subscription"                     \
	" WHEN EXISTS(SELECT 1 FROM sh_subscription WHERE sub=new.id)"                             \
	" BEGIN INSERT OR IGNORE INTO sh_dirty VALUES(new.id); END;"                               \
	"CREATE TRIGGER restoration_over AFTER UPDATE OF state ON subscription"                    \
	" WHEN old.state<>new.state AND EXISTS(SELECT 1 FROM restoration WHERE sub=new.id)"        \
	" AND EXISTS(SELECT 1 FROM impi WHERE sub=new.id) BEGIN"                                   \
	" DELETE FROM restoration WHERE sub=new.id AND NOT EXISTS(SELECT 1 FROM registration r"    \
	" WHERE r.sub=new.id AND r.impi=restoration.impi"                                          \
	" AND (restoration.owner=r.uri OR restoration.owner='set:'||r.implicit_set)); END;"

#endif
