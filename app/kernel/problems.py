"""Problems: expected errors, rendered as RFC 9457 for programs and as a helpful page for people.

Family:  Problem > BadRequest 400, Unauthorized 401, Forbidden 403, NotFound 404, MethodNotAllowed 405,
BodyTimeout 408, Conflict 409, Gone 410, Stale 412, TooLarge 413, Invalid 422 (KeyReused),
PreconditionRequired 428, TooManyRequests 429, Unavailable 503.
Packages subclass these with slugs of their own; the class docstring is the problem's documentation.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from typing import Any, ClassVar

from app.kernel.i18n import N_, gettext, ngettext

_TWO_STOPS = re.compile(r"(?<!\.)\.\.(?!\.)")
A_MOMENT = 15
"""Seconds up to which a wait is «unos segundos»."""
RESERVED = frozenset({"type", "code", "title", "status", "detail", "instance", "next_step", "fields"})
"""Members that every problem has or may have: what a problem adds has other names."""


@dataclass(frozen=True, slots=True)
class FieldError:
    """An invalid field: where it is, what to do, and the reason for programs: the type of the validation error, or a
    name of our own, as `docs/problems.md` lists them."""

    field: str
    message: str
    code: str = dataclass_field(default="invalid", compare=False)


class Problem(Exception):  # noqa: N818 # the field's word, from RFC 9457
    """An expected error that the caller can understand and act on."""

    slug: ClassVar[str] = "problem"
    status: ClassVar[int] = 400
    title: ClassVar[str] = N_("No se pudo hacer lo que pidió")
    detail: ClassVar[str] = ""
    next_step: ClassVar[str] = ""
    sent_headers: ClassVar[tuple[str, ...]] = ()
    """Headers that it sends beside those of its status, for the document."""

    def __init__(
        self,
        *,
        detail: str | None = None,
        next_step: str | None = None,
        fields: list[FieldError] | None = None,
        extra: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        **values: object,
    ) -> None:
        """Make a problem that adds the members of `extra`.

        Raises:
            ValueError: one of them has the name of a member of every problem, which it would replace.
        """
        if taken := RESERVED.intersection(extra or ()):
            raise ValueError(f"{self.slug}: {', '.join(sorted(taken))}: a member of every problem")
        super().__init__(self.slug)
        self._detail = detail if detail is not None else type(self).detail
        self._next_step = next_step if next_step is not None else type(self).next_step
        self.fields = fields or []
        self.extra = dict(extra or {})
        self.headers = dict(headers or {})
        self.values = values

    def text(self) -> str:
        """Return what happened, in the current language."""
        return self._fill(self._detail)

    def advice(self) -> str:
        """Return what to do now, in the current language."""
        return self._fill(self._next_step)

    def heading(self) -> str:
        return gettext(type(self).title)

    def sentence(self) -> str:
        """All of it in a line, for the place in a form where it happened."""
        return " ".join(part for part in (f"{self.heading()}.", self.text(), self.advice()) if part)

    def _fill(self, text: str) -> str:
        if not text:
            return ""
        translated = gettext(text)
        filled = translated % self.values if self.values else translated
        return _TWO_STOPS.sub(".", filled)  # an hour ends with one: «a.m.»

    def body(self, instance: str | None = None) -> dict[str, Any]:
        """The RFC 9457 members, with ours: `next_step`, `fields`, and what the problem adds."""
        members: dict[str, Any] = {
            "type": f"/problems/{self.slug}",
            "code": self.slug,
            "title": self.heading(),
            "status": self.status,
        }
        if self.text():
            members["detail"] = self.text()
        if self.advice():
            members["next_step"] = self.advice()
        if instance:
            members["instance"] = instance
        if self.fields:
            members["fields"] = [{"field": e.field, "code": e.code, "message": gettext(e.message)} for e in self.fields]
        return members | self.extra


class BadRequest(Problem):
    """The request can't be read."""

    slug = "bad-request"
    title = N_("No se pudo leer la petición")
    next_step = N_("Revise el formato de lo que envía.")


class MediaTypeUnsupported(Problem):
    """The body is of a kind that this address doesn't take: `Accept-Patch` has those of a PATCH."""

    slug = "media-type-unsupported"
    status = 415
    title = N_("Ese tipo de contenido no se acepta aquí")
    next_step = N_("Envíe JSON: application/merge-patch+json o application/json.")


class Unauthorized(Problem):
    """Not signed in, or the credentials are no longer valid."""

    slug = "unauthorized"
    status = 401
    title = N_("Hace falta entrar")
    detail = N_("Esta página necesita saber quién es usted.")
    next_step = N_("Entre con su CURP y el código que le enviamos.")


class Forbidden(Problem):
    """Signed in, but not allowed to do this."""

    slug = "forbidden"
    status = 403
    title = N_("No tiene permiso para hacer esto")
    next_step = N_("Si cree que debería tenerlo, hable con su supervisor.")


class NotFound(Problem):
    """It doesn't exist, or isn't visible to the caller: the response is the same."""

    slug = "not-found"
    status = 404
    title = N_("No encontramos lo que busca")
    detail = N_("Puede que la dirección esté mal escrita o que ya no exista.")
    next_step = N_("Revise la dirección o vuelva al inicio.")


