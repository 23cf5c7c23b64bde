/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Subscriptions as text, for import, export and key files. One block each; blank lines and #
 * comments anywhere:
 *
 *   subscription
 *     private IMPI k=HEX opc=HEX|op=HEX [amf=HEX] [sqn=HEX] [msisdn=DIGITS] [imsi=DIGITS]
 *     private IMPI algorithm=tuak k=HEX topc=HEX|top=HEX [res=32|64|128] [keccak=N] [amf=HEX] ...
 *     private IMPI password=TEXT|ha1=HEX [realm=NAME] [msisdn=DIGITS] [imsi=DIGITS]
 *     each with [giba=yes|no], yes needs imsi
 *     public IMPU [set=N] [profile=N] [alias=N] [barred] [service [inactive]] [display="TEXT"] [for=IMPI[,IMPI]...]
 *       [masked=TAG[,TAG]...]
 *     ifc server=SIP-URI priority=N [profile=N] [trigger="..."] [default=continue|terminate]
 * [part=both|registered|unregistered] [service-info="TEXT"] [dsai=TAG[,TAG]...] [include-register-request]
 * [include-register-response] capabilities [mandatory=N,...] [optional=N,...] [server=SIP-URI]
 *     charging [ccf=AAA-URI] [ccf2=] [ecf=] [ecf2=]
 *     visited NETWORK...
 *     shared set=N [profile=N]
 *   end
 *   sh-data IMPU service=TEXT sequence=N
 *     data BASE64
 *   end
 *   sh-notify AS ... / sh-grant AS ... / slf IDENTITY HSS, each with its end (beside.h)
 *   shared-ifcs N
 *     ifc ... (without profile=)
 *   end
 *
 * Without for= every private identity of the block may use the public one. The same lines, without
 * "subscription" and "end", are what hssctl's commands write. docs/hss.md describes every word.
 */
#ifndef HSS_PROVISION_H
#define HSS_PROVISION_H

#include <stdio.h>

#include "hss/subscription/subscription.h"
#include "daemon/words.h"

enum { PROVISION_WHY_SIZE = 256 };

/* Kinds of blocks beside subscriptions (beside.h). */
enum beside_kind { BESIDE_SH_DATA, BESIDE_SH_NOTIFY, BESIDE_SH_GRANT, BESIDE_SLF };

/* The kind whose blocks begin with this word, or -1. */
int provision_beside(struct slice word);

/*
 * Called for each complete block, which it may change but not keep. A return other than 0 ends the
 * parse with that value.
 */
typedef int (*provision_h)(struct subscription *sub, void *arg, char *why, size_t size);
/* The same with shared sets of filter criteria, which are handed over as store_put_shared_set() takes them. */
struct provision_handlers {
	provision_h subscription;
	int (*set)(uint32_t set, struct subscription *criteria, void *arg, char *why, size_t size);
	/* what stands beside subscriptions: the words of its first line, and the octets of its data lines */
	int (*beside)(const struct words *head, struct slice data, void *arg, char *why,
		      size_t size);
};

/*
 * Parse text and hand over each subscription. Returns 0, -1 with "line N: ..." in why, or what the
 * handler returned (why with the line where the block ended).
 */
int provision_parse(struct slice text, provision_h handler, void *arg, char *why, size_t size);
/* The same with shared sets, for text whose first line has the number line. */
int provision_parse_from(struct slice text, unsigned int line,
			 const struct provision_handlers *handlers, void *arg, char *why,
			 size_t size);

/*
 * Apply one line ("private ...", "public ...", ...) to sub, which may exist already: an identity
 * that is there is changed as far as the line says, another is added. Returns 0, or -1 with a
 * reason in why and sub unchanged.
 */
int provision_line(struct subscription *sub, const struct words *words, char *why, size_t size);

/* The same for an "ifc" line of a shared set, whose criteria are those of profile 0 of criteria. */
int provision_set_line(struct subscription *criteria, const struct words *words, char *why,
		       size_t size);

/* Apply the options of a capabilities or charging line alone: the configuration has the same. As
 * above. */
int provision_capabilities(struct capabilities *caps, const struct words *words, char *why,
			   size_t size);
int provision_charging(struct charging *charging, const struct words *words, char *why,
		       size_t size);

/* What a block or a change must fulfil as a whole: an IMPI at least, somebody for each IMPU. As
 * above. */
int provision_complete(const struct subscription *sub, char *why, size_t size);

/* Write sub as a block that provision_parse() takes. Without keys the block is to look at, not to
 * import. */
void provision_write(const struct subscription *sub, bool keys, FILE *out);
/* Write ' name="value"' with what needs it escaped; nothing for "". */
void provision_write_option(const char *name, const char *value, FILE *out);
/* Write a shared set as a block. */
void provision_write_set(uint32_t set, const struct subscription *criteria, FILE *out);

#endif
