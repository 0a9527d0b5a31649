//! Whole imports of sites of other engines, against what the engines themselves made of them.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::config::{Config, FILE_NAME};
use crate::import::account::{EntryFate, ResponseFate};
use crate::import::tests::{Imported, Silent, expected, files_in, fixtures, request};
use crate::import::{ImportFormat, ImportMode, ImportRequest};
use crate::path::{SourcePath, UrlPath};
use crate::post::{self, Post};

/// An import with its posts, by what they were imported from.
struct EngineImport {
    imported: Imported,
    posts: BTreeMap<String, ImportedFile>,
}

struct ImportedFile {
    post: Post,
    text: String,
}

impl EngineImport {
    fn of(name: &str) -> Self {
        Self::of_folder(&fixtures(name))
    }

    fn of_folder(folder: &Path) -> Self {
        let imported = Imported::of_folder(folder);
        let config = imported.config();
        let posts = imported
            .files()
            .into_iter()
            .filter(|(path, _)| path.starts_with("content/") && path.ends_with(".md"))
            .map(|(path, bytes)| {
                let text = String::from_utf8(bytes).unwrap();
                let parsed = post::parse(&SourcePath::new(&path).unwrap(), &text, &config);
                let (post, _) = parsed.post.unwrap_or_else(|| panic!("{path}: {:#?}", parsed.diagnostics));
                (path, ImportedFile { post, text })
            })
            .collect();
        Self { imported, posts }
    }

    #[track_caller]
    fn at(&self, address: &str) -> &ImportedFile {
        let found = self.posts.values().find(|file| file.post.url.as_str() == address);
        found.unwrap_or_else(|| {
            panic!(
                "{address} is not among {:?}",
                self.posts.values().map(|file| &file.post.url).collect::<Vec<_>>()
            )
        })
    }

    #[track_caller]
    fn titled(&self, title: &str) -> &ImportedFile {
        self.posts
            .values()
            .find(|file| file.post.title == title)
            .unwrap_or_else(|| panic!("{title} is missing"))
    }

    /// The path below the address of the site.
    fn below<'p>(config: &Config, old: &'p str) -> &'p str {
        old.strip_prefix(config.base_path()).unwrap_or(old)
    }

    /// Checks what every fixture says of its items: fates, addresses, aliases, tags, languages, words.
    fn check(&self, name: &str) {
        let config = self.imported.config();
        for item in expected(&format!("{name}/expected.json"))["items"].as_array().unwrap() {
            let file = item["file"].as_str().unwrap();
            let fate = item["fate"].as_str().unwrap();
            let Some(old) = item["old"].as_str() else { continue };
            // What need not be read, and is.
            if fate.starts_with("named") {
                continue;
            }
            let found = self.at(Self::below(&config, old));
            assert_eq!(found.post.kind == post::Kind::Post, fate == "post", "{file}");
            assert!(!found.post.front.draft, "{file}");
            for (key, values) in
                [("tags", &found.post.front.tags), ("categories", &found.post.front.categories)]
            {
                if let Some(wanted) = item[key].as_array() {
                    assert_eq!(values, &texts(wanted), "{file}: {key}");
                }
            }
            if let Some(wanted) = item["authors"].as_array() {
                let names: Vec<String> =
                    found.post.front.authors.iter().map(|author| author.name.clone()).collect();
                assert_eq!(names, texts(wanted), "{file}");
            }
            for alias in item["aliases"].as_array().into_iter().flatten() {
                let alias = UrlPath::new(alias.as_str().unwrap()).unwrap();
                assert!(found.post.front.aliases.contains(&alias), "{file}: {alias:?}");
            }
            if let Some(utc) = item["utc"].as_str() {
                let date = found.post.date.unwrap().time().to_utc();
                assert_eq!(date.format("%Y-%m-%dT%H:%M:%SZ").to_string(), utc, "{file}");
            }
            if let Some(language) = item["lang"].as_str() {
                assert_eq!(found.post.front.language.as_deref(), Some(language), "{file}");
            }
        }
    }

    /// The report counts as many files as there are.
    fn check_account(&self, folder: &Path) {
        let account = &self.imported.report.account;
        assert_eq!(account.items, account.accounted());
        assert_eq!(account.items, files_in(folder).len(), "{:#?}", account.left_out);
        assert_eq!(account.addresses.lost, Vec::<String>::new());
    }
}

fn texts(values: &[Value]) -> Vec<String> {
    values.iter().map(|value| value.as_str().unwrap().to_owned()).collect()
}

#[track_caller]
fn holds(file: &ImportedFile, wanted: &[&str]) {
    for part in wanted {
        assert!(file.text.contains(part), "{part}\n{}", file.text);
    }
}

/// A site of a few files.
fn site_of(files: &[SiteText<'_>]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for file in files {
        let path = folder.path().join(file.path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, file.text).unwrap();
    }
    folder
}

struct SiteText<'t> {
    path: &'t str,
    text: &'t str,
}

const fn file<'t>(path: &'t str, text: &'t str) -> SiteText<'t> {
    SiteText { path, text }
}

