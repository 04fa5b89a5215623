package patient

import (
	"net/http"

	"heartwood/internal/care/request"
)

// ifNow is when somebody who asks now hears from the practice, in words; ""
// when nothing can be said.
func (a *Patients) ifNow(r *http.Request, v visit, u request.Urgency) string {
	return a.outlook.Ask(r.Context(), v.ods, u, v.now).In(v.lang, v.now)
}

// told is the time that the person was told at the latest, in words.
func (v visit) told(q request.View) string {
	if q.Promised.Latest.IsZero() {
		return v.lang.By(q.AnswerBy, v.now)
	}
	return v.lang.By(q.Promised.Latest, v.now)
}

// expected is when an open request will be answered as the queue now stands:
// "" when that is what the person was told, or nothing is known.
func (a *Patients) expected(r *http.Request, v visit, q request.View) string {
	if !q.Open() || q.State == request.WithPatient || q.Urgency == request.Stat {
		return ""
	}
	now := a.outlook.Request(r.Context(), v.ods, q.ID, v.now)
	switch {
	case now.IsZero(), !now.Latest.After(v.now):
		return ""
	case now.Latest.Equal(q.Promised.Latest) && now.To.Equal(q.Promised.To):
		return ""
	case !q.Promised.Latest.IsZero() && now.Latest.After(q.Promised.Latest):
		return v.lang.T("It is taking longer than we thought. We now expect to answer %s.", now.In(v.lang, v.now))
	}
	return v.lang.T("As our list is now, we expect to answer %s.", now.In(v.lang, v.now))
}
