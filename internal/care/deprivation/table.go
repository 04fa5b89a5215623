// Package deprivation writes into patients' records the tenth of the Index of
// Multiple Deprivation that they live in, so that fairness can be seen.
//
// What comes in: the national table of small areas and their tenths, a table
// of postcodes and the small areas they lie in, and a practice's patients. What
// goes out: a new version of each patient whose tenth is another, and counts.
// A bad row must never change anything: the tables are read whole first. It
// must never guess: a postcode or an area that is not in the tables leaves what
// stands, and is counted. No postcode is ever in an error or a log.
package deprivation

import (
	"bufio"
	"compress/gzip"
	"encoding/csv"
	"errors"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"heartwood/internal/fault"
)

// Table gives the tenth, 1 the most deprived to 10, of the postcodes that were
// asked for. A postcode that is known and whose area has no tenth (Wales, no
// fixed abode) has 0.
type Table map[string]int

// The names of columns that are understood, in lower case: those of the Office
// for National Statistics' postcode directories, of the index as the government
// publishes it, and plain ones.
var (
	postcodeNames = []string{"pcds", "pcd8", "pcd7", "pcd2", "pcd", "postcode"}
	areaNames     = []string{"lsoa21cd", "lsoa21", "lsoa21_code", "lsoa code (2021)", "lsoa"}
	decileNames   = []string{
		"imd_decile", "index of multiple deprivation (imd) decile (where 1 is most deprived 10% of lsoas)",
		"index of multiple deprivation (imd) decile", "decile",
	}
)

var areaCode = regexp.MustCompile(`^[A-Z]\d{8}$`)

// Deciles reads the tenth of every small area. The file has a row of names.
func Deciles(r io.Reader) (map[string]int, error) {
	out := map[string]int{}
	err := rows(r, "table of deprivation", areaNames, decileNames, func(line int, area, tenth string) error {
		n, err := strconv.Atoi(tenth)
		switch {
		case !areaCode.MatchString(area):
			return bad(line, "table of deprivation", "%q is not the code of a small area, such as E01000001", area)
		case err != nil || n < 1 || n > 10:
			return bad(line, "table of deprivation", "the tenth is %q, not 1 to 10", tenth)
		case out[area] != 0 && out[area] != n:
			return bad(line, "table of deprivation", "%s is there twice, with two tenths", area)
		}
		out[area] = n
		return nil
	})
	if err == nil && len(out) == 0 {
		err = fault.New(fault.Invalid, "The table of deprivation has no rows.")
	}
	return out, err
}

// Of reads the small areas of the wanted postcodes and gives their tenths.
// Postcodes are as Postcode writes them.
func Of(r io.Reader, deciles map[string]int, wanted map[string]bool) (Table, error) {
	out, areas, any := Table{}, map[string]string{}, false
	err := rows(r, "table of postcodes", postcodeNames, areaNames, func(line int, postcode, area string) error {
		any = true
		code := Postcode(postcode)
		switch {
		case code == "":
			return bad(line, "table of postcodes", "the postcode is missing")
		case area != "" && !areaCode.MatchString(area):
			return bad(line, "table of postcodes", "%q is not the code of a small area, such as E01000001", area)
		case !wanted[code]:
			return nil
		case areas[code] != "" && areas[code] != area:
			return bad(line, "table of postcodes", "a postcode is there twice, in two areas")
		}
		areas[code], out[code] = area, deciles[area]
		return nil
	})
	if err == nil && !any {
		err = fault.New(fault.Invalid, "The table of postcodes has no rows.")
	}
	return out, err
}

// Postcode writes a postcode in capitals and without spaces.
func Postcode(s string) string { return strings.ToUpper(strings.Join(strings.Fields(s), "")) }

// rows reads two columns of a CSV file, plain or gzip, row by row.
func rows(r io.Reader, what string, first, second []string, row func(line int, a, b string) error) error {
	plain, err := unpacked(r)
	if err != nil {
		return fault.Wrap(err, fault.Invalid, "The %s cannot be unpacked.", what)
	}
	c := csv.NewReader(plain)
	c.ReuseRecord = true
	names, err := c.Read()
	if err != nil {
		return wrong(err, what)
	}
	a, b := column(names, first), column(names, second)
	if a < 0 || b < 0 {
		return bad(1, what, "it needs a column named %s and one named %s", first[0], second[0])
	}
	for {
		fields, err := c.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return wrong(err, what)
		}
		line, _ := c.FieldPos(0)
		if err := row(line, strings.TrimSpace(fields[a]), strings.TrimSpace(fields[b])); err != nil {
			return err
		}
	}
}

// column finds the first name that a row of names has.
func column(names, known []string) int {
	for _, k := range known {
		i := slices.IndexFunc(names, func(n string) bool {
			return strings.ToLower(strings.TrimSpace(strings.TrimPrefix(n, "\ufeff"))) == k
		})
		if i >= 0 {
			return i
		}
	}
	return -1
}

func unpacked(r io.Reader) (io.Reader, error) {
	b := bufio.NewReaderSize(r, 1<<16)
	if head, _ := b.Peek(2); len(head) == 2 && head[0] == 0x1f && head[1] == 0x8b {
		return gzip.NewReader(b)
	}
	return b, nil
}

func bad(line int, what, format string, args ...any) error {
	return fault.New(fault.Invalid, "Line "+strconv.Itoa(line)+" of the "+what+": "+format+".", args...)
}

// wrong says what a CSV reader found, without what the row holds.
func wrong(err error, what string) error {
	var p *csv.ParseError
	switch {
	case errors.Is(err, io.EOF):
		return fault.New(fault.Invalid, "The %s is empty.", what)
	case errors.As(err, &p):
		return bad(p.Line, what, "%s", p.Err)
	}
	return fault.Wrap(err, fault.Invalid, "The %s cannot be read.", what)
}
