package sip

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"testing"
)

const (
	head  = "v=0\r\no=- 1 1 IN IP4 198.51.100.1\r\ns=-\r\nc=IN IP4 198.51.100.1\r\nt=0 0\r\n"
	key   = "WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz"
	keyed = "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:" + key + "\r\n"
)

func TestReadSDP(t *testing.T) {
	for _, c := range []struct {
		why, body string
		want      string // codec, address, DTMF, ptime, direction, encrypted, line
	}{
		{"A-law before µ-law", head + "m=audio 4000 RTP/AVP 0 8\r\n", "PCMA 198.51.100.1:4000 0 0 sendrecv false 0"},
		{"µ-law alone", head + "m=audio 4000 RTP/AVP 0\r\n", "PCMU 198.51.100.1:4000 0 0 sendrecv false 0"},
		{"events and ptime", head + "m=audio 4000 RTP/AVP 18 8 96\r\na=rtpmap:96 telephone-event/8000\r\na=ptime:30\r\n", "PCMA 198.51.100.1:4000 96 30 sendrecv false 0"},
		{"events that are not offered", head + "m=audio 4000 RTP/AVP 8\r\na=rtpmap:96 telephone-event/8000\r\n", "PCMA 198.51.100.1:4000 0 0 sendrecv false 0"},
		{"IPv6", strings.ReplaceAll(head, "IP4 198.51.100.1", "IP6 2001:db8::1") + "m=audio 4000 RTP/AVP 8\r\n", "PCMA [2001:db8::1]:4000 0 0 sendrecv false 0"},
		{"held", head + "m=audio 4000 RTP/AVP 8\r\na=sendonly\r\n", "PCMA 198.51.100.1:4000 0 0 sendonly false 0"},
		{"held for the whole session", head + "a=inactive\r\nm=audio 4000 RTP/AVP 8\r\n", "PCMA 198.51.100.1:4000 0 0 inactive false 0"},
		{"held the old way", head + "m=audio 4000 RTP/AVP 8\r\nc=IN IP4 0.0.0.0\r\n", "PCMA 0.0.0.0:4000 0 0 sendonly false 0"},
		{"an address of its own", head + "m=audio 4000 RTP/AVP 8\r\nc=IN IP4 198.51.100.2\r\n", "PCMA 198.51.100.2:4000 0 0 sendrecv false 0"},
		{"encrypted", head + "m=audio 4000 RTP/SAVP 8\r\n" + keyed, "PCMA 198.51.100.1:4000 0 0 sendrecv true 0"},
		{"encrypted goes first", head + "m=audio 4000 RTP/AVP 8\r\nm=audio 4002 RTP/SAVP 8\r\n" + keyed, "PCMA 198.51.100.1:4002 0 0 sendrecv true 1"},
		{"a key with a lifetime", head + "m=audio 4000 RTP/SAVP 8\r\n" + strings.Replace(keyed, key, key+"|2^31", 1), "PCMA 198.51.100.1:4000 0 0 sendrecv true 0"},
		{"the second suite is known", head + "m=audio 4000 RTP/SAVP 8\r\na=crypto:1 AEAD_AES_256_GCM inline:x\r\n" + strings.Replace(keyed, ":1", ":2", 1), "PCMA 198.51.100.1:4000 0 0 sendrecv true 0"},
		{"video beside", head + "m=video 5000 RTP/AVP 97\r\nm=audio 4000 RTP/AVP 8\r\n", "PCMA 198.51.100.1:4000 0 0 sendrecv false 1"},
		{"audio that is refused, then audio", head + "m=audio 0 RTP/AVP 8\r\nm=audio 4000 RTP/AVP 8\r\n", "PCMA 198.51.100.1:4000 0 0 sendrecv false 1"},

		{"a key with an identifier", head + "m=audio 4000 RTP/SAVP 8\r\n" + strings.Replace(keyed, key, key+"|1:4", 1), "unusable"},
		{"a key that is too short", head + "m=audio 4000 RTP/SAVP 8\r\n" + strings.Replace(keyed, key, "AAAA", 1), "unusable"},
		{"parameters we do not know", head + "m=audio 4000 RTP/SAVP 8\r\n" + strings.Replace(keyed, key, key+" UNENCRYPTED_SRTP", 1), "unusable"},
		{"another codec under our number", head + "m=audio 4000 RTP/AVP 8\r\na=rtpmap:8 opus/48000\r\n", "unusable"},
		{"multicast", head + "m=audio 4000 RTP/AVP 8\r\nc=IN IP4 224.0.0.1/127\r\n", "unusable"},
		{"broadcast", head + "m=audio 4000 RTP/AVP 8\r\nc=IN IP4 255.255.255.255\r\n", "unusable"},
		{"a name", head + "m=audio 4000 RTP/AVP 8\r\nc=IN IP4 media.example\r\n", "unusable"},
		{"a port that is none", head + "m=audio 70000 RTP/AVP 8\r\n", "malformed unusable"},
		{"no line at all", head, "unusable"},
		{"nothing", "", "unusable"},
		{"not SDP", "hello", "malformed"},
		{"too many lines", head + strings.Repeat("m=audio 4000 RTP/AVP 8\r\n", 9), "malformed"},
		{"too long", head + "m=audio 4000 RTP/AVP 8\r\n" + strings.Repeat("a=x\r\n", 5000), "malformed"},
	} {
		d, err := readSDP([]byte(c.body), false)
		m := d.media
		got := fmt.Sprint(m.Codec, " ", m.Addr, " ", m.DTMF, " ", m.Ptime, " ", m.Direction, " ", m.Crypto != nil, " ", d.audio)
		switch {
		case errors.Is(err, errUnusable):
			got = "unusable"
		case errors.Is(err, errMalformed):
			got = "malformed"
		}
		if !strings.Contains(c.want, got) {
			t.Errorf("%s: %s, want %s", c.why, got, c.want)
		}
	}
	if _, err := readSDP([]byte(head+"m=audio 4000 RTP/AVP 8\r\n"), true); !errors.Is(err, errUnusable) {
		t.Errorf("plain audio on a trunk that encrypts: %v", err)
	}
}

