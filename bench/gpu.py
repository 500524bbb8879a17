#!/usr/bin/env python3
"""Times Flowbook, PyTorch (eager and compiled) and JAX on one GPU, and prints a table of medians with ratios.

    python3 bench/gpu.py                                     every row
    python3 bench/gpu.py --rows xor,cnn                      some rows
    python3 bench/gpu.py --write docs/benchmarks-gpu.md      with date, commit and GPU

The peers are those that this Python imports; the others are left out. Each peer is a process of its own, and all of them
compute in true float32. Our side is `prelude/examples/bench_gpu.rs`. Times are seconds per step, or per product, of runs
that end when the device has done everything; a first run is left out. MNIST is read from FLOWBOOK_DATA.
"""

import argparse
import datetime
import json
import os
import pathlib
import statistics
import subprocess
import sys
import time

from peers import Batches, images, parameters, xor_data

ROOT = pathlib.Path(__file__).resolve().parent.parent
PEERS = {"torch": "PyTorch, eager", "compiled": "PyTorch, compiled", "jax": "JAX"}
TITLES = {
    "xor": "XOR 2-2-1, a training step (µs)",
    "softmax": "MNIST softmax, a training step on 100 images with next_batch (µs)",
    "cnn": "CNN, a training step on 50 images with Adam (µs)",
    "matmul_4096": "matrix product 4096 x 4096 x 4096 (µs)",
}
STEPS = {"xor": 500, "softmax": 500, "cnn": 200, "matmul_4096": 40}


def per_step(row, step, wait):
    """Seconds per step of each of seven runs, a first one left out."""
    seconds = []
    for _ in range(8):
        start = time.perf_counter()
        for _ in range(STEPS[row]):
            step()
        wait()
        seconds.append((time.perf_counter() - start) / STEPS[row])
    return seconds[1:]


def torch_row(row, device, compiled):
    import numpy as np
    import torch
    import torch.nn.functional as F

    torch.backends.cuda.matmul.allow_tf32 = False
    torch.backends.cudnn.allow_tf32 = False
    put = lambda a: torch.from_numpy(np.ascontiguousarray(a)).to(device)
    wait = torch.cuda.synchronize if device == "cuda" else lambda: None
    ready = lambda f: torch.compile(f, mode="reduce-overhead") if compiled else f

    def training(train, cost, batch):
        forward = ready(cost)

        def step():
            train.zero_grad()
            forward(*batch()).backward()
            train.step()

        return per_step(row, step, wait)

    if row == "matmul_4096":
        a, b = (torch.randn(4096, 4096, device=device) for _ in range(2))
        product = ready(lambda a, b: a @ b)
        return per_step(row, lambda: product(a, b), wait)
    if row == "xor":
        x, y = map(put, xor_data(np))
        layers = [put(p).requires_grad_() for pair in parameters(np, row) for p in pair]

        def cost(x, y):
            h = x
            for w, b in zip(layers[::2], layers[1::2]):
                h = torch.sigmoid(h @ w + b)
            return -(y * torch.log(h) + (1 - y) * torch.log(1 - h)).mean()

        return training(torch.optim.SGD(layers, 0.1), cost, lambda: (x, y))
    if row == "softmax":
        batches = Batches(np)
        w, b = (torch.zeros(*s, device=device, requires_grad=True) for s in ((784, 10), (10,)))
        cost = lambda xs, ys: F.cross_entropy(xs @ w + b, ys, reduction="sum")
        return training(torch.optim.SGD([w, b], 0.01), cost, lambda: map(put, batches.next(100)))
    c1, c2 = torch.nn.Conv2d(1, 32, 5, padding=2), torch.nn.Conv2d(32, 64, 5, padding=2)
    f1, f2 = torch.nn.Linear(3136, 1024), torch.nn.Linear(1024, 10)
    weights = [p for m in (c1, c2, f1, f2) for p in m.to(device).parameters()]
    xs, ys = map(put, images(np))

    def cost(xs, ys):
        h = F.max_pool2d(torch.relu(c1(xs.reshape(-1, 1, 28, 28))), 2)
        h = F.max_pool2d(torch.relu(c2(h)), 2).reshape(-1, 3136)
        return F.cross_entropy(f2(torch.relu(f1(h))), ys)

    adam = torch.optim.Adam(weights, 1e-4, capturable=compiled and device == "cuda")
    return training(adam, cost, lambda: (xs, ys))


