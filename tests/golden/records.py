"""The public records behind the golden results, spread over three sites as golden/scripts did.

Small tables are split already; the large ones are split here by the rule of data/split/make_splits.py.
"""

import csv
import gzip
import hashlib

from need import SHARED

SITES = ("siteA", "siteB", "siteC")
LARGE = {
    "diabetes130": ("tabular/diabetic_data_130hosp.csv.gz", "patient_nbr"),
    "nhanes": ("tabular/nhanes_2009_2012.csv.gz", "ID"),
}


def site_of(table, unit):
    bucket = int(hashlib.sha256(f"{table}:{unit}".encode()).hexdigest()[:8], 16) % 10
    return SITES[0] if bucket < 5 else SITES[1] if bucket < 8 else SITES[2]


def read_split(table):
    """Header and, per site, rows."""
    if table == "pima":  # R's Pima.tr and Pima.te one after the other
        header, rows = None, {site: [] for site in SITES}
        for half in ("pima_tr", "pima_te"):
            header, parts = read_split(half)
            for site in SITES:
                rows[site] += parts[site]
        return header, rows
    if table in LARGE:
        path, unit = LARGE[table]
        with gzip.open(SHARED / "data" / path, "rt", newline="") as file:
            reader = csv.reader(file)
            header = next(reader)
            rows = {site: [] for site in SITES}
            for row in reader:
                rows[site_of(table, row[header.index(unit)])].append(row)
        return header, rows
    rows = {}
    for site in SITES:
        with open(SHARED / "data/split" / site / f"{table}.csv", newline="") as file:
            header, *rows[site] = list(csv.reader(file))
    return header, rows


def write_sites(folder, table, columns, derive=None):
    """Writes the named columns of a table to a folder per site. `derive` may add columns: name to a function of a row."""
    header, parts = read_split(table)
    derive = derive or {}
    records = {}
    for site, rows in parts.items():
        place = folder / table / site
        place.mkdir(parents=True)
        with open(place / f"{table}.csv", "w", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow([*columns, *derive])
            for row in rows:
                record = dict(zip(header, row))
                writer.writerow([*(record[name] for name in columns), *(make(record) for make in derive.values())])
        records[site.lower()] = place
    return records
