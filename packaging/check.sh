#!/bin/sh
# Holds the built packages to what is asked of them: lintian without errors,
# units, rules and users that systemd understands, sandboxes within their bounds,
# and a whole life (install, start, take a number, upgrade, remove, purge) in a
# throw-away root. It prints one line per check, `name cases failures figure goal
# verdict`, and ends with status 1 when one is short. What is not installed here
# is installed where that is permitted, else named.
#
# No systemd runs in the root, so the daemon is started by the unit's own command
# and user, with a notify socket of this script's, in a network of its own.
set -eu
cd "$(dirname "$0")/.."
ARCH=$(dpkg --print-architecture)
SUITE=${SUITE:-bookworm}
status=0

row() { # row NAME CASES FAILURES FIGURE GOAL
	word=ok
	if [ "$3" != 0 ] || [ "$2" = 0 ]; then
		word=SHORT
		status=1
	fi
	printf '%-40s %5s  %8s  %6s  %4s  %s\n' "$1" "$2" "$3" "$4" "$5" "$word"
}

# check NAME COMMAND…: one case; what a failing command says is told below its row.
check() {
	name=$1
	shift
	if "$@" >"$work/words" 2>&1; then
		row "$name" 1 0 - -
	else
		row "$name" 1 1 - -
		sed 's/^/    /' "$work/words" | tail -12
	fi
}

need() { # need COMMAND PACKAGES…
	command=$1
	shift
	command -v "$command" >/dev/null || tools/install.sh "$@"
	command -v "$command" >/dev/null || { echo "$command is missing: nothing is checked" >&2; exit 1; }
}
need lintian lintian
need systemd-analyze systemd
need udevadm udev
need debootstrap debootstrap
need socat socat
need curl curl
need ip iproute2
[ "$(id -u)" = 0 ] || { echo "please run it as root: a throw-away root can be made by nobody else" >&2; exit 1; }

newest() { # newest NAME ARCH: the path of the package built last
	ls -t build/deb/"$1"_*_"$2".deb 2>/dev/null | head -1
}
CENTRE=$(newest motcua "$ARCH")
DISPLAY_PACKAGE=$(newest motcua-display all)
KIOSK=$(newest motcua-kiosk "$ARCH")
if [ -z "$CENTRE" ] || [ -z "$DISPLAY_PACKAGE" ]; then
	echo "no packages for $ARCH in build/deb: run make deb first" >&2
	exit 1
fi

work=$(mktemp -d)
root=$work/root
cleanup() {
	for process in ${daemon:-} ${listener:-} ${holder:-}; do kill "$process" 2>/dev/null || true; done
	umount "$root/proc" 2>/dev/null || true
	rm -rf --one-file-system "$work"
}
trap cleanup EXIT
trap 'exit 1' INT TERM
printf '%-40s %5s  %8s  %6s  %4s  %s\n' name cases failures figure goal verdict

# --- what can be read off the packages

