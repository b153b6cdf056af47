//! The lines that answers suggest: each is a whole command, and is not refused where it is copied
//! with its placeholders filled in. All cases and typed tables are tried.

use std::fs;
use std::path::{Path, PathBuf};

use status_update::core::answer::card;
use status_update::core::commands::SPECS;
use status_update::core::decide::Decision;

use crate::cases::answer;
use crate::cases::file::Case;
use crate::cases::thread::{Content, Message, START, Sender, Thread};
use crate::typed;

/// Lines that may be refused although they are suggested, with the reason.
const ARGUED: &[(&str, &str)] = &[
    ("undo", "it asks for `yes`, with the whole line, where customers could have read it"),
    ("redact", "it asks for `yes`, with the whole line"),
    ("publish", "it names the components that would become public, and asks"),
    ("oncall", "a question; without rosters its answer says who sets them"),
    ("action <text> by <day>", "there may be no incident yet"),
    ("uncover <n>", "there may be no cover, and then the answer says so"),
    ("release", "nobody may have the role, and then the answer says how to take it"),
    ("action done", "there may be no open action item, and then the answer says so"),
    ("task done", "there may be no open task, and then the answer says how to add one"),
    ("launch retry", "no step may have failed, and then the answer shows the progress"),
    ("duplicate", "two different incidents are needed, and the state may have one"),
    ("move", "the same"),
    ("swap Checkout secondary", "the turn of the other person is looked up only then"),
    ("uncover 1", "the same"),
    ("close at <time>", "in a table no minute has passed since the opening"),
    ("close 5 minutes ago", "the same"),
    ("close 1m ago", "the same"),
    ("close at 11:00", "repeats the time as it was typed, which is in the future"),
    ("close at 9:45", "repeats the time as it was typed, which is before the opening"),
    ("close at 9:47", "repeats the time as it was typed, which is before the opening"),
    ("correct closed 9:47", "the same"),
    ("scribe @\"Bo Larsen\"", "repeats the name as it was typed, which is looked up only then"),
    ("note 17:00", "repeats the time as it was typed, which is in the future"),
];

/// True if a line is among them, whatever incident it names.
fn is_argued(line: &str) -> bool {
    let words = line.split_whitespace().filter(|word| !word.starts_with('#'));
    let without_number = words.collect::<Vec<_>>().join(" ");
    ARGUED.iter().any(|(argued, _)| without_number.starts_with(argued) || line.starts_with(argued))
}

/// Placeholders, with what people could write there; the first that is accepted counts.
const FILLED: &[(&str, &[&str])] = &[
    ("#<n>", &["#1", "#2", "#3", "#4", "#25"]),
    ("<time> to <time>", &["30m ago to 1m ago", "tomorrow 22:00 to 23:00"]),
    ("<from> to <until>", &["tomorrow 22:00 to 23:00"]),
    ("<time>", &["1m ago", "4m ago", "12m ago", "40m ago", "3h ago", "6d ago", "tomorrow 22:00"]),
    ("@person", &["me", "{@Cy Dekker}", "@\"Grace Hopper\"", "@\"Ada Lovelace\""]),
    ("<day>", &["tomorrow", "monday"]),
    ("<length>", &["40m"]),
    ("<impact>", &["minor", "major", "critical"]),
    ("<step>", &["work item", "channel"]),
    ("<role>", &["scribe"]),
    ("<level>", &["primary", "Checkout primary", "Checkout secondary"]),
    ("<roster>", &["Checkout"]),
    ("<component>", &["Checkout"]),
    ("<period>", &["90d"]),
    ("<who>", &["a customer"]),
    ("<audience>", &["key customers"]),
    ("<channel>", &["e-mail"]),
    ("<topic>", &["DNS"]),
    ("<link>", &["https://meet.example/1"]),
    ("<n>", &["1", "2", "3", "4"]),
    ("<text>", &["Orders go through again"]),
];

/// The ways in which a line can be filled in.
fn filled(line: &str) -> Vec<String> {
    let mut lines = vec![line.to_owned()];
    for (placeholder, values) in FILLED {
        lines = lines
            .into_iter()
            .flat_map(|line| -> Vec<String> {
                if !line.contains(placeholder) {
                    return vec![line];
                }
                values.iter().map(|value| line.replacen(placeholder, value, 1)).collect()
            })
            .collect();
    }
    // Placeholders that occur twice.
    let again = lines.iter().any(|line| FILLED.iter().any(|(name, _)| line.contains(name)));
    if again { lines.iter().flat_map(|line| filled(line)).collect() } else { lines }
}

