package emulated

import (
	"fmt"
	"strings"
	"testing"

	"motcua/internal/config"
	"motcua/printer/printertest"
)

// The account of a day is short for each way in which it can be: a number
// without its proof, more numbers than papers, a sum that does not add up.
func TestAccount(t *testing.T) {
	line := func(kind, data string) string { return fmt.Sprintf(`{"type":%q,"data":%s}`, kind, data) }
	sending := line("slip.sending.v1", `{"ticket":1}`)
	printed := line("slip.printed.v1", `{"ticket":1,"proof":true}`)
	closed := line("day.closed.v1", `{"totals":{"issued":1,"finished":1}}`)
	for name, c := range map[string]struct {
		lines []string
		paper int
		want  string
	}{
		"all is well":     {[]string{sending, printed, closed}, 1, ""},
		"no proof":        {[]string{sending, line("slip.printed.v1", `{"ticket":1}`), closed}, 1, "no proof that A001"},
		"another's proof": {[]string{sending, line("slip.printed.v1", `{"ticket":2,"proof":true}`), closed}, 1, "no proof that A001"},
		"no paper":        {[]string{sending, printed, closed}, 0, "0 pieces of paper for 1 numbers"},
		"paper unasked":   {[]string{sending, printed, closed}, 2, "2 pieces of paper"},
		"one is missing":  {[]string{sending, printed, line("day.closed.v1", `{"totals":{"issued":1}}`)}, 1, "the day's account"},
		"no account":      {[]string{sending, printed}, 1, "the day's account"},
	} {
		p := printertest.New(printertest.Options{})
		for range c.paper {
			if _, err := p.Write([]byte("A001\n\x1dV\x01")); err != nil {
				t.Fatal(err)
			}
		}
		o := &office{printer: p, crowd: newCrowd()}
		o.crowd.heard["key"] = number{ID: 1, Label: "A001"}
		var row Row
		if err := o.account(&row, []byte(strings.Join(c.lines, "\n")+"\n")); err != nil {
			t.Fatal(err)
		}
		switch said := strings.Join(row.Wrong, "; "); {
		case c.want == "" && said != "":
			t.Errorf("%s: %s", name, said)
		case !strings.Contains(said, c.want):
			t.Errorf("%s: says %q, want %q", name, said, c.want)
		}
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestCentreFile(t *testing.T) {
	c, err := config.ParseCentre([]byte(centreFile()))
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Categories) != len(categories) || len(c.Counters) != len(counters) {
		t.Errorf("%d categories, %d counters", len(c.Categories), len(c.Counters))
	}
}
