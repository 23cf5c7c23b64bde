/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "h248/model/nocase.h"
#include "h248/codec/token.h"

/* Long and short spelling, Annex B.2 (version 3). */
#define SPELLING(l, s)                                                                             \
	{                                                                                          \
		{l, sizeof(l) - 1},                                                                \
		{                                                                                  \
			s, sizeof(s) - 1                                                           \
		}                                                                                  \
	}
static const struct {
	struct slice longer, shorter;
} spelling[T_COUNT] = {
    [T_ADD] = SPELLING("Add", "A"),
    [T_AND_LOGIC] = SPELLING("ANDLgc", "ANDLgc"),
    [T_AUDIT] = SPELLING("Audit", "AT"),
    [T_AUDIT_CAP] = SPELLING("AuditCapability", "AC"),
    [T_AUDIT_VALUE] = SPELLING("AuditValue", "AV"),
    [T_AUTH] = SPELLING("Authentication", "AU"),
    [T_BOTH] = SPELLING("Both", "B"),
    [T_BOTHWAY] = SPELLING("Bothway", "BW"),
    [T_BRIEF] = SPELLING("Brief", "BR"),
    [T_BUFFER] = SPELLING("Buffer", "BF"),
    [T_CONTEXT] = SPELLING("Context", "C"),
    [T_CONTEXT_ATTR] = SPELLING("ContextAttr", "CT"),
    [T_CONTEXT_AUDIT] = SPELLING("ContextAudit", "CA"),
    [T_CONTEXT_LIST] = SPELLING("ContextList", "CLT"),
    [T_DELAY] = SPELLING("Delay", "DL"),
    [T_DIGIT_MAP] = SPELLING("DigitMap", "DM"),
    [T_DIRECTION] = SPELLING("SPADirection", "SPADI"),
    [T_DISCONNECTED] = SPELLING("Disconnected", "DC"),
    [T_DURATION] = SPELLING("Duration", "DR"),
    [T_EMBED] = SPELLING("Embed", "EM"),
    [T_EMERGENCY] = SPELLING("Emergency", "EG"),
    [T_EMERGENCY_OFF] = SPELLING("EmergencyOff", "EGO"),
    [T_EMERGENCY_VALUE] = SPELLING("EmergencyValue", "EGV"),
    [T_END] = SPELLING("END", "&"),
    [T_ERROR] = SPELLING("Error", "ER"),
    [T_EVENT_BUFFER] = SPELLING("EventBuffer", "EB"),
    [T_EVENTS] = SPELLING("Events", "E"),
    [T_EXTERNAL] = SPELLING("External", "EX"),
    [T_FAILOVER] = SPELLING("Failover", "FL"),
    [T_FORCED] = SPELLING("Forced", "FO"),
    [T_GRACEFUL] = SPELLING("Graceful", "GR"),
    [T_HANDOFF] = SPELLING("HandOff", "HO"),
    [T_IEPS] = SPELLING("IEPSCall", "IEPS"),
    [T_IMM_ACK] = SPELLING("ImmAckRequired", "IA"),
    [T_INACTIVE] = SPELLING("Inactive", "IN"),
    [T_IN_SERVICE] = SPELLING("InService", "IV"),
    [T_INT_BY_EVENT] = SPELLING("IntByEvent", "IBE"),
    [T_INT_BY_SIGNALS] = SPELLING("IntBySigDescr", "IBS"),
    [T_INTERNAL] = SPELLING("Internal", "IT"),
    [T_INTERSIGNAL] = SPELLING("Intersignal", "SPAIS"),
    [T_ISOLATE] = SPELLING("Isolate", "IS"),
    [T_ITERATION] = SPELLING("Iteration", "IR"),
    [T_KEEP_ACTIVE] = SPELLING("KeepActive", "KA"),
    [T_LOCAL] = SPELLING("Local", "L"),
    [T_LOCAL_CONTROL] = SPELLING("LocalControl", "O"),
    [T_LOCK_STEP] = SPELLING("LockStep", "SP"),
    [T_LOOPBACK] = SPELLING("Loopback", "LB"),
    [T_MEDIA] = SPELLING("Media", "M"),
    [T_MEGACO] = SPELLING("MEGACO", "!"),
    [T_METHOD] = SPELLING("Method", "MT"),
    [T_MGC_ID] = SPELLING("MgcIdToTry", "MG"),
    [T_MODE] = SPELLING("Mode", "MO"),
    [T_MODEM] = SPELLING("Modem", "MD"),
    [T_MODIFY] = SPELLING("Modify", "MF"),
    [T_MOVE] = SPELLING("Move", "MV"),
    [T_MTP] = SPELLING("MTP", "MTP"),
    [T_MUX] = SPELLING("Mux", "MX"),
    [T_NEVER_NOTIFY] = SPELLING("NeverNotify", "NBNN"),
    [T_NOTIFY] = SPELLING("Notify", "N"),
    [T_NOTIFY_COMPLETION] = SPELLING("NotifyCompletion", "NC"),
    [T_NOTIFY_IMMEDIATE] = SPELLING("ImmediateNotify", "NBIN"),
    [T_NOTIFY_REGULATED] = SPELLING("RegulatedNotify", "NBRN"),
    [T_OBSERVED_EVENTS] = SPELLING("ObservedEvents", "OE"),
    [T_ONEWAY] = SPELLING("Oneway", "OW"),
    [T_ONEWAY_BOTH] = SPELLING("OnewayBoth", "OWB"),
    [T_ONEWAY_EXTERNAL] = SPELLING("OnewayExternal", "OWE"),
    [T_ON_OFF] = SPELLING("OnOff", "OO"),
    [T_OR_LOGIC] = SPELLING("ORLgc", "ORLgc"),
    [T_OTHER_REASON] = SPELLING("OtherReason", "OR"),
    [T_OUT_OF_SERVICE] = SPELLING("OutOfService", "OS"),
    [T_PACKAGES] = SPELLING("Packages", "PG"),
    [T_PENDING] = SPELLING("Pending", "PN"),
    [T_PRIORITY] = SPELLING("Priority", "PR"),
    [T_PROFILE] = SPELLING("Profile", "PF"),
    [T_REASON] = SPELLING("Reason", "RE"),
    [T_RECEIVE_ONLY] = SPELLING("ReceiveOnly", "RC"),
    [T_REMOTE] = SPELLING("Remote", "R"),
    [T_REPLY] = SPELLING("Reply", "P"),
    [T_REQUEST_ID] = SPELLING("SPARequestID", "SPARQ"),
    [T_RESERVED_GROUP] = SPELLING("ReservedGroup", "RG"),
    [T_RESERVED_VALUE] = SPELLING("ReservedValue", "RV"),
    [T_RESET_EVENTS] = SPELLING("ResetEventsDescriptor", "RSE"),
    [T_RESPONSE_ACK] = SPELLING("TransactionResponseAck", "K"),
    [T_RESTART] = SPELLING("Restart", "RS"),
    [T_SEGMENT] = SPELLING("Segment", "SM"),
    [T_SEND_ONLY] = SPELLING("SendOnly", "SO"),
    [T_SEND_RECEIVE] = SPELLING("SendReceive", "SR"),
    [T_SERVICE_CHANGE] = SPELLING("ServiceChange", "SC"),
    [T_SERVICE_CHANGE_ADDRESS] = SPELLING("ServiceChangeAddress", "AD"),
    [T_SERVICE_CHANGE_INC] = SPELLING("ServiceChangeInc", "SIC"),
    [T_SERVICE_STATES] = SPELLING("ServiceStates", "SI"),
    [T_SERVICES] = SPELLING("Services", "SV"),
    [T_SIGNAL_LIST] = SPELLING("SignalList", "SL"),
    [T_SIGNAL_TYPE] = SPELLING("SignalType", "SY"),
    [T_SIGNALS] = SPELLING("Signals", "SG"),
    [T_STATISTICS] = SPELLING("Statistics", "SA"),
    [T_STREAM] = SPELLING("Stream", "ST"),
    [T_SUBTRACT] = SPELLING("Subtract", "S"),
    [T_TERMINATION_STATE] = SPELLING("TerminationState", "TS"),
    [T_TEST] = SPELLING("Test", "TE"),
    [T_TIMEOUT] = SPELLING("TimeOut", "TO"),
    [T_TOPOLOGY] = SPELLING("Topology", "TP"),
    [T_TRANSACTION] = SPELLING("Transaction", "T"),
    [T_VERSION] = SPELLING("Version", "V"),
};

