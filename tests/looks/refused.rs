//! One clear sentence for each thing that is wrong; and the last good page stays.

use super::files::{PNG, SVG};
use super::write;
use crate::support::local::{Local, run, start_fails};

/// The error for this configuration, after the file's name.
async fn said(toml: &str, files: &[(&str, &[u8])]) -> String {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), toml, files);
    let said = start_fails(folder.path(), &[]).await;
    let start = "status-update: STATUS_CONFIG: ./status.toml: ";
    let rest = said.strip_prefix(start).unwrap_or_else(|| panic!("{toml}: {said}"));
    assert!(!folder.path().join("local").exists(), "{toml}: something was made");
    rest.trim_end().to_owned()
}

#[tokio::test]
async fn each_wrong_value_has_its_sentence() {
    for (toml, sentence) in [
        ("language = \"tlh\"", "language = \"tlh\" is not one of en"),
        ("accent = \"blue\"", "accent = \"blue\" is not a colour such as #0b57d0"),
        (
            "accent = \"#ffcc00\"",
            "accent = \"#ffcc00\" has a contrast of 1.3:1 on a light background, less than 4.5:1: take a \
             darker one",
        ),
        (
            "accent = \"#777777\"",
            "accent = \"#777777\" has a contrast of 4.0:1 on a light background, less than 4.5:1: take a \
             darker one",
        ),
        (
            "[[links.header]]\ntext = \"Us\"\naddress = \"javascript:alert(1)\"",
            "links.header: address = \"javascript:alert(1)\" is not a link that starts with \
             https:, http: or mailto:",
        ),
        (
            "[[links.footer]]\ntext = \" \"\naddress = \"https://a.example/\"",
            "links.footer: text = \" \" of https://a.example/ shows nothing",
        ),
        ("[[links.side]]", "line 1: unknown field `side`, expected `header` or `footer`"),
        (
            "logo = \"../logo.svg\"",
            "logo = \"../logo.svg\" is not a path below the folder of this file, such as site/logo",
        ),
        (
            "stylesheet = \"/etc/custom.css\"",
            "stylesheet = \"/etc/custom.css\" is not a path below the folder of this file, such as \
             site/stylesheet",
        ),
        (
            "templates = \"\"",
            "templates = \"\" is not a path below the folder of this file, such as site/templates",
        ),
        (
            "uptime_target = 100.5",
            "uptime_target = 100.5 is not a percentage up to 100, such as 99.9",
        ),
        ("uptime_target = 0", "uptime_target = 0 is not a percentage up to 100, such as 99.9"),
        (
            "[cadence]\nnudge = -5",
            "cadence.nudge = -5 is not a number of minutes up to 1440, or 0 for never",
        ),
        (
            "[cadence]\nnudge = 90",
            "cadence.nudge = 90 is not less than cadence.overdue = 60: a reminder comes before the update is overdue; 0 switches one off",
        ),
        (
            "[cadence]\nlate = 5",
            "line 2: unknown field `late`, expected one of `nudge`, `overdue`, `silence`, `promise`, `lead`",
        ),
        (
            "[[components]]\nname = \"A\"\nguide = \"wiki/a\"",
            "guide of the component \"A\": \"wiki/a\" is not a link that starts with https:, http: \
             or mailto:",
        ),
        (
            "[[components]]\nname = \"A\"\ndashboards = [\"https://a.example/\", \"data:,x\"]",
            "dashboards of the component \"A\": \"data:,x\" is not a link that starts with https:, \
             http: or mailto:",
        ),
        (
            "[[components]]\nname = \"A\"\nowners = [\" \"]",
            "owners of the component \"A\": \" \" shows nothing",
        ),
        (
            "[[groups]]\nname = \"G\"\n[[groups.components]]\nname = \"A\"\nroster = \"\"",
            "roster of the component \"A\": \"\" shows nothing",
        ),
        (
            "[[components]]\nname = \"A\"\nowners = [\"1\", \"2\", \"3\", \"4\", \"5\", \"6\", \
             \"7\", \"8\", \"9\"]",
            "the component \"A\" has 9 owners: at most 8",
        ),
        (
            "update_every = \"soon\"",
            "update_every = \"soon\" is not a length of time such as \"30m\" or \"2h\"",
        ),
        (
            "time_zone = \"EST\"",
            "time_zone = \"EST\" can mean several time zones: write one such as \
             \"America/New_York\"",
        ),
        (
            "time_zone = \"CET\"",
            "time_zone = \"CET\" can mean several time zones: write one such as \
             \"Europe/Berlin\"",
        ),
        (
            "time_zone = \"Mars/Olympus\"",
            "time_zone = \"Mars/Olympus\" is not a zone of the IANA database such as \
             \"Europe/Berlin\"",
        ),
    ] {
        let said = said(toml, &[]).await;
        // More languages may come.
        let said = if toml.starts_with("language") { &said[..sentence.len()] } else { &said };
        assert_eq!(said, sentence);
    }
    let many = "[[links.header]]\ntext = \"A\"\naddress = \"https://a.example/\"\n".repeat(9);
    assert_eq!(said(&many, &[]).await, "links.header has more than 8 links");
}

