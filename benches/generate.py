#!/usr/bin/env python3
"""Makes a blog of N posts to measure with: the same bytes for the same arguments, on any machine.

    python3 benches/generate.py --posts 10000 /dev/shm/blog
    python3 benches/generate.py --posts 10000 --engine hugo /dev/shm/blog-hugo

The words, dates, tags, links and code of a post are the same for every engine; only the front matter's keys,
the folder and the form of an internal link differ. `bench.json` at the site's top tells `build.py` what to edit.
"""

import argparse
import bisect
import datetime
import itertools
import json
import math
import pathlib
import random
import sys

sys.dont_write_bytecode = True
import blades_site  # noqa: E402
import hugo_site  # noqa: E402
import snippets  # noqa: E402

FIRST = datetime.datetime(2006, 1, 2, 6, tzinfo=datetime.timezone.utc)
LAST = datetime.datetime(2026, 11, 21, 21, tzinfo=datetime.timezone.utc)

# Most frequent first.
FUNCTION_WORDS = """
the of and to a in that it is was for on with as be by at he this had not are but from or have an they which one
you were her all their there been we who more when will would if no out what so said up its about into than them
can only other new some could time these two may then do first any my now such like our over man me even most made
after also did many before must through back years where much your way well down should because each just those
people how too little state good very make world still own see men work long get here between both life being
under never day same another know while last might us great old year off come since against go came right used
take three
""".split()

NOUNS = """
council river trade harbour budget library railway election minister market school hospital climate energy border
treaty court police senate union strike wages housing traffic airport ferry bridge tunnel forest fishery drought
flood winter summer museum theatre archive radio newspaper editor reader letter report statement speech debate vote
ballot campaign coalition party leader mayor governor embassy refugee camp convoy ceasefire peace army veteran
pension tax tariff bank loan debt inflation price grain wheat coffee oil gas coal wind solar reactor grid network
cable satellite telescope rocket vaccine clinic doctor nurse patient teacher pupil student university professor
study survey census village city suburb island coast mountain valley desert canal dam mine factory workshop farmer
driver sailor pilot painter writer singer orchestra festival stadium league match referee record history memory
language grammar dictionary map calendar clock photograph camera film television server database compiler browser
protocol standard licence patent privacy password signal message question answer mistake apology rumour promise
""".split()

PEOPLE = [
    ("Jane Doe", "John Roe", "Amira Haddad", "Lars Öberg", "Mei-Ling Chen", "Tomasz Nowak", "Chidi Okafor",
     "Ana Sofía Ruiz", "Pierre Lefèvre", "Ingrid Aasen", "Yuki Tanaka", "Dilip Menon"),
    ("Herald", "Tribune", "Observer", "Courier", "Gazette", "Evening Post", "Chronicle", "Example"),
]

CATEGORIES = ["Politics", "World", "Media", "Economy", "Science", "Technology", "Culture", "Language", "History",
              "Law", "Sport", "Asides"]


def vocabulary(size=3400):
    """Words in order of frequency: real small words, real nouns, then words made from syllables."""
    rng = random.Random("vocabulary")
    onsets = "b br c ch d dr f g gr h l l m m n n p p r r s s st t t tr v w".split()
    vowels = "a a e e i o o u ea".split()
    codas = ["", "", "", "", "", "n", "r", "l", "s", "t"]
    endings = ["", "", "", "", "n", "t", "r", "s", "nd", "st", "ing", "ed", "er", "al", "ly", "ity", "ion"]
    rest = list(NOUNS)
    known = set(rest) | set(FUNCTION_WORDS)
    while len(FUNCTION_WORDS) + len(rest) < size:
        syllables = rng.choice((1, 1, 2, 2, 2, 3))
        word = "".join(rng.choice(onsets) + rng.choice(vowels) + rng.choice(codas) for _ in range(syllables))
        word += rng.choice(endings)
        if len(word) > 3 and word not in known:
            known.add(word)
            rest.append(word)
    # The nouns stay among the more frequent half.
    head, tail = rest[:1500], rest[1500:]
    rng.shuffle(head)
    return FUNCTION_WORDS + head + tail


