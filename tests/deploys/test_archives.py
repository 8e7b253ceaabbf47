"""What is taken from an upload, how it lies on disk, and what is refused."""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import io
import os
import struct
import tarfile
from pathlib import Path
from unittest import mock

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deployments import archives
from deployments.archive_members import ArchiveError, safe_path
from tests.deploys.packing import DAG, on_disk, tar_gz, tar_of, zipped

PROJECT = {
    "dags/a.py": DAG,
    "dags/lib/b.py": b"x = 1\n",
    "plugins/p.py": b"",
    "include/q.sql": b"1",
}


def unpack(folder: Path, content: bytes) -> archives.Content:
    return archives.unpack(on_disk(folder, content), folder / "deploys" / "v1")


def unpacked(folder: Path) -> list[str]:
    return archives.files(folder / "deploys" / "v1")


def refused(folder: Path, content: bytes) -> ArchiveError:
    with pytest.raises(ArchiveError) as caught:
        unpack(folder, content)
    assert list((folder / "deploys").iterdir()) == [], "a refused archive leaves nothing behind"
    assert caught.value.remedy
    return caught.value


@pytest.mark.parametrize("pack", [tar_gz, zipped])
def test_a_project_keeps_its_layout(tmp_path: Path, pack: object) -> None:
    unpack(tmp_path, pack(PROJECT))  # type: ignore[operator]
    assert unpacked(tmp_path) == ["dags/a.py", "dags/lib/b.py", "include/q.sql", "plugins/p.py"]
    assert (tmp_path / "deploys/v1/dags/a.py").read_bytes() == DAG


def test_a_single_folder_around_the_project_is_stripped(tmp_path: Path) -> None:
    unpack(tmp_path, zipped({f"my-project/{name}": data for name, data in PROJECT.items()}))
    assert "dags/a.py" in unpacked(tmp_path)


def test_bare_dag_files_are_put_under_dags(tmp_path: Path) -> None:
    unpack(tmp_path, tar_gz({"a.py": DAG, "lib/b.py": b""}))
    assert unpacked(tmp_path) == ["dags/a.py", "dags/lib/b.py"]


def test_a_dropped_folder_of_dag_files_is_the_dags_folder(tmp_path: Path) -> None:
    unpack(tmp_path, tar_gz({"my-dags/a.py": DAG, "my-dags/lib/b.py": b""}))
    assert unpacked(tmp_path) == ["dags/a.py", "dags/lib/b.py"]


def test_a_plain_tar_is_taken_too(tmp_path: Path) -> None:
    unpack(tmp_path, gzip.decompress(tar_gz(PROJECT)))
    assert "dags/a.py" in unpacked(tmp_path)


def test_what_is_unpacked_cannot_be_changed(tmp_path: Path) -> None:
    unpack(tmp_path, tar_gz(PROJECT))
    root = tmp_path / "deploys/v1"
    modes = {path.stat().st_mode & 0o777 for path in root.rglob("*") if path.is_file()}
    folders = {path.stat().st_mode & 0o777 for path in (root, *root.rglob("*")) if path.is_dir()}
    assert (modes, folders) == ({0o444}, {0o555})


