"""Draw what `history.py --json` measured: `python _plot.py FILE.png < FILE.json`, in an environment with matplotlib.

A scan's seconds against the packed size of the repository, both on logarithmic axes. The line of each tool is a power
law, the least squares of the logarithms, and R² is theirs too: an exponent of 1 is a time that grows as the size does.
A second scan gets no line: it takes what is new, however large the repository.
"""

from __future__ import annotations

import json
import statistics
import sys

import matplotlib as mpl
import numpy as np

mpl.use("Agg")
from matplotlib import pyplot as plt
from matplotlib import ticker

OURS = ("#0b5fa5", "#4fa3e0")
PEERS = ("#c8590c", "#4d8a2c", "#8a4fa3", "#777777")
MARKERS = "sD^v"


def draw(records: list[dict], file: str) -> None:
    """Draw the times of every tool, ours on top."""
    figure, axes = plt.subplots(figsize=(8, 5), dpi=160, layout="constrained")
    _dress(axes)
    ours, peers = zip(OURS, "oo", strict=True), zip(PEERS, MARKERS, strict=True)
    for peer, second, tool in sorted({(record["peer"], record["second"], record["tool"]) for record in records}):
        color, marker = next(peers if peer else ours)
        of_it = [record for record in records if record["tool"] == tool]
        times = {record["packed"] / 1e6: statistics.median(record["wall"]) for record in of_it}
        label, style = tool, {"color": color, "zorder": 3 if peer else 4}
        if len(times) > 2 and not second:
            power, factor, r2 = _fit(np.log(list(times)), np.log(list(times.values())))
            label += f": grows as size$^{{{power:.2f}}}$, R² = {r2:.2f}"
            ends = np.array([min(times), max(times)])
            axes.plot(ends, factor * ends**power, linewidth=1.2 if peer else 2.2, alpha=0.7, **style)
        axes.plot(
            *zip(*times.items(), strict=True), marker, markersize=5 if peer else 7, mec="white", label=label, **style
        )
    for size, name in {(record["packed"] / 1e6, record["repository"]) for record in records}:
        axes.axvline(size, color="#d8d8d8", linewidth=0.8, linestyle=":", zorder=1)
        place = {"transform": axes.get_xaxis_transform(), "rotation": 90, "ha": "right", "va": "bottom"}
        axes.text(size, 0.015, f"{name} ", fontsize=8, color="#555555", **place)
    axes.legend(loc="upper left", frameon=False, fontsize=9)
    figure.savefig(file, facecolor="white")


def _fit(x: np.ndarray, y: np.ndarray) -> tuple[float, float, float]:
    """Fit y = power * x + log(factor); return power, factor and R²."""
    power, offset = np.polyfit(x, y, 1)
    left = y - power * x - offset
    return power, np.exp(offset), 1 - (left @ left) / ((y - y.mean()) @ (y - y.mean()))


def _dress(axes: plt.Axes) -> None:
    """Label the axes, and leave room for the legend above and for the names of the repositories below."""
    axes.set(xscale="log", yscale="log", xlabel="packed size of the repository, MB", ylabel="time of a scan, s")
    axes.margins(0.06, 0.3)
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(ticker.LogLocator(subs=(1, 2, 5)))
        axis.set_major_formatter(lambda value, _: f"{value:g}")
        axis.set_minor_locator(ticker.NullLocator())
    axes.grid(axis="y", color="#ececec", linewidth=0.8)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)


if __name__ == "__main__":
    draw(json.load(sys.stdin), sys.argv[1])
