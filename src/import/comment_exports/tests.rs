//! Comments of each service, put under the posts of a site.

use std::fs;
use std::path::Path;

use crate::config::Config;
use crate::import::account::{EntryFate, ResponseFate};
use crate::import::tests::{Silent, files_in, fixtures, request};
use crate::import::{ImportFormat, ImportMode, ImportReport, ImportRequest, import};
use crate::linkback::Linkback;
use crate::linkback::back_matter::read;
use crate::path::SourcePath;

/// A site, and what the import of comments into it reports.
struct CommentedSite {
    folder: tempfile::TempDir,
    report: ImportReport,
}

fn copied_site() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (path, bytes) in files_in(&fixtures("tide-site")) {
        let file = folder.path().join(path);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, bytes).unwrap();
    }
    folder
}

impl CommentedSite {
    fn of(source: &Path) -> Self {
        let folder = copied_site();
        let held = Some(folder.path().join("held.toml"));
        let request = ImportRequest { held, ..request(source, folder.path()) };
        let report = import(&request, &Silent).unwrap();
        Self { folder, report }
    }

    fn text(&self, path: &str) -> String {
        fs::read_to_string(self.folder.path().join(path)).unwrap_or_default()
    }

    fn comments(&self, path: &str) -> Vec<Linkback> {
        let (config, _) = Config::parse(&self.text("backmatter.toml"));
        let (comments, faults) = read::parse(&SourcePath::new(path).unwrap(), &self.text(path), &config);
        assert!(faults.is_empty(), "{faults:#?}");
        comments
    }

    fn ids(&self, path: &str) -> Vec<String> {
        self.comments(path).into_iter().map(|comment| comment.id).collect()
    }

    fn fate(&self, fate: ResponseFate) -> usize {
        self.report.account.response_fates.get(&fate).copied().unwrap_or_default()
    }

    /// All that was written, in which nothing private may stand.
    fn assert_private(&self) {
        let account = &self.report.account;
        assert_eq!(account.items, account.accounted());
        assert_eq!(account.responses, account.response_fates.values().sum::<usize>());
        for (path, bytes) in files_in(self.folder.path()) {
            let text = String::from_utf8_lossy(&bytes).into_owned();
            for private in ["invalid", "192.0.2", "2001:db8"] {
                assert!(!text.contains(private), "{path}: {private}\n{text}");
            }
        }
    }
}

const EBB: &str = "content/2014/ebb.backmatter.toml";
const FLOOD: &str = "content/2015/flood.backmatter.toml";

#[test]
fn comments_of_disqus_find_their_posts() {
    let site = CommentedSite::of(&fixtures("disqus/comments.xml"));
    site.assert_private();
    let account = &site.report.account;
    assert_eq!((account.items, account.responses), (7, 11));
    assert_eq!(account.fates[&EntryFate::Thread], 5);
    assert_eq!(account.fates[&EntryFate::EmptyThread], 1);
    assert_eq!(account.left_out.len(), 1);
    assert!(account.left_out[0].why.contains("https://tide.example/gone/"));
    assert_eq!(site.ids(EBB), ["101", "102", "104", "905"]);
    assert_eq!(site.ids(FLOOD), ["902", "900", "901", "904"]);
    for (fate, count) in [
        (ResponseFate::Kept, 7),
        (ResponseFate::ThereAlready, 1),
        (ResponseFate::HeldInFile, 1),
        (ResponseFate::Binned, 1),
        (ResponseFate::WithItsPost, 1),
    ] {
        assert_eq!(site.fate(fate), count, "{fate:?}");
    }
    let ebb = site.comments(EBB);
    assert_eq!(
        ebb[0].content,
        "First **water**, see <https://elsewhere.example/a/very/long/address>\n\nSecond paragraph\\\nwith a line."
    );
    assert_eq!(ebb[0].anchor.as_deref(), Some("comment-101"));
    assert_eq!(ebb[1].content, "@anncurlew you *did*:\n\n```\na  *b*\nc\n```");
    assert_eq!(ebb[1].parent.as_deref(), Some("101"));
    assert_eq!(ebb[1].author.as_ref().unwrap().name, "Ben \"Tern\" O'Hara");
    assert_eq!((ebb[2].parent.as_deref(), &ebb[2].author), (None, &None));
    assert_eq!(ebb[3].content, "At the old address, see [the first](#linkback-101).");
    let flood = site.text(FLOOD);
    assert!(
        flood.starts_with("# Kept by hand.\n[[linkback]]\nid = \"900\"")
            || flood.contains("# Kept by hand.\n[[linkback]]\nid = \"900\""),
        "{flood}"
    );
    assert!(flood.contains("I changed these words."));
    let held = site.text("held.toml");
    assert!(held.starts_with("# content/2014/ebb.md\n[[linkback]]\nid = \"105\""), "{held}");
    assert!(site.report.markdown().contains("`localhost`"), "{}", site.report.markdown());
    assert!(site.folder.path().join("import-report-disqus.md").is_file());
}

