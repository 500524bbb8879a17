//! The child process from the kernel's side: starting it, its pipes, its output in order, its end.

use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};
use std::time::Duration;

use flowbook_runtime::channel::Receipt;
use flowbook_runtime::child::{COMMANDS_FD, FRAMES_FD, RECEIPTS_FD, WAKE_FD};
use flowbook_runtime::frame::{Command as ToChild, Frame};

use super::pipes::{Text, above, pidfd, poll};
use super::toolchain::Toolchain;
use super::{Answer, Output, Stream};

/// The first argument of the executable when it is to run cells.
pub const CHILD_ARGUMENT: &str = "__cells";

/// What comes from the child.
#[derive(Debug)]
pub enum Event {
    /// Printed text.
    Printed(Stream, String),
    /// A frame. One that asks for input waits for [`Process::answer`].
    Frame(Frame),
    /// It waits in a read from standard input, for [`Process::answer_read`].
    Reads,
    /// The child is gone.
    Ended(ExitStatus),
}

/// Who sees what a loaded object defines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Itself.
    Own,
    /// Every object loaded after it.
    Global,
}

/// A running child.
#[derive(Debug)]
pub struct Process {
    /// Becomes readable when the process has ended; its output pipes do not, as the spare copy holds them too.
    pidfd: OwnedFd,
    commands: File,
    frames: File,
    receipts: File,
    wake: File,
    /// Its standard input, until that is at its end.
    stdin: Option<File>,
    /// Whether the running cell's reads from standard input are to be noticed.
    answered: bool,
    stdout: Text,
    stderr: Text,
    /// The end of what was printed to stderr: the runtime's last words.
    last_words: String,
    pid: Arc<AtomicI32>,
}

