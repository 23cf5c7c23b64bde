# SPDX-License-Identifier: GPL-2.0-or-later
$(eval $(call unit_test,daemon,test_daemon_settings,tests/unit/daemon/test_settings.c,daemon base))
$(eval $(call unit_test,daemon,test_daemon_server,tests/unit/daemon/test_server.c,daemon base))
$(eval $(call unit_test,daemon,test_daemon_control,tests/unit/daemon/test_control.c,daemon base))
$(eval $(call unit_test,daemon,test_daemon_log,tests/unit/daemon/test_log.c,daemon base))
