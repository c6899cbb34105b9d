package escpos_test

import (
	"fmt"

	"motcua/printer"
	"motcua/printer/escpos"
)

func Example() {
	profile, err := escpos.Named("epson")
	if err != nil {
		fmt.Println(err)
		return
	}
	lang, err := escpos.New(profile)
	if err != nil {
		fmt.Println(err)
		return
	}
	job, err := lang.Encode(printer.Slip{Category: "Hộ tịch", Number: "A042"}, 42)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("begins % X, ends %q, proof %v\n", job.Bytes[:4], job.Bytes[len(job.Bytes)-4:], job.Proof)
	// Output: begins 1B 40 1C 2E, ends "0042", proof true
}
