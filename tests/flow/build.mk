# SPDX-License-Identifier: GPL-2.0-or-later
# Checks and measurements of ims_flow that need ESP in the kernel; docs/modules/ims_flow.md says what they show.
$(eval $(call dev_program,bench-flow-core,tests/flow/bench.c,flow_core sec_agree xfrm hmac_sha256 sip base,-lmnl))
$(eval $(call dev_program,flow-crowd,$(addprefix tests/flow/crowd,.c _home.c _phone.c),xfrm hmac_sha256 base,-lmnl))

# $(call FLOW_RUN,CHECKS): in one machine, one after the other; each of CHECKS is 'NAME CFG PROGRAM WHAT IT SHOWS' in quotes,
# and has out/flow/NAME for a folder.
FLOW_RUN = FLOW_CAPTURED=rows XFRM_TEST_NEEDS_ESP=1 CK_DEFAULT_TIMEOUT=60 tests/lab/kern-run -m 3072 -t 3600 -- \
 tests/flow/inside $(CURDIR)/out/flow $(abspath $(BUILD)) $(1)
FLOW_NEEDS = $(BUILD)/modules/ims_flow.so $(BUILD)/bin/flow-crowd $(BUILD)/test/test_xfrm_kernel
SETS ?= 10000

.PHONY: check-flow-esp bench-flow bench-flow-stock
# $(eval $(call flow_check,NAME,CFG,what it shows[,program, if it is not check_NAME.py]))
define flow_check
FLOW_NAMES += $(1)
flow_$(1) := '$(1) $(2) $(or $(4),tests/flow/check_$(1).py) $(3)'
.PHONY: check-flow-esp-$(1)
check-flow-esp-$(1): $(FLOW_NEEDS)
	@$$(call FLOW_RUN,$$(flow_$(1)))
endef
FLOW_NAMES :=
$(eval $(call flow_check,xfrm,-,SAs and policies in the kernel,$(abspath $(BUILD))/test/test_xfrm_kernel))
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
$(eval $(call flow_check,replaced,replaced.cfg,in the place of ims_ipsec_pcscf,tests/flow/check_beside.py))
$(eval $(call flow_check,beside,tokens.cfg,beside ims_ipsec_pcscf))
# make check plays them in so many machines side by side: starting one costs more than most of what is played in it.
FLOW_PARTS = 2
flow_part = $(foreach n,$(shell printf '%s\n' $(FLOW_NAMES) | awk 'NR % $(FLOW_PARTS) == $(1) % $(FLOW_PARTS)'),$(flow_$(n)))
FLOW_CHECKS := $(addprefix check-flow-esp-,$(shell seq $(FLOW_PARTS)))
.PHONY: $(FLOW_CHECKS)
$(FLOW_CHECKS): check-flow-esp-%: $(FLOW_NEEDS)
	@$(call FLOW_RUN,$(call flow_part,$*))
check-flow-esp: $(FLOW_CHECKS)
CHECK_GOALS += $(FLOW_CHECKS)
CHECK_KERN += $(FLOW_CHECKS)

bench-flow: $(BUILD)/bin/bench-flow-core $(FLOW_NEEDS)
	@for n in 100 1000 10000; do $(BUILD)/bin/bench-flow-core lookup $$n || exit 1; done
	@tests/lab/kern-run -m 3072 -t 300 -- tests/flow/bench_kernel $(abspath $(BUILD)) 2000
	@echo "flow sets of registered phones, ESP at both ends, all on one CPU of the lab's kernel"
	@export FLOW_PHONES=$(SETS); $(call FLOW_RUN,'bench pcscf.cfg tests/flow/bench_sets.py')
BENCH_GOALS += bench-flow

# The same situations on Debian's modules and on ours, side by side.
bench-flow-stock: $(FLOW_NEEDS)
	@export FLOW_PATIENCE=4; $(call FLOW_RUN,'stock stock.cfg tests/flow/bench_stock.py') > out/flow/stock.txt
	@export FLOW_PATIENCE=4; $(call FLOW_RUN,'ours pcscf.cfg tests/flow/bench_stock.py') > out/flow/ours.txt
	@tests/flow/compare out/flow/stock.txt out/flow/ours.txt
