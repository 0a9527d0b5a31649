//! What a page in the preview has and the built file has not: a bar that says where it comes from and whether it is
//! live, the faults of the site over the page, and the script that follows changes.
//!
//! All of it stands at the end of the body, in shadow trees, so that it and the theme leave each other alone. Bar and
//! faults need no script.

use std::fmt::Write;
use std::path::Path;

use crate::date::Date;
use crate::diagnostic::{Diagnostic, counted};
use crate::hash::Hash;
use crate::html::escape;
use crate::post::Post;
use crate::preview::Reload;
use crate::preview::editor::EditorCommand;
use crate::preview::handlers::{OPEN, SCRIPT};
use crate::site::order::{Absence, absence};

/// The script, as it is served.
pub(super) const SCRIPT_TEXT: &str = include_str!("frame.js");

const STYLE: &str = include_str!("frame.css");

/// Faults that are shown; more would not be read.
const MOST_FAULTS: usize = 20;

/// Who frames a page.
pub(super) struct Overlay<'a> {
    pub(super) root: &'a Path,
    pub(super) editor: Option<&'a EditorCommand>,
    pub(super) reload: Reload,
    pub(super) now: Date,
    /// All faults of the site, with one of the page itself first.
    pub(super) faults: Vec<&'a Diagnostic>,
}

impl Overlay<'_> {
    /// A page with what the preview adds, and a text that differs whenever the page looks different.
    pub(super) fn frame(&self, page: &[u8], post: Option<&Post>) -> (Vec<u8>, String) {
        let mut added = String::new();
        if let Some(post) = post {
            self.bar(post, &mut added);
        }
        self.overlay(&mut added);
        let version = Hash::of_all(&[Hash::of(page), Hash::of(added.as_bytes())]).to_string();
        if self.reload == Reload::Live {
            let _ = write!(added, "<script src=\"{SCRIPT}\" data-version=\"{version}\" defer></script>");
        }
        (insert(page, &added), version)
    }

    fn bar(&self, post: &Post, out: &mut String) {
        out.push_str("<backmatter-bar>");
        self.begin_shadow(out);
        out.push_str("<aside class=\"bar\" aria-label=\"Preview\">");
        if let Some((badge, words)) = standing(post, self.now) {
            let _ = write!(
                out,
                "<strong class=\"badge {badge}\">{badge}</strong><span>{}</span>",
                escape(&words)
            );
        }
        self.warnings(post, out);
        let _ = write!(out, "<code>{}</code>", escape(post.path.as_str()));
        self.open(post.path.as_str(), 1, out);
        out.push_str("</aside></template></backmatter-bar>");
    }

    fn warnings(&self, post: &Post, out: &mut String) {
        let is_own = |fault: &&&Diagnostic| !fault.is_error() && fault.path == post.path.as_str();
        let warnings: Vec<_> = self.faults.iter().filter(is_own).take(MOST_FAULTS).collect();
        if warnings.is_empty() {
            return;
        }
        let _ = write!(
            out,
            "<details><summary>{}</summary><div>",
            counted(warnings.len(), "warning", "warnings")
        );
        for warning in warnings {
            self.fault(warning, out);
        }
        out.push_str("</div></details>");
    }

    /// The errors of the site, over whatever page it is.
    fn overlay(&self, out: &mut String) {
        let errors: Vec<_> = self.faults.iter().filter(|fault| fault.is_error()).collect();
        if errors.is_empty() {
            return;
        }
        out.push_str("<backmatter-faults>");
        self.begin_shadow(out);
        let _ = write!(
            out,
            "<section class=\"faults\" role=\"alert\" aria-label=\"Faults\"><details open><summary>{}: \
             what you see is the last that could be built</summary>",
            counted(errors.len(), "error", "errors")
        );
        for error in errors.iter().take(MOST_FAULTS) {
            self.fault(error, out);
        }
        if errors.len() > MOST_FAULTS {
            let _ = write!(out, "<p>and {} more</p>", errors.len() - MOST_FAULTS);
        }
        out.push_str("</details></section></template></backmatter-faults>");
    }

    fn begin_shadow(&self, out: &mut String) {
        let _ = write!(out, "<template shadowrootmode=\"open\"><style>{STYLE}</style>");
    }

    /// A fault in the manner of the terminal: file, line, mark and hint.
    fn fault(&self, fault: &Diagnostic, out: &mut String) {
        let _ = write!(
            out,
            "<article><h2>{}</h2><p class=\"place\"><code>{}",
            ticked(&fault.message),
            escape(&fault.path)
        );
        if let Some(place) = &fault.place {
            let _ = write!(out, ":{}:{}", place.line, place.column);
        }
        out.push_str("</code>");
        self.open(&fault.path, fault.place.as_ref().map_or(1, |place| place.line), out);
        out.push_str("</p>");
        if let Some(place) = &fault.place {
            let start = (place.column - 1).saturating_sub(place.skipped);
            let part = |skip, take| escape(&place.text.chars().skip(skip).take(take).collect::<String>());
            let _ = write!(
                out,
                "<pre><span>{}</span>{}<mark>{}</mark>{}</pre>",
                place.line,
                part(0, start),
                part(start, place.width),
                part(start + place.width, usize::MAX)
            );
        }
        if let Some(hint) = &fault.hint {
            let _ = write!(out, "<p class=\"hint\">{}</p>", ticked(hint));
        }
        out.push_str("</article>");
    }

    /// What opens a file where it is written, if an editor is known.
    fn open(&self, file: &str, line: usize, out: &mut String) {
        let Some(editor) = self.editor else { return };
        let link = editor.link(&self.root.join(file), line);
        let _ = match link {
            Some(link) => write!(out, "<a class=\"open\" href=\"{}\">Open in editor</a>", escape(&link)),
            None => write!(
                out,
                "<form method=\"post\" action=\"{OPEN}\"><input type=\"hidden\" name=\"file\" value=\"{}\">\
                 <input type=\"hidden\" name=\"line\" value=\"{line}\"><button class=\"open\">Open in editor</button></form>",
                escape(file)
            ),
        };
    }
}

