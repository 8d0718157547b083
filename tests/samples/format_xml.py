# SPDX-License-Identifier: Apache-2.0
"""Samples of models in XML: about, verdict, rules, bytes."""

PMML = '<?xml version="1.0"%s?>\n%s<!-- -- <!DOCTYPE x SYSTEM "no"> -->\n' \
    '<PMML version="4.4" xmlns="http://www.dmg.org/PMML-4_4"><Header/></PMML>'
XXE = '<!DOCTYPE PMML [<!ENTITY x SYSTEM "file:///x">]>\n'
NET = '<?xml version="1.0"?><net name="n" version="11"><layers>' \
    '<layer id="0" name="a" type="%s" version="opset1"%s/></layers></net>'
EXTERNAL = "xml.external"


def xxe(about, encoding, declared=""):
    return (f"an entity of a file, {about}", "malicious", [EXTERNAL],
            (PMML % (declared, XXE)).encode(encoding))


SAMPLES = [
    ("an honest PMML", "clean", [], (PMML % ("", "")).encode()),
    ("one that says its encoding", "clean", [],
     (PMML % (' encoding="UTF-8"', "")).encode()),
    xxe("in UTF-8", "utf-8"), xxe("with a mark", "utf-8-sig"),
    xxe("in UTF-16", "utf-16"), xxe("in UTF-16 without a mark", "utf-16-le"),
    xxe("the other way round", "utf-16-be"), xxe("in UTF-32", "utf-32-be"),
    xxe("in EBCDIC", "cp037"),
    ("an entity of a file, in UTF-7", "suspicious", ["xml.encoding"],
     b'<?xml version="1.0" encoding="UTF-7"?>+ADw-!DOCTYPE x SYSTEM '
     b'"file:///x"+AD4-<PMML/>'),
    ("a document type elsewhere", "malicious", [EXTERNAL],
     (PMML % ("", '<!DOCTYPE PMML SYSTEM "http://x.invalid/x.dtd">')
      ).encode()),
    ("a parameter entity", "malicious", [EXTERNAL],
     (PMML % ("", '<!DOCTYPE PMML [<!ENTITY % a "b"> %a;]>')).encode()),
    ("entities of entities", "suspicious", ["xml.entities"],
     (PMML % ("", '<!DOCTYPE PMML [<!ENTITY a "b"><!ENTITY c "&a;&a;">]>')
      ).encode()),
    ("a web page", "clean", [], b'<!DOCTYPE html PUBLIC "x" "y"><html/>'),
    ("an honest network", "clean", [], (NET % ("Parameter", "")).encode()),
    ("a layer of a library", "suspicious", ["openvino.library"],
     (NET % ("Custom", ' library="libx.so"')).encode()),
    ("the path of a library, in numbers", "suspicious", ["openvino.library"],
     (NET % ("Custom", ' path="/tmp/x.&#x73;o"')).encode()),
    ("a layer of an extension", "unknown", ["openvino.custom"],
     (NET % ("Extension", "")).encode()),
]
