"""Drives the kernel with jupyter_client, as notebooks, nbclient and consoles do."""

import base64
import queue
import struct
import time
import unittest

from jupyter_client.manager import start_new_kernel

from kernel_case import TIMEOUT, KernelCase


def png_size(picture):
    """Width and height of a PNG in base64."""
    return struct.unpack(">II", base64.b64decode(picture)[16:24])


class ClientTests(KernelCase):
    def test_kernel_info_names_the_language(self):
        reply = self.client.kernel_info(reply=True, timeout=TIMEOUT)["content"]
        self.assertEqual(reply["status"], "ok")
        self.assertEqual(reply["implementation"], "flowbook")
        language = reply["language_info"]
        self.assertEqual((language["name"], language["file_extension"]), ("rust", ".rs"))
        self.assertEqual(reply["protocol_version"][:2], "5.")

    def test_the_last_expression_is_the_result(self):
        reply, shown = self.execute("1 + 2")
        self.assertEqual(reply["status"], "ok")
        self.assertEqual([m["msg_type"] for m in shown], ["execute_result"])
        self.assertEqual(shown[0]["content"]["data"]["text/plain"], "3")
        self.assertEqual(shown[0]["content"]["execution_count"], reply["execution_count"])

    def test_variables_and_functions_last(self):
        self.execute("let answer = 40; fn twice(x: i32) -> i32 { 2 * x }")
        _, shown = self.execute("answer + twice(1)")
        self.assertEqual(shown[0]["content"]["data"]["text/plain"], "42")

    def test_streams_are_kept_apart(self):
        _, shown = self.execute('print!("partial"); eprintln!("err");')
        texts = {m["content"]["name"]: m["content"]["text"] for m in shown}
        self.assertEqual(texts, {"stdout": "partial", "stderr": "err\n"})

    def test_figures_update_in_place(self):
        cell = "for k in 0..3 { plt::cla(); plt::plot_y(vec![k; 2]); plt::pause(0.01); }"
        reply, shown = self.execute(cell)
        self.assertEqual(reply["status"], "ok")
        kinds = [m["msg_type"] for m in shown]
        # Shown once, drawn again twice, and once more as it is when the cell ends.
        self.assertEqual(kinds, ["display_data"] + 3 * ["update_display_data"])
        self.assertEqual(len({m["content"]["transient"]["display_id"] for m in shown}), 1)
        self.assertTrue(all("image/png" in m["content"]["data"] for m in shown))

    def test_retina_figures_keep_their_size(self):
        self.execute('plt::figure_format("retina"); plt::plot_y([1, 2]);')
        _, shown = self.execute('plt::plot_y([1, 2]); plt::show(); plt::figure_format("png"); plt::plot_y([1, 2]);')
        sizes = [png_size(m["content"]["data"]["image/png"]) for m in shown]
        stated = shown[0]["content"]["metadata"]["image/png"]
        self.assertEqual((stated["width"], stated["height"]), (sizes[0][0] // 2, sizes[0][1] // 2))
        self.assertLessEqual(abs(sizes[0][0] - 2 * sizes[1][0]), 4)
        self.assertEqual(shown[1]["content"]["metadata"], {})

    def test_a_panic_is_an_error(self):
        reply, shown = self.execute('panic!("on purpose")')
        self.assertEqual((reply["status"], reply["ename"]), ("error", "Panic"))
        self.assertIn("on purpose", reply["evalue"])
        self.assertEqual(shown[-1]["msg_type"], "error")
        self.assertEqual(shown[-1]["content"]["evalue"], reply["evalue"])
        reply, _ = self.execute("1 + 1")
        self.assertEqual(reply["status"], "ok", "the kernel lives on after a panic")

    def test_an_err_is_an_error(self):
        reply, _ = self.execute('"x".parse::<i32>()?;')
        self.assertEqual(reply["status"], "error")
        self.assertIn("invalid digit", reply["evalue"])

    def test_a_cell_that_does_not_compile_is_an_error(self):
        reply, _ = self.execute("let x: i32 = \"text\";")
        self.assertEqual((reply["status"], reply["ename"]), ("error", "CompileError"))
        self.assertIn("mismatched types", reply["evalue"] + "".join(reply["traceback"]))

    def test_completeness(self):
        for code, expected in [("1 + 2", "complete"), ("fn f() {", "incomplete"), ("let = ;", "invalid")]:
            reply = self.reply_to(self.client.is_complete(code))
            self.assertEqual(reply["status"], expected, code)

    def test_history_has_the_inputs(self):
        self.execute("7 + 7")
        reply = self.client.history(
            hist_access_type="tail", n=1, raw=True, output=False, reply=True, timeout=TIMEOUT
        )["content"]
        self.assertEqual(reply["history"][-1][2], "7 + 7")

    def test_nothing_is_published_after_idle(self):
        self.execute('for i in 0..100_000 { println!("{i}"); }')
        with self.assertRaises(queue.Empty):
            self.client.get_iopub_msg(timeout=0.3)


class ShutdownTests(unittest.TestCase):
    def test_the_process_ends_when_told_to(self):
        manager, client = start_new_kernel(kernel_name="flowbook", startup_timeout=TIMEOUT)
        reply = client.shutdown(reply=True, timeout=TIMEOUT)["content"]
        self.assertEqual((reply["status"], reply["restart"]), ("ok", False))
        client.stop_channels()
        deadline = time.monotonic() + 10
        while manager.is_alive() and time.monotonic() < deadline:
            time.sleep(0.05)
        self.assertFalse(manager.is_alive())
        manager.cleanup_resources()


if __name__ == "__main__":
    unittest.main()
