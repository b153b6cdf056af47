//! A team's design in `status.toml`: its effect, and errors found before anything is published.

mod files;
mod refused;
mod shown;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use bytes::Bytes;
use jiff::SignedDuration;
use status_update::core::config::Config;
use status_update::core::config::language::Language;
use status_update::core::config::theme::{
    Accent, Logo, Rgb, STYLESHEET_BYTES_MAX, Stylesheet, Templates, Theme, grounds,
};
use status_update::core::site::renderer::Site;

use self::files::{CSS, GIF, JPEG, PNG, SVG, WEBP};

/// Puts files into a folder, `status.toml` among them.
fn write(folder: &Path, toml: &str, files: &[(&str, &[u8])]) {
    fs::write(folder.join("status.toml"), toml).unwrap();
    for (name, bytes) in files {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
}

fn config(toml: &str) -> Config {
    Config::parse(toml).unwrap()
}

#[test]
fn a_logo_is_an_image_by_its_content() {
    for (bytes, extension) in
        [(SVG.as_bytes(), "svg"), (PNG, "png"), (JPEG, "jpg"), (GIF, "gif"), (WEBP, "webp")]
    {
        let logo = Logo::new("logo.txt", Bytes::copy_from_slice(bytes)).unwrap();
        let (name, end) = logo.name.rsplit_once('.').unwrap();
        assert_eq!(end, extension);
        let hash = name.strip_prefix("assets/logo-").unwrap();
        assert!(hash.len() == 16 && hash.chars().all(|c| c.is_ascii_hexdigit()), "{hash}");
        let other = [bytes, b"\n"].concat();
        assert_ne!(Logo::new("logo.txt", Bytes::from(other)).unwrap().name, logo.name);
    }
    let svg = r#"xmlns="http://www.w3.org/2000/svg""#;
    for not in [
        String::new(),
        "GIF".to_owned(),
        "<!doctype html><html><svg/></html>".to_owned(),
        "<svg/>".to_owned(),
        format!("<svg {svg}><path"),
        format!("<!-- <svg {svg}></svg>"),
        format!("<svgx {svg}/>"),
        format!("text <svg {svg}/>"),
    ] {
        let refused = Logo::new("logo.svg", Bytes::from(not.clone()));
        assert!(refused.unwrap_err().to_string().contains("is not an image"), "{not}");
    }
    let cut = Logo::new("logo.webp", Bytes::from_static(&WEBP[..WEBP.len() - 1]));
    assert!(cut.is_err());
}

/// Every accepted accent is readable in light and dark, and stays as close to the original as
/// possible.
#[test]
fn every_accepted_accent_can_be_read() {
    let (mut accepted, mut refused) = (0, 0);
    for number in 0..16 * 16 * 16 {
        match Accent::parse(&format!("#{number:03x}")) {
            Ok(Accent { light, dark }) => {
                accepted += 1;
                assert!(light.contrast_on(&grounds(false)) >= 4.5, "{light}");
                assert!(dark.contrast_on(&grounds(true)) >= 4.5, "{light} in the dark: {dark}");
                if light.contrast_on(&grounds(true)) >= 4.5 {
                    assert_eq!(light, dark);
                }
            }
            Err(_) => refused += 1,
        }
    }
    assert!(accepted > 1_000 && refused > 1_000, "{accepted} and {refused}");
    let accent = Accent::parse("#0b57d0").unwrap();
    assert_eq!(accent.light.to_string(), "#0b57d0");
    assert_eq!(Accent::parse("#05d"), Accent::parse("#0055DD"));
    let white = Rgb([255; 3]);
    // W3C's own example of the least grey on white that does.
    assert!(Rgb::parse("#767676").unwrap().contrast_on(&[white]) >= 4.5);
    assert!(Rgb::parse("#777777").unwrap().contrast_on(&[white]) < 4.5);
    for not in ["", "#", "blue", "#12", "#1234", "#12345g", "0b57d0", "#0b57d0ff", "#+1+2+3"] {
        assert!(Accent::parse(not).is_err(), "{not}");
    }
}

/// The accent is checked on the stylesheet's backgrounds: two light, two dark.
#[test]
fn the_accent_stands_on_the_stylesheets_grounds() {
    let (black, white) = (Rgb([0; 3]), Rgb([255; 3]));
    for (dark, text) in [(false, black), (true, white)] {
        let grounds = grounds(dark);
        assert_eq!(grounds.len(), 2);
        assert!(text.contrast_on(&grounds) > 12.0, "{grounds:?}");
    }
}

#[test]
fn a_stylesheet_may_be_all_that_css_is() {
    let stylesheet = Stylesheet::new("custom.css", CSS.as_bytes()).unwrap();
    assert_eq!(stylesheet.text(), CSS);
    // As a browser reads it out of a page, whatever the editor wrote.
    let windows = format!("\u{feff}{}", CSS.replace('\n', "\r\n"));
    assert_eq!(Stylesheet::new("custom.css", windows.as_bytes()).unwrap(), stylesheet);
    for fine in
        ["", "\n", "/* nothing */", "a{}", "a{color:red}b{}", "a{;color:red;;}", "a{b{c{}}}"]
    {
        assert!(Stylesheet::new("custom.css", fine.as_bytes()).is_ok(), "{fine}");
    }
    // Our own is one, too.
    for ours in ["templates/style.css", "templates/brand.css"] {
        let bytes = fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join(ours)).unwrap();
        Stylesheet::new(ours, &bytes).unwrap();
    }
}

