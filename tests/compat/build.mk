# SPDX-License-Identifier: GPL-2.0-or-later
# The modules start in the Kamailio that is installed, and in Debian 13's.
.PHONY: check-load check-trixie
check-load: modules
	@tests/compat/load $(BUILD)
CHECK_GOALS += check-load
# What is installed, removed and overwritten, and what is not.
.PHONY: check-install
check-install: all
	@tests/compat/check-install $(BUILD)
CHECK_GOALS += check-install
# What counts the tests counts right.
.PHONY: check-runner
check-runner:
	@tests/compat/check-runner
CHECK_GOALS += check-runner
# Our lines in the configurations of others; check-examples-played: a call moves through them in the lab.
.PHONY: check-examples check-examples-played
check-examples: modules programs
	@EXAMPLES=$${EXAMPLES:-$(KSRC)/../misc/examples/ims} tests/compat/examples $(BUILD)
CHECK_GOALS += check-examples
check-examples-played: all
	@EXAMPLES=$${EXAMPLES:-$(KSRC)/../misc/examples/ims} tests/compat/examples -p $(BUILD)
check-trixie:
	@tests/compat/trixie
