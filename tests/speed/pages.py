"""Single pages of one town beside nginx, which serves the bytes that the portal gave."""
import gzip
import os
import statistics
import sys

from .measure import get, in_turns, load, of, ratio
from .servers import Nginx, Portal
from .table import print_table, print_targets

TOWN = "herford.localhost"
GZIP = {"Accept-Encoding": "gzip"}
# whoever has a session is not answered from the cache
SESSION = {"Cookie": "__Host-session=bench"}
CASES = [
    ("start page", "/", {}),
    ("start page, gzip", "/", GZIP),
    ("start page, rendered each time", "/", SESSION),
    ("service page, gzip", "/dienstleistungen/hund-anmelden", GZIP),
    ("A–Z, gzip", "/dienstleistungen", GZIP),
    ("search, gzip", "/suche?q=hund", GZIP),
    ("search, new query each time", "/suche?q=hund", {}),
    ("start page, not modified", "/", GZIP),
]
NEW_QUERY = """
local words = {"hund", "pass", "umzug", "wohnung", "geburt", "heirat", "auto", "abfall", "steuer", "gewerbe"}
local n = math.floor(os.time() % 100000) * 1000
request = function()
  n = n + 1
  return wrk.format("GET", "/suche?q=" .. words[n % #words + 1] .. "+" .. n)
end
"""


def run(options, work):
    with Portal(options.portal, work, TOWN, core=0) as portal:
        pages = [capture(portal, *case) for case in CASES]
        write_files(work, pages)
        with Nginx(work, f"server {{ listen 127.0.0.1:{{port}}; server_name _; root {work}; }}", TOWN) as nginx:
            check_files(nginx, pages)
            runs = measure(options, work, portal, nginx, pages)
    report(options, pages, runs)
    return runs


def capture(portal, name, path, headers):
    """One answer as the portal gives it: the bytes that nginx will serve too."""
    answer, body = get(portal.port, TOWN, path, headers)
    zipped = answer.getheader("Content-Encoding") == "gzip"
    if answer.status != 200 or zipped != (headers == GZIP):
        sys.exit(f"error: {path} answered {answer.status}, encoded as {answer.getheader('Content-Encoding')}")
    return {"name": name, "path": path, "headers": headers, "etags": {"portal": answer.getheader("ETag")},
            "bytes": len(body), "body": gzip.decompress(body) if zipped else body, "zipped": body if zipped else None,
            "new_query": "new query" in name, "not_modified": "not modified" in name}


def write_files(work, pages):
    for number, page in enumerate(pages):
        page["file"] = f"/{number}.html"
        write(f"{work}{page['file']}", page["body"])
        if page["zipped"]:
            write(f"{work}{page['file']}.gz", page["zipped"])
    write(f"{work}/index.html", b"")


def write(path, content):
    with open(path, "wb") as file:
        file.write(content)
    os.utime(path, (1_700_000_000, 1_700_000_000))  # a file and its .gz must agree on their age


def check_files(nginx, pages):
    for page in pages:
        answer, body = get(nginx.port, TOWN, page["file"], page["headers"])
        page["etags"]["nginx"] = answer.getheader("ETag")
        assert body == (page["zipped"] or page["body"]), "nginx serves other bytes"


def measure(options, work, portal, nginx, pages):
    script = f"{work}/query.lua"
    write(script, NEW_QUERY.encode())
    runs = []
    for turn in range(-1, options.rounds):  # the first turn only warms up
        for page in pages:
            for server in in_turns([portal, nginx], turn):
                headers = {"Host": TOWN} | page["headers"]
                if page["not_modified"]:
                    headers["If-None-Match"] = page["etags"][server.name]
                path = page["path"] if server is portal else page["file"]
                lua = script if page["new_query"] and server is portal else None
                result = {"page": page["name"], "round": turn} | load(server, path, headers, options, lua)
                if turn >= 0:
                    runs.append(result)
    return runs


def report(options, pages, runs):
    print(f"\n{options.rounds} rounds of {options.seconds} s each, {options.connections} connections, one core per server\n")

    def middle(page, server, key="us"):
        return statistics.median(of(runs, key, page=page["name"], server=server))

    def against_nginx(name):
        return ratio(of(runs, page=name, server="nginx"), of(runs, page=name, server="portal"))

    print_table(
        ["page", "bytes", "portal, CPU µs", "nginx, CPU µs", "nginx / portal", "portal, req/s", "p99 ms"],
        [[page["name"], f"{0 if page['not_modified'] else page['bytes']:,}", f"{middle(page, 'portal'):.1f}", f"{middle(page, 'nginx'):.1f}",
          f"{against_nginx(page['name']):.2f}×", f"{middle(page, 'portal', 'rps'):.0f}", f"{middle(page, 'portal', 'p99_ms'):.1f}"] for page in pages])
    rendered = statistics.median(of(runs, page="start page, rendered each time", server="portal"))
    print_targets([
        ["start page, gzip, against nginx serving the same static file", "≥ 0.95×", "1.2×", f"{against_nginx('start page, gzip'):.2f}×", "tests/bench"],
        ["same, uncompressed", "≥ 0.80×", "1.0×", f"{against_nginx('start page'):.2f}×", "tests/bench"],
        ["uncached render of the start page, the whole request", "≤ 100 µs CPU", "–", f"{rendered:.0f} µs", "tests/bench"],
    ])
