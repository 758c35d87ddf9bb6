// Command normalisation tells what the controllers of Flux do to objects of built-in kinds before they apply them: they
// pass them through Go types. It has two uses, both over the very packages and versions that the controllers link:
//
//	normalisation table    writes the types as data: electron/engine/apply/normalise/type-table-data.ts
//	normalisation answer   reads objects, one of JSON a line, and answers each with its normalised form: the truth of tests
package main

import (
	"bufio"
	"fmt"
	"os"
)

func main() {
	use := ""
	if len(os.Args) == 2 {
		use = os.Args[1]
	}
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	switch use {
	case "table":
		writeTable(out)
	case "answer":
		answerLines(os.Stdin, out)
	default:
		fmt.Fprintln(os.Stderr, "usage: normalisation table | answer")
		os.Exit(2)
	}
}
