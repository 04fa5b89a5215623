package progress

import (
	"context"
	"strings"

	"heartwood/internal/care"
	"heartwood/internal/care/request"
	"heartwood/internal/care/search"
	"heartwood/internal/care/setting"
	"heartwood/internal/care/write"
	"heartwood/internal/fault"
	"heartwood/internal/fhir"
	"heartwood/internal/ident"
	"heartwood/internal/record"
	"heartwood/internal/words"
)

// Setting is what a practice lets patients see of who has their request.
type Setting struct {
	Names   bool   // the name of the person; otherwise only what they are
	Version string // of what was read; "" when nobody has set it: no names
}

var (
	kept = setting.Kept{Ref: ident.Ref{Type: "Basic", ID: "patient-view"}, Stale: fault.New(fault.Conflict,
		"Somebody else has changed this meanwhile. Look at what it is now, and choose again.")}
	url = care.Base + "StructureDefinition/patient-sees-names"
)

// Load reads a practice's setting.
func Load(ctx context.Context, p *record.Practice) (Setting, error) {
	res, v, err := kept.Load(ctx, p)
	if err != nil || res == nil {
		return Setting{}, err
	}
	s := Setting{Version: v.ID}
	for e := range res.Get("extension").Items() {
		if e.Get("url").Is(url) {
			s.Names = e.Get("valueBoolean").True()
		}
	}
	return s, nil
}

// Save keeps a setting in a new version.
func Save(ctx context.Context, p *record.Practice, by record.Author, s Setting) error {
	o := write.Obj{
		"code":      write.Coded(care.Base+"setting", "patient-view", "What patients see of who has their request"),
		"extension": write.List{write.Obj{"url": url, "valueBoolean": s.Names}},
	}
	return kept.Save(ctx, p, by, "what patients see", s.Version, func(*fhir.Resource) write.Obj { return o })
}

// With is who has a request, in a patient's words: a team, what somebody is,
// or, where the practice has agreed, who they are. "" for the team that
// everything belongs to at first, and for somebody of whom nothing is known.
func With(ctx context.Context, p *record.Practice, s Setting, owner request.Owner) (string, error) {
	r, ok := ident.ParseRef(owner.Ref)
	switch {
	case !ok || owner.Ref == care.Triage:
		return "", nil
	case r.Type == "CareTeam" || r.Type == "Organization" || r.Type == "HealthcareService":
		if owner.Name == "" {
			return "", nil
		}
		return words.T(words.English, "progress.our", lower(owner.Name)), nil
	case r.Type != "Practitioner" && r.Type != "PractitionerRole":
		return "", nil
	case s.Names && owner.Name != "":
		return owner.Name, nil
	}
	job, err := jobOf(ctx, p, r)
	if err != nil || job == "" {
		return "", err
	}
	return words.T(words.English, "progress.our", lower(job)), nil
}

// jobOf is what a person's role is called at the practice.
func jobOf(ctx context.Context, p *record.Practice, r ident.Ref) (string, error) {
	if r.Type == "PractitionerRole" {
		res, _, err := search.Get(ctx, p, r)
		if err != nil || res == nil {
			return "", err
		}
		return text(res), nil
	}
	job := ""
	err := search.Each(ctx, p, "PractitionerRole?practitioner="+r.String()+"&_count=5", func(_ record.Version, res *fhir.Resource) error {
		if job == "" {
			job = text(res)
		}
		return nil
	})
	return job, err
}

func text(res *fhir.Resource) string { return res.Get("code").First().Get("text").Str() }

// lower makes the first letter small, unless the word is an abbreviation.
func lower(s string) string {
	first, _, _ := strings.Cut(s, " ")
	if first == strings.ToUpper(first) {
		return s
	}
	return strings.ToLower(s[:1]) + s[1:]
}
