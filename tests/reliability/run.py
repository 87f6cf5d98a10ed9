"""Runs one invocation in a fresh folder and measures it."""
import dataclasses
import hashlib
import os
import pathlib
import resource
import selectors
import shlex
import signal
import subprocess
import threading

CPU_SECONDS, WALL_SECONDS = 20, 150  # of the second only what waits for ever takes as much, however busy the machine is
LIMITS = {"RLIMIT_CORE": 0, "RLIMIT_DATA": 6 << 30}  # of memory, that a finding does not take the machine down
LONGEST_OUTPUT = 64 << 20


@dataclasses.dataclass
class Result:
    status: int  # negative: the signal that ended it
    out: bytes
    err: bytes
    cpu: float  # seconds
    peak: int  # bytes
    hung: bool
    before: dict
    after: dict


def snapshot(folder):
    found = {}
    for path in sorted(folder.rglob("*")):
        name = str(path.relative_to(folder))
        if path.is_symlink():
            found[name] = "link to " + os.readlink(path)
        elif path.is_dir():
            found[name] = "folder"
        else:
            found[name] = f"{path.stat().st_mode & 0o777:o} {hashlib.sha256(path.read_bytes()).hexdigest()}"
    return found


def lay_out(invocation, folder):
    """The files, in the folder `run` of this one; beside it stands the home."""
    (folder / "run").mkdir()
    (folder / "home").mkdir()
    for name, content in invocation.files.items():
        path = folder / "run" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        if name == "answer.json":
            path.chmod(0o600)
    if "link.json" in invocation.arguments():
        (folder / "run/linked.json").write_bytes(b"the one before\n")
        (folder / "run/link.json").symlink_to("linked.json")


def environment_of(invocation, folder):
    variables = dict(os.environ, HOME=str(folder / "home"), OMP_NUM_THREADS="1")
    for name, value in invocation.environment.items():
        variables.pop(name, None)
        if value is not None:
            variables[name] = value
    return variables


def becomes(invocation):
    """What the child does to itself before it is the program."""
    def prepare():
        for stream, how in invocation.streams.items():
            if how == "full":
                os.dup2(os.open("/dev/full", os.O_WRONLY), stream)
            else:
                os.close(stream)
        if invocation.in_deleted_folder:
            os.mkdir("gone")
            os.chdir("gone")
            os.rmdir("../gone")
        for name, value in {**LIMITS, **invocation.limits}.items():
            resource.setrlimit(getattr(resource, name), (value, value))
    return prepare


def read_both(process):
    texts = {process.stdout: bytearray(), process.stderr: bytearray()}
    with selectors.DefaultSelector() as selector:
        for stream in texts:
            selector.register(stream, selectors.EVENT_READ)
        while selector.get_map():
            for key, _ in selector.select():
                piece = os.read(key.fd, 1 << 16)
                if not piece:
                    selector.unregister(key.fileobj)
                elif len(texts[key.fileobj]) < LONGEST_OUTPUT:
                    texts[key.fileobj] += piece
    return bytes(texts[process.stdout]), bytes(texts[process.stderr])


def run(program, invocation, folder):
    lay_out(invocation, folder)
    before = snapshot(folder)
    (folder.parent / "stdin").write_bytes(invocation.stdin)
    with open(folder.parent / "stdin", "rb") as stdin:
        process = subprocess.Popen([program, *command_of(invocation)], stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                   cwd=folder / "run", env=environment_of(invocation, folder), start_new_session=True,
                                   preexec_fn=becomes(invocation))
    hung = threading.Event()

    def end():
        hung.set()
        os.killpg(process.pid, signal.SIGKILL)
    timer = threading.Timer(WALL_SECONDS, end)
    timer.start()
    out, err = read_both(process)
    _, status, usage = os.wait4(process.pid, 0)
    timer.cancel()
    timer.join()
    process.returncode = os.waitstatus_to_exitcode(status)
    process.stdout.close()
    process.stderr.close()
    return Result(process.returncode, out, err, usage.ru_utime + usage.ru_stime, usage.ru_maxrss << 10, hung.is_set(), before, snapshot(folder))


def command_of(invocation):
    return [os.fsencode(text) for text in ([invocation.verb] if invocation.verb else []) + invocation.arguments()]


def quoted(raw):
    text = raw.decode("utf-8", "surrogateescape")
    if text.isascii() and text.isprintable():
        return shlex.quote(text)
    return "$'" + "".join(chr(b) if 0x20 <= b < 0x7f and b not in b"'\\" else f"\\x{b:02x}" for b in raw) + "'"


UNITS = {"RLIMIT_AS": ("-v", 1024), "RLIMIT_FSIZE": ("-f", 1024), "RLIMIT_NOFILE": ("-n", 1), "RLIMIT_STACK": ("-s", 1024)}


def as_shell(program, invocation):
    """The command as one would type it where its files lie."""
    text = ""
    for name, value in invocation.limits.items():
        option, unit = UNITS[name]
        text += f"ulimit {option} {-(-value // unit)}; "
    if invocation.in_deleted_folder:
        text += "mkdir gone; cd gone; rmdir ../gone; "
    changed = [f"-u {name}" if value is None else f"{name}={quoted(os.fsencode(value))}" for name, value in invocation.environment.items()]
    text += " ".join((["env", *changed] if changed else []) + [str(program), *map(quoted, command_of(invocation))])
    for stream, how in invocation.streams.items():
        text += f" {stream or ''}{'<' if stream == 0 else '>'}{'&-' if how == 'closed' else '/dev/full'}"
    return text + (" <stdin" if invocation.stdin else "")


def keep(program, invocation, folder):
    """The files as they were, and the command."""
    folder.mkdir(parents=True)
    lay_out(invocation, folder)
    (folder / "run/stdin").write_bytes(invocation.stdin)
    pathlib.Path(folder / "run/command.sh").write_text(as_shell(program, invocation) + "\n", encoding="utf-8", errors="surrogateescape")
