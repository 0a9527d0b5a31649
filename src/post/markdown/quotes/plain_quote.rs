//! Blockquotes without a source, and alerts.

use std::ops::Range;

use pulldown_cmark::BlockQuoteKind;

use crate::html;

use crate::post::markdown::Fill;
use crate::post::markdown::writer::{Mode, Writer};

/// No text has more quotes within quotes, and the stack has an end.
const DEEPEST: usize = 64;

impl Writer<'_, '_> {
    pub(in crate::post::markdown) fn block_quote(
        &mut self,
        kind: Option<BlockQuoteKind>,
        inner: Range<usize>,
    ) {
        if self.mode == Mode::Summary {
            return;
        }
        if self.depth == DEEPEST {
            if self.mode == Mode::Comment {
                let text = self.events.plain_text(inner.clone());
                self.out.push("<p>");
                self.out.push_text(&text);
                self.out.push("</p>\n");
            }
            if self.is_full() {
                let span = self.events.list[inner.start.saturating_sub(1)].1.clone();
                let message = format!("quotes are nested deeper than {DEEPEST} levels");
                let fault = self.context.error(&span, message).hint("take some `>` away");
                self.diagnostics.push(fault);
            }
            return;
        }
        self.depth += 1;
        self.block_quote_within(kind, inner);
        self.depth -= 1;
    }

    fn block_quote_within(&mut self, kind: Option<BlockQuoteKind>, inner: Range<usize>) {
        if let Some(kind) = kind {
            self.alert(kind, inner);
            return;
        }
        if self.is_full()
            && let Some(quoted) = self.quoted(inner.clone())
        {
            self.quote(quoted);
            return;
        }
        let turns =
            html::turns_direction(&self.events.plain_text(inner.clone()), self.context.options.language);
        let has_direction = turns != self.is_turned;
        self.out.push(if has_direction { "<blockquote dir=\"auto\">\n" } else { "<blockquote>\n" });
        let around = std::mem::replace(&mut self.is_turned, turns);
        self.quotes_around += 1;
        self.run(inner);
        self.quotes_around -= 1;
        self.is_turned = around;
        self.out.push("</blockquote>\n");
    }

    fn alert(&mut self, kind: BlockQuoteKind, inner: Range<usize>) {
        let name = match kind {
            BlockQuoteKind::Note => "note",
            BlockQuoteKind::Tip => "tip",
            BlockQuoteKind::Important => "important",
            BlockQuoteKind::Warning => "warning",
            BlockQuoteKind::Caution => "caution",
        };
        self.out.push(&format!("<div class=\"alert alert-{name}\" role=\"note\">\n"));
        if self.is_full() {
            self.out.push("<p class=\"alert-title\">");
            self.out.hole(Fill::Word(name.into()));
            self.out.push("</p>\n");
        }
        self.run(inner);
        self.out.push("</div>\n");
    }
}
