//! Cells that are not Rust: `:vars`, `:help`, `:tensorboard`, and `!` for the shell. A command is a cell of its own.

use std::io::{self, Read};
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicI32, Ordering};

use super::{CellError, Output, Stream};

/// What a cell asks for when its first character says that it is no Rust.
#[derive(Debug, PartialEq)]
pub enum Request<'a> {
    /// `:vars`
    Variables,
    /// `:help`
    Help,
    /// `:tensorboard LOGDIR`
    TensorBoard(&'a str),
    /// `!command`
    Shell(&'a str),
    /// Anything else behind a colon.
    Unknown(&'a str),
}

impl Request<'_> {
    /// The request, or `None` for Rust.
    pub fn parse(code: &str) -> Option<Request<'_>> {
        let code = code.trim();
        if let Some(command) = code.strip_prefix('!').filter(|rest| rest.starts_with(char::is_alphabetic)) {
            // `!flag` is Rust; a command with an argument, or a bare word that the shell knows, is not.
            let is_rust = !command.contains([' ', '\n']) && syn::parse_str::<syn::Expr>(code).is_ok();
            return (!is_rust).then_some(Request::Shell(command));
        }
        let command = code.strip_prefix(':').filter(|rest| !rest.starts_with(':'))?;
        let (name, argument) = command.split_once(char::is_whitespace).unwrap_or((command, ""));
        Some(match name {
            "vars" => Request::Variables,
            "help" => Request::Help,
            "tensorboard" => Request::TensorBoard(argument.trim()),
            other => Request::Unknown(other),
        })
    }
}

/// What `:help` prints.
pub const HELP: &str = "\
tf, np, plt, keras, display   are in scope in every cell; complete a name with Tab, ask about it with Shift+Tab
feed! { x => 1.0 }            values for placeholders:   sess.run_with(y, feed! { x => 1.0 })?
shape![None, 784]             a shape with an open dimension
let x = ...;                  stays for later cells; fn, struct, impl, use as well
expression                    without a semicolon at the end of a cell: its value is shown
something()?                  ends the cell with the error, if there is one
:vars                         the variables and their types
:tensorboard logs             TensorBoard on the event files in a directory
:help                         this text
!command                      runs a command in the shell
";

/// The error of a command that does not exist.
pub fn unknown(name: &str) -> CellError {
    let value = format!("there is no command `:{name}`; `:help` lists those there are");
    CellError { name: "CommandError".into(), traceback: vec![value.clone()], value }
}

/// Runs a command in the shell and hands on what it prints. While it runs, `pid` is its process group's, so that an
/// interrupt reaches it.
///
/// # Errors
/// When it cannot be started, or ends with another status than 0.
pub fn shell(command: &str, pid: &AtomicI32, sink: &mut dyn FnMut(Output)) -> Result<(), CellError> {
    let mut run = || -> io::Result<std::process::ExitStatus> {
        let (mut output, input) = io::pipe()?;
        let mut shell = Command::new("sh");
        shell.args(["-c", command]).stdin(Stdio::null()).stdout(input.try_clone()?).stderr(input).process_group(0);
        let mut child = shell.spawn()?;
        // The writing ends live in `shell`; with them open here, the output would never end.
        drop(shell);
        let cells = pid.swap(child.id() as i32, Ordering::SeqCst);
        let mut text = super::process::Decoder::default();
        let mut buffer = [0; 1 << 14];
        loop {
            match output.read(&mut buffer) {
                Ok(0) => break,
                Ok(n) => sink(Output::Stream(Stream::Stdout, text.decode(&buffer[..n]))),
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => break,
            }
        }
        pid.store(cells, Ordering::SeqCst);
        child.wait()
    };
    let failure = match run() {
        Ok(status) if status.success() => return Ok(()),
        Ok(status) => format!("`{command}` ended with {status}"),
        Err(error) => format!("the shell could not be started: {error}"),
    };
    Err(CellError { name: "ShellError".into(), traceback: vec![failure.clone()], value: failure })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rust_is_no_command() {
        for code in ["!done", "!is_ready()", "::std::process::id()", "1 + 1", "// :vars"] {
            assert_eq!(Request::parse(code), None, "{code}");
        }
    }

    #[test]
    fn commands_are_recognised() {
        assert_eq!(Request::parse(":vars\n"), Some(Request::Variables));
        assert_eq!(Request::parse("!ls -l"), Some(Request::Shell("ls -l")));
        assert_eq!(Request::parse(":tensorboard ./my logs\n"), Some(Request::TensorBoard("./my logs")));
        assert_eq!(Request::parse(":dep rand"), Some(Request::Unknown("dep")));
    }
}
