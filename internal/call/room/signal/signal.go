// Package signal is what a browser and a room say to each other, as JSON.
//
// What comes in: text of a stranger's making. What goes out: one message of a
// kind that is known, with nothing in it that is too long, or a refusal. It
// does not carry the text: a door brings it by WebSocket. It must never hold
// what people say to each other.
package signal

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"unicode/utf8"

	"heartwood/internal/fault"
)

// Kinds of what a browser says.
const (
	Offer   = "offer"   // SDP, and which of its sections carry what
	Mute    = "mute"    // I am not to be heard, or seen, until I say otherwise
	Admit   = "admit"   // let Who in from the waiting room
	Remove  = "remove"  // take Who out, and burn their link
	Silence = "silence" // mute Who, who may unmute
	Lock    = "lock"    // nobody else comes in, while On
	Leave   = "leave"   // I am going
)

// Heard is what a browser says. Which fields count depends on Kind.
type Heard struct {
	Kind  string            `json:"kind"`
	SDP   string            `json:"sdp,omitempty"`
	Sends map[string]string `json:"sends,omitempty"` // section's name → voice, camera or screen
	Voice bool              `json:"voice,omitempty"` // muted or not
	Video bool              `json:"video,omitempty"`
	On    bool              `json:"on,omitempty"`
	Who   string            `json:"who,omitempty"`
}

// Tracks a browser may send.
const (
	Voice  = "voice"
	Camera = "camera"
	Screen = "screen"
)

// Limits of a message.
const (
	MaxBytes = 128 << 10
	maxName  = 64
	maxSends = 3
)

// Read takes one message.
func Read(raw []byte) (Heard, error) {
	if len(raw) > MaxBytes {
		return Heard{}, fault.New(fault.TooLarge, "The message is too long.")
	}
	if !utf8.Valid(raw) {
		return Heard{}, fault.New(fault.Invalid, "The message is not text.")
	}
	var h Heard
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if err := d.Decode(&h); err != nil {
		return Heard{}, fault.Wrap(err, fault.Invalid, "The message cannot be read.")
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return Heard{}, fault.New(fault.Invalid, "There is more than one message.")
	}
	return h, h.check()
}

// check refuses a message that lacks what its kind needs.
func (h Heard) check() error {
	if len(h.Who) > maxName {
		return fault.At(fault.TooLarge, "who", "The name is too long.")
	}
	switch h.Kind {
	case Mute, Lock, Leave:
		return nil
	case Admit, Remove, Silence:
		if h.Who == "" {
			return fault.At(fault.Invalid, "who", "The message does not say who is meant.")
		}
		return nil
	case Offer:
		return h.checkOffer()
	}
	return fault.At(fault.Unsupported, "kind", "A message of this kind is not known here.")
}

func (h Heard) checkOffer() error {
	if h.SDP == "" {
		return fault.At(fault.Invalid, "sdp", "The offer is empty.")
	}
	if len(h.Sends) > maxSends {
		return fault.At(fault.TooLarge, "sends", "A browser sends a voice, a camera and a screen, and no more.")
	}
	seen := map[string]bool{}
	for mid, what := range h.Sends {
		if len(mid) > maxName || (what != Voice && what != Camera && what != Screen) || seen[what] {
			return fault.At(fault.Invalid, "sends", "The offer does not say plainly what it carries.")
		}
		seen[what] = true
	}
	return nil
}

// Kinds of what a room says.
const (
	Waiting  = "waiting"  // you are in the waiting room, at Position
	Admitted = "admitted" // come in: offer
	Answer   = "answer"   // SDP
	Need     = "need"     // offer again, with places for this many voices and videos
	People   = "people"   // who is here, and what is heard and seen of them
	Places   = "places"   // which of your places shows whom
	Speaker  = "speaker"  // Who speaks
	Try      = "try"      // Who could not be let in: somebody else holds their link
	Refused  = "refused"  // what you asked was not done, and why
	Ended    = "ended"    // you are out, and why
)

// Said is what a room says. Which fields count depends on Kind.
type Said struct {
	Kind     string   `json:"kind"`
	Position int      `json:"position,omitempty"` // 1 is next
	SDP      string   `json:"sdp,omitempty"`
	Voices   int      `json:"voices,omitempty"`
	Videos   int      `json:"videos,omitempty"`
	You      string   `json:"you,omitempty"`
	People   []Person `json:"people,omitempty"`
	Waiting  []Person `json:"waiting,omitempty"` // told to hosts only
	Locked   bool     `json:"locked,omitempty"`
	Places   []Place  `json:"places,omitempty"`
	Who      string   `json:"who,omitempty"`
	Why      string   `json:"why,omitempty"` // a plain sentence
}

// Person is somebody in the room.
type Person struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	Role   string `json:"role"`
	Host   bool   `json:"host,omitempty"`
	Phone  bool   `json:"phone,omitempty"`
	Muted  bool   `json:"muted,omitempty"`  // cannot be heard
	Hidden bool   `json:"hidden,omitempty"` // cannot be seen
	Lost   bool   `json:"lost,omitempty"`   // their network is gone for the moment
}

// Place is one of a browser's places for a voice or a video.
type Place struct {
	Mid    string `json:"mid"`
	Who    string `json:"who"`
	Track  string `json:"track"`
	Paused bool   `json:"paused,omitempty"` // left out, so that voices come through
}
