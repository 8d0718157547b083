/* SPDX-License-Identifier: Apache-2.0 */
/* keras: tables of packages and gadgets; code by its words. */
#include "format/keras.h"

#include <string.h>

#include "base/own.h"
#include "base/text.h"
#include "format/base64.h"
#include "format/path.h"
#include "model/limits.h"
#include "pycode/pycode.h"
#include "pycode/show.h"

enum {
	CODE_MAX = 1 << 20, /* bytes of one function's code */
	CODE_MIN = 24,      /* less than any code object has */
	EVIDENCE = 80,
	/* marshal's TYPE_CODE, alone and with FLAG_REF */
	MARSHAL_CODE = 0x63,
	MARSHAL_CODE_REF = 0xe3,
};

/* Packages whose objects Keras looks up by an API name. */
static const char *const own_packages[] = { "keras", "keras_core", "keras_cv",
	"keras_hub", "keras_nlp", "keras_preprocessing", "tf_keras" };

/* Modules of Keras that hold no objects of a model. */
static const char *const own_tools[] = { "keras.config", "keras.saving",
	"keras.src.saving", "keras.src.utils.file_utils",
	"keras.utils.file_utils", "keras.src.backend.config",
	"keras.src.utils.module_utils", "keras.src.models.cloning" };

/* Names in Keras and TensorFlow that fetch, load, run or write. */
static const char *const gadgets[] = { "EagerPyFunc", "PyFunc", "ReadFile",
	"TorchModuleWrapper", "WriteFile", "delete_recursively_v2",
	"deserialize_keras_object", "enable_unsafe_deserialization",
	"extract_archive", "get_file", "gfile", "import_module", "load_data",
	"load_library", "load_model", "load_op_library", "load_weights",
	"model_from_config", "model_from_json", "numpy_function", "py_func",
	"py_function", "read_file", "rmtree", "run_path", "save_img",
	"save_model", "write_file" };

/* Parts of Keras whose functions a model is made of. */
static const char *const own_functions[] = { "activations", "backend",
	"constraints", "initializers", "layers", "losses", "metrics", "nn",
	"ops", "optimizers", "quantizers", "random", "regularizers" };

/* Of the others, those that only compute. */
static const char *const own_harmless[] = { "normalize", "pad_sequences",
	"to_categorical" };

/* Builtins of Python that are called for what they do. */
static const char *const builtins[] = { "__build_class__", "__import__",
	"breakpoint", "compile", "delattr", "eval", "exec", "execfile", "exit",
	"getattr", "globals", "input", "locals", "open", "setattr", "vars" };

/* Packages where no object of a model lives, and which run, load or reach
 * out when they are used.  Naming one is the attack of CVE-2025-1550. */
static const char *const foreign[] = { "IPython", "_io", "_pickle",
	"_posixsubprocess", "asyncio", "atexit", "bdb", "cPickle", "cProfile",
	"cloudpickle", "codecs", "codeop", "ctypes", "dill", "distutils",
	"doctest", "ftplib", "functools", "gc", "http", "importlib", "inspect",
	"io", "joblib", "jsonpickle", "logging", "marshal", "multiprocessing",
	"nt", "numpy", "operator", "os", "pandas", "pathlib", "pdb", "pickle",
	"pip", "pkgutil", "posix", "pty", "requests", "runpy", "setuptools",
	"shelve", "shutil", "signal", "smtplib", "socket", "sqlite3", "ssl",
	"subprocess", "sys", "tarfile", "tempfile", "threading", "timeit",
	"torch", "unittest", "urllib", "urllib2", "urllib3", "webbrowser",
	"yaml", "zipfile", "zipimport" };

/* Modules that people call theirs like, too: what runs something in them. */
static const char *const shared[] = { "code", "commands", "imp", "platform",
	"profile", "site", "test", "trace", "types" };
static const char *const shared_names[] = { "CodeType", "FunctionType",
	"InteractiveConsole", "InteractiveInterpreter", "Trace",
	"compile_command", "execsitecustomize", "execusercustomize",
	"getoutput", "getstatusoutput", "interact", "load_dynamic",
	"load_module", "load_source", "popen", "run", "runctx", "runfunc" };

#define IS_IN(list, s, n) text_is_in(list, sizeof(list) / sizeof(list[0]), s, n)

/* Up to the first dot. */
static size_t
root_size(const struct keras_name *module)
{
	const char *dot = memchr(module->text, '.', module->size);

	return dot == NULL ? module->size : (size_t)(dot - module->text);
}

/* The last component, behind dots and ">". */
static const char *
last_of(const struct keras_name *name, size_t *n)
{
	size_t from = name->size;

	while (from > 0 && name->text[from - 1] != '.' &&
	    name->text[from - 1] != '>')
		from--;
	*n = name->size - from;
	return name->text + from;
}

