"""How long an interrupt takes until the reply, for everything that test_survival interrupts. No test: figures depend on
the machine. Run it with the Python of the tests, in an environment where `flowbook install` has been run."""

import time

from kernel_case import is_idle
from test_survival import GRAPH, RUNNING, SurvivalTests

ROUNDS = 5


class Bench(SurvivalTests):
    def runTest(self):
        self.run_cell(GRAPH)
        for what, code in RUNNING.items():
            times = sorted(self.milliseconds(code) for _ in range(ROUNDS))
            print(f"{what:<24} median {times[len(times) // 2]:6.1f} ms   longest {times[-1]:6.1f} ms")

    def milliseconds(self, code):
        request = self.client.execute(code)
        self.wait_for_text(request, "go")
        start = time.perf_counter()
        self.manager.interrupt_kernel()
        reply = self.reply_to(request)
        elapsed = time.perf_counter() - start
        self.assertEqual(reply["ename"], "KeyboardInterrupt")
        self.published(request, is_idle)
        return elapsed * 1e3


if __name__ == "__main__":
    bench = Bench()
    Bench.setUpClass()
    try:
        bench.runTest()
    finally:
        Bench.tearDownClass()
