#!/bin/sh
# Times the hub beside metha-sync on one loopback repository, in turn. Anybody who has
# metha-sync can run it from the root of the project:
#
#	go install github.com/miku/metha/cmd/metha-sync@latest
#	internal/bench/against-metha.sh "$(go env GOPATH)/bin/metha-sync" -records 20000,200000 -page 100,1000
#
# With "" in place of metha-sync the hub runs alone, as it does to see how its memory grows:
#
#	internal/bench/against-metha.sh "" -records 10000,200000 -rounds 1
set -eu

[ $# -gt 0 ] || { echo "usage: $0 METHA-SYNC [-records N,…] [-page N,…] [-rounds N]" >&2; exit 2; }
metha=$1
shift
cd "$(dirname "$0")/../.."
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
CGO_ENABLED=0 go build -o "$dir/hub" ./cmd/hub
CGO_ENABLED=0 go build -o "$dir/against" ./internal/bench/againstmetha
"$dir/against" -hub "$dir/hub" -metha "$metha" "$@"
