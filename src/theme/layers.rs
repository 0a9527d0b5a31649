//! Templates of several layers: which one a name means, and how a template builds on the one that it replaces.

use std::collections::{BTreeMap, BTreeSet};

use super::{Layer, Template};
use crate::diagnostic::Diagnostic;
use crate::nearest_name::did_you_mean;

/// What stands before the name of a template of the layer below.
const BELOW: &str = "theme:";

/// The templates of all layers by name. One that is replaced is kept under `theme:` and its name, if a template builds on it:
/// in `{% extends "theme:base.html" %}` the name means the nearest template below the layer that it is written in.
pub(super) fn stack(layers: &[Layer]) -> BTreeMap<String, Template> {
    let mut templates = BTreeMap::new();
    let mut wanted = BTreeSet::new();
    let mut replaced = BTreeMap::new();
    for (number, layer) in layers.iter().enumerate() {
        for (below, text) in &layer.files {
            let Some(name) = below.strip_prefix("templates/") else { continue };
            let path = if layer.root.is_empty() { below.clone() } else { format!("{}/{below}", layer.root) };
            let template = Template { path, text: with_names(text, layers, number, &mut wanted) };
            let name = name_above(name, layers, number);
            if name.starts_with(BELOW) { &mut replaced } else { &mut templates }.insert(name, template);
        }
    }
    replaced.retain(|name, _| wanted.contains(name));
    templates.append(&mut replaced);
    templates
}

/// The name under which a template of a layer is kept: one `theme:` for each layer that replaces it.
fn name_above(name: &str, layers: &[Layer], number: usize) -> String {
    let file = format!("templates/{name}");
    let replacements = layers[number + 1..].iter().filter(|layer| layer.files.contains_key(&file)).count();
    format!("{}{name}", BELOW.repeat(replacements))
}

/// The text of a template, with the names that mean the layer below as they are kept.
fn with_names(text: &str, layers: &[Layer], number: usize, wanted: &mut BTreeSet<String>) -> String {
    let mut named = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(BELOW) {
        let (before, after) = rest.split_at(at + BELOW.len());
        let quote = before.chars().rev().nth(BELOW.len()).filter(|c| matches!(c, '"' | '\''));
        let name = quote.and_then(|quote| after.split_once(quote)).map(|(name, _)| name);
        let file = name.map(|name| format!("templates/{name}"));
        let found =
            file.and_then(|file| layers[..number].iter().rposition(|layer| layer.files.contains_key(&file)));
        match (name, found) {
            (Some(name), Some(found)) => {
                let kept = name_above(name, layers, found);
                named.push_str(&before[..at]);
                named.push_str(&kept);
                wanted.insert(kept);
                rest = &after[name.len()..];
            }
            // Tera says which template is missing.
            _ => {
                named.push_str(before);
                rest = after;
            }
        }
    }
    named.push_str(rest);
    named
}

/// Templates of the site that no page is made with and no other template names, each with a warning. A post may still name
/// one in its front matter.
pub(super) fn unreferenced(
    layers: &[Layer],
    templates: &BTreeMap<String, Template>,
) -> BTreeMap<String, Diagnostic> {
    let Some((built_in, own)) = layers.split_first() else { return BTreeMap::new() };
    let names = || built_in.files.keys().filter_map(|below| below.strip_prefix("templates/"));
    let mut found = BTreeMap::new();
    for layer in own {
        for (below, text) in &layer.files {
            let Some(name) = below.strip_prefix("templates/") else { continue };
            let is_named = templates.values().any(|template| {
                ['"', '\''].iter().any(|quote| template.text.contains(&format!("{quote}{name}{quote}")))
            });
            if is_named || built_in.files.contains_key(below) || text.contains("{% component ") {
                continue;
            }
            let path = if layer.root.is_empty() { below.clone() } else { format!("{}/{below}", layer.root) };
            let near = did_you_mean(name, names());
            // A theme may bring templates that posts choose; what is almost a name of its own kind is a slip.
            if layer.root.is_empty() || near.is_some() {
                let hint = near.unwrap_or_else(|| {
                    format!("include it in a template, or name it in a post: `template = \"{name}\"`")
                });
                found.insert(
                    name.to_owned(),
                    Diagnostic::warning(path, "nothing uses this template").hint(hint),
                );
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layer(root: &str, files: &[&str]) -> Layer {
        let files = files.iter().filter_map(|file| file.split_once(' '));
        Layer {
            root: root.to_owned(),
            files: files.map(|(name, text)| (format!("templates/{name}"), text.to_owned())).collect(),
        }
    }

    #[test]
    fn a_template_builds_on_the_one_below() {
        let layers = [
            layer("themes/default", &["base.html built in", "post.html post", "page.html page"]),
            layer(
                "themes/own",
                &["base.html {% extends \"theme:base.html\" %}", "post.html {% extends \"base.html\" %}"],
            ),
            layer(
                "",
                &["base.html {% extends 'theme:base.html' %}", "page.html {% extends \"theme:post.html\" %}"],
            ),
        ];
        let templates = stack(&layers);
        let texts: Vec<_> =
            templates.iter().map(|(name, template)| (name.as_str(), template.text.as_str())).collect();
        assert_eq!(
            texts,
            [
                ("base.html", "{% extends 'theme:base.html' %}"),
                ("page.html", "{% extends \"post.html\" %}"),
                ("post.html", "{% extends \"base.html\" %}"),
                ("theme:base.html", "{% extends \"theme:theme:base.html\" %}"),
                ("theme:theme:base.html", "built in"),
            ]
        );
        assert_eq!(templates["theme:base.html"].path, "themes/own/templates/base.html");
    }

    #[test]
    fn a_template_that_nothing_uses_is_told() {
        let layers = [
            layer("themes/default", &["base.html {% include \"partials/extra.html\" %}", "post.html post"]),
            layer("themes/own", &["psot.html a slip", "gallery.html for posts to choose"]),
            layer("", &["partials/extra.html used", "wide.html unused"]),
        ];
        let unused = unreferenced(&layers, &stack(&layers));
        let told: Vec<_> = unused.values().map(|fault| fault.path.as_str()).collect();
        assert_eq!(told, ["themes/own/templates/psot.html", "templates/wide.html"]);
    }
}
