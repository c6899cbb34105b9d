package config

// The words of a written centre file. A test holds them to name every key that
// there is.

const preface = `A centre's file: everything a centre is. It is written by "motcua centre export"
and read by "motcua centre check", "diff" and "import".

A key that is unknown or wrong refuses the whole file; all mistakes are listed
at once, with their lines. Where a key may be left out, that is said. An id is 1
to 32 letters, digits, - or _: the journal keeps it, so give a thing another name
rather than another id. Words are written by language, at least in the hall's
first one: { vi = "Chứng thực", en = "Certification" }.`

// explanation is what stands above a section.
type explanation struct {
	about string
	keys  [][2]string // key and meaning
	// example stands in the place of a section that is left out.
	example string
}

var explained = map[string]explanation{
	"languages": {about: "The hall's languages in their order: signs, slips and voice follow it."},
	"centre": {about: "The office itself.", keys: [][2]string{
		{"id", "names the centre to the city"},
		{"unit", "the kind of office, above its name; may be left out"},
		{"name", "of the office"},
		{"notice", "runs along the wall display; may be left out"},
		{"slip", "stands at the foot of each slip; may be left out"},
	}},
	"points": {about: "Service points: halls with panels and boards of their own. The first one is meant\nwhere none is named.", keys: [][2]string{
		{"id", "of the point"},
		{"name", "as it stands on slips and signs"},
	}},
	"series": {about: "Series of numbers. Past its end a series goes on in four digits; it never begins\nanew within a day.", keys: [][2]string{
		{"id", "of the series"},
		{"prefix", "one or two capital letters before the number, or none; I, J, O, Q, S, Z and Đ are mistaken for others"},
		{"from", "the first number, 0 to 9998"},
		{"to", "the last number, up to 9999"},
		{"across_points", "true: one count for all points, so that a number may go on to another hall; otherwise each point counts by itself"},
	}},
	"categories": {about: "Categories: groups of procedures, 1 to 64. A point that offers one needs a counter\nthat serves it.", keys: [][2]string{
		{"id", "of the category, such as the letter on its button"},
		{"name", "on buttons, slips and boards"},
		{"series", "whose numbers it gives out"},
		{"minutes", "the usual service, 1 to 480 minutes, until real ones are learned"},
		{"points", "where it is offered; left out: everywhere a counter serves it"},
		{"area", "where to wait; may be left out"},
		{"panel", "true: it has a button of its own; otherwise greeters and kiosks give it out"},
		{"then", "the categories a visit goes on to with the same number, at most 6; a leg in another hall needs a series across points; may be left out"},
		{"sessions", "in which it has numbers; left out: all of them"},
		{"results", "true: a scanned receipt gets a number here; at most one category of each point"},
	}},
	"classes": {about: "Classes of priority. On which ground a class is granted is the centre's own rule and\nis never stored. What changes in head_start while a day is open waits for the next\nopening.", keys: [][2]string{
		{"id", `of the class; "normal" must be there, "appointment" is given to who comes to an appointment in time`},
		{"name", "the only thing a slip or board shows of it"},
		{"head_start", "minutes it is counted earlier, 0 to 120; 0 for normal, at most the highest other one for appointment; 100000 for strict priority"},
		{"mark", "true: printed on the slip"},
		{"on_board", "true: marked on the wall display"},
		{"grant", "who may grant it: greeter, officer, supervisor; left out: all three"},
		{"button", "true: may be claimed at a button, and counts once staff confirm it"},
	}},
	"counters": {about: "Counters, 1 to 200.", keys: [][2]string{
		{"id", "of the counter"},
		{"number", "on the sign above it, 1 to 999; unique in its point"},
		{"point", "where it stands"},
		{"skills", "the categories it serves"},
	}},
	"routing": {about: "Who is called next. What changes while a day is open waits for the next opening:\nwhat is printed on a slip holds to the end of the day.", keys: [][2]string{
		{"policy", `"headstart": by arrival less the class's head start, also when left out; "fcfs": by arrival alone`},
		{"window", "minutes, 0 to 10: of those so close together the shorter service goes first; 0 = pure order"},
		{"guard", "minutes, 30 to 240: who has waited longer counts like priority; 0 = off"},
		{"return_within", "minutes, 0 to 60: who comes back so soon after being missed …"},
		{"return_credit", "minutes, 0 to 60: … counts from so long before coming back"},
		{"late", "minutes, 0 to 60: so long after its time an appointment still holds"},
	}},
	"calls": {about: "The rules of calling.", keys: [][2]string{
		{"recall_after", "seconds between two calls of one number, 0 to 300"},
		{"no_show_calls", "calls after which a number may be marked as not there, 1 to 10 …"},
		{"no_show_after", "… or seconds since its first call, 0 to 600"},
		{"propose", "calls after which the console proposes that, 1 to 10; 0 = 3"},
		{"undo_within", "seconds in which a command may be taken back, 1 to 60; 0 = 10"},
	}},
	"sessions": {about: "Sessions: the parts of the working day. Two of one day must not overlap. Without any,\nnumbers are given out for as long as the day is open.", keys: [][2]string{
		{"id", "of the session"},
		{"name", "on slips and boards"},
		{"days", "of the week: mon, tue, wed, thu, fri, sat, sun"},
		{"from", "local time, 03:00 or later, when serving begins"},
		{"to", "local time when it ends"},
		{"doors", "minutes before the beginning from which numbers are given out, 0 to 180; left out: 30"},
		{"cut_off", "minutes before the end at which no more are given out, 0 to 180 and less than the session; left out: 15"},
	}, example: "[[sessions]]\nid = \"morning\"\nname = { vi = \"Buổi sáng\" }\ndays = [\"mon\", \"tue\", \"wed\", \"thu\", \"fri\"]\nfrom = \"07:30\"\nto = \"11:30\"\ndoors = 30\ncut_off = 15"},
	"holidays": {about: "Holidays: days without sessions.", keys: [][2]string{
		{"from", "the day, such as 2027-01-01, or the first of them"},
		{"to", "the last day; left out: that one day"},
		{"name", "of the holiday"},
	}, example: "[[holidays]]\nfrom = \"2027-01-01\"\nname = { vi = \"Tết Dương lịch\" }"},
	"extra_days": {about: "Extra days: days with the sessions of another weekday, on a holiday or a weekend too.", keys: [][2]string{
		{"day", "the day, such as 2027-01-30"},
		{"as", "the weekday whose sessions it has"},
	}, example: "[[extra_days]]\nday = \"2027-01-30\"\nas = \"fri\""},
	"quotas": {about: "Quotas: how many dossiers of a category a session takes. Appointments reserve their\npart of it until they are missed.", keys: [][2]string{
		{"category", "that is bounded"},
		{"session", "in which"},
		{"point", "where; left out: all points together"},
		{"dossiers", "1 to 9999"},
	}, example: "[[quotas]]\ncategory = \"C\"\nsession = \"morning\"\ndossiers = 30"},
	"breaks": {about: "Planned breaks: when one comes, the counter pauses as soon as it is free. Opening it\nagain waives the rest. Two of one counter must not overlap.", keys: [][2]string{
		{"counter", "that pauses"},
		{"days", "of the week; left out: every day"},
		{"from", "local time, 03:00 or later"},
		{"to", "local time"},
		{"reason", "break (also when left out), lunch, desk_work or other"},
	}, example: "[[breaks]]\ncounter = \"1\"\nfrom = \"09:30\"\nto = \"09:45\""},
	"appointments": {about: "Appointments; may be left out.", keys: [][2]string{
		{"capacity", "at most so many of one category, point and time, up to 999; 0 = no bound"},
	}, example: "[appointments]\ncapacity = 2"},
	"agents": {about: "Agents: who brings more dossiers takes a number of a category of its own; may be\nleft out.", keys: [][2]string{
		{"above", "more dossiers than these, 1 to 98"},
		{"category", "where they take their number"},
	}, example: "[agents]\nabove = 5\ncategory = \"C\""},
}