#[tokio::test]
async fn each_wrong_file_has_its_sentence() {
    let large = [SVG.as_bytes(), &vec![b'\n'; 256 * 1024]].concat();
    let gone = "cannot be read: No such file or directory (os error 2)";
    for (toml, file, bytes, sentence) in [
        ("logo = \"site/logo.svg\"", "x", &b""[..], format!("logo = \"site/logo.svg\" {gone}")),
        (
            "logo = \"x.txt\"",
            "x.txt",
            b"Our logo",
            "logo = \"x.txt\" is not an image: it may be PNG, JPEG, WebP, GIF or SVG".to_owned(),
        ),
        (
            "logo = \"logo.svg\"",
            "logo.svg",
            &large,
            format!("logo = \"logo.svg\" has {} bytes, more than 262144", large.len()),
        ),
        ("stylesheet = \"a.css\"", "x", b"", format!("stylesheet = \"a.css\" {gone}")),
        ("templates = \"site\"", "x", b"", format!("templates = \"site\" {gone}")),
    ] {
        assert_eq!(said(toml, &[(file, bytes)]).await, sentence);
    }
}

#[tokio::test]
async fn each_wrong_stylesheet_has_its_sentence() {
    let large = "a { color: red }\n".repeat(1_000);
    for (css, sentence) in [
        (
            "a { color: red }\nb { color: red",
            "does not parse: line 2: a block or comment in what begins here is never closed",
        ),
        ("a { color: red }\n}", "does not parse: line 2: a } too many"),
        ("a {\n  color: rgb(1, 2;\n}", "does not parse: line 3: a } too many"),
        ("a { color: red) }", "does not parse: line 1: a ) too many"),
        (
            "a[b { }",
            "does not parse: line 1: a block or comment in what begins here is never closed",
        ),
        ("a { content: \"x\n}", "does not parse: line 1: a quotation mark is missing"),
        ("a { mask: url(a b) }", "does not parse: line 1: this is no address"),
        ("a {}\n/* open", "does not parse: line 1: a comment is never closed"),
        (
            "a { /* open }",
            "does not parse: line 1: a block or comment in what begins here is never closed",
        ),
        ("/* open", "does not parse: line 1: a comment is never closed"),
        (
            "a {}\nThis is a letter.",
            "does not parse: line 2: this is not a rule such as a { color: red }",
        ),
        ("color: red;", "does not parse: line 1: this is not a rule such as a { color: red }"),
        (
            "a {\n  color red\n}",
            "does not parse: line 2: this is not a declaration such as color: red",
        ),
        ("{ color: red }", "does not parse: line 1: a block without a selector"),
        ("@media print", "does not parse: line 1: a semicolon is missing at the end"),
        ("a {}\0", "does not parse: line 1: a NUL character"),
        ("a {}\n/* </STYLE > */", "line 2 has \"</style\", which would end it"),
        ("a {}\n@import 'b.css';", "line 2: @import is not allowed: put everything into this file"),
        (
            "a { background: url(https://cdn.example/x.png) }",
            "line 1: \"https://cdn.example/x.png\" is an address on a different host, which visitors' browsers must not contact: use a data: address",
        ),
        (&large, "has 17000 bytes, more than 16384: every page carries it"),
    ] {
        let said = said("stylesheet = \"a.css\"", &[("a.css", css.as_bytes())]).await;
        assert_eq!(said, format!("stylesheet = \"a.css\" {sentence}"), "{css:?}");
    }
    let said = said("stylesheet = \"a.css\"", &[("a.css", b"a{}\xff")]).await;
    assert_eq!(said, "stylesheet = \"a.css\" is not UTF-8");
}

