package sysd_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"motcua/internal/sysd"
)

func TestSyncTimes(t *testing.T) {
	dir := t.TempDir()
	times, err := sysd.SyncTimes(t.Context(), dir, 5)
	if err != nil || len(times) != 5 {
		t.Fatalf("%d times, %v", len(times), err)
	}
	for _, d := range times {
		if d <= 0 {
			t.Errorf("a write took %v", d)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := sysd.SyncTimes(ctx, dir, 5); !errors.Is(err, context.Canceled) {
		t.Errorf("ended with %v", err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	if _, err := sysd.SyncTimes(t.Context(), filepath.Join(dir, "none"), 1); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("without a folder: %v", err)
	}
}

func TestFreeSpace(t *testing.T) {
	free, total, err := sysd.FreeSpace(t.TempDir())
	if err != nil || total == 0 || free > total {
		t.Errorf("%d of %d, %v", free, total, err)
	}
	if _, _, err := sysd.FreeSpace("/no/such/folder"); err == nil {
		t.Error("no error for no folder")
	}
}

func TestMountOf(t *testing.T) {
	const text = `22 1 179:2 / / rw,relatime - ext4 /dev/root rw
30 22 0:24 / /run rw,nosuid - tmpfs tmpfs rw,size=1k
41 22 179:3 / /var/lib/motcua ro,noatime shared:1 - ext4 /dev/mmcblk0p3 rw,data=ordered
42 22 8:1 / /media/a\040stick rw - vfat /dev/sda1 rw
43 22 0:50 / /run rw - ramfs none rw
a line that is none
`
	for path, want := range map[string]sysd.Mount{
		"/var/lib/motcua":    {Point: "/var/lib/motcua", Type: "ext4", Source: "/dev/mmcblk0p3", Options: []string{"ro", "noatime", "rw", "data=ordered"}},
		"/var/lib/motcua2/x": {Point: "/", Type: "ext4", Source: "/dev/root", Options: []string{"rw", "relatime", "rw"}},
		"/media/a stick/x":   {Point: "/media/a stick", Type: "vfat", Source: "/dev/sda1", Options: []string{"rw", "rw"}},
		"/run/x":             {Point: "/run", Type: "ramfs", Source: "none", Options: []string{"rw", "rw"}},
	} {
		got, ok := sysd.FindMount(path, text)
		if !ok || !cmp.Equal(got, want) {
			t.Errorf("%s: %+v, %t", path, got, ok)
		}
	}
	if _, ok := sysd.FindMount("/x", "nothing"); ok {
		t.Error("found a mount in nothing")
	}
	if m, err := sysd.MountOf(t.TempDir()); err != nil || m.Type == "" {
		t.Errorf("%+v, %v", m, err)
	}
}
