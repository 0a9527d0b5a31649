//! Posts in blocks (Tumblr's *Neue Post Format*): texts with ranges of formats, pictures, links, players, and the posts
//! that were reblogged.

use serde_json::Value;

use super::json::text;
use super::shape::{Photo, answer, medium, photos, quote};
use crate::html::escape;

/// The body of a post: what was reblogged as quotes, and its own blocks.
pub(super) fn body(post: &Value) -> String {
    let mut html = String::new();
    for item in post["trail"].as_array().into_iter().flatten() {
        let blog = &item["blog"];
        let name = [text(blog, "name"), text(item, "broken_blog_name"), text(&item["broken_blog"], "name")];
        let name = name.into_iter().find(|name| !name.is_empty()).unwrap_or_default();
        let id = item["post"]["id"].as_str().unwrap_or_default();
        let url = match (text(blog, "url"), id) {
            (url, "") => url,
            (url, _) if url.is_empty() => String::new(),
            (url, id) => format!("{}/post/{id}", url.trim_end_matches('/')),
        };
        let source = match url.is_empty() {
            true => escape(&name),
            false => format!("<a href=\"{}\">{}</a>", escape(&url), escape(&name)),
        };
        html.push_str(&quote(&blocks(item), &source));
    }
    html.push_str(&blocks(post));
    html
}

/// The blocks of a post or of one that was reblogged.
fn blocks(post: &Value) -> String {
    let Some(content) = post["content"].as_array() else { return text(post, "content") };
    let ask = post["layout"].as_array().into_iter().flatten().find(|layout| layout["type"] == "ask");
    let Some(ask) = ask else { return written(content.iter()) };
    let asked: Vec<u64> = ask["blocks"].as_array().into_iter().flatten().filter_map(Value::as_u64).collect();
    let is_asked = |at: usize| asked.iter().any(|known| usize::try_from(*known) == Ok(at));
    let part = |wanted: bool| {
        content.iter().enumerate().filter(move |(at, _)| is_asked(*at) == wanted).map(|(_, block)| block)
    };
    let asker = &ask["attribution"]["blog"];
    answer(&written(part(true)), &text(asker, "name"), &text(asker, "url"), &written(part(false)))
}

fn written<'v>(content: impl Iterator<Item = &'v Value>) -> String {
    let mut html = String::new();
    // The lists that are open, each in an item of the one before it.
    let mut lists: Vec<&str> = Vec::new();
    let mut images: Vec<Photo> = Vec::new();
    for block in content {
        let kind = block["subtype"].as_str().unwrap_or_default();
        let list = match kind {
            "ordered-list-item" => Some("ol"),
            "unordered-list-item" => Some("ul"),
            _ => None,
        };
        let is_image = block["type"] == "image";
        if !is_image && !images.is_empty() {
            html.push_str(&photos(&std::mem::take(&mut images), ""));
        }
        match list {
            Some(list) => open_item(list, block, &mut lists, &mut html),
            None => close(&mut lists, 0, &mut html),
        }
        match is_image {
            true => images.push(photo(block)),
            false => html.push_str(&one(block, kind)),
        }
    }
    close(&mut lists, 0, &mut html);
    if !images.is_empty() {
        html.push_str(&photos(&images, ""));
    }
    html
}

/// Begins an item of a list, at the depth that its block names.
fn open_item<'l>(list: &'l str, block: &Value, lists: &mut Vec<&'l str>, html: &mut String) {
    /// Tumblr's editor goes to seven.
    const DEEPEST: u64 = 16;
    let depth = block["indent_level"].as_u64().unwrap_or_default().min(DEEPEST);
    let depth = usize::try_from(depth).unwrap_or_default();
    close(lists, depth + 1, html);
    if lists.len() == depth + 1 && lists.last() == Some(&list) {
        html.push_str("</li>");
    } else {
        close(lists, depth, html);
    }
    while lists.len() <= depth {
        html.push_str(&format!("<{list}>"));
        lists.push(list);
        if lists.len() <= depth {
            html.push_str("<li>");
        }
    }
    html.push_str("<li>");
}

