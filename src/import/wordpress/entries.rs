//! The second pass: an item as the entry it becomes.

use std::collections::HashMap;
use std::sync::LazyLock;

use regex::{Captures, Regex};
use serde_json::Value;

use super::autop::autop;
use super::dates::{local_time, moment_text};
use super::responses::response;
use super::shown::show;
use super::survey::{UNCATEGORIZED, entry_address, entry_id, shown_title};
use super::texturize::texturize;
use super::wxr::WxrItem;
use super::{Index, name_of};
use crate::html::fold_white_space;
use crate::import::addresses::Place;
use crate::import::html_tree;
use crate::import::model::{Entry, EntryBody, EntryState, FurtherKeys, LinkbackSwitch, Survey};
use crate::import::xml::decode_entities;

/// The item as an entry.
pub(super) fn entry(item: WxrItem, index: &Index, survey: &Survey) -> Option<Entry> {
    let head = index.heads.get(&item.id)?;
    let style = index.style();
    let base_url = &survey.blog.base_url;
    let place = Place::of(&match item.link.as_str() {
        "" => base_url.clone(),
        path if path.starts_with('/') => format!("{base_url}{path}"),
        link => link.to_owned(),
    });
    let shown = show(&item.content, item.id, style, &index.shown);
    let mut remarks = shown.remarks;
    let noted = with_footnotes(&shown.html, item.meta("footnotes").unwrap_or_default());
    if item.is_cut {
        remarks.push("the file ends in it: its end is missing".to_owned());
    }
    let image =
        item.meta("_thumbnail_id").and_then(|id| index.shown.attachments.get(&id.trim().parse().ok()?));
    let image_alt = image.map(|image| fold_white_space(&image.alt)).unwrap_or_default();
    let image = image.map(|image| survey.book.rewrite(&image.url, &place).address);
    let categories = terms(&item, &["category"]);
    let tags = terms(&item, &["post_tag", "tag"]);
    let mut series = terms(&item, &["series", "post_series"]);
    let responses = item.comments.iter().map(|comment| response(comment, style, index.zone)).collect();
    Some(Entry {
        file: head.file.clone(),
        name: name_of(&item),
        state: state(&item),
        title: shown_title(&item.title, style),
        date: moment_text(&item.date, &item.date_gmt, index.zone).filter(|_| item.kind != "page"),
        updated: updated(&item, index),
        address: head.moved.clone().or_else(|| entry_address(&item.link, &survey.book)),
        id: head.id.as_deref().map_or_else(|| entry_id(&item.guid, &item.link, base_url), str::to_owned),
        aliases: head.aliases.to_vec(),
        categories,
        tags,
        series: if series.is_empty() { None } else { Some(series.remove(0)) },
        authors: authors(&item, index),
        language: item.terms.iter().find(|term| term.taxonomy == "language").map(|term| term.slug.clone()),
        summary: Some(autop(&texturize(item.excerpt.trim(), style, &|_| false)))
            .filter(|excerpt| !excerpt.is_empty()),
        description: description(&item),
        image,
        link: link(&item, &noted),
        accepts_linkbacks: if index.knows_closed
            && item.comment_status == "closed"
            && item.ping_status != "open"
        {
            LinkbackSwitch::Closed
        } else {
            LinkbackSwitch::Open
        },
        body: EntryBody::Html(noted),
        place,
        responses,
        remarks,
        more: FurtherKeys { image_alt, is_pinned: item.is_sticky, ..FurtherKeys::default() },
    })
}

fn state(item: &WxrItem) -> EntryState {
    // A protected post is `publish` like any other; only its password says that it is not.
    if item.is_cut {
        return EntryState::Draft("the export ends in it");
    }
    if !item.password.is_empty() {
        return EntryState::Draft("protected by a password");
    }
    match item.status.as_str() {
        "publish" | "future" => EntryState::Public,
        "private" => EntryState::Draft("private"),
        "pending" => EntryState::Draft("waits for review"),
        "draft" => EntryState::Draft("a draft"),
        _ => EntryState::Draft("not published"),
    }
}

