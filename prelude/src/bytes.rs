//! TensorFlow's strings are bytes, ours are UTF-8: here one becomes the other, and back, without loss. Bytes that are
//! no UTF-8 stand as characters of the last private plane, much as Python's `surrogateescape` keeps them.

use std::borrow::Cow;

/// The character that stands for byte 0x80 + i is this one + i.
const FIRST: u32 = 0x10_FF80;

/// The text that holds `bytes`.
pub(crate) fn to_text(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            match stands_for(c) {
                // The bytes of such a character must not come back as the one byte it stands for.
                Some(_) => c.encode_utf8(&mut [0; 4]).bytes().for_each(|b| text.push(escaped(b))),
                None => text.push(c),
            }
        }
        text.extend(chunk.invalid().iter().map(|b| escaped(*b)));
    }
    text
}

/// The bytes that `text` holds.
pub(crate) fn of_text(text: &str) -> Cow<'_, [u8]> {
    // All characters that stand for bytes begin with this one, and few others do.
    if !text.as_bytes().contains(&0xf4) {
        return Cow::Borrowed(text.as_bytes());
    }
    let mut bytes = Vec::with_capacity(text.len());
    for c in text.chars() {
        match stands_for(c) {
            Some(byte) => bytes.push(byte),
            None => bytes.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
    Cow::Owned(bytes)
}

fn escaped(byte: u8) -> char {
    char::from_u32(FIRST - 0x80 + u32::from(byte)).unwrap_or(char::REPLACEMENT_CHARACTER)
}

fn stands_for(c: char) -> Option<u8> {
    (c as u32).checked_sub(FIRST).map(|i| 0x80 + i as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_bytes_survive() {
        let all: Vec<u8> = (0..=255).collect();
        let tricky = "\u{10FF80}\u{10FFFF}한글".as_bytes();
        for bytes in [&all[..], b"plain", "한글".as_bytes(), tricky, &[0xf4, 0x8f], b""] {
            assert_eq!(&*of_text(&to_text(bytes)), bytes);
        }
        assert_eq!(to_text("한글".as_bytes()), "한글", "UTF-8 stays readable");
    }
}