/// Why a post is not live, as a badge and in words.
fn standing(post: &Post, now: Date) -> Option<(&'static str, String)> {
    let date = |date: Option<Date>| date.map_or_else(String::new, |date| date.to_text().replace('T', " "));
    match absence(post, now)? {
        Absence::Draft if post.is_future(now) => {
            Some(("draft", format!("not live because it is a draft, with the date {}", date(post.date))))
        }
        Absence::Draft => Some(("draft", "not live because it is a draft".to_owned())),
        Absence::Future => Some(("future", format!("not live until {}", date(post.appears())))),
        // Neither has a page in the preview.
        Absence::Hidden | Absence::Clash => None,
        Absence::Expired => {
            Some(("expired", format!("not live because it expired on {}", date(post.front.expires))))
        }
    }
}

/// A page to lay faults over when there is no other.
pub(super) fn empty_page(title: &str) -> Vec<u8> {
    format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>{}</title></head><body></body></html>",
        escape(title)
    )
    .into_bytes()
}

/// Puts something at the end of a page's body.
fn insert(page: &[u8], added: &str) -> Vec<u8> {
    const END: &[u8] = b"</body";
    let at = (0..page.len().saturating_sub(END.len() - 1))
        .rev()
        .find(|&at| page[at..at + END.len()].eq_ignore_ascii_case(END))
        .unwrap_or(page.len());
    [&page[..at], added.as_bytes(), &page[at..]].concat()
}

/// A message with what stands in backticks as code.
fn ticked(text: &str) -> String {
    let mut out = String::new();
    for (at, part) in text.split('`').enumerate() {
        if at % 2 == 0 {
            out.push_str(&escape(part));
        } else {
            let _ = write!(out, "<code>{}</code>", escape(part));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_added_stands_at_the_end_of_the_body() {
        let check = |page: &str, expected: &str| {
            assert_eq!(String::from_utf8(insert(page.as_bytes(), "+")).expect("it is text"), expected);
        };
        check("<body>a</body></html>", "<body>a+</body></html>");
        check("<pre>&lt;/body></pre></BODY >", "<pre>&lt;/body></pre>+</BODY >");
        check("</body></body>", "</body>+</body>");
        check("no end", "no end+");
        check("", "+");
    }

    #[test]
    fn messages_are_escaped_and_code_is_marked() {
        assert_eq!(ticked("no `<x>` & `y"), "no <code>&lt;x&gt;</code> &amp; <code>y</code>");
    }
}
