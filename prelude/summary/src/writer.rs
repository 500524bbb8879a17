//! The writer of one event file: buffered, and only ever whole records at once. What the events say is not known here.

use std::ffi::CStr;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, Once, PoisonError, Weak};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use prost::Message;

use crate::proto::{Event, SourceMetadata, event::What};
use crate::record;

/// How many bytes wait at most before they are written.
const BUFFER: usize = 1 << 16;

/// How TensorFlow names event files.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Naming {
    /// `events.out.tfevents.TIME.HOST`, then the suffix given.
    V1(String),
    /// `events.out.tfevents.TIME.HOST.PID.NUMBER.v2`, then the suffix given.
    V2(String),
}

/// Writes events to a new file in a directory. Clones write to the same file; it is flushed when the last one is
/// dropped, after every notebook cell and when the process exits.
#[derive(Clone, Debug)]
pub struct EventWriter(Arc<Mutex<EventFile>>);

#[derive(Debug)]
struct EventFile {
    directory: PathBuf,
    naming: Naming,
    flush_every: Duration,
    path: PathBuf,
    file: File,
    /// The process that opened the file. A forked copy that goes on writes to a file of its own: what the original
    /// wrote after the fork, perhaps half a record, stays as it is.
    process: u32,
    buffer: Vec<u8>,
    flushed: Instant,
}

impl EventWriter {
    /// Makes the directory, if need be, and in it the file, which then says which version of the format it has.
    ///
    /// # Errors
    /// When the system refuses either.
    pub fn create(directory: impl AsRef<Path>, naming: Naming, flush_every: Duration) -> io::Result<EventWriter> {
        let directory = directory.as_ref().to_path_buf();
        let (path, file) = open(&directory, &naming)?;
        let process = std::process::id();
        let (buffer, flushed) = (Vec::new(), Instant::now());
        let mut new = EventFile { directory, naming, flush_every, path, file, process, buffer, flushed };
        new.begin()?;
        let writer = EventWriter(Arc::new(Mutex::new(new)));
        register(&writer);
        Ok(writer)
    }

    fn lock(&self) -> MutexGuard<'_, EventFile> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds an event. It is on disk when enough have come together, when the flush interval has passed, or after
    /// [`flush`](Self::flush).
    ///
    /// # Errors
    /// When the file cannot be written; the events are kept and tried again.
    pub fn write(&self, event: &Event) -> io::Result<()> {
        let mut file = self.lock();
        file.append(event);
        if file.buffer.len() < BUFFER && file.flushed.elapsed() < file.flush_every {
            return Ok(());
        }
        file.flush()
    }

    /// Brings everything to disk.
    ///
    /// # Errors
    /// When the file cannot be written; the events are kept and tried again.
    pub fn flush(&self) -> io::Result<()> {
        self.lock().flush()
    }

    /// Goes on in a new file, as TensorFlow does when a closed writer is opened again.
    ///
    /// # Errors
    /// When the file cannot be made.
    pub fn reopen(&self) -> io::Result<()> {
        let mut file = self.lock();
        file.flush()?;
        file.next_file()
    }

    /// The file being written.
    pub fn path(&self) -> PathBuf {
        self.lock().path.clone()
    }
}

/// Seconds since 1970.
pub(crate) fn wall_time() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |d| d.as_secs_f64())
}

impl Event {
    /// An event of this moment.
    pub fn now(step: i64, what: What) -> Event {
        Event { wall_time: wall_time(), step, what: Some(what), source_metadata: None }
    }
}

impl EventFile {
    fn append(&mut self, event: &Event) {
        record::append(&mut self.buffer, |buffer| event.encode_raw(buffer));
    }

