#!/usr/bin/env bash
# Looks at what the network lets through between this machine and what nodes of idc need. For an IDC node,
# and for an ECS instance in a vSwitch of the nodes. It changes nothing here, needs no root and ends within a minute.
# Compiled by hybridc from hybrid.yaml: change that, not this file. It holds no secret.
#
#   bash check-node.sh [--json | --report FILE] [--peer ADDRESS[:PORT]]... [--side idc|cloud]
#
# A line a look; --report writes them for `hybridc preflight --node-report FILE`, and --json to stdout. A peer is an
# address on the other side: a node, a pod. Exit codes: 0 every look that could be made went well, 1 one did not,
# 64 a flag is wrong.
#
# shellcheck disable=SC2016 # values of the spec stand in single quotes so that nothing in them is expanded
# shellcheck disable=SC2292 # sh may be dash, which knows [ only and must read no further
if [ -z "${BASH_VERSION:-}" ]; then
  [ -f "$0" ] || { echo 'check-node.sh: a pipe into sh cannot work, use a file' >&2 && exit 64; }
  exec /bin/bash "$0" "$@"
fi
set +x +o posix
set -uo pipefail
umask 077
export PATH="${PATH:-}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" LC_ALL=C

# ---- from the spec ----
readonly CLUSTER=idc SPEC=56c2b7c0e705
readonly API_SERVER='10.200.1.253:6443'
readonly METADATA=http://100.100.100.200/latest
readonly CA_HASHES='sha256:7c2e69131a36ae2a042a339b33381c6d0d43887e2de83720eff5359e26aec866'

# ---- found out on the way ----
RUN_DIR='' DEADLINE=0 CODE=0 RC=0 SIDE='' REPORT='' JSON='' NUMBER=0 FAILED=0
WHICH='' ABOUT='' HTTP_STATUS='' WHY='' ANSWER=''
OS_ID='' OS_VERSION='' CODENAME='' FAMILY=''
EL=''
METADATA_RC=1
declare -a PEERS=()

readonly PEER_RE='^([0-9A-Za-z][0-9A-Za-z.-]*(:[0-9]{1,5})?|[0-9a-fA-F:]*:[0-9a-fA-F.:]*:[0-9a-fA-F.:]*|\[[0-9a-fA-F.:]+\](:[0-9]{1,5})?)$'

readonly USAGE='usage: bash check-node.sh [--json | --report FILE] [--peer ADDRESS[:PORT]]... [--side idc|cloud]'

usage() { # TEXT
  printf '%s\n' "check-node.sh: $1" "$USAGE" >&2
  exit 64
}

read_flags() {
  while (($# > 0)); do
    case $1 in
      -h | --help) echo "$USAGE" && exit 0 ;;
      --json) JSON=1 && shift && continue ;;
      --report | --peer | --side) (($# > 1)) || usage "$1 needs a value" ;;
      *) usage "no such flag: $1" ;;
    esac
    case $1=$2 in
      --report=?*) REPORT=$2 ;;
      --side=idc | --side=cloud) SIDE=$2 ;;
      --peer=*)
        [[ $2 =~ $PEER_RE ]] || usage "no address: $2"
        PEERS+=("$2")
        ;;
      *) usage "$1 cannot be $2" ;;
    esac
    shift 2
  done
  [[ -z $JSON || -z $REPORT ]] || usage '--json and --report are two ways for the same'
  [[ -z ${PEERS[16]-} ]] || usage 'at most 16 peers'
  [[ -z $REPORT ]] || : >"$REPORT" || usage "cannot write $REPORT"
}

look() { # WHICH ABOUT FUNCTION ARGUMENTS...
  NUMBER=$((NUMBER + 1))
  begin "$@" 3>"$RUN_DIR/said.$(printf '%03d' "$NUMBER")" >/dev/null 2>&1 </dev/null &
}

begin() { # WHICH ABOUT FUNCTION ARGUMENTS...
  WHICH=$1 ABOUT=$2
  shift 2
  "$@"
}

result() { # ok|failed|unseen TEXT: a line of what a look says
  local text=${2:0:300} about=${ABOUT:0:300}
  printf '%s\t%s\t%s\t%s\n' "$WHICH" "$1" "${about//[[:cntrl:]]/ }" "${text//[[:cntrl:]]/ }" >&3
}

die() { # TEXT: a look that could not be made
  result unseen "$*"
  exit "$CODE"
}

log() { # LEVEL TEXT: what the node script would say on the way
  :
}

