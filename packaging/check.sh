#!/bin/sh
# Holds the built packages to what is asked of them: lintian without errors,
# units that systemd understands, a sandbox of at most 2.2, and a whole life
# (install, start, upgrade, remove, purge) in a throw-away root. One line per
# check; exit status 1 when one fails. What is not installed here is installed
# where that is permitted, else named.
#
# In the root there is no running systemd, so the daemon is started by the
# unit's own command with a notify socket of this script's.
set -eu
cd "$(dirname "$0")/.."
ARCH=$(dpkg --print-architecture)
SUITE=${SUITE:-bookworm}
failed=0

verdict() { # verdict NAME STATUS [WORDS]
	if [ "$2" = 0 ]; then word=ok; else word=FAIL; failed=1; fi
	printf '%-28s %-4s %s\n' "$1" "$word" "${3:-}"
}

need() { # need COMMAND PACKAGES…
	command=$1
	shift
	command -v "$command" >/dev/null || tools/install.sh "$@"
	command -v "$command" >/dev/null || { echo "$command is missing: nothing is checked" >&2; exit 1; }
}
need lintian lintian
need systemd-analyze systemd
need debootstrap debootstrap
need socat socat
CENTRE=$(ls -t build/deb/motcua_*_"$ARCH".deb 2>/dev/null | head -1)
DISPLAY_PACKAGE=$(ls -t build/deb/motcua-display_*_all.deb 2>/dev/null | head -1)
if [ -z "$CENTRE" ] || [ -z "$DISPLAY_PACKAGE" ]; then
	echo "no packages for $ARCH in build/deb: run make deb first" >&2
	exit 1
fi

for package in build/deb/*.deb; do
	# lintian wants no root, and says so on standard error.
	words=$(lintian --tag-display-limit 0 "$package" 2>/dev/null | grep '^E:') && status=1 || status=0
	verdict "lintian $(basename "$package" | cut -d_ -f1,3)" $status "$words"
done

work=$(mktemp -d)
root=$work/root
cleanup() {
	[ -z "${daemon:-}" ] || kill "$daemon" 2>/dev/null || true
	umount "$root/proc" 2>/dev/null || true
	rm -rf --one-file-system "$work"
}
trap cleanup EXIT
trap 'exit 1' INT TERM

# The units, beside those of this machine and with every command they name.
units=$work/units
mkdir -p "$units/lib/systemd/system" "$units/usr/bin" "$units/etc"
cp -a /lib/systemd/system/. "$units/lib/systemd/system/"
for package in "$CENTRE" "$DISPLAY_PACKAGE"; do dpkg-deb -x "$package" "$units"; done
ln -sfn usr/bin "$units/bin"
for command in cage chromium systemctl true; do cp /bin/true "$units/usr/bin/$command"; done
for unit in motcuad.service motcua-display.service motcua-display-nightly.service motcua-display-nightly.timer; do
	words=$(systemd-analyze verify --root="$units" --man=no --recursive-errors=no "$unit" 2>&1 | grep -F "$unit" || true)
	verdict "verify $unit" "$([ -z "$words" ] && echo 0 || echo 1)" "$words"
done
exposure=$(systemd-analyze security --offline=yes packaging/motcuad.service | sed -n 's/.*Overall exposure level for [^:]*: \([0-9.]*\).*/\1/p')
verdict "exposure at most 2.2" "$(awk -v e="${exposure:-10}" 'BEGIN { print (e <= 2.2) ? 0 : 1 }')" "$exposure"

