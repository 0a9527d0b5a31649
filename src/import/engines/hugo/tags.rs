//! The shortcodes of a text: `{{< name argument >}}` and `{{% name %}}…{{% /name %}}`.

use super::Hugo;
use crate::import::engines::head::text_of;
use crate::import::engines::shortcodes::{
    ShortcodeArgument, ShortcodeCall, ShortcodeForm, ShortcodeSyntax, ShortcodeTag,
};
use crate::import::engines::site::EngineDocument;

/// The document that a shortcode stands in.
pub(super) struct HugoPage<'a> {
    pub(super) hugo: &'a Hugo,
    pub(super) document: &'a EngineDocument,
    pub(super) language: &'a str,
}

impl ShortcodeSyntax for HugoPage<'_> {
    fn tags<'t>(&self, text: &'t str) -> Vec<ShortcodeTag<'t>> {
        tags(text)
    }

    fn arguments(&self, written: &str) -> Vec<ShortcodeArgument> {
        arguments(written)
    }

    fn closes(&self, opening: &ShortcodeTag<'_>, closing: &ShortcodeTag<'_>) -> bool {
        opening.name == closing.name
    }

    /// Shortcodes that ask the site for something.
    fn replacement(&self, call: &ShortcodeCall, remarks: &mut Vec<String>) -> Option<String> {
        match call.name.as_str() {
            "ref" | "relref" => {
                let written = call.value(&["path"], 0);
                let (path, fragment) = written.split_at(written.find('#').unwrap_or(written.len()));
                if path.is_empty() {
                    return Some(fragment.to_owned());
                }
                let language = match call.named(&["lang"]) {
                    "" => self.language.to_owned(),
                    language => language.to_lowercase(),
                };
                let target = self.hugo.target(path, self.document, &language)?;
                if target.is_draft {
                    remarks.push(format!("a link to `{path}`, which is a draft"));
                }
                Some(format!("{}{fragment}", self.hugo.absolute(&target.address)))
            }
            "param" => {
                let name = call.at(0);
                let own = self.document.head.get(&name.to_lowercase());
                let params = self.document.head.get("params").get(name.to_lowercase()).and_then(text_of);
                text_of(own).or(params).or_else(|| self.hugo.settings.param_at(name))
            }
            _ => None,
        }
    }

    fn whose(&self, name: &str) -> &'static str {
        if self.hugo.own_shortcodes.contains(name) { "a shortcode of the site's own" } else { "a shortcode" }
    }
}

fn tags(text: &str) -> Vec<ShortcodeTag<'_>> {
    let mut tags = Vec::new();
    let mut at = 0;
    while let Some(start) = text[at..].find("{{").map(|found| at + found) {
        let end = match text[start + 2..].chars().next() {
            Some('<') => ">}}",
            Some('%') => "%}}",
            _ => {
                at = start + 2;
                continue;
            }
        };
        let Some(length) = text[start + 3..].find(end) else {
            at = start + 3;
            continue;
        };
        let inner = text[start + 3..start + 3 + length].trim();
        let span = start..start + 3 + length + 3;
        at = span.end;
        let (form, inner) = match (inner.strip_prefix("/*"), inner.strip_prefix('/'), inner.strip_suffix('/'))
        {
            (Some(_), _, _) => (ShortcodeForm::Shown, inner),
            (_, Some(rest), _) => (ShortcodeForm::Closing, rest.trim()),
            (_, _, Some(rest)) => (ShortcodeForm::Whole, rest.trim()),
            _ => (ShortcodeForm::Opening, inner),
        };
        let (name, arguments) = inner.split_once(char::is_whitespace).unwrap_or((inner, ""));
        tags.push(ShortcodeTag { span, name, arguments, form });
    }
    tags
}

/// Arguments: words, texts between quotation marks or backticks, each with a name or without.
fn arguments(text: &str) -> Vec<ShortcodeArgument> {
    let mut arguments = Vec::new();
    let mut rest = text.trim();
    while !rest.is_empty() {
        let name_end =
            rest.find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '-'))).unwrap_or(rest.len());
        let (name, behind) = match rest[name_end..].strip_prefix('=') {
            Some(behind) if name_end > 0 => (&rest[..name_end], behind),
            _ => ("", rest),
        };
        let mark = behind.chars().next().filter(|c| matches!(c, '"' | '`' | '\''));
        let length = match mark {
            Some('"') => closing_quote(behind),
            Some(mark) => behind[1..].find(mark).map(|at| at + 2),
            None => None,
        };
        let length = length.unwrap_or_else(|| behind.find(char::is_whitespace).unwrap_or(behind.len()));
        let written = &behind[..length];
        let value = match mark {
            Some('"') if written.len() > 1 && written.ends_with('"') => {
                written[1..written.len() - 1].replace("\\\"", "\"").replace("\\n", "\n")
            }
            Some(mark) if written.len() > 1 && written.ends_with(mark) => {
                written[1..written.len() - 1].to_owned()
            }
            _ => written.to_owned(),
        };
        arguments.push(ShortcodeArgument { name: name.to_owned(), value });
        rest = behind[length..].trim_start();
    }
    arguments
}

/// Behind the quotation mark that closes a text, in which others have a backslash before them.
fn closing_quote(text: &str) -> Option<usize> {
    let mut is_escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            '"' => return Some(at + 1),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_are_read_in_every_form() {
        let read: Vec<String> =
            arguments("go \"linenos=table,hl_lines=2\" src=`a b` alt=\"A \\\"b\\\"\" n=3")
                .into_iter()
                .map(|argument| format!("{}={}", argument.name, argument.value))
                .collect();
        assert_eq!(read, ["=go", "=linenos=table,hl_lines=2", "src=a b", "alt=A \"b\"", "n=3"]);
    }

    #[test]
    fn tags_are_read_in_every_form() {
        let tags = tags("{{< a >}}{{< b >}}{{< /a >}}{{% c /%}}{{</* d */>}} {{ x }} {{< open");
        assert_eq!(
            tags.iter().map(|tag| tag.form).collect::<Vec<_>>(),
            [
                ShortcodeForm::Opening,
                ShortcodeForm::Opening,
                ShortcodeForm::Closing,
                ShortcodeForm::Whole,
                ShortcodeForm::Shown
            ]
        );
    }
}
