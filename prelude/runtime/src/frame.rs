//! The frames that pass between the kernel and the child process that runs the cells, and their bytes.
//! Both sides use this module, so the two can never disagree; it does no I/O beyond `Read` and `Write`.

use std::io::{self, Read, Write};

/// Alternative forms of one output, by MIME type; text is UTF-8, pictures are raw bytes.
pub type MimeBundle = Vec<(String, Vec<u8>)>;

/// The name of the entry of a bundle that is not a form of the output but its `metadata`, a JSON object.
pub const METADATA: &str = "application/vnd.flowbook.metadata+json";

/// From the child to the kernel.
#[derive(Clone, Debug, PartialEq)]
pub enum Frame {
    /// The child is up and takes commands.
    Ready,
    /// A rich output; with an id it can be updated later.
    Display {
        /// The forms of the output.
        data: MimeBundle,
        /// The display id, empty when the output is never updated.
        id: String,
    },
    /// New content for the outputs shown under this id.
    UpdateDisplay {
        /// The forms of the output.
        data: MimeBundle,
        /// The display id.
        id: String,
    },
    /// Remove the cell's outputs; with `wait`, only once the next one comes.
    ClearOutput {
        /// Whether to wait for the next output.
        wait: bool,
    },
    /// The value of the cell's last expression.
    Result {
        /// The forms of the value.
        data: MimeBundle,
    },
    /// The cell ended with an error.
    Error {
        /// The error's class, such as `FailedPreconditionError` or `Panic`.
        name: String,
        /// Its message.
        value: String,
        /// File, line and column (from 1) where it arose, when known; an empty file when not.
        file: String,
        /// The line, 0 when unknown.
        line: u32,
        /// The column, 0 when unknown.
        column: u32,
    },
    /// All variables now stored; sent before `Done`.
    Variables {
        /// What is in the store.
        stock: Vec<Stored>,
    },
    /// The cell is over; nothing more comes until the next command.
    Done,
    /// The cell asks the user for a line; the receipt comes with the answer, which is a line on standard input.
    Input {
        /// What the user is asked.
        prompt: String,
        /// Whether the answer must not show.
        password: bool,
    },
    /// This process took over from one that died, with the variables of the last completed cell.
    Woken {
        /// Its process id.
        pid: u32,
    },
}

/// A variable in the store.
#[derive(Clone, Debug, PartialEq)]
pub struct Stored {
    /// Its name.
    pub name: String,
    /// When the cell that just ran kept it: the mark of the line that did, and the type as `std::any::type_name` has it
    /// (empty where that would not tell).
    pub kept: Option<(u32, String)>,
}

/// From the kernel to the child.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// Load this shared object and run its entry function.
    Run {
        /// Path of the shared object.
        library: String,
        /// Name of the function to call; nothing if only what it defines is wanted.
        entry: String,
        /// Whether later cells use what it defines.
        global: bool,
        /// Whether somebody can answer reads from standard input; otherwise it is at its end.
        stdin: bool,
    },
    /// Drop variables.
    Forget {
        /// Their names.
        names: Vec<String>,
    },
}

impl Frame {
    /// Writes the frame; one `write_all`, so that frames of several threads never mix.
    ///
    /// # Errors
    /// Whatever the writer reports.
    pub fn write(&self, to: &mut dyn Write) -> io::Result<()> {
        let mut e = Encoder::default();
        match self {
            Frame::Ready => e.tag(0),
            Frame::Display { data, id } => e.tag(1).bundle(data).text(id),
            Frame::UpdateDisplay { data, id } => e.tag(2).bundle(data).text(id),
            Frame::ClearOutput { wait } => e.tag(3).number(u32::from(*wait)),
            Frame::Result { data } => e.tag(4).bundle(data),
            Frame::Error { name, value, file, line, column } => {
                e.tag(5).text(name).text(value).text(file).number(*line).number(*column)
            }
            Frame::Variables { stock } => e.tag(6).stock(stock),
            Frame::Done => e.tag(7),
            Frame::Woken { pid } => e.tag(8).number(*pid),
            Frame::Input { prompt, password } => e.tag(9).text(prompt).number(u32::from(*password)),
        };
        e.send(to)
    }

