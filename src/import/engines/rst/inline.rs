//! Marks within a line of reStructuredText.

use std::cell::Cell;
use std::collections::HashMap;

use crate::html::{escape, escape_to};

/// What references in a text lead to.
#[derive(Debug, Default)]
pub(super) struct RstTargets {
    /// Addresses by names, folded as docutils folds them.
    pub(super) links: HashMap<String, String>,
    /// HTML by the names of substitutions.
    pub(super) substitutions: HashMap<String, String>,
    /// References that have no name, in their order.
    pub(super) anonymous: Vec<String>,
    /// How many of them the text had so far.
    pub(super) anonymous_used: Cell<usize>,
    /// The labels of footnotes, in the order in which they are defined.
    pub(super) notes: Vec<String>,
    /// How many references to footnotes without a name (`[#]_`, `[*]_`) the text had so far.
    pub(super) notes_used: Cell<usize>,
    pub(super) symbols_used: Cell<usize>,
}

impl RstTargets {
    /// The address that a name leads to, by way of other names.
    fn address(&self, name: &str) -> Option<String> {
        self.links.get(&folded(name)).map(|address| self.resolved(address))
    }

    /// An address, or that of the other target that it names (`other_`).
    fn resolved(&self, written: &str) -> String {
        let mut address = written;
        // Names that lead to each other in a circle end somewhere.
        for _ in 0..8 {
            let Some(name) = address.strip_suffix('_') else { break };
            let Some(next) = self.links.get(&folded(name.trim_matches('`'))) else { break };
            address = next;
        }
        address.to_owned()
    }

    /// The place of the footnote that a reference means, from 1.
    fn note(&self, label: &str) -> Option<usize> {
        let used = match label {
            "#" => &self.notes_used,
            "*" => &self.symbols_used,
            _ => return self.notes.iter().position(|note| note == label).map(|at| at + 1),
        };
        let alike = self.notes.iter().enumerate().filter(|(_, note)| *note == label);
        let found = alike.map(|(at, _)| at + 1).nth(used.get());
        used.set(used.get() + 1);
        found
    }
}

/// Whether a label in brackets is that of a footnote: `1`, `#`, `#name`, `*`. Any other is that of a citation.
pub(super) fn is_note(label: &str) -> bool {
    label == "*"
        || label.starts_with('#')
        || (!label.is_empty() && label.bytes().all(|byte| byte.is_ascii_digit()))
}

/// How long the name at the start of a text is: words, joined by single marks (docutils' simple reference names).
fn simple_name(text: &str) -> usize {
    let mut end = 0;
    for (at, c) in text.char_indices() {
        if c.is_alphanumeric() {
            end = at + c.len_utf8();
        } else if !matches!(c, '-' | '_' | '.' | '+' | ':') || end != at {
            break;
        }
    }
    end
}

/// A name without the differences of blanks and capitals.
pub(super) fn folded(name: &str) -> String {
    name.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

/// A text of one or more lines as HTML.
pub(super) fn to_html(text: &str, targets: &RstTargets) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 4);
    let mut writer = RstInline { text, targets, at: 0 };
    while writer.at < text.len() {
        writer.next(&mut out);
    }
    out
}

struct RstInline<'t> {
    text: &'t str,
    targets: &'t RstTargets,
    at: usize,
}

