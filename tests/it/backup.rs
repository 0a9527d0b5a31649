//! Backups: what a site and its receiver hold is in one archive, and comes out of it as it was.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use backmatter::internals::receive::queue::store::{ItemFilter, LinkbackStore};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::cli::backmatter;
use crate::fake_web::{Answer, FakeWeb};
use crate::receiver_process::{Process, linking_page, site as receiving_site, try_submit};
use crate::site_test::{SiteTest, files, folder, same_files};

const SITE: &str = "\
-- content/2026/a.md --
+++
title = \"Low stairs\"
date = 2026-11-01
+++
Words of a post.
-- static/a b.txt --
x
-- templates/partials/post_end.html --
<p>An end.</p>
-- .git/HEAD --
ref: refs/heads/main
";

/// Runs a command that has to succeed, and returns what it prints.
#[track_caller]
fn done(folder: &Path, arguments: &[&str]) -> String {
    let note = match arguments[0] {
        "restore" => "the pages are not in a backup: `backmatter build` makes them\n",
        _ => "",
    };
    let run = backmatter(folder, arguments);
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), note), "{arguments:?}: {}", run.stdout);
    run.stdout
}

/// Runs a command that has to be refused, and returns why.
#[track_caller]
fn refused(folder: &Path, arguments: &[&str]) -> String {
    let run = backmatter(folder, arguments);
    assert_eq!((run.code, run.stdout.as_str()), (Some(2), ""), "{arguments:?}");
    run.stderr
}

fn text(path: &Path) -> &str {
    path.to_str().expect("it is UTF-8")
}

/// The sources of all linkbacks of a database.
fn sources(database: &Path) -> Vec<String> {
    let store = LinkbackStore::open(database).expect("it is a database");
    let items = store.list(&ItemFilter::default()).expect("it can be read");
    items.into_iter().map(|item| item.source).collect()
}

#[test]
fn a_restored_site_is_the_site() {
    let mut site = SiteTest::new(SITE);
    site.build();
    let place = folder();
    let (archive, restored) = (place.path().join("a.zip"), place.path().join("new/site"));
    let said = done(site.root(), &["backup", text(&archive)]);
    assert!(said.starts_with(&format!("{}: 5 files, ", archive.display())), "{said}");
    let said = done(place.path(), &["restore", text(&archive), text(&restored)]);
    assert!(said.contains(": 5 files, https://example.com as it was at 20"), "{said}");
    assert!(!restored.join(".backmatter").exists() && !restored.join("public").exists());
    assert!(!restored.join("backmatter-backup.json").exists());
    let before: Vec<_> = files(site.root())
        .into_iter()
        .filter(|(path, _)| !path.starts_with("public/") && !path.starts_with(".backmatter/"))
        .collect();
    assert_eq!(files(&restored).into_iter().collect::<Vec<_>>(), before);
    let run = backmatter(&restored, ["build", "--strict", "--now", "2026-11-22T12:00:00Z"]);
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
    same_files(&files(&restored.join("public")), &site.outputs());
}

#[test]
fn a_backup_of_a_receiver_at_work_has_all_that_was_acknowledged_before() {
    let web = FakeWeb::new();
    web.on("/", Answer::html(linking_page()));
    let site = receiving_site(&web);
    let process = Process::start(&site);
    let address = process.address;
    let place = folder();
    let archive = place.path().join("a.zip");
    let source = |name: &str| format!("https://x{name}.example/");
    let acknowledged: Vec<String> = (0..20).map(|number| source(&format!("a{number}"))).collect();
    for source in &acknowledged {
        assert_eq!(try_submit(address, source), Some(201));
    }
    let is_written = AtomicBool::new(false);
    let sent_meanwhile = std::thread::scope(|scope| {
        let sender = scope.spawn(|| {
            let mut sent = 0;
            // Until the archive is there, and a thousand times at most.
            while !is_written.load(Ordering::SeqCst) && sent < 1000 {
                assert_eq!(try_submit(address, &source(&format!("b{sent}"))), Some(201));
                sent += 1;
            }
            sent
        });
        let said = done(site.root(), &["backup", "--json", text(&archive)]);
        is_written.store(true, Ordering::SeqCst);
        assert!(said.contains("\"linkbacks\":"), "{said}");
        sender.join().expect("it sends")
    });
    assert!(sent_meanwhile > 0);
    process.kill();
    let restored = place.path().join("site");
    done(place.path(), &["restore", text(&archive), text(&restored)]);
    let kept = sources(&restored.join("linkbacks.db"));
    for source in &acknowledged {
        assert!(kept.contains(source), "{source} is lost");
    }
    assert!(kept.len() <= acknowledged.len() + sent_meanwhile);
    // Another receiver goes on with it, and only the one file of the database was restored.
    let names: Vec<String> =
        files(&restored).into_keys().filter(|name| name.starts_with("linkbacks")).collect();
    assert_eq!(names, ["linkbacks.db"]);
    assert_eq!(
        files(place.path())
            .into_keys()
            .filter(|name| name.ends_with(".new") || name.ends_with(".db"))
            .count(),
        1
    );
}

