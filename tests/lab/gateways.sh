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

gateway_runs() { local number; number_in "$R/$1.agw" && kill -0 "$number" 2> /dev/null; }
gateway_ends() { ! gateway_runs "$1" || "$here/agw" stop "$1" || echo "$1 did not end" >> "$out/lab/killed"; }
gateways_up() {
	local h
	for h in $wanted_gateways; do [ "$("$here/agw" state "$h")" = up ] || return 1; done
}

# read_directives FILE   what the scenario says of itself, for those below and the one who plays it: wanted_as[HOST] of its
# nodes, wanted_gateways, wanted_partner, wanted (of the kernel), limit (s), leaves_sas.
read_directives() {
	local mark what words h
	declare -gA wanted_as=()
	wanted_gateways="" wanted_partner="" wanted="" limit="" leaves_sas=""
	while read -r mark what words; do
		[ "$mark" = "#!" ] || continue
		case $what in
		node)
			h=${words%% *}
			wanted_as[$h]+=${words#"$h"}
			;;
		partner) wanted_partner=up ;;
		gateway) wanted_gateways+=" $words" ;;
		wants) wanted+=" $words" ;;
		limit) limit=$words ;;
		left-over) leaves_sas=yes ;;
		esac
	done < "$1"
}
# What a scenario has changed of the kernel's networks is known here, so that nothing is asked that is as it was.
vrfs_are=down
# nodes_for the scenario that was read: what it wants started, and in its way. The words are those of start_proxy, of a gateway
# those of agw. A node stays as it is as long as the scenarios want it so.
nodes_for() {
	local h want changed= is
	for h in $gateways; do
		if [[ "$wanted_gateways " == *" $h "* ]]; then
			want=${wanted_as[$h]:-} is=
			want=${want# }
			[ ! -s "$R/$h.words" ] || read -r is < "$R/$h.words"
			[ "$want" = "$is" ] || gateway_ends $h
			echo "$want" > "$R/$h.words"
		else
			gateway_ends $h
		fi
	done
	want=down
	[[ "${wanted_as[agw1]:-} " != *" vrf "* ]] || want=up
	[ $want = $vrfs_are ] || "$here/vrfs" $want
	vrfs_are=$want
	for h in $wanted_gateways; do gateway_runs "$h" || "$here/agw" start "$h" "$out/lab"; done
	case "${wanted_as[$second]-no} $proxies " in
	"no "*" $second "*) stop $second && rm -f "$R/$second.ctl" && unset "as[$second]" && proxies=${proxies/ "$second"/} ;;
	"no "* | *" $second "*) ;;
	*)
		proxies+=" $second" changed=1
		# shellcheck disable=SC2086 -- words
		start_proxy $second ${wanted_as[$second]}
		;;
	esac
	for h in $proxies; do
		want=${wanted_as[$h]:-}
		want=${want# }
		[ "${as[$h]:-}" != "$want" ] || continue
		# shellcheck disable=SC2086 -- words
		restart $h $want
		changed=1
	done
	[ -z "$changed" ] || ready
	for h in $wanted_gateways; do "$here/agw" undrain "$h"; done # one of the scenarios before may have drained it
	[ -z "$wanted_gateways" ] || wait_for 60 "the gateways" gateways_up
}
