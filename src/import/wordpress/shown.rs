//! What WordPress shows of a post: the filters of `the_content` in their order (wp-includes/default-filters.php, 6.1.9).

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;
use std::sync::LazyLock;

use regex::{Captures, Regex};

use super::autop::autop;
use super::blocks::{self, BlockContext};
use super::shortcodes::{self, Shortcode};
use super::texturize::{QuotationStyle, texturize};
use crate::html::escape;
use crate::import::formulas::FORMULA_CLASS;
use crate::import::xml::decode_entities;

/// An attachment, as galleries and players need it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Attachment {
    pub(super) id: u64,
    pub(super) url: String,
    pub(super) alt: String,
    /// HTML.
    pub(super) caption: String,
    pub(super) title: String,
    pub(super) parent: u64,
    pub(super) menu_order: i64,
}

impl Attachment {
    fn is_image(&self) -> bool {
        has_extension(
            &self.url,
            &["jpg", "jpeg", "png", "gif", "webp", "avif", "svg", "bmp", "ico", "jpe", "heic"],
        )
    }
}

fn has_extension(url: &str, extensions: &[&str]) -> bool {
    let path = url.split(['?', '#']).next().unwrap_or_default();
    path.rsplit_once('.')
        .is_some_and(|(_, extension)| extensions.iter().any(|known| extension.eq_ignore_ascii_case(known)))
}

/// What other items of the file say.
#[derive(Debug, Default)]
pub(super) struct ShownContext {
    pub(super) attachments: HashMap<u64, Attachment>,
    /// Ids of attachments by the post they were uploaded to, in the order in which a gallery has them.
    pub(super) uploaded_to: BTreeMap<u64, Vec<u64>>,
    /// Contents of reusable blocks.
    pub(super) reusable: HashMap<u64, String>,
    /// Whether another program wrote the export, whose texts are shown as they are.
    pub(super) is_plain_html: bool,
}

/// The text as HTML, and what is worth a line in the report.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct ShownBody {
    pub(super) html: String,
    pub(super) remarks: Vec<String>,
}

/// Shows the content of the post `id`.
pub(super) fn show(content: &str, id: u64, style: QuotationStyle, context: &ShownContext) -> ShownBody {
    let mut remarks = Vec::new();
    if context.is_plain_html {
        return ShownBody { html: content.to_owned(), remarks };
    }
    let text = without_builders(&content.replace("\r\n", "\n"), &mut remarks);
    let text = formulas(&code_shortcodes(&text));
    let text = shortcodes::replace(&text, &|name| name == "embed", &mut |found| {
        found.content.or(found.attribute("src")).map(|address| embedded(address.trim()))
    });
    let text = if blocks::has_blocks(&text) {
        let mut context = ShownBlocks { context, remarks: &mut remarks };
        let shown = blocks::show(&text, &mut context, 0);
        texturize(&shown, style, &is_known)
    } else {
        autop(&texturize(&text, style, &is_known))
    };
    let text = unwrap_shortcodes(&text);
    let text = with_notes(&text);
    for name in shortcodes::unknown(&text, &is_known) {
        remarks.push(format!("the shortcode `{name}` is kept as it is written"));
    }
    let text =
        shortcodes::replace(&text, &is_known, &mut |found| Some(shortcode(found, id, context, &mut remarks)));
    ShownBody { html: smilies(&with_capital_p(&text)), remarks }
}

/// Shortcodes that are shown.
fn is_known(name: &str) -> bool {
    matches!(
        name,
        "caption"
            | "wp_caption"
            | "gallery"
            | "playlist"
            | "audio"
            | "video"
            | "embed"
            | "youtube"
            | "vimeo"
            | "tweet"
            | "gist"
            | "soundcloud"
            | "dailymotion"
            | "instagram"
            | "spotify"
    ) || FORMS.contains(&name)
}

/// Shortcodes of plugins whose words are a note: Footnotes, Simple Footnotes, Modern Footnotes, Easy Footnotes.
const NOTES: [&str; 5] = ["footnote", "ref", "mfn", "fn", "efn_note"];
/// Where such a plugin puts all notes, which stand at the end here.
const NOTE_LISTS: [&str; 3] = ["footnotes", "reflist", "references"];

