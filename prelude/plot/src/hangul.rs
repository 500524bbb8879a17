//! Hangul syllables written letter by letter (Unicode's form D, as macOS writes file names), put together again.

use std::borrow::Cow;

/// The first letters, vowels and final letters of syllables, by Unicode's arithmetic (chapter 3.12).
const LEADS: std::ops::Range<u32> = 0x1100..0x1113;
const VOWELS: std::ops::Range<u32> = 0x1161..0x1176;
const TAILS: std::ops::Range<u32> = 0x11a8..0x11c3;
const SYLLABLES: u32 = 0xac00;

/// The text with whole syllables.
pub(crate) fn composed(text: &str) -> Cow<'_, str> {
    if !text.chars().any(|ch| VOWELS.contains(&u32::from(ch))) {
        return Cow::Borrowed(text);
    }
    let mut whole = String::with_capacity(text.len());
    let mut letters = text.chars().peekable();
    let next_in = |letters: &mut std::iter::Peekable<std::str::Chars>, range: &std::ops::Range<u32>| {
        letters.next_if(|ch| range.contains(&u32::from(*ch))).map(u32::from)
    };
    while let Some(ch) = letters.next() {
        let lead = u32::from(ch);
        let vowel = if LEADS.contains(&lead) { next_in(&mut letters, &VOWELS) } else { None };
        let Some(vowel) = vowel else {
            whole.push(ch);
            continue;
        };
        let tail = next_in(&mut letters, &TAILS).map_or(0, |tail| tail - TAILS.start + 1);
        let syllable = SYLLABLES + ((lead - LEADS.start) * 21 + (vowel - VOWELS.start)) * 28 + tail;
        whole.push(char::from_u32(syllable).unwrap_or(ch));
    }
    Cow::Owned(whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_become_syllables() {
        assert_eq!(composed("\u{1112}\u{1161}\u{11ab}\u{1100}\u{1173}\u{11af} A"), "한글 A");
        assert_eq!(composed("한글"), "한글");
        assert_eq!(composed("\u{1161}\u{1112}"), "\u{1161}\u{1112}");
    }
}
