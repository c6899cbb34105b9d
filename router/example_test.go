package router_test

import (
	"fmt"
	"time"

	"motcua/queue"
	"motcua/queue/queuetest"
	"motcua/router"
)

// Why is A002 called before A001, which came earlier?
func ExampleExplain() {
	b := queuetest.OpenBook(router.Live{})
	asked := b.Issue("A")
	b.Pass(20 * time.Minute)
	b.Must(queue.Issue{Category: "A", Class: "priority"})

	e := router.Explain(b.State.View(), "1", asked, b.Now)
	fmt.Println(e.Chosen.Label, e.Why.Code, e.Why.HeadStart, "min, against", e.Why.Other)
	// Output: A002 priority 60 min, against A001
}
