//! What prose becomes that CommonMark or its parser reads otherwise than people write it.

use super::tests::{check, parsed, parsed_in};

/// The faults of a text, and its HTML.
#[track_caller]
fn check_warned(markdown: &str, expected: &str, faults: &[&str]) {
    let (_, html, found) = parsed(markdown);
    assert_eq!(
        (html.trim_end(), found.as_slice()),
        (expected.trim_end(), faults.iter().map(|fault| (*fault).to_owned()).collect::<Vec<_>>().as_slice())
    );
}

#[track_caller]
fn check_in(language: &str, markdown: &str, expected: &str) {
    let settings = format!("base_url = 'https://example.com'\nlanguage = '{language}'");
    let (_, html, _) = parsed_in(&settings, "", markdown);
    assert_eq!(html.trim_end(), expected.trim_end(), "{language}");
}

/// The text of a paragraph, with what formulas say between ⟦ and ⟧.
fn paragraph(markdown: &str) -> (String, Vec<String>) {
    let (_, html, faults) = parsed(markdown);
    let mut text = html.trim_end().to_owned();
    while let Some((start, end)) = text.find("<math").zip(text.find("</math>")) {
        let formula = crate::html::plain_text(&text[start..end]);
        text.replace_range(start..end + "</math>".len(), &format!("⟦{}⟧", formula.replace(' ', "")));
    }
    let text = text.trim_start_matches("<p>").trim_end_matches("</p>").to_owned();
    (text, faults.into_iter().map(|fault| fault.split(": ").skip(1).collect::<Vec<_>>().join(": ")).collect())
}

#[test]
fn a_colon_begins_a_definition_with_white_space_and_words_behind_it() {
    for second in [":) and more", ":tadah: at last", ":wq", "::before", ":30 sharp", ":", ":\t"] {
        check(&format!("That was fun\n{second}"), &format!("<p>That was fun\n{}</p>", second.trim_end()));
        check(
            &format!("That was fun\n\n{second}"),
            &format!("<p>That was fun</p>\n<p>{}</p>", second.trim_end()),
        );
    }
    check("- a\n  :) b", "<ul>\n<li>a\n:) b</li>\n</ul>");
    check("> a\n> :) b", "<blockquote>\n<p>a\n:) b</p>\n</blockquote>");
    check("A\n: one\n:) two", "<dl>\n<dt id=\"a\">A</dt>\n<dd>one\n:) two</dd>\n</dl>");
    check(
        "A\n:\tone\n: *two*\n\nB\n: three",
        "<dl>\n<dt id=\"a\">A</dt>\n<dd>one</dd>\n<dd><em>two</em></dd>\n<dt id=\"b\">B</dt>\n<dd>three</dd>\n</dl>",
    );
    check("`a\n:b`", "<p><code>a :b</code></p>");
    check("[a](https://e.org/\n\":t\n:u\")", "<p><a href=\"https://e.org/\" title=\":t\n:u\">a</a></p>");
    check("<div>\n:x y\n</div>", "<div>\n:x y\n</div>");
    check("```\na\n:b\n```", "⟨\"a\\n:b\\n\"⟩");
}

#[test]
fn a_dollar_sign_never_reaches_into_code_links_and_tags() {
    for text in [
        "It cost $10, so I set `$PATH` to it.",
        "a $5 <b title=\"$x\">t</b>",
        "$USD/$EUR and $HOME/$USER, $this->$name",
        "$5 and $6, $HOME and $PATH, US$5–US$10, A$AP, `$a` and `$b`",
        "I paid $20\nand got 5$ back",
        "${a}${b} ${a}-${b} {$a}{$b} $(CC)$(FLAGS), $AAPL/$MSFT ($5)-($6) 5$, 10$, $5/month or $6/$year",
        "$5 a day, not $6 (US$)",
        "%($cmd) and %$cmd, $a[$b] or $a[$c]",
        "价格$5，另付$6。",
        "<code>$x$ and $y$</code>",
        "$x $ and $ y$ and \\$x$",
    ] {
        let shown = |text: &str| text.replace("\\$", "$").replace("->", "-&gt;");
        let (found, faults) = paragraph(text);
        let found = found
            .replace("<code>$PATH</code>", "`$PATH`")
            .replace("<code>$a</code>", "`$a`")
            .replace("<code>$b</code>", "`$b`");
        assert_eq!((found, faults), (shown(text), Vec::new()));
    }
    check(
        "I paid $20 [here](https://example.com/?a=$b)",
        "<p>I paid $20 <a href=\"https://example.com/?a=$b\">here</a></p>",
    );
    check("Cost $5 <https://e.com/$x>", "<p>Cost $5 <a href=\"https://e.com/$x\">https://e.com/$x</a></p>");
}

