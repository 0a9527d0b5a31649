//! The three kinds of path, kept apart by type: where a file was read, where one is written, and the
//! address a reader types. All use `/`, whatever the machine, and none can leave its root.

use std::borrow::{Borrow, Cow};
use std::fmt;

use icu_casemap::CaseMapper;
use icu_normalizer::ComposingNormalizerBorrowed;
use percent_encoding::{
    AsciiSet, NON_ALPHANUMERIC, percent_decode_str, percent_encode as encoded_octets, utf8_percent_encode,
};
use serde::{Deserialize, Serialize};

/// A file of the site, relative to its root: `content/2016/aleppo.md`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct SourcePath(String);

/// A file of the output, relative to its root: `2016/12/15/aleppo/index.html`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct OutputPath(String);

/// An address below `base_url`, decoded: `/2016/12/15/aleppo/`. It always starts with `/`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct UrlPath(String);

/// How the names of Markdown files end, the usual one first.
pub(crate) const MARKDOWN: [&str; 5] = ["md", "markdown", "mdown", "mkd", "mkdn"];

impl SourcePath {
    /// Takes a relative path apart by `/` and puts it together again without `.`, `..` and empty
    /// parts. `None` if it leads out of the root or names nothing.
    pub fn new(path: &str) -> Option<Self> {
        normalize(path).map(Self)
    }

    /// The path as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The folder that holds the file: `content/2016`, empty at the root.
    pub fn folder(&self) -> &str {
        self.0.rsplit_once('/').map_or("", |(folder, _)| folder)
    }

    /// The file's name: `aleppo.md`.
    pub fn file_name(&self) -> &str {
        self.0.rsplit_once('/').map_or(&self.0, |(_, name)| name)
    }

    /// The extension in lower case, empty if there is none.
    pub fn extension(&self) -> String {
        match self.file_name().rsplit_once('.') {
            Some((stem, extension)) if !stem.is_empty() => extension.to_lowercase(),
            _ => String::new(),
        }
    }

    /// Whether it is named as a Markdown file.
    pub fn is_markdown(&self) -> bool {
        MARKDOWN.contains(&self.extension().as_str())
    }

    /// The path without its extension.
    pub fn without_extension(&self) -> &str {
        let name = self.file_name();
        let end = name.rfind('.').filter(|at| *at > 0).map_or(name.len(), |at| at);
        &self.0[..self.0.len() - name.len() + end]
    }

    /// The file that `reference` means when it is written in this file: `../b.md` beside the file's
    /// folder, `/x.png` from the root. `None` if it leads out of the site.
    pub fn join(&self, reference: &str) -> Option<Self> {
        match reference.strip_prefix('/') {
            Some(from_root) => Self::new(from_root),
            None => Self::new(&format!("{}/{reference}", self.folder())),
        }
    }

    /// The part below `folder`, if the file is below it.
    pub fn below(&self, folder: &str) -> Option<&str> {
        self.0.strip_prefix(folder)?.strip_prefix('/')
    }
}

impl OutputPath {
    /// Like [`SourcePath::new`]; and `None` if it holds characters that no address can hold, as [`UrlPath::new`] has
    /// it: in a list of commands or of files a line break would begin another one.
    pub fn new(path: &str) -> Option<Self> {
        normalize(path).filter(|path| !path.contains(char::is_control)).map(Self)
    }

    /// The path as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl UrlPath {
    /// An address from any text that is meant as one: `2016/x`, `/2016/x/`, `./x`. A slash at the
    /// end is kept, as it tells a folder from a file. `None` if it leads above the root, or holds
    /// characters no address can hold.
    pub fn new(path: &str) -> Option<Self> {
        if path.chars().any(|c| c.is_control() || c == '\\') {
            return None;
        }
        let mut url = String::with_capacity(path.len() + 2);
        url.push('/');
        if let Some(normal) = normalize(path) {
            url.push_str(&normal);
            if path.ends_with('/') {
                url.push('/');
            }
        } else if path.split('/').any(|part| part == "..") {
            return None;
        }
        Some(Self(url))
    }

