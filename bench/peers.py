#!/usr/bin/env python3
"""Times Flowbook and its peers side by side, row by row and in turns, and prints a table of medians with ratios.

    python3 bench/peers.py                          every row, three rounds
    python3 bench/peers.py --rows xor,chain         some rows
    python3 bench/peers.py --write docs/benchmarks.md

The peers (requirements.txt) are installed into a virtual environment next to this file, or the one --venv names, on
first use; those that cannot be imported are left out. Each peer is one process that stays for the whole run and works
only while it is asked to. Our side is `prelude/examples/bench_engine.rs`. MNIST is read from FLOWBOOK_DATA; without it
the softmax row works on numbers of the same shapes.
"""

import argparse
import datetime
import glob
import gzip
import json
import os
import pathlib
import platform
import statistics
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
PEERS = ["tensorflow", "torch", "jax", "numpy"]
# Seconds before each turn: threads of the framework before may still be spinning for work.
PAUSE = 0.5
TITLES = {
    "xor": "XOR 2-2-1, 10,001 steps, one call each (ms)",
    "xor_loop": "XOR 2-2-1, 10,001 steps as one compiled loop (ms)",
    "xor_wide": "XOR 2-10-10-10-1, 10,001 steps, one call each (ms)",
    "xor_wide_loop": "XOR 2-10-10-10-1, 10,001 steps as one compiled loop (ms)",
    "softmax": "MNIST softmax, 1,000 steps of 100 with next_batch (ms)",
    "epoch": "softmax regression by Adam: an epoch of 600 steps of 100 by fit (ms)",
    "cnn": "CNN training step, 50 images, Adam (ms)",
    "chain": "elementwise chain over 10 M float32 (ms)",
    "copy": "negation of 10 M float32: what memory allows (ms)",
    "scalar_run": "one run of a scalar addition (µs)",
    "scalar_feed": "one run of a scalar addition, two numbers fed (µs)",
    "eager_add": "one eager addition of two scalars (µs)",
    **{f"matmul_{n}": f"matrix product {n} x {n} (ms)" for n in (64, 128, 256, 512, 1024, 2048)},
}
STEPS = 10_001


def times(runs, work):
    """Seconds that each of `runs` calls took, the first one left out."""
    work()
    seconds = []
    for _ in range(runs):
        start = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - start)
    return seconds


def calls(count, call):
    def work():
        for _ in range(count):
            call()

    return [t / count for t in times(7, work)]


def xor_data(np):
    return (
        np.array([[0, 0], [0, 1], [1, 0], [1, 1]], np.float32),
        np.array([[0], [1], [1], [0]], np.float32),
    )


def widths(row):
    return [2, 10, 10, 10, 1] if "wide" in row else [2, 2, 1]


def parameters(np, row):
    rng = np.random.default_rng(777)
    draw = lambda *shape: rng.standard_normal(shape).astype(np.float32)
    sizes = widths(row)
    return [(draw(a, b), draw(b)) for a, b in zip(sizes, sizes[1:])]


class Batches:
    """The old tutorial reader's train set: shuffled as a whole when an epoch begins, then cut into batches."""

    def __init__(self, np):
        self.np = np
        names = glob.glob(os.environ.get("FLOWBOOK_DATA", "") + "/**/train-*-idx?-ubyte.gz", recursive=True)
        names = [name for name in names if "fashion" not in name.lower()]
        if os.environ.get("FLOWBOOK_DATA") and names:
            images, labels = (next(n for n in sorted(names) if key in n) for key in ("images", "labels"))
            pixels = np.frombuffer(gzip.open(images).read()[16:], np.uint8).reshape(-1, 784)[5000:]
            classes = np.frombuffer(gzip.open(labels).read()[8:], np.uint8)[5000:]
        else:
            pixels = np.arange(55_000 * 784, dtype=np.uint32).astype(np.uint8).reshape(-1, 784)
            classes = (np.arange(55_000) % 10).astype(np.uint8)
        self.images = pixels.astype(np.float32) * np.float32(1 / 255)
        self.labels = np.eye(10, dtype=np.float32)[classes]
        self.at = 0
        self.shuffle()

    def shuffle(self):
        order = self.np.random.permutation(len(self.images))
        self.images, self.labels = self.images[order], self.labels[order]

    def next(self, size):
        if self.at + size > len(self.images):
            self.shuffle()
            self.at = 0
        self.at += size
        return self.images[self.at - size : self.at], self.labels[self.at - size : self.at]


