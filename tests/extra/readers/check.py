"""Runs reader views, archives and previews over posts that quote, and looks whose words they show.

    check.py BACKMATTER MODULES FOLDER

A post has some words of the author's own before and behind a quotation of other words. Readability (Firefox's reader view) and
readability-lxml have to show all of it, metascraper and defuddle have to name the blog as the publisher.

What trafilatura keeps is printed and not asked for: it discards each `figure`, and where little is left takes another way, by
which a long quotation can stand without the author's words. With `div` and `p` in the place of `figure` and `figcaption` it
keeps all. They stay, as the HTML standard has them for a quotation with its source, and browsers tell them to screen readers.
"""

import html
import json
import pathlib
import random
import re
import shutil
import subprocess
import sys

import readability
import trafilatura

# Own words before the quotation, paragraphs of quoted words, and own words behind it.
LENGTHS = [
    (20, [60], 20), (20, [60, 60], 20), (40, [60], 0), (40, [120], 0), (40, [120, 120], 0), (80, [60], 20), (80, [120], 20),
    (80, [240], 20), (80, [120, 120, 120], 0), (120, [60, 60], 0), (120, [240], 20), (200, [60], 20), (200, [120, 120], 20),
    (200, [500], 0), (300, [240], 20), (25, [150], 20), (25, [300, 300], 0), (150, [250, 250], 30),
]
WORDS = """harbour letter council morning ferry winter library answer window reader street paper question bridge market shelf
evening visitor lamp stone river teacher garden minute border kitchen copper silver painter story engine county""".split()


def prose(count, seed):
    """Sentences of made-up words, no two alike."""
    dice = random.Random(seed)
    words = [f"{dice.choice(WORDS)}{dice.choice(['', 's', ' of', ' and', ' in the'])}" for _ in range(count)]
    words = " ".join(words).split()[:count]
    text = [word.capitalize() + (" " if at % 11 else ", ") for at, word in enumerate(words)]
    sentences = ["".join(text[at : at + 12]).lower().strip(" ,").capitalize() + "." for at in range(0, count, 12)]
    return " ".join(sentences)


def posts(folder):
    """Writes a post for each row of the table. Gives back what is in each."""
    made = []
    (folder / "content").mkdir(parents=True)
    (folder / "backmatter.toml").write_text('base_url = "https://low-stairs.example.com"\ntitle = "Low Stairs"\nauthor = "Mirren Vale"\n')
    for number, (before, quoted, behind) in enumerate(LENGTHS):
        own = [prose(count, f"own {number} {at}") for at, count in enumerate((before, behind)) if count]
        report = [prose(count, f"report {number} {at}") for at, count in enumerate(quoted)]
        lines = [own[0], "", *"\n>\n".join(f"> {text}" for text in report).split("\n"), ">"]
        lines += ["> — Samuel Ekwall, [A letter answered](https://gazette.example/letter), *The Ferry Street Gazette*, 2016-12-15", "", *own[1:]]
        (folder / "content" / f"n{number}.md").write_text(
            f'+++\ntitle = "The stairs were answered {number}"\ndate = 2026-11-22\n+++\n' + "\n".join(lines) + "\n"
        )
        made.append((own, report))
    return made


def folded(text):
    return " ".join(re.sub(r"\W+", " ", text).split())


def has(text, parts):
    return all(folded(part) in folded(text) for part in parts)


def main():
    backmatter, modules, folder = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3])
    shutil.rmtree(folder, ignore_errors=True)
    made = posts(folder)
    subprocess.run([backmatter, "build", "--quiet", "--root", str(folder)], check=True, stdin=subprocess.DEVNULL)
    pages = [next((folder / "public").glob(f"**/n{number}/index.html")) for number in range(len(made))]
    addresses = [f"https://low-stairs.example.com/{page.parent.relative_to(folder / 'public')}/" for page in pages]
    specs = [f"{page}={address}" for page, address in zip(pages, addresses)]
    script = pathlib.Path(__file__).parent / "readers.mjs"
    answer = subprocess.run(["node", str(script), modules, *specs], check=True, stdout=subprocess.PIPE)
    found = json.loads(answer.stdout)
    faults = {"Readability": [], "readability-lxml": [], "metascraper": [], "defuddle": []}
    own_kept = quotations_kept = 0
    for number, ((own, report), page) in enumerate(zip(made, pages)):
        source = page.read_text()
        seen = found[str(page)]
        name = " + ".join(str(count) for count in LENGTHS[number])
        if not has(seen["readability"], own + report + ["A letter answered"]):
            faults["Readability"].append(name)
        summary = html.unescape(re.sub("<[^>]*>", " ", readability.Document(source).summary()))
        if not has(summary, own + report + ["A letter answered"]):
            faults["readability-lxml"].append(name)
        if seen["publisher"] != "Low Stairs":
            faults["metascraper"].append(f"{name}: {seen['publisher']}")
        if seen["site"] != "Low Stairs" or not has(seen["defuddle"], own + report):
            faults["defuddle"].append(f"{name}: {seen['site']}")
        archived = trafilatura.extract(source, output_format="markdown") or ""
        own_kept += has(archived, own)
        quotations_kept += has(archived, report)
    told = {
        "Readability": "show the author's words, the quotation and its source",
        "readability-lxml": "show the author's words, the quotation and its source",
        "metascraper": "name the blog as publisher",
        "defuddle": "name the blog as the site, and keep all words",
    }
    for name, sentence in told.items():
        print(f"{'FAIL' if faults[name] else 'ok  '} {name}: {len(made) - len(faults[name])} of {len(made)} posts {sentence}")
        for fault in faults[name]:
            print(f"     {fault}")
    print(f"     trafilatura keeps the author's words in {own_kept} of {len(made)} posts, the quotation in {quotations_kept}")


if __name__ == "__main__":
    main()
