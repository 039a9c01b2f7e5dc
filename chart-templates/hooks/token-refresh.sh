#!/bin/sh
# Keeps one bootstrap token alive: moves its expiry ahead. When this stops running, the token dies by itself.
set -eu

dir=${HYBRIDC_DIR:-/etc/hybridc/token-refresh}
secret=$(cat "$dir/secret")
seconds=$(cat "$dir/seconds")

expiry=$(date -u -d "@$(($(date -u +%s) + seconds))" +%Y-%m-%dT%H:%M:%SZ)
if ! kubectl -n kube-system patch secret "$secret" --type=merge -p "{\"stringData\":{\"expiration\":\"$expiry\"}}"; then
  printf '%s\n' "cannot renew Secret kube-system/$secret: create the token as SUMMARY.md says" >&2
  exit 1
fi
