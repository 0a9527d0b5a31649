//! Elements of HTML that are open at a place of the text.

/// Elements whose text means itself, as code does.
const CODE: [&str; 12] =
    ["code", "kbd", "listing", "math", "pre", "samp", "script", "style", "textarea", "tt", "var", "xmp"];

/// Elements whose text is a link already.
const LINKS: [&str; 2] = ["a", "button"];

/// The elements of some names that are open.
pub(super) struct OpenElements {
    names: &'static [&'static str],
    open: Vec<&'static str>,
    /// As many of them were opened in a block of HTML, and stay open at the end of a paragraph.
    of_blocks: usize,
}

impl OpenElements {
    /// Those whose text means itself.
    pub(super) fn of_code() -> Self {
        Self::of(&CODE)
    }

    /// Those whose text is a link.
    pub(super) fn of_links() -> Self {
        Self::of(&LINKS)
    }

    fn of(names: &'static [&'static str]) -> Self {
        Self { names, open: Vec::new(), of_blocks: 0 }
    }

    /// Whether any is open.
    pub(super) fn any(&self) -> bool {
        !self.open.is_empty()
    }

    /// Reads a line of a block of HTML.
    pub(super) fn read_block(&mut self, html: &str) {
        self.read(html);
        self.of_blocks = self.open.len();
    }

    /// Reads a tag within a paragraph.
    pub(super) fn read(&mut self, html: &str) {
        for (at, _) in html.match_indices('<') {
            let tag = &html[at + 1..];
            let name = tag.strip_prefix('/').unwrap_or(tag);
            let end = name.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(name.len());
            let Some(known) = self.names.iter().find(|known| known.eq_ignore_ascii_case(&name[..end])) else {
                continue;
            };
            if !tag.starts_with('/') {
                self.open.push(known);
            } else if let Some(last) = self.open.iter().rposition(|open| open == known) {
                self.open.truncate(last);
            }
        }
    }

    /// Ends a paragraph, and with it what was opened there.
    pub(super) fn end_block(&mut self) {
        self.open.truncate(self.of_blocks);
    }
}
