#!/bin/sh
# Times the OAI-PMH provider beside nginx serving the same pages as static files. Needs nginx
# (Debian package nginx-light) and a folder for the catalogue, which is kept:
#
#	internal/bench/against-nginx.sh /var/tmp/million -records 1000000
set -eu

[ $# -gt 0 ] || { echo "usage: $0 FOLDER [-records N] [-rounds N]" >&2; exit 2; }
data=$1
shift
cd "$(dirname "$0")/../.."
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
CGO_ENABLED=0 go build -o "$dir/hub" ./cmd/hub
CGO_ENABLED=0 go build -o "$dir/against" ./internal/bench/againstnginx
"$dir/against" -hub "$dir/hub" -data "$data" "$@"