/// The names of terms, each once.
fn terms(item: &WxrItem, taxonomies: &[&str]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for term in &item.terms {
        let is_wanted = taxonomies.contains(&term.taxonomy.as_str());
        let is_none = UNCATEGORIZED.contains(&term.slug.as_str());
        if is_wanted && !is_none && !term.name.is_empty() && !names.contains(&term.name) {
            names.push(term.name.clone());
        }
    }
    names
}

/// Its authors, where the blog has several.
fn authors(item: &WxrItem, index: &Index) -> Vec<String> {
    let several = terms(item, &["author"]);
    if several.len() > 1 {
        return several;
    }
    let name = index.channel.authors.get(&item.creator).unwrap_or(&item.creator);
    if index.has_several_authors && !name.is_empty() { vec![name.clone()] } else { Vec::new() }
}

/// When it was changed, if that was a day or more later and not the work of a machine.
fn updated(item: &WxrItem, index: &Index) -> Option<String> {
    let (written, changed) = (local_time(&item.date)?, local_time(&item.modified)?);
    let is_later = (changed - written).num_hours() >= 24;
    let is_mass_edit = index.mass_edits.contains(item.modified.get(..10).unwrap_or_default());
    let text = moment_text(&item.modified, &item.modified_gmt, index.zone)?;
    (is_later && !is_mass_edit).then_some(text)
}

fn description(item: &WxrItem) -> Option<String> {
    const KEYS: [&str; 4] =
        ["_yoast_wpseo_metadesc", "rank_math_description", "_aioseo_description", "_genesis_description"];
    let found = KEYS.iter().find_map(|key| item.meta(key));
    found
        .map(|text| fold_white_space(&decode_entities(text)))
        .filter(|text| !text.is_empty() && !text.contains("%%"))
}

/// The page that a link post is about.
fn link(item: &WxrItem, html: &str) -> Option<String> {
    if let Some(link) = item.meta("_links_to") {
        return Some(link.trim().to_owned()).filter(|link| link.starts_with("http"));
    }
    let is_link_post =
        item.terms.iter().any(|term| term.taxonomy == "post_format" && term.slug == "post-format-link");
    if !is_link_post {
        return None;
    }
    let nodes = html_tree::parse(html).ok()?;
    let first = html_tree::elements(&nodes).into_iter().find(|element| element.name == "a")?;
    first.attribute("href").filter(|href| href.starts_with("http")).map(str::to_owned)
}

static NOTE_MARK: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"(?s)<sup[^>]*\bdata-fn="([^"]+)"[^>]*>.*?</sup>"#).expect("the pattern is valid")
});

/// Notes of the block editor, whose texts are not in the content but in a field of JSON.
pub(in crate::import) fn with_footnotes(html: &str, stored: &str) -> String {
    let notes: Vec<Value> = serde_json::from_str(stored.trim()).unwrap_or_default();
    let texts: HashMap<&str, &str> =
        notes.iter().filter_map(|note| Some((note["id"].as_str()?, note["content"].as_str()?))).collect();
    if texts.is_empty() {
        return html.to_owned();
    }
    let mut numbered: Vec<String> = Vec::new();
    let marked = NOTE_MARK.replace_all(html, |found: &Captures<'_>| {
        let id = &found[1];
        if !texts.contains_key(id) {
            return found[0].to_owned();
        }
        let at = numbered.iter().position(|known| known == id).unwrap_or_else(|| {
            numbered.push(id.to_owned());
            numbered.len() - 1
        });
        format!("<sup class=\"footnote-ref\"><a href=\"#fn-{0}\">{0}</a></sup>", at + 1)
    });
    let items = numbered.iter().filter_map(|id| texts.get(id.as_str()));
    let items: String = items.map(|text| format!("<li><p>{text}</p></li>")).collect();
    if items.is_empty() {
        return marked.into_owned();
    }
    format!("{marked}<div class=\"footnotes\"><ol>{items}</ol></div>")
}
