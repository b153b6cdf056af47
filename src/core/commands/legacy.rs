//! Refusals that are still enums, as the one refusal that is shown. Each goes when its feature
//! builds its refusals where they happen.

use super::refusal::{Refusal, RefusalKind};
use super::unchanged::Unchanged;
use super::unfit::Unfit;
use super::{unchanged_text, unfit_text};

/// Stands for the bot's name in a text that is to be taken apart.
const BOT: &str = "\0";

/// A text that was put together with [`BOT`] as the bot's name.
fn refusal(text: &str) -> Refusal {
    let line = |part: &str| {
        let line = part.strip_prefix("`@\0 ")?.strip_suffix('`')?;
        Some(line.to_owned())
    };
    let mut parts = text.split("\n\n");
    let first = Refusal::new(parts.next().unwrap_or_default());
    parts.fold(first, |refusal, part| match line(part) {
        Some(line) => refusal.line(line),
        None => refusal.sentence(part),
    })
}

impl From<Unchanged> for Refusal {
    fn from(unchanged: Unchanged) -> Self {
        let refusal = refusal(&unchanged_text::sentence(&unchanged, BOT));
        let kind = match unchanged {
            Unchanged::NothingOpen { .. } => RefusalKind::NothingOpen,
            Unchanged::WhichOne { candidates, .. } => {
                RefusalKind::WhichOne(candidates.into_iter().map(|(number, _)| number).collect())
            }
            Unchanged::SameImpact { number, .. } => RefusalKind::SameImpact(number),
            Unchanged::TooManyUpdates { .. } => RefusalKind::TooManyUpdates,
            _ => return refusal,
        };
        refusal.kind(kind)
    }
}

impl From<Unfit> for Refusal {
    fn from(unfit: Unfit) -> Self {
        refusal(&unfit_text::sentence(&unfit, BOT))
    }
}
