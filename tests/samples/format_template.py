# SPDX-License-Identifier: Apache-2.0
"""Samples of chat templates as texts of their own."""

SAMPLES = [
    ("honest", "clean", [],
     b"{% for m in messages %}{{ m['role'] }}: {{ m.content }}{% endfor %}"),
    ("blanks in front", "malicious", ["template.escape"],
     b" " * 3000 + b"{{ ''.__class__ }}"),
    ("text in front", "malicious", ["template.escape"],
     b"You are helpful. " * 100 + b"{{ ''['__cl'~'ass__'] }}"),
    ("text in front, and tests, texts and tables in expressions", "malicious",
     ["template.escape"],
     b"{{ x is not none and x is divisibleby 3 and x is in [1] }}"
     b"{{ 'a' 'b' if not y is sameas z else {'k': 1}['k'] }}"
     b"{{ f(*a, **b).c | d(e=-1) }}{% if a.b is string %}{% endif %}"
     b"{{ x is test {'a': 1} }}{{ ''['__cl'~'ass__'] }}"),
    ("braces of C++ and marks of an editor are no template", "clean", [],
     b"// __halves {{{\nint x = a.__class__.__mro__; f(b);\n// }}}\n"),
    ("statements of a program in braces are no template", "clean", [],
     b"x = {{ __builtins__.eval(a); b }}"),
    ("two values in a row are no template", "clean", [],
     b"{{ include x.__class__ }}{{ range $i := lipsum.__globals__ }}"),
    ("control characters in front", "malicious", ["template.escape"],
     b"\x1b[31m\0{% for m in messages %}{{ m['role'] }}{% endfor %}"
     b"{{ ''.__class__ }}"),
    ("a web page is no chat template", "clean", [],
     b"{% extends 'base.html' %}{% block b %}{{ request.user }}"
     b"{% for m in messages %}{{ m.tags }}{% endfor %}{% endblock %}"),
    ("a chat template that includes", "suspicious", ["template.suspect"],
     b"{% include 'x' %}{% for m in messages %}{{ m.role }}{% endfor %}"),
]
