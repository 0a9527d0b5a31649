//! The code of a fenced block as HTML: (language, code) in, classed spans out.
//!
//! [`highlight`] is the entry point. Around it: [`FenceOptions::parse_info`] reads the words after
//! the opening fence, [`language_name`] and [`nearest_language`] say whether a language is known,
//! and [`lines`] adds line numbers and marks to what was highlighted or merely escaped.
//!
//! Everything here is a function of its arguments. In particular this module keeps no time: it asks
//! its caller before each line whether to go on. The caller needs a deadline of its own as well,
//! because a grammar can, in principle, loop within one line (syntect issue 460).
//!
//! Classes are one letter, so that the HTML stays near twice the size of the code; syntect's own
//! generator writes fourteen times. See `Class` for the letters a style sheet has to know.
//!
//! Grammars come from syntect's own set first, and from two-face only where that one has none. Each
//! grammar was fed some 300 000 hostile inputs; those that did not return are not in `LANGUAGES`.

mod classes;
mod contexts;
mod fence;
mod languages;
mod line_parser;
mod memory;
mod prefixes;

use std::ops::Range;

use syntect::parsing::{ClearAmount, Scope, ScopeStackOp};

use self::classes::{Class, rule};
use self::contexts::ContextTable;
pub(crate) use self::fence::{FenceOptions, lines};
use self::languages::{Grammar, find};
pub(crate) use self::languages::{language_name, nearest_language};
use self::line_parser::{LineCache, LineParser};
pub(crate) use self::memory::Memory;
use crate::html;

/// The version of everything that decides the result; part of the cache key.
///
/// Raise it with any change to the rules, the table of languages, or the version of syntect or
/// two-face.
pub(crate) const VERSION: u32 = 1;

/// Highlights `code` as HTML, one token class per `<span>`, no span across the end of a line.
///
/// `language` is any name or alias in any case. Taking the tags out and resolving the four escapes
/// (`&amp;`, `&lt;`, `&gt;`, `&quot;`) gives back `code` exactly.
///
/// The result is `None`, and the caller escapes the code as it is, when the language is unknown or
/// plain, when a line is longer than 4,096 bytes (256 or 512 for a few grammars), when the grammar
/// fails, and when `keep_going`, asked before each line, says `false`.
pub(crate) fn highlight(
    language: &str,
    code: &str,
    memory: &mut Memory,
    keep_going: &mut dyn FnMut() -> bool,
) -> Option<String> {
    let grammar = find(language)?.grammar.for_code(code);
    let table = grammar.table()?;
    let longest = grammar.longest_line();
    if code.lines().any(|line| line.len() > longest) {
        return None;
    }
    let mut html = String::with_capacity(code.len() * 5 / 2);
    let (mut reader, cache) = memory.reader(grammar, || grammar.parser().map(State::new))?;
    for line in code.split_inclusive('\n') {
        if !keep_going() {
            return None;
        }
        reader.line(line, &mut html, |state, html| state.line(line, table, cache, html))?;
    }
    Some(html)
}

/// Everything that decides, with a line's text, what its HTML is and what the next one begins in.
#[derive(Debug, Clone, PartialEq, Eq)]
struct State {
    parser: LineParser,
    scopes: Scopes,
}

impl State {
    fn new(parser: LineParser) -> Self {
        Self { parser, scopes: Scopes::default() }
    }

    /// Writes one line; `None` if the grammar fails.
    fn line(
        &mut self,
        line: &str,
        table: &ContextTable,
        cache: &mut LineCache,
        html: &mut String,
    ) -> Option<()> {
        let changes = match line.ends_with('\n') {
            true => self.parser.parse(line, table, cache)?,
            // The grammars match `\n`, and misread a line that has none.
            false => self.parser.parse(&format!("{line}\n"), table, cache)?,
        };
        Painter { html, open: None }.line(line, &changes, &mut self.scopes)
    }
}

/// The scopes around the current place in the code, each as the class that holds within it.
///
/// A class is worked out once, when its scope opens; the innermost is then the answer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Scopes {
    classes: Vec<Option<Class>>,
    cleared: Vec<Vec<Option<Class>>>,
}

