package letter

import (
	"bytes"
	"os"
	"strings"
	"testing"
	"time"
)

func sample() Letter {
	return Letter{
		To:   []string{"Mrs Ann Example", "1 Nowhere Road", "Anytown", "ZZ99 3AA"},
		From: []string{"Riverside Surgery", "2 High Street", "Anytown ZZ99 3AB", "01632 960001"},
		Date: "23 November 2026", Title: "A message from Riverside Surgery",
		Text:     "Dear Ann,\n\nYour results are back — they are normal. You do not need to do anything.\n\n" + strings.Repeat("Drink plenty of water. ", 40),
		Language: "en-GB", Made: time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC),
	}
}

func TestLetters(t *testing.T) {
	sizes := map[string]int{}
	for name, change := range map[string]func(*Letter){
		"plain": func(*Letter) {}, "large": func(l *Letter) { l.Large = true }, "easy": func(l *Letter) { l.EasyRead = true },
		"welsh": func(l *Letter) { l.Language = "cy"; l.Text = "Annwyl Ŵyn, ŷ â ê" },
	} {
		l := sample()
		change(&l)
		a, err := PDF(l)
		if err != nil || !bytes.HasPrefix(a, []byte("%PDF-")) {
			t.Fatalf("%s: %v", name, err)
		}
		b, _ := PDF(l)
		if !bytes.Equal(a, b) {
			t.Errorf("%s: printed again it differs", name)
		}
		if !bytes.Contains(a, []byte("/Lang")) || !bytes.Contains(a, []byte("/FontFile2")) {
			t.Errorf("%s: no language, or a font is not in it", name)
		}
		sizes[name] = bytes.Count(a, []byte("/Type /Page\n"))
		if dir := os.Getenv("LETTERS"); dir != "" { // to look at them
			if err := os.WriteFile(dir+"/"+name+".pdf", a, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	if sizes["large"] <= sizes["plain"] {
		t.Errorf("large print takes no more pages: %v", sizes)
	}
}

func TestALetterNeedsAnAddress(t *testing.T) {
	l := sample()
	l.To = l.To[:1]
	if _, err := PDF(l); err == nil {
		t.Fatal("printed for nowhere")
	}
}
