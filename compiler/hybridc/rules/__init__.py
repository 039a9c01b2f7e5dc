"""Semantic checks of a spec. A rule is an id, a severity, a function, and a docstring that is its documentation.

One module for each family: ``net`` addresses, ``ids`` identifiers, ``eni`` Terway's configuration, ``cni`` the
on-prem plugin, ``ver`` versions, ``node`` node pools, ``sec`` secrets, ``oss`` the script's place.
"""
