//! The rules that keep the code in one direction: who may know whom, who may touch the world, and who may print.

mod code_rules;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The modules in the order of `src/lib.rs`: each may use itself and those before it.
const ORDER: [&str; 35] = [
    "diagnostic",
    "dom",
    "error",
    "fifo_cache",
    "hash",
    "html",
    "nearest_name",
    "path",
    "date",
    "spanned",
    "config",
    "linkback",
    "post",
    "picture",
    "citation",
    "site",
    "search",
    "page",
    "theme",
    "render",
    "sys",
    "http",
    "scan",
    "imaging",
    "engine",
    "outgoing",
    "backup",
    "compare",
    "import",
    "preview",
    "publish",
    "receive",
    "send",
    "hosting",
    "cli",
];

/// Modules that stand side by side: neither knows the other.
const STRANGERS: [(&str, &str); 28] = [
    ("post", "linkback"),
    ("linkback", "post"),
    ("theme", "page"),
    ("theme", "site"),
    ("theme", "post"),
    ("import", "backup"),
    ("preview", "backup"),
    ("publish", "backup"),
    ("receive", "backup"),
    ("send", "backup"),
    ("import", "compare"),
    ("preview", "compare"),
    ("publish", "compare"),
    ("receive", "compare"),
    ("send", "compare"),
    ("preview", "import"),
    ("publish", "import"),
    ("receive", "import"),
    ("send", "import"),
    ("publish", "preview"),
    ("receive", "preview"),
    ("receive", "publish"),
    ("send", "preview"),
    ("send", "publish"),
    ("send", "receive"),
    ("hosting", "import"),
    ("hosting", "preview"),
    ("hosting", "send"),
];

/// Modules that name nothing of the world outside the program.
const CORE: [&str; 20] = [
    "diagnostic",
    "dom",
    "error",
    "fifo_cache",
    "hash",
    "html",
    "nearest_name",
    "path",
    "date",
    "spanned",
    "config",
    "linkback",
    "post",
    "picture",
    "citation",
    "site",
    "search",
    "page",
    "theme",
    "render",
];

/// What the core never names.
const WORLD: [&str; 16] = [
    "std::fs",
    "std::net",
    "std::env",
    "std::process",
    "std::thread",
    "std::time::SystemTime",
    "SystemTime::now",
    "Instant::now",
    "Utc::now",
    "Local::now",
    "thread::spawn",
    "fs::read",
    "fs::write",
    "env::var",
    "File::open",
    "File::create",
];

/// What of the machine is named in `sys` only: threads, the clock, chance, other programs, the watching of files, locks,
/// and files that are replaced whole.
const MACHINE: [&str; 15] = [
    "std::thread",
    "thread::spawn",
    "thread::scope",
    "Utc::now",
    "Local::now",
    "SystemTime::now",
    "getrandom",
    "use notify",
    "RecommendedWatcher",
    "Command::new",
    "tokio::process",
    "PoisonError",
    "TryLockError",
    "fs::rename",
    "File::create(",
];

/// Files that rename what is more than a file: outputs that were staged together, and the folder of a release.
const RENAMES: [&str; 2] = ["engine/output.rs", "publish/backends/directory.rs"];

/// Macros that print. Only `cli` has them.
const PRINTS: [&str; 4] = ["println!", "eprintln!", "print!", "eprint!"];

struct Source {
    /// Below `src/`.
    path: String,
    text: String,
    /// Without comments and the text of string literals.
    code: String,
}

impl Source {
    /// The first part of the path: `post` for `post/markdown/mod.rs`.
    fn module(&self) -> &str {
        let first = self.path.split('/').next().unwrap_or_default();
        first.strip_suffix(".rs").unwrap_or(first)
    }

    fn is_core(&self) -> bool {
        CORE.contains(&self.module()) || self.path == "engine/staleness.rs"
    }
}

fn below_manifest(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn files(folder: &str) -> Vec<(String, PathBuf)> {
    let start = below_manifest(folder);
    let walk = walkdir::WalkDir::new(&start).sort_by_file_name().into_iter();
    let files = walk.map(|entry| entry.expect("the folder can be read")).filter(|e| e.file_type().is_file());
    files
        .map(|entry| {
            let below =
                entry.path().strip_prefix(&start).expect("it is below").to_string_lossy().into_owned();
            (below, entry.into_path())
        })
        .collect()
}

fn sources(folder: &str) -> Vec<Source> {
    let rust = files(folder).into_iter().filter(|(path, _)| path.ends_with(".rs"));
    rust.map(|(path, file)| {
        let text = fs::read_to_string(file).expect("our sources are text");
        let code = code_of(&text);
        Source { path, text, code }
    })
    .collect()
}

/// Rust without its comments, and with the content of its literals left out.
fn code_of(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let skipped = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            rest.find("*/").map_or(rest.len(), |end| end + 2)
        } else if let Some(hashes) = raw_string(rest) {
            let open = rest.find('"').expect("a raw string has a quote") + 1;
            let close = format!("\"{}", "#".repeat(hashes));
            code.push_str("\"\"");
            rest[open..].find(&close).map_or(rest.len(), |end| open + end + close.len())
        } else if c == '"' {
            code.push_str("\"\"");
            end_of_string(rest)
        } else if c == '\'' {
            let literal = char_literal(rest);
            if literal == 0 {
                code.push(c);
                1
            } else {
                code.push_str("' '");
                literal
            }
        } else {
            code.push(c);
            c.len_utf8()
        };
        rest = &rest[skipped..];
    }
    code
}

