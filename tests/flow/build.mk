# SPDX-License-Identifier: GPL-2.0-or-later
# Checks and measurements of ims_flow that need ESP in the kernel; docs/modules/ims_flow.md says what they show.
$(eval $(call dev_program,bench-flow-core,tests/flow/bench.c,flow_core sec_agree xfrm hmac_sha256 sip base,-lmnl))
$(eval $(call dev_program,flow-crowd,$(addprefix tests/flow/crowd,.c _home.c _phone.c),xfrm hmac_sha256 base,-lmnl))

FLOW_RUN = tests/lab/kern-run -m 3072 -t $(1) -- tests/flow/inside $(CURDIR)/out/flow $(abspath $(BUILD)) $(CURDIR)/tests/flow/$(2)
FLOW_NEEDS = $(BUILD)/modules/ims_flow.so $(BUILD)/bin/flow-crowd $(BUILD)/test/test_xfrm_kernel
SETS ?= 10000

.PHONY: check-flow-esp bench-flow bench-flow-stock
# FLOW_ROUNDS re-registrations in a row, FLOW_PHONES phones over a kill -9: 1000 each.
check-flow-esp: $(FLOW_NEEDS)
	@mkdir -p out/flow && rm -f out/flow/*
	@echo "SAs and policies in the kernel"
	@XFRM_TEST_NEEDS_ESP=1 CK_DEFAULT_TIMEOUT=60 tests/lab/kern-run -t 600 -- scripts/run-tests $(BUILD)/test/test_xfrm_kernel
	@echo "each row of the table in docs/modules/ims_flow.md, from packets"
	@$(call FLOW_RUN,1200,pcscf.cfg) tests/flow/check_rows.py
	@echo "phones that break P-CSCFs"
	@FLOW_NO_CAPTURE=1 $(call FLOW_RUN,1200,pcscf.cfg) tests/flow/check_flows.py
	@echo "phones and home networks as they are"
	@FLOW_NO_CAPTURE=1 $(call FLOW_RUN,1200,pcscf.cfg) tests/flow/check_phones.py
	@echo "media security beside IPsec"
	@FLOW_NO_CAPTURE=1 $(call FLOW_RUN,1200,media.cfg) tests/flow/check_media.py
	@echo "what other programs do"
	@FLOW_NO_CAPTURE=1 $(call FLOW_RUN,1200,pcscf.cfg) tests/flow/check_guard.py
	@echo "the ends of flow sets"
	@FLOW_NO_CAPTURE=1 $(call FLOW_RUN,1200,short.cfg) tests/flow/check_ends.py
	@echo "what the kernel refuses, and the keys of the tokens"
	@FLOW_NO_CAPTURE=1 $(call FLOW_RUN,1200,pcscf.cfg) tests/flow/check_kernel.py
	@echo "kill -9 and restart"
	@rm -f out/flow/pcscf.log
	@FLOW_NO_CAPTURE=1 $(call FLOW_RUN,1200,pcscf.cfg) tests/flow/check_restart.py
	@echo "behind a NAT"
	@FLOW_NO_CAPTURE=1 $(call FLOW_RUN,1200,nat.cfg) tests/flow/check_nat.py
	@echo "in the place of ims_ipsec_pcscf, and beside it"
	@FLOW_NO_CAPTURE=1 $(call FLOW_RUN,1200,replaced.cfg) tests/flow/check_beside.py
	@FLOW_NO_CAPTURE=1 $(call FLOW_RUN,1200,tokens.cfg) tests/flow/check_beside.py
CHECK_GOALS += check-flow-esp
CHECK_KERN += check-flow-esp

bench-flow: $(BUILD)/bin/bench-flow-core $(FLOW_NEEDS)
	@mkdir -p out/flow
	@for n in 100 1000 10000; do $(BUILD)/bin/bench-flow-core lookup $$n || exit 1; done
	@tests/lab/kern-run -m 3072 -t 300 -- tests/flow/bench_kernel $(abspath $(BUILD)) 2000
	@echo "flow sets of registered phones, ESP at both ends, all on one CPU of the lab's kernel"
	@FLOW_NO_CAPTURE=1 FLOW_PHONES=$(SETS) $(call FLOW_RUN,1200,pcscf.cfg) tests/flow/bench_sets.py
BENCH_GOALS += bench-flow

# The same situations on Debian's modules and on ours, side by side.
bench-flow-stock: $(FLOW_NEEDS)
	@mkdir -p out/flow
	@rm -f out/flow/*.log
	@FLOW_PATIENCE=4 FLOW_NO_CAPTURE=1 $(call FLOW_RUN,1200,stock.cfg) tests/flow/bench_stock.py > out/flow/stock.txt
	@rm -f out/flow/*.log
	@FLOW_PATIENCE=4 FLOW_NO_CAPTURE=1 $(call FLOW_RUN,1200,pcscf.cfg) tests/flow/bench_stock.py > out/flow/ours.txt
	@tests/flow/compare out/flow/stock.txt out/flow/ours.txt
