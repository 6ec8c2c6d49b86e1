"""Looks at a PDF in a child process: whose signatures it has, and whether they still hold."""

import hashlib
from io import BytesIO
from typing import IO, Any

from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation.generic_cms import validate_sig_integrity
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko.sign.validation.status import SignatureCoverageLevel

MOST_SIGNATURES = 10


def examine(read: IO[bytes], _write: IO[bytes]) -> dict[str, Any]:
    """`{"signatures": [{"signer": SHA-256 of the signer's certificate, "holds": ...}]}`, none when it isn't a PDF that
    opens. A signature holds when the digest is that of the whole file and its certificate's key made it."""
    read.seek(0)
    try:
        reader = PdfFileReader(BytesIO(read.read()), strict=False)
        return {"signatures": [_described(one) for one in reader.embedded_signatures[:MOST_SIGNATURES]]}
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001 # readers of hostile bytes fail in every way there is
        return {"signatures": [], "because": type(error).__name__}


def _described(signature: EmbeddedPdfSignature) -> dict[str, Any]:
    signer = signature.signer_cert
    return {"signer": hashlib.sha256(signer.dump()).hexdigest(), "holds": _holds(signature)}


def _holds(signature: EmbeddedPdfSignature) -> bool:
    try:
        digest = signature.compute_digest()
        is_whole = signature.evaluate_signature_coverage() == SignatureCoverageLevel.ENTIRE_FILE
        intact, valid = validate_sig_integrity(
            signature.signer_info, signature.signer_cert, expected_content_type="data", actual_digest=digest
        )
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001 # a signature that can't be read doesn't hold
        return False
    return bool(is_whole and intact and valid)
