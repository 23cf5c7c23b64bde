# SPDX-License-Identifier: GPL-2.0-or-later
HSS_PEER := $(addprefix tests/unit/hss/diameter/,main.c registration.c refusals.c pushes.c hostile.c storm.c reconnect.c rotation.c overload.c \
	requests.c peer.c dm.c)
ALL_OBJS += $(call objs,$(HSS_PEER))
$(BUILD)/obj/tests/unit/hss/diameter/registration.o: CFLAGS += $(shell pkg-config --cflags libxml-2.0 2>/dev/null)
$(BUILD)/test/cx-peer: $(call objs,$(HSS_PEER)) $(call libs,aka base)
	@mkdir -p $(@D)
	@echo "  LD      $@"
	$(Q)$(CC) $(ALL_CFLAGS) -o $@ $^ $(LDFLAGS) $(HSS_XML_LIBS) -lcrypto

# ims-hss over real Diameter, with peers of our own in a network namespace.
.PHONY: check-hss-diameter
check-hss-diameter: $(BUILD)/test/cx-peer $(BUILD)/bin/ims-hss $(BUILD)/bin/hssctl
	@tests/unit/hss/diameter/check-diameter $(BUILD)
	@tests/unit/hss/diameter/check-rotation $(BUILD)
	@tests/unit/hss/diameter/check-overload $(BUILD)
CHECK_GOALS += check-hss-diameter
# The same with messages changed at random for SECS seconds.
.PHONY: storm-hss
storm-hss: $(BUILD)/test/cx-peer $(BUILD)/bin/ims-hss $(BUILD)/bin/hssctl
	@STORM_SECS=$(SECS) tests/unit/hss/diameter/check-diameter $(BUILD)

# Killed at random moments: a few rounds, or soak-hss-kill ROUNDS=200.
HSS_KILL := tests/unit/hss/kill/kill.c tests/unit/hss/kill/store_check.c $(addprefix tests/unit/hss/diameter/,requests.c peer.c dm.c)
ALL_OBJS += $(call objs,$(HSS_KILL))
$(BUILD)/test/cx-kill: $(call objs,$(HSS_KILL)) $(call libs,aka base)
	@mkdir -p $(@D)
	@echo "  LD      $@"
	$(Q)$(CC) $(ALL_CFLAGS) -o $@ $^ $(LDFLAGS) -lsqlite3 -lcrypto
.PHONY: check-hss-kill soak-hss-kill
check-hss-kill soak-hss-kill: $(BUILD)/test/cx-kill $(BUILD)/bin/ims-hss $(BUILD)/bin/hssctl
check-hss-kill:
	@tests/unit/hss/kill/check-kill $(BUILD) 10
soak-hss-kill:
	@tests/unit/hss/kill/check-kill $(BUILD) $(or $(ROUNDS),200)
CHECK_GOALS += check-hss-kill

# Sh over real Diameter, with application servers on a stack that is not ours (Erlang's) and tshark as the judge.
.PHONY: check-hss-sh
check-hss-sh: $(BUILD)/bin/ims-hss $(BUILD)/bin/hssctl
	@tests/unit/hss/sh/check-sh $(BUILD)
CHECK_GOALS += check-hss-sh

# Cx likewise, with CSCFs.
.PHONY: check-hss-cx
check-hss-cx: $(BUILD)/bin/ims-hss $(BUILD)/bin/hssctl
	@tests/unit/hss/cx/check-cx $(BUILD)
CHECK_GOALS += check-hss-cx
# The REST API of the real daemon: curl lines of docs/hss-rest.md, an S-CSCF, TLS, slow clients, many subscriptions.
.PHONY: check-hss-rest
check-hss-rest: $(BUILD)/bin/ims-hss $(BUILD)/bin/hssctl
	@tests/unit/hss/rest/check-rest $(BUILD)
