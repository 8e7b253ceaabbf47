"""The file of a backup: whole or refused, sealed or plain, and nothing lands outside."""

from __future__ import annotations

import io
import json
import os
import stat
import tarfile
from pathlib import Path

import pytest

from astro_ui.backup import archive
from astro_ui.backup.failure import BackupError

PASSPHRASE = "quiet-harbour-71"


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    root = tmp_path / "tree"
    (root / "dags").mkdir(parents=True)
    (root / "dags" / "a.py").write_text("one")
    (root / "dags" / "large").write_bytes(os.urandom(3_000_000))
    os.link(root / "dags" / "a.py", root / "dags" / "same.py")
    (root / "dags" / "a.py").chmod(0o444)
    (root / "current").symlink_to("dags")
    (root / ".draft-x").mkdir()
    (root / "logs").mkdir()
    (root / "logs" / "skipped").write_text("no")
    return root


def made(tree: Path, passphrase: str = "") -> Path:
    file = tree.parent / "backup"
    with archive.writing(file, passphrase) as writer:
        writer.add_tree(tree, "deploys/x", without=frozenset({"logs"}))
        writer.finish({"version": "0.1.0"})
    return file


@pytest.mark.parametrize("passphrase", ["", PASSPHRASE])
def test_what_went_in_comes_out(tree: Path, tmp_path: Path, passphrase: str) -> None:
    file = made(tree, passphrase)

    facts = archive.unpack(file, tmp_path / "out", passphrase)

    out = tmp_path / "out" / "deploys" / "x"
    assert facts["version"] == "0.1.0"
    assert sorted(path.name for path in out.iterdir()) == ["current", "dags"]
    assert (out / "dags" / "large").read_bytes() == (tree / "dags" / "large").read_bytes()
    assert (out / "current").readlink() == Path("dags")
    a = out / "dags" / "a.py"
    assert (a.read_text(), stat.S_IMODE(a.stat().st_mode)) == ("one", 0o444)
    assert a.samefile(out / "dags" / "same.py")
    assert a.stat().st_mtime == pytest.approx((tree / "dags" / "a.py").stat().st_mtime, abs=0.01)


def test_nobody_else_can_read_it_and_it_replaces_nothing(tree: Path) -> None:
    file = made(tree)

    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    with pytest.raises(BackupError, match="is there already"):
        made(tree)


def test_one_that_broke_off_leaves_nothing(tree: Path) -> None:
    file = tree.parent / "backup"

    def break_off() -> None:
        with archive.writing(file, "") as writer:
            writer.add_tree(tree, "x")
            raise RuntimeError("no disk left")

    with pytest.raises(RuntimeError):
        break_off()

    assert not [path for path in tree.parent.iterdir() if path != tree]


def test_a_passphrase_hides_everything(tree: Path) -> None:
    content = made(tree, PASSPHRASE).read_bytes()

    assert b"deploys" not in content
    assert b"sha256" not in content


@pytest.mark.parametrize(("given", "words"), [("", "is encrypted"), ("wrong", "does not open")])
def test_without_the_right_passphrase_it_stays_shut(
    tree: Path, tmp_path: Path, given: str, words: str
) -> None:
    file = made(tree, PASSPHRASE)

    with pytest.raises(BackupError, match=words):
        archive.unpack(file, tmp_path / "out", given)


@pytest.mark.parametrize("passphrase", ["", PASSPHRASE])
@pytest.mark.parametrize("part", [0.0, 0.001, 0.3, 0.7, 0.999])
def test_a_file_that_was_cut_off_is_refused(
    tree: Path, tmp_path: Path, part: float, passphrase: str
) -> None:
    file = made(tree, passphrase)
    content = file.read_bytes()
    # The end of a plain tar is padding: what counts is its manifest
    whole = content if passphrase else content.rstrip(b"\0")
    file.write_bytes(whole[: int(len(whole) * part)])

    with pytest.raises(BackupError):
        archive.unpack(file, tmp_path / "out", passphrase)


@pytest.mark.parametrize("passphrase", ["", PASSPHRASE])
def test_a_changed_byte_is_refused(tree: Path, tmp_path: Path, passphrase: str) -> None:
    file = made(tree, passphrase)
    content = bytearray(file.read_bytes())
    content[1_500_000] ^= 1
    file.write_bytes(content)

    with pytest.raises(BackupError, match="damaged"):
        archive.unpack(file, tmp_path / "out", passphrase)


def test_frames_that_changed_places_are_refused(tree: Path, tmp_path: Path) -> None:
    file = made(tree, PASSPHRASE)
    content = file.read_bytes()
    head, frame = 18 + 16, 4 + 1024 * 1024 + 16
    one, two = content[head : head + frame], content[head + frame : head + 2 * frame]
    file.write_bytes(content[:head] + two + one + content[head + 2 * frame :])

    with pytest.raises(BackupError):
        archive.unpack(file, tmp_path / "out", PASSPHRASE)


def test_something_else_is_no_backup(tmp_path: Path) -> None:
    for content in (b"", b"hello", os.urandom(20_000)):
        file = tmp_path / "file"
        file.write_bytes(content)
        with pytest.raises(BackupError, match="cut off or damaged"):
            archive.unpack(file, tmp_path / "out", "")


def test_another_format_is_named(tmp_path: Path) -> None:
    file = forged(tmp_path, manifest={"format": 2, "sha256": {}})

    with pytest.raises(BackupError, match="has format 2, this console reads 1"):
        archive.unpack(file, tmp_path / "out", "")


@pytest.mark.parametrize(
    ("name", "kind", "link"),
    [
        ("../outside", tarfile.REGTYPE, ""),
        ("/nowhere/outside", tarfile.REGTYPE, ""),
        ("link", tarfile.SYMTYPE, "/etc/passwd"),
        ("link", tarfile.SYMTYPE, "../../outside"),
        ("link", tarfile.LNKTYPE, "../outside"),
        ("device", tarfile.CHRTYPE, ""),
        ("pipe", tarfile.FIFOTYPE, ""),
    ],
)
def test_nothing_lands_outside(tmp_path: Path, name: str, kind: bytes, link: str) -> None:
    entry = tarfile.TarInfo(name)
    entry.type, entry.linkname = kind, link
    file = forged(tmp_path, entry, manifest={"format": 1, "sha256": {}})
    (tmp_path / "room").mkdir()

    with pytest.raises(BackupError):
        archive.unpack(file, tmp_path / "room" / "out", "")

    assert not list(tmp_path.rglob("outside*"))
    assert not list((tmp_path / "room").rglob("device"))


def forged(folder: Path, *entries: tarfile.TarInfo, manifest: object) -> Path:
    """An archive that our own writer would never make."""
    file = folder / "forged"
    content = json.dumps(manifest).encode()
    last = tarfile.TarInfo(archive.MANIFEST)
    last.size = len(content)
    with tarfile.open(file, "w") as tar:
        for entry in entries:
            tar.addfile(entry)
        tar.addfile(last, io.BytesIO(content))
    return file
