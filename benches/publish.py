#!/usr/bin/env python3
"""Measures what `backmatter publish` costs before anything travels: a site of many files, published to a folder.

    cargo build --release
    python3 benches/publish.py --files 50000

A run builds the site and compares it with what is at the target, as a whole process with `--dry-run`: once when nothing
has changed since the last publish, and once when ten files have.
"""

import argparse
import os
import pathlib
import shutil
import sys
import tempfile

sys.dont_write_bytecode = True
from measure import row, run  # noqa: E402

SETTINGS = """title = "Many files"
base_url = "https://example.com"

[publish.web]
kind = "directory"
to = "../web"
mode = "in-place"
max_deletes = "100%"
"""

POSTS = 2000
WIDTH = 22


def generate(site, files):
    (site / "content" / "2016").mkdir(parents=True)
    (site / "backmatter.toml").write_text(SETTINGS)
    for number in range(POSTS):
        day = f"2016-{number % 12 + 1:02}-{number % 28 + 1:02}"
        text = f'+++\ntitle = "Post {number}"\ndate = {day}\n+++\n' + "Some words of it. " * 50
        (site / "content" / "2016" / f"post-{number}.md").write_text(text)
    # Pictures and the like: the larger part of an old blog.
    for number in range(files - POSTS - 500):
        folder = site / "static" / "files" / f"{number // 500:03}"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{number}.txt").write_text(f"file {number}\n" * 20)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=50000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--program", default=pathlib.Path(__file__).resolve().parents[1] / "target/release/backmatter")
    options = parser.parse_args()
    place = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    folder = pathlib.Path(tempfile.mkdtemp(prefix="backmatter-publish-", dir=place))
    try:
        site = folder / "site"
        generate(site, options.files)
        first = run(options.program, site, "publish", "--yes", "--no-send")
        print(f"first publish: {first[0]:.1f} s, {first[2]:.0f} MiB; {first[3][-1]}\n")
        print("| plan                   |      best |    median |       CPU |     memory |")
        print("| :--------------------- | --------: | --------: | --------: | ---------: |")
        unchanged = row("nothing changed", WIDTH, [run(options.program, site, "publish", "--dry-run") for _ in range(options.runs)])
        samples = []
        for number in range(options.runs):
            for file in range(10):
                (site / "static" / "files" / "000" / f"{file}.txt").write_text(f"changed {number} {file}\n")
            samples.append(run(options.program, site, "publish", "--dry-run"))
        changed = row("10 files changed", WIDTH, samples)
        print(f"\n{unchanged}\n{changed.strip()}")
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
