//! Files of the old blog: copied from a folder the user has to the addresses they had.

use std::collections::HashSet;
use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use super::account::{Account, EntryFate};
use super::model::Survey;
use super::site_files::{FileFate, SiteFolder};
use crate::error::{Error, Result};

/// What a web server would run or obey, and no reader asks for.
const NOT_COPIED: [&str; 9] = ["php", "phtml", "phar", "cgi", "pl", "htaccess", "log", "sql", "ini"];

/// The largest file that is taken out of an export.
const MAX_PACKED: u64 = 2 << 30;

/// Copies the uploads and the files of the export into `static/`. Returns the paths of those that are there.
pub(super) fn copy(
    survey: &Survey,
    uploads: Option<&Path>,
    site: &SiteFolder,
    account: &mut Account,
) -> Result<HashSet<String>> {
    let mut there: HashSet<String> = HashSet::new();
    if let Some(uploads) = uploads {
        let prefix = survey.media_folder.trim_matches('/');
        // Links are not followed: they may lead out of the folder.
        for entry in walkdir::WalkDir::new(uploads).sort_by_file_name() {
            let entry = entry.map_err(|error| Error::io("read", uploads)(error.into()))?;
            if !entry.file_type().is_file() {
                continue;
            }
            let Ok(below) = entry.path().strip_prefix(uploads) else { continue };
            let below = crate::path::nfc(&below.to_string_lossy().replace('\\', "/")).into_owned();
            if !is_copied(&below) {
                account.remark("files of the server in the uploads were not copied", &below);
                continue;
            }
            let mut file = File::open(entry.path()).map_err(Error::io("read", entry.path()))?;
            if site.copy_new(&mut file, &format!("static/{prefix}/{below}"))? == FileFate::Written {
                account.media_copied += 1;
            }
            let address = format!("/{prefix}/{below}");
            account.addresses.new.add_page(&address);
            there.insert(address);
        }
    }
    for file in &survey.files {
        let mut bytes = File::open(&file.from).map_err(Error::io("read", &file.from))?;
        if site.copy_new(&mut bytes, file.to.as_str())? == FileFate::Written {
            account.media_copied += 1;
            account.item(EntryFate::File);
        } else {
            account.item(EntryFate::ThereAlready);
        }
        if let Some(address) = &file.address {
            account.addresses.new.add_page(address.as_str());
        }
    }
    for packed in survey.packed.iter().filter(|packed| is_copied(packed.path.trim_start_matches('/'))) {
        let mut bytes = packed.file.open()?.take(MAX_PACKED);
        if site.copy_new(&mut bytes, &format!("static{}", packed.path))? == FileFate::Written {
            account.media_copied += 1;
        }
        account.addresses.new.add_page(&packed.path);
        there.insert(packed.path.clone());
    }
    Ok(there)
}

/// Names the files of the old blog that are missing.
pub(super) fn name_missing(
    survey: &Survey,
    there: &HashSet<String>,
    site: &SiteFolder,
    account: &mut Account,
) {
    for path in &survey.media {
        let normal = crate::path::nfc(path).into_owned();
        let is_there = there.contains(&normal) || site.has(&format!("static{normal}"));
        if is_there {
            account.addresses.new.add_page(path);
        } else {
            account.media_missing += 1;
            account.remark(
                "a file of the old blog that is missing; `--uploads DIR` copies it, `--fetch` fetches it",
                path,
            );
        }
    }
}

/// Whether a file is one that a reader asks for.
pub(super) fn is_copied(below: &str) -> bool {
    let is_hidden = below.split('/').any(|part| part.starts_with('.'));
    let extension = below.rsplit('.').next().unwrap_or_default().to_lowercase();
    !is_hidden && !NOT_COPIED.contains(&extension.as_str())
}
