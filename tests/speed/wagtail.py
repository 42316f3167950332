"""The start page beside a start page of Wagtail of about the same size: rendered each time, and from Django's page cache."""
import os
import statistics
import subprocess
import sys

from . import ROOT
from .measure import free_port, get, in_turns, load, of, ratio
from .servers import Portal, Server
from .table import print_table, print_targets

TOWN = "herford.localhost"
SITE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "wagtail_site")
VENV = f"{ROOT}/tests/.tools/wagtail"


def run(options, work):
    install()
    # a slow server leaves what it has begun unanswered at the end of a round: long rounds, few connections
    options.seconds, options.connections = max(options.seconds, 3), min(options.connections, 2)
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "settings", "BENCH_DATA": work, "PYTHONDONTWRITEBYTECODE": "1"}
    subprocess.run([f"{VENV}/bin/python", "fill.py"], cwd=SITE, env=environment, check=True, stdout=sys.stderr)
    with (Portal(options.portal, work, TOWN, core=0) as portal,
          Gunicorn("wagtail", work, environment) as plain,
          Gunicorn("wagtail-cached", work, environment | {"PAGE_CACHE": "1"}) as cached):
        servers = [portal, plain, cached]
        sizes = {server.name: len(get(server.port, TOWN)[1]) for server in servers}
        runs = []
        for turn in range(-1, options.rounds):  # the first turn only warms up
            for server in in_turns(servers, turn):
                result = {"round": turn, "bytes": sizes[server.name]} | load(server, "/", {"Host": TOWN}, options)
                if turn >= 0:
                    runs.append(result)
    report(options, runs, sizes)
    return runs


def install():
    if not os.path.exists(f"{VENV}/bin/pip"):
        subprocess.run([sys.executable, "-m", "venv", VENV], check=True)
    subprocess.run([f"{VENV}/bin/pip", "install", "-q", "--disable-pip-version-check", "-r", f"{SITE}/requirements.txt"], check=True)


class Gunicorn(Server):
    def __init__(self, name, work, environment):
        self.port = free_port()
        super().__init__(name, [f"{VENV}/bin/gunicorn", "--bind", f"127.0.0.1:{self.port}", "--workers", "1", "--worker-class", "gthread",
                                "--threads", "2", "--keep-alive", "60", "--log-level", "error", "wsgi:application"],
                         work, TOWN, 0, SITE, environment)


def report(options, runs, sizes):
    print(f"\nstart page, uncompressed, {options.rounds} rounds of {options.seconds} s each\n")
    ratios = {name: ratio(of(runs, server=name), of(runs, server="portal")) for name in sizes}
    print_table(["server", "bytes", "CPU µs", "times the portal's", "req/s", "p99 ms"],
                [[name, f"{size:,}", f"{statistics.median(of(runs, server=name)):.1f}", f"{ratios[name]:.1f}×",
                  f"{statistics.median(of(runs, 'rps', server=name)):.0f}", f"{statistics.median(of(runs, 'p99_ms', server=name)):.1f}"]
                 for name, size in sizes.items()])
    print_targets([
        ["against Wagtail with page cache", "≥ 55×", "–", f"{ratios['wagtail-cached']:.0f}×", "tests/bench --wagtail"],
        ["against Wagtail without", "≥ 1900×", "–", f"{ratios['wagtail']:.0f}×", "tests/bench --wagtail"],
    ])
