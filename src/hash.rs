//! Fingerprints: 128-bit XXH3, the same on every machine and in every release.
//!
//! They tell *changed* from *unchanged*; they do not withstand an attacker who looks for a collision.

use std::fmt;

use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::{Xxh3, xxh3_128};

/// The fingerprint of some bytes or of a value.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
pub struct Hash(u128);

impl Hash {
    /// The fingerprint of `bytes`.
    pub fn of(bytes: &[u8]) -> Self {
        Self(xxh3_128(bytes))
    }

    /// The fingerprint of a value, by its serialised form. Two values of the same type have the same
    /// fingerprint exactly if they serialise alike, so types with hash maps in them have no place here.
    pub fn of_value<T: Serialize + ?Sized>(value: &T) -> Self {
        // Many small updates of a streaming hasher cost more than one buffer.
        let buffer = Vec::with_capacity(1024);
        let bytes = postcard::to_extend(value, buffer).expect("all our values have known lengths");
        Self::of(&bytes)
    }

    /// The fingerprint of several, in order.
    pub fn of_all(parts: &[Self]) -> Self {
        let mut hasher = Xxh3::new();
        for part in parts {
            hasher.update(&part.0.to_le_bytes());
        }
        Self(hasher.digest128())
    }

    /// The fingerprint that is written so.
    pub fn parse(text: &str) -> Option<Self> {
        let is_written_so = text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        u128::from_str_radix(text, 16).ok().filter(|_| is_written_so).map(Self)
    }

    /// The first 32 bits, where a short mark will do.
    pub fn short(self) -> u32 {
        u32::try_from(self.0 >> 96).expect("32 bits are left")
    }

    /// The first 64 bits, for a list of many.
    pub fn long(self) -> u64 {
        u64::try_from(self.0 >> 64).expect("64 bits are left")
    }

    /// The first eight hexadecimal digits, as used in anchors and asset addresses.
    pub fn short_hex(self) -> String {
        format!("{:08x}", self.short())
    }
}

/// Bytes as hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_that_differ_anywhere_have_other_fingerprints() {
        assert_eq!(Hash::of_value(&("a", 1)), Hash::of_value(&("a", 1)));
        assert_ne!(Hash::of_value(&("a", 1)), Hash::of_value(&("a", 2)));
        assert_ne!(Hash::of_value(&["ab", "c"]), Hash::of_value(&["a", "bc"]));
    }

    #[test]
    fn a_fingerprint_can_be_read_again() {
        let hash = Hash::of(b"backmatter");
        assert_eq!(Hash::parse(&hash.to_string()), Some(hash));
        assert_eq!(Hash::parse("+9aa06d3014798d86001c324468d497f"), None);
        assert_eq!(Hash::parse(""), None);
    }

    #[test]
    fn fingerprints_are_the_same_for_ever() {
        assert_eq!(Hash::of(b"backmatter").to_string().len(), 32);
        assert_eq!(Hash::of(b"").to_string(), "99aa06d3014798d86001c324468d497f");
    }
}
