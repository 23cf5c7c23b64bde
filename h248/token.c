/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "h248/token.h"

/* Long and short spelling, Annex B.2 (version 3). */
static const struct {
	const char *longer, *shorter;
} spelling[T_COUNT] = {
    [T_ADD] = {"Add", "A"},
    [T_AND_LOGIC] = {"ANDLgc", "ANDLgc"},
    [T_AUDIT] = {"Audit", "AT"},
    [T_AUDIT_CAP] = {"AuditCapability", "AC"},
    [T_AUDIT_VALUE] = {"AuditValue", "AV"},
    [T_AUTH] = {"Authentication", "AU"},
    [T_BOTH] = {"Both", "B"},
    [T_BOTHWAY] = {"Bothway", "BW"},
    [T_BRIEF] = {"Brief", "BR"},
    [T_BUFFER] = {"Buffer", "BF"},
    [T_CONTEXT] = {"Context", "C"},
    [T_CONTEXT_ATTR] = {"ContextAttr", "CT"},
    [T_CONTEXT_AUDIT] = {"ContextAudit", "CA"},
    [T_CONTEXT_LIST] = {"ContextList", "CLT"},
    [T_DELAY] = {"Delay", "DL"},
    [T_DIGIT_MAP] = {"DigitMap", "DM"},
    [T_DIRECTION] = {"SPADirection", "SPADI"},
    [T_DISCONNECTED] = {"Disconnected", "DC"},
    [T_DURATION] = {"Duration", "DR"},
    [T_EMBED] = {"Embed", "EM"},
    [T_EMERGENCY] = {"Emergency", "EG"},
    [T_EMERGENCY_OFF] = {"EmergencyOff", "EGO"},
    [T_EMERGENCY_VALUE] = {"EmergencyValue", "EGV"},
    [T_END] = {"END", "&"},
    [T_ERROR] = {"Error", "ER"},
    [T_EVENT_BUFFER] = {"EventBuffer", "EB"},
    [T_EVENTS] = {"Events", "E"},
    [T_EXTERNAL] = {"External", "EX"},
    [T_FAILOVER] = {"Failover", "FL"},
    [T_FORCED] = {"Forced", "FO"},
    [T_GRACEFUL] = {"Graceful", "GR"},
    [T_HANDOFF] = {"HandOff", "HO"},
    [T_IEPS] = {"IEPSCall", "IEPS"},
    [T_IMM_ACK] = {"ImmAckRequired", "IA"},
    [T_INACTIVE] = {"Inactive", "IN"},
    [T_IN_SERVICE] = {"InService", "IV"},
    [T_INT_BY_EVENT] = {"IntByEvent", "IBE"},
    [T_INT_BY_SIGNALS] = {"IntBySigDescr", "IBS"},
    [T_INTERNAL] = {"Internal", "IT"},
    [T_INTERSIGNAL] = {"Intersignal", "SPAIS"},
    [T_ISOLATE] = {"Isolate", "IS"},
    [T_ITERATION] = {"Iteration", "IR"},
    [T_KEEP_ACTIVE] = {"KeepActive", "KA"},
    [T_LOCAL] = {"Local", "L"},
    [T_LOCAL_CONTROL] = {"LocalControl", "O"},
    [T_LOCK_STEP] = {"LockStep", "SP"},
    [T_LOOPBACK] = {"Loopback", "LB"},
    [T_MEDIA] = {"Media", "M"},
    [T_MEGACO] = {"MEGACO", "!"},
    [T_METHOD] = {"Method", "MT"},
    [T_MGC_ID] = {"MgcIdToTry", "MG"},
    [T_MODE] = {"Mode", "MO"},
    [T_MODEM] = {"Modem", "MD"},
    [T_MODIFY] = {"Modify", "MF"},
    [T_MOVE] = {"Move", "MV"},
    [T_MTP] = {"MTP", "MTP"},
    [T_MUX] = {"Mux", "MX"},
    [T_NEVER_NOTIFY] = {"NeverNotify", "NBNN"},
    [T_NOTIFY] = {"Notify", "N"},
    [T_NOTIFY_COMPLETION] = {"NotifyCompletion", "NC"},
    [T_NOTIFY_IMMEDIATE] = {"ImmediateNotify", "NBIN"},
    [T_NOTIFY_REGULATED] = {"RegulatedNotify", "NBRN"},
    [T_OBSERVED_EVENTS] = {"ObservedEvents", "OE"},
    [T_ONEWAY] = {"Oneway", "OW"},
    [T_ONEWAY_BOTH] = {"OnewayBoth", "OWB"},
    [T_ONEWAY_EXTERNAL] = {"OnewayExternal", "OWE"},
    [T_ON_OFF] = {"OnOff", "OO"},
    [T_OR_LOGIC] = {"ORLgc", "ORLgc"},
    [T_OTHER_REASON] = {"OtherReason", "OR"},
    [T_OUT_OF_SERVICE] = {"OutOfService", "OS"},
    [T_PACKAGES] = {"Packages", "PG"},
    [T_PENDING] = {"Pending", "PN"},
    [T_PRIORITY] = {"Priority", "PR"},
    [T_PROFILE] = {"Profile", "PF"},
    [T_REASON] = {"Reason", "RE"},
    [T_RECEIVE_ONLY] = {"ReceiveOnly", "RC"},
    [T_REMOTE] = {"Remote", "R"},
    [T_REPLY] = {"Reply", "P"},
    [T_REQUEST_ID] = {"SPARequestID", "SPARQ"},
    [T_RESERVED_GROUP] = {"ReservedGroup", "RG"},
    [T_RESERVED_VALUE] = {"ReservedValue", "RV"},
    [T_RESET_EVENTS] = {"ResetEventsDescriptor", "RSE"},
    [T_RESPONSE_ACK] = {"TransactionResponseAck", "K"},
    [T_RESTART] = {"Restart", "RS"},
    [T_SEGMENT] = {"Segment", "SM"},
    [T_SEND_ONLY] = {"SendOnly", "SO"},
    [T_SEND_RECEIVE] = {"SendReceive", "SR"},
    [T_SERVICE_CHANGE] = {"ServiceChange", "SC"},
    [T_SERVICE_CHANGE_ADDRESS] = {"ServiceChangeAddress", "AD"},
    [T_SERVICE_CHANGE_INC] = {"ServiceChangeInc", "SIC"},
    [T_SERVICE_STATES] = {"ServiceStates", "SI"},
    [T_SERVICES] = {"Services", "SV"},
    [T_SIGNAL_LIST] = {"SignalList", "SL"},
    [T_SIGNAL_TYPE] = {"SignalType", "SY"},
    [T_SIGNALS] = {"Signals", "SG"},
    [T_STATISTICS] = {"Statistics", "SA"},
    [T_STREAM] = {"Stream", "ST"},
    [T_SUBTRACT] = {"Subtract", "S"},
    [T_TERMINATION_STATE] = {"TerminationState", "TS"},
    [T_TEST] = {"Test", "TE"},
    [T_TIMEOUT] = {"TimeOut", "TO"},
    [T_TOPOLOGY] = {"Topology", "TP"},
    [T_TRANSACTION] = {"Transaction", "T"},
    [T_VERSION] = {"Version", "V"},
};

