//! Imports of the exports of services that keep blogs: Medium, Substack and Tumblr.

use std::fs;
use std::io::Write as _;

use super::account::EntryFate;
use super::tests::{Imported, Silent, check_file, files_in, fixtures, request, texts_by_name};
use super::*;

/// Nothing private stands in what was written, and everything in the file is accounted for.
#[track_caller]
fn assert_private_and_whole(imported: &Imported, items: usize) {
    imported.config();
    let account = &imported.report.account;
    assert_eq!((account.items, account.accounted()), (items, items), "{:?}", account.fates);
    assert_eq!(account.imperfect, [], "{:#?}", texts_by_name(imported));
    for (path, text) in texts_by_name(imported) {
        assert!(!text.contains("invalid") && !text.contains("192.0.2"), "{path}\n{text}");
    }
}

#[test]
fn stories_of_medium_are_read() {
    let imported = Imported::of("medium", "");
    assert_private_and_whole(&imported, 4);
    let texts = texts_by_name(&imported);
    check_file(
        &texts,
        "content/2018/nets-in-the-harbour.md",
        &[
            "title = \"Nets in the harbour\"",
            "date = 2018-08-11T22:30:34+00:00",
            "id = \"https://medium.com/p/1f2e3d4c5b6a\"",
            "tags = [\"Harbour\", \"Nets & knots\"]",
            "summary = \"What they hold, & what they let go\"",
            "image = \"https://cdn-images-1.medium.com/max/2560/1*net.jpeg\"",
            "\n+++\n\n*What they hold, & what they let go*\n\n![A net](https://cdn-images-1.medium.com/max/2560/1*net.jpeg \"A net, *drying*\")",
            "The **first** paragraph, see [ropes](https://medium.com/@corin/ropes-0a1b2c3d4e5f#c003)",
            "\n## Knots\n\n1. Sheet bend\n2. Reef knot\n",
            "```python\ndef tie(a, b):\n    return a < b\n\n# *done*\n```",
            "> A net is holes tied together.\n>\n> — Orla Wrack",
            "![](https://cdn-images-1.medium.com/max/600/1*right.png \"Left and right\")",
            "\n---\n\n<https://www.youtube.com/watch?v=tide123>\n\nThe tide, filmed\n\n<https://gist.github.com/corin/9f8e7d>\n\n[**All about tides**](https://paper.example/tides)\\\n*They come and go*paper.example\n\nThe end, with `a_b*c*`.",
        ],
    );
    check_file(&texts, "content/2017/ropes.md", &["Old rope is good rope.", "### Below", "> Pull!"]);
    assert!(!texts["content/2017/ropes.md"].contains("summary"), "{}", texts["content/2017/ropes.md"]);
    check_file(
        &texts,
        "content/drafts/i-never-saw-one-as-large.md",
        &["draft = true # a response, or a story without a title", "I never saw one as large as yours."],
    );
    assert!(!texts["content/drafts/i-never-saw-one-as-large.md"].contains("title ="));
    check_file(&texts, "content/drafts/unfinished-business.md", &["draft = true # a draft"]);
    check_file(&texts, "backmatter.toml", &["title = \"Corin Weir\"", "name = \"Corin Weir\""]);
    check_file(&texts, "import-report.md", &["Medium redirects from domains of one's own alone (2 times)"]);
}

#[test]
fn stories_of_a_domain_of_ones_own_stay_where_they_were() {
    let source = tempfile::tempdir().unwrap();
    let posts = source.path().join("posts");
    fs::create_dir(&posts).unwrap();
    for (path, bytes) in files_in(&fixtures("medium/posts")) {
        let text = String::from_utf8(bytes).unwrap();
        let text = text.replace("https://medium.com/@corin/", "https://corin.example/");
        fs::write(posts.join(path), text).unwrap();
    }
    let imported = Imported::of_folder(source.path());
    let texts = texts_by_name(&imported);
    check_file(
        &texts,
        "backmatter.toml",
        &["base_url = \"https://corin.example\"", "permalink = \"/:slug/\""],
    );
    check_file(
        &texts,
        "content/2018/nets-in-the-harbour-1f2e3d4c5b6a.md",
        &["aliases = [\"/p/1f2e3d4c5b6a/\"]", "[ropes](../2017/ropes-0a1b2c3d4e5f.md#c003)"],
    );
    assert!(!texts["content/2018/nets-in-the-harbour-1f2e3d4c5b6a.md"].contains("path ="));
    assert_eq!(imported.report.account.addresses.kept, 2);
}

