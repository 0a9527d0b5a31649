//! Photographs in sizes that fit, made once.

use std::fs;
use std::path::PathBuf;

use backmatter::internals::engine::{BuildOptions, RenditionWork};
use jpeg_encoder::{ColorType, Encoder, SamplingFactor};

use crate::cli::{command, run};
use crate::site_test::{SiteTest, files};

const POST: &str = "-- content/2016/trip/index.md --\n+++\ntitle = \"Trip\"\ndate = 2016-12-15\n+++\n";

/// Red, green and blue of a pixel.
type Color = [u8; 3];

const RED: Color = [220, 20, 20];
const GREEN: Color = [20, 200, 20];
const BLUE: Color = [20, 20, 220];
const WHITE: Color = [250, 250, 250];

/// Pixels of four quarters: upper left, upper right, lower left, lower right.
fn quarters(width: u32, height: u32, colors: [Color; 4]) -> Vec<u8> {
    let mut pixels = Vec::new();
    for y in 0..height {
        for x in 0..width {
            let quarter = usize::from(x >= width / 2) + 2 * usize::from(y >= height / 2);
            pixels.extend(colors[quarter]);
        }
    }
    pixels
}

const QUARTERS: [Color; 4] = [RED, GREEN, BLUE, WHITE];

/// A photograph: some noise, so that it is not small enough already.
fn photograph(width: u32, height: u32) -> Vec<u8> {
    let mut state = 1_u32;
    let pixels: Vec<u8> = (0..width * height * 3)
        .map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            100 + state.to_be_bytes()[0] / 4
        })
        .collect();
    jpeg(&pixels, width, height)
}

fn jpeg(pixels: &[u8], width: u32, height: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, 95);
    encoder.set_sampling_factor(SamplingFactor::R_4_4_4);
    let side = |side: u32| u16::try_from(side).expect("it is small");
    encoder.encode(pixels, side(width), side(height), ColorType::Rgb).expect("it can be encoded");
    bytes
}

/// The block of Exif that a camera writes: an orientation, its maker, its serial number and a place.
fn exif(orientation: u8) -> Vec<u8> {
    let mut block = b"MM\0\x2a\0\0\0\x08\0\x03".to_vec();
    block.extend(b"\x01\x0f\0\x02\0\0\0\x0c\0\0\0\x32"); // Make
    block.extend([1, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0]); // Orientation
    block.extend(b"\x88\x25\0\x04\0\0\0\x01\0\0\0\x3e"); // GPS
    block.extend(b"\0\0\0\0");
    block.resize(0x32, 0);
    block.extend(b"SECRETMAKER\0");
    // One entry: the reference of the latitude.
    block.extend(b"\0\x01\0\x01\0\x02\0\0\0\x02N\0\0\0\0\0\0\0");
    block
}

/// A JPEG with a block of Exif right behind its start.
fn with_exif(jpeg: &[u8], orientation: u8) -> Vec<u8> {
    let exif = [b"Exif\0\0".to_vec(), exif(orientation)].concat();
    let mut bytes = b"\xff\xd8\xff\xe1".to_vec();
    bytes.extend(u16::try_from(exif.len() + 2).expect("it is short").to_be_bytes());
    bytes.extend(exif);
    bytes.extend_from_slice(&jpeg[2..]);
    bytes
}

/// The same in a PNG, whose header takes the first 33 bytes.
fn png_with_exif(png: &[u8], orientation: u8) -> Vec<u8> {
    let mut parsed =
        img_parts::png::Png::from_bytes(img_parts::Bytes::copy_from_slice(png)).expect("it is a PNG");
    let chunk = img_parts::png::PngChunk::new(*b"eXIf", exif(orientation).into());
    parsed.chunks_mut().insert(1, chunk);
    parsed.encoder().bytes().to_vec()
}

fn png(pixels: &[u8], width: u32, height: u32, color: png::ColorType, depth: png::BitDepth) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    encoder.set_color(color);
    encoder.set_depth(depth);
    let mut writer = encoder.write_header().expect("it can be encoded");
    writer.write_image_data(pixels).expect("it can be encoded");
    writer.finish().expect("it can be encoded");
    bytes
}

/// The colours in the middle of the four quarters of a WebP.
fn quarters_of(webp: &[u8]) -> [Color; 4] {
    let mut decoder = image_webp::WebPDecoder::new(std::io::Cursor::new(webp)).expect("it is a WebP");
    let (width, height) = decoder.dimensions();
    let each = if decoder.has_alpha() { 4 } else { 3 };
    let mut pixels = vec![0; decoder.output_buffer_size().expect("it is small")];
    decoder.read_image(&mut pixels).expect("it is whole");
    let at = |x: u32, y: u32| {
        let start = (y as usize * width as usize + x as usize) * each;
        [pixels[start], pixels[start + 1], pixels[start + 2]]
    };
    let (left, right, top, bottom) = (width / 4, width * 3 / 4, height / 4, height * 3 / 4);
    [at(left, top), at(right, top), at(left, bottom), at(right, bottom)]
}

