package setup

import (
	"motcua/internal/config"
	"motcua/queue"
)

// What a centre may begin from. The literals are in the file.
const (
	fromHall = "hall" // one hall: the demonstration office's
	fromWard = "ward" // two halls: the example of a centre file
	fromFile = "file" // the centre's own
)

// template is the configuration to begin from. Of our own examples only what
// any centre of the kind has is taken: their quotas, planned breaks and swapped
// days were decided by an office that does not exist, and would turn real
// people away.
func template(name string) (queue.Config, error) {
	c, err := config.Demo()
	if name == fromWard {
		c, err = config.ParseCentre(config.Ward())
	}
	if err != nil {
		return c, err
	}
	c.Quotas, c.Breaks, c.ExtraDays = nil, nil, nil
	c.Centre.Notice, c.Centre.Name = nil, nil
	for i := range c.Categories {
		c.Categories[i].Sessions = nil // whose hours were the example's
		c.Categories[i].Area = nil     // as were the signs in the hall
	}
	return c, nil
}

// usual are the sessions and holidays of an office in Viet Nam, for a centre
// that begins without any.
func usual() ([]queue.Session, []queue.Holiday, error) {
	c, err := config.ParseCentre(config.Ward())
	return c.Sessions, c.Holidays, err
}
