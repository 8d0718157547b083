/* SPDX-License-Identifier: Apache-2.0 */
/* What callables are given: honest uses are at most unknown, gadgets at least
 * suspicious. */
#include "unit/pickle_run.h"

#define MAL VERDICT_MALICIOUS
#define SUS VERDICT_SUSPICIOUS
#define UNV VERDICT_UNVERIFIED
#define UNK VERDICT_UNKNOWN
#define CLN VERDICT_CLEAN

#define P "\x80\x04"
#define G(module, name) "c" module "\n" name "\n"
#define S(text) "V" text "\n"

/* A text with its length, which may hold line feeds. */
#define X(size, text) "X" size "\0\0\0" text
#define STATE(object, items) P object "}(" items "ub."

/* What scipy keeps of a distribution: the source of three functions. */
#define NORM G("scipy.stats", "norm_gen") ")\x81"
#define TEMPLATE S("_parse_arg_template")
/* getattr(class, "__new__"), and a partial of it that protocol 2 calls */
#define NEW(class) G("builtins", "getattr") "(" class S("__new__") "tRq\1"
#define NEWOBJ_EX(class) \
	P NEW(class) "0" G( \
	    "functools", "partial") "h\1\x85R(h\1" class "I1\n\x86}Ntb)R."

static const struct run_row rows[] = {
	/* states that are run */
	{ "a distribution with the functions that scipy writes",
	    BYTES(STATE(NORM,
		TEMPLATE X("\x3f",
		    "\ndef _parse_args(self, a, loc=0, scale=1):\n"
		    "    return (a), loc\n"))),
	    CLN, NULL, "scipy.stats.norm_gen=construct" },
	{ "a distribution without any", BYTES(STATE(NORM, S("a") "I1\n")), CLN,
	    NULL, NULL },
	{ "a distribution with other source",
	    BYTES(STATE(NORM, TEMPLATE S("print(1)"))), MAL,
	    "pickle.call.arguments", NULL },
	{ "the same among lines that scipy writes",
	    BYTES(STATE(NORM,
		TEMPLATE X("\x2d",
		    "def _parse_args(self):\n    return ()\nmarker()"))),
	    MAL, "pickle.call.arguments", NULL },
	{ "a call where a default stands",
	    BYTES(
		STATE(NORM, TEMPLATE S("def _parse_args(self, a=marker()):"))),
	    MAL, "pickle.call.arguments", NULL },
	{ "a call in what is returned",
	    BYTES(STATE(NORM, TEMPLATE S("    return (a), f(1)"))), MAL,
	    "pickle.call.arguments", NULL },
	{ "source that is computed",
	    BYTES(STATE(NORM, TEMPLATE G("m", "f") ")R")), MAL,
	    "pickle.call.arguments", NULL },
	{ "a state that is computed", BYTES(P NORM G("m", "f") ")Rb."), SUS,
	    "pickle.call.suspect", NULL },
	{ "a distribution of the project's own with other source",
	    BYTES(STATE(G("m", "C") ")\x81", TEMPLATE S("print(1)"))), MAL,
	    "pickle.call.arguments", NULL },
	{ "a distribution made by another way",
	    BYTES(STATE(G("copyreg", "_reconstructor") "(" G("scipy.stats",
			    "norm_gen") G("builtins", "object") "NtR",
		TEMPLATE S("print(1)"))),
	    MAL, "pickle.call.arguments", NULL },
	{ "a model with its formula",
	    BYTES(STATE(G("statsmodels.base.data", "ModelData") ")\x81",
		S("formula") S("y ~ x + C(z)"))),
	    CLN, NULL, NULL },
	{ "a formula that runs a command",
	    BYTES(STATE(G("statsmodels.base.data", "ModelData") ")\x81",
		S("formula") S("y ~ __import__('os').system('echo marker')"))),
	    MAL, "pickle.call.arguments", NULL },

	/* an object made by protocol 2 as NEWOBJ_EX makes it */
	{ "a class's own __new__", BYTES(NEWOBJ_EX(G("sklearn.tree", "Tree"))),
	    CLN, NULL,
	    "builtins.getattr=call sklearn.tree.Tree=construct "
	    "functools.partial=call" },
	{ "that of what calls its arguments",
	    BYTES(NEWOBJ_EX(G("functools", "partial"))), MAL, NULL, NULL },
	{ "that of a class which runs commands",
	    BYTES(NEWOBJ_EX(G("os", "Thing"))), MAL, NULL, NULL },
	{ "that of everything", BYTES(NEWOBJ_EX(G("builtins", "object"))), MAL,
	    NULL, NULL },
	{ "an array over a file, made empty",
	    BYTES(P G("numpy", "memmap") ")\x81."), CLN, NULL, NULL },
	{ "an array over a file that the pickle names",
	    BYTES(P G("numpy", "memmap") "(" S("/x") "t\x81."), MAL,
	    "pickle.call.arguments", NULL },
	{ "the same by a keyword",
	    BYTES(P G("numpy", "memmap") ")}" S("filename") S("/x") "s\x92."),
	    MAL, "pickle.call.arguments", NULL },
	{ "an expression of expressions",
	    BYTES(P G("sympy.core.add", "Add") "(" G(
		"sympy.core.symbol", "Symbol") S("x") "\x85\x81"
						      "I1\nt\x81."),
	    UNK, NULL,
	    "sympy.core.add.Add=construct sympy.core.symbol.Symbol=construct" },
	{ "an expression of a text, which sympy evaluates",
	    BYTES(P G("sympy.core.function", "Derivative") S("f(1)") "\x85R."),
	    MAL, "pickle.call.arguments", NULL },
	{ "the same inside a tuple",
	    BYTES(P G("sympy.core.add", "Add") S("f(1)") "\x85\x85R."), MAL,
	    "pickle.call.arguments", NULL },
	{ "the same deep inside lists",
	    BYTES(P G("sympy.matrices.dense", "MutableDenseMatrix") "](](](" S(
		"f(1)") "eee\x85R."),
	    MAL, "pickle.call.arguments", NULL },
	{ "the same where a set may hide it",
	    BYTES(P G("sympy.core.add", "Add") "\x8f(" S("f(1)") "\x90\x85R."),
	    UNV, NULL, NULL },
	{ "a matrix of numbers",
	    BYTES(P G("sympy.matrices.dense",
		"MutableDenseMatrix") "](](K\1K\2ee\x85R."),
	    UNK, NULL, NULL },
	{ "the same by a keyword",
	    BYTES(P G("sympy.core.function", "Derivative") ")}" S("expr")
		    S("f(1)") "s\x92."),
	    MAL, "pickle.call.arguments", NULL },
	{ "the same as the result of a call",
	    BYTES(P G("sympy.core.add", "Add") G("builtins", "str") ")R\x85R."),
	    MAL, "pickle.call.arguments", NULL },
	{ "the same as protocol 2 writes it",
	    BYTES(P NEW(G("sympy.core.add", "Add")) "0" G("functools",
		"partial") "h\1\x85R(h\1" G("sympy.core.add", "Add")
		    S("f(1)") "\x86}Ntb)R."),
	    MAL, "pickle.call.arguments", NULL },
	{ "a file's array through its __new__",
	    BYTES(NEWOBJ_EX(G("numpy", "memmap"))), MAL, NULL, NULL },

	/* attributes */
	{ "a method of a class of the project",
	    BYTES(P G("builtins", "getattr") "(" G("m", "C") S("f") "tR."), UNK,
	    NULL, "builtins.getattr=call m.C=import" },
	{ "a method of a data type, passed on",
	    BYTES(P G("builtins", "getattr") "(" G("builtins", "str")
		    S("lower") "tR."),
	    UNK, NULL, "builtins.getattr=call builtins.str=import" },
	{ "the same, called",
	    BYTES(P G("builtins", "getattr") "(" G("json", "Thing")
		    S("dumps") "tR)R."),
	    MAL, "pickle.call.known", NULL },
	{ "an attribute of the interpreter",
	    BYTES(P G("builtins", "getattr") "(" G("m", "C")
		    S("__globals__") "tR."),
	    MAL, "pickle.call.arguments", NULL },
	{ "a name that is dangerous anywhere",
	    BYTES(P G("builtins", "getattr") "(" G("m", "C") S("system") "tR."),
	    MAL, "pickle.call.arguments", NULL },
	{ "a name that is computed",
	    BYTES(
		P G("builtins", "getattr") "(" G("m", "C") G("m", "f") ")RtR."),
	    MAL, "pickle.call.arguments", NULL },
	{ "an attribute of a module is an import",
	    BYTES(P G("builtins", "getattr") "(" G("m", "sub") S("f") "tR."),
	    UNK, NULL, "builtins.getattr=call m.sub=import m.sub.f=import" },
	{ "setattr on something imported",
	    BYTES(P G("builtins", "setattr") "(" G("m", "C") S("f") "NtR."),
	    MAL, "pickle.call.arguments", NULL },
	{ "attrgetter of a column",
	    BYTES(P G("operator", "attrgetter") S("column") "\x85R."), UNK,
	    NULL, NULL },
	{ "attrgetter through the internals",
	    BYTES(P G("operator", "attrgetter") S("a.__globals__") "\x85R."),
	    MAL, NULL, NULL },
	{ "attrgetter through the internals, second",
	    BYTES(P G("_operator", "attrgetter") S("a")
		    S("__globals__") "\x86R."),
	    MAL, NULL, NULL },
	{ "methodcaller of what is no name",
	    BYTES(P G("operator", "methodcaller") S("echo x") "\x85R."), MAL,
	    NULL, NULL },
	{ "getitem of a generic type",
	    BYTES(P G("operator", "getitem") G("typing", "Generic")
		    G("m", "T") "\x86R."),
	    UNK, NULL, NULL },
	{ "getitem of the modules",
	    BYTES(P G("operator", "getitem") G("sys", "modules")
		    S("os") "\x86R."),
	    MAL, "pickle.call.arguments", NULL },
	{ "a union of types",
	    BYTES(P G("operator", "or_") G("builtins", "int") "N\x86R."), UNK,
	    NULL, NULL },
	/* callables passed on */
	{ "partial of a data type",
	    BYTES(P G("functools", "partial") G("builtins", "int") "\x85R."),
	    CLN, NULL, NULL },
	{ "partial of a function that models pass on",
	    BYTES(P G("functools", "partial") G("numpy", "mean") "\x85R."), UNK,
	    NULL, NULL },
	{ "partial of a command",
	    BYTES(P G("functools", "partial") G("os", "system") "\x85R."), MAL,
	    "pickle.call.arguments", NULL },
	{ "partial of nothing that can be called",
	    BYTES(P G("functools", "partial") S("x") "\x85R."), MAL,
	    "pickle.call.arguments", NULL },
	{ "the function of a partial is exchanged",
	    BYTES(P G("functools", "partial")
		    G("builtins", "int") "\x85R(" G("os", "system") ")}}tb."),
	    MAL, NULL, NULL },
	{ "a class made with keywords, as protocol 2 writes it",
	    BYTES(
		P G("functools", "partial") "(" G("builtins", "getattr") "(" G(
		    "m", "C") S("__new__") "tR" G("m", "C") "tR)R."),
	    UNK, NULL, NULL },
	{ "map over a command",
	    BYTES(P G("builtins", "map") G("os", "popen") "]\x86R."), MAL, NULL,
	    NULL },
	{ "map over a data type",
	    BYTES(P G("itertools", "imap") G("builtins", "int") "]\x86R."), UNK,
	    NULL, NULL },
	{ "map of a text", BYTES(P G("builtins", "map") S("x") "\x85R."), MAL,
	    NULL, NULL },
	{ "defaultdict of a container",
	    BYTES(P G("collections", "defaultdict")
		    G("builtins", "list") "\x85R."),
	    CLN, NULL, NULL },
	{ "defaultdict of a command",
	    BYTES(P G("collections", "defaultdict") G("os", "getcwd") "\x85R."),
	    MAL, NULL, NULL },
	/* objects of classes */
	{ "an estimator, in protocol 0",
	    BYTES(G("copy_reg", "_reconstructor") "(" G("sklearn.svm", "SVC")
		    G("__builtin__", "object") "NtR."),
	    CLN, NULL,
	    "copy_reg._reconstructor=call sklearn.svm.SVC=construct "
	    "__builtin__.object=import" },
	{ "a command in place of a class",
	    BYTES(G("copy_reg", "_reconstructor") "(" G("os", "system")
		    G("__builtin__", "object") "NtR."),
	    MAL, NULL, NULL },
	{ "a command in place of the base",
	    BYTES(G("copy_reg", "_reconstructor") "(" G("m", "C")
		    G("os", "system") "NtR."),
	    MAL, NULL, NULL },
	{ "type() of an object", BYTES(P G("builtins", "type") "N\x85R."), UNK,
	    NULL, NULL },
	{ "a class with a command for a method",
	    BYTES(P G("builtins", "type") "(" S("C") ")}" S("__del__")
		    G("os", "system") "stR."),
	    MAL, NULL, NULL },
	/* bytes */
	{ "bytes as protocol 2 writes them",
	    BYTES(P G("_codecs", "encode") S("abc") S("latin1") "\x86R."), CLN,
	    NULL, NULL },
	{ "a codec that hides",
	    BYTES(P G("_codecs", "encode") S("abc") S("rot13") "\x86R."), SUS,
	    "pickle.call.suspect", NULL },
	{ "a pickle in bytes that are loaded",
	    BYTES(P G("pickle", "loads") "C\x0c"
					 "cos\nsystem\n."
					 "\x85R."),
	    MAL, NULL, NULL },
	{ "bytes that are loaded and are no pickle",
	    BYTES(P G("pickle", "loads") "C\4abcd\x85R."), MAL,
	    "pickle.call.arguments", NULL },
	{ "a harmless pickle that is loaded",
	    BYTES(P G("pickle", "loads") "C\5\x80\4N0.\x85R."), UNK, NULL,
	    NULL },
	{ "a pickle in bytes that nobody loads",
	    BYTES(P "C\x0c"
		    "cos\nsystem\n."
		    "."),
	    MAL, NULL, "os.system=import" },
	{ "a pickle in a string of Python 2",
	    BYTES("\x80\2U\x0c"
		  "cos\nsystem\n."
		  "."),
	    MAL, NULL, "os.system=import" },
	{ "a pickle in an escaped string",
	    BYTES("\x80\2S'\\x80\\x02cos\\nsystem\\n.'\n."), MAL, NULL,
	    "os.system=import" },
	{ "a pickle in bytes that are written as text",
	    BYTES("\x80\2" G("_codecs", "encode") "X\x0f\0\0\0\xc2\x80\2"
						  "cos\nsystem\n." S(
						      "latin1") "\x86R."),
	    MAL, NULL, "_codecs.encode=call os.system=import" },
	{ "a pickle in base64 that a decoder is given",
	    BYTES(P G("base64", "b64decode") S("Y29zCnN5c3RlbQou") "\x85R."),
	    MAL, NULL, "base64.b64decode=call os.system=import" },
	{ "a pickle in hexadecimal",
	    BYTES(P G("binascii", "unhexlify")
		    S("636f730a73797374656d0a2e") "\x85R."),
	    MAL, NULL, "binascii.unhexlify=call os.system=import" },
	{ "a pickle that was packed",
	    BYTES(P G("zlib", "decompress") "C\x17\x78\x01\x01\x0c\0\xf3\xff"
					    "cos\nsystem\n.\x1d\x47\x04\x2d"
					    "\x85R."),
	    MAL, NULL, NULL },
	/* code by value */
	{ "a harmless function of cloudpickle",
	    BYTES(P G("cloudpickle.cloudpickle", "_builtin_type")
		    S("CodeType") "\x85R(K\1K\0K\0K\1K\2K\3C\1a(NK\1t)(" S(
			"x") "t" S("f") S("f") "K\1C\0))tR."),
	    UNK, NULL, NULL },
	{ "a function of cloudpickle that runs a command",
	    BYTES(P G("cloudpickle.cloudpickle", "_builtin_type") S(
		"CodeType") "\x85R(K\1K\0K\0K\1K\2K\3C\1a(NK\1t(" S("os")
		    S("system") "t(" S("x") "t" S("f") S("f") "K\1C\0))tR."),
	    MAL, NULL, NULL },
	{ "CodeType given no parts of code",
	    BYTES(P G("types", "CodeType") S("x") "\x85R."), MAL, NULL, NULL },
	{ "a function of no code",
	    BYTES(P G("types", "FunctionType") S("x") "\x85R."), MAL, NULL,
	    NULL },
	{ "marshalled code is never honest here",
	    BYTES(P G("marshal", "loads") "C\1N\x85R."), SUS, NULL, NULL },
	{ "a module that a function refers to",
	    BYTES(P G("cloudpickle.cloudpickle", "subimport") S("re") "\x85R."),
	    UNK, NULL, NULL },
	{ "a module that is none",
	    BYTES(P G("cloudpickle.cloudpickle", "subimport")
		    S("echo x") "\x85R."),
	    MAL, NULL, NULL },
	{ "an attribute of such a module is an import",
	    BYTES(P G("dill._dill", "_get_attr") "(" G("dill._dill",
		"_import_module") S("os") "\x85R" S("system") "tR."),
	    MAL, NULL, NULL },
	{ "such a module is changed",
	    BYTES(P G("cloudpickle.cloudpickle", "subimport")
		    S("re") "\x85R}" S("a") "Nsb."),
	    MAL, "pickle.build.imported", NULL },
	{ "numpy's functions by their names",
	    BYTES(P G("numpy.core", "_ufunc_reconstruct") S("numpy")
		    S("mean") "\x86R."),
	    UNK, NULL, "numpy.core._ufunc_reconstruct=call numpy.mean=import" },
	{ "others by the same way",
	    BYTES(P G("numpy.core", "_ufunc_reconstruct") S("os")
		    S("system") "\x86R."),
	    MAL, NULL, NULL },
	{ "what is passed on and called is not",
	    BYTES(P G("numpy", "mean") "]\x85R."), MAL, NULL, NULL },
};

static void
each_gadget_has_honest_and_harmful_arguments(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		run_row(&rows[i]);
}

static void
rules_see_the_strings_of_calls_that_nobody_knows(void **state)
{
	struct run r;

	(void)state;
	run_bytes(&r, BYTES(P G("m", "f") S("echo marker") "\x85R."));
	assert_string_equal(buf_text(&r.strings), "echo marker\n");
	assert_true(r.code > 0);
	run_end(&r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_gadget_has_honest_and_harmful_arguments),
		cmocka_unit_test(
		    rules_see_the_strings_of_calls_that_nobody_knows),
	};

	return cmocka_run_group_tests_name("pickle/call", tests, NULL, NULL);
}
