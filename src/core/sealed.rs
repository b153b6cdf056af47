//! Free text and personal data: values that a record keeps outside its hashed part, so that they
//! can be erased. `log::seal` does that for whatever is written with this module.
//!
//! A field of a recorded type says `#[serde(with = "sealed")]`; `Text`, `InternalText` and `Person`
//! are sealed wherever they stand.

use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// What is read where a text was erased.
pub const REMOVED: &str = "[removed]";

/// The JSON of a sealed value.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sealed<T> {
    Sealed(T),
    /// The value was erased.
    Erased(()),
}

/// A value that can be erased. Nothing may be decided from what stands in its place.
pub trait Erasable {
    /// What is read where the value was erased.
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
    /// The value, or what stands for an erased one.
    pub fn or_erased(self) -> T {
        match self {
            Self::Sealed(value) => value,
            Self::Erased(()) => T::erased(),
        }
    }
}

/// Writes a value as one that can be erased.
///
/// # Errors
/// Those of the serializer.
pub fn serialize<T: Serialize, S: Serializer>(value: &T, to: S) -> Result<S::Ok, S::Error> {
    Sealed::Sealed(value).serialize(to)
}

/// Reads a value that may have been erased.
///
/// # Errors
/// Those of the deserializer.
pub fn deserialize<'de, T, D>(from: D) -> Result<T, D::Error>
where
    T: Deserialize<'de> + Erasable,
    D: Deserializer<'de>,
{
    Sealed::<T>::deserialize(from).map(Sealed::or_erased)
}
