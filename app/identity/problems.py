"""Problems of identity. Except at the desk, they never reveal whether a person exists."""

from app.kernel.i18n import N_
from app.kernel.problems import Conflict, Forbidden, Gone, Invalid, NotFound, Unauthorized, map_constraint


class WrongCode(Invalid):
    """The code isn't right, was used, or is too old."""

    slug = "wrong-code"
    title = N_("El código no es correcto o ya venció")
    detail = N_("Cada código sirve una vez, durante unos minutos y con pocos intentos.")
    next_step = N_("Revise el mensaje más reciente o pida otro código.")


class FirstTimeMismatch(Invalid):
    """CURP, number and postal code don't match one person of the registry. Which of them differs isn't disclosed."""

    slug = "first-time-mismatch"
    title = N_("Uno de los tres datos no coincide con el registro")
    detail = N_("Comparamos CURP, número de seguridad social y código postal. Para cuidar sus datos no decimos cuál.")
    next_step = N_(
        "Revise los tres; el código postal es el que dio en su clínica. Si nunca le han dado un número, déjelo vacío."
        " Si siguen sin coincidir, pida un código en la recepción de su clínica, con una identificación."
    )


class PersonUnknown(NotFound):
    """The registry has no person with that CURP: the names on the document are needed."""

    slug = "person-unknown"
    title = N_("Esa CURP no está en el registro")
    detail = N_("Para dar el código hay que registrar a la persona con su documento a la vista.")
    next_step = N_("Escriba nombre y apellidos como están en la identificación.")


class TooManyMandates(Conflict):
    """The person has reached the limit of mandates in force."""

    slug = "too-many-mandates"
    title = N_("Ya dio muchos permisos")
    detail = N_("Puede haber hasta %(most)s permisos vigentes a la vez.")
    next_step = N_("Quite uno que ya no necesite y dé el nuevo.")


class OwnCurp(Invalid):
    """The consent names the person who gives it."""

    slug = "own-curp"
    title = N_("Esa CURP es la suya")
    detail = N_("El permiso es para que otra persona haga trámites por usted.")
    next_step = N_("Escriba la CURP de la otra persona.")


class AssuranceRequired(Forbidden):
    """The operation requires full assurance. `next_step` says how to reach it."""

    slug = "assurance-required"
    title = N_("Para esto hay que confirmar quién es usted")
    detail = N_("Entró con datos que otra persona puede conocer, y aquí se muestran o cambian los suyos.")
    next_step = N_(
        "Confirme quién es con un código al correo o teléfono que ya tiene su clínica, si tiene uno, o con un código de"
        " recepción: lleve una identificación."
    )


class AccountFrozen(Forbidden):
    """The account was frozen from a security notice: only a desk code unfreezes it."""

    slug = "account-frozen"
    title = N_("Su cuenta está detenida")
    detail = N_("Alguien avisó desde uno de sus contactos que no fue usted quien la usó o cambió.")
    next_step = N_(
        "Lleve una identificación a la recepción de su clínica y pida un código. Con él vuelve a entrar y elige su"
        " correo o teléfono. Sus citas y trámites siguen en pie."
    )


class ProofMissing(Invalid):
    """The contact was not changed: neither the contact on file nor a desk code was proved."""

    slug = "proof-missing"
    title = N_("Falta comprobar que es usted quien cambia el contacto")
    detail = N_("El contacto no cambió.")
    next_step = N_("Escriba el código que enviamos al contacto anterior, o uno de la recepción de su clínica.")


class WrongCredentials(Unauthorized):
    """User, password or authenticator code don't match."""

    slug = "wrong-credentials"
    title = N_("Usuario, contraseña o código incorrectos")
    detail = N_("Alguno de los tres datos no coincide.")
    next_step = N_("Revise los tres datos; el código cambia cada 30 segundos.")


