//! What the tests of the whole and the fuzz targets use, by the paths of the modules. It is not part of the interface of
//! the library, and changes without notice.

pub mod config {
    pub use crate::config::{Author, Config};
    pub mod network {
        pub use crate::config::network::{AllowedHost, Network};
    }
    pub mod publish {
        pub use crate::config::publish::{DirectoryMode, PublishTarget};
    }
}
pub mod date {
    pub use crate::date::Date;
    pub mod reader {
        pub use crate::date::reader::DateReader;
    }
}
pub mod diagnostic {
    pub use crate::diagnostic::{Diagnostic, Reach, Severity};
}
pub mod dom {
    pub use crate::dom::Document;
    pub mod charset {
        pub use crate::dom::charset::decode_xml;
    }
}
pub mod engine {
    pub use crate::engine::cache::ledger::LedgerFault;
    pub use crate::engine::{
        BuildObserver, BuildOptions, BuildReport, NotShown, RenditionWork, Strangers, Strictness,
    };
    pub mod snapshot {
        pub use crate::engine::snapshot::Change;
    }
    pub mod workspace {
        pub use crate::engine::workspace::{Access, SiteSource, Workspace};
    }
}
pub mod error {
    pub use crate::error::{Error, Result};
}
pub mod hash {
    pub use crate::hash::{Hash, hex};
}
pub mod html {
    pub use crate::html::{fold_white_space, plain_text};
}
pub mod http {
    pub mod client {
        pub use crate::http::client::{Client, Limits, Request, Response};
    }
    pub mod fetch_error {
        pub use crate::http::fetch_error::FetchError;
    }
    pub mod guard {
        pub use crate::http::guard::Resolve;
    }
    pub mod server {
        pub use crate::http::server::{Listener, Server, ServerLimits};
    }
}
pub mod import {
    pub use crate::import::{
        ImportFormat, ImportMode, ImportObserver, ImportOptions, ImportReport, ImportRequest, import,
    };
}
pub mod linkback {
    pub use crate::linkback::{Linkback, LinkbackKind, Relation};
    pub mod address {
        pub use crate::linkback::address::{Address, Targets};
    }
    pub mod back_matter {
        pub mod edit {
            pub use crate::linkback::back_matter::edit::BackMatterEditor;
        }
        pub mod read {
            pub use crate::linkback::back_matter::read::parse;
        }
    }
    pub mod inbox {
        pub mod signals {
            pub use crate::linkback::inbox::signals::ModerationSignal;
        }
        pub mod state {
            pub use crate::linkback::inbox::state::{
                Hints, InboxItem, InboxState, Mention, SourceError, SourceErrorKind, Submission, Verification,
            };
        }
        pub mod trust {
            pub use crate::linkback::inbox::trust::TrustKey;
        }
    }
    pub mod outbox {
        pub mod log {
            pub use crate::linkback::outbox::log::{FILE_NAME, SendLog, SendRecord, SendState, parse};
        }
    }
    pub mod protocol {
        pub mod pingback {
            pub use crate::linkback::protocol::pingback::{
                MAX_BYTES, PingbackResponse, read_answer, read_call, write_call, write_fault,
            };
        }
        pub mod trackback {
            pub use crate::linkback::protocol::trackback::{read, read_answer};
        }
        pub mod webmention {
            pub use crate::linkback::protocol::webmention::{Webmention, write};
        }
    }
    pub mod source {
        pub use crate::linkback::source::{LinkCheck, SourcePage, read};
        pub mod excerpt {
            pub use crate::linkback::source::excerpt::Paragraph;
        }
        pub mod metadata {
            pub use crate::linkback::source::metadata::Metadata;
        }
        pub mod microformats {
            pub use crate::linkback::source::microformats::Microformats;
        }
    }
}
pub mod path {
    pub use crate::path::{OutputPath, SourcePath, percent_decode, percent_encode};
}
pub mod picture {
    pub use crate::picture::header::PictureHeader;
    pub use crate::picture::private_data::without as without_private_data;
}
pub mod post {
    pub use crate::post::{parse, text_of};
    pub mod attribution {
        pub use crate::post::attribution::{AttributionLine, LineSpan, LineSpanKind, read};
    }
    pub mod quote {
        pub use crate::post::quote::{cited_id, placed_id};
    }
    pub mod text_fragment {
        pub use crate::post::text_fragment::text_fragment;
    }
}
pub mod preview {
    pub use crate::preview::{Preview, PreviewObserver, PreviewOptions, PreviewUpdate, Reload};
    pub mod editor {
        pub use crate::preview::editor::EditorCommand;
    }
}
pub mod publish {
    pub use crate::publish::{ForeignFiles, PublishPlan, PublishRequest, UnfinishedPolicy};
    pub mod apply {
        pub use crate::publish::apply::ApplyError;
    }
    pub mod backends {
        pub use crate::publish::backends::{
            Backend, BackendContext, BackendError, Capabilities, PublishStart,
        };
        pub mod directory {
            pub use crate::publish::backends::directory::Directory;
        }
        pub mod git {
            pub use crate::publish::backends::git::Git;
        }
    }
    pub mod desired {
        pub use crate::publish::desired::DesiredFiles;
    }
    pub mod diff {
        pub use crate::publish::diff::Diff;
    }
    pub mod manifest {
        pub use crate::publish::manifest::{FILE_NAME, Manifest};
    }
    pub mod state {
        pub use crate::publish::state::TargetState;
    }
    pub mod wait_online {
        pub use crate::publish::wait_online::wait;
    }
    pub mod workflow {
        pub use crate::publish::workflow::SERVICES;
    }
}
pub mod receive {
    pub use crate::receive::LIMITS;
    pub mod moderation {
        pub mod apply {
            pub use crate::receive::moderation::apply::{BackMatterChanges, write};
        }
        pub mod service {
            pub use crate::receive::moderation::service::ModerationService;
        }
        pub mod web {
            pub use crate::receive::moderation::web::{
                ModerationApp, ModerationOptions, ModerationToken, router,
            };
        }
    }
    pub mod notify {
        pub mod worker {
            pub use crate::receive::notify::worker::NotificationQueue;
        }
    }
    pub mod queue {
        pub mod decisions {
            pub use crate::receive::queue::decisions::{Decision, DecisionResult, TrustList};
        }
        pub mod store {
            pub use crate::receive::queue::store::{ItemFilter, LinkbackStore};
        }
    }
    pub mod receiver {
        pub use crate::receive::receiver::{Receiver, ReceiverOptions};
    }
    pub mod site_index {
        pub use crate::receive::site_index::SiteIndex;
    }
    pub mod verify {
        pub use crate::receive::verify::VerificationReport;
    }
}
pub mod send {
    pub use crate::send::{
        Delivery, DeliveryOutcome, FirstRun, FirstRunCause, SendMode, SendReport, SendRequest, SendScope, run,
    };
}
pub mod site {
    pub mod order {
        pub use crate::site::order::{Absence, Selection};
    }
}
pub mod spanned {
    pub use crate::spanned::yaml;
}
pub mod sys {
    pub mod clock {
        pub use crate::sys::clock::Clock;
    }
    pub mod watch {
        pub use crate::sys::watch::{ChangedPaths, Watching};
    }
}
pub mod theme {
    pub mod built_in {
        pub use crate::theme::built_in::FILES;
    }
}
