//! TFRecord framing: length, masked CRC-32C of the length, data, masked CRC-32C of the data.
//! What the data mean is not known here.

use std::io::{self, Read};

/// The polynomial of CRC-32C (Castagnoli), bits reversed.
const POLYNOMIAL: u32 = 0x82f6_3b78;

/// `TABLES[k][b]`: the checksum of byte `b` followed by `k` zero bytes, so that eight bytes are taken at a time.
static TABLES: [[u32; 256]; 8] = tables();

const fn tables() -> [[u32; 256]; 8] {
    let mut tables = [[0; 256]; 8];
    let mut byte = 0;
    while byte < 256 {
        let mut crc = byte as u32;
        let mut bit = 0;
        while bit < 8 {
            crc = if crc & 1 == 1 { crc >> 1 ^ POLYNOMIAL } else { crc >> 1 };
            bit += 1;
        }
        tables[0][byte] = crc;
        byte += 1;
    }
    let mut k = 1;
    while k < 8 {
        let mut byte = 0;
        while byte < 256 {
            let before = tables[k - 1][byte];
            tables[k][byte] = before >> 8 ^ tables[0][(before & 0xff) as usize];
            byte += 1;
        }
        k += 1;
    }
    tables
}

/// The CRC-32C of `data`.
///
/// ```
/// assert_eq!(flowbook_summary::record::crc32c(b"123456789"), 0xe306_9283); // the check value of RFC 3720
/// ```
pub fn crc32c(data: &[u8]) -> u32 {
    let mut crc = !0u32;
    let mut chunks = data.chunks_exact(8);
    for chunk in &mut chunks {
        let word = u64::from_le_bytes(chunk.try_into().expect("a chunk of eight")) ^ u64::from(crc);
        crc = (0..8).fold(0, |sum, k| sum ^ TABLES[7 - k][(word >> (8 * k) & 0xff) as usize]);
    }
    for byte in chunks.remainder() {
        crc = crc >> 8 ^ TABLES[0][((crc ^ u32::from(*byte)) & 0xff) as usize];
    }
    !crc
}

/// The checksum as records hold it: a CRC of data that contain CRCs would be a weak one, so it is rotated and shifted.
pub fn masked_crc32c(data: &[u8]) -> u32 {
    crc32c(data).rotate_right(15).wrapping_add(0xa282_ead8)
}

/// How many bytes a record has besides its data.
pub const OVERHEAD: usize = 16;

/// Appends one record, whose data `write` appends to the buffer.
pub fn append(buffer: &mut Vec<u8>, write: impl FnOnce(&mut Vec<u8>)) {
    let start = buffer.len();
    buffer.extend_from_slice(&[0; 12]);
    write(buffer);
    let length = (buffer.len() - start - 12) as u64;
    buffer[start..start + 8].copy_from_slice(&length.to_le_bytes());
    let check = masked_crc32c(&buffer[start..start + 8]);
    buffer[start + 8..start + 12].copy_from_slice(&check.to_le_bytes());
    let check = masked_crc32c(&buffer[start + 12..]);
    buffer.extend_from_slice(&check.to_le_bytes());
}

/// The records of a file, up to the end or to a record that is not complete yet.
///
/// An incomplete record at the end is no error: its writer may be at work on it.
pub struct Records<R>(R);

impl<R: Read> Records<R> {
    /// Reads from `source`.
    pub fn new(source: R) -> Records<R> {
        Records(source)
    }

    fn next_record(&mut self) -> io::Result<Option<Vec<u8>>> {
        let mut head = [0; 12];
        if !self.fill(&mut head)? {
            return Ok(None);
        }
        let (length, check) = head.split_at(8);
        verify(length, check)?;
        let length = u64::from_le_bytes(length.try_into().expect("eight bytes"));
        let mut data = Vec::new();
        let got = (&mut self.0).take(length + 4).read_to_end(&mut data)? as u64;
        if got < length + 4 {
            return Ok(None);
        }
        let check = data.split_off(length as usize);
        verify(&data, &check)?;
        Ok(Some(data))
    }

    /// False at the end of the file.
    fn fill(&mut self, buffer: &mut [u8]) -> io::Result<bool> {
        match self.0.read_exact(buffer) {
            Ok(()) => Ok(true),
            Err(e) if e.kind() == io::ErrorKind::UnexpectedEof => Ok(false),
            Err(e) => Err(e),
        }
    }
}

impl<R: Read> Iterator for Records<R> {
    type Item = io::Result<Vec<u8>>;
    fn next(&mut self) -> Option<io::Result<Vec<u8>>> {
        self.next_record().transpose()
    }
}

fn verify(data: &[u8], check: &[u8]) -> io::Result<()> {
    if masked_crc32c(data).to_le_bytes() == check {
        return Ok(());
    }
    Err(io::Error::new(io::ErrorKind::InvalidData, "corrupted record"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checksums_are_those_of_the_standard() {
        // RFC 3720, appendix B.4: 32 bytes of zeros, of ones, ascending.
        assert_eq!(crc32c(&[0; 32]), 0x8a91_36aa);
        assert_eq!(crc32c(&[0xff; 32]), 0x62a8_ab43);
        assert_eq!(crc32c(&(0..32).collect::<Vec<u8>>()), 0x46dd_794e);
        assert_eq!(crc32c(b""), 0);
    }

    #[test]
    fn records_come_back_whole_or_not_at_all() {
        let mut file = Vec::new();
        let parts: [&[u8]; 3] = [b"one", b"", b"the third, of more than eight bytes"];
        parts.iter().for_each(|part| append(&mut file, |buffer| buffer.extend_from_slice(part)));
        assert_eq!(file.len(), parts.iter().map(|p| p.len() + OVERHEAD).sum::<usize>());
        let ends = [19, 35, file.len()];
        for cut in 0..=file.len() {
            let whole = ends.iter().filter(|end| **end <= cut).count();
            let read: io::Result<Vec<Vec<u8>>> = Records::new(&file[..cut]).collect();
            assert_eq!(read.unwrap(), &parts[..whole], "cut at {cut}");
        }
    }

    #[test]
    fn a_changed_byte_is_noticed() {
        let mut file = Vec::new();
        append(&mut file, |buffer| buffer.extend_from_slice(b"data"));
        for i in 0..file.len() {
            let mut bad = file.clone();
            bad[i] ^= 1;
            assert!(Records::new(&bad[..]).any(|r| r.is_err()), "byte {i}");
        }
    }
}
