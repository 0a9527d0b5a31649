#!/usr/bin/env python3
"""Processor time of a build in which nothing changed, with 0, 50 and 1,000 links that lead nowhere, side by side.

    python3 benches/generate.py --posts 10000 /dev/shm/blog
    python3 benches/broken_links.py target/release/backmatter /dev/shm/blog

The links are added to as many posts, and taken away again at the end.
"""

import pathlib
import resource
import statistics
import subprocess
import sys
import tempfile

COUNTS = [0, 50, 1000]
ROUNDS = 5


def build(program, site, out):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [program, "build", "--quiet", "--root", site, "--output", out]
    subprocess.run(command, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main():
    program, site = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2])
    posts = sorted((site / "content").rglob("*.md"))
    texts = {post: post.read_text() for post in posts[: max(COUNTS)]}
    times = {count: [] for count in COUNTS}
    with tempfile.TemporaryDirectory(dir=site.parent) as out:
        try:
            for _ in range(ROUNDS):
                for count in COUNTS:
                    for number, (post, text) in enumerate(texts.items()):
                        link = f"\nSee [there](/2011/03/a-post-that-moved-{number}/).\n" if number < count else ""
                        post.write_text(text + link)
                    build(program, site, out)
                    times[count].append(build(program, site, out))
        finally:
            for post, text in texts.items():
                post.write_text(text)
    none = statistics.median(times[0])
    for count in COUNTS:
        median = statistics.median(times[count])
        print(f"{count:5} broken links: {median:.3f} s of processor time, {median / none:.2f} of none")


main()
