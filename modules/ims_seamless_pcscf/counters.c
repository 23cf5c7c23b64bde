/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Counters of group "seamless": kamcmd cnt.get seamless NAME, xhttp_prom. */
#include "seamless.h"

#include "../../core/dprint.h"

struct seamless_counters seamless_count;

static counter_def_t counters[] = {
    {&seamless_count.registers, "registers", 0, 0, 0, "REGISTERs with the option tag"},
    {&seamless_count.refused_option, "refused_option", 0, 0, 0, "requests answered with 420"},
    {&seamless_count.malformed, "malformed", 0, 0, 0,
     "requests answered with 400 for their headers"},
    {&seamless_count.foreign_contact, "foreign_contact", 0, 0, 0,
     "REGISTERs answered with 400 for a contact of another connection"},
    {&seamless_count.bindings, "bindings", 0, 0, 0, "200s to REGISTER that were taken in"},
    {&seamless_count.bindings_failed, "bindings_failed", 0, 0, 0,
     "... and that could not be, memory or limit"},
    {&seamless_count.subscribes, "subscribes", 0, 0, 0, "SUBSCRIBEs sent"},
    {&seamless_count.subscribe_failures, "subscribe_failures", 0, 0, 0,
     "... that failed or got no answer"},
    {&seamless_count.notifies, "notifies", 0, 0, 0,
     "NOTIFYs of our subscriptions answered with 200"},
    {&seamless_count.notifies_unknown, "notifies_unknown", 0, 0, 0,
     "NOTIFYs outside our subscriptions"},
    {&seamless_count.notifies_bad, "notifies_bad", 0, 0, 0, "NOTIFYs refused for what they say"},
    {&seamless_count.documents_discarded, "documents_discarded", 0, 0, 0,
     "reginfo documents out of date"},
    {&seamless_count.holds, "holds", 0, 0, 0, "flow sets held, inactive or about to be dropped"},
    {&seamless_count.drops, "drops", 0, 0, 0, "flow sets dropped"},
    {&seamless_count.drops_linger_over, "drops_linger_over", 0, 0, 0,
     "... because lingering was over"},
    {&seamless_count.drops_sessions_gone, "drops_sessions_gone", 0, 0, 0,
     "... because the last session left"},
    {&seamless_count.sessions, "sessions", 0, 0, 0, "sessions begun"},
    {&seamless_count.sessions_failed, "sessions_failed", 0, 0, 0,
     "sessions not counted, memory or limit"},
    {0, 0, 0, 0, 0, 0},
};

int seamless_counters_init(void)
{
	if (counter_register_array("seamless", counters) < 0) {
		LM_ERR("cannot register counters\n");
		return -1;
	}
	return 0;
}