json() { # TEXT: a string of JSON, of visible ASCII
  local text=${1//[^ -~]/?}
  text=${text//\\/\\\\}
  printf '"%s"' "${text//\"/\\\"}"
}

tell() { # for a person, and as a report
  local file which verdict about text count=0
  report '{"hybridc": "node-report", "version": 1, "cluster": %s, "spec": %s, "side": %s, "host": %s, "at": %s}\n' \
    "$CLUSTER" "$SPEC" "$SIDE" "$(uname -n)" "$(date -u +%FT%TZ)"
  for file in "$RUN_DIR"/said.*; do
    while IFS=$'\t' read -r which verdict about text; do
      count=$((count + 1))
      [[ $verdict != failed ]] || FAILED=1
      line "$verdict" "$which" "$about" "$text"
      report '{"look": %s, "about": %s, "result": %s, "seen": %s}\n' "$which" "$about" "$verdict" "$text"
    done <"$file"
  done
  # the last line says that nothing is missing
  report '{"end": %s}\n' "$count"
  return "$FAILED"
}

line() { # RESULT WHICH ABOUT TEXT
  local words=$1 text
  case $1 in
    failed) words=FAILED ;;
    unseen) words='not seen' ;;
    *) ;;
  esac
  text=$(printf '%-9s%-14s %s: %s' "$words" "$2" "$3" "$4")
  if [[ -n $JSON ]]; then printf '%s\n' "${text//[^ -~]/?}" >&2; else printf '%s\n' "${text//[^ -~]/?}"; fi
}

report() { # FORMAT VALUES...: a line of the report
  local format=$1 value
  local -a values=()
  [[ -n $JSON$REPORT ]] || return 0
  shift
  for value in "$@"; do
    if [[ $format == '{"end"'* ]]; then values+=("$value"); else values+=("$(json "$value")"); fi
  done
  # shellcheck disable=SC2059 # a format of ours
  if [[ -n $REPORT ]]; then printf "$format" "${values[@]}" >>"$REPORT"; else printf "$format" "${values[@]}"; fi
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

ask() { # CURL-ARGUMENTS...: a host that is near, never through a proxy
  within 25 curl -sS --noproxy '*' --connect-timeout 5 -m 20 "$@"
}

proxied() { # COMMAND...
  http_proxy='http://p.example.com:3128' https_proxy='http://p.example.com:3128' no_proxy='10.0.0.0/8,192.168.0.0/24,10.100.0.0/16,172.16.0.0/16,10.10.0.0/16,localhost,127.0.0.1,100.64.0.0/10,10.200.1.253,.oss-cn-hangzhou-internal.aliyuncs.com,mirrors.cloud.aliyuncs.com,registry-cn-hangzhou-vpc.ack.aliyuncs.com' "$@"
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

know_side() { # cloud where the metadata service of ECS answers or the machine says that it is one, else idc
  open_metadata
  [[ $RC == 7 || $RC == 28 || $RC == 124 || $RC == 127 ]] || attempt metadata_of region-id
  METADATA_RC=$RC
  [[ -z $SIDE ]] || return 0
  SIDE=idc
  if ((METADATA_RC == 0)) || grep -qs 'Alibaba Cloud' /sys/class/dmi/id/sys_vendor; then SIDE=cloud; fi
}

metadata_of() { # PATH: the text is in ANSWER
  ANSWER=''
  attempt ask -f -K "$RUN_DIR/metadata.curl" -o "$RUN_DIR/metadata.$1" "$METADATA/meta-data/$1"
  ((RC == 0)) || return "$RC"
  read -r ANSWER <"$RUN_DIR/metadata.$1" || true
  [[ $ANSWER =~ ^[a-z0-9-]{1,64}$ ]]
}

on_cloud() { # ends a look that is about cloud nodes alone
  [[ $SIDE == cloud ]] || die 'nodes in the cloud alone need it'
}

look_metadata() {
  on_cloud
  if ((METADATA_RC == 0)); then result ok 'it answers'; else result failed 'it does not answer'; fi
}

look_is() { # PATH VALUE
  on_cloud
  metadata_of "$1" || die 'the metadata service does not say'
  if [[ $ANSWER == "$2" ]]; then result ok "$ANSWER"; else result failed "this instance is in $ANSWER"; fi
}

know_system() {
  local release
  # shellcheck source=/dev/null
  release=$(. /etc/os-release && printf '%s|%s|%s' "${ID:-}" "${VERSION_ID:-}" "${VERSION_CODENAME:-}")
  IFS='|' read -r OS_ID OS_VERSION CODENAME <<<"$release"
  case "$OS_ID $OS_VERSION" in
    'alinux 3'* | 'anolis 8'* | 'rhel 8'* | 'rocky 8'* | 'almalinux 8'* | 'centos 8'* | 'ol 8'*) FAMILY=rpm EL=8 ;;
    'alinux 4'* | 'anolis 23'* | 'rhel 9'* | 'rocky 9'* | 'almalinux 9'* | 'centos 9'* | 'ol 9'*) FAMILY=rpm EL=9 ;;
    'ubuntu 22.04' | 'ubuntu 24.04' | 'debian 12'*) FAMILY=deb ;;
    *)
      if command -v apt-get >/dev/null; then FAMILY=deb; else FAMILY=rpm EL=${OS_VERSION%%.*}; fi
      log WARN "$OS_ID $OS_VERSION was never tried: taken for $FAMILY"
      [[ $FAMILY$EL =~ ^(deb|rpm(8|9|10)$) ]] || die "containerd.io has no packages for EL $EL: packages.repositories"
      ;;
  esac
}

