# SPDX-License-Identifier: GPL-2.0-or-later
H248_GENERATE := $(wildcard tests/unit/h248/generate*.c)
$(eval $(call unit_test,h248,test_h248_codec,tests/unit/h248/test_codec.c $(H248_GENERATE),h248 base))
$(eval $(call unit_test,h248,test_h248_transaction,tests/unit/h248/test_transaction.c tests/unit/h248/link.c,h248 base))
$(eval $(call unit_test,h248,test_h248_association,tests/unit/h248/test_association.c tests/unit/h248/link.c,h248 base))
$(eval $(call unit_test,h248,test_h248_errors,tests/unit/h248/test_errors.c,h248 base))
$(eval $(call unit_test,h248,test_h248_sdp,tests/unit/h248/test_sdp.c,h248 base))
$(eval $(call unit_test,h248,test_h248_transport,tests/unit/h248/test_transport.c,h248 base))
$(eval $(call unit_test,h248,test_h248_words,tests/unit/h248/test_words.c,h248 base))
