package phone

import (
	"context"
	"fmt"
	"time"

	"heartwood/internal/access"
	"heartwood/internal/call/exchange"
	"heartwood/internal/care/callflow"
	"heartwood/internal/words"
)

// view is the whole of what a telephone shows.
type view struct {
	Ready      bool        `json:"ready"`
	Trunk      string      `json:"trunk,omitempty"` // why no calls come
	Mine       []mine      `json:"mine"`
	Waiting    []row       `json:"waiting"`
	Colleagues []colleague `json:"colleagues"`
}

type mine struct {
	ID      string   `json:"id"`
	State   string   `json:"state"`
	Number  string   `json:"number"`
	Out     bool     `json:"out"`
	Since   string   `json:"since"`
	Waited  int      `json:"waited"` // seconds
	Raised  string   `json:"raised,omitempty"`
	People  []person `json:"people"`
	Patient *person  `json:"patient,omitempty"`
	Muted   bool     `json:"muted"`
	Ask     string   `json:"ask"`
	Loss    *float64 `json:"loss,omitempty"`
}

type person struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	Born string `json:"born"`
	Href string `json:"href"`
}

type row struct {
	ID     string `json:"id"`
	Number string `json:"number"`
	Since  string `json:"since"`
	Raised string `json:"raised,omitempty"`
	State  string `json:"state"`
	Back   bool   `json:"back,omitempty"` // who is owed a call; else who is on the line
}

type colleague struct {
	Ref   string `json:"ref"`
	Name  string `json:"name"`
	State string `json:"state"`
}

// view is what the seat shows now. Who a caller may be is in the access log
// before it is shown.
func (l *open) view(ctx context.Context) (*view, error) {
	s, err := l.seat.View(ctx)
	if err != nil {
		return nil, err
	}
	v := &view{Ready: s.Ready, Trunk: s.Trunk, Mine: []mine{}, Waiting: []row{}, Colleagues: []colleague{}}
	for _, c := range s.Mine {
		m, err := l.mine(ctx, c)
		if err != nil {
			return nil, err
		}
		v.Mine = append(v.Mine, m)
	}
	for _, c := range s.Waiting {
		state := "Waiting"
		if len(c.Ringing) > 0 {
			state = "Ringing"
		}
		v.Waiting = append(v.Waiting, row{ID: c.ID, Number: number(c), Since: c.Since.Format(time.RFC3339), Raised: urgency[c.Raised], State: state})
	}
	for _, o := range s.Owed {
		v.Waiting = append(v.Waiting, owed(o, s.Now))
	}
	for _, c := range s.Others {
		v.Colleagues = append(v.Colleagues, colleague{Ref: c.Ref, Name: c.Name, State: c.State})
	}
	return v, nil
}

func (l *open) mine(ctx context.Context, c exchange.Mine) (mine, error) {
	base := "/desk/" + string(l.who.Practice) + "/"
	m := mine{
		ID: c.Call.ID, State: c.State, Number: number(c.Call), Out: c.Call.Direction == callflow.Out,
		Since: c.Since.Format(time.RFC3339), Waited: int(c.Call.Wait(c.Now).Seconds()), Raised: urgency[c.Call.Raised],
		Muted: c.Muted, Loss: c.Loss, People: []person{}, Ask: base + "new?channel=phone",
	}
	for _, p := range c.People {
		one := person{ID: p.Ref.ID, Name: p.Name, Born: born(p.Born), Href: base + "patient/" + p.Ref.ID}
		if err := l.look(ctx, c.Call.ID, p.Ref.String()); err != nil {
			return m, err
		}
		if p.Ref.String() == c.Call.Patient {
			m.Patient, m.Ask = &one, m.Ask+"&patient="+p.Ref.ID
		} else {
			m.People = append(m.People, one)
		}
	}
	return m, nil
}

// look puts a sight in the access log, once a call and patient.
func (l *open) look(ctx context.Context, call, patient string) error {
	if l.seen[call+" "+patient] {
		return nil
	}
	p, err := l.ph.Store.Practice(l.who.Practice)
	if err != nil {
		return err
	}
	if err := access.Looked(ctx, p, l.who, access.Sight{Patient: patient, What: "caller"}); err != nil {
		return err
	}
	l.seen[call+" "+patient] = true
	return nil
}

// owed is somebody who is owed a call.
func owed(o callflow.CallBack, now time.Time) row {
	r := row{ID: o.ID, Number: words.Phone(o.Number), Since: o.Since.Format(time.RFC3339), Raised: urgency[o.Raised], State: "Wants a call", Back: true}
	if n := len(o.Tries); n > 0 {
		r.State = fmt.Sprintf("Wants a call, tried %d of %d times", n, callflow.Tries)
	}
	if from := o.From(); from.After(now) {
		r.State += ", not before " + words.Clock(from)
	}
	return r
}

// number is a caller's number as it is read out.
func number(c callflow.Call) string {
	n := c.From
	if c.Direction == callflow.Out {
		n = c.To
	}
	if n == "" {
		return "Number withheld"
	}
	return words.Phone(n)
}

// urgency is why somebody goes before others, as a page says it.
var urgency = map[string]string{"urgent": "Urgent", "vulnerable": "Needs care"}

// born is a date of birth as a page shows it.
func born(date string) string {
	t, ok := words.Birth(date)
	if !ok {
		return ""
	}
	return t.Format("2 Jan 2006")
}
