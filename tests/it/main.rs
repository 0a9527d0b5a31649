//! Backmatter's promises, a module for each, tested through the widest door that holds them: a site in a
//! string that is built in this process, or the program itself.

mod architecture;
mod back_matter;
mod circle;
mod cli;
mod deploys;
mod dice;
mod errors;
mod excerpts;
mod fake_web;
mod feeds;
mod first_look;
mod hostile;
mod hostile_linkbacks;
mod kills;
mod linkbacks;
mod moderate;
mod moderation;
mod outbound;
mod pages;
mod preview;
mod publish;
mod publish_hosts;
mod pull;
mod random_edits;
mod readme;
mod rebuild;
mod receiver;
mod receiver_process;
mod redirects;
mod scale;
mod send;
mod server;
mod site_test;
mod terms;
mod wire;
