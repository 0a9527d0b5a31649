//! The report: what was in the file, what became of it, and what to look at.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::{Value, json};

use super::ImportFormat;
use super::account::{Account, CountedRemark, RenderedAccount};
use super::model::Survey;
use super::old_addresses::{AddressFate, HostScore};
use super::site_files::HasWritten;
use crate::diagnostic::counted;

/// What an import did.
#[derive(Debug)]
pub struct ImportReport {
    format: ImportFormat,
    title: String,
    base_url: String,
    pub(super) account: Account,
}

impl ImportReport {
    pub(super) fn new(format: ImportFormat, survey: Survey, account: Account) -> Self {
        Self { format, title: survey.blog.title, base_url: survey.blog.base_url, account }
    }

    /// Its name in the folder of the site. Comments do not take the place of the report of their posts.
    pub(crate) fn file_name(&self) -> String {
        match self.format.is_of_comments() {
            true => format!("import-report-{}.md", self.format.name()),
            false => "import-report.md".to_owned(),
        }
    }

    /// Whether everything was there already.
    pub(crate) fn has_written_nothing(&self) -> bool {
        self.has_written() == HasWritten::No
    }

    pub(super) fn has_written(&self) -> HasWritten {
        let media = self.account.media_copied + self.account.media_fetched;
        let nothing =
            self.account.written_count == 0 && media == 0 && self.account.offered_settings.is_none();
        if nothing { HasWritten::No } else { HasWritten::Yes }
    }

    /// Whether the file ended within an item, so that something is missing.
    pub fn is_cut(&self) -> bool {
        self.account.is_cut
    }

