package gpiopanel

// LineError is what a pin's check asks of its line.
var LineError = lineError

// OpenOn opens a panel on the chips that look returns, with a number that is
// another one when they are others than before.
func OpenOn(cfg Config, look func() ([]Chip, int, error)) (*Panel, error) {
	return open(cfg, Options{}, look)
}
