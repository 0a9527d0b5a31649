//! Whatever is done to a site, the next build makes what a build from nothing makes.
//!
//! Scripts of edits are drawn from a seed. To look at one that fails, put its seed into [`SEEDS`].

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use backmatter::internals::engine::snapshot::Change;
use backmatter::internals::site::order::Selection;
use backmatter::internals::sys::watch::ChangedPaths;

use crate::dice::Dice;
use crate::site_test::{Files, SiteTest};

const SEEDS: std::ops::Range<u64> = 0..60;
const STEPS: usize = 12;
const POSTS: usize = 30;

#[test]
fn incremental_equals_clean_in_the_first_third_of_the_scripts() {
    run(0);
}

#[test]
fn incremental_equals_clean_in_the_second_third_of_the_scripts() {
    run(1);
}

#[test]
fn incremental_equals_clean_in_the_last_third_of_the_scripts() {
    run(2);
}

/// A large site, of which few posts change between two builds. `BACKMATTER_EDITS=100 cargo test --test it large_site` makes
/// more builds than a usual run.
#[test]
fn incremental_equals_clean_on_a_large_site() {
    let asked = std::env::var("BACKMATTER_EDITS").ok().and_then(|text| text.parse().ok());
    let mut script = Script::with(0, 2000);
    script.site.build_alone();
    for _ in 0..asked.unwrap_or(4) {
        for _ in 0..8 {
            script.step();
        }
        script.site.build_alone();
    }
    // A build from nothing takes its time: it is compared once, with what all the edits left.
    script.site.build();
}

/// A site that stays open, and reads only the files that changed, is the one that reading everything gives.
#[test]
fn a_refreshed_site_builds_what_a_build_from_nothing_makes() {
    for seed in 0..8 {
        let mut script = Script::new(seed);
        let mut site = script.site.open();
        for step in 0..STEPS {
            script.site.build_open(&mut site);
            let before = script.site.written();
            script.edit_at_random();
            let changed = changed_paths(&script, &before);
            let change = site.refresh(&changed, script.site.time()).expect("the settings can be read");
            let is_same = changed.paths.is_empty();
            assert!(is_same || change > Change::Nothing, "seed {seed}, step {step}: {:?}", script.done);
        }
        script.site.build_open(&mut site);
    }
}

/// A change of words leaves the plan as it is, and with it the faults of links; only their lines are other ones.
#[test]
fn broken_links_are_reported_where_they_stand_after_a_change_of_words() {
    let mut site = SiteTest::new(
        "-- content/2016/one.md --\n+++\ntitle = \"One\"\ndate = 2016-01-01\n+++\nWords.\n\n[a](/2016/01/02/tow/) and [b](thre.md)\n\
         -- content/2016/two.md --\n+++\ntitle = \"Two\"\ndate = 2016-01-02\n+++\n[c](/nowhere/)\n\
         -- content/2016/three.md --\n+++\ntitle = \"Three\"\ndate = 2016-01-03\n+++\nWords.\n",
    );
    let mut open = site.open();
    site.build_open(&mut open);
    site.edit("content/2016/one.md", "Words.\n", "More words,\nin two lines.\n\nAnd *then* ");
    let changed =
        ChangedPaths { paths: BTreeSet::from([site.path("content/2016/one.md")]), and_others: false };
    assert_eq!(open.refresh(&changed, site.time()).expect("the settings can be read"), Change::Content);
    site.build_open(&mut open);
    site.warnings(&[
        "content/2016/one.md:9:1: nothing stands at `/2016/01/02/tow/` on this site (did you mean `/2016/01/02/two/`?)",
        "content/2016/one.md:9:27: there is no post `content/2016/thre.md` (did you mean `content/2016/three.md`?)",
        "content/2016/two.md:5:1: nothing stands at `/nowhere/` on this site",
    ]);
}

