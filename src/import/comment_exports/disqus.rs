//! Disqus: its export in XML, with the threads of a forum and the posts of each, which are comments.

use std::collections::HashMap;
use std::io::{self, Read};

use chrono::NaiveDateTime;
use url::Url;

use super::CommentThread;
use crate::error::{Error, Result};
use crate::import::account::Account;
use crate::import::export_files::ExportFile;
use crate::import::html_tree::{self, HtmlNode};
use crate::import::model::{ImportedResponse, ResponseState};
use crate::import::xml::{SectionEnd, XmlError, XmlReader, XmlTag, XmlToken};

/// A thread or a post of the file, as its elements.
#[derive(Debug, Default)]
struct DisqusRecord {
    /// The number that Disqus gave it.
    number: String,
    /// The name that the blog gave it.
    id: String,
    link: String,
    title: String,
    message: String,
    created: String,
    author: String,
    thread: DisqusReference,
    parent: DisqusReference,
    is_deleted: bool,
    is_spam: bool,
    is_pending: bool,
    is_cut: bool,
}

/// A thread or a post that another one names: by the number of Disqus, or by the blog's own name.
#[derive(Debug, Default)]
struct DisqusReference {
    number: String,
    id: String,
}

/// The threads of exports.
pub(super) fn threads(files: &[ExportFile], account: &mut Account) -> Result<Vec<CommentThread>> {
    let mut found = DisqusThreads::default();
    for file in files {
        let mut xml = open(file)?;
        found.read(&mut xml, account).map_err(Error::io("read", file.path()))?;
        account.mended(file.name(), xml.mended());
    }
    Ok(found.finish(account))
}

fn open(file: &ExportFile) -> Result<XmlReader<Box<dyn Read>>> {
    XmlReader::open(file.open()?, "disqus").map_err(|error| {
        let reason = match error {
            XmlError::Io(error) => return Error::io("read", file.path())(error),
            XmlError::NoRoot => "this is not an export of Disqus: it has no `<disqus>`",
            XmlError::HasDoctype => "it has a document type declaration, which no export of Disqus has",
        };
        Error::Argument { given: file.name().to_owned(), reason: reason.to_owned() }
    })
}

#[derive(Default)]
struct DisqusThreads {
    threads: Vec<CommentThread>,
    by_number: HashMap<String, usize>,
    by_id: HashMap<String, usize>,
    /// Comments whose threads are not known yet.
    comments: Vec<DisqusRecord>,
}

impl DisqusThreads {
    fn read(&mut self, xml: &mut XmlReader<Box<dyn Read>>, account: &mut Account) -> io::Result<()> {
        loop {
            match xml.next()? {
                XmlToken::EndOfFile => return Ok(()),
                XmlToken::Start(tag) if tag.local_name() == "thread" => {
                    let thread = record(xml, &tag)?;
                    self.add_thread(thread, account);
                }
                XmlToken::Start(tag) if tag.local_name() == "post" => {
                    let comment = record(xml, &tag)?;
                    if comment.is_cut {
                        account.is_cut = true;
                        account.remark("the export ends in a comment", &comment.number);
                    }
                    self.comments.push(comment);
                }
                _ => {}
            }
        }
    }

    fn add_thread(&mut self, thread: DisqusRecord, account: &mut Account) {
        account.is_cut |= thread.is_cut;
        // The same thread in two files is one.
        if !thread.number.is_empty() && self.by_number.contains_key(&thread.number) {
            return;
        }
        let at = self.threads.len();
        self.by_number.insert(thread.number.clone(), at);
        if !thread.id.is_empty() {
            self.by_id.entry(thread.id.clone()).or_insert(at);
        }
        let called = if thread.title.is_empty() { &thread.link } else { &thread.title };
        let name = format!("thread {} “{}”", thread.number, crate::html::shorten(called, 60));
        let places = [thread.link, thread.id].into_iter().filter(|place| !place.is_empty()).collect();
        self.threads.push(CommentThread { name, places, comments: Vec::new() });
    }

