"""Requests for another host's name are not ours: a page elsewhere may have given us that name."""

from collections.abc import Set

from starlette.types import ASGIApp, Receive, Scope, Send

from service.errors import problem


class KnownHosts:
    """Answers only to names it was told, whatever the port.

    Parameters
    ----------
    app
        What answers then.
    hosts
        Names and addresses in small letters.
    """

    def __init__(self, app: ASGIApp, hosts: Set[str]) -> None:
        self._app, self._hosts = app, hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or say that this is somebody else."""
        if scope["type"] == "http" and not self._is_known(scope):
            sentence = "the service does not go by this name; see CSF_TRUSTED_HOSTS"
            response = problem(421, "unknown_host", sentence)
            await response(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _is_known(self, scope: Scope) -> bool:
        stated = [value for name, value in scope["headers"] if name == b"host"]
        return len(stated) == 1 and host_name(stated[0].decode("latin-1")) in self._hosts


def host_name(stated: str) -> str:
    """The name or address in a `Host` header, without port and brackets.

    Examples
    --------
    >>> host_name("LocalHost:8000"), host_name("[::1]:8000"), host_name("127.0.0.1")
    ('localhost', '::1', '127.0.0.1')
    """
    if stated.startswith("["):
        return stated[1:].partition("]")[0].lower()
    return stated.partition(":")[0].lower()
