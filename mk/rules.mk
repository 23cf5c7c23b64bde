# SPDX-License-Identifier: GPL-2.0-or-later
#
# The build's vocabulary. Each folder says what it makes in its own build.mk with these calls:
#
#   $(eval $(call static_lib,NAME,SOURCES))                        -> $(BUILD)/lib/libNAME.a
#   $(eval $(call program,NAME,SOURCES,STATIC-LIBS,LDLIBS))        -> $(BUILD)/bin/NAME
#   $(eval $(call dev_program,NAME,SOURCES,STATIC-LIBS,LDLIBS))-> the same, but never installed
#   $(eval $(call kam_module,NAME,GLUE-SOURCES,STATIC-LIBS,LDLIBS))-> $(BUILD)/modules/NAME.so
#   $(eval $(call dev_kam_module,NAME,GLUE-SOURCES,STATIC-LIBS,LDLIBS))  -> the same, never installed
#   $(eval $(call unit_test,AREA,NAME,SOURCES,STATIC-LIBS,LDLIBS)) -> $(BUILD)/test/NAME, run by check-AREA
#   $(eval $(call fuzz_target,NAME,SOURCES,STATIC-LIBS,LDLIBS))    -> $(BUILD)/fuzz/NAME, run by fuzz
#
# STATIC-LIBS are the NAMEs of static_lib calls, most dependent first. All objects are position
# independent, so the same pure object serves a program, a test and a Kamailio module. Only
# GLUE-SOURCES and modules/common/ (KAM_COMMON, part of every module) see Kamailio's headers. Every
# object tracks its headers (-MMD) and its flags.

# Objects of plain sources.
objs = $(patsubst %.c,$(BUILD)/obj/%.o,$(1))
libs = $(patsubst %,$(BUILD)/lib/lib%.a,$(1))
# Glue objects are per module: MOD_NAME is baked into each.
kobjs = $(patsubst %.c,$(BUILD)/kobj/$(1)/%.o,$(2))
fobjs = $(patsubst %.c,$(BUILD)/fobj/%.o,$(1))

ALL_OBJS :=
LIBS :=
PROGRAMS :=
DEV_PROGRAMS :=
DEV_MODULES :=
MODULES :=
UNIT_AREAS :=
UNIT_TESTS :=
FUZZ_TARGETS :=

define static_lib
LIBS += $(BUILD)/lib/lib$(1).a
ALL_OBJS += $(call objs,$(2))
LIBSRC_$(1) := $(2)
$(BUILD)/lib/lib$(1).a: $(call objs,$(2))
	@mkdir -p $$(@D)
	@rm -f $$@
	$(Q)$(AR) rcs $$@ $$^
endef

define program
PROGRAMS += $(BUILD)/bin/$(1)
ALL_OBJS += $(call objs,$(2))
$(BUILD)/bin/$(1): $(call objs,$(2)) $(call libs,$(3))
	@mkdir -p $$(@D)
	@echo "  LD      $$@"
	$(Q)$(CC) $(ALL_CFLAGS) -o $$@ $(call objs,$(2)) $(call libs,$(3)) $(LDFLAGS) $(4)
endef

define dev_program
$(call program,$(1),$(2),$(3),$(4))
DEV_PROGRAMS += $(BUILD)/bin/$(1)
endef

define unit_test
UNIT_AREAS += $(1)
UNIT_TESTS += $(BUILD)/test/$(2)
TESTS_$(1) += $(BUILD)/test/$(2)
ALL_OBJS += $(call objs,$(3))
$(BUILD)/test/$(2): $(call objs,$(3)) $(call libs,$(4))
	@mkdir -p $$(@D)
	@echo "  LD      $$@"
	$(Q)$(CC) $(ALL_CFLAGS) -o $$@ $(call objs,$(3)) $(call libs,$(4)) $(LDFLAGS) $(5) $(CHECK_LIBS)
endef

define kam_module
MODULES += $(BUILD)/modules/$(1).so
ALL_OBJS += $(call kobjs,$(1),$(2) $(KAM_COMMON))
$(call kobjs,$(1),$(2) $(KAM_COMMON)): $(BUILD)/kobj/$(1)/%.o: %.c $(KSRC_READY) $(BUILD)/.flags
	@mkdir -p $$(@D)
	@echo "  CC [K]  $$<"
	$(Q)$(CC) $$(KAM_CFLAGS) -DMOD_NAME='"$(1)"' -MMD -MP -c $$< -o $$@
$(BUILD)/modules/$(1).so: $(call kobjs,$(1),$(2) $(KAM_COMMON)) $(call libs,$(3)) mk/module.map
	@mkdir -p $$(@D)
	@echo "  LD [K]  $$@"
	$(Q)$(CC) -shared -pthread -Wl,-z,relro,-z,now -Wl,--gc-sections \
	 -Wl,--version-script=mk/module.map -o $$@ $(call kobjs,$(1),$(2) $(KAM_COMMON)) $(call libs,$(3)) $(4)
endef

define dev_kam_module
$(call kam_module,$(1),$(2),$(3),$(4))
DEV_MODULES += $(BUILD)/modules/$(1).so
endef

# A fuzz target is rebuilt whole with clang, its libraries' sources included; so is its replay linked, or a library that is not
# named would not be missed there.
define fuzz_target
REPLAYS += $(BUILD)/replay/$(1)
CHECK_BUILDS += $(BUILD)/replay/$(1)
ALL_OBJS += $(call objs,$(2))
$(BUILD)/replay/$(1): $(call objs,$(2) tests/fuzz/replay.c) $(foreach l,$(3),$(call objs,$(LIBSRC_$(l))))
	@mkdir -p $$(@D)
	@echo "  LD      $$@"
	$(Q)$(CC) $(ALL_CFLAGS) -o $$@ $$^ $(LDFLAGS) $(4)
FUZZ_TARGETS += $(BUILD)/fuzz/$(1)
$(BUILD)/fuzz/$(1): $(call fobjs,$(2)) $(foreach l,$(3),$(call fobjs,$(LIBSRC_$(l))))
	@mkdir -p $$(@D)
	@echo "  FUZZ    $$@"
	$(Q)$(FUZZ_CC) $(FUZZ_CFLAGS) -fsanitize=fuzzer,address,undefined -o $$@ $$^ $(4)
endef

$(BUILD)/obj/%.o: %.c $(BUILD)/.flags
	@mkdir -p $(@D)
	@echo "  CC      $<"
	$(Q)$(CC) $(ALL_CFLAGS) -MMD -MP -c $< -o $@

$(BUILD)/fobj/%.o: %.c
	@mkdir -p $(@D)
	$(Q)$(FUZZ_CC) $(FUZZ_CFLAGS) -fsanitize=fuzzer-no-link,address,undefined -MMD -MP -c $< -o $@
