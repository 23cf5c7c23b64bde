# SPDX-License-Identifier: GPL-2.0-or-later
# The application server in the installed Kamailio, with what stands around it, in a network namespace of its own (root).
CHECK_EXTRA_vcc = check-vcc-live
.PHONY: check-vcc-live
CHECK_GOALS += check-vcc-live
check-vcc-live: $(BUILD)/modules/ims_vcc.so
	@WATCHED=1 tests/vcc/run $(BUILD) registration
	@WATCHED=0 tests/vcc/run $(BUILD) selection calls
	@WATCHED=0 SCRIPT=script.js tests/vcc/run $(BUILD) script
