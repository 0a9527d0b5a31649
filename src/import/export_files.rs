//! The files of an export as they come: plain, compressed with gzip, or in an archive. They are read in streams, and
//! nothing is unpacked on the disk, so no name in an archive leads anywhere.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use flate2::read::{DeflateDecoder, MultiGzDecoder};
use zip::{CompressionMethod, ZipArchive};

use crate::error::{Error, Result};

/// A file, or an entry of an archive.
#[derive(Debug, Clone)]
pub(super) struct ExportFile {
    path: PathBuf,
    /// As the report names it.
    name: String,
    packing: Packing,
}

#[derive(Debug, Clone, Copy)]
enum Packing {
    Plain,
    Gzip,
    /// An entry of an archive: where its bytes begin, and how many there are.
    Entry {
        start: u64,
        length: u64,
        method: EntryMethod,
    },
}

#[derive(Debug, Clone, Copy)]
enum EntryMethod {
    Stored,
    Deflated,
}

/// A file of this size unpacked is never a bomb.
const ALWAYS_FINE: u64 = 256 * 1024 * 1024;
/// Text that people wrote is not packed closer than this.
const MOST_TIMES: u64 = 200;
/// Entries of an archive that are looked at.
const MOST_ENTRIES: usize = 200_000;

impl ExportFile {
    /// The exports that a path names: itself, the entries of an archive, or the files of a folder.
    pub(super) fn all_at(path: &Path, extensions: &[&str]) -> Result<Vec<Self>> {
        if path.is_dir() {
            let walk = walkdir::WalkDir::new(path).sort_by_file_name().max_depth(3);
            let mut files = Vec::new();
            for entry in walk {
                let entry = entry.map_err(|error| Error::io("read", path)(error.into()))?;
                let wanted = extensions.iter().any(|extension| has_extension(entry.path(), extension));
                if entry.file_type().is_file() && wanted {
                    files.extend(Self::all_at(entry.path(), extensions)?);
                }
            }
            return Ok(files);
        }
        let mut start = [0_u8; 4];
        let mut file = File::open(path).map_err(Error::io("read", path))?;
        let count = read_start(&mut file, &mut start).map_err(Error::io("read", path))?;
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        match &start[..count] {
            [b'P', b'K', 3, 4] => entries(path, &name, extensions),
            [0x1f, 0x8b, ..] => Ok(vec![Self { path: path.to_owned(), name, packing: Packing::Gzip }]),
            _ => Ok(vec![Self { path: path.to_owned(), name, packing: Packing::Plain }]),
        }
    }

    /// As the report names it.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// The file on the disk.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Its bytes, unpacked.
    pub(super) fn open(&self) -> Result<Box<dyn Read>> {
        let mut file = File::open(&self.path).map_err(Error::io("read", &self.path))?;
        match self.packing {
            Packing::Plain => Ok(Box::new(BufReader::new(file))),
            Packing::Gzip => {
                let packed = file.metadata().map_err(Error::io("read", &self.path))?.len();
                Ok(Box::new(Bounded::new(MultiGzDecoder::new(BufReader::new(file)), packed)))
            }
            Packing::Entry { start, length, method } => {
                file.seek(SeekFrom::Start(start)).map_err(Error::io("read", &self.path))?;
                let bytes = BufReader::new(file.take(length));
                Ok(match method {
                    EntryMethod::Stored => Box::new(bytes),
                    EntryMethod::Deflated => Box::new(Bounded::new(DeflateDecoder::new(bytes), length)),
                })
            }
        }
    }

    /// The start of its text.
    pub(super) fn start(&self, length: usize) -> Result<String> {
        let mut reader = super::decoding::TextReader::new(self.open()?.take(length as u64));
        let mut text = String::new();
        while reader.read_to(&mut text).map_err(Error::io("read", &self.path))? {}
        Ok(text)
    }
}

fn has_extension(path: &Path, extension: &str) -> bool {
    path.extension().is_some_and(|found| found.eq_ignore_ascii_case(extension))
}

fn read_start(file: &mut File, start: &mut [u8]) -> io::Result<usize> {
    let mut count = 0;
    while count < start.len() {
        match file.read(&mut start[count..])? {
            0 => break,
            read => count += read,
        }
    }
    Ok(count)
}