def whole_epoch(np):
    """60,000 pictures and their classes, as Keras' lesson has them."""
    images = (np.arange(60_000 * 784, dtype=np.uint32) * np.uint32(37) % 256 / 255).astype(np.float32)
    return images.reshape(60_000, 784), np.eye(10, dtype=np.float32)[np.arange(60_000) % 10]


def images(np):
    pixels = (np.arange(50 * 784) * 37 % 256 / 255).astype(np.float32).reshape(50, 784)
    labels = np.array([[float(c == i % 10) for c in range(10)] for i in range(50)], np.float32)
    return pixels, labels


def numpy_rows():
    import numpy as np

    def net(row):
        x, y = xor_data(np)
        sigmoid = lambda z: 1 / (1 + np.exp(-z))

        def work():
            layers = [[w, b] for w, b in parameters(np, row)]
            for _ in range(STEPS):
                values = [x]
                for w, b in layers:
                    values.append(sigmoid(values[-1] @ w + b))
                delta = (values[-1] - y) / 4
                for i in reversed(range(len(layers))):
                    w, b = layers[i]
                    dw, db = values[i].T @ delta, delta.sum(0)
                    if i:
                        delta = delta @ w.T * values[i] * (1 - values[i])
                    layers[i] = [w - 0.1 * dw, b - 0.1 * db]

        return times(3, work)

    def softmax(row):
        batches = Batches(np)

        def work():
            w, b = np.zeros((784, 10), np.float32), np.zeros(10, np.float32)
            for _ in range(1000):
                xs, ys = batches.next(100)
                z = xs @ w + b
                e = np.exp(z - z.max(1, keepdims=True))
                d = e / e.sum(1, keepdims=True) - ys
                w -= 0.01 * (xs.T @ d)
                b -= 0.01 * d.sum(0)

        return times(3, work)

    def epoch(row):
        xs, ys = whole_epoch(np)
        p = [np.zeros((784, 10), np.float32), np.zeros(10, np.float32)]
        moments = [[np.zeros_like(v), np.zeros_like(v)] for v in p]
        steps = [0]

        def work():
            order = np.random.permutation(len(xs))
            for i in range(0, len(xs), 100):
                x, y = xs[order[i : i + 100]], ys[order[i : i + 100]]
                z = x @ p[0] + p[1]
                e = np.exp(z - z.max(1, keepdims=True))
                d = (e / e.sum(1, keepdims=True) - y) / 100
                steps[0] += 1
                rate = np.float32(0.001 * (1 - 0.999 ** steps[0]) ** 0.5 / (1 - 0.9 ** steps[0]))
                for v, (m, s), g in zip(p, moments, (x.T @ d, d.sum(0))):
                    m += np.float32(0.1) * (g - m)
                    s += np.float32(0.001) * (g * g - s)
                    v -= rate * m / (np.sqrt(s) + np.float32(1e-7))

        return times(3, work)

    def chain(row):
        x = np.arange(10_000_000, dtype=np.float32) / np.float32(10_000_000)
        if row == "copy":
            return times(7, lambda: -x)
        return times(5, lambda: np.tanh(x * 2 + 1) * (1 / (1 + np.exp(-x))) - x / 3)

    def product(row):
        n = int(row.split("_")[1])
        a, b = (np.random.standard_normal((n, n)).astype(np.float32) for _ in range(2))
        return calls(max(1, min(500, 200_000_000 // n**3)), lambda: a @ b)

    def add(row):
        a, b = np.float32(2) * np.ones(1, np.float32), np.ones(1, np.float32)
        return calls(10_000, lambda: a + b)

    return dict(
        xor=net, xor_wide=net, softmax=softmax, epoch=epoch, chain=chain, copy=chain, matmul=product, eager_add=add
    )


def tensorflow_rows():
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    import numpy as np
    import tensorflow as tf2

    tf = tf2.compat.v1

    def session(build):
        """Runs `build` in a graph of its own; it returns what to do with the session."""
        with tf.Graph().as_default():
            work = build()
            with tf.Session() as sess:
                sess.run(tf.global_variables_initializer())
                return work(sess)

    def net(row):
        def build():
            xs, ys = xor_data(np)
            x, y = tf.placeholder(tf.float32, [None, 2]), tf.placeholder(tf.float32, [None, 1])
            h = x
            for w, b in parameters(np, row):
                h = tf.sigmoid(tf.matmul(h, tf.Variable(w)) + tf.Variable(b))
            cost = -tf.reduce_mean(y * tf.log(h) + (1 - y) * tf.log(1 - h))
            train = tf.train.GradientDescentOptimizer(0.1).minimize(cost)

            def run(sess):
                def work():
                    for _ in range(STEPS):
                        sess.run(train, feed_dict={x: xs, y: ys})

                return times(1, work)

            return run

        return session(build)

    def softmax(row):
        batches = Batches(np)

        def build():
            x, y = tf.placeholder(tf.float32, [None, 784]), tf.placeholder(tf.float32, [None, 10])
            w, b = tf.Variable(tf.zeros([784, 10])), tf.Variable(tf.zeros([10]))
            cost = -tf.reduce_sum(y * tf.log(tf.nn.softmax(tf.matmul(x, w) + b)))
            train = tf.train.GradientDescentOptimizer(0.01).minimize(cost)

            def run(sess):
                def work():
                    for _ in range(1000):
                        xs, ys = batches.next(100)
                        sess.run(train, feed_dict={x: xs, y: ys})

                return times(3, work)

            return run

        return session(build)

    def epoch(row):
        xs, ys = whole_epoch(np)
        layers = [tf2.keras.Input((784,)), tf2.keras.layers.Dense(10, activation="softmax")]
        model = tf2.keras.Sequential(layers)
        model.compile(tf2.keras.optimizers.Adam(0.001), "categorical_crossentropy", metrics=["acc"])
        return times(3, lambda: model.fit(xs, ys, batch_size=100, verbose=0))

    def cnn(row):
        def build():
            weight = lambda *s: tf.Variable(tf.truncated_normal(s, stddev=0.1))
            bias = lambda n: tf.Variable(tf.constant(0.1, shape=[n]))
            pool = lambda h: tf.nn.max_pool(h, [1, 2, 2, 1], [1, 2, 2, 1], "SAME")
            conv = lambda h, *s: pool(tf.nn.relu(tf.nn.conv2d(h, weight(*s), [1, 1, 1, 1], "SAME") + bias(s[3])))
            x, y = tf.placeholder(tf.float32, [None, 784]), tf.placeholder(tf.float32, [None, 10])
            h = conv(conv(tf.reshape(x, [-1, 28, 28, 1]), 5, 5, 1, 32), 5, 5, 32, 64)
            h = tf.nn.relu(tf.matmul(tf.reshape(h, [-1, 3136]), weight(3136, 1024)) + bias(1024))
            logits = tf.matmul(h, weight(1024, 10)) + bias(10)
            cost = tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(labels=y, logits=logits))
            train = tf.train.AdamOptimizer(1e-4).minimize(cost)
            xs, ys = images(np)
            return lambda sess: times(20, lambda: sess.run(train, feed_dict={x: xs, y: ys}))

        return session(build)

    def chain(row):
        x = tf2.constant(np.arange(10_000_000, dtype=np.float32) / np.float32(10_000_000))

        # XLA is the faster of TensorFlow's ways here.
        @tf2.function(jit_compile=True)
        def f(x):
            return -x if row == "copy" else tf2.tanh(x * 2.0 + 1.0) * tf2.sigmoid(x) - x / 3.0

        return times(15, lambda: f(x).numpy())

    def product(row):
        n = int(row.split("_")[1])

        def build():
            a, b = (tf.Variable(tf.random_normal([n, n])) for _ in range(2))
            c = tf.matmul(a, b)
            return lambda sess: calls(max(1, min(500, 200_000_000 // n**3)), lambda: sess.run(c))

        return session(build)

    def scalar(row):
        def build():
            a, b = tf.placeholder(tf.float32), tf.placeholder(tf.float32)
            fed, held = a + b, tf.Variable(2.0) + tf.Variable(3.0)
            if row == "scalar_feed":
                return lambda sess: calls(2000, lambda: sess.run(fed, {a: 2.0, b: 3.0}))
            return lambda sess: calls(2000, lambda: sess.run(held))

        return session(build)

    def add(row):
        a, b = tf2.constant(2.0), tf2.constant(3.0)
        return calls(5000, lambda: a + b)

    return dict(
        xor=net, xor_wide=net, softmax=softmax, epoch=epoch, cnn=cnn, chain=chain, copy=chain, matmul=product,
        scalar_run=scalar, scalar_feed=scalar, eager_add=add,
    )  # fmt: skip


def torch_rows():
    import numpy as np
    import torch
    import torch.nn.functional as F

    torch.set_num_threads(os.cpu_count() or 1)

    def net(row):
        x, y = (torch.from_numpy(a) for a in xor_data(np))

        def work():
            layers = [torch.tensor(p, requires_grad=True) for pair in parameters(np, row) for p in pair]
            train = torch.optim.SGD(layers, 0.1)
            for _ in range(STEPS):
                h = x
                for w, b in zip(layers[::2], layers[1::2]):
                    h = torch.sigmoid(h @ w + b)
                cost = -(y * torch.log(h) + (1 - y) * torch.log(1 - h)).mean()
                train.zero_grad()
                cost.backward()
                train.step()

        return times(1, work)

    def softmax(row):
        batches = Batches(np)

        def work():
            w, b = torch.zeros(784, 10, requires_grad=True), torch.zeros(10, requires_grad=True)
            train = torch.optim.SGD([w, b], 0.01)
            for _ in range(1000):
                xs, ys = (torch.from_numpy(a) for a in batches.next(100))
                cost = F.cross_entropy(xs @ w + b, ys, reduction="sum")
                train.zero_grad()
                cost.backward()
                train.step()

        return times(3, work)

    def epoch(row):
        xs, ys = (torch.from_numpy(a) for a in whole_epoch(np))
        model = torch.nn.Linear(784, 10)
        train = torch.optim.Adam(model.parameters(), 0.001)

        def work():
            order = torch.randperm(len(xs))
            for i in range(0, len(xs), 100):
                chosen = order[i : i + 100]
                cost = F.cross_entropy(model(xs[chosen]), ys[chosen])
                train.zero_grad()
                cost.backward()
                train.step()

        return times(3, work)

    def cnn(row):
        c1, c2 = torch.nn.Conv2d(1, 32, 5, padding=2), torch.nn.Conv2d(32, 64, 5, padding=2)
        f1, f2 = torch.nn.Linear(3136, 1024), torch.nn.Linear(1024, 10)
        train = torch.optim.Adam([p for m in (c1, c2, f1, f2) for p in m.parameters()], 1e-4)
        xs, ys = (torch.from_numpy(a) for a in images(np))

        def work():
            h = F.max_pool2d(torch.relu(c1(xs.reshape(-1, 1, 28, 28))), 2)
            h = F.max_pool2d(torch.relu(c2(h)), 2).reshape(-1, 3136)
            cost = F.cross_entropy(f2(torch.relu(f1(h))), ys)
            train.zero_grad()
            cost.backward()
            train.step()

        return times(20, work)

    def chain(row):
        x = torch.arange(10_000_000, dtype=torch.float32) / 10_000_000
        if row == "copy":
            return times(15, lambda: -x)
        return times(7, lambda: torch.tanh(x * 2 + 1) * torch.sigmoid(x) - x / 3)

    def product(row):
        n = int(row.split("_")[1])
        a, b = torch.randn(n, n), torch.randn(n, n)
        return calls(max(1, min(500, 200_000_000 // n**3)), lambda: a @ b)

    def add(row):
        a, b = torch.tensor(2.0), torch.tensor(3.0)
        return calls(10_000, lambda: a + b)

    return dict(
        xor=net, xor_wide=net, softmax=softmax, epoch=epoch, cnn=cnn, chain=chain, copy=chain, matmul=product,
        eager_add=add,
    )  # fmt: skip


def jax_rows():
    import jax
    import jax.numpy as jnp
    import numpy as np

    def net(row):
        x, y = xor_data(np)

        def cost(layers):
            h = x
            for w, b in layers:
                h = jax.nn.sigmoid(h @ w + b)
            return -jnp.mean(y * jnp.log(h) + (1 - y) * jnp.log(1 - h))

        step = lambda p: jax.tree.map(lambda v, g: v - 0.1 * g, p, jax.grad(cost)(p))
        start = parameters(np, row)
        if row.endswith("loop"):
            whole = jax.jit(lambda p: jax.lax.fori_loop(0, STEPS, lambda _, p: step(p), p))
            return times(7, lambda: jax.block_until_ready(whole(start)))
        one = jax.jit(step)

        def work():
            p = start
            for _ in range(STEPS):
                p = one(p)
            jax.block_until_ready(p)

        return times(3, work)

    def softmax(row):
        batches = Batches(np)

        def cost(p, xs, ys):
            return -jnp.sum(ys * jax.nn.log_softmax(xs @ p[0] + p[1]))

        step = jax.jit(lambda p, xs, ys: jax.tree.map(lambda v, g: v - 0.01 * g, p, jax.grad(cost)(p, xs, ys)))

        def work():
            p = (jnp.zeros((784, 10)), jnp.zeros(10))
            for _ in range(1000):
                p = step(p, *batches.next(100))
            jax.block_until_ready(p)

        return times(3, work)

    def epoch(row):
        xs, ys = whole_epoch(np)

        def cost(p, x, y):
            return -jnp.mean(jnp.sum(y * jax.nn.log_softmax(x @ p[0] + p[1]), 1))

        def step(state, x, y):
            p, m, v, t = state
            g = jax.grad(cost)(p, x, y)
            m = [0.9 * a + 0.1 * b for a, b in zip(m, g)]
            v = [0.999 * a + 0.001 * b * b for a, b in zip(v, g)]
            rate = 0.001 * jnp.sqrt(1 - 0.999**t) / (1 - 0.9**t)
            return [a - rate * b / (jnp.sqrt(c) + 1e-7) for a, b, c in zip(p, m, v)], m, v, t + 1

        step = jax.jit(step)
        zeros = lambda: [jnp.zeros((784, 10)), jnp.zeros(10)]
        state = [(zeros(), zeros(), zeros(), 1.0)]

        def work():
            order = np.random.permutation(len(xs))
            for i in range(0, len(xs), 100):
                chosen = order[i : i + 100]
                state[0] = step(state[0], xs[chosen], ys[chosen])
            jax.block_until_ready(state[0])

        return times(3, work)

    def cnn(row):
        draw = lambda *s: jnp.asarray(np.random.standard_normal(s) * 0.1, jnp.float32)
        p = [draw(5, 5, 1, 32), draw(32), draw(5, 5, 32, 64), draw(64), draw(3136, 1024), draw(1024), draw(1024, 10), draw(10)]
        xs, ys = images(np)
        layout = ("NHWC", "HWIO", "NHWC")

        def conv(h, w, b):
            h = jax.nn.relu(jax.lax.conv_general_dilated(h, w, (1, 1), "SAME", dimension_numbers=layout) + b)
            return jax.lax.reduce_window(h, -jnp.inf, jax.lax.max, (1, 2, 2, 1), (1, 2, 2, 1), "SAME")

        def cost(p):
            h = conv(conv(xs.reshape(-1, 28, 28, 1), p[0], p[1]), p[2], p[3]).reshape(-1, 3136)
            logits = jax.nn.relu(h @ p[4] + p[5]) @ p[6] + p[7]
            return -jnp.mean(jnp.sum(ys * jax.nn.log_softmax(logits), 1))

        def step(p, m, v, t):
            g = jax.grad(cost)(p)
            m = [0.9 * a + 0.1 * b for a, b in zip(m, g)]
            v = [0.999 * a + 0.001 * b * b for a, b in zip(v, g)]
            rate = 1e-4 * jnp.sqrt(1 - 0.999**t) / (1 - 0.9**t)
            return [a - rate * b / (jnp.sqrt(c) + 1e-8) for a, b, c in zip(p, m, v)], m, v, t + 1

        step = jax.jit(step)
        state = [(p, [jnp.zeros_like(a) for a in p], [jnp.zeros_like(a) for a in p], 1.0)]

        def work():
            state[0] = jax.block_until_ready(step(*state[0]))

        return times(10, work)

    def chain(row):
        x = jnp.arange(10_000_000, dtype=jnp.float32) / 10_000_000
        f = (lambda x: -x) if row == "copy" else (lambda x: jnp.tanh(x * 2 + 1) * jax.nn.sigmoid(x) - x / 3)
        f = jax.jit(f)
        return times(15, lambda: f(x).block_until_ready())

    def product(row):
        n = int(row.split("_")[1])
        a, b = (jnp.asarray(np.random.standard_normal((n, n)), jnp.float32) for _ in range(2))
        f = jax.jit(jnp.matmul)
        return calls(max(1, min(500, 200_000_000 // n**3)), lambda: f(a, b).block_until_ready())

    def scalar(row):
        a, b = jnp.float32(2), jnp.float32(3)
        f = jax.jit(jnp.add)
        if row == "scalar_feed":
            return calls(5000, lambda: float(f(2.0, 3.0)))
        return calls(5000, lambda: f(a, b).block_until_ready())

    def add(row):
        a, b = jnp.float32(2), jnp.float32(3)
        return calls(5000, lambda: a + b)

    return dict(
        xor=net, xor_wide=net, xor_loop=net, xor_wide_loop=net, softmax=softmax, epoch=epoch, cnn=cnn, chain=chain,
        copy=chain, matmul=product, scalar_run=scalar, scalar_feed=scalar, eager_add=add,
    )  # fmt: skip


def serve(peer):
    """The peer's process: a row's name comes in, its seconds go out."""
    rows = globals()[f"{peer}_rows"]()
    print(json.dumps("ready"), flush=True)
    for line in sys.stdin:
        row = line.strip()
        work = rows.get("matmul" if row.startswith("matmul") else row)
        print(json.dumps(work(row) if work else []), flush=True)


class Peer:
    def __init__(self, python, name):
        command = [python, __file__, "--serve", name]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.ready = self.answer() == "ready"

    def answer(self):
        for line in self.process.stdout:
            try:
                return json.loads(line)
            except ValueError:
                continue
        return None

    def times(self, row):
        if not self.ready:
            return []
        self.process.stdin.write(row + "\n")
        self.process.stdin.flush()
        return self.answer() or []

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def ours(binary, row):
    run = subprocess.run([binary, row], stdout=subprocess.PIPE, text=True, check=True)
    lines = [json.loads(line) for line in run.stdout.splitlines() if line.startswith("{")]
    return lines[0]["seconds"] if lines else []


def versions(python):
    names = "tensorflow-cpu tensorflow torch jax numpy".split()
    script = "import importlib.metadata as m, sys\nfor n in sys.argv[1:]:\n try: print(n, m.version(n))\n except Exception: pass"
    return ", ".join(subprocess.check_output([python, "-c", script, *names], text=True).splitlines())


def environment(venv):
    python = venv / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", venv], check=True)
        subprocess.run([python, "-m", "pip", "install", "-q", "-r", HERE / "requirements.txt"], check=True)
    return str(python)


def table(results, titles):
    lines = ["| work | Flowbook | " + " | ".join(PEERS) + " | best peer / Flowbook |", "|---" * (len(PEERS) + 3) + "|"]
    for row, title in titles.items():
        if row not in results:
            continue
        unit = 1e6 if "µs" in title else 1e3
        medians = {who: statistics.median(t) * unit for who, t in results[row].items() if t}
        show = lambda who: f"{medians[who]:.3g}" if who in medians else "-"
        others = [medians[who] for who in PEERS if who in medians]
        ratio = f"{min(others) / medians['flowbook']:.2f}" if others and "flowbook" in medians else "-"
        lines.append(f"| {title} | {show('flowbook')} | " + " | ".join(map(show, PEERS)) + f" | {ratio} |")
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", default=",".join(TITLES))
    parser.add_argument("--peers", default=",".join(PEERS))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--venv", type=pathlib.Path, default=HERE / ".venv")
    parser.add_argument("--write", type=pathlib.Path, help="a Markdown file whose results to replace")
    parser.add_argument("--serve", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        return serve(options.serve)
    python = environment(options.venv)
    root = HERE.parent
    subprocess.run(["cargo", "build", "--release", "--locked", "-p", "flowbook", "--example", "bench_engine"], cwd=root, check=True)
    binary = root / os.environ.get("CARGO_TARGET_DIR", "target") / "release" / "examples" / "bench_engine"
    peers = {name: Peer(python, name) for name in options.peers.split(",")}
    results = {row: {who: [] for who in ["flowbook", *PEERS]} for row in options.rows.split(",")}
    for round_ in range(options.rounds):
        for row, times_of in results.items():
            time.sleep(PAUSE)
            times_of["flowbook"] += ours(binary, row)
            for name, peer in peers.items():
                time.sleep(PAUSE)
                times_of[name] += peer.times(row)
            medians = {who: f"{statistics.median(t):.3g} s" for who, t in times_of.items() if t}
            print(f"round {round_ + 1}: {row} {medians}", file=sys.stderr, flush=True)
    for peer in peers.values():
        peer.close()
    text = table(results, TITLES)
    print(text)
    if options.write:
        commit = subprocess.check_output(["git", "rev-parse", "--short", "HEAD"], cwd=root, text=True).strip()
        model = next((l.split(":")[1].strip() for l in open("/proc/cpuinfo") if l.startswith("model name")), platform.machine())
        head = f"{datetime.date.today()}, commit {commit}, {os.cpu_count()} cores ({model}); {versions(python)}."
        before = options.write.read_text().split("<!-- results -->")[0] if options.write.exists() else ""
        options.write.write_text(f"{before}<!-- results -->\n\n{head}\n\n{text}\n")


if __name__ == "__main__":
    main()
