# Floor 5: guardd, the daemon.  May include base, conf,
# talk, history, model, wire, sandbox, pool.
noinst_LIBRARIES += libguardd.a
libguardd_a_SOURCES = \
	src/guardd/action.c src/guardd/action.h \
	src/guardd/already.c src/guardd/already.h \
	src/guardd/answer.c \
	src/guardd/ask.c src/guardd/ask.h \
	src/guardd/ask_history.c \
	src/guardd/ask_recorder.c \
	src/guardd/ask_table.c \
	src/guardd/asks.def \
	src/guardd/births.c \
	src/guardd/cache.c src/guardd/cache.h \
	src/guardd/channel.c src/guardd/channel.h \
	src/guardd/children.c \
	src/guardd/confine.c src/guardd/confine.h \
	src/guardd/decided.c \
	src/guardd/decisions.c src/guardd/decisions.h \
	src/guardd/hasher.c src/guardd/hasher.h \
	src/guardd/vaulter.c src/guardd/vaulter.h \
	src/guardd/vaulter_ask.c \
	src/guardd/vaulter_state.h \
	src/guardd/vaulter_take.c \
	src/guardd/ask_vault.c \
	src/guardd/control.c src/guardd/control.h \
	src/guardd/control_listen.c \
	src/guardd/counters.def \
	src/guardd/event.c src/guardd/event.h \
	src/guardd/fair.c \
	src/guardd/exempt.c src/guardd/exempt.h \
	src/guardd/facts.c src/guardd/facts.h \
	src/guardd/family.h \
	src/guardd/fan.c src/guardd/fan.h \
	src/guardd/fds.c src/guardd/fds.h \
	src/guardd/filter.c src/guardd/filter.h \
	src/guardd/gate.c src/guardd/gate.h \
	src/guardd/gate_calls.c src/guardd/gate_calls.def \
	src/guardd/gate_calls.h \
	src/guardd/gate_channels.c \
	src/guardd/gate_state.h \
	src/guardd/gauges.def \
	src/guardd/gone.c \
	src/guardd/journal.c src/guardd/journal.h \
	src/guardd/judge.c \
	src/guardd/keeper.c src/guardd/keeper.h \
	src/guardd/keeper_state.h \
	src/guardd/keeper_talk.c \
	src/guardd/keeping.h \
	src/guardd/lane.c src/guardd/lane.h \
	src/guardd/latencies.def \
	src/guardd/linger.c \
	src/guardd/list.h \
	src/guardd/metrics.c src/guardd/metrics.h \
	src/guardd/mountid.c src/guardd/mountid.h \
	src/guardd/mounts.c src/guardd/mounts.h \
	src/guardd/notify.c src/guardd/notify.h \
	src/guardd/options.c src/guardd/options.h \
	src/guardd/prepare.c src/guardd/prepare.h \
	src/guardd/prometheus.c src/guardd/prometheus.h \
	src/guardd/record.c src/guardd/record.h \
	src/guardd/recorder.c src/guardd/recorder.h \
	src/guardd/recorder_state.h \
	src/guardd/reload.c src/guardd/reload.h \
	src/guardd/scan.c \
	src/guardd/scout.c src/guardd/scout.h \
	src/guardd/scout_canary.c src/guardd/scout_gaps.c \
	src/guardd/scout_ignore.c src/guardd/scout_look.c \
	src/guardd/scout_roots.c \
	src/guardd/scout_sites.c \
	src/guardd/scout_state.h \
	src/guardd/scout_table.c \
	src/guardd/store.c src/guardd/store.h \
	src/guardd/tell.c src/guardd/tell.h \
	src/guardd/token.c \
	src/guardd/who.c src/guardd/who.h
GUARDD_LIBS = libguardd.a libvault.a libdigest.a libtalk.a libhistory.a libpool.a libwire.a libmodel.a libbyte.a \
	libsandbox.a $(CONF_LIBS) $(BYTE_LIBS) $(SANDBOX_LIBS) $(SQLITE_LIBS) $(PTHREAD_LIBS) \
	$(CRYPTO_LIBS)

sbin_PROGRAMS += ckptguardd
ckptguardd_SOURCES = src/guardd/main.c
ckptguardd_LDADD = $(GUARDD_LIBS)