func TestAnAnswerHasTheLinesOfItsOffer(t *testing.T) {
	d, err := readSDP([]byte(head+"m=video 5000 RTP/AVP 97 98\r\nm=audio 4000 RTP/SAVP 0 101\r\na=rtpmap:101 telephone-event/8000\r\na=sendonly\r\n"+
		strings.Replace(keyed, ":1 ", ":7 ", 1)+"m=audio 4002 RTP/AVP 8\r\n"), false)
	must(t, err)
	m, err := fit(Media{Addr: netip.MustParseAddrPort("[2001:db8::2]:6000"), Crypto: NewSDES(1, Suites[0])}, d.media)
	must(t, err)
	w := writer{id: 1}
	body := string(w.answer(m, d))
	for _, want := range []string{"m=video 0 RTP/AVP 97 98\r\n", "m=audio 6000 RTP/SAVP 0 101\r\n", "a=crypto:7 AES_CM_128_HMAC_SHA1_80", "a=recvonly\r\n", "m=audio 0 RTP/AVP 8\r\n", "c=IN IP6 2001:db8::2\r\n"} {
		if !strings.Contains(body, want) {
			t.Errorf("%q is not in %s", want, body)
		}
	}
	if again := string(w.answer(m, d)); again != body {
		t.Error("the same description has another version")
	}
	m.Addr = netip.MustParseAddrPort("[2001:db8::2]:6002")
	if v := w.version; string(w.answer(m, d)) == body || w.version != v+1 {
		t.Error("another description has the same version")
	}
}

func TestAnAnswerMustFitItsOffer(t *testing.T) {
	ours := Media{Crypto: NewSDES(1, Suites[0])}
	secure := head + "m=audio 4000 RTP/SAVP 8\r\n" + keyed
	for why, c := range map[string]struct {
		body    string
		offered Media
	}{
		"plain to an encrypted offer":    {head + "m=audio 4000 RTP/AVP 8\r\n", ours},
		"encrypted to a plain offer":     {secure, Media{}},
		"another tag":                    {strings.Replace(secure, ":1 ", ":2 ", 1), ours},
		"another suite":                  {strings.Replace(secure, "_80", "_32", 1), ours},
		"refused":                        {head + "m=audio 0 RTP/AVP 8\r\n", Media{}},
		"a line that we did not ask for": {head + "m=video 5000 RTP/AVP 97\r\nm=audio 4000 RTP/AVP 8\r\n", Media{}},
	} {
		if m, err := readAnswer([]byte(c.body), c.offered); err == nil {
			t.Errorf("%s was taken: %+v", why, m)
		}
	}
	if _, err := readAnswer([]byte(secure), ours); err != nil {
		t.Error(err)
	}
}

// FuzzSDP holds that whatever is taken for an offer can be answered, that the
// answer is one to it, and that we can read it ourselves.
func FuzzSDP(f *testing.F) {
	f.Add([]byte(plainOffer), false)
	f.Add([]byte(head+"m=audio 4000 RTP/SAVP 8 96\r\n"+keyed+"a=rtpmap:96 telephone-event/8000\r\nm=video 5000 RTP/AVP 97\r\n"), true)
	f.Add([]byte(head+"m=audio 4000/2 RTP/AVP 0\r\nc=IN IP6 ::1\r\na=inactive\r\n"), false)
	f.Fuzz(func(t *testing.T, body []byte, encrypt bool) {
		d, err := readSDP(body, encrypt)
		if err != nil {
			return
		}
		if encrypt && d.media.Crypto == nil {
			t.Fatal("plain audio was taken")
		}
		ours := audio(6000)
		if d.media.Crypto != nil {
			ours.Crypto = NewSDES(0, d.media.Crypto.Suite)
		}
		m, err := fit(ours, d.media)
		must(t, err)
		w := writer{id: 1}
		back, err := readSDP(w.answer(m, d), encrypt)
		if err != nil || len(back.lines) != len(d.lines) || back.audio != d.audio || back.media.Codec != d.media.Codec {
			t.Fatalf("%v: %q was answered by %q", err, body, w.answer(m, d))
		}
	})
}
