//! Attributions in the forms that people write them: what is printed, what is marked, what is known.

use crate::html;
use crate::post::Post;
use crate::post::markdown::tests::parsed_in;

/// Settings of a site in a language.
fn settings(language: &str) -> String {
    format!("base_url = \"https://example.com\"\nlanguage = \"{language}\"")
}

/// A post that holds one quote with an attribution, in a language.
fn quoted_in(language: &str, attribution: &str) -> (Post, String, Vec<String>) {
    parsed_in(&settings(language), "", &format!("> Words here.\n>\n> {attribution}\n"))
}

/// The captions of a text, without their links to themselves and the marks of line breaks.
fn captions(html: &str) -> Vec<String> {
    let figures = html.split("<figcaption>").skip(1);
    figures
        .filter_map(|figure| figure.split(" <a class=\"quote-permalink\"").next())
        .map(without_breaks)
        .collect()
}

/// A caption as if it had no breaks around its headline.
pub(in crate::post::markdown) fn without_breaks(caption: &str) -> String {
    let mut parts = caption.split("<span class=\"quote-break\">");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| text + &part.replacen("</span>", "", 1))
}

/// What is known of the source of the last quote, in short.
fn known(post: &Post) -> String {
    let Some(quote) = post.quotes.last() else { return "no quote".to_owned() };
    let source = &quote.source;
    let mut parts = Vec::new();
    for (key, value) in [
        ("by", source.authors.join(" + ")),
        ("title", source.title.clone()),
        ("url", source.url.clone()),
        ("in", source.publication.clone()),
        ("on", source.published.clone()),
        ("accessed", source.accessed.clone()),
        ("archive", source.archive.clone()),
        ("via", source.via.as_ref().map(|via| via.text.clone()).unwrap_or_default()),
        ("also", source.further.iter().map(|report| report.title.as_str()).collect::<Vec<_>>().join(" + ")),
        ("lang", source.language.clone()),
    ] {
        if !value.is_empty() {
            parts.push(format!("{key}={value}"));
        }
    }
    parts.join("; ")
}

/// The words of some HTML, but for dates in figures, which are printed in the form of the page.
fn words(html: &str) -> Vec<String> {
    let mut text = String::new();
    for (number, part) in html.split("<time").enumerate() {
        let behind = part.split_once("</time>").map_or(part, |(time, behind)| {
            let written = time.split_once('>').map_or("", |(_, written)| written);
            text.push_str(if written.starts_with('⟨') { " " } else { written });
            behind
        });
        text.push_str(if number == 0 { part } else { behind });
    }
    let text = html::plain_text(&text.replace("</sup>", "</sup> "));
    let words = text
        .split(|c: char| c.is_whitespace() || "—–―-~.,:;()/，、《》".contains(c))
        .filter(|word| !word.is_empty());
    words.filter(|word| !word.starts_with(|c: char| c.is_ascii_digit())).map(str::to_owned).collect()
}

/// The addresses of the links of some HTML, without text fragments.
fn addresses(html: &str) -> Vec<&str> {
    let links = html.split("href=\"").skip(1);
    links
        .filter_map(|link| link.split(['"']).next())
        .map(|url| url.split("#:~:").next().unwrap_or(url))
        .collect()
}

/// Every word and link of a line is in its caption, in order.
#[track_caller]
fn is_printed_whole(line: &str, caption: &str, paragraph: &str) {
    assert_eq!(words(caption), words(paragraph), "{line}");
    assert_eq!(addresses(caption), addresses(paragraph), "{line}");
}

const TABLE: &[(&str, &str, &str)] = &[
    ("en", "— Jane Doe", "by=Jane Doe"),
    (
        "en",
        "— Doe, Jane. “[H](https://u.example/1).” *The Daily Paper*, 4 Mar. 2026.",
        "by=Doe, Jane; title=H; url=https://u.example/1; in=The Daily Paper; on=2026-03-04",
    ),
    (
        "en",
        "— [H](https://u.example/1) written for *The Paper*, 4 March 2026",
        "title=H; url=https://u.example/1; in=The Paper; on=2026-03-04",
    ),
    ("en", "— Doe, Jane M., [H](https://u.example/1)", "by=Doe, Jane M.; title=H; url=https://u.example/1"),
    (
        "de",
        "— Muster, Eva (2026): [H](https://u.example/1). In: *Die Zeitung*, 04.03.2026.",
        "by=Muster, Eva; title=H; url=https://u.example/1; in=Die Zeitung; on=2026-03-04",
    ),
    (
        "en",
        "— Doe, J., & Roe, J. (2024, March 4). [H](https://u.example/1). *The Daily Paper*.",
        "by=Doe, J. + Roe, J.; title=H; url=https://u.example/1; in=The Daily Paper; on=2024-03-04",
    ),
    (
        "en",
        "— Jane Doe, [H](https://u.example/1) [h/t John Roe](https://r.example/)",
        "by=Jane Doe; title=H; url=https://u.example/1; via=h/t John Roe",
    ),
    (
        "en",
        "— Jane Doe, [H](https://u.example/1), The Daily Paper 4 March 2026",
        "by=Jane Doe; title=H; url=https://u.example/1; in=The Daily Paper; on=2026-03-04",
    ),
    (
        "en",
        "— Jane Doe, [H](https://u.example/1), Sunday Times, 4 March 2026",
        "by=Jane Doe; title=H; url=https://u.example/1; in=Sunday Times; on=2026-03-04",
    ),
    (
        "en",
        "— Jane Doe, [H](https://u.example/1), 4 March 2026, Sunday Times",
        "by=Jane Doe; title=H; url=https://u.example/1; in=Sunday Times; on=2026-03-04",
    ),
    (
        "fr",
        "— [H](https://u.example/1), par Jeanne Dupont et Jean d’Arc, dans *Le Journal* du 4 mars 2026",
        "by=Jeanne Dupont + Jean d’Arc; title=H; url=https://u.example/1; in=Le Journal; on=2026-03-04",
    ),
    (
        "de",
        "— Quelle: [H](https://u.example/1), Stand: März 2026",
        "title=H; url=https://u.example/1; on=2026-03",
    ),
    (
        "fi",
        "— Matti Meikäläinen, [H](https://u.example/1), Lehti 4.3.2026 klo 10.32",
        "by=Matti Meikäläinen; title=H; url=https://u.example/1; in=Lehti; on=2026-03-04",
    ),
    (
        "fa",
        "— مریم احمدی، [H](https://u.example/1)، روزنامه، ۱۳ اسفند ۱۴۰۴",
        "by=مریم احمدی; title=H; url=https://u.example/1; in=روزنامه; on=2026-03-04",
    ),
    (
        "en",
        "— Jane, **[Bold headline](https://p.example/x)**, *P*, 2026-03-04",
        "by=Jane; title=Bold headline; url=https://p.example/x; in=P; on=2026-03-04",
    ),
    (
        "en",
        "— Jane, ***[Very bold](https://p.example/x)***, *P*",
        "by=Jane; title=Very bold; url=https://p.example/x; in=P",
    ),
    (
        "en",
        "— Jane, [H](https://u.example/1), [P](https://u.example/2), [Photo](https://u.example/3) and [Video](https://u.example/4), 2026",
        "by=Jane; title=H; url=https://u.example/1; in=P; on=2026",
    ),
    ("en", "— ![logo](logo.png) Jane, [H](https://u.example/1)", "by=Jane; title=H; url=https://u.example/1"),
    ("en", "— [Head `code`](https://u.example/1)", "title=Head code; url=https://u.example/1"),
    (
        "en",
        "— Jane Doe, <a href=\"https://p.example/x\">Headline</a>, *P*",
        "by=Jane Doe; title=Headline; url=https://p.example/x; in=P",
    ),
    (
        "de",
        "— Eva, [Titel](https://u.example/1), *Die Zeitung*, 4. März 2026",
        "by=Eva; title=Titel; url=https://u.example/1; in=Die Zeitung; on=2026-03-04",
    ),
    (
        "de",
        "— Eva, [Titel](https://u.example/1), *Die Zeitung*, 04.03.2026",
        "by=Eva; title=Titel; url=https://u.example/1; in=Die Zeitung; on=2026-03-04",
    ),
    (
        "fr",
        "— Eva, [Titre](https://u.example/1), *Le Journal*, 4 mars 2026",
        "by=Eva; title=Titre; url=https://u.example/1; in=Le Journal; on=2026-03-04",
    ),
    (
        "en",
        "— Eva, [T](https://u.example/1), *P*, March 4, 2026.",
        "by=Eva; title=T; url=https://u.example/1; in=P; on=2026-03-04",
    ),
    (
        "en",
        "— Eva, [T](https://u.example/1), *P*, Thursday, March 4, 2026",
        "by=Eva; title=T; url=https://u.example/1; in=P; on=2026-03-04",
    ),
    (
        "en",
        "— Eva, [T](https://u.example/1), *P*, in 2026",
        "by=Eva; title=T; url=https://u.example/1; in=P; on=2026",
    ),
    (
        "en",
        "— Eva, [T](https://u.example/1), *P*, 4–5 March 2026",
        "by=Eva; title=T; url=https://u.example/1; in=P; on=2026-03-04",
    ),
    (
        "en",
        "— Eva, [T](https://u.example/1), *P*, 4 March 2026, updated 5 March 2026",
        "by=Eva; title=T; url=https://u.example/1; in=P; on=2026-03-04",
    ),
    (
        "en",
        "— Eva, [T](https://u.example/1), *P* (2026-03-04)",
        "by=Eva; title=T; url=https://u.example/1; in=P; on=2026-03-04",
    ),
    (
        "en",
        "— Eva, [T](https://u.example/1), *P*, 2026-03-04T10:00:00Z",
        "by=Eva; title=T; url=https://u.example/1; in=P; on=2026-03-04T10:00:00Z",
    ),
    (
        "en",
        "— Jane, \"[H](https://u.example/1)\", *P*, 2026",
        "by=Jane; title=H; url=https://u.example/1; in=P; on=2026",
    ),
    (
        "en",
        "— [H](https://u.example/1) – *P* – 2026-03-04",
        "title=H; url=https://u.example/1; in=P; on=2026-03-04",
    ),
    (
        "en",
        "— [H](https://u.example/1) - *P* - 2026-03-04",
        "title=H; url=https://u.example/1; in=P; on=2026-03-04",
    ),
    (
        "en",
        "— Jane, [H](https://u.example/1) for *The Weekly*, published on March 4, 2026",
        "by=Jane; title=H; url=https://u.example/1; in=The Weekly; on=2026-03-04",
    ),
    (
        "en",
        "— Reuters, 15 December 2016: [H](https://u.example/1)",
        "by=Reuters; title=H; url=https://u.example/1; on=2016-12-15",
    ),
    ("en", "— Source: [H](https://u.example/1)", "title=H; url=https://u.example/1"),
    (
        "en",
        "— Jane Doe, \"A headline in print\", *P*, 4 March 2026, p. 7",
        "by=Jane Doe; title=A headline in print; in=P; on=2026-03-04",
    ),
    (
        "en",
        "— Jane Doe, https://paper.example/x, 2026-03-04",
        "by=Jane Doe; title=https://paper.example/x; url=https://paper.example/x; on=2026-03-04",
    ),
    (
        "en",
        "— [Jane Doe](https://jane.example/), [The headline](https://paper.example/x), [The Paper](https://paper.example/), 2026-03-04",
        "by=Jane Doe; title=The headline; url=https://paper.example/x; in=The Paper; on=2026-03-04",
    ),
    (
        "en",
        "— [Jane Doe](https://paper.example/jane-doe), [The headline](https://paper.example/x), [The Paper](https://paper.example/news), 2026-03-04",
        "by=Jane Doe; title=The headline; url=https://paper.example/x; in=The Paper; on=2026-03-04",
    ),
    (
        "en",
        "— [The Paper](https://paper.example/): [H](https://paper.example/x), 2026",
        "title=H; url=https://paper.example/x; in=The Paper; on=2026",
    ),
    (
        "en",
        "— [H](https://paper.example/x), [The Paper](https://paper.example/)",
        "title=H; url=https://paper.example/x; in=The Paper",
    ),
    (
        "en",
        "— [Jane](https://social.example/@jane), [H](https://paper.example/x)",
        "by=Jane; title=H; url=https://paper.example/x",
    ),
    (
        "en",
        "— [H](https://paper.example/x) by [Jane](https://paper.example/authors/jane), [The Paper](https://paper.example)",
        "by=Jane; title=H; url=https://paper.example/x; in=The Paper",
    ),
    (
        "en",
        "— [Jane](https://jane.example/) and [John](https://john.example), [H](https://u.example/1/x)",
        "by=Jane + John; title=H; url=https://u.example/1/x",
    ),
    (
        "en",
        "— Jane Doe, [H1](https://a.example/1) and [H2](https://b.example/2), *P*, 2026",
        "by=Jane Doe; title=H1; url=https://a.example/1; in=P; on=2026; also=H2",
    ),
    ("en", "— Jane Doe, <cite>The Paper</cite>, 2026-03-04", "by=Jane Doe; in=The Paper; on=2026-03-04"),
    (
        "en",
        "— Jane Doe and John Roe, [H](https://u.example/1)",
        "by=Jane Doe + John Roe; title=H; url=https://u.example/1",
    ),
    (
        "en",
        "— Jane Doe, John Roe & Ann Poe, [H](https://u.example/1), *P*",
        "by=Jane Doe + John Roe + Ann Poe; title=H; url=https://u.example/1; in=P",
    ),
    (
        "en",
        "— [H](https://u.example/1), The Example, 4 Mar. 2026 (emphasis mine) ([archived](https://archive.example/1))",
        "title=H; url=https://u.example/1; in=The Example; on=2026-03-04; archive=https://archive.example/1",
    ),
    (
        "en",
        "— Jane Doe, [H](https://u.example/1), *The Example*, 2026-03-04 (via [X](https://x.example/))",
        "by=Jane Doe; title=H; url=https://u.example/1; in=The Example; on=2026-03-04; via=X",
    ),
    (
        "en",
        "— [H](https://u.example/1), via [Ann](https://ann.example/)",
        "title=H; url=https://u.example/1; via=Ann",
    ),
    ("en", "— *The Example*, March 2026 (via Ann)", "in=The Example; on=2026-03; via=Ann"),
    ("en", "— By Jane Doe in *The Example*", "by=Jane Doe; in=The Example"),
    (
        "en",
        "— Jane Doe (Reuters), [H](https://u.example/1) (The Example, 4 March 2026)",
        "by=Jane Doe; title=H; url=https://u.example/1; in=The Example; on=2026-03-04",
    ),
    ("en", "— Jane Doe, The Example, 2026", "by=Jane Doe; in=The Example; on=2026"),
    (
        "en",
        "— Jane Doe et al., [H](https://u.example/1), *Journal*, vol. 3, no. 2 (2026), pp. 7–9",
        "by=Jane Doe; title=H; url=https://u.example/1; in=Journal; on=2026",
    ),
    (
        "en",
        "— Jane Doe: [H](https://u.example/1). *The Example*. March 4, 2026.",
        "by=Jane Doe; title=H; url=https://u.example/1; in=The Example; on=2026-03-04",
    ),
    (
        "en",
        "— Jane Doe | [H](https://u.example/1) | The Example | 4 March 2026",
        "by=Jane Doe; title=H; url=https://u.example/1; in=The Example; on=2026-03-04",
    ),
    (
        "en",
        "— [H](https://u.example/1) (PDF), The Example, accessed 10 March 2026",
        "title=H; url=https://u.example/1; in=The Example; accessed=2026-03-10",
    ),
    (
        "en",
        "— Jane Doe, quoted in [H](https://u.example/1), *P*",
        "by=Jane Doe; title=H; url=https://u.example/1; in=P",
    ),
    ("en", "— J. R. Doe Jr., [H](https://u.example/1)", "by=J. R. Doe Jr.; title=H; url=https://u.example/1"),
    (
        "en",
        "— Jane O’Brien, ‘[H](https://u.example/1)’, *P*",
        "by=Jane O’Brien; title=H; url=https://u.example/1; in=P",
    ),
    (
        "en",
        "— Jane \"JD\" Doe, [H](https://u.example/1)",
        "by=Jane “JD” Doe; title=H; url=https://u.example/1",
    ),
    (
        "en",
        "— Expo 2026 Report, [H](https://u.example/1), 2025",
        "by=Expo 2026 Report; title=H; url=https://u.example/1; on=2025",
    ),
    (
        "en",
        "— *Jane Doe*, [H](https://u.example/1), *P*",
        "by=Jane Doe; title=H; url=https://u.example/1; in=P",
    ),
    ("en", "*— Jane Doe, [H](https://u.example/1)*", "by=Jane Doe; title=H; url=https://u.example/1"),
    (
        "en",
        "— [*Headline in italics*](https://u.example/1), [*The Paper*](https://paper.example/), 2026",
        "title=Headline in italics; url=https://u.example/1; in=The Paper; on=2026",
    ),
    (
        "en",
        "— [H](https://u.example/1), heise online, 2026-03-04",
        "title=H; url=https://u.example/1; in=heise online; on=2026-03-04",
    ),
    (
        "de",
        "— Von Anna Schmidt in [Titel](https://u.example/1), Die Zeitung vom 4. März 2026",
        "by=Anna Schmidt; title=Titel; url=https://u.example/1; in=Die Zeitung; on=2026-03-04",
    ),
    (
        "de",
        "— Quelle: Anna Schmidt, „[Titel](https://u.example/1)“, in: *Die Zeitung*, Nr. 12/2026, S. 7",
        "by=Anna Schmidt; title=Titel; url=https://u.example/1; in=Die Zeitung",
    ),
    (
        "sv",
        "— Anna Ek, ”Rubriken”, *Bladet*, den 4 mars 2026",
        "by=Anna Ek; title=Rubriken; in=Bladet; on=2026-03-04",
    ),
    (
        "sv",
        "— Anna Ek i [Rubrik](https://u.example/1), Bladet, 2026-03-04",
        "by=Anna Ek; title=Rubrik; url=https://u.example/1; in=Bladet; on=2026-03-04",
    ),
    (
        "es",
        "— Ana Ruiz y Juan Gil, [Titular](https://u.example/1), *El Ejemplo*, 4 de marzo de 2026",
        "by=Ana Ruiz + Juan Gil; title=Titular; url=https://u.example/1; in=El Ejemplo; on=2026-03-04",
    ),
    (
        "es",
        "— Fuente: [Titular](https://u.example/1), El Ejemplo, 4/3/2026",
        "title=Titular; url=https://u.example/1; in=El Ejemplo; on=2026-03-04",
    ),
    (
        "fr",
        "— Anne Roy, « [Titre](https://u.example/1) », *Le Journal*, le 4 mars 2026",
        "by=Anne Roy; title=Titre; url=https://u.example/1; in=Le Journal; on=2026-03-04",
    ),
    (
        "fr",
        "— Par Anne Roy, [Titre](https://u.example/1), dans *Le Journal*, mis à jour le 4 mars 2026",
        "by=Anne Roy; title=Titre; url=https://u.example/1; in=Le Journal",
    ),
    (
        "zh",
        "—— 张三、李四，《标题》，[报纸](https://paper.example/x)，2026年3月4日",
        "by=张三 + 李四; title=标题; url=https://paper.example/x; in=报纸; on=2026-03-04",
    ),
    (
        "ar",
        "— مريم مثال، [إغلاق المكتبة](https://e.example/x)، *الصحيفة*، ٤ مارس ٢٠٢٦",
        "by=مريم مثال; title=إغلاق المكتبة; url=https://e.example/x; in=الصحيفة; on=2026-03-04",
    ),
    (
        "ru",
        "— Анна Белова, [Заголовок](https://e.example/x), *Газета*, 4 марта 2026 г.",
        "by=Анна Белова; title=Заголовок; url=https://e.example/x; in=Газета; on=2026-03-04",
    ),
    (
        "en",
        "— the editors of The Example, in a [leading article](https://u.example/1), 4th March 2026",
        "by=editors of The Example; title=leading article; url=https://u.example/1; on=2026-03-04",
    ),
];

