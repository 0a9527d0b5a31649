//! Comments that Staticman wrote into the data of a site: they come along with their posts.

use std::collections::HashMap;

use chrono_tz::Tz;

use super::site::EngineDocument;
use super::source_tree::{SourceTree, file_name, stem};
use crate::date::day_in_name;
use crate::error::Result;
use crate::import::account::{Account, EntryFate, ResponseFate};
use crate::import::comment_exports::staticman;
use crate::post::slug::slugify;

/// Folders of data with comments.
const FOLDERS: [&str; 4] = ["_data/comments/", "_data/staticman/", "data/comments/", "data/staticman/"];

/// Whether a file holds a comment.
pub(super) fn is_comment(path: &str) -> bool {
    FOLDERS.iter().any(|folder| path.starts_with(folder))
}

/// Puts the comments of the data to the documents that they are on.
pub(super) fn attach(
    tree: &SourceTree,
    zone: Tz,
    documents: &mut [EngineDocument],
    account: &mut Account,
) -> Result<()> {
    for folder in FOLDERS {
        let files = tree.paths().filter(|path| path.starts_with(folder)).count();
        if files == 0 {
            continue;
        }
        let before = account.items;
        let threads = staticman::threads(&[tree.full_path(folder.trim_end_matches('/'))], zone, account)?;
        // Files that hold something else are accounted for by now.
        for _ in account.items - before..files {
            account.item(EntryFate::Settings);
        }
        let places = places(documents);
        let letters = by_letters(documents);
        for thread in threads {
            let found = thread.places.iter().find_map(|place| {
                let last = place.trim_matches('/').rsplit('/').next().unwrap_or_default();
                let named = places.get(&key(place)).or_else(|| places.get(&slug_key(last))).copied();
                named.or_else(|| letters.get(&letters_of(last)).copied().flatten())
            });
            match found {
                Some(at) => documents[at].entry.responses.extend(thread.comments),
                None => {
                    let count = thread.comments.len();
                    account.respond(ResponseFate::WithItsPost, count);
                    account.remark(&format!("{}, a page that is not here: {count} in all", thread.name), "");
                }
            }
        }
    }
    Ok(())
}

/// Documents by the addresses and names that comments can call them by. The first of several counts.
fn places(documents: &[EngineDocument]) -> HashMap<String, usize> {
    let mut places = HashMap::new();
    for (at, document) in documents.iter().enumerate() {
        let name = stem(file_name(&document.source));
        let slug = day_in_name(name).map_or(name, |(_, slug)| slug);
        let address =
            document.entry.address.as_ref().map(|address| address.as_str().to_owned()).unwrap_or_default();
        let folder =
            address.trim_end_matches('/').rsplit('/').next().unwrap_or_default().trim_end_matches(".html");
        for place in [&address, address.trim_end_matches(".html"), name, slug, folder] {
            places.entry(key(place)).or_insert(at);
        }
        for place in [name, slug, folder] {
            places.entry(slug_key(place)).or_insert(at);
        }
    }
    places
}

/// Documents by the letters of their names; nothing if several have them.
fn by_letters(documents: &[EngineDocument]) -> HashMap<String, Option<usize>> {
    let mut found: HashMap<String, Option<usize>> = HashMap::new();
    for (at, document) in documents.iter().enumerate() {
        let name = stem(file_name(&document.source));
        let slug = day_in_name(name).map_or(name, |(_, slug)| slug);
        found.entry(letters_of(slug)).and_modify(|found| *found = None).or_insert(Some(at));
    }
    found
}

/// Signs as programs spell them that make folders of titles: `conwayrsquos-law`, `isn-8217t`, `of-40identity`.
const SPELLED: [&str; 12] =
    ["rsquo", "lsquo", "rdquo", "ldquo", "quot", "ndash", "mdash", "hellip", "8217", "8216", "8220", "8221"];

/// A name without anything but letters and digits and without the names of signs.
fn letters_of(name: &str) -> String {
    let mut parts: Vec<String> = slugify(name).split('-').map(str::to_owned).collect();
    for part in &mut parts {
        // `%20` and `%40` without their sign, and then a word.
        let word = ["20", "40"].iter().find_map(|code| part.strip_prefix(code));
        match word.map(str::to_owned) {
            Some(word) if word.starts_with(char::is_alphabetic) => *part = word,
            // Of `@@` in `--40-40identity` the first stands alone.
            _ if part == "40" => part.clear(),
            _ => {}
        }
    }
    let mut letters = parts.concat();
    for sign in SPELLED {
        letters = letters.replace(sign, "");
    }
    letters
}

fn key(place: &str) -> String {
    place.trim_matches('/').to_lowercase()
}

/// Many sites call the folder of comments by the slug of the name (`{{ page.slug | slugify }}`), which no address has.
fn slug_key(place: &str) -> String {
    format!("slug {}", slugify(place))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_the_same_without_spelled_signs() {
        for (folder, post) in [
            ("applying-conwayrsquos-law-aspx", "applying-conways-law.aspx"),
            ("of--40-40identity-theft", "of-identity-theft"),
            ("isn-8217t-it", "Isn’t it"),
        ] {
            assert_eq!(letters_of(folder), letters_of(post), "{folder}");
        }
        for other in ["ebb-2", "ebb-20", "ebb-20-days"] {
            assert_ne!(letters_of(other), letters_of("ebb"));
        }
    }
}