/// The notes of a text at its end, and their marks where they stood.
fn with_notes(text: &str) -> String {
    let mut notes: Vec<String> = Vec::new();
    let marked = with_note_shortcodes(text);
    let marked = shortcodes::replace(&marked, &|name| NOTES.contains(&name), &mut |found| {
        let note = found.content.map(str::trim).filter(|note| !note.is_empty())?;
        // What spans two paragraphs would leave both open.
        notes.push(note.replace("</p>\n<p>", "<br /><br />"));
        Some(format!("<sup class=\"footnote-ref\"><a href=\"#fn-{0}\">{0}</a></sup>", notes.len()))
    });
    // The block editor numbers its own notes, which are in a field.
    if notes.is_empty() || text.contains("data-fn=") {
        return text.to_owned();
    }
    let marked =
        shortcodes::replace(&marked, &|name| NOTE_LISTS.contains(&name), &mut |_| Some(String::new()));
    let items: String = notes.iter().map(|note| format!("<li><p>{note}</p></li>")).collect();
    format!("{marked}<div class=\"footnotes\"><ol>{items}</ol></div>")
}

/// Notes in double parentheses, as Footnotes and Footnotes Made Easy have them, as shortcodes. What may be arithmetic or a call
/// stays: `$((a + b))`, `f((x))`.
fn with_note_shortcodes(text: &str) -> String {
    if !text.contains("((") {
        return text.to_owned();
    }
    let hidden: Vec<Range<usize>> = TAGS.find_iter(text).map(|tag| tag.range()).collect();
    let is_shown = |at: usize| {
        let next = hidden.partition_point(|tag| tag.end <= at);
        hidden.get(next).is_none_or(|tag| at < tag.start)
    };
    let mut out = String::with_capacity(text.len());
    let mut done = 0;
    for (start, _) in text.match_indices("((") {
        if start < done || !is_shown(start) {
            continue;
        }
        let behind = start + 2;
        let end = text[behind..].match_indices("))").map(|(at, _)| behind + at).find(|at| is_shown(*at));
        if let Some(end) = end.filter(|end| is_note(&text[..start], &text[behind..*end])) {
            out.push_str(text[done..start].trim_end_matches(' '));
            out.push_str(&format!("[footnote]{}[/footnote]", text[behind..end].trim()));
            done = end + 2;
        }
    }
    out.push_str(&text[done..]);
    out
}

/// Whether words between double parentheses are a note, by what stands before them.
fn is_note(before: &str, inner: &str) -> bool {
    let follows_words = before.chars().next_back().is_none_or(|c| {
        c.is_alphanumeric()
            || c.is_whitespace()
            || matches!(c, '.' | ',' | ';' | ':' | '!' | '?' | '”' | '’' | '>' | ')')
    });
    let is_sentence = inner.split_whitespace().count() > 2 || inner.contains("<a ");
    let begins =
        inner.trim_start().starts_with(|c: char| c.is_alphanumeric() || matches!(c, '<' | '“' | '‘' | '"'));
    let is_within = ["<p", "</p", "((", "<div", "<li", "<td"].iter().all(|mark| !inner.contains(mark));
    follows_words && is_sentence && begins && is_within
}

/// Shortcodes of forms, which nothing answers on a static site.
const FORMS: [&str; 12] = [
    "contact-form-7",
    "contact-form",
    "contact-field",
    "wpforms",
    "gravityform",
    "gravityforms",
    "ninja_form",
    "ninja_forms",
    "formidable",
    "fluentform",
    "mc4wp_form",
    "forminator_form",
];

/// Shortcodes of code: those of SyntaxHighlighter and of WordPress.com.
const CODE: [&str; 6] = ["code", "sourcecode", "source", "cc", "crayon", "highlight"];
/// Languages that are shortcodes of SyntaxHighlighter by themselves.
const CODE_LANGUAGES: [&str; 24] = [
    "bash",
    "c",
    "cpp",
    "csharp",
    "css",
    "diff",
    "go",
    "html",
    "java",
    "javascript",
    "js",
    "matlab",
    "perl",
    "php",
    "powershell",
    "python",
    "py",
    "r",
    "ruby",
    "shell",
    "sql",
    "swift",
    "vb",
    "xml",
];

