"""Pages for somebody who is logged in, beside the same pages for everybody: what the session costs."""
import http.client
import os
import re
import statistics
import subprocess
import sys
import time
import urllib.parse

from .measure import cpu, in_turns, load, of, ratio, wrk_command
from .rooms import TOWN, portal_on, rooms
from .table import print_table

SERVICE = "/dienstleistungen/hund-anmelden"
# no cookie of ours: nobody is looked up, but the page is not taken from the cache
RENDERED = "__Host-session=bench"
WRITES = re.compile(r"\b(?:fsync|fdatasync)\(")


def run(options, work):
    runs, writes = [], {}
    for room in rooms():
        with portal_on(room, options, work, core=0) as portal:
            session = "__Host-session=" + log_in(portal)
            cases = [("service page, from the cache", SERVICE, None), ("service page, rendered each time", SERVICE, RENDERED),
                     ("service page, with a session", SERVICE, session), ("/meine-daten", "/meine-daten", session),
                     ("/meine-daten/sitzungen", "/meine-daten/sitzungen", session)]
            for turn in range(-1, options.rounds):  # the first turn only warms up
                for name, path, cookie in in_turns(cases, turn):
                    headers = {"Host": TOWN, "Accept-Encoding": "identity"} | ({"Cookie": cookie} if cookie else {})
                    before = cpu(portal.database())
                    result = load(portal, path, headers, options)
                    result["database_us"] = (cpu(portal.database()) - before) / 1000 / max(result["rps"] * options.seconds, 1)
                    if turn >= 0:
                        runs.append({"page": name, "round": turn} | result)
            if not portal.database():
                writes = count_writes(portal, session, options)
    report(options, runs, writes)
    return {"runs": runs, "writes": writes}


def log_in(portal):
    """Logs an invented person in; the cookie's value."""
    connection = http.client.HTTPConnection("127.0.0.1", portal.port, timeout=60)
    connection.request("GET", "/anmelden/probe", headers={"Host": TOWN})
    answer = connection.getresponse()
    handle = re.search(r'name="handle" value="([^"]+)"', answer.read().decode())[1]
    binding = cookie_of(answer, "__Host-login")
    form = urllib.parse.urlencode({"handle": handle, "person": "erika", "level": "substantiell"})
    connection.request("POST", "/anmelden/probe", form, {
        "Host": TOWN, "Sec-Fetch-Site": "same-origin", "Content-Type": "application/x-www-form-urlencoded",
        "Cookie": f"__Host-login={binding}"})
    answer = connection.getresponse()
    answer.read()
    return cookie_of(answer, "__Host-session")


def cookie_of(answer, name):
    lines = answer.headers.get_all("Set-Cookie") or []
    return next(line.split(";")[0].split("=", 1)[1] for line in lines if line.startswith(f"{name}="))


def count_writes(portal, session, options, seconds=65):
    """How often the portal waits for the disk while one session looks at pages, as the system's calls tell."""
    trace = f"{os.path.dirname(portal.log)}/trace"
    tracer = subprocess.Popen(["strace", "-f", "-qq", "-e", "trace=fsync,fdatasync", "-o", trace, "-p", str(portal.process.pid)])
    time.sleep(1)
    told = subprocess.run(wrk_command(portal, SERVICE, {"Host": TOWN, "Cookie": session}, options, seconds=seconds),
                          capture_output=True, text=True, check=True).stdout
    tracer.terminate()
    tracer.wait()
    with open(trace) as file:
        waits = len(WRITES.findall(file.read()))
    views = int(re.search(r"(\d+) requests in", told)[1])
    if re.search(r"Non-2xx|Socket errors", told):
        sys.exit(f"error: views failed\n{told}")
    return {"views": views, "seconds": seconds, "waits": waits}


def report(options, runs, writes):
    print(f"\n{options.rounds} rounds of {options.seconds} s each, {options.connections} connections, uncompressed, one core for the portal\n")
    pages = list(dict.fromkeys(run["page"] for run in runs))
    servers = list(dict.fromkeys(run["server"] for run in runs))

    def row(server, page):
        def middle(key):
            return statistics.median(of(runs, key, server=server, page=page))
        rendered = of(runs, server=server, page="service page, rendered each time")
        return [server, page, f"{middle('us'):.0f}", f"{ratio(of(runs, server=server, page=page), rendered):.2f}×",
                f"{middle('database_us'):.0f}", f"{middle('rps'):.0f}", f"{middle('p99_ms'):.1f}"]

    print_table(["data room", "page", "portal, CPU µs", "times the rendered page", "database, CPU µs", "req/s", "p99 ms"],
                [row(server, page) for server in servers for page in pages])
    if writes:
        print(f"{writes['views']:,} views of one session in {writes['seconds']} s made the portal wait for the disk {writes['waits']} times\n")
