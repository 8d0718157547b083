# Floor 5: notify, the desktop's agent.  Only its program links libnotify; what
# it says is a library of its own, which is tested without a desktop.
noinst_LIBRARIES += libnote.a
libnote_a_SOURCES = src/notify/note.c src/notify/note.h src/notify/words.c
NOTE_LIBS = libnote.a libtalk.a libout.a libmodel.a libbyte.a libbase.a

if NOTIFY
libexec_PROGRAMS += ckptguard-notify
ckptguard_notify_SOURCES = src/notify/main.c
ckptguard_notify_CPPFLAGS = $(AM_CPPFLAGS) $(LIBNOTIFY_SYSTEM_CFLAGS)
ckptguard_notify_LDADD = $(NOTE_LIBS) $(BYTE_LIBS) $(LIBNOTIFY_LIBS)
endif

check_PROGRAMS += tests/unit/test_notify
tests_unit_test_notify_SOURCES = tests/unit/test_notify.c
tests_unit_test_notify_LDADD = $(NOTE_LIBS) $(BYTE_LIBS) $(CMOCKA_LIBS)