#[test]
fn a_stylesheet_asks_no_other_host() {
    for address in [
        "url(https://evil.example/x.png)",
        "url('https://evil.example/x.png')",
        "url( \"//evil.example/x\" )",
        "url(\\68ttps://evil.example/x)",
        "URL(HTTP:evil.example)",
        "url(\"ht\\\ntps://evil.example\")",
        "url(\" /\\\\evil.example\")",
        "url(javascript:alert(1)",
        "src(\"https://evil.example/x\")",
        "image-set(\"https://evil.example/x\" 1x)",
        "-webkit-image-set(url(https://evil.example/x) 1x)",
        "image-set(var(--x, url(https://evil.example/x)) 1x)",
        "cross-fade((\"https://evil.example/x\"), red)",
    ] {
        let css = format!("a {{}}\nb {{ background: {address} }}");
        let refused = Stylesheet::new("custom.css", css.as_bytes());
        let said = refused.expect_err(address).to_string();
        assert!(said.starts_with("stylesheet = \"custom.css\" "), "{said}");
        assert!(said.contains("line 2"), "{address}: {said}");
    }
    for import in
        ["@import 'x.css';", "@IMPORT url(x.css);", "@\\69mport \"x\";", "a { @import 'x'; }"]
    {
        let refused = Stylesheet::new("custom.css", import.as_bytes()).unwrap_err();
        assert!(refused.to_string().contains("@import"), "{refused}");
    }
}

#[test]
fn a_stylesheet_cannot_cost_much() {
    let deep = "a{".repeat(STYLESHEET_BYTES_MAX / 2);
    assert!(Stylesheet::new("custom.css", deep.as_bytes()).is_err());
    let brackets = "[".repeat(STYLESHEET_BYTES_MAX);
    assert!(Stylesheet::new("custom.css", brackets.as_bytes()).is_err());
    let closed = format!("{}{}", "a{".repeat(2_000), "}".repeat(2_000));
    let refused = Stylesheet::new("custom.css", closed.as_bytes()).unwrap_err();
    assert!(refused.to_string().contains("nested more than 32 deep"), "{refused}");
}

