#!/usr/bin/env python3
"""Figures of a Rust tree, so that ours stand beside those of other projects.

    benches/figures.py src ../ripgrep/crates ../typst/crates

Printed are type names that more than one place defines, functions that take tuples or a bool, closures bound by
`let`, tokens a line, the length of functions, and reasons (`//` lines) inside functions. Tests, benches and fuzz
targets are left out. None of this is a limit: tests check those that are.
"""

import collections
import pathlib
import re
import sys

LEFT_OUT = {"tests", "benches", "fuzz", "target", "examples"}

TOKEN = re.compile(
    r"""(?P<comment>//[^\n]*|/\*.*?\*/)
      | (?P<string>b?r(?P<hashes>\#*)".*?"(?P=hashes)|b?c?"(?:\\.|[^"\\])*")
      | (?P<char>b?'(?:\\(?:x[0-9a-fA-F]{2}|u\{[^}]*\}|.)|[^'\\])')
      | (?P<lifetime>'[A-Za-z_]\w*)
      | (?P<word>[A-Za-z_]\w*|\d[\w.]*)
      | (?P<mark>::|->|=>|\.\.=|\.\.|&&|\|\||[=!<>+\-*/%&|^]=|<<|>>|[^\s\w])""",
    re.X | re.S,
)


def tokens(text):
    """The tokens of a text as (kind, text, line)."""
    found, line, at = [], 1, 0
    for match in TOKEN.finditer(text):
        line += text.count("\n", at, match.start())
        at = match.start()
        found.append((match.lastgroup if match.lastgroup != "hashes" else "string", match.group(), line))
    return found


def closing(code, at):
    """The index of the mark that closes the one at an index."""
    pairs = {"(": ")", "{": "}", "[": "]"}
    depth = 0
    for index in range(at, len(code)):
        if code[index][0] == "mark" and code[index][1] in pairs:
            depth += 1
        elif code[index][0] == "mark" and code[index][1] in pairs.values():
            depth -= 1
            if depth == 0:
                return index
    return len(code) - 1


def without_tests(code):
    """Code without what stands under `#[cfg(test)]` or `#[test]`."""
    kept, at = [], 0
    while at < len(code):
        end = closing(code, at + 1) if code[at][1] == "#" and at + 1 < len(code) and code[at + 1][1] == "[" else None
        inside = [word for _, word, _ in code[at + 2 : end]] if end else []
        if inside in (["cfg", "(", "test", ")"], ["test"]):
            while end + 1 < len(code) and code[end][1] not in "{;":
                end += 1
            at = closing(code, end) + 1 if code[end][1] == "{" else end + 1
            continue
        kept.append(code[at])
        at += 1
    return kept


def parameters(code, at):
    """The parameters of the function whose name is at an index, and the index after them."""
    depth = 0
    while at < len(code) and (code[at][1] != "(" or depth > 0):
        depth += {"<": 1, ">": -1}.get(code[at][1], 0)
        at += 1
    end = closing(code, at)
    parts, part, depth = [], [], 0
    for _, word, _ in code[at + 1 : end]:
        depth += {"(": 1, "[": 1, "{": 1, "<": 1, ")": -1, "]": -1, "}": -1, ">": -1}.get(word, 0)
        if word == "," and depth == 0:
            parts.append(part)
            part = []
        else:
            part.append(word)
    return [part for part in [*parts, part] if part], end


def is_tuple(part):
    """Whether a parameter is a tuple or takes one apart."""
    if part[0] == "(":
        return True
    kind = part[part.index(":") + 1 :] if ":" in part else []
    while kind and (kind[0] in ("&", "mut") or kind[0].startswith("'")):
        kind = kind[1:]
    return len(kind) > 2 and kind[0] == "(" and "," in kind


class Figures:
    def __init__(self):
        self.lines = self.tuples = self.bools = self.closures = self.reasons = 0
        self.lengths, self.counts = [], []
        self.types = collections.Counter()

    def add(self, text):
        everything = without_tests(tokens(text))
        comments = {line for kind, word, line in everything if kind == "comment" and not word.startswith(("///", "//!"))}
        code = [token for token in everything if token[0] != "comment"]
        self.lines += len({line for _, _, line in code})
        for at, (_, word, _) in enumerate(code):
            following = [token[1] for token in code[at + 1 : at + 8]]
            if word == "fn" and following and re.match(r"[A-Za-z_]", following[0]):
                self.function(code, at, comments)
            elif word == "let" and re.match(r"(mut )?\w+ = (move )?\|", " ".join(following)):
                self.closures += 1
            elif word == "pub":
                name = re.match(r"(?:\( .*?\) )?(?:struct|enum|trait|type|union) (\w+)", " ".join(following))
                if name:
                    self.types[name.group(1)] += 1

    def function(self, code, at, comments):
        taken, after = parameters(code, at + 1)
        self.tuples += any(is_tuple(part) for part in taken)
        self.bools += any(part[-2:] == [":", "bool"] for part in taken)
        while after < len(code) and code[after][1] not in "{;":
            after += 1
        if after >= len(code) or code[after][1] == ";":
            return
        end = closing(code, after)
        first, last = code[at][2], code[end][2]
        self.lengths.append(last - first + 1)
        self.counts.append(end - at + 1)
        self.reasons += sum(first < line < last for line in comments)

    def rows(self):
        shared = [count for count in self.types.values() if count > 1]
        total, functions = sum(self.types.values()) or 1, len(self.lengths) or 1
        lines = sum(self.lengths) or 1
        yield "lines of code", f"{self.lines:,}"
        yield "functions", f"{functions:,}"
        yield "type names shared by two or more", f"{len(shared)} ({100 * sum(shared) / total:.0f} % of types)"
        yield "functions that take a tuple, in 1,000", f"{1000 * self.tuples / functions:.1f}"
        yield "functions that take a bool, in 1,000 lines", f"{1000 * self.bools / (self.lines or 1):.1f}"
        yield "closures bound by let, in 1,000 lines", f"{1000 * self.closures / (self.lines or 1):.1f}"
        yield "tokens a line in functions", f"{sum(self.counts) / lines:.1f}"
        yield "lines of a function: median, 95 %, most", quantiles(self.lengths)
        yield "tokens of a function: median, 95 %, most", quantiles(self.counts)
        yield "reasons in functions, in 100 lines", f"{100 * self.reasons / lines:.1f}"


def quantiles(numbers):
    numbers = sorted(numbers) or [0]
    return f"{numbers[len(numbers) // 2]}, {numbers[len(numbers) * 95 // 100]}, {numbers[-1]}"


def figures_of(folder):
    figures = Figures()
    for path in sorted(folder.rglob("*.rs")):
        parts = path.relative_to(folder).parts
        if not LEFT_OUT.intersection(parts[:-1]) and parts[-1] not in ("tests.rs", "build.rs"):
            figures.add(path.read_text(errors="replace"))
    return figures


def main():
    folders = [pathlib.Path(name) for name in sys.argv[1:]] or [pathlib.Path("src")]
    columns = [dict(figures_of(folder).rows()) for folder in folders]
    widths = [max(len(str(folder)), *map(len, column.values())) for folder, column in zip(folders, columns)]
    print(" " * 44, *(str(folder).rjust(width) for folder, width in zip(folders, widths)), sep="  ")
    for row in columns[0]:
        print(row.ljust(44), *(column[row].rjust(width) for column, width in zip(columns, widths)), sep="  ")


if __name__ == "__main__":
    main()
