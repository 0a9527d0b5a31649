//! Pictures of titles, for previews of links.
//!
//! An SVG of the theme is drawn with the fonts of this folder alone, so that each machine makes the same picture. A text
//! with characters that they lack has no picture.

use std::sync::{Arc, LazyLock};

use icu_segmenter::LineSegmenter;
use icu_segmenter::options::LineBreakOptions;
use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{Options, Tree, fontdb};
use serde::Serialize;

use crate::html::{escape_xml, shorten};

/// The sides of a card in pixels.
pub(crate) const CARD_SIZE: (u32, u32) = (1200, 630);

/// A title that is cut into lines.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct CardTitle {
    /// The size of its letters in pixels.
    pub size: u32,
    pub lines: Vec<CardLine>,
}

/// A line of a title.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct CardLine {
    pub text: String,
    /// Its base line, from the top.
    pub y: u32,
}

static FONTS: LazyLock<Arc<fontdb::Database>> = LazyLock::new(|| {
    let mut fonts = fontdb::Database::new();
    fonts.load_font_data(include_bytes!("latin.ttf").to_vec());
    fonts.load_font_data(include_bytes!("arabic.ttf").to_vec());
    fonts.load_font_data(include_bytes!("hebrew.ttf").to_vec());
    Arc::new(fonts)
});

/// The characters of the fonts, by the first and the last of each range.
const COVERED: [(u32, u32); 41] = [
    (0x20, 0x7e),
    (0xa0, 0x24f),
    (0x259, 0x259),
    (0x2bb, 0x2bd),
    (0x2c6, 0x2dd),
    (0x300, 0x304),
    (0x306, 0x30c),
    (0x323, 0x323),
    (0x370, 0x377),
    (0x37a, 0x37f),
    (0x384, 0x38a),
    (0x38c, 0x38c),
    (0x38e, 0x3a1),
    (0x3a3, 0x3e1),
    (0x3f0, 0x4ff),
    (0x591, 0x5c7),
    (0x5d0, 0x5ea),
    (0x5f0, 0x5f4),
    (0x600, 0x61c),
    (0x61e, 0x6ff),
    (0x1e00, 0x1eff),
    (0x200c, 0x2027),
    (0x2030, 0x2030),
    (0x2032, 0x2033),
    (0x2039, 0x203a),
    (0x2044, 0x2044),
    (0x2070, 0x2071),
    (0x2074, 0x208e),
    (0x2090, 0x209c),
    (0x20a0, 0x20bf),
    (0x2116, 0x2116),
    (0x2122, 0x2122),
    (0xfb1d, 0xfb36),
    (0xfb38, 0xfb3c),
    (0xfb3e, 0xfb3e),
    (0xfb40, 0xfb41),
    (0xfb43, 0xfb44),
    (0xfb46, 0xfb4f),
    (0xfd3e, 0xfd3f),
    (0xfeff, 0xfeff),
    (0xfffd, 0xfffd),
];

/// The first character of a text that the fonts lack.
pub(crate) fn missing_character(text: &str) -> Option<char> {
    text.chars().find(|&c| {
        let code = u32::from(c);
        let range = COVERED.partition_point(|(_, last)| *last < code);
        COVERED.get(range).is_none_or(|(first, _)| code < *first)
    })
}

/// Cuts a title into lines that fit on a card, in letters as large as may be.
pub(crate) fn title(text: &str) -> CardTitle {
    const WIDTH: f32 = 1040.0;
    const LONGEST: usize = 140;
    const TOP: u32 = 90;
    let text = shorten(text, LONGEST);
    let mut fitting = CardTitle { size: 0, lines: Vec::new() };
    for (size, most) in [(76, 3), (60, 4), (48, 6)] {
        let lines = wrapped(&text, size, WIDTH);
        let fits = lines.len() <= most;
        let leading = size + size / 4;
        let lines = lines.into_iter().take(most).zip(0..);
        let lines = lines.map(|(text, number)| CardLine { text, y: TOP + size + number * leading });
        fitting = CardTitle { size, lines: lines.collect() };
        if fits {
            break;
        }
    }
    fitting
}

/// Lines of at most a width, by the rules of Unicode (UAX #14): scripts without spaces are cut between characters. A word that
/// is longer than a line has one of its own, cut where it must be.
fn wrapped(text: &str, size: u32, width: f32) -> Vec<String> {
    let segmenter = LineSegmenter::new_lstm(LineBreakOptions::default());
    let mut lines = Vec::new();
    let mut line = String::new();
    let mut from = 0;
    for at in segmenter.segment_str(text).skip(1) {
        let mut piece = text[from..at].to_owned();
        from = at;
        if width_of(&format!("{line}{piece}"), size) > width && !line.is_empty() {
            lines.push(std::mem::take(&mut line).trim_end().to_owned());
        }
        while width_of(&piece, size) > width {
            let mut end = piece.len();
            while width_of(&piece[..end], size) > width {
                end = piece[..end].char_indices().next_back().map_or(0, |(at, _)| at);
            }
            // A card is wider than any letter.
            let end = end.max(piece.chars().next().map_or(1, char::len_utf8));
            lines.push(piece[..end].to_owned());
            piece.drain(..end);
        }
        line.push_str(&piece);
    }
    if !line.trim().is_empty() {
        lines.push(line.trim_end().to_owned());
    }
    lines
}

