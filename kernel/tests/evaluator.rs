//! Cells through the real evaluator: what stays from one to the next, what errors say, what survives.
//! Expected values are Rust's own semantics or Jupyter's rules.

use std::path::Path;
use std::process::Command;

use flowbook_kernel::evaluator::{self, CellError, Evaluator, Output, Stream};

struct Notebook {
    evaluator: Box<dyn Evaluator>,
    count: u32,
}

impl Notebook {
    fn new() -> Notebook {
        let executable = Path::new(env!("CARGO_BIN_EXE_flowbook"));
        Notebook { evaluator: evaluator::start_with(executable).expect("the toolchain is there"), count: 0 }
    }

    fn outputs(&mut self, code: &str) -> Result<Vec<Output>, CellError> {
        self.count += 1;
        let mut outputs = Vec::new();
        self.evaluator.execute(code, self.count, &mut |o| outputs.push(o))?;
        Ok(outputs)
    }

    /// Printed text and the plain form of the result, joined.
    fn text(&mut self, code: &str) -> String {
        let outputs = self.outputs(code).unwrap_or_else(|e| panic!("{code}\n{}", e.traceback.join("\n")));
        outputs.iter().map(plain).collect()
    }

    fn error(&mut self, code: &str) -> CellError {
        self.outputs(code).expect_err("the cell must fail")
    }
}

fn plain(output: &Output) -> String {
    match output {
        Output::Stream(_, text) => text.clone(),
        Output::Result(data) | Output::Display(data, _) => {
            let form = data.iter().find(|(mime, _)| mime == "text/plain");
            form.map_or(String::new(), |(_, text)| String::from_utf8_lossy(text).into_owned())
        }
        _ => String::new(),
    }
}

fn uncoloured(error: &CellError) -> String {
    let text = error.traceback.join("\n");
    let mut plain = String::new();
    let mut rest = text.as_str();
    while let Some((before, after)) = rest.split_once("\x1b[") {
        plain.push_str(before);
        rest = after.split_once('m').map_or("", |(_, rest)| rest);
    }
    plain + rest
}

#[test]
fn variables_of_every_kind_stay() {
    let mut n = Notebook::new();
    n.text(
        "let a = 1; let mut v = vec![1, 2, 3]; let s = String::from(\"x\");\n\
         let t = (1u8, \"two\", Some([0.5f32; 2]));\n\
         use std::collections::HashMap; let m: HashMap<_, _> = [(\"k\", vec![1.5])].into();\n\
         let boxed: Box<dyn Fn(i32) -> i32> = Box::new(|x| x * 2);",
    );
    assert_eq!(
        n.text("v.push(4); println!(\"{a} {v:?} {s} {t:?} {m:?} {}\", boxed(21));"),
        "1 [1, 2, 3, 4] x (1, \"two\", Some([0.5, 0.5])) {\"k\": [1.5]} 42\n"
    );
    assert_eq!(n.text("v.len()"), "4");
    assert_eq!(n.text("let a = \"new\"; a"), "\"new\"");
    assert_eq!(n.text("a"), "\"new\"");
}

/// Their types are defined in other crates than `flowbook`, and go by its path.
#[test]
fn handles_of_pictures_and_outputs_stay() {
    let mut n = Notebook::new();
    n.text("let figure = plt::figure(); let ax = figure.add_subplot(1, 1, 1); let handle = display::html(\"a\");");
    assert_eq!(n.text("ax.set_xlim([0, 5]); let _ = (figure, &handle); ax.get_xlim()"), "(0.0, 5.0)");
}

#[test]
fn eager_tensors_stay() {
    let mut n = Notebook::new();
    n.text("use flowbook::v2 as tf; let a = tf::constant([1, 2]); let b = tf::ones([2]); let c = tf::matmul([[1]], [[2]]);");
    n.text("let d = tf::reduce_sum(&b); let e = tf::random::normal([1]); let v = tf::Variable::new(0.5);");
    assert_eq!(
        n.text("println!(\"{} {} {} {} {} {}\", a.numpy(), b.numpy(), c.numpy(), d.numpy(), e.shape(), v.numpy());"),
        "[1 2] [1. 1.] [[2]] 2.0 (1,) 0.5\n"
    );
}

