"""Many invented towns: what a request, a town, a start and a reload cost, beside nginx with as many hosts."""
import http.client
import os
import random
import re
import statistics
import subprocess
import sys
import time

from .measure import answers_of, get, in_turns, load, of, percentile, pss_kb, ratio, read, wrk_command
from .pages import GZIP, write
from .servers import Nginx, Portal
from .table import print_table, print_targets

STARTS = 3
RELOADS = 5
# what the portal waits for after the last change, before it reads
QUIET = 1.0
RANDOM_HOSTS = """
local hosts, wait = %d, %d
math.randomseed(%d)
request = function()
  wrk.headers["Host"] = string.format("t%%05d.example.test", math.random(0, hosts - 1))
  return wrk.format("GET")
end
if wait > 0 then delay = function() return wait end end
"""


def run(options, work):
    count = options.towns
    folders = {number: write_towns(options, work, number) for number in sorted({1, min(1000, count), count})}
    starts = {number: measure_starts(options, work, folder, number) for number, folder in folders.items() if number > 1}
    tell("memory of one town")
    with Portal(options.portal, work, host(0), folders[1]) as portal:
        one = memory(portal, 1)
    with Portal(options.portal, work, host(count - 1), folders[count]) as portal:
        tell(f"every start page of {count:,} towns in three encodings")
        many = memory(portal, count, keep_in=f"{work}/sites")
        per_town = (many["kb"] - one["kb"]) / max(count - 1, 1)
        reloads = measure_reloads(options, work, portal, folders[count])
    with Portal(options.portal, work, host(0), folders[count], core=0) as portal:
        runs = beside_nginx(options, work, portal)
    report(options, runs, starts, one, many, per_town, reloads)
    return {"runs": runs, "starts": starts, "memory": {"one": one, "many": many, "kb_per_town": per_town}, "reloads": reloads}


def host(number):
    return f"t{number:05}.example.test"


def tell(what):
    print(f"… {what}", file=sys.stderr, flush=True)


def write_towns(options, work, count):
    folder = f"{work}/towns-{count}"
    command = [options.portal, "synthetic-towns", folder, "--towns", str(count)]
    subprocess.run(command + (["--services", str(options.services)] if options.services else []), check=True, stdout=sys.stderr)
    return folder


def measure_starts(options, work, folder, count):
    starts, chance = [], random.Random(count)
    for _ in range(STARTS):
        with Portal(options.portal, work, host(chance.randrange(count)), folder) as portal:
            starts.append(portal.start)
        tell(f"start with {count:,} towns: {starts[-1]['seconds']:.2f} s, {starts[-1]['cpu']:.2f} s CPU, peak {starts[-1]['peak_mb']:.0f} MB")
    return starts


def memory(portal, count, keep_in=None):
    before = pss_kb(portal.pids)
    ask_all(portal, count, ["identity", "gzip", "br"], keep_in)
    return {"before_kb": before, "kb": pss_kb(portal.pids)}


