#!/bin/sh
# Installs Debian packages that the build or the tests need, where that is
# permitted; else names the one command that does it.
set -u
command="apt-get install -y --no-install-recommends $*"
if ! command -v apt-get >/dev/null; then
	echo "needed: $* (no apt-get here: install them by your system's own means)" >&2
	exit 0
fi
if [ "$(id -u)" = 0 ]; then
	run=""
elif sudo -n true 2>/dev/null; then
	run="sudo -n"
else
	echo "needed: $*; please run: sudo $command" >&2
	exit 0
fi
export DEBIAN_FRONTEND=noninteractive
$run apt-get update -qq && $run $command -qq >/dev/null || echo "not installed; please run: sudo $command" >&2
exit 0
