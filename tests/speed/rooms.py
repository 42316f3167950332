"""The data rooms a portal is measured with: SQLite always, PostgreSQL if `tests/postgres run` has started one."""
import contextlib
import os
import subprocess
import urllib.parse

from .servers import Portal, children

TOWN = "herford.localhost"


def rooms():
    return ["SQLite"] + ["PostgreSQL"] * ("PORTAL_TEST_DATABASE" in os.environ)


@contextlib.contextmanager
def portal_on(room, options, work, core=None):
    """A portal with an empty data room; `database` are the processes of its database, if that has some of its own."""
    folder = f"{work}/{room}"
    os.mkdir(folder)
    server = os.environ.get("PORTAL_TEST_DATABASE") if room == "PostgreSQL" else None
    with Portal(options.portal, folder, TOWN, core=core, room=on_postgres(options, server, folder) if server else ()) as portal:
        portal.name = room
        portal.database = lambda: processes(server) if server else []
        yield portal


def on_postgres(options, server, folder):
    ask(server, "drop database if exists bench", "create database bench owner portal_owner")
    subprocess.run([options.portal, "keys", "new", f"{folder}/master.key"], check=True, stdout=subprocess.DEVNULL)
    place = urllib.parse.urlsplit(server)
    address = "postgres://{}@" + f"{place.hostname}:{place.port}/bench"
    return ("--database", address.format("portal"), "--migrate-as", address.format("portal_owner"),
            "--master-key", f"file:{folder}/master.key")


def processes(server):
    with open(ask(server, "show data_directory") + "/postmaster.pid") as file:
        main = int(file.readline())
    return [main] + children(main)


def ask(server, *questions):
    command = ["psql", "-qAtX", "-v", "ON_ERROR_STOP=1", server] + [part for sql in questions for part in ("-c", sql)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