#[test]
fn a_site_of_jekyll_is_read() {
    let import = EngineImport::of("jekyll");
    import.check("jekyll");
    import.check_account(&fixtures("jekyll"));
    let config = import.imported.config();
    assert_eq!(config.timezone.name(), "Europe/Oslo");
    assert_eq!(config.base_url, "https://jekyll.example/blog");
    let first = import.at("/harbour/nets/2015/01/02/first-post.html");
    assert_eq!(first.post.title, "First: post");
    holds(
        first,
        &[
            "id = \"https://jekyll.example/blog/harbour/nets/2015/01/02/first-post\"",
            "See [second](second.md) and ![net](/assets/net.png).\n\n<!-- more -->\n\n",
            "```ruby linenos\nputs \"{{ not liquid }}\"\n```",
            "<figcaption>The net</figcaption>",
            "<a id=\"anchor\"></a>A note[^1] and {:.cls}\n",
        ],
    );
    let second = import.at("/harbour/2015/02/04/second.html");
    holds(second, &["{{ braces }}\n", "```ruby\nx = \"{% if %}\"\n```", "shown"]);
    assert!(!second.text.contains("not shown"));
    assert!(import.titled("Idea").post.front.draft);
    let texts = import.imported.files();
    let comments = String::from_utf8(texts["content/2015/first-post.backmatter.toml"].clone()).unwrap();
    for part in ["content = \"A comment by Staticman\"", "name = \"Ina\"", "published = 2015-01-03T10:00:00Z"]
    {
        assert!(comments.contains(part), "{comments}");
    }
    assert_eq!(import.imported.report.account.responses, 1);
    holds(import.at("/special/"), &["HTML & more"]);
}

#[test]
fn the_folder_that_settings_of_jekyll_name_is_the_top() {
    let post =
        "---\ntitle: Nets\n---\n{% include n.html %} ![n](/images/n.png) [b]({% link _pages/b.md %})\n";
    for (source, folder) in [("source", "source"), ("./source/", "source"), (".tmp/built", "site")] {
        let settings = format!(
            "url: https://j.example\nsource: {source}\npermalink: /:categories/:title/\ninclude: [_pages]\n"
        );
        let in_folder = |path: &str| format!("{folder}/{path}");
        let paths = [
            "_posts/2015-01-02-nets.md",
            "_pages/b.md",
            "images/n.png",
            "_includes/n.html",
            "_data/comments/nets/1.yml",
        ]
        .map(in_folder);
        let site = site_of(&[
            file("_config.yml", &settings),
            file(&paths[0], post),
            file(&paths[1], "---\ntitle: B\npermalink: /b/\n---\nx\n"),
            file(&paths[2], "png"),
            file(&paths[3], "Included."),
            file(&paths[4], "name: Ina\nmessage: x\n"),
            file("Rakefile", "x"),
        ]);
        let import = EngineImport::of_folder(site.path());
        import.check_account(site.path());
        let nets = import.at("/nets/");
        holds(nets, &["Included. ![n](/images/n.png) [b](../pages/b.md)"]);
        assert!(nets.post.front.categories.is_empty());
        assert!(import.imported.files().contains_key("static/images/n.png"));
        assert_eq!(import.imported.report.account.response_fates[&ResponseFate::Kept], 1);
    }
}

#[test]
fn comments_of_jekyll_find_posts_by_the_slug_of_their_names() {
    let comment = |words: &str| {
        format!("id: {words}\nname: Ina\ndate: 2009-01-12T02:35:14.0000000-08:00\nmessage: {words}\n")
    };
    let (one, two) = (comment("one"), comment("two"));
    let site = site_of(&[
        file("_config.yml", "url: https://j.example\n"),
        file(
            "_posts/2009/2009-01-11-nets.in.the.harbour.aspx.md",
            "---\ntitle: \"A &quot;net&quot; of <em>List<T></em>\"\n---\nx\n",
        ),
        file("_posts/2009-01-12-.Net-boats.md", "---\n---\ny\n"),
        file("_data/comments/nets-in-the-harbour-aspx/dsq-1.yml", &one),
        file("_data/comments/-net-boats/dsq-2.yml", &two),
    ]);
    let import = EngineImport::of_folder(site.path());
    import.check_account(site.path());
    import.titled("A \"net\" of List<T>");
    assert_eq!(import.imported.report.account.response_fates[&ResponseFate::Kept], 2);
    // The same comments as an export of their own are there already.
    let folder = import.imported.folder.path();
    let again = ImportRequest { format: Some(ImportFormat::Staticman), ..request(site.path(), folder) };
    let report = crate::import::import(&again, &Silent).unwrap();
    assert_eq!(report.account.response_fates[&ResponseFate::ThereAlready], 2);
    assert!(report.has_written_nothing());
}

