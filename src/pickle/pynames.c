/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pynames: what a Python 3 loader makes of Python 2 names.
 *
 * Reference: CPython Lib/_compat_pickle.py, NAME_MAPPING and IMPORT_MAPPING,
 * the same from 3.0 to 3.14.  Both tables are sorted by bytes.
 */
#include "pickle/pynames.h"

#include <string.h>

struct module_row {
	const char *from, *to;
};

struct name_row {
	const char *module, *name;
	const char *to_module, *to_name;
};

/* clang-format off */
static const struct module_row module_rows[] = {
	{ "BaseHTTPServer", "http.server" },
	{ "CGIHTTPServer", "http.server" },
	{ "ConfigParser", "configparser" },
	{ "Cookie", "http.cookies" },
	{ "Dialog", "tkinter.dialog" },
	{ "DocXMLRPCServer", "xmlrpc.server" },
	{ "FileDialog", "tkinter.filedialog" },
	{ "HTMLParser", "html.parser" },
	{ "Queue", "queue" },
	{ "ScrolledText", "tkinter.scrolledtext" },
	{ "SimpleDialog", "tkinter.simpledialog" },
	{ "SimpleHTTPServer", "http.server" },
	{ "SimpleXMLRPCServer", "xmlrpc.server" },
	{ "SocketServer", "socketserver" },
	{ "StringIO", "io" },
	{ "Tix", "tkinter.tix" },
	{ "Tkconstants", "tkinter.constants" },
	{ "Tkdnd", "tkinter.dnd" },
	{ "Tkinter", "tkinter" },
	{ "UserDict", "collections" },
	{ "UserList", "collections" },
	{ "UserString", "collections" },
	{ "__builtin__", "builtins" },
	{ "_abcoll", "collections.abc" },
	{ "_elementtree", "xml.etree.ElementTree" },
	{ "_winreg", "winreg" },
	{ "anydbm", "dbm" },
	{ "cPickle", "pickle" },
	{ "cStringIO", "io" },
	{ "commands", "subprocess" },
	{ "cookielib", "http.cookiejar" },
	{ "copy_reg", "copyreg" },
	{ "dbhash", "dbm.bsd" },
	{ "dbm", "dbm.ndbm" },
	{ "dumbdbm", "dbm.dumb" },
	{ "dummy_thread", "_dummy_thread" },
	{ "gdbm", "dbm.gnu" },
	{ "htmlentitydefs", "html.entities" },
	{ "httplib", "http.client" },
	{ "markupbase", "_markupbase" },
	{ "repr", "reprlib" },
	{ "robotparser", "urllib.robotparser" },
	{ "test.test_support", "test.support" },
	{ "thread", "_thread" },
	{ "tkColorChooser", "tkinter.colorchooser" },
	{ "tkCommonDialog", "tkinter.commondialog" },
	{ "tkFileDialog", "tkinter.filedialog" },
	{ "tkFont", "tkinter.font" },
	{ "tkMessageBox", "tkinter.messagebox" },
	{ "tkSimpleDialog", "tkinter.simpledialog" },
	{ "ttk", "tkinter.ttk" },
	{ "urllib2", "urllib.request" },
	{ "urlparse", "urllib.parse" },
	{ "whichdb", "dbm" },
	{ "xmlrpclib", "xmlrpc.client" },
};