#[test]
fn attributions_are_understood_and_printed_as_they_are_written() {
    for (language, line, expected) in TABLE {
        let (post, html, faults) = quoted_in(language, line);
        assert_eq!(known(&post), *expected, "{line}");
        assert_eq!(faults, Vec::<String>::new(), "{line}");
        let bare = line.replacen("— ", "", 1).replacen("——", "", 1);
        let (_, paragraph, _) = parsed_in(&settings(language), "", &format!("Words here: {bare}\n"));
        let paragraph = paragraph.replacen("Words here: ", "", 1).replace(
            "https://paper.example/x,",
            "<a href=\"https://paper.example/x\">https://paper.example/x</a>,",
        );
        is_printed_whole(line, &captions(&html)[0], &paragraph);
    }
}

#[test]
fn what_is_not_understood_is_printed_and_named() {
    for (line, expected, fault) in [
        ("— Jane, *P*, 04/03/2026", "by=Jane; in=P", "6:16: `04/03/2026` can be two days"),
        (
            "— Jane, *P*, 2026-13-40",
            "by=Jane; in=P",
            "6:16: `2026-13-40` is not a date: there is no month 13",
        ),
        ("— Jane, *P*, 04.03.26", "by=Jane; in=P", "6:16: `04.03.26` has only two figures of its year"),
        ("— Jane, *P*, 4 March", "by=Jane; in=P", "6:16: `4 March` has no year"),
        (
            "— Jane, [H](https://u.example/1), *P*, London",
            "by=Jane; title=H; url=https://u.example/1; in=P",
            "6:42: this part of the attribution is not understood: `London`",
        ),
    ] {
        let (post, html, faults) = quoted_in("en", line);
        assert_eq!(known(&post), expected, "{line}");
        assert_eq!(faults, [fault], "{line}");
        let text = html::plain_text(&captions(&html)[0]);
        assert!(text.ends_with(line.rsplit(", ").next().unwrap_or_default()), "{text}");
    }
}

#[test]
fn the_marks_lie_over_what_the_author_wrote() {
    let (_, html, _) = parsed_in(
        &settings("en"),
        "",
        "> Words here.\n>\n> — Jane[^1], **[Head `code`](https://p.example/x \"T\")** for *The Weekly*, Thursday, 4 March 2026 (via <https://x.example/>) (lang: de).\n\n[^1]: Note.\n",
    );
    assert_eq!(
        captions(&html),
        [
            r##"<span class="p-author h-card">Jane</span><sup class="footnote-ref"><a id="fnref-1" href="#fn-1" role="doc-noteref">1</a></sup>, <cite class="p-name"><strong><a class="u-url" href="https://p.example/x#:~:text=Words%20here" title="T">Head <code>code</code></a></strong></cite> for <span class="p-publication"><em>The Weekly</em></span>, Thursday, <time class="dt-published" datetime="2026-03-04">4 March 2026</time> <span class="quote-via">(via <a href="https://x.example/">https://x.example/</a>)</span>."##
        ]
    );
    assert!(html.contains("<li id=\"fn-1\">"), "{html}");
    let (_, html, _) = quoted_in(
        "en",
        "— Jane\u{202e} Doe, <a class=\"x\" rel=\"nofollow\" href='https://p.example/x#y'>H\u{200f}</a>",
    );
    assert_eq!(
        captions(&html),
        [
            "<span class=\"p-author h-card\">Jane Doe</span>, <cite class=\"p-name\"><a class=\"u-url x\" rel=\"nofollow\" href='https://p.example/x#y:~:text=Words%20here'>H</a></cite>"
        ]
    );
}

const STORED: &str = "[[quotes]]\nid = \"one\"\nurl = \"https://u.example/one\"\ntitle = \"One\"\nauthor = \"Jane Doe\"\ntext = \"Stored words.\"\n";

/// A text, what is known of its last quote, and the faults.
#[track_caller]
fn check_form(markdown: &str, expected: &str, faults: &[&str]) {
    let (post, html, found) = parsed_in(&settings("en"), STORED, markdown);
    assert_eq!(known(&post), expected, "{markdown}\n{html}");
    let messages: Vec<&str> =
        found.iter().filter_map(|fault| fault.split_once(": ")).map(|(_, message)| message).collect();
    assert_eq!(messages, faults, "{markdown}");
}

