package web

import "html/template"

// icon returns a drawing of static/icons.svg for a template. It is decoration:
// the word always stands beside it.
func (t *tree) icon(name string) template.HTML {
	return template.HTML(`<svg class="icon" aria-hidden="true" focusable="false"><use href="/a/` + t.hash + `/icons.svg#` + template.HTMLEscapeString(name) + `"/></svg>`)
}
