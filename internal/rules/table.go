package main

import "motcua/internal/verdict"

// Result is what a proof found; its name is the proof's.
type Result = verdict.Row

// table is the form of what is printed.
var table = verdict.Table{Failures: "violations", NoFigure: "0"}
