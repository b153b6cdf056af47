//! Plain Latin letters that a word looks like, for finding a known word however it is decorated.

/// Lower-case letters and digits that a text looks like. Lookalikes from other scripts, full-width
/// and mathematical letters and letters with accents become plain letters. Invisible characters are
/// removed, and every other character becomes a space.
#[must_use]
pub fn plain_letters(text: &str) -> String {
    text.chars().filter_map(plain_letter).flat_map(char::to_lowercase).collect()
}

fn plain_letter(c: char) -> Option<char> {
    if c.is_ascii_alphanumeric() {
        return Some(c);
    }
    let known = LOOKALIKES.iter().find(|(_, alike)| alike.contains(c)).map(|(letter, _)| *letter);
    let known = known.or_else(|| in_alphabet(c));
    if is_unseen(c) {
        return None;
    }
    Some(known.unwrap_or(if c.is_alphanumeric() { c } else { ' ' }))
}

/// Combining marks, joiners, selectors and fillers.
fn is_unseen(c: char) -> bool {
    matches!(c,
        '\u{300}'..='\u{36f}' | '\u{ad}' | '\u{61c}' | '\u{180b}'..='\u{180f}'
        | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}' | '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{20d0}'..='\u{20ff}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{fe20}'..='\u{fe2f}' | '\u{feff}'
        | '\u{e0000}'..='\u{e0fff}')
}

/// Letter of an alphabet that Unicode repeats as a whole. Each entry has the first character and
/// the number of letters from there.
fn in_alphabet(c: char) -> Option<char> {
    const ALPHABETS: &[(u32, u32)] = &[
        (0xff21, 26),
        (0xff41, 26),
        (0x249c, 26),
        (0x24b6, 52),
        (0x1_f110, 26),
        (0x1_f130, 26),
        (0x1_f150, 26),
        (0x1_f170, 26),
        (0x1_f1e6, 26),
        (0x1_d400, 13 * 52),
    ];
    let code = u32::from(c);
    let place = ALPHABETS.iter().find_map(|(first, letters)| {
        code.checked_sub(*first).filter(|place| place < letters).map(|place| place % 26)
    })?;
    char::from_u32(u32::from('a') + place)
}

/// Letters, each with the characters of other alphabets that look like it.
const LOOKALIKES: &[(char, &str)] = &[
    ('a', "àáâãäåāăąǎȁȧḁạảấầẩẫậắằẳẵặªαаɑᴀ"),
    ('b', "ḃḅɓвьЬƅʙΒ"),
    ('c', "çćĉċčсϲᴄᏟℂⅽ"),
    ('d', "ďđḋḍԁɗᴅⅾð"),
    ('e', "èéêëēĕėęěȅẹẻẽếềểễệеєёεҽᴇℯ"),
    ('f', "ḟƒſꜰϝ"),
    ('g', "ĝğġģǧɡɢց"),
    ('h', "ĥħḣḥһհнʜℎ"),
    ('i', "ìíîïĩīĭįıǐȉỉịіїιɪⅰӏ"),
    ('j', "ĵјϳᴊ"),
    ('k', "ķǩкκᴋ"),
    ('l', "ĺļľŀłḷǀʟⅼℓ"),
    ('m', "ṁṃмᴍⅿϻΜ"),
    ('n', "ñńņňŉŋṅṇпոηɴΝ"),
    ('o', "òóôõöøōŏőǒơọỏốồổỗộớờởỡợоοօᴏº"),
    ('p', "ṗрρᴘ"),
    ('q', "ԛ"),
    ('r', "ŕŗřṙṛгʀ"),
    ('s', "śŝşšșṡṣѕꜱ"),
    ('t', "ţťŧțṫṭтτᴛ"),
    ('u', "ùúûüũūŭůűųǔưụủứừửữựυսᴜ"),
    ('v', "ṽṿνѵᴠⅴ"),
    ('w', "ŵẁẃẅԝᴡω"),
    ('x', "ẋẍхχⅹ"),
    ('y', "ýÿŷỳỵỷỹуγүʏ"),
    ('z', "źżžẓᴢ"),
    ('a', "ÀÁÂÃÄÅĀĂĄΑА"),
    ('c', "ÇĆČС"),
    ('d', "ĎĐ"),
    ('e', "ÈÉÊËĒĖĘĚΕЕ"),
    ('h', "ΗН"),
    ('i', "ÌÍÎÏĪĮİΙІӀ"),
    ('j', "Ј"),
    ('k', "ΚК"),
    ('l', "ĹĽŁⅬ"),
    ('m', "М"),
    ('n', "ÑŃŇ"),
    ('o', "ÒÓÔÕÖØŌŐΟО"),
    ('p', "ΡР"),
    ('r', "ŔŘ"),
    ('s', "ŚŠŞȘЅ"),
    ('t', "ŤŢȚΤТ"),
    ('u', "ÙÚÛÜŪŮŰ"),
    ('v', "ѴⅤ"),
    ('x', "ΧХⅩ"),
    ('y', "ÝŶΥУ"),
    ('z', "ŹŻŽΖ"),
];
