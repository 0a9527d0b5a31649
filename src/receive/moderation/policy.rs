//! The moderation policy: weighs a linkback whose link was found by what is known of it and of where it comes from.
//!
//! The signals and their weights are in [`crate::linkback::inbox::signals`], which is pure.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use chrono::{DateTime, TimeDelta, Utc};
use pulldown_cmark::{Event, Parser, Tag, TagEnd};

use crate::config::Config;
use crate::error::Result;
use crate::linkback::inbox::signals::{self, Evidence, PolicyDecision, TrustRules};
use crate::linkback::inbox::state::{InboxItem, InboxState, Mention};
use crate::linkback::inbox::trust::TrustKey;
use crate::page::Plan;
use crate::post::{Link, Target, front_matter};
use crate::receive::queue::decisions::TrustList;
use crate::receive::queue::store::LinkbackStore;
use crate::scan;
use crate::spanned::SourceText;

/// The rules of one site: the lists of its settings, and the sites its posts link to.
#[derive(Debug, Clone, Default)]
pub struct ModerationPolicy {
    root: PathBuf,
    rules: TrustRules,
}

/// What was found in a source.
#[derive(Debug, Clone, Copy)]
pub struct SourceTraits<'a> {
    /// What would be shown of it.
    pub words: &'a Mention,
    /// The text of the page.
    pub text: &'a str,
    /// The number of its links to other sites.
    pub links: usize,
    /// The part of the page the link is in, if that holds the same links for every visitor: `footer`, `navigation`.
    pub boilerplate: Option<&'a str>,
    /// Whether the link is hidden from readers.
    pub is_hidden: bool,
    /// Whether it is a trackback whose sender is not the machine the page is on.
    pub other_sender: bool,
}

impl<'a> SourceTraits<'a> {
    /// Those of a page that was not fetched here.
    pub fn unseen(words: &'a Mention) -> Self {
        Self { words, text: "", links: 0, boilerplate: None, is_hidden: false, other_sender: false }
    }
}

impl ModerationPolicy {
    /// The policy of the site in a folder.
    pub fn of(root: &Path, plan: &Plan) -> Self {
        let mut rules = rules_of_settings(&plan.site.config);
        let linked = plan.site.shown().flat_map(|post| &post.links).filter_map(external);
        let quotes = plan.site.shown().flat_map(|post| &post.quotes);
        rules.friends = TrustKey::of_all(linked.chain(quotes.map(|quote| quote.source.url.as_str())));
        Self { root: root.to_owned(), rules }
    }

    /// Whether a linkback whose link was found is approved, held or refused.
    pub fn weigh(
        &self,
        store: &LinkbackStore,
        item: &InboxItem,
        source: &SourceTraits<'_>,
        now: DateTime<Utc>,
    ) -> Result<PolicyDecision> {
        let words = source.words;
        let author = words.author.as_ref().and_then(|author| author.url.as_deref());
        let is_changed = item.state == InboxState::Approved
            && item.words.as_ref().is_some_and(|approved| approved.differ_materially(words));
        let evidence = Evidence {
            source: item.origin(),
            words: Some(words),
            text: source.text,
            own_text: &self.text_of(&item.post),
            links: source.links,
            boilerplate: source.boilerplate,
            is_hidden: source.is_hidden,
            other_sender: source.other_sender,
            is_changed,
            past: store.past(item.id, &item.source, author, now)?,
        };
        Ok(signals::verdict(&evidence, &self.rules(store)?))
    }

    /// The entry of a list that blocks a page, if there is one.
    pub fn blocks(&self, store: &LinkbackStore, source: &str) -> Result<Option<TrustKey>> {
        Ok(signals::blocked(source, &self.rules(store)?).cloned())
    }

    /// The lists of the settings, changed by the lists of decisions.
    fn rules(&self, store: &LinkbackStore) -> Result<TrustRules> {
        let mut rules = self.rules.clone();
        let (allow, block) = (store.listed(TrustList::Allow)?, store.listed(TrustList::Block)?);
        // A decision is younger than the settings.
        rules.allow.retain(|key| !block.contains(key));
        rules.block.retain(|key| !allow.contains(key));
        rules.allow.extend(allow);
        rules.block.extend(block);
        Ok(rules)
    }

    /// The author's own words in a post. What the post quotes may be quoted elsewhere as well.
    fn text_of(&self, post: &str) -> String {
        let text = fs::read_to_string(scan::on_disk(&self.root, post)).unwrap_or_default();
        own_words(body_of(post, &text))
    }
}

/// Whether a post is too old for linkbacks by the settings.
pub(crate) fn is_too_old(published: Option<DateTime<Utc>>, config: &Config, now: DateTime<Utc>) -> bool {
    let days = config.linkbacks.moderation.close_after;
    let age = published.map(|published| now - published);
    days > 0 && age.is_some_and(|age| age > TimeDelta::days(i64::try_from(days).unwrap_or(i64::MAX)))
}

fn rules_of_settings(config: &Config) -> TrustRules {
    let moderation = &config.linkbacks.moderation;
    let words = moderation.words.clone();
    TrustRules {
        allow: keys(&moderation.trust),
        block: keys(&moderation.block),
        friends: BTreeSet::new(),
        words: words.unwrap_or_else(|| signals::WORDS.map(str::to_owned).to_vec()),
    }
}

fn keys(texts: &[String]) -> BTreeSet<TrustKey> {
    texts.iter().filter_map(|text| TrustKey::written(text)).collect()
}

/// The address of a link to another site.
fn external(link: &Link) -> Option<&str> {
    match &link.target {
        Target::External(url) => Some(url),
        _ => None,
    }
}

/// The Markdown of a post without its front matter.
fn body_of<'t>(path: &str, text: &'t str) -> &'t str {
    match front_matter::split(SourceText { path, text }) {
        Ok(split) => &text[split.body..],
        // A post that is being edited may be unreadable for a moment. Its text is compared whole.
        Err(_) => text,
    }
}

fn own_words(markdown: &str) -> String {
    let mut text = String::new();
    let mut quotes = 0_usize;
    for event in Parser::new(markdown) {
        match event {
            Event::Start(Tag::BlockQuote(_)) => quotes += 1,
            Event::End(TagEnd::BlockQuote(_)) => quotes = quotes.saturating_sub(1),
            Event::Text(part) | Event::Code(part) if quotes == 0 => text.push_str(&part),
            Event::SoftBreak | Event::HardBreak | Event::End(_) => text.push(' '),
            _ => {}
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quoted_words_and_front_matter_are_not_the_authors_own() {
        for (front_matter, expected) in [
            ("+++\ntitle = \"A\"\n+++\n", "Mine, and mine . Mine again."),
            ("\u{feff}---\ntitle: A --- B\n---\n", "Mine, and mine . Mine again."),
            ("", "Mine, and mine . Mine again."),
            ("+++\ntitle = \n+++\n", "+++ title = +++ Mine, and mine . Mine again."),
        ] {
            let text = format!(
                "{front_matter}Mine, *and* [mine](https://x.example/).\n\n> Theirs.\n> > And theirs.\n\nMine again.\n"
            );
            let words = own_words(body_of("content/a.md", &text));
            assert_eq!(words.split_whitespace().collect::<Vec<_>>().join(" "), expected, "{front_matter}");
        }
    }
}