    fn finish(mut self, account: &mut Account) -> Vec<CommentThread> {
        let numbers: HashMap<&str, &str> =
            self.comments.iter().map(|comment| (comment.id.as_str(), comment.number.as_str())).collect();
        let mut known = HashMap::new();
        for comment in &self.comments {
            let thread = &comment.thread;
            let at = self.by_number.get(&thread.number).or_else(|| self.by_id.get(&thread.id)).copied();
            let parent = match (comment.parent.number.as_str(), comment.parent.id.as_str()) {
                ("", "") => None,
                ("", id) => numbers.get(id).map(|number| (*number).to_owned()),
                (number, _) => Some(number.to_owned()),
            };
            // The same comment in two files is one.
            if known.insert(comment.number.clone(), ()).is_some() && !comment.number.is_empty() {
                continue;
            }
            let at = at.unwrap_or_else(|| {
                account.remark("comments on a thread that is not in the export", &thread.number);
                *self.by_number.entry(thread.number.clone()).or_insert_with(|| {
                    let name = format!("thread {}, which is not in the export", thread.number);
                    self.threads.push(CommentThread { name, places: Vec::new(), comments: Vec::new() });
                    self.threads.len() - 1
                })
            });
            self.threads[at].comments.push(comment.response(parent));
        }
        self.threads
    }
}

/// Reads a thread or a post up to its end.
fn record(xml: &mut XmlReader<Box<dyn Read>>, start: &XmlTag) -> io::Result<DisqusRecord> {
    let mut record = DisqusRecord { number: number(start), ..DisqusRecord::default() };
    if start.is_empty {
        return Ok(record);
    }
    let mut is_in_author = false;
    loop {
        let tag = match xml.next()? {
            XmlToken::EndOfFile => {
                record.is_cut = true;
                return Ok(record);
            }
            XmlToken::End(name) if name == start.name => return Ok(record),
            XmlToken::End(name) => {
                is_in_author &= crate::import::xml::local(&name) != "author";
                continue;
            }
            XmlToken::Start(tag) => tag,
        };
        if tag.local_name() == "author" {
            is_in_author = !tag.is_empty;
            continue;
        }
        let text = xml.text(&tag, SectionEnd::BeforeTag)?;
        record.is_cut |= text.is_cut;
        // Of an author only the name is taken: mail addresses are not looked at.
        match (is_in_author, tag.local_name()) {
            (true, "name") => text.text.trim().clone_into(&mut record.author),
            (true, _) => {}
            (false, _) => record.set(&tag, text.text),
        }
    }
}

/// The number in `dsq:id`.
fn number(tag: &XmlTag) -> String {
    tag.attribute("dsq:id").unwrap_or_default().trim().to_owned()
}

impl DisqusRecord {
    /// Takes an element.
    fn set(&mut self, tag: &XmlTag, text: String) {
        let trimmed = text.trim();
        match tag.local_name() {
            "id" => trimmed.clone_into(&mut self.id),
            "link" => trimmed.clone_into(&mut self.link),
            "title" => trimmed.clone_into(&mut self.title),
            "createdAt" => trimmed.clone_into(&mut self.created),
            "isDeleted" => self.is_deleted = trimmed == "true",
            "isSpam" => self.is_spam = trimmed == "true",
            "isApproved" => self.is_pending = trimmed == "false",
            "thread" => self.thread = DisqusReference { number: number(tag), id: trimmed.to_owned() },
            "parent" => self.parent = DisqusReference { number: number(tag), id: trimmed.to_owned() },
            "message" => self.message = text,
            _ => {}
        }
    }