def tag_names():
    """200 tags: single nouns, then pairs."""
    rng = random.Random("tags")
    nouns = rng.sample(NOUNS, len(NOUNS))
    return nouns[:140] + [f"{a} {b}" for a, b in zip(nouns[:60], reversed(nouns))]


class Post:
    """What a post is before its body is made: enough for another post to link to it."""

    def __init__(self, date, title, slug):
        self.date, self.title, self.slug = date, title, slug

    @property
    def address(self):
        return f"/{self.date:%Y/%m/%d}/{self.slug}/"

    def path(self, engine):
        if engine == "blades":
            # A folder is a section of its own there; the home page lists what stands in none.
            return f"content/{self.slug}.md"
        folder = "content/posts" if engine == "hugo" else "content"
        return f"{folder}/{self.date:%Y}/{self.slug}.md"


class Writer:
    """Writes bodies. Every post has a generator of its own, so that post 7 never depends on post 6."""

    def __init__(self, engine, code, seed):
        self.engine, self.code, self.seed = engine, code, seed
        self.words = vocabulary()
        # Zipf's law as a table: a uniform choice from it is a weighted choice from the words.
        weights = [1 / (rank + 2.7) for rank in range(len(self.words))]
        unit = 60_000 / sum(weights)
        self.table = [w for w, weight in zip(self.words, weights) for _ in range(max(1, round(weight * unit)))]
        self.plain = self.words[len(FUNCTION_WORDS):]
        self.tags = tag_names()
        self.tag_weights = list(itertools.accumulate(1 / (rank + 5) for rank in range(len(self.tags))))
        self.category_weights = list(itertools.accumulate(1 / (rank + 3) for rank in range(len(CATEGORIES))))

    def outline(self, count):
        """All posts, oldest first."""
        rng = random.Random(f"{self.seed} outline {count}")
        span = int((LAST - FIRST).total_seconds())
        seconds = sorted(rng.sample(range(span), count))
        posts, taken = [], set()
        for at in seconds:
            words = rng.choices(self.plain, k=rng.randrange(3, 7))
            if rng.random() < 0.5:
                words.insert(rng.randrange(1, len(words)), rng.choice(("of the", "and", "in a", "for", "on the")))
            title = " ".join(words).capitalize()
            slug = wanted = "-".join(" ".join(words).split())
            number = 2
            while slug in taken:
                slug, number = f"{wanted}-{number}", number + 1
            taken.add(slug)
            posts.append(Post(FIRST + datetime.timedelta(seconds=at), title, slug))
        return posts

    def internal_link(self, post, other):
        """The address to write in `post` for a link to `other`."""
        if self.engine != "backmatter":
            return other.address
        folder = "" if post.date.year == other.date.year else f"../{other.date.year}/"
        return f"{folder}{other.slug}.md"

    def phrase(self, rng, low, high):
        return " ".join(rng.choices(self.table, k=rng.randrange(low, high)))

    def outside(self, rng):
        """An address on another site."""
        site = rng.choice(self.plain)
        path = "-".join(rng.choices(self.plain, k=rng.randrange(2, 5)))
        return f"https://{site}.example.{rng.choice(('org', 'net'))}/{rng.randrange(2006, 2027)}/{path}"

    def sentence(self, rng, linked=None):
        """6 to 26 words, sometimes with marks. `linked` makes the address of an internal link."""
        words = rng.choices(self.table, k=rng.randrange(6, 27))
        if len(words) > 11:
            words[rng.randrange(3, 9)] += ","
        kind = rng.random()
        if kind < 0.25:
            at = rng.randrange(1, len(words) - 2)
            span = " ".join(words[at:at + 2]).rstrip(",")
            if kind < 0.06:
                span = f"[{span}]({self.outside(rng)})"
            elif kind < 0.085:
                span = f"[{span}]({linked()})" if linked else span
            elif kind < 0.14:
                span = f"*{span}*"
            elif kind < 0.16:
                span = f"**{span}**"
            elif kind < 0.17:
                span = f"`{span}`"
            elif kind < 0.20:
                span = f'"{span}"'
            elif kind < 0.22:
                span = f"— {span} —"
            elif kind < 0.235:
                span = f"{rng.choice(PEOPLE[0])}'s {span}"
            else:
                span = f"{span} {rng.randrange(2, 4000)}"
            words[at:at + 2] = [span]
        text = " ".join(words)
        text = text[0].upper() + text[1:]
        return text + (".", ".", ".", ".", ".", ".", ".", "?", "!", "…")[rng.randrange(10)]

    def paragraph(self, rng, low=3, high=7, linked=None):
        return " ".join(self.sentence(rng, linked) for _ in range(rng.randrange(low, high)))

    def report(self, rng, post):
        """An excerpted report: two to four paragraphs and the attribution."""
        paragraphs = [self.paragraph(rng, 1, 4) for _ in range(rng.randrange(2, 5))]
        if rng.random() < 0.5:
            paragraphs[-1] = "[…] " + paragraphs[-1]
        published = post.date - datetime.timedelta(days=rng.randrange(0, 20))
        source = (f"— {rng.choice(PEOPLE[0])}, [{self.phrase(rng, 4, 9).capitalize()}]({self.outside(rng)}), "
                  f"*The {rng.choice(PEOPLE[1])}*, {published:%Y-%m-%d}")
        return "\n>\n".join(f"> {paragraph}" for paragraph in [*paragraphs, source])

    def body(self, rng, post, linked):
        target = min(1800, max(150, round(math.exp(rng.gauss(math.log(620), 0.5)))))
        blocks = [self.paragraph(rng, linked=linked)]
        if rng.random() < 0.25:
            blocks.append(self.report(rng, post))
        words = sum(block.count(" ") + 1 for block in blocks)
        since_heading = words
        footnote = None
        while words < target:
            kind = rng.random()
            if since_heading > 170:
                level = "##" if rng.random() < 0.7 else "###"
                block, since_heading = f"{level} {self.phrase(rng, 2, 6).capitalize()}", 0
            elif kind < 0.08:
                mark = rng.choice(("-", "-", "1."))
                block = "\n".join(f"{mark} {self.phrase(rng, 3, 15)}" for _ in range(rng.randrange(3, 8)))
            elif kind < 0.085:
                rows = [f"| {self.phrase(rng, 1, 4)} | {rng.randrange(1, 9999)} |" for _ in range(rng.randrange(3, 7))]
                block = "\n".join(["| name | number |", "| --- | ---: |", *rows])
            else:
                block = self.paragraph(rng, linked=linked)
                if footnote is None and kind > 0.99:
                    block += "[^1]"
                    footnote = f"[^1]: {self.sentence(rng)}"
            blocks.append(block)
            count = block.count(" ") + 1
            words, since_heading = words + count, since_heading + count
        if rng.random() < self.code:
            for _ in range(rng.randrange(1, 4)):
                # Below the first paragraph, which the summary is made from.
                blocks.insert(rng.randrange(1, len(blocks) + 1), snippets.block(rng, self.plain[:900], self.table))
        if footnote:
            blocks.append(footnote)
        return "\n\n".join(blocks) + "\n"

    def text(self, posts, index):
        """The file of one post."""
        post = posts[index]
        rng = random.Random(f"{self.seed} {post.slug}")
        tags = []
        while len(tags) < 3:
            tag = self.tags[bisect.bisect(self.tag_weights, rng.random() * self.tag_weights[-1])]
            if tag not in tags:
                tags.append(tag)
        [category] = rng.choices(CATEGORIES, cum_weights=self.category_weights)
        updated = post.date + datetime.timedelta(hours=rng.randrange(1, 90)) if rng.random() < 0.1 else None
        summary = self.phrase(rng, 12, 25).capitalize() + "." if rng.random() < 0.3 else None

        def linked():
            # To an older post, and rather to a recent one.
            back = min(index, int(rng.expovariate(1 / 200)) + 1)
            return self.internal_link(post, posts[index - back])

        front = front_matter(self.engine, post, tags, category, min(updated, LAST) if updated else None, summary)
        return front + self.body(rng, post, linked if index else None)


