package printertest_test

import (
	"fmt"

	"motcua/printer/printertest"
)

func Example() {
	p := printertest.New(printertest.Options{Width: 384})
	defer p.Close()

	// ESC @, "A042", line feed, partial cut.
	if _, err := p.Write([]byte("\x1b@A042\n\x1dV\x01")); err != nil {
		fmt.Println(err)
		return
	}
	for _, t := range p.Tickets() {
		fmt.Printf("ticket %d: %q on %d x %d dots\n", t.Seq, t.Text, t.Image.Bounds().Dx(), t.Image.Bounds().Dy())
	}
	// Output:
	// ticket 1: "A042\n" on 384 x 33 dots
}
