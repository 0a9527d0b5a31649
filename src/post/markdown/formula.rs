//! Formulas.

use std::ops::Range;

use crate::post::math::{self, Style};

use super::writer::Writer;

impl Writer<'_, '_> {
    pub(super) fn math(&mut self, latex: &str, style: Style, span: &Range<usize>) {
        match math::to_mathml(latex, style) {
            Ok(html) if style == Style::Display => {
                self.out.push("<span class=\"math\" tabindex=\"0\">");
                self.out.push(&html);
                self.out.push("</span>");
            }
            Ok(html) => self.out.push(&html),
            Err(message) => {
                let hint = if math::hides_words(latex) {
                    "the formula is shown as it is written; write `\\%` for a percent sign"
                } else {
                    "the formula is shown as it is written; a dollar sign that is none is written `\\$`"
                };
                self.warn(span, format!("formula: {message}"), Some(hint.to_owned()));
                self.out.push("<code>");
                self.out.push_text(&self.context.text[span.clone()]);
                self.out.push("</code>");
            }
        }
    }
}
