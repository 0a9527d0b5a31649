//! Notifications of what happened: a command of the site's author, a webhook, and a daily list.
//!
//! A notification follows a decision that is made and written. Its failure is reported and undoes nothing.

mod command;
pub(crate) mod digest;
pub(crate) mod webhook;
pub(crate) mod worker;

use std::fmt;
use std::path::Path;

use crate::config::Config;
use crate::linkback::inbox::state::InboxItem;
use crate::receive::moderation::web::VARIABLE;
use crate::sys::process;

/// What a notification is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notification {
    /// Linkbacks wait for a decision.
    Held(Vec<InboxItem>),
    /// The pages of posts changed.
    Changed {
        posts: Vec<ChangedPost>,
        /// The linkbacks that were added to them or removed from them.
        items: Vec<InboxItem>,
    },
}

/// A post whose page changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangedPost {
    pub file: String,
    /// Its address; empty if it has none.
    pub url: String,
}

/// A notification that could not be delivered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotifyFailure {
    /// The command, the webhook or the folder of the daily lists.
    pub recipient: String,
    pub reason: String,
}

impl fmt::Display for NotifyFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`: {}", self.recipient, self.reason)
    }
}

/// Runs the command and calls the webhook of the settings, one after the other.
pub(crate) fn notify(notification: &Notification, config: &Config, root: &Path) -> Vec<NotifyFailure> {
    let message = webhook::message(notification, config).to_string();
    let of_command = match notification {
        Notification::Changed { posts, .. } => run_command(posts, &message, config, root).err(),
        Notification::Held(_) => None,
    };
    let of_webhook = webhook::call(message, config, root).err();
    of_command.into_iter().chain(of_webhook).collect()
}

fn run_command(
    posts: &[ChangedPost],
    message: &str,
    config: &Config,
    root: &Path,
) -> Result<(), NotifyFailure> {
    let moderation = &config.linkbacks.moderation;
    let [program, arguments @ ..] = moderation.on_change.as_slice() else { return Ok(()) };
    let files: Vec<&str> = posts.iter().map(|post| post.file.as_str()).collect();
    let mut command = process::command(program);
    command
        .args(arguments)
        .current_dir(root)
        // The command does not need the token of the moderation page.
        .env_remove(VARIABLE)
        .env("BACKMATTER_POSTS", files.join("\n"));
    command::run(&mut command, message, moderation.on_change_limit)
        .map_err(|reason| NotifyFailure { recipient: moderation.on_change.join(" "), reason })
}
