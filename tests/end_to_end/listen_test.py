"""An interface engine that sends HL7 v2 over MLLP: answers, durability, and senders that misbehave. Real sockets."""

import signal
import socket
import time
import unittest

from harness import FolderTest, Process, cohortium, must

HEADER = "MSH|^~\\&|HIS|WARD|US|HERE|20200105||{type}|{control}|P|2.5\r"


def message(kind, control, more):
    return HEADER.format(type=kind, control=control) + more


def admission(control="1", patient="7"):
    return message("ADT^A01", control, f"PID|1||{patient}^^^H^MR||DOE^J||19500101|F\rPV1|1|I|||||||||||||||||V{patient}|"
                   "||||||||||||||||||||||||202001011200\r")


def result(control, value):
    return message("ORU^R01", control, "PID|1||7^^^H^MR||DOE||19500101|F\rOBR|1||9|x|||20200104\r"
                   f"OBX|1|NM|718-7^Hb^LN||{value}|g/dL|||||F\r")


def framed(text):
    return b"\x0b" + text.encode() + b"\x1c\r"


class ListenTest(FolderTest):
    def setUp(self):
        super().setUp()
        self.database = self.folder / "omop.duckdb"
        self.start()

    def start(self):
        self.listener = Process("listen", "hl7", "--port", "0", "--into", self.database, "--message-seconds", "1", "--json")
        self.addCleanup(self.listener.kill)
        self.port = int(self.listener.process.stdout.readline().decode().rsplit(":", 1)[1])

    def connect(self):
        connection = socket.create_connection(("127.0.0.1", self.port), timeout=20)
        self.addCleanup(connection.close)
        return connection

    def answer(self, connection):
        got = b""
        while not got.endswith(b"\x1c\r"):
            piece = connection.recv(4096)
            self.assertTrue(piece, f"closed after {got}")
            got += piece
        self.assertTrue(got.startswith(b"\x0b"))
        return [segment.split("|") for segment in got[1:-2].decode().split("\r")]

    def ask(self, connection, text):
        connection.sendall(framed(text))
        header, acknowledged = self.answer(connection)[:2]
        self.assertEqual(header[2:6], ["US", "HERE", "HIS", "WARD"])
        return acknowledged[1:]

    def stop(self):
        self.listener.signal(signal.SIGTERM)
        return must(self.listener.wait()).json()

    def test_messages_are_answered_and_stored(self):
        connection = self.connect()
        self.assertEqual(self.ask(connection, admission("A17")), ["AA", "A17", ""])
        self.assertEqual(self.ask(connection, result("B1", 13.5)), ["AA", "B1", ""])
        self.assertEqual(self.ask(connection, message("SIU^S12", "C1", "PID|1||7\r")), ["AA", "C1", "this type is not mapped"])
        self.assertEqual(self.ask(connection, message("ADT^A01", "D1", "PID|1||\r")), ["AE", "D1", "patient_missing"])
        # Two in one piece, one in many, with the line ends of another system.
        connection.sendall(framed(result("E1", 14)) + framed(result("E2", 15)))
        self.assertEqual([self.answer(connection)[1][2] for _ in range(2)], ["E1", "E2"])
        for byte in framed(result("F1", 16).replace("\r", "\r\n")):
            connection.sendall(bytes([byte]))
        self.assertEqual(self.answer(connection)[1][1:3], ["AA", "F1"])
        connection.sendall(b"\x0bnonsense\x1c\r")
        self.assertEqual(self.answer(connection)[1][1], "AR")
        found = self.stop()
        self.assertEqual(found["messages"], {"mapped": 5, "not_mapped": 1, "rejected": 2})
        self.assertEqual((found["rows"]["person"], found["rows"]["measurement"], found["rows"]["visit_occurrence"]), (1, 1, 1))
        self.assertEqual(found["rows"]["observation_period"], 1)

    def test_what_was_acknowledged_survives_a_kill(self):
        connection = self.connect()
        for number in range(5):
            self.assertEqual(self.ask(connection, admission(str(number), str(number)))[0], "AA")
        self.listener.kill()
        self.start()
        connection = self.connect()
        for number in range(5):
            self.assertEqual(self.ask(connection, admission(str(number), str(number)))[0], "AA")
        found = self.stop()
        self.assertEqual((found["unchanged"], found["new"], found["rows"]["person"]), (10, 0, 5))

    def test_slow_and_wild_senders_harm_nobody(self):
        slow, wild, endless, good = (self.connect() for _ in range(4))
        started = time.monotonic()
        slow.sendall(b"\x0bMSH|")
        wild.sendall(b"GET / HTTP/1.1\r\n\r\n")
        self.assertEqual(wild.recv(100), b"")
        try:
            for _ in range(1000):
                endless.sendall(b"\x0b" + b"x" * 65536)
        except OSError:
            pass
        else:
            self.fail("more than a message's bound was taken")
        self.assertEqual(self.ask(good, admission())[0], "AA")
        while time.monotonic() - started < 15:
            try:
                slow.sendall(b"x")  # a byte now and then does not keep it alive
            except OSError:
                break
            time.sleep(0.1)
        self.assertLess(time.monotonic() - started, 15)
        self.assertEqual(self.stop()["messages"], {"mapped": 1})

    def test_the_database_has_one_writer(self):
        (self.folder / "a.hl7").write_text(admission())
        self.assertFails(cohortium("load", "hl7", self.folder / "a.hl7", "--into", self.database), "omop.cannot_open")
        self.assertEqual(self.stop()["in"], 0)


if __name__ == "__main__":
    unittest.main()
