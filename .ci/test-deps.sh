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
	# Some of them bring a web server along. The tests start what they need themselves: no
	# service may be started by the installation.
	if [ ! -e /usr/sbin/policy-rc.d ]; then
		printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d
		chmod +x /usr/sbin/policy-rc.d
		trap 'rm -f /usr/sbin/policy-rc.d' EXIT
	fi
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
