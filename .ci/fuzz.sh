#!/bin/sh
# Runs each fuzz target of the module for FUZZTIME (a minute when unset): of all packages, or
# of those that are given. A package whose tests do not build, or a module without targets,
# fails: nothing may be left out in silence.
set -eu

[ $# -gt 0 ] || set -- ./...
packages=$(go list "$@")
count=0
for pkg in $packages; do
	listed=$(go test -list '^Fuzz' "$pkg")
	for target in $(printf '%s\n' "$listed" | grep '^Fuzz' || true); do
		echo "== $pkg $target"
		go test -run '^$' -fuzz "^$target\$" -fuzztime "${FUZZTIME:-60s}" -fuzzminimizetime 10x "$pkg"
		count=$((count + 1))
	done
done
echo "$count fuzz targets"
[ "$count" -gt 0 ]