#[test]
fn arithmetic_with_a_literal_in_front_is_a_value_like_any_other() {
    let mut n = Notebook::new();
    n.text("let a = np::array([1.0, 2.0]); let t = tf::constant([1.0, 2.0]); let v = tf::Variable::new([1.0]);");
    assert_eq!(n.text("2 * &a"), "array([2., 4.])");
    assert_eq!(n.text("1.0 / (1.0 + np::exp(&a * 0))"), "array([0.5, 0.5])");
    // In a graph: 1 - x.
    assert_eq!(n.text("1 - t"), "<tf.Tensor 'sub:0' shape=(2,) dtype=float32>");
    assert_eq!(n.text("2.0 * (1.0 - tf::sigmoid(v))"), "<tf.Tensor 'mul:0' shape=(1,) dtype=float32>");
    n.text("let doubled = 2 * t;");
    assert_eq!(n.text("doubled.name()"), "\"mul_1:0\"");
    // At once: 3 / 2 and 1 - e^0.
    n.text("use flowbook::v2 as tf; let e = tf::constant([2.0]); let third = 3.0 / &e;");
    assert_eq!(n.text("&third + 0"), "<tf.Tensor: shape=(1,), dtype=float32, numpy=array([1.5], dtype=float32)>");
    assert_eq!(
        n.text("1 - tf::exp(&e * 0)"),
        "<tf.Tensor: shape=(1,), dtype=float32, numpy=array([0.], dtype=float32)>"
    );
    let error = uncoloured(&n.error("let n = 3usize; n * &e"));
    assert!(error.contains("convert the `usize`, as in `n as f64`"), "{error}");
}

#[test]
fn items_stay_and_can_be_replaced() {
    let mut n = Notebook::new();
    n.text("#[derive(Debug, Clone)] struct Point { x: i32 }\nfn twice(p: &Point) -> i32 { p.x * 2 }\nlet p = Point { x: 4 };");
    assert_eq!(n.text("twice(&p)"), "8");
    n.text("impl Point { fn norm(&self) -> i32 { self.x.abs() } }");
    assert_eq!(n.text("p.norm()"), "4");
    n.text("fn twice(p: &Point) -> i32 { p.x * 20 }");
    assert_eq!(n.text("twice(&p)"), "80");
    n.text("macro_rules! square { ($e:expr) => { $e * $e } }");
    assert_eq!(n.text("square!(7)"), "49");
}

#[test]
fn a_type_defined_anew_takes_its_variables_along() {
    let mut n = Notebook::new();
    n.text("struct P { x: i32 } struct Q { p: P } let q = Q { p: P { x: 1 } }; let k = 5;");
    n.text("struct P { x: i32, y: String }");
    let error = n.error("q.p.x");
    assert!(uncoloured(&error).contains("`q` is gone: its type was defined anew"), "{}", uncoloured(&error));
    assert_eq!(n.text("k"), "5");
}

#[test]
fn a_variable_that_moves_or_borrows_is_missed_with_a_reason() {
    let mut n = Notebook::new();
    n.text("let v = vec![1, 2]; let s = String::from(\"s\");");
    assert_eq!(n.text("for x in v { print!(\"{x}\"); } let r = &s; print!(\"{r}\");"), "12s");
    assert!(uncoloured(&n.error("v")).contains("moved away in cell [2]"));
    assert!(uncoloured(&n.error("r")).contains("borrows another variable"));
    assert_eq!(n.text("s"), "\"s\"");
}

