//! Calendars to subscribe to: iCalendar (RFC 5545).

use jiff::Timestamp;

/// The longest line, in bytes without its end (RFC 5545, section 3.1).
const LINE_BYTES_MAX: usize = 75;
/// How often a calendar looks again.
const REFRESH: &str = "PT30M";

/// A time as a property has it.
#[must_use]
pub fn utc(at: Timestamp) -> String {
    at.strftime("%Y%m%dT%H%M%SZ").to_string()
}

/// A calendar that is being written: content lines, each folded where it is too long.
#[derive(Debug)]
pub struct Calendar {
    text: String,
    has_component: bool,
}

impl Calendar {
    /// Begins a calendar: what of ours made it, and what a person's program calls it.
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

    /// A property whose value is not text.
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

    /// A property whose value is text.
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

    /// What was written since the last time, for a file that is too large to be kept whole.
    pub fn take(&mut self) -> String {
        std::mem::take(&mut self.text)
    }

    /// The whole file, or what of it was not taken.
    #[must_use]
    pub fn finish(mut self) -> String {
        if !self.has_component {
            self.put_zone();
        }
        self.put("END", "VCALENDAR");
        self.text
    }

    /// A calendar has one component at least, and this one means nothing.
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
