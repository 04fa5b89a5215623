package sip

import (
	"strings"
	"testing"

	"github.com/emiago/sipgo/sip"
)

// FuzzHeaders holds that the small things that come in headers and bodies are
// read as something sensible or not at all.
func FuzzHeaders(f *testing.F) {
	f.Add("1800;refresher=uac", "application/dtmf-relay", "Signal=5\r\nDuration=160")
	f.Add("90 ; REFRESHER = uas", "application/dtmf", "11")
	f.Add("", "message/sipfrag", "SIP/2.0 200 OK")
	f.Fuzz(func(t *testing.T, header, mime, body string) {
		if key, ok := readKeyPress(mime, body); ok && !strings.Contains("0123456789*#ABCD", string(key)) {
			t.Fatalf("%q was pressed", key)
		}
		if code, ok := readFragment(body); ok && (code < 100 || code > 699) {
			t.Fatalf("%d", code)
		}
		req := sip.NewRequest(sip.INVITE, sip.Uri{Scheme: "sip", Host: "x"})
		req.AppendHeader(sip.NewHeader("Session-Expires", header))
		if lasts, _ := readSession(req); lasts < 0 {
			t.Fatalf("%q lasts %v", header, lasts)
		}
		n := 0
		for _, one := range split(header) {
			n += len(one)
		}
		if n > len(header) {
			t.Fatalf("%q became longer: %q", header, split(header))
		}
	})
}

func TestSplit(t *testing.T) {
	got := split(`"A, B" <sip:a@x;p=1,2>, <tel:1> , x`)
	want := []string{`"A, B" <sip:a@x;p=1,2>`, "<tel:1>", "x"}
	if strings.Join(got, "|") != strings.Join(want, "|") {
		t.Errorf("%q", got)
	}
}