#[test]
fn question_mark_and_panic_are_errors_with_the_cells_line() {
    let mut n = Notebook::new();
    n.text("let kept = vec![1];");
    let error = n.error("kept.len();\nlet n: i32 = \"abc\".parse()?;");
    assert_eq!((error.name.as_str(), error.value.as_str()), ("ParseIntError", "invalid digit found in string"));
    assert!(uncoloured(&error).contains("----> 2 let n"), "{}", uncoloured(&error));
    let error = n.error("// first\nfn inner(v: &[i32]) -> i32 { v[7] }\ninner(&kept)");
    assert_eq!(error.name, "Panic");
    assert!(error.value.contains("index out of bounds"));
    assert!(uncoloured(&error).contains("----> 2 fn inner"), "{}", uncoloured(&error));
    assert_eq!(n.text("kept"), "[1]");
}

#[test]
fn a_last_expression_of_any_kind_shows_its_value_and_its_line() {
    let mut n = Notebook::new();
    n.text("#[derive(Debug)] struct P { x: i32 } let v = vec![String::from(\"a\")]; let zero = 0;");
    for (code, shown) in [
        ("P { x: 1 }", "P { x: 1 }"),
        ("v[0]", "\"a\""),
        ("v", "[\"a\"]"),
        ("1..3", "1..3"),
        ("v.iter().map(|s| s.len()).sum::<usize>() + 1", "2"),
        ("if zero == 0 { 'y' } else { 'n' }", "'y'"),
        ("loop { break 7 }", "7"),
        ("-1i32 as f64", "-1.0"),
        ("&v[..]", "[\"a\"]"),
        ("(1, \"x\")", "(1, \"x\")"),
        ("match zero { 0 => P { x: 2 }, _ => P { x: 3 } }", "P { x: 2 }"),
        ("String::from(\"q\") + &v[0]", "\"qa\""),
    ] {
        assert_eq!(n.text(code), shown, "{code}");
    }
    for code in [
        "// first\n1 / zero",
        "// first\nv[zero as usize + 1]",
        "// first\nv.iter().map(|s| s.len() / zero as usize).sum::<usize>()",
    ] {
        assert!(uncoloured(&n.error(code)).contains("----> 2 "), "{code}");
    }
}

#[test]
fn what_a_failing_cell_defined_before_it_failed_stays_where_it_can_be_copied() {
    let mut n = Notebook::new();
    n.text("let a = 1.5; let b = vec![0];");
    n.error("let a = 7u8; let c = (a, 'x'); let s = String::new(); None::<i32>.ok_or(\"nothing\")?; let d = 1;");
    assert_eq!(n.text("c"), "(7, 'x')");
    assert_eq!(n.text("a"), "7");
    assert_eq!(n.text("b"), "[0]");
    assert!(uncoloured(&n.error("s")).contains("the cell failed before its end"));
    n.error("let a = String::from(\"never kept\"); let x: i32 = \"y\".parse()?;");
    assert_eq!(n.text("a"), "7");
}

#[test]
fn a_panic_inside_a_library_names_the_line_that_called_it() {
    let mut n = Notebook::new();
    // `char::from_digit` panics in its own line for a radix above 36; an ordering that contradicts itself panics deep
    // inside the sort.
    let calls = [
        "let c = 1;\nstd::iter::empty::<u8>().collect::<Vec<_>>().chunks(c - 1).count();",
        "let c = 1;\nlet _ = (0..100_000).map(|i| vec![i; 10]).collect::<Vec<_>>(); char::from_digit(1, 40 * c);",
    ];
    for code in calls {
        let error = n.error(code);
        assert_eq!(error.name, "Panic");
        assert!(uncoloured(&error).contains("----> 2 "), "{}", uncoloured(&error));
    }
}