#[test]
fn attributions_stand_where_people_write_them() {
    let full = "by=Jane Doe; title=H; url=https://u.example/1";
    for form in [
        "> Words.\n>\n> – Jane Doe, [H](https://u.example/1)\n",
        "> Words.\n>\n> -- Jane Doe, [H](https://u.example/1)\n",
        "> Words.\n>\n> ~ Jane Doe, [H](https://u.example/1)\n",
        "> Words.\n>\n> &mdash; Jane Doe, [H](https://u.example/1)\n",
        "> Words.\n>\n> - Jane Doe, [H](https://u.example/1)\n",
        "> Words.\n> - Jane Doe, [H](https://u.example/1)\n",
        "> Words\n> — Jane Doe, [H](https://u.example/1)\n",
        "> Words\\\n> – Jane Doe,\n> [H](https://u.example/1)\n",
        "> Words.\n\n— Jane Doe, [H](https://u.example/1)\n\nOwn words.\n",
        "> Words.\n\n-- Jane Doe, [H](https://u.example/1)\n",
        "> Words.\n>\n> <cite>Jane Doe, <a href=\"https://u.example/1\">H</a></cite>\n",
        "> Words.\n>\n> — <cite>Jane Doe, <a href=\"https://u.example/1\">H</a></cite>\n",
        "> Words.\n>\n> <footer>— Jane Doe, <a href=\"https://u.example/1\">H</a></footer>\n",
        "<blockquote><p>Words.</p><cite>Jane Doe, <a href=\"https://u.example/1\">H</a></cite></blockquote>\n",
        "<blockquote>\n<p>Words.</p>\n<footer>&mdash; Jane Doe, <cite><a href=\"https://u.example/1\">H</a></cite></footer>\n</blockquote>\n",
        "<!-- wp:quote -->\n<blockquote class=\"wp-block-quote\"><p>One.</p>\n<p>Two.</p><cite>Jane Doe, <a href=\"https://u.example/1\">H</a></cite></blockquote>\n<!-- /wp:quote -->\n",
        "**[H](https://u.example/1)**\n\n> Words.\n>\n> — Jane Doe\n",
        "> Words.\n>\n> <cite>— Jane Doe, [H](https://u.example/1)</cite>\n",
        "> Words.\n>\n> <cite>– Jane Doe, [H](https://u.example/1)</cite>\n",
        "> — Jane Doe, [H](https://u.example/1)\n>\n> Words.\n",
        "> <cite>Jane Doe, [H](https://u.example/1)</cite>\n>\n> Words.\n",
        "> Words.\n\n> — Jane Doe, [H](https://u.example/1)\n",
        "> Words.\n\n> – Jane Doe, [H](https://u.example/1)\n\nOwn words.\n",
        "> Words.\n>\n> > — Jane Doe, [H](https://u.example/1)\n",
        "> Words.\n>\n> ‒ Jane Doe, [H](https://u.example/1)\n",
        "> Words.\n>\n> \u{2212} Jane Doe, [H](https://u.example/1)\n",
        "> Words.\n>\n> ⸺ Jane Doe, [H](https://u.example/1)\n",
        "> Words.\n>\n> -Jane Doe, [H](https://u.example/1)\n",
        "> Words.\n>\n> Source: Jane Doe, [H](https://u.example/1)\n",
        "> Words.\n>\n> *Source: Jane Doe, [H](https://u.example/1)*\n",
        "> Words.\\\n> Quelle: Jane Doe, [H](https://u.example/1)\n",
        "> Words.\n\nSource: Jane Doe, [H](https://u.example/1)\n",
        "> Words.\n\n<cite>Jane Doe, [H](https://u.example/1)</cite>\n",
        "<blockquote><p>Words.</p><p>Source: Jane Doe, <a href=\"https://u.example/1\">H</a></p></blockquote>\n",
    ] {
        check_form(form, full, &[]);
    }
    check_form(
        "> Words.\n>\n> (Source: [H](https://u.example/1))\n",
        "title=H; url=https://u.example/1",
        &[],
    );
    check_form("> Words.\n>\n> h/t [Ann](https://u.example/1)\n", "via=Ann", &[]);
    check_form("> Words.\n>\n> -Jane Doe\n", "by=Jane Doe", &[]);
    for form in [
        "> Words.\n>\n> <cite>Jane Doe</cite>\n",
        "> Words.\n> <cite>Jane Doe</cite>\n",
        "> Words.\n>\n> — <cite>Jane Doe</cite>\n",
        "> Words.\n>\n> <cite>— Jane Doe</cite>\n",
        "> Words.\n>\n> *— Jane Doe*\n",
    ] {
        check_form(form, "by=Jane Doe", &[]);
    }
    check_form("> Words.\n>\n> <cite>The Example</cite>\n", "in=The Example", &[]);
    let headline = "title=H; url=https://u.example/1";
    for form in [
        "> **[H](https://u.example/1)**\n>\n> Words.\n",
        "> [H](https://u.example/1)\n>\n> Words.\n",
        "> ## [H](https://u.example/1)\n>\n> Words.\n",
        "[H](https://u.example/1)\n\n> Words.\n",
        "**[H](https://u.example/1)**:\n\n> Words.\n",
        "Intro.\n\n## [H](https://u.example/1)\n\n> Words.\n",
    ] {
        check_form(form, headline, &[]);
    }
    check_form(
        "[H](https://u.example/1), *P*, 2026-03-04\n\n> Words.\n",
        "title=H; url=https://u.example/1; in=P; on=2026-03-04",
        &[],
    );
    check_form("> Words.\n>\n> — @one, page 7\n", "by=Jane Doe; title=One; url=https://u.example/one", &[]);
    check_form("> Words.\n>\n> - @one, page 7\n", "by=Jane Doe; title=One; url=https://u.example/one", &[]);
    check_form("> — @one, page 7\n", "by=Jane Doe; title=One; url=https://u.example/one", &[]);
    check_form(
        "> Words.\n>\n> — @two, [H](https://u.example/1)\n",
        "by=@two; title=H; url=https://u.example/1",
        &[],
    );
}

const WORDS: &str = "<p>Words.</p>";
const SOURCE: &str = "Jane Doe, <a href=\"https://u.example/1\">H</a>";

#[test]
fn blockquotes_in_html_have_sources_where_people_write_them() {
    for form in [
        format!("<blockquote>{WORDS}<cite>{SOURCE}</cite></blockquote>"),
        format!("<BLOCKQUOTE>{WORDS}<CITE>{SOURCE}</CITE></BLOCKQUOTE>"),
        format!("<blockquote class=\"wp-block-quote\">{WORDS}<p>— {SOURCE}</p></blockquote>"),
        format!("<blockquote>\n{WORDS}\n<p>&mdash; {SOURCE}</p>\n</blockquote>"),
        format!("<blockquote>{WORDS}<p>– {SOURCE}</p></blockquote>"),
        format!("<blockquote>{WORDS}<p>- {SOURCE}</p></blockquote>"),
        format!("<blockquote>{WORDS}— {SOURCE}</blockquote>"),
        format!("<blockquote>{WORDS}<p><cite>{SOURCE}</cite></p></blockquote>"),
        format!("<blockquote>{WORDS}<p><em>— {SOURCE}</em></p></blockquote>"),
        format!("<blockquote>{WORDS}<small>{SOURCE}</small></blockquote>"),
        format!("<blockquote>{WORDS}<footer><p>— <cite>{SOURCE}</cite></p></footer></blockquote>"),
        format!("<blockquote><p>Words.<br><cite>{SOURCE}</cite></p></blockquote>"),
        format!("<blockquote><p>Words.<br />\n— {SOURCE}</p></blockquote>"),
        format!("<blockquote>Words.<br><cite>{SOURCE}</cite></blockquote>"),
        format!("<blockquote><p>Words. — <cite>{SOURCE}</cite></p></blockquote>"),
        format!("<blockquote><p>— {SOURCE}</p>{WORDS}</blockquote>"),
        format!("<blockquote>{WORDS}</blockquote>\n<p>— {SOURCE}</p>"),
        format!("<blockquote>{WORDS}</blockquote>\n<cite>{SOURCE}</cite>"),
        format!("<blockquote>{WORDS}</blockquote>\n\n— Jane Doe, [H](https://u.example/1)"),
        format!("<figure><blockquote>{WORDS}</blockquote><figcaption>{SOURCE}</figcaption></figure>"),
        format!(
            "<figure>\n<figcaption>— {SOURCE}</figcaption>\n<blockquote>\n{WORDS}\n</blockquote>\n</figure>"
        ),
        format!("<div class=\"x\"><blockquote>{WORDS}<cite>{SOURCE}</cite></blockquote></div>"),
        "<blockquote>\n\nWords.\n\n— Jane Doe, [H](https://u.example/1)\n\n</blockquote>".to_owned(),
        "<blockquote>\n\nWords.\n\n<cite>Jane Doe, [H](https://u.example/1)</cite>\n\n</blockquote>"
            .to_owned(),
        format!("<blockquote>\n{WORDS}\n\n<p>More.</p>\n\n<cite>{SOURCE}</cite>\n</blockquote>"),
        format!("<figure>\n\n> Words.\n\n</figure>\n\n<blockquote>{WORDS}<cite>{SOURCE}</cite></blockquote>"),
    ] {
        check_form(&format!("{form}\n"), "by=Jane Doe; title=H; url=https://u.example/1", &[]);
        let (post, html, _) = parsed_in(&settings("en"), "", &format!("{form}\n"));
        assert_eq!(captions(&html).len(), 1, "{form}\n{html}");
        assert_eq!(html.matches("Jane Doe").count(), 1, "{form}\n{html}");
        assert!(
            html.to_lowercase().matches("<p").count() == html.to_lowercase().matches("</p>").count(),
            "{html}"
        );
        assert!(
            post.quotes[0].fragment.starts_with("#:~:text=Words") || form.contains("More"),
            "{form}: {:?}",
            post.quotes[0].fragment
        );
    }
    let nested = format!(
        "<blockquote>\n<p>Outer.</p>\n<blockquote>{WORDS}<cite>Ada Poe</cite></blockquote>\n<cite>{SOURCE}</cite>\n</blockquote>\n"
    );
    let (post, html, _) = parsed_in(&settings("en"), "", &nested);
    let authors: Vec<&str> = post.quotes.iter().map(|quote| quote.source.authors[0].as_str()).collect();
    assert_eq!(authors, ["Ada Poe", "Jane Doe"], "{html}");
    assert!(!post.quotes[1].fragment.contains("Ada"), "{:?}", post.quotes[1].fragment);
}

#[test]
fn what_a_blockquote_in_html_says_of_itself_is_kept() {
    let (post, html, _) = parsed_in(
        &settings("en"),
        "",
        &format!(
            "<blockquote id=\"mine\" lang=\"de\" cite=\"https://u.example/1\">{WORDS}<cite>Eva</cite></blockquote>\n"
        ),
    );
    assert_eq!(known(&post), "by=Eva; url=https://u.example/1; lang=de");
    assert!(html.contains("<blockquote cite=\"https://u.example/1\" lang=\"de\" dir=\"ltr\">"), "{html}");
    assert!(html.contains("<span id=\"mine\"></span>"), "{html}");
    // What names no source, or belongs to a script, stays as it is.
    for form in [
        format!("<blockquote class=\"x\">{WORDS}</blockquote>"),
        format!("<blockquote class=\"twitter-tweet\">{WORDS}&mdash; {SOURCE}</blockquote>"),
        format!("<blockquote data-embed=\"1\">{WORDS}<cite>{SOURCE}</cite></blockquote>"),
        "<blockquote><p>I saw <cite>Hamlet</cite></p></blockquote>".to_owned(),
        "<blockquote><p>— Hello.</p><p>— Who is there?</p></blockquote>".to_owned(),
        format!("<blockquote>{WORDS}"),
        format!("<blockquote>{WORDS}\n\n*Never* closed."),
        "<figure><blockquote><p>A</p></blockquote><blockquote><p>B</p></blockquote></figure>".to_owned(),
        "<figure><img src=\"a.png\" alt=\"\"><figcaption>Jane Doe</figcaption></figure>".to_owned(),
    ] {
        let (post, html, _) = parsed_in(&settings("en"), "", &form);
        assert_eq!(post.quotes, [], "{html}");
        let first = form.lines().next().unwrap_or_default();
        assert!(html.contains(first), "{html}");
    }
    let deep = format!("{}<blockquote>{WORDS}<cite>{SOURCE}</cite></blockquote>\n", "<div>".repeat(5000));
    let (_, html, _) = parsed_in(&settings("en"), "", &deep);
    assert!(html.contains("Words."));
}

#[test]
fn the_places_in_a_blockquote_in_html_are_those_of_the_text() {
    let (_, _, faults) = parsed_in(
        &settings("en"),
        "",
        "<blockquote>\n<p>Words.</p>\n<cite>Jane, <a href=\"https://u.example/1\">H</a>, <i>P</i>, London</cite>\n</blockquote>\n",
    );
    assert_eq!(faults, ["6:60: this part of the attribution is not understood: `London`"]);
}

#[test]
fn what_follows_the_id_of_a_stored_quote_is_printed_once() {
    let stored = "<span class=\"p-author h-card\">Jane Doe</span>, <cite class=\"p-name\"><a class=\"u-url\" href=\"https://u.example/one#:~:text=Stored%20words\">One</a></cite>";
    for (behind, printed, data) in [
        (", page 7", ", page 7", ""),
        (
            ", *Other P*, June 2020",
            ", <span class=\"p-publication\"><em>Other P</em></span>, <time class=\"dt-published\" datetime=\"2020-06\">June 2020</time>",
            "; in=Other P; on=2020-06",
        ),
        (
            " (archived <https://archive.example/1>)",
            " (archived <span class=\"quote-archived\"><a href=\"https://archive.example/1\">https://archive.example/1</a></span>)",
            "; archive=https://archive.example/1",
        ),
        (", [More](https://u.example/2)", ", <a href=\"https://u.example/2\">More</a>", ""),
    ] {
        let (post, html, _) = parsed_in(&settings("en"), STORED, &format!("> — @one{behind}\n"));
        assert_eq!(known(&post), format!("by=Jane Doe; title=One; url=https://u.example/one{data}"));
        assert_eq!(captions(&html), [format!("{stored}{printed}")]);
        assert!(html.contains("Stored words."), "{html}");
    }
}

