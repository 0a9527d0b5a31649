//! The settings of a new site, as far as the old blog tells them.

use std::collections::HashSet;
use std::fmt::Write as _;

use super::account::Account;
use super::model::{AuthorFact, BlogFacts, MarkdownSettings, RedirectFact, Survey, TermFact, TermKind};
use super::site_files::SiteFolder;
use super::toml_text::{TomlLines, string};
use crate::config::redirects::RedirectSource;
use crate::config::terms::Taxonomy;
use crate::config::{Config, is_language_tag};
use crate::path::{has_scheme, percent_decode};
use crate::post::slug::term_slug;

/// The file of settings.
pub(super) fn text(survey: &Survey, redirects: &[RedirectFact]) -> String {
    let blog = &survey.blog;
    let mut lines = TomlLines::default();
    lines.text.push_str("# Made by `backmatter import` from what the old blog says of itself.\n");
    lines.text("title", &blog.title);
    lines.text("description", &blog.description);
    lines.text("base_url", &blog.base_url);
    lines.text("language", if is_language_tag(&blog.language) { &blog.language } else { "" });
    lines.text("timezone", &blog.timezone);
    lines.text("permalink", &blog.permalink);
    lines.text("copyright", &blog.copyright);
    let mut text = lines.text;
    if let Some(author) = &blog.author {
        let _ = write!(text, "\n[author]\nname = {}\n", string(author));
    }
    for entry in &blog.menu {
        let _ = write!(text, "\n[[menu]]\nname = {}\nurl = {}\n", string(&entry.name), string(&entry.url));
    }
    let folders =
        [("tags", &blog.tag_folder), ("categories", &blog.category_folder), ("authors", &blog.author_folder)];
    let mut folders = folders.into_iter().filter(|(_, folder)| !folder.is_empty()).peekable();
    if folders.peek().is_some() {
        text.push_str("\n[paths]\n");
    }
    for (key, folder) in folders {
        let _ = writeln!(text, "{key} = {}", string(folder));
    }
    write_markdown_settings(blog.markdown, &mut text);
    for term in blog.terms.iter().filter(|term| term.is_used) {
        write_term(blog, term, &mut text);
    }
    for author in &blog.authors {
        write_author(author, &mut text);
    }
    for redirect in redirects {
        write_redirect(redirect, &mut text);
    }
    text
}

/// Lines for settings that are there already: terms of the old blog that they lack, and these redirects.
pub(super) fn missing(config: &Config, survey: &Survey, redirects: &[RedirectFact]) -> String {
    let mut text = String::new();
    for term in survey.blog.terms.iter().filter(|term| term.is_used) {
        let taxonomy = match term.kind {
            TermKind::Tag => Taxonomy::Tags,
            TermKind::Category => Taxonomy::Categories,
        };
        if config.terms.get(taxonomy, &term.name).is_none() {
            write_term(&survey.blog, term, &mut text);
        }
    }
    for author in survey.blog.authors.iter().filter(|author| config.authors.get(&author.name).is_none()) {
        write_author(author, &mut text);
    }
    for redirect in redirects {
        write_redirect(redirect, &mut text);
    }
    text
}

/// Takes the redirects that settings have out of a list; those that are left they lack.
pub(super) fn take_known(config: &Config, redirects: &mut Vec<RedirectFact>) -> Vec<RedirectFact> {
    let known: HashSet<&RedirectSource> = config.redirects.iter().map(|known| &known.from).collect();
    let is_known = |redirect: &RedirectFact| {
        RedirectSource::parse(&redirect.from).is_ok_and(|from| known.contains(&from))
    };
    redirects.extract_if(.., |redirect| is_known(redirect)).collect()
}

fn write_redirect(redirect: &RedirectFact, text: &mut String) {
    let (from, to) = (string(&redirect.from), string(&redirect.to));
    let _ = write!(text, "\n[[redirects]]\nfrom = {from}\nto = {to}\n");
}

/// How Markdown is read, where it is not as usual.
fn write_markdown_settings(markdown: MarkdownSettings, text: &mut String) {
    let usual = MarkdownSettings::default();
    if markdown == usual {
        return;
    }
    text.push_str("\n[markdown]\n");
    for (key, value, usual) in [
        ("smart_punctuation", markdown.smart_punctuation, usual.smart_punctuation),
        ("math", markdown.math, usual.math),
        ("autolink", markdown.autolink, usual.autolink),
    ] {
        if value != usual {
            let _ = writeln!(text, "{key} = {value}");
        }
    }
}

