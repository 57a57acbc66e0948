from __future__ import annotations

import os
from pathlib import Path

import pytest

from kms_lint.discovery import discover
from kms_lint.errors import MalformedError, SourceError
from kms_lint.files import File, beside, content, decode, repository


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for name in [
        "main.tf", "notes.txt", "live.tofu", "x.auto.tfvars", "main.tf.json", "keys/policy.JSON", "keys/template.yaml",
        ".git/config.json", ".terraform/a.tf", "node_modules/a.json", "build/out.json", "build/kept.json", "sub/build/a.yml",
    ]:  # fmt: skip
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("{}")
    return tmp_path


def found(tree: Path, *paths: str, exclude: tuple[str, ...] = (), force: bool = False) -> list[str]:
    return [file.path for file in discover(paths or ["."], exclude, str(tree), force_exclude=force)[0]]


ALL = [
    "build/kept.json", "build/out.json", "keys/policy.JSON", "keys/template.yaml", "live.tofu", "main.tf", "main.tf.json",
    "sub/build/a.yml", "x.auto.tfvars",
]  # fmt: skip


def test_a_folder_gives_what_can_be_read_in_order(tree: Path) -> None:
    assert found(tree) == ALL


def test_gitignore_is_honoured_with_exceptions_and_nested_files(tree: Path) -> None:
    (tree / ".gitignore").write_text("build/*\n!build/kept.json\n")
    (tree / "keys" / ".gitignore").write_text("*.yaml\n")
    assert found(tree) == [path for path in ALL if path not in {"build/out.json", "keys/template.yaml"}]
    assert found(tree, "keys") == ["keys/policy.JSON"]
    assert found(tree, "keys/template.yaml") == ["keys/template.yaml"]


def test_a_folder_that_is_ignored_is_read_when_it_is_named(tree: Path) -> None:
    (tree / ".gitignore").write_text("build/\n")
    assert found(tree, "build") == ["build/kept.json", "build/out.json"]


def test_exclude_wins_over_gitignore_and_spares_what_is_named(tree: Path) -> None:
    (tree / ".gitignore").write_text("!main.tf\n")
    assert found(tree, exclude=("main.tf", "build", "sub/", "*.tofu")) == [
        "keys/policy.JSON",
        "keys/template.yaml",
        "main.tf.json",
        "x.auto.tfvars",
    ]
    assert found(tree, "main.tf", exclude=("main.tf",)) == ["main.tf"]
    assert found(tree, "main.tf", exclude=("main.tf",), force=True) == []


def test_a_file_is_there_once_and_named_when_it_was_named(tree: Path) -> None:
    files, _ = discover([".", "main.tf", "./main.tf", "keys"], (), str(tree))
    assert [file.path for file in files] == ALL
    assert [file.path for file in files if file.named] == ["main.tf"]


def test_a_named_file_is_read_whatever_its_name(tree: Path) -> None:
    assert found(tree, "notes.txt") == ["notes.txt"]


def test_paths_are_shown_from_the_working_directory(tree: Path) -> None:
    files, _ = discover(["../main.tf", str(tree / "keys")], (), str(tree / "keys"))
    assert [file.path for file in files] == ["../main.tf", "policy.JSON", "template.yaml"]