    /// Reads one frame; `None` at the end of the stream.
    ///
    /// # Errors
    /// Whatever the reader reports, and `InvalidData` for bytes that are no frame.
    pub fn read(from: &mut dyn Read) -> io::Result<Option<Frame>> {
        let Some(mut d) = Decoder::receive(from)? else { return Ok(None) };
        Ok(Some(match d.tag()? {
            0 => Frame::Ready,
            1 => Frame::Display { data: d.bundle()?, id: d.text()? },
            2 => Frame::UpdateDisplay { data: d.bundle()?, id: d.text()? },
            3 => Frame::ClearOutput { wait: d.number()? != 0 },
            4 => Frame::Result { data: d.bundle()? },
            5 => Frame::Error {
                name: d.text()?,
                value: d.text()?,
                file: d.text()?,
                line: d.number()?,
                column: d.number()?,
            },
            6 => Frame::Variables { stock: d.stock()? },
            7 => Frame::Done,
            8 => Frame::Woken { pid: d.number()? },
            9 => Frame::Input { prompt: d.text()?, password: d.number()? != 0 },
            _ => return Err(malformed()),
        }))
    }
}

impl Command {
    /// Writes the command.
    ///
    /// # Errors
    /// Whatever the writer reports.
    pub fn write(&self, to: &mut dyn Write) -> io::Result<()> {
        let mut e = Encoder::default();
        match self {
            Command::Run { library, entry, global, stdin } => {
                e.tag(0).text(library).text(entry).number(u32::from(*global)).number(u32::from(*stdin))
            }
            Command::Forget { names } => {
                e.tag(1).number(names.len() as u32);
                names.iter().fold(&mut e, |e, n| e.text(n))
            }
        };
        e.send(to)
    }

    /// Reads one command; `None` at the end of the stream.
    ///
    /// # Errors
    /// Whatever the reader reports, and `InvalidData` for bytes that are no command.
    pub fn read(from: &mut dyn Read) -> io::Result<Option<Command>> {
        let Some(mut d) = Decoder::receive(from)? else { return Ok(None) };
        Ok(Some(match d.tag()? {
            0 => {
                Command::Run { library: d.text()?, entry: d.text()?, global: d.number()? != 0, stdin: d.number()? != 0 }
            }
            1 => {
                let n = d.number()?;
                Command::Forget { names: (0..n).map(|_| d.text()).collect::<io::Result<_>>()? }
            }
            _ => return Err(malformed()),
        }))
    }
}

fn malformed() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "malformed frame between kernel and child")
}

#[derive(Default)]
struct Encoder(Vec<u8>);

impl Encoder {
    fn tag(&mut self, tag: u8) -> &mut Self {
        self.0.push(tag);
        self
    }
    fn number(&mut self, n: u32) -> &mut Self {
        self.0.extend_from_slice(&n.to_le_bytes());
        self
    }
    fn bytes(&mut self, bytes: &[u8]) -> &mut Self {
        self.number(bytes.len() as u32).0.extend_from_slice(bytes);
        self
    }
    fn text(&mut self, text: &str) -> &mut Self {
        self.bytes(text.as_bytes())
    }
    fn bundle(&mut self, data: &MimeBundle) -> &mut Self {
        self.number(data.len() as u32);
        data.iter().fold(self, |e, (mime, content)| e.text(mime).bytes(content))
    }
    fn stock(&mut self, stock: &[Stored]) -> &mut Self {
        self.number(stock.len() as u32);
        stock.iter().fold(self, |e, stored| {
            e.text(&stored.name).number(u32::from(stored.kept.is_some()));
            match &stored.kept {
                Some((mark, type_name)) => e.number(*mark).text(type_name),
                None => e,
            }
        })
    }
    fn send(&self, to: &mut dyn Write) -> io::Result<()> {
        let mut message = (self.0.len() as u32).to_le_bytes().to_vec();
        message.extend_from_slice(&self.0);
        to.write_all(&message)?;
        to.flush()
    }
}