/// Every change of the page's look causes a new rendering.
#[test]
fn every_part_of_the_look_counts() {
    // A new field does not compile until it is listed here and below. Paths of files do not matter,
    // but their contents do. Rules for alerts, the cadence and the wording of reviews are not
    // visible, and cost only a comparison.
    let Config {
        title: _,
        launch: _,
        time_zone: _,
        time_zone_name: _,
        support: _,
        publish_names: _,
        internal_first: _,
        severity: _,
        update_every: _,
        groups: _,
        cadence: _,
        notifies: _,
        alerts: _,
        review: _,
        correctors: _,
        // No page shows them: see `guides_are_on_no_page`.
        guides: _,
        public_url: _,
        language: _,
        theme:
            Theme { accent: _, logo: _, header_links: _, footer_links: _, stylesheet: _, templates: _ },
        duties: _,
        files: _,
        responder_links: _,
        uptime_target: _,
    } = Config::default();
    let plain = Site::new(config("")).unwrap().theme_digest().to_owned();
    let mut looks = BTreeMap::from([(plain, "nothing".to_owned())]);
    for toml in [
        "title = \"Other\"",
        "time_zone = \"Europe/Berlin\"",
        "support = \"https://help.example/\"",
        "publish_names = true",
        "internal_first = true",
        "accent = \"#05d\"",
        "accent = \"#05c\"",
        "[[links.header]]\ntext = \"A\"\naddress = \"https://a.example/\"",
        "[[links.footer]]\ntext = \"A\"\naddress = \"https://a.example/\"",
        "[[components]]\nname = \"A\"",
        "[[components]]\nname = \"A\"\nid = \"b\"",
        "[[components]]\nname = \"A\"\ndescription = \"Words\"",
        "[[components]]\nname = \"A\"\n[[components]]\nname = \"B\"",
        "[[components]]\nname = \"B\"\n[[components]]\nname = \"A\"",
        "[[groups]]\nname = \"G\"\ncomponents = [{ name = \"A\" }]",
        "[[groups]]\nname = \"G\"\ndescription = \"Words\"\ncomponents = [{ name = \"A\" }]",
    ] {
        let look = Site::new(config(toml)).unwrap().theme_digest().to_owned();
        assert_eq!(looks.insert(look, toml.to_owned()), None, "{toml}");
    }
    let mut with = |what: &str, change: &dyn Fn(&mut Config)| {
        let mut config = Config::default();
        change(&mut config);
        let look = Site::new(config).unwrap().theme_digest().to_owned();
        assert_eq!(looks.insert(look, what.to_owned()), None, "{what}");
    };
    let logo = |bytes| Some(Logo::new("logo", Bytes::from_static(bytes)).unwrap());
    let css = |text: &str| Some(Stylesheet::new("custom.css", text.as_bytes()).unwrap());
    let template = |source: &str| {
        let files = BTreeMap::from([("404.html".to_owned(), source.into())]);
        Templates::new("site/templates", files).unwrap()
    };
    with("a logo", &|config| config.theme.logo = logo(PNG));
    with("another logo", &|config| config.theme.logo = logo(GIF));
    with("a stylesheet", &|config| config.theme.stylesheet = css("a{}"));
    with("another stylesheet", &|config| config.theme.stylesheet = css("b{}"));
    with("a template", &|config| config.theme.templates = template("a"));
    with("another template", &|config| config.theme.templates = template("b"));
    with("an address", &|config| config.public_url = Some("https://a.example".to_owned()));
    with("a language", &|config| config.language = Language::German);
    with("a promise", &|config| config.update_every = Some(SignedDuration::from_mins(30)));
}

/// Our own templates pass the check for any configuration.
#[test]
fn our_own_templates_pass_the_check() {
    let all = "support = \"https://help.example/\"\npublish_names = true\naccent = \"#05d\"\n\
        [[components]]\nname = \"A\"\n[[groups]]\nname = \"B\"\ncomponents = [{ name = \"C\" }]\n\
        [[links.header]]\ntext = \"D\"\naddress = \"https://d.example/\"\n\
        [[links.footer]]\ntext = \"E\"\naddress = \"https://e.example/\"";
    for toml in ["", "time_zone = \"Pacific/Kiritimati\"", all] {
        Site::check(&config(toml)).unwrap();
    }
}

#[test]
fn how_often_updates_are_promised() {
    for (text, minutes) in [("30m", 30), ("2h", 120), ("1h30m", 90), ("90 minutes", 90)] {
        let config = config(&format!("update_every = \"{text}\""));
        assert_eq!(config.update_every.unwrap().as_mins(), minutes, "{text}");
    }
    assert_eq!(config("").update_every, None);
}