def test_links_stay_within_the_repository(tree: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    outside = tmp_path_factory.mktemp("outside")
    (outside / "secret.json").write_text("{}")
    (tree / "a_loop").symlink_to(tree, target_is_directory=True)
    (tree / "out").symlink_to(outside, target_is_directory=True)
    (tree / "out.json").symlink_to(outside / "secret.json")
    (tree / "again.tf").symlink_to(tree / "main.tf")
    (tree / "keys" / "nowhere.json").symlink_to(tree / "missing.json")
    files, skipped = discover(["."], (), str(tree))
    assert [file.path for file in files] == ALL
    assert list(skipped) == [
        ("keys/nowhere.json", "a link that leads nowhere"),
        ("out", "a link that leads out of the repository"),
        ("out.json", "a link that leads out of the repository"),
    ]


def test_a_link_to_a_folder_elsewhere_in_the_repository_is_followed(tree: Path) -> None:
    (tree / "sub" / "shared").symlink_to(tree / "keys", target_is_directory=True)
    assert found(tree, "sub") == ["sub/build/a.yml", "sub/shared/policy.JSON", "sub/shared/template.yaml"]


def test_a_pipe_is_never_opened(tree: Path) -> None:
    os.mkfifo(tree / "pipe.json")
    files, skipped = discover(["."], (), str(tree))
    assert [file.path for file in files] == ALL
    assert list(skipped) == [("pipe.json", "neither a file nor a folder")]
    with pytest.raises(SourceError, match="neither a file nor a folder"):
        discover(["pipe.json"], (), str(tree))


@pytest.mark.parametrize("path", ["missing.tf", "main.tf/x", "a\0b"])
def test_a_path_that_cannot_be_read_is_an_error(tree: Path, path: str) -> None:
    with pytest.raises(SourceError, match="cannot be read"):
        discover([path], (), str(tree))


def test_content_comes_from_the_file_or_from_what_was_given(tree: Path) -> None:
    (file, *_) = discover(["main.tf"], (), str(tree))[0]
    assert content(file) == b"{}"
    assert content(file._replace(content=b"given")) == b"given"
    with pytest.raises(SourceError, match="gone\\.tf cannot be read: no such file"):
        content(File("gone.tf", str(tree / "gone.tf"), True))


TEXT = "é😀\n"
ENCODINGS = {
    "utf-8": TEXT.encode(),
    "utf-8 with a mark": b"\xef\xbb\xbf" + TEXT.encode(),
    "utf-16 little endian": b"\xff\xfe" + TEXT.encode("utf-16-le"),
    "utf-16 big endian": b"\xfe\xff" + TEXT.encode("utf-16-be"),
    "utf-32": b"\xff\xfe\0\0" + TEXT.encode("utf-32-le"),
}


@pytest.mark.parametrize("written", ENCODINGS.values(), ids=ENCODINGS)
def test_every_encoding_with_a_mark_is_read(written: bytes) -> None:
    assert decode("a.json", written).text == TEXT


BROKEN = {
    "invalid byte": ('"é'.encode() + b"\n\xff\n", "this is not UTF-8 text", (2, 1)),
    "cut utf-16": (b"\xff\xfea\0b", "this is not UTF-16 text", (1, 2)),
    "nul": (b"a\nb\0", "a NUL character: this is not a text file", (2, 2)),
    "surrogate": (b"a\xed\xa0\x80", "this is not UTF-8 text", (1, 2)),
}


@pytest.mark.parametrize(("written", "message", "place"), BROKEN.values(), ids=BROKEN)
def test_what_is_no_text_is_told_where(written: bytes, message: str, place: tuple[int, int]) -> None:
    with pytest.raises(MalformedError) as caught:
        decode("a.json", written)
    at = caught.value.at
    assert (caught.value.message, at.source.position(at.start)) == (message, place)


def test_the_repository_is_the_nearest_folder_with_git(tree: Path) -> None:
    assert repository(str(tree / "keys" / "policy.JSON")) == str(tree)
    assert repository(str(tree / "sub" / "build")) == str(tree)


def test_without_git_the_repository_is_the_folder_itself(tmp_path: Path) -> None:
    (tmp_path / "a.tf").write_text("")
    assert repository(str(tmp_path / "a.tf")) == str(tmp_path)


def test_a_file_beside_another_is_found_by_a_path_from_its_folder(tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / ".git").mkdir()
    (tmp_path / "a" / "policy.json").write_text("{}")
    near = File("a/b/main.tf", str(tmp_path / "a/b/main.tf"), False)
    assert beside(near, "../policy.json") == File("a/policy.json", str(tmp_path / "a/policy.json"), False)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("../../outside.json", "leads out of the repository"),
        ("link.json", "leads out of the repository"),
        ("/etc/passwd", "leads out of the repository"),
        ("nowhere.json", "there is no such file"),
        ("a\0b", "it is no path"),
        (".", "there is no such file"),
    ],
)
def test_what_lies_outside_of_the_repository_is_never_beside(tmp_path: Path, name: str, reason: str) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / ".git").mkdir()
    (tmp_path / "outside.json").write_text("{}")
    (tmp_path / "in" / "link.json").symlink_to(tmp_path / "outside.json")
    (tmp_path / "in" / "x").mkdir()
    near = File("x/main.tf" if name.startswith("../") else "main.tf", "", False)
    near = near._replace(location=str(tmp_path / "in" / near.path))
    with pytest.raises(SourceError, match=reason):
        beside(near, name)
