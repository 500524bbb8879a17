//! Pipes as the kernel reads them: whole characters from bytes that come in pieces, several at once, without waiting.
//! What runs at their other ends is elsewhere.

use std::fs::File;
use std::io::{self, Read};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::time::Duration;

/// A pipe of printed text, read as whole characters.
#[derive(Debug)]
pub(super) struct Text {
    pipe: Option<File>,
    decoder: Decoder,
}

impl Text {
    /// Reads from a pipe, or from none.
    pub fn new(pipe: Option<OwnedFd>) -> io::Result<Text> {
        let pipe = pipe.map(File::from);
        if let Some(pipe) = &pipe {
            set_nonblocking(pipe.as_raw_fd())?;
        }
        Ok(Text { pipe, decoder: Decoder::default() })
    }

    /// What to wait on; negative at the end.
    pub fn fd(&self) -> RawFd {
        self.pipe.as_ref().map_or(-1, AsRawFd::as_raw_fd)
    }

    /// What is there now; `None` when there is nothing.
    pub fn read(&mut self) -> io::Result<Option<String>> {
        let Some(pipe) = &mut self.pipe else { return Ok(None) };
        let mut buffer = vec![0; 1 << 16];
        match pipe.read(&mut buffer) {
            Ok(0) => {
                self.pipe = None;
                let rest = std::mem::take(&mut self.decoder.pending);
                Ok((!rest.is_empty()).then(|| String::from_utf8_lossy(&rest).into_owned()))
            }
            Ok(n) => Ok(Some(self.decoder.decode(&buffer[..n])).filter(|t| !t.is_empty())),
            Err(e) if matches!(e.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted) => Ok(None),
            Err(e) => Err(e),
        }
    }
}

/// Turns bytes that come in pieces into text, whole characters at a time.
#[derive(Debug, Default)]
pub(super) struct Decoder {
    /// The first bytes of a character whose rest has not come yet.
    pending: Vec<u8>,
}

impl Decoder {
    /// The characters that are whole now.
    pub fn decode(&mut self, bytes: &[u8]) -> String {
        self.pending.extend_from_slice(bytes);
        take_text(&mut self.pending)
    }
}

/// Takes all whole characters; bytes that are no UTF-8 become U+FFFD, an unfinished character stays.
fn take_text(bytes: &mut Vec<u8>) -> String {
    let unfinished = match bytes.utf8_chunks().last() {
        Some(last) if !last.invalid().is_empty() && last.invalid().len() < 4 && is_prefix(last.invalid()) => {
            last.invalid().len()
        }
        _ => 0,
    };
    let rest = bytes.split_off(bytes.len() - unfinished);
    let text = String::from_utf8_lossy(bytes).into_owned();
    *bytes = rest;
    text
}

/// Whether these bytes may be the beginning of a character.
fn is_prefix(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_err_and(|e| e.error_len().is_none())
}

pub(super) fn set_nonblocking(fd: RawFd) -> io::Result<()> {
    // SAFETY: plain flag changes on a descriptor that the caller owns.
    let result = unsafe { libc::fcntl(fd, libc::F_SETFL, libc::fcntl(fd, libc::F_GETFL) | libc::O_NONBLOCK) };
    if result < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}

/// A copy of a descriptor with a number of at least 10.
pub(super) fn above(fd: RawFd) -> io::Result<OwnedFd> {
    // SAFETY: duplicates an open descriptor; the copy is ours alone.
    unsafe {
        let copy = libc::fcntl(fd, libc::F_DUPFD_CLOEXEC, 10);
        if copy < 0 { Err(io::Error::last_os_error()) } else { Ok(OwnedFd::from_raw_fd(copy)) }
    }
}

/// Waits until at least one of the descriptors can be read (or has ended), or the time is over, and says which.
pub(super) fn poll<const N: usize>(fds: [RawFd; N], timeout: Option<Duration>) -> io::Result<[bool; N]> {
    let timeout = timeout.map_or(-1, |t| t.as_millis() as i32);
    let mut polled = fds.map(|fd| libc::pollfd { fd, events: libc::POLLIN, revents: 0 });
    loop {
        // SAFETY: the array is valid and of the length given.
        let n = unsafe { libc::poll(polled.as_mut_ptr(), N as libc::nfds_t, timeout) };
        if n >= 0 {
            return Ok(polled.map(|p| p.revents != 0));
        }
        let error = io::Error::last_os_error();
        if error.kind() != io::ErrorKind::Interrupted {
            return Err(error);
        }
    }
}

/// A descriptor that becomes readable when the process ends.
pub(super) fn pidfd(pid: i32) -> io::Result<OwnedFd> {
    // SAFETY: a system call without pointers; the descriptor it gives is ours.
    unsafe {
        let fd = libc::syscall(libc::SYS_pidfd_open, pid, 0);
        if fd < 0 { Err(io::Error::last_os_error()) } else { Ok(OwnedFd::from_raw_fd(fd as RawFd)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_are_never_torn() {
        let mut bytes = "가나".as_bytes()[..4].to_vec();
        assert_eq!(take_text(&mut bytes), "가");
        bytes.extend_from_slice(&"가나".as_bytes()[4..]);
        assert_eq!(take_text(&mut bytes), "나");
        assert!(bytes.is_empty());
    }

    #[test]
    fn bytes_that_are_no_text_do_not_stay() {
        let mut bytes = vec![b'a', 0xff, b'b'];
        assert_eq!(take_text(&mut bytes), "a\u{fffd}b");
        let mut bytes = vec![b'a', 0xff];
        assert_eq!(take_text(&mut bytes), "a\u{fffd}");
    }
}