impl Process {
    /// Starts a child; `pid` is kept up to date for whoever sends it signals.
    ///
    /// # Errors
    /// When the system gives no pipe or process.
    pub fn start(toolchain: &Toolchain, pid: Arc<AtomicI32>) -> io::Result<Process> {
        let (commands_read, commands) = io::pipe()?;
        let (frames, frames_write) = io::pipe()?;
        let (receipts_read, receipts) = io::pipe()?;
        let (wake_read, wake) = io::pipe()?;
        let (stdin_read, stdin) = io::pipe()?;
        // A spare copy that takes over is our grandchild; as its reaper we learn how it ends.
        // SAFETY: a flag of this process.
        unsafe { libc::prctl(libc::PR_SET_CHILD_SUBREAPER, 1) };
        // Out of the way of the numbers they get in the child.
        let ends = [
            (above(commands_read.as_raw_fd())?, COMMANDS_FD),
            (above(frames_write.as_raw_fd())?, FRAMES_FD),
            (above(receipts_read.as_raw_fd())?, RECEIPTS_FD),
            (above(wake_read.as_raw_fd())?, WAKE_FD),
        ];
        let moves = ends.each_ref().map(|(end, number)| (end.as_raw_fd(), *number));
        let mut command = Command::new(&toolchain.executable);
        command.arg(CHILD_ARGUMENT).arg(&toolchain.libstd).arg(&toolchain.library);
        command.stdin(stdin_read).stdout(Stdio::piped()).stderr(Stdio::piped());
        // A group of its own: Ctrl-C in the terminal reaches the kernel, which decides what to stop.
        command.process_group(0);
        // SAFETY: only async-signal-safe calls between fork and exec.
        unsafe {
            command.pre_exec(move || {
                for (from, to) in moves {
                    if libc::dup2(from, to) < 0 {
                        return Err(io::Error::last_os_error());
                    }
                }
                libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL);
                Ok(())
            });
        }
        let mut child = command.spawn()?;
        let pidfd = pidfd(child.id() as i32)?;
        pid.store(child.id() as i32, Ordering::SeqCst);
        let stdout = Text::new(child.stdout.take().map(OwnedFd::from))?;
        let stderr = Text::new(child.stderr.take().map(OwnedFd::from))?;
        let commands = File::from(OwnedFd::from(commands));
        let frames = File::from(OwnedFd::from(frames));
        let receipts = File::from(OwnedFd::from(receipts));
        let wake = File::from(OwnedFd::from(wake));
        let stdin = Some(File::from(OwnedFd::from(stdin)));
        let (last_words, answered) = (String::new(), false);
        Ok(Process { pidfd, commands, frames, receipts, wake, stdin, answered, stdout, stderr, last_words, pid })
    }

    /// Sends a command.
    ///
    /// # Errors
    /// When the child is gone.
    pub fn send(&mut self, command: &ToChild) -> io::Result<()> {
        command.write(&mut self.commands)
    }

    /// Has it run a cell.
    ///
    /// # Errors
    /// When the child is gone.
    pub fn run(&mut self, library: &str, entry: &str, scope: Scope, stdin: bool) -> io::Result<()> {
        self.answered = stdin && self.stdin.is_some();
        let global = scope == Scope::Global;
        self.send(&ToChild::Run { library: library.to_owned(), entry: entry.to_owned(), global, stdin })
    }

    /// The processor time it has used, all threads together.
    pub fn cpu_time(&self) -> Duration {
        let (mut clock, mut time) = (0, libc::timespec { tv_sec: 0, tv_nsec: 0 });
        // SAFETY: both calls write to valid places only.
        let known = unsafe {
            libc::clock_getcpuclockid(self.pid.load(Ordering::SeqCst), &raw mut clock) == 0
                && libc::clock_gettime(clock, &raw mut time) == 0
        };
        if known { Duration::new(time.tv_sec as u64, time.tv_nsec as u32) } else { Duration::ZERO }
    }

    /// Answers a frame that asks for input.
    ///
    /// # Errors
    /// When a pipe breaks.
    pub fn answer(&mut self, answer: Answer) -> io::Result<()> {
        match (answer, &mut self.stdin) {
            (Answer::Line(line), Some(stdin)) => {
                self.receipts.write_all(&[Receipt::Taken as u8])?;
                write_line(stdin, &line)
            }
            (Answer::Interrupted, _) => self.receipts.write_all(&[Receipt::Interrupted as u8]),
            _ => self.receipts.write_all(&[Receipt::Refused as u8]),
        }
    }

    /// Answers a read from standard input; without an answer the input is at its end.
    ///
    /// # Errors
    /// When a pipe breaks.
    pub fn answer_read(&mut self, answer: Answer) -> io::Result<()> {
        match (answer, &mut self.stdin) {
            (Answer::Line(line), Some(stdin)) => return write_line(stdin, &line),
            (Answer::Refused, stdin) => *stdin = None,
            _ => {}
        }
        // The read goes on until the cell is ended, but nobody is to be asked again.
        self.answered = false;
        Ok(())
    }

    /// Whether a thread of it waits for standard input and nothing is there.
    fn reads(&self) -> bool {
        let Some(stdin) = &self.stdin else { return false };
        let mut unread: libc::c_int = 0;
        // SAFETY: asks a pipe of ours for a number, which is written to a valid place.
        if unsafe { libc::ioctl(stdin.as_raw_fd(), libc::FIONREAD, &raw mut unread) } < 0 || unread > 0 {
            return false;
        }
        let reading = format!("{} 0x0 ", libc::SYS_read);
        let tasks = std::fs::read_dir(format!("/proc/{}/task", self.pid.load(Ordering::SeqCst)));
        let mut tasks = tasks.into_iter().flatten().flatten();
        tasks.any(|task| std::fs::read_to_string(task.path().join("syscall")).is_ok_and(|s| s.starts_with(&reading)))
    }

    /// Waits for what comes next. Text that was printed before a frame comes before it.
    ///
    /// # Errors
    /// When a pipe breaks in a way that is not the child's end.
    pub fn next(&mut self) -> io::Result<Event> {
        loop {
            let fds = [self.stdout.fd(), self.stderr.fd(), self.frames.as_raw_fd(), self.pidfd.as_raw_fd()];
            let [out, err, frame, ended] = poll(fds, self.answered.then_some(QUIET))?;
            if ![out, err, frame, ended].contains(&true) && self.reads() {
                return Ok(Event::Reads);
            }
            if out && let Some(text) = self.stdout.read()? {
                return Ok(Event::Printed(Stream::Stdout, text));
            }
            if err && let Some(text) = self.stderr.read()? {
                self.last_words.push_str(&text);
                keep_end(&mut self.last_words, LAST_WORDS);
                return Ok(Event::Printed(Stream::Stderr, text));
            }
            if out || err {
                continue;
            }
            if !frame {
                if ended {
                    return Ok(Event::Ended(self.end()?));
                }
                continue;
            }
            // Nothing printed was there when we looked, but some may have come since, before the frame.
            if let Some(text) = self.stdout.read()? {
                return Ok(Event::Printed(Stream::Stdout, text));
            }
            if let Some(text) = self.stderr.read()? {
                return Ok(Event::Printed(Stream::Stderr, text));
            }
            return match self.read_frame()? {
                Some(frame) => Ok(Event::Frame(frame)),
                None => Ok(Event::Ended(self.end()?)),
            };
        }
    }

    /// Whether the process has ended.
    pub fn has_ended(&self) -> bool {
        poll([self.pidfd.as_raw_fd()], Some(Duration::ZERO)).is_ok_and(|[ended]| ended)
    }

    /// Wakes the spare copy after the running process has ended; true when it took over.
    ///
    /// # Errors
    /// When a pipe breaks.
    pub fn wake(&mut self) -> io::Result<bool> {
        self.discard_frames()?;
        self.last_words.clear();
        self.wake.write_all(&[1])?;
        let [answered] = poll([self.frames.as_raw_fd()], Some(WAKING))?;
        if !answered {
            return Ok(false);
        }
        let Some(Frame::Woken { pid }) = self.read_frame()? else { return Ok(false) };
        self.pidfd = pidfd(pid as i32)?;
        self.pid.store(pid as i32, Ordering::SeqCst);
        Ok(true)
    }

    fn read_frame(&mut self) -> io::Result<Option<Frame>> {
        let frame = Frame::read(&mut self.frames)?;
        if frame.as_ref().is_some_and(|frame| !matches!(frame, Frame::Input { .. })) {
            self.receipts.write_all(&[Receipt::Taken as u8])?;
        }
        Ok(frame)
    }

    /// A process that was killed may have left half a frame. Nobody writes while we look: the copy sleeps.
    fn discard_frames(&mut self) -> io::Result<()> {
        while poll([self.frames.as_raw_fd()], Some(Duration::ZERO))?[0] {
            if self.frames.read(&mut [0; 1 << 16])? == 0 {
                break;
            }
        }
        Ok(())
    }

    fn end(&mut self) -> io::Result<ExitStatus> {
        let pid = self.pid.swap(0, Ordering::SeqCst);
        let mut status = 0;
        // SAFETY: waits for our own (adopted) child, once.
        if unsafe { libc::waitpid(pid, &raw mut status, 0) } < 0 {
            return Err(io::Error::last_os_error());
        }
        Ok(ExitStatus::from_raw(status))
    }

    /// How the process ended: a class for the error, and words.
    pub fn describe(&self, status: ExitStatus) -> (&'static str, String) {
        let last_words = &self.last_words;
        if last_words.contains("has overflowed its stack") {
            return (
                "StackOverflow",
                "stack overflow: a function calls itself without end, or a local array is too large".into(),
            );
        }
        if let Some(at) = last_words.find("memory allocation of") {
            let line = last_words[at..].lines().next().unwrap_or_default();
            return ("OutOfMemory", format!("out of memory: {line}"));
        }
        let Some(signal) = status.signal() else {
            return ("SystemExit", format!("it exited with status {}", status.code().unwrap_or(-1)));
        };
        let (class, meaning) = match signal {
            libc::SIGSEGV => ("SegmentationFault", "SIGSEGV: invalid memory access"),
            libc::SIGBUS => ("SegmentationFault", "SIGBUS: invalid memory access"),
            libc::SIGABRT => ("Abort", "SIGABRT: abort"),
            libc::SIGKILL => ("Killed", "SIGKILL: killed, perhaps for want of memory"),
            libc::SIGILL => ("IllegalInstruction", "SIGILL: illegal instruction"),
            libc::SIGFPE => ("ArithmeticError", "SIGFPE: arithmetic exception"),
            _ => return ("Killed", format!("signal {signal}")),
        };
        (class, meaning.to_owned())
    }
}

