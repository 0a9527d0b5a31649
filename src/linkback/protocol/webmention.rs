//! The form of a webmention (W3C Recommendation of 12 January 2017, sections 3.1.3 and 3.2.1), read and written.

use std::fmt;

use url::form_urlencoded;

use crate::linkback::address::{Address, AddressError};

/// What a webmention says: `source` links to `target`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Webmention {
    /// The page with the link, without a fragment.
    pub source: Address,
    /// The page it leads to, as it was sent.
    pub target: Address,
}

/// Why a form is not a webmention. The answer is 400.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WebmentionError {
    /// `source` is not usable.
    Source(AddressError),
    /// `target` is not usable.
    Target(AddressError),
    /// Both are one page.
    Same,
}

impl fmt::Display for WebmentionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Source(why) => write!(f, "source: {why}"),
            Self::Target(why) => write!(f, "target: {why}"),
            Self::Same => f.write_str("source and target are the same page"),
        }
    }
}

impl Webmention {
    /// The mention of two addresses, whatever protocol brought them.
    pub fn new(source: &str, target: &str) -> Result<Self, WebmentionError> {
        let source = Address::parse(source).map_err(WebmentionError::Source)?.without_fragment();
        let target = Address::parse(target).map_err(WebmentionError::Target)?;
        if source.key() == target.key() {
            return Err(WebmentionError::Same);
        }
        Ok(Self { source, target })
    }

    /// Reads the form. Parameters that are not known are ignored, as the recommendation asks.
    pub fn read(form: &[u8]) -> Result<Self, WebmentionError> {
        Self::new(&field(form, "source"), &field(form, "target"))
    }
}

/// The first value of a field; empty if there is none.
pub(crate) fn field(form: &[u8], name: &str) -> String {
    let mut pairs = form_urlencoded::parse(form);
    pairs.find(|(found, _)| found == name).map_or_else(String::new, |(_, value)| value.into_owned())
}

/// The body of the form that a sender posts.
pub fn write(source: &str, target: &str) -> String {
    form_urlencoded::Serializer::new(String::new())
        .append_pair("source", source)
        .append_pair("target", target)
        .finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(form: &str) -> Result<(String, String), String> {
        let addresses =
            |mention: Webmention| (mention.source.as_str().to_owned(), mention.target.as_str().to_owned());
        Webmention::read(form.as_bytes()).map(addresses).map_err(|fault| fault.to_string())
    }

    fn refused(form: &str, why: &str) {
        assert_eq!(read(form), Err(why.to_owned()), "{form}");
    }

    #[test]
    fn a_form_names_two_pages() {
        let pages =
            ("https://a.example/?x=1&y=é".replace('é', "%C3%A9"), "https://b.example/post#part".to_owned());
        let form = "source=https%3A%2F%2Fa.example%2F%3Fx%3D1%26y%3D%C3%A9%23top&target=https://b.example/post%23part";
        assert_eq!(read(&format!("vouch=x&{form}")), Ok(pages));
    }

    #[test]
    fn forms_without_two_usable_pages_are_refused() {
        refused("", "source: an address is missing");
        refused("source=https://a.example/", "target: an address is missing");
        refused("source=jwoijgoisd&target=https://b.example/", "source: an address is not absolute");
        refused("source=https://a.example/&target=wfjoiwe", "target: an address is not absolute");
        refused(
            "source=ftp://a.example/&target=https://b.example/",
            "source: an address is neither http nor https",
        );
        refused(
            "source=https://u:p@a.example/&target=https://b.example/",
            "source: an address has a name or password in it",
        );
        refused(
            "source=http://B.example/post/%23a&target=https://b.example/post%23b",
            "source and target are the same page",
        );
    }

    #[test]
    fn what_is_written_can_be_read() {
        let form = write("https://a.example/?x=1&y=+", "https://b.example/é");
        assert_eq!(read(&form), Ok(("https://a.example/?x=1&y=+".into(), "https://b.example/%C3%A9".into())));
    }
}