/// Code is taken out first, as everything else would change it.
fn code_shortcodes(text: &str) -> String {
    shortcodes::replace(text, &|name| CODE.contains(&name) || CODE_LANGUAGES.contains(&name), &mut |found| {
        // One without an end is a word in brackets.
        let code = decode_entities(found.content?);
        let code = code.trim_start_matches(['\r', '\n']).trim_end();
        let named = CODE_LANGUAGES.contains(&found.name).then_some(found.name);
        let language = found.attribute("language").or(found.attribute("lang")).or(named).unwrap_or_default();
        let mut class = String::new();
        if !language.is_empty() {
            class.push_str(&format!("brush: {language};"));
        }
        let first = found.attribute("firstline").filter(|first| *first != "1");
        for (name, value) in [
            ("title", found.attribute("title")),
            ("highlight", found.attribute("highlight")),
            ("first-line", first),
        ] {
            if let Some(value) = value.filter(|value| !value.is_empty()) {
                class.push_str(&format!(" {name}: {value};"));
            }
        }
        Some(format!(
            "\n\n<pre class=\"{}\">{}</pre>\n\n",
            escape(class.trim()),
            escape(code).replace('[', "&#91;")
        ))
    })
}

static FORMULA: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"\$latex[\s=]\s*([^$]+)\$|\[latex\](.*?)\[/latex\]").expect("the pattern is valid")
});

/// Formulas of WordPress.com and of plugins (`$latex x^2$`, `[latex]x^2[/latex]`), as code, which everything else leaves alone.
/// What they say of size and colour is left out (`&s=2`).
fn formulas(text: &str) -> String {
    if !text.contains("latex") {
        return text.to_owned();
    }
    let marked = FORMULA.replace_all(text, |found: &Captures<'_>| {
        let latex = decode_entities(found.get(1).or(found.get(2)).map_or("", |latex| latex.as_str()));
        let latex =
            latex.rsplit_once("&s=").or(latex.rsplit_once("&bg=")).map_or(latex.as_ref(), |(latex, _)| latex);
        format!("<code class=\"{FORMULA_CLASS}\">{}</code>", escape(latex.trim()).replace('[', "&#91;"))
    });
    marked.into_owned()
}

static BUILDER: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r#"\[/?((?:vc|et_pb|fusion|av|tatsu|mk|kc|cs)_[a-z0-9_]+)(?:\s(?:"[^"]*"|'[^']*'|[^\]"'])*)?\]"#,
    )
    .expect("the pattern is valid")
});

/// Takes out the shortcodes of page builders, which are the columns around a text. Those of text are named once.
fn without_builders(text: &str, remarks: &mut Vec<String>) -> String {
    let mut names: Vec<String> = Vec::new();
    let bare = BUILDER.replace_all(text, |found: &Captures<'_>| {
        if !names.iter().any(|name| *name == found[1]) {
            names.push(found[1].to_owned());
        }
        // What stands beside each other is not one paragraph.
        "\n\n"
    });
    for name in names {
        remarks.push(format!("the shortcode `{name}` of a page builder is taken off its text"));
    }
    bare.into_owned()
}

struct ShownBlocks<'a> {
    context: &'a ShownContext,
    remarks: &'a mut Vec<String>,
}

impl BlockContext for ShownBlocks<'_> {
    fn reusable(&self, id: u64) -> Option<String> {
        self.context.reusable.get(&id).cloned()
    }

    fn left_out(&mut self, what: &str) {
        self.remarks.push(what.to_owned());
    }
}

/// What stands where a player would: a link, as no host offers one without being asked by the reader's browser.
fn embedded(address: &str) -> String {
    format!("<a href=\"{0}\">{0}</a>", escape(&decode_entities(address)))
}

