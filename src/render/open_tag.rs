//! The tags of a template that are open at a place, for messages that say which one was not closed.

use std::ops::Range;

/// A tag that begins something, such as `{% if page.title %}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct OpenTag<'t> {
    /// Its bytes in the template, with its signs.
    pub(super) range: Range<usize>,
    /// `if`, `for`, `block`; `<name>` of a component with a body.
    pub(super) name: &'t str,
    /// What stands behind the name.
    pub(super) rest: &'t str,
}

impl OpenTag<'_> {
    /// What closes it: `{% endif %}`, `{% endblock main %}`, `{% </card> %}`.
    pub(super) fn end(&self) -> String {
        match self.name {
            "block" | "component" => {
                let end =
                    self.rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(self.rest.len());
                format!("{{% end{} {} %}}", self.name, &self.rest[..end])
            }
            "set_global" => "{% endset %}".to_owned(),
            name if name.starts_with('<') => format!("{{% </{}> %}}", &name[1..]),
            name => format!("{{% end{name} %}}"),
        }
    }

    fn is_closed_by(&self, tag: &str) -> bool {
        match tag.strip_prefix("</") {
            Some(name) => self.name.strip_prefix('<') == Some(name.trim_end_matches(['>', ' '])),
            None => tag.strip_prefix("end") == Some(self.name.trim_end_matches("_global")),
        }
    }
}

/// The tags that are open at a byte of a template, the innermost last. What stands in comments and in `{% raw %}` is text.
pub(super) fn open_tags(text: &str, until: usize) -> Vec<OpenTag<'_>> {
    const OPENING: [&str; 7] = ["if", "for", "block", "filter", "component", "set", "set_global"];
    let mut open: Vec<OpenTag<'_>> = Vec::new();
    let mut at = 0;
    while let Some(start) = text[at..].find(['{']).map(|brace| at + brace).filter(|&start| start < until) {
        let close = match text.as_bytes().get(start + 1) {
            Some(b'%') => "%}",
            Some(b'#') => "#}",
            Some(b'{') => "}}",
            _ => {
                at = start + 1;
                continue;
            }
        };
        let Some(end) = text[start + 2..].find(close).map(|end| start + 2 + end) else { break };
        at = end + 2;
        if close != "%}" || end >= until {
            continue;
        }
        let inner = text[start + 2..end].trim_matches(['-', ' ', '\n', '\t', '\r']);
        let name = &inner[..inner.find([' ', '\n', '\t', '(', '=']).unwrap_or(inner.len())];
        let rest = inner[name.len()..].trim();
        let is_open = match name {
            "raw" => {
                let raw_end = text[at..].find("endraw").map_or(text.len(), |raw_end| at + raw_end);
                at = text[raw_end..].find("%}").map_or(text.len(), |close| raw_end + close + 2);
                false
            }
            "set" | "set_global" => !rest.contains('='),
            name if name.starts_with('<') => !name.starts_with("</") && !inner.ends_with("/>"),
            name => OPENING.contains(&name),
        };
        if is_open {
            let name = name.trim_end_matches('>');
            open.push(OpenTag { range: start..at, name, rest });
        } else if open.last().is_some_and(|last| last.is_closed_by(name)) {
            open.pop();
        }
    }
    open
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        let open = open_tags(text, text.len());
        let found: Vec<String> =
            open.iter().map(|tag| format!("{} {}", &text[tag.range.clone()], tag.end())).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn tags_are_open_until_their_end() {
        check("{% if a %}{% for x in y %}{% endfor %}", &["{% if a %} {% endif %}"]);
        check(
            "{%- block main -%}{% set x = 1 %}{% set y %}",
            &["{%- block main -%} {% endblock main %}", "{% set y %} {% endset %}"],
        );
        check("{# {% if a %} #}{{ \"{% if a %}\" }}{% raw %}{% if a %}{% endraw %}", &[]);
        check("{% <card title={x}> %}", &["{% <card title={x}> %} {% </card> %}"]);
        check("{% <card/> %}{% <card> %}{% </card> %} { {", &[]);
        check(
            "{% component card(title: string) %}",
            &["{% component card(title: string) %} {% endcomponent card %}"],
        );
        check(
            "{% if a %}{% for x in y %}{% endif %}",
            &["{% if a %} {% endif %}", "{% for x in y %} {% endfor %}"],
        );
        check("{% if a", &[]);
    }
}
