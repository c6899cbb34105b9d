// Package display projects what the hall sees: the board of the wall
// displays and the page of one ticket. Both are pure functions of a state.
package display
