//! Rules that a syntax tree can check: names of types, what functions take, closures, and the words of messages.

use std::collections::BTreeMap;

use syn::visit::{self, Visit};
use syn::{Attribute, Expr, FnArg, Item, Local, Pat, Signature, Type, Visibility};

use super::{files, sources};

/// A `let` that binds a closure reads worse than the expression it stands for; more than this many in 1,000 lines are
/// too many.
const CLOSURES_IN_1000_LINES: usize = 2;

/// What is found in `src/`, tests left out.
#[derive(Default)]
struct Findings {
    file: String,
    /// Files of each type name that another module can use.
    types: BTreeMap<String, Vec<String>>,
    tuples: Vec<String>,
    bools: Vec<String>,
    closures: Vec<String>,
    lines: usize,
}

impl Findings {
    fn of_sources() -> Self {
        let mut findings = Self::default();
        for source in sources("src") {
            if is_test_file(&source.path) {
                continue;
            }
            let file =
                syn::parse_file(&source.text).unwrap_or_else(|error| panic!("{}: {error}", source.path));
            findings.file.clone_from(&source.path);
            findings.lines += source.code.lines().filter(|line| !line.trim().is_empty()).count();
            findings.visit_file(&file);
        }
        findings
    }

    fn name(&mut self, visibility: &Visibility, name: &syn::Ident) {
        if !matches!(visibility, Visibility::Inherited) {
            self.types.entry(name.to_string()).or_default().push(self.file.clone());
        }
    }
}

/// Files of unit tests, which a module includes under `#[cfg(test)]`.
fn is_test_file(path: &str) -> bool {
    path.ends_with("/tests.rs") || path.ends_with("_tests.rs")
}

fn is_test(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("cfg")
            && attribute.parse_args::<syn::Path>().is_ok_and(|condition| condition.is_ident("test"))
    })
}

impl Visit<'_> for Findings {
    fn visit_item(&mut self, item: &Item) {
        match item {
            Item::Mod(module) if is_test(&module.attrs) => return,
            Item::Fn(function) if is_test(&function.attrs) => return,
            Item::Struct(item) => self.name(&item.vis, &item.ident),
            Item::Enum(item) => self.name(&item.vis, &item.ident),
            Item::Union(item) => self.name(&item.vis, &item.ident),
            Item::Trait(item) => self.name(&item.vis, &item.ident),
            Item::Type(item) => self.name(&item.vis, &item.ident),
            _ => {}
        }
        visit::visit_item(self, item);
    }

    fn visit_signature(&mut self, signature: &Signature) {
        for input in &signature.inputs {
            let FnArg::Typed(parameter) = input else { continue };
            let found = format!("src/{}: {}", self.file, signature.ident);
            if is_tuple(&parameter.ty) || matches!(*parameter.pat, Pat::Tuple(_)) {
                self.tuples.push(found);
            } else if is_bool(&parameter.ty) {
                self.bools.push(found);
            }
        }
        visit::visit_signature(self, signature);
    }

    fn visit_local(&mut self, local: &Local) {
        if local.init.as_ref().is_some_and(|init| matches!(*init.expr, Expr::Closure(_))) {
            self.closures.push(format!("src/{}", self.file));
        }
        visit::visit_local(self, local);
    }
}

fn is_tuple(of: &Type) -> bool {
    match of {
        Type::Tuple(tuple) => !tuple.elems.is_empty(),
        Type::Reference(reference) => is_tuple(&reference.elem),
        _ => false,
    }
}

fn is_bool(of: &Type) -> bool {
    matches!(of, Type::Path(path) if path.path.is_ident("bool"))
}

#[test]
fn a_type_name_means_one_thing() {
    let findings = Findings::of_sources();
    let shared: Vec<_> = findings.types.iter().filter(|(_, files)| files.len() > 1).collect();
    assert_eq!(shared, Vec::<(&String, &Vec<String>)>::new());
}

#[test]
fn values_that_belong_together_are_a_struct_and_a_choice_is_an_enum() {
    let findings = Findings::of_sources();
    let faults: Vec<_> = findings.tuples.iter().chain(&findings.bools).collect();
    assert_eq!(faults, Vec::<&String>::new(), "these functions take a tuple or a `bool`");
}

#[test]
fn closures_are_seldom_bound_by_let() {
    let findings = Findings::of_sources();
    let most = findings.lines * CLOSURES_IN_1000_LINES / 1000;
    let found = &findings.closures;
    assert!(found.len() <= most, "{} of {most} at most: {found:#?}", found.len());
}

#[test]
fn messages_are_in_plain_words() {
    let mut faults = Vec::new();
    for source in sources("src") {
        faults.extend(phrases_in(&source.text).map(|found| format!("src/{}:{found}", source.path)));
    }
    for (path, file) in files("content/pages/guide") {
        let text = std::fs::read_to_string(file).expect("the guide is text");
        faults.extend(phrases_in(&text).map(|found| format!("guide/{path}:{found}")));
    }
    assert_eq!(faults, Vec::<String>::new());
}

/// What is not written, in messages, comments and the guide: things treated as persons, and turns of phrase that
/// take a second reading.
const PHRASES: [&str; 12] = [
    "is no",
    "are no",
    "anew",
    "for so long",
    "is told",
    "are told",
    "nobody",
    "of ours",
    "so many",
    "somebody",
    "who is told",
    "whom",
];

/// The lines with a phrase of the list, and the phrase.
fn phrases_in(text: &str) -> impl Iterator<Item = String> + '_ {
    text.lines().enumerate().flat_map(|(index, line)| {
        let lower = line.to_lowercase();
        let found = PHRASES.iter().filter(move |phrase| holds(&lower, phrase));
        found.map(move |phrase| format!("{}: `{phrase}`", index + 1))
    })
}

/// Whether a line holds a phrase as whole words. "There is no post" and "it is no longer" are as they should be.
fn holds(line: &str, phrase: &str) -> bool {
    line.match_indices(phrase).any(|(at, _)| {
        let (before, after) = (&line[..at], &line[at + phrase.len()..]);
        let is_whole = !before.ends_with(is_word) && !after.starts_with(is_word);
        let is_usual = phrase.ends_with(" no")
            && (before.trim_end().ends_with("there")
                || [" longer", " more", " less", " later"].iter().any(|usual| after.starts_with(usual)));
        is_whole && !is_usual
    })
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

#[test]
fn the_rules_find_what_they_are_made_for() {
    let text = "pub struct A; pub(super) enum B {} struct C; pub trait D { fn f(p: (u8, u8), q: &(u8,), ok: bool, u: ()); }
        fn g((a, b): Pair) { let h = |x| x; let n = move || 1; }
        #[cfg(test)] mod tests { pub struct A; fn i(b: bool) {} }";
    let mut findings = Findings { file: "x/y.rs".to_owned(), ..Findings::default() };
    findings.visit_file(&syn::parse_file(text).expect("it is Rust"));
    assert_eq!(findings.types.keys().collect::<Vec<_>>(), ["A", "B", "D"]);
    assert_eq!(findings.tuples, ["src/x/y.rs: f", "src/x/y.rs: f", "src/x/y.rs: g"]);
    assert_eq!(findings.bools, ["src/x/y.rs: f"]);
    assert_eq!(findings.closures.len(), 2);
    assert!(holds("a dollar sign that is no formula", "is no"));
    assert!(!holds("there is no post, and it is no longer or noted", "is no"));
    assert!(!holds("his none", "is no"));
}
