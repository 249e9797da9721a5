"""What is handed to the store and what comes back: predictions, and the replies that carry them."""

from datetime import datetime
from typing import NamedTuple


class NewPrediction(NamedTuple):
    """A prediction that is to be kept.

    Attributes
    ----------
    prediction_id
        An id nobody has used.
    tenant
        Who alone may see it.
    patient_id
        As the laboratory calls the patient.
    created_at
        When it was made.
    task, bundle_id, content_sha256
        What was asked, of which bundle, with which digest.
    input
        What was received, as canonical JSON.
    answer
        What is sent, byte for byte.
    supersedes
        Id of the prediction that this one corrects.
    """

    prediction_id: str
    tenant: str
    patient_id: str
    created_at: datetime
    task: str
    bundle_id: str
    content_sha256: str
    input: bytes
    answer: bytes
    supersedes: str | None = None


class IdempotencyKey(NamedTuple):
    """A client's name for one request, which is answered once.

    Attributes
    ----------
    client
        Whose key it is; the same key of another client is another.
    key
        As the client sent it.
    body_sha256
        Digest of the body that came with it.
    """

    client: str
    key: str
    body_sha256: str


class Submission(NamedTuple):
    """Predictions that are kept together or not at all, and the reply that says so.

    Attributes
    ----------
    predictions
        One, or those of a batch; none where all of a batch had faults.
    received_at
        When it was asked.
    actor
        Id of the API key that asked.
    status, answer
        The reply: HTTP's number and the body, byte for byte.
    idempotency_key
        When the client sent one.
    """

    predictions: tuple[NewPrediction, ...]
    received_at: datetime
    actor: str
    status: int
    answer: bytes
    idempotency_key: IdempotencyKey | None = None


class Reply(NamedTuple):
    """What a client is answered: its own submission's reply, or the first one under its key.

    Attributes
    ----------
    status, answer
        As in the submission that was kept.
    prediction_id
        When the reply is about one prediction.
    replayed
        Whether it was kept before.
    """

    status: int
    answer: bytes
    prediction_id: str | None
    replayed: bool
