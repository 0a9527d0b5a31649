#!/usr/bin/env bash
# Guess: PyYAML's two loaders, one around libyaml and one in Python, read the same front matter; and a tab may stand wherever a
# space may between a key and its value, as YAML says (1.1 and 1.2, "separation spaces": s-white is a space or a tab).
# Behaviour: in PyYAML 6.0.3 `CSafeLoader` reads a tab behind the colon, behind a value and before a comment; `SafeLoader`, which
# `yaml.safe_load` uses, stops at each of them, and at a word with a question mark at the end of a list in brackets. Both take a text
# in quotes that goes on in the first column, which YAML does not allow.
# Meaning: "read by PyYAML" does not tell whether front matter is read: a blog may build with one loader and not with the other, and
# a tool that moves its posts has to take both for possible.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv python
python/bin/pip install --quiet --disable-pip-version-check pyyaml==6.0.3
cat >read.py <<'PYTHON'
import yaml
heads = ['title:\tQuay\n', 'title: Quay\t\nx: 1\n', 'title: Quay\t# a note\nx: 1\n', 'tags: [boats, why?]\n',
         'title: "Quay and\nboats"\n']
for head in heads:
    for loader in (yaml.CSafeLoader, yaml.SafeLoader):
        try:
            read = yaml.load(head, Loader=loader)
        except yaml.YAMLError as error:
            read = type(error).__name__
        print(loader.__name__, repr(head), read)
PYTHON
python/bin/python read.py | tee seen
cat >expected <<'TEXT'
CSafeLoader 'title:\tQuay\n' {'title': 'Quay'}
SafeLoader 'title:\tQuay\n' ScannerError
CSafeLoader 'title: Quay\t\nx: 1\n' {'title': 'Quay', 'x': 1}
SafeLoader 'title: Quay\t\nx: 1\n' ScannerError
CSafeLoader 'title: Quay\t# a note\nx: 1\n' {'title': 'Quay', 'x': 1}
SafeLoader 'title: Quay\t# a note\nx: 1\n' ScannerError
CSafeLoader 'tags: [boats, why?]\n' {'tags': ['boats', 'why?']}
SafeLoader 'tags: [boats, why?]\n' ParserError
CSafeLoader 'title: "Quay and\nboats"\n' {'title': 'Quay and boats'}
SafeLoader 'title: "Quay and\nboats"\n' {'title': 'Quay and boats'}
TEXT
diff expected seen && echo "as found"
