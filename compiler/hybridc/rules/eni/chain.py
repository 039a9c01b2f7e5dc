"""ENI: a custom CNI chain."""

from __future__ import annotations

from hybridc.rules.rule import TERWAY, Findings, finding, rule
from hybridc.spec.hole import HOLE, is_hole
from hybridc.spec.model import Spec, Terway


@rule("ENI034", over=TERWAY)
def chain_without_terway(_: Spec, terway: Terway) -> Findings:
    """`terway.cniChain` does not hold Terway exactly once, or has another plugin before it.

    The container runtime calls the plugins in their order. Without Terway no pod gets an address, twice it would get
    two; what stands before it finds no interface to work on.

    Fails::
        terway: {cniChain: [{type: portmap, capabilities: {portMappings: true}}]}
    Passes::
        terway: {cniChain: [{type: terway}, {type: portmap, capabilities: {portMappings: true}}]}

    Source: Terway docs/cni-chain.md, cmd/terway-cli/cni.go; CNI specification, plugin chains.
    """
    chain = terway.cni_chain
    named = [plugin["type"] for plugin in chain if not is_hole(plugin.get("type", HOLE))]
    if not chain.whole or len(named) < len(chain):
        return
    kinds = [str(name) for name in named]
    if kinds and (kinds[0] != "terway" or kinds.count("terway") != 1):
        message = f"the chain is {', '.join(kinds)}, and Terway must be its first plugin, once"
        yield finding(named[0], message, "begin the list with {type: terway}")
