"""Output while a cell runs: by the byte, in order, all of it, and none after idle."""

import os
import queue
import tempfile
import unittest

from kernel_case import KernelCase, is_idle, plain

# Waits in a cell until the test has seen what it was to see.
GATE = 'while !std::path::Path::new("{}").exists() {{ std::thread::sleep(std::time::Duration::from_millis(1)); }}'


class OutputTests(KernelCase):
    def gated(self, before, after):
        """A cell that prints, waits until the test opens the gate, and prints again."""
        gate = os.path.join(tempfile.mkdtemp(), "gate")
        request = self.client.execute("\n".join([before, GATE.format(gate), after]))
        return request, gate

    def test_partial_lines_show_before_the_cell_ends(self):
        for macro, name in [("print", "stdout"), ("eprint", "stderr")]:
            request, gate = self.gated(f'{macro}!("50%\\r");', f'{macro}!("100%");')
            early = self.wait_for_text(request, "50%\r")
            self.assertEqual(early[-1]["content"], {"name": name, "text": "50%\r"})
            open(gate, "w").close()
            rest = self.published(request, is_idle)
            self.assertEqual("".join(plain(m["content"]) for m in rest if m["msg_type"] == "stream"), "100%")

    def test_writes_past_the_standard_library_show_too(self):
        code = """
            unsafe extern "C" { fn write(fd: i32, bytes: *const u8, n: usize) -> isize; }
            unsafe { write(1, b"raw out".as_ptr(), 7); write(2, b"raw err".as_ptr(), 7); }
            std::process::Command::new("echo").arg("from a program").status()?;
        """
        _, shown = self.execute(code)
        texts = {"stdout": "", "stderr": ""}
        for message in shown:
            texts[message["content"]["name"]] += message["content"]["text"]
        self.assertEqual(texts, {"stdout": "raw outfrom a program\n", "stderr": "raw err"})

    def test_displays_update_and_clear_in_order(self):
        code = """
            let first = display::html("<b>1</b>");
            display::markdown("*2*");
            print!("text");
            first.update(vec![("text/html".into(), b"<i>3</i>".to_vec())]);
            display::clear_output(true);
            display::png(vec![137, 80], "picture");
            display::clear_output(false);
        """
        _, shown = self.execute(code)
        kinds = [m["msg_type"] for m in shown]
        expected = "display_data display_data stream update_display_data clear_output display_data clear_output"
        self.assertEqual(kinds, expected.split())
        first, _, _, update, wait, png, at_once = (m["content"] for m in shown)
        self.assertEqual(first["transient"]["display_id"], update["transient"]["display_id"])
        self.assertEqual(update["data"]["text/html"], "<i>3</i>")
        self.assertEqual((wait["wait"], at_once["wait"]), (True, False))
        self.assertEqual(png["data"]["image/png"].strip(), "iVA=")

    def test_a_display_of_an_earlier_cell_can_be_updated(self):
        _, shown = self.execute('let bar = display::markdown("0%");')
        _, later = self.execute('bar.update(vec![("text/markdown".into(), b"100%".to_vec())]);')
        self.assertEqual([m["msg_type"] for m in later], ["update_display_data"])
        self.assertEqual(later[0]["content"]["transient"], shown[0]["content"]["transient"])

    def test_a_million_lines_lose_no_byte_and_take_few_messages(self):
        n = 1_000_000
        line = "x" * 80
        _, shown = self.execute(f'let line = "{line}"; for i in 0..{n} {{ println!("{{line}} {{i}}"); }}')
        text = "".join(m["content"]["text"] for m in shown)
        self.assertEqual(text, "".join(f"{line} {i}\n" for i in range(n)))
        self.assertLess(len(shown), 10_000)

    def test_nothing_is_published_after_idle(self):
        request = self.client.execute('for i in 0..10_000 { print!("{i}"); eprint!("{i}"); } display::html("x");')
        self.published(request, is_idle)
        with self.assertRaises(queue.Empty):
            self.client.get_iopub_msg(timeout=0.5)

    def test_what_a_thread_prints_later_belongs_to_the_cell_that_runs_then(self):
        self.run_cell("""let (open, opened) = std::sync::mpsc::channel::<()>();
            let speaker = std::thread::spawn(move || { opened.recv().unwrap(); print!("from the thread"); });""")
        self.assertEqual(self.run_cell("open.send(())?; speaker.join().unwrap();"), "from the thread")

    def test_korean_is_kept_in_code_output_and_errors(self):
        self.assertEqual(self.run_cell('let 값 = "가나다"; println!("{값} 라마바"); 값'), '가나다 라마바\n"가나다"')
        reply, _ = self.execute("let 합계 = 1;\nlet 둘 = 합계 + 없는것;")
        self.assertIn("cell [", "".join(reply["traceback"]))
        lines = uncoloured("\n".join(reply["traceback"])).splitlines()
        at = next(i for i, line in enumerate(lines) if "let 둘" in line)
        self.assert_arrow_below(lines[at], lines[at + 1], "없는것")
        reply, _ = self.execute('let a = "한글"; let b = 1;\n\tb + a')
        self.assertEqual(reply["ename"], "CompileError")
        reply, _ = self.execute('panic!("한글 오류: {}", 값);')
        self.assertEqual((reply["ename"], reply["evalue"]), ("Panic", "한글 오류: 가나다"))

    def assert_arrow_below(self, line, arrows, name):
        """In a terminal's columns, in which Hangul takes two, the arrows stand below the name."""
        start = columns(line[: line.index(name)])
        self.assertEqual(columns(arrows[: arrows.index("^")]), start, f"{line}\n{arrows}")
        self.assertEqual(arrows.count("^"), columns(name))


def columns(text):
    import unicodedata

    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def uncoloured(text):
    import re

    return re.sub(r"\x1b\[[0-9;]*m", "", text)


if __name__ == "__main__":
    unittest.main()
