package direct

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"strings"
	"time"

	"heartwood/internal/care"
	"heartwood/internal/care/request"
	"heartwood/internal/care/search"
	"heartwood/internal/care/setting"
	"heartwood/internal/care/write"
	"heartwood/internal/fault"
	"heartwood/internal/fhir"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

const (
	ext    = care.Base + "StructureDefinition/direct-"
	system = care.Base + "setting"
	code   = "direct-messages"
)

var stale = fault.New(fault.Conflict, "Somebody else has changed this meanwhile. Look at what it is now, and choose again.")

var kept = setting.Kept{Ref: ident.Ref{Type: "Basic", ID: "direct-messages"}, Whole: true, Stale: stale}

// keptOf is where the mark of a patient is: always the same, so that there is
// one however often it is switched.
func keptOf(patient ident.Ref) setting.Kept {
	h := sha256.Sum256([]byte(patient.String()))
	return setting.Kept{Ref: ident.Ref{Type: "Basic", ID: "direct-" + hex.EncodeToString(h[:16])}, Whole: true, Stale: stale}
}

// Load reads what holds for the practice: on, where nobody has set it.
func Load(ctx context.Context, p *record.Practice) (Setting, error) {
	res, v, err := kept.Load(ctx, p)
	if err != nil || res == nil {
		return Setting{}, err
	}
	s := Setting{Version: v.ID}
	for e := range res.Get("extension").Items() {
		switch e.Get("url").Str() {
		case ext + "off":
			s.Off = e.Get("valueBoolean").True()
		case ext + "why":
			s.Why = e.Get("valueString").Str()
		case ext + "why-cy":
			s.WhyCy = e.Get("valueString").Str()
		}
	}
	return s, nil
}

// Save keeps what holds for the practice over the version that was seen.
func Save(ctx context.Context, p *record.Practice, by record.Author, s Setting) error {
	s.Why, s.WhyCy = request.CleanText(s.Why), request.CleanText(s.WhyCy)
	if err := s.Check(); err != nil {
		return err
	}
	return kept.Save(ctx, p, by, "patients’ messages switched "+onOff(s.Off), s.Version, func(*fhir.Resource) write.Obj {
		return write.Obj{"code": write.Coded(system, code, "Patients’ messages"), "extension": parts(s.Off, map[string]string{"why": s.Why, "why-cy": s.WhyCy})}
	})
}

func onOff(off bool) string {
	if off {
		return "off"
	}
	return "on"
}

func parts(off bool, texts map[string]string) write.List {
	out := write.List{write.Obj{"url": ext + "off", "valueBoolean": off}}
	for _, name := range []string{"why", "why-cy"} {
		if texts[name] != "" {
			out = append(out, write.Obj{"url": ext + name, "valueString": texts[name]})
		}
	}
	return out
}

// Of reads what holds for one patient.
func Of(ctx context.Context, p *record.Practice, patient ident.Ref) (Mark, error) {
	res, v, err := keptOf(patient).Load(ctx, p)
	if err != nil || res == nil {
		return Mark{Patient: patient.String()}, err
	}
	return markOf(v, res), nil
}

func markOf(v record.Version, res *fhir.Resource) Mark {
	m := Mark{Patient: write.Target(res.Get("subject")).String(), By: write.Target(res.Get("author")).String(), Since: v.Time, Version: v.ID}
	for e := range res.Get("extension").Items() {
		switch e.Get("url").Str() {
		case ext + "off":
			m.Off = e.Get("valueBoolean").True()
		case ext + "why":
			m.Why = e.Get("valueString").Str()
		case ext + "look":
			m.Look = write.When(e.Get("valueDateTime"))
		}
	}
	return m
}

// Switch keeps what holds for one patient over the version that was seen. It
// needs a reason both ways, and to switch off a day to look again.
func Switch(ctx context.Context, p *record.Practice, by record.Author, m Mark) error {
	if !care.IsStaff(by.Role) {
		return fault.New(fault.Forbidden, "Only staff of the practice can do this.")
	}
	ref, ok := ident.ParseRef(m.Patient)
	if !ok || ref.Type != "Patient" {
		return fault.New(fault.NotFound, "There is no such patient.")
	}
	m.Why = request.CleanText(m.Why)
	if err := m.check(p.Now()); err != nil {
		return err
	}
	return keptOf(ref).Save(ctx, p, by, "the patient’s messages switched "+onOff(m.Off), m.Version, func(*fhir.Resource) write.Obj {
		ex := parts(m.Off, map[string]string{"why": m.Why})
		if m.Off {
			ex = append(ex, write.Obj{"url": ext + "look", "valueDateTime": write.Instant(m.Look)})
		}
		o := write.Obj{"code": write.Coded(system, code, "Patients’ messages"), "subject": write.Ref(ref), "extension": ex}
		if r, ok := ident.ParseRef(by.Ref); ok && r.Type == "Practitioner" {
			o["author"] = write.Ref(r)
		}
		return o
	})
}

// On is what holds on a request.
func On(ctx context.Context, p *record.Practice, r request.View) (State, error) {
	s, err := Load(ctx, p)
	if err != nil {
		return State{}, err
	}
	var m Mark
	if ref, ok := ident.ParseRef(r.Patient); ok {
		if m, err = Of(ctx, p, ref); err != nil {
			return State{}, err
		}
	}
	return decide(s, m, r), nil
}

// Due are the marks whose day to look again has come.
func Due(ctx context.Context, p *record.Practice, now time.Time) ([]Mark, error) {
	var out []Mark
	err := search.Each(ctx, p, "Basic?code="+url.QueryEscape(system+"|"+code), func(v record.Version, res *fhir.Resource) error {
		if m := markOf(v, res); strings.HasPrefix(m.Patient, "Patient/") && m.Off && !m.Look.After(now) {
			out = append(out, m)
		}
		return nil
	})
	return out, err
}