CHECK_GOALS += check-hss-rest
# The web page in Chromium; hss-page-pictures leaves screenshots in out/hss-page, of the lab in out/hss-page/phone.
.PHONY: check-hss-page hss-page-pictures
check-hss-page hss-page-pictures: $(BUILD)/bin/ims-hss $(BUILD)/bin/hssctl
hss-page-pictures: programs modules
check-hss-page:
	@tests/unit/hss/rest/check-rest $(BUILD) page.py
hss-page-pictures:
	@scripts/own-dir own out
	@PICTURES=$(CURDIR)/out/hss-page tests/unit/hss/rest/check-rest $(BUILD) page.py
	@PICTURES=$(CURDIR)/out/hss-page/phone tests/lab/run -b $(BUILD) -n -o out/hss-page-lab tests/lab/phones/page.scn
CHECK_GOALS += check-hss-page

# The store on a PostgreSQL of the test's own, and two ims-hss on one base; soak-hss-postgresql for SECONDS.
HSS_PAIR := $(addprefix tests/unit/hss/,postgresql/pair.c diameter/requests.c diameter/peer.c diameter/dm.c)
ALL_OBJS += $(call objs,$(HSS_PAIR))
$(BUILD)/test/cx-pair: $(call objs,$(HSS_PAIR)) $(call libs,aka base)
	@mkdir -p $(@D)
	@echo "  LD      $@"
	$(Q)$(CC) $(ALL_CFLAGS) -o $@ $^ $(LDFLAGS) -lcrypto
HSS_BASE_TESTS := $(addprefix $(BUILD)/test/test_hss_,store store_wildcard shared_ifc bearer beside errand sealed_store migration partners)
.PHONY: check-hss-postgresql soak-hss-postgresql
check-hss-postgresql soak-hss-postgresql: $(BUILD)/test/cx-pair $(BUILD)/test/cx-peer $(BUILD)/bin/ims-hss $(BUILD)/bin/hssctl $(HSS_BASE_TESTS)
check-hss-postgresql:
	@tests/unit/hss/postgresql/check-postgresql $(BUILD)
soak-hss-postgresql:
	@tests/unit/hss/postgresql/check-postgresql $(BUILD) $(or $(SECONDS),600)
CHECK_GOALS += check-hss-postgresql

