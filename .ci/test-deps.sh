#!/bin/sh
# Installs the Debian packages that the tests use, or says which are missing.
# Under CI=true a missing package fails; the tests themselves never skip.
set -eu

missing=
for p in "$@"; do
	dpkg -s "$p" >/dev/null 2>&1 || missing="$missing $p"
done
[ -z "$missing" ] && exit 0

if command -v apt-get >/dev/null 2>&1 && [ "$(id -u)" = 0 ]; then
	echo "installing for the tests:$missing"
	export DEBIAN_FRONTEND=noninteractive
	# shellcheck disable=SC2086
	apt-get install -y --no-install-recommends $missing >/dev/null 2>&1 ||
		{ apt-get update >/dev/null && apt-get install -y --no-install-recommends $missing >/dev/null; }
	exit 0
fi

echo "The tests need these Debian packages, or what they hold:$missing" >&2
if [ "${CI:-}" = true ]; then
	exit 1
fi
echo "Tests that need them will fail until they are there." >&2
