//! The words of a post, by what they are in it.

use std::collections::BTreeSet;

use chrono::Datelike;

use crate::config::Config;
use crate::html::{self, Tags};
use crate::post::Post;
use crate::post::markdown::{Body, Fill};
use crate::search::tokenizer::{TextToken, Tokenizer};
use crate::site::taxonomy::authors_of;

/// What words are in a post, and how much they weigh: tenths of a word of the author's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Field {
    Title,
    /// Tags, categories and series, and the authors that the post itself names.
    Term,
    Heading,
    /// The author's own words.
    Own,
    /// Who wrote the quoted words, and where.
    Source,
    Quoted,
    Code,
}

impl Field {
    /// How much a word in it weighs.
    pub(super) fn weight(self) -> u32 {
        match self {
            Self::Title => 50,
            Self::Term => 30,
            Self::Heading | Self::Source => 20,
            Self::Own => 10,
            Self::Quoted => 6,
            Self::Code => 5,
        }
    }
}

/// Words that stand together.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Passage {
    pub(super) field: Field,
    pub(super) text: String,
}

/// The words of a post, in order.
pub(super) fn passages(post: &Post, body: &Body) -> Vec<Passage> {
    let title = Passage { field: Field::Title, text: post.title.clone() };
    let mut reader = BodyReader { passages: vec![title], fields: Vec::new(), text: String::new() };
    let mut from = 0;
    for tag in Tags::of(&body.html) {
        if tag.start > from {
            reader.text.push_str(&body.html[from..tag.start]);
        }
        from = tag.end;
        let tag = &body.html[tag];
        reader.tag(tag);
        if let Some(name) = html::raw_text_element(tag) {
            // What a script or a style says is not text.
            let rest = &body.html[from..];
            from += html::find_end_tag(rest, name).unwrap_or(rest.len());
        }
    }
    reader.text.push_str(&body.html[from..]);
    reader.end_passage();
    let BodyReader { mut passages, .. } = reader;
    let code = body.code().map(|block| Passage { field: Field::Code, text: block.code.clone() });
    passages.extend(code);
    let pictures = body.holes.iter().filter_map(|hole| match &hole.fill {
        Fill::Picture(picture) => html::attribute(&picture.tag("", None, ""), "alt"),
        _ => None,
    });
    passages.extend(pictures.map(|text| Passage { field: Field::Own, text }));
    let names = post.front.tags.iter().chain(&post.front.categories).chain(&post.front.series);
    let authors = post.front.authors.iter().map(|author| &author.name);
    passages.extend(names.chain(authors).map(|name| Passage { field: Field::Term, text: name.clone() }));
    passages
}

/// Reads a body tag by tag.
struct BodyReader {
    passages: Vec<Passage>,
    /// The elements around that say what the words are, and what they say.
    fields: Vec<(&'static str, Field)>,
    /// The passage so far, with character references.
    text: String,
}

/// Elements that say what the words in them are.
const ELEMENTS: [&str; 9] = ["figure", "figcaption", "blockquote", "h1", "h2", "h3", "h4", "h5", "h6"];

impl BodyReader {
    fn field(&self) -> Field {
        self.fields.last().map_or(Field::Own, |(_, field)| *field)
    }

    fn tag(&mut self, tag: &str) {
        if html::is_start_tag(tag, "img") {
            self.text.push(' ');
            self.text.push_str(&html::attribute(tag, "alt").unwrap_or_default());
        }
        if html::separates_words(tag) {
            self.text.push(' ');
        }
        if let Some(&name) = ELEMENTS.iter().find(|name| html::is_start_tag(tag, name)) {
            self.end_passage();
            let field = self.field_of(name, tag);
            self.fields.push((name, field));
        } else if let Some(end) = tag.strip_prefix("</") {
            let name = end.trim_end_matches('>').trim_end();
            if let Some(at) = self.fields.iter().rposition(|(open, _)| open.eq_ignore_ascii_case(name)) {
                self.end_passage();
                self.fields.truncate(at);
            }
        }
    }

    fn field_of(&self, name: &str, tag: &str) -> Field {
        match name {
            "blockquote" => Field::Quoted,
            // Until its words begin, a quote is its source.
            "figure"
                if html::attribute(tag, "class")
                    .is_some_and(|class| class.split(' ').any(|class| class == "quote")) =>
            {
                Field::Source
            }
            "figure" | "figcaption" => self.field(),
            _ => Field::Heading,
        }
    }