/// The paths of the files that are not as they were.
fn changed_paths(script: &Script, before: &Files) -> ChangedPaths {
    let now = script.site.written();
    let differs = |path: &&String| before.get(*path) != now.get(*path);
    let paths: BTreeSet<&String> = before.keys().chain(now.keys()).filter(differs).collect();
    ChangedPaths { paths: paths.into_iter().map(|path| script.site.path(path)).collect(), and_others: false }
}

fn run(third: u64) {
    for seed in SEEDS.filter(|seed| seed % 3 == third) {
        let mut script = Script::new(seed);
        let outcome = catch_unwind(AssertUnwindSafe(|| script.play()));
        if let Err(panic) = outcome {
            let text = panic.downcast_ref::<String>().cloned();
            match text {
                Some(text) => panic!("seed {seed}, after {:#?}:\n{text}", script.done),
                None => resume_unwind(panic),
            }
        }
    }
}

/// A post as the script knows it.
#[derive(Clone)]
struct Draft {
    title: String,
    day: u32,
    slug: Option<String>,
    tags: Vec<&'static str>,
    category: Option<&'static str>,
    series: Option<&'static str>,
    author: Option<&'static str>,
    alias: Option<String>,
    updated: bool,
    expires: bool,
    draft: bool,
    summary: usize,
    body: usize,
    quote: Option<usize>,
    /// Another post's file, which may be gone.
    link: Option<String>,
    image: bool,
    code: bool,
}

pub(crate) struct Script {
    pub(crate) site: SiteTest,
    dice: Dice,
    /// By file, below `content/`.
    posts: BTreeMap<String, Draft>,
    settings: Settings,
    number: usize,
    pub(crate) done: Vec<String>,
}

struct Settings {
    title: usize,
    paginate: usize,
    limit: usize,
    permalink: usize,
    search: bool,
    authors: usize,
}

const TAGS: [&str; 5] = ["Rust", "C++", "the town", "Zürich", "日本"];
const CATEGORIES: [&str; 2] = ["News", "Notes"];
const SERIES: [&str; 2] = ["Tour", "Letters"];
const AUTHORS: [&str; 2] = ["Ann Ex", "Ivo Vale"];
const PAGES_OF_AUTHORS: [&str; 3] = ["auto", "always", "never"];
const PERMALINKS: [&str; 3] = ["/:year/:month/:day/:slug/", "/:slug/", "/blog/:year/:slug.html"];

impl Script {
    pub(crate) fn new(seed: u64) -> Self {
        Self::with(seed, POSTS)
    }

    fn with(seed: u64, posts: usize) -> Self {
        let mut script = Self {
            site: SiteTest::new(""),
            dice: Dice::new(seed),
            posts: BTreeMap::new(),
            settings: Settings { title: 0, paginate: 4, limit: 5, permalink: 0, search: true, authors: 0 },
            number: 0,
            done: Vec::new(),
        };
        script.write_settings();
        for _ in 0..posts {
            script.add();
        }
        script.site.write("content/pages/about.md", "+++\ntitle = \"About\"\n+++\nWho writes.\n");
        script.done.clear();
        script
    }

    fn play(&mut self) {
        self.site.build();
        for _ in 0..STEPS {
            // Sometimes several things happen between two builds.
            for _ in 0..=usize::from(self.dice.once_in(3)) + usize::from(self.dice.once_in(5)) {
                self.step();
            }
            self.done.push("build".to_owned());
            self.site.build();
        }
        self.done.push("build again".to_owned());
        self.site.is_settled();
    }

    fn step(&mut self) {
        match self.dice.below(24) {
            17 => self.clock(),
            23 => self.vandalise(),
            kind => self.edit(kind),
        }
    }

    /// One of the things that an author may do to a site.
    pub(crate) fn edit_at_random(&mut self) {
        match self.dice.below(23) {
            17 => self.settings(),
            kind => self.edit(kind),
        }
    }