/// The entries of an archive that have one of the extensions.
fn entries(path: &Path, name: &str, extensions: &[&str]) -> Result<Vec<ExportFile>> {
    let file = File::open(path).map_err(Error::io("read", path))?;
    let mut archive = ZipArchive::new(BufReader::new(file)).map_err(|error| broken(error, path))?;
    let mut found = Vec::new();
    for at in 0..archive.len().min(MOST_ENTRIES) {
        let entry = archive.by_index_raw(at).map_err(|error| broken(error, path))?;
        let inner = entry.name().map_err(|error| broken(error, path))?.into_owned();
        let wanted = extensions.iter().any(|extension| has_extension(Path::new(&inner), extension));
        // An archive of macOS has a second file of the same name with what its disk knows of the first.
        if !entry.is_file() || !wanted || inner.contains("__MACOSX") {
            continue;
        }
        let method = match entry.compression() {
            CompressionMethod::Stored => EntryMethod::Stored,
            CompressionMethod::Deflated => EntryMethod::Deflated,
            method => {
                let reason = format!(
                    "`{inner}` in it is packed with {method}; unpack the archive, and name the files"
                );
                return Err(Error::Argument { given: name.to_owned(), reason });
            }
        };
        let Some(start) = entry.data_start() else { continue };
        let packing = Packing::Entry { start, length: entry.compressed_size(), method };
        found.push(ExportFile { path: path.to_owned(), name: format!("{name}: {inner}"), packing });
    }
    found.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(found)
}

fn broken(error: zip::result::ZipError, path: &Path) -> Error {
    Error::io("read", path)(io::Error::other(error))
}

/// Unpacked bytes, up to the size at which they are a bomb.
struct Bounded<R> {
    inner: R,
    left: u64,
}

impl<R: Read> Bounded<R> {
    fn new(inner: R, packed: u64) -> Self {
        Self { inner, left: ALWAYS_FINE.max(packed.saturating_mul(MOST_TIMES)) }
    }
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        match self.left.checked_sub(count as u64) {
            Some(left) => self.left = left,
            None => {
                let message =
                    format!("unpacked it is more than {MOST_TIMES} times as large, as no export is");
                return Err(io::Error::other(message));
            }
        }
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn read(file: &ExportFile) -> String {
        let mut text = String::new();
        file.open().unwrap().read_to_string(&mut text).unwrap();
        text
    }

    #[test]
    fn exports_are_found_in_what_they_are_packed_in() {
        let folder = tempfile::tempdir().unwrap();
        let plain = folder.path().join("a.xml");
        std::fs::write(&plain, "<rss>").unwrap();
        let packed = folder.path().join("b.gz");
        let mut gzip =
            flate2::write::GzEncoder::new(File::create(&packed).unwrap(), flate2::Compression::fast());
        gzip.write_all(b"<rss>2").unwrap();
        gzip.finish().unwrap();
        let archive = folder.path().join("c.zip");
        let mut zip = zip::ZipWriter::new(File::create(&archive).unwrap());
        for name in ["../../evil.xml", "x/two.xml", "x/picture.png"] {
            zip.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
            zip.write_all(name.as_bytes()).unwrap();
        }
        zip.finish().unwrap();
        let texts = |path: &Path| -> Vec<String> {
            ExportFile::all_at(path, &["xml"]).unwrap().iter().map(read).collect()
        };
        assert_eq!(texts(&plain), ["<rss>"]);
        assert_eq!(texts(&packed), ["<rss>2"]);
        assert_eq!(texts(&archive), ["../../evil.xml", "x/two.xml"]);
        assert_eq!(texts(folder.path()), ["<rss>"]);
        let names: Vec<_> =
            std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(names.len(), 3);
    }

    #[test]
    fn a_bomb_ends() {
        let endless = io::repeat(b'a');
        let mut bounded = Bounded::new(endless, 10);
        let mut count = 0_u64;
        let mut buffer = vec![0; 1 << 20];
        while let Ok(read) = bounded.read(&mut buffer) {
            count += read as u64;
        }
        assert!(count <= ALWAYS_FINE);
    }
}