#[test]
fn stories_with_one_number_are_all_there() {
    let source = tempfile::tempdir().unwrap();
    let story = |title: &str, text: &str, canonical: &str| {
        format!(
            "<html><body><article class=\"h-entry\"><header><h1 class=\"p-name\">{title}</h1></header><section class=\"e-content\"><h3 class=\"graf graf--h3 graf--title\">{title}</h3><p class=\"graf graf--p\">{text}</p></section><footer><a class=\"p-author\" href=\"https://medium.com/@ida\">Ida</a><a href=\"https://medium.com/p/x\"><time class=\"dt-published\" datetime=\"2019-01-02T10:00:00.000Z\">x</time></a>{canonical}</footer></article></body></html>"
        )
    };
    let canonical = "<a class=\"p-canonical\" href=\"https://medium.com/@ida/nets-1f2e3d4c5b6a\">x</a>";
    for (name, text) in [
        ("a.html", story("Nets", "w1", canonical)),
        ("b.html", story("Nets", "w1", canonical)),
        ("c.html", story("Boats", "w2", canonical)),
        ("d.html", story("No number", "w3", "")),
        ("e.html", story("Nor here", "w4", "")),
    ] {
        fs::write(source.path().join(name), text).unwrap();
    }
    let imported = Imported::of_folder(source.path());
    let fates = &imported.report.account.fates;
    assert_eq!((fates[&EntryFate::Post], fates[&EntryFate::Twice]), (4, 1), "{fates:?}");
    let all = texts_by_name(&imported).into_values().collect::<String>();
    for words in ["w1", "w2", "w3", "w4"] {
        assert_eq!(all.matches(words).count(), 1, "{words}");
    }
}

#[test]
fn lists_of_substack_are_told_from_those_of_others() {
    let source = tempfile::tempdir().unwrap();
    let list = source.path().join("posts.csv");
    fs::write(&list, "Author,Title,Published Date\nIda,Nets,2019-01-02\n").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let error = import(&request(source.path(), folder.path()), &Silent).unwrap_err().to_string();
    assert!(error.contains("there is no export of a known format in it"), "{error}");
    let named =
        ImportRequest { format: Some(ImportFormat::Substack), ..request(source.path(), folder.path()) };
    let error = import(&named, &Silent).unwrap_err().to_string();
    assert!(error.contains("no post and no page of substack is in it"), "{error}");
    assert_eq!(files_in(folder.path()).len(), 0);
    fs::write(
        &list,
        "post_id,post_date,is_published,type,audience,title,subtitle\n7.nets,2019-01-02T10:00:00.000Z,true,newsletter,everyone,Nets &#x2014; old,Ida&#x2019;s &amp; others\n",
    )
    .unwrap();
    fs::write(
        source.path().join("7.nets.html"),
        "<p>x <a href=\"https://nets.example/p/nets\">y</a></p><p class=\"button-wrapper\"><a class=\"button\" href=\"https://nets.example/p/nets/comments\">Comment</a></p><p><a href=\"https://nets.example/p/nets/comments\">there</a></p>",
    )
    .unwrap();
    let imported = Imported::of_folder(source.path());
    check_file(
        &texts_by_name(&imported),
        "content/2019/nets.md",
        &["title = \"Nets — old\"", "summary = \"Ida’s & others\"", "x [y](nets.md)\n\n[there](nets.md)"],
    );
}