fn shortcode(found: &Shortcode<'_>, id: u64, context: &ShownContext, remarks: &mut Vec<String>) -> String {
    match found.name {
        "caption" | "wp_caption" => caption(found),
        "gallery" => gallery(found, id, context, remarks),
        "playlist" => playlist(found, id, context, remarks),
        "audio" | "video" => player(found),
        "embed" => found.content.map(|address| embedded(address.trim())).unwrap_or_default(),
        name if FORMS.contains(&name) => {
            remarks.push(format!("the form of the shortcode `{name}`, which nothing would answer"));
            String::new()
        }
        name => {
            let value =
                found.content.or(found.first_value()).or(found.attribute("url")).or(found.attribute("id"));
            let address = value.map(|value| address_of(name, decode_entities(value).trim()));
            address.map(|address| embedded(&address)).unwrap_or_default()
        }
    }
}

/// The address that a shortcode of a service means.
fn address_of(service: &str, value: &str) -> String {
    let value = value.trim_start_matches(['=', '"', ' ']);
    if value.contains("://") {
        return value.to_owned();
    }
    match service {
        "youtube" => format!("https://www.youtube.com/watch?v={value}"),
        "vimeo" => format!("https://vimeo.com/{value}"),
        "tweet" => format!("https://twitter.com/i/status/{value}"),
        "gist" => format!("https://gist.github.com/{value}"),
        "dailymotion" => format!("https://www.dailymotion.com/video/{value}"),
        _ => value.to_owned(),
    }
}

static CAPTIONED: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?is)((?:<a [^>]+>\s*)?<img [^>]+>(?:\s*</a>)?)(.*)").expect("the pattern is valid")
});

/// A picture and its caption, in the form of today and in that before WordPress 3.4, where it is an attribute.
fn caption(found: &Shortcode<'_>) -> String {
    let content = found.content.unwrap_or_default();
    let (picture, words) = match (CAPTIONED.captures(content), found.attribute("caption")) {
        (_, Some(caption)) => (content.trim().to_owned(), decode_quotes(caption)),
        (Some(parts), None) => (parts[1].to_owned(), parts[2].trim().to_owned()),
        (None, None) => return content.to_owned(),
    };
    if words.is_empty() {
        return picture;
    }
    format!("<figure class=\"wp-caption\">{picture}<figcaption>{words}</figcaption></figure>")
}

/// Quotation marks of an attribute, which stand for themselves in HTML.
fn decode_quotes(text: &str) -> String {
    text.replace("&quot;", "\"").replace("&#039;", "'").replace("&#8220;", "“").replace("&#8221;", "”")
}

/// The attachments that a gallery or playlist shows, and those of its ids that are not in the file.
fn chosen<'c>(
    found: &Shortcode<'_>,
    id: u64,
    context: &'c ShownContext,
    remarks: &mut Vec<String>,
) -> Vec<&'c Attachment> {
    let listed =
        |text: &str| -> Vec<u64> { text.split(',').filter_map(|id| id.trim().parse().ok()).collect() };
    let ids = found.attribute("ids").or(found.attribute("include")).filter(|ids| !ids.trim().is_empty());
    let of = found.attribute("id").and_then(|id| id.parse().ok()).unwrap_or(id);
    let excluded = found.attribute("exclude").map(listed).unwrap_or_default();
    let ids = match ids {
        Some(ids) => listed(ids),
        None => context.uploaded_to.get(&of).cloned().unwrap_or_default(),
    };
    let mut chosen: Vec<&Attachment> = Vec::new();
    for id in ids.into_iter().filter(|id| !excluded.contains(id)) {
        match context.attachments.get(&id) {
            Some(attachment) => chosen.push(attachment),
            None => {
                remarks.push(format!("the attachment {id} of a {}, which is not in the file", found.name))
            }
        }
    }
    if found.attribute("order").is_some_and(|order| order.eq_ignore_ascii_case("desc")) {
        chosen.reverse();
    }
    chosen
}

