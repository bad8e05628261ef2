"""The check that sites agree: between nodes, before a study and by itself; and a harmonised study of unlike sites."""

import json
import unittest

from harness import FolderTest, cohortium, must
from studies import MEMBERS, SITES, site_options, trial

ROWS = 120
STUDY = trial(
    data={"table": "lab",
          "same_row": {"by": ["id"]},
          "columns": {
              "glucose": {"type": "number", "unit": "mg/dL", "range": [0, 1000], "unit_column": "unit", "molar_mass": 180.156},
              "weight": {"type": "number", "unit": "kg", "range": [0, 300]},
              "stay": {"type": "number", "range": [0, 100], "days": {"from": "came", "until": "went"}},
              "diagnosis": {"type": "category", "levels": {"0": "none", "201826": "diabetes"}, "concepts": True}}},
    analyses=[{"id": name, "kind": "describe", "column": name, "by": "diagnosis"} for name in ("glucose", "weight", "stay")],
    agreement={"days_within": 40})
# Per site: glucose's unit and how much of it is 90 mg/dL, weight's unit, how dates are written, the code of diabetes.
UNLIKE = {"north": ("mg/dL", 90.0, "kg", 1, "%Y-%m-%d", "E11"), "south": ("g/L", 0.9, "g", 1000, "%d.%m.%Y", "DM2"),
          "east": ("mmol/L", 90 / 18.0156, "kg", 1, "%m/%d/%Y", "250.00")}
FORMATS = {"%Y-%m-%d": "YYYY-MM-DD", "%d.%m.%Y": "DD.MM.YYYY", "%m/%d/%Y": "MM/DD/YYYY"}


def date(day, form):
    values = {"%Y": "2020", "%m": f"{1 + day // 28:02}", "%d": f"{1 + day % 28:02}"}
    for name, value in values.items():
        form = form.replace(name, value)
    return form


