# SPDX-License-Identifier: GPL-2.0-or-later
# The lab: a whole IMS in namespaces, with real ESP. See docs/lab.md.
LAB_NEEDS = programs modules
# where results go; a second lab at the same time needs another one
LAB_OUT ?= out
LAB_RUN = tests/lab/run -b $(BUILD)
# Not yet seen to pass with real ESP on a quiet machine: make check-lab-apart plays them, make check does not.
LAB_APART = tests/lab/phones/digest-dtls.scn $(addprefix tests/lab/e2ae/,late-access.scn moves-same.scn skip-active.scn)
LAB_SCENARIOS = $(filter-out $(LAB_APART),$(sort $(wildcard tests/lab/seamless/*.scn tests/lab/bad-input/*.scn \
 tests/lab/phones/*.scn tests/lab/e2ae/*.scn))) tests/lab/demo-e2ae.scn
HANDOVERS ?= 1000

check-lab-apart: $(LAB_NEEDS)
	@$(LAB_RUN) -o $(LAB_OUT)/check-lab-apart $(LAB_APART)
.PHONY: lab demo demo-stock demo-e2ae check-lab check-lab-apart soak-handover soak-gateway-dies
demo: $(LAB_NEEDS)
	@tests/lab/demo -b $(BUILD) -o $(LAB_OUT)
demo-stock: $(LAB_NEEDS)
	@tests/lab/demo -b $(BUILD) -o $(LAB_OUT) -s
demo-e2ae: $(LAB_NEEDS)
	@tests/lab/demo -b $(BUILD) -o $(LAB_OUT) -e
lab: $(LAB_NEEDS)
	@$(LAB_RUN) -o $(LAB_OUT)/lab -i
check-lab: $(LAB_NEEDS)
	@$(LAB_RUN) -o $(LAB_OUT)/check-lab $(LAB_SCENARIOS) tests/lab/soak/handover-100.scn
# The gateway is killed under so many calls; check-lab has 20.
CALLS ?= 100
soak-gateway-dies: $(LAB_NEEDS)
	@LAB_DEFINES="calls=$(CALLS)" LAB_SCENARIO_LIMIT=900 $(LAB_RUN) -t 1500 -o $(LAB_OUT)/soak-gateway-dies \
	 tests/lab/e2ae/gateway-dies.scn
soak-handover: $(LAB_NEEDS)
	@tests/lab/soak/run -b $(BUILD) -o $(LAB_OUT)/soak $(HANDOVERS)
CHECK_GOALS += check-lab
CHECK_KERN += check-lab

# kern-run keeps what it promises.
.PHONY: check-kern-run
check-kern-run:
	@tests/lab/check-kern-run
CHECK_GOALS += check-kern-run
CHECK_KERN += check-kern-run

# check-scenario, ladder and the steps of media security see what they must.
.PHONY: check-lab-report
check-lab-report:
	@tests/lab/check-report && tests/lab/check-steps
CHECK_GOALS += check-lab-report
