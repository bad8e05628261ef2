#!/usr/bin/env python3
"""Tables for docs/performance.md from the JSON of `cohortium bench --json`, one file per run.

    report.py RUN.json [RUN.json …]
    report.py --forecast RUN.json [RUN.json …]     one table of measured and forecast times on played networks

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


def forecast_rows(runs):
    """Workload by workload, the networks side by side: measured and forecast seconds, and the second over the first."""
    networks = [run["workloads"][0]["network"] for run in runs]
    columns = ["workload", "elements"] + [f"{network}: measured, forecast, ratio" for network in networks]
    yield columns
    yield ["---"] * len(columns)
    for same in zip(*(run["workloads"] for run in runs), strict=True):
        if len({(each["name"], each["elements"]) for each in same}) > 1 or not all(each["verified"] for each in same):
            sys.exit("the runs are not of the same workloads, all verified and on played networks")
        yield [same[0]["name"], f"{same[0]['elements']:,}"] + [
            f"{each['seconds']:.3g} s, {each['forecast_seconds']:.3g} s, "
            f"{each['forecast_seconds'] / each['seconds']:.2f}" for each in same]


def main():
    forecast = sys.argv[1:2] == ["--forecast"]
    paths = sys.argv[2 if forecast else 1:]
    if not paths:
        sys.exit(__doc__)
    runs = [json.loads(pathlib.Path(path).read_text(encoding="utf-8")) for path in paths]
    if forecast:
        print("\n".join("| " + " | ".join(cells) + " |" for cells in forecast_rows(runs)))
    else:
        print("\n".join(table(run) for run in runs))


if __name__ == "__main__":
    main()
