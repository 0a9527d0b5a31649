//! The files of an export as they come: plain, compressed with gzip, or in an archive. They are read in streams, and
//! nothing is unpacked on the disk, so no name in an archive leads anywhere.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use flate2::read::{DeflateDecoder, MultiGzDecoder};
use zip::{CompressionMethod, ZipArchive};

use crate::error::{Error, Result};

/// A file, or an entry of an archive.
#[derive(Debug, Clone)]
pub(super) struct ExportFile {
    path: PathBuf,
    /// As the report names it.
    name: String,
    /// Where it is in the folder or archive that was named: `posts/a.html`.
    inner: String,
    packing: Packing,
}

#[derive(Debug, Clone)]
enum Packing {
    Plain,
    Gzip,
    /// An entry of an archive.
    Entry(EntryPlace),
    /// An entry of an archive that is an entry of another one, which is in memory.
    Nested(Arc<[u8]>, EntryPlace),
}

/// Where the bytes of an entry begin, and how many there are.
#[derive(Debug, Clone, Copy)]
struct EntryPlace {
    start: u64,
    length: u64,
    method: EntryMethod,
}

impl EntryPlace {
    /// The bytes of the entry, unpacked; `archive` stands where they begin.
    fn unpacked<'a>(self, archive: impl Read + 'a) -> Box<dyn Read + 'a> {
        let bytes = archive.take(self.length);
        match self.method {
            EntryMethod::Stored => Box::new(bytes),
            EntryMethod::Deflated => Box::new(Bounded::new(DeflateDecoder::new(bytes), self.length)),
        }
    }
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
/// An archive within an archive is read into memory, if it is not larger.
const MOST_NESTED: u64 = 256 * 1024 * 1024;
/// How deep the files of an export may be in its folder.
const MOST_FOLDERS: usize = 6;

impl ExportFile {
    /// The exports that a path names: itself, the entries of an archive, or the files of a folder.
    pub(super) fn all_at(path: &Path, extensions: &[&str]) -> Result<Vec<Self>> {
        if path.is_dir() {
            let walk = walkdir::WalkDir::new(path).sort_by_file_name().max_depth(MOST_FOLDERS);
            let mut files = Vec::new();
            for entry in walk {
                let entry = entry.map_err(|error| Error::io("read", path)(error.into()))?;
                let wanted = extensions.iter().any(|extension| has_extension(entry.path(), extension));
                if entry.file_type().is_file() && wanted {
                    let below = entry.path().strip_prefix(path).unwrap_or(entry.path());
                    let below = below.to_string_lossy().replace('\\', "/");
                    let found = Self::all_at(entry.path(), extensions)?.into_iter().map(|file| {
                        let is_entry = !matches!(file.packing, Packing::Plain | Packing::Gzip);
                        Self { inner: if is_entry { file.inner } else { below.clone() }, ..file }
                    });
                    files.extend(found);
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
            start => {
                let packing = if start.starts_with(&[0x1f, 0x8b]) { Packing::Gzip } else { Packing::Plain };
                Ok(vec![Self { path: path.to_owned(), inner: name.clone(), name, packing }])
            }
        }
    }

    /// Where it is in the folder or archive that was named: `posts/a.html`. Not a path to write to.
    pub(super) fn inner(&self) -> &str {
        &self.inner
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
        match &self.packing {
            Packing::Plain => Ok(Box::new(BufReader::new(file))),
            Packing::Gzip => {
                let packed = file.metadata().map_err(Error::io("read", &self.path))?.len();
                Ok(Box::new(Bounded::new(MultiGzDecoder::new(BufReader::new(file)), packed)))
            }
            Packing::Entry(place) => {
                file.seek(SeekFrom::Start(place.start)).map_err(Error::io("read", &self.path))?;
                Ok(place.unpacked(BufReader::new(file)))
            }
            Packing::Nested(archive, place) => {
                let mut archive = io::Cursor::new(Arc::clone(archive));
                archive.set_position(place.start);
                Ok(place.unpacked(archive))
            }
        }
    }

    /// Its text.
    pub(super) fn text(&self) -> Result<String> {
        let mut reader = super::decoding::TextReader::new(self.open()?);
        let mut text = String::new();
        while reader.read_to(&mut text).map_err(Error::io("read", &self.path))? {}
        Ok(text)
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

/// The entries of an archive that have one of the extensions, also of archives in it.
fn entries(path: &Path, name: &str, extensions: &[&str]) -> Result<Vec<ExportFile>> {
    let file = File::open(path).map_err(Error::io("read", path))?;
    let nested = [extensions, &["zip"]].concat();
    let mut found = Vec::new();
    for (inner, place) in listed(BufReader::new(file), &nested, path)? {
        let whole = ExportFile {
            path: path.to_owned(),
            name: format!("{name}: {inner}"),
            inner,
            packing: Packing::Entry(place),
        };
        if !has_extension(Path::new(&whole.inner), "zip") {
            found.push(whole);
            continue;
        }
        let mut bytes = Vec::new();
        let read =
            whole.open()?.take(MOST_NESTED + 1).read_to_end(&mut bytes).map_err(Error::io("read", path))?;
        // One with media may be large, and has nothing of interest.
        if read as u64 > MOST_NESTED {
            continue;
        }
        let bytes: Arc<[u8]> = bytes.into();
        for (inner, place) in listed(io::Cursor::new(&bytes), extensions, path)? {
            found.push(ExportFile {
                path: path.to_owned(),
                name: format!("{}: {inner}", whole.name),
                inner,
                packing: Packing::Nested(Arc::clone(&bytes), place),
            });
        }
    }
    found.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(found)
}

/// The names and places of the entries of an archive that have one of the extensions.
fn listed(archive: impl Read + Seek, extensions: &[&str], path: &Path) -> Result<Vec<(String, EntryPlace)>> {
    let mut archive = ZipArchive::new(archive).map_err(|error| broken(error, path))?;
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
                return Err(Error::Argument { given: path.display().to_string(), reason });
            }
        };
        let Some(start) = entry.data_start() else { continue };
        found.push((inner, EntryPlace { start, length: entry.compressed_size(), method }));
    }
    Ok(found)
}

fn broken(error: zip::result::ZipError, path: &Path) -> Error {
    match error {
        zip::result::ZipError::Io(error) => Error::io("read", path)(error),
        error => Error::Argument {
            given: path.display().to_string(),
            reason: format!("this is not a whole archive ({error}); make or download it again"),
        },
    }
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
        let outer = folder.path().join("d.zip");
        let mut zip = zip::ZipWriter::new(File::create(&outer).unwrap());
        zip.start_file("posts.zip", zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(&std::fs::read(&archive).unwrap()).unwrap();
        zip.finish().unwrap();
        assert_eq!(texts(&outer), ["../../evil.xml", "x/two.xml"]);
        assert_eq!(ExportFile::all_at(&outer, &["xml"]).unwrap()[1].inner(), "x/two.xml");
        assert_eq!(texts(folder.path()), ["<rss>"]);
        let names: Vec<_> =
            std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(names.len(), 4);
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
