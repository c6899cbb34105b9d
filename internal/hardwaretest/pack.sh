#!/bin/sh
# pack.sh ROOT MODULES INITRD: puts a folder behind the kernel's modules into
# one initial file system. The kernel unpacks archives that follow each other.
set -eu
modules=$(realpath "$2")
initrd=$(realpath "$3")
cd "$1"
{
	cat "$modules"
	find . | cpio -o -H newc --quiet | gzip -1
} >"$initrd"
