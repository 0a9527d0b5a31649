//! The script of the search page.

use std::sync::LazyLock;

use crate::search::tokenizer::TABLE;

/// The script: without comments and indentation, and with the table of characters.
pub(crate) static SCRIPT: LazyLock<String> = LazyLock::new(|| {
    let lines = include_str!("script.js").lines().map(str::trim);
    let code: Vec<&str> = lines.filter(|line| !line.is_empty() && !line.starts_with("//")).collect();
    let table: String = TABLE.lines().collect();
    format!(
        "// Made by Backmatter.\n{}\n",
        code.join("\n").replace("table = TABLE;", &format!("table = {table};"))
    )
});

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    #[test]
    fn the_script_is_smaller_than_eight_kilobytes() {
        let mut coder = GzEncoder::new(Vec::new(), Compression::best());
        coder.write_all(SCRIPT.as_bytes()).unwrap();
        let size = coder.finish().unwrap().len();
        assert!(size < 8192, "{size} bytes");
        assert!(!SCRIPT.contains("TABLE"));
    }
}
