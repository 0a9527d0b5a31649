//! The languages we know, their other names, and where their grammars are.

use std::sync::LazyLock;

use syntect::parsing::SyntaxSet;

use super::contexts::ContextTable;
use super::line_parser::LineParser;
use crate::nearest_name::distance;

/// The name of the language a fence asks for by name or alias, in any case: `rs` is `rust`.
///
/// `None` for an unknown language. `text` is known, and not highlighted.
pub(crate) fn language_name(token: &str) -> Option<&'static str> {
    find(token).map(|language| language.name)
}

/// The known name most like `token`, for a warning about an unknown language.
///
/// At most a third of the letters differ; a swap of neighbours counts once.
pub(crate) fn nearest_language(token: &str) -> Option<String> {
    let token = token.to_lowercase();
    let most = token.chars().count().min(LONGEST_TOKEN) / 3;
    let names = LANGUAGES.iter().map(|language| language.name);
    let names = names.chain(LANGUAGES.iter().flat_map(|language| language.aliases).copied());
    let near =
        names.filter(|name| name.len() > 2).filter_map(|name| Some((distance(&token, name, most)?, name)));
    near.min_by_key(|(distance, _)| *distance).map(|(_, name)| name.to_owned())
}

/// No name of a language is longer.
const LONGEST_TOKEN: usize = 32;

/// Where the grammar of a language is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Grammar {
    /// Known, and shown as it is.
    Plain,
    /// In syntect's own set, by name.
    Own(&'static str),
    /// In two-face's set, by name.
    Extra(&'static str),
}

/// Syntect's own grammars. Immutable once loaded, and loaded by the first block that needs it.
static OWN: LazyLock<SyntaxSet> = LazyLock::new(SyntaxSet::load_defaults_newlines);

/// Two-face's grammars, for languages the first set lacks.
static EXTRA: LazyLock<SyntaxSet> = LazyLock::new(two_face::syntax::extra_newlines);

static OWN_CONTEXTS: LazyLock<ContextTable> = LazyLock::new(|| ContextTable::new(&OWN));

static EXTRA_CONTEXTS: LazyLock<ContextTable> = LazyLock::new(|| ContextTable::new(&EXTRA));

impl Grammar {
    /// The one for this code.
    pub(super) fn for_code(self, code: &str) -> Self {
        match self {
            // The grammar for whole files takes what stands before `<?php` for HTML.
            Grammar::Own("PHP") if !code.contains("<?") => Grammar::Own("PHP Source"),
            usual => usual,
        }
    }

    /// The contexts of the set that the grammar is part of.
    pub(super) fn table(self) -> Option<&'static ContextTable> {
        match self {
            Grammar::Plain => None,
            Grammar::Own(_) => Some(&OWN_CONTEXTS),
            Grammar::Extra(_) => Some(&EXTRA_CONTEXTS),
        }
    }

    /// The grammar as syntect's own parser takes it.
    #[cfg(test)]
    pub(super) fn reference(
        self,
    ) -> Option<(&'static SyntaxSet, &'static syntect::parsing::SyntaxReference)> {
        let (set, name): (&'static SyntaxSet, _) = match self {
            Grammar::Plain => return None,
            Grammar::Own(name) => (&OWN, name),
            Grammar::Extra(name) => (&EXTRA, name),
        };
        Some((set, set.find_syntax_by_name(name)?))
    }

    /// A parser at the beginning of a text.
    pub(super) fn parser(self) -> Option<LineParser> {
        let (set, name): (&SyntaxSet, _) = match self {
            Grammar::Plain => return None,
            Grammar::Own(name) => (&OWN, name),
            Grammar::Extra(name) => (&EXTRA, name),
        };
        let start = self.table()?.start(set.find_syntax_by_name(name)?)?;
        Some(LineParser::new(start))
    }

    /// The length in bytes of the longest line we give to the grammar.
    ///
    /// Longer ones are minified code or data. Many grammars need quadratic time on a line that is
    /// one long word: some ten seconds at this length. Those with a limit of their own need cubic
    /// time or worse, seconds at a few hundred bytes.
    pub(super) fn longest_line(self) -> usize {
        match self {
            Grammar::Extra("Less" | "Sass" | "SCSS") => 256,
            Grammar::Own("Makefile") | Grammar::Extra("INI" | "SystemVerilog") => 512,
            _ => 4096,
        }
    }
}

