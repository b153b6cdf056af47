//! Refusals about who is on call, in words.

use super::lines::{at, names_of};
use super::roster_refusal::RosterRefusal;
use super::unplannable_text::unplannable;
use super::window::{AHEAD_HOURS_MAX, LENGTH_HOURS_MAX, Unplannable};
use super::words::Verb;
use crate::core::response::cover::COVERS_MAX;
use crate::core::text::markdown::{escape, excerpt};

/// The sentence for a refusal.
pub(crate) fn sentence(refusal: &RosterRefusal, bot: &str) -> String {
    match refusal {
        RosterRefusal::NotSet => "No rosters are set, so nobody is known to be on call. Whoever \
             runs this page sets them at a terminal: `status-update roster set FILE`"
            .to_owned(),
        RosterRefusal::Wrong { error, set } => {
            let what = if *set { "The rosters that are set" } else { "The file" };
            format!(
                "{what} cannot be used, so nothing was done. Line {}",
                escape(&error.to_string())
            )
        }
        RosterRefusal::SetAlready => {
            "These rosters are set already, so nothing was changed.".to_owned()
        }
        RosterRefusal::UnknownRoster { name, nearest, known } => {
            unknown("No roster or topic", name, nearest.as_deref(), known, |nearest| {
                at(bot, &format!("oncall {nearest}"))
            })
        }
        RosterRefusal::UnknownPlace { name, nearest, known } => {
            unknown("No roster or level", name, nearest.as_deref(), known, quoted)
        }
        RosterRefusal::UnknownPerson { name, nearest, known } => {
            unknown("Nobody in the rosters", name, nearest.as_deref(), known, quoted)
        }
        RosterRefusal::WhichRoster(known) => format!(
            "There are several rosters, so nothing was done. Name one behind `oncall`: {}",
            names_of(known)
        ),
        RosterRefusal::NobodyOnCall(place) => format!(
            "Nobody is on call at {} now, so nothing was done. Who is next:\n\n{}",
            escape(place),
            at(bot, "oncall")
        ),
        RosterRefusal::SeveralOnCall { place, people } => format!(
            "Several people are on call at {} together, so nothing was done. Name one: {}",
            escape(place),
            names_of(people)
        ),
        RosterRefusal::WhichPlace { verb, candidates, rest } => {
            which_place(*verb, candidates, rest, bot)
        }
        RosterRefusal::NotInRosters(name) => format!(
            "You ({}) are not in the rosters, so nothing was done. Whoever keeps the file adds you \
             under `[[people]]`, with your directory id.",
            escape(name)
        ),
        RosterRefusal::Time(why) => untimely(why),
        RosterRefusal::OnCallAnyway { name, place } => format!(
            "{} is on call at {} then anyway, and nobody else, so nothing was changed.",
            escape(name),
            escape(place)
        ),
        RosterRefusal::TooManyTurns(turns) => format!(
            "That takes the place of {turns} turns, which is too many, so nothing was changed. Say \
             it in parts, or change the file: `status-update roster set FILE`"
        ),
        RosterRefusal::TooManyCovers => format!(
            "There are {COVERS_MAX} covers ahead, which is as many as there may be, so nothing was \
             changed. Take one back, or write them into the file:\n\n{}",
            at(bot, "oncall")
        ),
        RosterRefusal::Overlaps { name, time, number } => overlaps(name, time, *number, bot),
        RosterRefusal::NoTurn { name, is_sender, at, next } => {
            no_turn(name, *is_sender, at.as_deref(), next.as_deref(), bot)
        }
        RosterRefusal::SwapWithSelf => format!(
            "You cannot swap with yourself, so nothing was changed. For example:\n\n{}",
            at(bot, "swap with @person friday")
        ),
        RosterRefusal::Together(name) => format!(
            "You and {} are on call together then, so there is nothing to swap.",
            escape(name)
        ),
        RosterRefusal::NoSuchCover { number, known } => match &known[..] {
            [] => format!("There is no cover {number}, and none is ahead, so nothing was changed."),
            known => format!(
                "There is no cover {number}, so nothing was changed. There are: {}",
                names_of(known)
            ),
        },
        RosterRefusal::CoverOver(number) => {
            format!("Cover {number} is over already, so nothing was changed.")
        }
    }
}

fn quoted(name: &str) -> String {
    format!("“{}”", escape(name))
}

fn unknown(
    what: &str,
    name: &str,
    nearest: Option<&str>,
    known: &[String],
    suggested: impl Fn(&str) -> String,
) -> String {
    let name = escape(&excerpt(name));
    match nearest {
        Some(nearest) => format!(
            "{what} is called “{name}”, so nothing was done. Did you mean\n\n{}",
            suggested(nearest)
        ),
        None => format!(
            "{what} is called “{name}”, so nothing was done. There are: {}",
            names_of(known)
        ),
    }
}

fn which_place(verb: Verb, candidates: &[String], rest: &str, bot: &str) -> String {
    let lines = candidates
        .iter()
        .take(6)
        .map(|place| at(bot, excerpt(&format!("{} {place} {rest}", verb.name())).trim_end()));
    let lines: Vec<String> = lines.collect();
    format!(
        "Several levels could be meant, so nothing was done. Name one, with its roster:\n\n{}",
        lines.join("\n\n")
    )
}

fn overlaps(name: &str, time: &str, number: Option<u32>, bot: &str) -> String {
    let name = escape(name);
    match number {
        Some(number) => format!(
            "Cover {number} is about {name} already, {time}, so nothing was changed. To take that \
             back first:\n\n{}",
            at(bot, &format!("uncover {number}"))
        ),
        None => format!(
            "An override about {name} is there already, {time}, so nothing was changed. Say it for \
             another time; whoever keeps the file can change it."
        ),
    }
}

fn no_turn(
    name: &str,
    is_sender: bool,
    time: Option<&str>,
    next: Option<&str>,
    bot: &str,
) -> String {
    let who = if is_sender { "You have".to_owned() } else { format!("{} has", escape(name)) };
    let when = time.unwrap_or("to swap in the next 90 days");
    let next = match next {
        Some(next) => format!(" The next one is {next}."),
        None => String::new(),
    };
    format!(
        "{who} no turn there {when}, so nothing was changed.{next} Somebody can stand in \
         without a swap:\n\n{}",
        at(bot, "cover primary @person friday 18:00 to 22:00")
    )
}

fn untimely(why: &Unplannable) -> String {
    let why = match why {
        Unplannable::EndPast(until) => format!("The end, {until}, is over already."),
        Unplannable::TooLong => {
            format!("Somebody can stand in for {} days at most.", LENGTH_HOURS_MAX / 24)
        }
        Unplannable::TooShort => "Somebody stands in for a minute at least.".to_owned(),
        Unplannable::TooFar => {
            format!("That is more than {} days ahead.", AHEAD_HOURS_MAX / 24)
        }
        other => unplannable(other),
    };
    format!("Nothing was changed. {why}")
}