def jax_row(row):
    import jax
    import jax.numpy as jnp
    import numpy as np

    jax.config.update("jax_default_matmul_precision", "highest")
    state = {}
    wait = lambda: jax.block_until_ready(state)

    def training(p, cost, rate, batch):
        one = jax.jit(lambda p, *data: jax.tree.map(lambda v, g: v - rate * g, p, jax.grad(cost)(p, *data)))
        state["p"] = jax.tree.map(jnp.asarray, p)

        def step():
            state["p"] = one(state["p"], *batch())

        return per_step(row, step, wait)

    if row == "matmul_4096":
        a, b = (jnp.asarray(np.random.standard_normal((4096, 4096)), jnp.float32) for _ in range(2))
        product = jax.jit(jnp.matmul)
        return per_step(row, lambda: state.update(c=product(a, b)), wait)
    if row == "xor":
        data = tuple(map(jnp.asarray, xor_data(np)))

        def cost(layers, x, y):
            h = x
            for w, b in layers:
                h = jax.nn.sigmoid(h @ w + b)
            return -jnp.mean(y * jnp.log(h) + (1 - y) * jnp.log(1 - h))

        return training(parameters(np, row), cost, 0.1, lambda: data)
    if row == "softmax":
        batches = Batches(np)
        cost = lambda p, xs, ys: -jnp.sum(ys * jax.nn.log_softmax(xs @ p[0] + p[1]))
        zeros = [np.zeros((784, 10), np.float32), np.zeros(10, np.float32)]
        return training(zeros, cost, 0.01, lambda: batches.next(100))
    shapes = [(5, 5, 1, 32), (32,), (5, 5, 32, 64), (64,), (3136, 1024), (1024,), (1024, 10), (10,)]
    weights = [jnp.asarray(np.random.standard_normal(s) * 0.1, jnp.float32) for s in shapes]
    xs, ys = map(jnp.asarray, images(np))

    def conv(h, w, b):
        layout = ("NHWC", "HWIO", "NHWC")
        h = jax.nn.relu(jax.lax.conv_general_dilated(h, w, (1, 1), "SAME", dimension_numbers=layout) + b)
        return jax.lax.reduce_window(h, -jnp.inf, jax.lax.max, (1, 2, 2, 1), (1, 2, 2, 1), "SAME")

    def cost(p):
        h = conv(conv(xs.reshape(-1, 28, 28, 1), p[0], p[1]), p[2], p[3]).reshape(-1, 3136)
        logits = jax.nn.relu(h @ p[4] + p[5]) @ p[6] + p[7]
        return -jnp.mean(jnp.sum(ys * jax.nn.log_softmax(logits), 1))

    @jax.jit
    def adam(p, m, v, t):
        g = jax.grad(cost)(p)
        m = [0.9 * a + 0.1 * b for a, b in zip(m, g)]
        v = [0.999 * a + 0.001 * b * b for a, b in zip(v, g)]
        rate = 1e-4 * jnp.sqrt(1 - 0.999**t) / (1 - 0.9**t)
        return [a - rate * b / (jnp.sqrt(c) + 1e-8) for a, b, c in zip(p, m, v)], m, v, t + 1

    state["all"] = (weights, [a * 0 for a in weights], [a * 0 for a in weights], jnp.float32(1))

    def step():
        state["all"] = adam(*state["all"])

    return per_step(row, step, wait)


def serve(peer, row, device):
    seconds = jax_row(row) if peer == "jax" else torch_row(row, device, peer == "compiled")
    print(json.dumps({"seconds": seconds}))


def measured(command):
    """The seconds that a process printed; none when it has nothing to say."""
    environment = {**os.environ, "XLA_PYTHON_CLIENT_PREALLOCATE": "false"}
    run = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)
    lines = [json.loads(line) for line in run.stdout.splitlines() if line.startswith("{")]
    if not lines:
        print(f"nothing from {' '.join(command[-5:])}: {(run.stderr.splitlines() or ['no word'])[-1]}", file=sys.stderr)
    return lines[0]["seconds"] if lines else []


def gpu():
    query = ["nvidia-smi", "--query-gpu=name,driver_version", "--format=csv,noheader"]
    try:
        return subprocess.check_output(query, text=True).splitlines()[0]
    except (OSError, subprocess.CalledProcessError):
        return "no GPU"


def table(results):
    head = ["work", "Flowbook", *PEERS.values(), "best peer / Flowbook"]
    lines = ["| " + " | ".join(head) + " |", "|---" * len(head) + "|"]
    for row, times in results.items():
        medians = {who: statistics.median(t) * 1e6 for who, t in times.items() if t}
        cells = [f"{medians[who]:.4g}" if who in medians else "not yet run" for who in ["flowbook", *PEERS]]
        others = [medians[who] for who in PEERS if who in medians]
        ratio = f"{min(others) / medians['flowbook']:.2f}" if others and "flowbook" in medians else "-"
        lines.append(f"| {TITLES[row]} | " + " | ".join(cells) + f" | {ratio} |")
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", default=",".join(TITLES))
    parser.add_argument("--binary", help="a built bench_gpu, instead of building it")
    parser.add_argument("--write", type=pathlib.Path, help="a Markdown file whose results to replace")
    parser.add_argument("--device", default="cuda", help="where PyTorch computes, for trying this out: cuda or cpu")
    parser.add_argument("--serve", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        return serve(*options.serve, options.device)
    binary = options.binary
    if not binary:
        build = ["cargo", "build", "--release", "--locked", "-p", "flowbook", "--example", "bench_gpu"]
        subprocess.run(build, cwd=ROOT, check=True)
        binary = str(ROOT / os.environ.get("CARGO_TARGET_DIR", "target") / "release" / "examples" / "bench_gpu")
    results = {}
    for row in options.rows.split(","):
        results[row] = {"flowbook": measured([binary, row])}
        for peer in PEERS:
            command = [sys.executable, __file__, "--device", options.device, "--serve", peer, row]
            results[row][peer] = measured(command)
    text = table(results)
    print(text)
    if options.write:
        commit = subprocess.check_output(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, text=True).strip()
        before = options.write.read_text().split("<!-- results -->")[0] if options.write.exists() else ""
        when = f"{datetime.date.today()}, commit {commit}, {gpu()}."
        options.write.write_text(f"{before}<!-- results -->\n\n{when}\n\n{text}\n")


if __name__ == "__main__":
    main()