    /// The first record, on disk at once so that TensorBoard finds a file it knows.
    fn begin(&mut self) -> io::Result<()> {
        let waiting = std::mem::take(&mut self.buffer);
        let mut event = Event::now(0, What::FileVersion("brain.Event:2".into()));
        event.source_metadata = Some(SourceMetadata { writer: "flowbook".into() });
        self.append(&event);
        self.buffer.extend(waiting);
        self.flush()
    }

    fn next_file(&mut self) -> io::Result<()> {
        (self.path, self.file) = open(&self.directory, &self.naming)?;
        self.process = std::process::id();
        self.begin()
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.buffer.is_empty() {
            return Ok(());
        }
        if self.process != std::process::id() {
            return self.next_file();
        }
        let end = self.file.seek(SeekFrom::End(0))?;
        if let Err(error) = self.file.write_all(&self.buffer) {
            // A full disk may have taken half a record: what is there again ends with a whole one.
            self.file.set_len(end)?;
            return Err(error);
        }
        self.buffer.clear();
        self.flushed = Instant::now();
        Ok(())
    }
}

impl Drop for EventFile {
    fn drop(&mut self) {
        if let Err(error) = self.flush() {
            eprintln!("{}: {error}", self.path.display());
        }
    }
}

/// Opens a file that does not exist yet.
fn open(directory: &Path, naming: &Naming) -> io::Result<(PathBuf, File)> {
    static NUMBER: AtomicU64 = AtomicU64::new(0);
    fs::create_dir_all(directory)?;
    let process = std::process::id();
    let base = format!("events.out.tfevents.{:010}.{}", wall_time() as u64, host_name());
    loop {
        let number = || NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = match naming {
            Naming::V1(suffix) if !directory.join(format!("{base}{suffix}")).exists() => format!("{base}{suffix}"),
            // A second file within one second; its name sorts after the first one's, as its events come after them.
            Naming::V1(suffix) => format!("{base}.{process}.{}{suffix}", number()),
            Naming::V2(suffix) => format!("{base}.{process}.{}.v2{suffix}", number()),
        };
        let path = directory.join(name);
        match OpenOptions::new().write(true).create_new(true).open(&path) {
            Ok(file) => return Ok((path, file)),
            Err(e) if e.kind() == io::ErrorKind::AlreadyExists => {}
            Err(e) => return Err(e),
        }
    }
}

fn host_name() -> String {
    let mut name = [0u8; 256];
    // SAFETY: the buffer is as long as said, and one byte longer than what may be written, so it ends with a zero.
    unsafe { libc::gethostname(name.as_mut_ptr().cast(), name.len() - 1) };
    let name = CStr::from_bytes_until_nul(&name).map(|s| s.to_string_lossy().into_owned()).unwrap_or_default();
    if name.is_empty() { "localhost".into() } else { name }
}

static WRITERS: Mutex<Vec<Weak<Mutex<EventFile>>>> = Mutex::new(Vec::new());

fn register(writer: &EventWriter) {
    static HOOKS: Once = Once::new();
    HOOKS.call_once(|| {
        flowbook_runtime::display::at_cell_end(flush_all);
        // SAFETY: the function stays loaded until the process ends, and neither panics nor waits.
        unsafe { libc::atexit(flush_at_exit) };
    });
    let mut writers = WRITERS.lock().unwrap_or_else(PoisonError::into_inner);
    writers.retain(|w| w.strong_count() > 0);
    writers.push(Arc::downgrade(&writer.0));
}

extern "C" fn flush_at_exit() {
    flush_all();
}

