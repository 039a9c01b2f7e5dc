#!/usr/bin/env bash
# Makes an ECS instance a node of idc-shanghai: Kubernetes 1.34.2, kubeadm, ubuntu-24.04.
# Compiled by hybridc from hybrid.yaml: change that, not this file. It holds no secret.
#
# The log names a phase before it starts; the function of that name is what runs. It lands in
# /var/log/acs/init.log and in the journal (journalctl -t hybridc-init-node). Exit codes:
#  0 joined, now or before           13 containerd             17 no Node, or not as ordered
#  1 anything else                   14 token                  18 hook
# 10 name, provider id, label, taint 15 API server unreachable 19 time budget used up
# 11 host, operating system          16 join                   20 another run holds the lock
# 12 packages                                                  64 started in a way that cannot work
#
# shellcheck disable=SC2016 # values of the spec stand in single quotes so that nothing in them is expanded
# shellcheck disable=SC2292 # sh may be dash, which knows [ only and must read no further
if [ -z "${BASH_VERSION:-}" ]; then
  [ -f "$0" ] || { echo 'init-node-ecs.sh: a pipe into sh cannot work, use a file' >&2 && exit 64; }
  exec /bin/bash "$0" "$@"
fi
set +x +o posix # bash started as sh is in posix mode, and a caller's -x would print the token
set -Eeuo pipefail
umask 022
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL=C HOME="${HOME:-/root}"

# ---- from the spec ----
readonly BUDGET=1500
readonly API_SERVER='k8s-api.idc.example.com:6443'
readonly TOKEN_URL='https://kubelet-idc-shanghai.oss-cn-shanghai-internal.aliyuncs.com/bootstrap/idc-shanghai/bootstrap-token'
readonly REQUIRED_LABEL='alibabacloud.com/external=true'
readonly METADATA=http://100.100.100.200/latest
readonly CLIENT_CERTIFICATE=/var/lib/kubelet/pki/kubelet-client-current.pem
readonly CLUSTER_CA=/etc/kubernetes/pki/ca.crt
readonly STATE_DIR=/var/lib/hybridc

# ---- found out on the way ----
PHASE=start CODE=1 RUN_DIR='' DEADLINE=0 RC=0
NODE_NAME='' PROVIDER_ID='' HTTP_STATUS='' ANSWER='' MISSING=''
OS_ID='' OS_VERSION='' CODENAME='' FAMILY=''
MAX_PODS=''
declare -A LABELS=()
declare -a TAINTS=()

log() { # LEVEL TEXT
  local line="${*//[[:cntrl:]]/ }"
  printf '%(%FT%T%z)T %s\n' -1 "$line" >&2 || true
  logger -t hybridc-init-node -- "$line" 2>/dev/null || true
}

die() { # TEXT: ends with the exit code of the phase
  log ERROR "$PHASE: $*"
  exit "$CODE"
}

phase() { # CODE FUNCTION
  CODE=$1 PHASE=$2
  log INFO "phase $2 (${SECONDS}s of ${BUDGET}s)"
  "$2"
}

on_error() { # STATUS COMMAND ARGUMENTS
  local what=$2 lines="${BASH_LINENO[*]}"
  trap - ERR
  [[ ${FUNCNAME[1]} != within ]] || what=$3
  log ERROR "$PHASE: line ${lines// / from }: '$what' ended with $1"
  exit "$CODE"
}

on_exit() { # STATUS
  trap - ERR
  if (($1 != 0)); then
    log ERROR "gave up in phase $PHASE with exit code $1"
    [[ ! $1 =~ ^1[3679]$ ]] || timeout 10 journalctl --no-pager -o cat -n 20 -u containerd -u kubelet || true
  fi
  [[ -z $RUN_DIR ]] || rm -rf "$RUN_DIR"
}

attempt() { # COMMAND...: its status is in RC
  if "$@"; then RC=0; else RC=$?; fi
}

within() { # SECONDS COMMAND...: never longer than what is left of the budget
  local seconds=$1 left=$((DEADLINE - SECONDS))
  shift
  if ((left <= 0)); then
    CODE=19
    die "no time left for: $1"
  fi
  timeout -k 10 "$((seconds < left ? seconds : left))" "$@"
}

