package evaluate

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"text/tabwriter"

	"heartwood/internal/care/triage"
)

// Print writes the report as a table.
func (rep Report) Print(w io.Writer) error {
	fmt.Fprintf(w, "rules %s, %d cases, %d of them urgent; the slowest screening took %v\n\n",
		rep.Version, len(rep.Results), rep.Overall.Hit+rep.Overall.Missed, rep.Slowest.Round(1000))
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(tw, "\tcases\tsensitivity (95 %)\tspecificity (95 %)\tover-flagged\tPPV\temergency\t")
	printRow(tw, "all", rep.Overall)
	for _, t := range rep.By {
		for _, r := range t.Rows {
			printRow(tw, t.Name+": "+r.Name, r)
		}
	}
	if err := tw.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w, "\n* fewer than %d cases of a label: the figure says little. PPV and over-flagging are of this mix of cases.\n", small)
	return err
}

func printRow(w io.Writer, name string, r Row) {
	mark := ""
	if r.Small() {
		mark = "*"
	}
	fmt.Fprintf(w, "%s\t%d\t%s\t%s\t%s\t%s\t%d\t%s\n", name, r.Hit+r.Missed+r.Over+r.LeftOut,
		r.Sensitivity().text(true), r.Specificity().text(true), r.OverFlagging().text(false), r.PPV().text(false), r.Emergency, mark)
}

// text is "91.2 % (83–96) 83/91".
func (s Share) text(interval bool) string {
	if s.N == 0 {
		return "–"
	}
	if !interval {
		return fmt.Sprintf("%.1f %% %d/%d", 100*s.Value(), s.K, s.N)
	}
	low, high := s.Wilson()
	return fmt.Sprintf("%.1f %% (%.0f–%.0f) %d/%d", 100*s.Value(), 100*low, 100*high, s.K, s.N)
}

// PrintMisses writes the urgent that were not flagged, and the others that
// were, with the words that met a rule.
func (rep Report) PrintMisses(w io.Writer) error {
	for _, r := range rep.Results {
		if r.Missed() {
			fmt.Fprintf(w, "missed  %s [%s] %s\n", r.ID, r.Group, r.Text)
		}
	}
	for _, r := range rep.Results {
		if !r.Urgent && r.Flagged() {
			f := r.Found[0]
			fmt.Fprintf(w, "over    %s [%s] %s %s %q: %s\n", r.ID, r.Group, f.Rule, f.Level, f.Words, r.Text)
		}
	}
	return nil
}

// MarshalJSON writes the report for other programs; shares are numbers from 0
// to 1, or null.
func (rep Report) MarshalJSON() ([]byte, error) {
	by := map[string][]jsonRow{}
	for _, t := range rep.By {
		for _, r := range t.Rows {
			by[t.Name] = append(by[t.Name], r.json())
		}
	}
	misses := []jsonMiss{}
	for _, r := range rep.Results {
		if r.Missed() || !r.Urgent && r.Flagged() {
			misses = append(misses, jsonMiss{r.ID, r.Group, r.Urgent, rulesOf(r.Found)})
		}
	}
	return json.Marshal(struct {
		Rules   string               `json:"rules"`
		Cases   int                  `json:"cases"`
		Slowest float64              `json:"slowestSeconds"`
		Overall jsonRow              `json:"overall"`
		By      map[string][]jsonRow `json:"by"`
		Wrong   []jsonMiss           `json:"wrong"`
	}{rep.Version, len(rep.Results), rep.Slowest.Seconds(), rep.Overall.json(), by, misses})
}

type jsonMiss struct {
	ID     string   `json:"id"`
	Group  string   `json:"group"`
	Urgent bool     `json:"urgent"`
	Rules  []string `json:"rules"`
}

func rulesOf(fs []triage.Finding) []string {
	out := []string{}
	for _, f := range fs {
		out = append(out, f.Rule)
	}
	return out
}

type jsonShare struct {
	Value *float64 `json:"value"`
	Low   float64  `json:"low95"`
	High  float64  `json:"high95"`
	K     int      `json:"k"`
	N     int      `json:"n"`
}

type jsonRow struct {
	Name        string    `json:"name"`
	Small       bool      `json:"small"`
	Sensitivity jsonShare `json:"sensitivity"`
	Specificity jsonShare `json:"specificity"`
	Over        jsonShare `json:"overFlagging"`
	PPV         jsonShare `json:"ppv"`
	Emergency   int       `json:"emergency"`
}

func (r Row) json() jsonRow {
	return jsonRow{
		r.Name, r.Small(), r.Sensitivity().json(), r.Specificity().json(),
		r.OverFlagging().json(), r.PPV().json(), r.Emergency,
	}
}

func (s Share) json() jsonShare {
	low, high := s.Wilson()
	j := jsonShare{Low: low, High: high, K: s.K, N: s.N}
	if v := s.Value(); !math.IsNaN(v) {
		j.Value = &v
	}
	return j
}
