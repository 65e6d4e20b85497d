"""Sign-in: who the visitor is, the page that asks for it, and what signs a connection to our own routes."""

import importlib.util
import json
from collections.abc import Mapping
from typing import Any

import streamlit as st
from starlette.requests import HTTPConnection
from streamlit.auth_util import get_cookie_with_chunks, validate_auth_credentials
from streamlit.web.server.server_util import get_cookie_secret
from streamlit.web.server.starlette.starlette_app_utils import decode_signed_value
from streamlit.web.server.starlette.starlette_server_config import USER_COOKIE_NAME

from normviz.language import _
from normviz.settings import Settings, SignIn
from normviz.stream.sign_in import Name, SignInIncomplete

#: Characters of the secret that signs the cookie, at least.
SECRET = 32


def check() -> None:
    """Look whether everything is there that a provider needs, at the start and not at the first click.

    Raises:
        SignInIncomplete: a package is missing, or the secret is short.
        StreamlitAuthError: the secrets have no complete ``[auth]`` section.
    """
    missing = [name for name in ("authlib", "httpx") if importlib.util.find_spec(name) is None]
    if missing:
        raise SignInIncomplete(
            f"NORMVIZ_SIGN_IN=oidc needs {', '.join(missing)}: install streamlit[auth]"
        )
    validate_auth_credentials("default")
    if len(get_cookie_secret()) < SECRET:
        raise SignInIncomplete(f"auth.cookie_secret: allowed: at least {SECRET} characters")


def by_cookie(claim: str) -> Name:
    """Return who reads the name from the cookie that Streamlit signs, as Streamlit's own socket does."""

    def name(asked: HTTPConnection) -> str | None:
        secret = get_cookie_secret()

        def signed(cookie: str) -> bytes | None:
            value = asked.cookies.get(cookie)
            return decode_signed_value(secret, cookie, value.encode("latin-1")) if value else None

        found = get_cookie_with_chunks(signed, USER_COOKIE_NAME)
        user = json.loads(found) if found else {}
        origin = asked.headers.get("origin", user.get("origin"))
        return named(user, claim) if user.get("origin") == origin else None

    return name


def named(user: Mapping[str, Any], claim: str) -> str | None:
    """Return the name of who has signed in; an e-mail address that the provider has not confirmed is none."""
    if not user.get("is_logged_in") or (claim == "email" and user.get("email_verified") is False):
        return None
    name = user.get(claim)
    return name.strip() or None if isinstance(name, str) else None


def visitor(settings: Settings) -> str | None:
    """Return the name of the visitor whose page this is; None without a sign-in, or before it."""
    if settings.sign_in is SignIn.OIDC:
        return named(st.user.to_dict(), settings.sign_in_claim)
    if (
        settings.sign_in is SignIn.PROXY
    ):  # no page is there unless the guard has let the header pass
        return (st.context.headers.get(settings.sign_in_header) or "").strip() or None
    return None


def needed(settings: Settings) -> bool:
    """Tell whether the visitor has to sign in first."""
    return settings.sign_in is not SignIn.NONE and visitor(settings) is None


def ask(settings: Settings) -> None:
    """Draw the page of who has not signed in."""
    st.title("normviz")
    if settings.sign_in is SignIn.PROXY:
        st.error(_("This server is reached through a sign-in, and that one told no name."))
        return
    st.markdown(_("What happens inside a neural network while it trains. Sign in to see it."))
    if st.user.get("is_logged_in"):
        claim = settings.sign_in_claim
        st.error(
            _(
                "The provider told no confirmed `{claim}`, which is a visitor's name here. Sign in as somebody else."
            ).format(claim=claim)
        )
        st.button(_("Sign out"), on_click=st.logout)
    else:
        st.button(_("Sign in"), type="primary", on_click=st.login)


def draw(settings: Settings) -> None:
    """Say who has signed in, and offer to sign out where that is ours to do."""
    name = visitor(settings)
    if name is None:
        return
    st.text(_("Signed in: {name}").format(name=name))
    if settings.sign_in is SignIn.OIDC:
        st.button(_("Sign out"), on_click=st.logout)