#[track_caller]
fn assert_colors(found: [Color; 4], expected: [Color; 4], what: &str) {
    let differs = |a: u8, b: u8| a.abs_diff(b) > 24;
    let is_other = found.iter().flatten().zip(expected.iter().flatten()).any(|(a, b)| differs(*a, *b));
    assert!(!is_other, "{what}: {found:?} instead of {expected:?}");
}

/// The renditions in the output folder, by the end of their names.
fn renditions(site: &SiteTest) -> Vec<String> {
    let folder = site.path("public/i");
    if !folder.exists() {
        return Vec::new();
    }
    files(&folder).into_keys().collect()
}

fn cached(site: &SiteTest) -> usize {
    let folder: PathBuf = site.path(".backmatter/images");
    if folder.exists() { files(&folder).keys().filter(|name| name.contains('/')).count() } else { 0 }
}

#[test]
fn a_photograph_is_shown_in_sizes_that_fit_and_made_once() {
    let mut site = SiteTest::new(&format!("{POST}![A hill](Hill%20%231.jpg)\n\n![Again](Hill%20%231.jpg)\n"));
    site.write("content/2016/trip/Hill #1.jpg", photograph(1200, 800)).build();
    let names = renditions(&site);
    let by_end: Vec<&str> = names.iter().map(|name| &name[name.len() - 9..]).collect();
    assert_eq!(names.len(), 4, "{names:?}");
    assert!(names.iter().all(|name| name.starts_with("hill-1-")), "{names:?}");
    assert!(by_end.iter().any(|end| end.ends_with("-960.jpg")), "{names:?}");
    let name = |end: &str| names.iter().find(|name| name.ends_with(end)).expect("it is there");
    let (small, middle, large) = (name("-480.webp"), name("-960.webp"), name("-1200.webp"));
    let jpeg = name("-960.jpg");
    let sources = |sizes: &str| {
        format!(
            "<a class=\"zoom\" href=\"/i/{large}\"><picture><source type=\"image/webp\" srcset=\"/i/{small} 480w, /i/{middle} 960w, \
             /i/{large} 1200w\" sizes=\"{sizes}\">"
        )
    };
    site.body_of(
        "2016/12/15/trip/index.html",
        &format!(
            "<p>{}<img src=\"/i/{jpeg}\" alt=\"A hill\" width=\"1200\" height=\"800\" fetchpriority=\"high\"></picture></a></p>\n\
             <p>{}<img src=\"/i/{jpeg}\" alt=\"Again\" width=\"1200\" height=\"800\" loading=\"lazy\" decoding=\"async\"></picture></a></p>",
            sources("(min-width: 44rem) 42rem, 100vw"),
            sources("auto, (min-width: 44rem) 42rem, 100vw"),
        ),
    );
    // Nothing leads to the file itself.
    site.exists("2016/12/15/trip/Hill #1.jpg", false);
    // A feed has one picture, of the middle size, that any reader shows.
    let feed = format!("src=&quot;https://example.com/i/{jpeg}&quot;");
    let text = site.output("atom.xml").replace('"', "&quot;");
    assert!(text.contains(&feed) && !text.contains("&lt;picture") && !text.contains("srcset"), "{text}");

    site.build().is_settled();
    assert_eq!(site.report().encoded, 0);
    // Another theme makes all pages again, and no picture.
    site.write("templates/partials/head_extra.html", "<meta name=\"x\">").build_alone();
    assert_eq!(site.report().encoded, 0);
    // What a program deletes is taken from the cache.
    fs::remove_file(site.path("public/i").join(large)).expect("it is there");
    site.build_alone();
    assert_eq!((site.report().encoded, site.report().written), (0, 1));
    fs::remove_dir_all(site.path(".backmatter/images")).expect("it is there");
    site.edit("content/2016/trip/index.md", "Again", "Once more").build_alone();
    assert_eq!(site.report().encoded, 0);
    // A link to the file publishes it, and a picture that is gone leaves nothing.
    site.edit("content/2016/trip/index.md", "![Once more]", "[The file]").build();
    site.exists("2016/12/15/trip/Hill #1.jpg", true);
    site.edit("content/2016/trip/index.md", "![A hill](Hill%20%231.jpg)", "").build();
    assert_eq!(renditions(&site), Vec::<String>::new());
}

#[test]
fn names_follow_from_headers_and_html_waits_for_no_encoder() {
    let mut site = SiteTest::new(&format!("{POST}![x](a.jpg)\n"));
    site.write("content/2016/trip/a.jpg", photograph(1000, 500));
    let options = BuildOptions { renditions: RenditionWork::Listed, ..BuildOptions::default() };
    let report = site.open().build(&options, &()).expect("it can be built");
    assert_eq!((report.encoded, renditions(&site)), (0, Vec::new()));
    let listed = site.output("2016/12/15/trip/index.html");
    site.build();
    assert_eq!(site.output("2016/12/15/trip/index.html"), listed);
    assert_eq!(site.report().encoded, 2);
    assert_eq!(renditions(&site).len(), 2);
}