/// Flushes every writer that no thread is at work on; one that is will flush by itself.
fn flush_all() {
    let Ok(writers) = WRITERS.try_lock() else { return };
    let open: Vec<Arc<Mutex<EventFile>>> = writers.iter().filter_map(Weak::upgrade).collect();
    drop(writers);
    for writer in open {
        let Ok(mut file) = writer.try_lock() else { continue };
        if let Err(error) = file.flush() {
            eprintln!("{}: {error}", file.path.display());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proto::{Summary, event, summary};
    use crate::record::Records;

    fn directory(name: &str) -> PathBuf {
        let path = std::env::temp_dir().join(format!("flowbook-summary-{}-{name}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        path
    }

    /// One test flushes all writers; it must not do so while another looks at a file.
    static ALONE: Mutex<()> = Mutex::new(());

    fn alone() -> MutexGuard<'static, ()> {
        ALONE.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn scalar(step: i64) -> Event {
        let value = summary::value::Value::SimpleValue(step as f32);
        let value = summary::Value { tag: "x".into(), value: Some(value), ..Default::default() };
        Event::now(step, event::What::Summary(Summary { value: vec![value] }))
    }

    fn steps(path: &Path) -> Vec<i64> {
        let records = Records::new(File::open(path).unwrap());
        records.skip(1).map(|r| Event::decode(&r.unwrap()[..]).unwrap().step).collect()
    }

    #[test]
    fn the_first_record_is_there_at_once_and_the_rest_when_flushed() {
        let _alone = alone();
        let directory = directory("flush");
        let writer = EventWriter::create(&directory, Naming::V1(String::new()), Duration::from_secs(3600)).unwrap();
        let first = Records::new(File::open(writer.path()).unwrap()).next().unwrap().unwrap();
        assert_eq!(Event::decode(&first[..]).unwrap().what, Some(event::What::FileVersion("brain.Event:2".into())));
        (1..=3).for_each(|step| writer.write(&scalar(step)).unwrap());
        assert!(steps(&writer.path()).is_empty());
        writer.flush().unwrap();
        assert_eq!(steps(&writer.path()), [1, 2, 3]);
        writer.write(&scalar(4)).unwrap();
        flush_all();
        assert_eq!(steps(&writer.path()), [1, 2, 3, 4]);
        writer.write(&scalar(5)).unwrap();
        let path = writer.path();
        drop(writer);
        assert_eq!(steps(&path), [1, 2, 3, 4, 5]);
        fs::remove_dir_all(directory).unwrap();
    }

    #[test]
    fn every_write_leaves_whole_records() {
        let _alone = alone();
        let directory = directory("whole");
        let writer = EventWriter::create(&directory, Naming::V1(String::new()), Duration::from_secs(3600)).unwrap();
        for step in 0..10_000 {
            writer.write(&scalar(step)).unwrap();
            if step % 500 == 0 {
                let length = fs::metadata(writer.path()).unwrap().len();
                let read: Vec<Vec<u8>> = Records::new(File::open(writer.path()).unwrap()).map(Result::unwrap).collect();
                let whole: usize = read.iter().map(|r| r.len() + record::OVERHEAD).sum();
                assert_eq!(whole as u64, length, "after {step} events");
            }
        }
        fs::remove_dir_all(directory).unwrap();
    }

    #[test]
    fn files_are_named_as_tensorflow_names_them() {
        let _alone = alone();
        let directory = directory("names");
        let name = |writer: &EventWriter| writer.path().file_name().unwrap().to_string_lossy().into_owned();
        let second = Duration::from_secs(1);
        let first = EventWriter::create(&directory, Naming::V1(String::new()), second).unwrap();
        let again = EventWriter::create(&directory, Naming::V1(String::new()), second).unwrap();
        let v2 = EventWriter::create(&directory, Naming::V2(".x".into()), second).unwrap();
        let parts: Vec<String> = name(&first).splitn(5, '.').map(str::to_owned).collect();
        assert_eq!(parts[..3], ["events", "out", "tfevents"]);
        assert!(parts[3].len() == 10 && parts[3].parse::<u64>().is_ok());
        assert_eq!(parts[4], host_name());
        assert!(name(&first) < name(&again), "files are read in the order of their names");
        assert!(name(&v2).contains(&format!(".{}.", std::process::id())) && name(&v2).ends_with(".v2.x"));
        fs::remove_dir_all(directory).unwrap();
    }
}
