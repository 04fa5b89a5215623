package patient

import (
	"net/http"
	"time"

	"heartwood/internal/care/channels"
	"heartwood/internal/care/opening"
	"heartwood/internal/care/request"
	"heartwood/internal/door/web/page"
)

// shutNow is what a page says of the practice, or of the form, being shut.
type shutNow struct {
	Form  string   // until when the form is shut, "" while it is open
	Opens string   // when the practice opens, "" while it is open
	Takes []string // what is taken online while it is shut; empty for everything

	set   channels.Setting
	hours opening.Hours
}

// shut tells whether the form or the practice is shut now. What cannot be read
// shuts nothing: a form must not be turned away because of it.
func (v visit) shut(r *http.Request) shutNow {
	var s shutNow
	h := request.HoursOf(r.Context(), v.practice)
	if !h.Open(v.now) {
		s.Opens = v.lang.When(h.Next(v.now).From, v.now)
	}
	set, err := channels.Load(r.Context(), v.practice)
	if err != nil {
		return s
	}
	if st := set.At(request.Web, v.now); !st.Open {
		s.Form = v.lang.When(st.Until, v.now)
	}
	s.set, s.hours = set, h
	if s.Opens != "" && set.Limited(request.Web) {
		for _, k := range request.Kinds {
			if set.Takes(request.Web, k, v.now, h) {
				s.Takes = append(s.Takes, k.Label())
			}
		}
	}
	return s
}

// refuses tells whether a kind is not taken online now.
func (s shutNow) refuses(k request.Kind, now time.Time) bool {
	return s.Opens != "" && !s.set.Takes(request.Web, k, now, s.hours)
}

// closedKind keeps a form from going on with a kind that is not taken while
// the practice is shut, unless whoever asks says that it cannot wait: nobody
// is turned away who may need help now. It tells whether it did.
func (v visit) closedKind(r *http.Request, d *draft, form *page.Form) bool {
	if !v.shut(r).refuses(d.Kind, v.now) || form.Has("cannot-wait", "yes") {
		return false
	}
	form.Fail("kind", "We do not take this while we are closed")
	form.Set("closed", string(d.Kind))
	return true
}
