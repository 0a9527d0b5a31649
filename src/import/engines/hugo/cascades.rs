//! What sections and settings give to the texts below them (`cascade`), to all or to those of a target.

use serde_json::{Map, Value};

use super::{HugoFile, settings};
use crate::import::engines::head::text_of;
use crate::import::engines::source_tree::folder_of;

/// Keys for the texts below a folder.
#[derive(Debug)]
pub(super) struct HugoCascade {
    /// The folder, below the content.
    folder: String,
    target: CascadeTarget,
    keys: Map<String, Value>,
}

/// For which of the texts a cascade is. An empty pattern is for all.
#[derive(Debug, Default)]
struct CascadeTarget {
    path: String,
    kind: String,
    language: String,
    environment: String,
}

/// The cascades of a value: a table, or a list of them.
pub(super) fn cascades(folder: &str, value: Value) -> Vec<HugoCascade> {
    let parts = match value {
        Value::Array(parts) => parts,
        part => vec![part],
    };
    parts.into_iter().filter_map(|part| HugoCascade::of(folder, part)).collect()
}

impl HugoCascade {
    fn of(folder: &str, part: Value) -> Option<Self> {
        let Value::Object(mut keys) = settings::lower_keys(part) else { return None };
        let target = keys.remove("target").or_else(|| keys.remove("_target")).unwrap_or_default();
        keys.remove("_target");
        let part = |key: &str| target.get(key).and_then(text_of).unwrap_or_default().to_lowercase();
        let target = CascadeTarget {
            path: part("path"),
            kind: part("kind"),
            language: part("lang"),
            environment: part("environment"),
        };
        // The keys stand beside the target, or below `params`, where heads have them as well.
        Some(Self { folder: folder.to_owned(), target, keys })
    }

    /// The keys, if they are for a text.
    pub(super) fn keys_for(&self, file: &HugoFile<'_>) -> Option<&Map<String, Value>> {
        let folder = folder_of(file.below);
        let is_below = self.folder.is_empty()
            || folder == self.folder
            || folder.strip_prefix(&self.folder).is_some_and(|rest| rest.starts_with('/'));
        (is_below && self.target.is(file)).then_some(&self.keys)
    }

    /// How deep its folder lies: of several the nearest counts.
    pub(super) fn depth(&self) -> usize {
        self.folder.split('/').filter(|part| !part.is_empty()).count()
    }
}

impl CascadeTarget {
    fn is(&self, file: &HugoFile<'_>) -> bool {
        let folder = folder_of(file.below);
        let (kind, path) = match file.name.as_str() {
            "_index" if folder.is_empty() => ("home", "/".to_owned()),
            "_index" => ("section", format!("/{folder}")),
            "index" => ("page", format!("/{folder}")),
            name if folder.is_empty() => ("page", format!("/{name}")),
            name => ("page", format!("/{folder}/{name}")),
        };
        let matches = |pattern: &str, text: &str| pattern.is_empty() || is_like(pattern, text);
        // A text below the target has what the target has.
        matches(&self.path, &path.to_lowercase())
            && matches(&self.kind, kind)
            && matches(&self.language, &file.language)
            && matches(&self.environment, "production")
    }
}

/// Whether a text is like a pattern with `*` (within a part of a path), `**`, `?` and `{one,other}`.
fn is_like(pattern: &str, text: &str) -> bool {
    let written = expanded(pattern);
    written.iter().any(|pattern| is_like_one(pattern.as_bytes(), text.as_bytes()))
}

/// How many patterns a pattern may stand for.
const MOST_PATTERNS: usize = 64;

/// The patterns that one with `{one,other}` stands for.
fn expanded(pattern: &str) -> Vec<String> {
    let mut done = Vec::new();
    let mut open = vec![pattern.to_owned()];
    while let Some(next) = open.pop() {
        let list = next.rfind('{').and_then(|start| Some((start, start + next[start..].find('}')?)));
        match list.filter(|_| open.len() + done.len() < MOST_PATTERNS) {
            Some((start, end)) => open.extend(
                next[start + 1..end]
                    .split(',')
                    .map(|part| format!("{}{}{}", &next[..start], part.trim(), &next[end + 1..])),
            ),
            None => done.push(next),
        }
    }
    done
}

fn is_like_one(pattern: &[u8], text: &[u8]) -> bool {
    // Where a star stands, and how much of the text it has taken: the last star alone can take more.
    let (mut at, mut read) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    let mut wide: Option<(usize, usize)> = None;
    loop {
        match (pattern.get(at), text.get(read)) {
            (Some(b'*'), _) if pattern.get(at + 1) == Some(&b'*') => {
                at += 2;
                wide = Some((at, read));
                star = None;
                continue;
            }
            (Some(b'*'), _) => {
                at += 1;
                star = Some((at, read));
                continue;
            }
            (None, None) => return true,
            (Some(b'?'), Some(c)) if *c != b'/' => {}
            (Some(wanted), Some(c)) if wanted == c => {}
            _ => {
                let from =
                    match (star.filter(|(_, taken)| text.get(*taken).is_some_and(|c| *c != b'/')), wide) {
                        (Some((behind, taken)), _) => {
                            star = Some((behind, taken + 1));
                            (behind, taken + 1)
                        }
                        (None, Some((behind, taken))) if taken < text.len() => {
                            star = None;
                            wide = Some((behind, taken + 1));
                            (behind, taken + 1)
                        }
                        _ => return false,
                    };
                (at, read) = from;
                continue;
            }
        }
        at += 1;
        read += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_is_a_pattern_of_paths() {
        for (pattern, text, expected) in [
            ("/posts/**", "/posts/2020/a", true),
            ("/posts/**", "/pages/a", false),
            ("/posts/*", "/posts/a", true),
            ("/posts/*", "/posts/2020/a", false),
            ("/**/a", "/posts/2020/a", true),
            ("**/a/*.x", "/b/a/c/a/d.x", true),
            ("{/blog/**,/news/**}", "/news/a", true),
            ("{/blog/**,/news/**}", "/notes/a", false),
            ("/p?sts/a*c", "/posts/abc", true),
            ("{page,section}", "section", true),
            ("**", "", true),
            ("*", "a/b", false),
        ] {
            assert_eq!(is_like(pattern, text), expected, "{pattern} {text}");
        }
    }
}
