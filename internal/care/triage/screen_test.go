package triage

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"heartwood/internal/hazard"
)

// What is denied, doubted, long ago or misspelt.
func TestHowItIsSaid(t *testing.T) {
	for _, c := range []struct {
		rule, text string
		want       Level
	}{
		{"RF-001", "no chest pain", 0},
		{"RF-001", "No chest pain but I can't lift my arm", 0},
		{"RF-010", "No chest pain but I can't lift my arm", Emergency},
		{"RF-001", "denies fever, chest pain or rash", 0},
		{"RF-001", "No fever, chest pain since this morning", Emergency},
		{"RF-001", "no fever or cough or chest pain", 0},
		{"RF-001", "never any rash, cough, or chest pain", 0},
		{"RF-001", "had chest pain last year", Urgent},
		{"RF-001", "had chest pain last night", Emergency},
		{"RF-001", "I don't have chest pain", 0},
		{"RF-001", "I don't like this chest pain", Emergency},
		{"RF-001", "I'm not sure it's chest pain", Emergency},
		{"RF-001", "the chest pain is not going away", Emergency},
		{"RF-001", "no relief from the chest pain", Emergency},
		{"RF-001", "had chest pain 10 years ago", Urgent},
		{"RF-001", "history of chest pain, wants statin review", Urgent},
		{"RF-001", "CHEST PAIN!!!", Emergency},
		{"RF-001", "chest-pain", Emergency},
		{"RF-001", "chest\npain", Emergency},     // in doubt, it is one phrase
		{"RF-002", "I can’t breathe", Emergency}, // typographic apostrophe
		{"RF-002", "i cant breath", Emergency},
		{"RF-010", "speech is sluured", Emergency},
		{"RF-012", "she is uncoscious", Emergency},
		{"RF-030", "I am not suicidal", Urgent},
		{"RF-030", "I don't want to be here", Emergency},
		{"RF-030", "no plans to kill myself", Urgent},
	} {
		if got := level(c.rule, c.text); got != c.want {
			t.Errorf("%s in %q: got %v, want %v", c.rule, c.text, got, c.want)
		}
	}
}

func TestWho(t *testing.T) {
	for _, c := range []struct {
		what string
		in   Input
		rule string
		want bool
	}{
		{"fever at 6 weeks", Input{Texts: []string{"he has a fever"}, Age: Age{42, true}}, "RF-023", true},
		{"fever at 6 months", Input{Texts: []string{"he has a fever"}, Age: Age{180, true}}, "RF-023", false},
		{"fever, age not known", Input{Texts: []string{"he has a fever"}}, "RF-023", false},
		{"chest pain at 9", Input{Texts: []string{"chest pain"}, Age: Years(9)}, "RF-001", false},
		{"chest pain, age not known", Input{Texts: []string{"chest pain"}}, "RF-001", true},
		{"testicle pain, sex not known", Input{Texts: []string{"pain in testicle"}}, "RF-044", true},
		{"testicle pain, female", Input{Texts: []string{"pain in testicle"}, Sex: Female}, "RF-044", false},
		{"signs in two fields", Input{Texts: []string{"headache", "", "also a stiff neck"}}, "RF-011", true},
		{"a phrase does not run over fields", Input{Texts: []string{"my chest", "pain in my foot"}}, "RF-001", false},
	} {
		got := false
		for _, f := range Screen(c.in) {
			got = got || f.Rule == c.rule
		}
		if got != c.want {
			t.Errorf("%s: got %v", c.what, got)
		}
	}
}

// The words quoted are the person's own.
func TestQuotes(t *testing.T) {
	f := found("RF-001", "Well, since noon my Chest is Tight, doctor.")
	if len(f.Words) != 1 || f.Words[0] != "Chest is Tight" {
		t.Errorf("got %q", f.Words)
	}
}

// Rules never lower: adding words that deny nothing never takes a finding
// away, and the worst comes first.
func TestMoreWordsNeverLower(t *testing.T) {
	var catches []string
	for _, r := range Rules() {
		catches = append(catches, r.Catch...)
	}
	rapid.Check(t, func(t *rapid.T) {
		a := rapid.SampledFrom(catches).Draw(t, "first")
		b := rapid.SampledFrom(catches).Draw(t, "second")
		alone := Screen(Input{Texts: []string{a}})
		both := Screen(Input{Texts: []string{a, b}})
		if Worst(both) < Worst(alone) {
			t.Fatalf("%q with %q went from %v to %v", a, b, Worst(alone), Worst(both))
		}
		for i := 1; i < len(both); i++ {
			if both[i].Level > both[i-1].Level {
				t.Fatal("the worst is not first")
			}
		}
	})
}

func FuzzScreen(f *testing.F) {
	for _, r := range Rules() {
		for _, s := range append(r.Catch, r.Pass...) {
			f.Add(s, "")
		}
	}
	f.Add("\xff\xfe", "’’’ 39.5c ... ''' don't")
	f.Fuzz(func(t *testing.T, a, b string) {
		for _, x := range Screen(Input{Texts: []string{a, b}}) {
			if x.Level == 0 || x.Rule == "" || len(x.Words) == 0 || x.Advice.Heading == "" {
				t.Fatalf("%+v", x)
			}
			for _, w := range x.Words {
				if !strings.Contains(a, w) && !strings.Contains(b, w) {
					t.Fatalf("%q was not written", w)
				}
			}
		}
	})
}

