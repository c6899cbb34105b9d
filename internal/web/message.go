package web

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
)

// message is one text in the subset of ICU MessageFormat 1 that the faces use:
//
//	{name}                                     an argument
//	{n, plural, =0 {none} one {one} other {#}} by number; # is the number
//	{kind, select, a {…} other {…}}            by word
//	'{'                                        a brace meant as such; '' an apostrophe
//
// js/lib/text.js reads the same; i18n/vectors.json holds both to it.
//
// It is kept as its source and read anew each time it is said, in a few
// microseconds: kept parsed, all texts of all languages took ten times the room.
type message struct{ src string }

// node is a literal, an argument, the number sign, or a choice.
type node struct {
	literal string
	arg     string
	hash    bool
	choice  string // "plural" or "select"
	cases   map[string][]node
}

type parser struct {
	s      string
	i      int
	plural int // depth of plurals around: # counts only inside one
}

// parseMessage checks a message.
func parseMessage(src string) (*message, error) {
	if _, err := parseNodes(src); err != nil {
		return nil, err
	}
	return &message{src}, nil
}

// nodes are the parts of the message, which has been checked.
func (m *message) nodes() []node {
	n, _ := parseNodes(m.src)
	return n
}

func parseNodes(src string) ([]node, error) {
	p := &parser{s: src}
	nodes, err := p.nodes(false)
	if err != nil {
		return nil, fmt.Errorf("%w in %q", err, src)
	}
	return nodes, nil
}

// nodes reads until the closing brace (which it leaves) or the end.
func (p *parser) nodes(inside bool) ([]node, error) {
	var out []node
	var lit strings.Builder
	flush := func() {
		if lit.Len() > 0 {
			out = append(out, node{literal: lit.String()})
			lit.Reset()
		}
	}
	for p.i < len(p.s) {
		switch c := p.s[p.i]; {
		case c == '\'':
			p.quote(&lit)
		case c == '{':
			flush()
			n, err := p.argument()
			if err != nil {
				return nil, err
			}
			out = append(out, n)
		case c == '}':
			if !inside {
				return nil, fmt.Errorf("a closing brace too many at byte %d", p.i)
			}
			flush()
			return out, nil
		case c == '#' && p.plural > 0:
			flush()
			out = append(out, node{hash: true})
			p.i++
		default:
			lit.WriteByte(c)
			p.i++
		}
	}
	if inside {
		return nil, fmt.Errorf("a closing brace is missing")
	}
	flush()
	return out, nil
}

// quote reads an apostrophe: two are one, one before a brace (or # in a
// plural) quotes up to the next, any other stands for itself.
func (p *parser) quote(lit *strings.Builder) {
	p.i++
	if p.i >= len(p.s) {
		lit.WriteByte('\'')
		return
	}
	switch c := p.s[p.i]; {
	case c == '\'':
		lit.WriteByte('\'')
		p.i++
		return
	case c == '{' || c == '}' || c == '#' && p.plural > 0:
	default:
		lit.WriteByte('\'')
		return
	}
	for p.i < len(p.s) {
		if p.s[p.i] != '\'' {
			lit.WriteByte(p.s[p.i])
			p.i++
			continue
		}
		p.i++
		if p.i >= len(p.s) || p.s[p.i] != '\'' {
			return
		}
		lit.WriteByte('\'')
		p.i++
	}
}

func (p *parser) space() {
	for p.i < len(p.s) && strings.IndexByte(" \t\n\r", p.s[p.i]) >= 0 {
		p.i++
	}
}

func (p *parser) word() string {
	p.space()
	from := p.i
	for p.i < len(p.s) && strings.IndexByte(" \t\n\r,{}'", p.s[p.i]) < 0 {
		p.i++
	}
	w := p.s[from:p.i]
	p.space()
	return w
}

func (p *parser) take(c byte) bool {
	if p.i < len(p.s) && p.s[p.i] == c {
		p.i++
		return true
	}
	return false
}