bool
keras_class_is(const struct keras_name *name, const char *class_name)
{
	size_t n;
	const char *last = last_of(name, &n);

	return strlen(class_name) == n && memcmp(last, class_name, n) == 0;
}

static bool
name_is(const struct keras_name *name, const char *text)
{
	return strlen(text) == name->size &&
	    memcmp(name->text, text, name->size) == 0;
}

static void
find_names(struct visit *v, enum rule rule, const struct keras_object *o,
    const struct keras_name *name)
{
	visit_find(v, rule, o->at, "%.*s%s%.*s", (int)o->module.size,
	    o->module.text, o->module.size == 0 ? "" : ".", (int)name->size,
	    name->text);
}

/* A harmless object is a step, too. */
static void
object_line(struct visit *v, const struct keras_object *o,
    const struct keras_name *name)
{
	AUTO(buf) struct buf whole = buf_new(2 * KERAS_NAME_MAX + 1);

	/* the wrapper of code is told as code */
	if (!v->report->explain || name->size == 0 || o->codes)
		return;
	if (buf_add(&whole, o->module.text, o->module.size) == ERR_OK &&
	    (o->module.size == 0 || buf_puts(&whole, ".") == ERR_OK) &&
	    buf_add(&whole, name->text, name->size) == ERR_OK)
		visit_step(v, o->at, "makes %s", buf_text(&whole), whole.size);
}

/* What is looked up: a class, or a function by its name in config. */
static const struct keras_name *
object_name(const struct keras_object *o)
{
	if (name_is(&o->class_name, "function") && o->config.size > 0)
		return &o->config;
	return &o->class_name;
}

static bool
is_gadget(const struct keras_name *name)
{
	size_t n;
	const char *last = last_of(name, &n);

	return IS_IN(gadgets, last, n);
}

/* Is a function of this module of Keras one that models are made of?  A
 * component says so: keras.activations, keras.src.ops.nn. */
static bool
function_is_model(const struct keras_name *module, size_t root)
{
	for (size_t from = root; from < module->size;) {
		const char *s = module->text + from + 1;
		size_t left = module->size - from - 1;
		const char *dot = memchr(s, '.', left);
		size_t n = dot == NULL ? left : (size_t)(dot - s);

		if (IS_IN(own_functions, s, n))
			return true;
		from += n + 1;
	}
	return module->size == root;
}

/* An object of Keras' own packages, or of TensorFlow. */
static void
own_judge(struct visit *v, const struct keras_object *o, size_t root)
{
	const struct keras_name *name = object_name(o);
	bool function = name != &o->class_name ||
	    (name->size > 0 && name->text[0] >= 'a' && name->text[0] <= 'z');

	if (IS_IN(own_tools, o->module.text, o->module.size))
		find_names(v, RULE_KERAS_GADGET, o, name);
	else if (keras_class_is(name, "TFSMLayer") ||
	    (function && o->module.text[0] != 't' &&
		!function_is_model(&o->module, root) &&
		!IS_IN(own_harmless, name->text, name->size)))
		find_names(v, RULE_KERAS_FUNCTION, o, name);
	else
		object_line(v, o, name);
}

/* An object of a module that is named. */
static void
module_judge(struct visit *v, const struct keras_object *o)
{
	const struct keras_name *name = object_name(o), *module = &o->module;
	size_t root = root_size(module);

	if (IS_IN(foreign, module->text, root) ||
	    (IS_IN(shared, module->text, root) &&
		IS_IN(shared_names, name->text, name->size))) {
		find_names(v, RULE_KERAS_MODULE, o, name);
	} else if (name_is(module, "builtins") ||
	    name_is(module, "__builtin__")) {
		if (IS_IN(builtins, name->text, name->size))
			find_names(v, RULE_KERAS_MODULE, o, name);
	} else if (IS_IN(own_packages, module->text, root) ||
	    (root == 10 && memcmp(module->text, "tensorflow", root) == 0)) {
		own_judge(v, o, root);
	} else {
		find_names(v, RULE_KERAS_CUSTOM, o, name);
	}
}

/* TFOpLambda: a function of TensorFlow by its public name. */
static bool
is_custom(const struct keras_object *o)
{
	const struct keras_name *name =
	    o->registered.size > 0 ? &o->registered : &o->class_name;

	return memchr(name->text, '>', name->size) != NULL &&
	    !(name->size > 5 && memcmp(name->text, "keras", 5) == 0);
}