#[test]
fn settings_and_names_of_jekyll_decide_addresses() {
    let site = site_of(&[
        file(
            "_config.yml",
            "url: https://j.example\npermalink: pretty\ntimezone: Europe/Oslo\ncollections:\n  recipes: { output: true }\n  notes:\nexclude: [private]\nplugins: [jekyll-feed]\n",
        ),
        file(
            "harbour/_posts/sub/2015-05-04-floating.md",
            "---\ndate: 2015-05-05 23:30:00\n---\nx [r]({% link _recipes/soup.md %})\n",
        ),
        file("_posts/2015-06-04-quoted.md", "---\ndate: '2015-06-05 23:30:00'\ncategories: A b\n---\nx\n"),
        file("_posts/2015-06-06-no-head.md", "No head\n"),
        file("_posts/2015-06-07-hidden.md", "---\npublished: false\n---\nx\n"),
        file("_posts/2015-06-08-moved.md", "---\nredirect_to: https://e.example/\n---\nx\n"),
        file("_recipes/soup.md", "---\ntitle: Soup\n---\nx\n"),
        file("_notes/n.md", "---\n---\nx\n"),
        file("_layouts/post.html", "x"),
        file("private/x.md", "---\n---\nx\n"),
        file("d/index.md", "---\n---\nx\n"),
        file("index.html", "---\n---\n{% for post in site.posts %}x{% endfor %}\n"),
        file("css/main.scss", "---\n---\nx\n"),
        file("assets/a.txt", "x"),
    ]);
    let import = EngineImport::of_folder(site.path());
    import.check_account(site.path());
    for address in [
        "/harbour/2015/05/06/floating/",
        "/a/b/2015/06/05/quoted/",
        "/2015/06/06/no-head/",
        "/recipes/soup/",
        "/d/",
    ] {
        import.at(address);
    }
    assert!(import.titled("Hidden").post.front.draft);
    assert!(import.titled("Moved").post.front.draft);
    holds(import.at("/harbour/2015/05/06/floating/"), &["[r](../pages/recipes/soup.md)"]);
    let settings = String::from_utf8(import.imported.files()[FILE_NAME].clone()).unwrap();
    assert!(settings.contains("from = \"/2015/06/08/moved/\"\nto = \"https://e.example/\""), "{settings}");
    assert!(settings.contains("from = \"/feed.xml\"\nto = \"/atom.xml\""), "{settings}");
    let report = import.imported.report.markdown();
    for named in [
        "`_layouts` (1 file)",
        "`private/x.md` (1 file)",
        "`index.html`",
        "`css/main.scss`",
        "`_notes` (1 file)",
    ] {
        assert!(report.contains(named), "{named}\n{report}");
    }
}

#[test]
fn a_site_of_hugo_is_read() {
    let import = EngineImport::of("hugo");
    import.check("hugo");
    import.check_account(&fixtures("hugo"));
    let config = import.imported.config();
    assert_eq!((config.timezone.name(), config.language.as_str()), ("Europe/Helsinki", "en-us"));
    assert!(
        config.menu.iter().any(|entry| entry.name == "About" && entry.url == "/about/"),
        "{:?}",
        config.menu
    );
    let first = import.at("/2019/03/the-first/");
    holds(
        first,
        &[
            "updated = 2019-04-01",
            "Lead.\n\n<!--more-->\n\n![Net](/2019/03/the-first/net.png \"The *net*\")\n",
            "```go linenos hl_lines=\"2\"\npackage main\nfunc main() {}\n```",
            "[second](../drafts/posts/second.md#part) {{< escaped >}} <https://www.youtube.com/watch?v=abc>",
            "> [!TIP]\n> Mind **it**.",
        ],
    );
    assert!(import.titled("Second").post.front.draft);
    let bundle = import.at("/2020/01/bundle/");
    holds(bundle, &["![net](net.png)"]);
    assert!(import.imported.files().contains_key("content/posts/bundle/net.png"));
    let report = import.imported.report.markdown();
    assert!(report.contains("`content/posts/org.org`: `.org` is not read"), "{report}");
    assert!(report.contains("a link to `second.md`, which is a draft"), "{report}");
    holds(import.at("/"), &["Welcome."]);
}

#[test]
fn settings_and_names_of_hugo_decide_addresses() {
    let site = site_of(&[
        file(
            "config/_default/hugo.toml",
            "baseURL = 'https://h.example/docs/'\ndefaultContentLanguage = 'en'\n[permalinks]\nnotes = '/n/:year/:filename'\n[taxonomies]\ntag = 'labels'\n",
        ),
        file("config/_default/languages.toml", "[en]\nlocale = 'en-GB'\n[fr]\nweight = 2\n"),
        file(
            "config/_default/menus.toml",
            "[[main]]\nname = 'Last'\nurl = '/z/'\n[[main]]\nname = 'First'\npageRef = 'notes'\nweight = 1\n",
        ),
        file(
            "content/Big Posts/A (b) & C.md",
            "---\ntitle: One\ndate: 2020-01-01\nlabels: [C++, a b]\n---\nhttps://e.example [n]({{< relref \"/notes/n\" >}}) {{< unknown \"x\" >}}y{{< /unknown >}} {{% param site_x %}}\n",
        ),
        file("content/Big Posts/a.fr.md", "---\ntitle: Un\ndate: 2020-01-01\n---\n[n](../notes/n.md#x)\n"),
        file("content/notes/_index.md", "---\ntitle: Notes\n---\n"),
        file(
            "content/notes/n/index.md",
            "---\ntitle: N\ndate: 2020-02-02\nurl: x.html\nbuild:\n  list: never\n---\n![a](sub/a.png)\n",
        ),
        file("content/notes/n/sub/a.png", "x"),
        file("content/notes/n/other.md", "---\n---\nx\n"),
        file(
            "content/notes/2021-05-05-m.md",
            "---\ndate: 2021-05-05\npublishDate: 2021-06-01\nexpiryDate: 2022-01-01\n---\nx\n",
        ),
        file("content/notes/_content.gotmpl", "x"),
        file("static/img/s.png", "x"),
        file("layouts/shortcodes/unknown.html", "x"),
    ]);
    let import = EngineImport::of_folder(site.path());
    import.check_account(site.path());
    let one = import.at("/big-posts/a-b-c/");
    holds(
        one,
        &[
            "[n](../pages/notes/n/index.md)",
            "{{< unknown \"x\" >}}y{{< /unknown >}}",
            "tags = [\"C++\", \"a b\"]",
        ],
    );
    holds(import.at("/fr/big-posts/a/"), &["lang = \"fr\"", "[n](../pages/notes/n/index.md#x)"]);
    holds(import.at("/x.html"), &["![a](sub/a.png)"]);
    holds(import.at("/n/2021/2021-05-05-m/"), &["publishDate = 2021-06-01", "expires = 2022-01-01"]);
    let config = import.imported.config();
    assert_eq!(config.menu.iter().map(|entry| entry.name.as_str()).collect::<Vec<_>>(), ["First", "Last"]);
    assert_eq!(config.paths.tags.as_str(), "/labels/");
    assert_eq!(post::slug::term_path(&config.terms, crate::config::terms::Taxonomy::Tags, "C++"), "c++");
    assert!(config.markdown.autolink && !config.markdown.math);
    let settings = String::from_utf8(import.imported.files()[FILE_NAME].clone()).unwrap();
    assert!(settings.contains("from = \"/notes/\"\nto = \"/archives/\""), "{settings}");
    let report = import.imported.report.markdown();
    for named in [
        "`unknown` is kept as it is written: a shortcode of the site's own",
        "`content/notes/n/other.md`",
        "`content/notes/_content.gotmpl`: a program",
        "`param` is kept",
    ] {
        assert!(report.contains(named), "{named}\n{report}");
    }
}