#[test]
fn comments_are_imported_once_and_a_dry_run_writes_nothing() {
    let site = CommentedSite::of(&fixtures("disqus/comments.xml"));
    let before = files_in(site.folder.path());
    let again = request(&fixtures("disqus/comments.xml"), site.folder.path());
    let report = import(&again, &Silent).unwrap();
    assert_eq!(files_in(site.folder.path()), before);
    assert_eq!(report.account.response_fates[&ResponseFate::ThereAlready], 8);
    let fresh = copied_site();
    let before = files_in(fresh.path());
    let dry = ImportRequest {
        mode: ImportMode::DryRun,
        format: Some(ImportFormat::Disqus),
        ..request(&fixtures("disqus/comments.xml"), fresh.path())
    };
    let report = import(&dry, &Silent).unwrap();
    assert_eq!(files_in(fresh.path()), before);
    let mut fates = site.report.account.response_fates.clone();
    let held = fates.remove(&ResponseFate::HeldInFile).unwrap();
    fates.insert(ResponseFate::Held, held);
    assert_eq!(report.account.response_fates, fates);
}

#[test]
fn a_file_of_held_comments_is_left_as_it_was_worked_on() {
    let site = CommentedSite::of(&fixtures("disqus/comments.xml"));
    let file = site.folder.path().join("held.toml");
    fs::write(&file, "# I decided.\n").unwrap();
    let again = ImportRequest {
        held: Some(file.clone()),
        ..request(&fixtures("disqus/comments.xml"), site.folder.path())
    };
    let report = import(&again, &Silent).unwrap();
    assert_eq!(fs::read_to_string(&file).unwrap(), "# I decided.\n");
    assert!(report.markdown().contains("is there already with other responses"));
    assert_eq!(report.account.response_fates[&ResponseFate::Held], 1);
}

#[test]
fn comments_need_a_site() {
    let empty = tempfile::tempdir().unwrap();
    let error = import(&request(&fixtures("disqus/comments.xml"), empty.path()), &Silent).unwrap_err();
    assert!(error.to_string().contains("import the posts first"), "{error}");
}

#[test]
fn faults_of_back_matter_are_left_to_their_author() {
    let folder = copied_site();
    let broken = "[[linkback]\nid = 1\n";
    fs::write(folder.path().join(FLOOD), broken).unwrap();
    let report = import(&request(&fixtures("disqus/comments.xml"), folder.path()), &Silent).unwrap();
    assert_eq!(fs::read_to_string(folder.path().join(FLOOD)).unwrap(), broken);
    assert!(report.account.left_out.iter().any(|item| item.why.contains(FLOOD)));
    assert_eq!(report.account.items, report.account.accounted());
}

/// A database as Isso makes it.
fn isso_database(folder: &Path) -> std::path::PathBuf {
    let file = folder.join("comments.db");
    let database = rusqlite::Connection::open(&file).unwrap();
    database
        .execute_batch(
            "CREATE TABLE threads (id INTEGER PRIMARY KEY, uri VARCHAR(256) UNIQUE, title VARCHAR(256));
             CREATE TABLE comments (tid REFERENCES threads(id), id INTEGER PRIMARY KEY, parent INTEGER, created FLOAT NOT NULL,
                 modified FLOAT, mode INTEGER, remote_addr VARCHAR, text VARCHAR, author VARCHAR, email VARCHAR,
                 website VARCHAR, likes INTEGER DEFAULT 0, dislikes INTEGER DEFAULT 0, voters BLOB NOT NULL,
                 notification INTEGER DEFAULT 0);
             INSERT INTO threads VALUES (1, '/2014/03/ebb/', 'Ebb'), (2, '/gone/', NULL), (3, '/2015/05/flood.html', '');
             INSERT INTO comments (tid, id, parent, created, mode, remote_addr, text, author, email, website, voters) VALUES
                 (1, 1, NULL, 1393668000.25, 1, '192.0.2.0', 'See *this*:\n\n    a  <b>\n\nand <b>that</b>.', 'Ann', 'ann@mail.invalid', 'https://ann.example', x'00'),
                 (1, 2, 1, 1393671600, 1, '192.0.2.0', 'Yes', NULL, NULL, NULL, x'00'),
                 (1, 3, NULL, 1393675200, 2, '192.0.2.0', 'Waits', 'Bo', NULL, NULL, x'00'),
                 (1, 4, NULL, 1393678800, 4, '192.0.2.0', '', NULL, NULL, NULL, x'00'),
                 (1, 5, 4, 1393682400, 1, '192.0.2.0', 'An answer to nothing', 'Cai', NULL, NULL, x'00'),
                 (2, 6, NULL, 1393682400, 1, '192.0.2.0', 'Lost', 'Dee', NULL, NULL, x'00'),
                 (3, 7, NULL, 1430600000, 1, '192.0.2.0', 'Flooded', 'Eve', NULL, NULL, x'00');"
                .replace("\\n", "\n")
                .as_str(),
        )
        .unwrap();
    file
}

