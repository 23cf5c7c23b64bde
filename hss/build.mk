# SPDX-License-Identifier: GPL-2.0-or-later
HSS_XML_LIBS := $(shell pkg-config --libs libxml-2.0 2>/dev/null)
$(BUILD)/obj/hss/profile_xml.o: CFLAGS += $(shell pkg-config --cflags libxml-2.0 2>/dev/null)
# The decisions, the store and the formats; no Diameter.
$(eval $(call static_lib,hss,hss/service.c hss/cx_uar.c hss/cx_lir.c hss/cx_mar.c hss/cx_sar.c hss/cx_rtr.c \
	hss/cx_identity.c hss/registration.c hss/store.c hss/store_sqlite.c hss/profile_xml.c hss/ifc.c \
	hss/words.c hss/counters.c hss/model.c))
