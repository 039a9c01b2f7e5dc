"""An apt-get that finds another at work: on a first boot apt-daily is, and only dpkg's lock has a timeout."""

from __future__ import annotations

import hashlib

import pytest
from tests.node_script import specs
from tests.node_script.sandbox import Sandbox

from hybridc.lower.node_script import node_script

pytestmark = pytest.mark.needs("root")

LOCKED = """
if (($(grep -c '^apt-get' /stub/calls) {while_})); then
  echo 'E: Could not get lock /var/lib/apt/lists/lock. It is held by process 42 (apt-get)' >&2
  exit 100
fi
"""
K3S = """
case $url in
  *sha256sum-*) answer 200 '{digest}  k3s' ;;
  */k3s) answer 200 'the binary' ;;
esac
"""
STARTS = """
if [[ $* == 'restart k3s-agent' ]]; then
  mkdir -p /var/lib/rancher/k3s/agent && touch /stub/joined
  for file in client-kubelet.crt client-kubelet.key server-ca.crt; do echo pem >"/var/lib/rancher/k3s/agent/$file"; done
fi
"""


@pytest.mark.parametrize("method", ["kubeadm", "k3s"])
def test_it_is_waited_for(sandbox: Sandbox, method: str) -> None:
    """More often than a failure is tried again."""
    sandbox.stubs = {"apt-get": LOCKED.format(while_="< 9")}
    if method == "k3s":
        digest = hashlib.sha256(b"the binary").hexdigest()
        sandbox.files = {"/etc/hybridc/bootstrap-token": f"K10{'0f' * 32}::abcdef.0123456789abcdef"}
        sandbox.stubs |= {"answers": K3S.format(digest=digest), "systemctl": STARTS}
    join = specs.join(method, "file" if method == "k3s" else "oss")
    result = sandbox.run(node_script(specs.spec(join=join)))
    assert result.status == 0, result.output
    assert result.output.count("another apt-get works: waiting") == 8
    assert "failed with 100" not in result.output


def test_but_not_beyond_the_budget(sandbox: Sandbox) -> None:
    sandbox.stubs = {"apt-get": LOCKED.format(while_="> 0")}
    result = sandbox.run(node_script(specs.beyond(specs.spec(), budget_seconds=2)))
    assert (result.status, "no time left" in result.output) == (19, True), result.output
