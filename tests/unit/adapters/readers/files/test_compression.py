"""Undoing gzip and zstd."""

import gzip
import io
import os

import pytest
import zstandard

from foretaste.adapters.readers.files.compression import DAMAGE, decompressed

DATA = os.urandom(300_000) + b"tail" * 100_000


def read(raw: bytes) -> bytes:
    return decompressed(io.BufferedReader(io.BytesIO(raw)), "log").read()


@pytest.mark.parametrize("raw", [b"", b"a", b"plain text", b"\x1f", b"\x28\xb5\x2f"])
def test_what_is_not_compressed_stays_as_it_is(raw: bytes) -> None:
    assert read(raw) == raw


@pytest.mark.parametrize("pack", [gzip.compress, zstandard.compress])
def test_compressed_files_one_behind_the_other_are_one_stream(pack: object) -> None:
    assert callable(pack)
    raw = pack(DATA) + pack(b"") + pack(b"more")

    assert read(raw) == DATA + b"more"


@pytest.mark.parametrize("pack", [gzip.compress, zstandard.compress])
@pytest.mark.parametrize("left", [5, 20, 1000, -1])
def test_a_stream_that_ends_too_early_is_damage(pack: object, left: int) -> None:
    assert callable(pack)

    with pytest.raises(DAMAGE):
        read(pack(DATA)[:left])


@pytest.mark.parametrize("pack", [gzip.compress, zstandard.compress])
def test_junk_behind_a_stream_is_damage(pack: object) -> None:
    assert callable(pack)

    with pytest.raises(DAMAGE):
        read(pack(DATA) + b"junk")


def test_a_frame_without_a_size_is_read(tmp_path: object) -> None:
    packed = io.BytesIO()
    with zstandard.ZstdCompressor().stream_writer(packed, closefd=False) as writer:
        writer.write(DATA)

    assert read(packed.getvalue()) == DATA


def test_a_tiny_file_that_expands_a_thousandfold_is_given_in_pieces() -> None:
    packed = zstandard.compress(b"\x00" * (64 << 20))
    stream = decompressed(io.BufferedReader(io.BytesIO(packed)), "log")

    assert len(stream.read1(1000)) == 1000
