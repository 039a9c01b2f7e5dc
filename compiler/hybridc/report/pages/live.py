"""What shows in the live cluster alone. The guard does not look for it, so a person must."""

from __future__ import annotations

PAGES = {
    "LIVE001": """\
Something of the cluster could not be seen, so it was not decided.

`hybridc preflight` guesses nothing: where a right is missing, or a folder given to `--from` lacks a file, the rules
that need it end, and this names what they need and which rules they are. `--strict` makes it an error. Accept it
where nobody is going to have the right.

Fails::
    a user who may not get ConfigMap kube-system/kube-proxy
Passes::
    the ClusterRole of docs/preflight.md

Source: hybridc.
""",
    "NET018": """\
More than 8 BGP peers on a VBR.

A VBR takes 8 BGP peers; the ninth is refused, and the route reflector behind it is not heard. A spec does not
say how many peers there are, so this cannot be decided from it: look at the VBR's BGP groups before the first
sync.

Fails::
    nine route reflectors, each a peer of one VBR
Passes::
    two route reflectors, each a peer of both VBRs

Source: Alibaba Cloud VBR documentation: at most 8 BGP peers.
""",
    "GIT028": """\
An upgrade of the add-on may write eni-config anew.

It is not established whether the console's upgrade of terway-eniip rewrites it. With `autoSync` Argo CD puts our
values back; without it the application is OutOfSync after the upgrade.

Fails::
    an upgrade in the console, and nobody looks at the diff
Passes::
    hybridc diff, or the diff in Argo CD, after the upgrade

Source: not established.
""",
}
"""Code → documentation, in the form of a rule's docstring."""
