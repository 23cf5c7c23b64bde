/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writes application/reginfo+xml into the caller's buffer: bounded, every value escaped, no
 * allocation, no XML library. Either piece by piece (while walking one's own tables under a lock):
 *
 *     struct reginfo_writer w;
 *     reginfo_begin(&w, buf, sizeof(buf), version, full);
 *     reginfo_registration_begin(&w, aor, id, REGINFO_REG_ACTIVE);
 *     reginfo_contact_write(&w, &contact);            (any number)
 *     reginfo_registration_end(&w);                   (any number of registrations)
 *     err = reginfo_end(&w, &len);
 *
 * or whole, from a struct reginfo_doc, with reginfo_build(). The first error sticks: later calls do
 * nothing and reginfo_end() returns it, so only the last result need be looked at.
 */
#ifndef REGINFO_WRITER_H
#define REGINFO_WRITER_H

#include "reginfo/reginfo.h"

struct reginfo_writer {
	char *buf;
	size_t size;
	size_t len;
	int err;   /* enum reginfo_error */
	int depth; /* 0 not begun or ended, 1 in reginfo, 2 in registration */
};

/* Start a document in buf. Returns 0 or REGINFO_E_NOSPACE. */
int reginfo_begin(struct reginfo_writer *w, char *buf, size_t size, uint32_t version, bool full);

/*
 * Open <registration>. aor and id must not be empty. Returns 0, or the error that stuck: NOSPACE,
 * ORDER (inside another registration), VALUE (empty). In all texts, octets that are not UTF-8 text
 * allowed in XML 1.0 are written as U+FFFD.
 */
int reginfo_registration_begin(struct reginfo_writer *w, struct slice aor, struct slice id,
			       enum reginfo_reg_state state);

/*
 * One <contact> in the open registration; children in the order of RFC 3680 5.4: uri, display-name,
 * unknown-param, then ours (gruu, connection). Nothing of c is kept. VALUE also when id or uri is
 * empty, when event does not fit state, when SHORTENED lacks expires or PROBATION lacks
 * retry-after.
 */
int reginfo_contact_write(struct reginfo_writer *w, const struct reginfo_contact *c);

/* Close <registration>. */
int reginfo_registration_end(struct reginfo_writer *w);

/*
 * Close the document. Returns 0 and sets *len to its bytes (a NUL follows them in the buffer, not
 * counted), or the first error of the whole sequence and leaves *len alone.
 */
int reginfo_end(struct reginfo_writer *w, size_t *len);

/*
 * Text as it may stand in content or in an attribute of any document, into buf: as much of text as fits.
 * Returns the octets written and sets *used to those of text they stand for; size must be 8 at least.
 */
size_t reginfo_escape(struct slice text, char *buf, size_t size, size_t *used);

/* All of the above for a document held as data. */
int reginfo_build(const struct reginfo_doc *doc, char *buf, size_t size, size_t *len);

#endif
