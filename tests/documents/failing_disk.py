"""A disk that fails."""

import errno
import os
from collections.abc import Callable
from typing import Any

TROUBLE = [errno.ENOSPC, errno.EROFS, errno.EIO]


def failing(number: int) -> Callable[..., Any]:
    def fail(*_given: Any, **_more: Any) -> Any:
        raise OSError(number, os.strerror(number))

    return fail
