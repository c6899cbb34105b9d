package queue

// Result is what a command led to: the records it added to the journal, in
// order. It is built from records alone, so a repeated key gets the very same.
type Result struct {
	Records []Record
	// Repeated: the key was known and these are the first answer's records.
	Repeated bool
}

// Position is that of the last record.
func (r Result) Position(epoch string) Position {
	if len(r.Records) == 0 {
		return Position{Epoch: epoch}
	}
	last := r.Records[len(r.Records)-1]
	return Position{Epoch: epoch, Seq: last.Seq, Hash: last.Hash}
}
