# SPDX-License-Identifier: Apache-2.0
"""Techniques that are told by pickles alone."""

import collections
import pickle
import struct
import uuid
import zlib

import samples as s

COVERS = ["pickle"]
M, S, U, C, V = "malicious", "suspicious", "unknown", "clean", "unverified"
PAYLOAD = s.command() + b"."
STRING = b"(S'echo marker'\ntR."


def called(module, name):
    """The oldest form: GLOBAL, MARK, STRING, TUPLE, REDUCE."""
    return s.glob(module, name) + STRING


def short(text):
    """SHORT_BINUNICODE"""
    return b"\x8c" + bytes([len(text)]) + text.encode()


def frame(size):
    return b"\x95" + struct.pack("<Q", size)


def named(module, name):
    """STACK_GLOBAL of two constants."""
    return short(module) + short(name) + b"\x93"


def code(text):
    """What cloudpickle makes of a lambda: a code object, a function of it."""
    inner = compile(f"lambda x: {text}", "f", "eval")
    function = [c for c in inner.co_consts if hasattr(c, "co_code")][0]
    parts = (function.co_argcount, function.co_posonlyargcount,
             function.co_kwonlyargcount, function.co_nlocals,
             function.co_stacksize, function.co_flags, function.co_code,
             function.co_consts, function.co_names, function.co_varnames,
             "f", "<lambda>", 1, b"", (), ())
    made = s.call(s.call(named("cloudpickle.cloudpickle", "_builtin_type"),
                         s.text("CodeType")),
                  *[plain(p) for p in parts])
    return s.stream(s.call(
        named("cloudpickle.cloudpickle", "_make_function"), made,
        s.glob("builtins", "dict") + b")R", b"N", b"N", b"N"), 4)


def plain(value):
    """A constant, without frames or memo."""
    if value is None:
        return b"N"
    if isinstance(value, bytes):
        return b"B" + struct.pack("<I", len(value)) + value
    if isinstance(value, str):
        return s.text(value)
    if isinstance(value, tuple):
        return b"(" + b"".join(map(plain, value)) + b"t"
    return s.number(value)


# Number, module, name: imported and called with a word.
GLOBALS = """
T001 os system
T002 posix system
T003 nt system
T004 builtins eval
T005 builtins exec
T006 __builtin__ eval
T007 builtins compile
T008 subprocess Popen
T009 subprocess check_output
T010 commands getoutput
T011 runpy _run_code
T012 os popen
T013 pty spawn
T014 webbrowser open
T015 socket create_connection
T016 urllib.request urlopen
T017 requests.api get
T018 aiohttp.client ClientSession
T019 http.client HTTPSConnection
T020 shutil rmtree
T021 builtins open
T022 _io FileIO
T023 io open_code
T024 logging FileHandler
T025 distutils.file_util write_file
T026 ctypes CDLL
T027 importlib import_module
T028 builtins __import__
T029 builtins getattr
T030 pickle loads
T031 _pickle loads
T032 numpy load
T033 torch.serialization load
T034 joblib.numpy_pickle load
T035 pandas.io.pickle read_pickle
T036 marshal loads
T037 types CodeType
T038 types FunctionType
T039 cloudpickle.cloudpickle _make_function
T040 cloudpickle.cloudpickle subimport
T041 dill._dill _create_function
T042 functools partial
T043 operator attrgetter
T044 _operator methodcaller
T045 pkgutil resolve_name
T046 pydoc locate
T047 pydoc pipepager
T048 bdb Bdb.run
T049 pdb run
T050 timeit timeit
T051 cProfile runctx
T052 profile Profile.run
T053 trace Trace.run
T054 code InteractiveInterpreter.runcode
T055 doctest debug_script
T056 ensurepip _run_pip
T057 pip main
T058 pip._internal.cli.main main
T059 venv create
T060 asyncio.unix_events _UnixSubprocessTransport._start
T061 idlelib.run Executive.runcode
T062 idlelib.pyshell ModifiedInterpreter.runcommand
T063 idlelib.autocomplete AutoComplete.get_entity
T064 idlelib.calltip get_entity
T065 idlelib.debugobj ObjectTreeItem.SetText
T066 lib2to3.pgen2.grammar Grammar.loads
T067 lib2to3.pgen2.pgen ParserGenerator.make_label
T068 uuid _get_command_stdout
T069 _osx_support _read_output
T070 _aix_support _read_cmd_output
T071 imaplib IMAP4_stream
T072 _pyrepl.pager pipe_pager
T073 test.support.script_helper assert_python_ok
T074 ssl get_server_certificate
T075 smtplib SMTP
T076 _interpreters create
T077 multiprocessing.util spawnv_passfds
T078 numpy.f2py.crackfortran getlincoef
T079 numpy.f2py.capi_maps getinit
T080 numpy.distutils.exec_command _exec_command
T081 numpy.testing._private.utils runstring
T082 torch._inductor.codecache compile_file
T083 torch.utils.collect_env run
T084 torch.utils.bottleneck.__main__ run_cprofile
T085 torch._dynamo.guards GuardBuilder.get
T086 torch.fx.experimental.symbolic_shapes ShapeEnv.evaluate_guards_expression
T087 torch.jit.unsupported_tensor_ops execWrapper
T088 torch.utils._config_module ConfigModule.load_config
T089 torch.utils.data.datapipes.utils.decoder basichandlers
T090 torch.distributed.rpc.internal _run_function
T091 torch.hub load
T092 IPython.core.display Javascript
T093 _pydev_bundle._pydev_execfile execfile
T094 sys modules
T095 sys exit
T096 nturl2path x
"""

