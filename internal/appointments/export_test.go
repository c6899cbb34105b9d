package appointments

// ProblemOf lets the tests compare the words with the catalogue's.
var ProblemOf = problem