#[test]
fn formulas_are_found_where_they_are_meant() {
    for (text, expected) in [
        ("$x$ and $n$th, $a+b=c$, $ab + cd = ef$", "⟦x⟧ and ⟦n⟧th, ⟦a+b=c⟧, ⟦ab+cd=ef⟧"),
        ("$O(n \\log n)$, $[0,1)$, $1,000$", "⟦O(nlog\u{2061}n)⟧, ⟦[0,1)⟧, ⟦1,000⟧"),
        ("$x$$y$", "⟦x⟧⟦y⟧"),
        ("$a<b>c$ and $i<n and m>j$", "⟦a<b>c⟧ and ⟦i<nandm>j⟧"),
        (
            "参数$x$为矩阵，第$n$个，についての$\\alpha$は，값$x$는",
            "参数⟦x⟧为矩阵，第⟦n⟧个，についての⟦α⟧は，값⟦x⟧는",
        ),
        ("Imp$\\to$Spec", "Imp⟦→⟧Spec"),
        ("\\\\$z$ and $5", "\\⟦z⟧ and $5"),
        ("*$x$* **$y$的**", "<em>⟦x⟧</em> <strong>⟦y⟧的</strong>"),
    ] {
        assert_eq!(paragraph(text), (expected.to_owned(), Vec::new()));
    }
}

#[test]
fn what_may_be_a_formula_is_never_left_silently() {
    for (text, fault) in [
        ("$x is prose$", "what stands between these dollar signs reads as text, not as a formula"),
        ("kill $$ and wait $$", "what stands between these dollar signs reads as text, not as a formula"),
        ("$PATH$", "what stands between these dollar signs reads as text, not as a formula"),
        ("$\\frac{a}{b$", "the braces of this formula do not match"),
        ("$$\n\\frac{a}{b\n$$", "the braces of this formula do not match"),
        ("$x}$ is", "the braces of this formula do not match"),
        ("$x^{2$.", "the braces of this formula do not match"),
        ("$\\alpha + `$`", "this dollar sign has no partner that would make it a formula"),
        ("$\\alpha + `x` + \\beta$", "a formula cannot reach into code, a link or a tag"),
        ("$ \\alpha $", "a formula begins and ends without a space, and no digit follows it"),
        ("$$\nx", "this `$$` has no partner in its paragraph"),
        ("$\\foo$", "formula: parsing error: unknown primitive command found"),
        ("\\(x^2\\)", "`\\(x^2\\)` is a formula between `\\(` and `\\)`, which has no meaning here"),
    ] {
        assert_eq!(paragraph(text).1, [fault], "{text}");
    }
}

#[test]
fn quotation_marks_turn_by_what_is_around_them() {
    for (text, expected) in [
        ("A 12\" screen and a 32\" one.", "A 12” screen and a 32” one."),
        ("The \"12\" screen\" and 12\"x14\"", "The “12” screen” and 12”x14”"),
        ("“senior official\" ahead", "“senior official” ahead"),
        ("\"'Tis James' book,\" he said.", "“’Tis James’ book,” he said."),
        ("'em and James'", "’em and James’"),
        ("'90s, 3'', a \"nested 'one'\"", "’90s, 3’’, a “nested ‘one’”"),
        ("\"\" and '<b>'", "“” and ‘<b>’"),
        ("rock 'n' roll, 6'2\" tall", "rock ’n’ roll, 6’2” tall"),
        ("'James' book' and 'one'.", "‘James’ book’ and ‘one’."),
        ("(\"x\") [\"y\"] —\"b\" \"c\"— \"d\"! \"?\"", "(“x”) [“y”] —“b” “c”— “d”! “?”"),
        ("\"`code`\" \"*em*\" *\"em\"*", "“<code>code</code>” “<em>em</em>” <em>“em”</em>"),
        ("\"two\nlines\" and \"open", "“two\nlines” and “open"),
        ("\\\"escaped\\\" &quot;entity&quot; 5 \" 6", "&quot;escaped&quot; &quot;entity&quot; 5 &quot; 6"),
        ("他说\"你好\"。", "他说“你好”。"),
        ("she said:\"yes\" and he said,\"No.\"", "she said:“yes” and he said,“No.”"),
        ("צה\"ל", "צה&quot;ל"),
        ("a -- b --- c... d ---- \\--", "a – b — c… d –– --"),
    ] {
        check(text, &format!("<p>{expected}</p>"));
    }
}

