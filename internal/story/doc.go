// Package story tells in plain words what the journal holds: each event a
// sentence, each call its reason, a ticket's whole way through the hall, and
// why another number went before it. The sentences come from a catalogue, in
// any of its languages; what may not be disclosed (routing.md §1) is in no
// event and so in no story.
package story
