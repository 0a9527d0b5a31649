//! What Markdown becomes, feature by feature: whole outputs of small inputs.

use super::*;
use crate::post::{Parsed, Post, Target};

/// A post's text parsed below a title. Holes are written as what belongs there, between ⟨ and ⟩.
pub(super) fn parsed(markdown: &str) -> (Post, String, Vec<String>) {
    parsed_in("base_url = \"https://example.com\"", "", markdown)
}

pub(super) fn parsed_in(settings: &str, front_matter: &str, markdown: &str) -> (Post, String, Vec<String>) {
    let (config, _) = Config::parse(settings);
    let path = SourcePath::new("content/2016/a.md").expect("it is a path");
    let text = format!("+++\ntitle = \"A\"\n{front_matter}+++\n{markdown}");
    let Parsed { post, diagnostics } = crate::post::parse(&path, &text, &config);
    let (post, body) = post.expect("the front matter is good");
    let faults = diagnostics.iter().map(|fault| {
        let place = fault.place.as_ref().map_or((0, 0), |place| (place.line, place.column));
        format!("{}:{}: {}", place.0, place.1, fault.message)
    });
    (post, with_holes(&body), faults.collect())
}

fn with_holes(body: &Body) -> String {
    let mut html = String::new();
    let mut written = 0;
    for hole in &body.holes {
        html.push_str(&body.html[written..hole.at]);
        written = hole.at;
        let fill = match &hole.fill {
            Fill::PostUrl(path, _) | Fill::FileUrl(path, _) => format!("⟨{path}⟩"),
            Fill::Picture(picture) => {
                let is_html = picture.place == PicturePlace::Html;
                let file = if is_html { picture.written.clone() } else { format!("⟨{}⟩", picture.path) };
                let address = picture.address.as_deref().unwrap_or(&file);
                let is_lazy = picture.loading == PictureLoading::Lazy && !is_html;
                let lazy = if is_lazy { " loading=\"lazy\"" } else { "" };
                picture.tag(&format!("{address}{}", picture.suffix), None, lazy)
            }
            Fill::PictureRatio(path) => format!("⟨ratio of {path}⟩"),
            Fill::EmbedStart(_) => "<p>".to_owned(),
            Fill::EmbedEnd(_) => "</p>".to_owned(),
            Fill::Word(word) => format!("⟨{word}⟩"),
            Fill::Date(date) => format!("⟨date {date}⟩"),
            Fill::Code(block) => format!("⟨{:?}⟩", block.code),
        };
        html.push_str(&fill);
    }
    html.push_str(&body.html[written..]);
    html
}

/// The whole HTML of a text that has no faults.
#[track_caller]
pub(super) fn check(markdown: &str, expected: &str) {
    let (_, html, faults) = parsed(markdown);
    assert_eq!((html.trim_end(), faults), (expected.trim_end(), Vec::new()));
}

#[test]
fn paragraphs_and_emphasis() {
    check(
        "One *two* **three** ~~four~~ `five < 6`\nsix\\\nseven  \neight & <nine>",
        r#"<p>One <em>two</em> <strong>three</strong> <del>four</del> <code>five &lt; 6</code>
six<br>
seven<br>
eight &amp; <nine></p>"#,
    );
    check("\\*no\\* \\# &amp; &copy; &#35;", "<p>*no* # &amp; © #</p>");
    check("---", "<hr>");
    check(
        "Setext\n===\n\n###### Six ######",
        r##"<h1 id="setext">Setext <a class="anchor" href="#setext" aria-label="⟨heading_anchor⟩">#</a></h1>
<h6 id="six">Six <a class="anchor" href="#six" aria-label="⟨heading_anchor⟩">#</a></h6>"##,
    );
}

#[test]
fn typography() {
    check(
        "\"Double\" and 'single' -- a dash --- a long one... it's '90s",
        "<p>“Double” and ‘single’ – a dash — a long one… it’s ’90s</p>",
    );
    check("`\"raw\" -- ...`", "<p><code>&quot;raw&quot; -- ...</code></p>");
}

#[test]
fn headings_have_anchors() {
    check(
        "## Über *uns* & `code`",
        r##"<h2 id="uber-uns-code">Über <em>uns</em> &amp; <code>code</code> <a class="anchor" href="#uber-uns-code" aria-label="⟨heading_anchor⟩">#</a></h2>"##,
    );
    check(
        "## A\n\n## A\n\n## A-2\n\n## A",
        r##"<h2 id="a">A <a class="anchor" href="#a" aria-label="⟨heading_anchor⟩">#</a></h2>
<h2 id="a-2">A <a class="anchor" href="#a-2" aria-label="⟨heading_anchor⟩">#</a></h2>
<h2 id="a-2-2">A-2 <a class="anchor" href="#a-2-2" aria-label="⟨heading_anchor⟩">#</a></h2>
<h2 id="a-3">A <a class="anchor" href="#a-3" aria-label="⟨heading_anchor⟩">#</a></h2>"##,
    );
    check(
        "## Own {#own}\n\n## Own",
        r##"<h2 id="own">Own <a class="anchor" href="#own" aria-label="⟨heading_anchor⟩">#</a></h2>
<h2 id="own-2">Own <a class="anchor" href="#own-2" aria-label="⟨heading_anchor⟩">#</a></h2>"##,
    );
    check(
        "## Klass {.x #y data-z=1}",
        r##"<h2 id="y">Klass <a class="anchor" href="#y" aria-label="⟨heading_anchor⟩">#</a></h2>"##,
    );
    check(
        "## ???",
        r##"<h2 id="section">??? <a class="anchor" href="#section" aria-label="⟨heading_anchor⟩">#</a></h2>"##,
    );
    check(
        "## [Link](https://e.org/)",
        r##"<h2 id="link"><a href="https://e.org/">Link</a> <a class="anchor" href="#link" aria-label="⟨heading_anchor⟩">#</a></h2>"##,
    );
}