#[test]
fn code_in_html_keeps_its_marks() {
    check(
        "Run <code>git log --oneline \"x\"</code> and <kbd>'</kbd> <samp>--</samp> <TT>\"</TT> <var>\"</var> \"out\"",
        "<p>Run <code>git log --oneline &quot;x&quot;</code> and <kbd>'</kbd> <samp>--</samp> <TT>&quot;</TT> <var>&quot;</var> “out”</p>",
    );
    check("<pre>\n\"x\"\n\n</pre>\n\n\"out\"", "<pre>\n\"x\"\n\n</pre>\n<p>“out”</p>");
    check(
        "<samp>\n\n\"in\" --\n\n</samp>\n\n\"out\"",
        "<samp>\n<p>&quot;in&quot; --</p>\n</samp>\n<p>“out”</p>",
    );
    check("<code>\"in\"\n\n\"out\"", "<p><code>&quot;in&quot;</p>\n<p>“out”</p>");
}

#[test]
fn scripts_and_styles_in_a_paragraph_mean_themselves() {
    for text in [
        "a <script>var a = \"b\"; if (a<b && c*d*e) { `x` }</script> b",
        "a <style>p > a *b* { content: '--' }</style> b",
        "a <xmp>*a* <b> &amp; $x$</xmp> b",
        "a <textarea rows=\"2\">[x](y) <!-- \"c\" https://e.org/</textarea> b",
        "a <SCRIPT>'1'</SCRIPT > b <style>*</style> c",
        "a <script>\nx = 1\n</script> b",
        "a <svg><style/><title>*a*</title></svg> b",
    ] {
        check(text, &format!("<p>{text}</p>"));
    }
    check(
        "> a <script>x = '\n> y > z';</script> \"b\"",
        "<blockquote>\n<p>a <script>x = '\ny > z';</script> “b”</p>\n</blockquote>",
    );
    check(
        "|a|b|\n|-|-|\n|<script>a*b*c</script>|*c*|\n",
        "<div class=\"table\" role=\"group\" tabindex=\"0\" aria-label=\"⟨table⟩\"><table>\n<thead><tr><th scope=\"col\">a</th><th scope=\"col\">b</th></tr></thead>\n<tbody>\n<tr><td><script>a*b*c</script></td><td><em>c</em></td></tr>\n</tbody>\n</table></div>",
    );
    check("a <noscript>*b*</noscript>", "<p>a <noscript><em>b</em></noscript></p>");
    let (post, ..) = parsed("a <script>var b;</script> c");
    assert_eq!(post.description, "a c");
}

#[test]
fn an_element_that_would_hide_what_follows_is_named() {
    check_warned(
        "The <script src=\"x\"> and\nthe <title> \"b\" *c* <plaintext>",
        "<p>The &lt;script src=&quot;x&quot;&gt; and\nthe &lt;title&gt; “b” <em>c</em> &lt;plaintext&gt;</p>",
        &[
            "4:5: `<script src=\"x\">` is not closed by `</script>`: it is shown as it is written",
            "5:5: `<title>` is not closed by `</title>`: it is shown as it is written",
            "5:21: `<plaintext>` cannot be closed: it is shown as it is written",
        ],
    );
    for (text, fault) in [
        ("<!-- a\n\nb", "4:1: this comment is never closed: a browser shows nothing of what follows"),
        ("- <!-- a\n\nb", "4:3: this comment is never closed: a browser shows nothing of what follows"),
        (
            "<iframe src=\"https://e.org/\">\n\nb",
            "4:1: `<iframe src=\"https://e.org/\">` is not closed by `</iframe>`: a browser shows nothing of what follows",
        ),
    ] {
        assert_eq!(parsed(text).2, [fault], "{text}");
    }
    for text in [
        "<!-- a\n\nb -->\n\nc",
        "<!-->\n\nc",
        "<iframe src=\"https://e.org/\">\n\n</iframe>\n\nb",
        "`<script>` and\n\n    <script>\n",
        "<script>document.write('<!-- <title>')</script>",
    ] {
        assert_eq!(parsed(text).2, Vec::<String>::new(), "{text}");
    }
}

#[test]
fn a_speech_of_several_paragraphs_closes_at_its_end() {
    for (language, text, expected) in [
        ("en", "\"One.\n\n\"Two.\" It's 12\"", "“One.|“Two.” It’s 12”"),
        ("de", "\"One.\n\n\"Two.\" \"x\"", "„One.|„Two.“ „x“"),
        ("de", "\"One.\n\n12\" wide\n\nTwo.\" 5\"", "„One.|12” wide|Two.“ 5”"),
        ("de", "\"'One.\n\n\"'Two.'\" x", "„‚One.|„‚Two.‘“ x"),
        ("de", "\"'One.\n\nTwo.'\" x", "„‚One.|Two.‘“ x"),
        ("fr", "\"One.\n\nTwo.\"", "«\u{202f}One.|Two.\u{202f}»"),
        ("en", "\"'Tis one.\n\n\"James' two.\"", "“’Tis one.|“James’ two.”"),
    ] {
        let paragraphs: Vec<_> = expected.split('|').map(|part| format!("<p>{part}</p>")).collect();
        check_in(language, text, &paragraphs.join("\n"));
    }
    check_in("de", "\"a\n\n---\n\nb\" c", "<p>„a</p>\n<hr>\n<p>b” c</p>");
}

