//! What a GIF holds besides its pictures.

use std::ops::Range;

/// Comments, XMP and the notes of programs. How often an animation is played and the profile of its colours stay
/// (GIF89a, sections 24 and 26).
pub(super) fn private_parts(bytes: &[u8]) -> Vec<Range<usize>> {
    const LOOK: [&[u8]; 3] = [b"NETSCAPE2.0", b"ANIMEXTS1.0", b"ICCRGBG1012"];
    let mut parts = Vec::new();
    let Some(&flags) = bytes.get(10).filter(|_| bytes.starts_with(b"GIF8")) else { return parts };
    let mut at = 13 + color_table(flags);
    while let Some(&block) = bytes.get(at) {
        let start = at;
        let is_private = match (block, bytes.get(at + 1)) {
            (b'!', Some(0xfe)) => true,
            (b'!', Some(0xff)) => bytes.get(at + 3..at + 14).is_some_and(|name| !LOOK.contains(&name)),
            _ => false,
        };
        at = match block {
            b',' => at + 11 + bytes.get(at + 9).copied().map_or(0, color_table),
            b'!' => at + 2,
            b';' => {
                // What stands behind the end belongs to no picture.
                parts.extend((at + 1 < bytes.len()).then_some(at + 1..bytes.len()));
                return parts;
            }
            _ => return parts,
        };
        // Blocks of data up to one that is empty.
        loop {
            let Some(&length) = bytes.get(at) else { return parts };
            at += 1 + usize::from(length);
            if length == 0 {
                break;
            }
        }
        if is_private {
            parts.push(start..at);
        }
    }
    parts
}

/// The bytes of a table of colours, by the flags that announce it.
fn color_table(flags: u8) -> usize {
    if flags & 0x80 == 0 { 0 } else { 3 << ((flags & 7) + 1) }
}
