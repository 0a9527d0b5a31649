//! Bytes of an export to text, a piece at a time: by a byte order mark, by what the file declares, and else as UTF-8, in which
//! single bytes of another encoding are read as windows-1252.

use std::io::{self, Read};

use encoding_rs::{CoderResult, Decoder, Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

/// How much is read at once.
const PIECE: usize = 128 * 1024;
/// How far into a file it may say what its encoding is.
const MAX_PRESCAN: usize = 1024;

/// What had to be mended while a file was read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Mended {
    /// Characters that XML forbids, taken out.
    pub(super) control_characters: usize,
    /// Lines with bytes that are not UTF-8, from 1.
    pub(super) lines_with_other_bytes: Vec<usize>,
}

/// Text of a file, piece by piece.
pub(super) struct TextReader<R> {
    input: R,
    encoding: Option<FileEncoding>,
    /// Bytes of a character that is not whole yet.
    pending: Vec<u8>,
    line: usize,
    mended: Mended,
}

enum FileEncoding {
    /// UTF-8, as far as it is.
    Lenient,
    Other(Box<Decoder>),
}

impl<R: Read> TextReader<R> {
    /// A reader of the bytes of `input`.
    pub(super) fn new(input: R) -> Self {
        Self { input, encoding: None, pending: Vec::new(), line: 1, mended: Mended::default() }
    }

    /// What was mended up to now.
    pub(super) fn mended(&self) -> &Mended {
        &self.mended
    }

    /// Appends the next piece of text. Whether there was any.
    pub(super) fn read_to(&mut self, text: &mut String) -> io::Result<bool> {
        let start = self.pending.len();
        let mut bytes = std::mem::take(&mut self.pending);
        bytes.resize(start + PIECE, 0);
        let mut filled = start;
        // Enough for the declaration, whatever pieces the input comes in.
        while filled < start + PIECE {
            match self.input.read(&mut bytes[filled..]) {
                Ok(0) => break,
                Ok(count) => filled += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        bytes.truncate(filled);
        let end = if filled < start + PIECE { PieceEnd::Last } else { PieceEnd::Inner };
        if bytes.is_empty() {
            return Ok(false);
        }
        let from = text.len();
        let encoding = match self.encoding.take() {
            Some(encoding) => encoding,
            None => encoding_of(&bytes),
        };
        match encoding {
            FileEncoding::Lenient => {
                self.pending = self.lenient(&bytes, end, text);
                self.encoding = Some(FileEncoding::Lenient);
            }
            FileEncoding::Other(mut decoder) => {
                decode(&mut decoder, &bytes, end, text);
                self.encoding = Some(FileEncoding::Other(decoder));
            }
        }
        self.clean(text, from);
        Ok(end == PieceEnd::Inner || text.len() > from)
    }

    /// UTF-8 with single bytes of windows-1252. Returns the bytes at the end that may be half a character.
    fn lenient(&mut self, bytes: &[u8], end: PieceEnd, text: &mut String) -> Vec<u8> {
        let mut rest = bytes;
        loop {
            match std::str::from_utf8(rest) {
                Ok(valid) => {
                    text.push_str(valid);
                    return Vec::new();
                }
                Err(error) => {
                    let (valid, broken) = rest.split_at(error.valid_up_to());
                    text.push_str(&String::from_utf8_lossy(valid));
                    let length = match (error.error_len(), end) {
                        (Some(length), _) => length,
                        (None, PieceEnd::Last) => broken.len(),
                        (None, PieceEnd::Inner) => return broken.to_vec(),
                    };
                    let before = self.line + count_lines(&bytes[..bytes.len() - broken.len()]);
                    if self.mended.lines_with_other_bytes.last() != Some(&before) {
                        self.mended.lines_with_other_bytes.push(before);
                    }
                    match &broken[..length] {
                        // A character that was cut: no encoding makes sense of its half.
                        [first, _, ..] if *first >= 0xc2 => text.push(char::REPLACEMENT_CHARACTER),
                        other => text.push_str(&WINDOWS_1252.decode_without_bom_handling(other).0),
                    }
                    rest = &broken[length..];
                }
            }
        }
    }

    /// Takes out what XML 1.0 section 2.2 forbids, from a place on.
    fn clean(&mut self, text: &mut String, from: usize) {
        if from == 0 && text.starts_with('\u{feff}') {
            text.remove(0);
        }
        self.line += count_lines(&text.as_bytes()[from.min(text.len())..]);
        let is_forbidden =
            |c: char| (c < ' ' && !matches!(c, '\t' | '\n' | '\r')) || matches!(c, '\u{fffe}' | '\u{ffff}');
        let count = text[from.min(text.len())..].chars().filter(|c| is_forbidden(*c)).count();
        if count > 0 {
            let cleaned: String = text[from..].chars().filter(|c| !is_forbidden(*c)).collect();
            text.truncate(from);
            text.push_str(&cleaned);
            self.mended.control_characters += count;
        }
    }
}

/// Whether more follows a piece.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum PieceEnd {
    Inner,
    Last,
}

fn count_lines(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| **byte == b'\n').count()
}

