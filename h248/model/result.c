/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Texts of results and of error codes. */
#include <stddef.h>
#include <stdint.h>

#include "h248/result.h"

const char *h248_strerror(int result)
{
	switch (result) {
	case H248_OK:
		return "ok";
	case H248_E_SYNTAX:
		return "syntax error";
	case H248_E_VERSION:
		return "not in this version of the protocol";
	case H248_E_MEMORY:
		return "out of memory";
	case H248_E_SPACE:
		return "buffer too small";
	case H248_E_SIZE:
		return "too large";
	case H248_E_VALUE:
		return "value cannot be expressed";
	case H248_E_ARGUMENT:
		return "bad argument";
	case H248_E_STATE:
		return "not possible now";
	case H248_E_SYSTEM:
		return "system error";
	default:
		return "unknown error";
	}
}

/* The registry of error codes, H.248.8. */
static const struct {
	uint16_t code;
	const char *text;
} errors[] = {
    {400, "Syntax error in message"},
    {401, "Protocol error"},
    {402, "Unauthorized"},
    {403, "Syntax error in transaction"},
    {406, "Version not supported"},
    {410, "Incorrect identifier"},
    {411, "The transaction refers to an unknown ContextID"},
    {412, "No ContextIDs available"},
    {413, "Number of transactions in message exceeds maximum"},
    {421, "Unknown action or illegal combination of actions"},
    {422, "Syntax error in action"},
    {430, "Unknown TerminationID"},
    {431, "No TerminationID matched a wildcard"},
    {432, "Out of TerminationIDs or no TerminationID available"},
    {433, "TerminationID is already in a context"},
    {434, "Max number of terminations in a context exceeded"},
    {435, "Termination ID is not in specified context"},
    {440, "Unsupported or unknown package"},
    {441, "Missing remote or local descriptor"},
    {442, "Syntax error in command"},
    {443, "Unsupported or unknown command"},
    {444, "Unsupported or unknown descriptor"},
    {445, "Unsupported or unknown property"},
    {446, "Unsupported or unknown parameter"},
    {447, "Descriptor not legal in this command"},
    {448, "Descriptor appears twice in a command"},
    {449, "Unsupported or unknown parameter or property value"},
    {450, "No such property in this package"},
    {451, "No such event in this package"},
    {452, "No such signal in this package"},
    {453, "No such statistic in this package"},
    {454, "No such parameter value in this package"},
    {455, "Property illegal in this descriptor"},
    {456, "Property appears twice in this descriptor"},
    {457, "Missing parameter in signal or event"},
    {458, "Unexpected event or RequestID"},
    {459, "Segments not received"},
    {460, "Unable to set statistic on stream"},
    {461, "Unknown profile"},
    {471, "Implied Add for multiplex failure"},
    {472, "Required information missing"},
    {473, "Conflicting property values"},
    {474, "Invalid SDP syntax"},
    {488, "Incorrect stream endpoint interlinkage"},
    {500, "Internal software failure in the MG or MGC"},
    {501, "Not implemented"},
    {502, "Not ready"},
    {503, "Service unavailable"},
    {504, "Command received from unauthorized entity"},
    {505, "Transaction request received before a ServiceChange reply has been received"},
    {506, "Number of TransactionPendings exceeded"},
    {507, "Alternate transport preferred"},
    {510, "Insufficient resources"},
    {511, "Temporarily busy"},
    {512, "Media gateway unequipped to detect requested event"},
    {513, "Media gateway unequipped to generate requested signals"},
    {514, "Media gateway cannot send the specified announcement"},
    {515, "Unsupported media type"},
    {517, "Unsupported or invalid mode"},
    {518, "Event buffer full"},
    {519, "Out of space to store digit map"},
    {520, "Digit map undefined in the MG"},
    {521, "Termination is ServiceChanging"},
    {522, "Functionality requested in topology triple not supported"},
    {526, "Insufficient bandwidth"},
    {529, "Internal hardware failure in MG"},
    {530, "Temporary network failure"},
    {531, "Permanent network failure"},
    {532, "Audited property, statistic, event or signal does not exist"},
    {533, "Response exceeds maximum transport PDU size"},
    {534, "Illegal write of read-only property"},
    {540, "Unexpected initial hook state"},
    {581, "Does not exist"},
};

const char *h248_error_text(unsigned code)
{
	size_t low = 0, high = sizeof(errors) / sizeof(errors[0]);

	while (low < high) {
		size_t mid = (low + high) / 2;

		if (errors[mid].code == code)
			return errors[mid].text;
		if (errors[mid].code < code)
			low = mid + 1;
		else
			high = mid;
	}
	return "";
}
