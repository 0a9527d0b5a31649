//! Blocks: the comments of WordPress's editor (`<!-- wp:name {…} -->`) taken apart and shown.

use serde_json::Value;

use super::autop::autop;

/// What a block shows that is not stored in it.
pub(super) trait BlockContext {
    /// The content of a reusable block.
    fn reusable(&self, id: u64) -> Option<String>;
    /// Notes that a block was left out, and what it was.
    fn left_out(&mut self, what: &str);
}

/// How deep blocks may stand in each other: reusable ones may hold themselves.
const MAX_DEPTH: usize = 32;

/// A place in the text where a block begins or ends.
#[derive(Debug, PartialEq)]
struct Delimiter<'t> {
    /// Without `core/`.
    name: &'t str,
    attributes: &'t str,
    kind: DelimiterKind,
    start: usize,
    end: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum DelimiterKind {
    Open,
    Close,
    Void,
}

/// Whether a text has blocks, which turns paragraphs off for all of it.
pub(super) fn has_blocks(text: &str) -> bool {
    text.contains("<!-- wp:")
}

fn delimiters(text: &str) -> Vec<Delimiter<'_>> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(start) = text[at..].find("<!--").map(|start| at + start) {
        // Behind the marks of the start, whose dashes may be followed by `>`.
        let Some(length) = text[start + 4..].find("-->") else { break };
        let end = start + 4 + length + 3;
        at = end;
        let inner = text[start + 4..end - 3].trim();
        let (kind, inner) = match inner.strip_prefix("/wp:") {
            Some(inner) => (DelimiterKind::Close, inner),
            None => match inner.strip_prefix("wp:") {
                Some(inner) if inner.ends_with('/') => (DelimiterKind::Void, inner.trim_end_matches('/')),
                Some(inner) => (DelimiterKind::Open, inner),
                None => continue,
            },
        };
        let (name, attributes) = inner.trim().split_once(char::is_whitespace).unwrap_or((inner.trim(), ""));
        let name = name.strip_prefix("core/").unwrap_or(name);
        found.push(Delimiter { name, attributes: attributes.trim(), kind, start, end });
    }
    found
}

/// A block that is being put together.
struct OpenBlock<'t> {
    name: &'t str,
    attributes: Value,
    html: String,
}

/// The text with its blocks shown.
pub(super) fn show(text: &str, context: &mut dyn BlockContext, depth: usize) -> String {
    let mut out = String::with_capacity(text.len());
    let mut stack: Vec<OpenBlock<'_>> = Vec::new();
    let mut at = 0;
    for delimiter in delimiters(text) {
        let between = &text[at..delimiter.start];
        at = delimiter.end;
        match stack.last_mut() {
            Some(open) => open.html.push_str(between),
            None => out.push_str(&freeform(between)),
        }
        match delimiter.kind {
            DelimiterKind::Open => stack.push(OpenBlock {
                name: delimiter.name,
                attributes: serde_json::from_str(delimiter.attributes).unwrap_or(Value::Null),
                html: String::new(),
            }),
            DelimiterKind::Void => {
                let attributes = serde_json::from_str(delimiter.attributes).unwrap_or(Value::Null);
                let shown = without_content(delimiter.name, &attributes, context, depth);
                stack.last_mut().map_or(&mut out, |open| &mut open.html).push_str(&shown);
            }
            DelimiterKind::Close => {
                // One that was never opened is dropped; those that were not closed end with the one that holds them.
                let Some(position) = stack.iter().rposition(|open| open.name == delimiter.name) else {
                    continue;
                };
                while stack.len() > position {
                    close_last(&mut stack, &mut out, context, depth);
                }
            }
        }
    }
    if let Some(open) = stack.last_mut() {
        open.html.push_str(&text[at..]);
    } else {
        out.push_str(&freeform(&text[at..]));
    }
    while !stack.is_empty() {
        close_last(&mut stack, &mut out, context, depth);
    }
    out
}

fn close_last(
    stack: &mut Vec<OpenBlock<'_>>,
    out: &mut String,
    context: &mut dyn BlockContext,
    depth: usize,
) {
    let Some(block) = stack.pop() else { return };
    let shown = with_content(&block, context, depth);
    stack.last_mut().map_or(out, |open| &mut open.html).push_str(&shown);
}

/// Loose text between blocks. WordPress shows it without paragraphs; with them no word is another one.
fn freeform(text: &str) -> String {
    if text.trim().is_empty() { text.to_owned() } else { format!("\n{}\n", autop(text)) }
}

fn with_content(block: &OpenBlock<'_>, context: &mut dyn BlockContext, depth: usize) -> String {
    let html = &block.html;
    match block.name {
        "freeform" => autop(html),
        // Its shortcodes are shown with those of the whole text.
        "shortcode" => autop(html),
        "file" => without_second_link(html),
        "spacer" => String::new(),
        "cover" => with_background(html, &block.attributes),
        "block" => without_content(block.name, &block.attributes, context, depth),
        _ => with_code_options(html, &block.attributes),
    }
}