fn gallery(found: &Shortcode<'_>, id: u64, context: &ShownContext, remarks: &mut Vec<String>) -> String {
    let images: Vec<&Attachment> =
        chosen(found, id, context, remarks).into_iter().filter(|attachment| attachment.is_image()).collect();
    if images.is_empty() {
        remarks.push("a gallery without a picture that is in the file".to_owned());
        return String::new();
    }
    let is_linked = found.attribute("link") != Some("none");
    let mut html = String::from("<div class=\"gallery\">");
    for image in images {
        let picture = format!("<img src=\"{}\" alt=\"{}\">", escape(&image.url), escape(&image.alt));
        // By default the links lead to pages of the attachments, which are only a frame around the file.
        let picture =
            if is_linked { format!("<a href=\"{}\">{picture}</a>", escape(&image.url)) } else { picture };
        let words = image.caption.trim();
        let words =
            if words.is_empty() { String::new() } else { format!("<figcaption>{words}</figcaption>") };
        html.push_str(&format!("<figure>{picture}{words}</figure>"));
    }
    html.push_str("</div>");
    html
}

fn playlist(found: &Shortcode<'_>, id: u64, context: &ShownContext, remarks: &mut Vec<String>) -> String {
    let players = chosen(found, id, context, remarks).into_iter().filter_map(|attachment| {
        let element = media_element(&attachment.url)?;
        Some(format!(
            "<p>{}</p>{}",
            escape(&attachment.title),
            player_of(element, std::slice::from_ref(&attachment.url), None)
        ))
    });
    let players: String = players.collect();
    if players.is_empty() {
        remarks.push("a playlist without anything that can be played".to_owned());
    }
    players
}

const AUDIO: [&str; 8] = ["mp3", "ogg", "oga", "flac", "m4a", "wav", "opus", "wma"];
const VIDEO: [&str; 7] = ["mp4", "m4v", "webm", "ogv", "flv", "mov", "wmv"];

fn media_element(url: &str) -> Option<&'static str> {
    if has_extension(url, &AUDIO) {
        Some("audio")
    } else if has_extension(url, &VIDEO) {
        Some("video")
    } else {
        None
    }
}

fn player(found: &Shortcode<'_>) -> String {
    let element = if found.name == "video" { "video" } else { "audio" };
    let formats = if element == "video" { &VIDEO[..] } else { &AUDIO[..] };
    let named = formats.iter().filter_map(|format| found.attribute(format));
    let mut sources: Vec<&str> = found.attribute("src").into_iter().chain(named).collect();
    if sources.is_empty() {
        let bare = found.content.map(str::trim).filter(|content| content.contains("://"));
        sources.extend(found.first_value().or(bare));
    }
    // Options of a player of WordPress.com stand behind the address.
    let sources: Vec<String> = sources
        .into_iter()
        .map(|source| decode_entities(source.split('|').next().unwrap_or(source)))
        .collect();
    player_of(element, &sources, found.attribute("poster"))
}

fn player_of(element: &str, sources: &[String], poster: Option<&str>) -> String {
    let Some(first) = sources.first().map(|source| escape(source)) else { return String::new() };
    let listed: String = sources
        .iter()
        .map(|source| {
            let kind = mime_guess::from_path(source.split(['?', '#']).next().unwrap_or_default());
            let kind = kind.first_raw().map(|kind| format!(" type=\"{kind}\"")).unwrap_or_default();
            format!("<source{kind} src=\"{}\">", escape(source))
        })
        .collect();
    let poster = poster.map(|poster| format!(" poster=\"{}\"", escape(poster))).unwrap_or_default();
    format!("<{element} controls{poster}>{listed}<a href=\"{first}\">{first}</a></{element}>")
}

static LONE_SHORTCODE: LazyLock<Regex> = LazyLock::new(|| {
    let names = "caption|wp_caption|gallery|playlist|audio|video|contact-form-7|contact-form|wpforms|gravityform|ninja_form|mc4wp_form";
    let pattern = format!(r"(?s)<p>\s*(\[(?:{names})(?:\s[^\]]*)?\](?:.*?\[/(?:{names})\])?)\s*</p>");
    Regex::new(&pattern).expect("the pattern is valid")
});

/// Takes the paragraph off a shortcode that is alone in it (`shortcode_unautop`).
fn unwrap_shortcodes(text: &str) -> String {
    LONE_SHORTCODE
        .replace_all(text, |found: &Captures<'_>| {
            // One that begins here and ends in another paragraph is left as it is.
            if found[1].contains("<p>") { found[0].to_owned() } else { found[1].to_owned() }
        })
        .into_owned()
}

