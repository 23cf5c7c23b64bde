# SPDX-License-Identifier: GPL-2.0-or-later
# Flags, folders, and the goals a person types. The build's vocabulary is in mk/rules.mk.

CC      ?= cc
AR      ?= ar
FUZZ_CC ?= clang
OPT     ?= -O2 -g
SAN     ?=
KAMAILIO_VERSION := $(shell scripts/kamailio-source --version 2>/dev/null)
KSRC    ?= $(CURDIR)/build/kamailio-$(KAMAILIO_VERSION)/src

WARN := -Wall -Wextra -Wshadow -Wconversion -Wno-sign-conversion -Wstrict-prototypes \
        -Wmissing-prototypes -Wpointer-arith -Wwrite-strings -Wformat=2 -Wundef
HARDEN := $(if $(SAN),,-D_FORTIFY_SOURCE=2 -fstack-protector-strong)
INCLUDES := -I. -Ilib -Itests
ALL_CFLAGS = -std=gnu11 -D_GNU_SOURCE -fPIC -pthread $(OPT) $(WARN) $(HARDEN) $(SAN) $(INCLUDES) $(CFLAGS)
FUZZ_CFLAGS = -std=gnu11 -D_GNU_SOURCE -g -O1 $(INCLUDES)
CHECK_LIBS := $(shell pkg-config --libs check 2>/dev/null)

# Kamailio's ABI flags come from the config.mak of exactly the installed version; never hand-picked.
KDEFS = $(shell sed -n 's/^C_DEFS= *//p' $(KSRC)/config.mak 2>/dev/null)
# Kamailio 6 gave the headers in a tm cell other names.
KDEFS += $(shell grep -qs callid_hdr $(KSRC)/modules/tm/h_table.h && echo -DTM_CELL_HDR)
KAM_CFLAGS = -std=gnu11 -D_GNU_SOURCE -fPIC -DPIC -pthread -ffunction-sections -fdata-sections $(OPT) -Wall -Wextra -Wno-unused-parameter \
        -Wno-missing-field-initializers -Wno-sign-compare -DKSR_PTHREAD_MUTEX_SHARED $(KDEFS) $(INCLUDES) \
        -isystem $(KSRC)/modules/_x -isystem $(KSRC)/modules -isystem $(KSRC) $(CFLAGS)

all: programs modules

include mk/rules.mk
# Libraries first: a fuzz target names the sources of the libraries it is built with.
include $(sort $(wildcard lib/build.mk lib/*/build.mk))
include $(sort $(wildcard modules/common/build.mk h248/build.mk))
include $(sort $(filter-out modules/common/build.mk,$(wildcard modules/*/build.mk)))
include $(sort $(wildcard agw/build.mk hss/build.mk examples/build.mk))
include $(sort $(wildcard tests/*/build.mk tests/*/*/build.mk))

.PHONY: all programs modules setup setup-bench clean distclean help lint format asan fuzz bench check check-unit \
        check-flags check-asan check-fresh install

programs: $(PROGRAMS)
modules: $(MODULES) check-flags
tests: $(UNIT_TESTS)

$(BUILD)/.flags: FORCE
	@mkdir -p $(BUILD)
	@echo '$(CC) $(subst ','\'',$(ALL_CFLAGS)) | $(KSRC)' | cmp -s - $@ || \
	 echo '$(CC) $(subst ','\'',$(ALL_CFLAGS)) | $(KSRC)' > $@
FORCE:

$(KSRC)/.ready:
	@scripts/kamailio-source $(KSRC)

# Kamailio refuses a module whose flag string differs from its own; say so here, not at the operator's.
check-flags: $(MODULES)
	@scripts/check-module-flags $(MODULES)

setup:
	@scripts/setup
setup-bench:
	@scripts/setup bench

# One runner for all unit tests: prints each program's libcheck summary, stops at none, fails at the end.
define area_check
.PHONY: check-$(1)
check-$(1): $(TESTS_$(1)) $(CHECK_EXTRA_$(1))
	@scripts/run-tests $(TESTS_$(1))
endef
$(foreach a,$(sort $(UNIT_AREAS)),$(eval $(call area_check,$(a))))

check-unit: $(UNIT_TESTS)
	@scripts/run-tests $(UNIT_TESTS)

# The same unit tests under AddressSanitizer and UndefinedBehaviorSanitizer.
check-asan:
	+@$(MAKE) --no-print-directory SETUP_DONE=1 BUILD=$(BUILD)/asan OPT='-O1 -g' \
	 SAN='-fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer' check-unit
asan: check-asan

# What `make check` runs, in this order. A folder adds its own goal with CHECK_GOALS += in its build.mk.
check: all tests
	@scripts/check $(BUILD) check-unit check-asan $(CHECK_GOALS)

SECS ?= 60
# All targets, or FUZZ="fuzz_h248_sdp fuzz_agw_msrp".
FUZZ ?= $(notdir $(FUZZ_TARGETS))
fuzz: $(FUZZ:%=$(BUILD)/fuzz/%)
	@scripts/run-fuzz $(SECS) $^

bench: all
	+@for g in $(BENCH_GOALS); do $(MAKE) --no-print-directory SETUP_DONE=1 $$g || exit 1; done

check-fresh:
	@scripts/check-fresh

C_FILES = $(shell git ls-files '*.c' '*.h')
# What the headers are compiled with goes through files: Kamailio's flags have blanks and quotes in them.
lint: $(KSRC)/.ready
	@mkdir -p $(BUILD)
	@$(file >$(BUILD)/lint.plain,$(ALL_CFLAGS) $(LIBXML2_INCLUDE))$(file >$(BUILD)/lint.kam,$(KAM_CFLAGS) -DMOD_NAME='"lint"')
	@CC='$(CC)' PLAIN_FLAGS=@$(BUILD)/lint.plain KAM_FLAGS=@$(BUILD)/lint.kam scripts/lint $(C_FILES)
format:
	@clang-format -i $(C_FILES)

DESTDIR ?=
PREFIX  ?= /usr
MODDIR  ?= $(PREFIX)/lib/$(shell $(CC) -print-multiarch)/kamailio/modules
install: all
	install -d $(DESTDIR)$(MODDIR) $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/share/kamailio-ims-pack \
	 $(DESTDIR)$(PREFIX)/lib/systemd/system
	install -m 644 $(MODULES) $(DESTDIR)$(MODDIR)
	install -m 755 $(filter-out $(DEV_PROGRAMS),$(PROGRAMS)) $(DESTDIR)$(PREFIX)/bin
	cp -r cfg $(DESTDIR)$(PREFIX)/share/kamailio-ims-pack/
	install -m 644 hss/ims-hss.conf agw/ims-agw.conf $(DESTDIR)$(PREFIX)/share/kamailio-ims-pack/
	install -m 644 hss/ims-hss.service agw/ims-agw.service $(DESTDIR)$(PREFIX)/lib/systemd/system/

clean:
	rm -rf $(filter-out $(wildcard $(BUILD)/kamailio-*),$(wildcard $(BUILD)/*)) $(BUILD)/.flags out
distclean:
	rm -rf build out

help:
	@scripts/make-help

-include $(ALL_OBJS:.o=.d)
-include $(wildcard $(BUILD)/fobj/*/*.d $(BUILD)/fobj/*/*/*.d)