    /// The address as text, decoded.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The file a static host reads for this address: a folder's is its `index.html`.
    pub fn output(&self) -> OutputPath {
        let path = self.0.trim_start_matches('/');
        if path.is_empty() || path.ends_with('/') {
            OutputPath(format!("{path}index.html"))
        } else {
            OutputPath(path.to_owned())
        }
    }

    /// The address below this one, which must be a folder's.
    pub fn child(&self, name: &str) -> Self {
        debug_assert!(self.0.ends_with('/'), "only a folder's address has children");
        Self(format!("{}{name}", self.0))
    }

    /// The address as it stands in a link: `base_path` before it, characters outside RFC 3986's
    /// `pchar` percent-encoded as UTF-8.
    pub fn encoded(&self, base_path: &str) -> String {
        let mut url = String::with_capacity(base_path.len() + self.0.len());
        url.push_str(base_path);
        // Nearly all addresses are plain, and each page has dozens. Without an early end the loop has no branch in it.
        if self.0.bytes().fold(true, |all, byte| all & PLAIN[usize::from(byte)]) {
            url.push_str(&self.0);
        } else {
            percent_encode(&self.0, &mut url);
        }
        url
    }
}

/// The bytes that stand for themselves in nearly all addresses.
const PLAIN: [bool; 256] = {
    let mut plain = [false; 256];
    let mut byte = 0_u8;
    while byte < 128 {
        plain[byte as usize] = byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'-' | b'.' | b'_');
        byte += 1;
    }
    plain
};

/// A name in Unicode's form NFC (Unicode Standard Annex 15), in which names are compared: `ü` as one character, whether
/// the keyboard or the file system has one or two.
pub(crate) fn nfc(name: &str) -> Cow<'_, str> {
    if name.is_ascii() {
        return Cow::Borrowed(name);
    }
    ComposingNormalizerBorrowed::new_nfc().normalize(name)
}

/// A text in which the names and passwords of addresses are dots (RFC 3986 section 3.2.1), as many as they have
/// characters: a service's log is read by others, and marks below a line keep their place. The name alone stays in `ssh://git@host`.
pub(crate) fn without_passwords(text: &str) -> Cow<'_, str> {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("://") {
        let (before, after) = rest.split_at(at + 3);
        let is_outside =
            |c: char| c.is_whitespace() || matches!(c, '/' | '?' | '#' | '`' | '"' | '\'' | '<' | '>');
        let end = after.find(is_outside).unwrap_or(after.len());
        out.push_str(before);
        let is_web = before.trim_end_matches("://").ends_with("http") || before.ends_with("https://");
        let start = match after[..end].rfind('@') {
            Some(name) if is_web || after[..name].contains(':') => {
                out.extend(std::iter::repeat_n('•', after[..name].chars().count()));
                name
            }
            _ => 0,
        };
        rest = &after[start..];
    }
    if out.is_empty() {
        return Cow::Borrowed(text);
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// A name without the differences of upper and lower case and of Unicode's forms, in which names are compared (The
/// Unicode Standard, section 5.18: full case folding).
pub(crate) fn fold_name(name: &str) -> String {
    nfc(&CaseMapper::new().fold_string(&nfc(name))).into_owned()
}

/// What RFC 3986 leaves as it is in the path of an address: `pchar` and `/`.
const OUTSIDE_PATH: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'!')
    .remove(b'$')
    .remove(b'&')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')')
    .remove(b'*')
    .remove(b'+')
    .remove(b',')
    .remove(b';')
    .remove(b'=')
    .remove(b':')
    .remove(b'@')
    .remove(b'/');

/// Appends `text` with everything but RFC 3986's `pchar` and `/` percent-encoded as UTF-8.
pub fn percent_encode(text: &str, out: &mut String) {
    out.extend(utf8_percent_encode(text, OUTSIDE_PATH));
}

/// Appends octets that need not be UTF-8, percent-encoded as [`percent_encode`] does it.
pub(crate) fn percent_encode_octets(octets: &[u8], out: &mut String) {
    out.extend(encoded_octets(octets, OUTSIDE_PATH));
}

/// Undoes percent-encoding. Sequences that are not valid UTF-8 or not hexadecimal stay as they are.
pub fn percent_decode(text: &str) -> String {
    percent_decode_str(text).decode_utf8().map_or_else(|_| text.to_owned(), Cow::into_owned)
}

