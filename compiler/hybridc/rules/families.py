"""Imports every family, so that their rules are registered."""

from hybridc.rules import cni, eni, ids, net, node, oss, sec, ver

LOADED = (cni, eni, ids, net, node, oss, sec, ver)
