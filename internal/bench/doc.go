// Command bench prints the product's figures, each beside a baseline taken in
// the same run, and ends with status 1 when one is short of its goal. It is
// run by make bench, which builds the daemon it measures.
//
// A line is
//
//	name value unit baseline ratio goal verdict
//
// The baseline is the least any program could do on this machine at this
// moment (a bare insert, a bare broadcast, a bare scan), taken in turns with
// the product's measurement so that what else the machine does hits both. The
// ratio is value / baseline. A goal of "≤2×+10" means at most twice the
// baseline and 10 of the unit; one without × is a plain number. Lines with the
// goal "-" explain another one and have no verdict.
package main