static LOWER_P: LazyLock<Regex> =
    LazyLock::new(|| Regex::new("( |&#8216;|‘|“|&#8220;|>|\\()Wordpress").expect("the pattern is valid"));

/// WordPress corrects how its name is spelled.
fn with_capital_p(text: &str) -> String {
    if !text.contains("Wordpress") {
        return text.to_owned();
    }
    LOWER_P.replace_all(text, "${1}WordPress").into_owned()
}

/// Smilies and what WordPress shows for them.
const SMILIES: [(&str, &str); 41] = [
    (":neutral:", "😐"),
    (":twisted:", "😈"),
    (":arrow:", "➡"),
    (":shock:", "😯"),
    (":smile:", "🙂"),
    (":???:", "😕"),
    (":cool:", "😎"),
    (":evil:", "👿"),
    (":grin:", "😀"),
    (":idea:", "💡"),
    (":oops:", "😳"),
    (":razz:", "😛"),
    (":roll:", "🙄"),
    (":wink:", "😉"),
    (":cry:", "😥"),
    (":eek:", "😮"),
    (":lol:", "😆"),
    (":mad:", "😡"),
    (":sad:", "🙁"),
    ("8-)", "😎"),
    ("8-O", "😯"),
    (":-(", "🙁"),
    (":-)", "🙂"),
    (":-?", "😕"),
    (":-D", "😀"),
    (":-P", "😛"),
    (":-o", "😮"),
    (":-x", "😡"),
    (":-|", "😐"),
    (";-)", "😉"),
    ("8O", "😯"),
    (":(", "🙁"),
    (":)", "🙂"),
    (":?", "😕"),
    (":D", "😀"),
    (":P", "😛"),
    (":o", "😮"),
    (":x", "😡"),
    (":|", "😐"),
    (";)", "😉"),
    (":!:", "❗"),
];

static TAGS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?is)<(?:code|pre|style|script|textarea)\b.*?</(?:code|pre|style|script|textarea)>|<!--.*?-->|<[^>]*>")
        .expect("the pattern is valid")
});

