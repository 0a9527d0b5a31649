//! Explicit markup: directives, comments, notes, targets.

use super::inline::is_note;
use super::{RstReader, adornment, block_end, dedented, field, note_label, skip_blank};
use crate::html::escape;

/// A directive: `.. name:: argument`, its options and its content.
struct Directive<'l> {
    name: &'l str,
    argument: String,
    options: Vec<(&'l str, &'l str)>,
    content: Vec<&'l str>,
}

impl<'l> Directive<'l> {
    fn of(name: &'l str, first: &'l str, lines: &[&'l str]) -> Self {
        let inner = dedented(lines);
        let options_end = inner.iter().position(|line| field(line).is_none()).unwrap_or(inner.len());
        let mut options_start = 0;
        let mut argument = vec![first];
        // The argument may go on in the next lines.
        if options_end == 0 {
            let end =
                inner.iter().position(|line| line.is_empty() || field(line).is_some()).unwrap_or(inner.len());
            argument.extend(&inner[..end]);
            options_start = end;
        }
        let mut at = options_start;
        let mut options = Vec::new();
        while let Some(option) = inner.get(at).and_then(|line| field(line)) {
            options.push((option.name, option.value));
            at += 1;
        }
        let argument = argument.into_iter().filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n");
        Self { name, argument, options, content: inner[skip_blank(&inner, at)..].to_vec() }
    }

    fn option(&self, name: &str) -> &'l str {
        self.options.iter().find(|(known, _)| *known == name).map_or("", |(_, value)| *value)
    }

    /// All that stands in it, for directives whose text may begin in their first line.
    fn text(&self) -> Vec<&str> {
        let mut lines: Vec<&str> = self.argument.lines().collect();
        if !lines.is_empty() && !self.content.is_empty() {
            lines.push("");
        }
        lines.extend(&self.content);
        lines
    }
}

