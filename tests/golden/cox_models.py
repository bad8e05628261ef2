"""The Cox models of the golden files, and studies that fit them over split records with the site's name as a column."""

import csv
import tempfile
from pathlib import Path

from golden import GoldenTest, category, duration, number
from need import SHARED
from records import SITES, read_split, site_of

HIDDEN, OPENED = 1e-6, 1e-9  # relative error of what iterations under the protocol give


def event(code, *censored):
    return {"type": "event", "event": [code], "censored": list(censored)}


# Of each entry of golden/cox.json: the table, its columns, the study's fields, and how R names the terms.
MODELS = {
    "lung": ("lung", {"time": duration(0, 1100), "status": event(2, 1), "age": number(30, 90), "sex": number(1, 2),
                      "ph.ecog": number(0, 4, ["", "NA"])},
             {"time": "time", "event": "status", "formula": "~ age + sex + ph.ecog"}),
    "veteran": ("veteran", {"time": duration(0, 1000), "status": event(1, 0), "trt": number(1, 2),
                            "celltype": category("squamous", "smallcell", "adeno", "large"), "karno": number(0, 100),
                            "diagtime": number(0, 100), "age": number(20, 100), "prior": number(0, 10)},
                {"time": "time", "event": "status",
                 "formula": "~ trt + celltype + karno + diagtime + age + prior"}),
    "pbc": ("pbc", {"time": duration(0, 5000), "status": event(2, 0, 1), "trt": category(1, 2, missing=["", "NA"]),
                    "age": number(20, 90), "edema": number(0, 1), "bili": number(0.1, 40), "albumin": number(1, 6),
                    "protime": number(5, 25, ["", "NA"])},
            {"time": "time", "event": "status",
             "formula": "~ age + edema + log(bili) + log(albumin) + log(protime)"}),
    "rotterdam": ("rotterdam", {"dtime": duration(0, 7500), "death": event(1, 0), "age": number(20, 100),
                                "meno": number(0, 1), "size": category("<=20", "20-50", ">50"), "grade": number(1, 3),
                                "nodes": number(0, 50), "pgr": number(0, 6000), "er": number(0, 4000),
                                "hormon": number(0, 1), "chemo": number(0, 1)},
                  {"time": "dtime", "event": "death",
                   "formula": "~ age + meno + size + grade + nodes + pgr + er + hormon + chemo"}),
    "gbsg": ("gbsg", {"rfstime": duration(0, 3000), "status": event(1, 0), "age": number(20, 100), "meno": number(0, 1),
                      "size": number(0, 200), "grade": number(1, 3), "nodes": number(0, 60), "pgr": number(0, 3000),
                      "er": number(0, 2000), "hormon": number(0, 1)},
             {"time": "rfstime", "event": "status",
              "formula": "~ age + meno + size + grade + nodes + pgr + er + hormon"}),
    "flchain": ("flchain", {"futime": duration(0, 5500), "death": event(1, 0), "age": number(40, 110),
                            "sex": category("M", "F"), "kappa": number(0, 30), "lambda": number(0, 30),
                            "mgus": number(0, 1)},
                {"time": "futime", "event": "death", "formula": "~ age + sex + kappa + lambda + mgus"}),
    "heart_start_stop": ("heart", {"start": duration(0, 2000, step=0.5), "stop": duration(0, 2000, step=0.5),
                                   "event": event(1, 0), "age": number(-50, 30), "surgery": number(0, 1),
                                   "transplant": number(0, 1)},
                         {"time": "stop", "event": "event", "entry": "start",
                          "formula": "~ age + surgery + transplant"}),
}
WHERE = {"pbc": "trt IS NOT NULL", "flchain": "futime > 0"}
SITE = {"site": category("siteA", "siteB", "siteC")}
# 11, or what few people with the event share two levels.
MINIMUM = {name: 11 for name in MODELS} | {"heart_start_stop": 3, "rotterdam": 8, "flchain": 5}
# Columns that are made of others.
DERIVED = {"w": lambda row: 0.5 + int(row["age"]) % 4 / 2,
           "gender": lambda row: row["sex"],
           "late": lambda row: int(row["time"]) // 3 * (row["sex"] == "2")}


class CoxStudies(GoldenTest):
    def run_models(self, name, variants, more_columns=None, **options):
        """The results of model `name`: a name of each variant to the fields it adds to the study's entry."""
        table, columns, fields = MODELS[name]
        columns = columns | (more_columns or {})
        analyses = {variant: {"kind": "cox", **fields, **more} for variant, more in variants.items()}
        return self.run_study(table, columns | SITE, analyses, where=WHERE.get(name),
                              records=self.records(table, columns), **{"minimum": MINIMUM[name]} | options)

    def parts(self, table):
        """Header and, per site, rows."""
        if table != "flchain":
            return read_split(table)
        with open(SHARED / "data/survival/flchain.csv", newline="") as file:
            header, *rows = list(csv.reader(file))
        parts = {site: [] for site in SITES}
        for row in rows:
            parts[site_of(table, row[0])].append(row)
        return header, parts

    def records(self, table, columns):
        """The records of each site, with the site's name as a column."""
        header, parts = self.parts(table)
        records, folder = {}, Path(tempfile.mkdtemp(dir=self.folder))
        for site, rows in parts.items():
            place = folder / site
            place.mkdir(parents=True)
            with open(place / f"{table}.csv", "w", newline="") as file:
                writer = csv.writer(file, lineterminator="\n")
                writer.writerow([*columns, "site"])
                for row in rows:
                    record = dict(zip(header, row))
                    record |= {column: DERIVED[column](record) for column in columns if column in DERIVED}
                    writer.writerow([*(record[name] for name in columns), site])
            records[site.lower()] = place
        return records