    /// The file with what settings that were there before lack of the old blog.
    pub(crate) fn offered_settings(&self) -> Option<&'static str> {
        self.account.offered_settings
    }

    /// A few lines for a person.
    pub(crate) fn summary(&self) -> String {
        let account = &self.account;
        let mut text = String::new();
        let _ = writeln!(
            text,
            "{} of {}: {}",
            self.format.name(),
            self.base_url,
            counted(account.items, "item", "items")
        );
        for (fate, count) in &account.fates {
            let _ = writeln!(text, "  {count} {}", fate.label());
        }
        if account.responses > 0 {
            let _ = writeln!(text, "{}", counted(account.responses, "response", "responses"));
            for (fate, count) in &account.response_fates {
                let _ = writeln!(text, "  {count} {}", fate.label());
            }
        }
        if account.media_copied + account.media_fetched + account.media_missing > 0 {
            let _ = writeln!(
                text,
                "{} copied, {} fetched, {} missing",
                counted(account.media_copied, "file", "files"),
                account.media_fetched,
                account.media_missing
            );
        }
        if account.proven > 0 {
            let whole = account.proven - account.imperfect.len();
            let _ = writeln!(text, "{whole} of {} texts came over whole", account.proven);
        }
        if let Some(rendered) = &account.rendered {
            let whole = rendered.compared - rendered.different_count;
            let _ = writeln!(
                text,
                "{whole} of {} are what the saved pages show, {} have no saved page",
                rendered.compared, rendered.without_page
            );
        }
        for (hosts, what) in [(&account.hosts, "old addresses"), (&account.listed, "addresses of the list")] {
            let scores = hosts.iter().map(|host| host.fates.score());
            if let (Some(low), Some(high)) = (scores.clone().reduce(f64::min), scores.reduce(f64::max)) {
                let _ = writeln!(text, "{what}: {low:.3} to {high:.3} of them answered, by the host");
            }
        }
        text.trim_end().to_owned()
    }

    /// For another program.
    pub fn json(&self) -> Value {
        let account = &self.account;
        let remarks: Vec<Value> = account
            .remarks
            .iter()
            .map(|(text, remark)| json!({ "text": text, "count": remark.count, "examples": remark.examples }))
            .collect();
        let imperfect: Vec<Value> = account
            .imperfect
            .iter()
            .map(|entry| {
                json!({
                    "name": entry.name, "file": entry.file, "measure": entry.lowest.name,
                    "score": entry.lowest.value, "added": entry.added, "original": entry.original,
                })
            })
            .collect();
        let left_out: Vec<Value> =
            account.left_out.iter().map(|item| json!({ "what": item.what, "why": item.why })).collect();
        json!({
            "format": self.format.name(),
            "base_url": self.base_url,
            "items": account.items,
            "accounted": account.accounted(),
            "fates": counts(account.fates.iter().map(|(fate, count)| (fate.label(), *count))),
            "left_out": left_out,
            "responses": account.responses,
            "response_fates": counts(account.response_fates.iter().map(|(fate, count)| (fate.label(), *count))),
            "proven": account.proven,
            "imperfect": imperfect,
            "html_blocks": account.html_blocks,
            "kept_blocks": account.kept_blocks,
            "addresses": {
                "kept": account.addresses.kept, "led_on": account.addresses.led_on, "lost": account.addresses.lost,
                "dead_before": account.addresses.dead_before,
            },
            "hosts": hosts(&account.hosts),
            "listed": hosts(&account.listed),
            "rendered": account.rendered.as_ref().map(rendered),
            "media": { "copied": account.media_copied, "fetched": account.media_fetched, "missing": account.media_missing },
            "is_cut": account.is_cut,
            "remarks": remarks,
            "written_count": account.written_count,
            "written": account.written,
        })
    }

    /// The report as a file.
    pub(crate) fn markdown(&self) -> String {
        let account = &self.account;
        let mut text = format!(
            "# The import of {}\n\n",
            if self.title.is_empty() { &self.base_url } else { &self.title }
        );
        let _ = writeln!(text, "From {} ({}): {} items.\n", self.base_url, self.format.name(), account.items);
        table(&mut text, "Items", account.fates.iter().map(|(fate, count)| (fate.label(), *count)));
        if account.responses > 0 {
            let _ = writeln!(text, "\n{} responses.\n", account.responses);
            let fates = account.response_fates.iter().map(|(fate, count)| (fate.label(), *count));
            table(&mut text, "Responses", fates);
        }
        self.write_proof(&mut text);
        if !self.format.is_of_comments() {
            self.write_addresses(&mut text);
        }
        if account.media_copied + account.media_fetched + account.media_missing > 0 {
            let _ = writeln!(
                text,
                "\n## Files\n\n{} copied to `static/`, {} fetched; {} missing.",
                counted(account.media_copied, "file was", "files were"),
                counted(account.media_fetched, "was", "were"),
                counted(account.media_missing, "is", "are")
            );
        }
        write_remarks(&mut text, &account.remarks);
        if !account.left_out.is_empty() {
            text.push_str("\n## Left out\n\n");
            for item in &account.left_out {
                let _ = writeln!(text, "- {}: {}", item.what, item.why);
            }
        }
        text
    }

    fn write_addresses(&self, text: &mut String) {
        let account = &self.account;
        if let Some(rendered) = &account.rendered {
            write_rendered(text, rendered);
        }
        let _ = writeln!(text, "\n## Addresses\n");
        let kept = account.addresses.kept;
        let kept =
            counted(kept, "post or page stands where it stood", "posts and pages stand where they stood");
        let _ = writeln!(text, "{kept}.");
        if account.addresses.led_on > 0 {
            let _ = writeln!(
                text,
                "\n{} on: queries, pages of files, feeds, lists (`[[redirects]]` of the settings).",
                counted(account.addresses.led_on, "other address leads", "other addresses lead")
            );
        }
        for lost in account.addresses.lost.iter().take(MOST_LOST) {
            let _ = writeln!(text, "\n- `{lost}` has another address now");
        }
        if !account.hosts.is_empty() {
            text.push_str("\nAddresses that the old blog had, with those of its lists, feeds and files, and how each kind of host answers them. A page that leads on takes readers and search engines along, and no feed reader.\n\n");
            if account.addresses.dead_before > 0 {
                let count = account.addresses.dead_before;
                let _ = writeln!(text, "Not counted, as they were dead on the old site as well: {count}.\n");
            }
            write_hosts(text, &account.hosts);
        }
        if !account.listed.is_empty() {
            text.push_str("\n### The addresses of your list\n\n");
            write_hosts(text, &account.listed);
        }
    }

    fn write_proof(&self, text: &mut String) {
        let account = &self.account;
        if account.proven == 0 {
            return;
        }
        let whole = account.proven - account.imperfect.len();
        let _ = writeln!(
            text,
            "\n## The texts\n\nEach text was written, read back and compared with what the old blog showed: words, links, images, media, code, blocks, marks and anchors. {whole} of {} came over whole.",
            account.proven
        );
        for entry in &account.imperfect {
            let _ = write!(
                text,
                "\n- {} (`{}`): {} at {:.3}",
                entry.name, entry.file, entry.lowest.name, entry.lowest.value
            );
            if !entry.added.is_empty() {
                let _ = write!(text, "; in addition: {}", entry.added.join(" "));
            }
            if let Some(original) = &entry.original {
                let _ = write!(text, "; the old text is in `{original}`");
            }
        }
        if !account.imperfect.is_empty() {
            text.push('\n');
        }
        for (blocks, why) in [
            (&account.html_blocks, "HTML, as Markdown has no form for it"),
            (&account.kept_blocks, "HTML, as Markdown did not come back the same"),
        ] {
            if !blocks.is_empty() {
                let names: Vec<String> =
                    blocks.iter().map(|(name, count)| format!("{count} `{name}`")).collect();
                let _ = writeln!(text, "\n{why}: {}.", names.join(", "));
            }
        }
    }
}

