//! Formulas.

use std::ops::Range;

use crate::post::math::{self, Style};

use super::writer::Writer;

impl Writer<'_, '_> {
    pub(super) fn inline_math(&mut self, latex: &str, span: &Range<usize>) {
        // "$5 (or $7" is money: a closing dollar is not followed by a digit (Pandoc's rule).
        let followed_by_digit = self.context.text[span.end..].starts_with(|c: char| c.is_ascii_digit());
        // So is "US$5": no formula begins within a word.
        let within_word = self.context.text[..span.start].ends_with(|c: char| c.is_alphanumeric());
        if followed_by_digit || within_word {
            let source = &self.context.text[span.clone()];
            self.counter.read(source);
            self.out.push_text(source);
        } else {
            self.math(latex, Style::Inline, span);
        }
    }

    pub(super) fn math(&mut self, latex: &str, style: Style, span: &Range<usize>) {
        match math::to_mathml(latex, style) {
            Ok(html) if style == Style::Display => {
                self.out.push("<span class=\"math\" tabindex=\"0\">");
                self.out.push(&html);
                self.out.push("</span>");
            }
            Ok(html) => self.out.push(&html),
            Err(message) => {
                let hint =
                    "the formula is shown as it is written; a dollar sign that is none is written `\\$`";
                self.warn(span, format!("formula: {message}"), Some(hint.to_owned()));
                self.out.push("<code>");
                self.out.push_text(&self.context.text[span.clone()]);
                self.out.push("</code>");
            }
        }
    }
}
