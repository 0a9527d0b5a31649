//! Blocks of code.

use std::ops::Range;

use pulldown_cmark::{CodeBlockKind, Event};

use crate::post::highlight::{self, FenceOptions};

use super::writer::Writer;
use super::{CodeBlock, Fill};

impl Writer<'_, '_> {
    pub(super) fn code_block(&mut self, kind: &CodeBlockKind<'_>, inner: Range<usize>, span: &Range<usize>) {
        let mut code = String::new();
        for (event, _) in &self.events.list[inner] {
            if let Event::Text(text) = event {
                code.push_str(text);
            }
        }
        if !self.is_full() {
            self.out.push("<pre><code>");
            self.out.push_text(&code);
            self.out.push("</code></pre>\n");
            return;
        }
        let options = match kind {
            CodeBlockKind::Fenced(info) => FenceOptions::parse_info(info),
            CodeBlockKind::Indented => FenceOptions::default(),
        };
        self.diagnose_code(&options, span);
        let (line, _) = self.line_and_column(span);
        self.out.hole(Fill::Code(Box::new(CodeBlock { options, code, line })));
        self.out.push("\n");
    }

    fn diagnose_code(&mut self, options: &FenceOptions, span: &Range<usize>) {
        let first_line =
            span.start..span.start + self.context.text[span.clone()].find('\n').unwrap_or(span.len());
        if !options.language.is_empty()
            && highlight::language_name(&options.language).is_none()
            && let Some(nearest) = highlight::nearest_language(&options.language)
        {
            let message = format!("unknown language `{}`; the code is not highlighted", options.language);
            self.warn(&first_line, message, Some(format!("did you mean `{nearest}`?")));
        }
        for option in &options.unknown {
            let hint = "known are `hl_lines`, `linenos`, `linenostart` and `name`";
            self.warn(
                &first_line,
                format!("unknown option `{option}` of a code block"),
                Some(hint.to_owned()),
            );
        }
    }
}
