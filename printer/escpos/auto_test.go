package escpos_test

import (
	"bytes"
	"testing"

	"motcua/printer"
	"motcua/printer/escpos"
)

// Auto speaks as the profile of whatever printer was plugged in last.
func TestAuto(t *testing.T) {
	a := escpos.NewAuto()
	speaks := func(profile string) {
		t.Helper()
		p, err := escpos.Named(profile)
		if err != nil {
			t.Fatal(err)
		}
		want, err := escpos.New(p)
		if err != nil {
			t.Fatal(err)
		}
		wantJob, err := want.Encode(slip, 42)
		if err != nil {
			t.Fatal(err)
		}
		job, err := a.Encode(slip, 42)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(job.Bytes, wantJob.Bytes) || job.Proof != wantJob.Proof {
			t.Errorf("a slip of %d bytes, proof %t; profile %s makes %d, %t", len(job.Bytes), job.Proof, profile, len(wantJob.Bytes), wantJob.Proof)
		}
		if !bytes.Equal(a.StatusRequest(), want.StatusRequest()) || !bytes.Equal(a.Recover(99, 1), want.Recover(99, 1)) ||
			!bytes.Equal(a.Greeting(), want.Greeting()) || !bytes.Equal(a.Probe(), want.Probe()) {
			t.Errorf("requests are not those of %s", profile)
		}
	}
	speaks("generic")
	if a.Note() != "" {
		t.Errorf("note %q before any printer was seen", a.Note())
	}
	for _, c := range []struct{ id, profile string }{
		{"MFG:EPSON;MDL:TM-T88V;", "epson-tm-t88"},
		{"MDL:POS-58;", "generic-58"},
		{"MDL:NEVER-SEEN;", "generic"},
	} {
		p, note := a.Recognise(printer.ParseDeviceID(c.id))
		if p.Name != c.profile || note != a.Note() {
			t.Errorf("%s: %s, %q; noted %q", c.id, p.Name, note, a.Note())
		}
		speaks(c.profile)
	}
	if a.Note() == "" {
		t.Error("no note about an unknown printer")
	}
	loud := escpos.NewAuto().Sounding()
	for _, c := range []struct {
		id    string
		sound bool
	}{{"MFG:EPSON;MDL:TM-T20III;", true}, {"MDL:POS-80;", false}} {
		loud.Recognise(printer.ParseDeviceID(c.id))
		job, err := loud.Encode(slip, 42)
		if err != nil || bytes.Contains(job.Bytes, []byte("\x1B(A")) != c.sound {
			t.Errorf("%s sounds: %t, %v", c.id, !c.sound, err)
		}
	}
}
