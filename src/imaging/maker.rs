//! Makes the renditions of many pictures, as many at a time as fit into the memory that is allowed.

use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};

use fast_image_resize::Resizer;
use parking_lot::{Condvar, Mutex};

use super::PictureFault;
use super::color::in_srgb;
use super::decode::decode;
use super::encode::encode;
use crate::error::Error;
use crate::hash::Hash;
use crate::picture::header::PictureHeader;
use crate::picture::renditions::Rendition;
use crate::scan::FileOrigin;
use crate::sys::worker;

/// A picture, and what is to be made of it.
#[derive(Debug)]
pub(crate) struct PictureOrder<'a> {
    pub(crate) origin: &'a FileOrigin,
    pub(crate) header: &'a PictureHeader,
    /// The fingerprint of its bytes when the site was read.
    pub(crate) hash: Hash,
    /// At least one.
    pub(crate) wanted: Vec<&'a Rendition>,
}

impl PictureOrder<'_> {
    fn largest(&self) -> u32 {
        self.wanted.iter().map(|rendition| rendition.width).max().unwrap_or(1)
    }

    /// Bytes that encoding takes at its peak: the pixels of the largest rendition, and what an encoder of WebP makes of them.
    fn encoding_bytes(&self) -> u64 {
        let pixels =
            self.wanted.iter().map(|rendition| u64::from(rendition.width) * u64::from(rendition.height));
        8 * pixels.max().unwrap_or(0)
    }
}

/// Makes all of several orders, on several threads. `made` is called with the place of each order and what came of it, and says
/// whether to go on.
pub(crate) fn make_all(
    orders: &[PictureOrder<'_>],
    memory_mb: u64,
    made: impl Fn(usize, Result<Vec<Vec<u8>>, PictureFault>) -> ControlFlow<()> + Sync,
) {
    let budget = MemoryBudget::new(memory_mb.saturating_mul(1 << 20));
    let next = AtomicUsize::new(0);
    worker::in_parallel(rayon::current_num_threads().min(orders.len()), |_| {
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(order) = orders.get(at) else { return };
            let encoding = with_spare(order.encoding_bytes());
            // The largest rendition is made while the decoded pixels are there.
            let decoding = with_spare(order.header.decoding_bytes(order.largest())) + encoding / 2;
            let mut share = budget.take(decoding);
            // Encoding takes longer than decoding and less memory: another picture is decoded meanwhile.
            let outcome = make(order, || share.reduce_to(encoding));
            drop(share);
            if made(at, outcome).is_break() {
                next.store(orders.len(), Ordering::Relaxed);
            }
        }
    });
}

/// Bytes with a quarter more: the file itself, and what the allocator keeps of memory that is given back, for a while.
fn with_spare(bytes: u64) -> u64 {
    bytes + bytes / 4
}

/// Makes what one order asks for, in its order. `on_decoded` is called when the pixels of the file are no longer in memory.
pub(crate) fn make(
    order: &PictureOrder<'_>,
    on_decoded: impl FnOnce(),
) -> Result<Vec<Vec<u8>>, PictureFault> {
    let bytes = order.origin.read().map_err(|error| match &error {
        Error::Io { source, .. } => PictureFault::Unreadable(format!("the file cannot be read: {source}")),
        error => PictureFault::Unreadable(error.to_string()),
    })?;
    if Hash::of(&bytes) != order.hash {
        return Err(PictureFault::Changed);
    }
    // Decoders meet bytes of any kind, and one of them may have a fault of its own.
    catch_unwind(AssertUnwindSafe(|| of_bytes(bytes, order, on_decoded))).unwrap_or_else(|_| {
        Err(PictureFault::Undecodable("the decoder stopped in the middle of it".to_owned()))
    })
}

