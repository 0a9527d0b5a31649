"""Passages: what an author quotes in Markdown, and how a newspaper prints the same words."""

import html
import random
import re
import unicodedata
from dataclasses import dataclass, field

from texts import LANGUAGES


@dataclass
class Passage:
    """A quotation, and the page that it is from."""

    name: str
    language: str
    hard: bool
    # Markdown lines of the quoted words.
    quoted: list
    # HTML of the place in the page, to which a browser has to scroll.
    printed: str
    # HTML above the article's text.
    standfirst: str = ""
    style: str = ""


@dataclass
class Language:
    """The sentences of a language, and how it is set."""

    code: str
    marks: str
    dash: str
    sentences: list
    filler: list
    unspaced: bool = False
    space: str = field(init=False)

    def __post_init__(self):
        self.space = "" if self.unspaced else " "

    def speech(self, opening, closing):
        """The fourth sentence with marks of quotation."""
        before, spoken, after = self.sentences[3]
        comma = "" if self.unspaced or self.code in ("th", "my") else ","
        return f"{before}{opening}{spoken}{closing}{comma}{after}".strip()

    def printed_speech(self):
        half = len(self.marks) // 2
        return self.speech(self.marks[:half], self.marks[half:])

    def typed_speech(self):
        return self.printed_speech() if self.unspaced else self.speech('"', '"')

    def join(self, *sentences):
        return self.space.join(sentence.strip() for sentence in sentences)

    def words(self, sentence):
        return list(sentence.strip()) if self.unspaced else sentence.split()

    def some(self, sentence, first, last):
        """A part of a sentence, by words or, in a script without spaces, by clauses."""
        if self.unspaced:
            clauses = [clause for clause in re.split("(?<=[，、。])", sentence) if clause]
            return clauses[min(1, len(clauses) - 1)].rstrip("，、。")
        words = sentence.split()
        # Thai has spaces between clauses only.
        return " ".join(words[first:last] if len(words) > 9 else words)


def escaped(text):
    return html.escape(text, quote=False)


def paragraph(*texts):
    return "".join(f"<p>{escaped(text)}</p>" for text in texts)


def typical(lang):
    one, two, three, _, five = lang.sentences
    whole = lang.join(one, two, three, lang.printed_speech(), five)
    article = paragraph(whole)
    yield "sentence", [lang.sentences[0].strip()], article
    yield "two sentences", [lang.join(two, three)], article
    yield "beginning of a sentence", [lang.some(one, 0, 7)], article
    yield "within a sentence", [lang.some(three, 2, 9)], article
    yield "end of a sentence", [lang.some(five, -8, None)], article
    yield "speech", [lang.typed_speech()], article
    yield "speech within more", [lang.join(two, lang.typed_speech(), five)], article
    yield "paragraphs", [one.strip(), "", lang.join(two, three)], (
        f"{paragraph(one)}<aside class='ad'>Harbour Fair, Saturday</aside>{paragraph(lang.join(two, three))}"
    )
    yield "left out", [f"{one.strip()} […] {five.strip()}"], article
    # Links and emphasis of the page's own.
    marked = escaped(two).strip()
    middle = lang.words(two)[2:4]
    target = escaped(lang.space.join(middle))
    marked = marked.replace(target, f"<a href='#'><em>{target}</em></a>", 1)
    yield "link in the page", [lang.join(one, two)], f"<p>{escaped(one)}{lang.space}{marked}</p>"


