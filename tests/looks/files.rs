//! The smallest valid files of a team's design.

pub const SVG: &str = concat!(
    r#"<?xml version="1.0" encoding="UTF-8"?>"#,
    "\n<!-- Made for this test -->\n",
    r##"<svg xmlns="http://www.w3.org/2000/svg" width="160" height="40" viewBox="0 0 160 40">"##,
    r##"<rect width="40" height="40" rx="9" fill="#6b1fb1"/>"##,
    r##"<path d="M11 21l6 6 12-14" stroke="#fff" stroke-width="4" fill="none"/>"##,
    r##"<text x="50" y="28" font-family="sans-serif" font-size="22" fill="#221133">Example</text>"##,
    "</svg>\n"
);
/// One pixel each; Chromium's rendering does not matter.
pub const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR\x00\x00\x00\x01\x00\x00\x00\x01";
pub const JPEG: &[u8] = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00";
pub const GIF: &[u8] = b"GIF89a\x01\x00\x01\x00\x00\x00\x00;";
pub const WEBP: &[u8] = b"RIFF\x0e\x00\x00\x00WEBPVP8L\x01\x00\x00\x00\x2f\x00";

/// With everything in it that a careful author may write.
pub const CSS: &str = r##"@charset "utf-8";
/* Ours */
:root { --warm: #fff5e6 }
main > h2, [data-x="}"] { letter-spacing: .02em; --block: { a: b }; }
.card { border-radius: 2px; background-image: url(data:image/gif;base64,R0lGODlhAQABAAAAACw=);
  &:hover { border-color: currentColor }
  content: "https://example.com/ is only text";
}
@media (min-width: 40rem) and (prefers-color-scheme: light) {
  .card { background: var(--warm); mask: url("#mask") }
  @supports (display: grid) { .card { padding: calc(1rem * (1 + 1)) !important } }
}
@font-face { font-family: "Ours"; src: local("Verdana") }
@layer base;
.last::after { content: "\201C" }
"##;
