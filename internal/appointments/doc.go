// Package appointments reads and writes lists of appointments as CSV.
//
// The lists come from whatever an office books with, usually through a
// spreadsheet: [ReadCSV] takes them with any of the usual separators, dates,
// times and headings in three languages. It takes no column it does not know,
// because an appointment here is a code, a slot and a category, and never a
// person. Every row that is wrong says all that is wrong with it, in words that
// repeat nothing that may be about a person.
package appointments