#[test]
fn a_site_of_zola_is_read() {
    let import = EngineImport::of("zola");
    import.check("zola");
    import.check_account(&fixtures("zola"));
    let first = import.at("/blog/first/");
    holds(
        first,
        &[
            "date = 2021-01-01",
            "updated = 2021-02-01",
            "tags = [\"rope\"]",
            "[extra]\ncomment = true\n",
            "Lead.\n\n<!-- more -->\n\n[second](second/index.md#part) <https://www.youtube.com/watch?v=abc>",
            "> Words.\n>\n> — Ida\n",
            "```rust,linenos,hl_lines=2\n",
        ],
    );
    let quote = &first.post.quotes[0];
    assert_eq!(quote.source.authors, ["Ida"]);
    holds(import.at("/blog/second/"), &["![a](a.png)"]);
    assert!(import.imported.files().contains_key("content/blog/second/a.png"));
    let four = import.titled("Four");
    assert!(four.post.front.draft && four.post.url.as_str() == "/special/four/");
}

#[test]
fn settings_and_names_of_zola_decide_addresses() {
    let site = site_of(&[
        file(
            "config.toml",
            "base_url = 'https://z.example/b'\ndefault_language = 'de'\ntaxonomies = [{name = 'tags'}]\n[slugify]\npaths = 'safe'\n[languages.en]\n[[extra.menu]]\nname = 'Home'\nurl = '$BASE_URL/x/'\n",
        ),
        file(
            "content/Blog/2021-05-05T10:00:00Z_Über uns?.md",
            "+++\ntitle = 'A'\n[taxonomies]\ntags = ['C++']\nplaces = ['Quay']\n+++\n[s](@/Blog/_index.md) [d](@/Blog/d.md) {{/* x() */}}\n",
        ),
        file("content/Blog/d.md", "+++\ndraft = true\nrender = false\n+++\nx\n"),
        file("content/Blog/_index.md", "+++\ntitle = 'Blog'\n+++\nWords.\n"),
        file("content/Old/_index.md", "+++\nredirect_to = 'Blog/'\n+++\n"),
        file("content/Blog/p.png", "x"),
        file("static/s.css", "x"),
        file("templates/base.html", "x"),
    ]);
    let import = EngineImport::of_folder(site.path());
    import.check_account(site.path());
    let first = import.at("/Blog/Über uns/");
    holds(first, &["[s](../pages/Blog.md)", "[d](../pages/Blog/d.md)", "{{ x() }}", "places = [\"Quay\"]"]);
    assert_eq!(first.post.date.unwrap().time().to_rfc3339(), "2021-05-05T10:00:00+00:00");
    holds(import.at("/Blog/"), &["Words."]);
    let config = import.imported.config();
    assert_eq!(config.language, "de");
    assert!(!config.markdown.smart_punctuation);
    assert_eq!(config.menu[0].url, "/x/");
    let settings = String::from_utf8(import.imported.files()[FILE_NAME].clone()).unwrap();
    assert!(settings.contains("from = \"/Old/\"\nto = \"/Blog/\""), "{settings}");
    for path in ["static/Blog/p.png", "static/s.css"] {
        assert!(import.imported.files().contains_key(path), "{path}");
    }
}

#[test]
fn a_site_of_pelican_is_read() {
    let import = EngineImport::of("pelican");
    import.check("pelican");
    import.check_account(&fixtures("pelican"));
    let config = import.imported.config();
    assert_eq!((config.title.as_str(), config.timezone.name()), ("Pelican quay", "Asia/Tokyo"));
    let first = import.at("/2016/Jan/31/first/");
    assert_eq!(first.post.title, "First: with colon");
    holds(
        first,
        &[
            "id = \"tag:pelican.example,2016-01-31:/2016/Jan/31/first/\"",
            "updated = 2016-02-01",
            "summary = \"Short *one*\"",
            "categories = [\"Harbour\"]",
            "![net](/images/net.png) [second](second.md) |filename|old.md",
            "```python\nx = 1\n```",
        ],
    );
    let third = import.titled("Third");
    assert!(third.post.front.draft);
    assert_eq!(
        (third.post.front.language.as_deref(), &third.post.front.categories[..]),
        (Some("fr"), &["harbour".to_owned()][..])
    );
    let hidden = import.titled("Hidden");
    assert_eq!(hidden.post.kind, post::Kind::Page);
    assert_eq!(hidden.post.url.as_str(), "/2016/May/05/hidden/");
    assert_eq!(import.titled("Yaml").post.url.as_str(), "/2016/Apr/04/yaml/");
    let report = import.imported.report.markdown();
    assert!(report.contains("it was hidden: published and not listed"), "{report}");
    holds(
        import.at("/2016/Feb/02/second/"),
        &[
            "Text with `code` and [a link](https://x.example/).\n\n```python\nx = 1\n```",
            "tags = [\"a\", \"b\"]",
        ],
    );
    let settings = String::from_utf8(import.imported.files()[FILE_NAME].clone()).unwrap();
    for (from, to) in [
        ("/tag/sheet-bend.html", "/tags/sheet-bend/"),
        ("/category/harbour.html", "/categories/harbour/"),
        ("/feeds/all.atom.xml", "/atom.xml"),
        ("/tags.html", "/tags/"),
        ("/archives.html", "/archives/"),
        ("/author/maud.html", "/authors/maud/"),
    ] {
        assert!(settings.contains(&format!("from = \"{from}\"\nto = \"{to}\"")), "{from}\n{settings}");
    }
}

