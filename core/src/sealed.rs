//! Free text and personal data, which a record keeps outside its hashed head so that they can be
//! erased. `log::seal` does that with every value that is serialized by this module.
//!
//! Mark a field of a recorded type with `#[serde(with = "sealed")]`. `Text`, `InternalText` and
//! `Person` are always sealed.

use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Replacement for an erased text.
pub const REMOVED: &str = "[removed]";

/// JSON form of a sealed value.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sealed<T> {
    Sealed(T),
    Erased(()),
}

/// A value that can be erased. No decision may depend on the replacement.
pub trait Erasable {
    /// Replacement for an erased value.
    fn erased() -> Self;
}

impl Erasable for String {
    fn erased() -> Self {
        REMOVED.to_owned()
    }
}

impl Erasable for Arc<str> {
    fn erased() -> Self {
        Self::from("")
    }
}

impl<T> Erasable for Option<T> {
    fn erased() -> Self {
        None
    }
}

impl<T> Erasable for Vec<T> {
    fn erased() -> Self {
        Self::new()
    }
}

impl<T: Erasable> Sealed<T> {
    /// The value, or the replacement if it was erased.
    pub fn or_erased(self) -> T {
        match self {
            Self::Sealed(value) => value,
            Self::Erased(()) => T::erased(),
        }
    }
}

/// Serializes a value so that it can be erased.
///
/// # Errors
/// Returns the error of the serializer.
pub fn serialize<T: Serialize, S: Serializer>(value: &T, to: S) -> Result<S::Ok, S::Error> {
    Sealed::Sealed(value).serialize(to)
}

/// Deserializes a value that may have been erased.
///
/// # Errors
/// Returns the error of the deserializer.
pub fn deserialize<'de, T, D>(from: D) -> Result<T, D::Error>
where
    T: Deserialize<'de> + Erasable,
    D: Deserializer<'de>,
{
    Sealed::<T>::deserialize(from).map(Sealed::or_erased)
}
