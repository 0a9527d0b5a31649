//! What stands in Markdown for the tags that every engine has: pictures, players, notes, quotes and code.

use super::head::TextsIn;

/// A picture with what is said of it.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Figure<'a> {
    pub(super) source: &'a str,
    pub(super) alt: &'a str,
    /// Markdown.
    pub(super) caption: &'a str,
    pub(super) link: &'a str,
}

/// A picture, with its caption if it has one.
pub(super) fn figure(figure: &Figure<'_>) -> String {
    let alt = one_line(figure.alt).replace('[', "\\[").replace(']', "\\]");
    let source = crate::import::markdown::destination(figure.source.trim());
    let caption = one_line(figure.caption).replace('\\', "\\\\").replace('"', "\\\"");
    let title = if caption.is_empty() { String::new() } else { format!(" \"{caption}\"") };
    let picture = format!("![{alt}]({source}{title})");
    match figure.link.trim() {
        "" => picture,
        link => format!("[{picture}]({})", crate::import::markdown::destination(link)),
    }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A link to a film or a post of a service: no host offers a player that asks nothing of it.
pub(super) fn video(service: &str, id: &str) -> Option<String> {
    let id = id.trim();
    let is_id =
        !id.is_empty() && id.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '/'));
    let address = match service.to_ascii_lowercase().as_str() {
        "youtube" | "youtubepl" => format!("https://www.youtube.com/watch?v={id}"),
        "vimeo" => format!("https://vimeo.com/{id}"),
        "dailymotion" => format!("https://www.dailymotion.com/video/{id}"),
        "streamable" => format!("https://streamable.com/{id}"),
        "bilibili" => format!("https://www.bilibili.com/video/{id}"),
        "twitter" | "tweet" | "x" => format!("https://twitter.com/i/status/{id}"),
        "instagram" => format!("https://www.instagram.com/p/{id}/"),
        "gist" => format!("https://gist.github.com/{id}"),
        "codepen" => format!("https://codepen.io/{id}"),
        "spotify" => format!("https://open.spotify.com/{id}"),
        _ => return None,
    };
    is_id.then(|| format!("<{address}>"))
}

/// A block of code, behind a fence that is longer than any run of backticks in it.
pub(super) fn fence(options: &str, code: &str) -> String {
    let longest = code.split(|c| c != '`').map(str::len).max().unwrap_or_default();
    let marks = "`".repeat(longest.max(2) + 1);
    format!("{marks}{}\n{code}\n{marks}", options.trim())
}

/// The kind of alert that a note is, by the name of its shortcode or class.
pub(super) fn alert_kind(name: &str) -> Option<&'static str> {
    Some(match name.to_ascii_lowercase().as_str() {
        "note" | "info" | "notice" | "abstract" | "summary" | "seealso" | "primary" | "notes" => "NOTE",
        "tip" | "hint" | "success" | "check" => "TIP",
        "important" | "question" | "help" | "faq" => "IMPORTANT",
        "warning" | "attention" | "warn" => "WARNING",
        "caution" | "danger" | "error" | "failure" | "bug" => "CAUTION",
        _ => return None,
    })
}

/// A note.
pub(super) fn alert(kind: &str, title: &str, inner: &str) -> String {
    let mut text = format!("[!{kind}]\n");
    if !title.trim().is_empty() {
        text.push_str(&format!("**{}**\n\n", title.trim()));
    }
    text.push_str(inner.trim_matches('\n').trim_end());
    quoted(&text)
}

/// A quote with its source.
pub(super) fn quotation(inner: &str, author: &str, address: &str, title: &str) -> String {
    let words = if title.trim().is_empty() { address } else { title.trim() };
    let work = match address.trim() {
        "" => title.trim().to_owned(),
        address => format!("[{words}]({})", crate::import::markdown::destination(address)),
    };
    let source: Vec<&str> =
        [author.trim(), work.as_str()].into_iter().filter(|part| !part.is_empty()).collect();
    let inner = inner.trim_matches('\n').trim_end();
    if source.is_empty() {
        return quoted(inner);
    }
    quoted(&format!("{inner}\n\n— {}", source.join(", ")))
}

pub(super) fn quoted(text: &str) -> String {
    let lines = text.lines().map(|line| if line.is_empty() { ">".to_owned() } else { format!("> {line}") });
    lines.collect::<Vec<_>>().join("\n")
}

/// Numbers of lines, as engines write them in options of code: `2,4-6`, `[2,"4-6"]`, `2 4-6`.
pub(super) fn line_numbers(written: &str) -> Option<String> {
    let lines =
        super::head::texts_of(&written.replace(['[', ']', '"', '\'', ','], " ").into(), TextsIn::Words);
    let is_lines = lines.iter().all(|line| line.chars().all(|c| c.is_ascii_digit() || c == '-'));
    (is_lines && !lines.is_empty()).then(|| lines.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replacements_are_markdown() {
        let net =
            Figure { source: "/a b.png", alt: "A [net]", caption: "The \"net\",\n at home", link: "/x/" };
        assert_eq!(figure(&net), "[![A \\[net\\]](</a b.png> \"The \\\"net\\\", at home\")](/x/)");
        assert_eq!(fence("rust linenos", "a ``` b"), "````rust linenos\na ``` b\n````");
        assert_eq!(alert("TIP", "", "Mind **it**.\n"), "> [!TIP]\n> Mind **it**.");
        assert_eq!(quotation("Words.", "Ida", "", ""), "> Words.\n>\n> — Ida");
        assert_eq!(video("youtube", "a\"><script>"), None);
        assert_eq!(line_numbers("[2,\"4-6\"]").as_deref(), Some("2 4-6"));
    }
}