#[test]
fn settings_and_names_of_pelican_decide_addresses() {
    let site = site_of(&[
        file(
            "pelicanconf.py",
            "import os\nSITENAME = 'P'\nPATH = 'content'\nSITEURL = ''\nARTICLE_URL = 'posts/{category}/{slug}/'\nARTICLE_LANG_URL = '{lang}/{slug}/'\nSLUGIFY_SOURCE = 'basename'\nFILENAME_METADATA = r'(?P<date>\\d{4}-\\d{2}-\\d{2})_(?P<slug>.*)'\nSTATIC_PATHS = ['img', 'extra/robots.txt']\nEXTRA_PATH_METADATA = {'extra/robots.txt': {'path': 'robots.txt'}, 'extra/evil': {'path': '../../evil'}}\nTIMEZONE = 'Europe/Paris'\nMENUITEMS = (('Home', '/'),)\nKEY = os.environ['X']\n",
        ),
        file("publishconf.py", "from pelicanconf import *\nSITEURL = 'https://p.example/blog'\n"),
        file(
            "content/boats/2016-05-05_the-boat.md",
            "Title: A boat\nTags: x\n\n![p]({attach}p.png) [a]({filename}../about.html#x) [t]({tag}x) {% unknown %}\n",
        ),
        file("content/boats/p.png", "x"),
        file("content/boats/fr.md", "Title: Un\nDate: 2016-01-01\nLang: fr\n\nx\n"),
        file(
            "content/about.html",
            "<html><head><title>About &amp; us</title><meta name=\"date\" content=\"2016-02-02\"><meta name=\"save_as\" content=\"about/index.html\"></head><body><p>Words <a href=\"{static}/img/a.png\">a</a></p></body></html>",
        ),
        file("content/img/a.png", "x"),
        file("content/extra/robots.txt", "x"),
        file("content/extra/evil", "x"),
        file("content/unused.txt", "x"),
        file("content/nodate.md", "Title: No date\n\nx\n"),
        file("themes/t/templates/base.html", "x"),
    ]);
    let import = EngineImport::of_folder(site.path());
    import.check_account(site.path());
    let boat = import.at("/posts/boats/the-boat/");
    holds(
        boat,
        &["![p](/posts/boats/the-boat/p.png)", "[a](../about.md#x)", "[t](/tags/x/)", "{% unknown %}"],
    );
    holds(import.at("/fr/fr/"), &["lang = \"fr\""]);
    holds(import.at("/about/"), &["[a](/img/a.png)", "title = \"About & us\""]);
    assert!(import.titled("No date").post.front.draft);
    let files = import.imported.files();
    for path in ["static/posts/boats/the-boat/p.png", "static/img/a.png", "static/robots.txt"] {
        assert!(files.contains_key(path), "{path} {:?}", files.keys());
    }
    assert!(!files.keys().any(|path| path.contains("evil")));
    let report = import.imported.report.markdown();
    for named in ["`content/unused.txt`", "a setting that is code, which is not run: `KEY`"] {
        assert!(report.contains(named), "{named}\n{report}");
    }
}

#[test]
fn sections_of_hugo_give_keys_to_what_is_below_and_folders_are_mounted() {
    let site = site_of(&[
        file(
            "hugo.toml",
            "baseURL = 'https://h.example/'\n[[module.mounts]]\nsource = 'texts/en'\ntarget = 'content'\n[[module.mounts]]\nsource = 'files'\ntarget = 'static'\n",
        ),
        file("texts/en/posts/_index.md", "---\ntitle: Posts\ncascade:\n  author: Ida\n---\n"),
        file("texts/en/posts/a.md", "---\ntitle: A\ndate: 2020-01-01\n---\nx\n"),
        file("texts/en/posts/b.md", "---\ntitle: B\ndate: 2020-01-01\nauthor: Ina\n---\nx\n"),
        file("texts/en/parts/_index.md", "---\ncascade:\n  build: { render: never, list: never }\n---\n"),
        file("texts/en/parts/p.md", "---\ntitle: P\ndate: 2020-01-01\n---\nx\n"),
        file("files/s.css", "x"),
    ]);
    let import = EngineImport::of_folder(site.path());
    import.check_account(site.path());
    holds(import.at("/posts/a/"), &["author = \"Ida\""]);
    holds(import.at("/posts/b/"), &["author = \"Ina\""]);
    assert!(import.titled("P").post.front.draft);
    assert!(import.imported.files().contains_key("static/s.css"));
}