#[test]
fn lists() {
    check(
        "- a\n- b\n  - c\n\n1. x\n2. y",
        r#"<ul>
<li>a</li>
<li>b<ul>
<li>c</li>
</ul>
</li>
</ul>
<ol>
<li>x</li>
<li>y</li>
</ol>"#,
    );
    check(
        "3. three\n4. four",
        r#"<ol start="3">
<li>three</li>
<li>four</li>
</ol>"#,
    );
    check(
        "- a\n\n- b",
        r#"<ul>
<li><p>a</p>
</li>
<li><p>b</p>
</li>
</ul>"#,
    );
    check(
        "- [x] done\n- [ ] to do\n  1. [ ] deep",
        r#"<ul>
<li class="task"><input type="checkbox" disabled checked aria-label="⟨task_done⟩"> done</li>
<li class="task"><input type="checkbox" disabled aria-label="⟨task_open⟩"> to do<ol>
<li class="task"><input type="checkbox" disabled aria-label="⟨task_open⟩"> deep</li>
</ol>
</li>
</ul>"#,
    );
}

#[test]
fn definition_lists() {
    check(
        "Term\n: One\n: Two\n\n*Other*\n: Three",
        r#"<dl>
<dt id="term">Term</dt>
<dd>One</dd>
<dd>Two</dd>
<dt id="other"><em>Other</em></dt>
<dd>Three</dd>
</dl>"#,
    );
}

#[test]
fn tables() {
    check(
        "| a | b | c | d |\n|---|:--|:-:|--:|\n| 1 | *2* | \\| | `x\\|y` |\n| short |",
        r#"<div class="table" role="group" tabindex="0" aria-label="⟨table⟩"><table>
<thead><tr><th scope="col">a</th><th scope="col" style="text-align:left">b</th><th scope="col" style="text-align:center">c</th><th scope="col" style="text-align:right">d</th></tr></thead>
<tbody>
<tr><td>1</td><td style="text-align:left"><em>2</em></td><td style="text-align:center">|</td><td style="text-align:right"><code>x|y</code></td></tr>
<tr><td>short</td><td style="text-align:left"></td><td style="text-align:center"></td><td style="text-align:right"></td></tr>
</tbody>
</table></div>"#,
    );
    check(
        "| only head |\n|--|",
        r#"<div class="table" role="group" tabindex="0" aria-label="⟨table⟩"><table>
<thead><tr><th scope="col">only head</th></tr></thead>
<tbody>
</tbody>
</table></div>"#,
    );
}

#[test]
fn alerts() {
    check(
        "> [!NOTE]\n> Words.",
        r#"<div class="alert alert-note" role="note">
<p class="alert-title">⟨note⟩</p>
<p>Words.</p>
</div>"#,
    );
    check(
        "> [!TIP]\n> a\n>\n> b",
        r#"<div class="alert alert-tip" role="note">
<p class="alert-title">⟨tip⟩</p>
<p>a</p>
<p>b</p>
</div>"#,
    );
    check(
        "> [!IMPORTANT]\n> x\n\n> [!WARNING]\n> x\n\n> [!CAUTION]\n> x",
        r#"<div class="alert alert-important" role="note">
<p class="alert-title">⟨important⟩</p>
<p>x</p>
</div>
<div class="alert alert-warning" role="note">
<p class="alert-title">⟨warning⟩</p>
<p>x</p>
</div>
<div class="alert alert-caution" role="note">
<p class="alert-title">⟨caution⟩</p>
<p>x</p>
</div>"#,
    );
    let (_, html, faults) = parsed("> [!OTHER]\n> x");
    assert_eq!(html.trim_end(), "<blockquote>\n<p>[!OTHER]\nx</p>\n</blockquote>");
    assert_eq!(faults, ["4:3: `[!OTHER]` is a callout of Obsidian, which has no meaning here"]);
}

/// The HTML of a text with faults.
#[track_caller]
fn check_html(markdown: &str, expected: &str) {
    let (_, html, _) = parsed(markdown);
    assert_eq!(html.trim_end(), expected.trim_end());
}