/*
 * Found by length and the first eight characters. Filled once, before main(), from the list above;
 * read-only afterwards.
 */
#define SLOTS	 1024u
#define WORD_MAX 22u
static struct {
	uint64_t letters;
	uint16_t length, token;
} slots[SLOTS];

#define LOWER 0x2020202020202020ull

/* The first eight bytes, letters folded to lower case. Other characters fold together too; the full
 * comparison in h248_token_find() sorts them out. */
static uint64_t first_letters(struct slice word)
{
	uint64_t v = 0;

	if (word.len >= 8) {
		memcpy(&v, word.p, 8);
		return v | LOWER;
	}
	for (size_t i = word.len; i > 0; i--)
		v = v << 8 | (unsigned char)word.p[i - 1];
	return v | (LOWER >> (64 - 8 * word.len));
}

static unsigned slot_of(uint64_t letters, size_t length)
{
	return (unsigned)(((letters ^ length * 0x9e3779b97f4a7c15ull) * 0xd6e8feb86659fd93ull) >>
			  54);
}

static void slot_fill(const char *text, unsigned token)
{
	struct slice word = slice_str(text);
	uint64_t letters = first_letters(word);
	unsigned i = slot_of(letters, word.len);

	while (slots[i].token)
		i = (i + 1) % SLOTS;
	slots[i].letters = letters;
	slots[i].length = (uint16_t)word.len;
	slots[i].token = (uint16_t)token;
}

__attribute__((constructor)) static void slots_fill(void)
{
	for (unsigned t = 1; t < T_COUNT; t++) {
		slot_fill(spelling[t].longer, t);
		if (!slice_eq_nocase(slice_str(spelling[t].longer), slice_str(spelling[t].shorter)))
			slot_fill(spelling[t].shorter, t);
	}
}

enum h248_token h248_token_find(struct slice word)
{
	uint64_t letters;

	if (word.len == 0 || word.len > WORD_MAX)
		return T_NONE;
	letters = first_letters(word);
	for (unsigned i = slot_of(letters, word.len); slots[i].token; i = (i + 1) % SLOTS) {
		unsigned t = slots[i].token;

		if (slots[i].letters != letters || slots[i].length != word.len)
			continue;
		if (slice_eq_nocase(word, slice_str(spelling[t].longer)) ||
		    slice_eq_nocase(word, slice_str(spelling[t].shorter)))
			return (enum h248_token)t;
	}
	return T_NONE;
}

struct slice h248_token_text(enum h248_token token, bool is_short)
{
	return slice_str(is_short ? spelling[token].shorter : spelling[token].longer);
}
