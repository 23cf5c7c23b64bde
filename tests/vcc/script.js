// SPDX-License-Identifier: GPL-2.0-or-later
// The request_route of cfg/vcc.cfg as a KEMI script.
function ksr_request_route() {
	var method = KSR.pv.get("$rm");

	if (method == "REGISTER") { KSR.vcc.register(); return; }
	if (method == "NOTIFY") { KSR.vcc.notify(); return; }
	if (method == "CANCEL") {
		if (KSR.vcc.cancel() < 0 && KSR.tm.t_check_trans() > 0) KSR.tm.t_relay();
		return;
	}
	if (KSR.siputils.has_totag() > 0) {
		if (KSR.vcc.dialog() < 0) KSR.sl.sl_send_reply(481, "Call Does Not Exist");
		return;
	}
	if (method == "OPTIONS") {
		// what would be chosen: 1 IMS, 2 CS, -1 nothing, -2 no subscriber
		KSR.sl.sl_send_reply(200, "Chosen " + KSR.vcc.select());
		return;
	}
	if (method != "INVITE") return;
	if (KSR.vcc.anchor(KSR.pv.get("$(hdr(Route)[0])").indexOf("sip:term@") >= 0 ? "term" : "orig") == -2) {
		KSR.rr.loose_route();
		KSR.tm.t_relay();
	}
}

function ksr_onreply_route() { return 1; }
function ksr_failure_route() { return 1; }
function ksr_branch_route() { return 1; }
function ksr_onsend_route() { return 1; }