#[test]
fn languages_of_hugo_in_files_of_their_own_have_folders_of_their_own() {
    let site = site_of(&[
        file(
            "config/_default/hugo.toml",
            "baseURL = 'https://h.example/'\ndefaultContentLanguage = 'en'\n[permalinks]\npost = '/:year/:slug/'\n",
        ),
        file("config/_default/languages.en.toml", "contentDir = 'content/en'\nlocale = 'en-US'\n"),
        file("config/_default/languages.fr.toml", "contentDir = 'content/fr'\n"),
        file("content/en/post/a.md", "---\ntitle: A\ndate: 2015-01-02\n---\nx\n"),
        file("content/fr/post/a.md", "---\ntitle: B\ndate: 2015-01-02\n---\nx\n"),
    ]);
    let import = EngineImport::of_folder(site.path());
    import.check_account(site.path());
    holds(import.at("/2015/a/"), &["lang = \"en-US\""]);
    holds(import.at("/fr/2015/b/"), &["lang = \"fr\""]);
    assert!(import.imported.files().contains_key("content/post/a.fr.md"));
}

#[test]
fn what_hugo_gives_to_a_target_comes_to_its_texts_alone() {
    let site = site_of(&[
        file(
            "hugo.toml",
            "baseURL = 'https://h.example/'\nenableEmoji = true\n[[cascade]]\ndraft = true\n[cascade.target]\npath = '/plans/**'\n[[cascade]]\nauthor = 'Ina'\n",
        ),
        file(
            "content/posts/_index.md",
            "---\ncascade:\n- target: {path: '/posts/old/**', kind: page}\n  author: Ida\n- target: {lang: fr}\n  author: Ines\n---\n",
        ),
        file("content/posts/old/a.md", "---\ntitle: A\ndate: 2020-01-01\n---\nx :smile: `:smile:` a:b:c\n"),
        file("content/posts/b.md", "---\ntitle: B\ndate: 2020-01-01\n---\nx\n"),
        file("content/plans/c.md", "---\ntitle: C\ndate: 2020-01-01\n---\nx\n"),
    ]);
    let import = EngineImport::of_folder(site.path());
    holds(import.at("/posts/old/a/"), &["author = \"Ida\"", "x 😄 `:smile:` a:b:c"]);
    holds(import.at("/posts/b/"), &["author = \"Ina\""]);
    assert!(import.titled("C").post.front.draft && !import.titled("B").post.front.draft);
}

#[test]
fn further_pages_of_lists_lead_to_the_first() {
    let posts: Vec<(String, String)> = (1..=5)
        .map(|day| (format!("p{day}.md"), format!("---\ntitle: P{day}\ndate: 2020-01-0{day}\n---\nx\n")))
        .collect();
    for (settings, folder, expected) in [
        (
            file("hugo.toml", "baseURL = 'https://h.example/'\n[pagination]\npagerSize = 2\npath = 'leaf'\n"),
            "content/posts/",
            vec![
                ("/leaf/1/", "/"),
                ("/leaf/2/", "/"),
                ("/leaf/3/", "/"),
                ("/*/leaf/:number/", "/*/"),
                ("/leaf/:number/", "/"),
            ],
        ),
        (
            file(
                "zola.toml",
                "base_url = 'https://z.example/'\ntaxonomies = [{name = 'tags', paginate_by = 3}]\n",
            ),
            "content/blog/",
            vec![
                ("/blog/page/1/", "/blog/"),
                ("/blog/page/2/", "/blog/"),
                ("/*/page/:number/", "/*/"),
                ("/page/:number/", "/"),
            ],
        ),
        (
            file("_config.yml", "paginate: 2\n"),
            "_posts/2020-01-01-",
            vec![("/page2/", "/"), ("/page3/", "/")],
        ),
        (
            file("_config.yml", "paginate: 3\npaginate_path: /blog/page:num/\n"),
            "_posts/2020-01-01-",
            vec![("/blog/page2/", "/blog/")],
        ),
        (
            file("_config.yml", "pagination: {enabled: true, per_page: 4}\n"),
            "_posts/2020-01-01-",
            vec![("/page/2/", "/")],
        ),
    ] {
        let named: Vec<(String, &String)> =
            posts.iter().map(|(name, text)| (format!("{folder}{name}"), text)).collect();
        let is_zola = settings.path == "zola.toml";
        let section = file("content/blog/_index.md", "+++\npaginate_by = 4\n+++\nAll of it.\n");
        let mut files: Vec<SiteText<'_>> = named.iter().map(|(path, text)| file(path, text)).collect();
        files.extend(is_zola.then_some(section).into_iter().chain([settings]));
        let site = site_of(&files);
        let import = EngineImport::of_folder(site.path());
        let written = String::from_utf8(import.imported.files()["backmatter.toml"].clone()).unwrap();
        for (from, to) in &expected {
            let lines = format!("from = \"{from}\"\nto = \"{to}\"");
            assert!(written.contains(&lines), "{lines}\n{written}");
        }
        let others = written.matches("[[redirects]]").count() - expected.len();
        assert!(others <= 1, "one to the feed: {written}");
    }
}

#[test]
fn files_beside_texts_and_sections_of_zola_are_answered() {
    let site = site_of(&[
        file("config.toml", "base_url = \"https://z.example\"\n"),
        file("static/site.css", "a{}"),
        file(
            "content/docs/_index.md",
            "+++\nredirect_to = \"docs/start\"\naliases = [\"old-docs/index.html\"]\n+++\nNever shown\n",
        ),
        file(
            "content/docs/start/index.md",
            "+++\ntitle = \"Start\"\n+++\n![a](a.png) [d](@/docs/draft.md)\n",
        ),
        file("content/docs/start/a.png", "png"),
        file("content/docs/draft.md", "+++\ntitle = \"Draft\"\ndraft = true\n+++\nx\n"),
    ]);
    let import = EngineImport::of_folder(site.path());
    let settings = fs::read_to_string(import.imported.folder.path().join(FILE_NAME)).unwrap();
    for from in ["/docs/", "/old-docs/"] {
        assert!(settings.contains(&format!("from = \"{from}\"\nto = \"/docs/start/\"")), "{settings}");
    }
    let files_only = &import.imported.report.account.hosts[0];
    assert!(files_only.lost.is_empty(), "{files_only:?}");
}

