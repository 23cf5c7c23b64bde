# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Configurations of baresip and linphone, and the tones they play; sourced.

# tone HZ FILE      two minutes of it
tone() {
	ffmpeg -loglevel error -f lavfi -i "sine=frequency=$1:sample_rate=8000:duration=120" -ac 1 -c:a pcm_s16le "$2"
}

# baresip_config DIR ADDRESS:PORT TONE ACCOUNT     ACCOUNT: a line of its accounts; what it hears goes to DIR/dump-*-dec.wav, one for
# each call
baresip_config() {
	mkdir -p "$1"
	cat > "$1/config" <<-X
		poll_method		epoll
		sip_listen		$2
		call_max_calls		4
		audio_source		aufile,$3
		audio_player		nil,nil
		audio_alert		aufile,$1/alert.wav
		rtp_ports		10000-20000
		module_path		/usr/lib/baresip/modules
		module			stdio.so
		module			g711.so
		module			aufile.so
		module			srtp.so
		module			dtls_srtp.so
		module			uuid.so
		module			sndfile.so
		snd_path		$1
		module_tmp		account.so
		module_app		menu.so
	X
	echo "$4" > "$1/accounts"
	: > "$1/contacts"
}

# linphone_config DIR ADDRESS PORT IDENTITY PROXY SECURITY [LINE]...
# SECURITY: none, srtp or dtls for its media; LINEs stand at the end
linphone_config() {
	mkdir -p "$1/.local/share/linphone" "$1/.config/linphone"
	cat > "$1/rc" <<-X
		[sip]
		sip_port=$3
		sip_tcp_port=$3
		sip_tls_port=-1
		default_proxy=0
		contact="Phone" <sip:phone@$2>
		use_ipv6=0
		guess_hostname=1
		media_encryption=$6
		media_encryption_mandatory=$([ "$6" = none ] && echo 0 || echo 1)
		register_only_when_network_is_up=0
		[rtp]
		audio_rtp_port=7078
		[sound]
		use_files=1
		[video]
		enabled=0
		capture=0
		display=0
		[audio_codec_0]
		mime=PCMU
		rate=8000
		enabled=1
		[proxy_0]
		reg_proxy=<sip:$5:5060;transport=udp>
		reg_identity=$4
		reg_expires=600
		reg_sendregister=1
		publish=0
	X
	printf '%s\n' "${@:7}" >> "$1/rc"
}