/// Closes the lists below a depth.
fn close(lists: &mut Vec<&str>, depth: usize, html: &mut String) {
    while lists.len() > depth {
        let list = lists.pop().unwrap_or_default();
        html.push_str(&format!("</li></{list}>"));
    }
}

/// Kinds of blocks of a post that Tumblr had not when this was written; they are the words in them.
pub(super) fn unknown_kinds(post: &Value) -> Vec<String> {
    let reblogged = post["trail"].as_array().into_iter().flatten();
    let blocks = reblogged.chain([post]).filter_map(|post| post["content"].as_array()).flatten();
    let kinds = blocks.filter_map(|block| block["type"].as_str());
    kinds.filter(|kind| !KINDS.contains(kind)).map(str::to_owned).collect()
}

const KINDS: [&str; 6] = ["text", "image", "link", "audio", "video", "poll"];

fn photo(block: &Value) -> Photo {
    let sizes = block["media"].as_array().into_iter().flatten();
    let largest = sizes.max_by_key(|size| size["width"].as_u64().unwrap_or_default());
    Photo {
        source: largest.map(|size| text(size, "url")).unwrap_or_default(),
        alt: text(block, "alt_text"),
        caption: escape(block["caption"].as_str().unwrap_or_default()),
        link: text(&block["attribution"], "url"),
    }
}

fn one(block: &Value, kind: &str) -> String {
    let words = formatted(block);
    match block["type"].as_str().unwrap_or_default() {
        "text" => match kind {
            "heading1" => format!("<h2>{words}</h2>"),
            "heading2" => format!("<h3>{words}</h3>"),
            "quote" | "indented" => format!("<blockquote><p>{words}</p></blockquote>"),
            "ordered-list-item" | "unordered-list-item" => words,
            _ if words.is_empty() => String::new(),
            _ => format!("<p>{words}</p>"),
        },
        "link" => {
            let url = escape(block["url"].as_str().unwrap_or_default());
            let title =
                [text(block, "title"), text(block, "url")].into_iter().find(|title| !title.is_empty());
            let description = match text(block, "description") {
                words if words.is_empty() => String::new(),
                words => format!("<br>{}", escape(&words)),
            };
            format!("<p><a href=\"{url}\">{}</a>{description}</p>", escape(&title.unwrap_or_default()))
        }
        kind @ ("audio" | "video") => {
            let file = text(&block["media"], "url");
            let source = if file.is_empty() { text(block, "url") } else { file };
            let named: Vec<String> = ["title", "artist", "album"]
                .iter()
                .map(|key| text(block, key))
                .filter(|name| !name.is_empty())
                .collect();
            let track = if named.is_empty() {
                String::new()
            } else {
                format!("<p>{}</p>", escape(&named.join(", ")))
            };
            medium(kind, &source, block["embed_html"].as_str().unwrap_or_default()) + &track
        }
        "poll" => {
            let answers = block["answers"].as_array().into_iter().flatten();
            let answers: String = answers
                .map(|answer| {
                    format!("<li>{}</li>", escape(answer["answer_text"].as_str().unwrap_or_default()))
                })
                .collect();
            format!("<p>{}</p><ul>{answers}</ul>", escape(block["question"].as_str().unwrap_or_default()))
        }
        _ => {
            let further = ["title", "description", "question"].map(|key| escape(&text(block, key)));
            let words = [words].into_iter().chain(further).filter(|words| !words.is_empty());
            words.map(|words| format!("<p>{words}</p>")).collect()
        }
    }
}

/// A range of a text, counted in characters of Unicode.
struct FormatRange<'v> {
    start: usize,
    end: usize,
    format: &'v Value,
}