#[test]
fn lists_and_feeds_of_pelican_lead_to_those_here() {
    let post = |title: &str, head: &str| format!("Title: {title}\nDate: 2020-01-02\n{head}\n\nx\n");
    let posts = [
        post("A", "Category: Old Nets\nTags: knots"),
        post("B", "Category: Old Nets\nLang: fr\nSlug: b"),
        post("C", "Author: Maud Ash"),
    ];
    let settings = "SITENAME = 'P'\nSITEURL = 'https://p.example'\nAUTHOR = 'Ida'\nDEFAULT_PAGINATION = 1\nTAG_FEED_ATOM = 'feeds/tag-%s.xml'\nYEAR_ARCHIVE_SAVE_AS = 'posts/{date:%Y}/index.html'\nARCHIVES_SAVE_AS = 'all/index.html'\n";
    let further = "PAGINATION_PATTERNS = [(1, '{url}', '{save_as}'), (2, '{base_name}/page/{number}/', '{base_name}/page/{number}/index.html')]\nCATEGORY_URL = '{slug}/'\n";
    for (more, expected) in [
        (
            "",
            vec![
                ("/category/old-nets.html", "/categories/old-nets/"),
                ("/category/old-nets2.html", "/categories/old-nets/"),
                ("/category/misc.html", "/archives/"),
                ("/author/ida2.html", "/authors/ida/"),
                ("/author/maud-ash.html", "/authors/maud-ash/"),
                ("/feeds/old-nets.atom.xml", "/categories/old-nets/atom.xml"),
                ("/feeds/misc.atom.xml", "/atom.xml"),
                ("/feeds/maud-ash.rss.xml", "/authors/maud-ash/rss.xml"),
                ("/feeds/all-fr.atom.xml", "/atom.xml"),
                ("/feeds/tag-knots.xml", "/tags/knots/atom.xml"),
                ("/posts/2020/", "/2020/"),
                ("/all/", "/archives/"),
                ("/index3.html", "/"),
            ],
        ),
        (further, vec![("/old-nets/page/2/", "/categories/old-nets/"), ("/page/2/", "/")]),
    ] {
        let settings = format!("{settings}{more}");
        let site = site_of(&[
            file("pelicanconf.py", &settings),
            file("content/a.md", &posts[0]),
            file("content/b.md", &posts[1]),
            file("content/c.md", &posts[2]),
            // An article that stands where a list would.
            file(
                "content/d.md",
                "Title: D\nDate: 2020-01-02\nTags: knots\nUrl: tag/knots.html\nSave_as: tag/knots.html\n\nx\n",
            ),
        ]);
        let import = EngineImport::of_folder(site.path());
        let written = String::from_utf8(import.imported.files()[FILE_NAME].clone()).unwrap();
        for (from, to) in expected {
            assert!(written.contains(&format!("from = \"{from}\"\nto = \"{to}\"")), "{from}\n{written}");
        }
        assert!(!written.contains("\"/tag/knots.html\""), "{written}");
        let hosts = &import.imported.report.account.hosts;
        let with_rules = hosts.iter().find(|host| host.name.starts_with("Netlify")).unwrap();
        assert_eq!(with_rules.lost, Vec::<String>::new());
    }
}

#[test]
fn links_to_what_zola_did_not_make_are_not_lost_by_the_move() {
    let site = site_of(&[
        file("config.toml", "base_url = \"https://z.example\"\ntaxonomies = [{ name = \"places\" }]\n"),
        file(
            "content/a.md",
            "+++\ntitle = \"A\"\n[taxonomies]\nplaces = [\"Old Quay\"]\n+++\n[l](LICENSE) [q](/places/old-quay/) [b](/b/)\n",
        ),
        file("content/b.md", "+++\ntitle = \"B\"\n+++\nx\n"),
    ]);
    let import = EngineImport::of_folder(site.path());
    let account = &import.imported.report.account;
    assert_eq!(account.addresses.dead_before, 1);
    assert_eq!(account.hosts[0].lost, Vec::<String>::new());
    assert!(
        account.remarks.contains_key("a link to `/a/LICENSE`, where nothing is"),
        "{:?}",
        account.remarks
    );
    let settings = fs::read_to_string(import.imported.folder.path().join(FILE_NAME)).unwrap();
    for from in ["/places/", "/places/old-quay/"] {
        assert!(settings.contains(&format!("from = \"{from}\"\nto = \"/archives/\"")), "{settings}");
    }
}