#[test]
fn quotation_marks_are_those_of_the_language() {
    let text = "\"a 'b'\" and 12\" it's 'Tis";
    for (language, expected) in [
        ("en", "“a ‘b’” and 12” it’s ’Tis"),
        ("de", "„a ‚b‘“ and 12” it’s ’Tis"),
        ("fr", "«\u{202f}a «\u{202f}b\u{202f}»\u{202f}» and 12” it’s ’Tis"),
        ("es", "«a “b”» and 12” it’s ’Tis"),
        ("sv", "”a ’b’” and 12” it’s ’Tis"),
        ("pl", "„a «b»” and 12” it’s ’Tis"),
        ("nb", "«a ‘b’» and 12” it’s ’Tis"),
    ] {
        check_in(language, text, &format!("<p>{expected}</p>"));
    }
    let settings =
        "base_url = 'https://example.com'\nlanguage = 'de'\n[markdown]\nquotes = ['»', '«', '›', '‹']";
    assert_eq!(parsed_in(settings, "", "\"a 'b'\"").1.trim_end(), "<p>»a ›b‹«</p>");
    let settings = "base_url = 'https://example.com'\nlanguage = 'de'";
    assert_eq!(parsed_in(settings, "lang = 'en'\n", "\"a 'b'\"").1.trim_end(), "<p>“a ‘b’”</p>");
}

#[test]
fn a_line_break_between_wide_characters_is_no_space() {
    check("第一行，\n第二行\n한국어\n다음", "<p>第一行，第二行\n한국어\n다음</p>");
    check("**中**\n*文*\nEnglish\n中", "<p><strong>中</strong><em>文</em>\nEnglish\n中</p>");
    check_in("ja", "一……\n二“\n三", "<p>一……二“三</p>");
    check("said …\n二", "<p>said …\n二</p>");
    let (post, ..) = parsed("第一行，\n第二行");
    assert_eq!(post.description, "第一行，第二行");
    let (post, ..) = parsed("> 第一行的话，\n> 接着说完。\n>\n> —— [甲](https://example.com/k)");
    assert!(!post.quotes[0].fragment.contains("%20"), "{}", post.quotes[0].fragment);
}

#[test]
fn emphasis_stands_beside_wide_punctuation() {
    for (text, expected) in [
        (
            "这是**重要。**请注意。日本語**「強調」**です。",
            "这是<strong>重要。</strong>请注意。日本語<strong>「強調」</strong>です。",
        ),
        ("**(강조)**는 ~~（这个）~~后", "<strong>(강조)</strong>는 <del>（这个）</del>后"),
        (
            "**[链接](https://example.com/)**的",
            "<strong><a href=\"https://example.com/\">链接</a></strong>的",
        ),
        (
            "*「斜」*的 _（注）_后 **强调**的 **…）**。",
            "<em>「斜」</em>的 <em>（注）</em>后 <strong>强调</strong>的 <strong>…）</strong>。",
        ),
        ("abc**「强」**def a**(b)**c", "abc<strong>「强」</strong>def a**(b)**c"),
        (
            "**「a」和「b」**，**c** **50%**的",
            "<strong>「a」和「b」</strong>，<strong>c</strong> <strong>50%</strong>的",
        ),
        (
            "***「粗斜」***的 **𠮷（土）**𠮷",
            "<em><strong>「粗斜」</strong></em>的 <strong>𠮷（土）</strong>𠮷",
        ),
        (
            "10~20（税込）~30 `**「a」**的` \\*「a」\\*的",
            "10~20（税込）~30 <code>**「a」**的</code> *「a」*的",
        ),
    ] {
        check(text, &format!("<p>{expected}</p>"));
    }
}