    fn end_passage(&mut self) {
        if !self.text.trim().is_empty() {
            let text = html::decode_references(&self.text).into_owned();
            self.passages.push(Passage { field: self.field(), text });
        }
        self.text.clear();
    }
}

/// Stands before a term that a filter asks for. No word has it.
const FILTER: char = '\u{1}';

/// What the filters of a query may ask of a post, as terms.
pub(super) fn filters(post: &Post, config: &Config) -> BTreeSet<String> {
    let mut filters = BTreeSet::new();
    let names = post.front.tags.iter().chain(&post.front.categories).chain(&post.front.series);
    filters.extend(names.map(|name| filter("tag", &folded_words(name))));
    if !post.quotes.is_empty() {
        filters.insert(filter("is", &["quote".to_owned()]));
    }
    for author in authors_of(config, post) {
        filters.extend(filters_of_name("by", &author.name));
    }
    for quote in &post.quotes {
        let address = url::Url::parse(&quote.source.url).ok();
        let host = address.as_ref().and_then(|url| url.host_str()).filter(|host| *host != config.host());
        let host = host.unwrap_or_default();
        for name in [quote.source.publication.as_str(), host.strip_prefix("www.").unwrap_or(host)] {
            filters.extend(filters_of_name("from", name));
        }
    }
    filters.extend(post.date.map(|date| filter("year", &[date.day().year().to_string()])));
    filters.retain(|filter| !filter.ends_with(':'));
    filters
}

/// A person and a publication are asked for by a word of their name as well.
fn filters_of_name(key: &str, name: &str) -> Vec<String> {
    let words = folded_words(name);
    let mut filters = vec![filter(key, &words)];
    filters.extend(words.iter().map(|word| filter(key, std::slice::from_ref(word))));
    filters
}

fn filter(key: &str, words: &[String]) -> String {
    format!("{FILTER}{key}:{}", words.join(" "))
}

/// The words of a name, without the letters of any language.
fn folded_words(name: &str) -> Vec<String> {
    let mut words = Vec::new();
    Tokenizer::new("").read(name, &mut |token: TextToken<'_>| words.push(token.term.to_owned()));
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::path::SourcePath;
    use crate::post;

    fn parsed(text: &str) -> (Post, Body) {
        let (config, _) = Config::parse("base_url = \"https://blog.example\"");
        let path = SourcePath::new("content/2026/a.md").unwrap();
        post::parse(&path, text, &config).post.unwrap()
    }

    const QUOTE: &str = "+++\ntitle = \"Of boats\"\ndate = 2026-03-04\ntags = [\"Night buses\"]\n+++\nMy own w*o*rds &amp; more.\n\n\
        ## A heading\n\n> Their words.\n>\n> — Jane Doe, [A letter](https://www.gazette.example/a), *The Gazette*, 3 March 2026\n\n\
        ```rust\nlet x = 1;\n```\n\n![A harbour](h.png)\n\n<script>no()</script>\n";

    #[test]
    fn words_are_told_by_what_they_are() {
        let (post, body) = parsed(QUOTE);
        let passages = passages(&post, &body);
        let of = |field| {
            let own = passages.iter().filter(|passage| passage.field == field);
            html::fold_white_space(&own.map(|passage| passage.text.as_str()).collect::<Vec<_>>().join(" / "))
        };
        assert_eq!(of(Field::Title), "Of boats");
        assert_eq!(of(Field::Heading), "A heading #");
        assert_eq!(of(Field::Quoted), "Their words.");
        assert!(of(Field::Source).starts_with("Jane Doe"), "{}", of(Field::Source));
        assert!(of(Field::Source).contains("The Gazette"), "{}", of(Field::Source));
        assert_eq!(of(Field::Code), "let x = 1;");
        assert_eq!(of(Field::Term), "Night buses");
        assert_eq!(of(Field::Own), "My own words & more. / A harbour");
    }

    #[test]
    fn authors_are_found_where_the_post_names_them() {
        let (post, body) = parsed("+++\ntitle = \"A\"\nauthors = [\"Ben Ode\"]\n+++\nWords.\n");
        let names = Passage { field: Field::Term, text: "Ben Ode".to_owned() };
        assert!(passages(&post, &body).contains(&names));
        let (config, _) = Config::parse("base_url = \"https://blog.example\"\nauthor = \"Jane Doe\"");
        let filters = filters(&post, &config);
        assert!(filters.contains("\u{1}by:ben ode") && !filters.contains("\u{1}by:jane"), "{filters:?}");
    }

    #[test]
    fn filters_are_names_in_folded_words() {
        let (post, _) = parsed(QUOTE);
        let (config, _) = Config::parse("base_url = \"https://blog.example\"\nauthor = \"Jane Doe\"");
        let filters: Vec<String> = filters(&post, &config).into_iter().collect();
        let wanted = [
            "by:doe",
            "by:jane",
            "by:jane doe",
            "from:example",
            "from:gazette",
            "from:gazette example",
            "from:the",
            "from:the gazette",
            "is:quote",
            "tag:night buses",
            "year:2026",
        ];
        assert_eq!(filters, wanted.map(|filter| format!("\u{1}{filter}")));
    }
}