#[test]
fn settings_choose_widths_and_formats() {
    let mut site = SiteTest::new(&format!(
        "-- backmatter.toml --\nbase_url = \"https://example.com/blog\"\n[images]\nwidths = [300, 100]\nquality = {{ webp = 50 }}\noriginal = \"all\"\n{POST}![x](a.jpg)\n"
    ));
    site.write("content/2016/trip/a.jpg", photograph(500, 250)).build();
    let names = renditions(&site);
    let ends: Vec<&str> = names.iter().map(|name| name.rsplit_once('-').expect("it has a width").1).collect();
    let mut sorted = ends.clone();
    sorted.sort_unstable();
    assert_eq!(sorted, ["100.webp", "300.jpg", "300.webp"]);
    site.holds("2016/12/15/trip/index.html", &["srcset=\"/blog/i/a-", " 100w, /blog/i/a-", " 300w\""]);
    site.exists("2016/12/15/trip/a.jpg", true);
    site.edit("backmatter.toml", "widths = [300, 100]", "widths = [\"x\"]");
    site.fails(&["backmatter.toml:3:10: `images.widths` must be a list of widths in pixels (write it as `widths = [480, 960, 1600]`, with whole numbers from 16 to 16000)"]);
    site.edit("backmatter.toml", "widths = [\"x\"]", "formats = [\"jxl\"]\nstrip = \"some\"");
    site.fails(&[
        "backmatter.toml:3:12: `jxl` is not a format that pictures are made in (known are `webp` and `avif`; a JPEG or the file itself is always there as well)",
        "backmatter.toml:4:9: `images.strip` cannot be `some` (write `\"all\"` or `\"nothing\"`)",
    ]);
}

#[test]
fn pictures_in_raw_html_quotes_and_galleries_have_sizes_as_well() {
    let mut site = SiteTest::new(&format!(
        "{POST}<p><img class='x' src='a.jpg' alt=\"raw\" /></p>\n\n\
         <picture><source srcset=\"b.webp\"><img src=\"a.jpg\"></picture>\n\n\
         <img src=\"gone.jpg\" width=5>\n\n\
         > ![in a quote](/b.jpg)\n\n\
         ![One](a.jpg)\n[![Two](/b.jpg \"The *second*\")](/2016/12/15/trip/)\n![](a.jpg){{credit=\"Mirren Vale\"}}\n\n\
         ![far](https://far.example/x.jpg) ![near](a.jpg)\n"
    ));
    site.write("content/2016/trip/a.jpg", photograph(700, 350))
        .write("static/b.jpg", photograph(600, 600))
        .build();
    site.holds(
        "2016/12/15/trip/index.html",
        &[
            "<p><picture><source type=\"image/webp\" srcset=\"/i/a-",
            "\"><img class='x' src='",
            "' alt=\"raw\" width=\"700\" height=\"350\" fetchpriority=\"high\"></picture></p>",
            "<picture><source srcset=\"b.webp\"><img src=\"a.jpg\"></picture>",
            "<img src=\"gone.jpg\" width=5>",
            "<blockquote>\n<p><a class=\"zoom\" href=\"/i/b-",
            "<div class=\"gallery\">\n<figure class=\"image\" style=\"--r:2.00\"><a class=\"zoom\"",
            "sizes=\"auto, (min-width: 44rem) 21rem, 50vw\">",
            "<figure class=\"image\" style=\"--r:1.00\"><a href=\"/2016/12/15/trip/\"><picture>",
            "</picture></a><figcaption>The <em>second</em></figcaption></figure>",
            "<figure class=\"image\" style=\"--r:2.00\"><picture>",
            "<figcaption><small class=\"credit\">Mirren Vale</small></figcaption></figure>\n</div>",
            "<p><img src=\"https://far.example/x.jpg\" alt=\"far\" loading=\"lazy\"> <a class=\"zoom\"",
        ],
    );
    // A file of `static/` keeps its address, and one that raw HTML names as well.
    site.exists("b.jpg", true).exists("2016/12/15/trip/a.jpg", true);
}

#[test]
fn a_picture_of_a_post_is_as_large_as_previews_of_links_need_it() {
    let mut site = SiteTest::new(&format!(
        "{}![x](a.jpg)\n",
        POST.replace("date", "image = \"a.jpg\"\nimage_alt = \"A \\\"hill\\\"\"\ndate")
    ));
    site.write("content/2016/trip/a.jpg", photograph(1500, 900)).build();
    let name = renditions(&site).into_iter().find(|name| name.ends_with("-1200.jpg")).expect("it is there");
    site.holds(
        "2016/12/15/trip/index.html",
        &[
            &format!("<meta property=\"og:image\" content=\"https://example.com/i/{name}\">"),
            "<meta property=\"og:image:width\" content=\"1200\">",
            "<meta property=\"og:image:height\" content=\"720\">",
            "<meta property=\"og:image:alt\" content=\"A &quot;hill&quot;\">",
        ],
    );
}

