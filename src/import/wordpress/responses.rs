//! Comments of WordPress as what they are: comments, pingbacks, trackbacks, and what plugins file as comments.

use chrono_tz::Tz;

use super::autop::autop;
use super::dates::utc_text;
use super::texturize::{QuotationStyle, texturize};
use super::wxr::WxrComment;
use crate::html::fold_white_space;
use crate::import::html_tree;
use crate::import::model::{ImportedResponse, ResponseState};
use crate::import::xml::decode_entities;
use crate::linkback::{LinkbackKind, Relation};

/// Reads a comment.
pub(super) fn response(comment: &WxrComment, style: QuotationStyle, zone: Tz) -> ImportedResponse {
    let state = match comment.approved.as_str() {
        // Plugins file notes of orders and logs as comments, which only the owner saw.
        "1" | "approve" | "" if is_for_the_owner(&comment.kind) => ResponseState::Held,
        "1" | "approve" | "" => ResponseState::Approved,
        "0" | "hold" => ResponseState::Held,
        _ => ResponseState::Binned,
    };
    let mut response = ImportedResponse {
        kind: LinkbackKind::Comment,
        relation: None,
        id: comment.id.clone(),
        parent: Some(comment.parent.clone()).filter(|parent| !parent.is_empty() && parent != "0"),
        anchor: Some(format!("comment-{}", comment.id)),
        source: String::new(),
        title: String::new(),
        site: String::new(),
        author: decode_entities(&comment.author),
        author_url: web_address(&comment.author_url),
        content: String::new(),
        excerpt: String::new(),
        published: utc_text(&comment.date, &comment.date_gmt, zone),
        state,
    };
    let protocol = comment.meta("protocol").unwrap_or_default();
    let source = source_of(comment);
    match comment.kind.as_str() {
        "pingback" => pingback(comment, &mut response),
        "trackback" => trackback(comment, &mut response),
        kind => match (protocol, source) {
            ("activitypub", Some(source)) => {
                // An answer from the Fediverse: a comment that has an address of its own.
                response.source = source;
                response.relation = Some(Relation::Reply);
                response.content = shown(&comment.content, style);
            }
            (_, Some(source))
                if protocol == "webmention" || kind == "webmention" || has_semantics(comment) =>
            {
                response.kind = LinkbackKind::Webmention;
                response.relation = Some(relation(kind, comment));
                response.source = source;
                response.content = shown(&comment.content, style);
            }
            _ if is_old_trackback(comment) => trackback(comment, &mut response),
            _ => response.content = shown(&comment.content, style),
        },
    }
    response
}

/// Whether a plugin has made a comment for the owner of the blog alone: `order_note`, `action_log`, `edd_payment_note`.
fn is_for_the_owner(kind: &str) -> bool {
    ["note", "log", "delivery", "order", "payment", "history"]
        .iter()
        .any(|word| kind.split(['_', '-']).any(|part| part == *word))
}

/// What WordPress shows of a comment, apart from what it takes out before it stores it.
fn shown(content: &str, style: QuotationStyle) -> String {
    autop(&texturize(&content.replace("\r\n", "\n"), style, &|_| false))
}

fn web_address(url: &str) -> String {
    let url = decode_entities(url.trim());
    let is_web = url.starts_with("https://") || url.starts_with("http://");
    let is_more =
        url.len() > "https://".len() && !url.contains(|c: char| c.is_whitespace() || c.is_control());
    if is_web && is_more { url } else { String::new() }
}

/// The page that a plugin says the response came from.
fn source_of(comment: &WxrComment) -> Option<String> {
    const KEYS: [&str; 5] = [
        "webmention_source_url",
        "semantic_linkbacks_canonical",
        "semantic_linkbacks_source",
        "source_url",
        "webmention_source",
    ];
    KEYS.iter().find_map(|key| comment.meta(key)).map(web_address).filter(|source| !source.is_empty())
}

fn has_semantics(comment: &WxrComment) -> bool {
    comment.meta("semantic_linkbacks_type").is_some() || comment.meta("webmention_source_url").is_some()
}

fn relation(kind: &str, comment: &WxrComment) -> Relation {
    let said = match kind {
        "" | "comment" | "webmention" => comment.meta("semantic_linkbacks_type").unwrap_or(match kind {
            // A webmention that is filed as a comment has words of its own.
            "comment" | "" => "reply",
            _ => "mention",
        }),
        kind => kind,
    };
    match said {
        "like" | "favorite" => Relation::Like,
        "repost" | "reshare" => Relation::Repost,
        "bookmark" => Relation::Bookmark,
        "reply" => Relation::Reply,
        _ => Relation::Mention,
    }
}

/// WordPress keeps the title of a page in the field for the name, and knows no author of it.
fn pingback(comment: &WxrComment, response: &mut ImportedResponse) {
    response.kind = LinkbackKind::Pingback;
    response.title = std::mem::take(&mut response.author);
    response.source = std::mem::take(&mut response.author_url);
    response.excerpt = excerpt(&comment.content);
    response.parent = None;
}