class AgreementTest(FolderTest):
    def write_site(self, site, *, version="v5 2024", shift=0, unit=True, mapped=True, extra=""):
        glucose_unit, glucose, weight_unit, grams, form, code = UNLIKE[site]
        folder = self.folder / f"records-{site}"
        folder.mkdir(exist_ok=True)
        lines = ["id,glucose,unit,weight,came,went,diagnosis" + extra]
        for i in range(ROWS):
            # In the study's units alike at all sites: glucose 90 to 96, weight 60 to 79, stays of 0 to 6 days.
            lines.append(f"{i},{glucose * (1 + (i % 7) / 90)},{glucose_unit},{(60 + i % 20) * grams},{date(i % 60 + shift, form)},"
                         f"{date(i % 60 + shift + i % 7, form)},{code if i % 2 else 'other'}" + (",x" if extra else ""))
        lines.append(lines[1])  # a duplicate
        (folder / "lab.csv").write_text("\n".join(lines) + "\n")
        (folder / "vocabulary.csv").write_text(f"vocabulary_id,vocabulary_version\nNone,{version}\n")
        target = f"{code},LOCAL,201826\n" if mapped else ""
        (self.folder / f"{site}.csv").write_text("source_code,source_vocabulary_id,target_concept_id\n" + target)
        path = self.folder / f"{site}-records.toml"
        text = f'[source]\nkind = "folder"\npath = "{folder}"\n[harmonise]\nmap = "{site}.csv"\n'
        if unit:
            text += f'[[harmonise.column]]\ntable = "lab"\ncolumn = "weight"\nunit = "{weight_unit}"\n'
        for column in ("came", "went"):
            text += f'[[harmonise.column]]\ntable = "lab"\ncolumn = "{column}"\ndate = "{FORMATS[form]}"\n'
        path.write_text(text)
        return path

    def write_sites(self, **changes):
        return {site: self.write_site(site, **changes.get(site, {})) for site in SITES}

    def start(self, records, study=STUDY, rules=""):
        self.nodes = self.consortium(MEMBERS, records, rules=rules)
        self.nodes.start()
        study_hash = self.nodes.submit(study)
        self.nodes.approve(study_hash)
        return study_hash

    def disagreements(self, study_hash):
        done = self.nodes.study_command("agreement", study_hash, "--json")
        self.assertIn(done.status, (0, 3), done)
        items = done.json()["items"]
        self.assertEqual(done.status, 3 if any(not item["agree"] for item in items) else 0)
        return {item["item"]: item["apart"] for item in items if not item["agree"]}

    def test_unlike_sites_give_one_result(self):
        records = self.write_sites()
        study_hash = self.start(records)
        self.assertEqual(self.disagreements(study_hash), {})
        must(self.nodes.study_command("run", study_hash))
        result = self.nodes.result(study_hash)
        # 60 rows of each kind at each of three sites, the duplicates left out.
        mean = {"glucose": sum(90 + i % 7 for i in range(1, ROWS, 2)) / 60, "weight": sum(60 + i % 20 for i in range(1, ROWS, 2)) / 60}
        for name, expected in mean.items():
            diabetes = next(group for group in result["analyses"][name]["groups"] if group["label"] == "diabetes")
            self.assertEqual(diabetes["n"], 180)
            self.assertAlmostEqual(diabetes["mean"], expected, places=6)
        self.assertTrue(any("agreement" in sentence for sentence in result["leakage"]["compute_party"]))
        self.assertIn("1 rows of lab were left out as duplicates", self.nodes.log("south"))
        self.assertNotIn("duplicates", json.dumps(result))

    def test_what_differs_is_named_and_the_study_does_not_run(self):
        records = self.write_sites(south={"version": "v5 2019", "shift": 90, "mapped": False, "unit": False, "extra": ",more"})
        study_hash = self.start(records)
        expected = {"schema of lab": [], "vocabulary version": [], "units of weight": [], "coverage of diagnosis": [],
                    "time of came, first day": [], "time of came, last day": [], "time of went, first day": [],
                    "time of went, last day": []}
        self.assertEqual(self.disagreements(study_hash), expected)
        refused = self.nodes.study_command("run", study_hash)
        self.assertFails(refused, "harmonise.sites_disagree", "vocabulary version", "coverage of diagnosis")
        for secret in ("v5", "2019", "south", "DM2"):
            self.assertNotIn(secret, refused.err)
        # Neither logs nor audit logs of those who only compute or coordinate hold anything of it.
        for name in ("hub", "west"):
            self.assertNotIn("v5 20", self.nodes.log(name) + json.dumps(self.nodes.audit(name)))
        self.assertIn("agreement.finished", [entry["event"] for entry in self.nodes.audit("hub")])

    def test_sites_are_named_where_the_consortium_lets_them(self):
        study_hash = self.start(self.write_sites(east={"version": "v5 2019"}), rules="[agreement]\nrequired = true\nname_sites = true\n")
        self.assertEqual(self.disagreements(study_hash), {"vocabulary version": ["east"]})
        self.assertFails(self.nodes.study_command("run", study_hash), "harmonise.sites_disagree", "vocabulary version (east)")
        path = self.folder / "without.json"
        path.write_text(json.dumps({key: value for key, value in STUDY.items() if key != "agreement"}))
        self.assertFails(self.nodes.study_command("submit", path), "node.no_agreement_check")

    def test_guessing_has_an_end(self):
        study_hash = self.start(self.write_sites(), study={**STUDY, "agreement": {"about": ["vocabulary"]}})
        for _ in range(20):
            must(self.nodes.study_command("agreement", study_hash))
        self.assertFails(self.nodes.study_command("agreement", study_hash), "node.too_many_checks")

    def test_a_unit_that_does_not_convert_is_named_and_no_value_is(self):
        records = self.write_sites()
        lab = self.folder / "records-south" / "lab.csv"
        lab.write_text(lab.read_text().replace("g/L", "mm[Hg]"))
        path = self.folder / "study.json"
        path.write_text(json.dumps({key: value for key, value in STUDY.items() if key != "agreement"}))
        done = cohortium("run", path, "--out", self.folder / "out", *site_options(records))
        self.assertFails(done, "harmonise.different_dimensions", "south", "glucose", "mg/dL", "mm[Hg]")
        self.assertNotIn("0.9", done.err)


if __name__ == "__main__":
    unittest.main()
