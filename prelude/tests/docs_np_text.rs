//! `np.savetxt`, `np.loadtxt` and `np.genfromtxt` with their options: what NumPy 2.4.6 writes and reads, copied from its
//! output.

use flowbook::{Array, Result, np};

fn in_a_file<T>(name: &str, work: impl FnOnce(&std::path::Path) -> T) -> T {
    let path = std::env::temp_dir().join(format!("docs-np-text-{}-{name}", std::process::id()));
    let result = work(&path);
    std::fs::remove_file(&path).ok();
    result
}

fn saved(name: &str, x: Array, options: impl FnOnce(np::Savetxt) -> np::Savetxt) -> String {
    in_a_file(name, |path| {
        options(np::savetxt(path, x))
            .run()
            .map_or_else(|error| error.to_string(), |()| std::fs::read_to_string(path).unwrap())
    })
}

fn read(name: &str, text: &str, reader: impl FnOnce(&std::path::Path) -> Result<Array>) -> String {
    in_a_file(name, |path| {
        std::fs::write(path, text).unwrap();
        reader(path).map_or_else(|error| error.to_string(), |array| array.repr())
    })
}

#[test]
fn savetxt() {
    let m = || np::array([[1, 2], [3, 4]]);
    let wide = || np::array([[1.5, -2e10], [3.0, 4e-7]]);
    assert_eq!(
        saved("plain", np::array([[1.0, 2.0], [3.0, 4.5]]), |s| s),
        "1.000000000000000000e+00 2.000000000000000000e+00\n3.000000000000000000e+00 4.500000000000000000e+00\n"
    );
    assert_eq!(saved("vector", np::array([1, 20]), |s| s.fmt("%d")), "1\n20\n");
    assert_eq!(saved("header", m(), |s| s.fmt("%d").delimiter(",").header("a,b")), "# a,b\n1,2\n3,4\n");
    assert_eq!(
        saved("footer", m(), |s| s.fmt("%.2f").delimiter(",").header("a\nb").comments("").footer("end")),
        "a\nb\n1.00,2.00\n3.00,4.00\nend\n"
    );
    assert_eq!(saved("general", wide(), |s| s.fmt("%g")), "1.5 -2e+10\n3 4e-07\n");
    assert_eq!(saved("width", wide(), |s| s.fmt("%10.3e")), " 1.500e+00 -2.000e+10\n 3.000e+00  4.000e-07\n");
    assert_eq!(saved("each", m(), |s| s.fmt("%d %.1f")), "1 2.0\n3 4.0\n");
    assert_eq!(saved("colon", m(), |s| s.fmt("%d:%d")), "1:2\n3:4\n");
    assert_eq!(saved("cut", np::array([1.5, 2.5]), |s| s.fmt("%d")), "1\n2\n");
    assert_eq!(saved("text", np::array([[1.5]]), |s| s.fmt("%s")), "1.5\n");
    assert_eq!(saved("cube", np::ones((2, 2, 2)), |s| s), "ValueError: Expected 1D or 2D array, got 3D array instead");
}

#[test]
fn loadtxt() {
    let (two, three) = ("1 2\n3 4\n5 6\n", "1 2 3\n4 5 6\n");
    assert_eq!(read("columns", three, |p| np::loadtxt(p).usecols([0, 2]).run()), "array([[1., 3.],\n       [4., 6.]])");
    assert_eq!(read("column", three, |p| np::loadtxt(p).usecols([1]).run()), "array([2., 5.])");
    assert_eq!(
        read("no-column", three, |p| np::loadtxt(p).usecols([5]).run()),
        "ValueError: invalid column index 5 at row 1 with 3 columns"
    );
    assert_eq!(
        read("comments", "1,2\n% x\n3,4\n", |p| np::loadtxt(p).delimiter(",").comments("%").run()),
        "array([[1., 2.],\n       [3., 4.]])"
    );
    assert_eq!(read("rows", two, |p| np::loadtxt(p).max_rows(2).run()), "array([[1., 2.],\n       [3., 4.]])");
    assert_eq!(read("unpack", two, |p| np::loadtxt(p).unpack().run()), "array([[1., 3., 5.],\n       [2., 4., 6.]])");
    assert_eq!(read("ndmin-2", "1 2\n", |p| np::loadtxt(p).ndmin(2).run()), "array([[1., 2.]])");
    assert_eq!(read("ndmin-1", "5\n", |p| np::loadtxt(p).ndmin(1).run()), "array([5.])");
    assert_eq!(
        read("missing", "1,2,3\n4,,6\n", |p| np::genfromtxt(p).delimiter(",").run()),
        "array([[ 1.,  2.,  3.],\n       [ 4., nan,  6.]])"
    );
    assert_eq!(
        read("skip", "a,b\n4,x\n", |p| np::genfromtxt(p).delimiter(",").skip_header(1).run()),
        "array([ 4., nan])"
    );
    assert_eq!(
        read("filling", "1,2,3\n4,,6\n", |p| np::genfromtxt(p).delimiter(",").filling_values(-1).run()),
        "array([[ 1.,  2.,  3.],\n       [ 4., -1.,  6.]])"
    );
    assert_eq!(read("last", three, |p| np::genfromtxt(p).usecols([-1]).run()), "array([3., 6.])");
}

/// What was written comes back.
#[test]
fn numbers_survive_a_file() {
    in_a_file("there-and-back", |path| {
        let x = np::random::RandomState::new(3).normal(0, 1e3, (4, 3));
        np::savetxt(path, &x).delimiter(",").run().unwrap();
        assert_eq!(np::loadtxt(path).delimiter(",").run().unwrap(), x);
    });
}
