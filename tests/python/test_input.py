"""Cells that ask the user: `input`, `getpass`, and reads from standard input."""

import unittest

from kernel_case import KernelCase, is_idle


class InputTests(KernelCase):
    def ask(self, code, answers):
        """Runs a cell, answers its questions, and returns them with the reply and what was published."""
        request = self.client.execute(code, allow_stdin=True)
        questions = []
        for answer in answers:
            question = self.client.get_stdin_msg(timeout=120)
            self.assertEqual(question["msg_type"], "input_request")
            self.assertEqual(question["parent_header"]["msg_id"], request)
            questions.append((question["content"]["prompt"], question["content"]["password"]))
            self.client.input(answer)
        reply = self.reply_to(request)
        published = self.published(request, is_idle)
        text = "".join(m["content"].get("text", "") for m in published if m["msg_type"] == "stream")
        return questions, reply, text

    def test_input_returns_the_line(self):
        code = 'let name = input("이름? "); let n: i32 = input("n? ").parse()?; println!("{name}:{}", n + 1);'
        questions, reply, text = self.ask(code, ["홍길동 ", "41"])
        self.assertEqual(questions, [("이름? ", False), ("n? ", False)])
        self.assertEqual((reply["status"], text), ("ok", "홍길동 :42\n"))
        self.assertEqual(self.run_cell("name"), '"홍길동 "')

    def test_getpass_asks_for_a_password(self):
        questions, reply, text = self.ask('println!("{}", getpass("key: ").len());', ["abc"])
        self.assertEqual((questions, reply["status"], text), ([("key: ", True)], "ok", "3\n"))

    def test_standard_input_is_answered_line_by_line(self):
        code = """
            use std::io::BufRead;
            let mut first = String::new();
            print!("first: ");
            std::io::stdin().read_line(&mut first)?;
            let rest: Vec<String> = std::io::stdin().lock().lines().take(2).collect::<Result<_, _>>()?;
            println!("{first:?} {rest:?}");
        """
        questions, reply, text = self.ask(code, ["하나", "two", "three"])
        self.assertEqual(questions, [("", False)] * 3)
        self.assertEqual(reply["status"], "ok")
        self.assertEqual(text, 'first: "하나\\n" ["two", "three"]\n')

    def test_a_thread_may_ask(self):
        code = 'println!("{}", std::thread::spawn(|| input("in a thread: ")).join().unwrap());'
        questions, reply, text = self.ask(code, ["yes"])
        self.assertEqual((questions, reply["status"], text), ([("in a thread: ", False)], "ok", "yes\n"))

    def test_without_a_user_input_is_an_error_and_standard_input_is_empty(self):
        reply, _ = self.execute('input("?");', allow_stdin=False)
        self.assertEqual((reply["status"], reply["ename"]), ("error", "StdinNotImplementedError"))
        self.assertIn("does not support input", reply["evalue"])
        code = "let mut line = String::new(); std::io::stdin().read_line(&mut line)?"
        self.assertEqual(self.run_cell(code, allow_stdin=False), "0")

    def test_an_interrupt_ends_the_question_and_keeps_the_variables(self):
        self.run_cell("let before = vec![1];")
        for code in ['input("never answered");', "std::io::stdin().read_line(&mut String::new())?;"]:
            request = self.client.execute(code, allow_stdin=True)
            self.client.get_stdin_msg(timeout=120)
            self.manager.interrupt_kernel()
            reply = self.reply_to(request)
            self.assertEqual((reply["status"], reply["ename"]), ("error", "KeyboardInterrupt"), code)
            self.published(request, is_idle)
            self.assertEqual(self.run_cell("before"), "[1]")
        # A late answer belongs to no one.
        self.client.input("late")
        questions, reply, text = self.ask('println!("{}", input("now? "));', ["in time"])
        self.assertEqual(text, "in time\n")


if __name__ == "__main__":
    unittest.main()
