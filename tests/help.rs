//! The length and width of `help` on a phone.

use status_update::core::answer::Answer;
use status_update::core::answer::report::report;
use status_update::core::commands::SPECS;
use status_update::core::commands::usage::Screen;
use status_update::core::config::Config;
use status_update::core::decide::Decision;

use crate::cases::thread::{START, Thread};

/// The lines of `help` alone.
const NEXT_LINES_MAX: usize = 6;
/// The lines that a phone shows without scrolling.
const SCREEN_LINES_MAX: usize = 18;
/// The characters that a phone of 320 px shows in a line of Teams.
const LINE_CHARS_MAX: usize = 46;

/// The lines of an answer, after these messages.
fn answer(before: &[&str], line: &str) -> Vec<String> {
    let mut thread = Thread::new(Config::default(), START);
    for message in before {
        thread.say(message).expect_record();
    }
    let handled = thread.say(line);
    let Decision::Answer(asked) = handled.decision() else { panic!("{line} is not answered") };
    let Answer::Sentence(text) = report(asked, &thread.state, None, &thread.config) else {
        panic!("{line} is answered by a card");
    };
    text.split("\n\n").map(str::to_owned).collect()
}

/// A line of Markdown as displayed.
fn shown(line: &str) -> String {
    line.replace("**", "").replace(['`', '\\'], "").replace("&lt;", "<").replace("&gt;", ">")
}

fn check_width(about: &str, lines: &[String]) {
    for line in lines {
        let chars = shown(line).chars().count();
        assert!(chars <= LINE_CHARS_MAX, "{about}: {chars} characters: {line}");
    }
}

#[test]
fn help_fits_a_phone() {
    const BEFORE: &[&[&str]] = &[
        &[],
        &["open A title that is much longer than what a phone shows in a line of text"],
        &["open Checkout is failing", "ack", "ic me"],
        &["open Checkout is failing", "open another Search is slow"],
        &["open internal Checkout is failing"],
        &["open Checkout is failing", "close"],
    ];
    for before in BEFORE {
        for line in ["help", "?", "please help me", "help please"] {
            let lines = answer(before, line);
            assert!(lines.len() <= NEXT_LINES_MAX, "{before:?} {line}: {lines:?}");
            check_width(&format!("{before:?}"), &lines);
        }
    }
    for screen in Screen::ALL {
        let line = format!("help {}", screen.word());
        let lines = answer(&[], &line);
        assert!(lines.len() <= SCREEN_LINES_MAX, "{line}: {} lines", lines.len());
        assert!(lines.len() > 3, "{line}: {lines:?}");
        check_width(&line, &lines);
    }
    let all = answer(&[], "help all");
    check_width("help all", &all);
    for spec in SPECS {
        let (line, gist) = spec.usage.brief;
        assert!(all.contains(&format!("`{line}` {gist}")), "{line} isn't in `help all`");
        for (option, gist) in spec.usage.options {
            assert!(option.len() + gist.len() < 60, "{option} {gist}");
        }
    }
}

/// Each situation begins with a line of its own, so that nobody has to search.
#[test]
fn help_depends_on_open_incidents() {
    let first = |before: &[&str]| answer(before, "help").remove(0);
    assert_eq!(first(&[]), "**Nothing is open.**");
    assert_eq!(first(&["open Checkout is failing"]), "**#1** Checkout is failing is open.");
    assert_eq!(first(&["open A", "open another B"]), "**2 incidents are open.**");
    assert_eq!(first(&["open Checkout fails", "close"]), "**#1** Checkout fails is closed.");
}

/// Help's suggestions for the page can never be sent unchanged.
#[test]
fn help_has_placeholders() {
    for spec in SPECS.iter().filter(|spec| spec.usage.screen.is_some()) {
        let (line, gist) = spec.usage.brief;
        assert!(!line.is_empty() && !gist.is_empty(), "{}", spec.usage.name());
        let is_bare = !line.contains(' ');
        assert!(!spec.usage.is_public || is_bare || line.contains('<'), "{line}");
    }
}
