"""The signature, as pyHanko's own validator judges it; and the key, wherever it comes from."""

import os
import stat
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from threading import Barrier

import pytest
import time_machine
from hypothesis import HealthCheck, given
from hypothesis import strategies as st
from pyhanko.pdf_utils.generic import TextStringObject
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader

from app.certificates.problems import SigningUnavailable
from app.certificates.signing import load_key, sign, signer_today
from app.kernel import clock
from tests import forked
from tests.certificates.conftest import Configure
from tests.certificates.factories import document_pdf
from tests.certificates.keys import PASSWORD, agency_key
from tests.certificates.validation import gap, is_good, validated
from tests.examples import examples


@pytest.fixture
def signed() -> bytes:
    return sign(document_pdf("vigencia").data)


def test_the_validator_accepts_it(signed: bytes) -> None:
    verdict = validated(signed)
    assert verdict.bottom_line, verdict.pretty_print_details()
    assert (verdict.intact, verdict.valid, verdict.trusted) == (True, True, True)
    assert verdict.coverage.name == "ENTIRE_FILE"
    assert verdict.md_algorithm == "sha256"


def test_it_is_pades_and_allows_no_change(signed: bytes) -> None:
    signature = PdfFileReader(BytesIO(signed)).embedded_signatures[0]
    assert signature.sig_object["/SubFilter"] == "/ETSI.CAdES.detached"
    assert signature.docmdp_level.name == "NO_CHANGES"
    attributes = [one["type"].native for one in signature.signer_info["signed_attrs"]]
    assert "signing_certificate_v2" in attributes


def test_signing_adds_and_changes_nothing_before(signed: bytes) -> None:
    bare = document_pdf("vigencia").data
    assert signed.startswith(bare)
    assert len(signed) < len(bare) + 25_000


def test_it_is_unseen_so_that_the_page_stays_accessible(signed: bytes) -> None:
    field = PdfFileReader(BytesIO(signed)).root["/AcroForm"]["/Fields"][0]
    assert max(float(edge) for edge in field["/Rect"]) < 0
    assert str(field["/TU"])


def test_another_root_is_not_trusted(signed: bytes, configure: Configure, tmp_path: Path) -> None:
    configure(DATA_DIR=str(tmp_path / "another"))
    verdict = validated(signed)
    assert (verdict.intact, verdict.trusted, verdict.bottom_line) == (True, False, False)


def test_something_written_after_it_is_noticed(signed: bytes) -> None:
    out = BytesIO(signed)
    writer = IncrementalPdfFileWriter(out)
    writer.root["/Lang"] = TextStringObject("fr")
    writer.update_root()  # type: ignore[no-untyped-call]
    writer.write_in_place()  # type: ignore[no-untyped-call]
    assert len(out.getvalue()) > len(signed)
    assert not validated(out.getvalue()).bottom_line


