# SPDX-License-Identifier: GPL-2.0-or-later
# A second whole system, partner1.net, and the configuration management servers of both; sourced by tests/lab/inside. It runs
# while scenarios say `#! partner`. Its hosts have a 4 in their names: icscf4, scscf4, pcscf4, hss4, cms4.
partner_hosts="pcscf4 icscf4 scscf4"
partner_networks="core4 a4 x"
partner_is=down

# self_signed NAME HOST...   a key and a certificate of its own authority
self_signed() {
	local name=$1 names=
	shift
	for _; do names+=",DNS:$_"; done
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj "/CN=$name" \
		-addext "subjectAltName=${names#,}" -keyout "$R/$name.key" -out "$R/$name.pem" 2> /dev/null
}

# What the home HSS has beside the rest: the other system's HSS, and HTTPS for its configuration management server.
hss_of_partners() {
	hss_conf | sed '/^http /d'
	cat <<-C
		listen 10.6.0.5
		peer hss.partner1.net 10.6.0.25 partner=partner1
		partner partner1 realms=partner1.net domains=partner1.net
		inbound_domain in.home1.net
		outbound_domain out.home1.net
		http 10.0.0.5:7443
		http_certificate $R/home1.pem
		http_key $R/home1.key
	C
}
hss4_conf() {
	cat <<-C
		identity hss.partner1.net
		realm partner1.net
		listen 10.6.0.25
		listen 10.5.0.5
		peer icscf.partner1.net 10.5.0.3
		peer scscf.partner1.net 10.5.0.4
		peer hss.home1.net 10.6.0.5 partner=home1 connect
		partner home1 realms=home1.net domains=home1.net
		inbound_domain in.partner1.net
		outbound_domain out.partner1.net
		migration_template visitor@partner1.net
		store sqlite:$R/hss4.db
		control $R/hss4.sock
		http 10.5.0.5:7443
		http_certificate $R/partner1.pem
		http_key $R/partner1.key
		http_tokens $R/tokens4
		log info
		watchdog_seconds 6
	C
}
# The partner's own user, whom visitors call, and what visitors may.
subscribers4() {
	cat <<-S
		subscription
		  private user4_private@partner1.net k=0396eb317b6d1c36f19c1c84cd6ffd16 opc=53c15671c60a4b731c55b4a441c0bde2
		  public sip:user4_public1@partner1.net set=1
		end
		subscription
		  private visitor@partner1.net k=fec86ba6eb707ed08905757b1bb44b8f opc=1006020f0a478bf6b699f15c062e42b3
		  public sip:visitor@partner1.net set=1
		end
	S
}
# cms_conf SYSTEM OTHER SUFFIX CORE UES BETWEEN PCSCF PLACE
cms_conf() {
	cat <<-C
		system $1
		domains $1.net
		inbound_domain in.$1.net
		outbound_domain out.$1.net
		realm $1.net
		pcscf $7
		sip_database hss hss.$1.net $1.net
		hss https://hss.$1.net:7443
		hss_ca $R/$1.pem
		hss_token $R/cms$3.token
		ue_config $top/hss/cms/initial-ue-config.xml
		store $R/cms$3.db
		control $R/cms$3.sock
		csc4 $5:8443
		csc4_certificate $R/$1.pem
		csc4_key $R/$1.key
		token_key $R/idms.pem
		token_issuer https://idms.$1.net
		peers $6:8444
		certificate $R/$1.pem
		key $R/$1.key
		log info
		[partner $2]
		url https://cms-x.$2.net:8444
		ca $R/$2.pem
		san cms-x.$2.net
		domains $2.net
		databases hss.$2.net
		places $8
		services mcptt
		accept all
	C
}
start_cms() { # HOST; its TLS can be read in the captures, if they have the connection's beginning
	SSLKEYLOGFILE=$R/tls_keys ip netns exec "$1" "$build/bin/ims-cms" -c "$R/$1.conf" >> "$out/lab/$1.log" 2>&1 &
	pid[$1]=$!
	disown
	echo ${pid[$1]} > "$R/$1.pid"
}
cms_answers() { "$build/bin/cmsctl" -c "$R/$1.conf" status > /dev/null; }

