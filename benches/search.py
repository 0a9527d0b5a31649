#!/usr/bin/env python3
"""Measures the search of a blog of N posts beside Pagefind, in one run: how long the index takes and how much memory, how
many files it has and how many bytes, what the first query loads in Chromium, what an edited post rewrites, and how many of
200 questions in five languages are answered, and how far up.

    cargo build --release
    npm install --prefix ~/.cache/backmatter-bench pagefind@1.6.0 playwright-core
    python3 benches/search.py --posts 10000

Ours is the difference of a build with and without `[search]`, from nothing each time. Ends with status 1 if a target is missed:
a twentieth of Pagefind's processor time and memory, 50 kB for the first query, 500 files, and questions answered no worse.
"""

import argparse
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
import generate  # noqa: E402
import measure  # noqa: E402
import search_questions  # noqa: E402

HERE = pathlib.Path(__file__).resolve().parent
SEARCH = "\n[search]\nenabled = true\n"


def clean(site):
    for name in ("public", ".backmatter"):
        shutil.rmtree(site / name, ignore_errors=True)


def build(program, site):
    clean(site)
    wall, cpu, memory, _ = measure.run(program, site, "build", "--quiet")
    return wall, cpu, memory


def settings(site, is_on):
    file = site / "backmatter.toml"
    text = file.read_text().replace(SEARCH, "")
    file.write_text(text + (SEARCH if is_on else ""))


def middle(samples):
    return [statistics.median(column) for column in zip(*samples)]


