#!/usr/bin/env python3
"""Tables for docs/performance.md from the JSON of `cohortium bench --json`, one file per run.

    report.py RUN.json [RUN.json …]

Every table names the command that prints it. Runs on a played network also show the forecast beside the measured time.
"""
import json
import pathlib
import sys


def with_unit(value):
    for unit in ("", " k", " M", " G"):
        if value < 999.5 or unit == " G":
            return f"{value:.3g}{unit}"
        value /= 1000


def command(run):
    first = run["workloads"][0]
    options = [f"--{name} {first[name]}" for name, usual in (("network", "loopback"), ("channel", "tls"), ("lanes", 1))
               if first[name] != usual]
    return " ".join(["cohortium bench", *options])


def rows(run):
    forecast = any(each["forecast_seconds"] for each in run["workloads"])
    columns = ["workload", "elements", "seconds", "elements/s", "bytes per element", "rounds", "peak memory",
               "of the limit"] + (["forecast, s", "forecast / measured"] if forecast else [])
    yield columns
    yield ["---"] * len(columns)
    for each in run["workloads"]:
        if not each["verified"]:
            sys.exit(f"{each['name']} is not verified")
        cells = [each["name"], f"{each['elements']:,}", f"{each['seconds']:.4g}",
                 with_unit(each["elements_per_second"]), f"{each['bytes_per_element']:.4g}", str(each["rounds"]),
                 f"{each['peak_memory_bytes'] / 1e6:.0f} MB", f"{each['ratio_to_limit']:.2f} ({each['limit']})"]
        if forecast:
            cells += [f"{each['forecast_seconds']:.4g}", f"{each['forecast_seconds'] / each['seconds']:.2f}"]
        yield cells


def table(run):
    limits = run["limits"]
    lines = [f"### `{command(run)}`", "",
             f"{run['machine']['processor']}, {run['machine']['cores']} cores. AES-CTR {limits['aes_ctr_gb_s']:.2f}, "
             f"memcpy {limits['memcpy_gb_s']:.2f} GB/s per core; loopback TCP {limits['tcp_loopback_gb_s']:.2f}, "
             f"TLS {limits['tls_loopback_gb_s']:.2f} GB/s.", ""]
    return "\n".join(lines + ["| " + " | ".join(cells) + " |" for cells in rows(run)]) + "\n"


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    runs = [json.loads(pathlib.Path(path).read_text(encoding="utf-8")) for path in sys.argv[1:]]
    print("\n".join(table(run) for run in runs))


if __name__ == "__main__":
    main()