fn decode(decoder: &mut Decoder, bytes: &[u8], end: PieceEnd, text: &mut String) {
    let mut rest = bytes;
    loop {
        let room = decoder.max_utf8_buffer_length(rest.len()).unwrap_or(rest.len() * 3);
        text.reserve(room);
        let (result, read, _) = decoder.decode_to_string(rest, text, end == PieceEnd::Last);
        rest = &rest[read..];
        if result == CoderResult::InputEmpty {
            return;
        }
    }
}

/// The encoding of a file by its first bytes.
fn encoding_of(bytes: &[u8]) -> FileEncoding {
    let start = &bytes[..bytes.len().min(MAX_PRESCAN)];
    let encoding = match Encoding::for_bom(start) {
        Some((encoding, _)) => encoding,
        // XML 1.0, appendix F: a `<` in two bytes.
        None if start.starts_with(b"<\0") => UTF_16LE,
        None if start.starts_with(b"\0<") => UTF_16BE,
        None => declared(start).unwrap_or(UTF_8),
    };
    if encoding == UTF_8 {
        FileEncoding::Lenient
    } else {
        FileEncoding::Other(Box::new(encoding.new_decoder_with_bom_removal()))
    }
}

fn declared(start: &[u8]) -> Option<&'static Encoding> {
    let start = WINDOWS_1252.decode_without_bom_handling(start).0;
    let (_, declaration) = start.split_once("<?xml")?;
    let (declaration, _) = declaration.split_once("?>")?;
    let (_, value) = declaration.split_once("encoding")?;
    let label = value.trim_start().strip_prefix('=')?.trim_start().trim_start_matches(['"', '\'']);
    let label = label.split(['"', '\'']).next()?;
    // What could be read so far is not UTF-16, whatever it says.
    Encoding::for_label(label.as_bytes()).filter(|encoding| encoding.is_ascii_compatible())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> (String, Mended) {
        let mut reader = TextReader::new(bytes);
        let mut text = String::new();
        while reader.read_to(&mut text).unwrap() {}
        (text, reader.mended)
    }

    #[test]
    fn encodings_are_told_by_what_the_file_says() {
        let utf_16: Vec<u8> = "\u{feff}<a>é</a>".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(read(&utf_16).0, "<a>é</a>");
        assert_eq!(read(&utf_16[2..]).0, "<a>é</a>");
        assert_eq!(
            read(b"<?xml version='1.0' encoding='iso-8859-1'?>\xe9").0,
            "<?xml version='1.0' encoding='iso-8859-1'?>é"
        );
        assert_eq!(read("\u{feff}a".as_bytes()).0, "a");
    }

    #[test]
    fn what_is_broken_is_mended_and_counted() {
        let (text, mended) = read(b"caf\xe9\nx\xe7\x9b.\0\x08y\n");
        assert_eq!(text, "café\nx\u{fffd}.y\n");
        assert_eq!(mended, Mended { control_characters: 2, lines_with_other_bytes: vec![1, 2] });
    }

    #[test]
    fn characters_are_whole_where_pieces_meet() {
        let long = "é".repeat(PIECE);
        let odd = format!("a{long}");
        assert_eq!(read(odd.as_bytes()), (odd.clone(), Mended::default()));
    }
}
