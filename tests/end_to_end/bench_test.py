"""`cohortium bench`: every workload runs, is checked and is reported; what it is told wrongly it refuses; Ctrl-C ends it."""

import signal
import subprocess
import time
import unittest

from harness import BINARY, REPOSITORY, FolderTest, Process, cohortium
from interrupt_test import children, is_alive

FIELDS = {"name", "protocol", "network", "elements", "seconds", "elements_per_second", "bytes_per_element", "rounds",
          "peak_memory_bytes", "verified", "ratio_to_limit", "limit"}
LIMITS = {"aes_ctr_gb_s", "memcpy_gb_s", "tcp_loopback_gb_s", "tls_loopback_gb_s"}


def bench(*options):
    return cohortium("bench", "--json", "--repeats", 1, *options, timeout=120)


class BenchTest(FolderTest):
    def test_every_workload(self):
        done = bench("--elements", 500)
        self.assertEqual(done.status, 0, done)
        report = done.json()
        self.assertGreater(len(report["workloads"]), 10)
        self.assertEqual(set(), LIMITS - set(report["limits"]))
        self.assertTrue(all(report["limits"][name] > 0 for name in LIMITS), report["limits"])
        self.assertGreaterEqual(report["machine"]["cores"], 1)
        for workload in report["workloads"]:
            with self.subTest(workload["name"]):
                self.assertEqual(set(), FIELDS - set(workload))
                self.assertIs(workload["verified"], True)
                self.assertGreater(workload["seconds"], 0)
                self.assertGreater(workload["rounds"], 0)
                self.assertGreater(workload["peak_memory_bytes"], 0)

    def test_memory_channels_and_lanes(self):
        for options in (["--channel", "memory"], ["--lanes", "2"]):
            done = bench("--elements", 3000, "--only", "multiply_u64,compare_u64", *options)
            self.assertEqual(done.status, 0, done)
            self.assertEqual([each["name"] for each in done.json()["workloads"]], ["multiply_u64", "compare_u64"])

    def test_a_table_for_people(self):
        done = cohortium("bench", "--elements", 100, "--only", "multiply_u64", "--repeats", 1)
        self.assertEqual(done.status, 0, done)
        self.assertIn("multiply_u64", done.out)
        self.assertIn("of the limit", done.out)

    def test_an_unknown_name_is_refused_with_the_list(self):
        done = cohortium("bench", "--only", "multiply_u65")
        self.assertFails(done, "bench.unknown_workload", "multiply_u65", "multiply_u64", "compare_u64")
        self.assertEqual(done.out, "")

    def test_unknown_options_are_refused(self):
        self.assertFails(cohortium("bench", "--channel", "pigeon"), "bench.bad_option", "memory")
        self.assertFails(cohortium("bench", "--protocol", "telepathy"), "mpc.unknown_protocol")
        self.assertFails(cohortium("bench", "--repeats", "0"), "bench.bad_option")

    def test_output_that_cannot_be_written_is_a_failure(self):
        with open("/dev/full", "w") as full:
            done = subprocess.run([BINARY, "bench", "--costs"], stdout=full, stderr=subprocess.PIPE, text=True, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("file.unwritable", done.stderr)

    def test_the_table_of_costs_is_current(self):
        done = cohortium("bench", "--costs", timeout=120)
        self.assertEqual(done.status, 0, done)
        self.assertEqual((REPOSITORY / "docs/costs.md").read_text(encoding="utf-8"), done.out,
                         "run: cohortium bench --costs > docs/costs.md")

    def test_a_played_network_has_a_forecast(self):
        done = bench("--elements", 1000, "--only", "multiply_u64", "--network", "lan")
        self.assertEqual(done.status, 0, done)
        workload = done.json()["workloads"][0]
        self.assertGreaterEqual(workload["seconds"], 1e-3)
        self.assertGreaterEqual(workload["forecast_seconds"], 1e-3)

    def test_ctrl_c_leaves_nothing(self):
        command = Process("bench", "--only", "multiply_u64", "--repeats", 1000)
        self.addCleanup(command.kill)
        time.sleep(2)
        parties = children(command.process)
        command.signal(signal.SIGINT)
        done = command.wait(10)
        self.assertEqual(done.status, 130, done)
        self.assertEqual(done.code, "cli.interrupted", done)
        self.assertNotEqual(parties, [])
        self.assertEqual([pid for pid in parties if is_alive(pid)], [])


if __name__ == "__main__":
    unittest.main()
