"""How much memory the database may plan with: the machine's, or less where a control group allows less."""

from pathlib import Path

import pytest

from app.kernel import machine, postgres_software

MIB = 2**20


def told(folder: Path, own: str, files: dict[str, str]) -> int:
    """The answer on a machine whose control groups say this."""
    (folder / "own").write_text(own)
    for name, text in files.items():
        path = folder / "groups" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text + "\n")
    return machine.memory(folder / "groups", folder / "own")


@pytest.mark.parametrize(
    ("own", "files"),
    [
        ("0::/\n", {"memory.max": str(300 * MIB)}),
        ("0::/a.slice/b.service\n", {"a.slice/b.service/memory.max": str(300 * MIB)}),
        (
            "0::/a.slice/b.service\n",
            {"a.slice/memory.max": str(300 * MIB), "a.slice/b.service/memory.max": "max"},
        ),
        ("5:cpu:/x\n4:memory:/x\n0::/\n", {"memory/x/memory.limit_in_bytes": str(300 * MIB)}),
        # the group of the container is the root of what it sees, whatever its name outside
        ("4:memory:/docker/0123\n", {"memory/memory.limit_in_bytes": str(300 * MIB)}),
    ],
)
def test_a_control_group_s_limit_counts(tmp_path: Path, own: str, files: dict[str, str]):
    assert told(tmp_path, own, files) == 300


@pytest.mark.parametrize(
    ("own", "files"),
    [
        ("", {}),
        ("0::/\n", {}),
        ("0::/\n", {"memory.max": "max"}),
        ("4:memory:/\n", {"memory/memory.limit_in_bytes": "9223372036854771712"}),
        ("0::/../other\n", {"../other/memory.max": str(MIB)}),
        ("5:cpu:/x\n", {"cpu/x/memory.limit_in_bytes": str(MIB)}),
    ],
)
def test_without_a_limit_it_is_the_machine_s(tmp_path: Path, own: str, files: dict[str, str]):
    whole = machine.memory(tmp_path / "nowhere", tmp_path / "nothing")
    assert whole > 256
    assert told(tmp_path, own, files) == whole


def test_the_server_is_sized_by_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    def buffers(memory: int) -> str:
        monkeypatch.setattr(machine, "memory", lambda: memory)
        command = postgres_software.Software(tmp_path, 18).command(tmp_path, tmp_path)
        return next(str(part) for part in command if str(part).startswith("shared_buffers="))

    assert [buffers(n) for n in (300, 4_000, 64_000)] == [
        "shared_buffers=128MB",
        "shared_buffers=1000MB",
        "shared_buffers=4096MB",
    ]
