# Floor 2: vault.  May include base, digest.
noinst_LIBRARIES += libvault.a
libvault_a_SOURCES = \
	src/vault/calls.c src/vault/calls.def src/vault/calls.h \
	src/vault/copy.c \
	src/vault/inside.h \
	src/vault/item.def \
	src/vault/meta.c \
	src/vault/place.c \
	src/vault/record.c \
	src/vault/restore.c \
	src/vault/store.c \
	src/vault/vault.c src/vault/vault.h
VAULT_LIBS = libvault.a $(DIGEST_LIBS)

check_PROGRAMS += tests/unit/test_vault tests/unit/test_vault_faults
tests_unit_test_vault_SOURCES = tests/unit/test_vault.c \
	tests/unit/unit.h tests/unit/vault_world.h
tests_unit_test_vault_LDADD = $(VAULT_LIBS) $(CMOCKA_LIBS)
tests_unit_test_vault_faults_SOURCES = tests/unit/test_vault_faults.c \
	tests/unit/unit.h tests/unit/vault_world.h
tests_unit_test_vault_faults_LDADD = $(VAULT_LIBS) $(CMOCKA_LIBS)
