//! The commands at a terminal, as the program that is built carries them out.

use std::fs;
use std::path::Path;

use tempfile::TempDir;

use crate::support::local::{run, start_fails, text};

/// A folder with two closed incidents, an open one and a drill.
async fn history() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let config = "[[components]]\nname = \"Checkout\"\n[[components]]\nname = \"Search\"\n";
    fs::write(folder.path().join("status.toml"), config).unwrap();
    for command in [
        "open sev2 since=20m via=customer on Checkout: =1+1, \"it\" fails",
        "ack",
        "close",
        "action #1 Renew certificates by tomorrow",
        "open sev1 on Search: Search is slow",
        "close",
        "open drill Only an exercise",
        "close",
        "open Still going on",
    ] {
        succeeds(folder.path(), &["say", command]).await;
    }
    folder
}

async fn succeeds(folder: &Path, arguments: &[&str]) -> String {
    let output = run(folder, arguments).await;
    let said = format!("{}{}", text(&output.stdout), text(&output.stderr));
    assert!(output.status.success(), "{arguments:?}: {said}");
    text(&output.stdout).to_owned()
}

/// The error message and the exit code.
async fn fails(folder: &Path, arguments: &[&str]) -> String {
    let output = run(folder, arguments).await;
    assert_eq!(output.status.code(), Some(2), "{arguments:?}: {output:?}");
    text(&output.stderr).to_owned()
}

#[tokio::test]
async fn statistics_are_of_the_whole_log() {
    let folder = history().await;
    let all = succeeds(folder.path(), &["stats"]).await;
    assert!(all.starts_with("2 closed incidents, declared at any time. Drills are never counted. 1 is still open and not counted.\n"), "{all}");
    assert!(
        all.contains(
            "time to detect (detected − started): median 20 min, p90 20 min, n 1, missing in 1\n"
        ),
        "{all}"
    );
    let one =
        succeeds(folder.path(), &["stats", "90d", "--component", "checkout", "--sev", "2"]).await;
    assert!(
        one.starts_with(
            "1 closed incident of severity 2 on Checkout, declared in the last 90 days."
        ),
        "{one}"
    );
    let none = succeeds(folder.path(), &["stats", "2001"]).await;
    assert!(none.starts_with("0 closed incidents, declared in 2001."), "{none}");
}

#[tokio::test]
async fn csv_has_a_line_for_each_incident() {
    let folder = history().await;
    let csv = succeeds(folder.path(), &["stats", "--csv"]).await;
    let lines: Vec<&str> = csv.split_terminator("\r\n").collect();
    assert_eq!(lines.len(), 3, "{csv}");
    assert!(
        lines[0].starts_with("number,visibility,severity,impact,components,title,started,"),
        "{csv}"
    );
    assert!(
        lines[1].starts_with("1,public,2,major,checkout,\"'=1+1, \"\"it\"\" fails\",20"),
        "{csv}"
    );
    assert!(lines[2].starts_with("2,public,1,critical,search,Search is slow,,,20"), "{csv}");
    let one = succeeds(folder.path(), &["stats", "--csv", "--sev", "1"]).await;
    assert_eq!(one.split_terminator("\r\n").count(), 2, "{one}");
}

#[tokio::test]
async fn unreadable_bodies_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    succeeds(folder.path(), &["say", "open It fails"]).await;
    for (arguments, why) in [
        (
            &["stats", "2026-Q5"][..],
            "\"2026-q5\" is not a period such as 90d, 2026-11, 2026-Q4, 2026 or all",
        ),
        (&["stats", "--sev", "5"], "\"5\" is not a severity from 1 to 4"),
        (&["review", "zero"], "\"zero\" is not an incident's number such as 42"),
        (&["review", "0"], "\"0\" is not an incident's number such as 42"),
        (&["review", "7"], "there is no incident #7"),
    ] {
        let said = fails(folder.path(), arguments).await;
        assert!(said.contains(why), "{arguments:?}: {said}");
    }
}

#[tokio::test]
async fn a_review_is_printed_as_it_lies_in_the_store() {
    let folder = history().await;
    let answer = succeeds(folder.path(), &["say", "review #1"]).await;
    assert!(answer.contains("\nReview written\n"), "{answer}");
    assert!(answer.contains("\nAt a terminal: `status-update review 1`\n"), "{answer}");
    let kept = fs::read_to_string(folder.path().join("local/state/reviews/0000000001.md")).unwrap();
    let printed = succeeds(folder.path(), &["review", "1"]).await;
    assert_eq!(printed, kept, "the same state, the same bytes");
    assert!(kept.starts_with("# Review: incident 1, \\=1+1, \"it\" fails\n"), "{kept}");
    assert!(kept.contains("| 1 | – | Renew certificates | nobody | 20"), "{kept}");
    let html = succeeds(folder.path(), &["review", "#1", "--html"]).await;
    assert!(html.starts_with("<!doctype html>\n") && html.contains("<h2>Timeline</h2>"), "{html}");
    let draft = succeeds(folder.path(), &["review", "4"]).await;
    assert!(draft.starts_with("# Draft of a review: incident 4, Still going on\n"), "{draft}");
    assert!(!folder.path().join("local/web/reviews").exists());
    // `verify` ignores other derived files.
    succeeds(folder.path(), &["verify"]).await;
}

#[tokio::test]
async fn a_broken_template_stops_the_start_with_its_line() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("site")).unwrap();
    fs::write(folder.path().join("status.toml"), "review = \"site/review.md\"\n").unwrap();
    let missing = start_fails(folder.path(), &[]).await;
    assert!(missing.contains("review = \"site/review.md\" cannot be read"), "{missing}");
    fs::write(folder.path().join("site/review.md"), "# Review\n{{ titel }}\n").unwrap();
    let broken = start_fails(folder.path(), &[]).await;
    assert!(broken.contains("cannot be used: line 2: undefined value"), "{broken}");
    fs::write(folder.path().join("site/review.md"), "# Ours: {{ title }}\n").unwrap();
    succeeds(folder.path(), &["say", "open It fails"]).await;
    assert_eq!(succeeds(folder.path(), &["review", "1"]).await, "# Ours: It fails");
    fs::write(folder.path().join("site/review.md"), [0xff]).unwrap();
    let binary = start_fails(folder.path(), &[]).await;
    assert!(binary.contains("review = \"site/review.md\" is not UTF-8"), "{binary}");
}

#[tokio::test]
async fn two_kept_promises_are_both() {
    let folder = tempfile::tempdir().unwrap();
    for words in ["open It fails next 30m", "update Found it next 30m", "close It works"] {
        succeeds(folder.path(), &["say", words]).await;
    }
    let review = succeeds(folder.path(), &["review", "1"]).await;
    assert!(review.contains("\nBoth promised updates were on time.\n"), "{review}");
}
