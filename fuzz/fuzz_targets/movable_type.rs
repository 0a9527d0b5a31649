//! Exports of Movable Type and TypePad: everything in the file is accounted for, and every text is proven.
#![no_main]

mod exports;

use backmatter::internals::import::ImportFormat;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| exports::check(ImportFormat::MovableType, data));
