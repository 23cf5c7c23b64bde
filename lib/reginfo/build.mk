# SPDX-License-Identifier: GPL-2.0-or-later
# reginfo writes documents and applies them; reginfo_xml reads them and alone needs libxml2 (-lxml2).
$(eval $(call static_lib,reginfo,lib/reginfo/reginfo.c lib/reginfo/writer.c lib/reginfo/watch.c))
$(eval $(call static_lib,reginfo_xml,lib/reginfo/parser.c))
LIBXML2_INCLUDE := $(shell pkg-config --cflags-only-I libxml-2.0 2>/dev/null | sed 's/-I/-isystem /g')
$(BUILD)/obj/lib/reginfo/parser.o: private INCLUDES += $(LIBXML2_INCLUDE)
$(BUILD)/fobj/lib/reginfo/parser.o: private INCLUDES += $(LIBXML2_INCLUDE)
