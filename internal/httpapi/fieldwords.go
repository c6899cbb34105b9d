package httpapi

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2/validation"

	"motcua/queue"
)

// fieldWords turns what huma says of a wrong field into a text of the
// catalogue: its message, with a verb where a value stands, the key, and what
// the first value is called there. huma gives nothing but the sentence. The
// first that fits counts.
var fieldWords = []struct{ message, key, arg string }{
	{validation.MsgExpectedRequiredProperty, "field.required", ""},
	{validation.MsgExpectedDependentRequiredProperty, "field.required", ""},
	{"required %s parameter is missing", "field.required", ""},
	{validation.MsgUnexpectedProperty, "field.unknown", ""},
	{"unknown query parameter", "field.unknown", ""},
	{"expected at most one value, but received multiple values", "field.once", ""},
	{validation.MsgExpectedOneOf, "field.one_of", "list"},
	{validation.MsgExpectedMinimumNumber, "field.minimum", "n"},
	{validation.MsgExpectedExclusiveMinimumNumber, "field.above", "n"},
	{validation.MsgExpectedMaximumNumber, "field.maximum", "n"},
	{validation.MsgExpectedExclusiveMaximumNumber, "field.below", "n"},
	{validation.MsgExpectedNumberBeMultipleOf, "field.multiple", "n"},
	{validation.MsgExpectedMinLength, "field.too_short", "n"},
	{validation.MsgExpectedMaxLength, "field.too_long", "n"},
	{validation.MsgExpectedMinItems, "field.too_few", "n"},
	{validation.MsgExpectedMaxItems, "field.too_many", "n"},
	{validation.MsgExpectedArrayItemsUnique, "field.unique", ""},
	{validation.MsgExpectedRFC3339Date, "field.date", ""},
	{fmt.Sprintf(validation.MsgExpectedMatchPattern, `^\d{4}-\d{2}-\d{2}$`), "field.date", ""},
	{validation.MsgExpectedRFC3339DateTime, "field.time", ""},
	{fmt.Sprintf(validation.MsgExpectedBePattern, "printable ASCII"), "field.ascii", ""},
	{validation.MsgExpectedMatchPattern, "field.pattern", "pattern"},
	// The kinds of values: a message for each, of a body and of an address.
	{validation.MsgExpectedBoolean, "field.type", "boolean"},
	{validation.MsgExpectedInteger, "field.type", "integer"},
	{validation.MsgExpectedNumber, "field.type", "number"},
	{validation.MsgExpectedString, "field.type", "string"},
	{validation.MsgExpectedArray, "field.type", "array"},
	{validation.MsgExpectedObject, "field.type", "object"},
	{"invalid boolean", "field.type", "boolean"},
	{"invalid integer", "field.type", "integer"},
	{"invalid float", "field.type", "number"},
	{"invalid floating value", "field.type", "number"},
}

// fieldForms are the messages of fieldWords, each with a group for a verb.
var fieldForms = func() []*regexp.Regexp {
	verb := regexp.MustCompile(`%[sdv]`)
	out := make([]*regexp.Regexp, len(fieldWords))
	for i, w := range fieldWords {
		out[i] = regexp.MustCompile(`^(?s:` + verb.ReplaceAllString(regexp.QuoteMeta(w.message), "(.*)") + `)$`)
	}
	return out
}()

// fieldMessage says in a language what is wrong with a field. What has no
// words of ours stays as it is in English, and is just called wrong in others.
func (s *Server) fieldMessage(lang, message string) string {
	key, args := "field.other", map[string]any{}
	for i, form := range fieldForms {
		m := form.FindStringSubmatch(message)
		if m == nil {
			continue
		}
		w := fieldWords[i]
		switch key = w.key; {
		case key == "field.type":
			args["type"] = w.arg
		case w.arg != "":
			args[w.arg] = m[1]
		}
		break
	}
	if key == "field.other" && lang == english {
		return message
	}
	if t := s.o.Web.Text(lang, key, args); t != key {
		return t
	}
	return message
}

// The hints by which the domain says what a wrong field may hold.
var (
	hintWords = regexp.MustCompile(`^(?:Give|Use) ([\w-]+(?:, [\w-]+)*(?:,? or [\w-]+)?)\.$`)
	hintRange = regexp.MustCompile(`^(?:Give|Use) (\d+) to (\d+)(?: \w+)?\.$`)
	hintTexts = map[string]string{
		"Write the date as 2026-11-23.": "field.date",
		"Write the number as it stands on the roll: 2 to 4 digits, before them at most two letters.": "field.roll",
		"Give 1 to 480 minutes, or 0 when it is not known.":                                          "field.pause_minutes",
		"Plan fewer, and give out another number for the rest.":                                      "field.legs",
	}
)

// fieldHint says a hint of the domain's for a wrong field in a language; ""
// when it is of no kind known here.
func (s *Server) fieldHint(lang, hint string) string {
	key, args := "", map[string]any{}
	if m := hintRange.FindStringSubmatch(hint); m != nil {
		low, errLow := strconv.Atoi(m[1])
		high, errHigh := strconv.Atoi(m[2])
		if errLow != nil || errHigh != nil {
			return ""
		}
		key, args["low"], args["high"] = "field.range", low, high
	} else if m := hintWords.FindStringSubmatch(hint); m != nil {
		key, args["list"] = "field.one_of", strings.ReplaceAll(strings.ReplaceAll(m[1], ", or ", ", "), " or ", ", ")
	} else {
		key = hintTexts[hint]
	}
	if key == "" {
		return ""
	}
	if t := s.o.Web.Text(lang, key, args); t != key {
		return t
	}
	return ""
}

// ofCategory stands beside a refusal: the category it is about.
type ofCategory struct {
	name queue.Text
	at   []queue.Text // names of the service points at which its numbers are given out
}

func (o *ofCategory) Error() string { return "category " + o.name.In(english, "vi") }

// naming adds to a refusal because of hours, quota or place the category that
// was asked for, so that its words can name it and say where it is.
func (s *Server) naming(ctx context.Context, c queue.Command, err error) error {
	var e *queue.Error
	if !errors.As(err, &e) || e.Code != queue.Closed || e.Err != nil {
		return err
	}
	got := make(chan *ofCategory, 1)
	unread := s.read(ctx, func(st *queue.State) {
		defer close(got)
		if st.Config == nil {
			return
		}
		for i := range st.Config.Categories {
			if x := &st.Config.Categories[i]; asksFor(c, st, x) {
				about := &ofCategory{name: x.Name}
				for _, p := range st.Config.OfferedAt(x.ID) {
					about.at = append(about.at, p.Name)
				}
				got <- about
				return
			}
		}
	})
	if unread != nil {
		return err // the refusal stands; it only lacks a name
	}
	about, ok := <-got
	if !ok {
		return err
	}
	named := *e
	named.Err = about
	return &named
}

// asksFor reports whether a command wants a number of the category.
func asksFor(c queue.Command, st *queue.State, x *queue.Category) bool {
	switch c := c.(type) {
	case queue.Issue:
		return c.Category == x.ID || c.Category == "" && x.Results
	case queue.WalkDirect:
		return c.Category == x.ID
	case queue.Rebook:
		t := st.Ticket(c.Ticket)
		return t != nil && t.Category == x.ID
	case queue.StartRoll:
		return c.Category == x.ID
	case queue.TearOff:
		return c.Category == x.ID
	case queue.CheckIn:
		return slices.ContainsFunc(st.Appointments, func(a queue.Appointment) bool { return a.Code == c.Code && a.Category == x.ID })
	}
	return false
}