#[test]
fn a_link_behind_the_last_dash_of_a_dialogue_is_its_source() {
    for spoken in [
        "> —No lo sé —dijo ella—.\n>\n",
        "> — Hello.\n>\n> — Who is there?\n>\n",
        "> – Hej.\n>\n> – Vem där?\n>\n",
        "> -- Hello.\n>\n",
    ] {
        for source in ["— Eva, [T](https://u.example/1)", "– Eva, [T](https://u.example/1)"] {
            check_form(&format!("{spoken}> {source}\n"), "by=Eva; title=T; url=https://u.example/1", &[]);
        }
        check_form(
            &format!("{spoken}> — Ada Poe.\n"),
            if spoken.contains('–') { "by=Ada Poe" } else { "no quote" },
            &[],
        );
    }
    check_form("> — Eva, [T](https://u.example/1)\n", "no quote", &[]);
}

#[test]
fn what_can_be_meant_otherwise_is_remarked_on() {
    check_form(
        "> Words\n> — Jane Doe\n",
        "by=Jane Doe",
        &["this line is taken as the source of the quote, and not as its last words"],
    );
    check_form(
        "> Words.\n\n— Jane Doe\n",
        "by=Jane Doe",
        &["this paragraph is taken as the source of the quote above it"],
    );
    check_form(
        "> Words.\n>\n> - Jane Doe\n",
        "by=Jane Doe",
        &["this item is taken as the source of the quote, and not as a list"],
    );
    check_form(
        "> — Jane Doe\n>\n> Words.\n",
        "by=Jane Doe",
        &["this paragraph is taken as the source of the quote below it"],
    );
    check_form(
        "> Words.\n\n> — Jane Doe\n",
        "by=Jane Doe",
        &["this blockquote is taken as the source of the quote above it"],
    );
    check_form("> Words.\n>\n> - {@one}\n", "no quote", &["`{@one}` within a sentence places no quote"]);
    check_form(
        "> Words.\n>\n> – I do not know, he said.\n",
        "no quote",
        &["this paragraph begins with a dash and reads as a sentence: it is part of the quoted words"],
    );
    check_form(
        "> Words.\n> — I do not know anything of it, he said.\n",
        "no quote",
        &["this line begins with a dash and reads as a sentence: it is part of the quoted words"],
    );
    check_form(
        "> To do:\n> - Milk\n> - Jane, [H](https://u.example/1)\n",
        "no quote",
        &["this item of a list looks like the source of the quote, and is part of the quoted words"],
    );
    for dash in ["\\-", "\\--", "\\---", "\\~", "\\—"] {
        check_form(&format!("> Words.\n>\n> {dash} Jane Doe\n"), "no quote", &[]);
    }
    check_form("> To read:\n> - Milk\n> - https://u.example/1\n", "no quote", &[]);
    for form in [
        "Jane Doe, [H](https://u.example/1)",
        "[Jane Doe](https://jane.example/), [H](https://u.example/1), *P*",
        "(Jane Doe, [H](https://u.example/1))",
        "by [Jane Doe](https://u.example/1)",
        "Jane Doe in [The Example](https://u.example/1)",
        "[Library to close next year](https://u.example/1)",
        "[The Example](https://u.example/1)",
        "[Library](https://u.example/1) by Jane Doe, 2026",
        "https://u.example/1",
        "[(via)](https://u.example/1)",
        "[Quelle](https://u.example/1)",
        "@jane",
        "Jane Doe, *The Example*, 2026",
        "Jane Doe",
        "**Jane Doe**",
    ] {
        check_form(
            &format!("> Words.\n>\n> {form}\n"),
            "no quote",
            &[super::attribution_places::LIKELY_SOURCE],
        );
    }
    check_form(
        "> Words.\n> Jane Doe, [H](https://u.example/1)\n",
        "no quote",
        &[super::attribution_places::LIKELY_SOURCE],
    );
    check_form(
        "<blockquote><p>Words.</p><p>Jane Doe, <a href=\"https://u.example/1\">H</a></p></blockquote>\n",
        "no quote",
        &[super::attribution_places::LIKELY_SOURCE],
    );
    for form in ["— Jane Doe", "– Jane Doe", "— Jane Doe, [H](https://u.example/1)"] {
        check_form(
            &format!("> Words.\n>\n> {form}\n>\n> More words.\n"),
            "no quote",
            &["this looks like a source, and stands amid the quoted words"],
        );
    }
    check_form(
        "> Words.\n>\n> — Jane Doe\n\n— Ann Poe, [H](https://u.example/1)\n",
        "by=Jane Doe",
        &["this looks like a second source of the quote above it, and is a paragraph of its own"],
    );
    let nested = "> Outer.\n>\n> > Inner.\n> >\n> > — Ann Poe, [I](https://u.example/2)\n>\n> — Jane, [H](https://u.example/1)\n";
    check_form(nested, "by=Jane; title=H; url=https://u.example/1", &[]);
    check_form(
        "> Words.\n>\n> * Jane Doe, [H](https://u.example/1)\n",
        "no quote",
        &["this item of a list looks like the source of the quote, and is part of the quoted words"],
    );
    check_form(
        "In a sentence {@one} it is text.\n",
        "no quote",
        &["`{@one}` within a sentence places no quote"],
    );
    let lazy = "> Words.\n>\n> — Jane, [H](https://u.example/1), 2026-03-04\nMy own *words*.\n\nLater.\n";
    check_form(
        lazy,
        "by=Jane; title=H; url=https://u.example/1; on=2026-03-04",
        &["this line follows an attribution without an empty line: it is not part of it"],
    );
    let (post, html, _) = parsed_in(&settings("en"), "", lazy);
    assert!(html.contains("</figure>\n<p>My own <em>words</em>.</p>\n<p>Later.</p>"), "{html}");
    assert_eq!(post.summary_html, "<p>My own <em>words</em>.</p>");
    for quiet in [
        "> Words — with a dash\n> — in a line\n",
        "> — One.\n>\n> – Two.\n",
        "> — Hello there.\n>\n> She went home.\n",
        "> — Hello\n>\n> She went home.\n",
        "> Words.\n\n> — Hello there, she said.\n",
        "> — One.\n\n> — Ada Poe\n",
        "> Words.\n>\n> - @jane\n",
        "> Words.\n>\n> \\– not one\n",
        "> Words.\n>\n> \\~ Jane Doe\n",
        "> Words.\n>\n> -Wall is an option.\n",
        "> Words.\n>\n> See [the documents](https://u.example/1).\n",
        "> Words.\n>\n> [Read more](https://u.example/1)\n",
        "> Words.\n>\n> Jane Doe wrote in [H](https://u.example/1) that it is so.\n",
        "> Words here and in\n> [the documents](https://u.example/1).\n",
        "> Words.\n>\n> The end\n",
        "> Words.\n>\n> **Rain** falls over **Riga**\n",
        "> - Reviewed [the change](https://u.example/1) again\n> - https://u.example/2\n",
        "> — Hello.\n>\n> — Ada Poe.\n>\n> He left.\n",
        "> - a\n> - b\n",
        "> A list:\n> - of words\n",
        "> Words.\n\n– He said that it was so, and went home again that day.\n",
        "I read [H](https://u.example/1) today:\n\n> Words.\n",
        "[Up](#top)\n\n> Words.\n",
        "<blockquote><p>Words.</p></blockquote>\n",
    ] {
        check_form(quiet, "no quote", &[]);
    }
}

#[test]
fn a_headline_above_keeps_its_anchor_and_one_in_the_quote_has_none() {
    let (post, html, _) =
        parsed_in(&settings("en"), "", "Intro.\n\n## [H](https://u.example/1)\n\n> Words.\n");
    assert_eq!(post.headings.iter().map(|heading| heading.id.as_str()).collect::<Vec<_>>(), ["h"]);
    assert!(html.contains("<figcaption><h2 id=\"h\"><cite class=\"p-name\"><a class=\"u-url\""), "{html}");
    let (post, html, _) = parsed_in(
        &settings("en"),
        "",
        "> ## [H](https://u.example/1)\n>\n> ### Part\n>\n> Words.\n\n## Part\n",
    );
    assert_eq!(post.headings.iter().map(|heading| heading.id.as_str()).collect::<Vec<_>>(), ["part"]);
    assert!(html.contains("<figcaption><h2><cite") && html.contains("<H3>Part</h3>"), "{html}");
}

#[test]
fn an_article_between_a_joining_word_and_a_name_belongs_to_neither() {
    for (language, line, expected) in [
        ("de", "— Eva Kurz in der *Zeitung*", "by=Eva Kurz; in=Zeitung"),
        ("de", "— Eva Kurz für die *Zeitung*, 2026", "by=Eva Kurz; in=Zeitung; on=2026"),
        ("de", "— Eva Kurz von der *Zeitung*", "by=Eva Kurz; in=Zeitung"),
        (
            "de",
            "— Eva Kurz, [T](https://u.example/1), in der Zeitung",
            "by=Eva Kurz; title=T; url=https://u.example/1; in=Zeitung",
        ),
        ("fr", "— Ève dans le *Journal*", "by=Ève; in=Journal"),
        ("fr", "— Ève dans l’*Heure*", "by=Ève; in=Heure"),
        ("es", "— Eva en el *Diario*", "by=Eva; in=Diario"),
        (
            "es",
            "— Eva en la [Noticia](https://u.example/1)",
            "by=Eva; title=Noticia; url=https://u.example/1",
        ),
        ("en", "— Eva in the *Weekly*", "by=Eva; in=Weekly"),
        ("de", "— Eva von der Aue, *Zeitung*", "by=Eva von der Aue; in=Zeitung"),
        (
            "de",
            "— [T](https://u.example/1), von Eva von der Aue, *Zeitung*",
            "by=Eva von der Aue; title=T; url=https://u.example/1; in=Zeitung",
        ),
        ("fr", "— Ève de Roche, *Journal*", "by=Ève de Roche; in=Journal"),
        ("es", "— Eva de la Peña, *Diario*", "by=Eva de la Peña; in=Diario"),
    ] {
        let (post, html, _) = quoted_in(language, line);
        assert_eq!(known(&post), expected, "{line}\n{html}");
    }
}

#[test]
fn a_heading_that_ends_a_quote_and_looks_like_its_source_is_warned_of() {
    for heading in [
        "## [A headline of some words](https://u.example/1)",
        "### [Head](https://u.example/1), *P*",
        "## Jane Doe, [H](https://u.example/1)",
        "## — Jane Doe",
        "[Head](https://u.example/1)\n> ------",
    ] {
        let warning = "this looks like the source of the quote, and is one of the quoted words";
        check_form(&format!("> Words.\n>\n> {heading}\n"), "no quote", &[warning]);
    }
    for quiet in ["## Jane Doe", "## The end", "## What [the documents](https://u.example/1) say of it"] {
        check_form(&format!("> Words.\n>\n> {quiet}\n"), "no quote", &[]);
    }
}

#[test]
fn a_caption_within_quoted_words_has_the_language_and_direction_of_the_page() {
    let inner = "> > Inner.\n> >\n> > — Jane, [H](https://u.example/1)\n>\n> — Ann, [H](https://u.example/2)";
    for (lead, behind, opening) in [
        ("كلمات هنا.", "", "<figcaption dir=\"ltr\">"),
        ("كلمات هنا.", " (lang: ar)", "<figcaption lang=\"en\" dir=\"ltr\">"),
        ("Worte.", " (lang: de)", "<figcaption lang=\"en\" dir=\"ltr\">"),
        ("Words.", "", "<figcaption>"),
    ] {
        let (_, html, _) = parsed_in(&settings("en"), "", &format!("> {lead}\n>\n{inner}{behind}\n"));
        let (_, within) = html.split_once("<blockquote").expect("there is a quote");
        assert!(html.contains("<figcaption><span") && within.contains(opening), "{html}");
    }
}

#[test]
fn a_person_behind_the_report_is_its_author() {
    let report = "title=H; url=https://u.example/1";
    for (behind, expected) in [
        (", Jane Doe", format!("by=Jane Doe; {report}")),
        (" – Jane Doe", format!("by=Jane Doe; {report}")),
        (" Jane Doe", format!("by=Jane Doe; {report}")),
        (", Jane Doe, 2026", format!("by=Jane Doe; {report}; on=2026")),
        (", Jane Doe, The Weekly", format!("by=Jane Doe; {report}; in=The Weekly")),
        (", Jane Doe, Reuters", format!("by=Jane Doe; {report}; in=Reuters")),
        (", Orsolya Quill, Reuters", format!("by=Orsolya Quill; {report}; in=Reuters")),
        (", Jane Doe and John Roe", format!("by=Jane Doe + John Roe; {report}")),
        (", Jane Doe, John Roe & Ann Poe, *P*", format!("by=Jane Doe + John Roe + Ann Poe; {report}; in=P")),
        (", Doe, Jane", format!("by=Doe, Jane; {report}")),
        (", Quill, J. R., Reuters", format!("by=Quill, J. R.; {report}; in=Reuters")),
        (", J. R. Quill", format!("by=J. R. Quill; {report}")),
        (", @jane", format!("by=@jane; {report}")),
        (", [Jane Doe](https://jane.example/)", format!("by=Jane Doe; {report}")),
        (", [Jane Doe](https://jane.example/), Reuters", format!("by=Jane Doe; {report}; in=Reuters")),
        (", The Weekly, Jane Doe", format!("by=Jane Doe; {report}; in=The Weekly")),
        (", Foreign Affairs", format!("{report}; in=Foreign Affairs")),
        (", *Jane Doe*", format!("{report}; in=Jane Doe")),
        (" in Rock Paper Shotgun", format!("{report}; in=Rock Paper Shotgun")),
    ] {
        let (post, html, faults) = quoted_in("en", &format!("— [H](https://u.example/1){behind}"));
        assert_eq!(known(&post), expected, "{behind}\n{html}");
        assert!(faults.is_empty(), "{behind}: {faults:?}");
    }
    for (line, name) in [
        ("— [H](https://u.example/1), Orsolya Quill", "Orsolya Quill"),
        ("— [H](https://u.example/1), Daring Fireball, 2026", "Daring Fireball"),
        ("— \"H\", Orsolya Quill", "Orsolya Quill"),
        ("— [H](https://u.example/1)，张三", "张三"),
    ] {
        let (post, _, faults) = quoted_in("en", line);
        assert_eq!(post.quotes[0].source.publication, name, "{line}");
        let warning = format!("`{name}` may be an author or a publication: it is taken for the publication");
        assert!(faults.len() == 1 && faults[0].contains(&warning), "{line}: {faults:?}");
    }
}