/// Rust without its items for tests, as rustfmt sets them: up to a semicolon, or to the brace at the start of a line.
fn without_tests(code: &str) -> String {
    let mut kept = String::with_capacity(code.len());
    let mut rest = code;
    while let Some(start) =
        ["#[cfg(test)]", "#[cfg(all(test"].into_iter().filter_map(|cfg| rest.find(cfg)).min()
    {
        kept.push_str(&rest[..start]);
        let item = &rest[start..];
        let end = match item.find([';', '{']) {
            Some(at) if item[at..].starts_with(';') => at + 1,
            _ => item.find("\n}").map_or(item.len(), |at| at + 2),
        };
        rest = &item[end..];
    }
    kept.push_str(rest);
    kept
}

#[test]
fn items_for_tests_are_left_out_and_what_follows_them_is_not() {
    let code = "a\n#[cfg(test)]\nmod tests;\nb\n#[cfg(test)]\nmod more {\n    fn c() {}\n}\nd\n";
    assert_eq!(without_tests(code), "a\n\nb\n\nd\n");
}

/// How many `#` a raw string has that begins here.
fn raw_string(text: &str) -> Option<usize> {
    let after = text.strip_prefix('r').or_else(|| text.strip_prefix("br"))?;
    let hashes = after.len() - after.trim_start_matches('#').len();
    after[hashes..].starts_with('"').then_some(hashes)
}

fn end_of_string(text: &str) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            '"' if !escaped => return at + 1,
            '\\' => escaped = !escaped,
            _ => escaped = false,
        }
    }
    text.len()
}

/// The length of a character literal; 0 for a lifetime.
fn char_literal(text: &str) -> usize {
    let mut chars = text.char_indices().skip(1);
    match chars.next() {
        Some((_, '\\')) => text[3..].find('\'').map_or(0, |end| end + 4),
        Some(_) => match chars.next() {
            Some((at, '\'')) => at + 1,
            _ => 0,
        },
        None => 0,
    }
}

/// The modules a file names by `crate::x`, those in groups as well: `use crate::{a, b::{c}}`.
fn named_modules(code: &str) -> BTreeSet<String> {
    let mut modules = BTreeSet::new();
    for (at, _) in code.match_indices("crate::") {
        let is_part = code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == '$');
        if is_part {
            continue;
        }
        let after = &code[at + "crate::".len()..];
        match after.strip_prefix('{') {
            Some(group) => modules.extend(first_names(group)),
            None => {
                modules.insert(identifier(after));
            }
        }
    }
    modules
}

/// The first names of the paths in a group, up to its end.
fn first_names(group: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut depth = 1;
    let mut at_start = true;
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 1 => at_start = true,
            c if at_start && depth == 1 && (c.is_alphanumeric() || c == '_') => {
                names.push(identifier(&group[at..]));
                at_start = false;
            }
            _ => {}
        }
        if depth == 0 {
            break;
        }
    }
    names
}

fn identifier(text: &str) -> String {
    text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
}

#[test]
fn modules_know_only_those_before_them() {
    let mut faults = Vec::new();
    for source in sources("src") {
        let module = source.module();
        // The list for tests names what it likes.
        if module == "lib" || module == "internals" {
            continue;
        }
        let known = if module == "main" { &ORDER[..] } else { up_to(module) };
        for named in named_modules(&source.code) {
            let is_module = ORDER.contains(&named.as_str());
            let strangers = STRANGERS.contains(&(module, named.as_str()));
            if is_module && (strangers || !known.contains(&named.as_str())) {
                faults.push(format!("src/{} names `crate::{named}`", source.path));
            }
        }
    }
    assert_eq!(faults, Vec::<String>::new());
}

fn up_to(module: &str) -> &'static [&'static str] {
    let at = ORDER.iter().position(|known| *known == module);
    let at = at.unwrap_or_else(|| panic!("the module `{module}` has no place in the order of this test"));
    &ORDER[..=at]
}

#[test]
fn the_modules_stand_in_the_order_of_the_map() {
    let lib = fs::read_to_string(below_manifest("src/lib.rs")).expect("there is a library");
    let declared: Vec<&str> = lib
        .lines()
        .filter_map(|line| line.trim_start_matches("pub ").strip_prefix("mod ")?.strip_suffix(';'))
        .collect();
    assert_eq!(declared, [&ORDER[..], &["internals"]].concat());
}

