//! Formulas of an old blog: LaTeX that its server or a script drew, as the MathML that Backmatter makes of it.

use super::html_tree::{self, HtmlElement, HtmlNode, elements};
use crate::post::math::{Style, to_mathml};

/// The attribute of a formula that holds its LaTeX until it is written.
pub(super) const LATEX: &str = "data-latex";

/// The class of `<code>` whose text is a formula, as the filters of WordPress hand it on.
pub(super) const FORMULA_CLASS: &str = "wp-latex";

/// A formula longer than this is text between signs that mean something else.
const MOST_BYTES: usize = 4000;

/// A formula; nothing if it is not LaTeX that Backmatter reads.
fn formula(latex: &str, style: Style) -> Option<HtmlElement> {
    let latex = latex.split_whitespace().collect::<Vec<_>>().join(" ");
    if latex.is_empty() || latex.contains('$') {
        return None;
    }
    let nodes = html_tree::parse(&to_mathml(&latex, style).ok()?).ok()?;
    let math = nodes.into_iter().find_map(|node| match node {
        HtmlNode::Element(element) if element.name == "math" => Some(element),
        _ => None,
    });
    math.map(|math| math.with(LATEX, &latex))
}

/// The formula of an element: of `<math>` by its annotation in LaTeX, and of the code that stands for one.
pub(super) fn of_element(element: &HtmlElement) -> Option<HtmlNode> {
    match element.name.as_str() {
        "code" if element.has_class(FORMULA_CLASS) => {
            let latex = element.text_content();
            // Without LaTeX that can be read, what WordPress shows without the plugin.
            let shown = || HtmlNode::Text(format!("$latex {latex}$"));
            Some(formula(&latex, Style::Inline).map_or_else(shown, HtmlNode::Element))
        }
        "math" => {
            let annotation = elements(&element.children).into_iter().find(|inner| {
                inner.name == "annotation" && inner.attribute("encoding") == Some("application/x-tex")
            })?;
            let style = match element.attribute("display") {
                Some("block") => Style::Display,
                _ => Style::Inline,
            };
            formula(&annotation.text_content(), style).map(HtmlNode::Element)
        }
        _ => None,
    }
}

/// The signs around a formula, as MathJax and KaTeX read them.
const SIGNS: [(&str, &str, Style); 3] =
    [("\\(", "\\)", Style::Inline), ("\\[", "\\]", Style::Display), ("$$", "$$", Style::Display)];

/// Nodes of one parent with the formulas of their texts, which may reach over line breaks.
pub(super) fn in_texts(nodes: Vec<HtmlNode>) -> Vec<HtmlNode> {
    let may_have = nodes.iter().any(|node| match node {
        HtmlNode::Text(text) => SIGNS.iter().any(|(open, _, _)| text.contains(open)),
        _ => false,
    });
    if !may_have {
        return nodes;
    }
    let mut out = Vec::with_capacity(nodes.len());
    let mut run: Vec<HtmlNode> = Vec::new();
    for node in nodes {
        if matches!(node, HtmlNode::Text(_)) || node.named("br").is_some() {
            run.push(node);
        } else {
            out.extend(in_run(std::mem::take(&mut run)));
            out.push(node);
        }
    }
    out.extend(in_run(run));
    out
}

/// A line break in a run of text.
const BREAK: char = '\u{1}';

fn in_run(nodes: Vec<HtmlNode>) -> Vec<HtmlNode> {
    let mut text = String::new();
    for node in &nodes {
        match node {
            HtmlNode::Text(part) => text.push_str(part),
            _ => text.push(BREAK),
        }
    }
    let mut out = Vec::new();
    let mut rest = text.as_str();
    let mut plain = String::new();
    while let Some((at, found)) =
        SIGNS.iter().filter_map(|signs| Some((rest.find(signs.0)?, signs))).min_by_key(|(at, _)| *at)
    {
        let (open, close, style) = *found;
        let inner = &rest[at + open.len()..];
        let end = inner.find(close).filter(|end| *end <= MOST_BYTES);
        let latex = end.map(|end| inner[..end].replace(BREAK, " "));
        // `$$` may be a word for much money.
        let is_likely = |latex: &String| open != "$$" || latex.contains(['\\', '^', '_', '=']);
        let read = latex.filter(is_likely).and_then(|latex| formula(&latex, style));
        match (read, end) {
            (Some(math), Some(end)) => {
                plain.push_str(&rest[..at]);
                out.extend(with_breaks(&std::mem::take(&mut plain)));
                out.push(HtmlNode::Element(math));
                rest = &inner[end + close.len()..];
            }
            _ => {
                plain.push_str(&rest[..at + open.len()]);
                rest = inner;
            }
        }
    }
    if out.is_empty() {
        return nodes;
    }
    plain.push_str(rest);
    out.extend(with_breaks(&plain));
    out
}

fn with_breaks(text: &str) -> Vec<HtmlNode> {
    let mut out = Vec::new();
    for (at, line) in text.split(BREAK).enumerate() {
        if at > 0 {
            out.push(HtmlNode::Element(HtmlElement::new("br", Vec::new())));
        }
        if !line.is_empty() {
            out.push(HtmlNode::text(line));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::html_tree::{parse, text_of};

    /// The LaTeX of the formulas of a text, and the text around them.
    fn read(html: &str) -> (Vec<String>, String) {
        let nodes = in_texts(parse(html).unwrap());
        let latex = elements(&nodes).into_iter().filter_map(|element| element.attribute(LATEX));
        let latex = latex.map(str::to_owned).collect();
        let around: Vec<HtmlNode> = nodes.into_iter().filter(|node| node.named("math").is_none()).collect();
        (latex, text_of(&around))
    }

    #[test]
    fn formulas_stand_between_the_signs_of_scripts() {
        for (html, latex, around) in [
            ("a \\(x^2\\) b", vec!["x^2"], "a  b"),
            ("\\[a<br>\n= b\\]", vec!["a = b"], ""),
            ("so $$x_1$$, and $$ or $$$", vec!["x_1"], "so , and $$ or $$$"),
            ("\\(x <b>y</b>\\)", vec![], "\\(x y\\)"),
            ("\\(\\nosuch{\\)", vec![], "\\(\\nosuch{\\)"),
            ("one\\[0] $$ two", vec![], "one\\[0] $$ two"),
        ] {
            assert_eq!(
                read(html),
                (latex.into_iter().map(str::to_owned).collect(), around.to_owned()),
                "{html}"
            );
        }
    }
}
