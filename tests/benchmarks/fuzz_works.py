"""Damaged works by hand: `python -m tests.benchmarks.fuzz_works [inputs [container...]]`.

Every input is a planted file with some bytes changed, cut or put in twice; each is read and judged
by every signal of works. An exception ends the run. Told are inputs, seconds, the slowest input
and the memory of the process.
"""

import random
import resource
import sys
import time
from collections import defaultdict

from crawler.model import Capture
from crawler.parsers.containers.work import container_of
from crawler.signals import SIGNALS
from crawler.signals.reading.signal import Carrier
from tests.factories.works import PLANTED
from tests.factories.works_held_back import HELD_BACK
from tests.parsers.containers.test_hostile_works import damaged

INPUTS = 100_000
URL = "https://site.example/work"


def main() -> None:
    """Fuzz every container and print a line for each."""
    inputs = int(sys.argv[1]) if len(sys.argv) > 1 else INPUTS
    signals = [signal for signal in SIGNALS if signal.carrier is Carrier.WORK]
    seeds = defaultdict(list)
    for _, make in (PLANTED | HELD_BACK).values():
        data = make()
        seeds[container_of(data)].append(data)
    for container, files in seeds.items():
        if sys.argv[2:] and container not in sys.argv[2:]:
            continue
        chance = random.Random(container)
        slowest, began = 0.0, time.process_time()
        for number in range(inputs):
            body = damaged(files[number % len(files)], chance)
            at = time.process_time()
            capture = Capture("work:image:", URL, URL, status=200, body=body)
            for signal in signals:
                signal.find(capture)
            slowest = max(slowest, time.process_time() - at)
        spent = time.process_time() - began
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        print(
            f"{container}: {inputs} inputs, {spent:.0f} s, slowest {slowest:.3f} s, {peak} MB",
            flush=True,
        )


if __name__ == "__main__":
    main()
