//! Properties for any input in any order and for any time. A failure prints its minimal input.

mod corrections;
mod evicted;
mod histories;
pub mod inputs;
mod kept_options;
mod ledger;
mod mentions;
mod plans;
mod responders;
mod suggestions;
mod texts;
