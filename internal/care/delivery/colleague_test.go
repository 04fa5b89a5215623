package delivery_test

import (
	"testing"

	"heartwood/internal/care/delivery"
	"heartwood/internal/fault"
	"heartwood/internal/hazard"
	"heartwood/internal/ident"
	"heartwood/internal/record"
)

// An alarm goes to a colleague the way it was to go, or the other way when
// there is no address for it; where there is none, that is said.
func TestAnAlarmReachesAColleague(t *testing.T) {
	hazard.Covers(t, "H-019")
	h := open(t)
	put := func(ref ident.Ref, body string) record.Version {
		t.Helper()
		w, err := record.Prepare(ref, []byte(`{"resourceType":"`+ref.Type+`","id":"`+ref.ID+`",`+body+`}`))
		h.must(err)
		_, err = h.p.Commit(ctx, record.Change{Author: self, Writes: []record.Write{w}})
		h.must(err)
		v, err := h.p.Read(ctx, ref)
		h.must(err)
		return v
	}
	const mail, mobile = `{"system":"email","value":"b@example.com"}`, `{"system":"phone","value":"07700 900003","use":"work"}`
	for what, c := range map[string]struct {
		telecom, medium string
		can             delivery.Medium // the only way out that is open, "" for all
		want            delivery.Target
	}{
		"text":                 {mobile + "," + mail, "SMSWRIT", "", delivery.Target{Medium: delivery.SMS, Address: "07700 900003"}},
		"e-mail":               {mobile + "," + mail, "EMAILWRIT", "", delivery.Target{Medium: delivery.Email, Address: "b@example.com"}},
		"no mobile":            {mail, "SMSWRIT", "", delivery.Target{Medium: delivery.Email, Address: "b@example.com"}},
		"texts are not set up": {mobile + "," + mail, "SMSWRIT", delivery.Email, delivery.Target{Medium: delivery.Email, Address: "b@example.com"}},
		"nothing":              {`{"system":"phone","value":"01632 960001"}`, "EMAILWRIT", "", delivery.Target{}},
	} {
		h.has = map[delivery.Medium]bool{delivery.SMS: c.can != delivery.Email, delivery.Email: c.can != delivery.SMS}
		put(ident.Ref{Type: "Practitioner", ID: "b"}, `"telecom":[`+c.telecom+`]`)
		v := put(ident.Ref{Type: "Communication", ID: ident.NewID()}, `"status":"preparation","recipient":[{"reference":"Practitioner/b"}],
			"medium":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ParticipationMode","code":"`+c.medium+`"}]}],
			"payload":[{"contentString":"An emergency waits."}]`)
		res, err := v.Resource()
		h.must(err)
		out, err := h.s.Route(ctx, h.p, v.Ref, res)
		if c.want == (delivery.Target{}) {
			if !fault.Is(err, fault.Refused) {
				t.Errorf("%s: %+v, %v", what, out, err)
			}
			continue
		}
		if err != nil || out.Target != c.want || out.Text != "An emergency waits." {
			t.Errorf("%s: %+v, %v", what, out, err)
		}
	}
}