def front_matter(engine, post, tags, category, updated=None, summary=None):
    """TOML front matter in the engine's own keys."""
    listed = ", ".join(json.dumps(tag) for tag in tags)
    lines = ["+++", f'title = "{post.title}"', f"date = {post.date:%Y-%m-%dT%H:%M:%SZ}"]
    if engine == "blades":
        return "\n".join([*lines, *blades_site.front_matter(post, listed, category, summary), "+++", "", ""])
    if updated:
        lines.append(f"{'lastmod' if engine == 'hugo' else 'updated'} = {updated:%Y-%m-%dT%H:%M:%SZ}")
    lines += [f"tags = [{listed}]", f'categories = ["{category}"]']
    if engine == "hugo":
        # Hugo has no date archives; terms of a taxonomy come nearest.
        lines.append(f'archives = ["{post.date:%Y}", "{post.date:%Y/%m}"]')
    if summary:
        lines.append(f'summary = "{summary}"')
    return "\n".join([*lines, "+++", "", ""])


def backmatter_files(highlight):
    """Every file of the site but its posts: (path, text)."""
    settings = ('title = "The Daily Bench"\nbase_url = "https://example.com"\nauthor = "Robin Bench"\n'
                'description = "Notes on the news, made for measuring"\n')
    yield "backmatter.toml", settings if highlight else settings + "\n[highlight]\nenabled = false\n"
    yield "content/pages/about.md", '+++\ntitle = "About"\n+++\nThis blog was made to be measured.\n'


