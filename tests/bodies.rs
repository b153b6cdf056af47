//! Whole bodies as Teams posts them, and as it might; and the cards that go back.

pub mod cards;
pub mod fixtures;
mod hostile;
mod made;
mod mentions;