impl Scopes {
    fn class(&self) -> Option<Class> {
        self.classes.last().copied().flatten()
    }

    fn apply(&mut self, change: &ScopeStackOp) {
        match change {
            ScopeStackOp::Push(scope) => self.classes.push(self.class_within(*scope)),
            ScopeStackOp::Pop(count) => self.keep_all_but(*count),
            ScopeStackOp::Clear(amount) => {
                let kept = match amount {
                    ClearAmount::TopN(count) => self.classes.len().saturating_sub(*count),
                    ClearAmount::All => 0,
                };
                self.cleared.push(self.classes.split_off(kept));
            }
            ScopeStackOp::Restore => self.classes.extend(self.cleared.pop().unwrap_or_default()),
            ScopeStackOp::Noop => {}
        }
    }

    fn keep_all_but(&mut self, count: usize) {
        self.classes.truncate(self.classes.len().saturating_sub(count));
    }

    fn class_within(&self, scope: Scope) -> Option<Class> {
        let outer = self.class();
        if outer == Some(Class::Comment) {
            return outer;
        }
        match (outer, rule(scope)) {
            (_, None) => outer,
            (Some(Class::Key), Some(Some(Class::Text))) => outer,
            (Some(Class::Attribute), Some(Some(Class::Function | Class::Type))) => outer,
            // The operators of a regular expression are part of it.
            (Some(Class::Escape), Some(Some(_))) => outer,
            (_, Some(class)) => class,
        }
    }
}

/// Writes code as HTML, with as few spans as look the same.
struct Painter<'h> {
    html: &'h mut String,
    /// The class of the span that is open.
    open: Option<Class>,
}

