"""Points of the messaging specification that jupyter_kernel_test leaves out."""

import unittest

from kernel_case import KernelCase, is_idle


class ProtocolTests(KernelCase):
    def test_a_silent_cell_publishes_nothing_and_is_not_counted(self):
        before, _ = self.execute("1")
        reply, shown = self.execute('println!("unseen"); let silently = 5; 7', silent=True)
        self.assertEqual((reply["status"], shown), ("ok", []))
        after, shown = self.execute("silently")
        self.assertEqual(after["execution_count"], before["execution_count"] + 1)
        self.assertEqual(shown[0]["content"]["data"]["text/plain"], "5")

    def test_a_cell_that_is_not_stored_is_shown_but_not_in_the_history(self):
        before, _ = self.execute("10 + 1")
        reply, shown = self.execute("10 + 2", store_history=False)
        self.assertEqual(shown[0]["content"]["data"]["text/plain"], "12")
        tail = self.client.history(hist_access_type="tail", n=1, reply=True, timeout=60)["content"]
        self.assertEqual(tail["history"][-1][2], "10 + 1")
        after, _ = self.execute("10 + 3")
        self.assertEqual(after["execution_count"], before["execution_count"] + 1)

    def test_user_expressions_succeed_and_fail_one_by_one(self):
        reply, _ = self.execute(
            "let a = 20;", user_expressions={"twice": "a * 2", "한글": '"가"', "wrong": "missing + 1", "nothing": "()"}
        )
        values = reply["user_expressions"]
        self.assertEqual(values["twice"], {"status": "ok", "data": {"text/plain": "40"}, "metadata": {}})
        self.assertEqual(values["한글"]["data"]["text/plain"], '"가"')
        self.assertEqual((values["wrong"]["status"], values["wrong"]["ename"]), ("error", "CompileError"))
        self.assertEqual(values["nothing"], {"status": "ok", "data": {}, "metadata": {}})
        # They are no cells: nothing is counted, and a cell that fails has none.
        again, _ = self.execute('Err("no")?;', user_expressions={"a": "a"})
        self.assertEqual(again["execution_count"], reply["execution_count"] + 1)
        self.assertEqual((again["status"], again["user_expressions"]), ("error", {}))

    def test_comms_of_the_echo_target_live_until_they_are_closed(self):
        self.assertEqual(self.comms(), {})
        self.assertEqual(self.comm("comm_open", comm_id="c1", target_name="flowbook.echo", data={}), [])
        self.assertEqual(self.comms(), {"c1": {"target_name": "flowbook.echo"}})
        self.assertEqual(self.comms(target_name="other"), {})
        echoed = self.comm("comm_msg", comm_id="c1", data={"값": [1, 2]})
        self.assertEqual(echoed, [("comm_msg", {"comm_id": "c1", "data": {"값": [1, 2]}})])
        self.assertEqual(self.comm("comm_close", comm_id="c1", data={}), [])
        self.assertEqual(self.comms(), {})

    def test_a_comm_of_an_unknown_target_is_closed_again(self):
        answer = self.comm("comm_open", comm_id="c2", target_name="jupyter.widget", data={})
        self.assertEqual(answer, [("comm_close", {"comm_id": "c2", "data": {}})])
        self.assertEqual(self.comms(), {})

    def comm(self, kind, **content):
        message = self.client.session.msg(kind, content)
        self.client.shell_channel.send(message)
        published = self.published(message["header"]["msg_id"], is_idle)
        return [(m["msg_type"], m["content"]) for m in published if m["msg_type"] != "status"]

    def comms(self, **content):
        message = self.client.session.msg("comm_info_request", content)
        self.client.shell_channel.send(message)
        return self.reply_to(message["header"]["msg_id"])["comms"]

    def test_questions_about_code_are_answered_while_a_cell_runs(self):
        request = self.client.execute('println!("go"); std::thread::sleep(std::time::Duration::from_secs(600));')
        self.wait_for_text(request, "go")
        self.assertIn("matmul", self.reply_to(self.client.complete("tf::matm"))["matches"])
        self.assertTrue(self.reply_to(self.client.inspect("tf::matmul"))["found"])
        self.assertEqual(self.reply_to(self.client.is_complete("fn f() {"))["status"], "incomplete")
        self.assertEqual(self.reply_to(self.client.kernel_info())["status"], "ok")
        self.manager.interrupt_kernel()
        self.assertEqual(self.reply_to(request)["ename"], "KeyboardInterrupt")
        self.published(request, is_idle)

    def test_a_shown_unit_and_a_warning_of_an_old_cell_do_not_disturb(self):
        _, shown = self.execute('println!("x")')
        self.assertEqual([(m["msg_type"], m["content"].get("text")) for m in shown], [("stream", "x\n")])
        self.run_cell("macro_rules! never_used { () => { 1 } } fn also_not(x: i32) { let y = 2; }")
        _, shown = self.execute("2 + 2")
        self.assertEqual([m["msg_type"] for m in shown], ["execute_result"])


if __name__ == "__main__":
    unittest.main()
