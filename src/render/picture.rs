//! A picture as HTML: its sizes, and which of them a browser may take.

use serde::Deserialize;
use serde_json::Value;

use crate::html::escape;
use crate::page::picture_view::PictureAnswer;
use crate::post::markdown::{PictureLoading, PicturePlace, ShownPicture, ShownSize};
use crate::render::body::{BodyContext, Medium};
use crate::theme::PictureZoom;

/// What was answered of a picture; `None` if there is no such file.
pub(super) fn answer_of(answer: Value) -> Option<PictureAnswer> {
    PictureAnswer::deserialize(answer).ok()
}

/// A picture of a body, and a number that no other picture there has.
#[derive(Clone, Copy)]
pub(super) struct NumberedPicture<'a> {
    pub(super) picture: &'a ShownPicture,
    pub(super) number: usize,
}

/// The HTML of a picture.
pub(super) fn markup(
    NumberedPicture { picture, number }: NumberedPicture<'_>,
    answer: Option<&PictureAnswer>,
    context: &BodyContext<'_>,
) -> String {
    let Some(answer) = answer else {
        let address = picture.address.as_ref().unwrap_or(&picture.written);
        return picture.tag(&format!("{address}{}", picture.suffix), None, loading(picture));
    };
    let sides = answer.sides();
    let source = match &answer.fallback {
        Some(fallback) => fallback.url.clone(),
        None => format!("{}{}", picture.address.as_ref().unwrap_or(&answer.url), picture.suffix),
    };
    if context.medium == Medium::Feed {
        // Readers drop `picture`, and some of them all that is in it.
        let sides = answer.fallback.as_ref().map(|fallback| (fallback.width, fallback.height)).or(sides);
        return picture.tag(&source, sides.filter(|_| !answer.is_ratio()), loading(picture));
    }
    if answer.is_ratio() {
        return of_ratio(picture, &source, sides);
    }
    if answer.sources.is_empty() {
        return picture.tag(&source, sides, loading(picture));
    }
    let is_lazy = picture.loading == PictureLoading::Lazy;
    let sizes = sizes(picture, context);
    let sizes = if is_lazy { format!("auto, {sizes}") } else { sizes };
    let mut html = String::new();
    let is_alone = matches!(picture.place, PicturePlace::Text | PicturePlace::Gallery);
    let largest = answer.largest.as_ref().filter(|_| is_alone);
    let zoom = largest.map_or(PictureZoom::None, |_| context.layout.zoom);
    let largest = largest.map(String::as_str).unwrap_or_default();
    match zoom {
        PictureZoom::None => {}
        PictureZoom::Link => html.push_str(&format!("<a class=\"zoom\" href=\"{}\">", escape(largest))),
        PictureZoom::Popover => {
            html.push_str(&format!("<button class=\"zoom\" type=\"button\" popovertarget=\"zoom-{number}\">"))
        }
    }
    html.push_str("<picture>");
    for sources in &answer.sources {
        let (media_type, srcset) = (&sources.media_type, escape(&sources.srcset));
        html.push_str(&format!(
            "<source type=\"{media_type}\" srcset=\"{srcset}\" sizes=\"{}\">",
            escape(&sizes)
        ));
    }
    let more = match picture.loading {
        PictureLoading::Eager => " fetchpriority=\"high\"",
        PictureLoading::Lazy => " loading=\"lazy\" decoding=\"async\"",
        PictureLoading::AsWritten => "",
    };
    html.push_str(&picture.tag(&source, sides, more));
    html.push_str("</picture>");
    match zoom {
        PictureZoom::None => {}
        PictureZoom::Link => html.push_str("</a>"),
        // A browser fetches a lazy picture when its popover opens, not before. The picture itself closes it again.
        PictureZoom::Popover => html.push_str(&format!(
            "</button><span class=\"zoomed\" id=\"zoom-{number}\" popover><button type=\"button\" \
             popovertarget=\"zoom-{number}\">{}</button></span>",
            picture.tag(largest, sides, " loading=\"lazy\"")
        )),
    }
    html
}

/// What a picture says that has no other sizes. HTML of the author's own says enough.
fn loading(picture: &ShownPicture) -> &'static str {
    let is_lazy = picture.loading == PictureLoading::Lazy && picture.place != PicturePlace::Html;
    if is_lazy { " loading=\"lazy\"" } else { "" }
}

/// A drawing without a size of its own. Without a width it fills the column, and so is its place as high as it will be.
fn of_ratio(picture: &ShownPicture, source: &str, sides: Option<(u32, u32)>) -> String {
    let size = &picture.size;
    let is_given = size.width.is_some() || size.height.is_some() || picture.place == PicturePlace::Html;
    let Some((x, y)) = sides.filter(|_| !is_given) else {
        let sides = sides
            .filter(|_| picture.place != PicturePlace::Html || size.width.is_some() != size.height.is_some());
        return picture.tag(source, sides, loading(picture));
    };
    let width = if size.style.is_empty() { "width:100%" } else { &size.style };
    let style = format!("aspect-ratio:{x}/{y};{width}");
    let styled = ShownPicture { size: ShownSize { style, ..ShownSize::default() }, ..picture.clone() };
    styled.tag(source, None, loading(picture))
}

/// How wide the picture is shown, for the browser that chooses before it knows the style.
fn sizes(picture: &ShownPicture, context: &BodyContext<'_>) -> String {
    match (picture.size.width, picture.place) {
        (Some(width), _) => format!("{width}px"),
        (None, PicturePlace::Gallery | PicturePlace::FixedInGallery) => context.layout.gallery_sizes.clone(),
        (None, _) => context.layout.sizes.clone(),
    }
}