retry() { # ATTEMPTS WHAT COMMAND...
  local attempts=$1 what=$2 try pause=2
  shift 2
  for ((try = 1; ; try++)); do
    attempt "$@"
    ((RC != 0)) || return 0
    ((try < attempts)) || die "$what: failed $attempts times, at last with $RC"
    log WARN "$what: failed with $RC, try $((try + 1)) of $attempts in ${pause}s"
    attempt within "$pause" sleep "$pause"
    pause=$((pause * 2))
  done
}

write_file() { # PATH MODE: stdin becomes the file in one step
  local fresh
  mkdir -p "${1%/*}"
  fresh=$(mktemp "${1%/*}/.hybridc.XXXXXX")
  cat >"$fresh"
  chmod "$2" "$fresh"
  mv -f "$fresh" "$1"
}

ask() { # CURL-ARGUMENTS...: a host that is near, never through a proxy
  within 25 curl -sS --noproxy '*' --connect-timeout 5 -m 20 "$@"
}

service() { # SYSTEMCTL-ARGUMENTS...
  within 120 systemctl "$@"
}

take_lock() {
  mkdir -p "$STATE_DIR"
  exec 9>"$STATE_DIR/lock"
  attempt within 600 flock 9
  ((RC == 0)) || die 'another run holds the lock'
  RUN_DIR=/run/hybridc
  rm -rf "$RUN_DIR"
  install -d -m 0700 "$RUN_DIR"
}

check_host() {
  local release
  ((EUID == 0)) || die 'needs root'
  [[ $(stat -fc %T /run) == tmpfs ]] || die '/run is no tmpfs: the token would touch the disk'
  # shellcheck source=/dev/null
  release=$(. /etc/os-release && printf '%s|%s|%s' "${ID:-}" "${VERSION_ID:-}" "${VERSION_CODENAME:-}")
  IFS='|' read -r OS_ID OS_VERSION CODENAME <<<"$release"
  case "$OS_ID $OS_VERSION" in
    'ubuntu 24.04') FAMILY=deb ;;
    *) die "compiled for ubuntu-24.04, but this is $OS_ID $OS_VERSION" ;;
  esac
  [[ -e /sys/class/net/eth0 ]] || die 'no interface eth0, which Terway needs: net.ifnames=0'
  grep -qw overlay /proc/filesystems || modprobe overlay || die 'the kernel has no overlayfs'
  log INFO "$OS_ID $OS_VERSION ($FAMILY $CODENAME), kernel $(uname -rm)"
}

prepare_kernel() {
  printf 'overlay\nbr_netfilter\n' | write_file /etc/modules-load.d/hybridc.conf 0644
  modprobe -a overlay br_netfilter || true
  write_file /etc/sysctl.d/99-zz-hybridc.conf 0644 <<'CONF'
net.ipv4.ip_forward = 1
net.bridge.bridge-nf-call-iptables = 1
net.bridge.bridge-nf-call-ip6tables = 1
net.ipv4.conf.all.rp_filter = 0
net.ipv4.conf.default.rp_filter = 0
net.ipv4.conf.eth0.rp_filter = 0
CONF
  sysctl -q -e -p /etc/sysctl.d/99-zz-hybridc.conf || log WARN 'some sysctls were not applied'
  if (($(wc -l </proc/swaps) > 1)); then
    swapoff -a
    sed -i.hybridc-bak '/^[^#].*[[:space:]]swap[[:space:]]/s/^/# /' /etc/fstab
  fi
  if systemctl is-active -q firewalld; then
    log WARN 'firewalld runs, in the way of 10250 and pods: switched off'
    service disable -q --now firewalld
  fi
  leave_interfaces
  systemctl enable -q --now chronyd 2>/dev/null || systemctl enable -q --now chrony 2>/dev/null || true
}

leave_interfaces() { # every interface but the first is Terway's
  if systemctl is-active -q NetworkManager; then
    printf '[keyfile]\nunmanaged-devices+=interface-name:eth*;except:interface-name:eth0;interface-name:cali*\n' |
      write_file /etc/NetworkManager/conf.d/99-hybridc.conf 0644
    attempt service reload NetworkManager
  fi
  if systemctl is-active -q systemd-networkd; then
    printf '[Match]\nName=eth[1-9]* cali*\n[Link]\nUnmanaged=yes\n' | write_file /etc/systemd/network/01-hybridc.network 0644
    printf '[Network]\n%s=no\n%s=no\n' ManageForeignRoutes ManageForeignRoutingPolicyRules |
      write_file /etc/systemd/networkd.conf.d/hybridc.conf 0644
    attempt within 30 networkctl reload
  fi
}

