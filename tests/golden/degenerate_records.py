"""Records that statistics trip over: sixty made-up people at three sites, and what can go wrong with them.

    degenerate_records.py FOLDER     writes every case as FOLDER/CASE.csv, pooled, for degenerate.R
"""

import csv
import pathlib
import sys

COLUMNS = ("time", "status", "arm", "age", "ill", "stage")
SITES = ("north", "west", "south")


def people():
    return [{"time": 1 + i * 37 % 50, "status": int(i * 7 % 5 != 0), "arm": "ab"[i % 2], "age": 30 + i * 17 % 41,
             "ill": ["no", "yes"][i * i % 7 < 3], "stage": i * 13 % 3 + 1, "site": i % 3} for i in range(60)]


def changed(**changes):
    """Everybody, each with the fields that `changes` gives: a value, or what makes one of a person."""
    return [{**person, **{name: value(person) if callable(value) else value for name, value in changes.items()}}
            for person in people()]


def one_event():
    records = changed(status=0)
    records[6]["status"] = 1
    return records


def some_missing():
    records = people()
    for i, name in enumerate(("age", "arm", "status", "ill", "time", "stage") * 2):
        records[5 * i][name] = ""
    return records


CASES = {
    "as_they_are": people,
    "a_site_without_rows": lambda: changed(site=lambda person: person["site"] % 2),
    "an_empty_group": lambda: changed(arm="a"),
    "all_censored": lambda: changed(status=0),
    "one_event": one_event,
    "a_constant": lambda: changed(age=50),
    "separated": lambda: changed(ill=lambda person: "yes" if person["age"] > 50 else "no"),
    "ties_everywhere": lambda: changed(time=7, age=50, status=1),
    "nobody": lambda: [],
    "some_missing": some_missing,
    "complete_cases": lambda: [person for person in some_missing() if "" not in person.values()],
}


def write(records, path, missing=""):
    with open(path, "w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows([missing if record[name] == "" else record[name] for name in COLUMNS] for record in records)


def write_sites(case, folder, missing=""):
    """The case's records in a folder for each site, by name; `missing` is what stands where there is no value."""
    folders = {}
    for index, site in enumerate(SITES):
        folders[site] = folder / f"{case}{missing}" / site
        folders[site].mkdir(parents=True)
        write([record for record in CASES[case]() if record["site"] == index], folders[site] / "people.csv", missing)
    return folders


if __name__ == "__main__":
    for name, make in CASES.items():
        write(make(), pathlib.Path(sys.argv[1]) / f"{name}.csv")