#[test]
fn lists_show_the_picture_of_a_post_in_their_size() {
    let mut site =
        SiteTest::new(&format!("{}![x](a.jpg)\n", POST.replace("date", "image = \"a.jpg\"\ndate")));
    site.write("content/2016/trip/a.jpg", photograph(1500, 900))
        .write("content/2016/small.md", "+++\nimage = \"/s.png\"\ndate = 2016-12-14\n+++\nWords.\n")
        .write(
            "static/s.png",
            png(&quarters(40, 20, QUARTERS), 40, 20, png::ColorType::Rgb, png::BitDepth::Eight),
        )
        .write(
            "content/2016/far.md",
            "+++\nimage = \"https://far.example/a.jpg\"\ndate = 2016-12-13\n+++\nWords.\n",
        )
        .build();
    let name = renditions(&site).into_iter().find(|name| name.ends_with("-480.webp")).expect("it is there");
    let shown = |address: &str| format!("aria-hidden=\"true\"><img src=\"{address}\" alt=\"\"");
    site.holds(
        "index.html",
        &[
            &format!("{} width=\"480\" height=\"288\" loading=\"lazy\"", shown(&format!("/i/{name}"))),
            &format!("{} width=\"40\" height=\"20\" loading=\"lazy\"", shown("/s.png")),
            &format!("{} loading=\"lazy\"", shown("https://far.example/a.jpg")),
        ],
    );
    // It is made for lists alone as well; of another size than before, which gives other bytes.
    site.edit("content/2016/trip/index.md", "![x](a.jpg)", "Words.").build_alone();
    assert_eq!(renditions(&site).len(), 2, "{:?}", renditions(&site));
    site.holds("index.html", &[&name]);
    site.write(
        "backmatter.toml",
        "base_url = \"https://example.com\"\n[theme_options]\ncard_pictures = false\n",
    )
    .build_alone();
    site.lacks("index.html", &["class=\"thumbnail\""]);
}

#[test]
fn the_picture_of_a_post_stands_above_its_text_if_that_is_wanted() {
    const PAGE: &str = "2016/12/15/trip/index.html";
    let mut site = SiteTest::new(
        "-- backmatter.toml --\nbase_url = \"https://example.com\"\n[theme_options]\npost_picture = true\n",
    );
    let front = "+++\ntitle = \"Trip\"\ndate = 2016-12-15\nimage = \"a.jpg\"\nimage_alt = \"A & B\"\n+++\n";
    site.write("content/2016/trip/index.md", format!("{front}Words.\n"));
    site.write("content/2016/trip/a.jpg", jpeg(&quarters(1600, 800, QUARTERS), 1600, 800));
    site.build_alone();
    let mut addresses = Vec::new();
    site.page(PAGE, |html| {
        let (_, rest) =
            html.split_once("<figure class=\"cover\"><img class=\"u-featured\" src=\"").expect("it is there");
        let (tag, _) = rest.split_once("></figure>").expect("it ends");
        assert!(
            tag.ends_with("alt=\"A &amp; B\" width=\"1200\" height=\"600\" fetchpriority=\"high\""),
            "{tag}"
        );
        let srcset = tag
            .split_once("srcset=\"")
            .and_then(|(_, rest)| rest.split_once('"'))
            .expect("there are sizes")
            .0;
        addresses =
            srcset.split(", ").map(|size| size.split(' ').next().unwrap_or_default().to_owned()).collect();
        assert!(srcset.ends_with(" 1200w") && srcset.contains(" 480w, "), "{srcset}");
    });
    for address in addresses {
        site.exists(address.trim_start_matches('/'), true);
    }
    // A text that shows it would show it twice.
    site.write("content/2016/trip/index.md", format!("{front}![x](a.jpg)\n"))
        .build_alone()
        .lacks(PAGE, &["class=\"cover\""]);
    site.edit("content/2016/trip/index.md", "\"a.jpg\"", "\"https://far.example/a.jpg\"").build_alone();
    site.holds(
        PAGE,
        &["<img class=\"u-featured\" src=\"https://far.example/a.jpg\" alt=\"A &amp; B\" fetchpriority"],
    );
    site.write("backmatter.toml", "base_url = \"https://example.com\"\n")
        .build_alone()
        .lacks(PAGE, &["class=\"cover\""]);
}

#[test]
fn a_theme_shows_the_largest_size_above_the_page_without_a_script() {
    let mut site = SiteTest::new(&format!("{POST}![A hill](a.jpg)\n\n![](a.jpg)\n"));
    site.write("content/2016/trip/a.jpg", photograph(1200, 800))
        .write("themes/default/theme.toml", "image_zoom = \"popover\"\n")
        .build();
    let names = renditions(&site);
    let large = names.iter().find(|name| name.ends_with("-1200.webp")).expect("it is there");
    let page = site.output("2016/12/15/trip/index.html");
    let (_, behind) = page
        .split_once("<button class=\"zoom\" type=\"button\" popovertarget=\"zoom-")
        .expect("it is a button");
    let (number, behind) = behind.split_once("\"><picture>").expect("the picture is in it");
    let (_, behind) = behind.split_once("</picture></button>").expect("the button ends");
    assert!(
        behind.starts_with(&format!(
            "<span class=\"zoomed\" id=\"zoom-{number}\" popover><button type=\"button\" popovertarget=\"zoom-{number}\">\
             <img src=\"/i/{large}\" alt=\"A hill\" width=\"1200\" height=\"800\" loading=\"lazy\"></button></span>"
        )),
        "{behind}"
    );
    assert!(!site.output("atom.xml").contains("popover"));
    site.write("themes/default/theme.toml", "image_zoom = \"box\"\n");
    site.fails(&["themes/default/theme.toml:1:14: `image_zoom` must be `true`, `false` or `\"popover\"`, but this is text"]);
}

