"""Signatures as pyHanko's own validator judges them."""

from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from typing import Any

from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

from app.certificates.settings import signing_settings
from app.certificates.signing import load_key


def validated(data: bytes, root: Any = None) -> Any:
    """What the validator says, trusting our certificate only."""
    signature = PdfFileReader(BytesIO(data)).embedded_signatures[0]
    trusted = root or load_key(signing_settings()).signer().signing_cert
    context = ValidationContext(trust_roots=[trusted], allow_fetching=False)
    with ThreadPoolExecutor(1) as elsewhere:  # it runs a loop of its own, which a test's loop doesn't allow beside it
        return elsewhere.submit(validate_pdf_signature, signature, context).result()


def is_good(data: bytes, root: Any = None) -> bool:
    """A reader that can't even open the file has noticed too."""
    try:
        return bool(validated(data, root).bottom_line)
    except Exception:  # noqa: BLE001 # whatever breaks in a reader, the change was noticed
        return False


def gap(data: bytes) -> range:
    """Where the signature itself lies: the one stretch that it can't cover."""
    _start, length, second, _rest = PdfFileReader(BytesIO(data)).embedded_signatures[0].byte_range
    return range(length, second)
