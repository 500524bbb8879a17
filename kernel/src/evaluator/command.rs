//! What in a cell is not Rust: lines that begin with a colon, before the Rust code, and `!` for the shell, which takes
//! the whole cell.

use std::io::{self, Read};
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicI32, Ordering};

use super::{CellError, Host, Output, Stream};

/// What a line asks for.
#[derive(Debug, PartialEq)]
pub enum Request<'a> {
    /// `:vars`
    Variables,
    /// `:help`
    Help,
    /// `:dep NAME = "VERSION"`
    Dependency(&'a str),
    /// `:time`, before code
    Time,
    /// `:tensorboard LOGDIR`
    TensorBoard(&'a str),
    /// Anything else behind a colon.
    Unknown(&'a str),
}

/// The command of a cell for the shell; `None` for Rust.
pub fn shell_command(code: &str) -> Option<&str> {
    let code = code.trim();
    let command = code.strip_prefix('!').filter(|rest| rest.starts_with(char::is_alphabetic))?;
    // `!flag` is Rust; a command with an argument, or a bare word that the shell knows, is not.
    let is_rust = !command.contains([' ', '\n']) && syn::parse_str::<syn::Expr>(code).is_ok();
    (!is_rust).then_some(command)
}

/// Takes the requests off the top of a cell. What remains is Rust, with blanks where they were, so that everything
/// stays at its line and column.
pub fn split(code: &str) -> (Vec<Request<'_>>, String) {
    let mut requests = Vec::new();
    let mut rest = String::with_capacity(code.len());
    let mut at = 0;
    for line in code.split_inclusive('\n') {
        let Some((request, length)) = request(line) else {
            if line.trim().is_empty() {
                rest.push_str(line);
                at += line.len();
                continue;
            }
            break;
        };
        rest.extend(line[..length].chars().map(|_| ' '));
        rest.push_str(&line[length..]);
        at += line.len();
        let is_time = request == Request::Time;
        requests.push(request);
        if is_time && !line[length..].trim().is_empty() {
            break;
        }
    }
    rest.push_str(&code[at..]);
    (requests, rest)
}

/// The request in a line and how much of the line it takes.
fn request(line: &str) -> Option<(Request<'_>, usize)> {
    let text = line.trim();
    // What users of IPython type.
    let is_time = |word: &str| matches!(word, ":time" | "%time" | "%%time");
    let word = text.split_whitespace().next()?;
    if is_time(word) {
        return Some((Request::Time, line.len() - line.trim_start().len() + word.len()));
    }
    let command = text.strip_prefix(':').filter(|rest| !rest.starts_with(':'))?;
    let (word, argument) = command.split_once(char::is_whitespace).unwrap_or((command, ""));
    let request = match word {
        "vars" => Request::Variables,
        "help" => Request::Help,
        "dep" => Request::Dependency(argument.trim()),
        "tensorboard" => Request::TensorBoard(argument.trim()),
        other => Request::Unknown(other),
    };
    Some((request, line.trim_end().len()))
}

/// What `:help` prints.
pub const HELP: &str = "\
tf, np, plt, keras, display   are in scope in every cell; complete a name with Tab, ask about it with Shift+Tab
feed! { x => 1.0 }            values for placeholders:   sess.run_with(y, feed! { x => 1.0 })?
shape![None, 784]             a shape with an open dimension
let x = ...;                  stays for later cells; fn, struct, impl, use as well
expression                    without a semicolon at the end of a cell: its value is shown
something()?                  ends the cell with the error, if there is one
input(\"name? \")             asks for a line of text; getpass(...) for one that does not show
:dep NAME = \"VERSION\"       adds a crate: `:dep NAME`, or `:dep NAME = { ... }` as in Cargo.toml
:time CODE                    runs the rest of the cell and prints how long that took
:vars                         the variables and their types
:tensorboard logs             TensorBoard on the event files in a directory
:help                         this text
!command                      runs a command in the shell
";

/// The error of a command that does not exist.
pub fn unknown(name: &str) -> CellError {
    misunderstood(format!("there is no command `:{name}`; `:help` lists those there are"))
}

/// The error of a command whose argument makes no sense.
pub fn misunderstood(value: String) -> CellError {
    CellError { name: "CommandError".into(), traceback: vec![value.clone()], value }
}

/// Runs a command in the shell and hands on what it prints. While it runs, `pid` is its process group's, so that an
/// interrupt reaches it.
///
/// # Errors
/// When it cannot be started, or ends with another status than 0.
pub fn shell(command: &str, pid: &AtomicI32, host: &mut dyn Host) -> Result<(), CellError> {
    let mut run = || -> io::Result<std::process::ExitStatus> {
        let (mut output, input) = io::pipe()?;
        let mut shell = Command::new("sh");
        shell.args(["-c", command]).stdin(Stdio::null()).stdout(input.try_clone()?).stderr(input).process_group(0);
        let mut child = shell.spawn()?;
        // The writing ends live in `shell`; with them open here, the output would never end.
        drop(shell);
        let cells = pid.swap(child.id() as i32, Ordering::SeqCst);
        let mut text = super::pipes::Decoder::default();
        let mut buffer = [0; 1 << 14];
        loop {
            match output.read(&mut buffer) {
                Ok(0) => break,
                Ok(n) => host.show(Output::Stream(Stream::Stdout, text.decode(&buffer[..n]))),
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
        for code in ["!done", "!is_ready()", "::std::process::id()", "1 + 1", "// :vars", "a % b"] {
            assert_eq!((split(code), shell_command(code)), ((vec![], code.to_owned()), None), "{code}");
        }
    }

    #[test]
    fn commands_are_recognised() {
        assert_eq!(split(":vars\n").0, [Request::Variables]);
        assert_eq!(shell_command("!ls -l"), Some("ls -l"));
        assert_eq!(split(":tensorboard ./my logs\n").0, [Request::TensorBoard("./my logs")]);
        assert_eq!(split(":nosuch x").0, [Request::Unknown("nosuch")]);
    }

    #[test]
    fn code_below_commands_stays_where_it_is() {
        let (requests, rest) = split("\n:dep 가 = \"1\"\n:dep b\nuse b;\n:vars");
        assert_eq!(requests, [Request::Dependency("가 = \"1\""), Request::Dependency("b")]);
        assert_eq!(rest, "\n            \n      \nuse b;\n:vars");
        assert_eq!(split("%%time\nf()"), (vec![Request::Time], "      \nf()".to_owned()));
        assert_eq!(split(":time f()"), (vec![Request::Time], "      f()".to_owned()));
    }
}
