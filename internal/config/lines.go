package config

import (
	"fmt"
	"strings"
)

// lines tells on which line of a TOML text each key, table and entry of a list
// stands: "sessions[1].days[0]". The text has been read by the TOML reader
// already, which checks its grammar and names no lines itself; this only
// follows it.
func lines(text string) map[string]int {
	s := scanner{text: text, line: 1, at: map[string]int{}, count: map[string]int{}}
	prefix := ""
	for s.blank(true); s.i < len(s.text); s.blank(true) {
		line := s.line
		switch {
		case s.take("[["):
			keys := s.keys()
			list := s.table(keys[:len(keys)-1]) + keys[len(keys)-1]
			s.see(list, line)
			prefix = fmt.Sprintf("%s[%d]", list, s.count[list])
			s.count[list]++
			s.see(prefix, line)
			prefix += "."
			s.take("]]")
		case s.take("["):
			prefix = s.table(s.keys())
			s.take("]")
		default:
			s.pair(prefix)
		}
		s.rest()
	}
	return s.at
}

// lineOf finds the line of a field, or of the nearest table round it.
func lineOf(at map[string]int, field string) int {
	for field != "" {
		if n := at[field]; n > 0 {
			return n
		}
		field = field[:max(strings.LastIndexAny(field, ".["), 0)]
	}
	return 0
}

type scanner struct {
	text  string
	i     int
	line  int
	at    map[string]int
	count map[string]int // of [[tables]], by path
}

// see notes where a path stands first.
func (s *scanner) see(path string, line int) {
	if s.at[path] == 0 {
		s.at[path] = line
	}
}

// table is the prefix of the keys below a header. A table below a list belongs
// to the list's last entry.
func (s *scanner) table(keys []string) string {
	path := ""
	for _, k := range keys {
		path += k
		s.see(path, s.line)
		if n := s.count[path]; n > 0 {
			path = fmt.Sprintf("%s[%d]", path, n-1)
		}
		path += "."
	}
	return path
}

// pair reads key = value.
func (s *scanner) pair(prefix string) {
	line, path := s.line, strings.TrimSuffix(prefix, ".")
	for _, k := range s.keys() {
		if path != "" {
			path += "."
		}
		path += k
		s.see(path, line)
	}
	if !s.take("=") {
		s.rest() // no pair: the reader would have said so
		return
	}
	s.value(path)
}

// keys reads a key, dotted or not.
func (s *scanner) keys() []string {
	var keys []string
	for {
		s.blank(false)
		if c := s.peek(); c == '"' || c == '\'' {
			keys = append(keys, s.quoted())
		} else {
			keys = append(keys, s.until(".=]}, \t\r\n#"))
		}
		s.blank(false)
		if !s.take(".") {
			return keys
		}
	}
}

func (s *scanner) value(path string) {
	s.blank(false)
	switch c := s.peek(); {
	case c == '"' || c == '\'':
		s.quoted()
	case s.take("["):
		for n := 0; ; n++ {
			s.blank(true)
			if s.take("]") || s.i >= len(s.text) {
				return
			}
			entry := fmt.Sprintf("%s[%d]", path, n)
			s.see(entry, s.line)
			s.value(entry)
			s.blank(true)
			s.take(",")
		}
	case s.take("{"):
		for {
			s.blank(true)
			if s.take("}") || s.i >= len(s.text) {
				return
			}
			s.pair(path)
			s.blank(true)
			s.take(",")
		}
	default:
		s.until(",]}#\r\n")
	}
}

// quoted reads a string of any of TOML's four forms. Of its escapes only those
// matter that hide its end; a key with others keeps its line under another name.
func (s *scanner) quoted() string {
	quote := s.text[s.i : s.i+1]
	end := quote
	if s.take(strings.Repeat(quote, 3)) {
		end = strings.Repeat(quote, 3)
	} else {
		s.i++
	}
	from := s.i
	for s.i < len(s.text) && !strings.HasPrefix(s.text[s.i:], end) {
		switch {
		case s.text[s.i] == '\n':
			s.line++
		case s.text[s.i] == '\\' && quote == `"` && s.i+1 < len(s.text) && s.text[s.i+1] != '\n':
			s.i++
		}
		s.i++
	}
	text := s.text[from:min(s.i, len(s.text))]
	s.take(end)
	for len(end) == 3 && s.take(quote) { // """a""""" ends in two quotes of its own
	}
	return text
}

func (s *scanner) peek() byte {
	if s.i >= len(s.text) {
		return 0
	}
	return s.text[s.i]
}

func (s *scanner) take(what string) bool {
	if strings.HasPrefix(s.text[min(s.i, len(s.text)):], what) {
		s.i += len(what)
		return true
	}
	return false
}

// until reads up to one of the stops, which it leaves.
func (s *scanner) until(stops string) string {
	rest := s.text[s.i:]
	n := strings.IndexAny(rest, stops)
	if n < 0 {
		n = len(rest)
	}
	s.i += n
	return rest[:n]
}

// blank passes over spaces, and with lines over their ends and comments too.
func (s *scanner) blank(lines bool) {
	for s.i < len(s.text) {
		switch c := s.text[s.i]; {
		case c == ' ' || c == '\t' || c == '\r':
		case lines && c == '\n':
			s.line++
		case lines && c == '#':
			s.until("\n")
			continue
		default:
			return
		}
		s.i++
	}
}

// rest passes over what is left of a line.
func (s *scanner) rest() { s.until("\n") }