#[test]
fn the_bytes_of_a_file_count_and_not_its_ending() {
    let mut site = SiteTest::new(&format!("{POST}![a](a.png)\n\n![b](b.jpg)\n"));
    let drawing = png(&quarters(900, 600, QUARTERS), 900, 600, png::ColorType::Rgb, png::BitDepth::Eight);
    site.write("content/2016/trip/a.png", with_exif(&photograph(900, 600), 6))
        .write("content/2016/trip/b.jpg", drawing)
        .build();
    site.warnings(&[]);
    let names = renditions(&site);
    // The photograph has a JPEG beside its WebP, if it is large enough; the drawing keeps its file.
    assert!(
        names.iter().any(|name| name.starts_with("a-")) && names.iter().any(|name| name.starts_with("b-"))
    );
    site.exists("2016/12/15/trip/b.jpg", true);
    site.holds("2016/12/15/trip/index.html", &["alt=\"a\" width=\"600\" height=\"900\""]);
}

/// A limit on the size of files stands for a disk that is full: writing fails in the middle.
#[cfg(unix)]
#[test]
fn a_full_disk_ends_the_build_and_loses_nothing() {
    let mut site = SiteTest::new(&format!("{POST}Words.\n"));
    site.build();
    let before = files(&site.path("public"));
    site.write("content/2016/trip/a.jpg", photograph(1800, 1200)).edit(
        "content/2016/trip/index.md",
        "Words.",
        "![x](a.jpg)",
    );
    // In blocks of 512 bytes. Without the trap the signal ends the program.
    let script = "trap '' XFSZ; ulimit -f 400; exec \"$0\" --root \"$1\" build";
    let mut limited = std::process::Command::new("sh");
    limited.args(["-c", script, env!("CARGO_BIN_EXE_backmatter")]).arg(site.root());
    let output = limited.output().expect("a shell is there");
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("error: cannot write `") && said.contains(".backmatter/images"), "{said}");
    assert_eq!(files(&site.path("public")), before);
    assert_eq!(cached(&site), 2, "those that are small enough");
    site.build();
    assert_eq!(renditions(&site).len(), 4);
}

/// How the four quarters of a file have to stand to look like [`QUARTERS`] when they are turned (Exif, tag 274).
fn stored(orientation: u8) -> [Color; 4] {
    let [a, b, c, d] = QUARTERS;
    match orientation {
        2 => [b, a, d, c],
        3 => [d, c, b, a],
        4 => [c, d, a, b],
        5 => [a, c, b, d],
        6 => [b, d, a, c],
        7 => [d, b, c, a],
        8 => [c, a, d, b],
        _ => [a, b, c, d],
    }
}

#[test]
fn each_orientation_is_upright() {
    for orientation in 1..=8 {
        let (width, height) = if orientation >= 5 { (400, 600) } else { (600, 400) };
        let pixels = quarters(width, height, stored(orientation));
        let photograph = with_exif(&jpeg(&pixels, width, height), orientation);
        let drawing = png(&pixels, width, height, png::ColorType::Rgb, png::BitDepth::Eight);
        let drawing = png_with_exif(&drawing, orientation);
        let mut site = SiteTest::new(&format!(
            "-- backmatter.toml --\nbase_url = \"https://example.com\"\n[images]\nwidths = [200]\n{POST}![x](a.jpg)\n\n![y](b.png)\n"
        ));
        site.write("content/2016/trip/a.jpg", photograph)
            .write("content/2016/trip/b.png", drawing)
            .build_alone();
        site.holds(
            "2016/12/15/trip/index.html",
            &["alt=\"x\" width=\"600\" height=\"400\"", "alt=\"y\" width=\"600\" height=\"400\""],
        );
        for name in renditions(&site).into_iter().filter(|name| name.ends_with(".webp")) {
            let bytes = fs::read(site.path("public/i").join(&name)).expect("it is there");
            assert_colors(quarters_of(&bytes), QUARTERS, &format!("{name}, orientation {orientation}"));
        }
    }
}