struct Decoder {
    bytes: Vec<u8>,
    at: usize,
}

impl Decoder {
    fn receive(from: &mut dyn Read) -> io::Result<Option<Decoder>> {
        let mut length = [0; 4];
        match from.read_exact(&mut length) {
            Err(e) if e.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
            other => other?,
        }
        let mut bytes = vec![0; u32::from_le_bytes(length) as usize];
        from.read_exact(&mut bytes)?;
        Ok(Some(Decoder { bytes, at: 0 }))
    }
    fn take(&mut self, n: usize) -> io::Result<&[u8]> {
        let part = self.bytes.get(self.at..self.at + n).ok_or_else(malformed)?;
        self.at += n;
        Ok(part)
    }
    fn tag(&mut self) -> io::Result<u8> {
        Ok(self.take(1)?[0])
    }
    fn number(&mut self) -> io::Result<u32> {
        Ok(u32::from_le_bytes(self.take(4)?.try_into().map_err(|_| malformed())?))
    }
    fn bytes(&mut self) -> io::Result<Vec<u8>> {
        let n = self.number()? as usize;
        Ok(self.take(n)?.to_vec())
    }
    fn text(&mut self) -> io::Result<String> {
        String::from_utf8(self.bytes()?).map_err(|_| malformed())
    }
    fn bundle(&mut self) -> io::Result<MimeBundle> {
        let n = self.number()?;
        (0..n).map(|_| Ok((self.text()?, self.bytes()?))).collect()
    }
    fn stock(&mut self) -> io::Result<Vec<Stored>> {
        let n = self.number()?;
        let stored = |_| {
            let name = self.text()?;
            let kept = if self.number()? == 0 { None } else { Some((self.number()?, self.text()?)) };
            Ok(Stored { name, kept })
        };
        (0..n).map(stored).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_survive_the_trip() {
        let frames = [
            Frame::Ready,
            Frame::Display { data: vec![("image/png".into(), vec![0, 255, 1])], id: "fig".into() },
            Frame::UpdateDisplay { data: vec![], id: "한글".into() },
            Frame::ClearOutput { wait: true },
            Frame::Result { data: vec![("text/plain".into(), b"9.0".to_vec())] },
            Frame::Error { name: "Panic".into(), value: "x".into(), file: "f".into(), line: 3, column: 9 },
            Frame::Variables {
                stock: vec![
                    Stored { name: "a".into(), kept: Some((0, "i32".into())) },
                    Stored { name: "b".into(), kept: None },
                ],
            },
            Frame::Done,
            Frame::Woken { pid: 7 },
            Frame::Input { prompt: "이름? ".into(), password: true },
        ];
        let mut bytes = Vec::new();
        frames.iter().for_each(|f| f.write(&mut bytes).unwrap());
        let mut from = bytes.as_slice();
        for frame in frames {
            assert_eq!(Frame::read(&mut from).unwrap(), Some(frame));
        }
        assert_eq!(Frame::read(&mut from).unwrap(), None);
    }

    #[test]
    fn commands_survive_the_trip() {
        let commands = [
            Command::Run { library: "/tmp/x.so".into(), entry: "f".into(), global: true, stdin: false },
            Command::Forget { names: vec!["a".into(), "값".into()] },
        ];
        let mut bytes = Vec::new();
        commands.iter().for_each(|c| c.write(&mut bytes).unwrap());
        let mut from = bytes.as_slice();
        for command in commands {
            assert_eq!(Command::read(&mut from).unwrap(), Some(command));
        }
    }

    #[test]
    fn bytes_that_are_no_frame_are_an_error() {
        assert!(Frame::read(&mut &[1, 0, 0, 0, 99][..]).is_err());
        assert!(Frame::read(&mut &[200, 0, 0, 0, 1][..]).is_err());
    }
}