impl RstInline<'_> {
    fn next(&mut self, out: &mut String) {
        let rest = &self.text[self.at..];
        if let Some(escaped) = rest.strip_prefix('\\') {
            let Some(c) = escaped.chars().next() else {
                self.at += 1;
                return;
            };
            // A blank behind a backslash only ends a mark.
            if !c.is_whitespace() {
                escape_to(c.encode_utf8(&mut [0; 4]), out);
            }
            self.at += 1 + c.len_utf8();
            return;
        }
        if self.begins_mark() && (self.marked(rest, out) || self.role(rest, out) || self.reference(rest, out))
        {
            return;
        }
        if self.begins_word() && self.word(rest, out) {
            return;
        }
        let Some(c) = rest.chars().next() else { return };
        escape_to(c.encode_utf8(&mut [0; 4]), out);
        self.at += c.len_utf8();
    }

    /// Marks begin behind a blank or an opening mark.
    fn begins_mark(&self) -> bool {
        let before = self.text[..self.at].chars().next_back();
        before.is_none_or(|c| c.is_whitespace() || "'\"([{<-/:‘“’«".contains(c))
            || self.text[..self.at].ends_with("\\ ")
    }

    fn begins_word(&self) -> bool {
        self.text[..self.at].chars().next_back().is_none_or(|c| !c.is_alphanumeric())
    }

    /// What stands between two marks, and how long both are with it.
    fn between<'r>(&self, rest: &'r str, mark: &str) -> Option<&'r str> {
        let inner = rest.strip_prefix(mark)?;
        if inner.starts_with(char::is_whitespace) {
            return None;
        }
        let mut from = 0;
        while let Some(end) = inner[from..].find(mark).map(|end| from + end) {
            let ends_word = end > 0 && !inner[..end].ends_with(|c: char| c.is_whitespace() || c == '\\');
            let behind = inner[end + mark.len()..].chars().next();
            if ends_word && behind.is_none_or(|c| !c.is_alphanumeric()) {
                return Some(&inner[..end]);
            }
            from = end + mark.len();
        }
        None
    }

    fn marked(&mut self, rest: &str, out: &mut String) -> bool {
        for (mark, tag) in [("``", "code"), ("**", "strong"), ("*", "em")] {
            if let Some(inner) = self.between(rest, mark) {
                out.push_str(&format!("<{tag}>{}</{tag}>", escape(&inner.replace('\n', " "))));
                self.at += inner.len() + 2 * mark.len();
                return true;
            }
        }
        if let Some(name) = self.between(rest, "|")
            && let Some(html) = self.targets.substitutions.get(&folded(name))
        {
            out.push_str(html);
            self.at += name.len() + 2;
            return true;
        }
        false
    }

    /// `:code:`x``.
    fn role(&mut self, rest: &str, out: &mut String) -> bool {
        let Some((name, behind)) = rest.strip_prefix(':').and_then(|rest| rest.split_once(":`")) else {
            return false;
        };
        let is_name =
            !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | ':'));
        let Some(end) = behind.find('`').filter(|_| is_name) else { return false };
        let inner = &behind[..end];
        let html = match name {
            "code" | "literal" | "file" | "command" | "option" | "envvar" | "samp" | "func" | "class"
            | "mod" | "meth" => format!("<code>{}</code>", escape(inner)),
            "sub" | "subscript" => format!("<sub>{}</sub>", escape(inner)),
            "sup" | "superscript" => format!("<sup>{}</sup>", escape(inner)),
            "strong" => format!("<strong>{}</strong>", escape(inner)),
            "emphasis" | "title-reference" | "title" => format!("<em>{}</em>", escape(inner)),
            "kbd" => format!("<kbd>{}</kbd>", escape(inner)),
            "math" => format!("${}$", escape(inner)),
            "abbr" => match inner.rsplit_once('(') {
                Some((short, long)) => format!(
                    "<abbr title=\"{}\">{}</abbr>",
                    escape(long.trim_end_matches(')')),
                    escape(short.trim())
                ),
                None => escape(inner),
            },
            _ => match inner.strip_suffix('>').and_then(|inner| inner.rsplit_once('<')) {
                Some((words, _)) => escape(words.trim()),
                None => escape(inner),
            },
        };
        out.push_str(&html);
        self.at += 1 + name.len() + 2 + end + 1;
        true
    }

    /// `` `words <address>`_ ``, `` `name`_ ``, `[1]_`.
    fn reference(&mut self, rest: &str, out: &mut String) -> bool {
        if let Some(inner) =
            rest.strip_prefix('`').and_then(|rest| rest.split_once('`')).map(|(inner, _)| inner)
        {
            let behind = &rest[inner.len() + 2..];
            let marks = if behind.starts_with("__") { 2 } else { usize::from(behind.starts_with('_')) };
            let length = inner.len() + 2 + marks;
            if marks == 0 {
                // The role that is meant without one.
                out.push_str(&format!("<em>{}</em>", escape(&inner.replace('\n', " "))));
            } else {
                self.link(inner, marks, out);
            }
            self.at += length;
            return true;
        }
        let note = rest.strip_prefix('[').and_then(|rest| rest.split_once("]_")).map(|(name, _)| name);
        let Some(name) = note.filter(|name| !name.is_empty() && !name.contains(char::is_whitespace)) else {
            return false;
        };
        let shown = escape(name);
        out.push_str(&match self.targets.note(name) {
            Some(number) => {
                format!("<sup class=\"footnote-ref\"><a href=\"#fn-{number}\">{number}</a></sup>")
            }
            None => match self.targets.address(name) {
                Some(address) => format!("<a href=\"{}\">[{shown}]</a>", escape(&address)),
                None => format!("<sup>[{shown}]</sup>"),
            },
        });
        self.at += name.len() + 3;
        true
    }

    fn link(&mut self, inner: &str, marks: usize, out: &mut String) {
        let words = inner.replace('\n', " ");
        let embedded = words.strip_suffix('>').and_then(|inner| inner.rsplit_once('<'));
        let (words, address) = match embedded {
            Some((words, address)) => (words.trim().to_owned(), Some(address.replace(' ', ""))),
            None if marks == 2 => (words, self.next_anonymous()),
            None => {
                let address = self.targets.address(&words);
                (words, address)
            }
        };
        // `<other_>` names another target.
        let address = address.map(|address| self.targets.resolved(&address));
        let words = if words.is_empty() { address.clone().unwrap_or_default() } else { words };
        match address {
            Some(address) => {
                out.push_str(&format!("<a href=\"{}\">{}</a>", escape(&address), escape(&words)))
            }
            None => out.push_str(&escape(&words)),
        }
    }

    /// A word that is a reference (`name_`), or an address.
    fn word(&mut self, rest: &str, out: &mut String) -> bool {
        if rest.starts_with("http://") || rest.starts_with("https://") {
            let end = rest.find(|c: char| c.is_whitespace() || "<>\"`".contains(c)).unwrap_or(rest.len());
            let address = rest[..end].trim_end_matches(|c: char| ".,;:!?'\")]".contains(c));
            out.push_str(&format!("<a href=\"{0}\">{0}</a>", escape(address)));
            self.at += address.len();
            return true;
        }
        let name = &rest[..simple_name(rest)];
        let marks = if rest[name.len()..].starts_with("__") { 2 } else { 1 };
        let is_reference = rest[name.len()..].starts_with('_')
            && rest[name.len() + marks..].chars().next().is_none_or(|c| !c.is_alphanumeric() && c != '_');
        if name.is_empty() || !is_reference {
            return false;
        }
        let address = if marks == 2 { self.next_anonymous() } else { self.targets.address(name) };
        let Some(address) = address else { return false };
        out.push_str(&format!("<a href=\"{}\">{}</a>", escape(&address), escape(name)));
        self.at += name.len() + marks;
        true
    }

    fn next_anonymous(&self) -> Option<String> {
        let used = &self.targets.anonymous_used;
        used.set(used.get() + 1);
        self.targets.anonymous.get(used.get() - 1).cloned()
    }
}
