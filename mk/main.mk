# SPDX-License-Identifier: GPL-2.0-or-later
# Flags, folders, and the goals a person types. The build's vocabulary is in mk/rules.mk.

CC      ?= cc
AR      ?= ar
FUZZ_CC ?= clang
OPT     ?= -O2 -g
SAN     ?=
KAMAILIO_VERSION := $(shell scripts/kamailio-source --version 2>/dev/null)
# The programs that recipes call: the real ones, not scripts that look for them at each call.
export PATH := $(shell scripts/tool-path)
# The headers of exactly the installed Kamailio are fetched into build/. A tree that is given is read and never
# written to: make KSRC=/path/to/kamailio/src modules
OWN_KSRC := $(CURDIR)/build/kamailio-$(KAMAILIO_VERSION)/src
KSRC    ?= $(OWN_KSRC)
KSRC_READY := $(if $(filter $(OWN_KSRC),$(KSRC)),$(KSRC)/.ready,$(BUILD)/.ksrc)

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
# "../../core/x.h" is found from any folder two below src; core/mem is in every version.
KAM_CFLAGS = -std=gnu11 -D_GNU_SOURCE -fPIC -DPIC -pthread -ffunction-sections -fdata-sections $(OPT) -Wall -Wextra -Wno-unused-parameter \
        -Wno-missing-field-initializers -Wno-sign-compare -DKSR_PTHREAD_MUTEX_SHARED $(KDEFS) $(INCLUDES) \
        -isystem $(KSRC)/modules -isystem $(KSRC) -idirafter $(KSRC)/core/mem $(CFLAGS)

all: programs modules

SETUP_GOALS := $(addprefix setup-,modules agw hss tools check bench lint fuzz)

include mk/rules.mk
# Libraries first: a fuzz target names the sources of the libraries it is built with.
include $(sort $(wildcard lib/build.mk lib/*/build.mk))
include $(sort $(wildcard modules/common/build.mk h248/build.mk))
include $(sort $(filter-out modules/common/build.mk,$(wildcard modules/*/build.mk)))
include $(sort $(wildcard agw/build.mk hss/build.mk hss/cms/build.mk examples/build.mk))
include $(sort $(wildcard tests/*/build.mk tests/*/*/build.mk))

.PHONY: all programs modules clean distclean help lint format asan fuzz bench check check-built check-unit check-flags check-asan check-fuzz-inputs \
        check-fresh install install-modules install-agw install-hss install-cms install-tools uninstall

programs: $(PROGRAMS)
modules: $(MODULES) check-flags
tests: $(UNIT_TESTS)

# Expanded here: while it is made for a target with flags of its own, ALL_CFLAGS has them, too.
FLAGS := $(CC) $(ALL_CFLAGS) | $(KSRC)
$(BUILD)/.flags: FORCE
	@command -v $(firstword $(CC)) > /dev/null || { echo "$(firstword $(CC)) is not installed: run 'make setup-modules' (the Kamailio modules alone; setup-agw, setup-hss) or 'make setup' (everything)" >&2; exit 1; }
	@scripts/own-dir own $(BUILD)
	@echo '$(subst ','\'',$(FLAGS))' | cmp -s - $@ || echo '$(subst ','\'',$(FLAGS))' > $@
FORCE:

ifeq ($(KSRC),$(OWN_KSRC))
$(KSRC_READY):
	@scripts/own-dir own $(CURDIR)/build
	@scripts/kamailio-source $(KSRC)
else
$(KSRC_READY): $(BUILD)/.flags FORCE
	@test -f $(KSRC)/core/sr_module.h || { echo "KSRC=$(KSRC) is no Kamailio source: it is the folder src of one" >&2; exit 1; }
	@grep -qs '^C_DEFS' $(KSRC)/config.mak || { echo "KSRC=$(KSRC) is not configured, so its flags are not known: run 'make cfg' there (at the top of that tree), with the settings that Kamailio was built with" >&2; exit 1; }
	@cmp -s $(KSRC)/config.mak $@ || cp $(KSRC)/config.mak $@
endif

# Kamailio refuses a module whose flag string differs from its own; say so here, not at the operator's.
check-flags: $(MODULES)
	@scripts/check-module-flags $(MODULES)

# By role, too: make setup-modules brings what a P-CSCF or S-CSCF needs to build, and no more. make setup: all that
# make check needs. The words are the headings of scripts/packages.
.PHONY: setup $(SETUP_GOALS)
setup:
	@scripts/setup
$(SETUP_GOALS): setup-%:
	@scripts/setup $*

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
	+@$(MAKE) --no-print-directory SETUP_DONE=1 $(ON_ALL_CORES) BUILD=$(BUILD)/asan OPT='-O1 -g' \
	 SAN='-fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer' check-unit
asan: check-asan

# The inputs that are kept for the fuzz targets, without a fuzzer.
CHECK_GOALS += check-fuzz-inputs
check-fuzz-inputs: $(REPLAYS)
	@scripts/run-replays $^

