package web_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"

	"motcua/internal/web"
)

// A page without a snapshot: the first page in English.
func Example() {
	w, err := web.New(web.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	rec := httptest.NewRecorder()
	if err := w.Render(rec, http.StatusOK, web.Page{Face: "home", Lang: "en"}); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(rec.Code, strings.Contains(rec.Body.String(), "Wall display"))
	fmt.Println(w.Text("vi", "slip.ahead.n", map[string]any{"n": 12}))
	fmt.Println(w.Text("en", "slip.ahead.n", map[string]any{"n": 1}))
	// Output:
	// 200 true
	// 12 người
	// 1 person
}