# The other architectures' programs, where this machine can play their processor.
for other in arm64:aarch64 armhf:arm; do
	package=$(ls -t build/deb/motcua_*_"${other%:*}".deb 2>/dev/null | head -1)
	[ -n "$package" ] && [ "${other%:*}" != "$ARCH" ] || continue
	play=qemu-${other#*:}-static
	if ! command -v "$play" >/dev/null; then
		printf '%-28s %-4s %s\n' "run ${other%:*}" skip "needs qemu-user-static"
		continue
	fi
	there=$work/${other%:*}
	dpkg-deb -x "$package" "$there"
	printf 'data = "%s"\nlisten = "127.0.0.1:0"\n' "$there/data" >"$there/motcua.toml"
	"$play" "$there/usr/bin/motcuad" --demo --listen 127.0.0.1:0 --data "$there/data" >"$there/out" 2>&1 &
	player=$!
	waited=0
	until grep -q /openapi.json "$there/out" || [ $waited -gt 600 ] || ! kill -0 $player 2>/dev/null; do
		waited=$((waited + 1))
		sleep 0.1
	done
	kill -TERM $player 2>/dev/null && wait $player && status=0 || status=1
	words=$("$play" "$there/usr/bin/motcua" doctor --config "$there/motcua.toml" --writes 50 journal disk 2>&1) || status=1
	verdict "run ${other%:*}" $status "$([ $status = 0 ] || { tail -2 "$there/out"; echo "$words"; } | tr '\n' ' ')"
done

if [ "$(id -u)" != 0 ]; then
	echo "not root: the packages' life in a root of their own is not tried" >&2
	exit 1
fi
if ! debootstrap --variant=minbase --include=systemd,udev,init-system-helpers "$SUITE" "$root" >"$work/debootstrap.log" 2>&1; then
	tail -3 "$work/debootstrap.log" >&2
	verdict "throw-away root" 1 "debootstrap failed"
	exit 1
fi
mount -t proc proc "$root/proc" 2>/dev/null || true # the boot id
cp "$CENTRE" "$root/srv/motcua.deb"
in_root() { chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 "$@"; }
step() { # step NAME COMMAND…
	name=$1
	shift
	words=$("$@" 2>&1) && status=0 || status=$?
	[ $status = 0 ] && words="" || words=$(printf '%s' "$words" | tail -3 | tr '\n' ' ')
	verdict "$name" $status "$words"
}

step install in_root dpkg -i /srv/motcua.deb
step "user in its groups" in_root sh -c 'for g in gpio lp dialout input audio; do id -nG motcua | tr " " "\n" | grep -qx $g || { echo "not in $g"; exit 1; }; done'
step "enabled for the next boot" in_root test -L /etc/systemd/system/multi-user.target.wants/motcuad.service
step "configuration not for all" in_root sh -c 'test "$(stat -c "%U:%G %a" /etc/motcua/motcua.toml)" = "root:motcua 640"'
step "folder of the journal" in_root sh -c 'test "$(stat -c "%U:%G %a" /var/lib/motcua)" = "motcua:motcua 750"'

# Start and stop as the unit does it, by the unit's own command and user, on an
# address that nobody here has.
port=$((20000 + $$ % 20000))
sed -i "s/^# listen = .*/listen = \"127.0.0.1:$port\"/" "$root/etc/motcua/motcua.toml"
command=$(sed -n 's/^ExecStart=//p' packaging/motcuad.service)
socket=$root/srv/notify
said=$work/said
socat -u "UNIX-RECV:$socket,mode=0666" "OPEN:$said,creat,append" &
listener=$!
until [ -S "$socket" ]; do sleep 0.1; done
chroot "$root" /usr/bin/setpriv --reuid motcua --regid motcua --init-groups --no-new-privs /usr/bin/env -i NOTIFY_SOCKET=/srv/notify WATCHDOG_USEC=2000000 $command >"$work/out" 2>&1 &
daemon=$!
waited=0
until grep -q READY=1 "$said" 2>/dev/null && grep -q WATCHDOG=1 "$said"; do
	waited=$((waited + 1))
	[ $waited -lt 300 ] && kill -0 $daemon 2>/dev/null || break
	sleep 0.1
done
grep -q READY=1 "$said" 2>/dev/null && grep -q WATCHDOG=1 "$said" && status=0 || status=1
verdict "start (notify harness)" $status "$([ $status = 0 ] || tail -3 "$work/out" | tr '\n' ' ')"
step "doctor beside it" in_root setpriv --reuid motcua --regid motcua --init-groups motcua doctor motcuad journal
kill -TERM $daemon 2>/dev/null && wait $daemon && status=0 || status=$?
daemon=""
kill $listener 2>/dev/null || true
verdict "stop" $status
step "a journal is there" in_root test -s /var/lib/motcua/centre.db

step "install again" in_root dpkg -i /srv/motcua.deb
# The same programs under a later version.
next=$(VERSION=99 DEB_ARCH=$ARCH BINARIES=build/deb/$ARCH build/tools/deb packaging/nfpm.yaml "$work")
cp "$next" "$root/srv/next.deb"
step "upgrade keeps the file" in_root sh -c 'dpkg -i /srv/next.deb && grep -q "^listen" /etc/motcua/motcua.toml'
step "remove keeps file, journal" in_root sh -c 'dpkg -r motcua && test -e /etc/motcua/motcua.toml && test -e /var/lib/motcua/centre.db'
step "purge keeps the journal" in_root sh -c 'dpkg -P motcua && test ! -e /etc/motcua && test -e /var/lib/motcua/centre.db'
step "nothing else is left" in_root sh -c '! find /usr /lib /etc -iname "*motcua*" | grep .'
exit $failed
