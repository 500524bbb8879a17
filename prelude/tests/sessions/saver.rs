//! Programs about checkpoints.

use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};

use flowbook::v1::train::{self, Saver};
use flowbook::v1::{self as tf, Graph, Session, Variable};

use super::{Family, programs, started, truth};

pub const FAMILY: Family = Family { programs: PROGRAMS, different: DIFFERENT, impossible: &[], same };

/// The recording has the core of what restoring fails with, without TensorFlow's advice before it.
fn same(_: &str, ours: &str, theirs: &str) -> bool {
    let Some((class, _)) = ours.rsplit_once(": Restoring from checkpoint failed.") else { return ours == theirs };
    let core = ours.rsplit_once("Original error:\n\n").map_or(ours, |(_, core)| core);
    format!("{class}: {core}") == theirs
}

const DIFFERENT: &[(&str, &str)] = &[];

/// An empty directory, gone when dropped; `DIR` in what programs print.
struct Directory(PathBuf);

impl Directory {
    fn new() -> Directory {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let name = format!("flowbook-sessions-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).unwrap();
        Directory(path)
    }

    fn path(&self, name: &str) -> String {
        format!("{}/{name}", self.0.display())
    }

    /// A text with `DIR` for the directory.
    fn hidden(&self, text: impl std::fmt::Display) -> String {
        text.to_string().replace(&self.0.display().to_string(), "DIR")
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A Python list of paths.
fn paths(directory: &Directory, paths: Vec<String>) -> String {
    directory.hidden(crate::support::list(paths))
}

fn or_none(path: Option<String>) -> String {
    path.unwrap_or_else(|| "None".into())
}

fn one() -> Variable {
    Variable::new(1.0).named("v")
}

fn pair() -> Variable {
    Variable::new([1.0, 2.0]).named("v")
}

/// Variables `v` and `w` that start as 1 and 2.
fn two() -> (Variable, Variable) {
    (one(), Variable::new(2.0).named("w"))
}

/// Saves the variables that `first` makes and restores into those that `second` makes.
fn moved(first: impl FnOnce() -> Variable, second: impl FnOnce()) -> flowbook::Result<()> {
    let directory = Directory::new();
    first();
    let path = Saver::new().save(started()?, directory.path("m"))?;
    Graph::new().as_default(|| {
        second();
        Saver::new().restore(Session::new(), path)
    })
}

/// Fails with the directory's path hidden in the message.
fn hiding(directory: &Directory, result: flowbook::Result<()>) -> flowbook::Result<()> {
    result.map_err(|error| match error {
        flowbook::Error::Value(text) => flowbook::Error::Value(directory.hidden(text)),
        flowbook::Error::NotFound(text) => flowbook::Error::NotFound(directory.hidden(text)),
        other => other,
    })
}

const PROGRAMS: &[(&str, super::Program)] = programs! {
    "saved and restored" => |out| {
        let directory = Directory::new();
        let (v, w) = (Variable::new([1.5, -2.0]).named("v"), Variable::new(3).named("w"));
        let saver = Saver::new();
        let sess = started()?;
        let path = saver.save(sess, directory.path("model.ckpt"))?;
        say!(out, "{}", directory.hidden(&path));
        sess.run([v.assign([0.0, 0.0]), w.assign(0)])?;
        saver.restore(sess, &path)?;
        say!(out, "{:?}", sess.run([v, w])?);
        let other = Session::new();
        saver.restore(other, &path)?;
        say!(out, "{:?}", other.run([v, w])?);
    }
    "restored into another graph" => |out| {
        let directory = Directory::new();
        Variable::new([1.5, -2.0]).named("v");
        let path = Saver::new().save(started()?, directory.path("m"))?;
        Graph::new().as_default(|| {
            let (w, other) = (tf::get_variable("v").shape([2]), Session::new());
            Saver::new().restore(other, path)?;
            say!(out, "{}", other.run(w)?);
            flowbook::Result::Ok(())
        })?;
    }
    "all types" => |out| {
        let directory = Directory::new();
        let a = Variable::new(1.5).with_dtype(tf::float64).named("a");
        let b = Variable::new([1, 2]).with_dtype(tf::int64).named("b");
        let c = Variable::new([true, false]).named("c");
        let d = Variable::new(200).with_dtype(tf::uint8).named("d");
        let (sess, saver, other) = (started()?, Saver::new(), Session::new());
        saver.restore(other, saver.save(sess, directory.path("m"))?)?;
        say!(out, "{:?}", other.run([a, b, c, d])?);
    }
    "texts" => |out| {
        let directory = Directory::new();
        let v = Variable::new(["a", "", "long text"]).named("v");
        let (sess, saver, other) = (started()?, Saver::new(), Session::new());
        saver.restore(other, saver.save(sess, directory.path("m"))?)?;
        say!(out, "{}", other.run(v)?);
    }
    "no such checkpoint" => |_out| {
        let directory = Directory::new();
        one();
        hiding(&directory, Saver::new().restore(Session::new(), directory.path("none")))?;
    }
    "no such directory" => |_out| {
        let directory = Directory::new();
        one();
        hiding(&directory, Saver::new().restore(Session::new(), directory.path("no/none")))?;
    }
    "an empty path" => |_out| {
        one();
        Saver::new().restore(Session::new(), "")?;
    }
    "saved into a new directory" => |out| {
        let directory = Directory::new();
        one();
        say!(out, "{}", directory.hidden(Saver::new().save(started()?, directory.path("new/m"))?));
    }
    "saved into a new directory of a new directory" => |out| {
        let directory = Directory::new();
        one();
        hiding(&directory, Saver::new().save(started()?, directory.path("new/newer/m")).map(drop))?;
        say!(out, "saved");
    }
    "a variable without a value" => |_out| {
        let directory = Directory::new();
        let (v, _w) = two();
        let sess = Session::new();
        sess.run(v.initializer_op())?;
        Saver::new().save(sess, directory.path("m"))?;
    }
    "no variables" => |_out| {
        Saver::new();
    }
    "a closed session saves" => |_out| {
        let directory = Directory::new();
        one();
        let (saver, sess) = (Saver::new(), Session::new());
        sess.close();
        saver.save(sess, directory.path("m"))?;
    }
    "a closed session is restored" => |_out| {
        let directory = Directory::new();
        one();
        let (saver, sess) = (Saver::new(), started()?);
        let path = saver.save(sess, directory.path("m"))?;
        sess.close();
        saver.restore(sess, path)?;
    }
    "a key that is missing" => |_out| {
        moved(one, || {
            two();
        })?;
    }
    "another shape" => |_out| {
        moved(pair, || {
            Variable::new([1.0, 2.0, 3.0]).named("v");
        })?;
    }
    "another rank" => |_out| {
        moved(|| Variable::new([1.0]).named("v"), || {
            one();
        })?;
    }
    "another type" => |_out| {
        moved(pair, || {
            Variable::new([1, 2]).named("v");
        })?;
    }
    "a part of it" => |out| {
        let directory = Directory::new();
        let (v, w) = two();
        let path = Saver::new().save(started()?, directory.path("m"))?;
        let other = Session::new();
        Saver::for_variables(&[w]).restore(other, path)?;
        say!(out, "{}", other.run(w)?);
        say!(out, "{}", other.run(v)?);
    }
    "under other names" => |out| {
        let directory = Directory::new();
        let (v, w) = two();
        let sess = started()?;
        let path = Saver::with_names([("one", v), ("two/w", w)]).save(sess, directory.path("m"))?;
        let listed = train::list_variables(&path)?;
        say!(out, "[('{}', {:?}), ('{}', {:?})]", listed[0].0, listed[0].1, listed[1].0, listed[1].1);
        Saver::with_names([("two/w", v), ("one", w)]).restore(sess, &path)?;
        say!(out, "{:?}", sess.run([v, w])?);
        Saver::new().restore(sess, &path)?;
    }
    "the same variable twice" => |_out| {
        let v = one();
        Saver::for_variables(&[v, v]);
    }
    "with the step" => |out| {
        let directory = Directory::new();
        one();
        let step = train::get_or_create_global_step();
        let (sess, saver, path) = (started()?, Saver::new(), directory.path("m"));
        say!(out, "{}", directory.hidden(saver.save_at(sess, &path, 0)?));
        say!(out, "{}", directory.hidden(saver.save_at(sess, &path, 1000)?));
        sess.run(step.assign(7))?;
        say!(out, "{}", directory.hidden(saver.save_at(sess, &path, train::global_step(sess, step)?)?));
        say!(out, "{}", directory.hidden(or_none(train::latest_checkpoint(&directory.0))));
    }
    "the last ones stay" => |out| {
        let directory = Directory::new();
        one();
        let (sess, saver) = (started()?, Saver::new().max_to_keep(2));
        for n in 0..4 {
            saver.save_at(sess, directory.path("m"), n)?;
        }
        say!(out, "{}", paths(&directory, saver.last_checkpoints()));
        say!(out, "{}", directory.hidden(or_none(train::latest_checkpoint(&directory.0))));
        let there = [0, 1, 2, 3].map(|n| truth(train::checkpoint_exists(directory.path(&format!("m-{n}")))));
        say!(out, "[{}]", there.join(", "));
        let text = std::fs::read_to_string(directory.path("checkpoint")).unwrap();
        say!(out, "{}", directory.hidden(text.trim_end()));
    }
    "five stay by themselves" => |out| {
        let directory = Directory::new();
        one();
        let (sess, saver) = (started()?, Saver::new());
        for n in 0..7 {
            saver.save_at(sess, directory.path("m"), n)?;
        }
        say!(out, "{}", paths(&directory, saver.last_checkpoints()));
    }
    "all stay" => |out| {
        let directory = Directory::new();
        one();
        let sess = started()?;
        for _ in 0..2 {
            let saver = Saver::new().max_to_keep(0);
            for n in 0..7 {
                saver.save_at(sess, directory.path("m"), n)?;
            }
            let first = truth(train::checkpoint_exists(directory.path("m-0")));
            say!(out, "{} {first}", paths(&directory, saver.last_checkpoints()));
        }
    }
    "saved again" => |out| {
        let directory = Directory::new();
        one();
        let (sess, saver) = (started()?, Saver::new().max_to_keep(2));
        for name in ["a", "b", "a", "c"] {
            saver.save(sess, directory.path(name))?;
        }
        say!(out, "{}", paths(&directory, saver.last_checkpoints()));
        say!(out, "{}", truth(train::checkpoint_exists(directory.path("b"))));
    }
    "the latest of none" => |out| {
        let directory = Directory::new();
        say!(out, "{}", or_none(train::latest_checkpoint(&directory.0)));
        say!(out, "{}", or_none(train::latest_checkpoint(directory.path("none"))));
        say!(out, "{}", truth(train::checkpoint_exists(directory.path("m"))));
    }
    "the state of a directory" => |out| {
        let directory = Directory::new();
        one();
        let (sess, saver) = (started()?, Saver::new());
        say!(out, "{}", if train::get_checkpoint_state(&directory.0).is_none() { "None" } else { "there is one" });
        for n in [1, 2] {
            saver.save_at(sess, directory.path("m"), n)?;
        }
        let state = train::get_checkpoint_state(&directory.0).expect("two were saved");
        let latest = directory.hidden(&state.model_checkpoint_path);
        say!(out, "{latest} {}", paths(&directory, state.all_model_checkpoint_paths));
    }
    "what an optimizer keeps" => |out| {
        let directory = Directory::new();
        let v = pair();
        let step = train::get_or_create_global_step();
        let train = train::AdamOptimizer::new(0.1).global_step(step).minimize(v * v);
        let sess = started()?;
        sess.run(train)?;
        for (name, shape) in train::list_variables(Saver::new().save(sess, directory.path("m"))?)? {
            say!(out, "{name} {shape:?}");
        }
    }
    "training goes on" => |out| {
        let directory = Directory::new();
        let v = pair();
        let train = train::MomentumOptimizer::new(0.1, 0.9).minimize(v * v);
        let (saver, sess, other) = (Saver::new(), started()?, Session::new());
        sess.run(train)?;
        sess.run(train)?;
        let path = saver.save(sess, directory.path("m"))?;
        sess.run(train)?;
        saver.restore(other, path)?;
        other.run(train)?;
        let (after, again) = (sess.run(v)?, other.run(v)?);
        say!(out, "{after} {again} {}", truth(after.as_slice::<f32>() == again.as_slice::<f32>()));
    }
    "a variable made after the saver" => |out| {
        let directory = Directory::new();
        one();
        let saver = Saver::new();
        Variable::new(2.0).named("w");
        let listed = train::list_variables(saver.save(started()?, directory.path("m"))?)?;
        say!(out, "[('{}', {:?})]", listed[0].0, listed[0].1);
    }
    "a value in a checkpoint" => |out| {
        let directory = Directory::new();
        Variable::new([[1.0, 2.0]]).named("v");
        let path = Saver::new().save(started()?, directory.path("m"))?;
        say!(out, "{}", train::load_variable(&path, "v")?);
        hiding(&directory, train::load_variable(&path, "w").map(drop))?;
    }
    "the variables of no checkpoint" => |_out| {
        let directory = Directory::new();
        hiding(&directory, train::list_variables(directory.path("none")).map(drop))?;
    }
};
