"""What can be wrong with the store; no sentence repeats a received or stored value."""

from data.errors import CsfError


class StoreError(CsfError):
    """The store cannot do what was asked of it."""


class StoreSettingsError(StoreError):
    """The database cannot be used as it is set up."""


class StoreDamagedError(StoreError):
    """The database is broken, or belongs to another program."""


class StoreVersionError(StoreError):
    """The database was made by a newer version."""

    def __init__(self) -> None:
        super().__init__(
            "the database was made by a newer version; install that version, or restore a backup"
        )


class PepperError(StoreError):
    """The pepper file cannot be used, or is not the one of this database."""


class EarlierKeysError(StoreError):
    """Keys made with an earlier pepper are still valid; without it they would open nothing."""

    def __init__(self, n_keys: int) -> None:
        self.n_keys = n_keys
        super().__init__(
            f"API keys that were made with an earlier pepper are still valid ({n_keys}): "
            "make others in their place and revoke them first"
        )


class StoreUnavailableError(StoreError):
    """Nothing was recorded; the same request may succeed later."""


class StoreBusyError(StoreUnavailableError):
    """Others are writing and the longest wait is over."""

    def __init__(self) -> None:
        super().__init__("the store is busy; nothing was recorded: ask again in a moment")


class StoreFullError(StoreUnavailableError):
    """The disk is full."""

    def __init__(self) -> None:
        super().__init__("the disk of the store is full; nothing was recorded")


class CommitUnknownError(StoreError):
    """The database went away during a commit and did not come back to say how it ended."""

    def __init__(self) -> None:
        super().__init__(
            "the database went away during a commit: whether it was recorded is not known; "
            "ask again with the same idempotency key"
        )


class UnknownPredictionError(StoreError):
    """A tenant has no prediction with this id."""

    def __init__(self) -> None:
        super().__init__("no prediction with this id is kept here")


class DuplicatePredictionError(StoreError):
    """A prediction breaks a rule of the database: mostly, its id is taken."""

    def __init__(self) -> None:
        super().__init__("a prediction with this id is kept already, or a field does not fit")


class SupersededError(StoreError):
    """A prediction was corrected already; the correction is what can be corrected further."""

    def __init__(self) -> None:
        super().__init__(
            "this prediction was superseded already; supersede the one that replaced it"
        )


class IdempotencyConflictError(StoreError):
    """An idempotency key came with another body before."""

    def __init__(self) -> None:
        super().__init__("this idempotency key was used for another body; use a new key")


class KeyRefusedError(StoreError):
    """An API key is unknown, wrong, expired or revoked: which of these is not said."""

    def __init__(self) -> None:
        super().__init__("the API key is not valid")


class UnknownKeyError(StoreError):
    """There is no API key with this id."""

    def __init__(self) -> None:
        super().__init__("no API key with this id exists")


class AuditBrokenError(StoreError):
    """The anchored head of the audit does not fit: nothing is written on top of it."""

    def __init__(self) -> None:
        super().__init__(
            "the head of the audit was changed from outside, so nothing more is recorded: "
            "run csf-responder audit verify"
        )


class CursorError(StoreError):
    """A cursor of a page was not made here."""

    def __init__(self) -> None:
        super().__init__("the cursor is none of ours; use the one that the last page gave")


class KeyScopeError(StoreError):
    """A key must allow something, and only what exists."""

    def __init__(self, known: tuple[str, ...]) -> None:
        self.known = known
        super().__init__(f"a key has one or more scopes of: {', '.join(known)}")
