package room

import (
	"testing"
	"time"
)

func TestPicturesRestWhereTheLineIsWeak(t *testing.T) {
	picture := []*source{{}}
	for name, c := range map[string]struct {
		l    line
		want bool
	}{
		"nothing known":           {line{voices: 1, pictures: picture}, false},
		"enough":                  {line{voices: 1, pictures: picture, bears: 300_000}, false},
		"voices take it all":      {line{voices: 3, pictures: picture, bears: 200_000}, true},
		"weak":                    {line{voices: 1, pictures: picture, bears: 120_000}, true},
		"much is lost":            {line{voices: 1, pictures: picture, bears: 900_000, loss: 0.3}, true},
		"no pictures, no rest":    {line{voices: 1, bears: 1}, false},
		"rests for a while":       {line{resting: true, rested: 7 * time.Second, bears: 900_000}, true},
		"is tried again":          {line{resting: true, rested: 8 * time.Second}, false},
		"later the second time":   {line{resting: true, rested: 15 * time.Second, tries: 1}, true},
		"never later than 64 s":   {line{resting: true, rested: 64 * time.Second, tries: 50}, false},
		"though it was asked for": {line{resting: true, rested: 63 * time.Second, tries: 50}, true},
	} {
		if got := rest(c.l); got != c.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}

func TestTheWorstLineDecidesHowFastAPictureComes(t *testing.T) {
	a, b := &source{}, &source{}
	got := caps([]line{
		{bears: 2_000_000, voices: 1, pictures: []*source{a, b}},
		{bears: 450_000, voices: 1, pictures: []*source{a}},
		{bears: 70_000, voices: 1, pictures: []*source{a}, resting: true}, // gets none, so does not count
	})
	if got[a] != 400_000 || got[b] != mostFew {
		t.Errorf("a %d, b %d", got[a], got[b])
	}
	if got := caps([]line{{bears: 10, voices: 1, pictures: []*source{a}}}); got[a] != least {
		t.Errorf("below what is worth sending: %d", got[a])
	}
	lossy := caps([]line{{loss: 0.2, pictures: []*source{a}}, {}})
	if lossy[a] >= most || lossy[a] < most/2 {
		t.Errorf("with a fifth lost: %d", lossy[a])
	}
}

func TestTheFloorIsKeptUntilAnotherIsClearlyLouder(t *testing.T) {
	a, b := &Member{}, &Member{}
	for name, c := range map[string]struct {
		before *Member
		loud   map[*Member]float64
		want   *Member
	}{
		"nobody":            {nil, map[*Member]float64{a: -90, b: -80}, nil},
		"the louder":        {nil, map[*Member]float64{a: -20, b: -30}, a},
		"a little louder":   {b, map[*Member]float64{a: -26, b: -30}, b},
		"clearly louder":    {b, map[*Member]float64{a: -20, b: -30}, a},
		"silence keeps":     {b, map[*Member]float64{a: -127, b: -127}, b},
		"who left loses it": {b, map[*Member]float64{a: -127}, nil},
	} {
		if got := floor(c.before, c.loud); got != c.want {
			t.Errorf("%s", name)
		}
	}
}

func TestALawIsTheNearest(t *testing.T) {
	for v := -32768; v <= 32767; v++ {
		got := int(toLinear(toALaw(int16(v))))
		// A step is a sixteenth of its stretch, at least 16: half of that may be off.
		size := max(v, -v)
		half := 8
		for s := 512; s <= size; s *= 2 {
			half *= 2
		}
		if d := got - v; d > half || d < -half {
			t.Fatalf("%d came back as %d", v, got)
		}
	}
	for b := range 256 {
		if got := toALaw(toLinear(byte(b))); got != byte(b) {
			t.Errorf("%#x came back as %#x", b, got)
		}
	}
}
