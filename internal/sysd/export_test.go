package sysd

// FindMount is mountOf, for tests.
var FindMount = mountOf
