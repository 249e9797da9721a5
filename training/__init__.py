"""How a classifier is made: fitting, nested cross-validation, evaluation, report.

``from training import train_folder`` is all that a notebook needs.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from training.from_folder import train_folder as train_folder


def __getattr__(name: str) -> Any:
    # Only whoever trains pays for scikit-learn's second of import.
    if name == "train_folder":
        from training.from_folder import train_folder

        return train_folder
    raise AttributeError(name)