#[test]
fn tabs_are_white_space() {
    check("```\na\n```\t\nb", "⟨\"a\\n\"⟩\n<p>b</p>");
    check("~~~\na\tb\n~~~ \t \nb", "⟨\"a\\tb\\n\"⟩\n<p>b</p>");
    check("> ```\n> a\n> ```\t\n> b", "<blockquote>\n⟨\"a\\n\"⟩\n<p>b</p>\n</blockquote>");
    let (post, ..) = parsed("##\tHead\t##\t");
    assert_eq!(post.headings[0].title_html, "Head");
    check("~~~\n```\t\n~~~", "⟨\"```\\t\\n\"⟩");
    let spaces = parsed("| a | b |\n|- | :-:|\n| c | d |\n\n> a | b\n> - | -\n> 1 | 2").1;
    assert!(spaces.matches("<table>").count() == 2, "{spaces}");
    assert_eq!(parsed("| a\t| b |\n|-\t|\t:-:|\n| c |\td |\n\n> a\t|\tb\n> -\t|\t-\n> 1 | 2").1, spaces);
    check("    |\t-\t|", "⟨\"|\\t-\\t|\"⟩");
}

#[test]
fn tags_of_other_engines_are_named_once() {
    check_warned(
        "{{< figure src=\"x.png\" >}} {{< b >}}\n\n{% include x.html %}\n\n`{% raw %}` <code>{{ x }}</code>",
        "<p>{{&lt; figure src=“x.png” &gt;}} {{&lt; b &gt;}}</p>\n<p>{% include x.html %}</p>\n<p><code>{% raw %}</code> <code>{{ x }}</code></p>",
        &[
            "4:1: `{{< figure … >}}` is a shortcode of Hugo, which has no meaning here",
            "4:28: `{{< b >}}` is a shortcode of Hugo, which has no meaning here",
            "6:1: `{% include … %}` is a tag of Liquid or Jinja, which has no meaning here",
        ],
    );
    check_warned(
        "Under\n:::note\nInside\n:::",
        "<p>Under\n:::note\nInside\n:::</p>",
        &["5:1: `:::note` is a container of Docusaurus, VitePress or Pandoc, which has no meaning here"],
    );
    for (text, kind) in [
        ("{{ site.url }}", "a variable of a template"),
        ("<% x %>", "a tag of ERB or EJS"),
        ("text\n{: .big}", "a list of attributes of kramdown"),
        ("{: #fn1}\ntext", "a list of attributes of kramdown"),
        ("text\n\n{:toc}", "a list of attributes of kramdown"),
        ("see [[Other page]]", "a link of a wiki"),
        ("{{% notice %}}", "a shortcode of Hugo"),
        ("<a href=\"{{ site.url }}\">x</a>", "a variable of a template"),
        ("{{#if x}}", "a variable of a template"),
        ("a word[^gone]", "the mark of a footnote that is not defined"),
        ("a word^[with a note]", "a footnote of Pandoc"),
        ("area \\(x^2\\)", "a formula between"),
        ("> [!NOTE] Title\n> text", "a callout of Obsidian"),
        ("> [!info]-\n> text", "a callout of Obsidian"),
        ("[TOC]\n\ntext", "the place for a table of contents"),
        ("[gallery ids=\"1,2\"]", "a shortcode of WordPress"),
        ("<p>\n{{ x|safe }}\n</p>", "a variable of a template"),
        ("!!! note\n    Inside", "`!!! note` is an admonition of Python-Markdown or MkDocs"),
        ("Text\n\n??? tip\n\n    Inside", "an admonition of Python-Markdown or MkDocs"),
        ("!!! custom \"Title\"\n    Inside", "an admonition of Python-Markdown or MkDocs"),
        ("a ==marked== word", "`==…==` is marked text of Obsidian, Hugo or Pandoc"),
        ("这是==重点==内容", "marked text of Obsidian, Hugo or Pandoc"),
        ("==a *b* c==", "marked text of Obsidian, Hugo or Pandoc"),
        ("H~2~O and CO~2~", "`~…~` is a subscript of Pandoc"),
        ("the 19^th^ century", "`^…^` is a superscript of Pandoc"),
        ("Seen %%not for readers%% text", "a comment of Obsidian"),
        ("%%\nnot for readers\n\nnor this\n%%", "a comment of Obsidian"),
        ("An {++added++} word", "`{++added++}` is a mark of CriticMarkup"),
        ("Words{>>what?<<} here", "a mark of CriticMarkup"),
        ("Fine :smile: it is", "`:…:` is the short name of an emoji"),
        (":+1:", "the short name of an emoji"),
    ] {
        let (_, _, faults) = parsed(text);
        assert!(faults.len() == 1 && faults[0].contains(kind), "{faults:?}");
    }
    for text in [
        "{{ 1 + 1 }}",
        "!!! wow\nThat is much",
        "What??? really",
        "if a==b and c==d",
        "a == b == c",
        "Head\n==\n\ntext",
        "`==x==` and `H~2~O` and `:smile:`",
        "~struck~ and ~~out~~ and ~/a~b/c~",
        "2^3^4 and x^2 + y^2",
        "x^2 ≤ y and H~2 ≤ O, a^b𐍈 and a~1🦀",
        "100%% of 50%% of it",
        "10:30:15 and std::map::begin and :wq: and :nothing-of-this:",
        "https://e.org/:smile:/x",
        "[[1]]",
        "[video](https://e.org/)",
        "a {b: c}",
        "```\n{% x %}\n```",
        // Brackets of links and their addresses.
        "[[Feature #1]]\n\n[Feature #1]: https://e.org/1",
        "[a](https://e.org/x\\(v=1.0\\).aspx) and <https://e.org/\\(a=b\\)>",
        // Regular expressions and symbols of programming languages.
        "match catch\\s*\\(\\s*Exception\\s*\\)",
        "[^a-z] and [^0-9]+ and ([^x])",
        "| {:x} |\n|---|\n| {:ok, value} |",
        "2^[n] and `[^x]` and \\[^y]",
        "> [!NOTE]\n> text\n\nthe [toc] of a book, [!] and [!x](https://e.org/)",
    ] {
        assert_eq!(parsed(text).2, Vec::<String>::new(), "{text}");
    }
}

