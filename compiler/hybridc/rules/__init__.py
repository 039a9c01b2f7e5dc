"""Semantic checks of a spec. A rule is an id, a severity, a function, and a docstring that is its documentation.

The modules of a family begin with its name: ``net`` addresses, ``ids`` identifiers, ``eni`` Terway's configuration,
``cni`` the on-prem plugin, ``ver`` versions, ``node`` node pools, ``init`` the node script, ``oss`` its place, ``ram``
policies, ``git`` delivery, ``sec`` secrets.
"""
