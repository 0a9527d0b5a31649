//! An import of bytes that writes nothing. An importer reads files, so the bytes are one; with `TMPDIR=/dev/shm` it is in
//! memory.

use std::io::Write;

use backmatter::internals::import::{
    ImportFormat, ImportMode, ImportObserver, ImportOptions, ImportRequest, import,
};
use serde_json::Value;

struct Silent;

impl ImportObserver for Silent {
    fn surveyed(&self) {}
    fn written(&self, _: usize) {}
    fn fetching(&self, _: usize) {}
    fn fetched(&self) {}
    fn done(&self) {}
}

/// Imports the bytes of an export, and checks the account.
pub fn check(format: ImportFormat, data: &[u8]) {
    let mut file = tempfile::NamedTempFile::new().expect("a file can be made");
    file.write_all(data).expect("it can be written");
    let request = ImportRequest {
        format: Some(format),
        sources: vec![file.path().to_owned()],
        uploads: None,
        rendered: None,
        addresses: Vec::new(),
        into: file.path().with_extension("site"),
        held: None,
        fetch: None,
        check: None,
        options: ImportOptions::default(),
        mode: ImportMode::DryRun,
    };
    let Ok(report) = import(&request, &Silent) else { return };
    let account = report.json();
    assert_eq!(account["items"], account["accounted"]);
    let fates = account["response_fates"].as_object().expect("it is a table");
    let responses: u64 = fates.values().filter_map(Value::as_u64).sum();
    assert_eq!(account["responses"].as_u64(), Some(responses));
}