$(eval $(call unit_test,hss,test_hss_model,tests/unit/hss/test_model.c,hss_text daemon aka base,-lcrypto))
$(eval $(call unit_test,hss,test_hss_wildcard,tests/unit/hss/test_wildcard.c,hss_text daemon aka base,-lcrypto))
$(eval $(call unit_test,hss,test_hss_ifc,tests/unit/hss/test_ifc.c,hss_text daemon aka base,-lcrypto))
$(eval $(call unit_test,hss,test_hss_formats,tests/unit/hss/test_formats.c,hss_text daemon aka base,-lcrypto))
$(eval $(call unit_test,hss,test_hss_procedures,tests/unit/hss/test_procedures.c,hss hss_text daemon aka base,$(HSS_LIBS)))
$(eval $(call unit_test,hss,test_hss_mar,tests/unit/hss/test_mar.c,hss hss_text daemon aka base,$(HSS_LIBS)))
$(foreach t,memory group store store_wildcard shared_ifc bearer beside errand import sealed_store shared_sim migration partners,$(BUILD)/obj/tests/unit/hss/test_$(t).o): CFLAGS += $(HSS_PQ_CFLAGS)
$(eval $(call unit_test,hss,test_hss_import,tests/unit/hss/test_import.c,hss hss_text daemon aka base,$(HSS_LIBS)))
$(eval $(call unit_test,hss,test_hss_store,tests/unit/hss/test_store.c,hss hss_text daemon aka base,$(HSS_LIBS)))
$(eval $(call unit_test,hss,test_hss_memory,tests/unit/hss/test_memory.c,hss hss_text daemon aka base,$(HSS_LIBS)))
$(eval $(call unit_test,hss,test_hss_group,tests/unit/hss/test_group.c,hss hss_text daemon aka base,$(HSS_LIBS)))
$(eval $(call unit_test,hss,test_hss_store_wildcard,tests/unit/hss/test_store_wildcard.c,hss hss_text daemon aka base,$(HSS_LIBS)))
$(eval $(call unit_test,hss,test_hss_shared_ifc,tests/unit/hss/test_shared_ifc.c,hss hss_text daemon aka base,$(HSS_LIBS)))
$(eval $(call unit_test,hss,test_hss_bearer,tests/unit/hss/test_bearer.c,hss hss_text daemon aka base,$(HSS_LIBS)))
$(eval $(call unit_test,hss,test_hss_beside,tests/unit/hss/test_beside.c,hss hss_text daemon aka base,$(HSS_LIBS)))
$(eval $(call unit_test,hss,test_hss_shared_sim,tests/unit/hss/test_shared_sim.c,hss hss_text daemon aka base,$(HSS_LIBS)))
$(eval $(call unit_test,hss,test_hss_seal,tests/unit/hss/test_seal.c,hss aka base,-lcrypto))
$(eval $(call unit_test,hss,test_hss_sealed_store,tests/unit/hss/test_sealed_store.c,hss hss_text daemon aka base,$(HSS_LIBS)))
$(eval $(call unit_test,hss,test_hss_errand,tests/unit/hss/test_errand.c,hss hss_text daemon aka base,$(HSS_LIBS)))
$(eval $(call unit_test,hss,test_hss_profile_xml,tests/unit/hss/test_profile_xml.c,hss hss_text daemon aka base,$(HSS_LIBS)))
$(eval $(call unit_test,hss,test_hss_activation,tests/unit/hss/test_activation.c,hss hss_text daemon aka base,$(HSS_LIBS)))
$(eval $(call unit_test,hss,test_hss_sh,tests/unit/hss/test_sh.c,hss hss_text daemon aka base,$(HSS_LIBS)))
$(eval $(call unit_test,hss,test_hss_sh_data,tests/unit/hss/test_sh_data.c,hss hss_text daemon aka base,$(HSS_LIBS)))
$(BUILD)/obj/tests/unit/hss/test_sh_data.o: CFLAGS += $(HSS_XML_CFLAGS)
$(eval $(call fuzz_target,fuzz_hss_sh_data,tests/fuzz/fuzz_hss_sh_data.c,hss hss_text daemon aka base,$(HSS_LIBS)))
$(BUILD)/fobj/hss/sh/data_read.o: FUZZ_CFLAGS += $(HSS_XML_CFLAGS)
$(eval $(call unit_test,hss,test_hss_http,tests/unit/hss/test_http.c,hss_http hss hss_text http_text daemon aka base,-ljansson $(HSS_LIBS)))
$(eval $(call fuzz_target,fuzz_hss_http,tests/fuzz/fuzz_hss_http.c,hss_http hss hss_text http_text daemon aka base,-ljansson $(HSS_LIBS)))
$(eval $(call fuzz_target,fuzz_hss_wildcard,tests/fuzz/fuzz_hss_wildcard.c,hss_text daemon aka base,-lcrypto))
$(eval $(call fuzz_target,fuzz_hss_import,tests/fuzz/fuzz_hss_import.c,hss hss_text daemon aka base,$(HSS_LIBS)))
$(eval $(call fuzz_target,fuzz_hss_config,tests/fuzz/fuzz_hss_config.c,hss_text daemon aka base,-lcrypto))
$(eval $(call unit_test,hss,test_hss_migration,tests/unit/hss/test_migration.c,hss hss_text daemon aka base,$(HSS_LIBS)))
$(eval $(call unit_test,hss,test_hss_wire,tests/unit/hss/test_wire.c tests/unit/hss/diameter/dm.c,hss_wire))
# The judge of octets in front of the real libfdcore.
$(eval $(call fuzz_target,fuzz_hss_wire,tests/fuzz/fuzz_hss_wire.c hss/diameter/dict.c,hss_wire,-lfdcore -lfdproto -lgnutls))
$(eval $(call unit_test,hss,test_hss_partners,tests/unit/hss/test_partners.c,hss hss_text daemon aka base,$(HSS_LIBS)))
