# SPDX-License-Identifier: GPL-2.0-or-later
# The lab's HSS and its subscribers; sourced by tests/lab/inside.

hss_conf() {
	cat <<-C
		identity hss.home1.net
		realm home1.net
		listen 10.0.0.5
		peer icscf.home1.net 10.0.0.3
		peer scscf.home1.net 10.0.0.4
		peer scscf2.home1.net 10.0.0.24
		store sqlite:$R/hss.db
		control $R/hss.sock
		http 127.0.0.1:8080
		http_tokens $R/tokens
		log info
		watchdog_seconds 6
		akav2_password yes
	C
}

# Subscriptions whose identities end in the suffix $1: user1 with two implicit sets, user2 and 3 with one; lab1 and 2 have
# passwords. The application server is told of every registration. hosts.scn knows the same keys.
subscribers() {
	local x=$1
	cat <<-S
		subscription
		  private user1_private$x@home1.net k=465b5ce8b199b49faa5f0a2ee238a6bc opc=cd63cb71954a9f4e48a5994e37a02baf
		  public sip:user1_public1$x@home1.net set=1
		  public sip:user1_public2$x@home1.net set=1
		  public sip:user1_public3$x@home1.net set=2
		  ifc server=sip:as.home1.net:5060 priority=1 trigger="all method:REGISTER"
		end
		subscription
		  private user2_private$x@home1.net k=0396eb317b6d1c36f19c1c84cd6ffd16 opc=53c15671c60a4b731c55b4a441c0bde2
		  public sip:user2_public1$x@home1.net set=1
		  public sip:user2_public2$x@home1.net set=1
		end
		subscription
		  private user3_private$x@home1.net k=fec86ba6eb707ed08905757b1bb44b8f opc=1006020f0a478bf6b699f15c062e42b3
		  public sip:user3_public1$x@home1.net set=1
		end
		subscription
		  private lab1$x@home1.net password=sesame
		  public sip:lab1$x@home1.net
		end
		subscription
		  private lab2$x@home1.net password=sesame
		  public sip:lab2$x@home1.net
		end
	S
}

start_hss() {
	hss_conf > "$R/hss.conf"
	echo "Authorization: Bearer $("$build/bin/hssctl" -c "$R/hss.conf" token add scenarios admin)" > "$R/rest"
	ip netns exec hss "$build/bin/ims-hss" -c "$R/hss.conf" > "$out/lab/hss.log" 2>&1 &
	pid[hss]=$!
	disown # a scenario may kill it, and that is not worth a word
	echo ${pid[hss]} > "$R/hss.pid"
	wait_for 240 "the HSS" hss_listens || { tail -15 "$out/lab/hss.log"; return 1; }
	local x
	{
		subscribers ""
		if [ -n "${list:-}" ]; then cut -f3 "$list" | sed '/^$/d' | while read -r x; do subscribers "$x"; done; fi
	} > "$R/subscribers"
	ip netns exec hss "$build/bin/hssctl" -c "$R/hss.conf" import "$R/subscribers" > "$out/lab/hssctl.log" 2>&1 ||
		{ cat "$out/lab/hssctl.log"; return 1; }
}
hss_listens() { [ -S "$R/hss.sock" ] && ip netns exec hss ss -Hltn | grep -q ":3868 "; }
