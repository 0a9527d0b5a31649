//! `posts.xml`, in the form of the first API: an element for each part of a post, named after its type.

use std::io::{self, Read};

use super::shape::{ChatLine, Photo, answer, chat, medium, photos, quote, with_paragraphs};
use super::{PostSink, TumblrBlog, TumblrPost};
use crate::error::{Error, Result};
use crate::html::escape;
use crate::import::account::Account;
use crate::import::export_files::ExportFile;
use crate::import::xml::{SectionEnd, XmlError, XmlReader, XmlTag, XmlToken};

/// The parts of a post.
#[derive(Default)]
struct XmlParts {
    texts: Vec<XmlPart>,
    tags: Vec<String>,
    photos: Vec<Photo>,
    lines: Vec<ChatLine>,
    is_cut: bool,
}

struct XmlPart {
    name: String,
    text: String,
}

impl XmlParts {
    fn get(&self, name: &str) -> &str {
        self.texts.iter().find(|part| part.name == name).map_or("", |part| part.text.as_str())
    }
}

/// Reads the posts of a file.
pub(super) fn read(file: &ExportFile, account: &mut Account, sink: &mut PostSink<'_>) -> Result<TumblrBlog> {
    let mut xml = XmlReader::open(file.open()?, "tumblr").map_err(|error| {
        let reason = match error {
            XmlError::Io(error) => return Error::io("read", file.path())(error),
            XmlError::NoRoot => "this is not an export of Tumblr: it has no `<tumblr>`",
            XmlError::HasDoctype => "it has a document type declaration, which no export of Tumblr has",
        };
        Error::Argument { given: file.name().to_owned(), reason: reason.to_owned() }
    })?;
    let mut blog = TumblrBlog::default();
    loop {
        match xml.next().map_err(Error::io("read", file.path()))? {
            XmlToken::EndOfFile => break,
            XmlToken::Start(tag) if tag.name == "tumblelog" => {
                let of = |name: &str| tag.attribute(name).unwrap_or_default().to_owned();
                let host =
                    if of("cname").is_empty() { format!("{}.tumblr.com", of("name")) } else { of("cname") };
                blog.url = if of("name").is_empty() && of("cname").is_empty() {
                    String::new()
                } else {
                    format!("https://{host}")
                };
                blog.title = of("title");
                blog.timezone = of("timezone");
                blog.description =
                    xml.text(&tag, SectionEnd::First).map_err(Error::io("read", file.path()))?.text;
            }
            XmlToken::Start(tag) if tag.name == "post" => {
                let parts = parts(&mut xml, &tag).map_err(Error::io("read", file.path()))?;
                account.is_cut |= parts.is_cut;
                sink(post(&tag, parts), account)?;
            }
            _ => {}
        }
    }
    account.mended(file.name(), xml.mended());
    Ok(blog)
}

fn parts(xml: &mut XmlReader<Box<dyn Read>>, start: &XmlTag) -> io::Result<XmlParts> {
    let mut parts = XmlParts::default();
    if start.is_empty {
        return Ok(parts);
    }
    let mut is_in_photoset = false;
    loop {
        let tag = match xml.next()? {
            XmlToken::EndOfFile => {
                parts.is_cut = true;
                return Ok(parts);
            }
            XmlToken::End(name) if name == "post" => return Ok(parts),
            XmlToken::End(_) => continue,
            XmlToken::Start(tag) => tag,
        };
        match tag.name.as_str() {
            // What is in these is read element by element.
            "photoset" => {
                // The first picture stands before it as well.
                parts.photos.clear();
                is_in_photoset = true;
                continue;
            }
            "conversation" | "tumblelog" => continue,
            "photo" => {
                let caption = escape(tag.attribute("caption").unwrap_or_default());
                parts.photos.push(Photo { caption, ..Photo::default() });
                continue;
            }
            _ => {}
        }
        let text = xml.text(&tag, SectionEnd::BeforeTag)?;
        parts.is_cut |= text.is_cut;
        match tag.name.as_str() {
            "tag" => parts.tags.push(text.text.trim().to_owned()),
            "photo-url" => {
                if parts.photos.is_empty() {
                    parts.photos.push(Photo::default());
                }
                // The sizes of a picture stand in a row, the largest first.
                if let Some(photo) = parts.photos.last_mut().filter(|photo| photo.source.is_empty()) {
                    text.text.trim().clone_into(&mut photo.source);
                }
            }
            "photo-link-url" => {
                if let Some(photo) = parts.photos.last_mut().filter(|_| !is_in_photoset) {
                    text.text.trim().clone_into(&mut photo.link);
                }
            }
            "line" => {
                let label = tag.attribute("label").or_else(|| tag.attribute("name")).unwrap_or_default();
                parts.lines.push(ChatLine { label: label.to_owned(), phrase: text.text });
            }
            _ => parts.texts.push(XmlPart { name: tag.name, text: text.text }),
        }
    }
}

fn post(tag: &XmlTag, parts: XmlParts) -> TumblrPost {
    let of = |name: &str| tag.attribute(name).unwrap_or_default();
    let moment =
        of("unix-timestamp").parse().ok().and_then(|seconds| chrono::DateTime::from_timestamp(seconds, 0));
    let written = of("date-gmt").trim_end_matches(" GMT");
    let moment = moment.or_else(|| {
        chrono::NaiveDateTime::parse_from_str(written, "%Y-%m-%d %H:%M:%S")
            .ok()
            .map(|moment| moment.and_utc())
    });
    let is_private = of("private") == "true";
    let slug = if of("slug").is_empty() { slug_of(of("url-with-slug")) } else { of("slug") };
    let mut post = TumblrPost {
        id: of("id").to_owned(),
        url: of("url").to_owned(),
        slug: slug.to_owned(),
        published: moment,
        state: if is_private { "private".to_owned() } else { of("state").to_owned() },
        tags: parts.tags.clone(),
        ..TumblrPost::default()
    };
    let get = |name: &str| parts.get(name);
    match of("type") {
        "photo" => post.body = photos(&parts.photos, get("photo-caption")),
        "quote" => post.body = quote(get("quote-text"), get("quote-source")),
        "link" => {
            post.title = get("link-text").to_owned();
            post.link = Some(get("link-url").trim().to_owned()).filter(|link| !link.is_empty());
            post.body = with_paragraphs(get("link-description"));
        }
        "conversation" | "chat" => {
            post.title = get("conversation-title").to_owned();
            post.body = chat(&parts.lines);
        }
        "audio" => {
            let named = [get("id3-title"), get("id3-artist"), get("id3-album")];
            let named: Vec<&str> = named.into_iter().filter(|name| !name.is_empty()).collect();
            let track = if named.is_empty() {
                String::new()
            } else {
                format!("<p>{}</p>", escape(&named.join(", ")))
            };
            post.body = medium("audio", "", get("audio-player")) + &track + get("audio-caption");
        }
        "video" => {
            let source = get("video-source").trim();
            // The source of an uploaded film is a list of its facts.
            let source = if source.starts_with("http") { source } else { "" };
            post.body = medium("video", source, get("video-player")) + get("video-caption");
        }
        "answer" => post.body = answer(get("question"), "", "", get("answer")),
        _ => {
            post.title = get("regular-title").to_owned();
            post.body = with_paragraphs(get("regular-body"));
        }
    }
    post
}

/// The slug at the end of an address.
fn slug_of(address: &str) -> &str {
    let below = address.split_once("/post/").map_or("", |(_, below)| below);
    below.split_once('/').map_or("", |(_, slug)| slug.trim_end_matches('/'))
}