#[test]
fn footnotes() {
    check(
        "One[^a] two[^b] again[^a].\n\n[^a]: Note *a*.\n[^b]: Note b.\n\n    More of b.",
        r##"<p>One<sup class="footnote-ref"><a id="fnref-1" href="#fn-1" role="doc-noteref">1</a></sup> two<sup class="footnote-ref"><a id="fnref-2" href="#fn-2" role="doc-noteref">2</a></sup> again<sup class="footnote-ref"><a id="fnref-1-2" href="#fn-1" role="doc-noteref">1</a></sup>.</p>
<div class="footnotes" role="doc-endnotes" aria-label="⟨footnotes⟩">
<ol>
<li id="fn-1">
<p>Note <em>a</em>. <a class="footnote-back" href="#fnref-1" role="doc-backlink" aria-label="⟨footnote_back⟩">↩</a> <a class="footnote-back" href="#fnref-1-2" role="doc-backlink" aria-label="⟨footnote_back⟩">↩</a></p>
</li>
<li id="fn-2">
<p>Note b.</p>
<p>More of b. <a class="footnote-back" href="#fnref-2" role="doc-backlink" aria-label="⟨footnote_back⟩">↩</a></p>
</li>
</ol>
</div>"##,
    );
    check_html(
        "One[^x].\n\n[^x]: See[^y].\n[^y]: Last.\n[^z]: Never referred to.",
        r##"<p>One<sup class="footnote-ref"><a id="fnref-1" href="#fn-1" role="doc-noteref">1</a></sup>.</p>
<div class="footnotes" role="doc-endnotes" aria-label="⟨footnotes⟩">
<ol>
<li id="fn-1">
<p>See<sup class="footnote-ref"><a id="fnref-2" href="#fn-2" role="doc-noteref">2</a></sup>. <a class="footnote-back" href="#fnref-1" role="doc-backlink" aria-label="⟨footnote_back⟩">↩</a></p>
</li>
<li id="fn-2">
<p>Last. <a class="footnote-back" href="#fnref-2" role="doc-backlink" aria-label="⟨footnote_back⟩">↩</a></p>
</li>
<li id="fn-3">
<p>Never referred to.</p>
</li>
</ol>
</div>"##,
    );
    check_html("None[^gone].", "<p>None[^gone].</p>");
    check_html(
        "[^2]: Alone, with another[^3].\n\n[^3]: Third.\n\nText[^NOTE].\n\n[^note]: First.\n\n[^Note]: Second.",
        r##"<p>Text<sup class="footnote-ref"><a id="fnref-1" href="#fn-1" role="doc-noteref">1</a></sup>.</p>
<div class="footnotes" role="doc-endnotes" aria-label="⟨footnotes⟩">
<ol>
<li id="fn-1">
<p>First. <a class="footnote-back" href="#fnref-1" role="doc-backlink" aria-label="⟨footnote_back⟩">↩</a></p>
</li>
<li id="fn-2">
<p>Alone, with another<sup class="footnote-ref"><a id="fnref-3" href="#fn-3" role="doc-noteref">3</a></sup>.</p>
</li>
<li id="fn-3">
<p>Third. <a class="footnote-back" href="#fnref-3" role="doc-backlink" aria-label="⟨footnote_back⟩">↩</a></p>
</li>
<li id="fn-4">
<p>Second.</p>
</li>
</ol>
</div>"##,
    );
    let (_, _, faults) = parsed("Text[^a].\n\n[^a]: First.\n\n[^a]: Second.\n\n[^b]: Unused.");
    assert_eq!(
        faults,
        [
            "8:1: the footnote `[^a]` is defined twice: the first one counts",
            "10:1: nothing refers to the footnote `[^b]`"
        ]
    );
    check(
        "[^l]: - a\n\nList[^l].",
        r##"<p>List<sup class="footnote-ref"><a id="fnref-1" href="#fn-1" role="doc-noteref">1</a></sup>.</p>
<div class="footnotes" role="doc-endnotes" aria-label="⟨footnotes⟩">
<ol>
<li id="fn-1">
<ul>
<li>a</li>
</ul>
 <a class="footnote-back" href="#fnref-1" role="doc-backlink" aria-label="⟨footnote_back⟩">↩</a></li>
</ol>
</div>"##,
    );
}

#[test]
fn formulas_and_dollars() {
    check(
        "Inline $x^2$.",
        r#"<p>Inline <math display="inline"><msup><mi>x</mi><mn>2</mn></msup></math>.</p>"#,
    );
    check(
        "$$\nx\n$$",
        r#"<p><span class="math" tabindex="0"><math display="block"><mi>x</mi></math></span></p>"#,
    );
    check("It costs $5, or $7 a day.", "<p>It costs $5, or $7 a day.</p>");
    check("From $180,000 a year to $1.2 million.", "<p>From $180,000 a year to $1.2 million.</p>");
    check("US$5 is not \\$x\\$", "<p>US$5 is not $x$</p>");
    check("`$y$`", "<p><code>$y$</code></p>");
    check("$20 and $30", "<p>$20 and $30</p>");
}