/// Smilies between white space as pictures of letters.
fn smilies(text: &str) -> String {
    if !text.contains([':', ';', '8']) {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for tag in TAGS.find_iter(text) {
        push_smilies(&text[at..tag.start()], &mut out);
        out.push_str(tag.as_str());
        at = tag.end();
    }
    push_smilies(&text[at..], &mut out);
    out
}

fn push_smilies(text: &str, out: &mut String) {
    for word in text.split_inclusive(char::is_whitespace) {
        let bare = word.trim_end();
        let known = SMILIES.iter().find(|(smiley, _)| *smiley == bare);
        match known {
            Some((_, shown)) => {
                out.push_str(shown);
                out.push_str(&word[bare.len()..]);
            }
            None => out.push_str(word),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn context() -> ShownContext {
        let image = |id, url: &str, caption: &str| {
            let (url, caption) = (url.to_owned(), caption.to_owned());
            (id, Attachment { id, url, caption, alt: "x".to_owned(), ..Attachment::default() })
        };
        ShownContext {
            attachments: [image(1, "/a.png", "A <em>b</em>"), image(2, "/b.jpg", ""), image(3, "/c.pdf", "")]
                .into(),
            uploaded_to: [(9, vec![2, 1, 3])].into(),
            reusable: HashMap::new(),
            is_plain_html: false,
        }
    }

    #[track_caller]
    fn check(text: &str, expected: &str) -> Vec<String> {
        let shown = show(text, 9, QuotationStyle::English, &context());
        assert_eq!(shown.html.trim(), expected, "{text}");
        shown.remarks
    }

    #[test]
    fn captions_galleries_and_players_are_shown() {
        check(
            "[caption id=\"x\" width=\"3\"]<a href=\"/a\"><img src=\"/a.png\" /></a> Its <b>words</b>[/caption]",
            "<figure class=\"wp-caption\"><a href=\"/a\"><img src=\"/a.png\" /></a><figcaption>Its <b>words</b></figcaption></figure>",
        );
        check(
            "[gallery link=none]",
            "<div class=\"gallery\"><figure><img src=\"/b.jpg\" alt=\"x\"></figure><figure><img src=\"/a.png\" alt=\"x\"><figcaption>A <em>b</em></figcaption></figure></div>",
        );
        check(
            "[audio mp3=\"/a.mp3\"][/audio]",
            "<audio controls><source type=\"audio/mpeg\" src=\"/a.mp3\"><a href=\"/a.mp3\">/a.mp3</a></audio>",
        );
        check(
            "[video mp4=\"/a.mp4\" webm=\"/a.webm\"][/video]",
            "<video controls><source type=\"video/mp4\" src=\"/a.mp4\"><source type=\"video/webm\" src=\"/a.webm\"><a href=\"/a.mp4\">/a.mp4</a></video>",
        );
        check(
            "[audio /a.mp3|titles=Song]",
            "<audio controls><source type=\"audio/mpeg\" src=\"/a.mp3\"><a href=\"/a.mp3\">/a.mp3</a></audio>",
        );
        assert_eq!(check("[gallery ids=\"7\"]", "").len(), 2);
        check(
            "[youtube=http://video.example/watch?v=q&amp;w=3]",
            "<p><a href=\"http://video.example/watch?v=q&amp;w=3\">http://video.example/watch?v=q&amp;w=3</a></p>",
        );
        check(
            "[youtube abc]",
            "<p><a href=\"https://www.youtube.com/watch?v=abc\">https://www.youtube.com/watch?v=abc</a></p>",
        );
    }

    #[test]
    fn code_is_kept_from_every_filter() {
        check(
            "[code language=\"python\" firstline=\"10\"]\nif a < b and \"x\":\n\n    # [gallery]\n[/code]",
            "<pre class=\"brush: python; first-line: 10;\">if a &lt; b and &quot;x&quot;:\n\n    # &#91;gallery]</pre>",
        );
    }

    #[test]
    fn formulas_are_kept_from_every_filter() {
        check(
            "One $latex a'_1 &s=2$ and [latex]b[0] -- c[/latex] for $5.",
            "<p>One <code class=\"wp-latex\">a'_1</code> and <code class=\"wp-latex\">b&#91;0] -- c</code> for $5.</p>",
        );
    }

    #[test]
    fn notes_in_shortcodes_are_notes() {
        check(
            "One ((See the <a href=\"/n\">net</a> of old.)) two((As it was then)).\n\n<code>f((a b c))</code> $((a + b)) f((x)).",
            "<p>One<sup class=\"footnote-ref\"><a href=\"#fn-1\">1</a></sup> two<sup class=\"footnote-ref\"><a href=\"#fn-2\">2</a></sup>.</p>\n<p><code>f((a b c))</code> $((a + b)) f((x)).</p>\n<div class=\"footnotes\"><ol><li><p>See the <a href=\"/n\">net</a> of old.</p></li><li><p>As it was then</p></li></ol></div>",
        );
        check(
            "One[ref]See <em>p. 4</em>.[/ref] two[mfn] b [/mfn].\n\n[footnotes]",
            "<p>One<sup class=\"footnote-ref\"><a href=\"#fn-1\">1</a></sup> two<sup class=\"footnote-ref\"><a href=\"#fn-2\">2</a></sup>.</p>\n<p></p>\n<div class=\"footnotes\"><ol><li><p>See <em>p. 4</em>.</p></li><li><p>b</p></li></ol></div>",
        );
    }

    #[test]
    fn what_is_unknown_stays_and_is_named() {
        let remarks = check("[box a=\"1\"]Words[/box]", "<p>[box a=”1″]Words[/box]</p>");
        assert_eq!(remarks, ["the shortcode `box` is kept as it is written"]);
        assert_eq!(check("a\n\n[contact-form-7 id=\"9\"]", "<p>a</p>").len(), 1);
        check("I like Wordpress :-) a:)", "<p>I like WordPress 🙂 a:)</p>");
        let remarks = check(
            "[vc_row a=\"]\"][vc_column_text]One\n\nTwo[/vc_column_text][/vc_row][vcard]",
            "<p>One</p>\n<p>Two</p>\n<p>[vcard]</p>",
        );
        assert_eq!(remarks.len(), 2);
    }
}