#[test]
fn a_part_of_a_date_is_not_a_publication() {
    let report = "by=Eva; title=T; url=https://u.example/1";
    for (language, behind, expected, unread) in [
        ("en", "4 mars 2026", "; on=2026", "4 mars"),
        ("en", "4. März 2026", "; on=2026", "4. März"),
        ("en", "4 mars, 2026", "; on=2026", "4 mars"),
        ("en", "Spring 2026", "; on=2026", ""),
        ("en", "in Spring 2026", "; on=2026", ""),
        ("en", "Q1 2026", "; on=2026", ""),
        ("en", "Q1/2026", "", ""),
        ("en", "mid-2026", "; on=2026", ""),
        ("en", "mid-March 2026", "; on=2026-03", ""),
        ("fr", "mi-mars 2026", "; on=2026-03", ""),
        ("sv", "4.3 2026", "; on=2026-03-04", ""),
        ("de", "4.3 2026", "; on=2026-03-04", ""),
        ("en", "yesterday", "", ""),
        ("sv", "i våras", "", ""),
        ("en", "first quarter of 2026", "; on=2026", ""),
        ("en", "late March 2026", "; on=2026-03", ""),
        ("en", "*P*, Spring 2026", "; in=P; on=2026", ""),
        ("de", "im Frühjahr 2026", "; on=2026", ""),
        ("de", "1. Quartal 2026", "; on=2026", ""),
        ("fr", "au printemps 2026", "; on=2026", ""),
        ("fr", "le 4 mars 2026 à 18 h 30", "; on=2026-03-04", ""),
        ("es", "primavera de 2026", "; on=2026", ""),
        ("sv", "våren 2026", "; on=2026", ""),
        ("sv", "4/3 2026", "; on=2026-03-04", ""),
        ("de", "4. März 2026, 10.30 Uhr", "; on=2026-03-04", ""),
        ("en", "<time datetime=\"2026-03-04\">last Wednesday</time>", "; on=2026-03-04", ""),
        ("en", "<time>4 March 2026</time>", "; on=2026-03-04", ""),
        ("en", "<time datetime=\"10:00\">at ten</time>", "", ""),
        ("en", "4 mars 2026 (lang: fr)", "; on=2026-03-04; lang=fr", ""),
        ("en", "4. März 2026 (lang: de)", "; on=2026-03-04; lang=de", ""),
        ("en", "20 Minutes, 2026", "; in=20 Minutes; on=2026", ""),
        ("en", "The Weekly 2026-03-04", "; in=The Weekly; on=2026-03-04", ""),
        ("en", "The Weekly, Wednesday 4 March 2026", "; in=The Weekly; on=2026-03-04", ""),
        ("en", "The Weekly on 4 March 2026", "; in=The Weekly; on=2026-03-04", ""),
        ("de", "Mittwoch, den 4. März 2026", "; on=2026-03-04", ""),
        ("de", "Mittwoch, 4. März 2026", "; on=2026-03-04", ""),
        ("sv", "onsdagen den 4 mars 2026", "; on=2026-03-04", ""),
        ("sv", "onsdag den 4 mars 2026", "; on=2026-03-04", ""),
    ] {
        let line = format!("— Eva, [T](https://u.example/1), {behind}");
        let (post, html, faults) = quoted_in(language, &line);
        assert_eq!(known(&post), format!("{report}{expected}"), "{line}");
        let warning = format!("this part of the attribution is not understood: `{unread}`");
        assert_eq!(faults.len(), usize::from(!unread.is_empty()), "{line}: {faults:?}");
        assert!(faults.iter().all(|fault| fault.contains(&warning)), "{line}: {faults:?}");
        assert!(&captions(&html)[0].contains(unread), "{html}");
    }
}

#[test]
fn a_number_an_hour_and_a_helper_are_not_a_publication() {
    for (language, behind) in [
        ("en", "p. 7"),
        ("en", "pp 7–9"),
        ("en", "No. 4"),
        ("en", "Issue 12"),
        ("en", "Season 2, Episode 3"),
        ("en", "Book II"),
        ("en", "3rd ed."),
        ("en", "at 12:30"),
        ("en", "10 pm"),
        ("en", "translated by Ann Poe"),
        ("en", "Translation: Ann Poe"),
        ("en", "edited by Ann Poe"),
        ("en", "tr. Ann Poe"),
        ("en", "photo: Ann Poe"),
        ("en", "from the French by Ann Poe"),
        ("de", "Ausgabe 12"),
        ("de", "Heft 12/2026"),
        ("de", "10 Uhr"),
        ("de", "Übersetzung: Ann Poe"),
        ("de", "aus dem Englischen von Ann Poe"),
        ("fr", "n° 12"),
        ("fr", "traduction : Ann Poe"),
        ("es", "núm. 12"),
        ("sv", "nr 12"),
        ("sv", "översättning: Ann Poe"),
    ] {
        let line = format!("— Eva, [T](https://u.example/1), {behind}");
        let (post, html, faults) = quoted_in(language, &line);
        assert_eq!(known(&post), "by=Eva; title=T; url=https://u.example/1", "{line}");
        assert_eq!(faults, Vec::<String>::new(), "{line}");
        assert_eq!(html::plain_text(&captions(&html)[0]), format!("Eva, T, {behind}"));
    }
    let (post, html, faults) = quoted_in("en", "— Eva, [T](https://u.example/1){.cls}");
    assert_eq!(known(&post), "by=Eva; title=T; url=https://u.example/1");
    assert!(faults[0].contains("this part of the attribution is not understood: `{.cls}`"), "{faults:?}");
    assert!(&captions(&html)[0].ends_with("{.cls}"), "{html}");
}

#[test]
fn the_years_of_a_life_are_not_the_date_of_a_report() {
    for (language, line, expected) in [
        ("en", "Jane Doe (1899–1975)", "by=Jane Doe"),
        ("en", "Jane Doe (b. 1950), *The Book*", "by=Jane Doe; in=The Book"),
        ("en", "Jane Doe (1899-)", "by=Jane Doe"),
        ("en", "Jane Doe, 1899–1975", "by=Jane Doe"),
        ("en", "Jane Doe (c. 1450–1502)", "by=Jane Doe"),
        ("en", "Jane Doe (1899 – 1975)", "by=Jane Doe"),
        ("de", "Eva Kurz (1899 bis 1975)", "by=Eva Kurz"),
        (
            "en",
            "Jane Doe (1899–1975), [The Letter](https://u.example/1), 1940",
            "by=Jane Doe; title=The Letter; url=https://u.example/1; on=1940",
        ),
        ("en", "Jane Doe (2026)", "by=Jane Doe; on=2026"),
        ("en", "Jane Doe, *Journal* (2019–2021)", "by=Jane Doe; in=Journal; on=2019"),
        ("de", "Eva Kurz (geb. 1950)", "by=Eva Kurz"),
        ("de", "Eva Kurz (* 1950; † 2001), *Das Buch*", "by=Eva Kurz; in=Das Buch"),
        ("fr", "Ève Roy (née en 1950)", "by=Ève Roy"),
        ("sv", "Anna Ek (född 1950)", "by=Anna Ek"),
    ] {
        let (post, html, faults) = quoted_in(language, &format!("— {line}"));
        assert_eq!((known(&post).as_str(), faults.len()), (expected, 0), "{line}\n{html}");
        let (_, paragraph, _) = parsed_in(&settings(language), "", &format!("{line}\n"));
        is_printed_whole(line, &captions(&html)[0], &paragraph);
    }
}

#[test]
fn a_name_with_a_joining_word_in_it_is_one() {
    for (language, name) in [
        ("en", "Johnson & Johnson"),
        ("en", "Marks and Spencer"),
        ("en", "Jane Doe & Sons"),
        ("en", "Department of Health and Social Care"),
        ("en", "’t Hooft"),
        ("es", "José Ortega y Gasset"),
        ("es", "Ortega y Gasset"),
    ] {
        let (post, ..) = quoted_in(language, &format!("— {name}, [T](https://u.example/1)"));
        assert_eq!(known(&post), format!("by={name}; title=T; url=https://u.example/1"));
    }
    for (language, and) in [("en", "and"), ("nl", "en"), ("it", "e"), ("pl", "i"), ("da", "og"), ("fi", "ja")]
    {
        let (post, ..) = quoted_in(language, &format!("— Ada Poe {and} Eva Roe, [T](https://u.example/1)"));
        assert_eq!(known(&post), "by=Ada Poe + Eva Roe; title=T; url=https://u.example/1", "{language}");
    }
    let report = "title=T; url=https://u.example/1";
    for line in [
        "d’après [T](https://u.example/1) d’Ève Roy",
        "Propos recueillis par Ève Roy, [T](https://u.example/1)",
    ] {
        let (post, ..) = quoted_in("fr", &format!("— {line}"));
        assert_eq!(known(&post), format!("by=Ève Roy; {report}"), "{line}");
    }
    for (language, line, expected) in [
        (
            "de",
            "Ada Roth im Interview mit der [T](https://u.example/1)",
            "by=Ada Roth; title=T; url=https://u.example/1",
        ),
        (
            "es",
            "Ana Ruiz en entrevista con [T](https://u.example/1)",
            "by=Ana Ruiz; title=T; url=https://u.example/1",
        ),
        ("de", "zit. n. Ada Roth, [T](https://u.example/1)", "by=Ada Roth; title=T; url=https://u.example/1"),
        ("en", "[T](https://u.example/1) [in German]", report),
        (
            "en",
            "Jane Doe, [T](https://u.example/1), [p. 3](https://u.example/1#p3)",
            "by=Jane Doe; title=T; url=https://u.example/1",
        ),
        ("fr", "extrait de [T](https://u.example/1)", report),
        ("fr", "citée par [T](https://u.example/1)", report),
        ("fr", "traduction : Eva Petit", ""),
        ("es", "De [T](https://u.example/1), por Ana Ruiz", "by=Ana Ruiz; title=T; url=https://u.example/1"),
        ("es", "[T](https://u.example/1) (en inglés)", report),
        (
            "de",
            "[T](https://u.example/1), Version vom 4. März 2026",
            "title=T; url=https://u.example/1; on=2026-03-04",
        ),
        ("ja", "[T](https://u.example/1)より", report),
        ("ja", "山田太郎『本』（1998年）", "by=山田太郎; title=本; on=1998"),
        ("ja", "[T](https://u.example/1)、令和8年3月4日", "title=T; url=https://u.example/1; on=2026-03-04"),
        ("ar", "نقلا عن [T](https://u.example/1)", report),
        ("en", "[@jane](https://social.example/@jane)", "title=@jane; url=https://social.example/@jane"),
    ] {
        let (post, html, faults) = quoted_in(language, &format!("— {line}"));
        assert_eq!((known(&post).as_str(), faults.len()), (expected, 0), "{line}\n{html}");
    }
    let (post, _, faults) = quoted_in("en", "— @jane");
    assert_eq!(known(&post), "by=@jane");
    assert!(faults[0].ends_with("`@jane` is taken as a name: there is no quote `jane`"), "{faults:?}");
    let (post, ..) = quoted_in("en", "— Jane Doe, *'Allo*");
    assert_eq!(known(&post), "by=Jane Doe; in=’Allo");
    let (post, ..) = quoted_in("en", "— Jane Doe, *'Allo 'Allo*");
    assert_eq!(known(&post), "by=Jane Doe; in=’Allo ’Allo");
}