#[test]
fn bare_addresses_are_links_if_wanted() {
    let settings = "base_url = 'https://example.com'\n[markdown]\nautolink = true";
    let linked = |text: &str| parsed_in(settings, "", text).1.trim_end().to_owned();
    assert_eq!(
        linked("See https://e.org/a_b_c*d*?x=$1&y=$2. (https://e.org/(x)) and `https://e.org/`"),
        "<p>See <a href=\"https://e.org/a_b_c*d*?x=$1&amp;y=$2\">https://e.org/a_b_c*d*?x=$1&amp;y=$2</a>. (<a href=\"https://e.org/(x)\">https://e.org/(x)</a>) and <code>https://e.org/</code></p>"
    );
    for text in [
        "[https://e.org/](https://f.org/)",
        "<a href=\"https://f.org/\">https://e.org/</a>",
        "<https://e.org/>",
        "ftp://e.org/",
        "    https://e.org/",
    ] {
        assert_eq!(linked(text), parsed(text).1.trim_end(), "{text}");
    }
    check("https://e.org/", "<p>https://e.org/</p>");
}

#[test]
fn ids_that_are_given_win_over_those_that_are_made() {
    let ids = |markdown: &str| {
        let (post, html, faults) = parsed(markdown);
        for heading in &post.headings {
            assert_eq!(html.matches(&format!(" id=\"{}\"", heading.id)).count(), 1, "{html}");
        }
        (post.headings.into_iter().map(|heading| heading.id).collect::<Vec<_>>(), faults)
    };
    for (markdown, expected) in [
        ("## Second\n\n## Other {#second}\n\n[x](#second)", vec!["second-2", "second"]),
        ("<h2 id=\"fourth\">A</h2>\n\n## Fourth", vec!["fourth-2"]),
        ("## Fourth\n\na <b id='fourth'>b</b>", vec!["fourth-2"]),
        ("<div\n  id=\"fifth\">\n\n## Fifth", vec!["fifth-2"]),
        ("## Fifth\n\n<a\n  name=fifth>x</a>", vec!["fifth-2"]),
        ("## Map\n\n![x](https://e.org/a.png){#map}", vec!["map-2"]),
        ("## FN 1\n\n## Fnref 1\n\na[^1]\n\n[^1]: b", vec!["fn-1-2", "fnref-1-2"]),
        ("## Second\n\n## Second-2 {#second-2}\n\n## Second", vec!["second", "second-2", "second-3"]),
    ] {
        assert_eq!(
            ids(markdown),
            (expected.into_iter().map(str::to_owned).collect(), Vec::new()),
            "{markdown}"
        );
    }
    // What only looks like a tag gives nothing.
    for html in ["<!-- <p id=\"sixth\">\n<p id=\"sixth\"> -->", "<script>x = '<p id=\"sixth\">'</script>"] {
        let (post, ..) = parsed(&format!("{html}\n\n## Sixth"));
        assert_eq!(post.headings[0].id, "sixth", "{html}");
    }
    let (found, faults) = ids("## A {#x}\n\n## B {#x}");
    assert_eq!(found, ["x", "x-2"]);
    assert_eq!(faults, ["6:1: the id `x` is there already: this one is `x-2`"]);
}

