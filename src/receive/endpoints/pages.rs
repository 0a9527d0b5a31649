//! The few pages that a person sees of the receiver, in the site's language: the form, what became of it, and the status of
//! a submission. What machines are told is English.

use std::fmt::Write;

use crate::config::Config;
use crate::html::{direction, escape};
use crate::linkback::inbox::state::{InboxItem, InboxState, SourceErrorKind};
use crate::linkback::protocol::webmention;
use crate::receive::admission::AdmissionError;
use crate::theme::Theme;
use crate::theme::words::Locale;

const STYLE: &str = "body{font:1rem/1.6 system-ui,sans-serif;max-width:36rem;margin:3rem auto;padding:0 1rem;color-scheme:light dark}\
    label{display:block;margin-top:1rem;font-weight:600}input,button{font:inherit;width:100%;box-sizing:border-box;padding:.5rem}\
    button{margin-top:1.5rem;width:auto;padding:.5rem 1.5rem}code{overflow-wrap:anywhere}dt{font-weight:600;margin-top:1rem}dd{margin:0}";

/// What browsers are told about these pages: nothing is loaded, nothing runs, and forms go back here only.
pub(super) const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// The words of the site's language.
#[derive(Debug)]
pub struct ReceiverPages {
    language: String,
    locale: Locale,
}

impl ReceiverPages {
    /// The words that a theme has in a site's language.
    pub fn of(theme: &Theme, config: &Config) -> Self {
        Self { language: config.language.clone(), locale: theme.locales.locale(&config.language) }
    }

    /// A word as HTML.
    fn html(&self, key: &str) -> String {
        escape(self.locale.word(key, None).unwrap_or(key))
    }

    fn page(&self, title: &str, body: &str) -> String {
        let (language, direction) = (escape(&self.language), direction(&self.language));
        let title = self.html(title);
        format!(
            "<!doctype html>\n<html lang=\"{language}\" dir=\"{direction}\">\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width\">\n\
             <meta name=\"robots\" content=\"noindex\">\n<title>{title}</title>\n<style>{STYLE}</style>\n<main>\n<h1>{title}</h1>\n{body}</main>\n</html>\n"
        )
    }

    /// The form by which a person can tell of a response. `target` may be filled in already.
    pub(super) fn form(&self, target: &str) -> String {
        let body = format!(
            "<p>{}</p>\n<form method=\"post\">\n\
             <label for=\"source\">{}</label>\n\
             <input id=\"source\" name=\"source\" type=\"url\" required placeholder=\"https://\">\n\
             <label for=\"target\">{}</label>\n\
             <input id=\"target\" name=\"target\" type=\"url\" required value=\"{}\">\n\
             <button>{}</button>\n</form>\n",
            self.html("tell_intro"),
            self.html("tell_source"),
            self.html("tell_target"),
            escape(target),
            self.html("tell_send"),
        );
        self.page("tell_title", &body)
    }

    /// That a submission was taken.
    pub(super) fn taken(&self, status: &str) -> String {
        let body = format!(
            "<p>{} <a href=\"{}\">{}</a></p>\n",
            self.html("tell_thanks"),
            escape(status),
            self.html("tell_status")
        );
        self.page("tell_taken", &body)
    }

    /// That it was not, and why.
    pub(super) fn refused(&self, refusal: &AdmissionError) -> String {
        let why = match refusal {
            AdmissionError::Form(webmention::WebmentionError::Source(_)) => "refused_source",
            AdmissionError::Form(webmention::WebmentionError::Target(_)) | AdmissionError::Target => {
                "refused_target"
            }
            AdmissionError::Form(webmention::WebmentionError::Same) => "refused_same",
            AdmissionError::TooMuch(_) => "refused_often",
            AdmissionError::Full | AdmissionError::Broken => "refused_later",
        };
        let body =
            format!("<p>{}</p>\n<p><a href=\"\">{}</a></p>\n", self.html(why), self.html("tell_again"));
        self.page("tell_refused", &body)
    }

    /// The status of a submission.
    pub(super) fn status(&self, item: &InboxItem) -> String {
        let mut body = format!("<p>{}</p>\n<dl>\n", self.html(PublicStatus::of(item).word()));
        for (name, value) in [("status_page", &item.source), ("status_post", &item.target)] {
            let _ = writeln!(body, "<dt>{}</dt>\n<dd><code>{}</code></dd>", self.html(name), escape(value));
        }
        let received = item.received.format("%Y-%m-%d %H:%M");
        let _ = writeln!(body, "<dt>{}</dt>\n<dd>{received} UTC</dd>\n</dl>", self.html("status_received"));
        self.page("status_title", &body)
    }
}

/// How a submission stands, for its sender.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PublicStatus {
    /// It waits to be looked at.
    Queued,
    /// Its link was found; what a person thinks of it is not said.
    Held,
    /// It is shown.
    Approved,
    /// Its page has no link.
    NoLink,
    /// Its page could not be read. How an address failed that was not to be reached is a map of the network, for
    /// whoever wants one.
    Unread,
    /// Its page or its link is gone.
    Gone,
}

impl PublicStatus {
    /// What its sender may know. That it was refused by hand, or taken for spam, looks like waiting.
    pub(super) fn of(item: &InboxItem) -> Self {
        match item.state {
            InboxState::Queued => Self::Queued,
            InboxState::Held | InboxState::Rejected | InboxState::Spam => Self::Held,
            InboxState::Approved => Self::Approved,
            InboxState::Refused => match item.fault.as_ref().map(|fault| fault.kind) {
                Some(SourceErrorKind::NoLink) => Self::NoLink,
                _ => Self::Unread,
            },
            InboxState::Gone => Self::Gone,
        }
    }

    /// Its name, and what it means, for machines.
    pub(super) fn told(self) -> (&'static str, &'static str) {
        match self {
            Self::Queued => ("queued", "the page waits to be looked at"),
            Self::Held => ("held", "the link was found; a person decides whether it is shown"),
            Self::Approved => ("approved", "it is shown under the post"),
            Self::NoLink => ("refused", "not taken: the page has no link to the post"),
            Self::Unread => ("refused", "not taken: the page could not be read"),
            Self::Gone => ("gone", "the page or its link is gone"),
        }
    }

    /// The word of it in a theme.
    fn word(self) -> &'static str {
        match self {
            Self::Queued => "status_queued",
            Self::Held => "status_held",
            Self::Approved => "status_approved",
            Self::NoLink => "status_no_link",
            Self::Unread => "status_unread",
            Self::Gone => "status_gone",
        }
    }
}
