//! What a template has to set that stands in the place of another one: the variables that templates which extend it print.
//!
//! A block that is missing is found when the templates are compiled; a variable would be missed only when a page is
//! rendered, with an error in a template that was not changed.

use std::collections::{BTreeMap, BTreeSet};

use crate::diagnostic::Diagnostic;
use crate::theme::{Layer, Template};

/// A template of one layer.
#[derive(Clone, Copy)]
struct LayeredTemplate<'l> {
    layer: usize,
    text: &'l str,
}

/// Variables of replaced templates that those in their place do not set.
pub(super) fn unset_variables(layers: &[Layer], templates: &BTreeMap<String, Template>) -> Vec<Diagnostic> {
    let mut by_name: BTreeMap<&str, Vec<LayeredTemplate<'_>>> = BTreeMap::new();
    for (layer, files) in layers.iter().map(|layer| &layer.files).enumerate() {
        for (below, text) in files {
            if let Some(name) = below.strip_prefix("templates/") {
                by_name.entry(name).or_default().push(LayeredTemplate { layer, text });
            }
        }
    }
    let mut faults = Vec::new();
    for (name, versions) in &by_name {
        let Some((now, replaced)) = versions.split_last() else { continue };
        // What builds on the template that it replaces sets all that it sets.
        if parent(now.text).and_then(|parent| parent.strip_prefix("theme:")) == Some(*name) {
            continue;
        }
        let set_now = variables_set(now.text);
        let set_before: BTreeSet<&str> = replaced.iter().flat_map(|old| variables_set(old.text)).collect();
        for variable in set_before.difference(&set_now) {
            let prints = |other: &Vec<LayeredTemplate<'_>>| {
                other.last().is_some_and(|user| user.layer < now.layer && needs(user.text, name, variable))
            };
            if by_name.values().any(prints) {
                let message = format!("the variable `{variable}` is not set, which other templates print");
                let hint = replaced.iter().rev().find_map(|old| line_that_sets(old.text, variable));
                let hint =
                    hint.map(|line| format!("the template in whose place this one stands has `{line}`"));
                let path = templates.get(*name).map_or(*name, |template| template.path.as_str());
                faults.push(Diagnostic::error(path, message).maybe_hint(hint));
            }
        }
    }
    faults
}

/// The name of the template that a template extends.
pub(crate) fn parent(text: &str) -> Option<&str> {
    let extends = tags(text).find_map(|tag| tag.strip_prefix("extends "))?;
    extends.trim_start().strip_prefix(['"', '\''])?.split(['"', '\'']).next()
}

/// Whether a template extends another one and prints a variable that it does not set, without asking whether it is set.
fn needs(text: &str, extended: &str, variable: &str) -> bool {
    if parent(text) != Some(extended) || variables_set(text).contains(variable) {
        return false;
    }
    let (mut is_printed, mut is_asked_for) = (false, false);
    for tag in tags(text).filter(|tag| names(tag, variable)) {
        match tag.split_whitespace().next() {
            Some("if" | "elif") => is_asked_for = true,
            Some("block" | "endblock") => {}
            _ => is_printed = true,
        }
    }
    is_printed && !is_asked_for
}

/// The variables that a template sets outside its blocks and loops, where templates that extend it see them.
fn variables_set(text: &str) -> BTreeSet<&str> {
    let mut depth = 0_usize;
    let mut set = BTreeSet::new();
    for tag in tags(text) {
        match tag.split_whitespace().next().unwrap_or_default() {
            "for" | "block" | "component" => depth += 1,
            "endfor" | "endblock" | "endcomponent" => depth = depth.saturating_sub(1),
            "set" | "set_global" if depth == 0 => set.extend(variable_set_by(tag)),
            _ => {}
        }
    }
    set
}

fn variable_set_by(tag: &str) -> Option<&str> {
    let name = tag.strip_prefix("set_global ").or_else(|| tag.strip_prefix("set "))?;
    name.split(['=', ' ', '|']).find(|part| !part.is_empty())
}

fn line_that_sets<'t>(text: &'t str, variable: &str) -> Option<&'t str> {
    let sets = |line: &&str| tags(line).any(|tag| variable_set_by(tag) == Some(variable));
    text.lines().find(sets).map(str::trim)
}

/// Whether an expression has a variable of this name, and not only a field, an argument or a text.
fn names(tag: &str, variable: &str) -> bool {
    // Every other part stands between quotation marks.
    tag.split(['"', '\'', '`']).step_by(2).any(|code| {
        code.match_indices(variable).any(|(at, _)| {
            let is_of_name = |c: char| c.is_alphanumeric() || c == '_';
            let (before, after) = (&code[..at], &code[at + variable.len()..]);
            let is_whole = !before.ends_with(|c| is_of_name(c) || c == '.') && !after.starts_with(is_of_name);
            let after = after.trim_start();
            is_whole && (!after.starts_with('=') || after.starts_with("=="))
        })
    })
}

/// What stands in the tags of a template, in those that print and in those that do something, in their order.
fn tags(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        loop {
            let at = rest.find('{')?;
            let (opening, closing) = match rest.as_bytes().get(at + 1) {
                Some(b'{') => (true, "}}"),
                Some(b'%') => (true, "%}"),
                Some(b'#') => (false, "#}"),
                _ => {
                    rest = &rest[at + 1..];
                    continue;
                }
            };
            let inner = &rest[at + 2..];
            let end = inner.find(closing)?;
            rest = &inner[end + 2..];
            if opening {
                return Some(inner[..end].trim_matches('-').trim());
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_told_from_fields_arguments_and_texts() {
        for tag in ["title", "title | upper", "x + title", "title == 3", "f(x=title)"] {
            assert!(names(tag, "title"), "{tag}");
        }
        for tag in ["page.title", "subtitle", "title_of", "f(title=3)", "\"title\"", "x"] {
            assert!(!names(tag, "title"), "{tag}");
        }
    }

    #[test]
    fn what_a_block_sets_stays_within_it() {
        let text = "{# {% set d = 1 %} #}{%- set a %}x{% endset -%}{% set_global b = 1 %}{% block m %}{% set c=2 %}{% endblock m %}";
        assert_eq!(variables_set(text), BTreeSet::from(["a", "b"]));
        assert_eq!(parent("{%- extends 'base.html' %}"), Some("base.html"));
        assert!(needs("{% extends \"b\" %}{{ a }}", "b", "a"));
        assert!(!needs("{% extends \"b\" %}{% if a %}{{ a }}{% endif %}", "b", "a"));
        assert!(!needs("{% extends \"b\" %}{% set a = 1 %}{{ a }}", "b", "a"));
        assert!(!needs("{{ a }}", "b", "a"));
    }
}