metadata() { # PATH: the text is in ANSWER
  [[ -e $RUN_DIR/metadata.curl ]] || open_metadata
  retry 5 "metadata $1 (does the security group allow 100.64.0.0/10?)" \
    ask -f -K "$RUN_DIR/metadata.curl" -o "$RUN_DIR/metadata" "$METADATA/meta-data/$1"
  ANSWER=$(<"$RUN_DIR/metadata")
}

open_metadata() { # hardened mode first
  attempt ask -f -X PUT -o "$RUN_DIR/metadata" -H 'X-aliyun-ecs-metadata-token-ttl-seconds: 1800' \
    "$METADATA/api/token"
  if ((RC == 0)); then
    printf 'header = "X-aliyun-ecs-metadata-token: %s"\n' "$(<"$RUN_DIR/metadata")" >"$RUN_DIR/metadata.curl"
  else
    : >"$RUN_DIR/metadata.curl"
  fi
}

readonly KEY_RE='^([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$'
readonly VALUE_RE='^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$'
readonly RESERVED_RE='^([^/]+\.)?(kubernetes|k8s)\.io/'
readonly ALLOWED_RE='^(kubernetes\.io/(hostname|os|arch)|beta\.kubernetes\.io/(instance-type|os|arch)|(topology|failure-domain\.beta)\.kubernetes\.io/(zone|region)|([^/]+\.)?(kubelet|node)\.kubernetes\.io/.*)$'
readonly NAME_RE='^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$'

add_label() { # KEY=VALUE
  local key=${1%%=*} value=${1#*=}
  [[ $1 == *=* && $key =~ $KEY_RE && $value =~ $VALUE_RE ]] || die "bad label: $1"
  if [[ $key =~ $RESERVED_RE && ! $key =~ $ALLOWED_RE ]]; then
    log WARN "label $key dropped: a kubelet may not set it"
    return
  fi
  LABELS[$key]=$value
}

add_taint() { # KEY[=VALUE]:EFFECT, kept as JSON: so the API gives it back, and so kubeadm takes it
  local rest=${1%:*} effect=${1##*:} key value=''
  key=${rest%%=*}
  [[ $rest != *=* ]] || value=${rest#*=}
  [[ $1 == *:* && $key =~ $KEY_RE && $value =~ $VALUE_RE ]] || die "bad taint: $1"
  [[ $effect =~ ^(NoSchedule|PreferNoSchedule|NoExecute)$ ]] || die "bad effect of the taint: $1"
  TAINTS+=("{\"key\":\"$key\",${value:+\"value\":\"$value\",}\"effect\":\"$effect\"}")
}

read_inputs() {
  local item
  local -a items
  PROVIDER_ID=${ALIBABA_CLOUD_PROVIDER_ID:-${ALIBABA_CLOUD_PROVIDE_ID:-}}
  NODE_NAME=${ALIBABA_CLOUD_NODE_NAME:-}
  if [[ -z $PROVIDER_ID || -z $NODE_NAME ]]; then
    metadata region-id
    item=$ANSWER
    metadata instance-id
    PROVIDER_ID=${PROVIDER_ID:-$item.$ANSWER}
    metadata private-ipv4
    NODE_NAME=${NODE_NAME:-$item.$ANSWER}
  fi
  [[ $PROVIDER_ID =~ ^(alicloud://)?[a-z0-9-]+\.[A-Za-z0-9-]+$ ]] || die "bad provider id: $PROVIDER_ID"
  [[ $NODE_NAME =~ ^.{1,253}$ && $NODE_NAME =~ $NAME_RE ]] || die "bad node name: $NODE_NAME"
  [[ ${ALIBABA_CLOUD_LABELS:-}${ALIBABA_CLOUD_TAINTS:-} != *[[:cntrl:]]* ]] || die 'control characters in labels or taints'
  metadata region-id
  add_label "topology.kubernetes.io/region=$ANSWER"
  metadata zone-id
  add_label "topology.kubernetes.io/zone=$ANSWER"
  metadata instance/instance-type
  add_label "node.kubernetes.io/instance-type=$ANSWER"
  case $ANSWER in
    'ecs.g7.2xlarge') MAX_PODS=47 ;;
    'ecs.g7.4xlarge') MAX_PODS=212 ;;
    'ecs.g8i.2xlarge') MAX_PODS=47 ;;
    'ecs.g8i.4xlarge') MAX_PODS=212 ;;
    *) log WARN "no ENI quota is known for $ANSWER: 110 pods may come, without addresses (alibabaCloud.instanceTypes)" ;;
  esac
  IFS=, read -r -a items <<<"${ALIBABA_CLOUD_LABELS:-}"
  for item in "${items[@]:-}"; do
    [[ -z $item ]] || add_label "$item"
  done
  # last, so that nothing overrides what keeps the IDC's network plugin off this node
  add_label "$REQUIRED_LABEL"
  IFS=, read -r -a items <<<"${ALIBABA_CLOUD_TAINTS:-}"
  for item in "${items[@]:-}"; do
    [[ -z $item ]] || add_taint "$item"
  done
  log INFO "node $NODE_NAME, provider id $PROVIDER_ID, labels ${!LABELS[*]}, taints ${TAINTS[*]-none}"
}

read_as_node() { # FILE PATH; HTTP_STATUS is 000 without an answer
  attempt ask -o "$RUN_DIR/$1" -w '%{http_code}' \
    --cacert "$CLUSTER_CA" --cert "$CLIENT_CERTIFICATE" \
    "https://$API_SERVER/api/v1/$2?pretty=false" >"$RUN_DIR/status"
  HTTP_STATUS=$(<"$RUN_DIR/status")
}

find_node() {
  read_as_node node "nodes/$NODE_NAME"
}

look_for_node() {
  [[ -s $CLIENT_CERTIFICATE && -s $CLUSTER_CA ]] || return 0
  find_node
  case $HTTP_STATUS in
    200) service enable -q --now kubelet ;;
    401 | 403 | 404) log WARN "credentials of an earlier join, but no Node (HTTP $HTTP_STATUS)" ;;
    *) die "joined before, and $API_SERVER does not answer: left as it is" ;;
  esac
}

