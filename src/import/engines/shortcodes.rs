//! Shortcodes of Hugo and Zola: those that many sites have, as what stands for them in Markdown.

use std::ops::Range;

use super::replacements::{Figure, alert, alert_kind, fence, figure, line_numbers, quotation, video};
use crate::html::escape;

/// A shortcode as it is called.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct ShortcodeCall {
    pub(super) name: String,
    pub(super) arguments: Vec<ShortcodeArgument>,
    /// What stands between its two tags.
    pub(super) inner: Option<String>,
}

/// A value that a shortcode is given, by name or by place.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct ShortcodeArgument {
    /// Empty for one that has none.
    pub(super) name: String,
    pub(super) value: String,
}

/// A tag of a shortcode in a text.
#[derive(Debug)]
pub(super) struct ShortcodeTag<'t> {
    pub(super) span: Range<usize>,
    pub(super) name: &'t str,
    pub(super) arguments: &'t str,
    pub(super) form: ShortcodeForm,
}

/// What a tag of a shortcode is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ShortcodeForm {
    /// Another tag may close it.
    Opening,
    /// It has nothing within.
    Whole,
    Closing,
    /// `{{</* name */>}}`, which shows the tag.
    Shown,
}

/// How an engine writes shortcodes, and those of its own.
pub(super) trait ShortcodeSyntax {
    fn tags<'t>(&self, text: &'t str) -> Vec<ShortcodeTag<'t>>;

    fn arguments(&self, written: &str) -> Vec<ShortcodeArgument>;

    fn closes(&self, opening: &ShortcodeTag<'_>, closing: &ShortcodeTag<'_>) -> bool;

    /// What stands for a shortcode that no other engine has.
    fn replacement(&self, _call: &ShortcodeCall, _remarks: &mut Vec<String>) -> Option<String> {
        None
    }

    /// Whose a shortcode is that has no form here.
    fn whose(&self, _name: &str) -> &'static str {
        "a shortcode"
    }
}

/// How deep shortcodes may stand in each other.
const DEEPEST: usize = 16;

/// A text without the shortcodes that have a form here. Others stay as they are written, and are noted.
pub(super) fn replaced(text: &str, syntax: &dyn ShortcodeSyntax, remarks: &mut Vec<String>) -> String {
    if !text.contains("{{") && !text.contains("{%") {
        return text.to_owned();
    }
    within(text, syntax, remarks, 0)
}

fn within(text: &str, syntax: &dyn ShortcodeSyntax, remarks: &mut Vec<String>, depth: usize) -> String {
    let tags = syntax.tags(text);
    let closings = closings(&tags, syntax);
    let mut out = String::with_capacity(text.len());
    let (mut at, mut index) = (0, 0);
    while let Some(tag) = tags.get(index) {
        out.push_str(&text[at..tag.span.start]);
        let closing = closings[index].filter(|_| depth < DEEPEST);
        let inner = closing
            .map(|closing| within(&text[tag.span.end..tags[closing].span.start], syntax, remarks, depth + 1));
        let end = closing.map_or(tag.span.end, |closing| tags[closing].span.end);
        index = closing.map_or(index + 1, |closing| closing + 1);
        at = end;
        let written = &text[tag.span.clone()];
        if tag.form == ShortcodeForm::Shown {
            out.push_str(&written.replacen("/*", "", 1).replacen("*/", "", 1));
            continue;
        }
        if tag.form == ShortcodeForm::Closing {
            out.push_str(written);
            continue;
        }
        let call =
            ShortcodeCall { name: tag.name.to_owned(), arguments: syntax.arguments(tag.arguments), inner };
        if let Some(known) = syntax.replacement(&call, remarks).or_else(|| call.replacement()) {
            let placed = as_placed(&known, &out, &text[end..]);
            out.push_str(&placed);
            continue;
        }
        let name = crate::html::shorten(tag.name, 40);
        let whose = syntax.whose(tag.name);
        remarks.push(format!("`{name}` is kept as it is written: {whose} that has no form here"));
        out.push_str(written);
        if let (Some(inner), Some(closing)) = (&call.inner, closing) {
            out.push_str(inner);
            out.push_str(&text[tags[closing].span.clone()]);
        }
    }
    out.push_str(&text[at..]);
    out
}

