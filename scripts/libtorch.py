"""What the wheel lacks to be the libtorch that torch-sys expects."""

import subprocess
from pathlib import Path

VERSION = "2.11.0"


def finish(folder: Path) -> None:
    """Writes `build-version`, which torch-sys checks, and an empty libtorch.so.

    torch-sys always links with -ltorch, and the wheel's own libtorch.so needs all of CUDA.
    """
    (folder / "build-version").write_text(VERSION + "\n")
    subprocess.run(
        ["gcc", "-x", "c", "-shared", "-fPIC", "-o", str(folder / "lib/libtorch.so"), "-", "-Wl,-soname,libtorch.so"],
        input=b"void promenade_libtorch_stub(void) {}\n",
        check=True,
    )
