"""What it costs to see whether anything in a text decodes, and to decode it.

`python benchmarks/decode.py [FILE ...]`, by default over the running Python's library. Prints a Markdown table; all
times are of the processor.
"""

from __future__ import annotations

import argparse
import gzip
import statistics
import sysconfig
import time
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path

from tightlip.engine import Scanner, runs

_CHUNK = 1 << 21


def gigabytes(look: Callable[[bytes], object], chunks: list[bytes], turns: int = 9) -> float:
    """Return how many gigabytes a second of the processor a function looks through: the median of some turns."""
    size = sum(map(len, chunks))
    seconds = []
    for _ in range(turns):
        start = time.process_time()
        for chunk in chunks:
            look(chunk)
        seconds.append(time.process_time() - start)
    return size / statistics.median(seconds) / 1e9


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="*", type=Path, help="texts to look through")
    files: list[Path] = parser.parse_args().files or sorted(Path(sysconfig.get_path("stdlib")).rglob("*.py"))
    text = b"\n\xfe\n".join(file.read_bytes() for file in files)
    chunks = [text[at : at + _CHUNK] for at in range(0, len(text), _CHUNK)]
    scanner = Scanner()
    prose = text[:30_000]
    rows = {
        f"runs of base64, {'native' if runs.find is not runs.in_python else 'in Python'}": (runs.find, chunks),
        "runs of base64, in Python": (runs.in_python, chunks[:4]),
        "rules, marks and runs": (scanner.compiled.prefilter.candidates, chunks),
        "decoding base64": (scanner.scan, [b'x = "' + b64encode(prose) + b'"']),
        "decoding base64 of gzip": (scanner.scan, [b'x = "' + b64encode(gzip.compress(prose)) + b'"']),
        "decoding percent-encoding": (scanner.scan, [b"".join(b"%%%02x" % byte for byte in prose)]),
    }
    print("| what | GB/s |\n|---|---:|")
    for name, (look, texts) in rows.items():
        print(f"| {name} | {gigabytes(look, texts):.3f} |")


if __name__ == "__main__":
    main()
