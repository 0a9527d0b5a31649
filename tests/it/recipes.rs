//! The recipes of the guide, each followed with its own text: files of a site, settings, and commands.

use std::collections::BTreeSet;
use std::fs;

use crate::cli::backmatter;
use crate::site_test::{folder, put};

/// A heading of the page with all that stands below it.
struct Recipe {
    title: String,
    files: Vec<NamedFile>,
    commands: Vec<String>,
}

/// A block of code with a name.
struct NamedFile {
    name: String,
    text: String,
}

fn recipes(page: &str) -> Vec<Recipe> {
    let page = format!("{}/content/pages/guide/{page}", env!("CARGO_MANIFEST_DIR"));
    let page = fs::read_to_string(page).expect("the guide is there");
    let mut recipes: Vec<Recipe> = Vec::new();
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        if let Some(title) = line.strip_prefix("## ") {
            recipes.push(Recipe { title: title.to_owned(), files: Vec::new(), commands: Vec::new() });
        }
        let (Some(fence), Some(recipe)) = (line.strip_prefix("```"), recipes.last_mut()) else { continue };
        let block: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
        if fence == "console" {
            let typed = block.iter().filter_map(|line| line.strip_prefix("$ backmatter "));
            recipe.commands.extend(typed.map(ToOwned::to_owned));
        } else if let Some(name) = fence.split("name=\"").nth(1) {
            let name = name.trim_end_matches('"').to_owned();
            recipe.files.push(NamedFile { name, text: block.join("\n") + "\n" });
        }
    }
    recipes
}

/// What a recipe promises: a text in an output.
const PROMISES: [(&str, &str, &str); 21] = [
    ("A style of your own", "custom.css", "font-variant-caps"),
    ("A style of your own", "index.html", "href=\"/custom.css?v="),
    ("A font", "index.html", "<link rel=\"preload\" href=\"/fonts/quay.woff2?v="),
    ("Visitor statistics", "archives/index.html", "count.js\"></script>"),
    (
        "Comments kept elsewhere",
        "2026/01/02/a/index.html",
        "data-title=\"A\" data-isso-id=\"/2026/01/02/a/\"",
    ),
    ("A newsletter", "2026/01/02/a/index.html", "embed-subscribe/quay\" method=\"post\">"),
    ("Writing on a phone", "2026/01/02/a/index.html", "/edit/main/content/2026/a.md\""),
    ("Writing on a phone", "desk/index.html", "filename=title.md"),
    (
        "A photo blog",
        "index.html",
        "<img class=\"u-photo\" src=\"https://blog.example/2026/03/01/quay/quay.jpg\"",
    ),
    ("A photo blog", "2026/03/01/quay/index.html", "Before the first ferry"),
    ("A front page of your own", "index.html", "<li><a href=\"/2026/01/02/a/\">A</a></li>"),
    ("A front page of your own", "blog/index.html", "class=\"card"),
    ("A list of blogs you read", "blogroll/index.html", "href=\"/blogroll.opml\""),
    ("A list of blogs you read", "blogroll.opml", "xmlUrl="),
    (
        "Related posts",
        "2026/01/02/a/index.html",
        "<h2 id=\"_related\">On the same subject</h2>\n<article class=\"card h-entry\">\n<h2><a class=\"p-name u-url\" href=\"/2026/01/01/b/\">",
    ),
    ("Answers by mail", "2026/01/02/a/index.html", "mailto:jane@blog.example?subject=Re:%20A\""),
    ("A button that copies code", "2026/01/02/a/index.html", "<script src=\"/copy.js?v="),
    ("Icons", "index.html", "<link rel=\"apple-touch-icon\" href=\"/apple-touch-icon.png?v="),
    ("Icons", "favicon.svg", "#1d3557"),
    (
        "A profile that is proved to be yours",
        "index.html",
        "<link rel=\"me\" href=\"https://social.example/@jane\">",
    ),
    ("Posts of another shape", "2026/02/01/low-water/index.html", "white-space: pre-line"),
];

const PNG: &[u8] = include_bytes!("../extra/site/static/dot.png");
const JPEG: &[u8] =
    include_bytes!("../fixtures/import/wordpress-real/uploads/2019/03/pen-and-ink-300x188.jpg");

