//! `.npy` and `.npz`: files that NumPy 2.4 wrote (`fixtures/make_npy.py`), files of our own, and damaged ones.

use std::path::{Path, PathBuf};

use flowbook::{Array, Result, np};

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/npy").join(name)
}

fn matrix() -> Array {
    np::array([[1.5, -2.0, 3.25], [0.0, 1e-3, 7.0]])
}

#[test]
fn numpys_files_are_read() -> Result<()> {
    assert_eq!(np::load(fixture("float32.npy"))?.repr(), matrix().astype(np::float32).repr());
    assert_eq!(np::load(fixture("fortran.npy"))?, matrix());
    assert_eq!(np::load(fixture("big_endian.npy"))?, matrix());
    assert_eq!(np::load(fixture("scalar.npy"))?.repr(), "7");
    assert_eq!(np::load(fixture("bool.npy"))?.repr(), "array([ True, False])");
    for name in ["two.npz", "two_compressed.npz"] {
        let data = np::load_npz(fixture(name))?;
        assert_eq!(data.files(), ["x", "y"]);
        assert_eq!(data["x"], matrix());
        assert_eq!(data["y"].repr(), "array([0, 1, 2], dtype=uint8)");
    }
    Ok(())
}

#[test]
fn what_is_written_is_what_numpy_writes() -> Result<()> {
    let path = std::env::temp_dir().join(format!("flowbook-npy-{}", std::process::id()));
    np::save(&path, matrix().astype(np::float32))?;
    assert_eq!(std::fs::read(&path).unwrap(), std::fs::read(fixture("float32.npy")).unwrap());
    let small = np::array([0, 1, 2]).astype(np::uint8);
    for save in [np::savez::<2>, np::savez_compressed::<2>] {
        save(path.clone(), [("x", &matrix()), ("y", &small)])?;
        let data = np::load_npz(&path)?;
        assert_eq!((&data["x"], &data["y"]), (&matrix(), &small));
    }
    std::fs::remove_file(path).unwrap();
    Ok(())
}

#[test]
fn damaged_files_are_named() {
    let path = std::env::temp_dir().join(format!("flowbook-npy-damaged-{}", std::process::id()));
    let shown = path.display().to_string();
    let error = |bytes: &[u8], zip: bool| {
        std::fs::write(&path, bytes).unwrap();
        let error = if zip { np::load_npz(&path).unwrap_err() } else { np::load(&path).unwrap_err() }.to_string();
        assert!(error.starts_with(&format!("ValueError: {shown}: ")), "{error}");
        error
    };
    let whole = std::fs::read(fixture("float32.npy")).unwrap();
    assert!(error(b"hello", false).contains("no .npy file"));
    assert!(error(&whole[..20], false).contains("in the middle"));
    assert!(error(&whole[..whole.len() - 4], false).contains("5 of the 6 elements"));
    let zip = std::fs::read(fixture("two.npz")).unwrap();
    assert!(error(&zip, false).contains("np::load_npz"));
    assert!(error(&zip[..zip.len() - 30], true).contains("its end is missing"));
    let mut broken = zip.clone();
    broken[200] ^= 1;
    assert!(error(&broken, true).contains("checksum"));
    std::fs::remove_file(path).unwrap();
}