void
keras_object_judge(struct visit *v, const struct keras_object *o)
{
	if (is_gadget(object_name(o)))
		find_names(v, RULE_KERAS_GADGET, o, object_name(o));
	else if (is_gadget(&o->registered))
		find_names(v, RULE_KERAS_GADGET, o, &o->registered);
	else if (o->module.size > 0)
		module_judge(v, o);
	else if (is_custom(o))
		find_names(v, RULE_KERAS_CUSTOM, o, &o->class_name);
	else
		object_line(v, o, object_name(o));
	if ((keras_class_is(&o->class_name, "Lambda") ||
		keras_class_is(&o->registered, "Lambda")) &&
	    !o->codes)
		visit_find(v, RULE_KERAS_LAMBDA, o->at, NULL);
}

/* What a finding of code says. */
static void
code_find(struct visit *v, const struct pycode *code, uint64_t at)
{
	enum rule rule = RULE_KERAS_CODE;

	if (code->verdict == VERDICT_MALICIOUS)
		rule = RULE_KERAS_CODE_DANGEROUS;
	else if (code->verdict == VERDICT_SUSPICIOUS)
		rule = RULE_KERAS_CODE_SUSPECT;
	visit_find(v, rule, at, "%s%s%s", code->reason,
	    code->evidence[0] == '\0' ? "" : ": ", code->evidence);
}

/* What the code has of names and texts. */
static void
code_line(struct visit *v, const struct pycode *judged, uint64_t at,
    const struct buf *code)
{
	AUTO(buf) struct buf words = buf_new(LIMIT_LINE);

	if (!v->report->explain ||
	    pycode_show(&words, judged, code->data, code->size) != ERR_OK)
		return;
	visit_line(v, at, judged->verdict,
	    judged->reason[0] != '\0'
		? judged->reason
		: "its names are harmless, but it is code",
	    "runs Python code of a layer%s%s", words.size == 0 ? "" : ", ",
	    buf_text(&words));
}

/* The text as latin-1, as Keras wrote code before it used base64. */
static enum err
code_latin1(struct buf *out, const char *s, size_t n)
{
	enum err e = ERR_OK;
	size_t size;

	for (size_t i = 0; i < n && e == ERR_OK; i += size) {
		unsigned point;
		uint8_t byte;

		size = text_utf8(s + i, n - i, &point);
		if (size == 0 || point > 0xff)
			return ERR_MALFORMED;
		byte = (uint8_t)point;
		e = buf_add(out, &byte, 1);
	}
	return e;
}

static bool
is_code(const struct buf *b)
{
	return b->size > 0 &&
	    (b->data[0] == MARSHAL_CODE || b->data[0] == MARSHAL_CODE_REF);
}

/* Can it begin a code object, in base64 or as latin-1?  Every string of every
 * JSON comes here, so this decides before anything is decoded. */
static bool
may_be_code(const char *s, size_t n)
{
	size_t i = 0;

	if (n < CODE_MIN)
		return false;
	if (s[0] == 'c' || memcmp(s, "\xc3\xa3", 2) == 0)
		return true;
	while (i < n && base64_value(s[i]) < 0)
		i++;
	return i < n &&
	    (base64_value(s[i]) == MARSHAL_CODE >> 2 ||
		base64_value(s[i]) == MARSHAL_CODE_REF >> 2);
}

bool
keras_code_judge(
    struct visit *v, const char *s, size_t n, uint64_t at, bool surely)
{
	AUTO(buf) struct buf code = buf_new(CODE_MAX);
	struct pycode judged;
	enum err e;

	if (!surely && !may_be_code(s, n))
		return false;
	e = base64_decode(&code, s, n);
	if (e == ERR_OK && !is_code(&code)) {
		buf_clear(&code);
		e = code_latin1(&code, s, n);
	}
	if (!surely && (e != ERR_OK || !is_code(&code)))
		return false;
	pycode_begin(&judged);
	if (e != ERR_OK ||
	    pycode_marshal(&judged, code.data, code.size) != ERR_OK) {
		if (!surely)
			return false;
		/* A newer Python's code begins like all code. */
		visit_find(v,
		    is_code(&code) ? RULE_KERAS_CODE_UNREAD
				   : RULE_KERAS_CODE_NONE,
		    at, "%.*s", (int)(n < EVIDENCE ? n : EVIDENCE), s);
		return true;
	}
	visit_code(v, code.data, code.size);
	code_find(v, &judged, at);
	code_line(v, &judged, at, &code);
	return true;
}

void
keras_path_judge(struct visit *v, const char *s, size_t n, uint64_t at)
{
	if (path_is_absolute(s, n) || path_climbs(s, n) || path_is_url(s, n))
		visit_find(v, RULE_KERAS_PATH, at, "%.*s",
		    (int)(n < EVIDENCE ? n : EVIDENCE), s);
}
