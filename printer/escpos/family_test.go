package escpos_test

import (
	"fmt"
	"strings"
	"testing"

	"motcua/printer"
	"motcua/printer/escpos"
)

func TestProfileFor(t *testing.T) {
	for _, c := range []struct{ id, want, note string }{
		{"MFG:EPSON;CMD:ESC/POS;MDL:TM-T20II;CLS:PRINTER;", "epson", ""},
		{"MFG:EPSON;CMD:ESC/POS;MDL:TM-T82X;", "epson", ""},
		{"MFG:EPSON;MDL:TM-m30II;", "epson", ""},
		{"MFG:EPSON;MDL:TM-m10;", "epson-58", ""},
		{"MFG:EPSON;MDL:TM-T88V;", "epson-tm-t88", ""},
		{"MFG:EPSON;MDL:TM-T88IV;", "epson-tm-t88", ""},
		{"MFG:EPSON;MDL:TM-T70II;", "epson-tm-t88", ""},
		{"MFG:EPSON;MDL:TM-T88III;", "epson-tm-t88iii", ""},
		{"MFG:EPSON;MDL:TM-T88;", "epson-columns", ""},
		{"MFG:EPSON;MDL:TM-T85P;", "epson-columns", ""},
		{"MFG:CITIZEN;CMD:ESC/POS;MDL:CT-S310II;", "citizen", ""},
		{"MFG:BIXOLON;MDL:SRP-350plusIII;", "bixolon-180", ""},
		{"MFG:BIXOLON;MDL:BIXOLON SRP-352III;", "bixolon-203", ""},
		{"MFG:Xprinter;MDL:XP-80C;", "generic", ""},
		{"MFG:Xprinter;CMD:ESC/POS,TSPL;MDL:Xprinter XP-N160II;", "generic", ""},
		{"MFG:STMicroelectronics;MDL:POS58 Printer USB;", "generic-58", ""},
		{"MDL:pos_80;", "generic", ""},
		// Read off machines, as their owners published them.
		{"MFG:EPSON;CMD:ESC/POS;MDL:TM-T88V;CLS:PRINTER;DES:EPSON TM-T88V;CID:EpsonTM00000001;", "epson-tm-t88", ""},
		{"MFG:EPSON;CMD:ESC/POS;MDL:TM-T88V-JPN;CLS:PRINTER;DES:EPSON TM-T88V;CID:EpsonTM00000101;", "epson-tm-t88", ""},
		{"MFG:EPSON;CMD:ESC/POS;MDL:TM-m30II;CLS:PRINTER;DES:EPSON TM-m30II", "epson", ""},
		{"MFG:Printer;CMD:EPSON;MDL:POS-80;CLS:PRINTER;1", "generic", ""},
		{"MFG:Rongta;CMD:ESC/POS;MDL:RP326;", "generic", ""},
		{"MFG:Xprinter;MDL:XP-58;CMD:ESC/POS;", "generic-58", ""},
		{"MFG:Star;CMD:STAR;MDL:TSP600 (STR_T-U001);CLS:PRINTER;", "generic", "speaks STAR, not ESC/POS: switch it"},
		{"MFG: ;CMD:XPP,XL;MDL:PM-241-BT;CLS:PRINTER;DES:PM-241-BT;", "generic", "PM-241-BT is of no family known"},
		// By the same pattern.
		{"MFG:Star;CMD:ESC/POS;MDL:TSP654II;", "generic", ""},
		{"MFG:Star;CMD:Star Line;MDL:TSP743II;", "generic", "speaks Star Line, not ESC/POS"},
		{"MFG:HPRT;CMD:ESC/POS;MDL:TP808;", "generic", ""},
		{"MFG:Zijiang;MDL:ZJ-5890K;", "generic-58", ""},
		{"MFG:Xprinter;CMD:TSPL;MDL:XP-360B;", "generic", "speaks TSPL, not ESC/POS"},
		{"MFG:Star;CMD:STAR;MDL:TSP143 (STR_T-001);", "generic", "switch it to ESC/POS"},
		{"MFG:EPSON;MDL:TM-U220;", "generic", "EPSON TM-U220 is of no family known"},
		{"MFG:HP;CMD:PCL,PJL;MDL:TM-T88V;", "generic", "speaks PCL, PJL, not ESC/POS"},
		{"MFG:HP;MDL:TM-T88V;", "generic", "HP TM-T88V is of no family known"},
		{"MFG:EPSON;", "generic", "does not say what model it is"},
		{"", "generic", "does not say what model it is"},
	} {
		p, note := escpos.ProfileFor(printer.ParseDeviceID(c.id))
		if p.Name != c.want || (c.note == "") != (note == "") || !strings.Contains(note, c.note) {
			t.Errorf("%q: profile %s, note %q; want %s, %q", c.id, p.Name, note, c.want, c.note)
		}
		if _, err := escpos.New(p); err != nil {
			t.Error(err)
		}
	}
}

func ExampleProfileFor() {
	p, _ := escpos.ProfileFor(printer.ParseDeviceID("MFG:EPSON;CMD:ESC/POS;MDL:TM-T88V;"))
	fmt.Println(p.Name, p.WidthDots)
	_, note := escpos.ProfileFor(printer.ParseDeviceID("MFG:Star;CMD:STAR;MDL:TSP143;"))
	fmt.Println(note)
	// Output:
	// epson-tm-t88 512
	// Star TSP143 says it speaks STAR, not ESC/POS: switch it to ESC/POS by its own settings; profile generic is used
}

// A profile that is wider than the printer is named; a narrower one prints, and
// of a printer nobody knows nothing is said.
func TestMisfit(t *testing.T) {
	for _, c := range []struct{ profile, maker, model, want string }{
		{"epson", "EPSON", "TM-T88V", "profile epson is 576 dots wide and EPSON TM-T88V has 512 (profile epson-tm-t88)"},
		{"generic", "", "POS58 Printer", "has 384 (profile generic-58)"},
		{"epson", "EPSON", "TM-T20II", ""},
		{"generic-58", "EPSON", "TM-T20II", ""},
		{"epson", "ACME", "Mystery 9", ""},
		{"epson", "", "", ""},
	} {
		p, err := escpos.Named(c.profile)
		if err != nil {
			t.Fatal(err)
		}
		got := escpos.Misfit(p, printer.DeviceID{Manufacturer: c.maker, Model: c.model})
		if (got == "") != (c.want == "") || !strings.Contains(got, c.want) {
			t.Errorf("profile %s at %s %s: %q, want %q", c.profile, c.maker, c.model, got, c.want)
		}
	}
}

func FuzzProfileFor(f *testing.F) {
	f.Add("MFG:EPSON;CMD:ESC/POS;MDL:TM-T20II;")
	f.Fuzz(func(t *testing.T, s string) {
		p, _ := escpos.ProfileFor(printer.ParseDeviceID(s))
		if _, err := escpos.New(p); err != nil {
			t.Errorf("%q: %v", s, err)
		}
	})
}
