//! Custom templates, as text. The site checks that they replace a built-in template, that they
//! parse and that they render.

use std::collections::BTreeMap;

use super::refused::Refused;

/// Maximum size of a template, in bytes.
pub const TEMPLATE_BYTES_MAX: usize = 64 * 1024;

/// Custom templates, by the name of the built-in template that each replaces.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Templates {
    /// Folder as written in `status.toml`.
    pub folder: String,
    sources: BTreeMap<String, String>,
}

impl Templates {
    /// `files` has the contents of `folder`, by file name.
    ///
    /// # Errors
    /// Returns [`Refused`] for a file that is too large or not UTF-8.
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

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.sources.is_empty()
    }

    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.sources.get(name).map(String::as_str)
    }

    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.sources.keys().map(String::as_str)
    }
}
