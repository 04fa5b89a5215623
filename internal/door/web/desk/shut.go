package desk

import (
	"context"

	waysin "heartwood/internal/care/channels"
	"heartwood/internal/care/request"
)

// shut is what the queue says of a way in that is closed.
func (v visit) shut(ctx context.Context) *notice {
	set, err := waysin.Load(ctx, v.practice)
	if err != nil {
		return nil
	}
	var said string
	for _, c := range request.Channels {
		if st := set.At(c, v.now); !st.Open {
			said = join(said, c.Label()+" until "+moment(st.Until, v.now)+" ("+st.Why+")")
		}
	}
	if said == "" {
		return nil
	}
	return &notice{Class: "problem", Title: "Closed by the manager:", Text: said}
}

// shutTo is what is said to somebody who takes a request by a way in that is
// closed: what to tell the person, and that it is taken all the same.
func (v visit) shutTo(ctx context.Context, ways ...request.Channel) *notice {
	set, err := waysin.Load(ctx, v.practice)
	if err != nil {
		return nil
	}
	var said string
	for _, c := range ways {
		if st := set.At(c, v.now); !st.Open {
			said = join(said, c.Label()+" is closed until "+moment(st.Until, v.now)+" ("+st.Why+")")
		}
	}
	if said == "" {
		return nil
	}
	return &notice{
		Class: "info", Title: said + ".",
		Text: "Tell whoever asks how they can reach us instead: the online form, or 111. What cannot wait, and whoever has nobody else to ask, is written down here all the same.",
	}
}

// held is what is said of a request of a kind that the practice does not take
// by this way while it is shut; nil when it is taken. Where a rule finds
// anything in the words or the answers it is taken whatever its kind, and so
// it is when the setting or the rules cannot be read.
func (v visit) held(ctx context.Context, ask request.Ask) *notice {
	set, err := waysin.Load(ctx, v.practice)
	h := request.HoursOf(ctx, v.practice)
	if err != nil || set.Takes(ask.Channel, ask.Kind, v.now, h) {
		return nil
	}
	found, err := request.ScreenAnswers(ctx, v.practice, ask.Patient, ask.Form, ask.Answers)
	if err != nil || len(found) > 0 {
		return nil
	}
	return &notice{
		Class: "problem", Title: "Nothing was recorded yet: we do not take this " + byWay[ask.Channel] + " while we are shut.",
		Text: "Tell them: ask us again when we open, " + moment(h.Next(v.now).From, v.now) + ". If it gets worse, call 111. In an emergency, call 999. If they say that it cannot wait, tick so and record it.",
	}
}

var byWay = map[request.Channel]string{request.Phone: "by phone", request.Desk: "at the desk"}