#[test]
fn attributions_of_many_houses_are_understood() {
    for (language, line, expected) in [
        (
            "en",
            "Mara Quill, interviewed by Tobias Reed, *Radio 4*, 12 May 2023",
            "by=Mara Quill; in=Radio 4; on=2023-05-12",
        ),
        (
            "en",
            "Quill, M. (2019). [Lamps](https://u.example/1). *Journal of Lamps*, 12(3), 4–9.",
            "by=Quill, M.; title=Lamps; url=https://u.example/1; in=Journal of Lamps; on=2019",
        ),
        ("en", "@mara on Mastodon, 4 March 2026", "by=@mara; in=Mastodon; on=2026-03-04"),
        ("en", "Jane Doe in The Example", "by=Jane Doe; in=The Example"),
        (
            "en",
            "Jane Doe in London, [H](https://u.example/1)",
            "by=Jane Doe; title=H; url=https://u.example/1",
        ),
        ("en", "a reader, by e-mail", "by=reader"),
        ("en", "Jane Doe, \"A headline\", in \"The Paper\"", "by=Jane Doe; title=A headline; in=The Paper"),
        (
            "en",
            "[H1](https://a.example/x/1), [H2](https://b.example/x/2) and [H3](https://c.example/x/3)",
            "title=H1; url=https://a.example/x/1; also=H2 + H3",
        ),
        (
            "en",
            "Jane, [H](https://a.example/x/1); see also [I](https://b.example/x/2)",
            "by=Jane; title=H; url=https://a.example/x/1; also=I",
        ),
        ("de", "zit. nach Eva Kurz: *Lampen*, 2. Auflage, S. 112 f.", "by=Eva Kurz; in=Lampen"),
        (
            "de",
            "[Lampen](https://u.example/1), gefunden via [Tobias](https://t.example/)",
            "title=Lampen; url=https://u.example/1; via=Tobias",
        ),
        (
            "es",
            "Ana Ruiz del Prado, [T](https://u.example/1)",
            "by=Ana Ruiz del Prado; title=T; url=https://u.example/1",
        ),
        (
            "nl",
            "Mara Kwil, [De lampen](https://u.example/1), in De Krant van 3 juni 2024",
            "by=Mara Kwil; title=De lampen; url=https://u.example/1; in=De Krant; on=2024-06-03",
        ),
        (
            "pl",
            "Mara Kwiat, [Lampy](https://u.example/1), „Gazeta Portowa”, nr 12/2024",
            "by=Mara Kwiat; title=Lampy; url=https://u.example/1; in=Gazeta Portowa",
        ),
        (
            "ja",
            "灯野まら「[灯り](https://u.example/1)」『港新聞』、2024年6月3日、4頁",
            "by=灯野まら; title=灯り; url=https://u.example/1; in=港新聞; on=2024-06-03",
        ),
        (
            "ru",
            "Мара Квилл, [Лампы](https://u.example/1), в «Портовой газете» от 03.06.2024",
            "by=Мара Квилл; title=Лампы; url=https://u.example/1; in=Портовой газете; on=2024-06-03",
        ),
        ("ar", "مارا كويل، *الميناء*، ص ٤", "by=مارا كويل; in=الميناء"),
        ("he", "מאת מרה קוויל, *הנמל*, עמ' 4", "by=מרה קוויל; in=הנמל"),
    ] {
        let (post, html, faults) = quoted_in(language, &format!("— {line}"));
        assert_eq!(known(&post), expected, "{line}\n{html}");
        assert_eq!(faults, Vec::<String>::new(), "{line}");
        let (_, paragraph, _) = parsed_in(&settings(language), "", &format!("{line}\n"));
        is_printed_whole(line, &captions(&html)[0], &paragraph);
    }
}

#[test]
fn an_address_without_a_scheme_is_a_link() {
    for (line, expected) in [
        ("Jane Doe, paper.example/x", "by=Jane Doe; title=paper.example/x; url=https://paper.example/x"),
        ("Jane Doe, paper.example", "by=Jane Doe; in=paper.example"),
        ("Jane Doe, u.a./etc", "by=Jane Doe"),
    ] {
        let (post, html, _) = quoted_in("en", &format!("— {line}"));
        assert_eq!(known(&post), expected, "{html}");
        assert_eq!(html::plain_text(&captions(&html)[0]), line);
    }
}

#[test]
fn a_date_that_is_a_link_is_the_date_of_the_report() {
    let (post, html, faults) = quoted_in("en", "— Jane Doe (@jane), [March 4, 2026](https://u.example/1)");
    assert_eq!(known(&post), "by=Jane Doe; url=https://u.example/1; on=2026-03-04");
    assert_eq!(faults, Vec::<String>::new());
    assert!(
        html.contains("<time class=\"dt-published\" datetime=\"2026-03-04\"><a class=\"u-url\""),
        "{html}"
    );
    let (post, ..) = quoted_in("en", "— Jane Doe, [1984](https://u.example/1)");
    assert_eq!(known(&post), "by=Jane Doe; title=1984; url=https://u.example/1");
}

#[test]
fn the_time_element_of_an_author_is_marked_and_kept() {
    for (written, printed) in [
        (
            "<time datetime=\"2026-03-04\" title=\"x\">last week</time>",
            "<time class=\"dt-published\" datetime=\"2026-03-04\" title=\"x\">last week</time>",
        ),
        (
            "<time class=\"a\">4 March 2026</time>",
            "<time datetime=\"2026-03-04\" class=\"dt-published a\">4 March 2026</time>",
        ),
    ] {
        let (_, html, _) = quoted_in("en", &format!("— Jane, *P*, {written}"));
        assert!(&captions(&html)[0].ends_with(printed), "{html}");
    }
}

#[test]
fn two_sources_of_the_same_words_are_told_apart() {
    let line = "— Jane Doe, [H](https://u.example/1)\n> — John Roe, [H2](https://u.example/2), *P*, 2026";
    let (post, html, faults) = quoted_in("en", line);
    assert_eq!(known(&post), "by=Jane Doe; title=H; url=https://u.example/1; also=H2");
    assert_eq!(faults, Vec::<String>::new());
    let text = html::plain_text(&captions(&html)[0]);
    assert_eq!(text, "Jane Doe, H — John Roe, H2, P, 2026");
    let (post, html, faults) =
        quoted_in("en", "— Jane Doe, [H](https://u.example/1)\n>\n> – John Roe, [H2](https://u.example/2)");
    assert_eq!(known(&post), "by=Jane Doe; title=H; url=https://u.example/1; also=H2", "{html}");
    assert_eq!((faults.len(), post.quotes[0].fragment.as_str()), (0, "#:~:text=Words%20here"));
    let (post, ..) =
        quoted_in("en", "— Jane Doe, [H](https://u.example/1)\n> — [H2](https://u.example/2), *P*");
    assert_eq!(known(&post), "by=Jane Doe; title=H; url=https://u.example/1; also=H2");
    let (post, ..) = quoted_in("en", "— Jane Doe, [H](https://u.example/1)\n> — *P*, 2026");
    assert_eq!(known(&post), "by=Jane Doe; title=H; url=https://u.example/1; in=P; on=2026");
}

#[test]
fn only_the_link_to_the_report_gets_its_class() {
    let raw = "<a href=\"https://p.example/x\">Head</a>";
    for report in [
        format!("<cite>{raw}</cite>"),
        "<cite>[Head](https://p.example/x)</cite>".to_owned(),
        "<em>[Head](https://p.example/x)</em>".to_owned(),
        format!("<abbr title=\"Headline\">{raw}</abbr>"),
        "[<abbr title=\"Headline\">Head</abbr>](https://p.example/x)".to_owned(),
        "[<span lang=\"fr\">Head</span>](https://p.example/x)".to_owned(),
        "<a href=\"https://p.example/x\"><b>Head</b></a>".to_owned(),
    ] {
        let (post, quoted, _) = quoted_in("en", &format!("— Jane, {report}, *P*"));
        assert_eq!(known(&post), "by=Jane; title=Head; url=https://p.example/x; in=P", "{report}");
        let caption = &captions(&quoted)[0];
        assert_eq!(caption.matches("u-url").count(), 1, "{caption}");
        assert!(caption.contains("<a class=\"u-url\" href=\"https://p.example/x#:~:text="), "{caption}");
        for element in ["cite", "em", "abbr", "span", "b"] {
            let tag = format!("<{element}");
            let is_kept = !report.contains(&tag)
                || report.split(&tag).skip(1).all(|rest| {
                    let attributes = rest.split('>').next().unwrap_or_default();
                    caption.contains(&format!("{tag}{attributes}>"))
                });
            assert!(is_kept, "{caption}");
        }
    }
}

#[test]
fn emphasis_and_links_on_signs_alone_are_printed() {
    for line in [
        "— Jane *,* [H](https://u.example/1)",
        "— Jane *\"* Doe",
        "— [,](https://u.example/1) Jane",
        "— Jane (*\"*) <a href=\"https://u.example/1\">\"</a>",
        "— Jane “”, «»",
    ] {
        let (_, html, _) = quoted_in("en", line);
        let (_, paragraph, _) = parsed_in(&settings("en"), "", &format!("{}\n", line.replacen("— ", "", 1)));
        assert_eq!(captions(&html).len(), 1, "{line}");
        is_printed_whole(line, &captions(&html)[0], &paragraph);
    }
}

/// WordPress makes an excerpt of the text around a link, between two tags of its list in small letters.
#[test]
fn the_excerpt_of_wordpress_goes_from_the_link_to_the_quoted_words() {
    const BREAKS: [&str; 9] = ["<p", "</p", "<h", "</h", "<li", "<td", "<th", "<pre", "<caption"];
    for words in [
        "Words.",
        "- Words\n> - more",
        "# Words",
        "> Words.",
        "![i](https://i.example/i.png)\n>\n> Words.",
        "    Words",
    ] {
        for quotation in [
            format!("> {words}\n>\n> — Jane, [H](https://u.example/1)\n"),
            format!("## [H](https://u.example/1)\n\n> {words}\n"),
        ] {
            let (_, html, _) = parsed_in(&settings("en"), "", &format!("Own.\n\n{quotation}"));
            let behind = html.split_once("</a>").map_or("", |(_, behind)| behind);
            let between = behind.split("Words").next().unwrap_or_default();
            assert!(behind.contains("Words") && !BREAKS.iter().any(|tag| between.contains(tag)), "{html}");
        }
    }
    let quotation = format!("<blockquote>{WORDS}<cite>{SOURCE}</cite></blockquote>\n");
    let (_, html, _) = parsed_in(&settings("en"), "", &quotation);
    let behind = html.split_once("</a>").map_or("", |(_, behind)| behind);
    assert!(!behind.split("Words").next().unwrap_or_default().contains("<p"), "{html}");
}

#[test]
fn a_quote_in_a_quote_of_another_direction_has_its_own() {
    for (markdown, expected) in [
        ("> قال الرجل.\n>\n> > Inner.\n", vec!["<blockquote dir=\"auto\">", "<blockquote dir=\"auto\">"]),
        ("> Outer.\n>\n> > قال الرجل.\n", vec!["<blockquote>", "<blockquote dir=\"auto\">"]),
        (
            "> قال الرجل.\n>\n> > Inner.\n> >\n> > — Ann\n>\n> — Jane (lang: ar)\n",
            vec!["<blockquote lang=\"ar\" dir=\"rtl\">", "<blockquote dir=\"auto\">"],
        ),
        ("> قال الرجل.\n>\n> > كلام.\n", vec!["<blockquote dir=\"auto\">", "<blockquote>"]),
    ] {
        let (_, html, faults) = parsed_in(&settings("en"), "", markdown);
        let tags: Vec<String> = html
            .split("<blockquote")
            .skip(1)
            .filter_map(|part| part.split_once('>'))
            .map(|(tag, _)| format!("<blockquote{tag}>"))
            .collect();
        assert_eq!((tags, faults.len()), (expected.into_iter().map(str::to_owned).collect(), 0), "{html}");
    }
}

#[test]
fn quoted_words_have_their_own_direction() {
    const ARABIC: &str = "أغلقت المكتبة";
    for (language, markdown, start) in [
        ("en", format!("> {ARABIC}\n"), "<blockquote dir=\"auto\">"),
        ("en", format!("> {ARABIC}\n>\n> — Jane\n"), "<blockquote dir=\"auto\">"),
        ("en", format!("> {ARABIC}\n>\n> — Jane (lang: ar)\n"), "<blockquote lang=\"ar\" dir=\"rtl\">"),
        ("en", "> Words.\n".to_owned(), "<blockquote>"),
        ("ar", "> Words.\n".to_owned(), "<blockquote dir=\"auto\">"),
        ("ar", "> Words.\n>\n> — Jane\n".to_owned(), "<blockquote dir=\"auto\">"),
        ("ar", "> Words.\n>\n> — Jane (lang: en)\n".to_owned(), "<blockquote lang=\"en\" dir=\"ltr\">"),
        ("ar", format!("> {ARABIC}\n>\n> — مريم\n"), "<blockquote>"),
    ] {
        let (_, html, _) = parsed_in(&settings(language), "", &markdown);
        assert!(html.contains(start), "{language}: {html}");
        assert!(!html.contains("<figure lang") && !html.contains("<figcaption lang"), "{html}");
    }
}

