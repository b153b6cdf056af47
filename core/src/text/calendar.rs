//! Calendars for subscription: iCalendar (RFC 5545).

use jiff::Timestamp;

/// Maximum length of a line, in bytes without the line end (RFC 5545, section 3.1).
const LINE_BYTES_MAX: usize = 75;
/// Interval at which calendar programs should refresh.
const REFRESH: &str = "PT30M";

/// Format of a time in a property.
#[must_use]
pub fn utc(at: Timestamp) -> String {
    at.strftime("%Y%m%dT%H%M%SZ").to_string()
}

/// Writes a calendar as content lines, and folds those that are too long.
#[derive(Debug)]
pub struct Calendar {
    text: String,
    has_component: bool,
}

impl Calendar {
    /// Begins a calendar. `product` identifies our generator, and `name` is shown to the
    /// subscriber.
    #[must_use]
    pub fn new(product: &str, name: &str) -> Self {
        let mut calendar = Self { text: String::new(), has_component: false };
        calendar.put("BEGIN", "VCALENDAR");
        calendar.put("VERSION", "2.0");
        calendar.put("PRODID", &format!("-//StatusUpdate//{product}//EN"));
        calendar.put_text("NAME", name);
        calendar.put_text("X-WR-CALNAME", name);
        calendar.put("REFRESH-INTERVAL;VALUE=DURATION", REFRESH);
        calendar.put("X-PUBLISHED-TTL", REFRESH);
        calendar.has_component = false;
        calendar
    }

    /// Writes a property whose value is not text. Control characters are removed.
    pub fn put(&mut self, name: &str, value: &str) {
        self.has_component |= name == "BEGIN";
        let mut bytes = 0;
        let line = name.chars().chain([':']).chain(value.chars().filter(|c| !c.is_control()));
        for c in line {
            if bytes + c.len_utf8() > LINE_BYTES_MAX {
                self.text.push_str("\r\n ");
                bytes = 1;
            }
            self.text.push(c);
            bytes += c.len_utf8();
        }
        self.text.push_str("\r\n");
    }

    /// Writes a property whose value is text, and escapes it.
    pub fn put_text(&mut self, name: &str, text: &str) {
        let mut value = String::with_capacity(text.len());
        for c in text.chars() {
            match c {
                '\\' | ';' | ',' => value.extend(['\\', c]),
                '\n' => value.push_str("\\n"),
                c => value.push(c),
            }
        }
        self.put(name, &value);
    }

    /// Removes and returns what was written so far, for a file that is too large to keep in memory.
    pub fn take(&mut self) -> String {
        std::mem::take(&mut self.text)
    }

    /// The rest of the file: all that [`Calendar::take`] has not returned.
    #[must_use]
    pub fn finish(mut self) -> String {
        if !self.has_component {
            self.put_zone();
        }
        self.put("END", "VCALENDAR");
        self.text
    }

    /// A calendar must have at least one component, and this one has no effect.
    fn put_zone(&mut self) {
        let lines = [
            ("BEGIN", "VTIMEZONE"),
            ("TZID", "Etc/UTC"),
            ("BEGIN", "STANDARD"),
            ("DTSTART", "19700101T000000"),
            ("TZOFFSETFROM", "+0000"),
            ("TZOFFSETTO", "+0000"),
            ("END", "STANDARD"),
            ("END", "VTIMEZONE"),
        ];
        for (name, value) in lines {
            self.put(name, value);
        }
    }
}