func (p *parser) argument() (node, error) {
	p.i++ // {
	n := node{arg: p.word()}
	if n.arg == "" {
		return n, fmt.Errorf("an argument without a name at byte %d", p.i)
	}
	if p.take('}') {
		return n, nil
	}
	if !p.take(',') {
		return n, fmt.Errorf("a comma or closing brace is missing after {%s", n.arg)
	}
	n.choice = p.word()
	if n.choice != "plural" && n.choice != "select" {
		return n, fmt.Errorf("{%s, %s}: only plural and select are known", n.arg, n.choice)
	}
	if !p.take(',') {
		return n, fmt.Errorf("{%s, %s: a comma is missing", n.arg, n.choice)
	}
	n.cases = map[string][]node{}
	for {
		key := p.word()
		if key == "" {
			break
		}
		if !p.take('{') {
			return n, fmt.Errorf("{%s: an opening brace is missing after %s", n.arg, key)
		}
		if n.choice == "plural" {
			p.plural++
		}
		sub, err := p.nodes(true)
		if n.choice == "plural" {
			p.plural--
		}
		if err != nil {
			return n, err
		}
		p.i++ // }
		n.cases[key] = sub
	}
	if !p.take('}') {
		return n, fmt.Errorf("{%s, %s: a closing brace is missing", n.arg, n.choice)
	}
	if _, ok := n.cases["other"]; !ok {
		return n, fmt.Errorf("{%s, %s}: there is no other", n.arg, n.choice)
	}
	return n, nil
}

// args lists the argument names with their kind, sorted: "n plural", "x".
func (m *message) args() []string {
	var out []string
	var walk func([]node)
	walk = func(nodes []node) {
		for _, n := range nodes {
			if n.arg != "" {
				out = append(out, strings.TrimSpace(n.arg+" "+n.choice))
			}
			for _, sub := range n.cases {
				walk(sub)
			}
		}
	}
	walk(m.nodes())
	slices.Sort(out)
	return slices.Compact(out)
}

func (m *message) format(lang string, args map[string]any) string {
	var b strings.Builder
	write(&b, m.nodes(), lang, args, "")
	return b.String()
}

func write(b *strings.Builder, nodes []node, lang string, args map[string]any, number string) {
	for _, n := range nodes {
		switch {
		case n.hash:
			b.WriteString(number)
		case n.arg == "":
			b.WriteString(n.literal)
		case n.choice == "":
			v, ok := args[n.arg]
			if !ok || v == nil {
				b.WriteString("{" + n.arg + "}") // seen at once, unlike nothing
				continue
			}
			b.WriteString(show(v))
		case n.choice == "select":
			sub, ok := n.cases[show(args[n.arg])]
			if !ok {
				sub = n.cases["other"]
			}
			write(b, sub, lang, args, number)
		default:
			v := show(args[n.arg])
			sub, ok := n.cases["="+v]
			if !ok {
				sub, ok = n.cases[form(lang, v)]
			}
			if !ok {
				sub = n.cases["other"]
			}
			write(b, sub, lang, args, v)
		}
	}
}

// show writes a value as JavaScript's String does for the kinds the faces pass.
func show(v any) string {
	r := reflect.ValueOf(v)
	switch {
	case !r.IsValid():
		return ""
	case r.CanInt():
		return strconv.FormatInt(r.Int(), 10)
	case r.CanUint():
		return strconv.FormatUint(r.Uint(), 10)
	case r.CanFloat():
		return strconv.FormatFloat(r.Float(), 'f', -1, 64)
	case r.Kind() == reflect.String:
		return r.String()
	}
	return fmt.Sprint(v)
}

// form is the CLDR plural category of a whole number in a language.
func form(lang, n string) string {
	i, err := strconv.Atoi(n)
	if err != nil {
		return "other"
	}
	tag, err := language.Parse(lang)
	if err != nil {
		return "other"
	}
	switch plural.Cardinal.MatchPlural(tag, max(i, -i), 0, 0, 0, 0) {
	case plural.Zero:
		return "zero"
	case plural.One:
		return "one"
	case plural.Two:
		return "two"
	case plural.Few:
		return "few"
	case plural.Many:
		return "many"
	}
	return "other"
}