/// How much of stderr is looked at for the reason of a death; a backtrace may follow the words that tell it.
const LAST_WORDS: usize = 1 << 16;

/// How long a cell must have been quiet before we look whether it reads from standard input.
const QUIET: Duration = Duration::from_millis(50);

fn write_line(stdin: &mut File, line: &str) -> io::Result<()> {
    // One question, one line.
    let line = line.replace('\n', " ") + "\n";
    stdin.write_all(line.as_bytes())
}

/// How long a spare copy may take to answer, on a busy machine. Where there is none, the pipe's end says so at once.
const WAKING: Duration = Duration::from_secs(10);

fn keep_end(text: &mut String, bytes: usize) {
    let cut = text.ceil_char_boundary(text.len().saturating_sub(bytes));
    text.drain(..cut);
}

impl Drop for Process {
    fn drop(&mut self) {
        let pid = self.pid.load(Ordering::SeqCst);
        if pid > 0 {
            // SAFETY: our own child, which has not been waited for.
            unsafe { libc::kill(pid, libc::SIGKILL) };
            let _ = self.end();
        }
    }
}

/// What an event that is not of the cell's control flow shows.
pub fn output(frame: Frame) -> Result<Output, Frame> {
    Ok(match frame {
        Frame::Display { data, id } => Output::Display(data, id),
        Frame::UpdateDisplay { data, id } => Output::UpdateDisplay(data, id),
        Frame::ClearOutput { wait } => Output::ClearOutput(wait),
        Frame::Result { data } => Output::Result(data),
        other => return Err(other),
    })
}