#[test]
fn a_letter_and_a_call_are_not_reports() {
    for url in ["mailto:jane@x.example", "tel:+4612345"] {
        for link in [format!("[letter]({url})"), format!("<a href=\"{url}\">letter</a>")] {
            let (post, html, _) = quoted_in("en", &format!("— Jane Doe, {link}"));
            let Some(quote) = post.quotes.first() else { panic!("{html}") };
            assert_eq!((&quote.target, quote.source.title.as_str()), (&None, "letter"));
            assert!(&captions(&html)[0].contains(&format!("<a href=\"{url}\">letter</a>")), "{html}");
            assert!(!html.contains("cite=") && !html.contains(":~:"), "{html}");
        }
    }
}

#[test]
fn long_excerpts_are_cut() {
    let (post, ..) =
        parsed_in(&settings("en"), "", &format!("> {}\n>\n> — Jane Doe\n", "word ".repeat(100_000)));
    assert!(post.quotes[0].is_cut && post.quotes[0].text_html.len() < 10_000);
    let (post, ..) = parsed_in(
        &settings("en"),
        "",
        &format!("{}> — Jane Doe\n", "> Words of a paragraph.\n>\n".repeat(1000)),
    );
    assert!(post.quotes[0].is_cut && post.quotes[0].text_html.len() < 10_000);
    assert!(!quoted_in("en", "— Jane").0.quotes[0].is_cut);
}

/// Numbers that are the same in every run (Knuth's linear congruence).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap_or_default() % limit
    }

    fn one_of<'a>(&mut self, choices: &[&'a str]) -> &'a str {
        choices[self.below(choices.len())]
    }
}

/// What lines of one language are made of.
struct Tongue {
    tag: &'static str,
    names: &'static [&'static str],
    and: &'static [&'static str],
    by: &'static [&'static str],
    within: &'static [&'static str],
    papers: &'static [&'static str],
    headlines: &'static [&'static str],
    quotes: &'static [(&'static str, &'static str)],
    dates: &'static [&'static str],
    before_date: &'static [&'static str],
    remarks: &'static [&'static str],
}

/// An address without a scheme.
const BARE: &str = "paper.example/words";

const TONGUES: [Tongue; 5] = [
    Tongue {
        tag: "en",
        names: &[
            "Jane Doe",
            "J. R. Roe",
            "Ann O’Poe",
            "the editors",
            "Reuters",
            "Johnson & Johnson",
            "Barnes and Noble",
            "’t Hooft",
        ],
        and: &["and", "&"],
        by: &["By", "by", "From", "Source:"],
        within: &["in", "for", "at", "of", "from"],
        papers: &["The Example", "Weekly News", "example.org", "Daily Sample"],
        headlines: &[
            "Library to close",
            "What we *owe* the town",
            "A `code` word",
            "“Nothing left”, she said",
        ],
        quotes: &[("\"", "\""), ("“", "”"), ("‘", "’")],
        dates: &[
            "March 4, 2026",
            "4 March 2026",
            "4th of March, 2026",
            "Mar. 2026",
            "2026",
            "2026-03-04",
            "4–5 March 2026",
            "04/03/2026",
            "Spring 2026",
            "Q1 2026",
            "March 4, 2026 at 10:32 pm",
            "in Spring 2026",
            "mid-March 2026",
            "yesterday",
        ],
        before_date: &["on", "in", "published on", "Thursday,", "updated"],
        remarks: &[
            "(emphasis mine)",
            "(via Ann)",
            "(via [X](https://x.example/))",
            "([archived](https://archive.example/1))",
            "p. 7",
            "[^1]",
            "![i](i.png)",
            "<b>bold</b>",
            "(1899–1975)",
            "translated by Ann Poe",
            "<time datetime=\"2026-03-04\">last week</time>",
            "Issue 12",
            BARE,
            "{.cls}",
        ],
    },
    Tongue {
        tag: "de",
        names: &[
            "Anna Schmidt",
            "Karl-Heinz Müller",
            "Ursula von Berg",
            "die Redaktion",
            "Müller & Söhne GmbH",
        ],
        and: &["und", "&"],
        by: &["Von", "von", "Quelle:"],
        within: &["in", "für", "bei", "aus"],
        papers: &["Die Zeitung", "Der Bote", "beispiel.de", "Tagblatt"],
        headlines: &["Bücherei schließt", "Was wir *schulden*", "Ein `Wort`", "„Nichts übrig“"],
        quotes: &[("\"", "\""), ("„", "“"), ("»", "«"), ("‚", "‘")],
        dates: &[
            "4. März 2026, 10 Uhr",
            "Frühjahr 2026",
            "4. März 2026",
            "4. bis 5. März 2026",
            "04.03.2026",
            "März 2026",
            "2026",
            "4. Mär. 2026",
            "4.3 2026",
        ],
        before_date: &["am", "vom", "im", "erschienen am", "aktualisiert am", "Mittwoch, den"],
        remarks: &[
            "(Hervorhebung von mir)",
            "(* 1950)",
            "(1899 bis 1975)",
            "Ausgabe 12",
            "Übersetzung: Ann Poe",
            "(über Ann)",
            "([archiviert](https://archive.example/1))",
            "S. 7",
            "[^1]",
        ],
    },
    Tongue {
        tag: "fr",
        names: &["Anne Roy", "Jean-Luc Petit", "Marie d’Exemple", "la rédaction", "Dupont et Fils"],
        and: &["et", "&"],
        by: &["Par", "par", "Source :", "d’après", "Propos recueillis par"],
        within: &["dans", "pour", "sur", "chez"],
        papers: &["Le Journal", "La Feuille", "exemple.fr", "L’Écho"],
        headlines: &["La bibliothèque ferme", "Ce que nous *devons*", "Un `mot`"],
        quotes: &[("« ", " »"), ("“", "”"), ("\"", "\"")],
        dates: &[
            "4 mars 2026 à 18 h 30",
            "printemps 2026",
            "mi-mars 2026",
            "4 mars 2026",
            "1er mars 2026",
            "mars 2026",
            "04/03/2026",
            "2026",
            "4-5 mars 2026",
        ],
        before_date: &["le", "du", "en", "publié le", "mis à jour le", "jeudi"],
        remarks: &["(née en 1950)", "n° 12", "(souligné par nous)", "(via Ann)", "p. 7", "[^1]"],
    },
    Tongue {
        tag: "es",
        names: &[
            "Ana Ruiz",
            "José Ortega y Gasset",
            "Juan Gil",
            "María de Ejemplo",
            "la redacción",
            "Ruiz e Hijos",
        ],
        and: &["y", "&"],
        by: &["Por", "por", "Fuente:"],
        within: &["en", "para", "de"],
        papers: &["El Ejemplo", "La Hoja", "ejemplo.es", "Diario"],
        headlines: &["Cierra la biblioteca", "Lo que *debemos*", "Una `palabra`"],
        quotes: &[("«", "»"), ("“", "”"), ("\"", "\"")],
        dates: &["4 de marzo de 2026", "marzo de 2026", "4/3/2026", "2026", "4 y 5 de marzo de 2026"],
        before_date: &["el", "en", "publicado el", "actualizado el", "jueves,"],
        remarks: &["(cursiva mía)", "(vía Ann)", "pág. 7", "[^1]"],
    },
    Tongue {
        tag: "sv",
        names: &["Anna Ek", "Karl-Erik Ström", "Eva af Berg", "redaktionen", "TT"],
        and: &["och", "&"],
        by: &["Av", "av", "Källa:"],
        within: &["i", "för", "på", "hos"],
        papers: &["Bladet", "Svenska Tidningen", "exempel.se"],
        headlines: &["Biblioteket stänger", "Vad vi *är skyldiga*", "Ett `ord`"],
        quotes: &[("”", "”"), ("\"", "\""), ("»", "»")],
        dates: &[
            "4/3 2026",
            "4.3 2026",
            "våren 2026",
            "4 mars 2026",
            "mars 2026",
            "2026-03-04",
            "2026",
            "4–5 mars 2026",
        ],
        before_date: &["den", "i", "publicerad den", "uppdaterad", "torsdag"],
        remarks: &["(min kursivering)", "(via Ann)", "s. 7", "[^1]"],
    },
];

impl Tongue {
    /// A line of any of the forms that the parts allow, sensible or not.
    fn line(&self, numbers: &mut Numbers) -> String {
        let mut parts: Vec<String> = Vec::new();
        for _ in 0..=numbers.below(2) {
            let by =
                if numbers.below(4) == 0 { format!("{} ", numbers.one_of(self.by)) } else { String::new() };
            let second = if numbers.below(4) == 0 {
                format!(" {} {}", numbers.one_of(self.and), numbers.one_of(self.names))
            } else {
                String::new()
            };
            parts.push(format!("{by}{}{second}", numbers.one_of(self.names)));
        }
        for _ in 0..numbers.below(3) {
            let headline = numbers.one_of(self.headlines);
            let (open, close) = self.quotes[numbers.below(self.quotes.len())];
            let url = numbers.one_of(&[
                "https://paper.example/x",
                "https://paper.example/",
                "https://jane.example/@jane",
                "b.md",
            ]);
            parts.push(match numbers.below(6) {
                0 => format!("{open}{headline}{close}"),
                1 => format!("{open}[{headline}]({url}){close}"),
                2 => format!("**[{headline}]({url})**"),
                3 => format!("<a href=\"https://paper.example/y\">{headline}</a>"),
                4 => format!("<cite>{headline}</cite>"),
                _ => format!("[{headline}]({url})"),
            });
        }
        for _ in 0..numbers.below(3) {
            let within = if numbers.below(3) == 0 {
                format!("{} ", numbers.one_of(self.within))
            } else {
                String::new()
            };
            let paper = numbers.one_of(self.papers);
            parts.push(match numbers.below(3) {
                0 => format!("{within}{paper}"),
                1 => format!("{within}*{paper}*"),
                _ => format!("{within}[{paper}](https://paper.example/)"),
            });
        }
        if numbers.below(3) > 0 {
            let before = if numbers.below(3) == 0 {
                format!("{} ", numbers.one_of(self.before_date))
            } else {
                String::new()
            };
            let date = numbers.one_of(self.dates);
            parts.push(if numbers.below(5) == 0 {
                format!("({before}{date})")
            } else {
                format!("{before}{date}")
            });
        }
        if numbers.below(3) == 0 {
            parts.push(numbers.one_of(self.remarks).to_owned());
        }
        // Sometimes in another order than the usual one.
        if numbers.below(4) == 0 {
            let (a, b) = (numbers.below(parts.len()), numbers.below(parts.len()));
            parts.swap(a, b);
        }
        let mut line = String::new();
        for (number, part) in parts.iter().enumerate() {
            if number > 0 {
                line.push_str(
                    numbers.one_of(&[", ", ", ", ", ", "; ", ": ", " – ", " — ", " | ", " · ", " "]),
                );
            }
            line.push_str(part);
        }
        line + numbers.one_of(&["", "", ".", " "])
    }
}

/// A quotation with its attribution in one of the places where people write it. A name alone is not taken for a source in
/// each of them.
fn quotation_with(line: &str, place: usize) -> String {
    let has_link =
        ["](", "<a "].iter().any(|sign| line.replace("![i]", "").replace("(i.png)", "").contains(sign));
    match place {
        0 => format!("> Words here.\n>\n> <cite>{line}</cite>\n\n"),
        1 => format!("<blockquote>\n\nWords here.\n\n— {line}\n\n</blockquote>\n\n"),
        2 if has_link => format!("> — {line}\n>\n> Words here.\n\nOwn words.\n\n"),
        3 if has_link => format!("> Words here.\n\n> — {line}\n\nOwn words.\n\n"),
        4 if has_link && line.split_whitespace().count() <= 25 => format!("> Words here.\n>\n> ⸺ {line}\n\n"),
        _ => format!("> Words here.\n>\n> — {line}\n\nOwn words.\n\n"),
    }
}

/// Ten thousand lines in five languages, in six places: every word and every link of each is in its caption, in order.
#[test]
fn no_word_and_no_link_of_an_attribution_is_lost() {
    const LINES: usize = 100;
    let mut numbers = Numbers(20_261_130);
    for _ in 0..20 {
        for tongue in &TONGUES {
            let lines: Vec<String> = (0..LINES).map(|_| tongue.line(&mut numbers)).collect();
            let note = "\n[^1]: Note.\n";
            let quotes: String = lines.iter().map(|line| quotation_with(line, numbers.below(6))).collect();
            let paragraphs: String = lines.iter().map(|line| format!("Zz {line}\n\n")).collect();
            let (post, quoted, _) = parsed_in(&settings(tongue.tag), "", &(quotes + note));
            let (_, plain, _) = parsed_in(&settings(tongue.tag), "", &(paragraphs + note));
            // In a paragraph an address without a scheme is not a link.
            let plain = plain.replace(BARE, &format!("<a href=\"https://{BARE}\">{BARE}</a>"));
            let captions = captions(&quoted);
            let plain: Vec<&str> =
                plain.split("<p>Zz ").skip(1).filter_map(|part| part.split("</p>\n").next()).collect();
            assert_eq!((captions.len(), plain.len(), post.quotes.len()), (LINES, LINES, LINES));
            for ((line, caption), paragraph) in lines.iter().zip(captions).zip(plain) {
                is_printed_whole(line, &caption, paragraph);
            }
            for quote in &post.quotes {
                let source = &quote.source;
                for name in source.authors.iter().chain([&source.publication, &source.title]) {
                    let is_bare = name.trim_matches(|c: char| ",;:|·–—“”„«» ".contains(c)) == name;
                    assert!(is_bare, "`{name}` has separators in it: {source:?}");
                    let joins =
                        ["for", "in", "on", "by", "von", "und", "och", "dans", "und", "via", "source"];
                    assert!(!joins.contains(&name.as_str()), "`{name}` is not a name: {source:?}");
                }
            }
        }
    }
}