#[test]
fn comments_of_isso_find_their_posts() {
    let folder = tempfile::tempdir().unwrap();
    let site = CommentedSite::of(&isso_database(folder.path()));
    site.assert_private();
    assert_eq!(site.ids(EBB), ["isso-1", "isso-2", "isso-5"]);
    assert_eq!(site.ids(FLOOD), ["isso-7", "900"]);
    let ebb = site.comments(EBB);
    assert_eq!(ebb[0].content, "See *this*:\n\n```\na  <b>\n```\n\nand **that**.");
    assert_eq!(ebb[0].author.as_ref().unwrap().url.as_deref(), Some("https://ann.example"));
    assert_eq!(ebb[1].parent.as_deref(), Some("isso-1"));
    assert_eq!((ebb[2].parent.as_deref(), ebb[2].anchor.as_deref()), (None, Some("isso-5")));
    for (fate, count) in [
        (ResponseFate::Kept, 4),
        (ResponseFate::HeldInFile, 1),
        (ResponseFate::Binned, 1),
        (ResponseFate::WithItsPost, 1),
    ] {
        assert_eq!(site.fate(fate), count, "{fate:?}");
    }
    let other = folder.path().join("other.db");
    rusqlite::Connection::open(&other).unwrap().execute_batch("CREATE TABLE a (b);").unwrap();
    let error = import(&request(&other, site.folder.path()), &Silent).unwrap_err();
    assert!(error.to_string().contains("not a database of Isso"), "{error}");
}

#[test]
fn comments_of_staticman_find_their_posts() {
    let site = CommentedSite::of(&fixtures("staticman"));
    site.assert_private();
    assert_eq!(site.ids(EBB), ["0a1b2c3d-1111-4222-8333-444455556666", "b2"]);
    assert_eq!(site.ids(FLOOD), ["900", "flood-1", "flood-2"]);
    let ebb = site.comments(EBB);
    assert_eq!(ebb[0].content, "A *first* comment, \"quoted\".\n\n**Bold** & a [link](ebb.md).");
    assert_eq!(ebb[0].author.as_ref().unwrap().url.as_deref(), Some("https://plover.example/"));
    assert_eq!(ebb[1].parent.as_deref(), Some("0a1b2c3d-1111-4222-8333-444455556666"));
    assert_eq!(site.comments(FLOOD)[2].parent.as_deref(), Some("flood-1"));
    let left_out = &site.report.account.left_out;
    assert_eq!(left_out.len(), 2, "{left_out:?}");
    assert!(site.text("held.toml").contains("Not yet."));
}

#[test]
fn numbers_of_two_services_may_meet() {
    let folder = copied_site();
    let file = folder.path().join(EBB);
    fs::write(
        &file,
        "[[linkback]]\nid = \"101\"\nkind = \"comment\"\ncontent = \"Another.\"\nauthor = \"Zoe\"\npublished = 2010-01-01T00:00:00Z\n\n[[linkback]]\nid = \"3\"\nkind = \"comment\"\ncontent = \"An answer.\"\nauthor = { name = \"Ben \\\"Tern\\\" O'Hara\" }\npublished = 2014-03-01T13:00:00+01:00\n",
    )
    .unwrap();
    import(&request(&fixtures("disqus/comments.xml"), folder.path()), &Silent).unwrap();
    let (config, _) = Config::parse("base_url = 'https://tide.example'");
    let text = fs::read_to_string(&file).unwrap();
    let (comments, _) = read::parse(&SourcePath::new(EBB).unwrap(), &text, &config);
    let ids: Vec<&str> = comments.iter().map(|comment| comment.id.as_str()).collect();
    assert_eq!(ids, ["101", "disqus-101", "3", "104", "905"]);
    import(&request(&fixtures("disqus/comments.xml"), folder.path()), &Silent).unwrap();
    assert_eq!(fs::read_to_string(&file).unwrap(), text);
}

#[test]
fn a_list_of_staticman_may_have_any_name_in_the_folder_of_its_post() {
    let source = tempfile::tempdir().unwrap();
    let folder = source.path().join("_data/comments/ebb");
    fs::create_dir_all(&folder).unwrap();
    let list = "- name: A\n  website: a.example\n  message: one\n  date: 2018-01-03\n- name: B\n  parent: 1\n  message: two\n  date: 2018-01-04\n";
    fs::write(folder.join("all.yml"), list).unwrap();
    fs::write(
        folder.join("c.yml"),
        "_id: c\nreplyThread: all-2\nname: C\nmessage: three\ndate: 2018-01-05\n",
    )
    .unwrap();
    let site = CommentedSite::of(source.path());
    let comments = site.comments(EBB);
    let ids: Vec<(&str, Option<&str>)> =
        comments.iter().map(|comment| (comment.id.as_str(), comment.parent.as_deref())).collect();
    assert_eq!(ids, [("all-1", None), ("all-2", Some("all-1")), ("c", Some("all-2"))]);
    assert_eq!(comments[0].author.as_ref().unwrap().url.as_deref(), Some("http://a.example"));
}
