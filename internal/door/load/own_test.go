package load

import (
	"testing"

	"heartwood/internal/ident"
)

// A file cannot bring in what is the system's own: accounts, sessions, sights.
func TestOwnTypesAreNotLoaded(t *testing.T) {
	p := practice(t)
	for _, typ := range []string{"_Account", "_Session", "_Access", "_AccountEmail"} {
		own := `{"resourceType":"` + typ + `","id":"a","role":"manager","password":"x"}`
		for _, body := range []string{
			own,
			`{"resourceType":"Bundle","type":"collection","entry":[{"resource":` + own + `}]}`,
			`{"resourceType":"Bundle","type":"transaction","entry":[{"resource":` + own + `,"request":{"method":"PUT","url":"` + typ + `/a"}}]}`,
			`{"resourceType":"Bundle","type":"transaction","entry":[{"resource":{"resourceType":"Basic","id":"a"},"request":{"method":"PUT","url":"` + typ + `/a"}}]}`,
		} {
			for _, name := range []string{"a.json", "a.ndjson"} {
				if n := load(t, p, file(t, name, []byte(body+"\n"))).Total(); n.Stored != 0 {
					t.Errorf("%s: %+v", body, n)
				}
			}
		}
		if _, err := p.Read(t.Context(), ident.Ref{Type: typ, ID: "a"}); err == nil {
			t.Errorf("there is a %s", typ)
		}
	}
}