/// The picture behind a cover before its words. A fixed one, and those of old versions, are in a style sheet alone.
fn with_background(html: &str, attributes: &Value) -> String {
    let url = attributes["url"].as_str().filter(|url| !url.is_empty());
    match url {
        Some(url) if html.contains("background-image:") => {
            let alt = crate::html::escape(attributes["alt"].as_str().unwrap_or_default());
            format!("<p><img src=\"{}\" alt=\"{alt}\"></p>{html}", crate::html::escape(url))
        }
        _ => html.to_owned(),
    }
}

/// What blocks of highlighters keep in their attributes alone, as attributes of the code.
const CODE_OPTIONS: [(&str, &[&str]); 4] = [
    ("data-language", &["language", "lang"]),
    ("data-title", &["title"]),
    ("data-line", &["highlightLines"]),
    ("data-start", &["firstLineNumber", "startingLineNumber"]),
];

fn with_code_options(html: &str, attributes: &Value) -> String {
    let Some(pre) = html.find("<pre") else { return html.to_owned() };
    let mut options = String::new();
    for (option, keys) in CODE_OPTIONS {
        let value = keys.iter().find_map(|key| match &attributes[key] {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        });
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            options.push_str(&format!(" {option}=\"{}\"", crate::html::escape(&value)));
        }
    }
    let behind = pre + "<pre".len();
    format!("{}{options}{}", &html[..behind], &html[behind..])
}

/// A block of one comment: what it shows is stored elsewhere, or made by the server.
fn without_content(name: &str, attributes: &Value, context: &mut dyn BlockContext, depth: usize) -> String {
    match name {
        "block" => {
            let id = attributes["ref"].as_u64();
            let content = id.filter(|_| depth < MAX_DEPTH).and_then(|id| context.reusable(id));
            match content {
                Some(content) => show(&content, context, depth + 1),
                None => {
                    context.left_out("a reusable block that is not in the file");
                    String::new()
                }
            }
        }
        "more" => "<!--more-->".to_owned(),
        "nextpage" => "<!--nextpage-->".to_owned(),
        "separator" => "<hr>".to_owned(),
        "footnotes" => "<div class=\"wp-footnotes\"></div>".to_owned(),
        "spacer" => String::new(),
        "social-link" => social_link(attributes),
        "embed" | "video" | "audio" | "file" | "image" => {
            match attributes["url"].as_str().or_else(|| attributes["src"].as_str()) {
                Some(url) => format!("<p><a href=\"{0}\">{0}</a></p>", crate::html::escape(url)),
                None => String::new(),
            }
        }
        _ => {
            let words = stored_words(name, attributes);
            let what = format!("the block `{name}`, which stores nothing of what it shows");
            context.left_out(&what);
            // Some blocks of plugins keep their text in the attributes alone.
            words.iter().map(|text| format!("<p>{}</p>", crate::html::escape(text))).collect()
        }
    }
}

/// A link to a profile, by its label or the name of its service. WordPress shows none without an address.
fn social_link(attributes: &Value) -> String {
    let of = |key: &str| attributes[key].as_str().map(str::trim).filter(|text| !text.is_empty());
    let Some(url) = of("url") else { return String::new() };
    let service = match of("service").unwrap_or("link") {
        "chain" => "Link".to_owned(),
        "feed" => "RSS".to_owned(),
        "github" => "GitHub".to_owned(),
        "linkedin" => "LinkedIn".to_owned(),
        "soundcloud" => "SoundCloud".to_owned(),
        "tiktok" => "TikTok".to_owned(),
        "wordpress" => "WordPress".to_owned(),
        "youtube" => "YouTube".to_owned(),
        service => {
            let (first, rest) = service.split_at(service.chars().next().map_or(0, char::len_utf8));
            format!("{}{rest}", first.to_uppercase())
        }
    };
    // WordPress makes addresses of bare hosts and mail addresses.
    let url = match url {
        url if url.contains("://") || url.starts_with("mailto:") => url.to_owned(),
        url if url.contains('@') && !url.contains('/') => format!("mailto:{url}"),
        url => format!("https://{}", url.trim_start_matches("//")),
    };
    let label = of("label").map_or(service, str::to_owned);
    format!("<li><a href=\"{}\">{}</a></li>", crate::html::escape(&url), crate::html::escape(&label))
}

/// Texts of several words in the attributes of a block, those of a plugin at any depth: ACF keeps them in `data`.
fn stored_words(name: &str, attributes: &Value) -> Vec<String> {
    const TEXTS: [&str; 8] =
        ["content", "text", "title", "caption", "description", "message", "heading", "body"];
    let mut found = Vec::new();
    let Some(fields) = attributes.as_object() else { return found };
    for (key, value) in fields {
        let is_nested = name.contains('/') && (value.is_object() || value.is_array());
        if TEXTS.contains(&key.as_str()) || is_nested {
            collect_words(key, value, 0, &mut found);
        }
    }
    found
}

