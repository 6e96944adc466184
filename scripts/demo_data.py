"""Makes the tables that go with the demo's pictures and tracks out of what their packages say about them."""

import csv
import json
import re
from pathlib import Path
from typing import Iterable, Sequence

# A line of LICENSE-MUSIC: calm_acoustic_s411.opus  68 bpm  C major  seed 411  [acoustic]
TRACK = re.compile(r"^\s*(?P<file>(?P<mood>[a-z]+)_(?P<style>[a-z]+)_s?(?P<take>\d+)\.opus)\s+(?P<bpm>\d+) bpm\s+(?P<key>\S+ \S+)")


def _write(path: Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def finish_portraits(folder: Path) -> None:
    """Writes portraits.csv and drops every picture that is not marked as public domain."""
    source = folder / "portraits/objects.json"
    objects = json.loads(source.read_text(encoding="utf-8"))["objects"]
    source.unlink()
    rows, free = [], set()
    for item in sorted(objects, key=lambda item: item["objectID"]):
        file = f"{item['objectID']}.jpg"
        if item["isPublicDomain"] and (folder / "portraits" / file).exists():
            free.add(file)
            artist = item["artistDisplayName"] or "Unidentified artist"
            rights = "public domain (CC0)"
            rows.append((file, item["title"], artist, item["objectDate"], rights, item["objectURL"]))
    for picture in (folder / "portraits").glob("*.jpg"):
        if picture.name not in free:
            picture.unlink()
    _write(folder / "portraits.csv", ("file", "title", "artist", "date", "rights", "link"), rows)


def finish_songs(folder: Path) -> None:
    """Writes songs.csv. The mood, tempo and key are those the tracks were generated for, not measured ones."""
    rows = []
    for line in (folder / "LICENSE-MUSIC").read_text(encoding="utf-8").splitlines():
        track = TRACK.match(line)
        if track and (folder / "songs" / track["mood"] / track["file"]).exists():
            title = f"{track['mood'].capitalize()}, {track['style']}, take {track['take']}"
            file = f"{track['mood']}/{track['file']}"
            rights = "AI-generated (ACE-Step 1.5), MIT"
            rows.append((file, title, "ACE-Step 1.5", track["mood"], track["bpm"], track["key"], rights))
    _write(folder / "songs.csv", ("file", "title", "artist", "mood", "tempo_bpm", "key", "rights"), sorted(rows))
