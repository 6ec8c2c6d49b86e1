"""Folios in addresses: `/tramites/R-7K3M9-QXT2F-R` is a request, `/tramites/weeks` a service."""

from typing import Annotated

from fastapi import Path
from starlette.convertors import StringConvertor, register_url_convertor


class FolioConvertor(StringConvertor):
    """A folio as links carry it, in capitals or small letters."""

    regex = "[A-Za-z]-[0-9A-Za-z]{5}-[0-9A-Za-z]{5}-[0-9A-Za-z]"


register_url_convertor("folio", FolioConvertor())

Folio = Annotated[str, Path(max_length=20)]
