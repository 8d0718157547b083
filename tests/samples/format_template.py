# SPDX-License-Identifier: Apache-2.0
"""Samples of chat templates as texts of their own."""

SAMPLES = [
    ("honest", "clean", [],
     b"{% for m in messages %}{{ m['role'] }}: {{ m.content }}{% endfor %}"),
    ("blanks in front", "malicious", ["template.escape"],
     b" " * 3000 + b"{{ ''.__class__ }}"),
    ("text in front", "malicious", ["template.escape"],
     b"You are helpful. " * 100 + b"{{ ''['__cl'~'ass__'] }}"),
    ("a web page is no chat template", "clean", [],
     b"{% extends 'base.html' %}{% block b %}{{ request.user }}"
     b"{% for m in messages %}{{ m.tags }}{% endfor %}{% endblock %}"),
    ("a chat template that includes", "suspicious", ["template.suspect"],
     b"{% include 'x' %}{% for m in messages %}{{ m.role }}{% endfor %}"),
]