#[test]
fn every_kind_of_type_can_be_written_again() {
    let mut n = Notebook::new();
    n.text(
        "use std::collections::*; use std::rc::Rc; use std::cell::*; use std::sync::*;\n\
         mod inner { #[derive(Debug, Default)] pub struct Inner(pub u8); }\n\
         #[derive(Debug)] struct Unit; #[derive(Debug)] struct 점<T> { x: T }\n\
         let a = BTreeMap::from([(1u8, BTreeSet::from(['x']))]); let b = VecDeque::from([Some(Ok::<i32, String>(1))]);\n\
         let c = Rc::new(RefCell::new([0.5f32; 3])); let d = Arc::new(Mutex::new(Cell::new(1)));\n\
         let e = 0..3; let f = 'a'..='c'; let g: fn(i32) -> i32 = i32::abs; let h = std::time::Duration::from_secs(1);\n\
         let i: Box<dyn Fn(&str) -> usize + Send> = Box::new(|s| s.len()); let j = Unit; let k = 점 { x: Unit };\n\
         let l = inner::Inner::default(); let m = std::num::NonZero::<u32>::new(3); let o = std::net::Ipv4Addr::LOCALHOST;\n\
         let p: &'static [u8] = b\"bytes\"; let q = [1, 2].into_iter(); let r = std::cmp::Reverse(2); let s = HashSet::from([1]);\n\
         let t = BinaryHeap::from([1]); let u = std::borrow::Cow::Borrowed(\"cow\"); let w = std::path::PathBuf::from(\"p\");",
    );
    assert_eq!(
        n.text("println!(\"{a:?} {b:?} {c:?} {e:?} {f:?} {} {h:?} {} {j:?} {k:?} {l:?} {m:?} {o:?} {p:?} {} {r:?} {s:?} {t:?} {u:?} {w:?}\", g(-1), i(\"four\"), q.len());"),
        "{1: {'x'}} [Some(Ok(1))] RefCell { value: [0.5, 0.5, 0.5] } 0..3 'a'..='c' 1 1s 4 Unit 점 { x: Unit } Inner(0) \
         Some(3) 127.0.0.1 [98, 121, 116, 101, 115] 2 Reverse(2) {1} [1] \"cow\" \"p\"\n"
    );
    let text = n.text(":vars");
    for line in [
        "a: std::collections::BTreeMap<u8, std::collections::BTreeSet<char>>",
        "c: std::rc::Rc<std::cell::RefCell<[f32; 3]>>",
        "k: 점<Unit>",
        "l: inner::Inner",
        "o: std::net::Ipv4Addr",
        "g: fn(i32) -> i32",
    ] {
        assert!(text.lines().any(|l| l == line), "{line} is not in\n{text}");
    }
    n.text("let closure = |x: i32| x + 1; let function = i32::abs; let constructor = Some::<i32>;");
    for name in ["closure", "function", "constructor"] {
        assert!(uncoloured(&n.error(name)).contains("cannot be named in a later cell"), "{name}");
    }
}

#[test]
fn a_static_is_one_variable_in_all_cells() {
    let mut n = Notebook::new();
    n.text(
        "use std::sync::atomic::{AtomicUsize, Ordering};\nstatic TOTAL: AtomicUsize = AtomicUsize::new(10);\n\
         fn next() -> usize { static N: AtomicUsize = AtomicUsize::new(0); N.fetch_add(1, Ordering::SeqCst) }\n\
         static mut RAW: i32 = 1; mod m { pub static S: std::sync::Mutex<Vec<i32>> = std::sync::Mutex::new(Vec::new()); }\n\
         TOTAL.fetch_add(1, Ordering::SeqCst); next();",
    );
    assert_eq!(n.text("TOTAL.fetch_add(1, Ordering::SeqCst)"), "11");
    assert_eq!(
        n.text("m::S.lock().unwrap().push(7); unsafe { RAW += 1; } (next(), TOTAL.load(Ordering::SeqCst))"),
        "(1, 12)"
    );
    assert_eq!(n.text("println!(\"{:?} {}\", m::S.lock().unwrap(), unsafe { RAW });"), "[7] 2\n");
    // A cell that dies takes its own statics along; the next that names them has them anew.
    n.error("static FRESH: AtomicUsize = AtomicUsize::new(5); TOTAL.fetch_add(100, Ordering::SeqCst); std::process::abort();");
    assert_eq!(n.text("FRESH.fetch_add(1, Ordering::SeqCst)"), "5");
    assert_eq!(n.text("(FRESH.load(Ordering::SeqCst), TOTAL.load(Ordering::SeqCst), next())"), "(6, 12, 2)");
    // Defined anew, it starts anew.
    assert_eq!(n.text("static TOTAL: AtomicUsize = AtomicUsize::new(1); TOTAL.load(Ordering::SeqCst)"), "1");
    assert_eq!(n.text("TOTAL.load(Ordering::SeqCst)"), "1");
}

