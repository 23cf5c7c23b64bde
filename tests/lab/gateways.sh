# SPDX-License-Identifier: GPL-2.0-or-later
# The access gateways of a scenario, and the nodes that it wants started in another way; sourced by tests/lab/inside.

has_alg() { [[ " ${as[$1]:-} " == *" WITH_ALG "* ]]; }
# Calls whose media a P-CSCF has anchored, contexts and ports of the gateways.
calls_left() { rpc "$1" alg.calls | sed -E "/^[{}]?$/d; /^\s*(total|first|waiting): 0$/d; s/^/$1: /"; }
media_left() {
	local h
	for h in pcscf1 pcscf2; do ! has_alg $h || calls_left $h; done
	"$here/agw" left
}

gateway_runs() { [ -s "$R/$1.agw" ] && kill -0 "$(cat "$R/$1.agw")" 2> /dev/null; }
gateway_ends() { ! gateway_runs "$1" || "$here/agw" stop "$1" || echo "$1 did not end" >> "$out/lab/killed"; }
gateways_up() {
	local h
	for h in $(gateways_of "$1"); do [ "$("$here/agw" state "$h")" = up ] || return 1; done
}
gateways_of() { sed -n 's/^#! gateway //p' "$1"; }
# nodes_for FILE: what the scenario wants started, and in its way. "#! gateway HOST...", "#! node HOST WORD..."; the words
# are those of start_proxy, of a gateway those of agw. A node stays as it is as long as the scenarios want it so.
nodes_for() {
	local h want changed=
	for h in $gateways; do
		if [[ " $(gateways_of "$1" | tr '\n' ' ')" == *" $h "* ]]; then
			want=$(sed -n "s/^#! node $h *//p" "$1")
			[ "$want" = "$(cat "$R/$h.words" 2> /dev/null)" ] || gateway_ends $h
			echo "$want" > "$R/$h.words"
		else
			gateway_ends $h
		fi
	done
	"$here/vrfs" "$(grep -q '^#! node agw1 .*vrf' "$1" && echo up || echo down)"
	for h in $(gateways_of "$1"); do gateway_runs "$h" || "$here/agw" start "$h" "$out/lab"; done
	for h in $proxies; do
		want=$(sed -n "s/^#! node $h *//p" "$1")
		[ "${as[$h]:-}" != "$want" ] || continue
		# shellcheck disable=SC2086 -- words
		restart $h $want
		changed=1
	done
	[ -z "$changed" ] || ready
	for h in $(gateways_of "$1"); do "$here/agw" undrain "$h"; done # one of the scenarios before may have drained it
	wait_for 60 "the gateways" gateways_up "$1"
}
