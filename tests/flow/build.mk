# SPDX-License-Identifier: GPL-2.0-or-later
# Checks and measurements of ims_flow that need ESP in the kernel; docs/modules/ims_flow.md says what they show.
$(eval $(call dev_program,bench-flow-core,tests/flow/bench.c,flow_core sec_agree xfrm hmac_sha256 sip base,-lmnl))
$(eval $(call dev_program,flow-crowd,$(addprefix tests/flow/crowd,.c _home.c _phone.c),xfrm hmac_sha256 base,-lmnl))

# $(call FLOW_RUN,CFG,NAME): in a machine of its own, with a P-CSCF of that CFG; out/flow/NAME is its folder.
FLOW_RUN = mkdir -p out/flow/$(2) && rm -f out/flow/$(2)/* && FLOW_NO_CAPTURE=$(if $(filter rows,$(2)),,1) tests/lab/kern-run -m 3072 -t 1200 -- \
 tests/flow/inside $(CURDIR)/out/flow/$(2) $(abspath $(BUILD)) $(CURDIR)/tests/flow/$(1)
FLOW_NEEDS = $(BUILD)/modules/ims_flow.so $(BUILD)/bin/flow-crowd $(BUILD)/test/test_xfrm_kernel
SETS ?= 10000

.PHONY: check-flow-esp bench-flow bench-flow-stock
# What each of them shows, and with which cfg; make check plays two side by side.
# $(eval $(call flow_check,NAME,CFG,what it shows[,program, if it is not check_NAME.py]))
define flow_check
.PHONY: check-flow-esp-$(1)
check-flow-esp-$(1): $(FLOW_NEEDS)
	@echo "$(3)"
	@$$(call FLOW_RUN,$(2),$(1)) tests/flow/$(or $(4),check_$(1).py)
FLOW_CHECKS += check-flow-esp-$(1)
endef
FLOW_CHECKS := check-flow-esp-xfrm
.PHONY: check-flow-esp-xfrm
check-flow-esp-xfrm: $(FLOW_NEEDS)
	@echo "SAs and policies in the kernel"
	@XFRM_TEST_NEEDS_ESP=1 CK_DEFAULT_TIMEOUT=60 tests/lab/kern-run -t 600 -- scripts/run-tests $(BUILD)/test/test_xfrm_kernel
$(eval $(call flow_check,flows,pcscf.cfg,phones that break P-CSCFs))
# FLOW_ROUNDS re-registrations in a row, FLOW_PHONES phones over a kill -9: 1000 each.
$(eval $(call flow_check,restart,pcscf.cfg,kill -9 and restart))
$(eval $(call flow_check,rows,pcscf.cfg,each row of the table in docs/modules/ims_flow.md (from packets)))
$(eval $(call flow_check,ends,short.cfg,the ends of flow sets))
$(eval $(call flow_check,phones,pcscf.cfg,phones and home networks as they are))
$(eval $(call flow_check,media,media.cfg,media security beside IPsec))
$(eval $(call flow_check,guard,pcscf.cfg,what other programs do))
$(eval $(call flow_check,kernel,pcscf.cfg,what the kernel refuses and the keys of the tokens))
$(eval $(call flow_check,nat,nat.cfg,behind a NAT))
$(eval $(call flow_check,replaced,replaced.cfg,in the place of ims_ipsec_pcscf,check_beside.py))
$(eval $(call flow_check,beside,tokens.cfg,beside ims_ipsec_pcscf))
check-flow-esp: $(FLOW_CHECKS)
CHECK_GOALS += $(FLOW_CHECKS)
CHECK_KERN += $(FLOW_CHECKS)

bench-flow: $(BUILD)/bin/bench-flow-core $(FLOW_NEEDS)
	@for n in 100 1000 10000; do $(BUILD)/bin/bench-flow-core lookup $$n || exit 1; done
	@tests/lab/kern-run -m 3072 -t 300 -- tests/flow/bench_kernel $(abspath $(BUILD)) 2000
	@echo "flow sets of registered phones, ESP at both ends, all on one CPU of the lab's kernel"
	@export FLOW_PHONES=$(SETS); $(call FLOW_RUN,pcscf.cfg,bench) tests/flow/bench_sets.py
BENCH_GOALS += bench-flow

# The same situations on Debian's modules and on ours, side by side.
bench-flow-stock: $(FLOW_NEEDS)
	@export FLOW_PATIENCE=4; $(call FLOW_RUN,stock.cfg,stock) tests/flow/bench_stock.py > out/flow/stock.txt
	@export FLOW_PATIENCE=4; $(call FLOW_RUN,pcscf.cfg,ours) tests/flow/bench_stock.py > out/flow/ours.txt
	@tests/flow/compare out/flow/stock.txt out/flow/ours.txt
