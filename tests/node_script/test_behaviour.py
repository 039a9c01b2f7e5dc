"""Runs that end with a node: fresh, repeated, half done before, on every family and with every token source."""

from __future__ import annotations

import hashlib
import hmac
import re
from typing import Any

import pytest
from tests.node_script import specs
from tests.node_script.sandbox import CA, KUBECONFIG, NODE, PEM, PROVIDER_ID, TOKEN, Result, Sandbox, inputs, node

from hybridc.lower.node_script import node_script

pytestmark = pytest.mark.needs("root")

AGENT_TOKEN = f"K10{'0f' * 32}::abcdef.0123456789abcdef"
AGENT_STARTS = """
if [[ $* == 'restart k3s-agent' || $* == 'restart rke2-agent' ]]; then
  folder=/var/lib/rancher/${2%-agent}/agent
  mkdir -p "$folder" && touch /stub/joined
  for file in client-kubelet.crt client-kubelet.key server-ca.crt; do echo pem >"$folder/$file"; done
fi
"""


def ran(result: Result) -> Result:
    """A run that succeeded, with no secret where anybody may look and nothing left in /run."""
    assert result.status == 0, result.output
    assert "hybridc" not in result.left_in_run
    assert TOKEN not in result.output + result.calls + result.environments
    return result


@pytest.mark.walks("auto", "token-oss")
def test_a_fresh_debian_node(sandbox: Sandbox) -> None:
    result = ran(sandbox.run(node_script(specs.spec())))
    assert result.text("/etc/apt/sources.list.d/hybridc-kubernetes.list") == (
        "deb [signed-by=/etc/apt/keyrings/hybridc-kubernetes.asc]"
        " http://mirrors.cloud.aliyuncs.com/kubernetes-new/core/stable/v1.34/deb/ /\n"
    )
    assert result.text("/etc/apt/sources.list.d/hybridc-containerd.list") == (
        "deb [signed-by=/etc/apt/keyrings/hybridc-containerd.asc]"
        " http://mirrors.cloud.aliyuncs.com/docker-ce/linux/debian bookworm stable\n"
    )
    assert r"kubelet=1.34.2-\* kubeadm=1.34.2-\* containerd.io=2.3.\* nfs-common" in result.calls
    assert "apt-mark hold kubelet kubeadm containerd.io" in result.calls
    assert result.text("/etc/crictl.yaml") == "runtime-endpoint: unix:///run/containerd/containerd.sock\n"
    assert f"{NODE} has joined after" in result.output


def test_a_fresh_alinux_node(sandbox: Sandbox) -> None:
    sandbox.system = "alinux"
    result = ran(sandbox.run(node_script(specs.spec(30))))
    repository = result.text("/etc/yum.repos.d/hybridc-containerd.repo") or ""
    assert "baseurl=http://mirrors.cloud.aliyuncs.com/docker-ce/linux/rhel/8/$basearch/stable\n" in repository
    assert "gpgcheck=1\ngpgkey=file:///etc/pki/rpm-gpg/RPM-GPG-KEY-hybridc-containerd\n" in repository
    assert "exclude=kubelet kubeadm" in (result.text("/etc/yum.repos.d/hybridc-kubernetes.repo") or "")
    assert re.search(
        r"dnf .*--disableexcludes=hybridc-kubernetes .*install kubelet-1.30.2 kubeadm-1.30.2", result.calls
    )
    assert r"containerd.io-2.3.\* conntrack-tools nfs-utils" in result.calls


def test_a_system_that_nobody_tried(sandbox: Sandbox) -> None:
    sandbox.system = "unknown"
    result = ran(sandbox.run(node_script(specs.spec())))
    assert "trisquel 11 was never tried: taken for deb" in result.output


def test_every_phase_is_a_line_and_a_function(sandbox: Sandbox) -> None:
    script = node_script(specs.spec())
    phases = re.findall(r"INFO phase (\w+) ", ran(sandbox.run(script)).output)
    assert phases[0] == "check_host"
    assert phases[-1] == "wait_until_ready"
    assert all(f"\n{phase}() {{" in script for phase in phases)


