package evaluate

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"slices"
	"strconv"
	"strings"

	"heartwood/internal/care/triage"
	"heartwood/internal/fault"
)

// maxLine is how long a line may be: far longer than a form takes.
const maxLine = 1 << 20

// Read reads JSON lines: {"id","text","age","sex","history","urgent","group"}.
// text and urgent must be there; a field it does not know is passed over. An
// error is a fault.Invalid that names the line and the field.
func Read(r io.Reader) ([]Case, error) {
	var out []Case
	seen := map[string]int{}
	sc := bufio.NewScanner(r)
	sc.Buffer(make([]byte, 64<<10), maxLine)
	n := 0
	for sc.Scan() {
		n++
		line := bytes.TrimSpace(sc.Bytes())
		if n == 1 {
			line = bytes.TrimPrefix(line, []byte("\xef\xbb\xbf"))
		}
		if len(line) == 0 {
			continue
		}
		c, field, why := parseCase(line, n)
		if why == "" && seen[c.ID] > 0 {
			field, why = "id", "is the same as in line "+strconv.Itoa(seen[c.ID])
		}
		if why != "" {
			return nil, wrong(n, field, why)
		}
		seen[c.ID] = n
		out = append(out, c)
	}
	if err := sc.Err(); err != nil {
		return nil, fault.At(fault.Invalid, "line "+strconv.Itoa(n+1), "Line %d cannot be read: it is longer than %d bytes, or the file is damaged.", n+1, maxLine)
	}
	if len(out) == 0 {
		return nil, fault.New(fault.Invalid, "There are no cases in this file.")
	}
	return out, nil
}

// wrong names the line and the field at fault, never what stands there.
func wrong(line int, field, why string) error {
	where := "line " + strconv.Itoa(line)
	if field == "" {
		return fault.At(fault.Invalid, where, "Line %d %s.", line, why)
	}
	return fault.At(fault.Invalid, where+", "+field, "Line %d: %q %s.", line, field, why)
}

func parseCase(line []byte, n int) (c Case, field, why string) {
	var m map[string]json.RawMessage
	if err := json.Unmarshal(line, &m); err != nil || m == nil {
		return c, "", "is not a JSON object"
	}
	c.ID = "line " + strconv.Itoa(n)
	for _, f := range []struct {
		name, why string
		read      func(json.RawMessage) bool
		must      bool
	}{
		{"text", "must be a text that is not empty", func(v json.RawMessage) bool {
			return json.Unmarshal(v, &c.Text) == nil && strings.TrimSpace(c.Text) != ""
		}, true},
		{"urgent", "must be true or false", func(v json.RawMessage) bool { return json.Unmarshal(v, &c.Urgent) == nil }, true},
		{"id", "must be a text or a number", func(v json.RawMessage) bool { return readID(v, &c.ID) }, false},
		{"age", "must be a number of years from 0 to 130", func(v json.RawMessage) bool { return readAge(v, &c.Age) }, false},
		{"sex", "must be a text", func(v json.RawMessage) bool { return readSex(v, &c.Sex) }, false},
		{"history", "must be a text or a list of texts", func(v json.RawMessage) bool { return readTexts(v, &c.History) }, false},
		{"group", "must be a text", func(v json.RawMessage) bool { return json.Unmarshal(v, &c.Group) == nil }, false},
	} {
		v, ok := m[f.name]
		if !ok || string(v) == "null" {
			if f.must {
				return c, f.name, "is missing"
			}
			continue
		}
		if !f.read(v) {
			return c, f.name, f.why
		}
	}
	return c, "", ""
}

func readID(v json.RawMessage, to *string) bool {
	var number json.Number
	if json.Unmarshal(v, to) == nil {
		return *to != ""
	}
	ok := json.Unmarshal(v, &number) == nil
	*to = number.String()
	return ok
}

func readAge(v json.RawMessage, to *triage.Age) bool {
	var years float64
	if json.Unmarshal(v, &years) != nil || years < 0 || years > 130 {
		return false
	}
	*to = triage.Age{Days: int(years * 365), Known: true}
	return true
}

// readSex knows the words and letters for two; any other is not known, and
// rules nothing out.
func readSex(v json.RawMessage, to *triage.Sex) bool {
	var s string
	if json.Unmarshal(v, &s) != nil {
		return false
	}
	switch strings.ToLower(strings.TrimSpace(s)) {
	case "f", "female", "woman", "girl":
		*to = triage.Female
	case "m", "male", "man", "boy":
		*to = triage.Male
	}
	return true
}

func readTexts(v json.RawMessage, to *[]string) bool {
	var one string
	if json.Unmarshal(v, to) == nil {
		return true
	}
	if json.Unmarshal(v, &one) != nil {
		return false
	}
	if strings.TrimSpace(one) != "" {
		*to = []string{one}
	}
	return true
}

// ReadMTS reads the invented emergency-department complaints of NurseSim
// (levels "1" to "5", Manchester style). Levels 1 and 2 are urgent, 4 and 5
// are not, and level 3, which a practice might see either way, is left out
// unless third says what it counts as.
func ReadMTS(r io.Reader, third *bool) ([]Case, error) {
	var levels map[string][]struct {
		Complaint string `json:"chief_complaint"`
		History   struct {
			Age    float64 `json:"age"`
			Gender string  `json:"gender"`
			PMH    string  `json:"relevant_PMH"`
		} `json:"history"`
	}
	if err := json.NewDecoder(r).Decode(&levels); err != nil {
		return nil, fault.At(fault.Invalid, "file", "This is not a file of levels with complaints.")
	}
	var out []Case
	for _, level := range []string{"1", "2", "3", "4", "5"} {
		if level == "3" && third == nil {
			continue
		}
		for i, x := range levels[level] {
			c := Case{
				ID: "mts-" + level + "-" + strconv.Itoa(i+1), Text: x.Complaint, Group: "level " + level,
				Age: triage.Age{Days: int(x.History.Age * 365), Known: x.History.Age > 0}, Urgent: level < "3",
			}
			if level == "3" {
				c.Urgent = *third
			}
			if s := triage.Sex(x.History.Gender); slices.Contains([]triage.Sex{triage.Female, triage.Male}, s) {
				c.Sex = s
			}
			if p := strings.TrimSpace(x.History.PMH); p != "" {
				c.History = []string{p}
			}
			out = append(out, c)
		}
	}
	if len(out) == 0 {
		return nil, fault.New(fault.Invalid, "There are no cases in this file.")
	}
	return out, nil
}