#[test]
fn colors_of_other_profiles_inks_and_deep_pixels_are_read() {
    let mut site = SiteTest::new(&format!(
        "-- backmatter.toml --\nbase_url = \"https://example.com\"\n[images]\nwidths = [200]\n\
         {POST}![p3](p3.jpg)\n\n![cmyk](cmyk.jpg)\n\n![deep](deep.png)\n\n![gray](gray.jpg)\n\n![clear](clear.png)\n"
    ));
    let wide = quarters(400, 400, [[200, 100, 100]; 4]);
    let mut p3 = Vec::new();
    let mut encoder = Encoder::new(&mut p3, 95);
    encoder
        .add_icc_profile(&moxcms::ColorProfile::new_display_p3().encode().expect("it is a profile"))
        .expect("it fits");
    encoder.encode(&wide, 400, 400, ColorType::Rgb).expect("it can be encoded");
    // Cyan, magenta, yellow and black, each in its quarter.
    let mut inks = Vec::new();
    for y in 0..400 {
        for x in 0..400 {
            let quarter = usize::from(x >= 200) + 2 * usize::from(y >= 200);
            inks.extend([[255, 0, 0, 0], [0, 255, 0, 0], [0, 0, 255, 0], [0, 0, 0, 255]][quarter]);
        }
    }
    let mut cmyk = Vec::new();
    Encoder::new(&mut cmyk, 95).encode(&inks, 400, 400, ColorType::Cmyk).expect("it can be encoded");
    let deep: Vec<u8> = quarters(400, 400, QUARTERS).into_iter().flat_map(|byte| [byte, 7]).collect();
    let deep = png(&deep, 400, 400, png::ColorType::Rgb, png::BitDepth::Sixteen);
    let mut gray = Vec::new();
    Encoder::new(&mut gray, 95)
        .encode(&vec![90; 160_000], 400, 400, ColorType::Luma)
        .expect("it can be encoded");
    // Red that is seen on the left, and blue that is not seen on the right.
    let clear: Vec<u8> = (0..160_000)
        .flat_map(|at| if at % 400 < 200 { [220, 20, 20, 255] } else { [20, 20, 220, 0] })
        .collect();
    let clear = png(&clear, 400, 400, png::ColorType::Rgba, png::BitDepth::Eight);
    for (name, bytes) in
        [("p3.jpg", p3), ("cmyk.jpg", cmyk), ("deep.png", deep), ("gray.jpg", gray), ("clear.png", clear)]
    {
        site.write(&format!("content/2016/trip/{name}"), bytes);
    }
    site.build_alone();
    let of = |stem: &str| {
        let name =
            renditions(&site).into_iter().find(|name| name.starts_with(stem) && name.ends_with(".webp"));
        let name = name.unwrap_or_else(|| panic!("`{stem}` has no rendition"));
        fs::read(site.path("public/i").join(name)).expect("it is there")
    };
    // What is (200, 100, 100) in Display P3 is redder in sRGB.
    assert_colors(quarters_of(&of("p3-")), [[215, 94, 97]; 4], "Display P3");
    let [cyan, magenta, yellow, black] = quarters_of(&of("cmyk-"));
    assert_colors(
        [cyan, magenta, yellow, black],
        [[0, 255, 255], [255, 0, 255], [255, 255, 0], [0, 0, 0]],
        "inks",
    );
    assert_colors(quarters_of(&of("deep-")), QUARTERS, "16 bits");
    assert_colors(quarters_of(&of("gray-")), [[90, 90, 90]; 4], "gray");
    let clear = of("clear-");
    let mut decoder = image_webp::WebPDecoder::new(std::io::Cursor::new(&clear)).expect("it is a WebP");
    assert!(decoder.has_alpha());
    let mut pixels = vec![0; decoder.output_buffer_size().expect("it is small")];
    decoder.read_image(&mut pixels).expect("it is whole");
    assert_eq!((pixels[3], pixels[4 * 199 + 3]), (255, 0));
    // What shows through is not published as a JPEG, which has no such pixels.
    assert!(!renditions(&site).iter().any(|name| name.starts_with("clear-") && name.ends_with(".jpg")));
}

#[test]
fn what_moves_and_what_is_no_photograph_stays_as_it_is() {
    let mut site = SiteTest::new(&format!(
        "{POST}![moves](m.gif)\n\n![film](f.webp)\n\n![drawing](d.svg)\n\n![page](p.jpg)\n\n![small](s.jpg)\n"
    ));
    let frame = b"\x2c\0\0\0\0\x58\x02\x90\x01\0\x02\x02\x44\x01\0";
    let gif = [&b"GIF89a\x58\x02\x90\x01\x80\0\0\xff\0\0\0\0\xff"[..], frame, frame, b"\x3b"].concat();
    let anim = b"\x02\0\0\0\x57\x02\0\x8f\x01\0";
    let mut webp = b"RIFF\x1e\0\0\0WEBPVP8X\x0a\0\0\0".to_vec();
    webp.extend(anim);
    webp.extend([0; 4]);
    site.write("content/2016/trip/m.gif", gif)
        .write("content/2016/trip/f.webp", webp)
        .write("content/2016/trip/d.svg", "<svg viewBox='0 0 900 600'><a onclick='x()'/></svg>")
        .write("content/2016/trip/p.jpg", format!("<html>{}</html>", "not found ".repeat(20)))
        .write("content/2016/trip/s.jpg", photograph(300, 200))
        .build();
    assert_eq!(renditions(&site), Vec::<String>::new());
    site.body_of(
        "2016/12/15/trip/index.html",
        "<p><img src=\"/2016/12/15/trip/m.gif\" alt=\"moves\" width=\"600\" height=\"400\"></p>\n\
         <p><img src=\"/2016/12/15/trip/f.webp\" alt=\"film\" width=\"600\" height=\"400\" loading=\"lazy\"></p>\n\
         <p><img src=\"/2016/12/15/trip/d.svg\" alt=\"drawing\" style=\"aspect-ratio:3/2;width:100%\" loading=\"lazy\"></p>\n\
         <p><img src=\"/2016/12/15/trip/p.jpg\" alt=\"page\" loading=\"lazy\"></p>\n\
         <p><img src=\"/2016/12/15/trip/s.jpg\" alt=\"small\" width=\"300\" height=\"200\" loading=\"lazy\"></p>",
    );
    site.warnings(&[
        "content/2016/trip/d.svg: this drawing holds a script (in `<img>` it does not run, but it does for those who open the file: take it out)",
        "content/2016/trip/p.jpg: this is not a picture, though its name says so: browsers show none (export or download it again)",
    ]);
}