#[test]
fn pages_of_jekyll_that_list_all_posts_or_terms_lead_to_the_lists() {
    let list = |head: &str, name: &str| {
        format!(
            "---\n{head}---\n<ul>{{% for x in site.{name} %}}<li>{{{{ x.title }}}}</li>{{% endfor %}}</ul>\n"
        )
    };
    let (news, tags) = (list("title: News\n", "posts"), list("permalink: /topics/\n", "tags"));
    let home = list("", "posts");
    let releases = list("permalink: /releases/\n", "categories.Release_notes");
    let data = list("permalink: /shown/\n", "data.shown");
    let site = site_of(&[
        file("_config.yml", "url: https://j.example\npermalink: pretty\n"),
        file("_posts/2020-01-02-one.md", "---\ntitle: One\nupdated: 2020-01-02\n---\nx\n"),
        file("news/index.html", &news),
        file("topics.html", &tags),
        file("index.html", &home),
        file("releases.html", &releases),
        file("shown.html", &data),
        file("_data/shown.yml", "- title: A lamp\n- title: A net\n"),
    ]);
    let import = EngineImport::of_folder(site.path());
    assert!(import.at("/shown/").text.contains("- A lamp\n- A net"), "{}", import.at("/shown/").text);
    let settings = fs::read_to_string(import.imported.folder.path().join(FILE_NAME)).unwrap();
    let expected =
        [("/news/", "/archives/"), ("/topics/", "/tags/"), ("/releases/", "/categories/release-notes/")];
    for (from, to) in expected {
        assert!(settings.contains(&format!("from = \"{from}\"\nto = \"{to}\"")), "{settings}");
    }
    assert!(!settings.contains("from = \"/\""), "{settings}");
    assert!(!import.titled("One").text.contains("updated"), "{}", import.titled("One").text);
}

#[test]
fn settings_and_data_of_jekyll_are_read_for_texts_and_addresses() {
    let site = site_of(&[
        file(
            "_config.yml",
            "---\nurl: https://j.example\ncollections:\n  posts:\n    permalink: /news/:year/:title/\n",
        ),
        file("_data/ruby.yml", "current: 3.4\n"),
        file("_data/list.yml", "- name: one\n- name: two\n"),
        file(
            "_posts/2015-05-04-a.md",
            "---\n---\n{{ site.data.ruby.current }} {% for x in site.data.list %}{{ x.name }} {% endfor %}\n",
        ),
    ]);
    let import = EngineImport::of_folder(site.path());
    import.check_account(site.path());
    holds(import.at("/news/2015/a/"), &["3.4 one two \n"]);
}

#[test]
fn a_new_site_stands_apart_from_the_old_one() {
    let site =
        site_of(&[file("_config.yml", "url: https://j.example\n"), file("_posts/2015-01-01-a.md", "x\n")]);
    for into in ["", "new", "new/deep", "_posts/.."] {
        let error = crate::import::import(
            &request(site.path(), &site.path().join(into)),
            &crate::import::tests::Silent,
        );
        assert!(error.unwrap_err().to_string().contains("needs a folder of its own"), "{into}");
    }
    assert_eq!(files_in(site.path()).len(), 2);
}

#[test]
fn an_engine_is_imported_once_and_hand_edits_stay() {
    for name in ["jekyll", "hugo", "zola", "pelican"] {
        let import = EngineImport::of(name);
        let (path, first) = import.posts.iter().find(|(_, file)| !file.post.front.draft).unwrap();
        let edited = import.imported.folder.path().join(path);
        fs::write(&edited, format!("{}\nBy hand.\n", first.text)).unwrap();
        let before = import.imported.files();
        let again = request(&fixtures(name), import.imported.folder.path());
        let report = crate::import::import(&again, &crate::import::tests::Silent).unwrap();
        assert_eq!(import.imported.files(), before, "{name}");
        assert_eq!(report.account.items, report.account.accounted());
        assert_eq!(report.account.fates.get(&EntryFate::Post), None, "{name}");
    }
}

#[test]
fn a_dry_run_of_an_engine_writes_nothing_and_says_the_same() {
    for name in ["jekyll", "hugo", "zola", "pelican"] {
        let folder = tempfile::tempdir().unwrap();
        let dry = ImportRequest { mode: ImportMode::DryRun, ..request(&fixtures(name), folder.path()) };
        let report = crate::import::import(&dry, &crate::import::tests::Silent).unwrap();
        assert_eq!(files_in(folder.path()).len(), 0);
        assert_eq!(report.account.fates, EngineImport::of(name).imported.report.account.fates, "{name}");
    }
}

#[cfg(unix)]
#[test]
fn a_hostile_site_of_jekyll_stays_in_its_folder() {
    let site = site_of(&[
        file("_config.yml", "url: https://j.example\na: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n"),
        file(
            "_posts/2015-01-01-a.md",
            "---\npermalink: /../../../tmp/evil/\nredirect_from: ../../evil\n---\n{% include ../../secret.txt %}{% include_relative ../../../etc/passwd %}\n",
        ),
        file("_posts/2015-01-02-b.md", "---\nslug: ../../evil\n---\nx\n"),
        file("_posts/2015-01-03-c.md", "---\ntitle: [\n---\nWords.\n"),
        file("_includes/again.html", "{% include again.html %}{% include again.html %}"),
        file("_posts/2015-01-04-d.md", "---\n---\n{% include again.html %}\n"),
        file("secret.html", "---\n---\nx"),
    ]);
    std::os::unix::fs::symlink("/etc/passwd", site.path().join("passwd.txt")).unwrap();
    let import = EngineImport::of_folder(site.path());
    for (path, bytes) in import.imported.files() {
        assert!(!path.contains("..") && !path.contains("passwd"), "{path}");
        assert!(!String::from_utf8_lossy(&bytes).contains("root:"), "{path}");
    }
    let report = import.imported.report.markdown();
    assert!(report.contains("`passwd.txt`: a symbolic link"), "{report}");
    holds(import.posts.values().find(|file| file.text.contains("Words.")).unwrap(), &["draft = true"]);
}
