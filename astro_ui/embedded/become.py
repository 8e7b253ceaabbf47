"""`python become.py FOLDER PROGRAM …`: as root, become PROGRAM run by the owner of FOLDER.

Wherever an argument names FOLDER, the program gets an open handle of it instead, which works
whoever may pass the folders above. Standard library only: it runs as a script, from anywhere.
"""

from __future__ import annotations

import os
import sys


def main(folder: str, *argv: str) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    os.set_inheritable(handle, True)  # noqa: FBT003
    owner = os.fstat(handle)
    os.chdir("/")
    os.setgroups([])
    os.setgid(owner.st_gid)
    os.setuid(owner.st_uid)
    arguments = [part.replace(folder, f"/proc/self/fd/{handle}") for part in argv]
    os.execve(argv[0], arguments, {"PATH": os.defpath, "LANG": "C.UTF-8"})  # noqa: S606


if __name__ == "__main__":
    main(*sys.argv[1:])
