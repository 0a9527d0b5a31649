//! The feed of new linkbacks, for moderators.

use std::fmt::Write as _;

use crate::config::Config;
use crate::date::Date;
use crate::html::escape_xml;
use crate::linkback::inbox::state::InboxItem;

/// An Atom feed (RFC 4287) of those that wait, newest first. `page` is the address of the moderation page.
pub(super) fn atom(items: &[InboxItem], config: &Config, page: &str) -> String {
    let id = format!("{}/#linkbacks", config.base_url);
    let rfc3339 =
        |item: &InboxItem| Date::of_moment(item.found.unwrap_or(item.received), config.timezone).rfc3339();
    let updated = items.iter().map(|item| item.found.unwrap_or(item.received)).max().unwrap_or_default();
    let mut feed = format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<feed xmlns=\"http://www.w3.org/2005/Atom\">\n<title>{}</title>\n\
         <id>{}</id>\n<updated>{}</updated>\n<author><name>Backmatter</name></author>\n",
        escape_xml(&format!("New linkbacks to {}", config.title)),
        escape_xml(&id),
        Date::of_moment(updated, config.timezone).rfc3339(),
    );
    for item in items {
        let words = item.pending.as_ref().or(item.words.as_ref());
        let title = words.map(|words| words.title.as_str()).filter(|title| !title.is_empty());
        let author = words.and_then(|words| words.author.as_ref()).map(|author| author.name.as_str());
        let excerpt = words.map_or("", |words| &words.excerpt);
        let reasons: String = item.reasons.iter().map(|reason| format!("\n- {reason}")).collect();
        let text = format!("{excerpt}\n\n{}\n-> {}\n{reasons}", item.source, item.target);
        let _ = write!(
            feed,
            "<entry>\n<title>{}</title>\n<id>{}-{}</id>\n<updated>{}</updated>\n",
            escape_xml(title.unwrap_or(&item.source)),
            escape_xml(&id),
            item.id,
            rfc3339(item),
        );
        if let Some(name) = author.filter(|name| !name.is_empty()) {
            let _ = writeln!(feed, "<author><name>{}</name></author>", escape_xml(name));
        }
        if !page.is_empty() {
            let _ = writeln!(feed, "<link href=\"{}#n{}\"/>", escape_xml(page), item.id);
        }
        let _ = writeln!(feed, "<content type=\"text\">{}</content>\n</entry>", escape_xml(text.trim()));
    }
    feed.push_str("</feed>\n");
    feed
}
