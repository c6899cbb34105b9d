#!/bin/sh
# Builds the Debian packages into build/deb: motcua and motcua-kiosk for each
# architecture asked for (amd64, arm64, armhf; without arguments this machine's),
# and motcua-display, which is for all. VERSION is the packages' version.
set -eu
cd "$(dirname "$0")/.."
: "${VERSION:?is the version of the packages}"
: "${GO:=go}"
export VERSION

pack() { # pack DESCRIPTION: prints the package's path
	"$PWD/build/tools/deb" "$1" build/deb
}

compiler() { # compiler ARCH: the C compiler that builds for it
	case "$1" in
	"$(dpkg --print-architecture)") echo cc ;;
	amd64) echo x86_64-linux-gnu-gcc ;;
	arm64) echo aarch64-linux-gnu-gcc ;;
	armhf) echo arm-linux-gnueabihf-gcc ;;
	*) echo "no architecture of ours: $1 (amd64, arm64, armhf)" >&2; exit 2 ;;
	esac
}

libc() { # libc ARCH: the licence of the C library it is linked with
	case "$1" in
	"$(dpkg --print-architecture)") echo /usr/share/doc/libc6-dev/copyright ;;
	*) echo "/usr/share/doc/libc6-dev-$1-cross/copyright" ;;
	esac
}

licences() { # licences NAME PROGRAM…: of all that is linked into them
	to=$BINARIES/$1
	shift
	"$GO" run ./packaging/licences -libc "$(libc "$DEB_ARCH")" "$@" >"$to"
	gzip -9nf "$to"
}

[ $# -gt 0 ] || set -- "$(dpkg --print-architecture)"
missing=""
for DEB_ARCH; do
	cc=$(compiler "$DEB_ARCH")
	if ! command -v "$cc" >/dev/null; then
		case "$DEB_ARCH" in
		amd64) needs="gcc-x86-64-linux-gnu libc6-dev-amd64-cross" ;;
		arm64) needs="gcc-aarch64-linux-gnu libc6-dev-arm64-cross" ;;
		armhf) needs="gcc-arm-linux-gnueabihf libc6-dev-armhf-cross" ;;
		esac
		echo "$DEB_ARCH: not built, $cc is missing; please run: sudo apt-get install -y --no-install-recommends $needs" >&2
		missing="$missing $DEB_ARCH"
		continue
	fi
	case "$DEB_ARCH" in
	amd64) arch="GOARCH=amd64" ;;
	arm64) arch="GOARCH=arm64" ;;
	armhf) arch="GOARCH=arm GOARM=7" ;;
	esac
	BINARIES=build/deb/$DEB_ARCH
	export DEB_ARCH BINARIES
	mkdir -p "$BINARIES"
	# Without CGO_ENABLED=1 a cross build succeeds and has no SQLite.
	env CGO_ENABLED=1 GOOS=linux $arch CC="$cc" "$GO" build -trimpath -buildvcs=false \
		-tags 'netgo osusergo sqlite_omit_load_extension' \
		-ldflags='-s -w -linkmode external -extldflags "-static"' \
		-o "$BINARIES/" ./cmd/...
	licences licences "$BINARIES/motcuad" "$BINARIES/motcua"
	gzip -9nc packaging/changelog >"$BINARIES/changelog.gz"
	gzip -9nc packaging/kiosk/changelog >"$BINARIES/kiosk-changelog.gz"
	gzip -9nc packaging/display/changelog >"$BINARIES/display-changelog.gz"
	grep -v '^!\[\|^<img' README.md >"$BINARIES/README.md" # pictures stay at home
	pack packaging/nfpm.yaml
	if [ -d cmd/motcua-kiosk ]; then
		licences kiosk-licences "$BINARIES/motcua-kiosk"
		pack packaging/kiosk/nfpm.yaml
	fi
	built=yes
done
[ -z "${built:-}" ] || pack packaging/display/nfpm.yaml
[ -z "$missing" ] || exit 1
