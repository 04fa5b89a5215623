package patient

import (
	"net/http"

	"heartwood/internal/care/channels"
	"heartwood/internal/care/request"
	"heartwood/internal/words"
)

// shutNow is what a page says of the practice, or of the form, being shut.
type shutNow struct {
	Form  string   // until when the form is shut, "" while it is open
	Opens string   // when the practice opens, "" while it is open
	Takes []string // what is taken while it is shut; empty for everything
}

// shut tells whether the form or the practice is shut now. What cannot be read
// shuts nothing: a form must not be turned away because of it.
func (v visit) shut(r *http.Request) shutNow {
	var s shutNow
	h := request.HoursOf(r.Context(), v.practice)
	if !h.Open(v.now) {
		s.Opens = words.When(h.Next(v.now).From, v.now)
	}
	set, err := channels.Load(r.Context(), v.practice)
	if err != nil {
		return s
	}
	if st := set.At(request.Web, v.now); !st.Open {
		s.Form = words.When(st.Until, v.now)
	}
	if s.Opens != "" {
		for _, k := range set.Shut {
			s.Takes = append(s.Takes, k.Label())
		}
	}
	return s
}
