//! `backmatter import --fetch`: files of the old blog from one host, and from no other.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use crate::fake_web::{Answer, FakeWeb};

/// A blog whose pictures stand at a host.
struct OldBlog {
    folder: tempfile::TempDir,
}

impl OldBlog {
    fn new(host: &str, pictures: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let items: String =
            pictures.iter().map(|picture| format!("<img src=\"{picture}\" alt=\"\">")).collect();
        let export = format!(
            "<rss xmlns:wp=\"http://wordpress.org/export/1.2/\"><channel><title>T</title><link>{host}</link><item><title>A</title><link>{host}/2020/01/02/a/</link><guid>g</guid><content:encoded><![CDATA[<p>x {items}</p>]]></content:encoded><wp:post_id>1</wp:post_id><wp:post_date>2020-01-02 10:00:00</wp:post_date><wp:post_name>a</wp:post_name><wp:status>publish</wp:status><wp:post_type>post</wp:post_type></item></channel></rss>"
        );
        fs::write(folder.path().join("export.xml"), export).unwrap();
        let site = folder.path().join("site");
        fs::create_dir(&site).unwrap();
        fs::write(
            site.join("backmatter.toml"),
            format!("base_url = '{host}'\n[network]\nallow = ['127.0.0.0/8:*']\n"),
        )
        .unwrap();
        Self { folder }
    }

    fn import(&self, options: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_backmatter"))
            .arg("import")
            .arg(self.folder.path().join("export.xml"))
            .args(["--into".as_ref(), self.site("").as_os_str()])
            .args(options)
            .output()
            .unwrap()
    }

    fn site(&self, path: &str) -> std::path::PathBuf {
        self.folder.path().join("site").join(path)
    }

    fn report(&self) -> String {
        fs::read_to_string(self.site("import-report.md")).unwrap_or_default()
    }
}

fn read(file: &Path) -> Vec<u8> {
    fs::read(file).unwrap_or_default()
}

#[test]
fn missing_files_are_fetched_from_the_blogs_own_host() {
    let web = FakeWeb::new();
    let other = FakeWeb::new();
    web.on("/wp-content/uploads/a%20b.png", Answer::bytes("png"));
    web.on("/wp-content/uploads/moved.png", Answer::redirect(301, "/wp-content/uploads/here.png"));
    web.on("/wp-content/uploads/here.png", Answer::bytes("moved"));
    web.on("/wp-content/uploads/away.png", Answer::redirect(302, &other.url("/away.png")));
    web.on("/wp-content/uploads/page.png", Answer::html("<p>gone</p>"));
    web.on("/wp-content/uploads/big.png", Answer::endless(vec![b'x'; 1 << 20]));
    other.on("/away.png", Answer::bytes("never"));
    let host = web.url("");
    let host = host.trim_end_matches('/');
    let foreign = other.url("/away.png");
    let blog = OldBlog::new(
        host,
        &[
            "/wp-content/uploads/a%20b.png",
            "/wp-content/uploads/moved.png",
            "/wp-content/uploads/away.png",
            "/wp-content/uploads/page.png",
            "/wp-content/uploads/none.png",
            "/wp-content/uploads/big.png",
            &foreign,
        ],
    );
    let dry = blog.import(&["--fetch", "--dry-run"]);
    assert!(String::from_utf8_lossy(&dry.stdout).contains("6 files would be fetched"), "{dry:?}");
    assert_eq!(web.asked().len(), 0);
    let output = blog.import(&["--fetch"]);
    assert!(output.status.success(), "{output:?}");
    assert_eq!(read(&blog.site("static/wp-content/uploads/a b.png")), b"png");
    assert_eq!(read(&blog.site("static/wp-content/uploads/moved.png")), b"moved");
    for missing in ["away", "page", "none", "big"] {
        assert!(!blog.site(&format!("static/wp-content/uploads/{missing}.png")).exists(), "{missing}");
    }
    assert_eq!(other.asked().len(), 0);
    let report = blog.report();
    for reason in [
        "another host, `127.0.0.1:",
        "answered with a page",
        "answered 404",
        "larger than 64 MiB",
        "2 were fetched",
    ] {
        assert!(report.contains(reason), "{reason}\n{report}");
    }
    // A second run asks only for what is not there.
    let before = web.asked().len();
    web.on("/wp-content/uploads/none.png", Answer::bytes("late"));
    web.on("/wp-content/uploads/big.png", Answer::status(404));
    blog.import(&["--fetch"]);
    assert_eq!(read(&blog.site("static/wp-content/uploads/none.png")), b"late");
    let asked: Vec<String> = web.asked().into_iter().skip(before).map(|asked| asked.target).collect();
    assert!(!asked.iter().any(|target| target.contains("a%20b") || target.contains("moved")), "{asked:?}");
}