/// The width of a text in letters of a size.
fn width_of(text: &str, size: u32) -> f32 {
    let svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"9000\" height=\"200\"><text y=\"100\" font-family=\"Noto Sans\" \
         font-weight=\"700\" font-size=\"{size}\">{}</text></svg>",
        escape_xml(text.trim_end())
    );
    tree(&svg).map_or(0.0, |tree| tree.root().abs_bounding_box().width())
}

fn tree(svg: &str) -> Option<Tree> {
    let options =
        Options { fontdb: Arc::clone(&FONTS), font_family: "Noto Sans".to_owned(), ..Options::default() };
    Tree::from_str(svg, &options).ok()
}

/// Draws an SVG as a PNG. The error says what is wrong with it.
pub(crate) fn draw(svg: &str) -> Result<Vec<u8>, String> {
    let tree = tree(svg).ok_or_else(|| "what the template makes is not an SVG".to_owned())?;
    let (width, height) = CARD_SIZE;
    let mut pixels = Pixmap::new(width, height).ok_or_else(|| "there is no room for a picture".to_owned())?;
    let scale = |wanted: u32, given: f32| wanted as f32 / given.max(1.0);
    let transform =
        Transform::from_scale(scale(width, tree.size().width()), scale(height, tree.size().height()));
    resvg::render(&tree, transform, &mut pixels.as_mut());
    // A card has no transparent parts: what a template leaves free is white.
    let opaque: Vec<u8> = pixels
        .pixels()
        .iter()
        .flat_map(|pixel| {
            let white = 255 - pixel.alpha();
            [pixel.red(), pixel.green(), pixel.blue()].map(|color| color.saturating_add(white))
        })
        .collect();
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    let written = encoder.write_header().and_then(|mut writer| {
        writer.write_image_data(&opaque)?;
        writer.finish()
    });
    written.map_err(|error| error.to_string())?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<String> {
        title(text).lines.into_iter().map(|line| line.text).collect()
    }

    #[test]
    fn titles_wrap_between_words_in_the_scripts_of_the_fonts() {
        assert_eq!(lines("Short"), ["Short"]);
        for text in [
            "The stairs were answered by a letter from the other side of the river and its people",
            "Лестницы получили ответ в письме с другого берега реки и от всех её жителей",
            "Οι σκάλες πήραν απάντηση με ένα γράμμα από την άλλη πλευρά του ποταμού και τους ανθρώπους",
            "أجابت الرسالة عن السلالم من الجانب الآخر من النهر ومن كل سكانه الذين كتبوا",
            "המדרגות נענו במכתב מהצד השני של הנהר ומכל האנשים שגרים שם וכתבו",
        ] {
            assert_eq!(missing_character(text), None, "{text}");
            let cut = lines(text);
            assert!((2..=6).contains(&cut.len()), "{cut:?}");
            assert_eq!(cut.join(" "), text);
            assert!(cut.iter().all(|line| width_of(line, title(text).size) <= 1040.0), "{cut:?}");
        }
        let long = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft";
        assert_eq!(lines(long).concat(), long);
        assert!(lines(long).len() > 1);
    }

    #[test]
    fn what_the_fonts_lack_is_known() {
        assert_eq!(missing_character("Ångström – “Ça” №5 €"), None);
        assert_eq!(missing_character("図書館"), Some('図'));
        assert_eq!(missing_character("Words 🙂"), Some('🙂'));
        assert_eq!(missing_character("ไทย"), Some('ไ'));
    }

    #[test]
    fn a_card_is_drawn_alike_each_time() {
        let svg = "<svg xmlns='http://www.w3.org/2000/svg' width='1200' height='630'><text x='80' y='200' font-size='60'>Words</text></svg>";
        let drawn = draw(svg).expect("it is an SVG");
        assert_eq!(drawn, draw(svg).expect("it is an SVG"));
        assert!(drawn.starts_with(b"\x89PNG") && drawn.len() > 1000);
        // The letters are there.
        let empty = draw("<svg xmlns='http://www.w3.org/2000/svg' width='1200' height='630'/>")
            .expect("it is an SVG");
        assert_ne!(drawn, empty);
        assert!(draw("<p>").is_err());
    }
}