#[test]
fn posts_of_substack_are_read() {
    let imported = Imported::of("substack", "");
    assert_private_and_whole(&imported, 7);
    let texts = texts_by_name(&imported);
    check_file(
        &texts,
        "content/2021/first-tide.md",
        &[
            "title = \"First tide, \\\"high\\\"\"",
            "id = \"https://tide.substack.com/p/first-tide\"",
            "date = 2021-03-28T00:30:00+00:00",
            "summary = \"What the water said\"",
            "*What the water said*\n\nThe water **rose**[^1], as [I said](a-sound.md).",
            "![The tide](https://bucketeer-1.s3.amazonaws.com/public/images/tide_1080x720.jpeg \"The tide, at six\")",
            "[Buy a chart](https://shop.example/charts)",
            "> Water has no memory.\n",
            "> A quote of the harbour master.\n>\n> — Ida Strand, [On water](https://paper.example/ida)",
            "<https://www.youtube.com/watch?v=abc>",
            "> It rains.\\\n> Again.\n>\n> — A Gull (@gull), [2021-03-01](https://twitter.com/gull/status/12)",
            "[A sound](a-sound.md)\\\nIt hums.",
            "```\nhigh  06:12\nlow   12:25\n```",
            "[^1]: By *two* metres.",
        ],
    );
    let first = &texts["content/2021/first-tide.md"];
    assert!(!first.contains("Subscribe") && !first.contains("Thanks for reading"), "{first}");
    assert!(!first.contains("path ="), "{first}");
    check_file(
        &texts,
        "content/drafts/for-payers.md",
        &["draft = true # for paying subscribers", "More paid words."],
    );
    check_file(
        &texts,
        "content/2021/a-sound.md",
        &[
            "<audio controls src=\"https://api.substack.com/feed/podcast/1003/tide.mp3\">",
            "[First](first-tide.md#x)",
        ],
    );
    check_file(&texts, "content/drafts/unfinished.md", &["draft = true # a draft", "Unfinished words."]);
    check_file(&texts, "content/pages/about.md", &["path = \"/p/about/\"", "[tides](../2021/first-tide.md)"]);
    check_file(&texts, "content/drafts/stray-file.md", &["draft = true # it is not in the list of posts"]);
    check_file(&texts, "content/2021/no-text.md", &["title = \"No text\""]);
    check_file(
        &texts,
        "import-report.md",
        &[
            "a button of Substack was left out: “Subscribe now”",
            "a form to subscribe of Substack was left out: “Thanks for reading The Tide.”",
            "`substack.com`",
            "the export has no text of it",
        ],
    );
    assert_eq!(imported.report.account.addresses.lost, [] as [String; 0]);
}

