//! Back matter files: what is read can be edited, and an edit changes nothing else.
#![no_main]

use std::sync::LazyLock;

use backmatter::internals::config::Config;
use backmatter::internals::linkback::back_matter;
use backmatter::internals::linkback::back_matter::edit::BackMatterEditor;
use backmatter::internals::linkback::{Linkback, LinkbackKind, Relation};
use backmatter::internals::path::SourcePath;
use libfuzzer_sys::fuzz_target;

static CONFIG: LazyLock<Config> = LazyLock::new(|| {
    Config::parse("base_url = \"https://example.com\"\ntimezone = \"Europe/Stockholm\"\n").0
});

const SOURCE: &str = "https://added.example/post/";

fuzz_target!(|text: &str| {
    let path = SourcePath::new("content/a.backmatter.toml").expect("it is a path");
    let (before, _) = back_matter::read::parse(&path, text, &CONFIG);
    assert!(before.is_sorted_by_key(Linkback::date));
    let Ok(mut editor) = BackMatterEditor::open(&path, text, &CONFIG) else { return };
    editor.put(&Linkback {
        id: "added".to_owned(),
        kind: LinkbackKind::Webmention,
        relation: Relation::Reply,
        source: SOURCE.to_owned(),
        title: String::new(),
        site: String::new(),
        author: None,
        excerpt: "[…] words \"around\" the 'link' […]".to_owned(),
        content: String::new(),
        published: None,
        received: None,
        parent: None,
        anchor: None,
    });
    let Ok(text) = editor.finish() else { panic!("a file that can be opened can be written") };
    let text = text.expect("it has a linkback");
    let (after, mut faults) = back_matter::read::parse(&path, &text, &CONFIG);
    faults.retain(|fault| fault.is_error());
    assert!(faults.is_empty(), "{faults:?}");
    let others = |linkbacks: &[Linkback]| -> Vec<String> {
        linkbacks.iter().filter(|known| known.source != SOURCE).map(|known| format!("{known:?}")).collect()
    };
    assert_eq!(others(&after), others(&before));
    let mut editor =
        BackMatterEditor::open(&path, &text, &CONFIG).unwrap_or_else(|_| panic!("it was written by us"));
    assert!(editor.remove(SOURCE));
    assert!(editor.finish().is_ok());
});
