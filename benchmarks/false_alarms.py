"""How often is a correct layer accused? Every reference layer, many cases, many seeds.

    python benchmarks/false_alarms.py [--seeds 20] [--examples 200] [--first-seed 1000]

Prints the population, the number of gradients compared, the findings, and the 95 % upper bound of
the rate of false alarms (3 / count, where none was seen). Constants of the differentiator were
tuned on other seeds.
"""

from __future__ import annotations

import argparse
import sys
import time

from gradcheck import check_layer
from gradcheck.kinds import catalogue


def main() -> int:
    """Run the population and print the table; exit code 1 if anybody was accused."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--examples", type=int, default=200)
    parser.add_argument("--first-seed", type=int, default=1000)
    given = parser.parse_args()
    print(f"{'layer':<18}{'cases':>8}{'checks':>9}{'alarms':>8}{'unclear':>9}{'seconds':>9}")
    cases = checks = alarms = 0
    for kind in catalogue():
        row = _row(kind.reference, range(given.first_seed, given.first_seed + given.seeds), given)
        cases, checks, alarms = cases + row[0], checks + row[1], alarms + row[2]
        print(f"{kind.name:<18}{row[0]:>8}{row[1]:>9}{row[2]:>8}{row[3]:>9}{row[4]:>9.1f}")
    bound = 3 / checks if not alarms else float("nan")
    print(f"{'all':<18}{cases:>8}{checks:>9}{alarms:>8}   95 % bound of the rate {bound:.1e}")
    return 1 if alarms else 0


def _row(
    layer: object, seeds: range, given: argparse.Namespace
) -> tuple[int, int, int, int, float]:
    start = time.perf_counter()
    cases = checks = alarms = unclear = 0
    for seed in seeds:
        (subject,) = check_layer(layer, seed=seed, examples=given.examples).subjects
        cases += subject.cases
        checks += sum(one.cases for one in subject.checks)
        alarms += len(subject.findings)
        unclear += sum(one.verdict == "inconclusive" for one in subject.checks)
        for finding in subject.findings:
            print(f"  seed {seed}: {finding.headline}")
    return cases, checks, alarms, unclear, time.perf_counter() - start


if __name__ == "__main__":
    sys.exit(main())