/// The text of a block with its formats as elements. Ranges may cross, so each stretch between two borders has its own.
fn formatted(block: &Value) -> String {
    let characters: Vec<char> = block["text"].as_str().unwrap_or_default().chars().collect();
    let at = |format: &Value, key: &str| {
        let at = usize::try_from(format[key].as_u64().unwrap_or_default()).unwrap_or_default();
        at.min(characters.len())
    };
    let ranges: Vec<FormatRange<'_>> = block["formatting"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|format| FormatRange { start: at(format, "start"), end: at(format, "end"), format })
        .take(1000)
        .collect();
    let mut borders: Vec<usize> = ranges.iter().flat_map(|range| [range.start, range.end]).collect();
    borders.extend([0, characters.len()]);
    borders.sort_unstable();
    borders.dedup();
    let mut html = String::new();
    for stretch in borders.windows(2) {
        let [start, end] = *stretch else { continue };
        let words: String = characters[start..end].iter().collect();
        let mut words = escape(&words).replace('\n', "<br>");
        for range in ranges.iter().filter(|range| range.start <= start && end <= range.end) {
            words = marked(&words, range.format);
        }
        html.push_str(&words);
    }
    html
}

fn marked(words: &str, format: &Value) -> String {
    let url = format["url"].as_str().or_else(|| format["blog"]["url"].as_str()).unwrap_or_default();
    match format["type"].as_str().unwrap_or_default() {
        "bold" => format!("<strong>{words}</strong>"),
        "italic" => format!("<em>{words}</em>"),
        "strikethrough" => format!("<s>{words}</s>"),
        "small" => format!("<small>{words}</small>"),
        "link" | "mention" if !url.is_empty() => format!("<a href=\"{}\">{words}</a>", escape(url)),
        _ => words.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_may_cross() {
        let block = serde_json::json!({
            "type": "text", "text": "aé🙂b <c>",
            "formatting": [
                { "type": "bold", "start": 0, "end": 3 },
                { "type": "italic", "start": 2, "end": 4 },
                { "type": "link", "start": 5, "end": 99, "url": "https://e.example/?a&b" },
            ],
        });
        assert_eq!(
            formatted(&block),
            "<strong>aé</strong><em><strong>🙂</strong></em><em>b</em> <a href=\"https://e.example/?a&amp;b\">&lt;c&gt;</a>"
        );
    }

    #[test]
    fn lists_stand_in_items_and_unknown_blocks_are_their_words() {
        let item = |text: &str, kind: &str, level: u64| serde_json::json!({ "type": "text", "text": text, "subtype": format!("{kind}-list-item"), "indent_level": level });
        let post = serde_json::json!({
            "content": [
                item("a", "ordered", 0), item("b", "unordered", 1), item("c", "unordered", 1), item("d", "ordered", 0),
                item("e", "unordered", 0),
                { "type": "paywall", "title": "For payers" },
            ],
        });
        assert_eq!(
            body(&post),
            "<ol><li>a<ul><li>b</li><li>c</li></ul></li><li>d</li></ol><ul><li>e</li></ul><p>For payers</p>"
        );
        assert_eq!(unknown_kinds(&post), ["paywall"]);
    }

    #[test]
    fn blocks_are_what_they_show() {
        let post = serde_json::json!({
            "layout": [{ "type": "ask", "blocks": [0], "attribution": { "blog": { "name": "ann", "url": "https://ann.tumblr.com/" } } }],
            "content": [
                { "type": "text", "text": "Why?" },
                { "type": "text", "text": "One", "subtype": "ordered-list-item" },
                { "type": "text", "text": "Two", "subtype": "ordered-list-item" },
                { "type": "image", "media": [{ "url": "a.png", "width": 1 }, { "url": "b.png", "width": 2 }], "alt_text": "A net" },
                { "type": "video", "url": "https://www.youtube.com/watch?v=x" },
            ],
            "trail": [{ "blog": { "name": "bo", "url": "https://bo.tumblr.com/" }, "post": { "id": "7" }, "content": [{ "type": "text", "text": "First" }] }],
        });
        assert_eq!(
            body(&post),
            "<blockquote><p>First</p><footer><a href=\"https://bo.tumblr.com/post/7\">bo</a></footer></blockquote><blockquote><p>Why?</p><footer><a href=\"https://ann.tumblr.com/\">ann</a></footer></blockquote><ol><li>One</li><li>Two</li></ol><figure><img src=\"b.png\" alt=\"A net\"></figure><p><a href=\"https://www.youtube.com/watch?v=x\">https://www.youtube.com/watch?v=x</a></p>"
        );
    }
}
