# SPDX-License-Identifier: GPL-2.0-or-later
#
# IMS extension pack for Kamailio. `make help` lists what can be asked for.

SHELL := /bin/bash
BUILD ?= build
V     ?= 0
Q     := $(if $(filter 1,$(V)),,@)

# The goals of the README set the machine up by themselves; make is then run a second time,
# because what the first run read (pkg-config, Kamailio's flags) may not have been there yet.
SELF_SETUP_GOALS := demo demo-stock demo-e2ae demo-vcc demo-migration check bench bench-agw lint format fuzz
.DEFAULT_GOAL := all

ifneq ($(filter $(SELF_SETUP_GOALS),$(MAKECMDGOALS)),)
ifndef SETUP_DONE
$(MAKECMDGOALS): self-setup ; @:
.PHONY: self-setup $(MAKECMDGOALS)
self-setup:
	@scripts/setup $(if $(filter demo% check bench% lint,$(MAKECMDGOALS)),modules agw hss tools check) \
	 $(if $(filter bench%,$(MAKECMDGOALS)),bench) $(if $(filter lint format,$(MAKECMDGOALS)),lint) \
	 $(if $(filter fuzz,$(MAKECMDGOALS)),agw hss tools fuzz)
	+@$(MAKE) --no-print-directory SETUP_DONE=1 $(MAKECMDGOALS)
else
include mk/main.mk
endif
else
include mk/main.mk
endif