/// The commands in an answer as a terminal shows it, in back quotes. A verb alone in the middle of a
/// sentence only names it.
fn suggested(shown: &str) -> Vec<String> {
    let mut found = Vec::new();
    for line in shown.lines() {
        for (place, code) in line.split('`').enumerate().filter(|(place, _)| place % 2 == 1) {
            let first = code.split_whitespace().next().unwrap_or_default();
            let is_verb = SPECS.iter().any(|spec| spec.usage.words.contains(&first));
            let parts: Vec<&str> = line.split('`').collect();
            let before = parts[place - 1].trim_end();
            let is_offered = before.is_empty()
                || before.ends_with([':', '?', ','])
                || code.contains(' ') && code != "me";
            if is_verb && is_offered {
                found.push(code.to_owned());
            }
        }
    }
    found
}

/// Checks a line that somebody copies from an answer.
fn is_accepted(thread: &Thread, message: &Message, line: &str) -> Result<(), String> {
    let mut refused = String::new();
    for line in filled(line) {
        let mut thread = Thread { log: Vec::new(), records: Vec::new(), ..thread.clone() };
        let content = Content::Plain(line.clone());
        let from = match &message.from {
            Sender::Nobody => Sender::Somebody,
            from => from.clone(),
        };
        let said = thread.send(&Message { content, times: 1, from, ..message.clone() });
        match said.decision() {
            Decision::Refuse(why) => refused = format!("{line}: {}", why.to_markdown()),
            _ => return Ok(()),
        }
    }
    Err(refused)
}

/// The complaints about the answer to the last of these messages.
fn complaints(name: &str, mut thread: Thread, messages: &[Message]) -> Vec<String> {
    let mut complaints = Vec::new();
    let mut first_of = Vec::new();
    for (place, message) in messages.iter().enumerate() {
        first_of.push(thread.sent());
        let reply_to = message.reply_to.map(|place| first_of[place]);
        let message = Message { reply_to, ..message.clone() };
        for _ in 0..message.times {
            let handled = thread.send(&message);
            let is_last = place + 1 == messages.len();
            let crate::cases::thread::Handled::Decided { decision, .. } = &handled else {
                continue;
            };
            let Some(answered) = answer(decision, &thread).filter(|_| is_last) else { continue };
            let shown = card::to_terminal(&card::activity(&answered)).unwrap();
            // Help shows forms for every state; a test of its own fills them in.
            if matches!(&**decision, Decision::Answer(asked) if asked.question.usage.name() == "help")
            {
                continue;
            }
            for line in suggested(&shown) {
                if line.contains('…') {
                    complaints.push(format!("{name}: “{line}” isn't whole"));
                }
                if is_argued(&line) {
                    continue;
                }
                if let Err(refused) = is_accepted(&thread, &message, &line) {
                    complaints.push(format!("{name}: “{line}” is refused. {refused}"));
                }
            }
        }
    }
    complaints
}

fn files(folder: &str) -> Vec<PathBuf> {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(folder);
    let mut files: Vec<PathBuf> = Vec::new();
    for entry in fs::read_dir(tests).unwrap().map(|entry| entry.unwrap().path()) {
        if entry.is_dir() && folder == "cases" {
            files.extend(fs::read_dir(entry).unwrap().map(|file| file.unwrap().path()));
        } else {
            files.push(entry);
        }
    }
    files.retain(|file| file.extension().is_some_and(|extension| extension == "txt"));
    files.sort();
    files
}

