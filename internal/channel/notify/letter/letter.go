// Package letter prints letters: A4 pages that are ready for a printer or for
// a service that prints and posts them.
//
// What comes in: an address, words, and what the reader needs. What goes out:
// a PDF with its fonts in it, its language and its title, the address where a
// window envelope shows it. It must never print anything but the address in
// the window, and never make print smaller than 12 points.
package letter

import (
	"bytes"
	"strings"
	"time"

	"github.com/go-pdf/fpdf"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/goregular"

	"heartwood/internal/fault"
)

// Letter is one letter.
type Letter struct {
	To       []string // the address, a line each, the name first
	From     []string // the practice's name, then its address and telephone
	Date     string   // as it is printed
	Title    string   // of the document, and the first line
	Text     string   // paragraphs with an empty line between
	Large    bool     // large print: 18 points (RNIB: 16 to 18)
	EasyRead bool     // 16 points, short lines, more space
	Language string   // "en-GB", "cy"
	Made     time.Time
}

// The page, in millimetres: GOV.UK Notify's letter specification, whose window
// is that of a DL envelope.
const (
	windowLeft, windowTop     = 24.6, 39.5
	windowWide, windowHigh    = 95.4, 26.8
	side, top, bottom         = 20.0, 20.0, 20.0
	pageWide                  = 210.0
	most                      = 10 // pages
	pointsPerMillimetre       = 72 / 25.4
	fontName                  = "Go"
	normal, easyRead, enlarge = 12.0, 16.0, 18.0
)

func (l Letter) size() float64 {
	switch {
	case l.Large:
		return enlarge
	case l.EasyRead:
		return easyRead
	}
	return normal
}

// PDF prints the letter.
func PDF(l Letter) ([]byte, error) {
	if len(l.To) < 3 || len(l.To) > 7 {
		return nil, fault.New(fault.Refused, "A letter needs an address of three to seven lines.")
	}
	f := fpdf.New("P", "mm", "A4", "")
	f.SetCatalogSort(true)
	f.SetCreationDate(l.Made)
	f.SetModificationDate(l.Made)
	f.SetTitle(l.Title, true)
	f.SetLang(l.Language)
	f.SetMargins(side, top, side)
	f.SetAutoPageBreak(true, bottom)
	f.AddUTF8FontFromBytes(fontName, "", goregular.TTF)
	f.AddUTF8FontFromBytes(fontName, "B", gobold.TTF)
	size := l.size()
	f.SetFooterFunc(func() {
		f.SetY(-bottom + 5)
		f.SetFont(fontName, "", normal)
		f.CellFormat(0, 6, pageWord(l.Language)+" "+itoa(f.PageNo()), "", 0, "C", false, 0, "")
	})
	f.AddPage()
	l.head(f)
	f.SetXY(side, 95)
	line := size / pointsPerMillimetre * 1.5
	f.SetFont(fontName, "", size)
	f.MultiCell(0, line, l.Date, "", "L", false)
	f.Ln(line / 2)
	f.SetFont(fontName, "B", size+2)
	f.MultiCell(0, line, l.Title, "", "L", false)
	f.Ln(line / 2)
	f.SetFont(fontName, "", size)
	for p := range strings.SplitSeq(strings.TrimSpace(l.Text), "\n\n") {
		if l.EasyRead {
			p = strings.ReplaceAll(p, ". ", ".\n")
		}
		f.MultiCell(0, line, printable(p), "", "L", false)
		f.Ln(line / 2)
	}
	if f.PageNo() > most {
		return nil, fault.New(fault.Refused, "The letter is too long to post.")
	}
	var b bytes.Buffer
	if err := f.Output(&b); err != nil {
		return nil, fault.Wrap(err, fault.Internal, "The letter could not be printed.")
	}
	return b.Bytes(), nil
}

// head is the practice's own lines, and the window with the address alone.
func (l Letter) head(f *fpdf.Fpdf) {
	f.SetFont(fontName, "B", normal)
	y := top - 5
	for i, s := range l.From {
		if i == 1 {
			f.SetFont(fontName, "", normal)
		}
		f.SetXY(windowLeft+windowWide+5, y)
		f.CellFormat(pageWide-side-windowLeft-windowWide-5, 6, fit(f, s, pageWide-side-windowLeft-windowWide-5), "", 0, "R", false, 0, "")
		y += 6
	}
	f.SetFont(fontName, "", normal)
	step := min(5.0, windowHigh/float64(len(l.To)))
	if step < 4.2 {
		f.SetFontSize(normal - 2) // seven lines must still be seen in the window
	}
	for i, s := range l.To {
		f.SetXY(windowLeft, windowTop+float64(i)*step)
		f.CellFormat(windowWide, step, fit(f, s, windowWide), "", 0, "L", false, 0, "")
	}
}

// fit cuts what would print beyond its place.
func fit(f *fpdf.Fpdf, s string, wide float64) string {
	s = printable(s)
	r := []rune(s)
	for len(r) > 1 && f.GetStringWidth(string(r)) > wide-2 {
		r = r[:len(r)-1]
	}
	return string(r)
}

// printable leaves out what the fonts do not have beyond the basic plane.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r > 0xffff, r < 32 && r != '\n':
			return -1
		}
		return r
	}, s)
}

func pageWord(language string) string {
	if strings.HasPrefix(language, "cy") {
		return "Tudalen"
	}
	return "Page"
}

func itoa(n int) string {
	if n < 10 {
		return string(rune('0' + n))
	}
	return itoa(n/10) + itoa(n%10)
}
