//! A stream of bits, highest first.

/// Writes bits.
#[derive(Debug, Default)]
pub(super) struct BitWriter {
    bytes: Vec<u8>,
    /// Bits of the last byte that are taken, 0 to 7; 0 where it is full.
    taken: u32,
}

impl BitWriter {
    /// Writes the lowest `count` bits of a number, of at most 32.
    pub(super) fn bits(&mut self, value: u32, count: u32) {
        let mut left = count;
        while left > 0 {
            if self.taken == 0 {
                self.bytes.push(0);
            }
            let room = 8 - self.taken;
            let now = room.min(left);
            let piece = (value >> (left - now)) & ((1 << now) - 1);
            if let Some(last) = self.bytes.last_mut() {
                *last |= u8::try_from(piece << (room - now)).unwrap_or_default();
            }
            self.taken = (self.taken + now) % 8;
            left -= now;
        }
    }

    /// Elias's gamma code of a number from 1 on.
    pub(super) fn gamma(&mut self, value: u32) {
        let digits = value.ilog2();
        self.bits(0, digits);
        self.bits(value, digits + 1);
    }

    /// The Rice code of a number: what is left of it behind `k` bits in ones, a zero, and these bits.
    pub(super) fn rice(&mut self, value: u32, k: u32) {
        let mut ones = value >> k;
        while ones > 0 {
            let now = ones.min(24);
            self.bits((1 << now) - 1, now);
            ones -= now;
        }
        self.bits(0, 1);
        self.bits(value, k);
    }

    /// The bytes; the last one is filled up with zeros.
    pub(super) fn finish(self) -> Vec<u8> {
        self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_bit_by_bit() {
        let mut writer = BitWriter::default();
        writer.gamma(1);
        writer.gamma(5);
        writer.rice(9, 2);
        writer.bits(0xabcd, 16);
        // 1, 00101, 110 01, 1010101111001101
        assert_eq!(writer.finish(), [0b1001_0111, 0b0011_0101, 0b0111_1001, 0b1010_0000]);
    }

    #[test]
    fn long_runs_of_ones_are_whole() {
        let mut writer = BitWriter::default();
        writer.rice(100, 0);
        let bytes = writer.finish();
        assert_eq!(bytes.iter().map(|byte| byte.count_ones()).sum::<u32>(), 100);
        assert_eq!(bytes.len(), 13);
    }
}
