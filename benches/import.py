#!/usr/bin/env python3
"""How long an import takes, and how much memory: a blog of imaginary posts as an export of WordPress.

    cargo build --release
    python3 benches/import.py --posts 10000
    python3 benches/import.py --posts 10000 --others    # beside pelican-import and wordpress-export-to-markdown

`--size` is the length of a post; with 5000 bytes 10,000 posts are about 60 MB. The other programs are taken from the path;
one that is not there is left out.
"""

import argparse
import os
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile
import time

WORDS = "lamp ledger wick harbour oil brass page shelf clerk tide quay rope net stair light window paper ink road".split()


def text(rng, words):
    return " ".join(rng.choice(WORDS) for _ in range(words))


def content(rng, size):
    parts = []
    while sum(map(len, parts)) < size:
        parts.append(f"{text(rng, 40).capitalize()}, <em>{text(rng, 2)}</em> and <a href=\"https://e.example/{rng.randrange(999)}\">{text(rng, 2)}</a>.\n{text(rng, 20)}.")
        if rng.random() < 0.1:
            parts.append(f"<ul>\n<li>{text(rng, 6)}</li>\n<li>{text(rng, 6)}</li>\n</ul>")
        if rng.random() < 0.1:
            parts.append(f"<blockquote>{text(rng, 30)}.\n<cite>Ida Quill</cite></blockquote>")
    return "\n\n".join(parts)


def write_export(path, posts, size):
    rng = random.Random(7)
    with open(path, "w", encoding="utf-8") as out:
        out.write('<?xml version="1.0" encoding="UTF-8" ?>\n<rss version="2.0" xmlns:excerpt="http://wordpress.org/export/1.2/excerpt/" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:wp="http://wordpress.org/export/1.2/">\n<channel>\n<title>Bench</title><link>https://bench.example</link><description></description><language>en</language><wp:wxr_version>1.2</wp:wxr_version><wp:base_site_url>https://bench.example</wp:base_site_url><wp:base_blog_url>https://bench.example</wp:base_blog_url>\n')
        out.write('<wp:author><wp:author_id>1</wp:author_id><wp:author_login><![CDATA[ida]]></wp:author_login><wp:author_email><![CDATA[]]></wp:author_email><wp:author_display_name><![CDATA[Ida]]></wp:author_display_name><wp:author_first_name><![CDATA[]]></wp:author_first_name><wp:author_last_name><![CDATA[]]></wp:author_last_name></wp:author>\n')
        for number in range(1, posts + 1):
            year, month, day = 2004 + number % 20, 1 + number % 12, 1 + number % 28
            date = f"{year}-{month:02}-{day:02} 10:00:00"
            slug = f"post-{number}"
            out.write(f"<item><title><![CDATA[{text(rng, 4)}]]></title><link>https://bench.example/{year}/{month:02}/{day:02}/{slug}/</link><pubDate>Mon, 01 Jan {year} 10:00:00 +0000</pubDate><dc:creator><![CDATA[ida]]></dc:creator><guid isPermaLink=\"false\">https://bench.example/?p={number}</guid><description></description><content:encoded><![CDATA[{content(rng, size)}]]></content:encoded><excerpt:encoded><![CDATA[]]></excerpt:encoded><wp:post_id>{number}</wp:post_id><wp:post_date><![CDATA[{date}]]></wp:post_date><wp:post_date_gmt><![CDATA[{date}]]></wp:post_date_gmt><wp:comment_status><![CDATA[open]]></wp:comment_status><wp:ping_status><![CDATA[open]]></wp:ping_status><wp:post_name><![CDATA[{slug}]]></wp:post_name><wp:status><![CDATA[publish]]></wp:status><wp:post_parent>0</wp:post_parent><wp:menu_order>0</wp:menu_order><wp:post_type><![CDATA[post]]></wp:post_type><wp:post_password><![CDATA[]]></wp:post_password><wp:is_sticky>0</wp:is_sticky><category domain=\"category\" nicename=\"lamps\"><![CDATA[Lamps]]></category>")
            for comment in range(number % 3):
                out.write(f"<wp:comment><wp:comment_id>{number * 10 + comment}</wp:comment_id><wp:comment_author><![CDATA[Bo]]></wp:comment_author><wp:comment_author_url></wp:comment_author_url><wp:comment_date><![CDATA[{date}]]></wp:comment_date><wp:comment_date_gmt><![CDATA[{date}]]></wp:comment_date_gmt><wp:comment_content><![CDATA[{text(rng, 30)}.]]></wp:comment_content><wp:comment_approved><![CDATA[1]]></wp:comment_approved><wp:comment_type><![CDATA[comment]]></wp:comment_type><wp:comment_parent>0</wp:comment_parent><wp:comment_user_id>0</wp:comment_user_id></wp:comment>")
            out.write("</item>\n")
        out.write("</channel>\n</rss>\n")


def measure(name, command, cwd):
    start = time.monotonic()
    process = subprocess.Popen(command, cwd=cwd, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.monotonic() - start
    peak = usage.ru_maxrss / 1024
    used = usage.ru_utime + usage.ru_stime
    print(f"{name:32} {seconds:8.2f} s {used:8.2f} s of processors {peak:8.0f} MiB" + ("" if status == 0 else f"   status {status}"))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--posts", type=int, default=10000)
    parser.add_argument("--size", type=int, default=5000, help="bytes of a post's text")
    parser.add_argument("--others", action="store_true")
    parser.add_argument("--program", default="target/release/backmatter")
    arguments = parser.parse_args()
    program = str(pathlib.Path(arguments.program).resolve())
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        export = folder / "export.xml"
        write_export(export, arguments.posts, arguments.size)
        print(f"{arguments.posts} posts, {export.stat().st_size / 1e6:.0f} MB")
        measure("backmatter import", [program, "import", "wordpress", str(export), "--into", str(folder / "site")], folder)
        if arguments.others:
            others = {
                "pelican-import": ["pelican-import", "--wpfile", "-m", "markdown", "-o", str(folder / "pelican"), str(export)],
                "wordpress-export-to-markdown": ["wordpress-export-to-markdown", "--wizard=false", f"--input={export}", f"--output={folder / 'lk'}", "--save-attached-images=false", "--save-scraped-images=false"],
            }
            for name, command in others.items():
                if shutil.which(command[0]):
                    measure(name, command, folder)
                else:
                    print(f"{name:32} is not on the path")


if __name__ == "__main__":
    sys.exit(main())