#[test]
fn posts_of_tumblr_are_read() {
    let imported = Imported::of("tumblr", "");
    assert_private_and_whole(&imported, 11);
    let texts = texts_by_name(&imported);
    check_file(
        &texts,
        "content/2012/a-clay-pipe.md",
        &[
            "title = \"A clay pipe\"",
            "date = 2012-07-01T23:30:00+01:00",
            "path = \"/post/101/a-clay-pipe/\"",
            "id = \"https://mudlark.tumblr.com/post/101\"",
            "aliases = [\"/post/101/\"]",
            "tags = [\"clay\", \"Two words\"]",
            "Found **whole**, see [another](two-coins.md).",
            "![A pipe](/media/101.jpg)",
        ],
    );
    check_file(
        &texts,
        "content/2012/two-coins.md",
        &[
            "c1_1280.jpg",
            "c2_1280.jpg",
            "![](https://64.media.tumblr.com/c1_1280.jpg \"Front\")",
            "Two coins.",
        ],
    );
    check_file(
        &texts,
        "content/2012/the-river-keeps.md",
        &["> The river keeps what it is given.\n>\n> — Ada Marsh, [Tidal](https://books.example/tidal)"],
    );
    check_file(
        &texts,
        "content/2012/tables.md",
        &["title = \"Tables of the tide\"", "link = \"https://tables.example/\"", "Useful."],
    );
    check_file(
        &texts,
        "content/2012/overheard.md",
        &["title = \"Overheard\"", "**Boy:** Is it gold?\\\n**Man:** It is \\<mud>."],
    );
    check_file(&texts, "content/2012/the-wave.md", &["<https://www.youtube.com/watch?v=wave>\n\nThe wave."]);
    check_file(&texts, "content/2012/why-mud.md", &["> Why mud?\n\nWhy not?"]);
    check_file(&texts, "content/drafts/private-words.md", &["draft = true # private"]);
    check_file(
        &texts,
        "content/2012/reblogged.md",
        &["> I found a shoe.\n>\n> — [gull](https://gull.tumblr.com/post/7)\n\nSo did I."],
    );
    check_file(
        &texts,
        "content/2012/110.md",
        &[
            "date = 2012-07-20T09:00:00+01:00",
            "![A key](/media/110.png)",
            "Only on a page.",
            "tags = [\"keys\"]",
        ],
    );
    check_file(
        &texts,
        "backmatter.toml",
        &[
            "title = \"Mudlark & co\"",
            "description = \"What the river leaves.\"",
            "timezone = \"Europe/London\"",
            "tags = \"/tagged/\"",
        ],
    );
    assert!(imported.folder.path().join("static/media/110.png").is_file());
    assert_eq!(imported.report.account.fates[&EntryFate::Twice], 1);
    assert_eq!(imported.report.account.media_copied, 2);
    assert_eq!(imported.report.account.addresses.lost, [] as [String; 0]);
}

#[test]
fn posts_of_the_api_of_tumblr_are_read() {
    let imported = Imported::of("tumblr-api.json", "");
    assert_private_and_whole(&imported, 3);
    let texts = texts_by_name(&imported);
    check_file(
        &texts,
        "content/2012/old-form.md",
        &["title = \"Old & form\"", "path = \"/post/201/old-form/\"", "Body."],
    );
    check_file(&texts, "content/drafts/new-form.md", &["draft = true # a draft", "**Bold** words"]);
    check_file(
        &texts,
        "content/2012/203.md",
        &["<audio controls src=\"https://a.tumblr.com/tumblr_x.mp3\">", "Foghorn, The Quay", "Loud."],
    );
}