class AuthenticatorUnreadable(Unauthorized):
    """The portal's secret key changed, so the authenticator's secret can't be read any more."""

    slug = "authenticator-unreadable"
    title = N_("Hay que configurar otra vez su autenticador")
    detail = N_("La llave del portal cambió y su autenticador anterior ya no sirve.")
    next_step = N_("Pida a quien administra el portal un enlace para configurarlo de nuevo.")


class TokenExpired(Unauthorized):
    """The token is too old, was used, or was revoked."""

    slug = "token-expired"
    title = N_("La sesión terminó")
    detail = N_("El permiso de entrada ya venció o se usó antes.")
    next_step = N_("Entre otra vez.")


class CrossSite(Forbidden):
    """The form did not come from our own page."""

    slug = "cross-site"
    title = N_("El formulario no llegó desde nuestra página")
    detail = N_("Por seguridad no se hizo nada.")
    next_step = N_("Vuelva a la página, ábrala de nuevo y envíe otra vez.")


class EarlierSession(CrossSite):
    """The page was opened in a session that has ended since."""

    slug = "earlier-session"
    title = N_("La página es de una sesión anterior")
    detail = N_("No se hizo nada.")
    next_step = N_("Vuelva a abrir la página e inténtelo otra vez.")


class WrongRole(Forbidden):
    """The caller is signed in, but with a role without permission or a token of the other kind."""

    slug = "wrong-role"
    title = N_("Su puesto no incluye esta tarea")


class ScopeMissing(Forbidden):
    """The token of a client, or a personal token, hasn't the scope of this route, or the route takes none."""

    slug = "scope-missing"
    title = N_("Ese permiso no incluye esta dirección")
    detail = N_("Cada programa lee sólo lo que dicen sus permisos.")
    next_step = N_("Pida el permiso que falta a quien administra el portal, o use otra dirección.")


class AssistanceNotOpen(Forbidden):
    """The assistance isn't the caller's, was ended, was idle for 30 minutes, or its person's identity wasn't checked
    yet."""

    slug = "assistance-not-open"
    title = N_("La atención a esa persona no está abierta")
    detail = N_("Terminó, pasó media hora sin uso, o falta comprobar quién es la persona.")
    next_step = N_("Empiece otra vez la atención y compruebe quién es.")


class UsernameTaken(Conflict):
    """Another member of staff has that user name."""

    slug = "username-taken"
    title = N_("Ese nombre de usuario ya existe")
    detail = ""
    next_step = N_("Elija otro nombre de usuario.")


class LastAdministrator(Conflict):
    """The last active administrator can't be deactivated or given another role."""

    slug = "last-administrator"
    title = N_("Es la única persona que administra el portal")
    detail = N_("No queda nadie más con ese puesto que pueda entrar, así que no se cambió.")
    next_step = N_("Dé primero ese puesto a otra persona.")


class OwnAccount(Conflict):
    """Members of staff can't deactivate themselves or change their own role."""

    slug = "own-account"
    title = N_("Su propia cuenta la cambia otra persona")
    detail = N_("No puede desactivarse ni cambiar su propio puesto.")
    next_step = N_("Pídalo a otra persona que administre el portal.")


class SetupLinkExpired(Gone):
    """The link to set password or authenticator was used, replaced or is too old."""

    slug = "setup-link-expired"
    title = N_("Ese enlace ya se usó o venció")
    next_step = N_("Pida otro a quien administra el portal.")


class WrongPairingCode(Invalid):
    """The pairing code isn't right, was used, or is too old; or it belongs to a device of the other kind."""

    slug = "wrong-pairing-code"
    title = N_("El código para vincular no es correcto o ya venció")
    detail = N_("Cada código sirve una vez y durante 10 minutos.")
    next_step = N_("Pida otro en la página de aparatos.")


class DeviceIsRevoked(Conflict):
    """The device was revoked: it gets no pairing code any more."""

    slug = "device-is-revoked"
    title = N_("Ese aparato ya se dio de baja")
    detail = ""
    next_step = N_("Dé de alta otro.")


map_constraint("uq_staff_username", UsernameTaken)
