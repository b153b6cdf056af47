//! Bodies in other encodings and forms than JSON in UTF-8.

use status_update::core::alerts::encoding::decoded;
use status_update::core::alerts::read::read_alert;
use status_update::core::alerts::refused::NotAnAlert;

const BODY: &str = "{\"title\": \"Störung der Kasse\"}";

/// The title, or the error.
fn title(body: &[u8], content_type: &str) -> Result<String, NotAnAlert> {
    read_alert(&decoded(body, content_type)?).map(|alert| alert.title.clone())
}

fn utf_16(mark: &[u8], bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
    mark.iter().copied().chain(BODY.encode_utf16().flat_map(bytes)).collect()
}

#[test]
fn encodings_are_recognised_by_type_or_first_bytes() {
    let latin: Vec<u8> = BODY.chars().map(|letter| u8::try_from(letter).unwrap()).collect();
    let form = "payload=%7B%22title%22%3A+%22St%C3%B6rung+der+Kasse%22%7D";
    for (body, content_type) in [
        (BODY.as_bytes().to_vec(), "application/json"),
        (BODY.as_bytes().to_vec(), "application/x-www-form-urlencoded"),
        (BODY.as_bytes().to_vec(), "text/plain; charset=\"UTF-8\""),
        (BODY.as_bytes().to_vec(), ""),
        (format!("\u{feff}{BODY}").into_bytes(), ""),
        (utf_16(b"\xff\xfe", u16::to_le_bytes), ""),
        (utf_16(b"\xfe\xff", u16::to_be_bytes), ""),
        (utf_16(b"", u16::to_le_bytes), ""),
        (utf_16(b"", u16::to_be_bytes), "application/json; charset=utf-16be"),
        (latin, "application/json;charset=ISO-8859-1"),
        (form.as_bytes().to_vec(), "application/x-www-form-urlencoded"),
        (form.as_bytes().to_vec(), ""),
        (b"title=St%C3%B6rung+der+Kasse&severity=2".to_vec(), "application/x-www-form-urlencoded"),
    ] {
        assert_eq!(
            title(&body, content_type).as_deref(),
            Ok("Störung der Kasse"),
            "{content_type}"
        );
    }
}

#[test]
fn unsupported_formats_are_refused_by_name() {
    let refused =
        |body: &[u8], content_type: &str| title(body, content_type).unwrap_err().to_string();
    let told = refused(BODY.as_bytes(), "application/json; charset=utf-32");
    assert!(told.starts_with("The encoding utf-32 is not supported."), "{told}");
    let told = refused(b"\xff\xfe\x00\x00{\x00\x00\x00", "");
    assert!(told.starts_with("The encoding utf-32 is not supported."), "{told}");
    let told = refused(b"--x", "multipart/form-data; boundary=x");
    assert!(told.starts_with("A body of several parts (form-data) is not supported."), "{told}");
    let told = refused(b"\xff\xfe{\x00\"", "");
    assert!(told.starts_with("Broken UTF-16 is not supported."), "{told}");
    let told = refused(b"{\"title\": \"St\xf6rung\"}", "");
    assert!(told.starts_with("Byte 14 of the body is not UTF-8."), "{told}");
}