/// When the executable was started to run cells, does so and returns true.
pub fn child_main_if_requested() -> bool {
    let mut arguments = std::env::args_os().skip(1);
    if arguments.next().is_none_or(|first| first != CHILD_ARGUMENT) {
        return false;
    }
    let libraries: Vec<_> = arguments.collect();
    if let Err(message) = enter_library(&libraries) {
        eprintln!("flowbook: cells cannot run: {message}");
        std::process::exit(1);
    }
    true
}

/// Loads the dylibs for all to see (cells are linked against nothing) and enters the last one.
fn enter_library(paths: &[std::ffi::OsString]) -> Result<(), String> {
    use std::ffi::{CStr, CString};
    use std::os::unix::ffi::OsStrExt;
    // SAFETY: the libraries are the standard library and our own; the entry is declared `extern "C" fn()`.
    unsafe {
        let mut handle = std::ptr::null_mut();
        for path in paths {
            let path = CString::new(path.as_bytes()).map_err(|e| e.to_string())?;
            handle = libc::dlopen(path.as_ptr(), libc::RTLD_NOW | libc::RTLD_GLOBAL);
            if handle.is_null() {
                return Err(CStr::from_ptr(libc::dlerror()).to_string_lossy().into_owned());
            }
        }
        let entry = libc::dlsym(handle, c"flowbook_child_main".as_ptr());
        if entry.is_null() {
            return Err("the library has no entry for cells".into());
        }
        std::mem::transmute::<*mut libc::c_void, extern "C" fn()>(entry)();
    }
    Ok(())
}