/* Filled once, before main(), from the list above; read-only afterwards. A slot is the place of its
 * word among `words`, counted from 1: all that a message needs fits into a few cache lines. */
#define SLOT_BITS 10
#define SLOTS	  (1u << SLOT_BITS)
#define WORD_MAX  22u
static struct {
	struct nocase_word text;
	enum h248_token token;
} words[2 * T_COUNT];
static uint8_t slots[SLOTS];
_Static_assert(2 * T_COUNT < 256, "a slot holds a word's number in one byte");

static unsigned slot_of(struct nocase word)
{
	return (unsigned)(nocase_hash(word) >> (64 - SLOT_BITS));
}

static void slot_fill(struct slice word, enum h248_token token)
{
	static uint8_t count;
	unsigned i = slot_of(nocase_of(word));

	while (slots[i])
		i = (i + 1) % SLOTS;
	words[count].text = nocase_word(word);
	words[count].token = token;
	slots[i] = ++count;
}

__attribute__((constructor)) static void slots_fill(void)
{
	for (unsigned t = 1; t < T_COUNT; t++) {
		slot_fill(spelling[t].longer, (enum h248_token)t);
		if (!slice_eq_nocase(spelling[t].longer, spelling[t].shorter))
			slot_fill(spelling[t].shorter, (enum h248_token)t);
	}
}

/* Words of more than eight characters; apart, so that the short ones need few registers. */
static __attribute__((noinline)) enum h248_token find_long(struct slice word)
{
	struct nocase n = nocase_of(word);

	for (unsigned i = slot_of(n); slots[i]; i = (i + 1) % SLOTS) {
		if (nocase_is(&words[slots[i] - 1].text, n, word))
			return words[slots[i] - 1].token;
	}
	return T_NONE;
}

enum h248_token h248_token_find_short(uint64_t word, size_t len)
{
	unsigned i = slot_of((struct nocase){word, 0, len});

	for (; slots[i]; i = (i + 1) % SLOTS) {
		if (nocase_is_short(&words[slots[i] - 1].text, word, len))
			return words[slots[i] - 1].token;
	}
	return T_NONE;
}

enum h248_token h248_token_find(struct slice word)
{
	if (word.len > 8)
		return word.len > WORD_MAX ? T_NONE : find_long(word);
	return h248_token_find_short(nocase_load(word.p, word.len), word.len);
}

struct slice h248_token_text(enum h248_token token, bool is_short)
{
	return is_short ? spelling[token].shorter : spelling[token].longer;
}
