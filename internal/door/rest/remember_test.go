package rest

import (
	"net/http"
	"testing"
	"time"

	"heartwood/internal/fault"
	"heartwood/internal/ident"
)

func TestRemember(t *testing.T) {
	now, asked, expired := time.Unix(0, 0), 0, false
	auth := Remember(func(_ *http.Request, ods ident.ODS) (Caller, error) {
		asked++
		if expired {
			return Caller{}, fault.New(fault.Unauthenticated, "The token has expired.")
		}
		return Caller{Scopes: ParseScopes("system/*.rs")}, nil
	}, func() time.Time { return now }, time.Second)
	try := func(token string, ods ident.ODS) error {
		_, err := auth(&http.Request{Header: http.Header{"Authorization": {token}}}, ods)
		return err
	}
	for _, step := range []struct {
		token  string
		ods    ident.ODS
		wait   time.Duration
		expire bool
		asked  int
		ok     bool
	}{
		{"a", "Z99901", 0, false, 1, true},
		{"a", "Z99901", 0, false, 1, true},
		{"b", "Z99901", 0, false, 2, true},
		{"a", "Z99902", 0, false, 3, true},
		{"a", "Z99901", 999 * time.Millisecond, true, 3, true},
		{"a", "Z99901", time.Millisecond, true, 4, false},
		{"a", "Z99901", 0, true, 5, false},
	} {
		now, expired = now.Add(step.wait), step.expire
		if err := try(step.token, step.ods); (err == nil) != step.ok || asked != step.asked {
			t.Errorf("%+v: %v after %d", step, err, asked)
		}
	}
}

func TestScopes(t *testing.T) {
	for _, c := range []struct {
		scopes, typ, verb string
		want              bool
	}{
		{"system/*.cruds", "Patient", "d", true},
		{"system/Patient.rs", "Patient", "s", true},
		{"system/Patient.rs", "Patient", "c", false},
		{"system/Patient.rs", "Observation", "r", false},
		{"user/*.read", "Task", "r", true},
		{"user/*.read", "Task", "u", false},
		{"user/*.write", "Task", "u", true},
		{"system/*.*", "Task", "d", true},
		{"system/*.sr", "Task", "r", false},
		{"system/Observation.rs?category=x", "Observation", "r", false},
		{"openid launch/patient", "Patient", "r", false},
		{"patient/*.rs", "Patient", "r", false},
		{"system/_Account.rs", "_Account", "r", false},
		{"", "Patient", "r", false},
		{"system/*.rs", "Patient", "", false},
	} {
		if got := (Caller{Scopes: ParseScopes(c.scopes)}).Allows(c.typ, c.verb); got != c.want {
			t.Errorf("%q on %s.%s: %v", c.scopes, c.typ, c.verb, got)
		}
	}
	if !(Caller{Patient: "Patient/1", Scopes: ParseScopes("patient/*.rs")}).Allows("Patient", "r") {
		t.Error("a patient's own scope gives nothing")
	}
}