#[test]
fn raw_html() {
    check(
        "<div class=\"x\">\n*not* parsed\n</div>",
        r#"<div class="x">
*not* parsed
</div>"#,
    );
    check(
        "<div>\n\n*parsed*\n\n</div>",
        r#"<div>
<p><em>parsed</em></p>
</div>"#,
    );
    check("a <b onclick=\"x\">b</b> <!-- c -->", r#"<p>a <b onclick="x">b</b> <!-- c --></p>"#);
    check("<script>if (a < b) {}</script>", "<script>if (a < b) {}</script>");
}

#[test]
fn links() {
    check(
        "[a](https://e.org/?a=1&b=2 \"Ti\\\"tle\") <https://e.org/> <me@e.org> [b](b.md) [c](../c.md#part) [d](@/d.md?x#y) [e](/e/) [f](#anchor) [g](map.png) [h](//cdn.e.org/x) [i](mailto:a@e.org)",
        r##"<p><a href="https://e.org/?a=1&amp;b=2" title="Ti&quot;tle">a</a> <a href="https://e.org/">https://e.org/</a> <a href="mailto:me@e.org">me@e.org</a> <a href="⟨content/2016/b.md⟩">b</a> <a href="⟨content/c.md⟩#part">c</a> <a href="⟨content/d.md⟩?x#y">d</a> <a href="/e/">e</a> <a href="#anchor">f</a> <a href="⟨content/2016/map.png⟩">g</a> <a href="//cdn.e.org/x">h</a> <a href="mailto:a@e.org">i</a></p>"##,
    );
    check(
        "[ref][1] and [ref] and [none]\n\n[1]: https://e.org/1\n[ref]: b.md 'T'",
        r#"<p><a href="https://e.org/1">ref</a> and <a href="⟨content/2016/b.md⟩" title="T">ref</a> and [none]</p>"#,
    );
    check("[*a* `b`](x%20y.pdf)", r#"<p><a href="⟨content/2016/x y.pdf⟩"><em>a</em> <code>b</code></a></p>"#);
}

#[test]
fn images() {
    check(
        "![Alt *text* & more](map.png)",
        r#"<p><img src="⟨content/2016/map.png⟩" alt="Alt text &amp; more"></p>"#,
    );
    check(
        "![A](map.png \"Title\")",
        r#"<figure class="image"><img src="⟨content/2016/map.png⟩" alt="A"><figcaption>Title</figcaption></figure>"#,
    );
    check(
        "Text ![A](map.png \"Title\") in a line.",
        r#"<p>Text <img src="⟨content/2016/map.png⟩" alt="A" title="Title"> in a line.</p>"#,
    );
    check(
        "[![A](map.png \"Title\")](b.md)",
        r#"<figure class="image"><a href="⟨content/2016/b.md⟩"><img src="⟨content/2016/map.png⟩" alt="A"></a><figcaption>Title</figcaption></figure>"#,
    );
    check("![A](/x/y.png)", r#"<p><img src="/x/y.png" alt="A"></p>"#);
    check("![A](https://e.org/a.png)", r#"<p><img src="https://e.org/a.png" alt="A"></p>"#);
    check("![](map.png)", r#"<p><img src="⟨content/2016/map.png⟩" alt=""></p>"#);
}

#[test]
fn code_blocks() {
    check("```rust\nfn main() {}\n```", r#"⟨"fn main() {}\n"⟩"#);
    check("    indented <x>", r#"⟨"indented <x>"⟩"#);
    check("```\n{{ x }} {% y %}\n```", r#"⟨"{{ x }} {% y %}\n"⟩"#);
    check("```rust name=\"a.rs\" hl_lines=1 linenos\nx\n```", r#"⟨"x\n"⟩"#);
}

#[test]
fn templates_are_text() {
    check("{{ 1 }} {% {# z #}", "<p>{{ 1 }} {% {# z #}</p>");
    check("[{{ 1 }}](https://e.org/{{ 1 }})", "<p>[{{ 1 }}](https://e.org/{{ 1 }})</p>");
}

#[test]
fn plain_block_quotes() {
    check(
        "> Words.",
        r#"<blockquote>
<p>Words.</p>
</blockquote>"#,
    );
    check(
        "> a\n> > b\n>\n> c",
        r#"<blockquote>
<p>a</p>
<blockquote>
<p>b</p>
</blockquote>
<p>c</p>
</blockquote>"#,
    );
    check(
        "> — Someone speaking.",
        r#"<blockquote>
<p>— Someone speaking.</p>
</blockquote>"#,
    );
    check(
        "> Words.\n>\n> \\— not an attribution",
        r#"<blockquote>
<p>Words.</p>
<p>— not an attribution</p>
</blockquote>"#,
    );
    check(
        "> Words — with a dash\n> — in a line",
        r#"<blockquote>
<p>Words — with a dash
— in a line</p>
</blockquote>"#,
    );
    check(
        "> — First line of a dialogue.\n>\n> — Second line of it.",
        r#"<blockquote>
<p>— First line of a dialogue.</p>
<p>— Second line of it.</p>
</blockquote>"#,
    );
    check(
        "> - a\n> - b",
        r#"<blockquote>
<ul>
<li>a</li>
<li>b</li>
</ul>
</blockquote>"#,
    );
    check(
        "> Words.\n>\n> —",
        r#"<blockquote>
<p>Words.</p>
<p>—</p>
</blockquote>"#,
    );
    check(
        "> \"No,\" he said.\n\n— and went.",
        r#"<blockquote>
<p>“No,” he said.</p>
</blockquote>
<p>— and went.</p>"#,
    );
}

#[test]
fn attributions() {
    check(
        "> Words.\n>\n> — Jane Doe",
        r##"<figure class="quote h-cite" id="q-b59dae63">
<figcaption><span class="p-author h-card">Jane Doe</span> <a class="quote-permalink" href="#q-b59dae63" aria-label="⟨quote_permalink⟩"></a></figcaption>
<blockquote>
<P class="p-content">Words.</p>
</blockquote>
</figure>"##,
    );
    check(
        "> Words.\n>\n> -- Jane Doe",
        r##"<figure class="quote h-cite" id="q-b59dae63">
<figcaption><span class="p-author h-card">Jane Doe</span> <a class="quote-permalink" href="#q-b59dae63" aria-label="⟨quote_permalink⟩"></a></figcaption>
<blockquote>
<P class="p-content">Words.</p>
</blockquote>
</figure>"##,
    );
    check(
        "> Words.\n>\n> --- Jane Doe, *The Example*, 2026",
        r##"<figure class="quote h-cite" id="q-b59dae63">
<figcaption><span class="p-author h-card">Jane Doe</span>, <span class="p-publication"><em>The Example</em></span>, <time class="dt-published" datetime="2026">⟨date 2026⟩</time> <a class="quote-permalink" href="#q-b59dae63" aria-label="⟨quote_permalink⟩"></a></figcaption>
<blockquote>
<P class="p-content">Words.</p>
</blockquote>
</figure>"##,
    );
    check(
        "> Words here.\n>\n> — [Headline](https://e.org/a?b=1&c=2)",
        r##"<figure class="quote h-cite" id="q-88a6ee7c">
<figcaption><cite class="p-name"><a class="u-url" href="https://e.org/a?b=1&amp;c=2#:~:text=Words%20here">Headline</a></cite> <a class="quote-permalink" href="#q-88a6ee7c" aria-label="⟨quote_permalink⟩"></a></figcaption>
<blockquote cite="https://e.org/a?b=1&amp;c=2">
<P class="p-content">Words here.</p>
</blockquote>
</figure>"##,
    );
    check(
        "> The council voted 7–2.\n>\n> — Jane Doe, [Library to close](https://example.com/lib), *The Example*, 2026-03-04 (via [X](https://x.example/))",
        r##"<figure class="quote h-cite" id="q-0963a54c">
<figcaption><span class="p-author h-card">Jane Doe</span><span class="quote-break">, </span><cite class="p-name"><a class="u-url" href="https://example.com/lib#:~:text=The%20council%20voted">Library to close</a></cite><span class="quote-break">, </span><span class="p-publication"><em>The Example</em></span>, <time class="dt-published" datetime="2026-03-04">⟨date 2026-03-04⟩</time> <span class="quote-via">(via <a href="https://x.example/">X</a>)</span> <a class="quote-permalink" href="#q-0963a54c" aria-label="⟨quote_permalink⟩"></a></figcaption>
<blockquote cite="https://example.com/lib">
<P class="p-content">The council voted 7–2.</p>
</blockquote>
</figure>"##,
    );
    check(
        "> Worte.\n>\n> — Jana, [Titel](https://e.org/), Die Zeitung, 4 March 2026 (lang: de) (emphasis mine) ([archived](https://archive.example/1))",
        r##"<figure class="quote h-cite" id="q-5d8ae5dc">
<figcaption><span class="p-author h-card">Jana</span><span class="quote-break">, </span><cite class="p-name"><a class="u-url" href="https://e.org/#:~:text=Worte">Titel</a></cite><span class="quote-break">, </span><span class="p-publication">Die Zeitung</span>, <time class="dt-published" datetime="2026-03-04">4 March 2026</time> <span class="quote-note">(emphasis mine)</span> (<span class="quote-archived"><a href="https://archive.example/1">archived</a></span>) <a class="quote-permalink" href="#q-5d8ae5dc" aria-label="⟨quote_permalink⟩"></a></figcaption>
<blockquote cite="https://e.org/" lang="de" dir="ltr">
<P class="p-content">Worte.</p>
</blockquote>
</figure>"##,
    );
    check(
        "> Words.\n>\n> — [Own](b.md#part), *Us*",
        r##"<figure class="quote h-cite" id="q-b5767648">
<figcaption><cite class="p-name"><a class="u-url" href="⟨content/2016/b.md⟩#part:~:text=Words">Own</a></cite><span class="quote-break">, </span><span class="p-publication"><em>Us</em></span> <a class="quote-permalink" href="#q-b5767648" aria-label="⟨quote_permalink⟩"></a></figcaption>
<blockquote cite="⟨content/2016/b.md⟩#part">
<P class="p-content">Words.</p>
</blockquote>
</figure>"##,
    );
    check(
        "> Words.\n>\n> — <https://e.org/>",
        r##"<figure class="quote h-cite" id="q-a041bf9f">
<figcaption><cite class="p-name"><a class="u-url" href="https://e.org/#:~:text=Words">https://e.org/</a></cite> <a class="quote-permalink" href="#q-a041bf9f" aria-label="⟨quote_permalink⟩"></a></figcaption>
<blockquote cite="https://e.org/">
<P class="p-content">Words.</p>
</blockquote>
</figure>"##,
    );
    check(
        "> Words.\n>\n> — *The Example*, March 2026 (via Ann)",
        r##"<figure class="quote h-cite" id="q-b59dae63">
<figcaption><span class="p-publication"><em>The Example</em></span>, <time class="dt-published" datetime="2026-03">March 2026</time> <span class="quote-via">(via Ann)</span> <a class="quote-permalink" href="#q-b59dae63" aria-label="⟨quote_permalink⟩"></a></figcaption>
<blockquote>
<P class="p-content">Words.</p>
</blockquote>
</figure>"##,
    );
}

#[test]
fn the_language_and_direction_of_a_quote_are_those_of_its_words() {
    let blockquote = |markdown: &str| {
        let (_, html, _) = parsed(markdown);
        let start = html.find("<blockquote").expect("it is a quote");
        html[start..].split('>').next().unwrap_or_default().to_owned()
    };
    assert_eq!(blockquote("> أغلقت المكتبة.\n>\n> — Jane"), "<blockquote dir=\"auto\"");
    assert_eq!(blockquote("> 12 «הספרייה» closed.\n>\n> — Jane"), "<blockquote dir=\"auto\"");
    assert_eq!(blockquote("> The word المكتبة.\n>\n> — Jane"), "<blockquote");
    assert_eq!(blockquote("> كلمات\n>\n> — Jane (lang: ar)"), "<blockquote lang=\"ar\" dir=\"rtl\"");
    let (_, html, _) = parsed("> Worte.\n>\n> — Jana, 4 March 2026 (lang: de)");
    assert!(html.starts_with("<figure class=\"quote h-cite\" id=\"q-"), "{html}");
    assert!(!html[..html.find("<blockquote").unwrap_or_default()].contains("lang="), "{html}");
}

/// The address behind the headline of the last quote, decoded.
fn headline_address(front_matter: &str, markdown: &str) -> String {
    let (_, html, _) = parsed_in("base_url = \"https://example.com\"", front_matter, markdown);
    let (_, address) = html.split_once("class=\"u-url\" href=\"").unwrap_or_default();
    crate::path::percent_decode(address.split('"').next().unwrap_or_default())
}

#[test]
fn a_link_leads_to_the_words_of_the_report_alone() {
    let address = |words: &str, url: &str| headline_address("", &format!("{words}\n>\n> — [H]({url})"));
    let leads_to = |words: &str| address(words, "https://e.org/").replace("https://e.org/#:~:text=", "");
    // Pictures, footnotes and formatting.
    assert_eq!(leads_to("> ![A map of the town](map.png)\n>\n> Three words here"), "Three words here");
    assert_eq!(leads_to("> Three words[^1] here\n>\n> [^1]: A note."), "Three words here");
    assert_eq!(leads_to("> *Three* wo**rd**s [here](x.md) <b>now</b>"), "Three words here now");
    // Verse, lists and tables.
    assert_eq!(leads_to("> Rain fell\\\n> on walls\\\n> of stone"), "Rain fell,of stone");
    assert_eq!(leads_to("> - Rain fell\n>   - on walls\n> - of stone"), "Rain fell,of stone");
    assert_eq!(leads_to("> | a | b |\n> | - | - |\n> | 1 | 2 |"), "https://e.org/");
    // The caption of a quote within is not the report's.
    let inner = "> Outer words of three\n>\n> > Inner words of three\n> >\n> > — [Inner](https://i.example/), *Paper*, 2026-01-02";
    assert_eq!(
        leads_to(inner),
        "Outer words of three,Inner words of three&amp;text=words of three,Inner words of"
    );
    // An address that has a directive already.
    assert_eq!(
        address("> Three words here", "https://e.org/#sec:~:text=foo"),
        "https://e.org/#sec:~:text=Three words here"
    );
    assert_eq!(address("> No.", "https://e.org/#:~:text=foo"), "https://e.org/#:~:text=foo");
    assert_eq!(
        address("> Three words here", "https://e.org/#page=3"),
        "https://e.org/#page=3:~:text=Three words here"
    );
    // What no browser shows as a page.
    assert_eq!(address("> Three words here", "mailto:jane@e.org"), "");
    let (post, html, _) = parsed("> Three words here\n>\n> — [H](https://e.org/#:~:text=foo)");
    assert!(html.contains("cite=\"https://e.org/\""), "{html}");
    assert_eq!(post.quotes[0].target, Some(Target::External("https://e.org/".to_owned())));
    assert_eq!(post.links[0].target, Target::External("https://e.org/".to_owned()));
    let stored = "[[quotes]]\nid = \"two\"\ntext = \"Stored words of five here\"\n";
    assert!(
        headline_address(stored, "> {@two}\n>\n> — [H](https://e.org/)")
            .ends_with("text=Stored words of five here&amp;text=words of five")
    );
}

#[test]
fn quotes_of_many_parts() {
    check(
        "> One two three four five six seven eight nine ten. […] \"Eleven,\" said she.\n>\n> Twelve – thirteen [insert] fourteen fifteen sixteen.\n>\n> — [H](https://e.org/)",
        r##"<figure class="quote h-cite" id="q-68e42745">
<figcaption><cite class="p-name"><a class="u-url" href="https://e.org/#:~:text=One%20two%20three%20four%20five,seven%20eight%20nine%20ten&amp;text=two%20three%20four%20five,seven%20eight%20nine&amp;text=fourteen%20fifteen%20sixteen">H</a></cite> <a class="quote-permalink" href="#q-68e42745" aria-label="⟨quote_permalink⟩"></a></figcaption>
<blockquote cite="https://e.org/">
<P class="p-content">One two three four five six seven eight nine ten. […] “Eleven,” said she.</p>
<p class="p-content">Twelve – thirteen [insert] fourteen fifteen sixteen.</p>
</blockquote>
</figure>"##,
    );
    check(
        "> a b c\n>\n> […]\n>\n> d e f\n>\n> — [H](https://e.org/#there)",
        r##"<figure class="quote h-cite" id="q-91003977">
<figcaption><cite class="p-name"><a class="u-url" href="https://e.org/#there:~:text=a%20b%20c&amp;text=d%20e%20f">H</a></cite> <a class="quote-permalink" href="#q-91003977" aria-label="⟨quote_permalink⟩"></a></figcaption>
<blockquote cite="https://e.org/#there">
<P class="p-content">a b c</p>
<p class="p-content">[…]</p>
<p class="p-content">d e f</p>
</blockquote>
</figure>"##,
    );
    check(
        "> First.\n>\n> > Nested words.\n>\n> Last.\n>\n> — [H](https://e.org/)",
        r##"<figure class="quote h-cite" id="q-e1928940">
<figcaption><cite class="p-name"><a class="u-url" href="https://e.org/#:~:text=Nested%20words">H</a></cite> <a class="quote-permalink" href="#q-e1928940" aria-label="⟨quote_permalink⟩"></a></figcaption>
<blockquote cite="https://e.org/">
<P class="p-content">First.</p>
<blockquote>
<p>Nested words.</p>
</blockquote>
<p class="p-content">Last.</p>
</blockquote>
</figure>"##,
    );
    check(
        "> Words\n> > — Inner\n>\n> — Outer",
        r##"<figure class="quote h-cite" id="q-105c6fc7">
<figcaption><span class="p-author h-card">Outer</span> <a class="quote-permalink" href="#q-105c6fc7" aria-label="⟨quote_permalink⟩"></a></figcaption>
<blockquote>
<P class="p-content">Words</p>
<blockquote>
<p>— Inner</p>
</blockquote>
</blockquote>
</figure>"##,
    );
    check(
        "> - a list\n> - of words\n>\n> — [H](https://e.org/)",
        r##"<figure class="quote h-cite" id="q-a39fa995">
<figcaption><cite class="p-name"><a class="u-url" href="https://e.org/">H</a></cite> <a class="quote-permalink" href="#q-a39fa995" aria-label="⟨quote_permalink⟩"></a></figcaption>
<blockquote cite="https://e.org/">
<ul>
<LI>a list</li>
<li>of words</li>
</ul>
</blockquote>
</figure>"##,
    );
    check(
        "> Same.\n>\n> — A\n\n> Same.\n>\n> — A",
        r##"<figure class="quote h-cite" id="q-0a9e5f1a">
<figcaption><span class="p-author h-card">A</span> <a class="quote-permalink" href="#q-0a9e5f1a" aria-label="⟨quote_permalink⟩"></a></figcaption>
<blockquote>
<P class="p-content">Same.</p>
</blockquote>
</figure>
<figure class="quote h-cite" id="q-0a9e5f1a-2">
<figcaption><span class="p-author h-card">A</span> <a class="quote-permalink" href="#q-0a9e5f1a-2" aria-label="⟨quote_permalink⟩"></a></figcaption>
<blockquote>
<P class="p-content">Same.</p>
</blockquote>
</figure>"##,
    );
}

const LIBRARY: &str = "[[quotes]]\nid = \"lib\"\nurl = \"https://example.com/lib\"\ntitle = \"Library to close\"\n\
    author = \"Jane Doe\"\npublication = \"The Example\"\npublished = 2026-03-04\nlang = \"de\"\n\
    text = \"Stored *words*.\\n\\nAnd more.\"\n";

#[track_caller]
fn check_with_library(markdown: &str, expected: &str) {
    let (_, html, faults) = parsed_in("base_url = \"https://example.com\"", LIBRARY, markdown);
    assert_eq!((html.trim_end(), faults), (expected, Vec::new()));
}

#[test]
fn quotes_of_the_front_matter() {
    let caption = r##"<figcaption><span class="p-author h-card">Jane Doe</span><span class="quote-break">, </span><cite class="p-name"><a class="u-url" href="https://example.com/lib#:~:text=WORDS">Library to close</a></cite><span class="quote-break">, </span><span class="p-publication">The Example</span>, <time class="dt-published" datetime="2026-03-04">⟨date 2026-03-04⟩</time> <a class="quote-permalink" href="#q-ID" aria-label="⟨quote_permalink⟩"></a></figcaption>"##;
    const STORED: &str =
        "<P class=\"p-content\">Stored <em>words</em>.</p>\n<p class=\"p-content\">And more.</p>";
    let figure = |id: &str, words: &str, body: &str| {
        let caption = caption.replace("WORDS", words).replace("q-ID", id);
        format!(
            "<figure class=\"quote h-cite\" id=\"{id}\">\n{caption}\n<blockquote cite=\"https://example.com/lib\" lang=\"de\" dir=\"ltr\">\n{body}\n</blockquote>\n</figure>"
        )
    };
    let id = |markdown: &str| {
        let (post, ..) = parsed_in("base_url = \"https://example.com\"", LIBRARY, markdown);
        post.quotes[0].anchor.clone()
    };
    for (markdown, words, body) in [
        ("> Own words.\n>\n> — @lib", "Own%20words", r#"<P class="p-content">Own words.</p>"#),
        ("{@lib}", "Stored%20words,And%20more", STORED),
        ("> — @lib", "Stored%20words,And%20more", STORED),
    ] {
        check_with_library(markdown, &figure(&id(markdown), words, body));
    }
    check_with_library(
        "In a line {@other} is text, and `{@lib}` is code.",
        "<p>In a line {@other} is text, and <code>{@lib}</code> is code.</p>",
    );
}

#[test]
fn quotes_are_remembered() {
    let (post, ..) = parsed(
        "> Some *words* with [a link](https://x.example/).\n>\n> — Jane, [H](https://e.org/), *The Example*, 2026 (lang: sv)\n",
    );
    let quote = &post.quotes[0];
    assert_eq!(quote.text_html.trim(), r#"<p class="p-content">Some <em>words</em> with a link.</p>"#);
    assert_eq!(quote.target, Some(Target::External("https://e.org/".to_owned())));
    assert_eq!(quote.fragment, "#:~:text=Some%20words%20with%20a%20link&text=words%20with%20a");
    assert_eq!(quote.language.as_deref(), Some("sv"));
    let source = &quote.source;
    assert_eq!(
        [&source.authors[0], &source.title, &source.publication, &source.published],
        ["Jane", "H", "The Example", "2026"]
    );
}

#[test]
fn links_are_remembered_with_their_places() {
    let (post, ..) =
        parsed("a [b](b.md#p)\nü ![m](map.png) [e](/e/#x) [f](#f)\n\n> Words.\n>\n> — [H](https://e.org/)\n");
    let path = |path: &str| SourcePath::new(path).expect("it is a path");
    let links: Vec<_> = post.links.iter().map(|link| (link.target.clone(), link.line, link.column)).collect();
    let address = crate::path::UrlPath::new("/e/").expect("it is an address");
    assert_eq!(
        links,
        [
            (Target::Post(path("content/2016/b.md"), "p".to_owned()), 4, 3),
            (Target::File(path("content/2016/map.png")), 5, 3),
            (Target::Address(address, "x".to_owned()), 5, 17),
            (Target::Anchor("f".to_owned()), 5, 28),
            (Target::External("https://e.org/".to_owned()), 9, 5),
        ]
    );
}

#[test]
fn a_base_path_is_put_before_addresses_of_the_site() {
    let settings = "base_url = \"https://me.github.io/repo\"";
    let (_, html, _) = parsed_in(
        settings,
        "",
        "[a](/x/) [b](/repo/x/) ![c](/d.png)\n\n<a href=\"/x/\">e</a> <img src='/repo/f.png'> <a href=//g.org/>h</a>\n",
    );
    assert_eq!(
        html.trim_end(),
        "<p><a href=\"/repo/x/\">a</a> <a href=\"/repo/x/\">b</a> <img src=\"/repo/d.png\" alt=\"c\"></p>\n\
         <p><a href=\"/repo/x/\">e</a> <img src='/repo/f.png'> <a href=//g.org/>h</a></p>"
    );
}

#[test]
fn extensions_can_be_turned_off() {
    let settings = "base_url = \"https://e.org\"\n[markdown]\nsmart_punctuation = false\nmath = false\nheading_anchors = false";
    let (_, html, _) = parsed_in(settings, "", "## \"A\" -- $x$\n");
    assert_eq!(html.trim_end(), "<h2 id=\"a-x\">&quot;A&quot; -- $x$</h2>");
}

#[test]
fn the_summary_is_the_authors_own_words() {
    let summary = |front_matter: &str, markdown: &str| {
        let (post, ..) = parsed_in("base_url = \"https://example.com\"", front_matter, markdown);
        (post.summary_html, post.has_more, post.description)
    };
    let expected = |html: &str, more: bool, text: &str| (html.to_owned(), more, text.to_owned());
    assert_eq!(
        summary("", "First *one* with [a link](b.md)[^1].\n\nSecond.\n\n[^1]: Note.\n"),
        expected("<p>First <em>one</em> with a link.</p>", true, "First one with a link.")
    );
    assert_eq!(summary("", "Only one.\n"), expected("<p>Only one.</p>", false, "Only one."));
    assert_eq!(
        summary("", "> Quoted.\n>\n> — Jane\n\n![Map](map.png)\n\n## Heading\n\nOwn words.\n"),
        expected("<p>Own words.</p>", true, "Own words.")
    );
    assert_eq!(
        summary("", "One.\n\nTwo.\n\n> Quoted.\n\n<!-- more -->\n\nThree.\n"),
        expected("<p>One.</p>\n<p>Two.</p>", true, "One. Two.")
    );
    assert_eq!(summary("", "One.\n\n<!--more-->\n"), expected("<p>One.</p>", false, "One."));
    assert_eq!(
        summary("summary = \"Said *shortly*.\"\n", "One.\n\n<!-- more -->\n\nTwo.\n"),
        expected("<p>Said <em>shortly</em>.</p>", true, "Said shortly.")
    );
    assert_eq!(
        summary("description = \"For machines.\"\n", "One.\n"),
        expected("<p>One.</p>", false, "For machines.")
    );
    assert_eq!(summary("", "> Only quoted.\n>\n> — Jane\n"), expected("", true, ""));
}

#[test]
fn headings_of_a_stored_quote_have_no_anchors_and_its_places_have_two() {
    let (_, html, diagnostics) = parsed_in(
        "base_url = \"https://example.com\"",
        "[[quotes]]\nid = \"lib\"\ntext = \"\"\"\n## Part\n\nWords.\n\"\"\"\n",
        "## Part\n\n{@lib}\n\n{@lib}\n",
    );
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
    let ids: Vec<_> = html.split("<h2 id=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    assert_eq!(ids, ["part"]);
    let quotes: Vec<_> = html
        .split("<figure class=\"quote h-cite\" id=\"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .collect();
    assert!(quotes.len() == 2 && quotes[1] == format!("{}-2", quotes[0]), "{quotes:?}");
}

#[test]
fn the_marker_of_the_summary_is_not_shown() {
    let (_, html, _) = parsed("One.\n\n<!-- more -->\n\nTwo.\n");
    assert_eq!(
        html.lines().filter(|line| !line.is_empty() && !line.starts_with("<!--")).collect::<Vec<_>>(),
        ["<p>One.</p>", "<p>Two.</p>"]
    );
}

#[test]
fn words_are_counted_as_readers_count() {
    let words = |markdown: &str| {
        let (post, ..) = parsed(markdown);
        (post.words, post.minutes)
    };
    assert_eq!(words("One two, three; don't -- 3.5 well-known.\n"), (6, 1));
    assert_eq!(words("## Heading\n\n- a\n- b\n\n`code here`\n"), (5, 1));
    assert_eq!(words("日本語のブログ\n"), (7, 1));
    assert_eq!(words("中文 and English\n"), (4, 1));
    assert_eq!(words("Привет, мир\n"), (2, 1));
    assert_eq!(words(""), (0, 0));
    assert_eq!(words(&"word ".repeat(239)), (239, 2));
    assert_eq!(words(&"字".repeat(501)), (501, 2));
    assert_eq!(words("> Quoted words count.\n>\n> — Jane Doe\n"), (3, 1));
}

#[test]
fn a_heading_at_the_start_is_the_title_if_there_is_none() {
    let (config, _) = Config::parse("base_url = \"https://example.com\"");
    let path = SourcePath::new("content/a.md").expect("it is a path");
    let parse = |text: &str| {
        let (post, body) = crate::post::parse(&path, text, &config).post.expect("it can be read");
        (post.title, with_holes(&body).trim_end().to_owned())
    };
    assert_eq!(parse("# The *title*\n\nWords.\n"), ("The title".to_owned(), "<p>Words.</p>".to_owned()));
    let (title, html) = parse("Words.\n\n# Later\n");
    assert_eq!(title, "");
    assert!(html.contains("<h1 id=\"later\">"), "{html}");
}

#[test]
fn what_may_be_a_slip_is_warned_about() {
    let faults = |markdown: &str| parsed(markdown).2;
    assert_eq!(faults("```rsut\nx\n```\n"), ["4:1: unknown language `rsut`; the code is not highlighted"]);
    assert_eq!(
        faults("Words.\n\n```rust hl_line=1\nx\n```\n"),
        ["6:1: unknown option `hl_line=1` of a code block"]
    );
    let formula = faults("A $\\nosuchcommand$ b.\n");
    assert_eq!(formula.len(), 1);
    assert!(formula[0].starts_with("4:3: formula: "), "{formula:?}");
    assert_eq!(faults("```\nx\n```\n\n```text\nx\n```\n\n```mermaid\nx\n```\n"), Vec::<String>::new());
}
