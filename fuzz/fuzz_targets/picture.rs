//! Headers of pictures, and the files that are published of them.
#![no_main]

use backmatter::internals::path::SourcePath;
use backmatter::internals::picture::{PictureHeader, without_private_data};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let path = SourcePath::new("content/picture.jpg").expect("it is a path");
    let header = PictureHeader::of(&path, data).expect("its name is that of a picture");
    let published = without_private_data(header.format, data);
    // Only the orientation is left, which is what is written again.
    if PictureHeader::of(&path, &published).is_some_and(|header| header.has_private_data) {
        assert_eq!(without_private_data(header.format, &published), published);
    }
});
