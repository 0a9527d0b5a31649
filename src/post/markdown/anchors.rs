//! The ids of a page, each of which is there once.

use hashbrown::{HashMap, HashSet};
use pulldown_cmark::{Event, Tag, TagEnd};

use crate::html;
use crate::path::nfc;
use crate::post::slug::anchor_of;

use super::events::Events;
use super::footnote::reference_id;

/// The ids of a page, each with the last number that was put behind it. Those that are given in the text are known from
/// the start, so that one that is made of a title never takes the place of one that others link to.
#[derive(Debug, Default)]
pub(super) struct Anchors {
    taken: HashMap<String, usize>,
    /// Ids of headings and images that are given and were not met yet.
    given: HashSet<String>,
    /// Those that headings will make of their words, if the text has terms that could take them away.
    of_headings: HashSet<String>,
}

impl Anchors {
    /// Learns what a text gives: ids in braces and in HTML, and those of its footnotes.
    pub(super) fn learn(&mut self, events: &Events<'_>) {
        // How often each note is referred to, in the order of the first references.
        let mut references: Vec<usize> = Vec::new();
        let mut by_name: HashMap<&str, usize> = HashMap::new();
        let mut definitions = 0;
        // A tag or a comment may be longer than a line, each of which is an event.
        let mut block = String::new();
        for (event, _) in &events.list {
            match event {
                Event::Html(line) => block.push_str(line),
                Event::End(TagEnd::HtmlBlock) => {
                    html::each_anchor(&std::mem::take(&mut block), |id| self.take(id.to_owned()));
                }
                Event::InlineHtml(html) => html::each_anchor(html, |id| self.take(id.to_owned())),
                Event::Start(Tag::FootnoteDefinition(_)) => definitions += 1,
                Event::FootnoteReference(name) => {
                    let index = *by_name.entry(name).or_insert(references.len());
                    references.resize(references.len().max(index + 1), 0);
                    references[index] += 1;
                }
                _ => {}
            }
        }
        // A note that only a caption refers to comes last.
        (1..=definitions).for_each(|number| self.take(format!("fn-{number}")));
        for (number, count) in (1..).zip(references) {
            self.take(format!("fn-{number}"));
            (1..=count).for_each(|reference| self.take(reference_id(number, reference)));
        }
        // Ids in braces come last: they can be changed where the page has them already, the others cannot.
        for (event, _) in &events.list {
            if let Event::Start(Tag::Heading { id: Some(id), .. }) = event {
                self.expect(id);
            }
        }
        if events.list.iter().any(|(event, _)| matches!(event, Event::Start(Tag::DefinitionListTitle))) {
            let headings = events
                .list
                .iter()
                .enumerate()
                .filter(|(_, (event, _))| matches!(event, Event::Start(Tag::Heading { id: None, .. })));
            self.of_headings =
                headings.map(|(at, _)| anchor_of(&events.plain_text(at + 1..events.ends[at]))).collect();
        }
        for id in events.images.values().filter_map(|image| image.id.as_deref()) {
            self.expect(id);
        }
    }

    /// Whether a heading makes this anchor of its words.
    pub(super) fn is_of_heading(&self, anchor: &str) -> bool {
        self.of_headings.contains(anchor)
    }

    fn expect(&mut self, id: &str) {
        let id = nfc(id).into_owned();
        if !self.taken.contains_key(&id) {
            self.given.insert(id.clone());
        }
        self.take(id);
    }

    fn take(&mut self, id: String) {
        self.taken.entry(id).or_insert(1);
    }

    /// An id that is given in the text: `None` if the page has it already.
    pub(super) fn given(&mut self, id: &str) -> Option<String> {
        self.given.take(&*nfc(id))
    }

    /// An id that is made: the anchor itself, or with the first number behind it that makes it new.
    pub(super) fn unique(&mut self, anchor: String) -> String {
        let Some(&last) = self.taken.get(&anchor) else {
            self.taken.insert(anchor.clone(), 1);
            return anchor;
        };
        let mut number = last + 1;
        while self.taken.contains_key(&format!("{anchor}-{number}")) {
            number += 1;
        }
        self.taken.insert(anchor.clone(), number);
        let unique = format!("{anchor}-{number}");
        self.taken.insert(unique.clone(), 1);
        unique
    }
}
