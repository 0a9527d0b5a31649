//! Attributes in braces behind an image: `![x](map.png){width=200 .wide}`. Behind other things they have no meaning.

use std::ops::Range;

use hashbrown::HashMap;
use pulldown_cmark::{CowStr, Event, Tag, TagEnd};

use super::events::{Remark, is_inline};
use super::quotes::attribution_places::begins_with_dash;

/// What is given for an image besides its address, its text and its title.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct ImageAttributes {
    pub(super) width: Option<ImageLength>,
    pub(super) height: Option<ImageLength>,
    pub(super) id: Option<String>,
    pub(super) classes: Vec<String>,
    /// The name of its author.
    pub(super) credit: Option<String>,
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
    let mut block = 0;
    for at in 1..list.len() {
        let (before, after) = list.split_at_mut(at);
        if before.last().is_some_and(|(event, _)| !is_inline(event)) {
            block = at;
        }
        let before: &[_] = before;
        let owner = match before {
            [.., owner, (Event::SoftBreak, _)] | [.., owner] => owner,
            [] => continue,
        };
        let (event, owner) = owner;
        let Some((Event::Text(CowStr::Borrowed(text)), span)) = after.first_mut() else { continue };
        let braces = text.trim_start_matches([' ', '\t']);
        let Some(end) = braces.strip_prefix('{').and_then(|rest| rest.find(['}', '\n'])).map(|end| end + 2)
        else {
            continue;
        };
        let start = span.start + text.len() - braces.len();
        let list = &braces[..end];
        let found_here = start..start + end;
        match (event, parse(&list[1..end - 1])) {
            (Event::End(TagEnd::Image), Ok(Some(attributes))) if owner.end == start => {
                *text = &text[end..];
                span.start += end;
                found.insert(owner.start, attributes);
            }
            (Event::End(TagEnd::Image), Ok(Some(_))) => {
                let message = format!("`{list}` stands apart from its image, and is shown as it is written");
                remarks.push(Remark::new(found_here, message, "write it directly behind the image"));
            }
            (Event::End(TagEnd::Image), Err(unknown)) => {
                let hint = "an image can have `width`, `height`, `credit`, `.class` and `#id`, as `{width=200}` or `{credit=\"Name\"}`";
                let message =
                    format!("`{unknown}` is not an attribute of an image; it is shown as it is written");
                remarks.push(Remark::new(found_here, message, hint));
            }
            (Event::End(TagEnd::Link | TagEnd::Emphasis | TagEnd::Strong), Ok(Some(_)) | Err(_))
                // The parts of an attribution have warnings of their own.
                if owner.end == start && !begins_with_dash(&before[block.min(at)..]) =>
            {
                let hint = "only images and headings have attributes in braces; write the element in HTML";
                let message = format!("`{list}` has no meaning here, and is shown as it is written");
                remarks.push(Remark::new(found_here, message, hint));
            }
            _ => {}
        }
    }
    // An empty text would keep an image from being alone in its paragraph, and so from being a figure.
    list.retain(|(event, _)| !matches!(event, Event::Text(CowStr::Borrowed(""))));
    found
}

/// The attributes of a list; `None` if it is not one, and the part that is not understood if it is. A colon begins those of
/// kramdown.
fn parse(list: &str) -> Result<Option<ImageAttributes>, String> {
    let mut attributes = ImageAttributes::default();
    let parts = parts(list.strip_prefix(':').unwrap_or(list));
    // Braces without such a part are prose, and stay as they are written.
    if !parts.iter().any(|part| part.starts_with(['.', '#']) || part.contains('=')) {
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
        } else if let Some(credit) = value(part, "credit").map(str::trim).filter(|credit| !credit.is_empty())
        {
            attributes.credit = Some(credit.to_owned());
            true
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

/// The parts of a list between white space that is not in quotation marks.
fn parts(list: &str) -> Vec<&str> {
    let mut open = None;
    let parts = list.split(|c: char| {
        if open == Some(c) {
            open = None;
        } else if open.is_none() && matches!(c, '"' | '\'') {
            open = Some(c);
        }
        open.is_none() && c.is_whitespace()
    });
    parts.filter(|part| !part.is_empty()).collect()
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