/// What is to be said of a term, if anything is: a slug that is not made of its name, what stands above it, a description.
fn write_term(blog: &BlogFacts, term: &TermFact, text: &mut String) {
    let parent = blog.terms_above(term).first().map(|above| above.name.clone()).unwrap_or_default();
    let slug = if term_slug(&term.name) == term.slug { "" } else { &term.slug };
    if slug.is_empty() && parent.is_empty() && term.description.is_empty() {
        return;
    }
    let taxonomy = match term.kind {
        TermKind::Tag => "tags",
        TermKind::Category => "categories",
    };
    let _ = write!(text, "\n[[terms]]\nname = {}\ntaxonomy = \"{taxonomy}\"\n", string(&term.name));
    for (key, value) in [("slug", slug), ("parent", &parent), ("description", &term.description)] {
        if !value.is_empty() {
            let _ = writeln!(text, "{key} = {}", string(value));
        }
    }
}

/// What is to be said of an author, if anything is.
fn write_author(author: &AuthorFact, text: &mut String) {
    let slug = if term_slug(&author.name) == author.slug { "" } else { &author.slug };
    let said = [
        ("slug", slug),
        ("url", &author.url),
        ("photo", &author.photo),
        ("description", &author.description),
    ];
    if said.iter().all(|(_, value)| value.is_empty()) {
        return;
    }
    let _ = write!(text, "\n[[authors]]\nname = {}\n", string(&author.name));
    for (key, value) in said.into_iter().filter(|(_, value)| !value.is_empty()) {
        let _ = writeln!(text, "{key} = {}", string(value));
    }
}

/// Old addresses that every blog of WordPress has, and what is nearest to them.
const USUAL: [(&str, &str); 15] = [
    ("/feed/", "/rss.xml"),
    ("/feed/atom/", "/atom.xml"),
    ("/?feed=rss2", "/rss.xml"),
    ("/?feed=atom", "/atom.xml"),
    ("/wp-rss2.php", "/rss.xml"),
    ("/comments/feed/", "/rss.xml"),
    ("/*/feed/", "/rss.xml"),
    ("/page/*", "/"),
    ("/author/*", "/"),
    ("/*/page/:number/", "/*/"),
    ("/*/amp/", "/*/"),
    ("/*/embed/", "/*/"),
    ("/*/trackback/", "/*/"),
    ("/wp-sitemap.xml", "/sitemap.xml"),
    ("/sitemap_index.xml", "/sitemap.xml"),
];

/// The redirects of the old blog that lead to something: a file that was copied, an entry that was written.
pub(super) fn redirects(survey: &mut Survey, account: &Account, site: &SiteFolder) -> Vec<RedirectFact> {
    let short = survey.short_addresses.iter().filter_map(|short| {
        let to = percent_decode(&survey.book.answer("/", &format!("p={}", short.id))?);
        Some(RedirectFact { from: format!("/?{}={}", short.query, short.id), to })
    });
    let mut redirects: Vec<RedirectFact> = std::mem::take(&mut survey.redirects)
        .into_iter()
        .chain(short)
        .filter(|redirect| {
            let is_page = redirect.to.ends_with('/') || redirect.to.ends_with(".html");
            let is_feed =
                ["/rss.xml", "/atom.xml", "/feed.json"].iter().any(|feed| redirect.to.ends_with(feed));
            is_page || is_feed || has_scheme(&redirect.to) || site.has(&format!("static{}", redirect.to))
        })
        .filter(|redirect| redirect.from != redirect.to)
        // What is there answers by itself.
        .filter(|redirect| {
            let is_there = !redirect.from.contains('?') && account.addresses.new.answers(&redirect.from);
            redirect.is_pattern()
                || (!is_there && !site.has(&format!("static{}", percent_decode(&redirect.from))))
        })
        .collect();
    redirects.sort();
    redirects.dedup_by(|a, b| a.from == b.from);
    if survey.blog.has_wordpress_feeds && account.addresses.kept > 0 {
        redirects.extend(USUAL.iter().map(|(from, to)| RedirectFact::of_pattern(from, to)));
    }
    redirects
}