check_PROGRAMS += \
	tests/unit/test_guardd_action \
	tests/unit/test_guardd_cache \
	tests/unit/test_guardd_control \
	tests/unit/test_guardd_fan \
	tests/unit/test_guardd_filter \
	tests/unit/test_guardd_calls \
	tests/unit/test_guardd_metrics \
	tests/unit/test_guardd_options \
	tests/unit/test_guardd_record \
	tests/unit/test_guardd_tell
tests_unit_test_guardd_action_SOURCES = tests/unit/test_guardd_action.c
tests_unit_test_guardd_action_LDADD = $(GUARDD_LIBS) $(CMOCKA_LIBS)
tests_unit_test_guardd_cache_SOURCES = tests/unit/test_guardd_cache.c
tests_unit_test_guardd_cache_LDADD = $(GUARDD_LIBS) $(CMOCKA_LIBS)
tests_unit_test_guardd_control_SOURCES = tests/unit/test_guardd_control.c \
	tests/unit/control_world.h
tests_unit_test_guardd_control_LDADD = $(GUARDD_LIBS) $(CMOCKA_LIBS)
tests_unit_test_guardd_fan_SOURCES = tests/unit/test_guardd_fan.c
tests_unit_test_guardd_fan_LDADD = $(GUARDD_LIBS) $(CMOCKA_LIBS)
tests_unit_test_guardd_calls_SOURCES = tests/unit/test_guardd_calls.c
tests_unit_test_guardd_calls_LDADD = $(GUARDD_LIBS) $(CMOCKA_LIBS)
tests_unit_test_guardd_filter_SOURCES = tests/unit/test_guardd_filter.c
tests_unit_test_guardd_filter_LDADD = $(GUARDD_LIBS) $(CMOCKA_LIBS)
tests_unit_test_guardd_metrics_SOURCES = tests/unit/test_guardd_metrics.c
tests_unit_test_guardd_metrics_LDADD = $(GUARDD_LIBS) $(CMOCKA_LIBS)
tests_unit_test_guardd_options_SOURCES = tests/unit/test_guardd_options.c
tests_unit_test_guardd_options_LDADD = $(GUARDD_LIBS) $(CMOCKA_LIBS)
tests_unit_test_guardd_tell_SOURCES = tests/unit/test_guardd_tell.c
tests_unit_test_guardd_tell_LDADD = $(GUARDD_LIBS) $(CMOCKA_LIBS)
tests_unit_test_guardd_record_SOURCES = tests/unit/test_guardd_record.c
tests_unit_test_guardd_record_LDADD = $(GUARDD_LIBS) $(CMOCKA_LIBS)

# Programs for the daemon's tests that are no tests.
guardd_tools = tests/e2e/opener tests/e2e/attacker tests/e2e/fuser \
	tests/e2e/reacher
EXTRA_PROGRAMS += $(guardd_tools)
check_DATA += $(guardd_tools)
CLEANFILES += $(guardd_tools)
tests_e2e_fuser_SOURCES = tests/e2e/fuser.c
tests_e2e_reacher_SOURCES = tests/e2e/reacher.c
tests_e2e_opener_SOURCES = tests/e2e/opener.c
tests_e2e_attacker_SOURCES = \
	tests/e2e/attacker.c tests/e2e/attack.h \
	tests/e2e/attack_map.c tests/e2e/attack_name.c \
	tests/e2e/attack_write.c

guardd_tests = \
	tests/e2e/g01_open.bats \
	tests/e2e/g02_view.bats \
	tests/e2e/g03_change.bats \
	tests/e2e/g04_load.bats \
	tests/e2e/g05_death.bats \
	tests/e2e/g06_stop.bats \
	tests/e2e/g07_usage.bats \
	tests/e2e/g08_attack.bats \
	tests/e2e/g09_share.bats \
	tests/e2e/h03_vault.bats \
	tests/e2e/h04_new.bats \
	tests/e2e/h05_day.bats \
	tests/e2e/g10_storm.bats \
	tests/e2e/g11_before.bats \
	tests/e2e/l01_life.bats \
	tests/e2e/g12_coverage.bats \
	tests/e2e/g13_deadline.bats \
	tests/e2e/g14_upgrade.bats \
	tests/e2e/g15_faults.bats \
	tests/e2e/g16_soak.bats
TESTS += $(guardd_tests)
EXTRA_DIST += $(guardd_tests) tests/e2e/guard.bash tests/tools/killstorm.py \
	tests/tools/manager.py
dist_doc_DATA += docs/coverage.md docs/failures.md docs/syscalls.md
