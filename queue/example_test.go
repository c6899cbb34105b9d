package queue_test

import (
	"fmt"

	"motcua/queue"
	"motcua/queue/queuetest"
	"motcua/router"
)

// A command is decided into events against a state; applied, they make the next
// state. The book does both and keeps the records.
func Example() {
	b := queuetest.NewBook(router.HeadStart{})
	b.Must(queue.ApplyConfig{Config: queuetest.Config()})
	b.Must(queue.OpenDay{})
	b.Must(queue.OpenCounter{Counter: "1"})
	b.Must(queue.Issue{Category: "A"})
	for _, r := range b.Must(queue.CallNext{Counter: "1"}) {
		fmt.Println(r.Seq, r.Event.EventType(), r.Event.(queue.TicketCalled).Label)
	}
	_, err := b.Do(queue.CallNext{Counter: "1"})
	fmt.Println(err)
	// Output:
	// 5 ticket.called.v1 A001
	// conflict/counter_busy: counter 1 has A001
}
