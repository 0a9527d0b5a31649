//! Which page of which list a person looks at: what a link leads to, and where a decision leads back to.

use crate::linkback::inbox::state::InboxState;
use crate::receive::queue::cursor::PagePosition;

use super::field;

/// A list, by its state, and a place in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ListPosition {
    pub(super) state: InboxState,
    pub(super) place: PagePosition,
}

impl ListPosition {
    /// As the fields of a form or a query say it; the beginning of what waits, where they say nothing.
    pub(super) fn of(fields: &[(String, String)]) -> Self {
        let number = |name| field(fields, name).parse().ok();
        let place = match (number("before"), number("after")) {
            (Some(number), _) => PagePosition::OlderThan(number),
            (None, Some(number)) => PagePosition::NewerThan(number),
            (None, None) => PagePosition::Newest,
        };
        Self { state: InboxState::of_name(field(fields, "state")).unwrap_or(InboxState::Held), place }
    }

    /// What stands in a form or a query for it.
    pub(super) fn fields(self) -> Vec<(&'static str, String)> {
        let state = (self.state != InboxState::Held).then(|| ("state", self.state.name().to_owned()));
        let place = match self.place {
            PagePosition::Newest => None,
            PagePosition::OlderThan(number) => Some(("before", number.to_string())),
            PagePosition::NewerThan(number) => Some(("after", number.to_string())),
        };
        state.into_iter().chain(place).collect()
    }

    /// Its address, seen from the page.
    pub(super) fn href(self) -> String {
        let fields = self.fields();
        if fields.is_empty() {
            return "./".to_owned();
        }
        let fields: Vec<String> = fields.into_iter().map(|(name, value)| format!("{name}={value}")).collect();
        format!("./?{}", fields.join("&"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_leads_where_it_says() {
        for (state, place, expected) in [
            (InboxState::Held, PagePosition::Newest, "./"),
            (InboxState::Held, PagePosition::OlderThan(7), "./?before=7"),
            (InboxState::Spam, PagePosition::Newest, "./?state=spam"),
            (InboxState::Spam, PagePosition::NewerThan(7), "./?state=spam&after=7"),
        ] {
            let position = ListPosition { state, place };
            assert_eq!(position.href(), expected);
            let fields: Vec<_> =
                position.fields().into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
            assert_eq!(ListPosition::of(&fields), position);
        }
        let odd = [("state", "nothing"), ("before", "'; --")].map(|(a, b)| (a.to_owned(), b.to_owned()));
        assert_eq!(
            ListPosition::of(&odd),
            ListPosition { state: InboxState::Held, place: PagePosition::Newest }
        );
    }
}
