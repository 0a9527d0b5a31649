//! The README, followed as a newcomer follows it: every command of its blocks that ends by itself is run.

use std::fs;

use crate::cli::backmatter;
use crate::site_test::files;
use crate::site_test::folder;

/// Commands that run until they are stopped, reach the network, or need what only time brings.
const NOT_RUN: [&str; 9] = [
    "cargo",
    "python3",
    "backmatter serve --open",
    "backmatter publish",
    "backmatter send --status",
    "backmatter receive",
    "backmatter linkbacks list",
    "backmatter linkbacks approve 12",
    "backmatter backup /var/backups",
];

/// The text of each block of a language, in order.
fn blocks<'r>(readme: &'r str, language: &str) -> Vec<&'r str> {
    let fence = format!("```{language}\n");
    readme.split(fence.as_str()).skip(1).filter_map(|rest| rest.split("```").next()).collect()
}

#[test]
fn every_command_of_the_readme_works() {
    let readme = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")).expect("it is there");
    let place = folder();
    let blog = place.path().join("myblog");
    let mut run = 0;
    for line in blocks(&readme, "sh").into_iter().flat_map(str::lines) {
        let command = line.split('#').next().unwrap_or_default().trim();
        if command.is_empty()
            || NOT_RUN.iter().any(|other| {
                command == *other || command.starts_with(&format!("{other} ")) && !other.contains(' ')
            })
        {
            continue;
        }
        run += 1;
        if command == "backmatter init myblog && cd myblog" {
            assert_eq!(backmatter(place.path(), ["init", "myblog"]).code, Some(0));
            continue;
        }
        if command == "backmatter publish --dry-run" {
            let settings = fs::read_to_string(blog.join("backmatter.toml")).expect("init made it");
            let target = blocks(&readme, "toml")
                .concat()
                .replace("/srv/www/blog", &place.path().join("served").display().to_string());
            let settings = settings.replace("https://blog.example", "https://blog.jane-doe.net");
            fs::write(blog.join("backmatter.toml"), settings + "\n" + &target).expect("it can be written");
            // Samples that are as they were made would be warned of.
            for (path, text) in
                files(&blog.join("content")).into_iter().filter(|(path, _)| path.ends_with(".md"))
            {
                let own = [&text[..], b"\nWords of my own.\n"].concat();
                fs::write(blog.join("content").join(path), own).expect("it can be written");
            }
        }
        let (words, title) = match command.split_once('"') {
            Some((words, title)) => (words, Some(title.trim_end_matches('"'))),
            None => (command, None),
        };
        let arguments: Vec<&str> = words.split_whitespace().skip(1).chain(title).collect();
        let found = backmatter(&blog, arguments);
        let has_fault = ["error", "warning"].iter().any(|word| found.stderr.contains(word));
        assert!(found.code == Some(0) && !has_fault, "{command}: {}{}", found.stdout, found.stderr);
        if let Some(promised) = line.split("# prints ").nth(1) {
            // The year is that of the day.
            let (printed, promised) = (found.stdout.trim(), promised.trim());
            assert_eq!(printed.rsplit('/').next(), promised.rsplit('/').next());
            let path = blog.join(printed);
            let text = fs::read_to_string(&path).expect("it was made") + blocks(&readme, "markdown")[0];
            fs::write(&path, text).expect("it can be written");
        }
    }
    assert_eq!(run, 7);
}
