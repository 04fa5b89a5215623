package phone

import (
	"strings"
	"testing"

	"heartwood/internal/fault"
)

func TestReadOrder(t *testing.T) {
	for _, c := range []struct {
		in   string
		want order
		ok   bool
	}{
		{`{"do":"beat"}`, order{Do: "beat"}, true},
		{`{"do":"hold","call":"abc","on":true}`, order{Do: "hold", Call: "abc", On: true}, true},
		{`{"do":"who","call":"abc","patient":"p1"}`, order{Do: "who", Call: "abc", Patient: "p1"}, true},
		{`{"do":"beat","more":1}`, order{}, false},
		{`{"do":"beat"}{"do":"beat"}`, order{}, false},
		{`{"do":"hold","call":"../etc"}`, order{}, false},
		{`{"do":"who","patient":"a b"}`, order{}, false},
		{`{"do":"dial","number":"` + strings.Repeat("0", mostTo+1) + `"}`, order{}, false},
		{`{"do":1}`, order{}, false},
		{`[]`, order{}, false},
		{``, order{}, false},
		{"\xff\xfe", order{}, false},
	} {
		o, err := readOrder([]byte(c.in))
		if (err == nil) != c.ok || c.ok && o != c.want {
			t.Errorf("%.60q is %+v, %v", c.in, o, err)
		}
		if err != nil && !fault.Is(err, fault.Invalid) {
			t.Errorf("%.60q: %v", c.in, err)
		}
	}
}

// Whatever a page sends, it is an order within its bounds or refused.
func FuzzReadOrder(f *testing.F) {
	f.Add([]byte(`{"do":"dial","number":"01632 960100","patient":"p1"}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		o, err := readOrder(b)
		if err != nil {
			return
		}
		if len([]rune(o.To)) > mostTo || strings.ContainsAny(o.Call+o.Patient, "/ ?") {
			t.Errorf("%+v", o)
		}
	})
}
