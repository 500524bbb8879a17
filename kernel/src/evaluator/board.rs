//! TensorBoard below a cell: starts it once for a directory, shows it in a frame, ends it with the kernel.

use std::io::{self, BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicI32, Ordering};

use super::{CellError, Host, Output};
use crate::environment::{HOW_TO_GET_TENSORBOARD, TENSORBOARD};

/// How high the frame is, in pixels.
const HEIGHT: u32 = 800;

/// The TensorBoards that cells have started.
#[derive(Default)]
pub struct Boards(Vec<Board>);

struct Board {
    logdir: PathBuf,
    process: Child,
    url: String,
}

impl Drop for Board {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Boards {
    /// Shows TensorBoard on a directory. While it starts, `pid` is its process group's, so that an interrupt reaches it.
    ///
    /// # Errors
    /// When there is no such directory or no TensorBoard, with the way to one, or it does not start.
    pub fn show(&mut self, logdir: &str, pid: &AtomicI32, host: &mut dyn Host) -> Result<(), CellError> {
        let url = self.url(if logdir.is_empty() { "." } else { logdir }, pid).map_err(error)?;
        let html = format!(r#"<iframe src="{url}" width="100%" height="{HEIGHT}" frameborder="0"></iframe>"#);
        let plain = format!("TensorBoard at {url}");
        host.show(Output::Display(
            vec![("text/html".into(), html.into_bytes()), ("text/plain".into(), plain.into_bytes())],
            String::new(),
        ));
        Ok(())
    }

    /// The address of a running TensorBoard on the directory.
    fn url(&mut self, logdir: &str, pid: &AtomicI32) -> Result<String, String> {
        let logdir = Path::new(logdir).canonicalize().map_err(|e| {
            format!("{logdir}: {e}; event files are written by tf::summary::FileWriter::new(LOGDIR, ...)")
        })?;
        self.0.retain_mut(|board| matches!(board.process.try_wait(), Ok(None)));
        if let Some(board) = self.0.iter().find(|board| board.logdir == logdir) {
            return Ok(board.url.clone());
        }
        let program =
            TENSORBOARD.find().ok_or_else(|| format!("TensorBoard was not found; {HOW_TO_GET_TENSORBOARD}"))?;
        let board = start(&program, logdir, pid).map_err(|e| format!("TensorBoard did not start: {e}"))?;
        let url = board.url.clone();
        self.0.push(board);
        Ok(url)
    }
}

/// Starts it on a port that is free and waits until it says which.
fn start(program: &Path, logdir: PathBuf, pid: &AtomicI32) -> io::Result<Board> {
    let mut command = Command::new(program);
    command.arg("--logdir").arg(&logdir).args(["--host", "localhost", "--port", "0"]);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).process_group(0);
    // SAFETY: only async-signal-safe calls between fork and exec.
    unsafe {
        command.pre_exec(|| {
            libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGTERM);
            Ok(())
        });
    }
    let mut board = Board { logdir, process: command.spawn()?, url: String::new() };
    let mut lines = BufReader::new(board.process.stderr.take().ok_or(io::ErrorKind::BrokenPipe)?);
    let cells = pid.swap(board.process.id() as i32, Ordering::SeqCst);
    let found = address(&mut lines);
    pid.store(cells, Ordering::SeqCst);
    board.url = found?;
    // What it says later is of no interest, but must not fill the pipe.
    std::thread::spawn(move || io::copy(&mut lines, &mut io::sink()));
    Ok(board)
}

/// Reads on to the address; when there is none, the error is what was said last.
fn address(lines: &mut impl BufRead) -> io::Result<String> {
    let mut last = String::new();
    loop {
        let mut line = String::new();
        if lines.read_line(&mut line)? == 0 {
            return Err(io::Error::other(last));
        }
        if let Some(url) = line.split_whitespace().find(|word| word.starts_with("http://")) {
            return Ok(url.to_owned());
        }
        if !line.trim().is_empty() {
            last = line.trim().to_owned();
        }
    }
}

fn error(value: String) -> CellError {
    CellError { name: "TensorBoardError".into(), traceback: vec![value.clone()], value }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_is_read_from_what_tensorboard_says() {
        let said = "a warning\nTensorBoard 2.21.0 at http://localhost:37431/ (Press CTRL+C to quit)\nmore\n";
        assert_eq!(address(&mut said.as_bytes()).unwrap(), "http://localhost:37431/");
        assert_eq!(address(&mut "one\nno port\n\n".as_bytes()).unwrap_err().to_string(), "no port");
    }
}
