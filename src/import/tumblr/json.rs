//! Posts as the second API gives them: one, a list of them, or an answer of the API, in the old form with HTML or in blocks.

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::npf;
use super::shape::{ChatLine, Photo, answer, chat, medium, photos, quote, with_paragraphs};
use super::{PostSink, TumblrBlog, TumblrPost};
use crate::error::{Error, Result};
use crate::html::escape;
use crate::import::account::Account;
use crate::import::export_files::ExportFile;

/// Reads the posts of a file.
pub(super) fn read(
    text: &str,
    file: &ExportFile,
    account: &mut Account,
    sink: &mut PostSink<'_>,
) -> Result<TumblrBlog> {
    let whole: Value = serde_json::from_str(text).map_err(|error| Error::Argument {
        given: file.name().to_owned(),
        reason: format!("this is not JSON of Tumblr: {error}"),
    })?;
    let answer = if whole["response"].is_object() { &whole["response"] } else { &whole };
    let one = std::slice::from_ref(answer);
    let posts = answer["posts"].as_array().or_else(|| answer.as_array()).map_or(one, Vec::as_slice);
    let mut blog = blog(&answer["blog"]);
    for value in posts {
        blog.complete(self::blog(&value["blog"]));
        sink(post(value), account)?;
    }
    Ok(blog)
}

fn blog(value: &Value) -> TumblrBlog {
    TumblrBlog {
        title: text(value, "title"),
        description: text(value, "description"),
        timezone: text(value, "timezone"),
        url: text(value, "url"),
    }
}

pub(super) fn text(value: &Value, key: &str) -> String {
    value[key].as_str().unwrap_or_default().to_owned()
}

fn post(value: &Value) -> TumblrPost {
    let of = |key: &str| text(value, key);
    let id = value["id_string"]
        .as_str()
        .map_or_else(|| value["id"].to_string().trim_matches('"').to_owned(), str::to_owned);
    let tags = value["tags"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let mut post = TumblrPost {
        id: if id == "null" { String::new() } else { id },
        url: of("post_url"),
        slug: of("slug"),
        published: moment(value),
        state: of("state"),
        tags: tags.map(str::to_owned).collect(),
        title: escape(&of("title")),
        ..TumblrPost::default()
    };
    if value["content"].is_array() {
        post.body = npf::body(value);
        post.unknown_blocks = npf::unknown_kinds(value);
        return post;
    }
    let caption = of("caption");
    match value["type"].as_str().unwrap_or_default() {
        "photo" => post.body = photos(&photos_of(value), &caption),
        "quote" => post.body = quote(&of("text"), &of("source")),
        "link" => {
            post.link = Some(of("url")).filter(|link| !link.is_empty());
            post.body = with_paragraphs(&of("description"));
        }
        "chat" => {
            let lines = value["dialogue"].as_array().into_iter().flatten();
            let lines: Vec<ChatLine> = lines
                .map(|line| ChatLine { label: text(line, "label"), phrase: text(line, "phrase") })
                .collect();
            post.body = if lines.is_empty() { with_paragraphs(&escape(&of("body"))) } else { chat(&lines) };
        }
        "audio" => {
            let source =
                [of("audio_url"), of("audio_source_url")].into_iter().find(|source| !source.is_empty());
            let player = [of("player"), of("embed")].concat();
            let named = [of("track_name"), of("artist"), of("album")];
            let named: Vec<String> = named.into_iter().filter(|name| !name.is_empty()).collect();
            let track = if named.is_empty() {
                String::new()
            } else {
                format!("<p>{}</p>", escape(&named.join(", ")))
            };
            post.body = medium("audio", &source.unwrap_or_default(), &player) + &track + &caption;
        }
        "video" => {
            let source = [of("video_url"), of("permalink_url")].into_iter().find(|source| !source.is_empty());
            let players = value["player"].as_array().into_iter().flatten();
            let player = players.filter_map(|player| player["embed_code"].as_str()).next_back();
            post.body = medium("video", &source.unwrap_or_default(), player.unwrap_or_default()) + &caption;
        }
        "answer" => {
            let url = of("asking_url");
            post.body = answer(&of("question"), &of("asking_name"), &url, &of("answer"));
        }
        _ => post.body = with_paragraphs(&of("body")),
    }
    post
}

fn moment(value: &Value) -> Option<DateTime<Utc>> {
    let seconds = value["timestamp"].as_i64().and_then(|seconds| DateTime::from_timestamp(seconds, 0));
    seconds.or_else(|| {
        let written = value["date"].as_str()?.trim_end_matches(" GMT");
        chrono::NaiveDateTime::parse_from_str(written, "%Y-%m-%d %H:%M:%S")
            .ok()
            .map(|moment| moment.and_utc())
    })
}

fn photos_of(value: &Value) -> Vec<Photo> {
    let photos = value["photos"].as_array().into_iter().flatten();
    photos
        .map(|photo| Photo {
            source: text(&photo["original_size"], "url"),
            alt: text(photo, "alt_text"),
            caption: escape(photo["caption"].as_str().unwrap_or_default()),
            link: text(value, "link_url"),
        })
        .collect()
}