#[test]
fn names_that_are_elsewhere_are_pointed_to() {
    let mut n = Notebook::new();
    for (code, hint) in [
        ("arange(0.0, 1.0, 0.1)", "help: the library has `np::arange`"),
        ("print(3);", "help: to print, write `println!"),
        (
            "mod tf { } let s = tf::Session::new();",
            "help: `Session` belongs to TensorFlow 1: begin with `use flowbook::v1",
        ),
    ] {
        let text = uncoloured(&n.error(code));
        assert!(text.contains(hint), "{code}\n{text}");
    }
}

#[test]
fn foreign_functions_stay_declared() {
    let mut n = Notebook::new();
    n.text("unsafe extern \"C\" { safe fn abs(n: i32) -> i32; }");
    assert_eq!(n.text("abs(-3)"), "3");
}

#[test]
fn compile_errors_point_into_the_cell() {
    let mut n = Notebook::new();
    let error = n.error("let 값 = 3;\nprintln!(\"한글 {}\", 값 + missing);");
    assert_eq!(
        (error.name.as_str(), error.value.as_str()),
        ("CompileError", "cannot find value `missing` in this scope [E0425]")
    );
    let text = uncoloured(&error);
    assert!(text.contains("cell [1]:2:23") && text.contains("2 | println!"), "{text}");
    let error = n.error("let x: i32 = \"a\";");
    assert!(error.value.starts_with("mismatched types"), "{}", error.value);
    let error = n.error("let x = (1;");
    assert_eq!(error.name, "CompileError");
    assert!(uncoloured(&error).contains("cell ["), "{}", uncoloured(&error));
}

#[test]
fn an_error_in_an_earlier_item_names_its_cell() {
    let mut n = Notebook::new();
    n.text("fn area(side: f64) -> f64 { side * side }");
    n.text("fn boom() { panic!(\"from far\") }");
    let error = n.error("boom();");
    assert!(uncoloured(&error).contains("cell [2], line 1"), "{}", uncoloured(&error));
}

#[test]
fn variables_outlive_the_death_of_their_process() {
    let mut n = Notebook::new();
    n.text("fn f() -> i32 { 7 } fn deep(n: u64) -> u64 { std::hint::black_box(deep(n + 1)) + 1 } let mut v = vec![1];");
    let deaths = [
        ("std::process::abort();", "Abort"),
        ("unsafe { std::ptr::null_mut::<i32>().write_volatile(1) }", "SegmentationFault"),
        ("std::process::exit(3);", "SystemExit"),
        ("println!(\"{}\", deep(0));", "StackOverflow"),
        ("let huge: Vec<u8> = Vec::with_capacity(1 << 46); println!(\"{:p}\", &huge);", "OutOfMemory"),
    ];
    n.error("std::process::abort();");
    for (i, (code, class)) in deaths.into_iter().enumerate() {
        let error = n.error(&format!("v.push(99); {code}"));
        assert_eq!(error.name, class, "{}", error.value);
        assert_eq!(n.text("v.len()"), format!("{}", i + 1), "after {class}");
        n.text("v.push(0);");
    }
    assert_eq!(n.text("f()"), "7");
}

#[test]
fn variables_outlive_a_kill_between_cells() {
    let mut n = Notebook::new();
    n.text("let a = String::from(\"kept\");");
    let pid = n.text("std::process::id()");
    let status = std::process::Command::new("kill").args(["-9", &pid]).status();
    assert!(status.is_ok_and(|s| s.success()));
    assert_eq!(n.text("a"), "\"kept\"");
}

