package web

import (
	"encoding/json"
	"time"
)

// models make what a face's template needs out of its snapshot's JSON. They
// read JSON rather than a type, so that the page without script and the script
// depend on the same thing.
var models = map[string]func(snapshot json.RawMessage, langs []string, now time.Time) (any, error){
	"wall":   func(s json.RawMessage, langs []string, now time.Time) (any, error) { return newWall(s, langs, now) },
	"basic":  func(s json.RawMessage, langs []string, now time.Time) (any, error) { return newWall(s, langs, now) },
	"ticket": func(s json.RawMessage, langs []string, now time.Time) (any, error) { return newHolder(s, langs, now) },
}