#[tokio::test]
async fn each_wrong_template_has_its_sentence() {
    let not_found = "{% extends \"layout.html\" %}\n{% block main %}\n";
    let large = "x".repeat(64 * 1024 + 1);
    for (name, source, sentence) in [
        ("404.html", "{% if %}", "cannot be used: 404.html, line 1: syntax error: unexpected end of block, in \"{% if %}\"".to_owned()),
        (
            "404.html",
            &format!("{not_found}<p>{{{{ oops.name }}}}</p>\n{{% endblock %}}"),
            "cannot be used: 404.html, line 3: undefined value, in \"<p>{{ oops.name }}</p>\"".to_owned(),
        ),
        (
            "404.html",
            &format!("{not_found}<p>{{{{ site_title|shout }}}}</p>\n{{% endblock %}}"),
            "cannot be used: 404.html, line 3: unknown filter: filter shout is unknown, in \"<p>{{ site_title|shout }}</p>\"".to_owned(),
        ),
        (
            "404.html",
            "{% extends \"base.html\" %}",
            "cannot be used: 404.html, line 1: template not found: template \"base.html\" does not exist, in \"{% extends \"base.html\" %}\"".to_owned(),
        ),
        (
            "index.html",
            "<p>{{ site_title }}</p>",
            "cannot be used: index.html does not contain {{ revision }}, which every page needs".to_owned(),
        ),
        ("404.html", &large, "cannot be used: 404.html has 65537 bytes, more than 65536".to_owned()),
    ] {
        let name = format!("site/templates/{name}");
        let said = said("templates = \"site/templates\"", &[(&name, source.as_bytes())]).await;
        assert_eq!(said, format!("templates = \"site/templates\" {sentence}"));
    }
    let unknown = [("site/templates/indx.html", &b""[..]), ("site/templates/.keep", b"")];
    let unknown = said("templates = \"site/templates\"", &unknown).await;
    let sentence = "templates = \"site/templates\" has indx.html, which replaces nothing: the templates are \
        layout.html, ";
    assert!(unknown.starts_with(sentence) && unknown.contains("index.html"), "{unknown}");
    let said_of = async |name: &str, source: &str| {
        let file = format!("t/{name}");
        said("templates = \"t\"", &[(&file, source.as_bytes())]).await
    };
    // Values of rare pages are found as well, up to the last invented state.
    for number in 1..=8 {
        let source = format!(
            "{{% if incident.number == {number} %}}\n{{{{ oops }}}}\n{{% endif %}}{{{{ revision }}}}"
        );
        let sentence = "cannot be used: incident.html, line 2: undefined value, in \"{{ oops }}\"";
        let found = said_of("incident.html", &source).await;
        assert_eq!(found, format!("templates = \"t\" {sentence}"), "{number}");
    }
    // Also blocks that our own templates expect of a team's.
    let found = said_of("layout.html", "<!doctype html>{% block main %}{% endblock %}").await;
    assert!(found.contains("our own ") && found.contains("does not fit them"), "{found}");
}

/// A start with good looks publishes; one with bad looks changes nothing of that.
#[tokio::test]
async fn the_last_valid_page_stays() {
    let folder = tempfile::tempdir().unwrap();
    let good = "title = \"Good\"\nlogo = \"logo.png\"\nstylesheet = \"a.css\"\n";
    write(folder.path(), good, &[("logo.png", PNG), ("a.css", b"a{color:red}")]);
    {
        let local = Local::start(folder.path(), &[]).await;
        local.wait_for("/", "Good").await;
        let said = run(folder.path(), &["send", "--to", &local.url, "open It is down"]).await;
        assert!(said.status.success());
        local.wait_for("/", "It is down").await;
    }
    let published = || {
        let mut files = Vec::new();
        let mut folders = vec![folder.path().join("local")];
        while let Some(at) = folders.pop() {
            for entry in std::fs::read_dir(at).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    let bytes = std::fs::read(&path).unwrap();
                    files.push((path, bytes));
                }
            }
        }
        files.sort();
        files
    };
    let before = published();
    assert!(before.iter().any(|(path, _)| path.ends_with("local/web/index.html")));
    for (toml, file, bytes) in [
        ("title = \"Bad\"\nlogo = \"logo.png\"", "logo.png", &b"no image"[..]),
        ("title = \"Bad\"\nstylesheet = \"a.css\"", "a.css", b"a{"),
        ("title = \"Bad\"\ntemplates = \"t\"", "t/index.html", b"{{ oops }}"),
        ("title = \"Bad\"\naccent = \"#fff\"", "x", b""),
    ] {
        write(folder.path(), toml, &[(file, bytes)]);
        let said = start_fails(folder.path(), &[]).await;
        assert!(said.starts_with("status-update: STATUS_CONFIG: ./status.toml: "), "{said}");
        assert!(published() == before, "{toml}: what is published changed");
    }
}
