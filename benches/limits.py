#!/usr/bin/env python3
"""Time and memory of one post that is made of one piece of Markdown, over and over.

    cargo build --release
    python3 benches/limits.py [--program PATH] [--megabytes 5] [--tags 10000]

No post of 5 MB may take more than 1 GB of memory or 10 s. Posts with more marks than the parser is given are left out with an
error; the last column says so.
"""

import argparse
import os
import pathlib
import subprocess
import sys
import tempfile

PIECES = {
    ">": ">", "> ": "> ", ">- ": ">- ", "- - -": "- ", "1. 1.": "1. ", "[^a]": "[^a] ", "# a": "# a\n", "[": "[", "<": "<",
    "table": "|a|b|\n", '"': '"', "[a]": "[a] ", "~a~": "~a~ ", "{#id}": "# a {#id}\n", "$x$": "$x$ ", "![": "![", "$": "$",
    "*": "*", "`": "`", "|": "|", "<div>": "<div>", "<!--": "<!--", "tabs": "\t", "~": "~", "a": "a\n\n", "- a": "- a\n",
    "> a": "> a\n\n", "{{x}}": "{{ x }} ", "words": "word and ", "https": "https://a.example/ ",
}
TAILS = {"[^a]": "\n\n[^a]: x\n", "[a]": "\n\n[a]: /x\n", "- - -": "x\n", "1. 1.": "x\n"}
HEAD = '+++\ntitle = "x"\ndate = 2016-01-01\n'
MOST_SECONDS, MOST_BYTES = 10, 1_000_000_000


def measure(program, text):
    """Builds a site of one post, and returns seconds, peak bytes, bytes of output and whether it was left out."""
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        (root / "content").mkdir()
        (root / "backmatter.toml").write_text('base_url = "https://example.com"\n')
        (root / "content/a.md").write_text(text)
        process = subprocess.Popen(
            [program, "build", "-q", "--root", folder], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        )
        errors = process.stderr.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        seconds = usage.ru_utime + usage.ru_stime
        output = sum(file.stat().st_size for file in (root / "public").rglob("*") if file.is_file())
        return seconds, usage.ru_maxrss * 1024, output, b"error" in errors


def shapes(size, tags):
    for name, piece in PIECES.items():
        yield name, HEAD + "+++\n" + piece * (size // len(piece)) + TAILS.get(name, "\n")
    notes = (f"[^{n}]\n\n[^{n}]: x\n\n" for n in range(1, 1 + size // 26))
    yield "footnotes", HEAD + "+++\n" + "".join(notes)
    yield f"{tags} tags", HEAD + "tags = [" + ",".join(f'"t{n}"' for n in range(tags)) + "]\n+++\nWords.\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    here = pathlib.Path(__file__).resolve().parent
    parser.add_argument("--program", default=str(here.parent / "target/release/backmatter"))
    parser.add_argument("--megabytes", type=float, default=5)
    parser.add_argument("--tags", type=int, default=10_000)
    parser.add_argument("--only", help="the shapes whose name holds this")
    arguments = parser.parse_args()
    failed = False
    print(f"{'post made of':<14} {'seconds':>8} {'memory':>9} {'output':>9}")
    for name, text in shapes(int(arguments.megabytes * 1_000_000), arguments.tags):
        if arguments.only and arguments.only not in name:
            continue
        seconds, peak, output, is_left_out = measure(arguments.program, text)
        is_over = seconds > MOST_SECONDS or peak > MOST_BYTES
        failed |= is_over
        marks = (" left out" if is_left_out else "") + (" OVER" if is_over else "")
        print(f"{name:<14} {seconds:8.1f} {peak / 1e6:6.0f} MB {output / 1e6:6.0f} MB{marks}", flush=True)
    sys.exit(failed)


if __name__ == "__main__":
    main()