def test_a_second_run_changes_nothing(sandbox: Sandbox) -> None:
    sandbox.files = {PEM: "pem", CA: "ca", KUBECONFIG: "conf"}
    sandbox.stubs = {"joined": ""}
    result = ran(sandbox.run(node_script(specs.spec())))
    assert "has joined already: nothing to do" in result.output
    laid_out = {PEM[1:], CA[1:], KUBECONFIG[1:], "etc/os-release"}
    assert set(result.changed) - laid_out == {"var/lib/hybridc/lock"}
    for command in ("apt-get", "kubeadm", "restart", "containerd "):
        assert command not in result.calls.replace("hybridc", "")


def test_a_second_run_by_hand_needs_nothing_of_ack(sandbox: Sandbox) -> None:
    sandbox.files = {PEM: "pem", CA: "ca", KUBECONFIG: "conf"}
    sandbox.stubs = {"joined": ""}
    assert "has joined already: nothing to do" in ran(sandbox.run(node_script(specs.spec()), {"LANG": "C"})).output


def test_a_second_run_reports_what_a_person_changed(sandbox: Sandbox) -> None:
    sandbox.files = {PEM: "pem", CA: "ca", KUBECONFIG: "conf"}
    sandbox.stubs = {"joined": "", "node": node(taints=[])}
    assert "nothing to do, though it lacks taint" in ran(sandbox.run(node_script(specs.spec()))).output


@pytest.mark.parametrize(
    "files",
    [{CA: "ca"}, {"/etc/kubernetes/bootstrap-kubelet.conf": "x"}, {CA: "ca", PEM: "old", KUBECONFIG: "old"}],
    ids=["ca only", "bootstrap only", "of another node"],
)
def test_a_half_done_join_is_reset_first(sandbox: Sandbox, files: dict[str, str]) -> None:
    sandbox.files = files
    calls = ran(sandbox.run(node_script(specs.spec()))).calls
    assert calls.index("kubeadm reset") < calls.index("kubeadm join")


def test_a_node_that_is_still_ready_is_waited_for(sandbox: Sandbox) -> None:
    message = f'a Node with name "{NODE}" and status "Ready" already exists in the cluster'
    sandbox.stubs = {
        "kubeadm": f"""if [[ $1 == join ]] && (($(grep -c '^kubeadm join' /stub/calls) < 6)); then
        mkdir -p /etc/kubernetes/pki && touch /etc/kubernetes/pki/ca.crt; echo '{message}'; exit 1; fi"""
    }
    result = ran(sandbox.run(node_script(specs.spec())))
    assert f"kubectl delete node {NODE}" in result.output
    assert result.calls.count("kubeadm reset") == 5


def test_what_a_custom_image_brought_along_is_removed(sandbox: Sandbox) -> None:
    sandbox.files = {
        "/etc/cni/net.d/05-cilium.conflist": "{}",
        "/etc/cni/net.d/10-calico.conflist": "{}",
        "/var/lib/kubelet/pki/kubelet.crt": "old",
        "/etc/default/kubelet": "KUBELET_EXTRA_ARGS=--node-labels=a=b",
    }
    result = ran(sandbox.run(node_script(specs.spec(packages=specs.packages("preinstalled")))))
    assert "removed ./etc/cni/net.d/05-cilium.conflist" in result.output.replace(chr(39), ".")
    assert not [path for path in result.changed if "cni/net.d" in path]
    assert result.text("/var/lib/kubelet/pki/kubelet.crt") is None
    assert "kubelet flags in /etc/sysconfig/kubelet or /etc/default/kubelet win" in result.output
    assert "apt-get" not in result.calls


def test_metadata_fills_in_what_ack_does_not_give(sandbox: Sandbox) -> None:
    sandbox.stubs = {
        "node": node(
            labels={
                "alibabacloud.com/external": "true",
                "topology.kubernetes.io/region": "cn-hangzhou",
                "topology.kubernetes.io/zone": "cn-hangzhou-j",
                "node.kubernetes.io/instance-type": "ecs.g6.xlarge",
            },
            providerID="cn-hangzhou.i-frommetadata",
        )
    }
    result = ran(sandbox.run(node_script(specs.spec()), {"HYBRIDC_WITHOUT_ACK": "1"}))
    assert "name: 'cn-hangzhou.10.0.0.7'\n  taints: []" in (result.join_configuration or "")


