# What the looks have in common: addresses as numbers, and whether a cloud node can dial an API server. The file "reach":
#   hosts NAME…      names that resolve on cloud nodes, without DNS
#   dial HOST:PORT   the API server as they dial it
#   never CIDR FIRST LAST    what is the cluster's own network, which a node has only after it has joined
#
# number ADDRESS: $number is an IPv4 address as a number; 1 for any other.
number() {
  case $1 in
    *[!0-9.]* | .* | *. | *..* | 0[0-9]* | *.0[0-9]* | *.*.*.*.*) return 1 ;;
    *.*.*.*) ;;
    *) return 1 ;;
  esac
  a=${1%%.*} rest=${1#*.}
  b=${rest%%.*} rest=${rest#*.}
  c=${rest%%.*} d=${rest#*.}
  number=$((((a * 256 + b) * 256 + c) * 256 + d))
}

# within FILE WORD ADDRESS: whether it is in a range of the file's lines "WORD CIDR FIRST LAST"; $range is that one.
within() {
  number "$3" || return 1
  while read -r word range first last; do
    [ "$word" = "$2" ] && [ "$first" != - ] || continue
    [ "$number" -lt "$first" ] || [ "$number" -gt "$last" ] || return 0
  done <"${dir:?}/$1"
  return 1
}

# host_of URL: $host is its host, in small letters and without the brackets of an IPv6 address.
host_of() {
  host=${1#*://}
  host=${host%%/*}
  case $host in
    \[*) host=${host#\[} host=${host%%\]*} ;;
    *) host=${host%:*} ;;
  esac
  host=$(printf '%s\n' "$host" | sed 'y/ABCDEFGHIJKLMNOPQRSTUVWXYZ/abcdefghijklmnopqrstuvwxyz/')
}

# cluster_of KUBECONFIG FIELD: a field of its first cluster, as kubectl reads it.
cluster_of() {
  printf '%s\n' "$1" >"${HOME:-/tmp}/kubeconfig"
  kubectl "--kubeconfig=${HOME:-/tmp}/kubeconfig" config view --raw -o "jsonpath={.clusters[0].cluster.$2}" </dev/null
}

# dialled CODE WHO URL HARM CONFIGMAP: looks at a server that cloud nodes are sent to; CODE where they cannot reach it.
dialled() {
  host_of "$3"
  dial=$(sed -n 's/^dial //p' "${dir:?}/reach")
  case $host in
    localhost | *.localhost | localhost.localdomain | 127.* | ::1 | ::ffff:127.* | 0.0.0.0 | :: | 169.254.* | fe[89ab]?:*)
      found "$1" "$2 $3, which is the node itself: on a cloud node nothing listens there, and $4; let ConfigMap $5 name $dial"
      return 0
      ;;
  esac
  if within reach never "$host"; then
    found "$1" "$2 $3, an address in $range, the cluster's own network, which a node has only after it has joined: $4; let ConfigMap $5 name $dial"
    return 0
  fi
  ! has "$(sed -n 's/^hosts //p' "${dir:?}/reach")" "$host" || return 0
  # A name: only whether it resolves. No kubeconfig, and a word that is nobody's token, or kubectl asks for a password.
  case $host in
    *:*) ;;
    *[!0-9.]*)
      answer=$(kubectl --kubeconfig=/dev/null --token=none "--server=$3" --request-timeout=10s get --raw /version 2>&1 </dev/null) || :
      case $answer in
        *"lookup $host"*)
          found "$1" "$2 $3, a name that pods cannot resolve: on a cloud node $4; let ConfigMap $5 name $dial, or give the name in nodeInit.hosts"
          return 0
          ;;
      esac
      ;;
  esac
  echo "not seen: whether cloud nodes reach $3, which ConfigMap $5 names and not $dial"
}