#[test]
fn a_photograph_that_browsers_do_not_show_is_an_error_with_the_command_that_mends_it() {
    let mut site = SiteTest::new(&format!("{POST}![x](IMG_1.HEIC)\n\n![scan](scan.tiff)\n"));
    site.write(
        "content/2016/trip/scan.tiff",
        b"MM\0\x2a\0\0\0\x08\0\x01\x01\x0f\0\x02\0\0\0\x04Ace\0\0\0\0\0",
    );
    let heic = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic\0\0\0\x08meta".to_vec();
    site.write("content/2016/trip/IMG_1.HEIC", heic);
    site.builds_without(&[
        "content/2016/trip/IMG_1.HEIC: this is a HEIC file, which most browsers do not show (convert it with `heif-convert content/2016/trip/IMG_1.HEIC content/2016/trip/IMG_1.jpg`, on a Mac `sips -s format jpeg content/2016/trip/IMG_1.HEIC --out content/2016/trip/IMG_1.jpg`, and show that)",
        "content/2016/trip/scan.tiff: this is a TIFF file, which most browsers do not show (convert it with `magick content/2016/trip/scan.tiff content/2016/trip/scan.jpg`, and show that)",
    ]);
}

#[test]
fn one_odd_file_is_a_warning_and_is_shown_as_it_is() {
    let mut site =
        SiteTest::new(&format!("{POST}![cut](cut.jpg)\n\n![bomb](bomb.png)\n\n![well](well.jpg)\n"));
    let mut cut = photograph(900, 600);
    cut.truncate(cut.len() / 3);
    // A hundred thousand pixels each way, in a few bytes.
    let header = b"\0\x01\x86\xa0\0\x01\x86\xa0\x08\x02\0\0\0";
    let chunk = |kind: &[u8], data: &[u8]| {
        [&u32::try_from(data.len()).unwrap().to_be_bytes(), kind, data, &[0; 4]].concat()
    };
    let bomb =
        [b"\x89PNG\r\n\x1a\n".to_vec(), chunk(b"IHDR", header), chunk(b"IDAT", b"x"), chunk(b"IEND", b"")]
            .concat();
    site.write("content/2016/trip/cut.jpg", cut)
        .write("content/2016/trip/bomb.png", bomb)
        .write("content/2016/trip/well.jpg", photograph(900, 600))
        .build();
    site.holds(
        "2016/12/15/trip/index.html",
        &[
            "<img src=\"/2016/12/15/trip/cut.jpg\" alt=\"cut\"",
            "<img src=\"/2016/12/15/trip/bomb.png\" alt=\"bomb\" width=\"100000\"",
            "<picture>",
        ],
    );
    let warnings: Vec<String> =
        site.report().diagnostics.iter().map(|fault| format!("{}: {}", fault.path, fault.message)).collect();
    assert_eq!(warnings.len(), 2, "{warnings:?}");
    assert_eq!(
        warnings[0],
        "content/2016/trip/bomb.png: this picture has more than 100000000 pixels, and is shown as it is"
    );
    assert!(
        warnings[1].starts_with(
            "content/2016/trip/cut.jpg: this picture cannot be decoded, and is shown as it is: "
        ),
        "{warnings:?}"
    );
    // It is known by then, and said each time.
    site.build().is_settled();
    assert_eq!(site.report().diagnostics.len(), 2);
    site.write("content/2016/trip/cut.jpg", photograph(901, 600)).build();
    assert_eq!(site.report().diagnostics.len(), 1);
}

