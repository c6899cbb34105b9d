#!/bin/busybox sh
# The guest's first process: it makes the machine the tests find, runs them and
# switches off. What they are told is in the environment:
#
#   GPIO_SIM         where a test makes chips of its own (configfs of gpio-sim)
#   PRINTER_LP       a USB printer, an EPSON TM-T20II with the serial number SN1
#   PRINTER_GADGET   its own end
#   PRINTER_UDC      its cable: a file that is empty when it is out, and holds
#                    the controller's name, dummy_udc.0, when it is in
#   PRINTER2_…       the same for a second one, SN2 on dummy_udc.1, whose cable
#                    is out
#   MOTCUAD, MOTCUA  the product's own programs
#
# A test puts back what it pulls out. The first serial line is the kernel's,
# the second is what the tests say.
/bin/busybox --install -s /bin
export PATH=/bin HOME=/ TMPDIR=/tmp
mount -t proc none /proc
mount -t sysfs none /sys
mount -t devtmpfs none /dev
mkdir -p /dev/pts /dev/shm
mount -t devpts none /dev/pts
mount -t tmpfs none /tmp
exec >/dev/ttyS1 2>&1
stty -onlcr

die() {
	echo "init: $*"
	dmesg | tail -20
	poweroff -f
}

ip link set lo up
for m in configfs gpio-sim libcomposite dummy_hcd usblp usb_f_printer usb_f_acm cdc_acm uinput evdev uhid hid-generic; do
	modprobe $m $([ $m = dummy_hcd ] && echo num=2) || die "the module $m does not load"
done
mount -t configfs none /config
export GPIO_SIM=/config/gpio-sim
[ -d $GPIO_SIM ] || die "no $GPIO_SIM"

# gadget NUMBER SERIAL makes a printer; its cable is out.
gadget() {
	g=/config/usb_gadget/printer$1
	mkdir -p $g/strings/0x409 $g/functions/printer.$1 $g/configs/c.1
	echo 0x04b8 >$g/idVendor
	echo 0x0202 >$g/idProduct
	echo $2 >$g/strings/0x409/serialnumber
	echo motcua >$g/strings/0x409/manufacturer
	echo "test printer" >$g/strings/0x409/product
	echo "MFG:EPSON;CMD:ESC/POS;MDL:TM-T20II;CLS:PRINTER;" >$g/functions/printer.$1/pnp_string
	ln -s $g/functions/printer.$1 $g/configs/c.1/
}
gadget 0 SN1
gadget 1 SN2
export PRINTER_UDC=/config/usb_gadget/printer0/UDC PRINTER_GADGET=/dev/g_printer0 PRINTER_LP=/dev/usb/lp0
export PRINTER2_UDC=/config/usb_gadget/printer1/UDC PRINTER2_GADGET=/dev/g_printer1 PRINTER2_LP=/dev/usb/lp1
echo dummy_udc.0 >$PRINTER_UDC
n=0
until [ -c $PRINTER_LP ]; do
	n=$((n + 1))
	[ $n -le 100 ] || die "no $PRINTER_LP"
	usleep 100000
done

export MOTCUAD=/opt/motcuad MOTCUA=/opt/motcua
for t in /tests/*.test; do
	name=${t##*/}
	name=${name%.test}
	echo "=== ${name#??-}.test begins"
	# shellcheck disable=SC2046 # one argument a line
	$t $(cat /tests/args)
	echo "=== ${name#??-}.test ends $?"
done
echo "=== guest ends"
sync
poweroff -f