#[test]
fn decisions_and_back_matter_come_back() {
    let mut desk = crate::moderation::Desk::new();
    let approved = desk.held("https://x.example/", "a");
    let waiting = desk.held("https://y.example/", "a");
    desk.decide(&[approved], backmatter::internals::receive::queue::decisions::Decision::Approve);
    done(desk.site.root(), &["build", "--quiet"]);
    let place = folder();
    let (archive, restored) = (place.path().join("a.zip"), place.path().join("site"));
    let said = done(desk.site.root(), &["backup", text(&archive)]);
    assert!(said.contains(" and a database of 2 linkbacks, "), "{said}");
    done(place.path(), &["restore", text(&archive), text(&restored)]);
    done(&restored, &["build", "--quiet"]);
    let page =
        |root: &Path| fs::read_to_string(root.join("public/2026/11/01/a/index.html")).expect("it is built");
    assert!(page(&restored).contains("words around the link"));
    assert_eq!(page(&restored), page(desk.site.root()));
    let listed = backmatter(&restored, ["linkbacks", "list"]).stdout;
    assert!(
        listed.contains(&format!("{waiting}  held")) && listed.contains("https://y.example/"),
        "{listed}"
    );
    assert!(!listed.contains("https://x.example/"), "{listed}");
    // What was decided can be undone there.
    done(&restored, &["linkbacks", "undo"]);
    assert!(!page(&restored).contains("words around the link"));
}

#[test]
fn nothing_is_replaced() {
    let site = SiteTest::new(SITE);
    let place = folder();
    let archive = place.path().join("a.zip");
    done(site.root(), &["backup", text(&archive)]);
    let bytes = fs::read(&archive).unwrap();
    let reason = refused(site.root(), &["backup", text(&archive)]);
    assert!(reason.contains("a.zip` exists already"), "{reason}");
    assert_eq!(fs::read(&archive).unwrap(), bytes);
    let reason = refused(site.root(), &["backup", "b.zip"]);
    assert!(reason.contains("in the folder of the site"), "{reason}");
    let reason = refused(site.root(), &["backup", text(&place.path().join("no/where.zip"))]);
    assert!(reason.contains("cannot find"), "{reason}");
    let full = folder();
    fs::write(full.path().join("x"), "x").unwrap();
    let reason = refused(place.path(), &["restore", text(&archive), text(full.path())]);
    assert!(reason.contains("the folder is not empty"), "{reason}");
    assert_eq!(files(full.path()).len(), 1);
    // An empty folder is as good as none, also one with a blank in its name.
    let empty = place.path().join("an empty one");
    fs::create_dir(&empty).unwrap();
    done(place.path(), &["restore", text(&archive), text(&empty)]);
    assert!(empty.join("content/2026/a.md").exists());
}

#[test]
fn in_a_folder_an_archive_is_named_after_the_site_and_the_moment() {
    let site = SiteTest::new(SITE);
    let place = folder();
    done(site.root(), &["backup", text(place.path())]);
    let names: Vec<String> = files(place.path()).into_keys().collect();
    let [name] = names.as_slice() else { panic!("{names:?}") };
    let moment = name.strip_prefix("example.com-").and_then(|rest| rest.strip_suffix("Z.zip")).expect(name);
    assert!(moment.len() == 15 && moment.chars().all(|c| c.is_ascii_digit() || c == 'T'), "{name}");
}

#[cfg(unix)]
#[test]
fn links_rights_and_outside_folders_come_back_as_the_build_sees_them() {
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    let mut site = SiteTest::new(SITE);
    let elsewhere = folder();
    fs::create_dir(elsewhere.path().join("pictures")).unwrap();
    fs::write(elsewhere.path().join("pictures/p.txt"), "p").unwrap();
    fs::write(elsewhere.path().join("secret.txt"), "s").unwrap();
    let allowed = elsewhere.path().join("pictures");
    site.write(
        "backmatter.toml",
        format!("base_url = 'https://example.com'\n[symlinks]\nallow = ['{}']\n", allowed.display()),
    );
    symlink(&allowed, site.path("static/pictures")).unwrap();
    symlink(elsewhere.path().join("secret.txt"), site.path("static/secret.txt")).unwrap();
    symlink("a b.txt", site.path("static/near.txt")).unwrap();
    symlink(site.path("static/a b.txt"), site.path("content/2026/far.txt")).unwrap();
    site.write("hook", "#!/bin/sh\n");
    fs::set_permissions(site.path("hook"), fs::Permissions::from_mode(0o750)).unwrap();
    let place = folder();
    let (archive, restored) = (place.path().join("a.zip"), place.path().join("site"));
    let run = backmatter(site.root(), ["backup", text(&archive)]);
    assert_eq!(
        (run.code, run.stderr),
        (
            Some(0),
            format!(
                "`static/secret.txt` is not in the backup: this link leads out of the site, to `{}`\n",
                elsewhere.path().join("secret.txt").display()
            )
        )
    );
    assert_eq!(fs::metadata(&archive).unwrap().permissions().mode() & 0o777, 0o600);
    done(place.path(), &["restore", text(&archive), text(&restored)]);
    let link = |path: &str| fs::read_link(restored.join(path)).unwrap();
    assert_eq!(link("static/near.txt"), PathBuf::from("a b.txt"));
    assert_eq!(link("content/2026/far.txt"), PathBuf::from("../../static/a b.txt"));
    assert!(!restored.join("static/secret.txt").exists());
    assert!(!restored.join("static/pictures").is_symlink());
    assert_eq!(fs::read_to_string(restored.join("static/pictures/p.txt")).unwrap(), "p");
    assert_eq!(fs::metadata(restored.join("hook")).unwrap().permissions().mode() & 0o777, 0o750);
}

