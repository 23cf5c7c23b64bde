/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the glue files of ims_border share. */
#ifndef IMS_BORDER_BORDER_H
#define IMS_BORDER_BORDER_H

#include "../../core/sr_module.h"
#include "../../core/dprint.h"
#include "../../core/parser/msg_parser.h"
#include "../../modules/tm/tm_load.h"

#include "modules/common/counters.h"
#include "modules/common/headers.h"
#include "modules/common/reply.h"
#include "modules/common/text.h"
#include "modules/ims_border/core/charging.h"
#include "modules/ims_border/core/header_edit.h"
#include "modules/ims_border/core/ticket.h"
#include "modules/ims_flow/api.h"

/* Parameters (docs/modules/ims_border.md). */
struct border_params {
	str visited_network;   /* value of P-Visited-Network-ID; empty: none is added */
	str icid_generated_at; /* our host name or address; empty: left out */
	str orig_ioi, term_ioi;
	str default_route; /* for requests of phones whose registration brought no Service-Route */
	str emergency_route; /* the E-CSCF; empty: emergency calls go the way home */
};
extern struct border_params border_params;
extern struct border_table border_table;
extern struct ims_flow_api border_flow;
extern struct tm_binds border_tm;

#define BORDER_COUNTERS(X)                                                                         \
	X(cut, "headers cut at the border")                                                        \
	X(changed, "headers of which a part was cut")                                              \
	X(asserted, "P-Asserted-Identity written")                                                 \
	X(no_identity, "requests of phones refused because no identity is known for them")         \
	X(tickets, "tickets of dialogs written")                                                   \
	X(foreign_dialog, "requests of phones inside a dialog without the ticket of that dialog")  \
	X(no_dialog, "requests of phones outside a dialog that can only be inside one")            \
	X(no_route, "requests of phones refused because no Service-Route is known for them")       \
	X(unreadable_answers, "answers with headers that cannot be read: dropped, or made a 500")  \
	X(stray_answers, "answers whose sender was not asked")                                     \
	X(record_routes, "answers of phones whose Record-Route was not that of the request")       \
	X(stray_cancels, "CANCELs and ACKs that did not come from where their INVITE came")        \
	X(no_memory, "messages that could not be rewritten for want of memory: blanked")
KAM_COUNTERS_DECLARE(border, BORDER_COUNTERS)

/* What is kept with a transaction, from the request to its answers. */
struct border_note {
	flow_id_t set; /* of the phone */
	bool from_ue;  /* the phone sent it; else it was sent to the phone */
	char icid[BORDER_ICID_MAX];
};
/* 0 or -1 (no memory, logged). */
int border_note_store(const struct border_note *n);
/* 0, or -1: the request did not pass border_from_ue() or border_to_ue(). */
int border_note_load(struct border_note *n);
/* The note of a transaction that is not the current one. */
int border_note_of(struct cell *t, struct border_note *n);

/* rewrite.c: apply the table to all headers of a message. 0, or -1: no memory (logged), and the
 * message is blanked. */
int border_rewrite(sip_msg_t *msg, enum border_way way);
/*
 * What can neither be read nor rewritten passes nothing on: headers that no parser has reached, and
 * all that the table does not let pass as they are, become blanks. Needs no memory. ims_flow's headers
 * stay.
 */
void border_blank(sip_msg_t *msg, enum border_way way);
/* Write P-Charging-Vector; term: as an answer's. 0 or -1. */
int border_add_charging(sip_msg_t *msg, const char *icid, bool answer);
/*
 * Does a header of the message hold a CR that ends no line, or a NUL, or do the headers end otherwise
 * than by CRLF CRLF? Kamailio reads over the former, and takes what is behind the latter for the body;
 * behind us somebody may see another header there.
 */
bool border_hides(const sip_msg_t *msg);
/* A new icid. 0, or -1: no random numbers (logged). */
int border_new_icid(char icid[BORDER_ICID_MAX]);

/* dialog.c */
#define BORDER_TICKET_PARAM "bd"
/* URIs of the headers of one kind (Route, Record-Route), in order. How many, or -1: unreadable, or
 * more than max. */
int border_uris(const sip_msg_t *msg, hdr_types_t type, struct slice *uris, int max);
/* Seal a ticket for d as ";bd=..." into out. 0 or -1. */
#define BORDER_TICKET_TEXT (BORDER_TICKET_MAX + sizeof(BORDER_TICKET_PARAM) + 2)
int border_seal(const struct border_dialog *d, const char *icid, char out[BORDER_TICKET_TEXT]);
/* Does the request of a phone carry the ticket of its dialog? 0 and the icid, or -1. */
int border_open(sip_msg_t *msg, const struct flow_api_info *phone, char icid[BORDER_ICID_MAX]);

/* cfg functions; KEMI calls them as they are. */
int ki_border_register(sip_msg_t *msg);
int ki_border_register_answer(sip_msg_t *msg);
int ki_border_dialog(sip_msg_t *msg);
int ki_border_cancel(sip_msg_t *msg);
int ki_border_ack(sip_msg_t *msg);
int ki_border_moved(sip_msg_t *msg);
int ki_border_from_ue(sip_msg_t *msg);
int ki_border_to_ue(sip_msg_t *msg);
int ki_border_record_route(sip_msg_t *msg);
int ki_border_answer_readable(sip_msg_t *msg);
int ki_border_answer_due(sip_msg_t *msg);
int ki_border_answer_from_ue(sip_msg_t *msg);
int ki_border_answer_to_ue(sip_msg_t *msg);

#endif