fn collect_words(key: &str, value: &Value, depth: usize, found: &mut Vec<String>) {
    const NO_TEXT: [&str; 6] = ["style", "className", "class", "css", "svg", "query"];
    // ACF repeats each field as `_field` with its own key.
    if depth > MAX_DEPTH || key.starts_with('_') || NO_TEXT.contains(&key) {
        return;
    }
    match value {
        Value::String(text) if text.trim().contains(' ') && !found.contains(text) => found.push(text.clone()),
        Value::Array(values) => values.iter().for_each(|value| collect_words("", value, depth + 1, found)),
        Value::Object(fields) => {
            fields.iter().for_each(|(key, value)| collect_words(key, value, depth + 1, found));
        }
        _ => {}
    }
}

/// The block for a file ends with a button that says the same again.
fn without_second_link(html: &str) -> String {
    let Some(button) = html.find("wp-block-file__button") else { return html.to_owned() };
    let Some(start) = html[..button].rfind("<a ") else { return html.to_owned() };
    let Some(end) = html[start..].find("</a>") else { return html.to_owned() };
    // The button described itself by the first link.
    let first = html[..start].replace(" id=\"wp-block-file--media-", " data-id=\"");
    format!("{first}{}", &html[start + end + 4..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Default)]
    struct Blog {
        left_out: Vec<String>,
    }

    impl BlockContext for Blog {
        fn reusable(&self, id: u64) -> Option<String> {
            match id {
                1 => Some("<!-- wp:paragraph --><p>kept</p><!-- /wp:paragraph -->".to_owned()),
                2 => Some("<!-- wp:block {\"ref\":2} /-->again".to_owned()),
                _ => None,
            }
        }

        fn left_out(&mut self, what: &str) {
            self.left_out.push(what.to_owned());
        }
    }

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(show(text, &mut Blog::default(), 0), expected);
    }

    #[test]
    fn blocks_show_what_they_hold() {
        check(
            "<!-- wp:a {\"x\":1} --><p>one</p><!-- wp:core/b --><i>two</i><!-- /wp:b --><!-- /wp:a -->",
            "<p>one</p><i>two</i>",
        );
        check("<!-- wp:block {\"ref\":1} /-->", "<p>kept</p>");
        check("a\nb<!-- wp:separator /-->", "\n<p>a<br />\nb</p>\n\n<hr>");
        check("<!-- wp:a -->never closed", "never closed");
        check("<!-- wp:a -->x<!-->y<!--->z<!-- /wp:a -->", "x<!-->y<!--->z");
        check("<!-- /wp:a --><!-- wp:spacer --><div></div><!-- /wp:spacer -->", "");
    }

    #[test]
    fn what_stands_in_attributes_alone_is_shown() {
        check(
            "<!-- wp:cover {\"url\":\"/a.jpg\",\"alt\":\"A\"} --><div style=\"background-image:url(/a.jpg)\"><p>Over</p></div><!-- /wp:cover -->",
            "<p><img src=\"/a.jpg\" alt=\"A\"></p><div style=\"background-image:url(/a.jpg)\"><p>Over</p></div>",
        );
        check(
            "<!-- wp:cover {\"url\":\"/a.jpg\"} --><div><img src=\"/a.jpg\"/></div><!-- /wp:cover -->",
            "<div><img src=\"/a.jpg\"/></div>",
        );
        check(
            "<!-- wp:syntaxhighlighter/code {\"language\":\"php\",\"firstLineNumber\":7,\"highlightLines\":\"2,4-5\"} --><pre class=\"a\">x</pre><!-- /wp:syntaxhighlighter/code -->",
            "<pre data-language=\"php\" data-line=\"2,4-5\" data-start=\"7\" class=\"a\">x</pre>",
        );
    }

    #[test]
    fn what_shows_nothing_is_named_and_loops_end() {
        let mut blog = Blog::default();
        let shown = show("<!-- wp:latest-posts {\"a\":1} /--><!-- wp:block {\"ref\":9} /-->", &mut blog, 0);
        assert_eq!((shown.as_str(), blog.left_out.len()), ("", 2));
        assert!(show("<!-- wp:block {\"ref\":2} /-->", &mut blog, 0).contains("again"));
        check("<!-- wp:x/y {\"text\":\"words of a plugin\"} /-->", "<p>words of a plugin</p>");
        check(
            "<!-- wp:social-links --><ul class=\"wp-block-social-links\"><!-- wp:social-link {\"url\":\"https://social.example/@ida\",\"service\":\"mastodon\"} /--><!-- wp:social-link {\"url\":\"ida@mail.example\",\"service\":\"mail\",\"label\":\"Write\"} /--><!-- wp:social-link {\"service\":\"github\"} /--></ul><!-- /wp:social-links -->",
            "<ul class=\"wp-block-social-links\"><li><a href=\"https://social.example/@ida\">Mastodon</a></li><li><a href=\"mailto:ida@mail.example\">Write</a></li></ul>",
        );
        check(
            "<!-- wp:acf/card {\"data\":{\"heading\":\"A card\",\"_heading\":\"field a\",\"rows\":[\"one row\"]},\"style\":{\"a\":\"b c\"}} /-->",
            "<p>A card</p><p>one row</p>",
        );
    }
}