impl RstReader<'_> {
    /// What begins with two dots. Returns how many lines it has.
    pub(super) fn explicit(&mut self, lines: &[&str], depth: usize, out: &mut String) -> usize {
        let end = block_end(lines, 1, 1);
        let first = lines[0].trim_start_matches("..").trim();
        if let Some(label) = note_label(lines[0]) {
            let mut inner = vec![first[label.len() + 2..].trim_start()];
            inner.extend(dedented(&lines[1..end]));
            if is_note(label) && self.notes_read < self.notes.len() {
                let mut note = String::new();
                self.blocks(&inner, depth + 1, &mut note);
                self.notes[self.notes_read] = note;
                self.notes_read += 1;
            } else {
                let anchor = crate::post::slug::slugify(label);
                out.push_str(&format!("<p id=\"{}\">[{}]</p>", escape(&anchor), escape(label)));
                self.blocks(&inner, depth + 1, out);
            }
            return end;
        }
        let directive = first.split_once("::").filter(|(name, _)| {
            !name.is_empty()
                && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | ':' | '.'))
        });
        let Some((name, argument)) = directive else {
            // A target of its own is an anchor; the rest is a comment.
            if let Some(name) = first.strip_prefix('_').and_then(|first| first.strip_suffix(':')) {
                out.push_str(&format!("<a id=\"{}\"></a>", escape(&crate::post::slug::slugify(name))));
                return 1;
            }
            return end;
        };
        let directive = Directive::of(name, argument.trim(), &lines[1..end]);
        if self.directive(&directive, depth, out).is_none() {
            self.remarks.push(format!("the directive `{name}` is kept as it is written"));
            out.push_str(&format!("<pre>{}</pre>\n", escape(&lines[..end].join("\n"))));
        }
        end
    }

    fn directive(&mut self, directive: &Directive<'_>, depth: usize, out: &mut String) -> Option<()> {
        match directive.name {
            "code-block" | "code" | "sourcecode" | "highlight" => out.push_str(&code(directive)),
            "parsed-literal" => {
                out.push_str(&format!("<pre>{}</pre>\n", self.inline(&directive.content.join("\n"))))
            }
            "image" => out.push_str(&format!("{}\n", image(directive))),
            "figure" => self.figure(directive, depth, out),
            "raw" if directive.argument.trim() == "html" => {
                out.push_str(&directive.content.join("\n"));
                out.push('\n');
            }
            "raw" | "contents" | "sectnum" | "header" | "footer" | "meta" | "class" | "default-role"
            | "role" | "lead" => {}
            "math" => out.push_str(&format!("<p>$${}$$</p>\n", escape(&directive.text().join("\n")))),
            "youtube" => {
                let id = directive.argument.trim();
                let address = format!("https://www.youtube.com/watch?v={}", escape(id));
                out.push_str(&format!("<p><a href=\"{address}\">{address}</a></p>\n"));
            }
            "epigraph" | "pull-quote" | "highlights" | "compound" | "container" | "topic" | "sidebar"
            | "rubric" | "admonition" => {
                self.wrapper(directive, depth, out);
            }
            name => {
                let kind = crate::import::engines::replacements::alert_kind(name)?;
                let mut title = kind.to_lowercase();
                title[..1].make_ascii_uppercase();
                out.push_str(&format!(
                    "<div class=\"{}\"><p><strong>{title}</strong></p>",
                    kind.to_lowercase()
                ));
                self.blocks(&directive.text(), depth + 1, out);
                out.push_str("</div>\n");
            }
        }
        Some(())
    }

    fn figure(&mut self, directive: &Directive<'_>, depth: usize, out: &mut String) {
        let end =
            directive.content.iter().position(|line| line.is_empty()).unwrap_or(directive.content.len());
        let (caption, legend) = directive.content.split_at(end);
        let words = self.inline(&caption.join("\n"));
        let caption =
            if caption.is_empty() { String::new() } else { format!("<figcaption>{words}</figcaption>") };
        out.push_str(&format!("<figure>{}{caption}</figure>\n", image(directive)));
        self.blocks(legend, depth + 1, out);
    }

    fn wrapper(&mut self, directive: &Directive<'_>, depth: usize, out: &mut String) {
        let tag = if matches!(directive.name, "epigraph" | "pull-quote" | "highlights") {
            "blockquote"
        } else {
            "div"
        };
        out.push_str(&format!("<{tag}>"));
        let has_title = matches!(directive.name, "topic" | "sidebar" | "rubric" | "admonition");
        if has_title && !directive.argument.is_empty() {
            out.push_str(&format!("<p><strong>{}</strong></p>", self.inline(&directive.argument)));
        }
        let text = if has_title || directive.name == "container" {
            directive.content.clone()
        } else {
            directive.text()
        };
        self.blocks(&text, depth + 1, out);
        out.push_str(&format!("</{tag}>\n"));
    }
}

fn code(directive: &Directive<'_>) -> String {
    let language = directive.argument.trim();
    let class =
        if language.is_empty() { String::new() } else { format!(" class=\"language-{}\"", escape(language)) };
    format!("<pre><code{class}>{}</code></pre>\n", escape(directive.content.join("\n").trim_end()))
}

fn image(directive: &Directive<'_>) -> String {
    let source = escape(&directive.argument.replace(['\n', ' '], ""));
    let picture = format!("<img src=\"{source}\" alt=\"{}\">", escape(directive.option("alt")));
    match directive.option("target") {
        "" => picture,
        target => format!("<a href=\"{}\">{picture}</a>", escape(target)),
    }
}

/// Whether a line is the border of a simple table: at least two runs of equals signs.
pub(super) fn is_simple_border(line: &str) -> bool {
    let runs: Vec<&str> = line.split(' ').filter(|run| !run.is_empty()).collect();
    runs.len() > 1 && runs.iter().all(|run| adornment(run) == Some('='))
}