/// The title of a trackback stands in bold at the start of its text.
fn trackback(comment: &WxrComment, response: &mut ImportedResponse) {
    response.kind = LinkbackKind::Trackback;
    response.site = std::mem::take(&mut response.author);
    response.source = std::mem::take(&mut response.author_url);
    response.parent = None;
    let content = comment.content.trim();
    let title = content.strip_prefix("<strong>").and_then(|rest| rest.split_once("</strong>"));
    let (title, text) = title.unwrap_or(("", content));
    response.title = plain(title);
    response.excerpt = excerpt(text);
}

/// A trackback that came from Movable Type is filed as a comment: its title in bold, an empty line, and an address.
fn is_old_trackback(comment: &WxrComment) -> bool {
    let content = comment.content.trim_start();
    let title = content.strip_prefix("<strong>").and_then(|rest| rest.split_once("</strong>"));
    !web_address(&comment.author_url).is_empty()
        && title.is_some_and(|(title, rest)| {
            !title.contains('<') && (rest.starts_with("\n\n") || rest.starts_with("\r\n\r\n"))
        })
}

fn plain(html: &str) -> String {
    let nodes = html_tree::parse(html).unwrap_or_default();
    fold_white_space(&html_tree::text_of(&nodes))
}

/// The words around a link, with the mark for what was cut as Backmatter has it.
fn excerpt(html: &str) -> String {
    plain(html).replace("[...]", "[…]").replace("[ … ]", "[…]")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::wordpress::wxr::WxrMeta;

    fn comment(kind: &str, author: &str, url: &str, content: &str) -> WxrComment {
        WxrComment {
            id: "7".to_owned(),
            kind: kind.to_owned(),
            author: author.to_owned(),
            author_url: url.to_owned(),
            content: content.to_owned(),
            approved: "1".to_owned(),
            ..WxrComment::default()
        }
    }

    #[test]
    fn each_is_what_it_was() {
        let read = |comment: &WxrComment| response(comment, QuotationStyle::English, Tz::UTC);
        let ping =
            read(&comment("pingback", "Oil &amp; Wick", "https://b.example/", "[&#8230;] <b>all</b> [...]"));
        assert_eq!(
            (ping.title.as_str(), ping.author.as_str(), ping.excerpt.as_str()),
            ("Oil & Wick", "", "[…] all […]")
        );
        let track =
            read(&comment("trackback", "Shelf", "https://s.example/", "<strong>A &amp; b</strong>\n\nText."));
        assert_eq!(
            (track.site.as_str(), track.title.as_str(), track.excerpt.as_str()),
            ("Shelf", "A & b", "Text.")
        );
        let old = read(&comment("", "Shelf", "https://s.example/", "<strong>T</strong>\n\nText."));
        assert_eq!(old.kind, LinkbackKind::Trackback);
        let plain = read(&comment("", "Ann", "javascript:x", "A 'b'\nc"));
        assert_eq!(
            (plain.kind, plain.author_url.as_str(), plain.content.as_str()),
            (LinkbackKind::Comment, "", "<p>A ‘b’<br />\nc</p>\n")
        );
    }

    #[test]
    fn notes_for_the_owner_are_not_shown() {
        for (kind, state) in [
            ("order_note", ResponseState::Held),
            ("action_log", ResponseState::Held),
            ("edd_payment_note", ResponseState::Held),
            ("review", ResponseState::Approved),
            ("comment", ResponseState::Approved),
        ] {
            let read = response(&comment(kind, "Shop", "", "x"), QuotationStyle::English, Tz::UTC);
            assert_eq!(read.state, state, "{kind}");
        }
    }

    #[test]
    fn plugins_say_where_it_came_from() {
        let mut like = comment("like", "Petra", "https://petra.example/", "Liked.");
        let meta = |key: &str, value: &str| WxrMeta { key: key.to_owned(), value: value.to_owned() };
        like.meta =
            vec![meta("protocol", "webmention"), meta("webmention_source_url", "https://petra.example/77")];
        let read = response(&like, QuotationStyle::English, Tz::UTC);
        assert_eq!(
            (read.kind, read.relation, read.source.as_str()),
            (LinkbackKind::Webmention, Some(Relation::Like), "https://petra.example/77")
        );
        let mut note = comment("comment", "@m", "", "Words");
        note.meta = vec![meta("protocol", "activitypub"), meta("source_url", "https://social.example/9")];
        let read = response(&note, QuotationStyle::English, Tz::UTC);
        assert_eq!((read.kind, read.relation), (LinkbackKind::Comment, Some(Relation::Reply)));
        like.meta = vec![
            meta("semantic_linkbacks_type", "repost"),
            meta("semantic_linkbacks_source", "https://p.example/1"),
        ];
        like.kind = "webmention".to_owned();
        assert_eq!(response(&like, QuotationStyle::English, Tz::UTC).relation, Some(Relation::Repost));
    }
}
