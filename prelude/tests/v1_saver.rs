//! Checkpoints: what `tf.train.Saver` writes, keeps, and says when something does not fit. The texts are TensorFlow's.

use std::path::PathBuf;

use flowbook::v1::{self as tf, Graph, Session, Variable};
use flowbook::{Error, Result};

/// A directory that is gone when the test is.
struct Directory(PathBuf);

impl Directory {
    fn new(name: &str) -> Directory {
        let path = std::env::temp_dir().join(format!("flowbook-saver-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Directory(path)
    }

    fn path(&self, name: &str) -> String {
        self.0.join(name).display().to_string()
    }

    fn files(&self) -> Vec<String> {
        let files = std::fs::read_dir(&self.0).unwrap().map(|f| f.unwrap().file_name().into_string().unwrap());
        let mut files: Vec<String> = files.collect();
        files.sort();
        files
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn lesson(body: impl FnOnce(Session) -> Result<()>) {
    Graph::new().as_default(|| body(Session::new())).unwrap();
}

fn text<T>(result: Result<T>) -> String {
    result.err().expect("it went well").to_string()
}

#[test]
fn the_newest_checkpoints_stay() {
    let directory = Directory::new("keep");
    lesson(|sess| {
        let w = Variable::new([1.0, 2.0]).named("w");
        let saver = tf::train::Saver::new().max_to_keep(2);
        sess.run(tf::global_variables_initializer())?;
        let model = directory.path("m.ckpt");
        assert_eq!(saver.save(sess, &model)?, model);
        for step in 0..4 {
            assert_eq!(saver.save_at(sess, &model, step)?, format!("{model}-{step}"));
            sess.run(tf::assign_add(w, [1.0, 1.0]))?;
        }
        assert_eq!(directory.files(), ["checkpoint", "m.ckpt-2.safetensors", "m.ckpt-3.safetensors"]);
        assert_eq!(
            std::fs::read_to_string(directory.0.join("checkpoint")).unwrap(),
            format!(
                "model_checkpoint_path: \"{model}-3\"\nall_model_checkpoint_paths: \"{model}-2\"\nall_model_checkpoint_paths: \
                 \"{model}-3\"\n"
            )
        );
        assert_eq!(saver.last_checkpoints(), [format!("{model}-2"), format!("{model}-3")]);
        let latest = tf::train::latest_checkpoint(&directory.0).unwrap();
        assert_eq!(latest, format!("{model}-3"));
        saver.restore(sess, &latest)?;
        assert_eq!(sess.run(w)?.to_string(), "[4. 5.]");
        assert_eq!(tf::train::list_variables(&latest)?, [("w".to_owned(), vec![2])]);
        assert_eq!(tf::train::latest_checkpoint(directory.path("nothing")), None);
        Ok(())
    });
}

/// The second session has never run an initializer; a run compiled before the restore sees the restored value too.
#[test]
fn restored_variables_need_no_initializer() {
    let directory = Directory::new("restore");
    lesson(|sess| {
        let w = Variable::new([1.5, -2.0]).named("w");
        let b = Variable::new(3).named("b");
        let flag = Variable::new(true).named("flag");
        let doubled = w * 2.0;
        let saver = tf::train::Saver::new();
        sess.run(tf::global_variables_initializer())?;
        sess.run(doubled)?;
        let path = saver.save(sess, directory.path("model"))?;
        sess.run(tf::assign(w, [0.0, 0.0]))?;
        saver.restore(sess, &path)?;
        assert_eq!(sess.run(doubled)?.to_string(), "[ 3. -4.]");
        let other = Session::new();
        saver.restore(other, &path)?;
        let (w, b, flag) = other.run((w, b, flag))?;
        assert_eq!(format!("{w} {b} {flag}"), "[ 1.5 -2. ] 3 True");
        Ok(())
    });
}

#[test]
fn what_cannot_be_saved() {
    let directory = Directory::new("save-errors");
    lesson(|sess| {
        let _w = Variable::new([1.0]).named("w");
        let saver = tf::train::Saver::new();
        assert_eq!(
            text(saver.save(sess, directory.path("x"))),
            "FailedPreconditionError: Attempting to use uninitialized value w\n\t [[{{node save/SaveV2}}]]"
        );
        sess.close();
        assert_eq!(text(saver.save(sess, directory.path("x"))), "RuntimeError: Attempted to use a closed Session.");
        assert!(directory.files().is_empty());
        Ok(())
    });
    let panic = std::panic::catch_unwind(|| Graph::new().as_default(tf::train::Saver::new)).unwrap_err();
    assert_eq!(panic.downcast_ref::<String>().unwrap(), "ValueError: No variables to save");
}

#[test]
fn what_cannot_be_restored() {
    let directory = Directory::new("restore-errors");
    let path = directory.path("m");
    lesson(|sess| {
        let _w = Variable::new([1.0, 2.0]).named("w");
        sess.run(tf::global_variables_initializer())?;
        tf::train::Saver::new().save(sess, &path).map(drop)
    });
    let restored = |make: &dyn Fn() -> Variable| {
        Graph::new().as_default(|| {
            make();
            tf::train::Saver::new().restore(Session::new(), &path)
        })
    };
    lesson(|sess| {
        let _w = Variable::new([1.0]).named("w");
        let nowhere = directory.path("zzz");
        let error = text(tf::train::Saver::new().restore(sess, &nowhere));
        assert_eq!(error, format!("ValueError: The passed save_path is not a valid checkpoint: {nowhere}"));
        Ok(())
    });
    let missing = text(restored(&|| Variable::new(1.0).named("q")));
    assert!(
        missing
            .starts_with("NotFoundError: Restoring from checkpoint failed. This is most likely due to a Variable name")
    );
    assert!(missing.ends_with("\n\nKey q not found in checkpoint\n\t [[{{node save/RestoreV2}}]]"), "{missing}");
    let longer = text(restored(&|| Variable::new([1.0, 2.0, 3.0]).named("w")));
    assert!(
        longer.starts_with(
            "InvalidArgumentError: Restoring from checkpoint failed. This is most likely due to a mismatch"
        )
    );
    assert!(
        longer.ends_with(
            "\n\nAssign requires shapes of both tensors to match. lhs shape= [3] rhs shape= [2]\n\t [[{{node save/Assign}}]]"
        ),
        "{longer}"
    );
    let integers = text(restored(&|| Variable::new([1, 2]).named("w")));
    assert!(
        integers.contains("tensor_name = w; expected dtype int32 does not equal original dtype float"),
        "{integers}"
    );
}

#[test]
fn values_loaded_from_outside() {
    lesson(|sess| {
        let w = Variable::new([1.0, 2.0]).named("w");
        w.load([5.0, 6.0], sess)?;
        assert_eq!(sess.run(w)?.to_string(), "[5. 6.]");
        assert_eq!(
            w.load([1.0, 2.0, 3.0], sess).unwrap_err(),
            Error::Value("Cannot feed value of shape (3,) for Tensor w/initial_value:0, which has shape (2,)".into())
        );
        Ok(())
    });
}
