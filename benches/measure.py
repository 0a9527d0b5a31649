"""Runs the program as a whole process and prints rows of a table, for the measurements of single commands."""

import os
import statistics
import subprocess
import sys
import time


def run(program, site, *arguments, expected=0):
    """Wall time in seconds, CPU time, the peak resident set in MiB, and the lines of output."""
    before = time.perf_counter()
    process = subprocess.Popen(
        [program, "--root", site, *arguments],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )
    said = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - before
    if os.waitstatus_to_exitcode(status) != expected:
        sys.exit(f"backmatter {' '.join(arguments)} ended with {os.waitstatus_to_exitcode(status)}: {said}")
    return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, said.strip().splitlines()


def row(name, width, samples):
    """Prints the best and the median wall time, the median CPU time and the highest memory; returns the last line of output."""
    best = min(sample[0] for sample in samples)
    wall = statistics.median(sample[0] for sample in samples)
    cpu = statistics.median(sample[1] for sample in samples)
    memory = max(sample[2] for sample in samples)
    print(f"| {name:{width}} | {best:7.2f} s | {wall:7.2f} s | {cpu:7.2f} s | {memory:6.0f} MiB |", flush=True)
    lines = samples[-1][3]
    return lines[-1] if lines else ""