static const struct name_row name_rows[] = {
	{ "UserDict", "IterableUserDict",
	    "collections", "UserDict" },
	{ "UserDict", "UserDict",
	    "collections", "UserDict" },
	{ "UserList", "UserList",
	    "collections", "UserList" },
	{ "UserString", "UserString",
	    "collections", "UserString" },
	{ "__builtin__", "basestring",
	    "builtins", "str" },
	{ "__builtin__", "intern",
	    "sys", "intern" },
	{ "__builtin__", "long",
	    "builtins", "int" },
	{ "__builtin__", "reduce",
	    "functools", "reduce" },
	{ "__builtin__", "unichr",
	    "builtins", "chr" },
	{ "__builtin__", "unicode",
	    "builtins", "str" },
	{ "__builtin__", "xrange",
	    "builtins", "range" },
	{ "_multiprocessing", "Connection",
	    "multiprocessing.connection", "Connection" },
	{ "_socket", "fromfd",
	    "socket", "fromfd" },
	{ "exceptions", "ArithmeticError",
	    "builtins", "ArithmeticError" },
	{ "exceptions", "AssertionError",
	    "builtins", "AssertionError" },
	{ "exceptions", "AttributeError",
	    "builtins", "AttributeError" },
	{ "exceptions", "BaseException",
	    "builtins", "BaseException" },
	{ "exceptions", "BufferError",
	    "builtins", "BufferError" },
	{ "exceptions", "BytesWarning",
	    "builtins", "BytesWarning" },
	{ "exceptions", "DeprecationWarning",
	    "builtins", "DeprecationWarning" },
	{ "exceptions", "EOFError",
	    "builtins", "EOFError" },
	{ "exceptions", "EnvironmentError",
	    "builtins", "EnvironmentError" },
	{ "exceptions", "Exception",
	    "builtins", "Exception" },
	{ "exceptions", "FloatingPointError",
	    "builtins", "FloatingPointError" },
	{ "exceptions", "FutureWarning",
	    "builtins", "FutureWarning" },
	{ "exceptions", "GeneratorExit",
	    "builtins", "GeneratorExit" },
	{ "exceptions", "IOError",
	    "builtins", "IOError" },
	{ "exceptions", "ImportError",
	    "builtins", "ImportError" },
	{ "exceptions", "ImportWarning",
	    "builtins", "ImportWarning" },
	{ "exceptions", "IndentationError",
	    "builtins", "IndentationError" },
	{ "exceptions", "IndexError",
	    "builtins", "IndexError" },
	{ "exceptions", "KeyError",
	    "builtins", "KeyError" },
	{ "exceptions", "KeyboardInterrupt",
	    "builtins", "KeyboardInterrupt" },
	{ "exceptions", "LookupError",
	    "builtins", "LookupError" },
	{ "exceptions", "MemoryError",
	    "builtins", "MemoryError" },
	{ "exceptions", "NameError",
	    "builtins", "NameError" },
	{ "exceptions", "NotImplementedError",
	    "builtins", "NotImplementedError" },
	{ "exceptions", "OSError",
	    "builtins", "OSError" },
	{ "exceptions", "OverflowError",
	    "builtins", "OverflowError" },
	{ "exceptions", "PendingDeprecationWarning",
	    "builtins", "PendingDeprecationWarning" },
	{ "exceptions", "ReferenceError",
	    "builtins", "ReferenceError" },
	{ "exceptions", "RuntimeError",
	    "builtins", "RuntimeError" },
	{ "exceptions", "RuntimeWarning",
	    "builtins", "RuntimeWarning" },
	{ "exceptions", "StandardError",
	    "builtins", "Exception" },
	{ "exceptions", "StopIteration",
	    "builtins", "StopIteration" },
	{ "exceptions", "SyntaxError",
	    "builtins", "SyntaxError" },
	{ "exceptions", "SyntaxWarning",
	    "builtins", "SyntaxWarning" },
	{ "exceptions", "SystemError",
	    "builtins", "SystemError" },
	{ "exceptions", "SystemExit",
	    "builtins", "SystemExit" },
	{ "exceptions", "TabError",
	    "builtins", "TabError" },
	{ "exceptions", "TypeError",
	    "builtins", "TypeError" },
	{ "exceptions", "UnboundLocalError",
	    "builtins", "UnboundLocalError" },
	{ "exceptions", "UnicodeDecodeError",
	    "builtins", "UnicodeDecodeError" },
	{ "exceptions", "UnicodeEncodeError",
	    "builtins", "UnicodeEncodeError" },
	{ "exceptions", "UnicodeError",
	    "builtins", "UnicodeError" },
	{ "exceptions", "UnicodeTranslateError",
	    "builtins", "UnicodeTranslateError" },
	{ "exceptions", "UnicodeWarning",
	    "builtins", "UnicodeWarning" },
	{ "exceptions", "UserWarning",
	    "builtins", "UserWarning" },
	{ "exceptions", "ValueError",
	    "builtins", "ValueError" },
	{ "exceptions", "Warning",
	    "builtins", "Warning" },
	{ "exceptions", "ZeroDivisionError",
	    "builtins", "ZeroDivisionError" },
	{ "itertools", "ifilter",
	    "builtins", "filter" },
	{ "itertools", "ifilterfalse",
	    "itertools", "filterfalse" },
	{ "itertools", "imap",
	    "builtins", "map" },
	{ "itertools", "izip",
	    "builtins", "zip" },
	{ "itertools", "izip_longest",
	    "itertools", "zip_longest" },
	{ "multiprocessing", "AuthenticationError",
	    "multiprocessing.context", "AuthenticationError" },
	{ "multiprocessing", "BufferTooShort",
	    "multiprocessing.context", "BufferTooShort" },
	{ "multiprocessing", "ProcessError",
	    "multiprocessing.context", "ProcessError" },
	{ "multiprocessing", "TimeoutError",
	    "multiprocessing.context", "TimeoutError" },
	{ "multiprocessing.forking", "Popen",
	    "multiprocessing.popen_fork", "Popen" },
	{ "multiprocessing.process", "Process",
	    "multiprocessing.context", "Process" },
	{ "socket", "_socketobject",
	    "socket", "SocketType" },
	{ "urllib", "ContentTooShortError",
	    "urllib.error", "ContentTooShortError" },
	{ "urllib", "getproxies",
	    "urllib.request", "getproxies" },
	{ "urllib", "pathname2url",
	    "urllib.request", "pathname2url" },
	{ "urllib", "quote",
	    "urllib.parse", "quote" },
	{ "urllib", "quote_plus",
	    "urllib.parse", "quote_plus" },
	{ "urllib", "unquote",
	    "urllib.parse", "unquote" },
	{ "urllib", "unquote_plus",
	    "urllib.parse", "unquote_plus" },
	{ "urllib", "url2pathname",
	    "urllib.request", "url2pathname" },
	{ "urllib", "urlcleanup",
	    "urllib.request", "urlcleanup" },
	{ "urllib", "urlencode",
	    "urllib.parse", "urlencode" },
	{ "urllib", "urlopen",
	    "urllib.request", "urlopen" },
	{ "urllib", "urlretrieve",
	    "urllib.request", "urlretrieve" },
	{ "urllib2", "HTTPError",
	    "urllib.error", "HTTPError" },
	{ "urllib2", "URLError",
	    "urllib.error", "URLError" },
	{ "whichdb", "whichdb",
	    "dbm", "whichdb" },
};
/* clang-format on */

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