    fn edit(&mut self, kind: usize) {
        match kind {
            0 | 1 => self.add(),
            2 => self.delete(),
            3 => self.rename(),
            4 => self.change("retitle", |draft, dice| draft.title = format!("Title {}", dice.below(1000))),
            5 | 6 => self.change("retag", |draft, dice| draft.tags = some(&TAGS, dice)),
            7 => self.change("redate", |draft, dice| draft.day = dice.below(1200) as u32),
            8 => self.touch(),
            9 | 10 => self.change("rewrite", |draft, dice| draft.body = dice.below(1000)),
            11 => self.change("summarise", |draft, dice| draft.summary = dice.below(1000)),
            12 => self.template(),
            13 | 14 => self.linkback(),
            15 => self.static_file(),
            16 => self.bundle(),
            18 => self.alias(),
            19 => self.change("draft", |draft, _| draft.draft = !draft.draft),
            20 => self.change("requote", |draft, dice| {
                draft.quote = if dice.once_in(3) { None } else { Some(dice.below(6)) };
            }),
            21 => self.settings(),
            _ => self.change("categorise", |draft, dice| {
                draft.category = some(&CATEGORIES, dice).first().copied();
                draft.series = some(&SERIES, dice).first().copied();
                draft.author = some(&AUTHORS, dice).first().copied();
                draft.updated = dice.once_in(2);
                draft.expires = dice.once_in(6);
            }),
        }
    }

    fn note(&mut self, what: &str, file: &str) {
        self.done.push(format!("{what} {file}"));
    }

    fn any(&mut self) -> Option<String> {
        let files: Vec<&String> = self.posts.keys().collect();
        if files.is_empty() { None } else { Some((*self.dice.pick(&files)).clone()) }
    }

    fn write(&mut self, file: &str) {
        let text = self.posts[file].text();
        self.site.write(&format!("content/{file}"), text);
    }

    fn add(&mut self) {
        self.number += 1;
        let number = self.number;
        let file = match self.dice.below(4) {
            0 => format!("2026/post-{number}.md"),
            1 => format!("post-{number}/index.md"),
            _ => format!("post-{number}.md"),
        };
        let link = if self.dice.once_in(3) { self.any() } else { None };
        let dice = &mut self.dice;
        let draft = Draft {
            title: if dice.once_in(6) { String::new() } else { format!("Title {number}") },
            day: dice.below(1200) as u32,
            slug: None,
            tags: some(&TAGS, dice),
            category: some(&CATEGORIES, dice).first().copied(),
            series: some(&SERIES, dice).first().copied(),
            author: some(&AUTHORS, dice).first().copied(),
            alias: None,
            updated: dice.once_in(8),
            expires: dice.once_in(15),
            draft: dice.once_in(10),
            summary: dice.below(1000),
            body: dice.below(1000),
            quote: if dice.once_in(3) { Some(dice.below(6)) } else { None },
            link,
            image: dice.once_in(4),
            code: dice.once_in(8),
        };
        self.posts.insert(file.clone(), draft);
        self.write(&file);
        self.note("add", &file);
    }

    fn delete(&mut self) {
        let Some(file) = self.any() else { return };
        self.posts.remove(&file);
        self.site.remove(&format!("content/{file}"));
        self.note("delete", &file);
    }

    fn rename(&mut self) {
        let Some(file) = self.any() else { return };
        self.number += 1;
        self.move_to(&file, format!("renamed/post-{}.md", self.number));
    }

    /// Between `a.md` and `a/index.md`, with the back matter staying behind.
    fn bundle(&mut self) {
        let Some(file) = self.any() else { return };
        let to = match file.strip_suffix("/index.md") {
            Some(folder) => format!("{folder}.md"),
            None => format!("{}/index.md", file.trim_end_matches(".md")),
        };
        self.move_to(&file, to);
    }

    fn move_to(&mut self, from: &str, to: String) {
        let draft = self.posts.remove(from).expect("it was picked among them");
        self.site.rename(&format!("content/{from}"), &format!("content/{to}"));
        self.note(&format!("move to {to}"), from);
        self.posts.insert(to, draft);
    }

