"""The base of tests against the real kernel: one kernel for each class, driven by jupyter_client."""

import os
import time
import unittest

from jupyter_client.manager import start_new_kernel

TIMEOUT = 120


class KernelCase(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.manager, cls.client = start_new_kernel(kernel_name="flowbook", startup_timeout=TIMEOUT)

    @classmethod
    def tearDownClass(cls):
        cls.client.stop_channels()
        cls.manager.shutdown_kernel(now=True)

    def execute(self, code, **options):
        """Runs a cell and returns its reply and what it published between busy and idle."""
        outputs = []
        reply = self.client.execute_interactive(
            code, timeout=TIMEOUT, output_hook=outputs.append, **options
        )
        shown = [m for m in outputs if m["msg_type"] not in ("status", "execute_input")]
        return reply["content"], shown

    def run_cell(self, code, **options):
        """Runs a cell that must succeed; returns what it printed and its plain result, joined."""
        reply, shown = self.execute(code, **options)
        self.assertEqual(reply["status"], "ok", "\n".join(reply.get("traceback", [])))
        return "".join(plain(m["content"]) for m in shown)

    def fail_cell(self, code, ename):
        """Runs a cell that must fail with this class; returns the reply."""
        reply, shown = self.execute(code)
        self.assertEqual((reply["status"], reply.get("ename")), ("error", ename), reply)
        self.assertEqual(shown[-1]["msg_type"], "error")
        self.assertEqual(shown[-1]["content"]["evalue"], reply["evalue"])
        return reply

    def reply_to(self, request, channel="shell"):
        get = getattr(self.client, f"get_{channel}_msg")
        while True:
            reply = get(timeout=TIMEOUT)
            if reply["parent_header"].get("msg_id") == request:
                return reply["content"]

    def published(self, request, until):
        """The messages published for a request, up to the first that `until` accepts."""
        messages = []
        while True:
            message = self.client.get_iopub_msg(timeout=TIMEOUT)
            if message["parent_header"].get("msg_id") != request:
                continue
            messages.append(message)
            if until(message):
                return messages

    def wait_for_text(self, request, text):
        """Waits until a request's streams have shown this text."""
        seen = ""

        def enough(message):
            nonlocal seen
            if message["msg_type"] == "stream":
                seen += message["content"]["text"]
            return text in seen

        return self.published(request, enough)


def plain(content):
    return content.get("text", "") or content.get("data", {}).get("text/plain", "")


def is_idle(message):
    return message["msg_type"] == "status" and message["content"]["execution_state"] == "idle"


def processes(root):
    """The process ids of `root` and all its descendants."""
    children = {}
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/stat") as stat:
                parent = int(stat.read().rsplit(")", 1)[1].split()[1])
        except OSError:
            continue
        children.setdefault(parent, []).append(int(pid))
    found, work = [], [root]
    while work:
        pid = work.pop()
        found.append(pid)
        work.extend(children.get(pid, []))
    return found


def wait_until(condition):
    """Waits for a condition as long as tests may wait."""
    deadline = time.monotonic() + TIMEOUT
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError("the condition did not come true")
        time.sleep(0.02)