look_system() {
  on_cloud
  die() {
    result failed "$*"
    exit 0
  }
  know_system
  grep -qw overlay /proc/filesystems || ls /lib/modules/"$(uname -r)"/kernel/fs/overlayfs/* >/dev/null || die 'the kernel has no overlayfs'
  result ok "$OS_ID $OS_VERSION ($FAMILY $CODENAME), kernel $(uname -rm)"
}

look_eth0() {
  on_cloud
  if [[ -e /sys/class/net/eth0 ]]; then result ok 'it has an eth0'; else result failed 'there is no interface eth0'; fi
}

look_resolvers() {
  local servers
  servers=$(awk '/^nameserver/ { printf " %s", $2 }' /etc/resolv.conf)
  if [[ -n $servers ]]; then result ok "nameservers:$servers"; else result failed 'no nameserver'; fi
}

write_names() { # what the node script will write into /etc/hosts before it dials
  cat >"$RUN_DIR/.curlrc" <<'CURLRC'
resolve = "lb.local:80:10.0.0.1"
resolve = "lb.local:443:10.0.0.1"
resolve = "lb.local:6443:10.0.0.1"
CURLRC
}

answer() { # COMMAND...: curl in one of its ways; what came is in body.$NUMBER, and WHY says why nothing did
  command -v curl >/dev/null || die 'there is no curl'
  attempt "$@" -o "$RUN_DIR/body.$NUMBER" -D "$RUN_DIR/head.$NUMBER" -w '%{http_code}' \
    >"$RUN_DIR/status.$NUMBER" 2>"$RUN_DIR/error.$NUMBER"
  HTTP_STATUS=$(<"$RUN_DIR/status.$NUMBER") WHY=''
  case $RC in
    0) [[ $HTTP_STATUS != 000 ]] || WHY='no answer' ;;
    5) WHY='the name of the proxy does not resolve' ;;
    6) WHY='the name does not resolve' ;;
    7) WHY='no connection: refused, or no route' ;;
    28 | 124 | 137) WHY='no answer in time: something on the way drops it, or the other side hangs' ;;
    *) WHY="curl $RC: $(tail -n 1 "$RUN_DIR/error.$NUMBER")" ;;
  esac
}

outside() { # CURL-ARGUMENTS...: as packages and images come
  proxied within 25 curl -sSL --connect-timeout 5 -m 20 "$@"
}

look_api_server() {
  answer ask -k "https://$API_SERVER/healthz"
  case $HTTP_STATUS in
    200 | 401 | 403) result ok "HTTP $HTTP_STATUS" ;;
    *) result failed "${WHY:-HTTP $HTTP_STATUS, which is no healthy API server}" ;;
  esac
}

look_clock() {
  local theirs ours
  answer ask -k "https://$API_SERVER/healthz"
  ours=$(date +%s)
  [[ -z $WHY ]] || die 'the API server does not answer'
  theirs=$(sed -n 's/^[Dd]ate: *\([ -~]*\).*/\1/p' "$RUN_DIR/head.$NUMBER" | head -n 1)
  theirs=$(date -d "${theirs:-none}" +%s) || die 'the API server does not say its time'
  if ((ours - theirs > 300 || theirs - ours > 300)); then
    result failed "the clock here is $((ours - theirs)) s from that of the API server"
  else
    result ok "$((ours - theirs)) s from that of the API server"
  fi
}

