-- SPDX-License-Identifier: GPL-2.0-or-later
-- What the I-CSCF knows of its S-CSCFs: sqlite3 icscf.db < icscf.sql, then adapt the three INSERTs.
CREATE TABLE version (table_name VARCHAR(32) NOT NULL, table_version INTEGER DEFAULT 0 NOT NULL);
CREATE TABLE nds_trusted_domains (id INTEGER PRIMARY KEY, trusted_domain VARCHAR(83) NOT NULL DEFAULT '');
CREATE TABLE s_cscf (id INTEGER PRIMARY KEY, name VARCHAR(83) NOT NULL DEFAULT '',
	s_cscf_uri VARCHAR(83) NOT NULL DEFAULT '');
CREATE TABLE s_cscf_capabilities (id INTEGER PRIMARY KEY, id_s_cscf INT NOT NULL DEFAULT 0,
	capability INT NOT NULL DEFAULT 0);
INSERT INTO nds_trusted_domains VALUES (1, 'home1.net');
INSERT INTO s_cscf VALUES (1, 'scscf', 'sip:scscf.home1.net:5060');
INSERT INTO s_cscf_capabilities VALUES (1, 1, 0), (2, 1, 1);