/// A language we know.
pub(super) struct Language {
    /// In lower case, as people write it behind a fence.
    pub(super) name: &'static str,
    pub(super) grammar: Grammar,
    /// Other words for it, in lower case; no word means two languages.
    aliases: &'static [&'static str],
}

pub(super) fn find(token: &str) -> Option<&'static Language> {
    let token = token.to_lowercase();
    LANGUAGES.iter().find(|language| language.name == token || language.aliases.contains(&token.as_str()))
}

const fn own(name: &'static str, grammar: &'static str, aliases: &'static [&'static str]) -> Language {
    Language { name, grammar: Grammar::Own(grammar), aliases }
}

const fn extra(name: &'static str, grammar: &'static str, aliases: &'static [&'static str]) -> Language {
    Language { name, grammar: Grammar::Extra(grammar), aliases }
}

const fn plain(name: &'static str, aliases: &'static [&'static str]) -> Language {
    Language { name, grammar: Grammar::Plain, aliases }
}

/// Every language we know, the common ones first.
///
/// Not used, because they loop for ever: two-face's JavaScript (`x /*`) and Svelte (`{{ x /* }}`,
/// read as HTML instead), and Scala. Feed a new grammar hostile input in a process of its own first.
#[rustfmt::skip]
pub(super) static LANGUAGES: &[Language] = &[
    plain("text", &["txt", "plain", "plaintext", "none", "output"]),
    // Both Scala grammars loop for ever on `:x@>`.
    plain("scala", &["sbt", "sc"]),
    own("rust", "Rust", &["rs"]),
    own("shell", "Bourne Again Shell (bash)", &["sh", "bash", "zsh", "ksh", "console", "shell-session", "shellsession", "sh-session", "terminal"]),
    own("python", "Python", &["py", "python3", "py3", "pyi", "pycon"]),
    own("javascript", "JavaScript", &["js", "mjs", "cjs", "node"]),
    extra("typescript", "TypeScript", &["ts", "mts", "cts"]),
    extra("tsx", "TypeScriptReact", &[]),
    extra("jsx", "TypeScriptReact", &[]),
    own("html", "HTML", &["htm", "xhtml", "astro", "handlebars", "hbs", "mustache", "liquid", "svelte"]),
    own("css", "CSS", &[]),
    own("json", "JSON", &["jsonc", "json5", "jsonl", "ndjson", "geojson", "webmanifest"]),
    extra("toml", "TOML", &[]),
    own("yaml", "YAML", &["yml"]),
    own("markdown", "Markdown", &["md", "mdx", "commonmark"]),
    own("xml", "XML", &["xsd", "xsl", "xslt", "svg", "rss", "atom", "opml", "plist", "mathml"]),
    own("sql", "SQL", &["mysql", "postgres", "postgresql", "pgsql", "sqlite", "plsql", "tsql"]),
    own("diff", "Diff", &["patch", "udiff"]),
    own("c", "C", &["h"]),
    own("c++", "C++", &["cpp", "cxx", "cc", "hpp", "hxx", "hh", "arduino", "ino", "cuda", "cu"]),
    own("c#", "C#", &["cs", "csharp"]),
    own("go", "Go", &["golang"]),
    own("java", "Java", &[]),
    own("php", "PHP", &["php3", "php5", "php7", "php8", "phtml"]),
    own("ruby", "Ruby", &["rb", "irb", "rake", "gemspec"]),
    extra("dockerfile", "Dockerfile (with bash)", &["docker", "containerfile"]),
    extra("ini", "INI", &["cfg", "conf", "editorconfig", "desktop", "systemd", "service", "reg"]),
    extra("kotlin", "Kotlin", &["kt", "kts"]),
    extra("swift", "Swift", &[]),
    extra("powershell", "PowerShell", &["ps1", "psm1", "pwsh", "posh"]),
    extra("http", "HTTP Request and Response", &["https"]),

    own("actionscript", "ActionScript", &["as3"]),
    own("applescript", "AppleScript", &["osascript"]),
    own("asp", "HTML (ASP)", &[]),
    own("batch", "Batch File", &["bat", "cmd", "dos", "batchfile"]),
    own("bibtex", "BibTeX", &["bib"]),
    own("clojure", "Clojure", &["clj", "cljs", "cljc", "edn"]),
    own("d", "D", &["dlang"]),
    own("erb", "HTML (Rails)", &["rhtml", "html+erb"]),
    own("erlang", "Erlang", &["erl", "hrl"]),
    own("graphviz", "Graphviz (DOT)", &["dot", "gv"]),
    own("groovy", "Groovy", &["gradle", "jenkinsfile"]),
    own("haml", "Ruby Haml", &[]),
    own("haskell", "Haskell", &["hs"]),
    own("jsp", "Java Server Page (JSP)", &[]),
    own("latex", "LaTeX", &["tex"]),
    own("lisp", "Lisp", &["common-lisp", "commonlisp", "cl", "elisp", "emacs-lisp", "el", "scheme", "scm"]),
    own("lua", "Lua", &["luau"]),
    own("makefile", "Makefile", &["make", "mk", "gnumake"]),
    own("matlab", "MATLAB", &["octave"]),
    own("objective-c", "Objective-C", &["objc", "objectivec", "obj-c"]),
    own("objective-c++", "Objective-C++", &["objc++", "objcpp", "mm"]),
    own("ocaml", "OCaml", &["ml", "mli"]),
    own("pascal", "Pascal", &["pas", "delphi", "freepascal"]),
    own("perl", "Perl", &["pl", "pm"]),
    own("properties", "Java Properties", &[]),
    own("r", "R", &["rscript", "rlang"]),
    own("regex", "Regular Expression", &["regexp"]),
    own("rst", "reStructuredText", &["restructuredtext", "rest"]),
    own("tcl", "Tcl", &[]),
    own("textile", "Textile", &[]),

    extra("ada", "Ada", &["adb", "ads"]),
    extra("apache", "Apache Conf", &["apacheconf", "htaccess"]),
    extra("arm", "ARM Assembly", &["armasm", "aarch64"]),
    extra("asciidoc", "AsciiDoc (Asciidoctor)", &["adoc"]),
    extra("asm", "x86_64 Assembly", &["nasm", "assembly", "x86asm", "yasm"]),
    extra("awk", "AWK", &["gawk", "mawk"]),
    extra("cabal", "Cabal", &[]),
    extra("cmake", "CMake", &[]),
    extra("coffeescript", "CoffeeScript", &["coffee", "cson"]),
    extra("crontab", "Crontab", &["cron"]),
    extra("crystal", "Crystal", &["cr"]),
    extra("csv", "Comma Separated Values", &[]),
    extra("dart", "Dart", &["flutter"]),
    extra("dotenv", "DotENV", &["env"]),
    extra("eex", "HTML (EEx)", &["heex", "leex"]),
    extra("elixir", "Elixir", &["ex", "exs", "iex"]),
    extra("elm", "Elm", &[]),
    extra("email", "Email", &["eml", "mbox"]),
    extra("f#", "F#", &["fs", "fsharp", "fsx"]),
    extra("fish", "Fish", &[]),
    extra("fortran", "Fortran (Modern)", &["f90", "f95", "f03", "f08"]),
    extra("fstab", "fstab", &[]),
    extra("gdscript", "GDScript (Godot Engine)", &["gd", "godot"]),
    extra("gitconfig", "Git Config", &["git-config", "gitmodules"]),
    extra("gitignore", "Git Ignore", &["dockerignore"]),
    extra("gitlog", "Git Log", &[]),
    extra("glsl", "GLSL", &["hlsl", "vert", "frag"]),
    extra("gnuplot", "gnuplot", &[]),
    extra("gomod", "Gomod", &["go.mod"]),
    extra("graphql", "GraphQL", &["gql"]),
    extra("hosts", "Hosts File", &[]),
    extra("html+jinja", "HTML (Jinja2)", &["html.j2", "jinja-html", "django", "tera", "nunjucks", "njk", "askama"]),
    extra("idris", "Idris", &["idr"]),
    extra("jinja", "Jinja2", &["jinja2", "j2"]),
    extra("jq", "JQ", &[]),
    extra("jsonnet", "jsonnet", &["libsonnet"]),
    extra("julia", "Julia", &["jl"]),
    extra("lean", "Lean 4", &["lean4"]),
    extra("less", "Less", &[]),
    extra("llvm", "LLVM", &["ll"]),
    extra("log", "log", &[]),
    extra("mediawiki", "MediaWiki", &["wikitext", "wiki"]),
    extra("nginx", "nginx", &["nginxconf"]),
    extra("nim", "Nim", &["nims"]),
    extra("ninja", "Ninja", &[]),
    extra("nix", "Nix", &[]),
    extra("nsis", "NSIS", &[]),
    extra("odin", "Odin", &[]),
    extra("org", "orgmode", &["org-mode", "orgmode"]),
    extra("protobuf", "Protocol Buffer", &["proto", "proto3"]),
    extra("puppet", "Puppet", &[]),
    extra("purescript", "PureScript", &["purs"]),
    extra("qml", "QML", &[]),
    extra("racket", "Racket", &["rkt"]),
    extra("rego", "Rego", &[]),
    extra("requirements", "Requirements.txt", &["requirements.txt"]),
    extra("robot", "Robot Framework", &["robotframework"]),
    extra("sass", "Sass", &[]),
    extra("scss", "SCSS", &[]),
    extra("slim", "Ruby Slim", &[]),
    extra("sml", "SML", &["standard-ml"]),
    extra("solidity", "Solidity", &["sol"]),
    extra("ssh-config", "SSH Config", &["sshconfig", "ssh_config"]),
    extra("sshd-config", "SSHD Config", &["sshd_config"]),
    extra("strace", "Strace", &[]),
    extra("stylus", "Stylus", &["styl"]),
    extra("syslog", "syslog", &[]),
    extra("systemverilog", "SystemVerilog", &["sv"]),
    extra("terraform", "Terraform", &["tf", "hcl", "opentofu"]),
    extra("troff", "Groff/troff", &["groff", "nroff", "roff", "man"]),
    extra("tsv", "Tab Separated Values", &[]),
    extra("twig", "HTML (Twig)", &["html.twig"]),
    extra("typst", "Typst", &["typ"]),
    extra("verilog", "Verilog", &["v"]),
    extra("vhdl", "VHDL", &["vhd"]),
    extra("vim", "VimL", &["viml", "vimscript", "vimrc"]),
    extra("vue", "Vue Component", &[]),
    extra("vyper", "Vyper", &["vy"]),
    extra("wgsl", "WGSL", &[]),
    extra("zig", "Zig", &["zon"]),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_language_has_its_grammar_and_a_word_of_its_own() {
        let mut words = std::collections::BTreeSet::new();
        for language in LANGUAGES {
            let known = language.grammar == Grammar::Plain || language.grammar.parser().is_some();
            assert!(known, "{}", language.name);
            for word in [language.name].iter().chain(language.aliases) {
                assert_eq!(*word, word.to_lowercase());
                assert!(words.insert(*word), "`{word}` is there twice");
            }
        }
    }

    #[test]
    fn languages_are_known_by_name_and_alias() {
        for (word, name) in [
            ("rs", "rust"),
            ("Rust", "rust"),
            ("sh", "shell"),
            ("bash", "shell"),
            ("zsh", "shell"),
            ("console", "shell"),
            ("js", "javascript"),
            ("jsx", "jsx"),
            ("ts", "typescript"),
            ("tsx", "tsx"),
            ("jsonc", "json"),
            ("json5", "json"),
            ("yml", "yaml"),
            ("md", "markdown"),
            ("Dockerfile", "dockerfile"),
            ("toml", "toml"),
            ("py", "python"),
            ("rb", "ruby"),
            ("c++", "c++"),
            ("cs", "c#"),
            ("c#", "c#"),
            ("kt", "kotlin"),
            ("ps1", "powershell"),
            ("txt", "text"),
            ("plain", "text"),
            ("none", "text"),
        ] {
            assert_eq!(language_name(word), Some(name), "{word}");
        }
        assert_eq!(language_name("klingon"), None);
    }

    #[test]
    fn a_mistyped_language_has_a_suggestion() {
        for (word, name) in [
            ("rsut", Some("rust")),
            ("pyhton", Some("python")),
            ("JavaScrpt", Some("javascript")),
            ("dokerfile", Some("dockerfile")),
            ("qqq", None),
            ("x", None),
            ("", None),
        ] {
            assert_eq!(nearest_language(word).as_deref(), name, "{word}");
        }
    }
}
