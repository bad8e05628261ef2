"""The analyses of golden/survival_km.json: which public records, which columns, and how they spread over sites."""

import csv

from golden import golden
from need import SHARED

SPLITS = ("siteA", "siteB", "siteC")


class Dataset:
    """One analysis of the golden file, as a study over the rows of all sites together."""

    def __init__(self, golden_name, table, time, event, codes, by, where=None):
        self.golden_name, self.table, self.where = golden_name, table, where
        self.time, self.event, self.by = time, event, by
        self.event_code, self.censored_code = codes
        self.golden = golden("survival_km")[golden_name]
        self.levels = [stratum["stratum"].split("=", 1)[1] for stratum in self.golden["strata"]]
        self.header, self.split_rows = None, []
        for split in SPLITS:
            with open(SHARED / "data/split" / split / f"{table}.csv", newline="") as file:
                self.header, *rows = list(csv.reader(file))
                self.split_rows.append(rows)

    def rows(self):
        return [row for rows in self.split_rows for row in rows]

    def people(self, level):
        """(time, has the event) of everybody in a stratum, by a reading of our own."""
        people = []
        for row in self.rows():
            record = dict(zip(self.header, row))
            if record[self.by] == level and (not self.where or record[self.where] == "2"):
                people.append((float(record[self.time]), record[self.event] == self.event_code))
        return people

    def last_time(self):
        return max(int(dict(zip(self.header, row))[self.time]) for row in self.rows())

    def study(self, sites, curve, minimum_cell):
        columns = {
            self.time: {"type": "duration", "unit": "d", "range": [0, self.last_time()]},
            self.event: {"type": "event", "event": [self.event_code], "censored": [self.censored_code]},
            self.by: {"type": "category", "levels": self.levels},
        }
        data = {"table": self.table, "columns": columns}
        if self.where:
            columns[self.where] = {"type": "category", "levels": [1, 2]}
            data["where"] = f"{self.where} = 2"
        common = {"time": self.time, "event": self.event, "by": self.by}
        return {
            "cohortium": 1,
            "title": self.golden_name,
            "purpose": "To equal the golden result.",
            "sites": sites,
            "data": data,
            "analyses": [{"id": "curve", "kind": "kaplan_meier", **common},
                         {"id": "test", "kind": "log_rank", **common}],
            "release": {"minimum_cell": minimum_cell, "curve": curve},
        }

    def write(self, folder, parts):
        """A folder of records per part; returns them by site name."""
        records = {}
        for number, rows in enumerate(parts, 1):
            site = folder / f"site-{number}"
            site.mkdir(parents=True)
            with open(site / f"{self.table}.csv", "w", newline="") as file:
                csv.writer(file, lineterminator="\n").writerows([self.header, *rows])
            records[site.name] = site
        return records


def datasets():
    return [
        Dataset("lung_by_sex", "lung", "time", "status", ("2", "1"), "sex"),
        Dataset("veteran_by_trt", "veteran", "time", "status", ("1", "0"), "trt"),
        Dataset("veteran_by_celltype", "veteran", "time", "status", ("1", "0"), "celltype"),
        Dataset("colon_death_by_rx", "colon", "time", "status", ("1", "0"), "rx", where="etype"),
        Dataset("rotterdam_death_by_chemo", "rotterdam", "dtime", "death", ("1", "0"), "chemo"),
        Dataset("gbsg_by_hormon", "gbsg", "rfstime", "status", ("1", "0"), "hormon"),
        Dataset("ovarian_by_rx", "ovarian", "futime", "fustat", ("1", "0"), "rx"),
    ]