/// For each tag the one that closes it.
fn closings(tags: &[ShortcodeTag<'_>], syntax: &dyn ShortcodeSyntax) -> Vec<Option<usize>> {
    let mut closings = vec![None; tags.len()];
    let mut open: Vec<usize> = Vec::new();
    for (index, tag) in tags.iter().enumerate() {
        match tag.form {
            ShortcodeForm::Opening => open.push(index),
            ShortcodeForm::Closing => {
                if let Some(found) = open.iter().rposition(|opening| syntax.closes(&tags[*opening], tag)) {
                    closings[open[found]] = Some(index);
                    open.truncate(found);
                }
            }
            ShortcodeForm::Whole | ShortcodeForm::Shown => {}
        }
    }
    closings
}

impl ShortcodeCall {
    /// The first of several named arguments that is there.
    pub(super) fn named(&self, names: &[&str]) -> &str {
        let found = names
            .iter()
            .find_map(|name| self.arguments.iter().find(|argument| argument.name.eq_ignore_ascii_case(name)));
        found.map_or("", |argument| argument.value.as_str())
    }

    /// The argument at a place, of those without a name.
    pub(super) fn at(&self, place: usize) -> &str {
        let mut unnamed = self.arguments.iter().filter(|argument| argument.name.is_empty());
        unnamed.nth(place).map_or("", |argument| argument.value.as_str())
    }

    /// A named argument, else the one at a place.
    pub(super) fn value(&self, names: &[&str], place: usize) -> &str {
        match self.named(names) {
            "" => self.at(place),
            value => value,
        }
    }

    /// What stands for it; nothing if it is not known.
    pub(super) fn replacement(&self) -> Option<String> {
        let name = self.name.to_ascii_lowercase();
        match (name.as_str(), self.inner.as_deref()) {
            ("figure" | "img" | "image" | "imgproc" | "picture", _) => self.figure(),
            (
                "youtube" | "vimeo" | "dailymotion" | "streamable" | "bilibili" | "instagram" | "codepen",
                _,
            ) => video(&name, self.value(&["id", "key"], 0)),
            ("tweet" | "twitter" | "x" | "tweet_simple" | "x_simple", _) => self.message(),
            ("gist", _) => self.gist(),
            ("highlight" | "code", Some(code)) => Some(self.code(code)),
            ("mermaid", Some(code)) => Some(fence("mermaid", code.trim_matches('\n'))),
            ("katex" | "math" | "mathjax", Some(formula)) => {
                Some(format!("$$\n{}\n$$", formula.trim().trim_matches('$').trim()))
            }
            ("comment", Some(_)) => Some(String::new()),
            ("raw" | "rawhtml" | "html" | "unsafe" | "unsafehtml", Some(inner)) => Some(inner.to_owned()),
            ("details" | "expand" | "collapse" | "spoiler" | "accordion", Some(inner)) => {
                Some(self.details(inner))
            }
            ("quote" | "blockquote" | "epigraph", Some(inner)) => {
                let (author, title) =
                    (self.value(&["author", "by", "attribution"], 0), self.named(&["title", "source"]));
                Some(quotation(inner, author, self.named(&["link", "url", "cite", "href"]), title))
            }
            ("button", Some(text)) => {
                let address = self.value(&["href", "link", "url", "relref"], 0);
                let address = crate::import::markdown::destination(address);
                (address != "<>").then(|| format!("[{}]({address})", text.trim()))
            }
            ("audio" | "video", None) => self.player(&name),
            (_, Some(inner)) => self.note(&name, inner),
            _ => None,
        }
    }

    fn figure(&self) -> Option<String> {
        let source = self.value(&["src", "path", "url", "file", "link_src"], 0);
        let title = self.named(&["title"]);
        let caption = [self.named(&["caption", "cap"]), self.inner.as_deref().unwrap_or_default()];
        let caption = caption.into_iter().find(|caption| !caption.trim().is_empty()).unwrap_or_default();
        let attribution = match (self.named(&["attr"]), self.named(&["attrlink"])) {
            ("", _) => String::new(),
            (words, "") => words.to_owned(),
            (words, address) => format!("[{words}]({})", crate::import::markdown::destination(address)),
        };
        let title = if title.is_empty() || caption.is_empty() && attribution.is_empty() {
            title.to_owned()
        } else {
            format!("**{title}**")
        };
        let parts: Vec<&str> = [title.as_str(), caption, &attribution]
            .into_iter()
            .filter(|part| !part.trim().is_empty())
            .collect();
        let (alt, link) = (self.named(&["alt"]), self.named(&["link", "href"]));
        (!source.is_empty()).then(|| figure(&Figure { source, alt, caption: &parts.join(" "), link }))
    }

    /// A message of Twitter by its number, with or without the name of who wrote it.
    fn message(&self) -> Option<String> {
        let id = self.value(&["id"], 0);
        match self.named(&["user"]) {
            "" => video("tweet", id),
            user => {
                let is_name = user.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
                let is_id = !id.is_empty() && id.chars().all(|c| c.is_ascii_digit());
                (is_name && is_id).then(|| format!("<https://twitter.com/{user}/status/{id}>"))
            }
        }
    }

    fn gist(&self) -> Option<String> {
        match self.named(&["url"]) {
            "" => video("gist", &format!("{}/{}", self.value(&["user"], 0), self.value(&["id"], 1))),
            url => (url.starts_with("https://") && !url.contains(['>', ' '])).then(|| format!("<{url}>")),
        }
    }

    fn code(&self, code: &str) -> String {
        let mut options = self.value(&["lang", "language", "type"], 0).to_owned();
        let more = self.value(&["options"], 1);
        if more.contains("linenos=") && !more.contains("linenos=false") || self.named(&["linenos"]) == "true"
        {
            options.push_str(" linenos");
        }
        for option in ["hl_lines", "linenostart"] {
            let written = more.split_once(&format!("{option}=")).map(|(_, value)| value);
            // The numbers end where the next option begins.
            let written = written.map(|value| value.split('=').next().unwrap_or_default());
            let written =
                written.map(|value| value.trim_end_matches(|c: char| c.is_ascii_alphabetic() || c == '_'));
            if let Some(lines) = written.and_then(line_numbers) {
                options.push_str(&format!(" {option}=\"{lines}\""));
            }
        }
        fence(&options, code.trim_matches(['\n', '\r']))
    }

    fn details(&self, inner: &str) -> String {
        let summary = self.value(&["summary", "title", "label"], 0);
        let open = if self.named(&["open"]) == "true" { " open" } else { "" };
        let summary = if summary.is_empty() { "Details".to_owned() } else { escape(summary) };
        format!(
            "<details{open}>\n<summary>{summary}</summary>\n\n{}\n\n</details>",
            inner.trim_matches('\n').trim_end()
        )
    }

    fn player(&self, name: &str) -> Option<String> {
        let source = self.value(&["src", "url", "file", "mp4"], 0);
        (!source.is_empty()).then(|| {
            let source = escape(source);
            format!("<{name} controls src=\"{source}\"><a href=\"{source}\">{source}</a></{name}>")
        })
    }

    /// A note whose kind is its name or its first argument.
    fn note(&self, name: &str, inner: &str) -> Option<String> {
        let told = self.value(&["type", "kind", "level", "severity", "icon", "color"], 0);
        let is_box = matches!(
            name,
            "notice" | "admonition" | "callout" | "alert" | "hint" | "message" | "box" | "panel"
        );
        let by_argument = alert_kind(told).filter(|_| is_box || alert_kind(name).is_some());
        let kind = by_argument.or_else(|| alert_kind(name)).or(is_box.then_some("NOTE"))?;
        let place = usize::from(
            by_argument.is_some()
                && self.named(&["type", "kind", "level", "severity", "icon", "color"]).is_empty(),
        );
        // The first argument of a box is its icon, if it is not its kind.
        let title = if is_box && by_argument.is_none() {
            self.named(&["title"])
        } else {
            self.value(&["title"], place)
        };
        Some(alert(kind, title, inner))
    }
}

/// A text of several lines in its place: as a block of its own, if nothing else stands in its line.
pub(super) fn as_placed(text: &str, before: &str, behind: &str) -> String {
    let line = &before[before.rfind('\n').map_or(0, |at| at + 1)..];
    let ends_line = behind.is_empty() || behind.starts_with(['\n', '\r']);
    let is_alone = line.trim().is_empty() && ends_line;
    let is_block = is_alone
        && (text.contains('\n')
            || text.starts_with("![")
            || text.starts_with("[![")
            || text.starts_with('<'));
    if !is_block {
        return text.to_owned();
    }
    let text = text.replace('\n', &format!("\n{line}")).replace(&format!("\n{line}\n"), "\n\n");
    let above = before.trim_end_matches([' ', '\t']);
    let gap_before = if above.is_empty() || above.ends_with("\n\n") { "" } else { "\n" };
    let gap_behind = if behind.trim().is_empty() || behind.starts_with("\n\n") { "" } else { "\n" };
    // The indent of the line stands before already.
    let indent = if gap_before.is_empty() { "" } else { line };
    format!("{gap_before}{indent}{text}{gap_behind}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(name: &str, arguments: &[(&str, &str)], inner: Option<&str>) -> Option<String> {
        let arguments = arguments
            .iter()
            .map(|(name, value)| ShortcodeArgument { name: (*name).to_owned(), value: (*value).to_owned() });
        let call = ShortcodeCall {
            name: name.to_owned(),
            arguments: arguments.collect(),
            inner: inner.map(str::to_owned),
        };
        call.replacement()
    }

    #[test]
    fn usual_shortcodes_have_a_form() {
        for (name, arguments, inner, expected) in [
            (
                "figure",
                &[("src", "net.png"), ("caption", "The *net*"), ("alt", "Net")][..],
                None,
                "![Net](net.png \"The *net*\")",
            ),
            (
                "figure",
                &[("src", "a.png"), ("title", "T"), ("attr", "Ida"), ("attrlink", "/i/")],
                None,
                "![](a.png \"**T** [Ida](/i/)\")",
            ),
            (
                "highlight",
                &[("", "go"), ("", "linenos=table,hl_lines=2 4-5,linenostart=7")],
                Some("\na\n"),
                "```go linenos hl_lines=\"2 4-5\" linenostart=\"7\"\na\n```",
            ),
            ("notice", &[("", "tip")], Some("\nMind **it**.\n"), "> [!TIP]\n> Mind **it**."),
            ("notice", &[("", "tip"), ("", "Look")], Some("x"), "> [!TIP]\n> **Look**\n>\n> x"),
            ("alert", &[("", "circle-info")], Some("x"), "> [!NOTE]\n> x"),
            ("warning", &[], Some("x"), "> [!WARNING]\n> x"),
            ("tweet", &[("user", "ida"), ("id", "12")], None, "<https://twitter.com/ida/status/12>"),
            ("gist", &[("", "ida"), ("", "ab12")], None, "<https://gist.github.com/ida/ab12>"),
            ("quote", &[("author", "Ida")], Some("Words."), "> Words.\n>\n> — Ida"),
            (
                "details",
                &[("summary", "More")],
                Some("x"),
                "<details>\n<summary>More</summary>\n\nx\n\n</details>",
            ),
        ] {
            assert_eq!(call(name, arguments, inner).as_deref(), Some(expected), "{name}");
        }
        assert_eq!(call("unknown", &[("", "x")], Some("y")), None);
        assert_eq!(call("youtube", &[("", "a b")], None), None);
    }

    #[test]
    fn blocks_stand_alone() {
        assert_eq!(as_placed("![](a)", "Text\n", "\nmore"), "\n![](a)\n");
        assert_eq!(as_placed("![](a)", "Text ", "\nmore"), "![](a)");
        assert_eq!(as_placed("```\na\n```", "- x\n\n  ", "\n"), "```\n  a\n  ```");
    }
}