#[test]
fn a_database_elsewhere_goes_back_to_its_place_if_that_is_free() {
    let mut site = SiteTest::new(SITE);
    let elsewhere = folder();
    let database = elsewhere.path().join("blog.db");
    drop(LinkbackStore::open(&database).unwrap());
    site.write(
        "backmatter.toml",
        format!("base_url = 'https://example.com'\n[linkbacks]\ndatabase = '{}'\n", database.display()),
    );
    let place = folder();
    let archive = place.path().join("a.zip");
    done(site.root(), &["backup", text(&archive)]);
    let restored = place.path().join("site");
    let reason = refused(place.path(), &["restore", text(&archive), text(&restored)]);
    assert!(reason.contains("a database is there already") && reason.contains("--db"), "{reason}");
    assert!(!restored.exists());
    let other = place.path().join("other.db");
    done(place.path(), &["restore", text(&archive), text(&restored), "--db", text(&other)]);
    assert!(other.exists());
    for ending in ["", "-wal", "-shm"] {
        let _ = fs::remove_file(format!("{}{ending}", database.display()));
    }
    fs::remove_dir_all(&restored).unwrap();
    done(place.path(), &["restore", text(&archive), text(&restored)]);
    assert!(database.exists());
    assert_eq!(sources(&database), Vec::<String>::new());
    // A database that is named has to be there.
    let reason = refused(site.root(), &["backup", "--db", "no.db", text(&place.path().join("b.zip"))]);
    assert!(reason.contains("no.db"), "{reason}");
    assert!(!place.path().join("b.zip").exists());
}

/// Writes an archive of entries, the description of a backup first.
fn archive_of(file: &Path, format: u32, entries: &[(&str, &str)], links: &[(&str, &str)]) {
    let mut zip = ZipWriter::new(File::create(file).unwrap());
    let description = format!(
        "{{\"format\": {format}, \"version\": \"9.9.9\", \"made\": \"2026-11-22T12:00:00Z\", \
         \"base_url\": \"https://example.com\", \"settings\": \"backmatter.toml\", \"database\": null}}"
    );
    for (name, content) in [("backmatter-backup.json", description.as_str())].iter().chain(entries) {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(content.as_bytes()).unwrap();
    }
    for (name, target) in links {
        zip.add_symlink(*name, *target, SimpleFileOptions::default()).unwrap();
    }
    zip.finish().unwrap();
}

#[test]
fn an_archive_writes_to_no_other_folder() {
    let place = folder();
    let archive = place.path().join("a.zip");
    let inside = place.path().join("below/site");
    let refused = |what: &str| {
        let reason = refused(place.path(), &["restore", text(&archive), text(&inside)]);
        assert!(reason.contains(what), "{reason}");
        assert_eq!(files(place.path()).into_keys().collect::<Vec<_>>(), ["a.zip"]);
    };
    for name in ["../up.txt", "a/../../up.txt", "/up.txt"] {
        archive_of(&archive, 1, &[("backmatter.toml", "x"), (name, "x")], &[]);
        refused("would be written to another folder");
    }
    for target in ["../up", "/etc/hostname", "a/../../../up"] {
        archive_of(&archive, 1, &[("backmatter.toml", "x")], &[("a/link", target), ("link", target)]);
        refused("would be written to another folder");
    }
    archive_of(&archive, 2, &[("backmatter.toml", "x")], &[]);
    refused("made by backmatter 9.9.9, a later release");
    fs::write(&archive, "text").unwrap();
    refused("not a backup of a site: it is not a ZIP archive");
    let mut zip = ZipWriter::new(File::create(&archive).unwrap());
    zip.start_file("x", SimpleFileOptions::default()).unwrap();
    zip.finish().unwrap();
    refused("it has no `backmatter-backup.json`");
}

#[test]
fn a_damaged_archive_makes_no_site() {
    let site = SiteTest::new(SITE);
    let place = folder();
    let archive = place.path().join("a.zip");
    done(site.root(), &["backup", text(&archive)]);
    let mut bytes = fs::read(&archive).unwrap();
    let name = b"content/2026/a.md";
    let at = bytes.windows(name.len()).position(|window| window == name).expect("it is in the archive")
        + name.len()
        + 4;
    bytes[at] ^= 0xff;
    fs::write(&archive, bytes).unwrap();
    let restored = place.path().join("site");
    let reason = refused(place.path(), &["restore", text(&archive), text(&restored)]);
    assert!(reason.contains("content/2026/a.md"), "{reason}");
    assert!(!restored.join("backmatter.toml").exists());
}
