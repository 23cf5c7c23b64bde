# SPDX-License-Identifier: GPL-2.0-or-later
# The application server in the installed Kamailio, with what stands around it, in a network namespace of its own (root).
# VCC_CHAPTERS names some of tests/vcc/play.py.
VCC_CHAPTERS ?=
CHECK_EXTRA_vcc = check-vcc-live
.PHONY: check-vcc-live
CHECK_GOALS += check-vcc-live
check-vcc-live: $(BUILD)/modules/ims_vcc.so
	@tests/vcc/run $(BUILD) $(VCC_CHAPTERS)