const long = `I have been feeling tired for about three weeks and my back hurts when I get up in the morning.
I tried ibuprofen and a hot water bottle, and it helped a little for the first days. I work in a warehouse and
lift boxes. I am worried that it is something serious because my uncle had a bad back and it was his kidneys. I
would like somebody to look at it and tell me what I can do, maybe physiotherapy. I can talk after four o'clock. `

func BenchmarkScreen(b *testing.B) {
	in := Input{Texts: []string{strings.Repeat(long, 4)}, Age: Years(44), Sex: Female}
	b.SetBytes(int64(len(in.Texts[0])))
	for b.Loop() {
		Screen(in)
	}
}

// A form's worth of text takes well under a millisecond; the bound is loose so
// that a busy machine does not fail it.
func TestQuick(t *testing.T) {
	in := Input{Texts: []string{long}}
	best := time.Hour
	for range 20 {
		from := time.Now()
		Screen(in)
		best = min(best, time.Since(from))
	}
	if best > time.Millisecond {
		t.Errorf("a text of %d bytes took %v", len(long), best)
	}
}

// An informal measurement on 160 invented emergency-department complaints.
// They were written and labelled by a language model, so this is smoke, not
// evidence: it logs what is found at each level and asserts nothing about it.
// Before any rule was touched after seeing them, 28 of 30 at level 1 and 12 of
// 18 at level 2 were found; 10 of 48 at levels 3 to 5.
func TestMeasureOnInventedComplaints(t *testing.T) {
	src, err := os.ReadFile(filepath.Join("..", "..", "..", "..", "shared", "data", "triage-text", "nursesim-mts", "data", "gpt_scenarios.json"))
	if err != nil {
		t.Skip("skipped: ../shared/data/triage-text is not here")
	}
	var cases map[string][]struct {
		Complaint string `json:"chief_complaint"`
		History   struct {
			Age    float64 `json:"age"`
			Gender string  `json:"gender"`
		} `json:"history"`
	}
	if err := json.Unmarshal(src, &cases); err != nil {
		t.Fatal(err)
	}
	for _, label := range []string{"1", "2", "3", "4", "5"} {
		any, emergency := 0, 0
		for _, c := range cases[label] {
			l := Worst(Screen(Input{Texts: []string{c.Complaint}, Age: Age{int(c.History.Age * 365), true}, Sex: Sex(c.History.Gender)}))
			if l > 0 {
				any++
			}
			if l == Emergency {
				emergency++
			}
			if testing.Verbose() && l == 0 && label <= "2" {
				t.Logf("level %s, not found: %s", label, c.Complaint)
			}
		}
		t.Logf("level %s: %d of %d found, %d as an emergency", label, any, len(cases[label]), emergency)
	}
}

// routine is what people write most: none of it is an emergency, and little of
// it is urgent. It is the guard against flags that nobody heeds.
var routine = []string{
	"I need my repeat prescription for levothyroxine please",
	"Can I have a sick note for another 2 weeks, my back is still stiff",
	"Please can I book my asthma review",
	"I had a blood test last Monday, are the results back?",
	"My son needs a letter for school about his eczema cream",
	"Verruca on my foot for 3 months, tried freezing it",
	"I would like to talk about HRT, I have hot flushes and poor sleep",
	"Ear wax, cannot hear well on the left, used olive oil",
	"Sore throat for two days, no fever, can drink fine",
	"I have a runny nose and a dry cough for a week",
	"Acne on my face is getting me down, tried benzoyl peroxide",
	"My knee clicks when I go downstairs, no swelling",
	"I want to start contraception, the pill or the implant",
	"Thrush again, same as last year, clotrimazole did not help",
	"Itchy eyes and sneezing, hay fever tablets do not help",
	"Please change my pharmacy to the one in the high street",
	"I am moving house and need to update my address",
	"Travel vaccines for Thailand in March please",
	"Smear test reminder came, can I book it",
	"Athlete's foot, cream from the chemist is not working",
	"Trouble sleeping since I changed shifts, feeling tired",
	"I get heartburn after curry, can I have omeprazole",
	"Period pains every month, ibuprofen helps a little",
	"My fungal toenail is thick and yellow",
	"Tennis elbow from decorating, hurts when I lift the kettle",
	"I need a copy of my medical records for insurance",
	"My mum has dementia and I am her carer, can I get a flu jab",
	"Lower back ache after gardening, no numbness, passing urine normally",
	"Please renew my EpiPen, it expires in June",
	"I have had migraines since school and need more sumatriptan",
	"Cold sore on my lip, third this year",
	"My 6 year old has head lice again",
	"Nappy rash, tried barrier cream, baby feeding well and happy",
	"Warts on my hands, they do not hurt",
	"I would like help to stop smoking",
	"Mild constipation, what can I take?",
	"Blood pressure readings: 128/78, 131/80, 126/79",
	"My inhaler is running out, I need a new one",
	"Can the nurse take my stitches out on Friday",
	"Dizzy for a second when I stand up quickly, only in the mornings",
	"Feeling a bit low since my divorce, would like counselling",
	"I did a home pregnancy test and want to see a midwife",
	"My husband snores and I wondered about sleep apnoea",
	"Fit note needed, broken wrist in plaster, doing fine",
	"The cream for my psoriasis works, may I have more",
	"I have IBS and bloating after bread",
	"Bunion is rubbing on my shoe, can I see podiatry",
	"My hands ache with arthritis when it is cold",
	"Form for my HGV licence needs signing",
	"I am taking 2 paracetamol four times a day for my knee, is that all right?",
	"I take 1 amlodipine 10 mg and 1 statin, can I have 2 months of each",
	"Complaint about the phone queue last week",
}

