package exchange

import (
	"time"

	"heartwood/internal/call/prompts"
	"heartwood/internal/care/callflow"
)

// do does one thing that callflow wants done for a call.
func (b *board) do(c *call, d callflow.Do) {
	switch d.What {
	case callflow.Say:
		b.say(c, d)
	case callflow.Listen:
		c.listen(b, d.Within)
	case callflow.Wait:
		c.line.music()
	case callflow.Connect:
		b.connect(c, d.By)
	case callflow.Stop:
		if s := b.seats[d.By]; s != nil {
			s.unring(c)
		}
	case callflow.Dial:
		b.dialOut(c, d.Number)
	case callflow.TakeVoicemail: // of a plan that another program wrote: nothing would keep the message
		b.say(c, callflow.Do{Prompts: []string{callflow.PromptTrouble}})
		c.line.finish()
	case callflow.Owe:
		b.read = time.Time{} // it is kept with the step: see it in the queue soon
	case callflow.Hang:
		c.line.finish()
	}
}

// say plays prompts to the caller, and tells the call when they are over.
func (b *board) say(c *call, d callflow.Do) {
	var sounds [][]byte
	for _, id := range d.Prompts {
		if p, ok := prompts.Of(id); ok {
			sounds = append(sounds, p.Sound)
		}
	}
	c.line.say(sounds, d.Skippable, func() {
		b.tell(func() {
			if c.keys != nil {
				c.keys.Reset(c.within)
			}
			b.happen(c, callflow.Event{What: callflow.Played})
		})
	})
}

// listen waits for a key: the time for it begins when all is said.
func (c *call) listen(b *board, within time.Duration) {
	c.stopKeys()
	c.within = within
	c.keys = time.AfterFunc(c.line.left()+within, func() {
		b.tell(func() {
			c.stopKeys()
			b.happen(c, callflow.Event{What: callflow.Silent})
		})
	})
}

// connect joins a caller and whoever picked up.
func (b *board) connect(c *call, by string) {
	s := b.seats[by]
	if s == nil || s.sound == nil {
		b.happen(c, callflow.Event{What: callflow.Lost, By: by})
		return
	}
	if old := c.seat; old != nil && old != s {
		old.let(c)
	}
	c.seat = s
	s.talk(c)
	if err := c.line.join(s.sound); err != nil {
		b.log("a call cannot be joined", err)
	}
}