def test_the_old_spelling_of_the_provider_id(sandbox: Sandbox) -> None:
    given = inputs(ALIBABA_CLOUD_PROVIDE_ID=PROVIDER_ID)
    del given["ALIBABA_CLOUD_PROVIDER_ID"]
    result = ran(sandbox.run(node_script(specs.spec()), given))
    assert f"value: '{PROVIDER_ID}'" in (result.join_configuration or "")


def test_metadata_without_hardened_mode(sandbox: Sandbox) -> None:
    sandbox.stubs = {"answers": "[[ $url != */api/token ]] || answer 404 ''"}
    ran(sandbox.run(node_script(specs.spec())))


def test_a_restricted_label_is_dropped_and_the_required_one_wins(sandbox: Sandbox) -> None:
    labels = "node-role.kubernetes.io/worker=a,alibabacloud.com/external=false,x.node-restriction.kubernetes.io/a=b"
    sandbox.stubs = {"node": node(labels={"alibabacloud.com/external": "true", "team": "a"})}
    spec = specs.spec(labels={"topology": False, "extra": {"team": "a"}})
    written = ran(sandbox.run(node_script(spec), inputs(ALIBABA_CLOUD_LABELS=labels))).join_configuration or ""
    assert "node-role" not in written
    assert "node-restriction" not in written
    assert "alibabacloud.com/external=true" in written
    assert "team=a" in written


@pytest.mark.parametrize(
    ("instance_type", "pods"), [("ecs.g6.large", 8), ("ecs.g9ex.2xlarge", 47), ("ecs.new.large", None)]
)
def test_max_pods_by_instance_type(sandbox: Sandbox, instance_type: str, pods: int | None) -> None:
    sandbox.stubs = {
        "answers": f"[[ $url != */instance-type ]] || answer 200 {instance_type}",
        "node": node().replace("ecs.g6.xlarge", instance_type),
    }
    result = ran(sandbox.run(node_script(specs.spec())))
    found = re.findall(r"name: max-pods\n    value: '(\d+)'", result.join_configuration or "")
    assert found == ([str(pods)] if pods else [])
    assert ("no ENI quota is known" in result.output) == (pods is None)


def test_cgroup_v1_when_the_spec_allows_it(sandbox: Sandbox) -> None:
    sandbox.cgroup1 = True
    result = ran(sandbox.run(node_script(specs.spec(36, allowCgroupV1=True))))
    assert "failCgroupV1: false" in result.output
    assert 'ignorePreflightErrors: ["SystemVerification"]' in (result.join_configuration or "")


def test_proxy_serves_downloads_but_not_what_is_near(sandbox: Sandbox) -> None:
    note = 'echo "${https_proxy:-direct} ${no_proxy:-} $name $*" >>/stub/proxies'
    sandbox.stubs = {"apt-get": note, "curl": note, "kubeadm": note}
    spec = specs.spec(proxy={"http": "http://p.example.com:1", "noProxy": [".idc.example.com"]})
    result = ran(sandbox.run(node_script(spec)))
    bypass = [
        ".idc.example.com",
        *("192.168.0.0/24", "10.100.0.0/16", "172.16.0.0/16", "10.10.0.0/16"),
        *("localhost", "127.0.0.1", "100.64.0.0/10", "10.200.1.253"),
        ".oss-cn-hangzhou-internal.aliyuncs.com",
        *("mirrors.cloud.aliyuncs.com", "registry-cn-hangzhou-vpc.ack.aliyuncs.com"),
    ]
    used = f"http://p.example.com:1 {','.join(bypass)} "
    for line in (result.folder / "out" / "proxies").read_text().splitlines():
        far = " apt-get " in line or "http://mirrors.cloud" in line
        assert line.startswith(used if far else "direct  "), line
    unit = result.text("/etc/systemd/system/containerd.service.d/hybridc-proxy.conf") or ""
    assert 'Environment="HTTPS_PROXY=http://p.example.com:1"' in unit


