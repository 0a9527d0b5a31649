//! Marks within a line of reStructuredText.

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
}

/// A name without the differences of blanks and capitals.
pub(super) fn folded(name: &str) -> String {
    name.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

/// A text of one or more lines as HTML.
pub(super) fn to_html(text: &str, targets: &RstTargets) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 4);
    let mut writer = RstInline { text, targets, at: 0, anonymous: 0 };
    while writer.at < text.len() {
        writer.next(&mut out);
    }
    out
}

struct RstInline<'t> {
    text: &'t str,
    targets: &'t RstTargets,
    at: usize,
    /// How many references without a name came before.
    anonymous: usize,
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
        out.push_str(&format!("<sup>[{}]</sup>", escape(name)));
        self.at += name.len() + 3;
        true
    }

    fn link(&mut self, inner: &str, marks: usize, out: &mut String) {
        let words = inner.replace('\n', " ");
        let embedded = words.strip_suffix('>').and_then(|inner| inner.rsplit_once('<'));
        let (words, address) = match embedded {
            Some((words, address)) => (words.trim().to_owned(), Some(address.replace(' ', ""))),
            None if marks == 2 => {
                self.anonymous += 1;
                (words, self.targets.anonymous.get(self.anonymous - 1).cloned())
            }
            None => {
                let address = self.targets.links.get(&folded(&words)).cloned();
                (words, address)
            }
        };
        // `<other_>` names another target.
        let address = address.map(|address| match address.strip_suffix('_') {
            Some(name) => self.targets.links.get(&folded(name)).cloned().unwrap_or(address),
            None => address,
        });
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
        let end =
            rest.find(|c: char| !c.is_alphanumeric() && !matches!(c, '-' | '.' | '_')).unwrap_or(rest.len());
        let Some(name) =
            rest[..end].strip_suffix('_').filter(|name| !name.is_empty() && !name.ends_with('_'))
        else {
            return false;
        };
        let Some(address) = self.targets.links.get(&folded(name)) else { return false };
        out.push_str(&format!("<a href=\"{}\">{}</a>", escape(address), escape(name)));
        self.at += end;
        true
    }
}
