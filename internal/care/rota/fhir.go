package rota

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"heartwood/internal/care"
	"heartwood/internal/care/booking"
	"heartwood/internal/care/opening"
	"heartwood/internal/care/setting"
	"heartwood/internal/care/write"
	"heartwood/internal/fault"
	"heartwood/internal/fhir"
	"heartwood/internal/ident"
	"heartwood/internal/record"
	"heartwood/internal/words"
)

var kept = setting.Kept{Ref: ident.Ref{Type: "Basic", ID: "rota"}, Stale: fault.New(fault.Conflict,
	"Somebody else has changed the rota meanwhile. Look at what it is now, and enter yours again.")}

// part is the address of one sort of item in the setting.
func part(name string) string { return care.Base + "StructureDefinition/rota-" + name }

// Load reads a practice's rota: the default slot types and no sessions when it
// has set none.
func Load(ctx context.Context, p *record.Practice) (Setting, error) {
	res, v, err := kept.Load(ctx, p)
	if err != nil {
		return Setting{}, err
	}
	if res == nil {
		return Defaults(), nil
	}
	s := Setting{Version: v.ID, Weeks: Defaults().Weeks}
	for e := range res.Get("extension").Items() {
		m := setting.Fields(e)
		switch e.Get("url").Str() {
		case part("weeks"):
			s.Weeks = m.Number("weeks")
		case part("type"):
			s.Types = append(s.Types, typeOf(m))
		case part("template"):
			s.Templates = append(s.Templates, templateOf(m))
		case part("leave"):
			who, _ := ident.ParseRef(m.One("who"))
			s.Leave = append(s.Leave, Leave{who, m.One("name"), m.One("from"), m.One("to"), m.One("why")})
		}
	}
	return s, nil
}

func typeOf(m setting.Named) SlotType {
	t := SlotType{ID: m.One("id"), Name: m.One("name"), National: m.One("national"), Since: m.One("since")}
	for _, p := range m["past"] {
		if f := strings.Split(p, "|"); len(f) == 3 {
			t.Past = append(t.Past, Mapping{f[0], f[1], f[2]})
		}
	}
	return t
}

func templateOf(m setting.Named) Template {
	who, _ := ident.ParseRef(m.One("clinician"))
	t := Template{
		ID: m.One("id"), Name: m.One("name"), Clinician: who, ClinicianName: m.One("clinician-name"),
		From: m.Number("from"), To: m.Number("to"), Length: m.Number("length"), Type: m.One("type"),
		Room: m.One("room"), Capacity: m.Number("capacity"), Who: m["who"],
		OpensDays: m.Number("opens-days"), OpensAt: m.Number("opens-at"), Notice: m.Number("notice"),
		Start: m.One("start"), End: m.One("end"),
	}
	for _, d := range m["day"] {
		n, _ := strconv.Atoi(d)
		t.Days[n%7] = true
	}
	for _, b := range m["break"] {
		var s opening.Span
		if n, _ := fmt.Sscanf(b, "%d-%d", &s.From, &s.To); n == 2 {
			t.Breaks = append(t.Breaks, s)
		}
	}
	for _, x := range m["mode"] {
		t.Modes = append(t.Modes, booking.Mode(x))
	}
	return t
}

func (s Setting) members() write.Obj {
	ext := write.List{setting.Part(part("weeks"), "weeks", strconv.Itoa(s.Weeks))}
	for _, t := range s.Types {
		pairs := []string{"id", t.ID, "name", t.Name, "national", t.National, "since", t.Since}
		for _, p := range t.Past {
			pairs = append(pairs, "past", p.National+"|"+p.From+"|"+p.To)
		}
		ext = append(ext, setting.Part(part("type"), pairs...))
	}
	for _, t := range s.Templates {
		ext = append(ext, setting.Part(part("template"), t.pairs()...))
	}
	for _, l := range s.Leave {
		ext = append(ext, setting.Part(part("leave"), "who", l.Clinician.String(), "name", l.Name, "from", l.From, "to", l.To, "why", l.Why))
	}
	return write.Obj{"code": write.Coded(care.Base+"setting", "rota", "Rota"), "extension": ext}
}

func (t Template) pairs() []string {
	p := []string{
		"id", t.ID, "name", t.Name, "clinician", t.Clinician.String(), "clinician-name", t.ClinicianName,
		"from", strconv.Itoa(t.From), "to", strconv.Itoa(t.To), "length", strconv.Itoa(t.Length), "type", t.Type,
		"room", t.Room, "capacity", strconv.Itoa(t.Capacity), "opens-days", strconv.Itoa(t.OpensDays),
		"opens-at", strconv.Itoa(t.OpensAt), "notice", strconv.Itoa(t.Notice), "start", t.Start, "end", t.End,
	}
	for d, on := range t.Days {
		if on {
			p = append(p, "day", strconv.Itoa(d))
		}
	}
	for _, b := range t.Breaks {
		p = append(p, "break", fmt.Sprintf("%d-%d", b.From, b.To))
	}
	for _, m := range t.Modes {
		p = append(p, "mode", string(m))
	}
	for _, w := range t.Who {
		p = append(p, "who", w)
	}
	return p
}

// Save keeps a rota in a new version. A slot type that is mapped anew keeps
// what it was mapped to before, with its dates.
func Save(ctx context.Context, p *record.Practice, by record.Author, s Setting) error {
	if err := s.Check(); err != nil {
		return err
	}
	old, err := Load(ctx, p)
	if err != nil {
		return err
	}
	if old.Version != s.Version {
		return kept.Stale
	}
	s = s.remapped(old, p.Now().In(words.London).Format("2006-01-02"))
	return kept.Save(ctx, p, by, "rota set", s.Version, func(*fhir.Resource) write.Obj { return s.members() })
}

// remapped dates the national categories that are new today.
func (s Setting) remapped(old Setting, today string) Setting {
	types := append([]SlotType(nil), s.Types...)
	for i := range types {
		t := &types[i]
		was, ok := old.Named(t.ID)
		switch {
		case !ok || was.National == t.National:
			t.Since, t.Past = was.Since, was.Past
		default:
			t.Since = today
			t.Past = append(append([]Mapping(nil), was.Past...), Mapping{was.National, was.Since, today})
		}
		if t.Since == "" {
			t.Since = today
		}
	}
	s.Types = types
	return s
}