#[test]
fn a_cell_that_is_done_is_kept_however_soon_its_process_is_killed() {
    let mut n = Notebook::new();
    for round in 0..20 {
        let pid = n.text(&format!("let kept = {round}; std::process::id()"));
        let status = std::process::Command::new("kill").args(["-9", &pid]).status();
        assert!(status.is_ok_and(|s| s.success()));
        assert_eq!(n.text("kept"), round.to_string());
    }
}

/// The compilers of a notebook, by the directory where its cells are: those that wait for cells, and those that they are
/// forks of.
fn compilers(n: &mut Notebook) -> (Vec<i32>, Vec<i32>) {
    let maps = n.text("print!(\"{}\", std::fs::read_to_string(\"/proc/self/maps\")?);");
    let object = maps.lines().find_map(|line| line.split_once("/cell.so").map(|(path, _)| path.to_owned()));
    let object = object.and_then(|line| Some(line[line.find('/')?..].to_owned())).expect("the cell is mapped");
    let directory = Path::new(&object).parent().expect("a directory for each cell").to_owned();
    let there = |pid: &i32| std::fs::read_link(format!("/proc/{pid}/cwd")).is_ok_and(|cwd| cwd.starts_with(&directory));
    // "PID (NAME) STATE PARENT ..."
    let stat = |pid: &i32| std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let parent = |pid: &i32| stat(pid).split(") ").nth(1)?.split(' ').nth(1)?.parse::<i32>().ok();
    let numbers = std::fs::read_dir("/proc").expect("Linux").filter_map(|e| e.ok()?.file_name().to_str()?.parse().ok());
    let found: Vec<i32> = numbers.filter(there).filter(|pid| stat(pid).contains("(rustc)")).collect();
    found.iter().partition(|pid| parent(pid).is_some_and(|parent| found.contains(&parent)))
}

#[test]
fn cells_go_on_when_the_compilers_that_wait_for_them_are_killed() {
    let mut n = Notebook::new();
    let (one, looped) = ("let x = 20; x + 1", "let mut s = 0; for i in 0..7 { s += i; } s");
    assert_eq!((n.text(one), n.text(looped)), ("21".into(), "21".into()));
    let (forks, servers) = compilers(&mut n);
    assert_eq!(servers.len(), 2, "one without and one with the optimiser");
    let kill = |pid: &i32| drop(Command::new("kill").args(["-KILL", &pid.to_string()]).status());
    forks.iter().for_each(kill);
    assert_eq!((n.text(one), n.text(looped)), ("21".into(), "21".into()));
    assert!(compilers(&mut n).1.iter().all(|pid| servers.contains(pid)), "a fork is nothing to a server");
    servers.iter().for_each(kill);
    assert_eq!((n.text(one), n.text(looped)), ("21".into(), "21".into()));
    assert!(compilers(&mut n).1.iter().all(|pid| !servers.contains(pid)), "there are others now");
}

#[test]
fn cells_whose_execution_counts_repeat_stay_apart() {
    let mut n = Notebook::new();
    let evaluator = &mut n.evaluator;
    let mut ignore = |_| ();
    // As a front end runs them that wants no history.
    evaluator.execute("fn double(x: i32) -> i32 { 2 * x }", 1, &mut ignore).unwrap();
    evaluator.execute("let a = double(4);", 1, &mut ignore).unwrap();
    let error = evaluator.execute("assert_eq!(double(a), 0);", 1, &mut ignore).unwrap_err();
    assert!(error.traceback.join("\n").contains("assert_eq!(double(a), 0);"), "{error:?}");
}

