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
import statistics
import subprocess
import sys
import tempfile
import time

SETTINGS = """title = "Many files"
base_url = "https://example.com"

[publish.web]
kind = "directory"
to = "../web"
mode = "in-place"
max_deletes = "100%"
"""

POSTS = 2000


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


def run(program, site, *arguments):
    """Wall time in seconds, CPU time, the peak resident set in MiB, and what was said."""
    before = time.perf_counter()
    process = subprocess.Popen(
        [program, "--root", site, "publish", *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True
    )
    said = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    if status != 0:
        sys.exit(f"backmatter publish {' '.join(arguments)} failed")
    wall = time.perf_counter() - before
    return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, said.strip().splitlines()


def row(name, samples):
    best = min(sample[0] for sample in samples)
    wall = statistics.median(sample[0] for sample in samples)
    cpu = statistics.median(sample[1] for sample in samples)
    memory = max(sample[2] for sample in samples)
    print(f"| {name:22} | {best:7.2f} s | {wall:7.2f} s | {cpu:7.2f} s | {memory:6.0f} MiB |")
    return samples[-1][3][-1]


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
        first = run(options.program, site, "--yes")
        print(f"first publish: {first[0]:.1f} s, {first[2]:.0f} MiB; {first[3][-1]}\n")
        print("| plan                   |      best |    median |       CPU |     memory |")
        print("| :--------------------- | --------: | --------: | --------: | ---------: |")
        unchanged = row("nothing changed", [run(options.program, site, "--dry-run") for _ in range(options.runs)])
        samples = []
        for number in range(options.runs):
            for file in range(10):
                (site / "static" / "files" / "000" / f"{file}.txt").write_text(f"changed {number} {file}\n")
            samples.append(run(options.program, site, "--dry-run"))
        changed = row("10 files changed", samples)
        print(f"\n{unchanged}\n{changed.strip()}")
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
