"""Account notifications, sent to every known contact of the person, with a link to report that it wasn't them."""

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from app.identity.events import ContactChanged, DeskCodeIssued, MandateGranted, MandateRevoked, NewDeviceSeen
from app.identity.rules import may_freeze
from app.identity.service.account_freeze import REPORTED_EVENTS, sign_report_link
from app.kernel.actor import Assurance
from app.kernel.consumers import Event
from app.kernel.i18n import N_
from app.kernel.i18n import gettext as _
from app.notifications import contacts
from app.notifications.composers.notices import MessageText, Notice, address_of, for_each
from app.notifications.contacts import SMS, Recipient
from app.notifications.gsm import one_part

KINDS = REPORTED_EVENTS


@dataclass(frozen=True, slots=True)
class AccountText:
    """Subject and event. Neither names a service or a person, since they show on lock screens."""

    subject: str
    happened: str


TEXTS = {
    ContactChanged.type: AccountText(
        N_("Cambió el contacto de su cuenta"), N_("Cambió el correo o teléfono de la cuenta de %(whose)s.")
    ),
    NewDeviceSeen.type: AccountText(
        N_("Entraron a su cuenta desde un equipo nuevo"),
        N_("Alguien entró a la cuenta de %(whose)s desde un teléfono, computadora o programa nuevo."),
    ),
    DeskCodeIssued.type: AccountText(
        N_("Dieron un código de recepción para su cuenta"),
        N_("En la recepción de una clínica dieron un código para entrar a la cuenta de %(whose)s."),
    ),
    MandateGranted.type: AccountText(
        N_("Se dio un permiso en su cuenta"),
        N_("Se dio permiso a otra persona para hacer trámites por %(whose)s."),
    ),
    MandateRevoked.type: AccountText(
        N_("Se quitó un permiso en su cuenta"),
        N_("Se quitó el permiso de otra persona para hacer trámites por %(whose)s."),
    ),
}
SHORT = {
    ContactChanged.type: N_("Cuenta de %(whose)s: cambió el contacto."),
    NewDeviceSeen.type: N_("Cuenta de %(whose)s: entró un equipo nuevo."),
    DeskCodeIssued.type: N_("Cuenta de %(whose)s: código de recepción."),
    MandateGranted.type: N_("Cuenta de %(whose)s: se dio un permiso."),
    MandateRevoked.type: N_("Cuenta de %(whose)s: se quitó un permiso."),
}


async def compose(session: AsyncSession, event: Event) -> list[Notice]:
    """Compose messages to every known contact: the account's, the registry's, and recent ones of the account.

    The link is included only for contacts verified at least as well as the change: an impostor who opened an account
    is notified, but can't lock out its owner.
    """
    if event.person_id is None:
        return []
    # What doesn't say how surely it was done (codes of the desk, consents) needs the full level.
    act = Assurance(event.payload.get("assurance", Assurance.FULL))
    known = await contacts.known_contacts(session, event.person_id)
    link = sign_report_link(event.id)
    whose = {
        channel: await contacts.masked_name_of(session, event.person_id, channel)
        for channel in {one.recipient.channel for one in known}
    }
    able = {one.recipient for one in known if may_freeze(one.assurance, act)}

    def to(reader: Recipient) -> Notice:
        url = address_of(reader.language, f"/no-fui-yo/{link}") if reader in able else None
        text = about_account(event.type, whose[reader.channel], channel=reader.channel, url=url)
        return Notice(reader, text.subject, text.body, text.link)

    return for_each([one.recipient for one in known], to)


def about_account(kind: str, whose: str, *, channel: str, url: str | None) -> MessageText:
    """The message about an account, in the current language."""
    texts, values = TEXTS[kind], {"whose": whose, "url": url}
    if channel == SMS:
        happened = _(SHORT[kind]) % values
        rest = _("¿No fue usted? %(url)s") % values if url else _("¿No fue usted? Vaya a su clínica.")
        return MessageText(_(texts.subject), one_part(f"{happened} {rest}", [whose]), url)
    lines = [_(texts.happened) % values, "", _("Si fue usted, no haga nada."), ""]
    if url is not None:
        lines += [_("Si no fue usted, abra este enlace y detenga la cuenta:"), url]
    else:
        lines += [_("Si no fue usted, vaya a la recepción de su clínica con una identificación.")]
    return MessageText(_(texts.subject), "\n".join(lines), url)