#[test]
fn an_unused_result_is_pointed_out() {
    let mut n = Notebook::new();
    let outputs = n.outputs("\"1\".parse::<i32>();").unwrap();
    let Some(Output::Stream(Stream::Stderr, text)) = outputs.first() else { panic!("{outputs:?}") };
    assert!(text.contains("unused") && text.contains("cell [1]"), "{text}");
    assert!(!text.contains("lint level"), "no line of ours is shown: {text}");
}

#[test]
fn printed_text_and_displays_come_in_order() {
    let mut n = Notebook::new();
    let shown = n.text("print!(\"a\"); display::html(\"<b>x</b>\"); println!(\"b\"); eprintln!(\"ERR\"); display::markdown(\"*y*\"); 5");
    assert_eq!(shown.replace("ERR\n", ""), "a<HTML object>b\n*y*5");
    assert!(shown.contains("ERR\n"));
}

#[test]
fn a_unit_value_shows_nothing() {
    let mut n = Notebook::new();
    assert_eq!(n.text("println!(\"x\")"), "x\n");
    assert_eq!(n.text("()"), "");
    assert_eq!(n.text("// nothing but a remark"), "");
    assert_eq!(n.text(""), "");
}

#[test]
fn an_interrupt_stops_what_does_not_stop_by_itself() {
    let mut n = Notebook::new();
    n.text("let a = 1;");
    let stop = n.evaluator.interrupter();
    let (started, wait) = std::sync::mpsc::channel();
    let interrupting = std::thread::spawn(move || {
        wait.recv().unwrap();
        stop();
    });
    n.count += 1;
    let error = n
        .evaluator
        .execute("println!(\"go\"); loop { std::hint::spin_loop() }", n.count, &mut |_| started.send(()).unwrap());
    interrupting.join().unwrap();
    assert_eq!(error.unwrap_err().name, "KeyboardInterrupt");
    assert_eq!(n.text("a"), "1");
}

#[test]
fn commands_are_cells_too() {
    let mut n = Notebook::new();
    assert_eq!(n.text(":vars"), "there are no variables yet\n");
    n.text("let v = vec![1.5]; let s = \"x\";");
    assert_eq!(n.text(":vars"), "s: &str\nv: std::vec::Vec<f64>\n");
    assert!(n.text(":help").contains("feed!"));
    assert_eq!(n.text("!echo out; echo 한글 >&2"), "out\n한글\n");
    let error = n.error("!exit 3");
    assert_eq!((error.name.as_str(), error.value.as_str()), ("ShellError", "`exit 3` ended with exit status: 3"));
    assert!(n.error(":nosuch").value.contains("`:help` lists"));
    assert!(n.error(":dep rand = 0.9").value.contains("is not understood"));
    let timed = n.text(":time\nlet later = v.len();\nlater");
    assert!(timed.starts_with("1") && timed.contains("Wall time: ") && timed.contains("(compiled in "), "{timed}");
    assert!(n.text("%%time\nstd::thread::sleep(std::time::Duration::from_millis(50));").starts_with("CPU time: "));
    assert_eq!(n.text(":vars\nlater + 1"), "later: usize\ns: &str\nv: std::vec::Vec<f64>\n2");
    assert_eq!(n.text("v"), "[1.5]");
}

/// The index behind completion and help must not name what is not there.
#[test]
fn every_function_of_the_index_can_be_imported() {
    let index = include_str!("../src/evaluator/library.tsv");
    let functions = index.lines().filter_map(|line| {
        let mut fields = line.split('\t');
        let (path, kind) = (fields.next()?, fields.next()?);
        let own = path.split("::").all(|part| !part.starts_with(|c: char| c.is_ascii_uppercase()));
        (kind == "function" && own && !path.contains('.')).then_some(path)
    });
    let raw = |part: &str| match part {
        "mod" | "where" => format!("r#{part}"),
        other => other.to_owned(),
    };
    let imports: Vec<String> = functions
        .map(|path| format!("use {} as _;", path.split("::").map(raw).collect::<Vec<_>>().join("::")))
        .collect();
    assert!(imports.len() > 300, "{}", imports.len());
    Notebook::new().text(&imports.join("\n"));
}
