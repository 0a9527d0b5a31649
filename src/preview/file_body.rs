//! The bytes of an answer: from memory, or from a file a piece at a time.

use std::fs::File;
use std::io::{self, ErrorKind, Read, Seek, SeekFrom};
use std::ops::Range;
use std::path::Path;

use axum::body::{Body, Bytes as Piece};
use axum::http::StatusCode;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;

use crate::scan::FileOrigin;
use crate::scan::symlinks::{LinkEnd, SymlinkRule};

/// What can be sent.
pub(super) enum FileBody {
    Memory(Vec<u8>),
    /// An open file and its length.
    Disk(File, u64),
}

impl FileBody {
    pub(super) fn length(&self) -> u64 {
        match self {
            Self::Memory(bytes) => bytes.len() as u64,
            Self::Disk(_, length) => *length,
        }
    }

    /// A part that lies within the length.
    pub(super) fn body(self, range: Range<u64>) -> Body {
        match self {
            Self::Memory(bytes) => {
                let at = |offset: u64| usize::try_from(offset).unwrap_or(usize::MAX).min(bytes.len());
                let (start, end) = (at(range.start), at(range.end));
                Body::from(Piece::from(bytes).slice(start..end))
            }
            Self::Disk(file, _) => streamed(file, range),
        }
    }
}

/// Opens a file that is copied, by the rule of the build: a link may lead elsewhere by now.
pub(super) async fn open(rule: SymlinkRule, origin: FileOrigin) -> Result<FileBody, (StatusCode, String)> {
    let path = match origin {
        FileOrigin::BuiltIn(bytes) => return Ok(FileBody::Memory(bytes.to_vec())),
        FileOrigin::Disk(path) => path,
    };
    let opened = tokio::task::spawn_blocking(move || open_inside(&rule, &path)).await;
    opened.unwrap_or_else(|_| Err((StatusCode::INTERNAL_SERVER_ERROR, "the file cannot be read".to_owned())))
}

fn open_inside(rule: &SymlinkRule, path: &Path) -> Result<FileBody, (StatusCode, String)> {
    let failed = |error: io::Error| {
        let status = match error.kind() {
            ErrorKind::NotFound => StatusCode::NOT_FOUND,
            _ => StatusCode::INTERNAL_SERVER_ERROR,
        };
        (status, format!("the file cannot be read: {error}"))
    };
    let real = path.canonicalize().map_err(failed)?;
    if rule.end(&real) == LinkEnd::Outside {
        return Err((StatusCode::FORBIDDEN, "this is a link that leads out of the site".to_owned()));
    }
    let file = File::open(&real).map_err(failed)?;
    let length = file.metadata().map_err(failed)?.len();
    Ok(FileBody::Disk(file, length))
}

const PIECE: usize = 64 * 1024;

/// Reads as fast as the other side takes it, on a thread for blocking work.
fn streamed(mut file: File, range: Range<u64>) -> Body {
    let (send, receive) = mpsc::channel::<io::Result<Piece>>(2);
    tokio::task::spawn_blocking(move || {
        let mut left = range.end - range.start;
        let mut failed = file.seek(SeekFrom::Start(range.start)).err();
        while left > 0 && failed.is_none() {
            let mut piece = vec![0; PIECE.min(usize::try_from(left).unwrap_or(PIECE))];
            match file.read_exact(&mut piece) {
                Ok(()) => left -= piece.len() as u64,
                Err(error) => {
                    failed = Some(error);
                    break;
                }
            }
            if send.blocking_send(Ok(Piece::from(piece))).is_err() {
                return;
            }
        }
        if let Some(error) = failed {
            // The connection is cut off: the length was promised.
            let _ = send.blocking_send(Err(error));
        }
    });
    Body::from_stream(ReceiverStream::new(receive))
}
