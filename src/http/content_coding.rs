//! Content codings: the body that is meant, from the body as it is sent (RFC 9110, section 8.4.1).
//!
//! Only gzip is asked for, but stores of files send what was stored, whatever is asked for.

use std::io::{self, BufRead, BufReader, Read};

use flate2::bufread::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};

/// What is asked for.
pub(super) const ACCEPTED: &str = "gzip";

/// How large the pieces are that brotli is read in, in bytes.
const BROTLI_BUFFER: usize = 4096;

/// A coding that cannot be undone: its name, or all names if there are too many.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct UnknownCoding(pub(super) String);

/// A body without its codings. `values` are those of `Content-Encoding`: the coding that was applied first stands first.
pub(super) fn unpacked<'r>(
    body: impl Read + 'r,
    values: impl Iterator<Item = impl AsRef<str>>,
) -> Result<Box<dyn Read + 'r>, UnknownCoding> {
    let values: Vec<String> = values.map(|value| value.as_ref().to_ascii_lowercase()).collect();
    let codings = values.iter().flat_map(|value| value.split(','));
    let codings: Vec<&str> =
        codings.map(str::trim).filter(|coding| !matches!(*coding, "" | "identity")).collect();
    let body: Box<dyn Read + 'r> = Box::new(body);
    // A body that is packed twice is a bomb more often than a page.
    let body: Box<dyn Read + 'r> = match codings.as_slice() {
        [] => return Ok(body),
        ["gzip" | "x-gzip"] => Box::new(Unpacked::new(BufReader::new(body), gzip)),
        ["deflate"] => Box::new(Unpacked::new(BufReader::new(body), deflate)),
        ["br"] => Box::new(brotli::Decompressor::new(body, BROTLI_BUFFER)),
        unknown => return Err(UnknownCoding(unknown.join(", "))),
    };
    Ok(Box::new(Named { body, coding: codings.concat() }))
}

/// Says which coding a body does not have that says it has it.
struct Named<R> {
    body: R,
    coding: String,
}

impl<R: Read> Read for Named<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.body.read(buffer).map_err(|error| match error.kind() {
            io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput | io::ErrorKind::UnexpectedEof => {
                io::Error::other(format!("the body cannot be read as `{}`: {error}", self.coding))
            }
            _ => error,
        })
    }
}

type Packed<'r> = BufReader<Box<dyn Read + 'r>>;

/// A body whose first bytes tell how it is packed. They are looked at when the first byte is wanted.
enum Unpacked<'r> {
    New(Option<Packed<'r>>, fn(Packed<'r>, &[u8]) -> Box<dyn Read + 'r>),
    Known(Box<dyn Read + 'r>),
}

impl<'r> Unpacked<'r> {
    fn new(body: Packed<'r>, unpack: fn(Packed<'r>, &[u8]) -> Box<dyn Read + 'r>) -> Self {
        Self::New(Some(body), unpack)
    }
}

impl Read for Unpacked<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if let Self::New(body, unpack) = self
            && let Some(mut packed) = body.take()
        {
            let first = packed.fill_buf()?.iter().copied().take(2).collect::<Vec<u8>>();
            *self = Self::Known(unpack(packed, &first));
        }
        match self {
            Self::Known(body) => body.read(buffer),
            // A fault ended the first read.
            Self::New(..) => Ok(0),
        }
    }
}

/// Some servers say gzip of a body that is not packed.
fn gzip<'r>(body: Packed<'r>, first: &[u8]) -> Box<dyn Read + 'r> {
    let is_packed =
        first.first().is_some_and(|byte| *byte == 0x1f) && first.get(1).is_none_or(|byte| *byte == 0x8b);
    if is_packed { Box::new(MultiGzDecoder::new(body)) } else { Box::new(body) }
}

/// RFC 9110, section 8.4.1.2: in the format of zlib, and without it from servers that took the name at its word.
fn deflate<'r>(body: Packed<'r>, first: &[u8]) -> Box<dyn Read + 'r> {
    let is_zlib = match first {
        [method, flags, ..] => method & 0x0f == 8 && (u16::from(*method) << 8 | u16::from(*flags)) % 31 == 0,
        _ => false,
    };
    if is_zlib { Box::new(ZlibDecoder::new(body)) } else { Box::new(DeflateDecoder::new(body)) }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    const TEXT: &str = "<a href=https://blog.example/post/>words</a>";

    fn packed(coding: &str, bytes: &[u8]) -> Vec<u8> {
        use flate2::Compression;
        use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};
        let level = Compression::default();
        match coding {
            "gzip" => {
                let mut encoder = GzEncoder::new(Vec::new(), level);
                encoder.write_all(bytes).and_then(|()| encoder.finish()).unwrap()
            }
            "zlib" => {
                let mut encoder = ZlibEncoder::new(Vec::new(), level);
                encoder.write_all(bytes).and_then(|()| encoder.finish()).unwrap()
            }
            "raw" => {
                let mut encoder = DeflateEncoder::new(Vec::new(), level);
                encoder.write_all(bytes).and_then(|()| encoder.finish()).unwrap()
            }
            "br" => {
                let mut out = Vec::new();
                brotli::BrotliCompress(&mut &*bytes, &mut out, &Default::default()).unwrap();
                out
            }
            _ => bytes.to_owned(),
        }
    }

    fn read(header: &[&str], body: &[u8]) -> Result<String, String> {
        let mut text = String::new();
        let mut body =
            unpacked(body, header.iter()).map_err(|UnknownCoding(name)| format!("unknown: {name}"))?;
        body.read_to_string(&mut text).map_err(|error| match error.to_string() {
            named if named.starts_with("the body cannot be read as ") => "broken".to_owned(),
            other => other,
        })?;
        Ok(text)
    }

    #[test]
    fn what_servers_pack_is_read() {
        let text = TEXT.as_bytes();
        let gzip = packed("gzip", text);
        for (header, body) in [
            (&["gzip"][..], gzip.clone()),
            (&["GZIP"], gzip.clone()),
            (&[" x-gzip "], gzip.clone()),
            (&["deflate"], packed("zlib", text)),
            (&["Deflate"], packed("raw", text)),
            (&["br"], packed("br", text)),
            (&["identity, gzip"], gzip.clone()),
            (&["identity"], text.to_owned()),
            (&[""], text.to_owned()),
            (&[], text.to_owned()),
            (&["gzip"], text.to_owned()),
        ] {
            assert_eq!(read(header, &body).as_deref(), Ok(TEXT), "{header:?}");
        }
        let members = [packed("gzip", &text[..10]), packed("gzip", &text[10..])].concat();
        assert_eq!(read(&["gzip"], &members).as_deref(), Ok(TEXT));
        assert_eq!(read(&["gzip"], b"").as_deref(), Ok(""));
    }

    #[test]
    fn what_cannot_be_read_is_said() {
        let text = TEXT.as_bytes();
        assert_eq!(read(&["zstd"], text), Err("unknown: zstd".to_owned()));
        assert_eq!(
            read(&["gzip,gzip", "gzip, gzip"], text),
            Err("unknown: gzip, gzip, gzip, gzip".to_owned())
        );
        for (header, body) in [("br", text.to_owned()), ("gzip", packed("gzip", text)[..20].to_owned())] {
            assert_eq!(read(&[header], &body), Err("broken".to_owned()), "{header}");
        }
    }
}
