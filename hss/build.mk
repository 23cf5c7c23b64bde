# SPDX-License-Identifier: GPL-2.0-or-later
HSS_XML_CFLAGS := $(shell pkg-config --cflags libxml-2.0 2>/dev/null)
HSS_XML_LIBS := $(shell pkg-config --libs libxml-2.0 2>/dev/null)
HSS_PQ_CFLAGS := $(shell pkg-config --cflags libpq 2>/dev/null)
HSS_PQ_LIBS := $(shell pkg-config --libs libpq 2>/dev/null)
$(foreach f,db_postgresql db_postgresql_place db_postgresql_statement,$(BUILD)/obj/hss/store/$(f).o): CFLAGS += $(HSS_PQ_CFLAGS)
$(foreach f,db_postgresql db_postgresql_place db_postgresql_statement,$(BUILD)/fobj/hss/store/$(f).o): FUZZ_CFLAGS += $(HSS_PQ_CFLAGS)
$(BUILD)/obj/hss/sh/data_read.o $(BUILD)/obj/hss/main.o: CFLAGS += $(HSS_XML_CFLAGS)
# The decisions, the store and the formats; no Diameter.
$(eval $(call static_lib,hss,$(addprefix hss/,cx/service.c cx/uar.c cx/lir.c cx/mar.c cx/sar.c cx/rtr.c cx/ppr.c cx/errand.c cx/redirect.c \
	cx/identity.c cx/profile_xml.c cx/ifc_xml.c xml/writer.c sh/pull.c sh/update.c sh/subscribe.c sh/notice.c sh/data_write.c sh/data_read.c sh/service.c \
	subscription/registration.c subscription/repository.c $(addprefix store/,store.c find.c load.c save.c state.c restoration.c errand.c forward.c \
	redirect.c bearer.c wildcard.c shared.c sh.c sh_subscription.c seal.c master_key.c seal_columns.c seal_keys.c statements.c schema.c schema_sqlite.c schema_postgresql.c \
	pool.c image.c memory.c recall.c group.c db_sqlite.c db_postgresql.c db_postgresql_place.c db_postgresql_statement.c) provision/change.c provision/shared.c provision/bearer.c cx/spread.c \
	provision/import.c provision/import_seen.c provision/beside.c provision/beside_read.c counters.c \
	store/migration.c $(addprefix migration/,binding.c registry.c rate.c pending.c visitor.c verdict.c manage.c))))
# The two text formats and what they fill.
$(eval $(call static_lib,hss_text,$(addprefix hss/,config.c config_check.c config_partner.c cms/identity.c cms/times.c provision/provision.c provision/private.c provision/line.c \
	provision/edit.c provision/write.c provision/text.c provision/parse.c provision/shared_line.c \
	 subscription/ifc.c subscription/wildcard.c subscription/subscription.c subscription/activation.c subscription/restoration.c subscription/bearer.c)))
# What of Diameter is octets and tables.
$(eval $(call static_lib,hss_wire,$(addprefix hss/diameter/,wire.c avps.c)))
# freeDiameter glue.
HSS_DIAMETER := $(addprefix hss/diameter/,node.c server.c admission.c client.c destination.c forward.c cx_application.c cx_server.c cx_client.c cx_decode.c \
	cx_groups.c sh_application.c sh_server.c sh_client.c sh_decode.c avp.c dict.c session.c connect.c partner.c visitor.c gate.c send_guard.c listen_check.c takeover.c)
$(eval $(call static_lib,hss_diameter,hss/control.c hss/remember.c hss/reseal.c hss/cx/push.c hss/cx/errands.c hss/cx/withdraw.c hss/migration/leave.c hss/sh/notify.c $(HSS_DIAMETER) \
	$(addprefix hss/http/,server.c requests.c exchange.c)))
# The REST API without its server.
$(eval $(call static_lib,hss_http,$(addprefix hss/http/,api.c api_subscribers.c api_parts.c api_shared.c api_bearers.c api_network.c api_import.c \
	api_status.c api_migration.c tag.c answer.c auth.c json_in.c json_line.c json_out.c token.c assets.c)))
HSS_PAGE := $(wildcard hss/http/page/*)
$(BUILD)/obj/hss/http/assets.o $(BUILD)/fobj/hss/http/assets.o: $(HSS_PAGE)
HSS_LIBS := -lsqlite3 $(HSS_PQ_LIBS) $(HSS_XML_LIBS) -lcrypto
$(eval $(call program,ims-hss,hss/main.c,hss_diameter hss_wire hss_http hss hss_text http http_text daemon aka base,\
	-lfdcore -lfdproto -lgnutls -lmicrohttpd -ljansson $(HSS_LIBS)))
# freeDiameter's headers convert and shadow.
$(filter-out %/listen_check.o %/gate.o,$(call objs,$(HSS_DIAMETER))): \
	CFLAGS += -Wno-conversion -Wno-shadow -Wno-undef -Wno-strict-prototypes
$(eval $(call program,hssctl,$(addprefix hss/hssctl/,hssctl.c subscriber.c store.c import.c file.c daemon.c sh.c bearer.c slf.c token.c master_key.c shared.c migration.c),hss_http hss hss_text http_text daemon aka base,\
	$(HSS_LIBS)))
