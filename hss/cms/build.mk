# SPDX-License-Identifier: GPL-2.0-or-later
# What decides about migrations, with its store; no socket. Users link: cms daemon hmac_sha256 base, and -lsqlite3.
$(eval $(call static_lib,cms,$(addprefix hss/cms/,identity.c times.c config.c store.c audit.c grant.c primary.c partner.c users.c)))
# Tokens, documents and JSON bodies. Users link: cms_text before these, and CMS_TEXT_LIBS.
$(eval $(call static_lib,cms_text,$(addprefix hss/cms/,access_token.c document.c message.c)))
$(BUILD)/obj/hss/cms/document.o $(BUILD)/obj/hss/cms/main.o: CFLAGS += $(HSS_XML_CFLAGS)
$(BUILD)/fobj/hss/cms/document.o: FUZZ_CFLAGS += $(HSS_XML_CFLAGS)
CMS_TEXT_LIBS := -ljansson $(HSS_XML_LIBS) -lcrypto -lsqlite3
$(eval $(call static_lib,cms_doors,$(addprefix hss/cms/,call.c csc4.c peers.c ask.c feed.c client.c certificates.c doors.c counters.c errands.c control.c commands.c)))
CMS_CURL_LIBS := $(shell pkg-config --libs libcurl 2>/dev/null)
$(eval $(call program,ims-cms,hss/cms/main.c,cms_doors cms_text cms http http_text daemon hmac_sha256 base,\
	-lmicrohttpd -lgnutls $(CMS_CURL_LIBS) $(CMS_TEXT_LIBS)))
$(eval $(call program,cmsctl,hss/cms/cmsctl.c,cms daemon hmac_sha256 base,-lsqlite3))