def site_files(engine, highlight):
    if engine == "blades":
        return blades_site.files()
    return hugo_site.files(highlight) if engine == "hugo" else backmatter_files(highlight)


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="\n")


def generate(directory, count, engine="backmatter", code=0.2, seed=1, highlight=True, broken_links=0):
    writer = Writer(engine, code, seed)
    posts = writer.outline(count)
    for path, text in site_files(engine, highlight):
        write(directory / path, text)
    # One a post: in the old post that is edited, and then from the first post on.
    broken = set(sorted(range(count), key=lambda index: index != count // 3)[:broken_links])
    folders = set()
    for index, post in enumerate(posts):
        path = directory / post.path(engine)
        if path.parent not in folders:
            path.parent.mkdir(parents=True, exist_ok=True)
            folders.add(path.parent)
        with open(path, "w", encoding="utf-8", newline="\n") as file:
            file.write(writer.text(posts, index))
            if index in broken:
                file.write(f"\nSee [there](/2011/03/a-post-that-moved-{index}/).\n")
    # A post from the first third is far from every feed and from the first pages of the lists.
    old, newest = posts[count // 3], posts[-1]
    facts = {
        "engine": engine, "posts": count, "highlight": highlight,
        "old": {"path": old.path(engine), "address": old.address},
        "newest": {"path": newest.path(engine), "address": newest.address},
    }
    write(directory / "bench.json", json.dumps(facts, indent=2) + "\n")


def arguments():
    parser = argparse.ArgumentParser(description="Make a blog of N realistic posts to measure with.")
    parser.add_argument("directory", metavar="DIR", type=pathlib.Path, help="where the site goes; must be empty or new")
    parser.add_argument("--posts", type=int, required=True, metavar="N", help="how many posts (100 to 100000)")
    parser.add_argument("--engine", choices=("backmatter", "hugo", "blades"), default="backmatter")
    parser.add_argument("--code", type=float, default=0.2, metavar="SHARE", help="share of posts with code (0.2)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--highlight", action=argparse.BooleanOptionalAction, default=True,
                        help="whether the site's settings ask for highlighted code")
    parser.add_argument("--broken-links", type=int, default=0, metavar="N", help="links that lead nowhere, one a post (0)")
    options = parser.parse_args()
    if not 1 <= options.posts <= 1_000_000:
        parser.error("--posts: between 1 and 1000000")
    if options.directory.exists() and (not options.directory.is_dir() or any(options.directory.iterdir())):
        parser.error(f"{options.directory} is not an empty folder")
    return options


if __name__ == "__main__":
    given = arguments()
    generate(given.directory, given.posts, given.engine, given.code, given.seed, given.highlight,
             given.broken_links)