@examples(25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(share=st.floats(0, 1, exclude_max=True), flip=st.integers(1, 255))
def test_any_changed_byte_is_noticed(signed: bytes, share: float, flip: int) -> None:
    hole = gap(signed)
    covered = [*range(hole.start), *range(hole.stop, len(signed))]
    place = covered[int(share * len(covered))]
    changed = bytearray(signed)
    changed[place] ^= flip
    assert not is_good(bytes(changed)), f"byte {place} of {len(signed)}"


def test_a_changed_signature_is_noticed(signed: bytes) -> None:
    hole = gap(signed)
    middle = hole.start + len(signed[hole.start : hole.stop].rstrip(b"0>")) - 4  # the end of the signature value
    changed = bytearray(signed)
    changed[middle] = ord("0") if changed[middle] != ord("0") else ord("1")
    assert not is_good(bytes(changed))


def test_the_development_key_is_made_once_and_is_private(tmp_path: Path) -> None:
    first = signer_today().signing_cert
    load_key.cache_clear()
    second = signer_today().signing_cert
    assert first is not None
    assert second is not None
    assert first.sha256 == second.sha256
    assert "development" in first.subject.human_friendly
    (stored,) = tmp_path.glob("signing-development*")
    assert stat.S_IMODE(stored.stat().st_mode) == 0o600


def test_many_at_once_agree_on_one_development_key(tmp_path: Path) -> None:
    code = (
        "from app.certificates.signing import signer_today;"
        "import sys; sys.stdout.write(signer_today().signing_cert.sha256_fingerprint)"
    )
    command = [sys.executable, "-c", code]
    with ThreadPoolExecutor(4) as pool:
        runs = list(pool.map(lambda _n: forked.run(command, os.environ), range(4)))
    assert [run.returncode for run in runs] == [0] * 4
    assert len({run.stdout for run in runs}) == 1
    assert [path.name for path in tmp_path.glob("signing-development*")] == ["signing-development.p12"]


@pytest.fixture
def hurried() -> Iterator[None]:
    """Threads that give way to each other at every chance."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(usual)


def test_threads_that_sign_at_once_do_not_see_each_other(hurried: None) -> None:
    bare = document_pdf("nss").data
    for _ in range(4):
        load_key.cache_clear()  # what is read for the first time is what they would see half read
        together = Barrier(8)

        def one(_n: int, together: Barrier = together) -> bytes:
            together.wait()
            return sign(bare)

        with ThreadPoolExecutor(8) as pool:
            signed = list(pool.map(one, range(8)))
        assert len(set(signed)) == 8  # ECDSA draws a number for each
    assert all(validated(each).bottom_line for each in signed)


def test_the_agency_key_signs(configure: Configure, tmp_path: Path) -> None:
    root = agency_key(tmp_path / "agencia.p12")
    configure(SIGNING_KEY=str(tmp_path / "agencia.p12"), SIGNING_PASSWORD=PASSWORD)
    signed = sign(document_pdf("nss").data)
    verdict = validated(signed, root)
    assert verdict.bottom_line, verdict.pretty_print_details()
    (embedded,) = PdfFileReader(BytesIO(signed)).embedded_signatures
    assert [one.sha256 for one in embedded.other_embedded_certs] == [root.sha256]  # who reads it needs no other file
    assert "Agencia de prueba" in verdict.signing_cert.subject.human_friendly
    assert list(tmp_path.glob("signing-development*")) == []


def production(configure: Configure, **more: str) -> None:
    configure(ENVIRONMENT="production", DATABASE_URL="postgresql://x/y", **more)


def test_production_without_a_key_issues_nothing(configure: Configure, tmp_path: Path) -> None:
    production(configure)
    with pytest.raises(SigningUnavailable):
        sign(document_pdf("nss").data)
    assert list(tmp_path.glob("signing-development*")) == []


def test_a_wrong_password_or_a_lost_file_issues_nothing(configure: Configure, tmp_path: Path) -> None:
    agency_key(tmp_path / "agencia.p12")
    configure(SIGNING_KEY=str(tmp_path / "agencia.p12"), SIGNING_PASSWORD="otra")
    with pytest.raises(SigningUnavailable):
        sign(document_pdf("nss").data)
    configure(SIGNING_KEY=str(tmp_path / "nada.p12"), SIGNING_PASSWORD=PASSWORD)
    with pytest.raises(SigningUnavailable):
        sign(document_pdf("nss").data)


def test_a_repaired_key_needs_no_restart(configure: Configure, tmp_path: Path) -> None:
    configure(SIGNING_KEY=str(tmp_path / "agencia.p12"), SIGNING_PASSWORD=PASSWORD)
    with pytest.raises(SigningUnavailable):
        sign(document_pdf("nss").data)
    agency_key(tmp_path / "agencia.p12")
    assert validated(sign(document_pdf("nss").data)).bottom_line


def test_a_key_that_ran_out_issues_nothing(configure: Configure, tmp_path: Path) -> None:
    agency_key(tmp_path / "agencia.p12", days=30)
    configure(SIGNING_KEY=str(tmp_path / "agencia.p12"), SIGNING_PASSWORD=PASSWORD)
    bare = document_pdf("nss").data
    assert sign(bare)
    with time_machine.travel(clock.now() + timedelta(days=31)), pytest.raises(SigningUnavailable):
        sign(bare)