/* As strcmp() between bytes of a given size and a string. */
static int
compare(const char *at, size_t size, const char *text)
{
	size_t length = strlen(text);
	int order = memcmp(at, text, size < length ? size : length);

	if (order != 0)
		return order;
	return size < length ? -1 : size > length;
}

static const struct name_row *
find_name(const struct pyname *in)
{
	size_t low = 0, high = COUNT(name_rows);

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		const struct name_row *row = &name_rows[mid];
		int order = compare(in->module, in->module_size, row->module);

		if (order == 0)
			order = compare(in->name, in->name_size, row->name);
		if (order == 0)
			return row;
		if (order < 0)
			high = mid;
		else
			low = mid + 1;
	}
	return NULL;
}

static const struct module_row *
find_module(const struct pyname *in)
{
	size_t low = 0, high = COUNT(module_rows);

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		const struct module_row *row = &module_rows[mid];
		int order = compare(in->module, in->module_size, row->from);

		if (order == 0)
			return row;
		if (order < 0)
			high = mid;
		else
			low = mid + 1;
	}
	return NULL;
}

bool
pyname_map(const struct pyname *in, struct pyname *out)
{
	const struct name_row *name = find_name(in);
	const struct module_row *module;

	if (name != NULL) {
		*out = (struct pyname){ name->to_module, name->to_name,
			strlen(name->to_module), strlen(name->to_name) };
		return true;
	}
	module = find_module(in);
	if (module == NULL)
		return false;
	*out = (struct pyname){ module->to, in->name, strlen(module->to),
		in->name_size };
	return true;
}