fn of_bytes(
    bytes: Vec<u8>,
    order: &PictureOrder<'_>,
    on_decoded: impl FnOnce(),
) -> Result<Vec<Vec<u8>>, PictureFault> {
    let header = order.header;
    let decoded = decode(&bytes, header, header.shrinking(order.largest()))?;
    drop(bytes);
    // The widest first: each is made of the one before it, which is nearly as good and much smaller than the file.
    let mut places: Vec<usize> = (0..order.wanted.len()).collect();
    places.sort_by_key(|&at| std::cmp::Reverse(order.wanted[at].width));
    let Some(first) = places.first().map(|&at| order.wanted[at]) else { return Ok(Vec::new()) };
    let (width, height) = match header.orientation.exchanges_sides() {
        true => (first.height, first.width),
        false => (first.width, first.height),
    };
    let mut resizer = Resizer::new();
    let shrunk = decoded.pixels.resized(decoded.extent, width, height, &mut resizer)?;
    drop(decoded.pixels);
    on_decoded();
    let mut pixels = in_srgb(shrunk, decoded.profile.as_deref()).turned(header.orientation);
    let mut encoded = vec![Vec::new(); order.wanted.len()];
    for at in places {
        let wanted = order.wanted[at];
        if (wanted.width, wanted.height) != (pixels.width, pixels.height) {
            pixels = pixels.resized(pixels.extent(), wanted.width, wanted.height, &mut resizer)?;
        }
        encoded[at] = encode(&pixels, wanted.encoding)?;
    }
    Ok(encoded)
}

/// Memory that is shared out. One share is always given, however large it is.
pub(crate) struct MemoryBudget {
    all: u64,
    taken: Mutex<u64>,
    given_back: Condvar,
}

/// A share that is given back when it is dropped.
pub(crate) struct MemoryShare<'b> {
    budget: &'b MemoryBudget,
    bytes: u64,
}

impl MemoryBudget {
    /// A number of bytes.
    pub(crate) fn new(bytes: u64) -> Self {
        Self { all: bytes, taken: Mutex::new(0), given_back: Condvar::new() }
    }

    /// Waits until there is room.
    pub(crate) fn take(&self, bytes: u64) -> MemoryShare<'_> {
        let mut taken = self.taken.lock();
        while *taken > 0 && *taken + bytes > self.all {
            self.given_back.wait(&mut taken);
        }
        *taken += bytes;
        MemoryShare { budget: self, bytes }
    }
}

impl MemoryShare<'_> {
    /// Gives a part of it back.
    fn reduce_to(&mut self, bytes: u64) {
        let spare = self.bytes.saturating_sub(bytes);
        self.bytes -= spare;
        *self.budget.taken.lock() -= spare;
        self.budget.given_back.notify_all();
    }
}

impl Drop for MemoryShare<'_> {
    fn drop(&mut self) {
        *self.budget.taken.lock() -= self.bytes;
        self.budget.given_back.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::path::{SourcePath, UrlPath};
    use crate::picture::renditions::RenditionEncoding;

    /// The names of renditions were given for other bytes: none may hold these.
    #[test]
    fn a_picture_that_changes_after_it_was_read_makes_nothing() {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let file = folder.path().join("a.jpg");
        let mut bytes = Vec::new();
        let encoder = jpeg_encoder::Encoder::new(&mut bytes, 80);
        encoder.encode(&[90; 48 * 32 * 3], 48, 32, jpeg_encoder::ColorType::Rgb).expect("it can be encoded");
        let path = SourcePath::new("content/a.jpg").expect("it is a path");
        let header = PictureHeader::of(&path, &bytes).expect("its name is that of a picture");
        let url = UrlPath::new("/i/a-111111111111-24.jpg").expect("it is an address");
        let rendition =
            Rendition { url, width: 24, height: 16, encoding: RenditionEncoding::Jpeg { quality: 80 } };
        let origin = FileOrigin::Disk(file.clone());
        let order = PictureOrder {
            origin: &origin,
            header: &header,
            hash: Hash::of(&bytes),
            wanted: vec![&rendition],
        };
        std::fs::write(&file, &bytes).expect("it can be written");
        assert_eq!(make(&order, || {}).map(|made| made.len()), Ok(1));
        std::fs::write(&file, &bytes[..bytes.len() / 2]).expect("it can be written");
        assert_eq!(make(&order, || {}), Err(PictureFault::Changed));
        std::fs::remove_file(&file).expect("it is there");
        assert!(matches!(make(&order, || {}), Err(PictureFault::Unreadable(_))));
    }
}