    fn change(&mut self, what: &str, change: impl FnOnce(&mut Draft, &mut Dice)) {
        let Some(file) = self.any() else { return };
        let draft = self.posts.get_mut(&file).expect("it was picked among them");
        change(draft, &mut self.dice);
        self.write(&file);
        self.note(what, &file);
    }

    fn alias(&mut self) {
        self.number += 1;
        let number = self.number;
        self.change("alias", |draft, dice| {
            draft.alias = if dice.once_in(3) { None } else { Some(format!("/old/{}/", dice.below(5))) };
            draft.slug = if dice.once_in(2) { Some(format!("slug-{number}")) } else { None };
        });
    }

    fn touch(&mut self) {
        let Some(file) = self.any() else { return };
        self.site.touch(&format!("content/{file}"));
        self.note("touch", &file);
    }

    fn linkback(&mut self) {
        let Some(file) = self.any() else { return };
        let path = format!("content/{}.backmatter.toml", file.trim_end_matches(".md"));
        if self.site.path(&path).exists() && self.dice.once_in(2) {
            self.site.remove(&path);
            self.note("remove", &path);
            return;
        }
        let kind = *self.dice.pick(&["pingback", "trackback", "webmention", "comment"]);
        let relation = *self.dice.pick(&["mention", "like", "repost", "reply"]);
        let number = self.dice.below(100);
        self.site.write(
            &path,
            format!(
                "[[linkback]]\nkind = \"{kind}\"\ntype = \"{relation}\"\nsource = \"https://a.example/{number}\"\n\
                 excerpt = \"words {number}\"\nreceived = 2026-11-01\n"
            ),
        );
        self.note("linkback", &path);
    }

    fn static_file(&mut self) {
        let number = self.dice.below(100);
        let path = *self.dice.pick(&[
            "static/style.css",
            "static/map.png",
            "static/deep/er/a.txt",
            "static/robots.txt",
        ]);
        if self.site.path(path).exists() && self.dice.once_in(3) {
            self.site.remove(path);
            self.note("remove", path);
        } else if path.ends_with(".png") {
            let width = 50 + number as u32;
            let mut bytes = Vec::new();
            let mut encoder = png::Encoder::new(&mut bytes, width, 4);
            encoder.set_color(png::ColorType::Rgb);
            let mut writer = encoder.write_header().expect("it can be encoded");
            let pixels: Vec<u8> =
                (0..width * 12).map(|at| (at * at * (number as u32 + 7)).to_be_bytes()[2]).collect();
            writer.write_image_data(&pixels).expect("it can be encoded");
            drop(writer);
            // A copy that was broken off.
            if number.is_multiple_of(5) {
                bytes.truncate(bytes.len() / 2);
            }
            self.site.write(path, bytes);
            self.note("write", path);
        } else {
            self.site.write(path, format!("text {number}"));
            self.note("write", path);
        }
    }

    fn template(&mut self) {
        let number = self.dice.below(100);
        let question = *self.dice.pick(&[
            "{% for post in recent_posts(n=3) %}{{ post.title }};{% endfor %}",
            "{% for tag in tags() %}{{ tag.name }} {{ tag.count }};{% endfor %}",
            "{% for year in years() %}{{ year.count }};{% endfor %}",
            "{% for quote in recent_quotes(n=2) %}{{ quote.title }};{% endfor %}",
            "{{ url_of(path=\"content/post-3.md\") or 'none' }}{% set p = post(path=\"content/post-2.md\") %}{{ p?.title or 'none' }}",
        ]);
        let path = *self.dice.pick(&[
            "templates/page.html",
            "templates/not_found.html",
            "templates/partials/pager.html",
        ]);
        if self.site.path(path).exists() && self.dice.once_in(2) {
            self.site.remove(path);
            self.note("remove", path);
        } else {
            self.site.write(path, format!("<p>{number}</p>{question}"));
            self.note("write", path);
        }
    }