def test_hosts_are_one_block(sandbox: Sandbox) -> None:
    sandbox.files = {"/etc/hosts": "127.0.0.1 localhost\n# hybridc begin\n1.1.1.1 old\n# hybridc end\n::1 ip6\n"}
    result = ran(sandbox.run(node_script(specs.spec(hosts={"lb.local": "10.0.0.1", "b.local": "::2"}))))
    assert result.text("/etc/hosts") == (
        "127.0.0.1 localhost\n::1 ip6\n# hybridc begin\n10.0.0.1 lb.local\n::2 b.local\n# hybridc end\n"
    )


def test_hooks_know_the_node(sandbox: Sandbox) -> None:
    hooks = {"pre": "echo pre $HYBRIDC_NODE_NAME >>/stub/hooks", "post": "echo post $HYBRIDC_PROVIDER_ID >>/stub/hooks"}
    result = ran(sandbox.run(node_script(specs.spec(hooks=hooks))))
    assert (result.folder / "out" / "hooks").read_text() == f"pre {NODE}\npost {PROVIDER_ID}\n"


@pytest.mark.parametrize("interpreter", ["/bin/dash", "/bin/sh", "/bin/bash --posix", "/bin/bash -x"])
def test_any_shell_may_start_it(sandbox: Sandbox, interpreter: str) -> None:
    ran(sandbox.run(node_script(specs.spec()), interpreter=tuple(interpreter.split())))


def test_a_pipe_into_dash_says_why_not(sandbox: Sandbox) -> None:
    result = sandbox.run(node_script(specs.spec()), interpreter=("/bin/dash", "-c", "dash </stub/script"))
    assert (result.status, "use a file" in result.output) == (64, True)


def test_a_pipe_into_bash(sandbox: Sandbox) -> None:
    ran(sandbox.run(node_script(specs.spec()), interpreter=("/bin/bash", "-c", "cat /stub/script | bash")))


def test_a_truncated_script_has_no_effect(sandbox: Sandbox) -> None:
    """Every cut on a line's edge, every 11th byte and each of the last 64 before the call of main is complete."""
    script = node_script(specs.spec(hooks={"pre": "touch /stub/pwned"}))
    end = script.rindex('main "$@"') + len("mai")
    edges = {match.start() + step for match in re.finditer("\n", script) for step in (0, 1)}
    cuts = sorted(cut for cut in edges | set(range(0, end, 11)) | set(range(end - 64, end + 1)) if cut <= end)
    sandbox.stubs = {"cuts": "\n".join(map(str, cuts))}
    loop = 'while read -r n; do head -c "$n" /stub/script >/tmp/cut; bash /tmp/cut; done </stub/cuts'
    result = sandbox.run(script, interpreter=("/bin/bash", "-c", loop))
    assert result.calls == ""
    assert not (result.folder / "out" / "pwned").exists()
    assert [path for path in result.changed if path != "etc/os-release" and not path.startswith("usr/lib")] == []


@pytest.mark.parametrize("source", ["url", "file", "env"])
def test_token_sources(sandbox: Sandbox, source: str) -> None:
    sandbox.files = {"/etc/hybridc/bootstrap-token": f"{TOKEN}\r\n"}
    sandbox.stubs = {"answers": f"[[ $url != https://files* ]] || answer 200 '{TOKEN}\n'"}
    given = inputs(HYBRIDC_BOOTSTRAP_TOKEN=TOKEN)
    result = sandbox.run(node_script(specs.spec(join=specs.join(token=source))), given)
    if source != "env":
        result.environments = result.environments.replace(f"HYBRIDC_BOOTSTRAP_TOKEN={TOKEN}", "")
    assert f"token: '{TOKEN}'" in (ran(result).join_configuration or "")
    assert "Signature" not in result.output


