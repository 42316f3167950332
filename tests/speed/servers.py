"""The servers that are measured: each has `name`, `port` and `pids`, and is stopped at the end of its `with`."""
import os
import signal
import subprocess
import sys
import time

from . import ROOT
from .measure import cpu, free_port, get, peak_kb, read, stay_on

NOW = "2026-11-22T10:00:00+01:00"
# enough for the start pages of 10,000 towns in three encodings
CACHE_BYTES = 1 << 30


class Server:
    """A process that ends on SIGTERM. With a `core` it starts there and sees no other, so it takes one worker for it."""

    def __init__(self, name, command, work, host, core=None, folder=ROOT, environment=None):
        self.name, self.log = name, f"{work}/{name}.log"
        with open(self.log, "w") as log:
            self.began = time.monotonic()
            self.process = subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.DEVNULL, stderr=log,
                                            preexec_fn=None if core is None else lambda: stay_on(core))
        self.wait_for(host)
        self.first_answer = time.monotonic() - self.began
        self.pids = [self.process.pid] + children(self.process.pid)

    def wait_for(self, host):
        while True:
            try:
                if get(self.port, host)[0].status == 200:
                    return
            except OSError:
                pass
            if self.process.poll() is not None or time.monotonic() - self.began > 600:
                self.process.kill()
                sys.exit(f"error: {self.name} does not serve {host}\n{read(self.log)[-2000:]}")
            time.sleep(0.002)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()


class Portal(Server):
    """`host` is asked until the portal answers; `start` keeps what the way there took. `room` says on the command line
    where the data lie; a clock that is set is for SQLite alone."""

    def __init__(self, binary, work, host, tenants="tenants", core=None, room=()):
        self.port = free_port()
        with open(f"{work}/portal.yaml", "w") as file:
            file.write(f"limits: {{cache_bytes: {CACHE_BYTES}, rates: {{search: off, login: off, mail: off}}}}\n")
        super().__init__("portal", [os.path.abspath(binary), "serve", "--config", f"{work}/portal.yaml", "--tenants", tenants,
                                    *(room or ("--now", NOW)), "--listen", f"127.0.0.1:{self.port}", "--ops", "127.0.0.1:0",
                                    "--data", f"{work}/data"], work, host, core)
        self.start = {"seconds": self.first_answer, "cpu": cpu(self.pids) / 1e9, "peak_mb": peak_kb(self.process.pid) / 1024}


class Nginx(Server):
    """`http` is the part of the configuration that differs; `{port}` in it becomes the port."""

    def __init__(self, work, http, host, name="nginx"):
        self.port = free_port()
        user = "user root;" if os.getuid() == 0 else ""
        folders = " ".join(f"{kind}_temp_path {work}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        with open(f"{work}/{name}.conf", "w") as file:
            file.write(f"""{user} daemon off; worker_processes 1; pid {work}/{name}.pid; worker_rlimit_nofile 19000;
events {{ worker_connections 1024; multi_accept on; }}
http {{ {folders} access_log off; sendfile on; tcp_nopush on; tcp_nodelay on; keepalive_requests 100000000;
  server_tokens off; default_type text/html; charset utf-8; types {{ text/html html; }} etag on; gzip_static on; gzip_vary on;
  open_file_cache max=15000 inactive=3600s; open_file_cache_valid 3600s; open_file_cache_min_uses 1;
  {http.replace("{port}", str(self.port))} }}""")
        super().__init__(name, ["nginx", "-c", f"{work}/{name}.conf", "-p", work, "-e", f"{work}/{name}.err"], work, host, core=0)


def children(pid):
    return [int(child) for child in read(f"/proc/{pid}/task/{pid}/children").split()]