/// How many lost addresses are named.
const MOST_LOST: usize = 200;

fn write_rendered(text: &mut String, rendered: &RenderedAccount) {
    let whole = rendered.compared - rendered.different_count;
    let _ = writeln!(
        text,
        "\n## Beside the saved pages\n\n{whole} of {} texts are what the saved pages of the old site show. {} have no saved page.",
        rendered.compared, rendered.without_page
    );
    for entry in &rendered.different {
        let _ = write!(
            text,
            "\n- {} (`{}`): {} at {:.3}",
            entry.name, entry.file, entry.lowest.name, entry.lowest.value
        );
        for (label, words) in [("missing", &entry.missing), ("in addition", &entry.added)] {
            if !words.is_empty() {
                let _ = write!(text, "; {label}: {}", words.join(" "));
            }
        }
    }
    if !rendered.different.is_empty() {
        text.push('\n');
    }
}

fn rendered(account: &RenderedAccount) -> Value {
    let different: Vec<Value> = account
        .different
        .iter()
        .map(|entry| {
            json!({
                "name": entry.name, "file": entry.file, "measure": entry.lowest.name,
                "score": entry.lowest.value, "missing": entry.missing, "added": entry.added,
            })
        })
        .collect();
    json!({
        "compared": account.compared, "different_count": account.different_count, "different": different,
        "without_page": account.without_page,
    })
}

fn write_hosts(text: &mut String, hosts: &[HostScore]) {
    text.push_str("| Host | score | stands there | led on by a rule | by a page | lost |\n| :-- | --: | --: | --: | --: | --: |\n");
    for HostScore { name, fates, .. } in hosts {
        let _ = writeln!(
            text,
            "| {name} | {:.3} | {} | {} | {} | {} |",
            fates.score(),
            fates.get(AddressFate::Kept),
            fates.get(AddressFate::LedOn),
            fates.get(AddressFate::ByPage),
            fates.get(AddressFate::Lost)
        );
    }
    // What the host with the most rules loses, all lose.
    let best = hosts.iter().min_by_key(|host| host.fates.get(AddressFate::Lost));
    if let Some(best) = best.filter(|best| !best.lost.is_empty()) {
        let _ = writeln!(text, "\nNowhere answered ({}):\n", best.fates.get(AddressFate::Lost));
        for lost in best.lost.iter().take(MOST_LOST) {
            let _ = writeln!(text, "- `{lost}`");
        }
    }
}

fn hosts(hosts: &[HostScore]) -> Vec<Value> {
    let all = hosts.iter().map(|HostScore { name, fates, lost }| {
        json!({
            "host": name, "score": fates.score(), "kept": fates.get(AddressFate::Kept),
            "led_on": fates.get(AddressFate::LedOn), "by_page": fates.get(AddressFate::ByPage),
            "lost": fates.get(AddressFate::Lost), "lost_examples": lost,
        })
    });
    all.collect()
}

fn counts<'a>(counts: impl Iterator<Item = (&'a str, usize)>) -> Value {
    let map: serde_json::Map<String, Value> =
        counts.map(|(name, count)| (name.to_owned(), json!(count))).collect();
    Value::Object(map)
}

fn table<'a>(text: &mut String, title: &str, rows: impl Iterator<Item = (&'a str, usize)>) {
    let _ = writeln!(text, "| {title} | |\n| :-- | --: |");
    for (label, count) in rows {
        let _ = writeln!(text, "| {label} | {count} |");
    }
}

fn write_remarks(text: &mut String, remarks: &BTreeMap<String, CountedRemark>) {
    if remarks.is_empty() {
        return;
    }
    text.push_str("\n## To look at\n\n");
    for (remark, counted) in remarks {
        let _ = write!(text, "- {remark}");
        if counted.count > 1 {
            let _ = write!(text, " ({} times)", counted.count);
        }
        if !counted.examples.is_empty() {
            let _ = write!(text, ": {}", counted.examples.join(", "));
        }
        text.push('\n');
    }
}