@pytest.mark.parametrize("name", ["TOKEN", "CODE", "NODE_NAME", "LABELS", "json"])
def test_a_token_in_a_variable_that_the_script_uses_itself(sandbox: Sandbox, name: str) -> None:
    join = specs.join(token="env") | {"token": {"from": "env", "name": name}}
    result = sandbox.run(node_script(specs.spec(join=join)), inputs(**{name: TOKEN}))
    assert f"token: '{TOKEN}'" in (ran(result).join_configuration or "")
    assert TOKEN not in result.output + result.calls


def _signature(secret: str, now: str, security_token: str) -> str:
    """OSS V4, header style, written from its documentation with another HMAC than the script's."""

    def step(key: bytes, message: str) -> bytes:
        return hmac.new(key, message.encode(), hashlib.sha256).digest()

    canonical = "\n".join(
        (
            "GET",
            "/kubelet-idc/bootstrap/idc/bootstrap-token",
            "",
            "x-oss-content-sha256:UNSIGNED-PAYLOAD",
            f"x-oss-date:{now}",
            f"x-oss-security-token:{security_token}",
            "",
            "",
            "UNSIGNED-PAYLOAD",
        )
    )
    scope = f"{now[:8]}/cn-hangzhou/oss/aliyun_v4_request"
    text = f"OSS4-HMAC-SHA256\n{now}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    key = f"aliyun_v4{secret}".encode()
    for part in scope.split("/"):
        key = step(key, part)
    return step(key, text).hex()


@pytest.mark.walks("token-ram-role")
@pytest.mark.parametrize("secret", ["kHc9Zq" * 5, "a", "x%'$`\\" * 7])
def test_ram_role_signs_as_oss_wants_it(sandbox: Sandbox, secret: str) -> None:
    escaped = secret.replace("'", "'\\''")
    json = f'{{"AccessKeyId" : "STS.a", "AccessKeySecret" : "{escaped}", "SecurityToken":"CAIS+/=", "Code": "Success"}}'
    sandbox.stubs = {
        "answers": f"""case $url in
          */security-credentials/node-role) answer 200 '{json}' ;;
          */bootstrap-token) cp /run/hybridc/token.curl /stub/signed ;;
        esac"""
    }
    result = ran(sandbox.run(node_script(specs.spec(join=specs.join(token="ramRole")))))
    signed = (result.folder / "out" / "signed").read_text()
    (now,) = re.findall(r"x-oss-date: (\w+)", signed)
    assert signed.endswith(
        f'header = "Authorization: OSS4-HMAC-SHA256 Credential=STS.a/{now[:8]}/cn-hangzhou/oss/aliyun_v4_request,'
        f'Signature={_signature(secret, now, "CAIS+/=")}"\n'
    )
    assert "CAIS" not in result.output + result.calls + result.environments


def _tarballs(*names: str) -> specs.Patch:
    found = [
        {
            "name": name,
            "url": f"https://files.example.com/{name}",
            "sha256": hashlib.sha256(f"binary of {name}".encode()).hexdigest(),
            "arch": arch,
        }
        for name in names
        for arch in ("amd64", "arm64")
    ]
    return specs.packages("tarball", tarballs=found)


BINARIES = '[[ $url != https://files.example.com/* ]] || answer 200 "binary of ${url##*/}"'


def test_tarballs(sandbox: Sandbox) -> None:
    sandbox.stubs = {"answers": BINARIES}
    spec = specs.spec(packages=_tarballs("kubelet", "kubeadm-wrapper", "runc"))
    result = ran(sandbox.run(node_script(spec)))
    assert result.text("/usr/bin/kubelet") == "binary of kubelet"
    assert result.text("/usr/local/bin/kubeadm-wrapper") == "binary of kubeadm-wrapper"
    assert "$KUBELET_KUBEADM_ARGS" in (result.text("/etc/systemd/system/kubelet.service") or "")


def test_a_tarball_node_joins_without_the_extras(sandbox: Sandbox) -> None:
    sandbox.stubs = {"answers": BINARIES, "apt-get": "exit 100"}
    result = ran(sandbox.run(node_script(specs.spec(packages=_tarballs("kubelet")))))
    assert "packages.extra were not installed" in result.output


