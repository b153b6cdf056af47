//! A team's own templates, as text. Whether they replace ours, parse and can be filled in, the site
//! checks.

use std::collections::BTreeMap;

use super::refused::Refused;

/// The largest template, in bytes.
pub const TEMPLATE_BYTES_MAX: usize = 64 * 1024;

/// Templates by the names of those that they replace.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Templates {
    /// The folder as `status.toml` calls it.
    pub folder: String,
    sources: BTreeMap<String, String>,
}

impl Templates {
    /// Takes the files, by name, of the folder that `status.toml` calls `folder`.
    ///
    /// # Errors
    /// [`Refused`] for a file that is too large or is not UTF-8.
    pub fn new(folder: &str, files: BTreeMap<String, Vec<u8>>) -> Result<Self, Refused> {
        let refused = |why: &str| Refused::of("templates", folder, why);
        let mut sources = BTreeMap::new();
        for (name, bytes) in files {
            if bytes.len() > TEMPLATE_BYTES_MAX {
                let length = bytes.len();
                return Err(refused(&format!(
                    "cannot be used: {name} has {length} bytes, more than {TEMPLATE_BYTES_MAX}"
                )));
            }
            let source = String::from_utf8(bytes)
                .map_err(|_| refused(&format!("cannot be used: {name} is not UTF-8")))?;
            sources.insert(name, source);
        }
        Ok(Self { folder: folder.to_owned(), sources })
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.sources.is_empty()
    }

    /// The one of that name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.sources.get(name).map(String::as_str)
    }

    /// Their names.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.sources.keys().map(String::as_str)
    }
}