/// Packs a fixture as its service does, and imports that.
fn import_packed(fixture: &str, top: &str) -> Imported {
    let source = tempfile::tempdir().unwrap();
    let archive = source.path().join("export.zip");
    let mut zip = zip::ZipWriter::new(fs::File::create(&archive).unwrap());
    for (path, bytes) in files_in(&fixtures(fixture)) {
        zip.start_file(format!("{top}{path}"), zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(&bytes).unwrap();
    }
    zip.finish().unwrap();
    Imported::of_folder(&archive)
}

#[test]
fn an_archive_is_read_like_its_folder_and_once() {
    for (fixture, top) in
        [("medium", "medium-export-1/"), ("substack", ""), ("tumblr", "../../"), ("tumblr", "")]
    {
        let unpacked = Imported::of(fixture, "");
        let packed = import_packed(fixture, top);
        let mut files = packed.files();
        assert!(files.remove("import-report.md").is_some());
        let mut expected = unpacked.files();
        expected.remove("import-report.md");
        assert_eq!(files, expected, "{fixture}");
        let before = unpacked.files();
        let again = import(&request(&fixtures(fixture), unpacked.folder.path()), &Silent).unwrap();
        assert_eq!(unpacked.files(), before, "{fixture}");
        assert_eq!(again.account.items, again.account.accounted(), "{fixture}");
        assert_eq!(again.account.written, [] as [String; 0], "{fixture}");
    }
}

#[test]
fn hostile_exports_of_services_stay_in_their_place() {
    let deep = "<div>".repeat(30_000);
    let story = |title: &str, body: &str| {
        format!(
            "<article class=\"h-entry\"> medium.com <h1 class=\"p-name\">{title}</h1><section class=\"e-content\">{body}</section><a class=\"p-canonical\" href=\"https://b.example/../../evil-0a1b2c3d4e5f\">x</a><time class=\"dt-published\" datetime=\"2020-01-01T00:00:00Z\"></time></article>"
        )
    };
    for (name, text) in [
        ("posts/2020-01-01_x-0a1b2c3d4e5f.html", story("../../../evil", "<p>a<script>alert(1)</script><img src=x onerror=y>")),
        ("posts/deep.html", story("deep", &deep)),
        ("posts.csv", "post_id,is_published,audience,type,title,post_date\n../../x.../../evil,true,everyone,newsletter,\"a\nb\",9999999-99-99T00:00:00Z\n1.nul,true,everyone,newsletter,,\n".to_owned()),
        ("posts.xml", format!("<tumblr><posts><post id=\"../../1\" slug=\"../../../evil\" type=\"regular\" unix-timestamp=\"99999999999999999\" state=\"published\"><regular-body>{}</regular-body></post><post/><post id=\"2\" type=\"regular\" state=\"published\"><regular-body>cut", "<b>".repeat(5000))),
        ("posts.json", format!("[{{\"reblog_key\":\"\",\"post_url\":\"\",\"id\":-1,\"content\":[{{\"type\":\"text\",\"text\":\"x\",\"formatting\":[{{\"type\":\"bold\",\"start\":9,\"end\":1}}]}}],\"note_count\":{}}}]", "1")),
    ] {
        let source = tempfile::tempdir().unwrap();
        let file = source.path().join(name);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(&file, text).unwrap();
        let folder = tempfile::tempdir().unwrap();
        match import(&request(source.path(), folder.path()), &Silent) {
            Ok(report) => {
                assert_eq!(report.account.items, report.account.accounted(), "{name}");
                assert!(report.account.items > 0, "{name}");
            }
            // Nothing else is in that one.
            Err(error) => assert!(error.to_string().contains("nested too deep"), "{name}: {error}"),
        }
        for path in files_in(folder.path()).keys() {
            assert!(!path.contains("..") && (path.starts_with("content/") || !path.contains('/')), "{path}");
        }
    }
}

#[test]
fn the_older_export_of_blogger_says_more_of_the_blog() {
    let setting = |name: &str, value: &str| {
        format!(
            "<entry><id>tag:blogger.com,1999:blog-9.settings.{name}</id><category scheme='http://schemas.google.com/g/2005#kind' term='http://schemas.google.com/blogger/2008/kind#settings'/><title type='text'>A setting</title><content type='text'>{value}</content></entry>"
        )
    };
    let post = |id: u32, author: &str, published: &str, label: &str| {
        format!(
            "<entry><id>tag:blogger.com,1999:blog-9.post-{id}</id><published>{published}</published><category scheme='http://schemas.google.com/g/2005#kind' term='http://schemas.google.com/blogger/2008/kind#post'/><category scheme='http://www.blogger.com/atom/ns#' term='{label}'/><title type='text'>T{id}</title><content type='html'>One.&lt;br /&gt;&lt;br /&gt;&lt;a name='more'/&gt;Two.&lt;a href=\"https://lh3.googleusercontent.com/x=s1600\"&gt;&lt;img src=\"https://lh3.googleusercontent.com/x=w400-h300\"/&gt;&lt;/a&gt;</content><link rel='alternate' type='text/html' href='http://quay.blogspot.com/2012/03/t{id}.html' title='T'/><author><name>{author}</name><uri>http://www.blogger.com/profile/1</uri><email>noreply@blogger.com</email></author></entry>"
        )
    };
    let entries = [
        setting("BLOG_NAME", "The quay"),
        setting("BLOG_TIME_ZONE", "America/New_York"),
        setting("BLOG_LOCALE", "pt_BR"),
        setting("BLOG_SUBDOMAIN", "quay"),
        setting("BLOG_ARCHIVE_FREQUENCY", "MONTHLY"),
        post(1, "Ida", "2012-03-05T02:30:00.000Z", "Q &amp; A"),
        post(2, "Bo", "2012-03-06T02:30:00.000-05:00", "quay"),
    ];
    let feed = format!(
        "<?xml version='1.0' encoding='UTF-8'?><?xml-stylesheet href=\"https://www.blogger.com/styles/atom.css\"?><feed xmlns='http://www.w3.org/2005/Atom'><title>Other</title>{}</feed>",
        entries.concat()
    );
    let source = tempfile::tempdir().unwrap();
    fs::write(source.path().join("blog.xml"), &feed).unwrap();
    fs::write(source.path().join("again.xml"), &feed).unwrap();
    fs::write(source.path().join("theme-layouts.xml"), "<?xml version=\"1.0\"?><!DOCTYPE html><html></html>")
        .unwrap();
    let imported = Imported::of_folder(source.path());
    assert_private_and_whole(&imported, 14);
    let texts = texts_by_name(&imported);
    check_file(
        &texts,
        "backmatter.toml",
        &[
            "title = \"The quay\"",
            "language = \"pt-BR\"",
            "timezone = \"America/New_York\"",
            "base_url = \"https://quay.blogspot.com\"",
            "from = \"/search/label/Q%20&%20A\"\nto = \"/tags/q-a/\"",
            "from = \"/feeds/posts/*\"\nto = \"/atom.xml\"",
            "from = \"/2012_03_01_archive.html\"\nto = \"/2012/03/\"",
        ],
    );
    check_file(
        &texts,
        "content/2012/t1.md",
        &[
            "date = 2012-03-04T21:30:00-05:00",
            "author = \"Ida\"",
            "One.\n\n<!-- more -->\n\nTwo.",
            "[![](https://lh3.googleusercontent.com/x=s1600)](https://lh3.googleusercontent.com/x=s1600)",
        ],
    );
    check_file(&texts, "content/2012/t2.md", &["author = \"Bo\""]);

    // A feed that ends in a post: what there is of it is a draft.
    let at = feed.find("Two.").unwrap();
    fs::remove_file(source.path().join("again.xml")).unwrap();
    fs::write(source.path().join("blog.xml"), &feed[..at]).unwrap();
    let imported = Imported::of_folder(source.path());
    assert!(imported.report.is_cut());
    let texts = texts_by_name(&imported);
    assert!(
        texts
            .values()
            .any(|text| text.contains("draft = true # the export ends in it") && text.contains("One.")),
        "{texts:#?}"
    );
}

#[test]
fn entries_of_typepad_stand_below_the_folder_of_their_blog() {
    let entry = |author: &str, at: &str, breaks: &str| {
        format!(
            "AUTHOR: {author}\nTITLE: {at}\nSTATUS: Publish\nUNIQUE URL: https://ida.typepad.example/nets/2010/05/{at}.html\n{breaks}DATE: 05/02/2010 10:00:00 AM\n-----\nBODY:\nOne\ntwo.\n\nThree.\n-----\n--------\n"
        )
    };
    let source = tempfile::tempdir().unwrap();
    let text = [entry("Ida", "first", ""), entry("Ida", "second", "CONVERT BREAKS: 1\n")].concat();
    fs::write(source.path().join("export.txt"), text).unwrap();
    let imported = Imported::of_folder(source.path());
    assert_private_and_whole(&imported, 2);
    let texts = texts_by_name(&imported);
    check_file(
        &texts,
        "backmatter.toml",
        &["permalink = \"/nets/:year/:month/:slug.html\"", "name = \"Ida\"", "from = \"/index.rdf\""],
    );
    for name in ["first", "second"] {
        check_file(&texts, &format!("content/2010/{name}.md"), &["One\\\ntwo.\n\nThree."]);
        let text = &texts[&format!("content/2010/{name}.md")];
        assert!(!text.contains("author =") && !text.contains("path ="), "{text}");
    }
}
