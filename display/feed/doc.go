// Package feed pushes what the owner of a state publishes to any number of
// websockets. It knows topics, positions and frames, and nothing of tickets.
//
// A [Hub] serves topics of two classes:
//
//   - Latest, for wall displays and phone pages: each frame is the whole state,
//     every subscriber has room for one, and a newer one replaces it.
//   - Stream, for staff consoles: a snapshot, then frames of events without a
//     gap. A subscriber that falls behind its queue is closed with a numbered
//     reason; one that comes back resumes out of a ring of recent frames, then
//     out of the journal, and only then gets a new snapshot.
//
// The state belongs to one goroutine, the owner's. Snapshot and subscription
// are taken together there ([Options.Turn]), and [Hub.Publish] and [Hub.Append]
// are called there, so no change can fall between them. Neither ever touches a
// socket: every connection has a writer of its own.
//
// # Wire
//
// Frames are JSON objects in text messages, told apart by "type":
//
//	hello   {proto, server, asset, epoch, seq, now}   first frame of every connection
//	snap    {topic, epoch, seq, state}                the whole state at seq
//	ev      {prev, seq, events}                       Stream only: all events of (prev, seq]
//	hb      {seq, now}                                every 5 s, as data: scripts cannot see pings
//	resume  {epoch, seq}                              upward, Stream only: what the client holds
//	status  {audio, last_spoken, viewport}            upward: how the display fares
//
// "now" is the server's time, RFC 3339 in UTC with milliseconds. A client at
// position p applies an ev frame when prev ≤ p < seq, drops it when seq ≤ p,
// and otherwise has a gap: it sends resume and gets ev frames from p on, or a
// snap. A client that has nothing sends resume with an empty epoch, or waits
// [Options.ResumeWait]. The close codes are the constants of type [Code].
package feed