#[test]
fn places_and_names_never_leave_the_folder_of_the_site() {
    let mut site = SiteTest::new(&format!("{POST}[The file](a.jpg) ![x](a.jpg) [drawing](b.png)\n"));
    let pixels = quarters(600, 400, QUARTERS);
    let plain = jpeg(&pixels, 600, 400);
    let mut photograph = with_exif(&plain, 3);
    // A second picture, as cameras put it there.
    photograph.extend(with_exif(&plain, 1));
    let drawing = png_with_exif(&png(&pixels, 600, 400, png::ColorType::Rgb, png::BitDepth::Eight), 1);
    site.write("content/2016/trip/a.jpg", &photograph).write("content/2016/trip/b.png", drawing).build();
    for (path, bytes) in files(&site.path("public")) {
        let has = |text: &[u8]| bytes.windows(text.len()).any(|part| part == text);
        assert!(!has(b"SECRETMAKER") && !has(b"Exif\0\0MM\0\x2a\0\0\0\x08\0\x03"), "{path}");
    }
    let published = fs::read(site.path("public/2016/12/15/trip/a.jpg")).expect("it is there");
    // The orientation stays, and so do all pixels.
    assert_eq!(published[..2], plain[..2]);
    assert!(published.ends_with(&plain[plain.len() - 1000..]));
    site.holds(
        "2016/12/15/trip/index.html",
        &["<a href=\"/2016/12/15/trip/a.jpg\">", "width=\"600\" height=\"400\""],
    );
    site.write("backmatter.toml", "base_url = \"https://example.com\"\n[images]\nstrip = \"nothing\"\n")
        .build();
    assert_eq!(fs::read(site.path("public/2016/12/15/trip/a.jpg")).expect("it is there"), photograph);
}

#[test]
fn the_published_site_is_the_cache() {
    let mut site = SiteTest::new(&format!(
        "-- backmatter.toml --\nbase_url = \"https://example.com\"\nid = \"example.com\"\n[network]\nallow = [\"example.com\"]\n\
         [publish.web]\nkind = \"directory\"\nto = \"web\"\nmode = \"in-place\"\n{POST}![x](a.jpg)\n"
    ));
    site.write("content/2016/trip/a.jpg", photograph(1000, 500));
    let publish = |site: &SiteTest| run(&mut command(site.root(), ["publish", "--yes", "--no-send"]));
    assert_eq!(publish(&site).code, Some(0));
    let published = files(&site.path("web/i"));
    assert_eq!(published.len(), 2, "{:?}", published.keys());
    // A machine that has nothing but the site.
    fs::remove_dir_all(site.path(".backmatter")).expect("it is there");
    fs::remove_dir_all(site.path("public")).expect("it is there");
    assert_eq!(publish(&site).code, Some(0));
    assert_eq!((cached(&site), renditions(&site)), (0, Vec::new()));
    assert_eq!(files(&site.path("web/i")), published);
    // A new picture is made, and the old one still is not.
    site.write("content/2016/trip/b.jpg", photograph(600, 300)).edit(
        "content/2016/trip/index.md",
        "![x]",
        "![y](b.jpg)\n\n![x]",
    );
    assert_eq!(publish(&site).code, Some(0));
    assert!(renditions(&site).iter().all(|name| name.starts_with("b-")), "{:?}", renditions(&site));
    assert_eq!(files(&site.path("web/i")).len(), 4);
}

#[test]
fn posts_without_a_picture_get_one_of_their_title_if_that_is_wanted() {
    let mut site = SiteTest::new(&format!(
        "{POST}Words.\n-- content/2016/kana.md --\n+++\ntitle = \"図書館\"\ndate = 2016-12-16\n+++\nWords.\n\
         -- content/2016/own.md --\n+++\ntitle = \"Own\"\ndate = 2016-12-17\nimage = \"/own.svg\"\n+++\nWords.\n-- static/own.svg --\n<svg/>\n"
    ));
    site.build();
    site.exists("2016/12/15/trip/card.png", false);
    site.write(
        "backmatter.toml",
        "base_url = \"https://example.com\"\ntitle = \"Site\"\n[images]\ncards = true\n",
    )
    .build();
    site.warnings(&["content/2016/kana.md: there is no card for previews of links: the fonts have no `図` (give the post an `image`)"]);
    site.exists("2016/12/15/trip/card.png", true)
        .exists("2016/12/16/kana/card.png", false)
        .exists("2016/12/17/own/card.png", false);
    site.holds(
        "2016/12/15/trip/index.html",
        &[
            "<meta property=\"og:image\" content=\"https://example.com/2016/12/15/trip/card.png\">",
            "<meta property=\"og:image:width\" content=\"1200\">",
            "<meta property=\"og:image:height\" content=\"630\">",
            "<meta property=\"og:image:alt\" content=\"Trip\">",
        ],
    );
    let card = fs::read(site.path("public/2016/12/15/trip/card.png")).expect("it is there");
    assert_eq!(card[16..24], [0, 0, 4, 176, 0, 0, 2, 118]);
    site.edit("content/2016/trip/index.md", "title = \"Trip\"", "title = \"Journey\"").build();
    assert_ne!(fs::read(site.path("public/2016/12/15/trip/card.png")).expect("it is there"), card);
    // Another theme draws it.
    site.write("templates/card.svg.xml", "<p>{{ card.title }}</p>");
    site.fails(&["templates/card.svg.xml: the card of `/2016/12/15/trip/card.png` cannot be drawn: what the template makes is not an SVG"]);
}