@pytest.mark.walks("k3s", "rke2")
@pytest.mark.parametrize("method", ["k3s", "rke2"])
def test_agents(sandbox: Sandbox, method: str) -> None:
    token = f"K10{'0f' * 32}::node:0123456789"
    sandbox.files = {"/etc/hybridc/bootstrap-token": token}
    sandbox.stubs = {"systemctl": AGENT_STARTS, method: ""}
    changes: dict[str, Any] = {
        "join": specs.join(method, "file"),
        "packages": specs.packages("preinstalled"),
        "kubeletExtraArgs": {"v": "4", "node-labels": "not=ours"},
        "registryMirrors": {"docker.io": [{"url": "https://m.example.com"}]},
    }
    result = ran(sandbox.run(node_script(specs.spec(**changes))))
    written = result.text(f"/etc/rancher/{method}/config.yaml") or ""
    assert f'server: "{specs.SERVERS[method]}"\ntoken-file: /etc/rancher/{method}/agent-token\n' in written
    assert f"node-name: '{NODE}'" in written
    assert "- 'alibabacloud.com/external=true'" in written
    assert "node-taint:\n- 'workload=ack:NoSchedule'\n- 'dedicated:NoExecute'\n" in written
    assert f"kubelet-arg:\n- 'provider-id={PROVIDER_ID}'\n- 'max-pods=22'\n- \"v=4\"\n" in written
    assert "not=ours" not in written
    assert result.text(f"/etc/rancher/{method}/agent-token") == token
    assert "https://m.example.com" in (result.text(f"/etc/rancher/{method}/registries.yaml") or "")
    assert token not in result.output + result.calls + result.environments


def test_k3s_from_a_release(sandbox: Sandbox) -> None:
    digest = hashlib.sha256(b"the binary").hexdigest()
    sandbox.files = {"/etc/hybridc/bootstrap-token": AGENT_TOKEN}
    sandbox.stubs = {
        "systemctl": AGENT_STARTS,
        "answers": f"""case $url in
          *sha256sum-*) answer 200 '{digest}  k3s' ;;
          */v1.34.2-k3s1/k3s) answer 200 'the binary' ;;
        esac""",
    }
    result = ran(sandbox.run(node_script(specs.spec(join=specs.join("k3s", "file")))))
    assert result.text("/usr/local/bin/k3s") == "the binary"
    assert "ExecStart=/usr/local/bin/k3s agent" in (result.text("/etc/systemd/system/k3s-agent.service") or "")


@pytest.mark.walks("custom-join")
def test_custom_command(sandbox: Sandbox) -> None:
    command = """
    mkdir -p /etc/kubernetes/pki /var/lib/kubelet/pki
    echo ca >/etc/kubernetes/pki/ca.crt
    echo pem >/var/lib/kubelet/pki/kubelet-client-current.pem
    touch /stub/joined
    env | grep ^HYBRIDC_ | sort >/stub/environment
    cp "$HYBRIDC_TOKEN_FILE" /stub/token
    """
    result = ran(sandbox.run(node_script(specs.spec(join=specs.join("custom", command=command)))))
    given = (result.folder / "out" / "environment").read_text()
    assert f"HYBRIDC_NODE_NAME={NODE}\n" in given
    assert "HYBRIDC_TAINTS=workload=ack:NoSchedule,dedicated:NoExecute\n" in given
    assert "HYBRIDC_MAX_PODS=22\n" in given
    assert "alibabacloud.com/external=true" in given
    assert (result.folder / "out" / "token").read_text() == TOKEN


def test_the_token_file_of_a_custom_join_is_what_was_fetched(sandbox: Sandbox) -> None:
    kubeconfig = "apiVersion: v1\nkind: Config\nusers:\n- {name: a, user: {token: b c}}\n"
    sandbox.files = {"/etc/hybridc/bootstrap-token": kubeconfig}
    command = 'cp "$HYBRIDC_TOKEN_FILE" /stub/token'
    join = specs.join("custom", "file", command=command)
    result = ran(sandbox.run(node_script(specs.spec(join=join))))
    assert (result.folder / "out" / "token").read_text() == kubeconfig
