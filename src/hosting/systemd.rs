//! systemd: a unit that keeps the receiver of one site running. The Debian package has the same unit for any site.

use std::path::Path;

/// The unit of the package, for the site in the folder that its instance names.
const TEMPLATE: &str = include_str!("backmatter-receive@.service");

/// What a unit is made from.
pub(crate) struct ServiceInput<'a> {
    /// The address of the site.
    pub base_url: &'a str,
    /// The site's folder, absolute.
    pub root: &'a Path,
    /// The account that owns it.
    pub user: &'a str,
    /// The program.
    pub program: &'a Path,
    /// The arguments behind `receive`.
    pub arguments: &'a [String],
    /// Folders besides the site's in which the receiver, or what it starts, writes.
    pub writes: &'a [String],
}

/// A file for `/etc/systemd/system/`.
pub(crate) fn service(input: &ServiceInput<'_>) -> String {
    let root = input.root.display().to_string();
    let mut command = vec![word(&input.program.display().to_string()), "receive".to_owned()];
    command.extend(input.arguments.iter().map(|argument| word(argument)));
    // A dollar would begin a variable.
    let command = command.join(" ").replace('$', "$$");
    // A folder that is not there yet does not keep the receiver from starting.
    let others = input.writes.iter().map(|folder| word(&format!("-{folder}")));
    let writes = std::iter::once(word(&root)).chain(others).collect::<Vec<_>>().join(" ");
    let mut text = format!(
        "# The receiver of {}/, made by `backmatter receive --config systemd`.\n\
         # In /etc/systemd/system/backmatter-receive.service; then: systemctl enable --now backmatter-receive\n",
        input.base_url
    );
    for line in
        TEMPLATE.lines().filter(|line| !line.starts_with("# The receiver") && !line.starts_with("#   "))
    {
        let line = match line.split_once('=') {
            Some(("Description", _)) => {
                format!("Description=Linkbacks of {}/", specifier_free(input.base_url))
            }
            Some(("User", _)) if input.user == "root" => {
                "# A receiver needs no rights of root: name the user here who owns the folder of the site.\n\
                 User=root"
                    .to_owned()
            }
            Some(("User", _)) => format!("User={}", input.user),
            // The whole line is one path, without quotation marks.
            Some(("WorkingDirectory", _)) => format!("WorkingDirectory={}", specifier_free(&root)),
            Some(("ExecStart", _)) => format!("ExecStart={command}"),
            Some(("ReadWritePaths", _)) => format!("ReadWritePaths={writes}"),
            _ => line.to_owned(),
        };
        text.push_str(&line);
        text.push('\n');
    }
    text
}

/// A text in which `%` begins no specifier (systemd.unit(5), Specifiers).
fn specifier_free(text: &str) -> String {
    text.replace('%', "%%")
}

/// A word of a command or of a list (systemd.syntax(7), Quoting).
fn word(text: &str) -> String {
    let text = specifier_free(text);
    let is_plain = text.chars().all(|c| c.is_alphanumeric() || "-._/:%@=+,".contains(c));
    if is_plain { text } else { format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_of_root_gets_a_word_about_its_owner() {
        let unit = |user| {
            let (root, program) = (Path::new("/srv/blog"), Path::new("/usr/bin/backmatter"));
            let base_url = "https://blog.example";
            service(&ServiceInput { base_url, root, user, program, arguments: &[], writes: &[] })
        };
        assert!(unit("root").contains("who owns the folder of the site.\nUser=root\n"));
        assert!(unit("jane").contains("[Service]\nUser=jane\n"));
    }
}
