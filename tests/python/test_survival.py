"""What ends a cell or its process: the kernel goes on, variables of earlier cells stay, queued cells are aborted."""

import os
import signal
import unittest

from kernel_case import TIMEOUT, KernelCase, is_idle, processes, wait_until

# Deaths, with the class of the error. All name a variable first, so that it is not safe from the cell by being unused.
DEATHS = [
    ("std::process::abort();", "Abort"),
    ("unsafe { std::ptr::null_mut::<i32>().write_volatile(1) }", "SegmentationFault"),
    ("std::process::exit(0);", "SystemExit"),
    ("fn deep(n: u64) -> u64 { std::hint::black_box(deep(n + 1)) + 1 } deep(0)", "StackOverflow"),
    ("let huge: Vec<u8> = Vec::with_capacity(1 << 46); huge.len()", "OutOfMemory"),
    ("!kill -9 $PPID", None),
]

GRAPH = """
let x = tf::placeholder(tf::float32, shape![None]);
let w = tf::Variable::new(tf::zeros([1000, 1000]));
let product = tf::matmul(w, tf::ones([1000, 1000]));
let sess = tf::Session::new();
sess.run(tf::global_variables_initializer())?;
"""

MODEL = """
use flowbook::keras::{layers::Dense, Sequential};
let mut model = Sequential::new();
model.add(Dense::new(1).input_shape([1]).kernel_initializer("zeros"));
model.compile("sgd", "mse", ())?;
let (x, y) = (np::ones((512, 1)), np::ones((512, 1)));
"""

# What runs when it is interrupted; each prints `go` when it has begun.
RUNNING = {
    "a loop": 'println!("go"); let mut n = 0u64; loop { n = std::hint::black_box(n.wrapping_add(1)); }',
    "a sleep": 'println!("go"); std::thread::sleep(std::time::Duration::from_secs(600));',
    "a loop of runs": 'println!("go"); loop { sess.run(product)?; }',
    "a program in the shell": "!echo go; sleep 600",
    "a lock": 'println!("go"); let m = std::sync::Mutex::new(0); let a = m.lock(); let b = m.lock();',
}


class SurvivalTests(KernelCase):
    def test_variables_survive_every_death(self):
        self.run_cell("let mut v = vec![1]; fn f() -> i32 { 7 }")
        for n, (code, ename) in enumerate(DEATHS):
            if ename:
                reply = self.fail_cell(f"v.push(99);\n{code}", ename)
                self.assertIn("all variables are as they were before this cell", reply["evalue"])
            self.assertEqual(self.run_cell("v.len()"), str(n + 1), code)
            self.run_cell("v.push(0);")
        self.assertEqual(self.run_cell("f()"), "7")

    def test_variables_survive_a_kill_of_the_running_process(self):
        self.run_cell("let kept = String::from(\"한글\");")
        pid = int(self.run_cell("std::process::id()"))
        self.assertIn(pid, processes(self.manager.provisioner.pid))
        os.kill(pid, signal.SIGKILL)
        self.assertEqual(self.run_cell("kept"), '"한글"')
        # And while a cell runs.
        pid = int(self.run_cell("std::process::id()"))
        request = self.client.execute('println!("go"); loop { std::thread::yield_now(); }')
        self.wait_for_text(request, "go")
        os.kill(pid, signal.SIGKILL)
        reply = self.reply_to(request)
        self.assertEqual((reply["status"], reply["ename"]), ("error", "Killed"))
        self.published(request, is_idle)
        self.assertEqual(self.run_cell("kept"), '"한글"')

    def test_an_interrupt_stops_everything_and_the_variables_stay(self):
        self.run_cell(GRAPH)
        self.run_cell("let before = vec![42];")
        for by_message in (False, True):
            for what, code in RUNNING.items():
                with self.subTest(what, by_message=by_message):
                    self.interrupt(code, by_message)
                    self.assertEqual(self.run_cell("before"), "[42]")
                    self.assertEqual(self.run_cell("sess.run(w)?.shape()"), "[1000, 1000]")

    def test_a_training_stops_and_keeps_what_it_learned(self):
        self.run_cell(MODEL)
        for by_message in (False, True):
            self.interrupt("model.fit(&x, &y).epochs(1_000_000).verbose(2).run()?;", by_message, "Epoch 3/")
            self.assertGreaterEqual(int(self.run_cell("model.history().epoch.len()")), 2)
            # Zeros when it began; the one weight goes to what, with the bias, makes 1 of 1.
            self.assertEqual(self.run_cell("model.get_weights()[0].item::<f32>() > 0.0"), "true")
        self.run_cell("model.fit(&x, &y).epochs(1).verbose(0).run()?;")

    def interrupt(self, code, by_message, begun="go"):
        request = self.client.execute(code)
        self.wait_for_text(request, begun)
        if by_message:
            message = self.client.session.msg("interrupt_request", {})
            self.client.control_channel.send(message)
            reply = self.reply_to(message["header"]["msg_id"], "control")
            self.assertEqual(reply["status"], "ok")
        else:
            os.kill(self.manager.provisioner.pid, signal.SIGINT)
        reply = self.reply_to(request)
        self.assertEqual((reply["status"], reply["ename"]), ("error", "KeyboardInterrupt"))
        self.published(request, is_idle)

    def test_an_interrupt_stops_a_running_compilation(self):
        self.run_cell("let before = 1;")
        # rustc evaluates constants itself, this one for years.
        slow = """#[allow(long_running_const_eval)]
            const N: u64 = { let mut i = 0; while i < u64::MAX { i += 1; } i };
            N"""
        request = self.client.execute(slow)
        self.published(request, lambda m: m["msg_type"] == "execute_input")
        wait_until(lambda: self.compiling())
        self.manager.interrupt_kernel()
        reply = self.reply_to(request)
        self.assertEqual((reply["status"], reply["ename"]), ("error", "KeyboardInterrupt"))
        self.published(request, is_idle)
        self.assertEqual(self.run_cell("before"), "1")

    def compiling(self):
        """Whether a rustc has used a second of time, which one that waits for a cell does not."""
        ticks = os.sysconf("SC_CLK_TCK")
        for pid in processes(self.manager.provisioner.pid):
            try:
                with open(f"/proc/{pid}/stat") as stat:
                    name, fields = stat.read().rsplit(")", 1)
            except OSError:
                continue
            if "rustc" in name and sum(map(int, fields.split()[11:13])) > 0.5 * ticks:
                return True
        return False

    def test_cells_queued_behind_an_error_are_aborted_unless_told_otherwise(self):
        failing = self.client.execute('std::thread::sleep(std::time::Duration::from_millis(300)); Err("no")?;')
        queued = [self.client.execute("1"), self.client.execute("2")]
        self.assertEqual(self.reply_to(failing)["status"], "error")
        self.assertEqual([self.reply_to(request)["status"] for request in queued], ["aborted"] * 2)
        failing = self.client.execute('Err("no")?;', stop_on_error=False)
        queued = self.client.execute("3")
        self.assertEqual(self.reply_to(failing)["status"], "error")
        self.assertEqual(self.reply_to(queued)["status"], "ok")
        self.published(queued, is_idle)


if __name__ == "__main__":
    unittest.main()