def test_the_sum_is_that_of_the_files_however_they_were_packed(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    first = unpack(tmp_path / "one", tar_gz({"dags/a.py": b"1", "dags/b.py": b"22"}))
    second = unpack(tmp_path / "two", zipped({"p/dags/b.py": b"22", "p/dags/a.py": b"1"}))
    line_a = hashlib.sha256(b"1").hexdigest() + "  dags/a.py\n"
    line_b = hashlib.sha256(b"22").hexdigest() + "  dags/b.py\n"
    assert first == second
    assert first == archives.Content(hashlib.sha256((line_a + line_b).encode()).hexdigest(), 3, 2)


def test_what_file_managers_and_git_add_is_left_out(tmp_path: Path) -> None:
    noise = ["__MACOSX/dags/._a.py", "dags/.DS_Store", ".git/config", "dags/__pycache__/a.pyc"]
    unpack(tmp_path, zipped({"dags/a.py": DAG, **dict.fromkeys(noise, b"")}))
    assert unpacked(tmp_path) == ["dags/a.py"]


@pytest.mark.parametrize(
    "name",
    ["/etc/passwd", "../a.py", "dags/../../a.py", "dags/..", "C:/a.py", "dags\\a.py", "dags/a\n.py",
     "dags/" + "x" * 256, "dags/" + "x/" * 500 + "a.py"],
)  # fmt: skip
@pytest.mark.parametrize("pack", [tar_gz, zipped])
def test_a_name_that_leads_out_or_cannot_be_is_refused(
    tmp_path: Path, pack: object, name: str
) -> None:
    refused(tmp_path, pack({"dags/a.py": DAG, name: b""}))  # type: ignore[operator]


def test_a_name_that_is_not_utf8_is_refused(tmp_path: Path) -> None:
    info = tarfile.TarInfo("dags/\udcff.py")
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz", format=tarfile.GNU_FORMAT) as archive:
        archive.addfile(info)
    assert "UTF-8" in refused(tmp_path, packed.getvalue()).cause


@pytest.mark.parametrize(
    "kind",
    [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE],
)
def test_links_and_devices_are_refused(tmp_path: Path, kind: bytes) -> None:
    info = tarfile.TarInfo("dags/a.py")
    info.type, info.linkname = kind, "b.py"
    assert "link or a device" in refused(tmp_path, tar_of(info)).cause


def test_a_link_in_a_zip_is_refused(tmp_path: Path) -> None:
    assert "link" in refused(tmp_path, zipped({"dags/a.py": b"/etc/passwd"}, mode=0o120777)).cause


@pytest.mark.parametrize(
    "names",
    [("dags/a.py", "dags/./a.py"), ("dags/a.py", "dags/A.py"), ("dags/a.py", "Dags/b.py"),
     ("dags/\u00e9.py", "dags/e\u0301.py"), ("dags/a", "dags/a/b.py")],
)  # fmt: skip
def test_two_names_for_one_file_are_refused(tmp_path: Path, names: tuple[str, str]) -> None:
    assert "twice" in refused(tmp_path, tar_gz(dict.fromkeys(names, b""))).cause


@pytest.mark.parametrize("content", [b"", tar_gz({}), zipped({})], ids=["nothing", "tar", "zip"])
def test_an_empty_archive_is_refused(tmp_path: Path, content: bytes) -> None:
    refused(tmp_path, content)


def test_what_is_no_archive_is_refused(tmp_path: Path) -> None:
    assert "neither" in refused(tmp_path, b"print('hello')\n" * 100).cause


@pytest.mark.parametrize(
    "whole", [tar_gz({"dags/a.py": os.urandom(5000)}), zipped(PROJECT)], ids=["tar", "zip"]
)
@pytest.mark.parametrize("kept", [0.3, 0.7, 0.95, 0.99])
def test_a_cut_off_archive_is_refused(tmp_path: Path, whole: bytes, kept: float) -> None:
    assert "damaged" in refused(tmp_path, whole[: int(len(whole) * kept)]).cause


def test_a_flipped_bit_is_noticed(tmp_path: Path) -> None:
    whole = bytearray(zipped({"dags/a.py": os.urandom(5000)}))
    whole[2000] ^= 1
    assert "damaged" in refused(tmp_path, bytes(whole)).cause


@pytest.mark.parametrize("pack", [tar_gz, zipped])
def test_a_bomb_is_refused_by_its_ratio_while_it_unpacks(tmp_path: Path, pack: object) -> None:
    bomb = pack({"dags/zeros": bytes(40 * 1024**2)})  # type: ignore[operator]
    assert "200 times" in refused(tmp_path, bomb).cause


def test_more_than_the_limit_is_refused_while_it_unpacks(tmp_path: Path) -> None:
    with mock.patch.object(archives, "MAXIMUM_UNPACKED_BYTES", 10_000):
        refused(tmp_path, zipped({"dags/a": os.urandom(6000), "dags/b": os.urandom(6000)}))


def test_a_header_cannot_claim_memory(tmp_path: Path) -> None:
    """A PAX header of 64 MiB of zeros packs to 64 kB; Python would read it whole."""
    info = tarfile.TarInfo("dags/a.py")
    info.type, info.size = tarfile.XHDTYPE, 64 * 1024**2
    content = gzip.compress(info.tobuf() + bytes(info.size))
    assert "header" in refused(tmp_path, content).cause


def test_too_many_files_are_refused(tmp_path: Path) -> None:
    with mock.patch.object(archives, "MAXIMUM_FILES", 3):
        refused(tmp_path, tar_gz({f"dags/{n}.py": b"" for n in range(4)}))


def test_ten_thousand_files_are_taken(tmp_path: Path) -> None:
    assert (
        unpack(tmp_path, tar_gz({f"dags/{n}.py": b"" for n in range(10_000)})).file_count == 10_000
    )


def test_a_zip_that_lies_about_its_size_is_refused(tmp_path: Path) -> None:
    content = bytearray(zipped({"dags/a.py": bytes(5000)}))
    at = content.rfind(b"PK\x01\x02")
    struct.pack_into("<L", content, at + 24, 10)
    assert "damaged" in refused(tmp_path, bytes(content)).cause


def test_an_encrypted_zip_is_refused(tmp_path: Path) -> None:
    content = bytearray(zipped(PROJECT))
    at = content.rfind(b"PK\x01\x02")
    struct.pack_into("<H", content, at + 8, 1)
    assert "encrypted" in refused(tmp_path, bytes(content)).cause


def test_a_killed_unpacking_leaves_a_draft_that_the_sweep_removes(tmp_path: Path) -> None:
    draft = tmp_path / "deployment" / ".draft-v1-1-1"
    (draft / "raw/dags").mkdir(parents=True)
    (draft / "raw/dags").chmod(0o555)
    os.utime(draft, (0, 0))
    assert archives.sweep(tmp_path, older_than_seconds=60) == 1
    assert not draft.exists()


names = st.text(st.sampled_from(list("ab./\\~ \0é:C\udcff")), min_size=1, max_size=12)


@given(name=names)
def test_no_name_ever_leads_out(name: str) -> None:
    try:
        path = safe_path(name)
    except ArchiveError:
        return
    assert not path.is_absolute()
    assert ".." not in path.parts
    assert str(path).encode()


def test_a_zip_whose_directory_lies_about_its_place_is_refused(tmp_path: Path) -> None:
    whole = bytearray(zipped(PROJECT))
    offset = len(whole) - 6  # of the directory, in the closing record without a comment
    whole[offset : offset + 4] = (len(whole) + 500).to_bytes(4, "little")

    with pytest.raises(ArchiveError, match="damaged"):
        unpack(tmp_path, bytes(whole))


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_noise_in_an_archive_is_refused_and_never_crashes(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("noise")
    plain = data.draw(st.sampled_from([zipped(PROJECT), gzip.decompress(tar_gz(PROJECT))]))
    whole = bytearray(plain)
    for at in data.draw(st.lists(st.integers(0, len(whole) - 1), min_size=1, max_size=8)):
        whole[at] = data.draw(st.integers(0, 255))
    with contextlib.suppress(ArchiveError):
        unpack(folder, bytes(whole))
    outside = [path for path in folder.rglob("*") if path.is_symlink()]
    assert outside == []