look_cluster_info() { # what kubeadm asks for first, without credentials; then the server and the CA that it names
  answer ask -k "https://$API_SERVER/api/v1/namespaces/kube-public/configmaps/cluster-info"
  [[ -z $WHY ]] || die "$WHY"
  if [[ $HTTP_STATUS != 200 ]]; then
    result failed "HTTP $HTTP_STATUS"
    return
  fi
  result ok 'it can be read without credentials'
  mv "$RUN_DIR/body.$NUMBER" "$RUN_DIR/cluster-info"
  WHICH=cluster-info-server ANSWER=''
  if reach_server cluster-info; then
    [[ -z $ANSWER ]] || ABOUT=$ANSWER
    result ok 'the server that cluster-info names answers'
  else
    ABOUT=$ANSWER
    result failed 'the server that cluster-info names does not answer'
  fi
  look_ca
}

reach_server() { # FILE: whether the API server that the kubeconfig in this ConfigMap names answers; it is in ANSWER
  [[ $(<"$RUN_DIR/$1") =~ server:\ *(https://[^\\\"[:space:]]+) ]] || return 0
  ANSWER=${BASH_REMATCH[1]}
  [[ $ANSWER != "https://$API_SERVER" ]] || return 0
  attempt ask -k -o /dev/null "$ANSWER/healthz"
  return "$RC"
}

look_ca() { # as kubeadm: the CA of cluster-info has one of the hashes, and the API server's certificate is signed by it
  local file hash found=''
  WHICH=ca ABOUT=$API_SERVER
  command -v openssl >/dev/null || die 'there is no openssl'
  [[ $(<"$RUN_DIR/cluster-info") =~ certificate-authority-data:\ *([A-Za-z0-9+/=]+) ]] || die 'cluster-info names no CA'
  base64 -d <<<"${BASH_REMATCH[1]}" >"$RUN_DIR/ca"
  awk -v path="$RUN_DIR/ca." '/-BEGIN CERTIFICATE-/ { n++ } n && n < 9 { print > (path n) }' "$RUN_DIR/ca"
  for file in "$RUN_DIR"/ca.*; do
    hash=$(openssl x509 -in "$file" -noout -pubkey | openssl pkey -pubin -outform der | openssl dgst -sha256 -r) || continue
    hash=sha256:${hash%% *}
    found+=" $hash"
    [[ " $CA_HASHES " != *" $hash "* ]] || break
  done
  [[ -n $found ]] || die 'the CA of cluster-info cannot be read'
  if [[ " $CA_HASHES " != *" $hash "* ]]; then
    result failed "cluster-info has the CA$found"
    return
  fi
  result ok "$hash"
  WHICH=certificate
  answer ask --cacert "$RUN_DIR/ca" "https://$API_SERVER/healthz"
  if [[ -z $WHY ]]; then result ok 'it is signed by that CA, for this address'; else result failed "$WHY"; fi
}

look_port() { # nothing here can see it: it is the other side that connects
  result unseen 'the API server connects to the kubelet: on an IDC node, --peer ADDRESS-OF-A-CLOUD-NODE:10250'
}

peek() { # WAY URL: the answer without its body; an address that is signed is so for GET alone
  if [[ $2 == *\?* ]]; then answer "$1" -r 0-0 "$2"; else answer "$1" -I "$2"; fi
}

judge() { # any answer that is no refusal will do
  if [[ -n $WHY ]]; then
    result failed "$WHY"
  elif ((HTTP_STATUS >= 400)); then
    result failed "HTTP $HTTP_STATUS"
  else
    result ok "HTTP $HTTP_STATUS"
  fi
}

look_object() { # URL: asked for as the node will, without a body
  on_cloud
  peek ask "$1"
  case $HTTP_STATUS in
    403) result failed 'HTTP 403: it may not be read from here' ;;
    404) result failed 'HTTP 404: it is not there' ;;
    *) judge ;;
  esac
}

