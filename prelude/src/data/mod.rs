//! The data sets of the lessons: where their files are looked for, and what comes back. Reading the format is in `idx`,
//! fetching in `download`, the pictures that stand in for missing files in `digits`. Batches and dtypes are the callers'.

mod digits;
mod download;
mod idx;
pub(crate) mod safetensors;
mod sha256;

use std::path::{Path, PathBuf};

use crate::Array;
use crate::error::Result;

/// The data sets of handwritten digits and of articles of clothing: 60,000 + 10,000 pictures of 28 x 28 pixels each.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DataSet {
    /// Handwritten digits, collected by LeCun, Cortes and Burges.
    Mnist,
    /// Articles of clothing, collected by Xiao, Rasul and Vollgraf.
    FashionMnist,
}

/// The files of a data set, as all its mirrors name them: training images and labels, test images and labels.
pub const FILES: [&str; 4] = [
    "train-images-idx3-ubyte.gz",
    "train-labels-idx1-ubyte.gz",
    "t10k-images-idx3-ubyte.gz",
    "t10k-labels-idx1-ubyte.gz",
];

impl DataSet {
    /// The name people know it by.
    pub const fn name(self) -> &'static str {
        match self {
            DataSet::Mnist => "MNIST",
            DataSet::FashionMnist => "Fashion-MNIST",
        }
    }

    /// The directory its files are kept in.
    const fn directory(self) -> &'static str {
        match self {
            DataSet::Mnist => "mnist",
            DataSet::FashionMnist => "fashion-mnist",
        }
    }
}

/// Pictures with what they show.
#[derive(Clone)]
pub struct Labelled {
    /// The pictures, `uint8` of shape `(n, 28, 28)`: 0 is the background, 255 ink.
    pub images: Array,
    /// Their classes, `uint8` of shape `(n,)`, 0 to 9.
    pub labels: Array,
}

/// Where pictures came from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Origin {
    /// The data set's own files in that directory.
    Files(PathBuf),
    /// Drawn by this library, because the files were nowhere.
    Generated,
}

/// A data set in memory.
#[derive(Clone)]
pub struct Images {
    /// 60,000 pictures to learn from.
    pub train: Labelled,
    /// 10,000 pictures to test on.
    pub test: Labelled,
    /// Where they came from.
    pub origin: Origin,
}

/// Loads a data set from `directory`, `FLOWBOOK_DATA`, the user's cache or the network, whichever has it first.
///
/// When none has, pictures of digits are generated in its place, and one printed line says so. `FLOWBOOK_OFFLINE` in the
/// environment keeps it from the network.
///
/// # Errors
/// `OSError` or `ValueError` when a file is there but cannot be read or is damaged, `CancelledError` when the download
/// is interrupted.
pub fn load(set: DataSet, directory: Option<&Path>) -> Result<Images> {
    if let Some(found) = candidates(set, directory).into_iter().find(|dir| locate(dir, FILES[0]).is_some()) {
        return read(found);
    }
    if let Some(cache) = download::fetch(set)? {
        return read(cache);
    }
    println!(
        "{} is neither on this machine nor reachable over the network: generated digits stand in for it.",
        set.name()
    );
    Ok(generated())
}

/// Pictures of digits drawn by this library, as many and as large as MNIST's, the same ones every time.
pub fn generated() -> Images {
    Images { train: digits::draw(60_000, 1), test: digits::draw(10_000, 2), origin: Origin::Generated }
}

fn candidates(set: DataSet, directory: Option<&Path>) -> Vec<PathBuf> {
    let shared = std::env::var_os("FLOWBOOK_DATA").map(PathBuf::from);
    let shared = shared.iter().flat_map(|dir| match set {
        DataSet::Mnist => vec![dir.join(set.directory()), dir.clone()],
        DataSet::FashionMnist => vec![dir.join(set.directory()), dir.join("fashion_mnist")],
    });
    directory.map(Path::to_path_buf).into_iter().chain(shared).chain(download::cache(set)).collect()
}

/// The file of that name, compressed or not.
fn locate(directory: &Path, name: &str) -> Option<PathBuf> {
    [name, name.trim_end_matches(".gz")].iter().map(|n| directory.join(n)).find(|path| path.is_file())
}

fn read(directory: PathBuf) -> Result<Images> {
    let file = |name: &str| {
        let path = locate(&directory, name);
        idx::read(&path.unwrap_or_else(|| directory.join(name)))
    };
    let [train, train_labels, test, test_labels] = FILES.map(file);
    let train = Labelled { images: train?, labels: train_labels? };
    let test = Labelled { images: test?, labels: test_labels? };
    idx::check(&train, &directory)?;
    idx::check(&test, &directory)?;
    Ok(Images { train, test, origin: Origin::Files(directory) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_that_is_given_comes_first() {
        let given = Path::new("given");
        assert_eq!(candidates(DataSet::Mnist, Some(given))[0], given);
        assert!(candidates(DataSet::FashionMnist, None).iter().all(|dir| dir.to_string_lossy().contains("fashion")));
    }

    /// Written here as the format's description has it: two zero bytes, type 8 (unsigned byte), the number of axes,
    /// the sizes, the elements.
    #[test]
    fn files_are_read_and_checked() {
        let directory = std::env::temp_dir().join(format!("flowbook-idx-{}", std::process::id()));
        std::fs::create_dir_all(&directory).unwrap();
        let write =
            |name: &str, bytes: &[u8]| std::fs::write(directory.join(name.trim_end_matches(".gz")), bytes).unwrap();
        let mut images = vec![0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 28, 0, 0, 0, 28];
        images.extend(vec![7u8; 784]);
        for name in FILES {
            write(name, if name.contains("images") { &images } else { &[0, 0, 8, 1, 0, 0, 0, 1, 5] });
        }
        let loaded = load(DataSet::Mnist, Some(&directory)).unwrap();
        assert_eq!(loaded.train.images.shape(), [1, 28, 28]);
        assert_eq!(loaded.test.labels.as_slice::<u8>(), Some(&[5][..]));
        assert_eq!(loaded.origin, Origin::Files(directory.clone()));
        write(FILES[3], &[0, 0, 8, 1, 0, 0, 0, 2, 5, 5]);
        assert_eq!(load(DataSet::Mnist, Some(&directory)).err().unwrap().class(), "ValueError", "labels too many");
        write(FILES[3], &[0, 0, 8, 1, 0, 0, 0, 9, 5]);
        assert_eq!(load(DataSet::Mnist, Some(&directory)).err().unwrap().class(), "ValueError", "a file cut short");
        std::fs::remove_file(directory.join(FILES[3].trim_end_matches(".gz"))).unwrap();
        assert_eq!(load(DataSet::Mnist, Some(&directory)).err().unwrap().class(), "NotFoundError");
        std::fs::remove_dir_all(directory).unwrap();
    }
}
