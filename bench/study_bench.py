#!/usr/bin/env python3
"""Whole studies, end to end, at three hospitals: Kaplan-Meier and log-rank of two arms over 1,095 days for 300,000
patients, or a table of 10 x 10 cells over 10,000,000 records.

    study_bench.py --cohortium PATH [--study survival | table] [--json] [--repeats 5] [--records PER SITE]

Every run starts three real nodes on this machine, which talk TLS over loopback, and analyses the pooled records in
plaintext as well. Secure seconds count from the analyst's "run" to the fetched result, the nodes being up; plaintext
seconds read the same files and compute the same numbers in one process. Release rules are the defaults: merged steps, a
minimum of 11. Figures are medians over the repeats, after one warm-up; a run whose result differs from plaintext by
1e-6 or more ends the benchmark.
"""
import argparse
import json
import os
import pathlib
import platform
import random
import resource
import statistics
import subprocess
import sys
import tempfile

EXAMPLE = pathlib.Path(__file__).resolve().parents[1] / "examples" / "01_survival" / "study.json"
SITES = ("north", "west", "south")
LARGEST_DIFFERENCE = 1e-6


def survival_study(call, folder, records):
    """The study, and writes its records: so many for each site."""
    study = json.loads(EXAMPLE.read_text(encoding="utf-8"))
    study["title"] = "Benchmark: survival of two arms"
    study["analyses"] = [a for a in study["analyses"] if a["kind"] in ("kaplan_meier", "log_rank")]
    del study["data"]["columns"]["age"], study["release"]
    sites = [argument for site in SITES for argument in ("--site", f"{site}={records}")]
    call("synth", *sites, "--seed", "7", "--out", str(folder))
    return study


def table_study(_, folder, records):
    """The same for a table; a byte makes a record, so every cell is taken."""
    lines = [f"{byte % 10},{byte // 10 % 10}\n".encode() for byte in range(256)]
    for site in SITES:
        (folder / site).mkdir(parents=True)
        bytes_of_site = random.Random(site).randbytes(records)
        (folder / site / "visits.csv").write_bytes(b"ward,cause\n" + b"".join(lines[byte] for byte in bytes_of_site))
    levels = {"type": "category", "levels": [str(level) for level in range(10)]}
    return {"cohortium": 1, "title": "Benchmark: a table", "purpose": "Measures a study on made records.",
            "sites": list(SITES), "data": {"table": "visits", "columns": {"ward": levels, "cause": levels}},
            "analyses": [{"id": "table", "kind": "table", "by": ["ward", "cause"], "proportions": "row"}]}


# What makes a study, records per site unless the user asks for others, and the heading of its figures.
STUDIES = {"survival": (survival_study, 100_000, "Kaplan-Meier and log-rank, {:,} patients"),
           "table": (table_study, 3_333_334, "Table of 10 x 10 cells, {:,} records")}


class Bench:
    def __init__(self, cohortium, folder, name, records):
        self.cohortium, self.folder = cohortium, folder
        study = STUDIES[name][0](self.call, folder / "records", records)
        (folder / "study.json").write_text(json.dumps(study), encoding="utf-8")

    def call(self, *arguments):
        done = subprocess.run([self.cohortium, "--json", *arguments], stdout=subprocess.PIPE, check=False)
        if done.returncode != 0:
            sys.exit(f"cohortium {arguments[0]} failed:\n{done.stdout.decode()}")
        return json.loads(done.stdout)

    def run(self):
        sites = [argument for site in SITES for argument in ("--site", f"{site}={self.folder / 'records' / site}")]
        summary = self.call("run", str(self.folder / "study.json"), *sites, "--compare", "--out", str(self.folder / "out"))
        difference = summary["comparison"]["largest_difference"]
        if not 0 <= difference < LARGEST_DIFFERENCE or summary["comparison"]["numbers"] == 0:
            sys.exit(f"the result is off by {difference} from the pooled analysis: no time is reported")
        result = json.loads((self.folder / "out" / "result.json").read_text(encoding="utf-8"))
        return summary, result["cost"]


