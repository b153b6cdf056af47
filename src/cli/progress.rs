//! A progress bar on stderr, if that is a terminal.

use std::io::{self, Write as _};

use indicatif::{ProgressBar, ProgressStyle};

use crate::service::audit::Progress;

pub(crate) struct Bar(ProgressBar);

impl Bar {
    pub(crate) fn new() -> Self {
        let bar = ProgressBar::no_length();
        if let Ok(style) = ProgressStyle::with_template("{spinner} {msg}") {
            bar.set_style(style);
        }
        Self(bar)
    }

    pub(crate) fn show(&self, progress: Progress) {
        match progress {
            Progress::Records(count) => {
                self.0.set_message(format!("Reading the log: {count} records"));
            }
            Progress::Files(done) => self.0.set_message(format!("{done} files")),
        }
        self.0.tick();
    }

    pub(crate) fn end(&self) {
        self.0.finish_and_clear();
        // Clears the bar before the output is printed.
        let _ = io::stderr().flush();
    }
}
