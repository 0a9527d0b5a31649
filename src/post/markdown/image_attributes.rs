//! Attributes in braces behind an image: `![x](map.png){width=200 .wide}`.

use std::collections::HashMap;
use std::ops::Range;

use pulldown_cmark::{CowStr, Event, Tag, TagEnd};

use super::events::Remark;

/// What is given for an image besides its address, its text and its title.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct ImageAttributes {
    pub(super) width: Option<ImageLength>,
    pub(super) height: Option<ImageLength>,
    pub(super) id: Option<String>,
    pub(super) classes: Vec<String>,
}

/// How wide or high an image is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ImageLength {
    Pixels(u32),
    /// Of the column of text.
    Percent(u32),
}

/// Takes the attributes behind images out of the text: each by the byte its image begins at.
pub(super) fn take(
    list: &mut Vec<(Event<'_>, Range<usize>)>,
    remarks: &mut Vec<Remark>,
) -> HashMap<usize, ImageAttributes> {
    let mut found = HashMap::new();
    for at in 1..list.len() {
        let (before, after) = list.split_at_mut(at);
        let (Some((Event::End(TagEnd::Image), image)), Some((Event::Text(CowStr::Borrowed(text)), span))) =
            (before.last(), after.first_mut())
        else {
            continue;
        };
        let Some(end) = text.strip_prefix('{').and_then(|rest| rest.find(['}', '\n'])).map(|end| end + 2)
        else {
            continue;
        };
        match parse(&text[1..end - 1]) {
            // With a space between, the braces may be prose.
            Ok(Some(attributes)) if image.end == span.start => {
                *text = &text[end..];
                span.start += end;
                found.insert(image.start, attributes);
            }
            Err(unknown) => {
                let hint = "an image can have `width`, `height`, `.class` and `#id`, as `{width=200}` or `{width=50%}`";
                let message =
                    format!("`{unknown}` is not an attribute of an image; it is shown as it is written");
                remarks.push(Remark::new(span.start..span.start + end, message, hint));
            }
            Ok(_) => {}
        }
    }
    // An empty text would keep an image from being alone in its paragraph, and so from being a figure.
    list.retain(|(event, _)| !matches!(event, Event::Text(CowStr::Borrowed(""))));
    found
}

/// The attributes of a list; `None` if it is not one, and the part that is not understood if it is.
fn parse(list: &str) -> Result<Option<ImageAttributes>, String> {
    let mut attributes = ImageAttributes::default();
    let parts: Vec<&str> = list.split_whitespace().collect();
    // Braces without such a part are prose, and stay as they are written.
    if !parts.iter().any(|part| part.starts_with(['.', '#', ':']) || part.contains('=')) {
        return Ok(None);
    }
    for part in parts {
        let known = if let Some(class) = part.strip_prefix('.').filter(|class| is_name(class)) {
            attributes.classes.push(class.to_owned());
            true
        } else if let Some(id) = part.strip_prefix('#').filter(|id| is_name(id)) {
            attributes.id = Some(id.to_owned());
            true
        } else if let Some(width) = value(part, "width") {
            attributes.width = length(width);
            attributes.width.is_some()
        } else if let Some(height) = value(part, "height") {
            attributes.height = length(height);
            attributes.height.is_some()
        } else {
            false
        };
        if !known {
            return Err(part.to_owned());
        }
    }
    Ok(Some(attributes))
}

/// The value of a part `name=value`, without quotation marks.
fn value<'p>(part: &'p str, name: &str) -> Option<&'p str> {
    part.strip_prefix(name)?.strip_prefix('=').map(|value| value.trim_matches(['"', '\'']))
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_'))
}

fn length(value: &str) -> Option<ImageLength> {
    match value.strip_suffix('%') {
        Some(percent) => {
            percent.parse().ok().filter(|percent| (1..=100).contains(percent)).map(ImageLength::Percent)
        }
        None => {
            let pixels = value.strip_suffix("px").unwrap_or(value);
            pixels.parse().ok().filter(|pixels| (1..=10_000).contains(pixels)).map(ImageLength::Pixels)
        }
    }
}

/// The tag of an image without its event's title.
pub(super) fn title_of<'e>(event: &'e Event<'_>) -> Option<&'e str> {
    match event {
        Event::Start(Tag::Image { title, .. }) if !title.is_empty() => Some(title),
        _ => None,
    }
}
