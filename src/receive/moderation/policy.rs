//! Weighs a linkback whose link was found: gathers what is known of it and of where it comes from.
//!
//! What speaks for and against it is said by [`crate::linkback::inbox::signals`], which is pure.

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
use crate::post::Target;
use crate::receive::queue::decisions::{TrustList, author_of};
use crate::receive::queue::store::LinkbackStore;

/// What the site itself says about whom to trust.
#[derive(Debug, Clone, Default)]
pub struct ModerationPolicy {
    root: PathBuf,
    rules: TrustRules,
}

/// What was seen of a page besides the words that are shown of it.
#[derive(Debug, Clone, Copy, Default)]
pub struct SourceTraits<'a> {
    /// The text of the page.
    pub text: &'a str,
    /// Links on the page.
    pub links: usize,
    /// Where the link stands, if that is a place for links to everybody.
    pub boilerplate: Option<&'a str>,
    /// Whether the link is hidden from readers.
    pub is_hidden: bool,
    /// Whether it is a trackback that another machine sent than its page's.
    pub other_sender: bool,
}

impl ModerationPolicy {
    /// A judge for the site in a folder.
    pub fn of(root: &Path, plan: &Plan) -> Self {
        let config = &plan.site.config;
        let mut rules = written_rules(config);
        let links = plan.site.shown().flat_map(|post| &post.links);
        let external = links.filter_map(|link| match &link.target {
            Target::External(url) => TrustKey::of(url, None),
            _ => None,
        });
        let quotes = plan.site.shown().flat_map(|post| &post.quotes);
        let quoted = quotes.filter_map(|quote| TrustKey::of(&quote.source.url, None));
        rules.friends = external.chain(quoted).collect();
        Self { root: root.to_owned(), rules }
    }

    /// What is to be done with a linkback whose link was found in a page.
    pub fn weigh(
        &self,
        store: &LinkbackStore,
        item: &InboxItem,
        (words, seen): (&Mention, SourceTraits<'_>),
        now: DateTime<Utc>,
    ) -> Result<PolicyDecision> {
        let author = words.author.as_ref().and_then(|author| author.url.as_deref());
        let is_changed = item.state == InboxState::Approved
            && item.words.as_ref().is_some_and(|approved| approved.differ_materially(words));
        let facts = Evidence {
            source: &item.source,
            words: Some(words),
            text: seen.text,
            own_text: &self.text_of(&item.post),
            links: seen.links,
            boilerplate: seen.boilerplate,
            is_hidden: seen.is_hidden,
            other_sender: seen.other_sender,
            is_changed,
            past: store.past(item.id, &item.source, author, now)?,
        };
        Ok(signals::verdict(&facts, &self.rules(store)?))
    }

    /// The entry by which nothing from a page is taken, if there is one.
    pub fn blocks(&self, store: &LinkbackStore, source: &str) -> Result<Option<TrustKey>> {
        Ok(signals::blocked(source, &self.rules(store)?).cloned())
    }

    /// The entry by which a linkback is blocked whose author is known.
    pub fn blocks_item(&self, store: &LinkbackStore, item: &InboxItem) -> Result<Option<TrustKey>> {
        let author = author_of(item);
        let rules = self.rules(store)?;
        Ok(rules.block.into_iter().find(|entry| entry.covers(&item.source, author.as_deref())))
    }

    /// The settings' lists and those that decisions made.
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

    /// The author's own words in a post, without those it quotes: others may quote them as well.
    fn text_of(&self, post: &str) -> String {
        let text = fs::read_to_string(self.root.join(post)).unwrap_or_default();
        own_words(without_front_matter(&text))
    }
}

/// Whether a post takes linkbacks no longer because of its age.
pub fn is_too_old(published: Option<DateTime<Utc>>, config: &Config, now: DateTime<Utc>) -> bool {
    let days = config.linkbacks.moderation.close_after;
    let age = published.map(|published| now - published);
    days > 0 && age.is_some_and(|age| age > TimeDelta::days(i64::try_from(days).unwrap_or(i64::MAX)))
}

fn written_rules(config: &Config) -> TrustRules {
    let moderation = &config.linkbacks.moderation;
    let keys = |texts: &[String]| texts.iter().filter_map(|text| TrustKey::written(text)).collect();
    let words = moderation.words.clone();
    TrustRules {
        allow: keys(&moderation.trust),
        block: keys(&moderation.block),
        friends: BTreeSet::new(),
        words: words.unwrap_or_else(|| signals::WORDS.map(str::to_owned).to_vec()),
    }
}

fn without_front_matter(text: &str) -> &str {
    for fence in ["+++", "---"] {
        let rest = text.trim_start_matches('\u{feff}').strip_prefix(fence);
        if let Some((_, body)) = rest.and_then(|rest| rest.split_once(&format!("\n{fence}"))) {
            return body;
        }
    }
    text
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
    fn quoted_words_are_not_the_authors_own() {
        let post = "+++\ntitle = \"A\"\n+++\nMine, *and* [mine](https://x.example/).\n\n> Theirs.\n> > And theirs.\n\nMine again.\n";
        let words = own_words(without_front_matter(post));
        assert_eq!(words.split_whitespace().collect::<Vec<_>>().join(" "), "Mine, and mine . Mine again.");
    }
}
