"""Fills a copy of the fixture site with so many short posts that every kind of list has several pages."""

import datetime
import pathlib
import sys

folder = pathlib.Path(sys.argv[1]) / "content" / "2025" / "many"
folder.mkdir(parents=True, exist_ok=True)
first = datetime.date(2025, 3, 1)
for number in range(60):
    day = first + datetime.timedelta(days=number * 3 - number % 2)
    (folder / f"{day}-number-{number}.md").write_text(
        f"""+++
title = "Number {number}"
date = {day}
lang = "en"
tags = ["many", "tag {number % 7}"]
categories = ["Counting"]
series = "Numbers"
+++

The words of post number {number}, and a report:

> The number of the day is {number}.
>
> — Jane Doe, [Number {number}](https://post.example/{number}), *The Example Post*, {day}
"""
    )
