//! Custom logo. Its content must be an image, whatever its file name says.

use bytes::Bytes;

use super::refused::Refused;
use crate::digest::sha256_hex;

/// Maximum size of a logo, in bytes.
pub const LOGO_BYTES_MAX: usize = 256 * 1024;
/// Number of hexadecimal digits of the digest in the published name.
const HASH_CHARS: usize = 16;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Logo {
    /// Path in the site. It contains a digest, so a different image has a different path.
    pub name: String,
    pub bytes: Bytes,
}

impl Logo {
    /// Checks the file that `status.toml` calls `name`.
    ///
    /// # Errors
    /// Returns [`Refused`] if the file is too large or not an image.
    pub fn new(name: &str, bytes: Bytes) -> Result<Self, Refused> {
        let refused = |why: &str| Err(Refused::of("logo", name, why));
        if bytes.len() > LOGO_BYTES_MAX {
            return refused(&format!("has {} bytes, more than {LOGO_BYTES_MAX}", bytes.len()));
        }
        let Some(extension) = extension(&bytes) else {
            return refused("is not an image: it may be PNG, JPEG, WebP, GIF or SVG");
        };
        let mut hash = sha256_hex(&bytes);
        hash.truncate(HASH_CHARS);
        Ok(Self { name: format!("assets/logo-{hash}.{extension}"), bytes })
    }
}

/// File extension for the image format. `None` if the content is not in a format that every browser
/// shows.
fn extension(bytes: &[u8]) -> Option<&'static str> {
    let has = |at: usize, what: &[u8]| bytes.get(at..).is_some_and(|rest| rest.starts_with(what));
    // A PNG begins with its header, and a RIFF file contains its length, so truncated files are
    // detected.
    let riff_length = || {
        let length = bytes.get(4..8).and_then(|length| length.try_into().ok());
        length.map_or(0, u32::from_le_bytes)
    };
    if has(0, b"\x89PNG\r\n\x1a\n") && has(12, b"IHDR") {
        Some("png")
    } else if has(0, b"\xff\xd8\xff") {
        Some("jpg")
    } else if has(0, b"GIF87a") || has(0, b"GIF89a") {
        Some("gif")
    } else if has(0, b"RIFF") && has(8, b"WEBP") {
        (usize::try_from(riff_length()).ok()? + 8 <= bytes.len()).then_some("webp")
    } else {
        std::str::from_utf8(bytes).is_ok_and(is_svg).then_some("svg")
    }
}

/// Returns `true` for a complete SVG document: its first element is `svg` in the SVG namespace,
/// without which no browser draws it.
fn is_svg(text: &str) -> bool {
    let mut rest = text.trim_start_matches('\u{feff}').trim();
    let end = rest.ends_with("</svg>") || rest.ends_with("/>") || rest.ends_with("-->");
    // Skip the XML declaration, comments and the document type.
    for (opening, closing) in [("<?", "?>"), ("<!--", "-->"), ("<!DOCTYPE", ">"), ("<!--", "-->")] {
        while let Some(inside) = rest.strip_prefix(opening) {
            let Some((_, behind)) = inside.split_once(closing) else { return false };
            rest = behind.trim_start();
        }
    }
    let Some((tag, _)) = rest.strip_prefix("<svg").and_then(|inside| inside.split_once('>')) else {
        return false;
    };
    end && tag.starts_with(|c: char| c.is_whitespace())
        && tag.contains("http://www.w3.org/2000/svg")
}