# cms_anew   the configuration management servers, with what they had in their stores; where the partner is up
cms_anew() {
	local h number
	[ $partner_is = up ] || return 0
	for h in cms cms4; do
		! number_in "$R/$h.pid" || { pid[$h]=$number && stop $h; }
		start_cms $h
	done
	for h in cms cms4; do wait_for 240 $h cms_answers $h || { tail -5 "$out/lab/$h.log"; return 1; }; done
}

# hss_as FUNCTION   the home HSS with another configuration
hss_as() {
	local number
	number_in "$R/hss.pid" && kill "$number"
	while kill -0 "$number" 2> /dev/null; do nap 0.1; done
	$1 > "$R/hss.conf"
	"$here/hss-again" "$out/lab"
}

partner_keys() {
	self_signed home1 cms.home1.net cms-x.home1.net hss.home1.net &&
		self_signed partner1 cms.partner1.net cms-x.partner1.net hss.partner1.net &&
		openssl ecparam -name prime256v1 -genkey -noout -out "$R/idms.key" &&
		openssl ec -in "$R/idms.key" -pubout -out "$R/idms.pem" 2> /dev/null || return 1
	hss4_conf > "$R/hss4.conf"
	(umask 077 && hssctl_token hss "" && hssctl_token hss4 4 && : > "$R/tls_keys")
}
hssctl_token() { "$build/bin/hssctl" -c "$R/$1.conf" token add "cms$2" migration > "$R/cms$2.token"; }

partner_up() {
	local h
	say "lab: the partner's P-CSCF, I-CSCF, S-CSCF and HSS, and both configuration management servers"
	"$here/topology" partner-up || return 1
	partner_keys || return 1
	hss_as hss_of_partners || return 1
	ip netns exec hss4 "$build/bin/ims-hss" -c "$R/hss4.conf" > "$out/lab/hss4.log" 2>&1 &
	pid[hss4]=$!
	disown
	echo ${pid[hss4]} > "$R/hss4.pid"
	for h in icscf4 scscf4; do
		sed "s/NODE/${h%4}/; s/home1/partner1/g" "$top/cfg/diameter.xml" > "$R/$h.xml"
	done
	sed 's/home1/partner1/g' "$top/cfg/icscf.sql" | sqlite3 "$R/icscf4.db" || return 1
	for h in $partner_hosts; do start_proxy "$h"; done
	cms_conf home1 partner1 "" 10.0.0.15 10.1.0.15 10.6.0.15 pcscf1.home1.net:5060 00102 > "$R/cms.conf"
	cms_conf partner1 home1 4 10.5.0.15 10.4.0.15 10.6.0.35 pcscf-a4.partner1.net:5060 00101 > "$R/cms4.conf"
	wait_for 240 "the partner's HSS" sh -c "[ -S $R/hss4.sock ]" || return 1
	subscribers4 > "$R/subscribers4"
	ip netns exec hss4 "$build/bin/hssctl" -c "$R/hss4.conf" import "$R/subscribers4" > "$out/lab/hssctl4.log" 2>&1 || return 1
	if [ "${LAB_CAPTURE:-yes}" = yes ]; then
		for h in $partner_networks; do capture "$h" net "br-$h"; done
		wait_for 240 "the captures" sh -c "for b in $partner_networks; do grep -q listening $out/lab/tcpdump-\$b.log || exit 1; done"
	fi
	proxies+=" $partner_hosts"
	pcscfs+=" pcscf4"
	partner_is=up
	wait_for 240 "Diameter between the HSSs" sh -c "$build/bin/hssctl -c $R/hss4.conf status | grep -q 'peer hss.home1.net OPEN'"
}

partner_down() {
	local h
	stop $partner_hosts
	for h in cms cms4 hss4; do pid[$h]=$(cat "$R/$h.pid"); done
	stop cms cms4 hss4
	for h in $partner_networks; do [ -z "${pid[tcpdump-$h]:-}" ] || kill "${pid[tcpdump-$h]}"; done
	for h in $partner_hosts cms cms4 hss4; do unset "pid[$h]" "as[$h]"; done
	proxies=${proxies/ "$partner_hosts"/}
	pcscfs=${pcscfs/ pcscf4/}
	"$here/topology" partner-down
	hss_as hss_conf
	partner_is=down
}

# partner_for the scenario that was read
partner_for() {
	local want=${wanted_partner:-down}
	[ $want != $partner_is ] || return 0
	partner_$want && ready
}