# What `make check` runs, two at a time. A folder adds its own goal with CHECK_GOALS += in its build.mk, and with
# CHECK_ALONE += if it measures time or load, with CHECK_KERN += if it brings up a machine or a lab (tests/lab/kern-run):
# two of these run beside one other. The long ones begin first.
CHECK_FIRST := $(LAB_PART_GOALS) $(FLOW_CHECKS)
# Two goals may need one object or program (CHECK_BUILDS): all are there before the first begins, built with every core.
JOBS ?= $(shell nproc)
ON_ALL_CORES = $(if $(findstring jobserver,$(MAKEFLAGS)),,-j$(JOBS))
check:
	+@$(MAKE) --no-print-directory SETUP_DONE=1 $(ON_ALL_CORES) check-built
	@scripts/check -a '$(CHECK_ALONE)' -k '$(CHECK_KERN)' -g check-asan $(BUILD) check-unit $(CHECK_FIRST) check-asan \
	 $(filter-out $(CHECK_FIRST),$(CHECK_GOALS))

check-built: all tests $(ALL_OBJS) $(CHECK_BUILDS)

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
lint: $(KSRC_READY)
	@mkdir -p $(BUILD)
	@$(file >$(BUILD)/lint.plain,$(ALL_CFLAGS) $(LIBXML2_INCLUDE) $(HSS_PQ_CFLAGS))$(file >$(BUILD)/lint.kam,$(KAM_CFLAGS) -DMOD_NAME='"lint"')
	@CC='$(CC)' PLAIN_FLAGS=@$(BUILD)/lint.plain KAM_FLAGS=@$(BUILD)/lint.kam scripts/lint $(C_FILES)
format:
	@clang-format -i $(C_FILES)

DESTDIR ?=
PREFIX  ?= /usr
MODDIR  ?= $(PREFIX)/lib/$(shell $(CC) -print-multiarch)/kamailio/modules
SHAREDIR = $(PREFIX)/share/kamailio-ims-pack
UNITDIR  = $(PREFIX)/lib/systemd/system
INSTALL  = scripts/install-files '$(DESTDIR)' '$(SHAREDIR)'
NETWORK_CFG = $(filter-out cfg/hss%,$(wildcard cfg/*))

# By role: a P-CSCF needs no gateway and no HSS. Each builds what it installs and nothing else.
install-modules: modules
	@$(INSTALL) modules '$(MODDIR)' 644 $(filter-out $(DEV_MODULES),$(MODULES)) -- '$(SHAREDIR)/cfg' 644 $(NETWORK_CFG)
install-agw: $(BUILD)/bin/ims-agw $(BUILD)/bin/agwctl
	@$(INSTALL) agw '$(PREFIX)/bin' 755 $^ -- '$(SHAREDIR)' 644 agw/ims-agw.conf -- '$(UNITDIR)' 644 agw/ims-agw.service
install-hss: $(BUILD)/bin/ims-hss $(BUILD)/bin/hssctl
	@$(INSTALL) hss '$(PREFIX)/bin' 755 $^ -- '$(SHAREDIR)' 644 hss/ims-hss.conf -- '$(UNITDIR)' 644 hss/ims-hss.service
install-cms: $(BUILD)/bin/ims-cms $(BUILD)/bin/cmsctl
	@$(INSTALL) cms '$(PREFIX)/bin' 755 $^ -- '$(SHAREDIR)' 644 hss/cms/ims-cms.conf hss/cms/initial-ue-config.xml -- '$(UNITDIR)' 644 hss/cms/ims-cms.service
INSTALL_TOOLS = $(filter-out $(DEV_PROGRAMS) $(addprefix $(BUILD)/bin/,ims-agw agwctl ims-hss hssctl ims-cms cmsctl),$(PROGRAMS))
install-tools: $(INSTALL_TOOLS)
	@$(INSTALL) tools '$(PREFIX)/bin' 755 $^
install: install-modules install-agw install-hss install-cms install-tools
# What make install put there, as its lists in $(SHAREDIR) say; a file that was changed since stays.
uninstall:
	@scripts/uninstall-files '$(DESTDIR)' '$(SHAREDIR)'

# Only what carries our mark: BUILD=/somewhere/else is no reason to empty it.
clean:
	@scripts/own-dir own $(BUILD)
	rm -rf $(filter-out $(wildcard $(BUILD)/kamailio-*),$(wildcard $(BUILD)/*)) $(BUILD)/.flags
	@$(if $(filter build,$(BUILD)),scripts/own-dir remove out)
distclean:
	@scripts/own-dir remove build
	@scripts/own-dir remove out

# For scripts: which Kamailio tree the modules are built with.
print-ksrc:
	@echo $(KSRC)
.PHONY: print-ksrc

# For editors and clang tools: how each file is compiled.
compile_commands.json: FORCE
	@scripts/compile-commands $(MAKE) > $@.new && mv $@.new $@

help:
	@scripts/make-help '$(sort $(UNIT_AREAS))'

-include $(ALL_OBJS:.o=.d)
-include $(wildcard $(BUILD)/fobj/*/*.d $(BUILD)/fobj/*/*/*.d)
