//! Colours: what a file says of them by its profile becomes sRGB, in which renditions are.

use moxcms::{ColorProfile, DataColorSpace, Layout, TransformOptions};

use super::pixels::{Channels, Pixels};

/// The pixels in sRGB. Colours of a profile that is damaged are taken as they are, as browsers do.
pub(super) fn in_srgb(pixels: Pixels, profile: Option<&[u8]>) -> Pixels {
    let converted = profile.and_then(|profile| by_profile(&pixels, profile));
    match (converted, pixels.channels) {
        (Some(converted), _) => converted,
        (None, Channels::Cmyk) => without_profile(&pixels),
        (None, _) => pixels,
    }
}

fn by_profile(pixels: &Pixels, profile: &[u8]) -> Option<Pixels> {
    let profile = ColorProfile::new_from_slice(profile).ok()?;
    let srgb = ColorProfile::new_srgb();
    let (space, layout, to, channels) = match pixels.channels {
        Channels::Gray => (DataColorSpace::Gray, Layout::Gray, Layout::Rgb, Channels::Rgb),
        Channels::Rgb => (DataColorSpace::Rgb, Layout::Rgb, Layout::Rgb, Channels::Rgb),
        Channels::Rgba => (DataColorSpace::Rgb, Layout::Rgba, Layout::Rgba, Channels::Rgba),
        // Four inks are laid out as four channels.
        Channels::Cmyk => (DataColorSpace::Cmyk, Layout::Rgba, Layout::Rgb, Channels::Rgb),
    };
    if profile.color_space != space {
        return None;
    }
    let transform = profile.create_transform_8bit(layout, &srgb, to, TransformOptions::default()).ok()?;
    let mut data = vec![0; pixels.data.len() / pixels.channels.count() * channels.count()];
    transform.transform(&pixels.data, &mut data).ok()?;
    Some(Pixels { width: pixels.width, height: pixels.height, channels, data })
}

/// Inks as each browser mixes them where there is no profile: each takes its part of the light.
fn without_profile(pixels: &Pixels) -> Pixels {
    let mix = |ink: u8, black: u8| {
        let light = u32::from(255 - ink) * u32::from(255 - black) / 255;
        u8::try_from(light).unwrap_or(u8::MAX)
    };
    let data = pixels
        .data
        .chunks_exact(4)
        .flat_map(|inks| [mix(inks[0], inks[3]), mix(inks[1], inks[3]), mix(inks[2], inks[3])]);
    Pixels { width: pixels.width, height: pixels.height, channels: Channels::Rgb, data: data.collect() }
}