    fn clock(&mut self) {
        let day = self.dice.below(28) + 1;
        let month = self.dice.below(12) + 1;
        let year = 2024 + self.dice.below(4);
        let now = format!("{year}-{month:02}-{day:02}T12:00:00Z");
        let selection = if self.dice.once_in(3) {
            Selection {
                drafts: self.dice.once_in(2),
                future: self.dice.once_in(2),
                expired: self.dice.once_in(2),
            }
        } else {
            Selection::default()
        };
        self.site.now(&now).selection(selection);
        self.note("now", &format!("{now} {selection:?}"));
    }

    fn settings(&mut self) {
        match self.dice.below(6) {
            5 => self.settings.authors = self.dice.below(PAGES_OF_AUTHORS.len()),
            4 => self.settings.search = !self.settings.search,
            0 => self.settings.title += 1,
            1 => self.settings.paginate = 2 + self.dice.below(6),
            2 => self.settings.limit = 2 + self.dice.below(6),
            _ => self.settings.permalink = self.dice.below(PERMALINKS.len()),
        }
        self.write_settings();
        self.note("settings", "");
    }

    fn write_settings(&mut self) {
        let Settings { title, paginate, limit, permalink, search, authors } = self.settings;
        let (permalink, authors) = (PERMALINKS[permalink], PAGES_OF_AUTHORS[authors]);
        self.site.write(
            "backmatter.toml",
            format!(
                "title = \"Blog {title}\"\nbase_url = \"https://example.com\"\npaginate = {paginate}\n\
                 permalink = \"{permalink}\"\nauthor = \"Mirren\"\n[archives]\nauthors = \"{authors}\"\n[feed]\nlimit = {limit}\n[images]\nwidths = [40, 100]\n[search]\nenabled = {search}\n"
            ),
        );
    }

    /// Deletes an output, or writes over it.
    fn vandalise(&mut self) {
        let outputs: Vec<String> = self.site.outputs().into_keys().collect();
        let Some(output) = outputs.get(self.dice.below(outputs.len().max(1))).cloned() else { return };
        self.site.remove(&format!("public/{output}"));
        self.note("remove output", &output);
    }
}

fn some(names: &[&'static str], dice: &mut Dice) -> Vec<&'static str> {
    names.iter().copied().filter(|_| dice.once_in(3)).collect()
}

impl Draft {
    fn text(&self) -> String {
        let day = chrono::NaiveDate::from_ymd_opt(2024, 1, 1).expect("it is a day")
            + chrono::Days::new(u64::from(self.day));
        let mut text = format!("+++\ndate = {day}\ntags = {:?}\n", self.tags);
        let mut line = |key: &str, value: Option<String>| {
            if let Some(value) = value {
                text.push_str(&format!("{key} = {value}\n"));
            }
        };
        let quoted = |value: &str| format!("{value:?}");
        line("title", Some(quoted(&self.title)).filter(|_| !self.title.is_empty()));
        line("slug", self.slug.as_deref().map(quoted));
        line("categories", self.category.map(|name| format!("[{name:?}]")));
        line("series", self.series.map(quoted));
        line("author", self.author.map(quoted));
        line("aliases", self.alias.as_ref().map(|alias| format!("[{alias:?}]")));
        line("updated", self.updated.then(|| (day + chrono::Days::new(9)).to_string()));
        line("expires", self.expires.then(|| (day + chrono::Days::new(200)).to_string()));
        line("draft", self.draft.then(|| "true".to_owned()));
        text.push_str(&format!("+++\nSummary {}.\n\n## Part\n\nBody {}.\n", self.summary, self.body));
        if let Some(link) = &self.link {
            text.push_str(&format!("\nSee [another](/{link}).\n"));
        }
        if let Some(quote) = self.quote {
            text.push_str(&format!(
                "\n> Words of report {quote}.\n>\n> — [Report {quote}](https://report.example/{quote}), *Paper {}*\n",
                quote % 3
            ));
        }
        if self.image {
            text.push_str("\n![A map](/map.png)\n");
        }
        if self.code {
            text.push_str("\n```rust\nfn main() {}\n```\n");
        }
        text
    }
}
