//! Passwords and keys: from the environment, or from a file that it names. They are never settings, and never
//! printed.

use std::fmt;
use std::fs;

use crate::publish::backends::BackendError;

/// A password or a key.
#[derive(Clone)]
pub(crate) struct Secret(String);

impl Secret {
    /// The secret itself, for the one request that needs it.
    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }

    /// A secret that is known already.
    pub(crate) fn of(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

/// Where the secrets of a target are looked for.
pub(crate) struct Secrets<'a> {
    pub target: &'a str,
    /// A variable of the environment by its name.
    pub variable: &'a dyn Fn(&str) -> Option<String>,
}

/// A variable of this process.
pub(crate) fn of_environment(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

impl Secrets<'_> {
    /// A secret: `BACKMATTER_WEB_TOKEN` of the target `web`, else the one that other programs use. Each can also be
    /// named with `_FILE` at its end and hold the path of a file.
    pub(crate) fn find(&self, key: &str, usual: &str) -> Result<Option<Secret>, BackendError> {
        let own = self.own_name(key);
        for name in [own.as_str(), usual] {
            if let Some(secret) = (self.variable)(name).filter(|secret| !secret.trim().is_empty()) {
                return Ok(Some(Secret(secret.trim().to_owned())));
            }
            let file_name = format!("{name}_FILE");
            if let Some(file) = (self.variable)(&file_name).filter(|file| !file.is_empty()) {
                let text = fs::read_to_string(&file).map_err(|error| {
                    BackendError::permanent(format!(
                        "cannot read `{file}`, which `{file_name}` names: {error}"
                    ))
                })?;
                return Ok(Some(Secret(text.trim().to_owned())));
            }
        }
        Ok(None)
    }

    /// A secret that must be there.
    pub(crate) fn needed(&self, key: &str, usual: &str) -> Result<Secret, BackendError> {
        self.find(key, usual)?.ok_or_else(|| {
            let own = self.own_name(key);
            BackendError::permanent(format!(
                "a secret is missing: set `{usual}` or `{own}` in the environment, or `{usual}_FILE` to the path of a file that holds it"
            ))
        })
    }

    fn own_name(&self, key: &str) -> String {
        format!("BACKMATTER_{}_{key}", self.target.to_uppercase().replace('-', "_"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(variables: &[(&str, &str)]) -> Result<String, String> {
        let variable = |name: &str| {
            variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
        };
        let secrets = Secrets { target: "my-web", variable: &variable };
        secrets
            .needed("TOKEN", "HOST_TOKEN")
            .map(|secret| secret.reveal().to_owned())
            .map_err(|failure| failure.reason)
    }

    #[test]
    fn a_targets_own_secret_comes_first() {
        assert_eq!(find(&[("HOST_TOKEN", "a"), ("BACKMATTER_MY_WEB_TOKEN", "b\n")]), Ok("b".to_owned()));
        assert_eq!(find(&[("HOST_TOKEN", "a")]), Ok("a".to_owned()));
    }

    #[test]
    fn a_secret_can_lie_in_a_file() {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), "s3cret\n").unwrap();
        let path = file.path().display().to_string();
        assert_eq!(find(&[("HOST_TOKEN_FILE", &path)]), Ok("s3cret".to_owned()));
        assert!(
            find(&[("HOST_TOKEN_FILE", "/no/such/file")])
                .is_err_and(|reason| reason.contains("/no/such/file"))
        );
    }

    #[test]
    fn a_missing_secret_is_named_and_a_known_one_is_not_shown() {
        assert!(find(&[]).is_err_and(|reason| reason.contains("`HOST_TOKEN` or `BACKMATTER_MY_WEB_TOKEN`")));
        assert_eq!(format!("{:?}", Secret::of("x")), "Secret");
    }
}
