/* SPDX-License-Identifier: Apache-2.0 */
/* target: what a name in a configuration would call. */
#include "format/target.h"

#include <string.h>

#include "base/text.h"

/* Modules of which nothing may be called. */
static const char *const bad_modules[] = { "os", "posix", "nt", "subprocess",
	"_posixsubprocess", "sys", "commands", "popen2", "pty", "shutil",
	"socket", "ssl", "ftplib", "smtplib", "telnetlib", "imaplib", "poplib",
	"nntplib", "http", "urllib", "urllib2", "httplib", "requests",
	"urllib3", "httpx", "aiohttp", "paramiko", "webbrowser", "ctypes",
	"_ctypes", "cffi", "importlib", "imp", "runpy", "pkgutil", "zipimport",
	"pickle", "_pickle", "cPickle", "marshal", "shelve", "dill",
	"cloudpickle", "code", "codeop", "pdb", "bdb", "cProfile", "profile",
	"trace", "timeit", "doctest", "pydoc", "ensurepip", "venv", "pip",
	"setuptools", "distutils", "idlelib", "lib2to3", "site", "signal",
	"multiprocessing", "threading", "_thread", "concurrent", "asyncio",
	"sched", "atexit", "gc", "inspect", "types", "tempfile", "fileinput",
	"io", "_io", "mmap", "fcntl", "resource", "platform", "getpass",
	"crypt", "pwd", "grp", "sqlite3", "dbm", "xmlrpc", "socketserver",
	"cgi", "IPython", "fabric", "invoke", "sh", "pexpect", "psutil",
	"jsonpickle", "yaml", "tarfile", "zipfile", "winreg", "_winreg",
	"winrm", "antigravity", "nturl2path", "rlcompleter", "builtin",
	"operator", "_operator", "wsgiref", "tkinter", "turtle", "codecs",
	"test" };

/* Functions of modules that are otherwise honest. */
static const char *const bad_names[] = { "torch.load",
	"torch.serialization.load", "torch.jit.load", "torch.hub.load",
	"torch.hub.load_state_dict_from_url", "torch.hub.download_url_to_file",
	"torch.ops.load_library", "torch.utils.cpp_extension.load",
	"torch.utils.cpp_extension.load_inline", "torch.package", "numpy.load",
	"numpy.lib.npyio.load", "numpy.fromfile", "numpy.save", "numpy.savetxt",
	"numpy.f2py", "numpy.testing", "numpy.distutils", "numpy.ctypeslib",
	"joblib.load", "joblib.numpy_pickle", "pandas.read_pickle",
	"pandas.eval", "pandas.io", "pandas.DataFrame.eval", "scipy.io",
	"tensorflow.io", "tensorflow.py_function", "tensorflow.numpy_function",
	"tensorflow.load_op_library", "tensorflow.saved_model.load",
	"keras.models.load_model", "keras.saving.load_model",
	"tensorflow.keras.models.load_model", "keras.utils.get_file",
	"torch._inductor", "torch.distributed.rpc", "torch.utils.collect_env",
	"torch.utils.bottleneck", "torch.fx", "torch._dynamo", "logging.config",
	"logging.FileHandler", "logging.handlers" };

/* Python's own functions that do what an attacker wants. */
static const char *const bad_builtins[] = { "eval", "exec", "execfile",
	"compile", "__import__", "open", "input", "getattr", "setattr",
	"delattr", "globals", "locals", "vars", "breakpoint", "help",
	"memoryview", "apply", "file", "reload", "type", "map", "filter",
	"exit", "quit" };

