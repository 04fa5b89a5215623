// Package chart draws numbers for people: bars, as SVG that is part of the page,
// and beside them the same numbers as a table.
//
// What comes in: names and counts. What goes out: HTML for a page. It must never
// need script, never use a style that the content security policy refuses, and
// never show anything in the drawing that the table does not say.
package chart

import (
	"bytes"
	"embed"
	"html/template"
)

//go:embed chart.html
var files embed.FS

var drawing = template.Must(template.ParseFS(files, "chart.html"))

// HTML is the drawing and its table.
func (c Chart) HTML() (template.HTML, error) {
	var b bytes.Buffer
	if err := drawing.Execute(&b, c); err != nil {
		return "", err
	}
	return template.HTML(b.String()), nil //nolint:gosec // made by html/template
}