look_repository() { # FAMILY URL INDEX, with what the package manager fills in
  local url=$2$3
  on_cloud
  know_system
  [[ $FAMILY == "$1" ]] || exit 0
  url=${url//\$EL/$EL}
  url=${url//\$ID/$OS_ID} url=${url//\$CODENAME/$CODENAME} url=${url//\$basearch/$(uname -m)}
  peek outside "$url"
  judge
}

look_registry() { # URL [-k]: /v2/ answers 200, or 401 where a pull takes a token
  on_cloud
  answer outside "${@:2}" "$1"
  if [[ -z $WHY && $HTTP_STATUS == 401 ]]; then result ok 'HTTP 401: it wants a token'; else judge; fi
}

look_peer() { # ADDRESS[:PORT]
  local address=${1#[} port='' size head=28
  if [[ $1 =~ ^(\[.*\]|[^:]*):([0-9]+)$ ]]; then
    address=${BASH_REMATCH[1]#[} port=${BASH_REMATCH[2]}
  fi
  address=${address%]}
  if [[ -n $port ]]; then
    attempt within 6 bash -c 'exec 4<>"/dev/tcp/$0/$1"' "$address" "$port"
    case $RC in
      0) result ok 'it takes a connection' ;;
      124) result failed 'no answer in time: something on the way drops it' ;;
      *) result failed 'no connection: refused, or no route' ;;
    esac
    return
  fi
  command -v ping >/dev/null || die 'there is no ping'
  attempt within 8 ping -n -c 3 -W 2 "$address"
  case $RC in
    0) result ok 'it answers a ping' ;;
    1 | 124) result failed 'it does not answer a ping' && return ;;
    *) die 'ping cannot be used here: as root, or --peer ADDRESS:PORT' ;;
  esac
  WHICH=mtu
  [[ $address != *:* ]] || head=48
  for size in 1500 1450 1400 1300 1280; do
    attempt within 8 ping -n -c 2 -W 2 -M 'do' -s $((size - head)) "$address"
    ((RC != 0)) || break
    size=0
  done
  if ((size == 1500)); then
    result ok '1500 bytes pass in one piece'
  elif ((size > 0)); then
    result failed "$size bytes pass in one piece, and 1500 do not"
  else
    result failed 'not even 1280 bytes pass in one piece'
  fi
}

looks() { # every look, side by side; what a look says is in a file of its own
  look resolvers /etc/resolv.conf look_resolvers
  look api-server "$API_SERVER" look_api_server
  look clock "$API_SERVER" look_clock
  look cluster-info "$API_SERVER" look_cluster_info
  look port-10250 'this machine' look_port
  look system 'this machine' look_system
  look eth0 'this machine' look_eth0
  look metadata 100.100.100.200 look_metadata
  look region 'cn-hangzhou' look_is region-id 'cn-hangzhou'
  look vpc 'vpc-bp1a' look_is vpc-id 'vpc-bp1a'
  look script 'https://kubelet-idc.oss-cn-hangzhou-internal.aliyuncs.com/bootstrap/idc/init-node-ecs-6c901df5f14c.sh' look_object 'https://kubelet-idc.oss-cn-hangzhou-internal.aliyuncs.com/bootstrap/idc/init-node-ecs-6c901df5f14c.sh'
  look repository:kubernetes 'http://mirrors.cloud.aliyuncs.com/kubernetes-new/core/stable/v1.24/rpm' look_repository rpm 'http://mirrors.cloud.aliyuncs.com/kubernetes-new/core/stable/v1.24/rpm' '/repodata/repomd.xml'
  look repository:containerd 'http://mirrors.cloud.aliyuncs.com/docker-ce/linux/rhel/$EL/$basearch/stable' look_repository rpm 'http://mirrors.cloud.aliyuncs.com/docker-ce/linux/rhel/$EL/$basearch/stable' '/repodata/repomd.xml'
  look repository:kubernetes 'http://mirrors.cloud.aliyuncs.com/kubernetes-new/core/stable/v1.24/deb' look_repository deb 'http://mirrors.cloud.aliyuncs.com/kubernetes-new/core/stable/v1.24/deb' '/InRelease'
  look repository:containerd 'http://mirrors.cloud.aliyuncs.com/docker-ce/linux/$ID' look_repository deb 'http://mirrors.cloud.aliyuncs.com/docker-ce/linux/$ID' '/dists/$CODENAME/InRelease'
  look pause-image 'https://registry-cn-hangzhou-vpc.ack.aliyuncs.com/v2/' look_registry 'https://registry-cn-hangzhou-vpc.ack.aliyuncs.com/v2/'
  look mirror 'https://m.example.com/v2/' look_registry 'https://m.example.com/v2/'
  local peer
  for peer in ${PEERS[0]+"${PEERS[@]}"}; do look peer "$peer" look_peer "$peer"; done
  wait
}

main() {
  read_flags "$@"
  ulimit -f 10240 # KiB, whatever a server sends
  RUN_DIR=$(mktemp -d) || { echo 'check-node.sh: no folder for temporary files: set TMPDIR' >&2 && exit 64; }
  trap 'rm -rf "$RUN_DIR"' EXIT
  trap 'exit 130' HUP INT TERM
  DEADLINE=$((SECONDS + 50))
  export CURL_HOME=$RUN_DIR # no settings of whoever runs this
  write_names
  know_side 2>/dev/null
  looks
  tell
}

main "$@"
