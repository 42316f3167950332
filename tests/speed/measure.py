"""How time, memory and answers are counted."""
import glob
import http.client
import os
import re
import resource
import socket
import statistics
import subprocess
import sys

# what wrk cuts off at the end of a round must not weigh
FEW = 100


def raise_file_limit():
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def get(port, host, path="/", headers=None, connection=None):
    """Answer and body; over a connection that is kept, if one is given."""
    used = connection or http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    used.request("GET", path, headers={"Host": host} | (headers or {}))
    answer = used.getresponse()
    body = answer.read()
    if not connection:
        used.close()
    return answer, body


def cpu(pids):
    """Nanoseconds that all threads of the processes have run."""
    total = 0
    for file in (file for pid in pids for file in glob.glob(f"/proc/{pid}/task/*/schedstat")):
        try:
            with open(file) as schedstat:
                total += int(schedstat.read().split()[0])
        except OSError:  # the thread has just ended
            pass
    return total


def pss_kb(pids):
    """Memory of the processes; what they share is counted once."""
    return sum(int(re.search(r"^Pss:\s+(\d+)", read(f"/proc/{pid}/smaps_rollup"), re.M)[1]) for pid in pids)


def peak_kb(pid):
    return int(re.search(r"^VmHWM:\s+(\d+)", read(f"/proc/{pid}/status"), re.M)[1])


def read(path):
    with open(path) as file:
        return file.read()


def stay_on(core):
    """The process that calls this runs on one core from here on."""
    if os.cpu_count() > 1:
        os.sched_setaffinity(0, {core})


def wrk_command(server, path, headers, options, seconds=None, script=None):
    command = ["wrk", "-t1", f"-c{options.connections}", f"-d{seconds or options.seconds}s", "--latency"]
    for name, value in headers.items():
        command += ["-H", f"{name}: {value}"]
    return command + (["-s", script] if script else []) + [f"http://127.0.0.1:{server.port}{path}"]


def load(server, path, headers, options, script=None):
    """CPU time per request of a server under load."""
    command = wrk_command(server, path, headers, options, script=script)
    answers = spent = seconds = 0
    while answers < FEW and seconds < 10 * options.seconds:  # on a crowded machine a round may pass without an answer
        before = cpu(server.pids)
        told = subprocess.run(command, capture_output=True, text=True, check=True, preexec_fn=lambda: stay_on(1)).stdout
        spent += cpu(server.pids) - before
        more, failed = answers_of(told)
        answers, seconds = answers + more, seconds + options.seconds
        if failed:
            sys.exit(f"error: {server.name} failed {failed} times at {path}\n{told}")
    if not answers:
        sys.exit(f"error: {server.name} gave no answer in {seconds} s")
    return {"server": server.name, "us": spent / 1000 / answers, "rps": answers / seconds, "p99_ms": percentile(told, "99%")}


def answers_of(told):
    """How many answers wrk got, and how many requests went wrong."""
    answers = int(re.search(r"(\d+) requests in", told)[1])
    wrong = re.search(r"Non-2xx or 3xx responses: (\d+)", told)
    errors = re.search(r"Socket errors: (.*)", told)
    failed = int(wrong[1]) if wrong else 0
    return answers, failed + (sum(map(int, re.findall(r"\d+", errors[1]))) if errors else 0)


def percentile(told, which):
    value, unit = re.search(rf"{which}\s+([\d.]+)(us|ms|s)\b", told).groups()
    return float(value) * {"us": 0.001, "ms": 1, "s": 1000}[unit]


def in_turns(servers, turn):
    """Another order each time, so that nobody always goes first."""
    start = turn % len(servers)
    return servers[start:] + servers[:start]


def of(runs, key="us", **wanted):
    """The measurements of one kind, round by round."""
    return [run[key] for run in runs if all(run[name] == value for name, value in wanted.items())]


def ratio(theirs, ours):
    return statistics.median(a / b for a, b in zip(theirs, ours))
