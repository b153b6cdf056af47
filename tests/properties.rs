//! What holds whatever is typed, in whatever order, for however long. A failure prints the input
//! that it was reduced to.

mod corrections;
mod evicted;
mod histories;
pub mod inputs;
mod ledger;
mod mentions;
mod plans;
mod responders;
mod suggestions;
mod texts;
