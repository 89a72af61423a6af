from __future__ import annotations

from ._context import context
from ._errors import TraitlineError


def resource(name: str) -> dict:
    """What a resource is in the environment of this run: its value as the project's schema lets it through."""
    resources = context().resources
    if name not in resources:
        known = ", ".join(resources) or "none"
        raise TraitlineError(
            f"This notebook has no resource {name!r}; it has: {known}. "
            f"Name it in the project, as resources: {{ {name} }}, and deploy again."
        )
    return resources[name]
