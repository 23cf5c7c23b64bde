# SPDX-License-Identifier: GPL-2.0-or-later
HSS_XML_LIBS := $(shell pkg-config --libs libxml-2.0 2>/dev/null)
$(BUILD)/obj/hss/profile_xml.o: CFLAGS += $(shell pkg-config --cflags libxml-2.0 2>/dev/null)
# The decisions, the store and the formats; no Diameter.
$(eval $(call static_lib,hss,hss/service.c hss/cx_uar.c hss/cx_lir.c hss/cx_mar.c hss/cx_sar.c hss/cx_rtr.c hss/cx_ppr.c \
	hss/cx_identity.c hss/registration.c hss/store.c hss/store_sqlite.c hss/store_sqlite_load.c hss/store_sqlite_save.c hss/profile_xml.c \
	hss/counters.c))
# The two text formats and what they fill.
$(eval $(call static_lib,hss_text,hss/config.c hss/provision.c hss/provision_write.c hss/provision_text.c \
	hss/words.c hss/ifc.c hss/model.c))
# freeDiameter glue.
$(eval $(call static_lib,hss_diameter,hss/control.c hss/push.c hss/log.c hss/diameter/node.c \
	hss/diameter/cx_server.c hss/diameter/cx_client.c hss/diameter/cx_decode.c hss/diameter/cx_groups.c \
	hss/diameter/avp.c hss/diameter/dict.c hss/diameter/anchor.c hss/diameter/listen_check.c \
	hss/diameter/takeover.c))
HSS_LIBS := -lsqlite3 $(HSS_XML_LIBS) -lcrypto
$(eval $(call program,ims-hss,hss/main.c,hss_diameter hss hss_text aka base,-lfdcore -lfdproto -lgnutls $(HSS_LIBS)))
$(BUILD)/obj/hss/main.o: CFLAGS += $(shell pkg-config --cflags libxml-2.0 2>/dev/null)
# freeDiameter's headers convert and shadow.
$(patsubst %,$(BUILD)/obj/hss/diameter/%.o,node cx_server cx_client cx_decode cx_groups avp dict anchor takeover): \
	CFLAGS += -Wno-conversion -Wno-shadow -Wno-undef -Wno-strict-prototypes
$(eval $(call program,hssctl,hss/hssctl.c hss/hssctl_subscriber.c hss/hssctl_store.c hss/hssctl_daemon.c,\
	hss hss_text aka base,$(HSS_LIBS)))
