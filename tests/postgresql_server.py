"""A real PostgreSQL server for a test: its own cluster on a port of loopback, TLS with certificates made for it.

It is started as a user without privileges (the server refuses root) and is gone with the test.
"""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

from need import needs

PROGRAMS = max((path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/postgres")), default=None,
               key=lambda path: int(path.parent.name))
READER, READER_PASSWORD = "cohortium_reader", "pass word'\\ of the reader"

needs_postgresql = needs(PROGRAMS and (os.geteuid() != 0 or shutil.which("runuser")), "PostgreSQL",
                         "/usr/lib/postgresql/*/bin/postgres; the Debian package postgresql has it")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def make_certificates(folder):
    """root.crt, which signs server.crt for the name localhost; other.crt, which signs nothing."""
    def openssl(*arguments):
        subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)

    new_key = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]
    for name in ("root", "other"):
        openssl(*new_key, "-subj", f"/CN={name}", "-keyout", folder / f"{name}.key", "-out", folder / f"{name}.crt")
    openssl(*new_key, "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-addext",
            "basicConstraints=critical,CA:FALSE", "-CA", folder / "root.crt", "-CAkey", folder / "root.key",
            "-keyout", folder / "server.key", "-out", folder / "server.crt")


class Server:
    """`admin()` runs SQL as the superuser; `source()` is the text of a source file for the reader."""

    def __init__(self, settings=()):
        self.folder = Path(tempfile.mkdtemp(prefix="cohortium-postgresql-"))
        self.port = free_port()
        self.process = None
        self.as_user = ["runuser", "-u", self.user(), "--"] if os.geteuid() == 0 else []
        try:
            make_certificates(self.folder)
            (self.folder / "password").write_text(READER_PASSWORD + "\n")
            self.make_cluster()
            self.start(settings)
        except BaseException:
            self.stop()
            raise

    @staticmethod
    def user():
        try:
            return pwd.getpwnam("postgres").pw_name
        except KeyError:
            return "nobody"

    def make_cluster(self):
        cluster = self.folder / "cluster"
        cluster.mkdir()
        if os.geteuid() == 0:
            self.folder.chmod(0o755)
            for path in (cluster, self.folder / "server.key", self.folder / "server.crt"):
                shutil.chown(path, self.user())
        subprocess.run([*self.as_user, PROGRAMS / "initdb", "-D", cluster, "-U", "admin", "-E", "UTF8", "--locale=C.UTF-8",
                        "--no-sync", "--auth=trust"], check=True, capture_output=True, cwd="/")
        (cluster / "pg_hba.conf").write_text("local all admin trust\nhostssl all all 127.0.0.1/32 scram-sha-256\n")

    def start(self, settings=()):
        options = {"port": self.port, "listen_addresses": "127.0.0.1", "unix_socket_directories": self.folder / "cluster",
                   "ssl": "on", "ssl_cert_file": self.folder / "server.crt", "ssl_key_file": self.folder / "server.key",
                   "fsync": "off", "logging_collector": "off", "max_connections": 20, **dict(settings)}
        arguments = [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
        with open(self.folder / "log", "ab") as log:
            self.process = subprocess.Popen([*self.as_user, PROGRAMS / "postgres", "-D", self.folder / "cluster", *arguments],
                                            stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True, cwd="/")
        for _ in range(200):
            ready = subprocess.run([PROGRAMS / "pg_isready", "-q", "-h", self.folder / "cluster", "-p", str(self.port)])
            if ready.returncode == 0:
                return
            if self.process.poll() is not None:
                break
            time.sleep(0.05)
        raise RuntimeError("PostgreSQL does not start:\n" + (self.folder / "log").read_text())

    def admin(self, sql, database="postgres"):
        """Runs SQL as the superuser over the Unix socket; returns what psql prints, unaligned."""
        done = subprocess.run([PROGRAMS / "psql", "-XqAt", "-v", "ON_ERROR_STOP=1", "-h", self.folder / "cluster", "-p",
                               str(self.port), "-U", "admin", "-d", database], input=sql, text=True, capture_output=True)
        if done.returncode != 0:
            raise RuntimeError(done.stderr)
        return done.stdout.strip()

    def make_reader(self, schema="public"):
        """A role that reads the schema and nothing else, as docs/data.md tells to make one."""
        password = READER_PASSWORD.replace("'", "''")
        self.admin(f"""CREATE ROLE {READER} LOGIN PASSWORD '{password}';
                       GRANT USAGE ON SCHEMA "{schema}" TO {READER};
                       GRANT SELECT ON ALL TABLES IN SCHEMA "{schema}" TO {READER};
                       REVOKE CREATE ON SCHEMA public FROM PUBLIC;""")

    def load_csv(self, table, columns, path):
        """Makes a table (columns: name to SQL type) and fills it with a CSV file; empty fields are NULL."""
        types = ", ".join(f'"{name}" {kind}' for name, kind in columns.items())
        names = ", ".join(f'"{name}"' for name in columns)
        self.admin(f'CREATE TABLE "{table}" ({types});\n'
                   f'COPY "{table}" ({names}) FROM STDIN (FORMAT csv, HEADER);\n{Path(path).read_text()}\\.\n')

    def source(self, **changes):
        """TOML of a source; a change to None leaves the setting out."""
        settings = {"kind": "postgresql", "host": "localhost", "port": self.port, "dbname": "postgres", "user": READER,
                    "password_file": str(self.folder / "password"), "sslrootcert": str(self.folder / "root.crt"), **changes}
        lines = [f"{name} = {value if isinstance(value, int) else repr(value)}"
                 for name, value in settings.items() if value is not None]
        return "[source]\n" + "\n".join(lines) + "\n"

    def kill(self):
        """As if the machine had lost its power."""
        if self.process and self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def stop(self):
        if self.process and self.process.poll() is None:
            pid = int((self.folder / "cluster/postmaster.pid").read_text().split()[0])
            os.kill(pid, signal.SIGQUIT)  # at once: nothing of it is kept
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)