class Conflict(Problem):
    """It isn't possible in the current state."""

    slug = "conflict"
    status = 409
    title = N_("No se puede hacer en este momento")
    detail = N_("Las cosas cambiaron desde que abrió la página.")
    next_step = N_("Vuelva a abrir la página e inténtelo otra vez.")


class MethodNotAllowed(Problem):
    """The address exists, but not with this method; the header Allow lists its methods."""

    slug = "method-not-allowed"
    status = 405
    title = N_("Esta dirección no admite esa operación")
    detail = N_("La dirección existe, pero no se puede usar con el método HTTP de la petición.")
    next_step = N_("Use uno de los métodos que dice la cabecera Allow, o vuelva al inicio.")


class BodyTimeout(Problem):
    """The body arrived too slowly, or stopped arriving; nothing was done."""

    slug = "body-timeout"
    status = 408
    title = N_("La conexión fue demasiado lenta")
    detail = N_("No recibimos a tiempo todo lo que envió, así que no se hizo nada.")
    next_step = N_("Inténtelo otra vez con mejor señal, o con un archivo más pequeño.")


class Gone(Problem):
    """It existed and no longer does."""

    slug = "gone"
    status = 410
    title = N_("Esto ya no está disponible")


class Stale(Problem):
    """It changed since it was read (If-Match did not match)."""

    slug = "stale"
    status = 412
    title = N_("Alguien lo cambió mientras tanto")
    detail = N_("La versión que envió ya no es la actual.")
    next_step = N_("Vuelva a leerlo y repita el cambio sobre la versión nueva.")


class TooLarge(Problem):
    """The body exceeds the limit."""

    slug = "too-large"
    status = 413
    title = N_("Lo que envió es demasiado grande")
    next_step = N_("Envíe menos datos de una vez.")


class Invalid(Problem):
    """One or more fields are invalid; `fields` says which and why."""

    slug = "invalid"
    status = 422
    title = N_("Hay datos por corregir")
    detail = N_("Revise los campos señalados.")


class KeyReused(Invalid):
    """The Idempotency-Key was used before with another request."""

    slug = "key-reused"
    title = N_("Esa clave de idempotencia ya se usó para otra petición")
    detail = N_("La misma clave sólo puede repetir exactamente la misma petición.")
    next_step = N_("Use una clave nueva para una petición nueva.")


class PreconditionRequired(Problem):
    """The change needs an If-Match header."""

    slug = "precondition-required"
    status = 428
    title = N_("Falta decir sobre qué versión es el cambio")
    next_step = N_("Envíe en If-Match el ETag que recibió al leerlo.")


class TooManyRequests(Problem):
    """Too many attempts or requests; `Retry-After` says when to retry."""

    slug = "too-many-requests"
    status = 429
    title = N_("Demasiados intentos")
    detail = N_("Por seguridad hay que esperar un momento.")
    next_step = N_("Espere %(wait)s e inténtelo otra vez.")

    def __init__(self, *, retry_after: int = 60, **given: Any) -> None:
        super().__init__(headers={"Retry-After": str(retry_after)}, **given)
        self.retry_after = retry_after

    def _fill(self, text: str) -> str:
        self.values["wait"] = wait_in_words(self.retry_after)
        return super()._fill(text)


def wait_in_words(seconds: int) -> str:
    """A wait in the current language: «unos segundos», «un minuto», «unos 15 minutos», «una hora», «unas 3 horas»."""
    if seconds <= A_MOMENT:
        return gettext(N_("unos segundos"))
    minutes = -(-seconds // 60)
    if minutes < 60:
        return ngettext("un minuto", "unos %(count)s minutos", minutes) % {"count": minutes}
    hours = -(-minutes // 60)
    return ngettext("una hora", "unas %(count)s horas", hours) % {"count": hours}


class Unavailable(Problem):
    """A dependency is unavailable; nothing was done."""

    slug = "unavailable"
    status = 503
    title = N_("El servicio no responde en este momento")
    detail = N_("No se hizo ningún cambio.")
    next_step = N_("Inténtelo otra vez en unos segundos.")

    def __init__(self, *, retry_after: int = 5, **given: Any) -> None:
        super().__init__(headers={"Retry-After": str(retry_after)}, **given)


class Unexpected(Problem):
    """An internal error. The reference identifies it in the logs; nothing else is disclosed."""

    slug = "unexpected"
    status = 500
    title = N_("Algo falló de nuestro lado")
    detail = N_("Anotamos la falla para revisarla. No sabemos si lo que pidió alcanzó a guardarse.")
    next_step = N_("Revise en su página si quedó hecho; si no, inténtelo otra vez. Si se repite, dé la referencia.")


CONSTRAINTS: dict[str, type[Problem]] = {}


def map_constraint(name: str, problem: type[Problem]) -> None:
    """Register the Problem that a violated database constraint means."""
    CONSTRAINTS[name] = problem


def all_problems() -> list[type[Problem]]:
    """Return all problems by slug, for documentation and tests."""
    found: dict[str, type[Problem]] = {}
    waiting: list[type[Problem]] = [Problem]
    while waiting:
        kind = waiting.pop()
        waiting.extend(kind.__subclasses__())
        found[kind.slug] = kind
    found.pop(Problem.slug)
    return [found[slug] for slug in sorted(found)]