#[test]
fn main_knows_the_command_line_only() {
    let main = fs::read_to_string(below_manifest("src/main.rs")).expect("there is a program");
    let code = code_of(&main);
    let named: Vec<_> =
        code.match_indices("backmatter::").map(|(at, _)| identifier(&code[at + 12..])).collect();
    assert_eq!(named, ["cli"]);
}

#[test]
fn rendering_knows_no_site() {
    let mut faults = Vec::new();
    for source in sources("src/render") {
        for banned in ["crate::site::Site", "site::Site", "&Site", "Plan"] {
            let without_tests = without_tests(&source.code);
            let is_word = |at: usize| {
                !without_tests[at + banned.len()..].starts_with(|c: char| c.is_alphanumeric() || c == '_')
                    && !without_tests[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_')
            };
            if without_tests.match_indices(banned).any(|(at, _)| is_word(at)) {
                faults.push(format!("src/render/{} names `{banned}`", source.path));
            }
        }
    }
    assert_eq!(faults, Vec::<String>::new());
}

#[test]
fn the_core_touches_nothing_outside() {
    let mut faults = Vec::new();
    for source in sources("src").iter().filter(|source| source.is_core()) {
        for banned in WORLD {
            if source.code.contains(banned) {
                faults.push(format!("src/{} names `{banned}`", source.path));
            }
        }
    }
    assert_eq!(faults, Vec::<String>::new());
}

#[test]
fn only_sys_touches_the_machine() {
    let mut faults = Vec::new();
    let is_checked = |source: &&Source| source.module() != "sys" && !source.path.ends_with("tests.rs");
    for source in sources("src").iter().filter(is_checked) {
        let without_tests = without_tests(&source.code);
        let may_rename = RENAMES.contains(&source.path.as_str());
        let is_there =
            |banned: &&str| without_tests.contains(banned) && !(may_rename && *banned == "fs::rename");
        for banned in MACHINE.into_iter().filter(is_there) {
            faults.push(format!("src/{} names `{banned}`", source.path));
        }
    }
    assert_eq!(faults, Vec::<String>::new());
}

#[test]
fn only_the_command_line_prints_and_ends_the_process() {
    let mut faults = Vec::new();
    for source in sources("src").iter().filter(|source| source.module() != "cli") {
        let words = PRINTS.into_iter().chain(["process::exit", "stdout()", "stderr()"]);
        for banned in words {
            let is_whole =
                |at: usize| !source.code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_');
            if source.code.match_indices(banned).any(|(at, _)| is_whole(at)) {
                faults.push(format!("src/{} has `{banned}`", source.path));
            }
        }
    }
    assert_eq!(faults, Vec::<String>::new());
}

#[test]
fn every_file_says_what_it_is_for() {
    for folder in ["src", "tests"] {
        let silent: Vec<_> = sources(folder).into_iter().filter(|s| !s.text.starts_with("//! ")).collect();
        assert_eq!(
            silent.iter().map(|source| &source.path).collect::<Vec<_>>(),
            Vec::<&String>::new(),
            "{folder}"
        );
    }
}

#[test]
fn nothing_is_left_for_later() {
    let mut faults = Vec::new();
    for folder in ["src", "themes"] {
        for (path, file) in files(folder) {
            let text = String::from_utf8_lossy(&fs::read(file).expect("our files can be read")).into_owned();
            for word in ["TODO", "FIXME", "XXX", "HACK", "dbg!(", "todo!(", "unimplemented!("] {
                if text.contains(word) {
                    faults.push(format!("{folder}/{path} holds `{word}`"));
                }
            }
        }
    }
    assert_eq!(faults, Vec::<String>::new());
}

#[test]
fn the_program_holds_every_file_of_its_theme() {
    let in_folder: Vec<(String, Vec<u8>)> = files("themes/default")
        .into_iter()
        .map(|(path, file)| (path, fs::read(file).expect("our files can be read")))
        .collect();
    let names: Vec<&str> = in_folder.iter().map(|(path, _)| path.as_str()).collect();
    let mut built_in: Vec<&str> =
        backmatter::internals::theme::built_in::FILES.iter().map(|(path, _)| *path).collect();
    built_in.sort_unstable();
    let mut sorted = names.clone();
    sorted.sort_unstable();
    assert_eq!(built_in, sorted);
    for (path, bytes) in in_folder {
        let held = backmatter::internals::theme::built_in::FILES.iter().find(|(known, _)| *known == path);
        assert!(held.is_some_and(|(_, held)| *held == bytes), "`{path}` is another one in the program");
    }
}

#[test]
fn the_reader_of_code_reads_it_right() {
    let code = code_of(
        "let a = \"crate::cli // \\\" x\"; // crate::cli\nlet b = '\"'; let c: &'static str = r#\"crate::cli\"#; /* x */ d",
    );
    assert_eq!(code, "let a = \"\"; \nlet b = ' '; let c: &'static str = \"\";  d");
    let named: Vec<_> =
        named_modules("use crate::{a, b::{c, d}, e};\ncrate::f::g(); mycrate::h").into_iter().collect();
    assert_eq!(named, ["a", "b", "e", "f"]);
}
