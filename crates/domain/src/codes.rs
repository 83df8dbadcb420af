//! Codes that people copy from paper or a screen: letters and digits that nobody takes for one
//! another, as Crockford chose them.

/// One letter for five bits.
pub(crate) const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// A code from chance, a letter for each byte.
pub fn from_random<const LETTERS: usize>(bytes: [u8; LETTERS]) -> String {
    let letter = |byte: u8| char::from(ALPHABET[usize::from(byte & 31)]);
    bytes.into_iter().map(letter).collect()
}

/// Reads one letter as people write it: in capitals or not, an O for a zero, an I or L for a
/// one; its five bits.
pub(crate) fn bits(letter: u8) -> Option<usize> {
    let letter = match letter.to_ascii_uppercase() {
        b'O' => b'0',
        b'I' | b'L' => b'1',
        other => other,
    };
    ALPHABET.iter().position(|known| *known == letter)
}

/// Reads a code of so many letters as people write it, with or without hyphens and spaces.
pub fn parse(raw: &str, letters: usize) -> Option<String> {
    let plain = raw.bytes().filter(|byte| !matches!(byte, b'-' | b' '));
    let code: Option<String> = plain
        .take(letters + 1)
        .map(|letter| bits(letter).map(|bits| char::from(ALPHABET[bits])))
        .collect();
    code.filter(|code| code.len() == letters)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_reads_as_people_write_it() {
        let code = from_random([0, 31, 1, 24, 10, 255, 33, 7, 8, 9]);
        assert_eq!(code, "0Z1RAZ1789");
        for written in ["0Z1RAZ1789", "oz1ra-zl789", " O Z I R A Z 1 7 8 9"] {
            assert_eq!(parse(written, 10).as_ref(), Some(&code), "{written}");
        }
        for wrong in ["0Z1RAZ178", "0Z1RAZ17890", "0Z1RAZ178U", "0Z1RAZ178đ"] {
            assert_eq!(parse(wrong, 10), None, "{wrong}");
        }
    }
}