#[test]
fn a_time_behind_a_date_in_figures_is_printed() {
    for (language, line, behind) in [
        ("de", "— [H](https://u.example/1), 04.03.2026, 10:32 Uhr MEZ", "</time>, 10:32 Uhr MEZ"),
        ("fr", "— [H](https://u.example/1), publié le 04/03/2026 à 10h32", "</time> à 10h32"),
        ("fi", "— [H](https://u.example/1), 4.3.2026 klo 10.32", "</time> klo 10.32"),
        ("pl", "— [H](https://u.example/1), 4.03.2026, godz. 10:32", "</time>, godz. 10:32"),
        ("ru", "— [H](https://u.example/1), 04.03.2026, 10:32 (МСК)", "</time>, 10:32 (МСК)"),
        ("ja", "— [H](https://u.example/1)、2026年3月4日(水)10時32分", "</time>(水)10時32分"),
        ("en", "— [H](https://u.example/1), 2026-03-04 10:32 UTC", "</time> 10:32 UTC"),
    ] {
        let (_, html, faults) = quoted_in(language, line);
        assert!(html.contains(behind), "{line}: {html}");
        assert_eq!(faults, Vec::<String>::new(), "{line}");
    }
}

#[test]
fn a_source_in_a_line_of_its_quote_or_in_brackets_below_it_is_remarked_on() {
    const LIKELY: &str = super::attribution_places::LIKELY_SOURCE;
    const BELOW: &str = "this paragraph looks like the source of the quote above it, and is not a part of it";
    for (markdown, fault) in [
        ("> It rains. — [A Headline](https://u.example/1)\n", Some(LIKELY)),
        ("> It rains. – Jane Doe\n", Some(LIKELY)),
        ("> It rains. ([A Headline](https://u.example/1))\n", Some(LIKELY)),
        ("> It rains. ([via](https://u.example/1)).\n", Some(LIKELY)),
        ("> It rains.\n>\n> It rains again.” — Jane Doe\n", Some(LIKELY)),
        ("> It rains — Jane Doe\n", None),
        ("> It rains. ([#12](https://u.example/1))\n", None),
        ("> It rains. — And then it stops.\n", None),
        ("> It rains. (See [A Headline](https://u.example/1) for more rain.) It stops.\n", None),
        ("> Words.\n\n(Jane Doe, [A Headline](https://u.example/1))\n", Some(BELOW)),
        ("> Words.\n\n*Jane Doe, [A Headline](https://u.example/1)*\n", Some(BELOW)),
        ("> Words.\n\n([via](https://u.example/1))\n", Some(BELOW)),
        ("> Words.\n\n(I read it twice, see [here](https://u.example/1).)\n", None),
        ("> Words.\n>\n> — Jane\n\n(Jane Doe, [A Headline](https://u.example/1))\n", None),
    ] {
        let (_, html, faults) = parsed_in(&settings("en"), "", markdown);
        let messages: Vec<&str> =
            faults.iter().filter_map(|fault| fault.split_once(": ")).map(|(_, message)| message).collect();
        assert_eq!(messages, Vec::from_iter(fault), "{markdown}\n{html}");
    }
}

#[test]
fn a_sentence_behind_the_report_is_one_part_and_names_nothing() {
    for (line, expected, said) in [
        (
            "— [Jane on Mastodon](https://u.example/1) explaining how [ferries](https://f.example/x) *do* run",
            "title=Jane on Mastodon; url=https://u.example/1",
            "explaining how ferries do run",
        ),
        (
            "— [H](https://u.example/1) asking why “The Title” is sold",
            "title=H; url=https://u.example/1",
            "asking why “The Title” is sold",
        ),
    ] {
        let (post, html, faults) = quoted_in("en", line);
        assert_eq!(known(&post), expected, "{line}: {html}");
        let messages: Vec<&str> =
            faults.iter().filter_map(|fault| fault.split_once(": ")).map(|(_, message)| message).collect();
        assert_eq!(messages, [format!("this part of the attribution is not understood: `{said}`")]);
    }
}

#[test]
fn a_source_in_the_line_of_words_in_quotation_marks_is_read() {
    for (markdown, expected, words) in [
        ("> \"It rains.\" -- Fractional CTO\n", "by=Fractional CTO", "“It rains.”</p>"),
        ("> “It *rains*.” — Jane Doe\n", "by=Jane Doe", "“It <em>rains</em>.”</p>"),
        (
            "> \"It rains,\" she says, \"a lot.\" – [A Headline](https://u.example/1), *The Paper*, 2026\n",
            "title=A Headline; url=https://u.example/1; in=The Paper; on=2026",
            "“a lot.”</p>",
        ),
        ("> First.\n>\n> \"It rains.\" -- Jane Doe, 2026\n", "by=Jane Doe; on=2026", "“It rains.”</p>"),
        ("> «Es regnet.» — Eva Muster\n", "by=Eva Muster", "«Es regnet.»</p>"),
        ("> \"It rains.\" \\-- Jane Doe\n", "no quote", "“It rains.” -- Jane Doe</p>"),
        ("> \"It rains\" -- and then it stops.\n", "no quote", "“It rains” – and then it stops.</p>"),
        ("> It rains. -- Jane Doe\n", "no quote", "It rains. – Jane Doe</p>"),
        ("> \"It\" -- Jane said -- \"rains.\"\n", "no quote", "“It” – Jane said – “rains.”</p>"),
    ] {
        let (post, html, _) = parsed_in(&settings("en"), "", markdown);
        assert_eq!(known(&post), expected, "{markdown}\n{html}");
        assert!(html.contains(words), "{markdown}\n{html}");
    }
}

#[test]
fn what_a_report_is_and_who_helped_names_no_author_and_no_publication() {
    let mut wrong = Vec::new();
    for (language, line, expected) in [
        (
            "en",
            "— The Paper: [H](https://u.example/2026/1)",
            "by=The Paper; title=H; url=https://u.example/2026/1",
        ),
        (
            "en",
            "— The 1619 Project, [H](https://u.example/2026/1)",
            "by=The 1619 Project; title=H; url=https://u.example/2026/1",
        ),
        (
            "en",
            "— [H](https://u.example/2026/1), press release, 4 March 2026",
            "title=H; url=https://u.example/2026/1; on=2026-03-04",
        ),
        (
            "de",
            "— Pressemitteilung der [Stadt Beispiel](https://u.example/2026/1) vom 4. März 2026",
            "title=Stadt Beispiel; url=https://u.example/2026/1; on=2026-03-04",
        ),
        (
            "es",
            "— Comunicado de prensa, [La Autoridad](https://u.example/2026/1), 04/03/2026",
            "title=La Autoridad; url=https://u.example/2026/1; on=2026-03-04",
        ),
        (
            "ru",
            "— пресс-релиз, [Заголовок](https://u.example/2026/1)",
            "title=Заголовок; url=https://u.example/2026/1",
        ),
        (
            "en",
            "— A List Apart, [H](https://u.example/2026/1)",
            "by=A List Apart; title=H; url=https://u.example/2026/1",
        ),
        (
            "en",
            "— Jane Doe, The Paper's Washington bureau chief, [H](https://u.example/2026/1)",
            "by=Jane Doe; title=H; url=https://u.example/2026/1",
        ),
        (
            "en",
            "— Interview with Jane Doe, [H](https://u.example/2026/1), *The Paper*",
            "title=H; url=https://u.example/2026/1; in=The Paper",
        ),
        (
            "pl",
            "— Ewa Nowak w rozmowie z Janem Kowalskim, [Tytuł](https://u.example/2026/1)",
            "by=Ewa Nowak; title=Tytuł; url=https://u.example/2026/1",
        ),
        ("en", "— *Doe v. Roe*, 123 U.S. 456, 460 (1976)", "title=Doe v. Roe; on=1976"),
        (
            "en",
            "— *Doe v. Roe*, [No. 22-451](https://u.example/2026/1), para 36",
            "title=No. 22-451; url=https://u.example/2026/1",
        ),
        ("en", "— Orsolya Quill, *Hamlet*, III.i.56", "by=Orsolya Quill; in=Hamlet"),
        (
            "en",
            "— Jane Doe, [H](https://u.example/2026/1), *The Paper*, 4 March 2026, A1",
            "by=Jane Doe; title=H; url=https://u.example/2026/1; in=The Paper; on=2026-03-04",
        ),
        ("en", "— Jane Doe to John Roe, 4 March 1862", "by=Jane Doe; on=1862-03-04"),
        (
            "de",
            "— Eva Muster, *Das Meer*, Verlag Beispiel, 2019, S. 45 f.",
            "by=Eva Muster; in=Das Meer; on=2019",
        ),
        (
            "es",
            "— [El titular](https://u.example/2026/1), de Eva Pérez, en El Diario",
            "by=Eva Pérez; title=El titular; url=https://u.example/2026/1; in=El Diario",
        ),
        (
            "it",
            "— Eva Rossi, [Il titolo](https://u.example/2026/1), traduzione mia",
            "by=Eva Rossi; title=Il titolo; url=https://u.example/2026/1",
        ),
        (
            "el",
            "— Πηγή: [Ο τίτλος](https://u.example/2026/1), 04/03/2026",
            "title=Ο τίτλος; url=https://u.example/2026/1; on=2026-03-04",
        ),
        ("fa", "— منبع: [عنوان](https://u.example/2026/1)", "title=عنوان; url=https://u.example/2026/1"),
        ("hi", "— स्रोत: [शीर्षक](https://u.example/2026/1)", "title=शीर्षक; url=https://u.example/2026/1"),
        (
            "th",
            "— ที่มา: [หัวข้อ](https://u.example/2026/1), 4 มี.ค. 2569",
            "title=หัวข้อ; url=https://u.example/2026/1; on=2026-03-04",
        ),
        (
            "vi",
            "— Nguồn: [Tiêu đề](https://u.example/2026/1), ngày 4 tháng 3 năm 2026",
            "title=Tiêu đề; url=https://u.example/2026/1; on=2026-03-04",
        ),
        ("vi", "— Theo [Tiêu đề](https://u.example/2026/1)", "title=Tiêu đề; url=https://u.example/2026/1"),
        (
            "ko",
            "— 김철수, 〈[제목](https://u.example/2026/1)〉, 《신문》, 2026년 3월 4일",
            "by=김철수; title=제목; url=https://u.example/2026/1; in=신문; on=2026-03-04",
        ),
        (
            "fr",
            "— « [Le titre](https://u.example/2026/1) », « Le Journal », 4 mars 2026",
            "title=Le titre; url=https://u.example/2026/1; in=Le Journal; on=2026-03-04",
        ),
        (
            "he",
            "— רות כהן, ״[הכותרת](https://u.example/2026/1)״, תרגום שלי",
            "by=רות כהן; title=הכותרת; url=https://u.example/2026/1",
        ),
        (
            "ja",
            "—— 山田太郎『[本](https://u.example/2026/1)』鈴木花子訳、2019年",
            "by=山田太郎; title=本; url=https://u.example/2026/1; on=2019",
        ),
        (
            "zh",
            "—— 张三著，李四译，《[标题](https://u.example/2026/1)》",
            "by=张三; title=标题; url=https://u.example/2026/1",
        ),
        (
            "ru",
            "— Иванова А. А. [Заголовок](https://u.example/2026/1) // Журнал, 2026, № 3",
            "by=Иванова А. А.; title=Заголовок; url=https://u.example/2026/1; in=Журнал; on=2026",
        ),
    ] {
        let (post, _, faults) = quoted_in(language, line);
        if known(&post) != expected || !faults.is_empty() {
            wrong.push(format!("{line}: {} {faults:?}", known(&post)));
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn words_that_are_attributed_to_a_person_have_no_author() {
    for (language, line) in [
        ("en", "— Attributed to Jane Doe"),
        ("fr", "— attribué à Ève Petit"),
        ("de", "— Eva Muster zugeschrieben"),
    ] {
        let (post, html, faults) = quoted_in(language, line);
        assert!(post.quotes.iter().all(|quote| quote.source.authors.is_empty()), "{line}: {html}");
        assert!(!html.contains("p-author"), "{line}: {html}");
        assert!(html.contains(line.trim_start_matches("— ")), "{line}: {html}");
        assert_eq!(faults, Vec::<String>::new(), "{line}");
    }
}
