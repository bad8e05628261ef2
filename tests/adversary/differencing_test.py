"""Analysts who subtract what they were shown: filters that differ by one year, bands that overlap, complements, groups that
are put together otherwise. Each of their studies is harmless by itself; approvers let all of them pass."""

import csv
import json
import random
import shutil
import unittest

from harness import FolderTest, must
from studies import MEMBERS, SITES

MINIMUM = 11
CATEGORY = {"type": "category", "levels": ["f", "m"]}
STAGE = {"type": "category", "levels": ["1", "2", "3"]}


class DifferencingTest(FolderTest):
    def setUp(self):
        super().setUp()
        self.records = {site: self.folder / "records" / site for site in SITES}
        self.rows = {}
        shuffled = random.Random(5)
        for site in SITES:
            # 2 people of 50 at every site, and 4 of every other age.
            ages = [50, 50] + [age for age in range(40, 60) if age != 50 for _ in range(4)]
            self.rows[site] = [{"id": f"{site}-{i}", "age": age, "sex": shuffled.choice("fm"),
                                "stage": shuffled.choice("123")} for i, age in enumerate(ages)]
            self.write(site)
        self.nodes = self.consortium(MEMBERS, self.records)
        self.nodes.start()

    def write(self, site):
        self.records[site].mkdir(parents=True, exist_ok=True)
        with open(self.records[site] / "people.csv", "w", newline="") as file:
            writer = csv.DictWriter(file, ["id", "age", "sex", "stage"])
            writer.writeheader()
            writer.writerows(self.rows[site])

    def study(self, where="", analyses=None, title="Ages", **more):
        study = {"cohortium": 1, "title": title, "purpose": "Who is how old?", "sites": SITES,
                 "data": {"table": "people",
                          "columns": {"age": {"type": "number", "range": [0, 120]}, "sex": CATEGORY, "stage": STAGE}},
                 "analyses": analyses or [{"id": "age", "kind": "describe", "column": "age"}],
                 "release": {"minimum_cell": MINIMUM}, **more}
        if where:
            study["data"]["where"] = where
        return study

    def run_study(self, study):
        study_hash = self.nodes.submit(study)
        self.nodes.approve(study_hash)
        return self.nodes.study_command("run", study_hash), study_hash

    def shows(self, *arguments, **options):
        done, study_hash = self.run_study(self.study(*arguments, **options))
        must(done)
        return study_hash

    def refused(self, *arguments, mentions=(), **options):
        done, study_hash = self.run_study(self.study(*arguments, **options))
        self.assertFails(done, "release.small_difference", f"fewer than {MINIMUM}", *mentions)
        self.assertFails(self.nodes.study_command("result", study_hash, "--out", self.folder / "none"),
                         "node.no_result")
        return study_hash

    def releases(self, site):
        return sorted(each for each in (self.folder / f"state-{site}" / "released").iterdir() if each.name != "key")

    def test_filters_that_differ_by_one_year(self):
        first = self.shows("age >= 50", title="From 50")
        self.refused("age > 50", title="From 51", mentions=[first[:12], "everyone it selects"])
        # Nothing of it was released, so others are not held against it; nor is anything lost by a second try.
        for site in SITES:
            self.assertEqual(len(self.releases(site)), 1)
        self.refused("age > 50", title="From 51 again")
        self.shows("age > 51", title="From 52")  # 4 more people at each of three sites
        self.refused("age > 50", title="From 51 between the two", mentions=[first[:12]])
        last = self.nodes.audit("north")[-1]
        self.assertEqual((last["event"], last["detail"]["code"]), ("run.failed", "release.small_difference"))

    def test_complements(self):
        self.shows(title="All")
        self.shows("age < 50", title="Younger")
        self.refused("age > 50", title="Older", mentions=["studies"])  # all - younger - older: six people of 50
        self.shows("age >= 50", title="Older, or as old")

    def test_bands_that_overlap(self):
        bands = [{"id": "bands", "kind": "histogram", "column": "age", "breaks": [40, 45, 49.5, 55, 60]}]
        self.shows(analyses=bands, title="Bands")
        # [49.5, 55) and [55, 60] together, without those of 50.
        self.refused("age > 50", title="Two bands", mentions=["everyone it selects"])
        self.refused(analyses=[{"id": "bands", "kind": "histogram", "column": "age", "breaks": [40, 45, 50.5, 60]}],
                     title="Bands moved", mentions=["analysis bands"])
        self.shows(analyses=[{"id": "bands", "kind": "histogram", "column": "age", "breaks": [40, 45, 60]}],
                   title="Bands joined")

    def test_groups_put_together_otherwise(self):
        self.shows(analyses=[{"id": "sexes", "kind": "count", "by": "sex"}], title="By sex")
        self.refused("age <> 50", analyses=[{"id": "stages", "kind": "count", "by": "stage"}], title="By stage",
                     mentions=["everyone it selects"])

    def test_the_same_groups_may_be_asked_again(self):
        self.shows("age >= 50")
        self.shows("age >= 50", title="Once more")
        self.shows("age >= 50", title="Another study of the same",
                   analyses=[{"id": "n", "kind": "count"}, {"id": "q", "kind": "quantiles", "column": "age"}])
        self.shows("NOT (age < 50)", title="The same in other words")

    def test_records_that_were_added_in_between(self):
        study_hash = self.shows(title="January")
        self.rows["north"].append({"id": "new", "age": 44, "sex": "f", "stage": "1"})
        self.write("north")
        self.refused(title="February", mentions=[study_hash[:12]])
        for i in range(MINIMUM):
            self.rows["south"].append({"id": f"new-{i}", "age": 44, "sex": "f", "stage": "1"})
        self.write("south")
        self.shows(title="March")

    def test_a_record_that_was_changed_in_between(self):
        """By all that stands in a row it is another row; by its identifier it would be the same."""
        self.shows(title="January")
        self.rows["north"][0]["age"] = 51
        self.write("north")
        self.refused(title="February")

    def test_rows_are_known_by_their_identifier(self):
        for site in SITES:
            self.nodes.stop(site)
            path = self.folder / f"{site}.toml"
            path.write_text(path.read_text() + '\n[identifiers]\npeople = "id"\n')
            # One file is read directly, another through the embedded database, in another order.
            self.rows[site].reverse()
        self.nodes.start(*SITES)
        self.shows("age >= 50", title="From 50")
        for site in SITES:
            for row in self.rows[site]:
                row["stage"] = "2"
            self.write(site)
        self.refused("age > 50", title="From 51")

    def test_sites_may_come_and_go(self):
        """A site's records are in the difference whole, wherever it had no part."""
        self.shows(title="All")
        self.shows("age <= 55", title="Two sites", sites=["north", "south"])
        self.shows("age <= 55", title="Other two", sites=["south", "east"])
        self.refused("age <= 55 AND age <> 50", title="Two of them again", sites=["north", "south"])

    def test_with_noise_nothing_is_compared(self):
        self.shows("age >= 50")
        noisy = self.study("age > 50", title="With noise", analyses=[{"id": "n", "kind": "count"}])
        noisy["release"]["privacy"] = {"rho": 0.1}
        done, _ = self.run_study(noisy)
        must(done)

    def test_two_runs_side_by_side(self):
        """Neither has released anything when the other begins: one at a time is compared, so at most one shows."""
        hashes = []
        for where in ("age >= 50", "age > 50"):
            hashes.append(self.nodes.submit(self.study(where, title=where)))
            self.nodes.approve(hashes[-1])
        running = [self.nodes.start_study_command("run", study_hash) for study_hash in hashes]
        done = [each.wait(120) for each in running]
        self.assertLessEqual(sum(each.status == 0 for each in done), 1, done)
        for each in done:
            if each.status:
                self.assertIn(each.code, ("release.small_difference", "release.busy"), each)
        for study_hash in hashes:
            self.nodes.study_command("run", study_hash)
        shown = [self.nodes.study_command("result", study_hash, "--out", self.folder / "out").status == 0
                 for study_hash in hashes]
        self.assertEqual(sum(shown), 1)

    def test_a_killed_run_counts_as_shown(self):
        """From the moment that it is recorded nobody can be sure that nothing was opened."""
        must(self.run_study(self.study("age >= 50"))[0])
        for site in SITES:
            self.nodes.kill(site)
        self.nodes.start(*SITES)
        self.refused("age > 50", title="From 51")
        lost = self.releases("north")[0]
        kept = lost.read_bytes()
        self.nodes.stop("north")
        lost.write_bytes(kept[:-1] + bytes([kept[-1] ^ 1]))
        self.nodes.start("north")
        done, _ = self.run_study(self.study("age > 55", title="Over 55"))
        self.assertFails(done, "release.bad_ledger")
        lost.write_bytes(kept)
        self.shows("age > 52", title="Over 52")

    def test_the_ledger_names_nobody(self):
        self.shows("age >= 50")
        for site in SITES:
            folder = self.folder / f"state-{site}" / "released"
            self.assertEqual(folder.stat().st_mode & 0o077, 0)
            for path in folder.iterdir():
                self.assertEqual(path.stat().st_mode & 0o077, 0, path)
                for row in self.rows[site]:
                    self.assertNotIn(row["id"].encode(), path.read_bytes())
        # The same records under another site's key have other names.
        shutil.copy(self.records["north"] / "people.csv", self.records["south"] / "people.csv")
        self.shows("age >= 52", title="Copies")
        bodies = [path.read_bytes().split(b"\n", 1)[1] for site in ("north", "south") for path in self.releases(site)[-1:]]
        self.assertNotEqual(bodies[0], bodies[1])
        self.assertTrue(json.loads(self.releases("north")[0].read_bytes().split(b"\n")[0])["families"])


if __name__ == "__main__":
    unittest.main()
