// SPDX-License-Identifier: GPL-2.0-or-later
// Every function of the module of this node, from a script instead of a .cfg: the answer lists what each returned.
// What needs a reply or a flow to work on is only looked up.

var calls = {
	scscf: [["seamless_scscf", "check"], ["seamless_scscf", "save", "SEAMLESS_SCSCF_SAVED", "location"], ["seamless_scscf", "session"],
		["seamless_scscf", "route"]],
	pcscf: [["seamless_pcscf", "check"], ["seamless_pcscf", "register"], ["seamless_pcscf", "session"],
		["seamless_pcscf", "notify"], ["flow", "from_ue"], ["flow", "route"],
		["flow", "record_route"], ["seamless_pcscf", "dialog"], ["border", "dialog"], ["border", "moved"], ["border", "to_ue"],
		["border", "record_route"]]
};
var present = {
	scscf: [],
	pcscf: [["seamless_pcscf", "register_reply"], ["flow", "register"], ["flow", "register_reply"],
		["flow", "check"], ["border", "register"], ["border", "register_answer"], ["border", "from_ue"], ["border", "answer_due"],
		["border", "answer_from_ue"], ["border", "answer_to_ue"]]
};

function ksr_request_route() {
	var node = KSR.seamless_scscf ? "scscf" : "pcscf", said = [], list = calls[node], i, f;

	for (i = 0; i < list.length; i++) {
		f = list[i];
		var result = f.length == 4 ? KSR[f[0]][f[1]](f[2], f[3]) : KSR[f[0]][f[1]]();
		said.push(f[0] + "." + f[1] + "=" + result);
		// It has answered by itself.
		if (f[1] == "check" && result != 1) return;
	}
	for (i = 0; i < present[node].length; i++) {
		f = present[node][i];
		said.push(f[0] + "." + f[1] + "=" + typeof KSR[f[0]][f[1]]);
	}
	KSR.sl.send_reply(200, said.join(" "));
}

function ksr_onreply_route() { return 1; }
function ksr_failure_route() { return 1; }
function ksr_branch_route() { return 1; }
function ksr_onsend_route() { return 1; }
