//! Python environments of our own below the user's data directory: made once from pinned requirements, whole or not at
//! all. What is done with the programs in them is not known here.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::{Error, files};

/// Written last into an environment: without it, or with other requirements in it, the environment is made anew.
const COMPLETE: &str = "flowbook-complete.txt";

pub(crate) const JUPYTER_LAB: Environment = Environment {
    name: "jupyter",
    title: "JupyterLab",
    program: "jupyter-lab",
    requirements: include_str!("environment/jupyterlab.txt"),
    size: "about 200 MB",
    command: "flowbook lab",
};

pub(crate) const TENSORBOARD: Environment = Environment {
    name: "tensorboard",
    title: "TensorBoard",
    program: "tensorboard",
    requirements: include_str!("environment/tensorboard.txt"),
    size: "about 150 MB",
    command: "flowbook tensorboard --install",
};

/// What to do when there is no TensorBoard.
pub(crate) const HOW_TO_GET_TENSORBOARD: &str =
    "`flowbook tensorboard --install` sets it up for Flowbook alone, `pip install tensorboard` for all of Python";

/// A program that Python brings, with the packages it needs.
pub(crate) struct Environment {
    /// The directory's name.
    pub name: &'static str,
    /// What users call the program.
    pub title: &'static str,
    /// Its file name.
    pub program: &'static str,
    /// The packages with their versions, one a line.
    pub requirements: &'static str,
    /// How much is installed.
    pub size: &'static str,
    /// The command that sets it up.
    pub command: &'static str,
}

impl Environment {
    /// The program on the path, else the one that an earlier [`set_up`](Self::set_up) has installed.
    pub fn find(&self) -> Option<PathBuf> {
        files::find_program(self.program).or_else(|| self.own())
    }

    fn directory(&self) -> Option<PathBuf> {
        Some(files::flowbook_data()?.join(self.name))
    }

    fn own(&self) -> Option<PathBuf> {
        let directory = self.directory()?;
        let made_from = std::fs::read_to_string(directory.join(COMPLETE)).ok()?;
        (made_from == self.requirements).then(|| directory.join("bin").join(self.program))
    }

    /// Makes the environment and returns the program in it.
    ///
    /// # Errors
    /// [`Error::SetUp`] with the way out; what was half made is removed.
    pub fn set_up(&self) -> Result<PathBuf, Error> {
        let directory = self
            .directory()
            .ok_or_else(|| self.error("there is no home directory for it; set HOME or XDG_DATA_HOME"))?;
        eprintln!("Setting up {} in {} (once, {})", self.title, directory.display(), self.size);
        // What an interrupted attempt left behind goes first; the mark comes last, so a half-made one is never used.
        if directory.exists() {
            std::fs::remove_dir_all(&directory).map_err(Error::file("remove", &directory))?;
        }
        if let Some(data) = directory.parent() {
            std::fs::create_dir_all(data).map_err(Error::file("create", data))?;
        }
        if let Err(e) = self.fill(&directory) {
            let _ = std::fs::remove_dir_all(&directory);
            return Err(e);
        }
        let complete = directory.join(COMPLETE);
        files::write_atomically(&complete, self.requirements.as_bytes()).map_err(Error::file("write", &complete))?;
        Ok(directory.join("bin").join(self.program))
    }

    fn fill(&self, directory: &Path) -> Result<(), Error> {
        let python = files::find_program("python3").ok_or_else(|| {
            let way_out = "install Python 3.10 or newer, or put a";
            self.error(&format!("python3 was not found; {way_out} `{}` on the path", self.program))
        })?;
        self.step(
            "[1/2] creating a Python environment",
            Command::new(python).args(["-m", "venv"]).arg(directory),
            "the venv module is missing or broken; on Debian and Ubuntu: apt install python3-venv",
        )?;
        let list = directory.join("requirements.txt");
        std::fs::write(&list, self.requirements).map_err(Error::file("write", &list))?;
        self.step(
            &format!("[2/2] installing {}", self.title),
            Command::new(directory.join("bin/python"))
                .args(["-m", "pip", "install", "--disable-pip-version-check", "--no-input", "-r"])
                .arg(&list),
            &format!("pip could not install it; check the network connection and run `{}` again", self.command),
        )
    }

    /// Runs a command with its output visible on standard error.
    fn step(&self, title: &str, command: &mut Command, way_out: &str) -> Result<(), Error> {
        eprintln!("{title}");
        let status = command.stdin(Stdio::null()).stdout(std::io::stderr()).status();
        match status {
            Ok(status) if status.success() => Ok(()),
            Ok(status) => Err(self.error(&format!("{way_out} ({status})"))),
            Err(e) => Err(self.error(&format!("{way_out} ({e})"))),
        }
    }

    fn error(&self, reason: &str) -> Error {
        Error::SetUp { title: self.title, reason: reason.to_string() }
    }
}