func TestRoutineIsLeftAlone(t *testing.T) {
	hazard.Covers(t, "H-007")
	flagged := 0
	for _, s := range routine {
		for _, f := range Screen(Input{Texts: []string{s}}) {
			flagged++
			t.Logf("%s %s: %q in %q", f.Rule, f.Level, f.Words, s)
			if f.Level == Emergency {
				t.Errorf("%s takes %q for an emergency: %q", f.Rule, s, f.Words)
			}
		}
	}
	if flagged*10 > len(routine) {
		t.Errorf("%d of %d routine requests are flagged", flagged, len(routine))
	}
}

// What is told as over, or as years old, is not to be read the same day,
// unless it goes on. An emergency is let go only when it is told both as long
// ago and as well since; one that has only eased is not.
func TestOver(t *testing.T) {
	hazard.Covers(t, "H-002")
	hazard.Covers(t, "H-007")
	for _, c := range []struct {
		rule, text string
		want       Level
	}{
		{"RF-014", "banged my head last year, all fine", 0},
		{"RF-014", "banged my head last year and it still hurts", Urgent},
		{"RF-050", "I had blood in my urine in 2020 and all the tests were clear", 0},
		{"RF-050", "I had blood in my urine in 2020 and it is back", Urgent},
		{"RF-050", "blood in my urine, not cleared up", Urgent},
		{"RF-003", "I was breathless as a child", 0},
		{"RF-003", "breathless for years but worse today", Urgent},
		{"RF-064", "a lump in my breast, healed nicely after the operation", 0},
		{"RF-063", "bleeding, periods stopped years ago", Urgent},
		{"RF-010", "my face dropped on one side this morning, it has all cleared up", Emergency},
		{"RF-001", "I had chest pain an hour ago, it has gone", Emergency},
		{"RF-001", "I had chest pain three years ago and was fine after", 0},
		{"RF-001", "I had chest pain three years ago and was fine, but today it is back, chest pain and sweating", Emergency},
		{"RF-001", "I had chest pain three years ago and have it again", Urgent},
		{"RF-001", "chest pain, fine for years until this morning", Emergency},
		{"RF-021", "her lips swelled up once when she was three, nothing since", 0},
		{"RF-021", "her lips swelled up when she ate, and she is three", Emergency},
	} {
		if got := level(c.rule, c.text); got != c.want {
			t.Errorf("%s in %q: got %v, want %v", c.rule, c.text, got, c.want)
		}
	}
}

// What befell somebody else is passed over only where it is told of the past:
// the same words may be news of this morning.
func TestNewsOfOthers(t *testing.T) {
	hazard.Covers(t, "H-002")
	for _, c := range []struct {
		rule, text string
		want       Level
	}{
		{"RF-010", "my dad had a stroke this morning", Emergency},
		{"RF-010", "Dad had a stroke. It was an hour ago and he cannot speak", Emergency},
		{"RF-010", "I think my mum just had a stroke", Emergency},
		{"RF-001", "my mum had a heart attack an hour ago", Emergency},
		{"RF-012", "my brother had a seizure", Emergency},
		{"RF-012", "my brother had a seizure when he got up", Emergency},
		{"RF-012", "my brother had a seizure tonight, he had one years ago", Emergency},
		{"RF-012", "my brother had a seizure at 12 and I wonder about my licence", 0},
		{"RF-010", "my dad had a stroke at 60 and I would like my cholesterol checked", 0},
		{"RF-010", "my gran had a stroke in 1998", 0},
		{"RF-001", "my uncle had a heart attack when he was young", 0},
	} {
		if got := level(c.rule, c.text); got != c.want {
			t.Errorf("%s in %q: got %v, want %v", c.rule, c.text, got, c.want)
		}
	}
}

// Right words are not taken for misspelt words of illness.
func TestRightWordsAreRight(t *testing.T) {
	for _, s := range []string{
		"please cancel my appointment", "I went bowling after the ramadan travel", "they checked the list and the bees came back",
		"thirty people, and I am tired of waiting", "the horse inject was inserted", "we are packing and stopping at my story",
	} {
		for _, f := range Screen(Input{Texts: []string{s}}) {
			t.Errorf("%q meets %s: %q", s, f.Rule, f.Words)
		}
	}
}