def pagefind(program, public):
    before = time.perf_counter()
    process = subprocess.Popen([program, "--site", public], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        sys.exit("pagefind failed")
    return time.perf_counter() - before, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def files(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def ask(modules, engine, public, questions):
    command = ["node", str(HERE / "search.mjs"), modules, engine, public]
    done = subprocess.run(command, input=json.dumps(questions), capture_output=True, text=True)
    if done.returncode:
        sys.exit(done.stderr)
    return json.loads(done.stdout)


def marks(questions, found):
    """For each language and in all: the share of answers among the first ten, and 1 over the place of the first one."""
    by_language = {}
    for question, addresses in zip(questions, found):
        slugs = [address.strip("/").split("/")[-1] for address in addresses]
        answers = set(question["answers"])
        recall = len(answers & set(slugs)) / min(10, len(answers))
        place = next((at for at, slug in enumerate(slugs, 1) if slug in answers), None)
        for name in (question["language"], "all", question["kind"]):
            by_language.setdefault(name, []).append((recall, 1 / place if place else 0))
    return {name: [sum(column) / len(column) for column in zip(*rows)] for name, rows in by_language.items()}


def arguments():
    parser = argparse.ArgumentParser(description="Measure the search beside Pagefind.")
    parser.add_argument("--posts", type=int, default=10_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--program", default=HERE.parent / "target/release/backmatter", type=pathlib.Path)
    parser.add_argument("--modules", default=pathlib.Path("~/.cache/backmatter-bench").expanduser(), type=pathlib.Path)
    parser.add_argument("--questions-only", action="store_true")
    return parser.parse_args()


def measure_index(given, work, peer, missed):
    site = work / "site"
    generate.generate(site, given.posts)
    settings(site, False)
    without = middle([build(given.program, site) for _ in range(given.runs)])
    settings(site, True)
    with_search = middle([build(given.program, site) for _ in range(given.runs)])
    index = files(site / "public/search")
    wall, cpu, memory = [after - before for after, before in zip(with_search, without)]
    print(f"build without search: {without[0]:.2f} s, {without[1]:.2f} s of processor time, {without[2]:.0f} MiB")
    print(f"with search:          {with_search[0]:.2f} s, {with_search[1]:.2f} s, {with_search[2]:.0f} MiB")
    print(f"the index takes       {wall:.2f} s, {cpu:.2f} s, {memory:.0f} MiB more; "
          f"{len(index)} files, {sum(map(len, index.values())) / 1e6:.2f} MB")
    first = ask(given.modules, "ours", site / "public", {"first": ["harbour", "climate", "library budget"], "ask": []})["first"]
    for query in first:
        print(f"first query `{query['typed']}`: {query['results'] / 1000:.1f} kB to the results, {query['all'] / 1000:.1f} kB with "
              f"five excerpts, {query['requests']} requests; shown {query['wait']:.0f} ms after the last file")
        # The excerpts are the results' own pages, of any size. With one word, which is what most readers type, they count.
        loaded = query["results" if " " in query["typed"] else "all"]
        if loaded > 50_000:
            missed.append(f"`{query['typed']}` loads {loaded} bytes")
        if query["wait"] > 50:
            missed.append(f"`{query['typed']}` is shown {query['wait']:.0f} ms after the last file")
    edited(given, site, index)
    if len(index) > 500:
        missed.append(f"{len(index)} files")
    # Pagefind reads the pages of the same posts.
    theirs = middle([pagefind(peer, site / "public") for _ in range(max(1, given.runs // 2))])
    its = files(site / "public/pagefind")
    print(f"Pagefind takes        {theirs[0]:.2f} s, {theirs[1]:.2f} s, {theirs[2]:.0f} MiB; "
          f"{len(its)} files, {sum(map(len, its.values())) / 1e6:.2f} MB")
    for query in ask(given.modules, "pagefind", site / "public", {"first": ["harbour", "library budget"], "ask": []})["first"]:
        print(f"Pagefind's first query `{query['typed']}`: {query['all'] / 1000:.1f} kB, {query['requests']} requests")
    print(f"ratios: wall {theirs[0] / max(wall, 0.01):.0f}, processor time {theirs[1] / max(cpu, 0.01):.0f}, "
          f"memory {theirs[2] / max(memory, 1):.0f}")
    for name, ours, other in (("processor time", cpu, theirs[1]), ("memory", memory, theirs[2])):
        if ours * 20 > other:
            missed.append(f"{name}: {ours:.2f} beside {other:.2f}")


def edited(given, site, before):
    facts = json.loads((site / "bench.json").read_text())
    for name in ("old", "newest"):
        post = site / facts[name]["path"]
        post.write_text(post.read_text() + "\nA harbour without boats is a wall.\n")
        wall, cpu, _, _ = measure.run(given.program, site, "build", "--quiet")
        after = files(site / "public/search")
        changed = [path for path in after if before.get(path) != after[path]]
        print(f"one edited post ({name}): {len(changed)} of {len(after)} files of the search rewritten, "
              f"{sum(len(after[path]) for path in changed) / 1000:.0f} kB; the build took {wall:.2f} s, {cpu:.2f} s of processor time")
        before = after


def answer_questions(given, work, peer, missed):
    site = work / "questions"
    site.mkdir()
    search_questions.write(site, 'title = "Questions"\nbase_url = "https://blog.example"\npermalink = "/:slug/"\n' + SEARCH)
    build(given.program, site)
    pagefind(peer, site / "public")
    questions = search_questions.questions()
    results = {engine: marks(questions, ask(given.modules, engine, site / "public", {"first": [], "ask": questions})["found"])
               for engine in ("ours", "pagefind")}
    print(f"\n{len(questions)} questions: share of the answers among the first ten, and 1 ÷ place of the first one")
    for name in results["ours"]:
        (recall, order), (its_recall, its_order) = results["ours"][name], results["pagefind"][name]
        print(f"  {name:14} ours {recall:.3f} {order:.3f}   Pagefind {its_recall:.3f} {its_order:.3f}")
    for number, what in enumerate(("recall", "order")):
        if results["ours"]["all"][number] < results["pagefind"]["all"][number]:
            missed.append(what)


def main():
    given = arguments()
    found = sorted(given.modules.glob("node_modules/@pagefind/*/bin/pagefind_extended")) or \
        sorted(given.modules.glob("node_modules/@pagefind/*/bin/pagefind*"))
    if not found:
        sys.exit(f"there is no Pagefind in {given.modules}: see the head of this file")
    missed = []
    with tempfile.TemporaryDirectory(dir="/dev/shm" if os.path.isdir("/dev/shm") else None) as folder:
        work = pathlib.Path(folder)
        if not given.questions_only:
            measure_index(given, work, found[0], missed)
        answer_questions(given, work, found[0], missed)
    for target in missed:
        print(f"MISSED {target}")
    sys.exit(1 if missed else 0)


if __name__ == "__main__":
    main()
