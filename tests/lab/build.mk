# SPDX-License-Identifier: GPL-2.0-or-later
# The lab: a whole IMS in namespaces, with real ESP. See docs/lab.md.
LAB_NEEDS = programs modules
# where results go; a second lab at the same time needs another one
LAB_OUT ?= out
LAB_RUN = tests/lab/run -b $(BUILD)
LAB_SCENARIOS = $(sort $(wildcard tests/lab/seamless/*.scn tests/lab/bad-input/*.scn tests/lab/phones/*.scn \
 tests/lab/e2ae/*.scn tests/lab/servers/*.scn tests/lab/vcc/*.scn)) tests/lab/demo-e2ae.scn tests/lab/demo-vcc.scn tests/lab/soak/handover-100.scn \
 tests/lab/demo-migration.scn
# make check plays those that need no ESP in this machine's own kernel, and the others in so many labs side by side: of
# three, the first gets the first, the fourth and so on.
LAB_NO_ESP = $(shell grep -l '^\#! no-esp' $(LAB_SCENARIOS))
LAB_PARTS = 2
LAB_PART_GOALS = $(addprefix check-lab-,$(shell seq $(LAB_PARTS)))
lab_part = $(shell printf '%s\n' $(filter-out $(LAB_NO_ESP),$(LAB_SCENARIOS)) | awk 'NR % $(LAB_PARTS) == $(1) % $(LAB_PARTS)')
HANDOVERS ?= 1000

.PHONY: lab demo demo-stock demo-e2ae demo-vcc demo-migration check-lab soak-handover soak-dies
demo: $(LAB_NEEDS)
	@tests/lab/demo -b $(BUILD) -o $(LAB_OUT)
demo-stock: $(LAB_NEEDS)
	@tests/lab/demo -b $(BUILD) -o $(LAB_OUT) -s
demo-e2ae: $(LAB_NEEDS)
	@tests/lab/demo -b $(BUILD) -o $(LAB_OUT) -e
demo-vcc: $(LAB_NEEDS)
	@tests/lab/demo -b $(BUILD) -o $(LAB_OUT) -v
demo-migration: $(LAB_NEEDS)
	@tests/lab/demo -b $(BUILD) -o $(LAB_OUT) -m
lab: $(LAB_NEEDS)
	@$(LAB_RUN) -o $(LAB_OUT)/lab -i
check-lab: $(LAB_NEEDS)
	@$(LAB_RUN) -o $(LAB_OUT)/check-lab $(LAB_SCENARIOS)
.PHONY: $(LAB_PART_GOALS)
$(LAB_PART_GOALS): check-lab-%: $(LAB_NEEDS)
	@$(LAB_RUN) -o $(LAB_OUT)/check-lab-$* $(call lab_part,$*)
.PHONY: check-lab-no-esp
check-lab-no-esp: $(LAB_NEEDS)
	@$(LAB_RUN) -n -o $(LAB_OUT)/check-lab-no-esp $(LAB_NO_ESP)
CHECK_GOALS += $(LAB_PART_GOALS) check-lab-no-esp
CHECK_KERN += $(LAB_PART_GOALS)
# Gateway, P-CSCF and both are killed under so many calls; check-lab has 20.
CALLS ?= 100
soak-dies: $(LAB_NEEDS)
	@LAB_DEFINES="calls=$(CALLS)" LAB_SCENARIO_LIMIT=900 $(LAB_RUN) -t 6000 -o $(LAB_OUT)/soak-dies \
	 $(addprefix tests/lab/e2ae/,gateway-dies.scn pcscf-dies.scn pcscf-remembers.scn)
soak-handover: $(LAB_NEEDS)
	@tests/lab/soak/run -b $(BUILD) -o $(LAB_OUT)/soak $(HANDOVERS)

# kern-run keeps what it promises.
.PHONY: check-kern-run
check-kern-run:
	@tests/lab/check-kern-run
CHECK_GOALS += check-kern-run
CHECK_KERN += check-kern-run

# check-scenario, ladder and the steps of media security see what they must.
.PHONY: check-lab-report
check-lab-report:
	@tests/lab/check-report && tests/lab/check-steps && tests/lab/check-migration
CHECK_GOALS += check-lab-report
