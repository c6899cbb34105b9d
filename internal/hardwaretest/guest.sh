#!/usr/bin/env bash
# Builds the guest of make test-hardware, once for each kernel release, and
# prints the folder it is in:
#
#   guest.sh DIR        DIR/<release>/vmlinuz, DIR/<release>/modules.cpio.gz
#
# The kernel is Debian's. It has all the guest needs but gpio-sim, which is
# built here from Debian's own source of the same series. Kernel code is
# GPL-2.0: it is fetched, and neither committed nor shipped.
set -euo pipefail
top=$PWD
mkdir -p "$1"
dir=$(cd "$1" && pwd)

fail() {
	echo "guest: $*" >&2
	exit 1
}

[ "$(dpkg --print-architecture 2>/dev/null)" = amd64 ] || fail "it is built on Debian for amd64; this machine is another"

# linux-headers-amd64 belongs to the same release as linux-image-amd64.
need="qemu-system-x86 seabios busybox-static cpio kmod make gcc xz-utils linux-headers-amd64"
for p in $need; do
	dpkg-query -W -f='${db:Status-Abbrev}' "$p" 2>/dev/null | grep -q '^ii' || missing+=" $p"
done
# shellcheck disable=SC2086 # a list of packages
[ -z "${missing-}" ] || "$top/tools/install.sh" $missing >&2
headers=$(dpkg-query -W -f='${Depends}' linux-headers-amd64 2>/dev/null | grep -oE 'linux-headers-[^ ,]*-amd64' | head -1) ||
	fail "the packages above are missing"
release=${headers#linux-headers-}                  # 6.1.0-56-amd64
series=$(grep -oE '^[0-9]+\.[0-9]+' <<<"$release") # 6.1

k=$dir/$release
if [ -f "$k/done" ]; then
	echo "$k"
	exit 0
fi
rm -rf "$k"
mkdir -p "$k/deb" "$k/gpio-sim"
echo "guest: fetching and building the kernel $release" >&2
(cd "$k/deb" && apt-get download -qq "linux-image-$release" "linux-source-$series") >&2 ||
	fail "linux-image-$release and linux-source-$series can't be fetched; run apt-get update"
dpkg-deb -x "$k"/deb/linux-image-*.deb "$k/root"
[ -d "$k/root/lib/modules" ] || ln -s usr/lib "$k/root/lib" # of merged /usr

# gpio-sim needs the simulated interrupts that Debian's kernel leaves out too:
# they become part of the module, which may then export no symbol twice and use
# none that the kernel does not export.
src=linux-source-$series
dpkg-deb --fsys-tarfile "$k/deb/$src"_*.deb | tar -xO "./usr/src/$src.tar.xz" |
	tar -xJ -C "$k" "$src/drivers/gpio/gpio-sim.c" "$src/drivers/gpio/gpiolib.h" "$src/kernel/irq/irq_sim.c"
cp "$k/$src/drivers/gpio/gpio-sim.c" "$k/gpio-sim/gpio_sim_main.c"
cp "$k/$src/drivers/gpio/gpiolib.h" "$k/$src/kernel/irq/irq_sim.c" "$k/gpio-sim/"
sed -i 's/EXPORT_SYMBOL_GPL([a-z_]*);//; s/handle_simple_irq(irq_to_desc(irqnum))/generic_handle_irq(irqnum)/' "$k/gpio-sim/irq_sim.c"
cat >"$k/gpio-sim/Makefile" <<'END'
obj-m += gpio-sim.o
gpio-sim-y := gpio_sim_main.o irq_sim.o
ccflags-y += -DCONFIG_IRQ_SIM=1
END
make -C "/usr/src/linux-headers-$release" M="$k/gpio-sim" modules >"$k/gpio-sim.log" 2>&1 || {
	tail -20 "$k/gpio-sim.log" >&2
	fail "gpio-sim does not build"
}

# Only the modules that init.sh loads, and what they stand on.
depmod -b "$k/root" "$release"
ird=$k/initrd
mkdir -p "$ird"/{bin,dev,proc,sys,config,tmp,run} "$ird/lib/modules/$release/extra"
cp "$(command -v busybox)" "$ird/bin/busybox"
for m in configfs libcomposite usb_f_printer usb_f_acm dummy_hcd usblp cdc_acm uinput evdev uhid hid-generic; do
	modprobe -d "$k/root" -S "$release" --show-depends "$m"
done | awk '$1 == "insmod" {print $2}' | sort -u | while read -r f; do
	to=$ird/lib/${f##*/root/lib/}
	mkdir -p "$(dirname "$to")"
	cp "$f" "$to"
	case $to in *.xz) unxz "$to" ;; esac
done
cp "$k/root/lib/modules/$release"/modules.{order,builtin} "$ird/lib/modules/$release/"
strip -g "$k/gpio-sim/gpio-sim.ko" -o "$ird/lib/modules/$release/extra/gpio-sim.ko"
depmod -b "$ird" "$release" 2>/dev/null
(cd "$ird" && find . | cpio -o -H newc --quiet | gzip -6) >"$k/modules.cpio.gz"
cp "$k/root/boot/vmlinuz-$release" "$k/vmlinuz"
rm -rf "$k/deb" "$k/root" "$ird" "${k:?}/$src"
touch "$k/done"
echo "$k"
