"""What Argo CD reads (``argocd.toml``)."""

from __future__ import annotations

from hybridc.catalog import load

_FACTS = load("argocd")

LEAST: str = _FACTS["least"]["version"]
"""The oldest Argo CD that knows every field and option of the output."""

FIELD_MANAGER: str = _FACTS["field_manager"]["value"]
"""Who owns what Argo CD applies server-side."""

IN_CLUSTER: str = _FACTS["in_cluster"]["value"]
JOB_IMAGE: str = _FACTS["job_image"]["value"]
JOB_DEADLINE: int = _FACTS["job_deadline"]["seconds"]
JOB_PRIORITY: str = _FACTS["job_priority"]["value"]
JOB_TOLERATIONS: tuple[dict[str, str], ...] = tuple(_FACTS["job_tolerations"]["value"])
PROTECTED: str = _FACTS["protected"]["sync_options"]
"""The sync options that keep an object that is not ours through prune and cascade delete."""

SYNC_OPTIONS: frozenset[str] = frozenset(_FACTS["sync_options"]["known"])
"""The names of sync options; one that Argo CD does not know does nothing."""
