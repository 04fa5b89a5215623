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
		"nothing known":           {line{pictures: picture, lasts: time.Hour}, false},
		"enough":                  {line{pictures: picture, lasts: time.Hour, bears: 300_000}, false},
		"weak":                    {line{pictures: picture, lasts: time.Hour, bears: 70_000, falls: true, sent: 100_000}, true},
		"a still picture":         {line{pictures: picture, lasts: time.Hour, bears: 30_000, falls: true, sent: 20_000}, false},
		"little, but rising":      {line{pictures: picture, lasts: time.Hour, bears: 30_000, sent: 60_000}, false},
		"much is lost":            {line{pictures: picture, lasts: time.Hour, bears: 900_000, loss: 0.3}, true},
		"little is lost":          {line{pictures: picture, lasts: time.Hour, bears: 900_000, loss: 0.09}, false},
		"weak, but just begun":    {line{pictures: picture, lasts: trial, bears: 70_000, falls: true, sent: 100_000, loss: 0.3}, false},
		"no pictures, no rest":    {line{lasts: time.Hour, bears: 1, sent: 100_000}, false},
		"rests for a while":       {line{resting: true, lasts: 7 * time.Second, bears: 900_000}, true},
		"is tried again":          {line{resting: true, lasts: 8 * time.Second}, false},
		"later the second time":   {line{resting: true, lasts: 15 * time.Second, tries: 1}, true},
		"never later than 64 s":   {line{resting: true, lasts: 64 * time.Second, tries: 50}, false},
		"though it was asked for": {line{resting: true, lasts: 63 * time.Second, tries: 50}, true},
	} {
		if got := rest(c.l); got != c.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}

func TestTheWorstLineDecidesHowFastAPictureComes(t *testing.T) {
	a, b := &source{}, &source{}
	got := caps([]line{
		{bears: 2_000_000, sent: 1_900_000, pictures: []*source{a, b}},
		{bears: 300_000, sent: 300_000, pictures: []*source{a}},
		{bears: 70_000, sent: 90_000, pictures: []*source{a}, resting: true}, // gets none, so does not count
	})
	if got[a] != 360_000 || got[b] != mostFew {
		t.Errorf("a %d, b %d", got[a], got[b])
	}
	if got := caps([]line{{bears: 10, sent: 50_000, pictures: []*source{a}}}); got[a] != least {
		t.Errorf("below what is worth sending: %d", got[a])
	}
	if got := caps([]line{{bears: 200_000, sent: 100_000, pictures: []*source{a}}}); got[a] != most {
		t.Errorf("a line that is not full holds back: %d", got[a])
	}
	a.cap = 400_000
	if got := caps([]line{{pictures: []*source{a}}}); got[a] != 500_000 {
		t.Errorf("rises to %d", got[a])
	}
	lossy := caps([]line{{loss: 0.2, pictures: []*source{b}}, {}})
	if lossy[b] >= most || lossy[b] < most/2 {
		t.Errorf("with a fifth lost: %d", lossy[b])
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
