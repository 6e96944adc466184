"""Gets wheels with pip, checked by their hash, and says in one sentence what went wrong."""

import hashlib
import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path

from parts import MB, Wheel


class Trouble(Exception):
    """What went wrong and what to do about it, in one sentence."""


def sha256(path: Path) -> str:
    state = hashlib.sha256()
    with open(path, "rb") as file:
        for block in iter(lambda: file.read(1 << 20), b""):
            state.update(block)
    return state.hexdigest()


class Progress(threading.Thread):
    """Says how much of a wheel has come, by the size of what pip has written."""

    def __init__(self, folder: Path, wheel: Wheel):
        super().__init__(daemon=True)
        self.folder, self.wheel, self.done = folder, wheel, threading.Event()

    def run(self) -> None:
        terminal = sys.stderr.isatty()
        while not self.done.wait(0.5 if terminal else 15):
            came = 0
            for path in self.folder.rglob("*.whl"):
                try:
                    came = max(came, path.stat().st_size)
                except OSError:
                    continue  # pip has just moved it
            text = f"  {self.wheel.requirement}: {came // MB} of {max(1, self.wheel.size // MB)} MB"
            sys.stderr.write(f"\r{text}" if terminal else f"{text}\n")
            sys.stderr.flush()
        if terminal:
            sys.stderr.write("\r\033[K")


def fetch(wheel: Wheel, store: Path) -> Path:
    """The wheel in the store, fetched by pip unless it is there already."""
    path = store / wheel.file
    if path.is_file() and sha256(path) == wheel.sha256:
        return path
    path.unlink(missing_ok=True)
    room = store / ".arriving"
    shutil.rmtree(room, ignore_errors=True)
    room.mkdir(parents=True)
    (room / "pin.txt").write_text(f"{wheel.requirement} --hash=sha256:{wheel.sha256}\n")
    command = [sys.executable, "-m", "pip", "download", "-q", "--disable-pip-version-check", "--no-input"]
    command += ["--no-cache-dir", "--no-deps", "--require-hashes", "--only-binary=:all:", "--retries=3"]
    command += ["--python-version=3.11", "--implementation=cp", "--abi=cp311", f"--platform={wheel.platform}"]
    command += ["-d", str(room), "-r", str(room / "pin.txt")]
    # pip unpacks in TMPDIR: the usual one may be too small. A download needs no virtual environment.
    environment = {**os.environ, "TMPDIR": str(room), "PIP_REQUIRE_VIRTUALENV": "0"}
    progress = Progress(room, wheel)
    progress.start()
    try:
        pip = subprocess.run(command, env=environment, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
    finally:
        progress.done.set()
        progress.join()
    if pip.returncode == 0:
        os.replace(room / wheel.file, path)
    shutil.rmtree(room)
    if pip.returncode != 0:
        raise Trouble(explain(wheel, pip.stderr))
    return path


def explain(wheel: Wheel, said: str) -> str:
    """Turns what pip said into one sentence."""
    again = "then run the same command again: what has come whole is kept."
    if "DO NOT MATCH THE HASHES" in said:
        return (
            f"{wheel.file}: what was offered does not have the pinned SHA-256 and was thrown away; "
            f"if you use a mirror of the package index (pip config list), check it or leave it out, {again}"
        )
    if "No space left" in said:
        return f"{wheel.file}: the disk is full; make room or set PROMENADE_CACHE to a folder with more, {again}"
    if any(sign in said for sign in ("Retrying", "connection", "Connection", "timed out", "resolution", "SSLError")):
        return f"{wheel.file}: the Python package index cannot be reached; check the network and pip's settings (pip config list), {again}"
    errors = [line for line in said.splitlines() if line.strip()] or ["no reason given"]
    reason = next((line for line in errors if line.startswith("ERROR")), errors[-1])
    return f"{wheel.file}: pip could not fetch it ({reason.strip()}); see that `python3 -m pip --version` is 20.3 or newer, {again}"