#[test]
fn captions_are_markdown() {
    let (post, html, faults) = parsed("Text\n\n![x](map.png \"by [Ann](b.md) and *it's*\")");
    assert_eq!(
        html.trim_end(),
        "<p>Text</p>\n<figure class=\"image\"><img src=\"⟨content/2016/map.png⟩\" alt=\"x\"><figcaption>by <a href=\"⟨content/2016/b.md⟩\">Ann</a> and <em>it’s</em></figcaption></figure>"
    );
    assert_eq!(faults, Vec::<String>::new());
    let places: Vec<_> = post.links.iter().map(|link| (link.line, link.column)).collect();
    assert_eq!(places, [(6, 1), (6, 18)]);
    check(
        "![x](https://e.org/a.png \"1. <b>&amp;\")",
        "<figure class=\"image\"><img src=\"https://e.org/a.png\" alt=\"x\"><figcaption>1. &lt;b&gt;&amp;</figcaption></figure>",
    );
}

#[test]
fn a_picture_alone_in_an_item_or_a_cell_has_its_caption() {
    let figure = "<figure class=\"image\"><img src=\"https://e.org/a.png\" alt=\"x\"><figcaption>by <em>Ann</em></figcaption></figure>";
    let image = "![x](https://e.org/a.png \"by *Ann*\")";
    check(&format!("- {image}\n- b"), &format!("<ul>\n<li>{figure}\n</li>\n<li>b</li>\n</ul>"));
    check(
        &format!("1. {image}\n   - b"),
        &format!("<ol>\n<li>{figure}\n<ul>\n<li>b</li>\n</ul>\n</li>\n</ol>"),
    );
    check(&format!("T\n: {image}"), &format!("<dl>\n<dt id=\"t\">T</dt>\n<dd>{figure}\n</dd>\n</dl>"));
    let (_, html, _) = parsed(&format!("|a|\n|-|\n|{image}|"));
    assert!(html.contains(&format!("<td>{figure}\n</td>")), "{html}");
    // Beside words it is a part of a line, which has no room for a caption.
    let (_, html, _) = parsed(&format!("- text {image}"));
    assert!(html.contains("title=\"by *Ann*\""), "{html}");
}

#[test]
fn a_caption_refers_to_footnotes() {
    let (_, html, faults) =
        parsed("a[^2]\n\n![x](https://e.org/a.png \"By Ann[^1], *see[^2]* [^3]\")\n\n[^1]: One.\n[^2]: Two.");
    assert!(
        html.contains(
            "<figcaption>By Ann<sup class=\"footnote-ref\"><a id=\"fnref-2\" href=\"#fn-2\" role=\"doc-noteref\">2</a></sup>, <em>see<sup class=\"footnote-ref\"><a id=\"fnref-1-2\" href=\"#fn-1\" role=\"doc-noteref\">1</a></sup></em> [^3]</figcaption>"
        ),
        "{html}"
    );
    assert!(html.contains("<li id=\"fn-2\">\n<p>One."), "{html}");
    assert_eq!(
        faults,
        ["6:49: `[^3]` is the mark of a footnote that is not defined, which has no meaning here"]
    );
}

#[test]
fn attributes_without_an_owner_are_named() {
    for (text, faults) in [
        (
            "![x](https://e.org/a.png) {width=200}",
            vec!["4:27: `{width=200}` stands apart from its image, and is shown as it is written"],
        ),
        (
            "![x](https://e.org/a.png)\n{width=200}",
            vec!["5:1: `{width=200}` stands apart from its image, and is shown as it is written"],
        ),
        (
            "[x](https://e.org/){target=_blank}",
            vec!["4:20: `{target=_blank}` has no meaning here, and is shown as it is written"],
        ),
        (
            "![x](https://e.org/a.png){: style=\"float:right; width:10px\"}",
            vec![
                "4:26: `style=\"float:right; width:10px\"` is not an attribute of an image; it is shown as it is written",
            ],
        ),
        ("![x](https://e.org/a.png){: .right width=\"200\"}", vec![]),
        ("**a**{.big}", vec!["4:6: `{.big}` has no meaning here, and is shown as it is written"]),
        ("**a**{b} [x](https://e.org/) {a=b}", vec![]),
    ] {
        assert_eq!(parsed(text).2, faults, "{text}");
    }
}

