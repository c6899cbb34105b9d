package demo_test

import (
	"context"
	"fmt"
	"net/http"

	"motcua/internal/demo"
)

func ExampleMorning() {
	morning, err := demo.New(demo.Options{
		Base:   "http://127.0.0.1:8080",
		Client: &http.Client{Transport: newHall()}, // a daemon in this process
		Config: office,
		Seed:   1,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer morning.Close()
	fmt.Println(morning.SetSpeed(context.Background(), 5))
	fmt.Println(morning.SetSpeed(context.Background(), 60), morning.State().Speed)
	fmt.Println(morning.SetSpeed(context.Background(), 0), morning.State().Speed)
	// Output:
	// invalid/field: the morning can't be played at speed 5
	// <nil> 60
	// <nil> 0
}
