//! The guided tour as written: its commands and quoted answers.

use super::docs::commands;
use crate::house::read;
use crate::support::local::{Local, run, text};

/// A command's words, split like a shell where only quotes are special.
fn words(line: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quote = None;
    for c in line.chars() {
        assert!(!"$`\\&|;<>".contains(c), "{line}: {c} has a meaning to a shell");
        match (c, quote) {
            (c, Some(open)) if c == open => quote = None,
            (c @ ('\'' | '"'), None) => quote = Some(c),
            (' ', None) => words.push(String::new()),
            (c, _) => words.last_mut().unwrap().push(c),
        }
    }
    assert_eq!(quote, None, "{line}");
    words
}

/// An answer without its variable parts: times, the port and durations.
fn masked(answer: &str) -> String {
    let mut masked = String::new();
    for line in answer.trim().lines() {
        let varies = ["Started ", "Opened ", "Resolved ", "Page: "];
        let varies = varies.iter().any(|start| line.starts_with(start));
        let mut in_number = false;
        // A time of a different day names it if the test runs at midnight.
        let is_day = |word: &&str| ["yesterday", "tomorrow"].contains(word);
        let words: Vec<&str> = line.split(' ').filter(|word| !(varies && is_day(word))).collect();
        for c in words.join(" ").chars() {
            let is_digit = varies && c.is_ascii_digit();
            if !(is_digit && in_number) {
                masked.push(if is_digit { '0' } else { c });
            }
            in_number = is_digit;
        }
        masked.push('\n');
    }
    masked
}

#[test]
fn words_are_those_of_a_shell() {
    let line = r#"cargo run -- send --as "Ada Lovelace" 'ic @"Bo Larsen"'"#;
    let expected = ["cargo", "run", "--", "send", "--as", "Ada Lovelace", r#"ic @"Bo Larsen""#];
    assert_eq!(words(line), expected);
}

#[tokio::test]
async fn ten_messages_lead_to_the_review() {
    let tour = read("docs/tour.md");
    let mut commands = commands(&tour).into_iter();
    assert_eq!(commands.next().as_deref(), Some("cargo run"));
    let folder = tempfile::tempdir().unwrap();
    let local = Local::start(folder.path(), &[]).await;
    let (mut answers, mut people, mut review) = (Vec::new(), Vec::new(), None);
    for command in commands {
        let words = words(&command);
        let ["cargo", "run", "--", rest @ ..] =
            &words.iter().map(String::as_str).collect::<Vec<_>>()[..]
        else {
            panic!("{command}");
        };
        match rest {
            ["send", "--as", name, said] => {
                // The tests' program listens on a port of its own.
                let send = ["send", "--to", &local.url, "--as", name, said];
                let done = run(folder.path(), &send).await;
                assert!(done.status.success(), "{command}: {}", text(&done.stderr));
                let answer = text(&done.stdout).to_owned();
                assert!(answer.starts_with("#1 "), "{command}: {answer}");
                answers.push(answer);
                people.push((*name).to_owned());
            }
            ["review", "1"] => {
                let done = run(folder.path(), rest).await;
                assert!(done.status.success(), "{}", text(&done.stderr));
                review = Some(text(&done.stdout).to_owned());
            }
            other => panic!("{other:?} is not looked at here"),
        }
    }
    people.sort();
    people.dedup();
    assert_eq!((answers.len(), people.len()), (10, 3));

    let review = review.unwrap();
    for expected in [
        "# Review: incident 1, Checkout is failing for card payments",
        "- Release 4.2 of the payment gateway went out",
        "- commander: Grace Hopper",
        "- scribe: Mary Anning",
        "Test passed: Ten card payments went through",
        "| Time to detect | detected − started | 20 min",
        "| 1 | – | Alert on the connections that are left | Ada Lovelace |",
    ] {
        assert!(review.contains(expected), "no {expected:?}: {review}");
    }

    let mut quoted = 0;
    for block in tour.split("```text\n").skip(1) {
        let block = masked(block.split("```").next().unwrap());
        let found = answers.iter().map(|answer| masked(answer)).find(|answer| *answer == block);
        assert!(found.is_some(), "nobody answers {block}: {answers:#?}");
        quoted += 1;
    }
    assert!(quoted >= 2, "{quoted} answers");
}
