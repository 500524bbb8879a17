"""Times the figures of `bench_figures.rs` with matplotlib (Agg, PNG included) and prints them beside ours.

Run from the repository's root, with matplotlib and numpy installed and the example built:
    cargo build --release -p flowbook-plot --example bench_figures
    python prelude/plot/examples/bench_figures.py
Each figure is drawn several times, from data to the bytes of the PNG a notebook shows. The processor's time counts, so
that other work on the machine does not; the best time on the wall clock stands in brackets.
"""
import io
import subprocess
import time

import matplotlib

matplotlib.use("agg")
import matplotlib.pyplot as plt
import numpy as np

DIGIT = np.fromfunction(lambda j, i: (i * j) % 29, (28, 28))


def sigmoid():
    x = np.arange(-5.0, 5.0, 0.1)
    plt.plot(x, 1 / (1 + np.exp(-x)), "g")
    plt.plot([0, 0], [1.0, 0.0], ":")
    plt.title("Sigmoid Function")


def limits():
    plt.plot([1, 2, 3, 4], [2, 3, 5, 10])
    plt.xlabel("X-Axis")
    plt.ylabel("Y-Axis")
    plt.xlim(0, 5)
    plt.ylim(0, 20)


def colour_bar():
    plt.imshow(DIGIT, cmap="binary")
    plt.colorbar()


def descent():
    x = np.linspace(-2, 2, 50)
    figure = plt.figure(figsize=(12, 7))
    for i, rate in enumerate([0.001, 0.1, 0.5, 0.9]):
        w = 2 * (1 - 2 * rate) ** np.arange(10)
        ax = figure.add_subplot(2, 2, i + 1)
        ax.scatter(w, w**2, color="red")
        ax.plot(x, x**2)
        ax.set_title(f"lr ={rate}")


def digits():
    plt.figure(figsize=(15, 15))
    for i in range(25):
        plt.subplot(5, 5, i + 1)
        plt.xticks([])
        plt.yticks([])
        plt.imshow(DIGIT, cmap="binary")
        plt.xlabel(str(i))


def predictions():
    plt.figure(figsize=(18, 20))
    plt.subplots_adjust(hspace=1.0)
    for i in range(15):
        plt.subplot(5, 6, 2 * i + 1)
        plt.xticks([])
        plt.yticks([])
        plt.imshow(DIGIT, cmap="binary")
        plt.xlabel("7 38% (7)", color="blue")
        plt.subplot(5, 6, 2 * i + 2)
        plt.xticks(range(10), rotation=90)
        plt.yticks([])
        plt.bar(range(10), [0.1, 0.2, 0.0, 0.3, 0.05, 0.05, 0.1, 0.7, 0.1, 0.1], color="#777777")
        plt.ylim([0, 1])


def scatter():
    angles = np.arange(10_000.0)
    plt.scatter(angles * np.cos(angles), angles * np.sin(angles), c=angles)


def noise():
    k = np.arange(1_000_000, dtype=np.uint64)
    plt.plot((k * np.uint64(6_364_136_223)) % np.uint64(1009))


FIGURES = {
    "sigmoid": sigmoid,
    "line with limits": limits,
    "picture with colour bar": colour_bar,
    "2 x 2 gradient descent": descent,
    "5 x 5 digits": digits,
    "5 x 6 predictions": predictions,
    "scatter of 10,000": scatter,
    "line of 1,000,000": noise,
}


def milliseconds(draw):
    """The mean of the processor's time and the best on the wall clock."""
    draw()
    plt.close("all")
    best = float("inf")
    start, runs = time.process_time(), 0
    while runs < 3 or (runs < 20 and time.process_time() - start < 1.0):
        begin = time.perf_counter()
        draw()
        plt.savefig(io.BytesIO(), format="png", bbox_inches="tight")
        best = min(best, time.perf_counter() - begin)
        plt.close("all")
        runs += 1
    return (time.process_time() - start) / runs * 1e3, best * 1e3


lines = subprocess.run(["target/release/examples/bench_figures"], capture_output=True, text=True, check=True).stdout
ours = {name: (float(cpu), float(best)) for name, cpu, best in (l.split("\t") for l in lines.splitlines())}
print(f"| figure | flowbook ms (wall) | matplotlib {matplotlib.__version__} ms (wall) | ratio |")
print("|---|---|---|---|")
for name, draw in FIGURES.items():
    theirs = milliseconds(draw)
    cpu, best = ours[name]
    print(f"| {name} | {cpu:.1f} ({best:.1f}) | {theirs[0]:.0f} ({theirs[1]:.0f}) | {theirs[0] / cpu:.0f} |", flush=True)