def measure(bench, repeats):
    bench.run()  # warm-up
    runs = [bench.run() for _ in range(repeats)]

    def median(pick):
        return statistics.median(pick(summary, cost) for summary, cost in runs)

    return {
        "secure_seconds": median(lambda summary, _: summary["seconds"]["run"]),
        "plaintext_seconds": median(lambda summary, _: summary["comparison"]["plaintext_seconds"]),
        "ratio": median(lambda summary, _: summary["comparison"]["ratio"]),
        "ratios": sorted(summary["comparison"]["ratio"] for summary, _ in runs),
        "protocol_seconds": median(lambda _, cost: cost["measured"]["seconds"]),
        "start_seconds": median(lambda summary, _: summary["seconds"]["start"]),
        "rounds": {"forecast": runs[-1][1]["forecast"]["rounds"], "measured": runs[-1][1]["measured"]["rounds"]},
        "bytes_sent": {"forecast": runs[-1][1]["forecast"]["bytes_sent"],
                       "measured": runs[-1][1]["measured"]["bytes_sent"]},
        "largest_difference": max(summary["comparison"]["largest_difference"] for summary, _ in runs),
        "numbers_compared": runs[-1][0]["comparison"]["numbers"],
        "peak_memory_bytes": 1024 * resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss,  # of the largest process
    }


def as_table(report):
    figures, heading = report["figures"], STUDIES[report["study"]][2].format(report["records"])
    rows = [
        ("secure, nodes up", f"{figures['secure_seconds']:.3f} s"),
        ("plaintext, pooled records", f"{figures['plaintext_seconds']:.3f} s"),
        ("secure / plaintext", f"{figures['ratio']:.2f} ({figures['ratios'][0]:.2f} to {figures['ratios'][-1]:.2f})"),
        ("of it under the protocol", f"{figures['protocol_seconds']:.3f} s"),
        ("starting the nodes", f"{figures['start_seconds']:.3f} s"),
        ("rounds", f"{figures['rounds']['measured']} (forecast {figures['rounds']['forecast']})"),
        ("sent by the busiest party", f"{figures['bytes_sent']['measured'] / 1e6:.1f} MB "
                                      f"(forecast {figures['bytes_sent']['forecast'] / 1e6:.1f} MB)"),
        ("largest process", f"{figures['peak_memory_bytes'] / 1e6:.0f} MB"),
        ("largest difference", f"{figures['largest_difference']:.1e} (of {figures['numbers_compared']} numbers)"),
    ]
    heading = (f"{heading} at {len(SITES)} sites, replicated3 over TLS on loopback\n"
               f"median of {report['repeats']} runs, {report['machine']['cores']} cores\n")
    return heading + "".join(f"  {name:<28} {value}\n" for name, value in rows)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--cohortium", help="the program")
    parser.add_argument("--table", type=pathlib.Path, help="print an earlier report, made with --json, as a table")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--study", choices=STUDIES, default="survival")
    parser.add_argument("--records", type=int, help="per site")
    options = parser.parse_args()
    if options.table:
        print(as_table(json.loads(options.table.read_text(encoding="utf-8"))), end="")
        return
    if not options.cohortium:
        parser.error("--cohortium is missing")
    records = STUDIES[options.study][1] if options.records is None else options.records
    if options.repeats < 1 or records < 1:
        parser.error("repeats and records are at least 1")
    with tempfile.TemporaryDirectory(prefix="cohortium-bench-") as folder:
        bench = Bench(options.cohortium, pathlib.Path(folder), options.study, records)
        figures = measure(bench, options.repeats)
    report = {
        "name": f"{options.study}_study", "study": options.study,
        "machine": {"processor": platform.machine(), "cores": len(os.sched_getaffinity(0))},
        "records": records * len(SITES), "sites": len(SITES), "protocol": "replicated3",
        "network": "loopback", "repeats": options.repeats, "verified": True, "figures": figures,
    }
    print(json.dumps(report, indent=2) if options.json else as_table(report), end="\n" if options.json else "")


if __name__ == "__main__":
    main()
