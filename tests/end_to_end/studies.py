"""Studies and synthetic records that several tests use."""

import copy

from harness import cohortium, must

# A hub that only coordinates, and every mix of the other two roles.
MEMBERS = {"hub": [], "north": ["site", "compute"], "south": ["site", "compute"], "west": ["compute"], "east": ["site"]}
SITES = ["north", "south", "east"]

TRIAL = {
    "cohortium": 1,
    "title": "Treatment against control",
    "purpose": "Does treatment prolong life?",
    "sites": SITES,
    "data": {
        "table": "trial",
        "columns": {
            "time": {"type": "duration", "unit": "d", "range": [0, 1095]},
            "event": {"type": "event", "event": [1], "censored": [0]},
            "arm": {"type": "category", "levels": {"control": "Control", "treatment": "Treatment"}},
            "age": {"type": "number", "unit": "a", "range": [18, 95]},
        },
    },
    "analyses": [
        {"id": "survival", "kind": "kaplan_meier", "time": "time", "event": "event", "by": "arm"},
        {"id": "test", "kind": "log_rank", "time": "time", "event": "event", "by": "arm"},
        {"id": "age", "kind": "describe", "column": "age", "by": "arm"},
        {"id": "arms", "kind": "count", "by": "arm"},
    ],
}


def trial(**changes):
    """The study with changes by path: trial(data__where="age > 50")."""
    study = copy.deepcopy(TRIAL)
    for path, value in changes.items():
        *way, last = path.split("__")
        place = study
        for step in way:
            place = place[step]
        place[last] = value
    return study


def synthesise(folder, rows, sites=SITES, *options):
    """A folder of records per site."""
    must(cohortium("synth", *(f"--site={site}={rows}" for site in sites), "--out", folder, *options))
    return {site: folder / site for site in sites}


def site_options(records):
    return [f"--site={site}={folder}" for site, folder in records.items()]