#[test]
fn every_line_that_a_case_suggests_is_accepted() {
    let mut wrong = Vec::new();
    for file in files("cases").iter().filter(|file| !file.parent().unwrap().ends_with("cases")) {
        let case = Case::read(file);
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        let folder = file.parent().unwrap().file_name().unwrap().to_string_lossy().into_owned();
        let mut thread = Thread::new(case.config.clone(), case.start);
        for _ in 0..case.incidents {
            thread.say("open Something was failing").expect_record();
            thread.say("close").expect_record();
        }
        if let Some(text) = &case.rosters {
            thread.set_rosters(text);
        }
        wrong.extend(complaints(&format!("{folder}/{name}"), thread, &case.messages));
    }
    assert!(wrong.is_empty(), "{} lines\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn every_line_that_a_table_suggests_is_accepted() {
    let mut wrong = Vec::new();
    for file in files("typed") {
        let table = typed::read(&file);
        for line in &table.lines {
            let messages: Vec<Message> =
                table.before.iter().cloned().chain([typed::message(line)]).collect();
            let thread = Thread::new(table.config.clone(), table.start);
            wrong.extend(complaints(&format!("{}: {line}", file.display()), thread, &messages));
        }
    }
    assert!(wrong.is_empty(), "{} lines\n{}", wrong.len(), wrong.join("\n"));
}

type Said =
    (&'static [&'static str], &'static str, &'static [&'static str], &'static [&'static str]);

/// The earlier messages, the typed line, and texts that the refusal must and must not contain.
const REFUSED: &[Said] = &[
    // No verb is made of an English word.
    (&["open A"], "cancel it", &["`close #1`", "`note #1 cancel it`"], &["channel"]),
    (&["open A"], "done", &["`close #1`"], &[]),
    (&["open A"], "false alarm", &["`withdraw #1 <text>`"], &["<n>"]),
    (&["open A"], "lost it", &["`note #1 lost it`"], &["list"]),
    (&["open A"], "told you", &[], &["toll"]),
    (&["open A"], "hold it", &["`note #1 hold it`"], &["told"]),
    (&["open A"], "tank is full", &["`note #1 tank is full`"], &["task"]),
    (&["open A"], "ask Bo", &["`note #1 ask Bo`"], &["task", "ack"]),
    (&["open A"], "updated the firewall", &["`note #1 updated the firewall`"], &["`update "]),
    (&["open A"], "noted", &["`note #1 noted`"], &[]),
    (&["open A"], "rules changed", &["`note #1 rules changed`"], &["roles"]),
    (&["open A"], "remove #1", &["`withdraw #1 <text>`"], &["resolve"]),
    (&["open A"], "remove #2", &["There is no incident #2"], &["resolve"]),
    // Several are open: each is named.
    (
        &["open A", "open another B"],
        "done",
        &["**#1** A", "**#2** B", "`close #<n>`"],
        &["`close`"],
    ),
    (&["open A", "open another B"], "all good now", &["**#1** A", "**#2** B"], &[]),
    (&["open A", "open another B"], "we lost it", &["**#1** A", "**#2** B"], &["list"]),
    // Two were just closed: a line that can be sent.
    (
        &["open A", "open another B", "close #1", "close #2"],
        "close",
        &["closed", "`close #2 <text>`"],
        &["`close`"],
    ),
    (
        &["open A", "open another B", "close #1", "close #2"],
        "close It works",
        &["`close #2 <text>`"],
        &[],
    ),
    // The note repeats the words, whole.
    (
        &["open A"],
        "update #1 critical next 20m internal the CEO is calling",
        &["`note #1 internal the CEO is calling`", "`update #1 critical next 20m <text>`"],
        &[],
    ),
    (
        &["open A"],
        "update next 20m internal the CEO is calling",
        &["`note #1 internal the CEO is calling`", "`update #1 next 20m <text>`"],
        &[],
    ),
    (
        &["open A"],
        "update identified on Checkout: confidential, the bank did it",
        &["`note #1 confidential, the bank did it`"],
        &[],
    ),
    (
        &["open A"],
        "update We know the cause (internal)",
        &["`note #1 We know the cause (internal)`"],
        &[],
    ),
    // Nobody acknowledges for somebody else.
    (&["open A"], "ack {@Grace Hopper}", &["`ack #1`", "`primary #1 @person`"], &["Grace"]),
    (&["open A"], "ack #1 @Grace", &["`ack #1`", "`primary #1 @person`"], &["Grace"]),
    // Lines keep number, options, times and people; only the text of a public verb is left out.
    (
        &["open A", "open another B"],
        "close at 9:47: It works",
        &["`close #1 at 9:47: <text>`", "`close #2 at 9:47: <text>`"],
        &[],
    ),
    (&["open A", "open another B"], "close 1m ago", &["`close #1 1m ago`"], &[]),
    (
        &["open A", "open another B"],
        "close #2 at 9:47 we rolled back",
        &["`close #2 at 9:47: <text>`"],
        &["<time>", "rolled"],
    ),
    (
        &["open A", "open another B"],
        "update identified critical: Worse next 20m",
        &["`update #1 identified critical: <text> next 20m`"],
        &["Worse"],
    ),
    (
        &["open A", "open another B"],
        "update next 20m on Checkout: Worse",
        &["`update #1 next 20m on Checkout: <text>`"],
        &["Worse"],
    ),
    (
        &["open A", "open another B"],
        "impact minor Only a few are left next 20m",
        &["`impact #1 minor <text> next 20m`", "`impact #2 minor <text> next 20m`"],
        &[],
    ),
    (
        &["open internal A", "open another internal B"],
        "publish critical on Checkout: Orders fail next 20m",
        &["`publish #1 critical on Checkout: <text> next 20m`"],
        &["Orders"],
    ),
    (
        &["open A", "open another B", "close #1", "close #2"],
        "reopen It is back next 20m",
        &["`reopen #1 <text> next 20m`", "`reopen #2 <text> next 20m`"],
        &["back"],
    ),
    (
        &["open A", "open another B"],
        "task Call the bank {@Grace Hopper}",
        &["`task #1 Call the bank @\"Grace Hopper\"`"],
        &[],
    ),
    (
        &["open A", "open another B"],
        "action {@Grace Hopper} Call the bank by friday",
        &["`action #1 @\"Grace Hopper\" Call the bank by friday`"],
        &[],
    ),
    (
        &["open A", "open another B"],
        "scribe {@Grace Hopper}",
        &["`scribe #1 @\"Grace Hopper\"`"],
        &[],
    ),
    (&["open A"], "task #1 {@Grace Hopper}", &["`task #1 <text> @\"Grace Hopper\"`"], &[]),
    (
        &["open A"],
        "action #1 {@Grace Hopper} by friday",
        &["`action #1 <text> @\"Grace Hopper\" by friday`"],
        &[],
    ),
    (&["open A"], "please scribe {@Grace Hopper}", &["`scribe #1 @\"Grace Hopper\"`"], &[]),
    (
        &["open A", "open another B"],
        "task #1 and #2 call {@Grace Hopper}",
        &["`task #2 call @\"Grace Hopper\"`"],
        &[],
    ),
    (&["open A", "open another B"], "note #2 at 9:47", &["`note #2 at 9:47 <text>`"], &[]),
    (&["open A", "open another B"], "task #2 done it", &["`task #2 done <n>`"], &[]),
    (&["open A", "open another B"], "timeline full page 2", &["`timeline #1 full page 2`"], &[]),
    (
        &["open A"],
        "close #1 at 9:47: internal",
        &["`close #1 at 9:47: <text>`", "`note #1 internal`"],
        &[],
    ),
    (&[], "open another minor: private", &["`open another internal <text>`"], &["internal minor"]),
    (
        &[],
        "open another sev2 on API: private",
        &["`open another sev2 internal on API: <text>`", "`open another sev2 on API: <text>`"],
        &[],
    ),
    (&["open A"], "withdraw #1 internal", &["`withdraw #1 <text>`"], &[]),
    (
        &["open A"],
        "update #1 identified on API private",
        &["`update #1 identified on API: <text>`", "`update #1 identified <text>`"],
        &[],
    ),
    (&["open A"], "correct #1 update 1: internal", &["`correct #1 update 1: <text>`"], &[]),
    (
        &[],
        "maintenance tomorrow 22:00 to 23:00 on API: internal",
        &["`maintenance tomorrow 22:00 to 23:00 on API: <text>`"],
        &[],
    ),
    (
        &[],
        "backfill yesterday 10:00 to 11:00 minor on API: private",
        &["`backfill yesterday 10:00 to 11:00 minor on API: <text>`"],
        &[],
    ),
    (
        &["open A"],
        "open critical on Checkout: B",
        &["`open another critical on Checkout: <text>`"],
        &[],
    ),
    (
        &["open internal on Checkout: A"],
        "publish major Orders fail next 20m",
        &["`publish #1 major on Checkout: <text> next 20m`"],
        &[],
    ),
    // Just closed: the lines are about that one.
    (
        &["open A", "close"],
        "update thanks",
        &["`reopen #1 <text>`", "`correct #1 <text>`", "`withdraw #1 <text>`"],
        &["`open "],
    ),
    (&["open A", "close"], "cancel", &["`reopen #1 <text>`", "`withdraw #1 <text>`"], &["`open "]),
    (&["open A", "close"], "done", &["`reopen #1 <text>`", "`note #1 done`"], &["`open "]),
    (
        &["open A", "close"],
        "close it",
        &["`reopen #1 <text>`", "`withdraw #1 <text>`"],
        &["`open "],
    ),
    (&["open internal A", "close"], "done", &["`reopen #1 <text>`"], &["`open ", "correct"]),
    (&["open A", "close"], "it works for me", &["`note #1 it works for me`", "`open <text>`"], &[]),
    // Only an internal one is open.
    (
        &["open internal A"],
        "impact critical",
        &["#1 isn't on the page", "`sev #1 <n>`"],
        &["`open"],
    ),
    (
        &["open internal A"],
        "correct X",
        &["#1 isn't on the page", "`publish #1 <text>`"],
        &["`open"],
    ),
    (
        &["open internal A", "open another internal B"],
        "impact critical",
        &["`publish #1 <text>`", "`publish #2 <text>`", "**#1** A"],
        &["`open"],
    ),
    (
        &["open A", "open another B"],
        "false alarm",
        &["`withdraw #1 <text>`", "`withdraw #2 <text>`", "**#1** A", "**#2** B"],
        &["<n>"],
    ),
    // Components, with the verb.
    (&[], "on Chekout: it fails", &["`open on Checkout: <text>`"], &["…"]),
    (&["open A"], "on Chekout: it fails", &["`update #1 on Checkout: <text>`"], &["…"]),
    (&["open A"], "Checkout: it fails", &["`update #1 on Checkout: <text>`"], &["…"]),
    (&[], "open sev1 on Chekout, API: it fails", &["`open sev1 on Checkout, API: <text>`"], &["…"]),
    (
        &["open A"],
        "update #1 identified on Chekout: it fails",
        &["`update #1 identified on Checkout: <text>`"],
        &["…"],
    ),
    (
        &["open A", "open another B"],
        "move #2 note 1",
        &["`move #2 note 1 to #<n>`", "Missing: `to`"],
        &[],
    ),
    (&["open A", "open another B"], "move #2 foo", &["not “foo”"], &[]),
    (&["open A"], "#1 the bank called", &["`note #1 the bank called`", "`status #1`"], &[]),
    (&["open A", "close"], "note", &["`note #1 <text>`"], &[]),
    // A line that undoes is whole.
    (&["open A", "update B"], "undo #1 update 2", &["`undo #1 update 2 yes`"], &["<n>"]),
];

#[test]
fn questions_are_answered() {
    for asked in ["status?", "eta?", "any news?", "who leads?", "list?", "#1", "#1?", "tasks?"] {
        let config = status_update::core::config::Config::parse(include_str!("cases/shop.toml"));
        let mut thread = Thread::new(config.unwrap(), START);
        thread.say("open A").expect_record();
        let said = thread.say(asked);
        assert!(matches!(said.decision(), Decision::Answer(_)), "{asked}");
    }
}

#[test]
fn refusals_suggest_what_was_meant() {
    let mut wrong = Vec::new();
    for (before, typed, needed, banned) in REFUSED {
        let config = status_update::core::config::Config::parse(include_str!("cases/shop.toml"));
        let mut thread = Thread::new(config.unwrap(), START);
        for line in *before {
            thread.say(line).expect_record();
        }
        let said = thread.say(typed);
        let Decision::Refuse(refusal) = said.decision() else {
            wrong.push(format!("{typed} is not refused"));
            continue;
        };
        let refused = refusal.to_markdown();
        for needed in needed.iter().filter(|needed| !refused.contains(**needed)) {
            wrong.push(format!("{typed}: “{needed}” is missing in: {refused}"));
        }
        for banned in banned.iter().filter(|banned| refused.contains(**banned)) {
            wrong.push(format!("{typed}: “{banned}” is in: {refused}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}