def hard(lang):
    one, two, three, _, five = (text if isinstance(text, tuple) else text.strip() for text in lang.sentences)
    before, spoken, after = lang.sentences[3]
    yield "footnote mark", [lang.join(two, three)], (
        f"<p>{escaped(two)}<sup>1</sup>{lang.space}{escaped(three)}</p>"
    )
    words = lang.words(three)
    at = 3 if not lang.unspaced else 0
    if not lang.unspaced:
        inline = " ".join(
            f"<span style='display:inline-block'>{escaped(word)}</span>" if number == at else escaped(word)
            for number, word in enumerate(words)
        )
        yield "inline block", [lang.join(three, five)], f"<p>{inline} {escaped(five)}</p>"
    if lang.code in ("en", "de", "fr", "es", "sv", "pl", "ru"):
        yield "drop cap", [lang.join(one, two)], (
            f"<p><span style='float:left;font-size:3em;line-height:1'>{one[0]}</span>{escaped(one[1:])} {escaped(two)}</p>"
        )
        yield "drop cap of a sentence", [one], (
            f"<p><span style='float:left;font-size:3em;line-height:1'>{one[0]}</span>{escaped(one[1:])} {escaped(two)}</p>"
        )
        yield "letter in brackets", [f"[{five[0]}]{five[1:]}"], paragraph(lang.join(three, five))
        yield "dash", [f"{lang.some(one, 0, 4)} -- {lang.some(two, 0, 4)} -- {lang.some(three, 0, 6)}"], paragraph(
            f"{lang.some(one, 0, 4)} {lang.dash} {lang.some(two, 0, 4)} {lang.dash} {lang.some(three, 0, 6)}"
        )
        yield "closed dash", [f"{lang.some(one, 0, 5)} -- {lang.some(two, 0, 5)}"], paragraph(
            f"{lang.some(one, 0, 5)}—{lang.some(two, 0, 5)}"
        )
        yield "verse", [f"{lang.some(one, 0, 4)}\\", f"{lang.some(two, 0, 4)}\\", lang.some(three, 0, 4)], (
            f"<p>{escaped(lang.some(one, 0, 4))}<br>{escaped(lang.some(two, 0, 4))}<br>{escaped(lang.some(three, 0, 4))}</p>"
        )
        number = f"{lang.some(three, 0, 3)} 12 500 {lang.some(two, 0, 3)} 10 km {lang.some(one, 0, 5)}"
        yield "narrow spaces in numbers", [number], paragraph(
            number.replace("12 500", "12\u202f500").replace("10 km", "10\u202fkm")
        )
        yield "insertion", [f"{lang.some(one, 0, 5)} [the old one] {lang.some(one, 5, None)}"], paragraph(lang.join(one, two))
        yield "uppercase lead-in", [lang.join(one, two)], (
            f"<p><span style='text-transform:uppercase'>{escaped(lang.some(one, 0, 3))}</span>"
            f" {escaped(lang.some(one, 3, None))} {escaped(two)}</p>"
        )
        yield "guillemets for straight marks", [f'"{spoken}"'], paragraph(f"{before}»{spoken}«,{after}")
        yield "spaced marks", [f"{lang.some(one, 0, 4)} : {lang.some(two, 0, 5)} ! {lang.some(three, 0, 5)} ?"], paragraph(
            f"{lang.some(one, 0, 4)}\u202f: {lang.some(two, 0, 5)}\u202f! {lang.some(three, 0, 5)}\u202f?"
        )
    dots = "……" if lang.unspaced else "..."
    yield "dots", [f"{lang.some(one, 0, 6)}{dots} {lang.some(two, 0, 6)}"], paragraph(
        f"{lang.some(one, 0, 6)}…{lang.space}{lang.some(two, 0, 6)}"
    )
    yield "round brackets for what is left out", [f"{one} (…) {three}"], paragraph(lang.join(one, two, three))
    yield "list", [f"- {lang.some(one, 0, 7)}", f"- {lang.some(two, 0, 7)}", f"- {lang.some(three, 0, 7)}"], (
        "<ul>" + "".join(f"<li>{escaped(lang.some(text, 0, 7))}</li>" for text in (one, two, three)) + "</ul>"
    )
    yield "picture in the paragraph", [lang.join(two, three)], (
        f"<p>{escaped(two)}{lang.space}<img alt='' width=120 height=20 src='data:image/gif;base64,R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw=='>"
        f"{lang.space}{escaped(three)}</p>"
    )
    yield "decomposed letters in the page", [lang.join(two, five)], paragraph(unicodedata.normalize("NFD", lang.join(two, five)))
    hyphenated = re.sub(r"([a-z]{4})(?=[a-z]{3})", "\\1&shy;", escaped(one), count=3)
    yield "soft hyphens", [one], f"<p>{hyphenated}</p>"


def passages():
    """All passages, in an order that does not change."""
    made = []
    for code, data in LANGUAGES.items():
        lang = Language(code=code, **data)
        made += [Passage(f"{code}: {name}", code, False, quoted, printed) for name, quoted, printed in typical(lang)]
        for name, quoted, printed in hard(lang):
            made.append(Passage(f"{code}: {name}", code, True, quoted, printed))
        one, two = lang.sentences[0].strip(), lang.sentences[1].strip()
        # A standfirst that begins as the text does.
        again = lang.some(one, 0, 5) if not lang.unspaced else one[: len(one) // 3]
        made.append(
            Passage(
                f"{code}: standfirst begins alike", code, True, [lang.join(one, two)], paragraph(lang.join(one, two)),
                standfirst=f"<p class='standfirst'>{escaped(again)}{lang.space}{escaped(lang.filler[3].strip())}</p>",
            )
        )
    return made


def page(passage, seed):
    """A news-like page with the passage amid other text."""
    filler = LANGUAGES[passage.language]["filler"]
    dice = random.Random(seed)

    def others(count):
        texts = []
        for _ in range(count):
            chosen = dice.sample(filler, 5)
            texts.append(paragraph(("" if passage.language in ("ja", "zh") else " ").join(text.strip() for text in chosen)))
        return "".join(texts)

    return f"""<!doctype html><html lang="{passage.language}" dir="{'rtl' if passage.language == 'ar' else 'ltr'}">
<meta charset="utf-8"><title>{escaped(passage.name)}</title>
<style>body {{ max-width: 40em; margin: auto; font: 18px/1.6 serif }} h1 {{ margin: 3em 0 }} p {{ margin: 1em 0 }}
.figure {{ height: 300px; background: #ddd }} ::target-text {{ background: lime }} {passage.style}</style>
<header><nav><a href="#">Home</a> <a href="#">News</a></nav></header><main><article><h1>{escaped(filler[0].strip())}</h1>{passage.standfirst}
<div class="figure"></div>{others(14)}<div id="passage">{passage.printed}</div>{others(14)}</article></main><footer>{others(2)}</footer></html>"""