check_api_server() {
  local url=https://$API_SERVER/api/v1/namespaces/kube-public/configmaps/cluster-info
  retry 5 "API server $API_SERVER" ask -k -o /dev/null "https://$API_SERVER/healthz"
  attempt ask -k -o "$RUN_DIR/cluster-info" "$url"
  attempt reach_server cluster-info
  ((RC == 0)) || die "cluster-info names $ANSWER, which does not answer here (apiServer is $API_SERVER): nodeInit.hosts?"
}

reach_server() { # FILE: whether the API server that the kubeconfig in this ConfigMap names answers; it is in ANSWER
  [[ $(<"$RUN_DIR/$1") =~ server:\ *(https://[^\\\"[:space:]]+) ]] || return 0
  ANSWER=${BASH_REMATCH[1]}
  [[ $ANSWER != "https://$API_SERVER" ]] || return 0
  attempt ask -k -o /dev/null "$ANSWER/healthz"
  return "$RC"
}

compare_node() { # MISSING becomes what the Node should have and has not
  local node labels taints='' key
  node=$(<"$RUN_DIR/node")
  labels=${node#*\"labels\":\{}
  labels=,${labels%%\}*},
  for key in "${!LABELS[@]}"; do
    [[ $labels == *",\"$key\":\"${LABELS[$key]}\","* ]] || MISSING+=" label $key=${LABELS[$key]}"
  done
  if [[ $node == *'"taints":['* ]]; then
    taints=${node#*\"taints\":\[}
    taints=${taints%%\]*}
  fi
  for key in ${TAINTS[0]+"${TAINTS[@]}"}; do
    [[ $taints == *"${key%\}}"* ]] || MISSING+=" taint $key"
  done
  [[ $node == *"\"providerID\":\"$PROVIDER_ID\""* ]] || MISSING+=" providerID $PROVIDER_ID"
}

verify_node() {
  local limit=$((SECONDS + 180))
  for (( ; ; )); do
    HTTP_STATUS=000
    [[ ! -s $CLIENT_CERTIFICATE ]] || find_node
    [[ $HTTP_STATUS != 200 ]] || break
    ((SECONDS < limit && SECONDS + 2 < DEADLINE)) || die "Node $NODE_NAME did not appear (HTTP $HTTP_STATUS): journalctl -u kubelet"
    sleep 1
  done
  compare_node
  [[ -z $MISSING ]] || die "Node $NODE_NAME lacks$MISSING. Of an earlier instance? kubectl delete node $NODE_NAME and join again"
  log INFO "Node $NODE_NAME has its labels, taints and provider id"
}

wait_until_ready() { # no failure: what is missing may be the cluster's
  local try ready=''
  for ((try = 0; try < 60 && SECONDS + 10 < DEADLINE; try++)); do
    find_node
    ready=$(<"$RUN_DIR/node")
    ready=${ready##*'"type":"Ready",'}
    [[ $ready != '"status":"True"'* ]] || break
    attempt within 5 sleep 5
  done
  if [[ $ready != '"status":"True"'* ]]; then
    ready=${ready#*'"message":"'}
    log WARN "$NODE_NAME has joined and is not Ready: ${ready%%\"[,\}]*}"
  fi
  read_as_node kube-proxy namespaces/kube-system/configmaps/kube-proxy
  attempt reach_server kube-proxy
  ((RC == 0)) || log WARN "kube-proxy is sent to $ANSWER, which does not answer here: no Service works"
}

download() { # URL PATH
  within 900 curl -fsSL --connect-timeout 10 --speed-time 30 --speed-limit 1024 -o "$2" "$1"
}

fetch_key() { # URL FINGERPRINT: the key is in $RUN_DIR/key
  local found
  retry 5 "key $1" download "$1" "$RUN_DIR/key"
  [[ -n $2 ]] || return 0
  found=$(gpg --homedir "$RUN_DIR" -q --batch --with-colons --show-keys "$RUN_DIR/key" |
    awk -F: '/^pub/ { primary = 1 } /^fpr/ && primary { print $10; primary = 0 }') || true
  [[ $found == "$2" ]] || die "the key at $1 is not $2 but ${found:-unreadable}"
}

run_apt() { # SECONDS ARGUMENTS...
  within "$1" env DEBIAN_FRONTEND=noninteractive NEEDRESTART_MODE=l apt-get -y -q \
    -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3 -o Dpkg::Options::=--force-confold \
    "${@:2}" 2>&1 | tee "$RUN_DIR/apt.log"
}

apt_get() { # SECONDS ARGUMENTS...
  local limit=$((SECONDS + 300))
  for (( ; ; )); do
    attempt run_apt "$@"
    # apt-daily works on a first boot; that timeout is for dpkg's lock
    if ((RC == 0 || SECONDS > limit)) || ! grep -q '^E: Could not get lock' "$RUN_DIR/apt.log"; then return "$RC"; fi
    log WARN 'another apt-get works: waiting'
    attempt within 5 sleep 5
  done
}

add_repository_apt() { # NAME URL KEY_URL FINGERPRINT SUITE
  local key=/etc/apt/keyrings/hybridc-$1.gpg
  fetch_key "${3//\$ID/$OS_ID}" "$4"
  if grep -q 'BEGIN PGP' "$RUN_DIR/key"; then key=${key%.gpg}.asc; fi
  write_file "$key" 0644 <"$RUN_DIR/key"
  write_file "/etc/apt/sources.list.d/hybridc-$1.list" 0644 <<<"deb [signed-by=$key] ${2//\$ID/$OS_ID} $5"
  retry 5 "apt-get update of $1" apt_get 300 update -o "Dir::Etc::sourcelist=sources.list.d/hybridc-$1.list" \
    -o Dir::Etc::sourceparts=- -o APT::Get::List-Cleanup=0 -o APT::Update::Error-Mode=any
}

install_apt() {
  attempt apt_get 300 update
  ((RC == 0)) || log WARN 'apt-get update failed for a repository of the image'
  command -v gpg >/dev/null || retry 3 'apt-get install gpg' apt_get 300 install gpg
  add_repository_apt kubernetes 'http://mirrors.cloud.aliyuncs.com/kubernetes-new/core/stable/v1.34/deb/' \
    'http://mirrors.cloud.aliyuncs.com/kubernetes-new/core/stable/v1.34/deb/Release.key' \
    'DE15B14486CD377B9E876E1A234654DA9A296436' /
  add_repository_apt containerd 'http://mirrors.cloud.aliyuncs.com/docker-ce/linux/$ID' \
    'http://mirrors.cloud.aliyuncs.com/docker-ce/linux/$ID/gpg' \
    '9DC858229FC7DD38854AE2D88D81803C0EBFCD88' "$CODENAME stable"
  retry 3 'apt-get install' apt_get 900 install --no-install-recommends --allow-downgrades --allow-change-held-packages \
    'kubelet=1.34.2-*' 'kubeadm=1.34.2-*' 'containerd.io=2.3.*' 'nfs-common'
  apt-mark hold kubelet kubeadm containerd.io >/dev/null
}

install_packages() {
  install_apt
}

check_plugins() {
  local folder
  mkdir -p /etc/cni/net.d /opt/cni/bin
  rm -fv /etc/cni/net.d/*.{conf,conflist,json}
  for folder in /usr/lib/cni /usr/libexec/cni; do
    [[ -x /opt/cni/bin/loopback || ! -x $folder/loopback ]] || cp -n "$folder"/* /opt/cni/bin
  done
  [[ -x /opt/cni/bin/loopback ]] || die 'no /opt/cni/bin/loopback: kubernetes-cni has it, and the tarball cni-plugins'
}

configure_containerd() {
  local dump
  write_file /etc/containerd/config.toml 0644 <<'TOML'
version = 2

[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "registry-cn-shanghai-vpc.ack.aliyuncs.com/acs/pause:3.9"

[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
  runtime_type = "io.containerd.runc.v2"

[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
  SystemdCgroup = true

[plugins."io.containerd.grpc.v1.cri".registry]
  config_path = "/etc/containerd/certs.d"

[plugins."io.containerd.grpc.v1.cri".cni]
  bin_dir = "/opt/cni/bin"
  conf_dir = "/etc/cni/net.d"
TOML
  dump=$(containerd --config /etc/containerd/config.toml config dump)
  # it may ignore a file without a word: its default is false
  [[ $dump == *'SystemdCgroup = true'* ]] || die 'containerd does not heed /etc/containerd/config.toml'
  write_file '/etc/containerd/certs.d/registry.k8s.io/hosts.toml' 0644 <<'TOML'
server = "https://registry.k8s.io"

[host."https://registry.aliyuncs.com/v2/google_containers"]
  capabilities = ["pull", "resolve"]
  override_path = true
TOML
  write_file /etc/crictl.yaml 0644 <<<'runtime-endpoint: unix:///run/containerd/containerd.sock'
  service enable -q containerd
  service restart containerd
  retry 5 'containerd socket' test -S /run/containerd/containerd.sock
}

request_token() {
  attempt ask --max-filesize 4096 -o "$RUN_DIR/answer" -w '%{http_code}' "$TOKEN_URL" >"$RUN_DIR/status"
  HTTP_STATUS=$(<"$RUN_DIR/status")
  case $HTTP_STATUS in
    200) return "$RC" ;;
    404) log WARN 'no token there: put one there (kubeadm token create)' ;;
    401 | 403) log WARN 'no access:' 'does the bucket policy name this VPC?' ;;
    *) ;;
  esac
  return 22
}

fetch_token() {
  local where=${TOKEN_URL%%\?*} # what follows may be a signature
  retry 4 "token from $where" request_token
  accept_token "$where"
}

accept_token() { # WHERE: only a file on tmpfs holds the token from here on
  tr -d '[:space:]' <"$RUN_DIR/answer" >"$RUN_DIR/token"
  rm -f "$RUN_DIR/answer"
  grep -qxE '[a-z0-9]{6}\.[a-z0-9]{16}' "$RUN_DIR/token" || die "what came from $1 is no bootstrap token"
}

join_configuration() {
  local key csv=''
  cat <<'YAML'
apiVersion: kubeadm.k8s.io/v1beta4
kind: JoinConfiguration
timeouts: {discovery: 2m0s, tlsBootstrap: 3m0s}
nodeRegistration:
  criSocket: unix:///run/containerd/containerd.sock
  ignorePreflightErrors: []
  kubeletExtraArgs:
YAML
  for key in "${!LABELS[@]}"; do csv+=,$key=${LABELS[$key]}; done
  printf "  - name: node-labels\n    value: '%s'\n  - name: provider-id\n    value: '%s'\n" "${csv#,}" "$PROVIDER_ID"
  [[ -z $MAX_PODS ]] || printf "  - name: max-pods\n    value: '%s'\n" "$MAX_PODS"
  printf "  name: '%s'\n  taints: [%s]\n" "$NODE_NAME" "$(IFS=, && printf '%s' "${TAINTS[*]-}")"
  cat <<'YAML'
discovery:
  bootstrapToken:
    apiServerEndpoint: "k8s-api.idc.example.com:6443"
    caCertHashes: ["sha256:7c2e69131a36ae2a042a339b33381c6d0d43887e2de83720eff5359e26aec866"]
YAML
  printf "    token: '%s'\n" "$(<"$RUN_DIR/token")"
}

clear_old_state() {
  local etc=/etc/kubernetes
  if [[ -e $etc/kubelet.conf || -e $etc/bootstrap-kubelet.conf || -e $etc/pki/ca.crt ]]; then
    log WARN 'the rest of a join is here, but no Node: kubeadm reset'
    attempt within 180 kubeadm reset -f --cri-socket unix:///run/containerd/containerd.sock
  fi
  rm -rf /var/lib/kubelet/pki "$etc"/{kubelet,bootstrap-kubelet}.conf "$etc/pki/ca.crt"
  if grep -qsE -- '--(node-labels|hostname-override|provider-id|register-with-taints|max-pods)' /etc/{sysconfig,default}/kubelet; then
    log WARN 'kubelet flags in /etc/sysconfig/kubelet or /etc/default/kubelet win over those of this script'
  fi
}

run_join() {
  within 480 kubeadm join --config "$RUN_DIR/join.yaml" 2>&1 | tee "$RUN_DIR/join.log"
}

join_kubeadm() {
  local try=1 pause
  service enable -q kubelet
  for (( ; ; )); do
    clear_old_state
    join_configuration >"$RUN_DIR/join.yaml"
    within 60 kubeadm config validate --config "$RUN_DIR/join.yaml"
    attempt run_join
    ((RC != 0)) || return 0
    pause=$((try * 10))
    case $(<"$RUN_DIR/join.log") in
      *'none of the public keys'*) die "the CA of $API_SERVER is none of caCertHashes" ;;
      *'status "Ready" already exists'*)
        log WARN "waiting: a Node of this name is still Ready. To be faster: kubectl delete node $NODE_NAME"
        pause=30 try=0
        ;;
      *JWS*)
        ((try < 3)) || CODE=14
        log WARN 'the API server does not know the token: expired, or of another cluster'
        ;;
      *) ;;
    esac
    ((try < 3)) || die "kubeadm join failed $try times"
    try=$((try + 1))
    log WARN "kubeadm join ended with $RC: try $try in ${pause}s"
    attempt within "$pause" sleep "$pause"
    phase 14 fetch_token
    CODE=16 PHASE=join_kubeadm
  done
}

fit_kubelet() { # the cluster's kubelet-config, which the join brought, may be meant for other hosts
  local config=/var/lib/kubelet/config.yaml flags=/var/lib/kubelet/kubeadm-flags.env value
  value=$(sed -n 's/^resolvConf: *"\?\([^"]*\).*/\1/p' "$config")
  if [[ -n $value && ! -e $value ]]; then
    log WARN "resolvConf of the cluster is $value, which is not here: the kubelet gets another"
    value=/run/systemd/resolve/resolv.conf
    [[ -e $value ]] || value=/etc/resolv.conf
    sed -i "s|\"\$| --resolv-conf=$value\"|" "$flags"
    service restart kubelet
  fi
}

main() {
  exec 2>&1 # stdout is what ACK is known to keep
  DEADLINE=$((SECONDS + BUDGET))
  trap '' HUP PIPE # a node is not given up because whoever started us has gone
  trap 'on_error "$?" "$BASH_COMMAND" "$*"' ERR
  trap 'on_exit "$?"' EXIT
  phase 11 check_host
  phase 20 take_lock
  phase 10 read_inputs
  phase 15 look_for_node
  if [[ $HTTP_STATUS == 200 ]]; then
    compare_node
    log INFO "$NODE_NAME has joined already: nothing to do${MISSING:+, though it lacks$MISSING}"
    return
  fi
  CODE=10
  [[ -n ${ALIBABA_CLOUD_LABELS:-}${HYBRIDC_WITHOUT_ACK:-} ]] ||
    die 'no ALIBABA_CLOUD_LABELS: ACK would not know this node. HYBRIDC_WITHOUT_ACK=1 joins it even so'
  phase 11 prepare_kernel
  phase 12 install_packages
  phase 12 check_plugins
  phase 13 configure_containerd
  phase 15 check_api_server
  phase 14 fetch_token
  phase 16 join_kubeadm
  phase 13 fit_kubelet
  phase 17 verify_node
  phase 17 wait_until_ready
  log INFO "$NODE_NAME has joined after ${SECONDS}s"
}

main "$@"
