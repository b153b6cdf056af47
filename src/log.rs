//! Logging: plain text for a terminal, or JSON lines for the Functions host.
//!
//! The host assigns levels itself: Information to every line on stdout; Warning to lines on stderr
//! that contain "warn", and Error to all others.

use std::io::{self, Stderr, Stdout, Write};

use tracing::level_filters::LevelFilter;
use tracing::{Level, Metadata};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

/// Logs JSON lines in such a way that the host assigns the right level.
pub fn to_host() {
    let format = tracing_subscriber::fmt::layer().with_writer(ByLevel).with_target(false);
    let format = format.json().flatten_event(true).with_span_list(false);
    tracing_subscriber::registry().with(levels(LevelFilter::INFO)).with(format).init();
}

/// Logs to a terminal, from `level` upwards in severity.
pub fn to_terminal<W>(writer: W, level: LevelFilter)
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let format = tracing_subscriber::fmt::layer().with_writer(writer);
    let format = format.with_ansi(false).with_target(false);
    tracing_subscriber::registry().with(levels(level)).with(format).init();
}

/// Silences the Azure SDK, which logs every unsuccessful answer: this program logs their meaning.
fn levels(level: LevelFilter) -> Targets {
    Targets::new()
        .with_default(level)
        .with_target("azure_core", LevelFilter::ERROR)
        .with_target("typespec_client_core", LevelFilter::ERROR)
}

struct ByLevel;

enum Line {
    Information(Stdout),
    Warning(Stderr),
    Error(Stderr),
}

impl<'a> MakeWriter<'a> for ByLevel {
    type Writer = Line;

    fn make_writer(&'a self) -> Line {
        Line::Information(io::stdout())
    }

    fn make_writer_for(&'a self, meta: &Metadata<'_>) -> Line {
        match *meta.level() {
            Level::ERROR => Line::Error(io::stderr()),
            // The line contains "WARN" as its level.
            Level::WARN => Line::Warning(io::stderr()),
            _ => Line::Information(io::stdout()),
        }
    }
}

impl Write for Line {
    /// Receives one whole line per call.
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        match self {
            Self::Information(stdout) => stdout.write_all(line)?,
            Self::Warning(stderr) => stderr.write_all(line)?,
            Self::Error(stderr) => stderr.write_all(&without_warn(line))?,
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Information(stdout) => stdout.flush(),
            Self::Warning(stderr) | Self::Error(stderr) => stderr.flush(),
        }
    }
}

/// Equivalent JSON without the word "warn": its first letter is written as an escape.
fn without_warn(line: &[u8]) -> Vec<u8> {
    let mut escaped = Vec::with_capacity(line.len());
    for (index, byte) in line.iter().enumerate() {
        let rest = line.get(index..index + 4);
        if rest.is_some_and(|word| word.eq_ignore_ascii_case(b"warn")) {
            escaped.extend_from_slice(format!("\\u{byte:04x}").as_bytes());
        } else {
            escaped.push(*byte);
        }
    }
    escaped
}
