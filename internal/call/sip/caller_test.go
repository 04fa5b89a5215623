package sip

import (
	"strings"
	"testing"

	"github.com/emiago/sipgo/sip"
)

// claims is an INVITE in which somebody says who they are.
func claims(t *testing.T, lines ...string) *sip.Request {
	t.Helper()
	all := append([]string{"INVITE sip:+441632960001@x SIP/2.0", "Via: SIP/2.0/UDP 198.51.100.1;branch=z9hG4bK1", "To: <sip:+441632960001@x>", "Call-ID: 1", "CSeq: 1 INVITE"}, lines...)
	m, err := sip.ParseMessage([]byte(strings.Join(all, "\r\n") + "\r\n\r\n"))
	must(t, err)
	return m.(*sip.Request)
}

func TestWhoCalls(t *testing.T) {
	from := `From: "Example Person" <sip:07700900123@x>;tag=1`
	for _, c := range []struct {
		why   string
		lines []string
		want  Caller
	}{
		{"From", []string{from}, Caller{Number: patient, Name: "Example Person"}},
		{"From without a name", []string{"From: <sip:+447700900123@x>;tag=1"}, Caller{Number: patient}},
		{"a tel URI", []string{"From: <tel:+44-7700-900123>;tag=1"}, Caller{Number: patient}},
		{"what the trunk vouches for", []string{from, "P-Asserted-Identity: <sip:+441632960009@x>"}, Caller{Number: "+441632960009", Name: "Example Person"}},
		{"two of those", []string{from, `P-Asserted-Identity: "A, B" <sip:a@x>, <tel:+441632960009>`}, Caller{Number: "+441632960009", Name: "Example Person"}},
		{"one that is no number", []string{from, "P-Asserted-Identity: <sip:a@x>"}, Caller{Number: patient, Name: "Example Person"}},
		{"one that is broken", []string{from, "P-Asserted-Identity: <<"}, Caller{Number: patient, Name: "Example Person"}},
		{"withheld, though the trunk knows", []string{from, "P-Asserted-Identity: <sip:+447700900123@x>", "Privacy: id"}, Caller{Withheld: true}},
		{"withheld with more", []string{from, "Privacy: header; user;id"}, Caller{Withheld: true}},
		{"not withheld", []string{from, "Privacy: none"}, Caller{Number: patient, Name: "Example Person"}},
		{"anonymous", []string{`From: "Anonymous" <sip:anonymous@anonymous.invalid>;tag=1`, "P-Asserted-Identity: <sip:+447700900123@x>"}, Caller{Withheld: true}},
		{"restricted", []string{"From: <sip:Restricted@x>;tag=1"}, Caller{Withheld: true}},
		{"unavailable", []string{"From: <sip:unavailable@x>;tag=1"}, Caller{}},
		{"from abroad", []string{"From: <sip:0033140000000@x>;tag=1"}, Caller{Number: "+33140000000"}},
		{"a name that is more than one", []string{`From: "a\"b<script>` + strings.Repeat("x", 100) + `" <sip:07700900123@x>;tag=1`}, Caller{Number: patient, Name: "abscript" + strings.Repeat("x", 52)}},
	} {
		if got := callerOf(claims(t, c.lines...)); got != c.want {
			t.Errorf("%s: %+v, want %+v", c.why, got, c.want)
		}
	}
}

func TestWhichNumberWasDialled(t *testing.T) {
	req := claims(t, "From: <sip:a@x>;tag=1")
	for uri, want := range map[string]string{
		"sip:01632960001@x": practice, "sips:+441632960001@x": practice, "tel:+441632960001": practice,
		"sip:practice@x":         practice, // the name we registered: To has it
		"sip:07700900123;npdi@x": patient,
	} {
		must(t, sip.ParseUri(uri, &req.Recipient))
		if got, ok := called(req); !ok || got != want {
			t.Errorf("%s is %s", uri, got)
		}
		req.Recipient = sip.Uri{}
	}
}

// FuzzCaller holds that no header makes us fail, and that one who withholds a
// number has neither number nor name.
func FuzzCaller(f *testing.F) {
	f.Add(`"A" <sip:07700900123@x>;tag=1`, `"A, B" <sip:a@x>, <tel:+441632960009>`, "id")
	f.Add("<sip:anonymous@anonymous.invalid>;tag=1", "<<", "header;;user")
	f.Fuzz(func(t *testing.T, from, asserted, privacy string) {
		raw := "INVITE sip:1@x SIP/2.0\r\nTo: <sip:1@x>\r\nFrom: " + from + "\r\nP-Asserted-Identity: " + asserted + "\r\nPrivacy: " + privacy + "\r\n\r\n"
		m, err := sip.ParseMessage([]byte(raw))
		if err != nil || m.From() == nil {
			return
		}
		c := callerOf(m.(*sip.Request))
		if c.Withheld && c != (Caller{Withheld: true}) {
			t.Fatalf("%+v", c)
		}
		if strings.ContainsAny(c.Name, "\r\n<>\"\x00") || len([]rune(c.Name)) > 60 {
			t.Fatalf("%q", c.Name)
		}
	})
}
