package web

import "bytes"

// withoutComments takes the comments that stand on lines of their own out of a
// module or a style sheet: a page downloads the program, not its explanation.
// Lines keep their numbers, so that an error message still leads to the
// source. A licence, /*! … */, stays. What follows code on its line stays too,
// and so do lines in a template literal that begin like a comment.
func withoutComments(source []byte) []byte {
	out := make([]byte, 0, len(source))
	block, literal := false, false // in a comment; in a template literal
	for line := range bytes.Lines(source) {
		t := bytes.TrimSpace(line)
		switch {
		case block:
			block = !bytes.HasSuffix(t, []byte("*/"))
			out = append(out, '\n')
		case !literal && bytes.HasPrefix(t, []byte("//")):
			out = append(out, '\n')
		case !literal && bytes.HasPrefix(t, []byte("/*")) && !bytes.HasPrefix(t, []byte("/*!")) && closedAtEnd(t):
			block = !bytes.HasSuffix(t, []byte("*/"))
			out = append(out, '\n')
		default:
			out = append(out, line...)
			if bytes.Count(line, []byte("`"))%2 == 1 {
				literal = !literal
			}
		}
	}
	return out
}

// closedAtEnd reports whether a comment that begins the line does not end
// before the line's own end.
func closedAtEnd(line []byte) bool {
	end := bytes.Index(line[2:], []byte("*/"))
	return end < 0 || end+4 == len(line)
}
