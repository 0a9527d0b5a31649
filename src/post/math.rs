//! Formulas in LaTeX as MathML, which browsers set without any script.

use pulldown_latex::config::{DisplayMode, RenderConfig};
use pulldown_latex::{Parser, Storage, push_mathml};

/// How a formula stands in the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// Within a line: `$x$`.
    Inline,
    /// On a line of its own: `$$x$$`.
    Display,
}

/// The formula as a `<math>` element, or what is wrong with it.
pub fn to_mathml(latex: &str, style: Style) -> Result<String, String> {
    let storage = Storage::new();
    let events: Vec<_> = Parser::new(latex, &storage)
        .collect::<Result<_, _>>()
        .map_err(|error| first_sentence(&error.to_string()))?;
    let config = RenderConfig {
        display_mode: match style {
            Style::Inline => DisplayMode::Inline,
            Style::Display => DisplayMode::Block,
        },
        ..RenderConfig::default()
    };
    let mut html = String::new();
    let events = events.into_iter().map(Ok::<_, std::convert::Infallible>);
    push_mathml(&mut html, events, config).map_err(|error| error.to_string())?;
    Ok(escape_operators(&html))
}

/// Escapes the operators `<` and `&`, which the library writes as they are. Text it has escaped already.
fn escape_operators(html: &str) -> String {
    let mut escaped = String::with_capacity(html.len());
    for (at, c) in html.char_indices() {
        let rest = &html[at + c.len_utf8()..];
        let is_tag = rest.starts_with(|next: char| next.is_ascii_alphabetic() || next == '/');
        let is_entity =
            ["lt;", "gt;", "amp;", "nbsp;", "quot;"].iter().any(|entity| rest.starts_with(entity));
        match c {
            '<' if !is_tag => escaped.push_str("&lt;"),
            '&' if !is_entity => escaped.push_str("&amp;"),
            c => escaped.push(c),
        }
    }
    escaped
}

fn first_sentence(report: &str) -> String {
    let line = report.lines().find(|line| !line.trim().is_empty()).unwrap_or("it cannot be read");
    line.trim().trim_start_matches("error: ").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_become_mathml() {
        let html = to_mathml("x^2 < 3", Style::Inline).unwrap();
        assert!(html.starts_with("<math") && html.contains("<msup>") && html.contains("&lt;"), "{html}");
        let html = to_mathml(r"\text{<b> & {c}} \& d", Style::Inline).unwrap();
        assert!(html.contains("&lt;b&gt;") && !html.contains("<b>"), "{html}");
        let html = to_mathml(r"\frac{1}{2}", Style::Display).unwrap();
        assert!(html.contains("display=\"block\"") && html.contains("<mfrac>"), "{html}");
    }

    #[test]
    fn wrong_formulas_say_what_is_wrong() {
        assert!(to_mathml(r"\frac{1", Style::Inline).is_err());
        assert!(to_mathml(r"\nosuchcommand", Style::Inline).is_err());
    }
}