#[test]
fn every_recipe_builds_what_it_promises() {
    let recipes = recipes("recipes.md");
    assert!(recipes.len() >= 13, "{}", recipes.len());
    let mut tried = BTreeSet::new();
    for Recipe { title, files, commands } in &recipes {
        let place = folder();
        let root = place.path().join("site");
        put(
            &root.join("content/2026/a.md"),
            b"+++\ntitle = \"A\"\ndate = 2026-01-02\ntags = [\"quay\"]\n+++\nOwn.\n\n```sh\nls\n```\n",
        );
        put(
            &root.join("content/2026/b.md"),
            b"+++\ntitle = \"B\"\ndate = 2026-01-01\ntags = [\"quay\"]\n+++\nOwn.\n",
        );
        put(
            &root.join("content/2026/draft.md"),
            b"+++\ntitle = \"D\"\ndate = 2026-01-01\ndraft = true\n+++\nOwn.\n",
        );
        put(&root.join("static/fonts/quay.woff2"), b"a font");
        put(&root.join("static/apple-touch-icon.png"), PNG);
        put(&root.join("content/2026/quay/quay.jpg"), JPEG);
        let mut settings = "base_url = \"https://blog.example\"\n".to_owned();
        for NamedFile { name, text } in files {
            match name.as_str() {
                "backmatter.toml" => settings.push_str(text),
                name => put(&root.join(name), text.as_bytes()),
            }
        }
        put(&root.join("backmatter.toml"), settings.as_bytes());
        let built = backmatter(&root, ["build", "--strict"]);
        assert_eq!(built.code, Some(0), "{title}: {}", built.stderr);
        for (_, path, promised) in PROMISES.iter().filter(|(of, ..)| of == title) {
            let output = fs::read_to_string(root.join("public").join(path)).unwrap_or_default();
            assert!(output.contains(promised), "{title}: {path} lacks {promised}: {output}");
            tried.insert(title.as_str());
        }
        for command in commands {
            let run = backmatter(&root, command.split_whitespace());
            assert_eq!(run.code, Some(0), "{title}: {command}: {}", run.stderr);
            tried.insert(title.as_str());
        }
        if title == "Writing on a phone" {
            assert!(root.join(".github/workflows").is_dir());
        }
        if title == "A preview for others" {
            let draft = place.path().join("preview/2026/01/01/draft/index.html");
            let draft = fs::read_to_string(draft).expect("the draft is built");
            assert!(draft.contains("<meta name=\"robots\" content=\"noindex\">"));
        }
    }
    let titles: BTreeSet<&str> = recipes.iter().map(|recipe| recipe.title.as_str()).collect();
    assert_eq!(tried, titles, "each recipe promises something that is looked for");
}

/// What the guide shows of a theme is one: with each kind of page, without a warning, and nothing more than its five files.
#[test]
fn the_theme_of_the_guide_is_whole() {
    let page = recipes("themes.md");
    let theme = page.iter().find(|recipe| recipe.title == "A theme of five files").expect("it is there");
    assert_eq!(theme.files.len(), 5);
    let place = folder();
    let root = place.path();
    for NamedFile { name, text } in &theme.files {
        assert!(name.starts_with("themes/tide/"), "{name}");
        put(&root.join(name), text.as_bytes());
    }
    put(
        &root.join("backmatter.toml"),
        b"base_url = \"https://blog.example\"\ntitle = \"Tide\"\ntheme = \"tide\"\nauthor = \"Mirren Vale\"\npaginate = 1\n[search]\nenabled = true\n",
    );
    put(
        &root.join("content/2026/a.md"),
        b"+++\ntitle = \"A\"\ndate = 2026-01-02\ntags = [\"quay\"]\nseries = \"S\"\naliases = [\"/old/\"]\n+++\nOwn.\n\n\
          > Words.\n>\n> \xe2\x80\x94 Jane Doe, [Title](https://report.example/), *The Paper*, 2026-01-01\n\n<https://www.youtube.com/watch?v=aB3-_x9Qw1E>\n",
    );
    put(
        &root.join("content/2026/b.md"),
        b"+++\ndate = 2026-01-01\nlang = \"he\"\nseries = \"S\"\n+++\nA note.\n",
    );
    put(&root.join("content/about.md"), b"+++\ntitle = \"About\"\n+++\nMe.\n");
    let built = backmatter(root, ["build", "--strict"]);
    assert_eq!((built.code, built.stderr.contains("warning")), (Some(0), false), "{}", built.stderr);
    for path in [
        "index.html",
        "page/1/index.html",
        "2026/01/02/a/index.html",
        "2026/01/01/b/index.html",
        "about/index.html",
        "archives/index.html",
        "2026/index.html",
        "2026/01/index.html",
        "2026/01/02/index.html",
        "tags/index.html",
        "tags/quay/index.html",
        "series/s/index.html",
        "quotes/index.html",
        "search/index.html",
        "404.html",
    ] {
        let output = fs::read_to_string(root.join("public").join(path)).unwrap_or_default();
        assert!(
            output.contains("style=\"--water:#0b5c7a\"") && output.contains("<main lang="),
            "{path}: {output}"
        );
    }
    let post = fs::read_to_string(root.join("public/2026/01/02/a/index.html")).expect("it is there");
    assert!(post.contains("/embed.js?v=") && post.contains("<title>A \u{b7} Tide</title>"), "{post}");
}