    fn response(&self, parent: Option<String>) -> ImportedResponse {
        let id = if self.number.is_empty() { &self.id } else { &self.number };
        let state = if self.is_deleted || self.is_spam {
            ResponseState::Binned
        } else if self.is_pending {
            ResponseState::Held
        } else {
            ResponseState::Approved
        };
        ImportedResponse {
            parent,
            // The anchor that Disqus gave each comment.
            anchor: Some(format!("comment-{id}")),
            author: self.author.clone(),
            published: moment(&self.created),
            state,
            content: if state == ResponseState::Binned { String::new() } else { shown(&self.message) },
            ..ImportedResponse::comment(id)
        }
    }
}

/// `2012-12-12T12:12:12Z`, also without the letter at the end.
fn moment(written: &str) -> Option<String> {
    let read = NaiveDateTime::parse_from_str(written.trim_end_matches('Z'), "%Y-%m-%dT%H:%M:%S%.f").ok()?;
    Some(read.format("%Y-%m-%dT%H:%M:%SZ").to_string())
}

/// A message without the links by way of Disqus's own counter, and without its marks at names.
fn shown(message: &str) -> String {
    let Ok(mut nodes) = html_tree::parse(message) else { return message.to_owned() };
    direct(&mut nodes);
    html_tree::to_html(&nodes)
}

fn direct(nodes: &mut [HtmlNode]) {
    for node in nodes {
        match node {
            HtmlNode::Text(text) => {
                // `@name:disqus` was how a person was mentioned.
                if text.contains(":disqus") {
                    *text = text.replace(":disqus", "");
                }
            }
            HtmlNode::Element(element) => {
                if let Some(target) = element.attribute("href").and_then(target) {
                    element.set("href", &target);
                    // The words of a long address were cut.
                    let words = html_tree::text_of(&element.children);
                    let start = words.trim_end_matches(['.', '…']);
                    let bare = target.split_once("://").map_or(target.as_str(), |(_, rest)| rest);
                    let is_cut = start.len() < words.len() && !start.is_empty();
                    if is_cut && (target.starts_with(start) || bare.starts_with(start)) {
                        element.children = vec![HtmlNode::text(&target)];
                    }
                }
                direct(&mut element.children);
            }
            HtmlNode::Comment(_) => {}
        }
    }
}

/// Where a link by way of `disq.us` leads: `http://disq.us/url?url=https%3A%2F%2Fa.example%2F%3Ahash`.
fn target(href: &str) -> Option<String> {
    let url = Url::parse(href).ok()?;
    let is_counter =
        matches!(url.host_str(), Some("disq.us" | "redirect.disqus.com")) && url.path() == "/url";
    let written = url.query_pairs().find(|(name, _)| name == "url" && is_counter)?.1.into_owned();
    // A check sum stands behind the last colon.
    let target = match written.rsplit_once(':') {
        Some((target, check)) if target.contains("://") && !check.contains('/') => target.to_owned(),
        _ => written,
    };
    Url::parse(&target).ok().filter(|url| url.scheme().starts_with("http")).map(|_| target)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_lead_where_they_led() {
        for (href, expected) in [
            (
                "http://disq.us/url?url=https%3A%2F%2Fe.example%2Fa%3Fb%3D1%3AuBx4E-1&cuid=1",
                Some("https://e.example/a?b=1"),
            ),
            ("https://disq.us/url?url=http%3A%2F%2Fe.example%3Axyz", Some("http://e.example")),
            ("https://disq.us/url?url=javascript%3Aalert(1)", None),
            ("https://e.example/url?url=https%3A%2F%2Fo.example", None),
            ("/url?url=a", None),
        ] {
            assert_eq!(target(href).as_deref(), expected, "{href}");
        }
        assert_eq!(
            shown(
                "<p>@ann:disqus see <a href=\"http://disq.us/url?url=https%3A%2F%2Fe.example%2Flong%2Faddress%3Ah\">https://e.example/lo...</a></p>"
            ),
            "<p>@ann see <a href=\"https://e.example/long/address\">https://e.example/long/address</a></p>"
        );
    }
}