#[test]
fn images_take_attributes() {
    check(
        "![x](https://e.org/a.png){width=200 .wide #a} and ![y](https://e.org/b.png){width=50%}.",
        "<p><img src=\"https://e.org/a.png\" alt=\"x\" id=\"a\" class=\"wide\" width=\"200\"> and <img src=\"https://e.org/b.png\" alt=\"y\" style=\"width:50%\" loading=\"lazy\">.</p>",
    );
    check(
        "![x](https://e.org/a.png \"Title\"){width=\"20\" height=10px}",
        "<figure class=\"image\"><img src=\"https://e.org/a.png\" alt=\"x\" width=\"20\" height=\"10\"><figcaption>Title</figcaption></figure>",
    );
    check_warned(
        "![x](https://e.org/a.png){border=2}",
        "<p><img src=\"https://e.org/a.png\" alt=\"x\">{border=2}</p>",
        &["4:26: `border=2` is not an attribute of an image; it is shown as it is written"],
    );
    check("![x](https://e.org/a.png){x}", "<p><img src=\"https://e.org/a.png\" alt=\"x\">{x}</p>");
    let size = |shown: &super::ShownSize, proportions| shown.attributes(proportions);
    let shown = super::ShownSize { width: Some(200), ..super::ShownSize::default() };
    assert_eq!(size(&shown, Some((300, 400))), " width=\"200\" height=\"267\"");
    let shown = super::ShownSize { height: Some(200), ..super::ShownSize::default() };
    assert_eq!(size(&shown, Some((300, 400))), " width=\"150\" height=\"200\"");
}

#[test]
fn the_first_picture_is_not_waited_with() {
    check(
        "![x](https://e.org/a.png) ![y](https://e.org/b.png)",
        "<p><img src=\"https://e.org/a.png\" alt=\"x\"> <img src=\"https://e.org/b.png\" alt=\"y\" loading=\"lazy\"></p>",
    );
}

#[test]
fn a_marker_that_ends_no_summary_is_named() {
    let fault = |line: &str| vec![format!("{line}: this marker ends no summary")];
    assert_eq!(parsed("a <!-- more --> b").2, fault("4:3"));
    assert_eq!(parsed("- a\n- b <!--more-->\n\nc").2, fault("5:5"));
    assert_eq!(parsed("a\n\n<!-- more -->\n\nb").2, Vec::<String>::new());
    assert_eq!(parsed("`<!-- more -->` <!-- no more -->").2, Vec::<String>::new());
}

#[test]
fn a_summary_has_no_empty_labels() {
    let (post, ..) = parsed("- [x] done\n- [ ] open\n\n| a |\n|---|\n| b |\n\n<!-- more -->\n\nc");
    assert!(!post.summary_html.contains("aria-label=\"\""), "{}", post.summary_html);
    assert!(
        post.summary_html.contains("☑ done") && post.summary_html.contains("<div class=\"table\"><table>")
    );
}

#[test]
fn emphasis_on_one_wide_letter_is_kept_beside_any_mark() {
    let neighbours = ["强", "あ", "X", "。", "（", "、", ".", "(", "“", "强。", "X.", "강"];
    for (delimiter, tag) in [("*", "em"), ("**", "strong"), ("~~", "del")] {
        for before in neighbours {
            for letter in ["很", "り", "글", "𠮷", "很好", "x"] {
                for after in neighbours {
                    let text = format!("强{before}{delimiter}{letter}{delimiter}{after}强");
                    let expected = format!("<p>强{before}<{tag}>{letter}</{tag}>{after}强</p>");
                    assert_eq!(parsed(&text).1.trim_end(), expected, "{text}");
                }
            }
        }
    }
    check(
        "**删**的，**“删”**的，*删*。",
        "<p><strong>删</strong>的，<strong>“删”</strong>的，<em>删</em>。</p>",
    );
    // A letter between two emphasised phrases lets the one end and the other begin.
    check("说**“一”**和**“二”**。", "<p>说<strong>“一”</strong>和<strong>“二”</strong>。</p>");
    check("说**“一”**和**二**的", "<p>说<strong>“一”</strong>和<strong>二</strong>的</p>");
    check("*一*和**“二”**的", "<p><em>一</em>和<strong>“二”</strong>的</p>");
}

#[test]
fn a_percent_sign_in_a_formula_is_shown() {
    let (text, faults) = paragraph("growth of $50%$ a year and $50\\%$");
    assert_eq!(text, "growth of <code>$50%$</code> a year and ⟦50%⟧");
    assert_eq!(faults, ["formula: a percent sign hides the rest of its line"]);
}

#[test]
fn an_id_in_braces_is_not_one_of_a_footnote_or_of_html() {
    for markdown in ["## A {#fn-1}\n\nx[^n]\n\n[^n]: N", "## A {#fn-1}\n\n<p id=\"fn-1\">x</p>"] {
        let (_, html, faults) = parsed(markdown);
        assert_eq!(html.matches("id=\"fn-1\"").count(), 1, "{html}");
        assert!(html.contains("<h2 id=\"fn-1-2\">"), "{html}");
        assert_eq!(faults.len(), 1, "{faults:?}");
    }
}