# Those of GLOBALS whose verdict is not "malicious".
OTHERWISE = {
    "T092": (M, "a call of a library's function that builds no data is never "
             "an honest model's, whatever it does"),
    "T095": (M, "whoever loads it is gone: os._exit does the same, and is "
             "malicious by the catalogue's own lists"),
    "T096": (M, "nobody can vouch for a call into the standard library that "
             "no vetted constructor of data is"),
}


def globals_rows():
    for line in GLOBALS.split("\n"):
        if line:
            number, module, name = line.split()
            verdict = OTHERWISE.get(number, (M,))
            yield (number, f"{module}.{name} is called", verdict[0],
                   "model.pkl", called(module, name), *verdict[1:])


DIAMOND = b"N" + b"2\x86" * 60 + b"."
FORM = [
    ("T097", "imported, not called, dropped", M, "m.pkl",
     s.glob("os", "system") + b"0N."),
    ("T098", "called by OBJ and dropped", M, "m.pkl", s.stream(
        b"(" + s.glob("os", "system") + s.text(s.MARKER) + b"o0N")),
    ("T099", "called by INST", M, "m.pkl", b"(S'echo marker'\nios\nsystem\n."),
    ("T100", "map by NEWOBJ, which a list runs", M, "m.pkl", s.stream(
        s.call(s.glob("builtins", "list"), s.glob("builtins", "map") +
               b"(" + s.glob("posix", "system") + b"](" + s.text(s.MARKER) +
               b"et\x81"))),
    ("T101", "names by way of the memo", M, "m.pkl",
     b"\x80\x04Vos\np2\n0Vsystem\np3\n0g2\ng3\n\x93" + STRING),
    ("T102", "a memo index that is not there, behind the call", M, "m.pkl",
     s.stream(s.command() + b"0h\x03")),
    ("T103", "a number as the name of a module", M, "m.pkl", s.stream(
        b"K\x07q\x010" + s.command() + b"0h\x01" + short("x") + b"\x93", 4)),
    ("T104", "junk between the names", M, "m.pkl", s.stream(
        short("os") + b"N0(K\x011" + b"\x80\x04" + frame(0) + short("system") +
        b"\x93" + s.text(s.MARKER) + b"\x85R", 4)),
    ("T105", "the same string twice as a name", M, "m.pkl", s.stream(
        short("os") + b"2\x930" + named("posix", "system") +
        s.text(s.MARKER) + b"\x85R", 4)),
    ("T106", "a name with \\u escapes", M, "m.pkl",
     b"\x80\x04V\\u006fs\nVsyst\\u0065m\n\x93" + STRING),
    ("T107", "a name with \\x escapes", M, "m.pkl",
     b"\x80\x04S'\\x6fs'\nS'syste\\155'\n\x93" + STRING),
    ("T108", "a name that a call computes", M, "m.pkl", s.stream(
        s.call(s.glob("_codecs", "decode"), s.text("bf"), s.text("rot13")) +
        short("x") + b"\x93", 4)),
    ("T109", "a dotted name through a harmless module", M, "m.pkl",
     s.stream(named("pathlib", "os.system") + s.text(s.MARKER) + b"\x85R",
              4)),
    ("T110", "a dotted name to a module's globals", M, "m.pkl",
     b"\x80\x04" + s.glob("json", "loads.__globals__") + b"."),
    ("T111", "a module's name in Python 2", M, "m.pkl",
     s.glob("commands", "getoutput") + b"."),
    ("T112", "the protocol switched to have names mapped", M, "m.pkl",
     b"\x80\x04\x80\x02" + s.glob("__builtin__", "eval") + b"."),
    ("T113", "an extension code", S, "m.pkl", b"\x80\x02\x82\x01."),
    ("T114", "a name across the end of a frame", M, "m.pkl",
     b"\x80\x04" + frame(6) + b"csafe_mod\nname\n."),
    ("T115", "bytes across the end of a frame, with opcodes in them", M,
     "m.pkl", b"\x80\x04" + frame(4) + b"B\x40\0\0" + b"\0" +
     named("hid", "den").ljust(64, b"N") + b"0N."),
    ("T116", "a frame in a frame", M, "m.pkl",
     b"\x80\x04" + frame(30) + frame(5) + b"NNNN0" + b"0" * 3 + b"." * 20),
    ("T117", "a frame longer than the file", S, "m.pkl",
     b"\x80\x04" + frame(1000) + b"N."),
    ("T118", "broken behind the call", M, "m.pkl",
     PAYLOAD[:-1] + b"\xff"),
    ("T119", "no end behind the call", M, "m.pkl", PAYLOAD[:-1]),
    ("T120", "a second pickle", M, "m.pkl", b"N." + PAYLOAD),
    ("T121", "a pickle behind 64", M, "m.pkl", b"N." * 64 + PAYLOAD),
    ("T122", "behind 200 kB of padding", M, "m.pkl",
     b"V" + b"a" * 200000 + b"\n0" + PAYLOAD),
    ("T123", "text pickle without a mark, as .bin", M, "m.bin",
     called("os", "system")),
    ("T124", "a NUL in front, which no loader accepts", C, "m.pkl",
     b"\0" + PAYLOAD),
    ("T125", "a module's name in UTF-8", S, "m.pkl",
     b"cmod\xc3\xa9\nx\n."),
    ("T126", "numbers that stop a disassembler", M, "m.pkl",
     b"I0x10\n0I1_0\n0" + PAYLOAD),
    ("T127", "a memo index twice", M, "m.pkl", b"Np0\np0\n0" + PAYLOAD),
    ("T128", "a NUL in a number", M, "m.pkl", b"I1\0zz\n0" + PAYLOAD),
    ("T129", "a number that only pickle.py reads", M, "m.joblib",
     b"F 1.5 \n0" + PAYLOAD),
    ("T130", "arguments in a list, which only pickle.py calls with", M,
     "m.joblib", s.glob("os", "system") + b"](" + s.text(s.MARKER) + b"eR."),
    ("T131", "INST without its mark", M, "m.pkl", b"ios\nsystem\n."),
    ("T132", "the name cut off by the end", M, "m.pkl", b"cos\nsystemX",
     "what some loaders import is os.system, which is one letter shorter"),
    ("T133", "attributes set on a module", M, "m.pkl",
     b"\x80\x04" + s.glob("json", "decoder") + b"}" + s.text("a") +
     b"K\x01sb."),
    ("T134", "items set in a module's dictionary", M, "m.pkl",
     b"\x80\x04" + s.glob("zm", "__dict__") + b"Va\nK\x01s."),
    ("T135", "state that changes whom a partial calls", M, "m.pkl", s.stream(
        s.call(s.glob("functools", "partial"), s.glob("builtins", "len")) +
        b"(" + s.glob("os", "system") + b")}Nt" + b"b" + b"(" +
        s.text(s.MARKER) + b"tR")),
    ("T136", "a package that nobody knows is called", U, "m.pkl",
     s.glob("not_a_real_pkg_xyz", "f") + b")R.",
     "half of all honest pickles call the classes of the project that made "
     "them; profiles decide what becomes of those"),
    ("T137", "a class of the program", U, "m.bin",
     s.glob("__main__", "TrainingArguments") + b")\x81.",
     "what it does depends on a program that nobody has seen; it opens all "
     "the same"),
    ("T138", "a module beside it", U, "m.pkl",
     {"m.pkl": s.glob("modeling_xyz", "f") + b")R.",
      "modeling_xyz.py": b"def f():\n\treturn 1\n"},
     "a project's code beside its model is how honest ones come; the code "
     "itself is judged as what it is"),
    ("T139", "a hole in the memo", S, "m.pkl", b"\x80\x02Nr\x40\x42\x0f\0."),
    ("T140", "doubled 60 times", S, "m.pkl", b"\x80\x02" + DIAMOND),
    ("T141", "a memo of two billions", S, "m.pkl", b"Np2000000000\n."),
    ("T142", "bytes of 2^62", V, "m.pkl",
     b"\x80\x04\x8e" + struct.pack("<Q", 1 << 62) + b"x.",
     "a file that is cut off looks like this, and is as little opened"),
    ("T143", "a million tuples in each other", S, "m.pkl",
     b"\x80\x02N" + b"\x85" * 10 ** 6 + b"."),
    ("T144", "a pickle in bytes, for a loader", M, "m.pkl", s.stream(s.call(
        s.glob("numpy", "load"), s.call(s.glob("io", "BytesIO"),
                                        plain(PAYLOAD))))),
    ("T145", "packed bytes through a codec", C, "m.pkl", s.stream(s.call(
        s.glob("_codecs", "encode"),
        s.text(zlib.compress(b"words " * 40).decode("latin-1")),
        s.text("latin1")))),
    ("T146", "exec of a program", M, "m.pkl", s.stream(s.call(
        s.glob("builtins", "exec"), s.text("pass")))),
    ("T147", "a module's source in the pickle", S, "m.pkl", s.stream(s.call(
        s.glob("torch_utils.persistence", "_reconstruct_persistent_obj"),
        b"}(" + s.text("type") + s.text("class") + s.text("module_src") +
        s.text("x = 1\n") + s.text("class_name") + s.text("X") +
        s.text("state") + b"}u"))),
    ("T148", "a function by value", U, "m.pkl", code("x + 1"),
     "what the code names is read, and does no harm; honest models of "
     "services have such functions"),
    ("T149", "a function by value that runs a command", M, "m.pkl",
     code("__import__('os').system('echo marker')")),
    ("T150", "an estimator", C, "m.pkl", s.stream(s.glob(
        "sklearn.linear_model._logistic", "LogisticRegression") + b")\x81}" +
        s.text("C") + b"K\x01sb")),
    ("T151", "a UUID", C, "m.pkl", pickle.dumps(uuid.UUID(int=1), 4)),
    ("T152", "a dictionary with a default", C, "m.pkl",
     pickle.dumps(collections.defaultdict(int), 4)),
    ("T153", "words that are names of functions", C, "m.pkl", pickle.dumps(
        ["exec(", "subprocess", "os.system", "eval(", "import"], 4)),
    ("T154", "arguments of a training", C, "training_args.bin", s.stream(
        s.glob("transformers.training_args", "TrainingArguments") +
        b")\x81}(" + s.text("lr_scheduler_type") +
        s.call(s.glob("transformers.trainer_utils", "SchedulerType"),
               s.text("linear")) + b"ub")),
]

THREATS = list(globals_rows()) + FORM
