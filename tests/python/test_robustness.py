"""What must not shake the kernel: damaged messages on every socket, and many cells."""

import os
import random
import unittest

import zmq
from jupyter_client.session import Session

from kernel_case import KernelCase, processes

# Any fixed number does: it makes a failure come again.
SEED = 20_240_607
MESSAGES = 10_000


class MutationTests(KernelCase):
    """Messages that were good before something was changed in them: some with a signature that fits, most without."""

    def setUp(self):
        self.random = random.Random(SEED)
        info = self.manager.get_connection_info()
        self.session = Session(key=info["key"], signature_scheme=info["signature_scheme"])
        self.context = zmq.Context()
        self.sockets = {}
        for channel, kind in [
            ("shell", zmq.DEALER),
            ("control", zmq.DEALER),
            ("stdin", zmq.DEALER),
            ("hb", zmq.DEALER),
            ("iopub", zmq.XSUB),
        ]:
            socket = self.context.socket(kind)
            socket.linger = 0
            socket.connect(f"tcp://{info['ip']}:{info[f'{channel}_port']}")
            self.sockets[channel] = socket

    def tearDown(self):
        for socket in self.sockets.values():
            socket.close()
        self.context.term()

    def test_ten_thousand_mutated_messages(self):
        channels = list(self.sockets)
        for n in range(MESSAGES):
            channel = channels[n % len(channels)]
            self.sockets[channel].send_multipart(self.mutated())
            # A front end reads what it is sent, or the kernel would have to keep it.
            for socket in self.sockets.values():
                while socket.poll(0):
                    socket.recv_multipart()
            if n % 1000 == 999:
                self.assert_alive()
        # The last interrupt among them must have come before a cell can run undisturbed.
        for channel in ("shell", "control"):
            self.last_word(self.sockets[channel])
        self.assertEqual(self.run_cell("6 * 7"), "42")

    def last_word(self, socket):
        message = self.session.msg("kernel_info_request", {})
        socket.send_multipart(self.session.serialize(message))
        while True:
            self.assertTrue(socket.poll(120_000), "the kernel answers the next good message")
            _, frames = self.session.feed_identities(socket.recv_multipart())
            if self.session.deserialize(frames)["parent_header"].get("msg_id") == message["header"]["msg_id"]:
                return

    def assert_alive(self):
        self.assertEqual(self.client.kernel_info(reply=True, timeout=120)["content"]["status"], "ok")
        message = self.client.session.msg("kernel_info_request", {})
        self.client.control_channel.send(message)
        self.assertEqual(self.reply_to(message["header"]["msg_id"], "control")["status"], "ok")
        self.assertTrue(self.manager.is_alive())
        self.assertTrue(self.client.hb_channel.is_beating())

    def mutated(self):
        kind, content = self.random.choice(GOOD)
        header = {
            "msg_id": str(self.random.random()),
            "session": "mutant",
            "username": "u",
            "date": "2024-06-07T00:00:00Z",
            "msg_type": kind,
            "version": "5.4",
        }
        parts = [dict(header), {}, {}, dict(content)]
        if self.random.random() < 0.5:
            self.mutate_values(parts)
        parts = [self.session.pack(part) for part in parts]
        if self.random.random() < 0.3:
            at = self.random.randrange(len(parts))
            parts[at] = self.mutate_bytes(parts[at])
        frames = [b"<IDS|MSG>", self.session.sign(parts), *parts]
        if self.random.random() < 0.5:
            for _ in range(self.random.randint(1, 4)):
                frames = self.mutate_frames(frames)
        return frames or [b""]

    def mutate_values(self, parts):
        """Changes fields to values of another type, or takes them away; the result is still signed."""
        part = self.random.choice([parts[0], parts[3]])
        for key in list(part):
            if self.random.random() < 0.4:
                part[key] = self.random.choice(STRANGE)
            elif self.random.random() < 0.1:
                del part[key]

    def mutate_bytes(self, data):
        data = bytearray(data or b"x")
        for _ in range(self.random.randint(1, 5)):
            data[self.random.randrange(len(data))] = self.random.randrange(256)
        return bytes(data)

    def mutate_frames(self, frames):
        at = self.random.randrange(len(frames) + 1)
        change = self.random.randrange(5)
        if change == 0:
            return frames[:at]
        if change == 1:
            return frames[:at] + [self.random.randbytes(self.random.choice([0, 1, 20, 5000]))] + frames[at:]
        if change == 2 and at < len(frames):
            return frames[:at] + [self.mutate_bytes(frames[at])] + frames[at + 1 :]
        if change == 3:
            return frames[:at] + frames
        return self.random.sample(frames, len(frames))


GOOD = [
    ("kernel_info_request", {}),
    ("complete_request", {"code": "tf::ma가", "cursor_pos": 5}),
    ("inspect_request", {"code": "tf::matmul", "cursor_pos": 8, "detail_level": 0}),
    ("is_complete_request", {"code": "fn f() {"}),
    ("history_request", {"hist_access_type": "range", "session": 0, "start": 0, "stop": 5, "n": 3, "pattern": "*"}),
    ("comm_open", {"comm_id": "m", "target_name": "flowbook.echo", "data": {}}),
    ("comm_msg", {"comm_id": "m", "data": {}}),
    ("comm_close", {"comm_id": "m", "data": {}}),
    ("comm_info_request", {"target_name": "t"}),
    ("input_reply", {"value": "nobody asked"}),
    ("interrupt_request", {}),
    # Blank: with code of its own, thousands of cells would have to be compiled.
    ("execute_request", {"code": " ", "silent": False, "store_history": False, "user_expressions": {}}),
]

STRANGE = [None, True, -1, 2**63, 1e308, "", "\x00", "값" * 100, [], [[[]]], {}, {"a": {"b": []}}]


class MemoryTests(KernelCase):
    CELLS = ["let a{n} = {n};", "println!(\"{n}\");", "a{n} + 1", "fn f{n}(x: i32) -> i32 {{ x + {n} }}", "f{n}(1)"]

    def test_memory_after_five_hundred_cells_is_that_of_the_first_ten(self):
        """Kernel, cells and their spare copy; not the compilers that wait, which are new for each cell."""
        self.run_cells(0, 10)
        few = self.memory()
        self.run_cells(10, 500)
        many = self.memory()
        print(f"after 10 cells {few >> 10} MiB, after 500 {many >> 10} MiB")
        self.assertLess(many, 1.5 * few)

    def run_cells(self, first, last):
        for n in range(first, last):
            which, group = n % len(self.CELLS), n // len(self.CELLS)
            self.run_cell(self.CELLS[which].format(n=group))

    def memory(self):
        """Resident set size in KiB. The proportional one would depend on what other kernels share at the moment."""
        return sum(map(resident_set_size, processes(self.manager.provisioner.pid)))


def resident_set_size(pid):
    try:
        if "rustc" in os.readlink(f"/proc/{pid}/exe"):
            return 0
        with open(f"/proc/{pid}/smaps_rollup") as rollup:
            return next(int(line.split()[1]) for line in rollup if line.startswith("Rss:"))
    except OSError:
        return 0


if __name__ == "__main__":
    unittest.main()