/* Where the parts of models live: the first component of their names. */
static const char *const known_modules[] = { "nemo", "nemo_text_processing",
	"torch", "pytorch_lightning", "lightning", "lightning_fabric",
	"omegaconf", "hydra", "transformers", "megatron", "torchvision",
	"torchaudio", "torchmetrics", "sklearn", "numpy", "datasets",
	"diffusers", "timm", "tokenizers", "sentence_transformers", "peft",
	"accelerate", "apex", "tensorflow", "keras", "scipy", "pandas",
	"xgboost", "lightgbm", "catboost", "ldm", "sgm", "monai", "ultralytics",
	"mlflow", "collections", "datetime", "pathlib", "decimal", "fractions",
	"uuid", "math", "random", "logging", "argparse", "functools", "copy",
	"enum", "dataclasses", "typing", "numbers", "cmath", "array", "string",
	"torch_geometric", "torch_optimizer", "deepspeed", "fairseq",
	"speechbrain", "espnet", "espnet2", "kornia", "albumentations",
	"segmentation_models_pytorch", "gym", "gymnasium",
	"stable_baselines3" };

/* Last components that load or run, wherever they are. */
static const char *const bad_ends[] = { "system", "popen", "Popen", "spawn",
	"check_output", "check_call", "getoutput", "getstatusoutput", "execv",
	"execve", "load_library", "load_pickle", "read_pickle", "unpickle",
	"loads", "run_code", "run_command", "import_module", "__import__",
	"eval", "exec", "exec_module", "__globals__", "__builtins__",
	"__subclasses__", "__getattribute__", "__reduce__", "__code__" };

#define IN(list, s, n) \
	text_is_in((list), sizeof(list) / sizeof((list)[0]), s, n)

bool
target_is_name(const char *name, size_t n)
{
	size_t from = 0;

	for (size_t i = 0; i <= n; i++) {
		if (i < n && name[i] != '.')
			continue;
		if (!text_identifier(name + from, i - from))
			return false;
		from = i + 1;
	}
	return n > 0;
}

/* Is one of the names this one, or a package that it is in? */
static bool
is_below(const char *name, size_t n)
{
	for (size_t i = 0; i < sizeof(bad_names) / sizeof(bad_names[0]); i++) {
		size_t size = strlen(bad_names[i]);

		if (n >= size && memcmp(name, bad_names[i], size) == 0 &&
		    (n == size || name[size] == '.'))
			return true;
	}
	return false;
}

/* Does a component lead to another module?  torch.os.system is os.system. */
static bool
leads_astray(const char *name, size_t n)
{
	static const char *const ways[] = { "os", "posix", "subprocess", "sys",
		"builtins", "__builtins__", "importlib", "shutil", "socket",
		"ctypes", "pickle", "_pickle", "runpy", "marshal", "__main__",
		"__globals__", "__subclasses__", "__dict__", "__class__",
		"__loader__", "__spec__" };
	size_t from = 0;

	for (size_t i = 0; i <= n; i++) {
		if (i < n && name[i] != '.')
			continue;
		if (IN(ways, name + from, i - from))
			return true;
		from = i + 1;
	}
	return false;
}

enum verdict
target_judge(const char *name, size_t n)
{
	const char *dot = memchr(name, '.', n);
	const char *last = memrchr(name, '.', n);
	size_t first = dot == NULL ? n : (size_t)(dot - name);
	size_t end;

	if (dot == NULL)
		return IN(bad_builtins, name, n) || IN(bad_modules, name, n)
		    ? VERDICT_MALICIOUS
		    : VERDICT_UNKNOWN;
	last++;
	end = n - (size_t)(last - name);
	if ((first == 8 && memcmp(name, "builtins", 8) == 0) ||
	    (first == 11 && memcmp(name, "__builtin__", 11) == 0))
		return IN(bad_builtins, last, end) ||
			memchr(dot + 1, '.', n - first - 1) != NULL
		    ? VERDICT_MALICIOUS
		    : VERDICT_CLEAN;
	if (IN(bad_modules, name, first) || is_below(name, n) ||
	    IN(bad_ends, last, end) || leads_astray(name, n))
		return VERDICT_MALICIOUS;
	return IN(known_modules, name, first) ? VERDICT_CLEAN : VERDICT_UNKNOWN;
}