/// Whether an address names its scheme (RFC 3986 section 3.1).
pub(crate) fn has_scheme(url: &str) -> bool {
    url.split_once(':').is_some_and(|(scheme, _)| {
        scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
    })
}

/// Whether an address is a path on this site. `//host/…` is another one.
pub(crate) fn is_own(url: &str) -> bool {
    url.starts_with('/') && !url.starts_with("//")
}

/// An address of this site with scheme and host; any other as it is.
pub(crate) fn with_origin(url: &str, origin: &str) -> String {
    if is_own(url) { format!("{origin}{url}") } else { url.to_owned() }
}

/// `a/./b//../c` -> `a/c`, in the form NFC; `None` if nothing is left or `..` leads above the start.
fn normalize(path: &str) -> Option<String> {
    let path = &*nfc(path);
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    if parts.is_empty() { None } else { Some(parts.join("/")) }
}

macro_rules! text_like {
    ($($name:ident)*) => {$(
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }
    )*};
}

text_like!(SourcePath OutputPath UrlPath);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_path_leaves_its_root() {
        assert_eq!(SourcePath::new("content/../../etc/passwd"), None);
        assert_eq!(SourcePath::new("content/a/../b.md").unwrap().as_str(), "content/b.md");
        assert_eq!(UrlPath::new("../x"), None);
        assert_eq!(OutputPath::new("x\n!touch y"), None);
        assert_eq!(UrlPath::new("").unwrap().as_str(), "/");
        assert_eq!(UrlPath::new("/a//b/").unwrap().as_str(), "/a/b/");
    }

    #[test]
    fn a_path_is_the_same_in_both_forms_of_unicode() {
        let (composed, decomposed) = ("a/Überführt.md", "a/U\u{308}berfu\u{308}hrt.md");
        assert_eq!(SourcePath::new(composed), SourcePath::new(decomposed));
        assert_eq!(OutputPath::new(composed), OutputPath::new(decomposed));
        assert_eq!(UrlPath::new(composed), UrlPath::new(decomposed));
        assert_eq!(UrlPath::new(decomposed).unwrap().as_str(), "/a/Überführt.md");
    }

    #[test]
    fn case_is_folded_in_full() {
        assert_eq!(fold_name("Σίσυφος"), fold_name("ΣΊΣΥΦΟΣ"));
        assert_eq!(fold_name("Straße"), fold_name("STRASSE"));
        assert_eq!(fold_name("U\u{308}ber"), fold_name("ÜBER"));
        assert_ne!(fold_name("ılık"), fold_name("ilik"));
    }

    #[test]
    fn no_password_is_shown() {
        for (text, shown) in [
            ("`http://user:PW@host/blog` is not", "`http://•••••••@host/blog` is not"),
            ("to = \"https://u:p@ss@host\" # x@y", "to = \"https://••••••@host\" # x@y"),
            ("ftp://u:p@host and ssh://git@host/x", "ftp://•••@host and ssh://git@host/x"),
            ("https://token@host, https://host/@ann", "https://•••••@host, https://host/@ann"),
            ("write to a@b.example", "write to a@b.example"),
        ] {
            assert_eq!(without_passwords(text), shown);
        }
    }

    #[test]
    fn an_address_names_the_file_a_host_reads() {
        let output = |url: &str| UrlPath::new(url).unwrap().output().as_str().to_owned();
        assert_eq!(output("/"), "index.html");
        assert_eq!(output("/2016/12/"), "2016/12/index.html");
        assert_eq!(output("/old.html"), "old.html");
        assert_eq!(output("/cargo"), "cargo");
    }

    #[test]
    fn encoding_can_be_undone() {
        let mut encoded = String::new();
        percent_encode("/ünï/a b%?", &mut encoded);
        assert_eq!(encoded, "/%C3%BCn%C3%AF/a%20b%25%3F");
        assert_eq!(percent_decode(&encoded), "/ünï/a b%?");
        assert_eq!(percent_decode("100%"), "100%");
        assert_eq!(percent_decode("%zz%F"), "%zz%F");
    }
}