impl Painter<'_> {
    /// Writes one line; `None` if the changes do not fit the line.
    fn line(&mut self, line: &str, changes: &[(usize, ScopeStackOp)], scopes: &mut Scopes) -> Option<()> {
        let mut written = 0;
        let mut start = 0;
        for (end, change) in changes {
            // A newline that was added for the parser is not part of the line.
            let end = (*end).min(line.len());
            if start < end {
                written = self.piece(line, written, start..end, scopes.class())?;
                start = end;
            }
            scopes.apply(change);
        }
        written = self.piece(line, written, start..line.len(), scopes.class())?;
        self.switch(None);
        self.html.push_str(line.get(written..)?);
        Some(())
    }

    /// Writes the piece of `line` at `range`, with the white space left over since `written`.
    ///
    /// White space at the end of a piece waits for what follows: within a run of one class it is
    /// part of the span, and otherwise it stands between spans. Returns what is written now.
    fn piece(
        &mut self,
        line: &str,
        written: usize,
        range: Range<usize>,
        class: Option<Class>,
    ) -> Option<usize> {
        let text = line.get(range.clone())?;
        let visible = text.trim();
        if visible.is_empty() {
            return Some(written);
        }
        let start = range.start + (text.len() - text.trim_start().len());
        let space = line.get(written..start)?;
        if class == self.open {
            self.html.push_str(space);
        } else {
            self.switch(None);
            self.html.push_str(space);
            self.switch(class);
        }
        html::escape_to(visible, self.html);
        Some(start + visible.len())
    }

    /// Ends the open span, if any, and begins one of `class`, if any.
    fn switch(&mut self, class: Option<Class>) {
        if self.open.is_some() {
            self.html.push_str("</span>");
        }
        if let Some(class) = class {
            self.html.push_str("<span class=\"");
            self.html.push_str(class.letter());
            self.html.push_str("\">");
        }
        self.open = class;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::post::highlight::languages::LANGUAGES;

    fn html(language: &str, code: &str) -> String {
        highlight(language, code, &mut Memory::default(), &mut || true).expect("the language is known")
    }

    /// Highlighted code with `[k fn]` for `<span class="k">fn</span>`, and nothing escaped.
    fn short(language: &str, code: &str) -> String {
        let html = html(language, code);
        unescape(&html.replace("<span class=\"", "[").replace("\">", " ").replace("</span>", "]"))
    }

    fn check(language: &str, code: &str, expected: &str) {
        assert_eq!(short(language, code), expected, "{language}");
    }

    fn unescape(html: &str) -> String {
        html.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&")
    }

    /// The text of highlighted code, if all its tags are spans of one known class.
    fn text(html: &str) -> Option<String> {
        let mut text = String::new();
        let mut rest = html;
        while let Some((before, tag)) = rest.split_once('<') {
            text.push_str(before);
            rest = match tag.strip_prefix("/span>") {
                Some(rest) => rest,
                None => {
                    let (class, rest) = tag.strip_prefix("span class=\"")?.split_once("\">")?;
                    ("abcdefghikmnopstv".contains(class) && class.len() == 1).then_some(rest)?
                }
            };
        }
        text.push_str(rest);
        Some(unescape(&text))
    }

    const SNIPPETS: &[(&str, &str)] = &[
        ("rust", "#[a(b = \"c\")]\nfn f<'a>(x: &'a str) -> u8 { x.len() as u8 & 1 }\n"),
        ("rust", "let s = \"two\n   lines\";\n/* and\n\n  a comment */"),
        ("python", "@d\ndef f(x, *a):\n    '''doc\n\n    more'''\n    return f\"{x!r} <b>\"\n"),
        ("js", "const f = `a ${b < 1 && c} d\n  e`; // <script>\n"),
        ("ts", "function f<T>(x?: T[]): x is T { return x! }\n"),
        ("jsx", "const a = <B c={d => <i>&amp;</i>} />;\n"),
        ("html", "<!-- a\nb --><script>\nif (a < b) \"</script>\n<p title='x'>\u{a0}é 🎈"),
        ("php", "echo \"$a[0] {$b->c}\" . PHP_EOL;"),
        ("bash", "cat <<EOF | tee \"$f\"\n$a $(b \"c\") \\\nEOF\nx=${y:-\"z\"}\n"),
        ("toml", "[a.b]\nc = \"\"\"\n d \\\"\n\"\"\"\n"),
        ("diff", "--- a\n+++ b\n@@ -1 +1 @@\n-x <y>\n+x  \n"),
        ("yaml", "a: &b\n  - \"c\": |\n      d\n\t\n"),
        ("json", "{\"a\": [1, \"\\u00e9\", null],}"),
        ("css", "@media (x) { a > b::c { d: url(\"e\") } }\r\n.f {}\r\n"),
        ("markdown", "# A *b*\n\n- `c`\n\n```\nd\n"),
        ("sql", "SELECT 'a''b' -- c"),
        ("dockerfile", "FROM a AS b\nRUN c && \\\n  d \"$E\"\n"),
        ("makefile", "a: b\n\t@echo $(C) <d>\n"),
    ];

    #[test]
    fn rust() {
        check(
            "rs",
            "pub fn f(x: &str) -> u8 { println!(\"a {}\\n\", 1.5); None } // <c>\n",
            "[k pub fn] [f f]([v x]: [o &][k str]) -> [k u8] \
             { [m println!]([s \"a] [e {}\\n][s \"], [n 1.5]); [t None] } [c // <c>]\n",
        );
        check("rust", "#[derive(Debug)]\n", "[a #[derive(Debug)]]\n");
    }

    #[test]
    fn python() {
        check(
            "python",
            "@d(1)\ndef f(a, b=None):\n    return f\"x {a}\" is not len(b)\n",
            "[a @d(][n 1][a )]\n[k def] [f f]([v a], [v b][o =][b None]):\n    \
             [k return] [s f\"x] [p {]a[p }][s \"] [k is not] [b len](b)\n",
        );
        check("py", "class A(B): pass", "[k class] [t A]([t B]): [k pass]");
    }

    #[test]
    fn javascript_and_its_kin() {
        check(
            "js",
            "const f = (a) => `x ${a.b(1)}`;",
            "[k const] [f f] [o =] ([v a]) [k =>] [s `x] [p ${]a.[f b]([n 1])[p }][s `];",
        );
        check("js", "x = /a[b]\\d+/g;", "x [o =] [e /a[b]\\d+/g];");
        check("ts", "let x: number = 1;", "[k let] x: [t number] [o =] [n 1];");
        check("tsx", "<A b=\"c\" />;", "[g <A] [a b][o =][s \"c\"] [g />];");
    }

    #[test]
    fn html_and_css() {
        check(
            "html",
            "<a href=\"x\">b &amp; c</a><!-- d -->\n",
            "[g <a] [a href]=[s \"x\"][g >]b [e &amp;] c[g </a>][c <!-- d -->]\n",
        );
        check("html", "<script>let x = 1</script>", "[g <script>][k let] x [o =] [n 1][g </script>]");
        check("css", "a.b { color: #fff }", "[g a][a .b] { [k color]: [n #fff] }");
    }

    #[test]
    fn bash() {
        check(
            "console",
            "for x in \"$A\"; do ls -l > y; done # z",
            "[k for] x [k in] [s \"][v $A][s \"]; [k do] [f ls] [v -l] [o >] y; [k done] [c # z]",
        );
    }

    #[test]
    fn data_formats() {
        check(
            "toml",
            "[a.b]\nc = \"d\\n\" # e\nf = true\n",
            "[[h a.b]]\n[g c] = [s \"d][e \\n][s \"] [c # e]\n[g f] = [b true]\n",
        );
        check("yml", "a: b\nc: [1, \"d\"]\n", "[g a]: [s b]\n[g c]: [[n 1], [s \"d\"]]\n");
        check(
            "jsonc",
            "{\"a\": [1, true, \"b\"]} // c",
            "{[g \"a\"]: [[n 1], [b true], [s \"b\"]]} [c // c]",
        );
    }

    #[test]
    fn diff() {
        check(
            "patch",
            "--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a  b\n+c\n d\n",
            "[h --- a/x]\n[h +++ b/x]\n[h @@ -1 +1 @@]\n[d -a  b]\n[i +c]\n d\n",
        );
    }

    #[test]
    fn markup_in_code_is_escaped() {
        let html = html("js", "f('<script>alert(\"1\")</script>&') // </pre>");
        assert_eq!(
            html,
            "<span class=\"f\">f</span>(<span class=\"s\">'&lt;script&gt;alert(&quot;1&quot;)\
             &lt;/script&gt;&amp;'</span>) <span class=\"c\">// &lt;/pre&gt;</span>",
        );
    }

    #[test]
    fn text_without_tags_is_the_code_exactly() {
        for (language, code) in SNIPPETS {
            assert_eq!(text(&html(language, code)).as_deref(), Some(*code), "{language}");
            // Every start and every end of the code as well: blocks are often cut.
            for at in (0..code.len()).filter(|at| code.is_char_boundary(*at)) {
                for part in [&code[..at], &code[at..]] {
                    assert_eq!(text(&html(language, part)).as_deref(), Some(part), "{language}");
                }
            }
        }
    }

    #[test]
    fn no_span_crosses_the_end_of_a_line_or_another_span() {
        for (language, code) in SNIPPETS {
            for line in html(language, code).lines() {
                let open: Vec<usize> = line.match_indices("<span").map(|(at, _)| at).collect();
                let close: Vec<usize> = line.match_indices("</span>").map(|(at, _)| at).collect();
                assert_eq!(open.len(), close.len(), "{line}");
                let pairs = open.iter().zip(&close);
                assert!(pairs.clone().all(|(open, close)| open < close), "{line}");
                let gaps = close.iter().zip(open.iter().skip(1));
                assert!(gaps.clone().all(|(close, open)| close < open), "{line}");
            }
        }
    }

    /// Highlights as [`highlight`] does, but with syntect's own parser.
    fn reference(language: &str, code: &str) -> Option<String> {
        let grammar = find(language)?.grammar.for_code(code);
        let (set, syntax) = grammar.reference()?;
        let mut parser = syntect::parsing::ParseState::new(syntax);
        let (mut scopes, mut html) = (Scopes::default(), String::new());
        for line in code.split_inclusive('\n') {
            let text = if line.ends_with('\n') { line.to_owned() } else { format!("{line}\n") };
            let changes = parser.parse_line(&text, set).ok()?;
            Painter { html: &mut html, open: None }.line(line, &changes, &mut scopes)?;
        }
        Some(html)
    }

    #[test]
    fn the_result_is_that_of_the_parser_of_syntect() {
        let all: String = SNIPPETS.iter().map(|(_, code)| format!("{code}\n")).collect();
        let here_documents = "cat <<A\n$a é\nA\n<<-'B' x\n\tB\n";
        let mut memory = Memory::default();
        for language in LANGUAGES.iter().filter(|language| language.grammar != Grammar::Plain) {
            for code in [&all, here_documents] {
                let html = highlight(language.name, code, &mut memory, &mut || true);
                assert_eq!(html, reference(language.name, code), "{}", language.name);
            }
        }
    }

    #[test]
    fn the_result_is_that_of_the_parser_of_syntect_for_blocks_of_posts() {
        let texts = [
            include_str!("../../tests/extra/site/content/2026/code.md"),
            include_str!("../../content/pages/guide/settings.md"),
            include_str!("../../content/pages/guide/themes.md"),
        ];
        let mut memory = Memory::default();
        let mut blocks = 0;
        for text in texts {
            let mut fences = text.split("\n```").skip(1);
            while let (Some(block), _) = (fences.next(), fences.next()) {
                let Some((info, code)) = block.split_once('\n') else { continue };
                let language = FenceOptions::parse_info(info).language;
                if find(&language).is_some_and(|language| language.grammar != Grammar::Plain) {
                    let html = highlight(&language, code, &mut memory, &mut || true);
                    assert_eq!(html, reference(&language, code), "{code}");
                    blocks += 1;
                }
            }
        }
        assert!(blocks > 20, "there are blocks of code");
    }

    #[test]
    fn every_grammar_returns_on_unbalanced_input() {
        let nasty = [
            "x /*",
            "{{ x /* }}",
            "${",
            "`${`${`",
            "\"abc",
            "'abc",
            "<!--",
            "<script>x /*",
            "<a b=\"",
            "(((((((([[[[[[[[{{{{{{{{",
            "))))]]]]}}}}",
            "```js\nx /*\n",
            "<<EOF\n",
            "\\",
            "\0",
            "\n\n",
        ];
        for language in LANGUAGES.iter().filter(|language| language.grammar != Grammar::Plain) {
            for code in nasty {
                let html = highlight(language.name, code, &mut Memory::default(), &mut || true);
                let text = html.and_then(|html| text(&html));
                assert_eq!(text.as_deref(), Some(code), "{}", language.name);
            }
        }
    }

    #[test]
    fn a_memory_changes_nothing() {
        let here_documents = "cat <<A\n$a\nA\ncat <<B\n$a\nA\nB\ncat <<A\n$a\nA\nls\n";
        let mut memory = Memory::default();
        for (language, code) in SNIPPETS.iter().chain(&[("bash", here_documents)]) {
            let lines: Vec<&str> = code.split_inclusive('\n').collect();
            // The lines in every order that begins with another one, so that each is met in many states.
            for start in 0..lines.len() {
                let turned = [&lines[start..], &lines[..start]].concat().concat();
                let remembered = highlight(language, &turned, &mut memory, &mut || true);
                assert_eq!(remembered, Some(html(language, &turned)), "{language}");
                assert_eq!(highlight(language, &turned, &mut memory, &mut || true), remembered);
            }
        }
    }

    #[test]
    fn what_cannot_be_highlighted_is_left_to_the_caller() {
        let ask =
            |language: &str, code: &str| highlight(language, code, &mut Memory::default(), &mut || true);
        assert_eq!(ask("klingon", "x"), None);
        assert_eq!(ask("", "x"), None);
        assert_eq!(ask("text", "x"), None);
        let longest = "a ".repeat(2_048);
        assert!(ask("json", &longest).is_some());
        assert_eq!(ask("json", &format!("{longest}a")), None);
        assert!(ask("makefile", &"a".repeat(512)).is_some());
        assert_eq!(ask("makefile", &"a".repeat(513)), None);
        assert_eq!(ask("rust", ""), Some(String::new()));
    }

    #[test]
    fn the_caller_is_asked_before_each_line() {
        let mut asked = 0;
        let html = highlight("rust", "a\nb\nc\n", &mut Memory::default(), &mut || {
            asked += 1;
            asked < 3
        });
        assert_eq!((html, asked), (None, 3));
    }
}
