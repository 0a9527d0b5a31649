//! The few pages that a person sees of the receiver: the form, what became of it, and the status of a submission.

use std::fmt::Write;

use crate::html::escape;
use crate::linkback::inbox::{FaultKind, Item, State};

const STYLE: &str = "body{font:1rem/1.6 system-ui,sans-serif;max-width:36rem;margin:3rem auto;padding:0 1rem;color-scheme:light dark}\
    label{display:block;margin-top:1rem;font-weight:600}input,button{font:inherit;width:100%;box-sizing:border-box;padding:.5rem}\
    button{margin-top:1.5rem;width:auto;padding:.5rem 1.5rem}code{overflow-wrap:anywhere}dt{font-weight:600;margin-top:1rem}dd{margin:0}";

/// What browsers are told about these pages: nothing is loaded, nothing runs, and forms go back here only.
pub(super) const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

fn page(title: &str, body: &str) -> String {
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width\">\n\
         <meta name=\"robots\" content=\"noindex\">\n<title>{title}</title>\n<style>{STYLE}</style>\n<main>\n<h1>{title}</h1>\n{body}</main>\n</html>\n"
    )
}

/// The form by which a person can tell of a response. `target` may be filled in already.
pub(super) fn form(target: &str) -> String {
    let body = format!(
        "<p>Have you written a response on your own site? Tell this one, and it may be shown under the post.</p>\n\
         <form method=\"post\">\n\
         <label for=\"source\">The page with your response</label>\n\
         <input id=\"source\" name=\"source\" type=\"url\" required placeholder=\"https://\">\n\
         <label for=\"target\">The post it links to</label>\n\
         <input id=\"target\" name=\"target\" type=\"url\" required value=\"{}\">\n\
         <button>Send</button>\n</form>\n",
        escape(target)
    );
    page("Tell of a response", &body)
}

/// That a submission was taken.
pub(super) fn taken(status: &str) -> String {
    let body = format!(
        "<p>Thank you. Your page will be looked at in a moment, and then by a person. <a href=\"{}\">See how it stands.</a></p>\n",
        escape(status)
    );
    page("Received", &body)
}

/// That it was not.
pub(super) fn refused(why: &str) -> String {
    page(
        "Not received",
        &format!("<p>{}.</p>\n<p><a href=\"\">Back to the form</a></p>\n", escape(&sentence(why))),
    )
}

fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

/// What the sender of a submission may know of it. What a person thinks of it is not said: that it was refused by
/// hand, or taken for spam, looks like waiting.
pub(super) fn standing(item: &Item) -> (&'static str, String) {
    match item.state {
        State::Queued => ("queued", "the page waits to be looked at".to_owned()),
        State::Held | State::Rejected | State::Spam => {
            ("held", "the link was found; a person decides whether it is shown".to_owned())
        }
        State::Approved => ("approved", "it is shown under the post".to_owned()),
        State::Refused => {
            // How an address failed that was not to be reached is a map of the network, for whoever wants one.
            let why = match item.fault.as_ref().map(|fault| fault.kind) {
                Some(FaultKind::NoLink) => "not taken: the page has no link to the post",
                _ => "not taken: the page could not be read",
            };
            ("refused", why.to_owned())
        }
        State::Gone => ("gone", "the page or its link is gone".to_owned()),
    }
}

/// The status of a submission.
pub(super) fn status(item: &Item) -> String {
    let (_, summary) = standing(item);
    let mut body = format!("<p>{}.</p>\n<dl>\n", escape(&sentence(&summary)));
    for (name, value) in [("Page", &item.source), ("Post", &item.target)] {
        let _ = writeln!(body, "<dt>{name}</dt>\n<dd><code>{}</code></dd>", escape(value));
    }
    let _ =
        writeln!(body, "<dt>Received</dt>\n<dd>{} UTC</dd>\n</dl>", item.received.format("%Y-%m-%d %H:%M"));
    page("Status of a response", &body)
}
