package web

import "encoding/json"

// models make what a face's template needs out of its snapshot's JSON. They
// read JSON rather than a type, so that the page without script and the script
// depend on the same thing.
var models = map[string]func(snapshot json.RawMessage, lang string, langs []string) (any, error){}