for package in "$CENTRE" $KIOSK "$DISPLAY_PACKAGE" $(for a in arm64 armhf; do [ "$a" = "$ARCH" ] || { newest motcua "$a"; newest motcua-kiosk "$a"; }; done); do
	name=$(basename "$package" .deb | sed 's/_[^_]*_/_/')
	# lintian wants no root, and says so on standard error.
	lintian --tag-display-limit 0 "$package" 2>/dev/null >"$work/words" || true
	errors=$(grep -c '^E:' "$work/words" || true)
	row "lintian_$name" 1 "$errors" - -
	grep '^E:' "$work/words" | sed 's/^/    /' || true
	there=$work/$name
	dpkg-deb -x "$package" "$there"
	# Every package tells whose work is in it.
	check "licences_$name" sh -c '
		cd "$1"/usr/share/doc/* && test -s copyright || exit 1
		for program in "$1"/usr/bin/*; do
			[ -e "$program" ] || continue
			zcat licences.gz >"$2" || exit 1
			go version -m "$program" | while read -r kind module version _; do
				[ "$kind" != dep ] || grep -qF "==== $module $version: " "$2" || { echo "no licence of $module"; exit 1; }
			done || exit 1
		done' - "$there" "$work/licences"
done

# The units, beside those of this machine and with every command they name.
units=$work/units
mkdir -p "$units/lib/systemd/system" "$units/usr/bin" "$units/etc"
cp -a /lib/systemd/system/. "$units/lib/systemd/system/"
for package in "$CENTRE" "$DISPLAY_PACKAGE" $KIOSK; do dpkg-deb -x "$package" "$units"; done
ln -sfn usr/bin "$units/bin"
cp /bin/true "$units/usr/bin/systemctl"
understood() { # understood UNIT: systemd says nothing of it
	said=$(systemd-analyze verify --root="$units" --man=no --recursive-errors=no "$1" 2>&1 | grep -F "$1" || true)
	echo "$said"
	[ -z "$said" ]
}
bounded() { # bounded UNIT MOST: its exposure as systemd reckons it, and the most it may be
	figure=$(systemd-analyze security --offline=yes "$units/lib/systemd/system/$1" | sed -n 's/.*Overall exposure level for [^:]*: \([0-9.]*\).*/\1/p')
	row "exposure_$1" 1 "$(awk -v e="${figure:-10}" -v m="$2" 'BEGIN { print (e <= m) ? 0 : 1 }')" "${figure:--}" "≤$2"
}
for unit in "$units"/lib/systemd/system/motcua*; do check "verify_$(basename "$unit")" understood "$(basename "$unit")"; done
bounded motcuad.service 2.2
[ -z "$KIOSK" ] || bounded motcua-kiosk.service 2.2
bounded motcua-display-watch.service 2.2
# A browser makes code and namespaces of its own and needs screen, sound and tty.
bounded motcua-display.service 5
for rules in "$units"/lib/udev/rules.d/*motcua*; do
	if udevadm --help | grep -qw verify; then
		check "rules_$(basename "$rules")" udevadm verify "$rules"
	else # before systemd 254: a match or an assignment it can't read is logged
		check "rules_$(basename "$rules")" sh -c '! grep -vE "^(#.*|)$" "$1" | grep -vE "^([A-Z]+(\{[a-zA-Z_]+\})?(==|!=|=|\+=|:=)\"[^\"]*\"(, )?)+$"' - "$rules"
	fi
done

# --- a life in a root of its own

begun=$(date +%s)
if ! debootstrap --variant=minbase --include=systemd,udev,init-system-helpers "$SUITE" "$root" >"$work/debootstrap.log" 2>&1; then
	tail -3 "$work/debootstrap.log"
	row throw_away_root 1 1 - -
	exit 1
fi
row throw_away_root 1 0 "$(($(date +%s) - begun))s" -
mount -t proc proc "$root/proc" 2>/dev/null || true # the boot id
in_root() { chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 "$@"; }
as_motcua() { in_root setpriv --reuid motcua --regid motcua --init-groups --no-new-privs "$@"; }
# A network with nothing in it but loopback: the packaged address is free there.
unshare --net sh -c 'ip link set lo up && exec sleep 3600' &
holder=$!
until nsenter -t $holder -n ip -brief link show lo up 2>/dev/null | grep -q .; do sleep 0.1; done
in_net() { nsenter -t $holder -n "$@"; }
ask() { in_net curl --silent --show-error --fail-with-body --max-time 10 "http://127.0.0.1:8480$1"; }

# start: the unit's command by its user, until it has told a service manager
# that it is ready and alive.
start() {
	: >"$work/said"
	rm -f "$root/srv/notify"
	socat -u "UNIX-RECV:$root/srv/notify,mode=0666" "OPEN:$work/said,append" &
	listener=$!
	until [ -S "$root/srv/notify" ]; do sleep 0.1; done
	nsenter -t $holder -n chroot "$root" /usr/bin/setpriv --reuid motcua --regid motcua --init-groups --no-new-privs \
		/usr/bin/env -i NOTIFY_SOCKET=/srv/notify WATCHDOG_USEC=2000000 \
		$(sed -n 's/^ExecStart=//p' "$root/lib/systemd/system/motcuad.service") >"$work/out" 2>&1 &
	daemon=$!
	waited=0
	until grep -q READY=1 "$work/said" && grep -q WATCHDOG=1 "$work/said"; do
		waited=$((waited + 1))
		if [ $waited -gt 300 ] || ! kill -0 $daemon 2>/dev/null; then
			tail -3 "$work/out"
			return 1
		fi
		sleep 0.1
	done
}
stop() {
	kill -TERM "$daemon"
	wait "$daemon" && ended=0 || ended=$?
	daemon=""
	kill "$listener" 2>/dev/null || true
	listener=""
	[ $ended = 0 ] || tail -3 "$work/out"
	return $ended
}

# version V: the same programs as an older or a later package.
version() {
	VERSION=$1 DEB_ARCH=$ARCH BINARIES=build/deb/$ARCH build/tools/deb packaging/nfpm.yaml "$work"
}
cp "$(version 0.0.1)" "$root/srv/older.deb"
cp "$CENTRE" "$root/srv/motcua.deb"
cp "$DISPLAY_PACKAGE" "$root/srv/display.deb"
[ -z "$KIOSK" ] || cp "$KIOSK" "$root/srv/kiosk.deb"

check install in_root dpkg -i /srv/older.deb
mv "$work/words" "$work/installed"
check install_says_where sh -c 'grep -q "^  http://.*:8480/setup$" "$1" && ! grep -E "[0-9]{4} [0-9]{4}" "$1"' - "$work/installed"
check user_in_its_groups in_root sh -c 'for g in gpio lp dialout input audio; do id -nG motcua | tr " " "\n" | grep -qx $g || { echo "not in $g"; exit 1; }; done'
check enabled_for_the_next_boot in_root test -L /etc/systemd/system/multi-user.target.wants/motcuad.service
check configuration_not_for_all in_root sh -c 'test "$(stat -c "%U:%G %a" /etc/motcua/motcua.toml)" = "root:motcua 640"'
check folder_of_the_journal in_root sh -c 'test "$(stat -c "%U:%G %a" /var/lib/motcua)" = "motcua:motcua 750"'

# The fresh centre, as it is after dpkg -i: a wizard waits for whoever has the
# code, and leads to a centre, a signed-in browser and a first number; a restart
# loses none of it.
first_run() {
	in_net curl --silent --location http://127.0.0.1:8480/ | grep -q 'href="/setup"' || { echo "the first page does not lead to the first run"; return 1; }
	! in_root setpriv --reuid nobody --regid nogroup --clear-groups motcua setup-code >/dev/null 2>&1 || { echo "anybody reads the code"; return 1; }
	code=$(in_root motcua setup-code --language en | sed -n 's/^Setup code: //p')
	[ -n "$code" ] && [ "$code" = "$(as_motcua motcua setup-code --language en | sed -n 's/^Setup code: //p')" ] || { echo "no code for root and the daemon's user"; return 1; }
	CURL="nsenter -t $holder -n curl" packaging/first-run.sh http://127.0.0.1:8480 "$code" || return 1
	! grep -qF -e "$code" -e "$(echo "$code" | tr -d ' ')" "$work/out" "$work/said" || { echo "the code is in the log"; return 1; }
	stop && start || return 1
	as_motcua motcua journal show | grep -q 'A001 issued' || { echo "the first number is gone"; return 1; }
	! in_root motcua setup-code >/dev/null 2>&1 || { echo "the code outlives the first run"; return 1; }
	[ "$(in_net curl --silent --output /dev/null --write-out '%{redirect_url}' http://127.0.0.1:8480/setup)" = "http://127.0.0.1:8480/sign-in?next=/setup/done" ] || { echo "the first run is still open"; return 1; }
}
check start_by_notify_harness start
check wizard_waits sh -c 'test "$1" = 200' - "$(in_net curl --silent --location --output /dev/null --write-out '%{http_code}' http://127.0.0.1:8480/setup || true)"
check doctor_beside_it nsenter -t $holder -n chroot "$root" /usr/bin/setpriv --reuid motcua --regid motcua --init-groups /usr/bin/motcua doctor program motcuad journal
check first_run_to_first_number first_run
check stop stop

echo '# an administrator was here' >>"$root/etc/motcua/motcua.toml"
cp "$root/etc/motcua/motcua.toml" "$work/motcua.toml"
check upgrade in_root dpkg -i /srv/motcua.deb
check upgrade_keeps_the_file cmp "$work/motcua.toml" "$root/etc/motcua/motcua.toml"
check start_after_upgrade start
check upgrade_keeps_the_number sh -c 'printf %s "$1" | grep -q "\"next\":\"A001\""' - "$(ask /api/v1/board || true)"
check stop_after_upgrade stop
check journal_verifies as_motcua motcua journal verify
check install_again in_root dpkg -i /srv/motcua.deb

check display_install in_root dpkg -i --force-depends /srv/display.deb
check display_user_and_units in_root sh -c 'id -nG motcua-display | grep -qw video && for u in motcua-display motcua-display-watch; do test -L /etc/systemd/system/multi-user.target.wants/$u.service || exit 1; done && test -L /etc/systemd/system/timers.target.wants/motcua-display-nightly.timer'
check display_purge in_root sh -c 'dpkg -P motcua-display && ! find /usr /lib /etc /var/lib -iname "*motcua-display*" | grep -v /dpkg/ | grep .'
if [ -n "$KIOSK" ]; then
	check kiosk_install in_root dpkg -i /srv/kiosk.deb
	check kiosk_user_and_unit in_root sh -c 'id -nG motcua | grep -qw gpio && test -L /etc/systemd/system/multi-user.target.wants/motcua-kiosk.service && test "$(stat -c "%U:%G %a" /etc/motcua/kiosk.toml)" = "root:motcua 640"'
	check kiosk_purge in_root sh -c 'dpkg -P motcua-kiosk && test -e /etc/motcua/motcua.toml && ! find /usr /lib /etc /var/lib -iname "*kiosk*" -path "*motcua*" | grep -v -e /dpkg/ -e /usr/share/doc/motcua/ | grep .'
fi

check remove_keeps_file_and_journal in_root sh -c 'dpkg -r motcua && test -e /etc/motcua/motcua.toml && test -e /var/lib/motcua/centre.db'
check purge_keeps_the_journal in_root sh -c 'dpkg -P motcua && test ! -e /etc/motcua && test -e /var/lib/motcua/centre.db'
check nothing_else_is_left in_root sh -c '! find /usr /lib /etc -iname "*motcua*" | grep .'
exit $status