def ask_all(server, count, codings, keep_in=None, path="/"):
    """Asks for the start page of every town; keeps what came as files, if there is a folder for them."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    for number in range(count):
        for coding in codings:
            answer, body = get(server.port, host(number), path, {"Accept-Encoding": coding}, connection)
            if answer.status != 200 or answer.getheader("Content-Encoding", "identity") != coding:
                sys.exit(f"error: {server.name} answered {answer.status} for {host(number)} in {coding}")
            if keep_in and coding != "br":
                os.makedirs(f"{keep_in}/{host(number)}", exist_ok=True)
                write(f"{keep_in}/{host(number)}/index.html" + (".gz" if coding == "gzip" else ""), body)
    connection.close()


def measure_reloads(options, work, portal, folder):
    """Changes one town while others are asked for."""
    reloads = []
    write(f"{work}/stream.lua", (RANDOM_HOSTS % (options.towns, 10, 1)).encode())
    for number in range(RELOADS):
        town = options.towns // 2 + number % max(options.towns // 2, 1)
        file, street = f"{folder}/t{town:05}/tenant.yaml", f"Neue Gasse {number + 1}"
        stream = subprocess.Popen(wrk_command(portal, "/", GZIP, options, seconds=5, script=f"{work}/stream.lua"),
                                  stdout=subprocess.PIPE, text=True)
        time.sleep(0.5)
        log_before = os.path.getsize(portal.log)
        text = read(file)
        with open(file, "w") as changed:
            changed.write(re.sub(r"street: [^,]+", f"street: {street}", text))
        began = time.monotonic()
        while street.encode() not in get(portal.port, host(town), "/kontakt")[1]:
            time.sleep(0.002)
            if time.monotonic() - began > 120:
                sys.exit(f"error: the change in {file} is not served")
        served = time.monotonic() - began
        told = stream.communicate()[0]
        answers, failed = answers_of(told)
        took = re.search(r'"took_ms":\s*([\d.]+)', read_from(portal.log, log_before))
        reloads.append({"ms": (served - QUIET) * 1000, "took_ms": float(took[1]) if took else None, "answers": answers,
                        "failed": failed, "p99_ms": percentile(told, "99%"), "slowest_ms": slowest(told)})
        tell("reload: {ms:.1f} ms after the quiet second, by the log {took_ms}, {failed} of {answers} requests failed, "
             "slowest {slowest_ms:.1f} ms".format(**reloads[-1]))
    return reloads


def read_from(path, position):
    with open(path) as file:
        file.seek(position)
        return file.read()


def slowest(told):
    value, unit = re.search(r"Latency\s+\S+\s+\S+\s+([\d.]+)(us|ms|s)", told).groups()
    return float(value) * {"us": 0.001, "ms": 1, "s": 1000}[unit]


def beside_nginx(options, work, portal):
    hosts = [host(number) for number in range(options.towns)]
    blocks = "server_names_hash_max_size 131072; server_names_hash_bucket_size 128;" + "\n".join(
        f"server {{ listen 127.0.0.1:{{port}}; server_name {name}; root {work}/sites/{name}; }}" for name in hosts)
    by_map = "map_hash_max_size 131072; map_hash_bucket_size 128; map $host $folder { default none;" + "".join(
        f"{name} {name};\n" for name in hosts) + f"}} server {{ listen 127.0.0.1:{{port}}; server_name _; root {work}/sites/$folder; }}"
    with Nginx(work, blocks, hosts[-1], "nginx-blocks") as with_blocks, Nginx(work, by_map, hosts[-1], "nginx-map") as with_map:
        servers = [portal, with_blocks, with_map]
        for server in servers:
            tell(f"warming {server.name}")
            ask_all(server, options.towns, ["gzip"], path=path_at(server))
        script, runs = f"{work}/hosts.lua", []
        for turn in range(-1, options.rounds):  # the first turn only warms up
            write(script, (RANDOM_HOSTS % (options.towns, 0, turn + 2)).encode())
            for server in in_turns(servers, turn):
                result = {"round": turn} | load(server, path_at(server), GZIP, options, script)
                if turn >= 0:
                    runs.append(result)
        for server in servers:
            for result in runs:
                if result["server"] == server.name:
                    result |= {"mb": pss_kb(server.pids) / 1024, "start_s": server.first_answer}
    return runs


def path_at(server):
    """nginx is spared the detour by its `index`."""
    return "/" if server.name == "portal" else "/index.html"


def report(options, runs, starts, one, many, per_town, reloads):
    count, command = options.towns, f"tests/bench --towns {options.towns}"
    print(f"\n{count:,} towns, random hosts, start page with gzip, {options.rounds} rounds of {options.seconds} s each\n")
    names = ["portal", "nginx-blocks", "nginx-map"]
    ratios = {name: ratio(of(runs, server=name), of(runs, server="portal")) for name in names}

    def middle(name, key):
        return statistics.median(of(runs, key, server=name))

    print_table(["server", "CPU µs", "times the portal's", "req/s", "p99 ms", "memory, MB", "start, s"],
                [[name, f"{middle(name, 'us'):.1f}", f"{ratios[name]:.2f}×", f"{middle(name, 'rps'):.0f}", f"{middle(name, 'p99_ms'):.1f}",
                  f"{middle(name, 'mb'):.0f}", f"{middle(name, 'start_s'):.2f}"] for name in names])
    limits = {1000: "≤ 0.4 s", 10_000: "≤ 4 s"}
    rows = [[f"{count:,} tenants against nginx with {count:,} hosts", "≥ 1.4×", "1.9×", f"{min(ratios['nginx-blocks'], ratios['nginx-map']):.2f}×"],
            ["memory per tenant, config and start page in all encodings", "≤ 60 kB", "–", f"{per_town:.1f} kB"]]
    for number, measured in starts.items():
        seconds, cpu, peak = (statistics.median(start[key] for start in measured) for key in ("seconds", "cpu", "peak_mb"))
        best = min(start["seconds"] for start in measured)
        rows.append([f"cold start to first 200 with {number:,} towns", limits.get(number, "–"), "–",
                     f"{seconds:.2f} s (best {best:.2f} s, {cpu:.2f} s CPU, peak {peak:.0f} MB)"])
    told = [reload["took_ms"] for reload in reloads if reload["took_ms"] is not None]
    by_log = f"{statistics.median(told):.1f} ms by the log, " if told else ""
    answers, failed = sum(reload["answers"] for reload in reloads), sum(reload["failed"] for reload in reloads)
    rows.append([f"reload of one town among {count:,}", "≤ 5 ms, 0 failed requests", "–",
                 f"{by_log}{statistics.median(reload['ms'] for reload in reloads):.1f} ms until served, {failed} of {answers:,} requests failed, "
                 f"slowest {max(reload['slowest_ms'] for reload in reloads):.0f} ms"])
    rows.append([f"steady memory with {count:,} towns, nothing asked for / every start page asked for", "–", "–",
                 f"{many['before_kb'] / 1024:.0f} / {many['kb'] / 1024:.0f} MB (one town: {one['kb'] / 1024:.0f} MB)"])
    print_targets([[*row, command] for row in rows])
