# What a node that joins is given: ConfigMap kube-public/cluster-info. kubeadm takes the server from there, whatever it
# dialled first, and refuses a CA that is none of its hashes. The file "join" has a line "any" or "sha256 HASH…".
#
# size TAG LENGTH…: of a DER element that starts with these bytes (octal), $head bytes and $body bytes.
size() {
  head=2 body=$((0$2))
  [ "$body" -gt 127 ] || return 0
  head=$((body - 126)) body=0
  left=$((head - 2))
  shift 2
  while [ "$left" -gt 0 ]; do
    body=$((body * 256 + 0$1)) left=$((left - 1))
    shift
  done
}

# pin BASE64: the hash of a certificate's public key, as caCertHashes has it; nothing when it cannot be told.
pin() (
  # shellcheck disable=SC2046
  set -- $(printf '%s' "$1" | base64 -d 2>/dev/null | od -An -v -to1)
  [ $# -gt 64 ] || exit 0
  for _ in certificate signed; do # go into both
    size "$@"
    shift "$head"
  done
  # serial number, algorithm, issuer, validity, subject; and a version before them
  skipped=5
  [ "$1" != 240 ] || skipped=6
  while [ "$skipped" -gt 0 ]; do
    size "$@"
    shift "$((head + body))"
    skipped=$((skipped - 1))
  done
  size "$@"
  left=$((head + body)) key=
  for byte; do
    [ "$left" -gt 0 ] || break
    key="$key\\$byte" left=$((left - 1))
  done
  # shellcheck disable=SC2059
  printf "$key" | sha256sum | sed 's/ .*//'
)

# pins: the hash of each certificate of the PEM text on stdin, a line each.
pins() {
  body=
  while read -r line; do
    case $line in
      *'BEGIN CERTIFICATE'*) body= ;;
      *'END CERTIFICATE'*) pin "$body" || : ;;
      *) body=$body$line ;;
    esac
  done
}

# ca: looks whether one of the CAs in $info is one that new nodes take.
ca() {
  wanted=$(sed -n 's/^sha256 //p' "${dir:?}/join")
  [ -n "$wanted" ] || return 0
  data=$(cluster_of "$info" certificate-authority-data) || data=
  there=$(printf '%s' "$data" | base64 -d 2>/dev/null | pins)
  if [ -n "$data" ] && [ -z "$there" ]; then
    echo "not seen: whether caCertHashes has the CA of kube-public/cluster-info, because this image cannot tell its hash (base64, od, sha256sum)"
    return 0
  fi
  seen=
  for hash in $there; do
    ! has "$wanted" "$hash" || return 0
    seen="$seen${seen:+, }sha256:$hash"
  done
  found NODE043 "ConfigMap kube-public/cluster-info has ${seen:-no CA}, none of cluster.caCertHashes: no node would join; put the hash of this cluster's CA there"
}

if ! info=$(look kube-public configmap cluster-info 'jsonpath={.data.kubeconfig}'); then
  unreadable configmap kube-public cluster-info
elif ! server=$(cluster_of "$info" server) || [ -z "$server" ]; then
  found NODE043 "ConfigMap kube-public/cluster-info is not there, or names no API server, and a node that joins reads it first: kubeadm init phase bootstrap-token"
else
  dialled NET033 "nodes that join are sent to" "$server" "no join would succeed" kube-public/cluster-info
  ca
fi
