package queuetest

import "motcua/queue"

// Full is a centre that uses every feature: sessions whose doors and cut-offs
// overlap, a category with hours of its own, quotas, visits of several legs,
// one of them at the other point, classes that few may grant or anybody may
// claim, agents, breaks, holidays and appointments.
func Full() queue.Config {
	c := Config()
	week := []queue.Weekday{"mon", "tue", "wed", "thu", "fri"}
	name := func(s string) queue.Text { return queue.Text{"vi": s} }
	c.Centre.ID = "full"
	c.Series = append(c.Series, queue.Series{ID: "C", Prefix: "C", From: 1, To: 20, AcrossPoints: true})
	c.Categories[0].Then = []queue.CategoryID{"B"}
	c.Categories[2].Results = true
	c.Categories = append(c.Categories,
		queue.Category{ID: "C", Name: name("Đất đai"), Series: "C", Minutes: 18, Panel: true, Points: []queue.PointID{"main"}, Then: []queue.CategoryID{"F", "R"}},
		queue.Category{ID: "F", Name: name("Thuế, phí"), Series: "C", Minutes: 5, Points: []queue.PointID{"annex"}},
		queue.Category{ID: "X", Name: name("Nộp hộ"), Series: "A", Minutes: 6, Panel: true, Sessions: []queue.SessionID{"afternoon"}},
	)
	c.Classes = append(c.Classes,
		queue.Class{ID: queue.Appointed, Name: name("Hẹn"), HeadStart: 15},
		queue.Class{ID: "urgent", Name: name("Khẩn"), HeadStart: 90, Grant: []queue.Role{queue.Supervisor, queue.Greeter}},
	)
	c.Classes[1].Button = true
	c.Counters[0].Skills = append(c.Counters[0].Skills, "X", "C")
	c.Counters = append(c.Counters,
		queue.Desk{ID: "4", Number: 2, Point: "annex", Skills: []queue.CategoryID{"F", "X"}},
		queue.Desk{ID: "5", Number: 3, Point: "main", Skills: []queue.CategoryID{"R", "C", "A"}},
	)
	c.Sessions = []queue.Session{
		{ID: "morning", Name: name("Sáng"), Days: week, From: "07:30", To: "11:30", Doors: 30, CutOff: 15},
		{ID: "afternoon", Name: name("Chiều"), Days: week, From: "13:30", To: "17:00", Doors: 130, CutOff: 15},
	}
	c.Holidays = []queue.Holiday{{From: "2026-11-25", Name: name("Nghỉ")}, {From: "2026-11-28", To: "2026-11-30", Name: name("Nghỉ bù")}}
	c.ExtraDays = []queue.ExtraDay{{Day: "2026-11-28", As: "mon"}}
	c.Quotas = []queue.Quota{
		{Category: "A", Session: "morning", Dossiers: 7},
		{Category: "C", Session: "morning", Point: "main", Dossiers: 4},
		{Category: "B", Session: "afternoon", Dossiers: 6},
		{Category: "B", Session: "afternoon", Point: "annex", Dossiers: 3},
	}
	c.Breaks = []queue.Break{
		{Counter: "1", From: "09:00", To: "09:20"},
		{Counter: "2", Days: week, From: "08:00", To: "08:30", Reason: queue.PauseDesk},
		{Counter: "3", From: "11:30", To: "13:30", Reason: queue.PauseLunch},
	}
	c.Appointments.Capacity = 2
	c.Agents = queue.Agents{Above: 5, Category: "X"}
	return c
}
