# SPDX-License-Identifier: GPL-2.0-or-later
# reginfo writes documents and applies them; reginfo_xml reads them, and other XML of strangers, and alone needs libxml2 (-lxml2).
$(eval $(call static_lib,reginfo,lib/reginfo/reginfo.c lib/reginfo/writer.c lib/reginfo/watch.c))
$(eval $(call static_lib,reginfo_xml,lib/reginfo/parser.c lib/reginfo/untrusted_xml.c))
LIBXML2_INCLUDE := $(shell pkg-config --cflags-only-I libxml-2.0 2>/dev/null | sed 's/-I/-isystem /g')
$(foreach d,obj fobj,$(addprefix $(BUILD)/$(d)/lib/reginfo/,parser.o untrusted_xml.o)): private INCLUDES += $(LIBXML2_INCLUDE)