#[test]
fn files_of_a_named_host_are_led_to_their_new_places() {
    let own = FakeWeb::new();
    let web = FakeWeb::new();
    web.on("/max/800/1*net.jpeg", Answer::bytes("jpeg"));
    let place = web.url("/max/800/1*net.jpeg");
    let blog = OldBlog::new(own.url("").trim_end_matches('/'), &[&place, "/wp-content/uploads/a.png"]);
    let host = web.url("").replace("http://", "");
    let output = blog.import(&[&format!("--fetch={}", host.trim_end_matches('/'))]);
    assert!(output.status.success(), "{output:?}");
    assert_eq!(read(&blog.site("static/media/max/800/1-net.jpeg")), b"jpeg");
    let post = fs::read_to_string(blog.site("content/2020/a.md")).unwrap();
    assert!(post.contains("](/media/max/800/1-net.jpeg)"), "{post}");
    assert_eq!(own.asked().len(), 0);
}

#[test]
fn nothing_is_fetched_unless_it_is_asked_for() {
    let web = FakeWeb::new();
    let blog = OldBlog::new(web.url("").trim_end_matches('/'), &["/wp-content/uploads/a.png"]);
    assert!(blog.import(&[]).status.success());
    assert_eq!(web.asked().len(), 0);
}

#[test]
fn a_host_that_fails_is_left_alone() {
    let web = FakeWeb::new();
    let pictures: Vec<String> = (0..9).map(|number| format!("/wp-content/uploads/{number}.png")).collect();
    for picture in &pictures {
        web.on(picture, Answer::status(500));
    }
    let pictures: Vec<&str> = pictures.iter().map(String::as_str).collect();
    let blog = OldBlog::new(web.url("").trim_end_matches('/'), &pictures);
    blog.import(&["--fetch"]);
    assert_eq!(web.asked().len(), 5);
    assert!(blog.report().contains("4 files were not fetched"), "{}", blog.report());
}

#[test]
fn what_was_dead_on_the_old_site_is_not_lost_by_the_move() {
    let web = FakeWeb::new();
    web.on("/alive/", Answer::html("<p>here</p>"));
    let host = web.url("");
    let host = host.trim_end_matches('/');
    let blog = OldBlog::new(host, &[]);
    let old = blog.folder.path().join("old");
    fs::create_dir_all(old.join("_posts")).unwrap();
    fs::write(old.join("_config.yml"), format!("url: {host}\npermalink: pretty\n")).unwrap();
    fs::write(old.join("_posts/2020-01-02-a.md"), "---\ntitle: A\n---\nx\n").unwrap();
    let list = blog.folder.path().join("list.txt");
    fs::write(&list, "/alive/\n/gone/\n/2020/01/02/a/\n").unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_backmatter"))
        .args(["import", "jekyll", "--check", host, "--addresses"])
        .args([&list, &old, Path::new("--into"), &blog.site("")])
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    let asked: Vec<String> = web.asked().into_iter().map(|asked| asked.target).collect();
    assert_eq!(asked, ["/alive/", "/gone/"]);
    let report = blog.report();
    assert!(report.contains("dead on the old site as well: 1."), "{report}");
    assert!(report.contains("- `/alive/`") && !report.contains("- `/gone/`"), "{report}");
    let wrong = blog.import(&["--check", "example.com"]);
    assert!(!wrong.status.success());
    assert!(String::from_utf8_lossy(&wrong.stderr).contains("write it as https://example.com"), "{wrong:?}");
}
