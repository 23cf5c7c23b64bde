# SPDX-License-Identifier: GPL-2.0-or-later
# A module that lets allocations fail; for tests, never installed.
$(eval $(call dev_kam_module,shm_faults,tests/faults/shm_faults.c,,))
