# SPDX-License-Identifier: GPL-2.0-or-later
$(eval $(call unit_test,scscf,test_timer_wheel,tests/unit/scscf/test_timer_wheel.c,base))
$(foreach t,connection_state register sessions notify_order,\
	$(eval $(call unit_test,scscf,test_$(t),tests/unit/scscf/test_$(t).c,seamless_scscf sip base)))
$(eval $(call dev_program,bench-timer-wheel,tests/bench/timer_wheel.c,base))

.PHONY: bench-timer-wheel
bench-timer-wheel: $(BUILD)/bin/bench-timer-wheel
	@$<
BENCH_GOALS += bench-timer-wheel
