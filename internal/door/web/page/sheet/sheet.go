// Package sheet shows a table of figures: on a page, with how it is counted in
// words beside it, and as a file for a spreadsheet.
//
// What comes in: a heading, columns and rows of text. What goes out: HTML for a
// page, and CSV as RFC 4180 has it. A cell that a spreadsheet would run as a
// formula is made text. It must never show a figure without saying what it is.
package sheet

import (
	"bytes"
	"embed"
	"encoding/csv"
	"html/template"
	"slices"
	"strconv"
	"strings"
)

//go:embed sheet.html
var files embed.FS

var drawing = template.Must(template.ParseFS(files, "sheet.html"))

// Sheet is one table. The first column names the rows.
type Sheet struct {
	ID, Title string
	About     []string // how this is counted: a paragraph each
	Head      []string
	Rows      []Row
	Total     *Row   // the last row, when there is one
	File      string // where its CSV is; "" for none
	Text      bool   // all cells are words, not figures
	Words     []int  // columns of words among those of figures; the first is always one
	Heat      bool   // shade cells by how large they are
}

// Row is one row.
type Row struct {
	Cells []string
	Alert bool // it needs somebody's attention
}

// Add appends a row.
func (s *Sheet) Add(cells ...string) { s.Rows = append(s.Rows, Row{Cells: cells}) }

// HTML is the table as part of a page.
func (s Sheet) HTML() (template.HTML, error) {
	var b bytes.Buffer
	if err := drawing.Execute(&b, struct {
		Sheet
		Heads []cell
		Lines []line
	}{s, s.heads(), s.lines()}); err != nil {
		return "", err
	}
	return template.HTML(b.String()), nil //nolint:gosec // made by html/template
}

type line struct {
	Name  string
	Cells []cell
	Alert bool
	Total bool
}

type cell struct {
	Text   string
	Figure bool
	Shade  string // "", "1" to "6"
}

func (s Sheet) figure(col int) bool { return col > 0 && !s.Text && !slices.Contains(s.Words, col) }

func (s Sheet) heads() []cell {
	var out []cell
	for i, h := range s.Head {
		out = append(out, cell{Text: h, Figure: s.figure(i)})
	}
	return out
}

func (s Sheet) lines() []line {
	rows := s.Rows
	if s.Total != nil {
		rows = append(append([]Row(nil), rows...), *s.Total)
	}
	most := 0.0
	for _, r := range s.Rows {
		for _, c := range r.Cells[min(1, len(r.Cells)):] {
			most = max(most, number(c))
		}
	}
	var out []line
	for i, r := range rows {
		l := line{Alert: r.Alert, Total: s.Total != nil && i == len(rows)-1}
		for j, c := range r.Cells {
			if j == 0 {
				l.Name = c
				continue
			}
			x := cell{Text: c, Figure: s.figure(j)}
			if s.Heat && !l.Total && most > 0 && number(c) > 0 {
				x.Shade = strconv.Itoa(1 + min(5, int(6*number(c)/most)))
			}
			l.Cells = append(l.Cells, x)
		}
		out = append(out, l)
	}
	return out
}

// number is a cell's figure, 0 for none.
func number(s string) float64 {
	f, err := strconv.ParseFloat(strings.TrimSpace(s), 64)
	if err != nil {
		return 0
	}
	return f
}

// CSV is the table as a file.
func (s Sheet) CSV() ([]byte, error) {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	w.UseCRLF = true
	rows := [][]string{s.Head}
	for _, r := range s.Rows {
		rows = append(rows, r.Cells)
	}
	if s.Total != nil {
		rows = append(rows, s.Total.Cells)
	}
	for _, r := range rows {
		out := make([]string, len(r))
		for i, c := range r {
			out[i] = Safe(c)
		}
		if err := w.Write(out); err != nil {
			return nil, err
		}
	}
	w.Flush()
	return b.Bytes(), w.Error()
}

// Safe is a cell that no spreadsheet runs as a formula: one that begins as a
// formula does, and is no number, has an apostrophe put before it.
func Safe(c string) string {
	if c == "" || !strings.ContainsRune("=+-@\t\r\n|", rune(c[0])) {
		return c
	}
	if _, err := strconv.ParseFloat(c, 64); err == nil {
		return c
	}
	return "'" + c
}
