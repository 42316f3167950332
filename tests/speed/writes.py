"""Deeds that are acknowledged when they are on the disk, beside what the disk can do at all."""
import os
import re
import statistics
import subprocess
import sys
import time

from .measure import answers_of, cpu, in_turns, of, percentile, ratio
from .rooms import TOWN, portal_on, rooms
from .table import print_table

AT_ONCE = (1, 64)
# What is sent. Each message is another one: the same twice would count once.
PATH = "/kontakt"
FIELDS = "name=Erika+Mustermann&email=erika%40example.org&subject=Hundesteuer&message=Mein+Hund+ist+umgezogen."
SEND = """
local n, thread = 0, math.random(0, 2^31)
math.randomseed(%d)
request = function()
  n = n + 1
  return wrk.format("POST", "%s", {["Host"] = "%s", ["Sec-Fetch-Site"] = "same-origin",
    ["Content-Type"] = "application/x-www-form-urlencoded"}, "%s+" .. math.random(0, 2^31) .. "+" .. n)
end
"""


def run(options, work):
    runs = []
    for room in rooms():
        with portal_on(room, options, work) as portal:
            for turn in range(-1, options.rounds):  # the first turn only warms up
                for at_once in in_turns([0, *AT_ONCE], turn):
                    result = deeds(portal, at_once, options, work, turn) if at_once else disk(work, options)
                    rest(portal)
                    if turn >= 0:
                        runs.append({"server": room, "at_once": at_once, "round": turn} | result)
    report(options, runs)
    return runs


def disk(work, options):
    """How often a second a page of a file can be brought to the disk, one after the other."""
    size, page = 64 << 20, 4096
    path = f"{work}/disk"
    file = os.open(path, os.O_CREAT | os.O_WRONLY)
    os.posix_fallocate(file, 0, size)
    os.fsync(file)
    began, times = time.monotonic(), 0
    while time.monotonic() < began + options.seconds:
        os.pwrite(file, b"x" * page, times * page % size)
        os.fdatasync(file)
        times += 1
    spent = time.monotonic() - began
    os.close(file)
    os.unlink(path)
    return {"rps": times / spent}


def deeds(portal, at_once, options, work, turn):
    script = f"{work}/send.lua"
    with open(script, "w") as file:
        file.write(SEND % (time.monotonic_ns() % 2**31, PATH, TOWN, FIELDS))
    before, database = cpu(portal.pids), cpu(portal.database())
    told = subprocess.run(["wrk", "-t1", f"-c{at_once}", f"-d{options.seconds}s", "--latency", "-s", script,
                           f"http://127.0.0.1:{portal.port}{PATH}"], capture_output=True, text=True, check=True).stdout
    answers, failed = answers_of(told)
    if failed or not answers:
        sys.exit(f"error: {portal.name} failed {failed} times\n{told}")
    return {"rps": answers / options.seconds, "p99_ms": percentile(told, "99%"), "us": (cpu(portal.pids) - before) / 1000 / answers,
            "database_us": (cpu(portal.database()) - database) / 1000 / answers}


def rest(portal):
    """Waits until what the deeds left to do is done, so that it does not weigh on what comes next."""
    def all_cpu():
        return cpu(portal.pids) + cpu(portal.database())
    last = all_cpu()
    while True:
        time.sleep(1)
        now = all_cpu()
        if now - last < 20_000_000:
            return
        last = now


def report(options, runs):
    print(f"\n{options.rounds} rounds of {options.seconds} s each, `POST {PATH}`\n")

    def row(server, at_once):
        def middle(key, **which):
            return statistics.median(of(runs, key, server=server, **which))
        mine, limit = of(runs, "rps", server=server, at_once=at_once), of(runs, "rps", server=server, at_once=0)
        each = [a / b for a, b in zip(mine, limit)]
        return [server, str(at_once), f"{middle('rps', at_once=0):.0f}", f"{middle('rps', at_once=at_once):.0f}",
                f"{ratio(mine, limit):.2f}×", f"{min(each):.2f}× – {max(each):.2f}×", f"{middle('us', at_once=at_once):.0f}",
                f"{middle('database_us', at_once=at_once):.0f}", f"{middle('p99_ms', at_once=at_once):.1f}"]

    servers = list(dict.fromkeys(run["server"] for run in runs))
    print_table(["data room", "at once", "disk, fdatasync/s", "acknowledged/s", "share of the disk", "from – to", "portal, CPU µs",
                 "database, CPU µs", "p99 ms"], [row(server, at_once) for server in servers for at_once in AT_ONCE])
