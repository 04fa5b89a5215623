package notify

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"heartwood/internal/fault"
	"heartwood/internal/ident"
	"heartwood/internal/record"
	"heartwood/internal/record/memory"
)

type clock struct {
	mu sync.Mutex
	t  time.Time // protected by mu
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.t
}

func (c *clock) add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t = c.t.Add(d)
}

type office struct {
	*testing.T
	clock *clock
	p     *record.Practice
	dir   string
}

func newOffice(t *testing.T) *office {
	t.Helper()
	c := &clock{t: time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)}
	s := memory.Open(t, c.Now)
	p, err := s.Practice("Z99901")
	if err != nil {
		t.Fatal(err)
	}
	o := &office{t, c, p, t.TempDir()}
	o.put("Patient/p1", `"telecom":[{"system":"phone","value":"01632 960001"},{"system":"email","use":"old","value":"old@example.com"},{"system":"email","value":"pat@example.com"},{"system":"phone","value":"07700 900123"}]`)
	return o
}

func (o *office) put(ref, rest string) {
	o.Helper()
	typ, id, _ := strings.Cut(ref, "/")
	w, err := record.Prepare(ident.Ref{Type: typ, ID: id}, []byte(`{"resourceType":"`+typ+`","id":"`+id+`",`+rest+`}`))
	if err == nil {
		_, err = o.p.Commit(context.Background(), record.Change{Author: record.System, Reason: "test", Writes: []record.Write{w}})
	}
	if err != nil {
		o.Fatal(err)
	}
}

func (o *office) owe(id, medium, to string) {
	o.put("Communication/"+id, `"status":"preparation","medium":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ParticipationMode","code":"`+medium+`"}]}],"recipient":[{"reference":"`+to+`"}],"topic":{"text":"About `+id+`"},"payload":[{"contentString":"There is a message for you."}]`)
}

type communication struct {
	Status       string
	Sent         string
	StatusReason struct{ Text string }
	Identifier   []struct{ System, Value string }
}

func (o *office) read(id string) (c communication) {
	o.Helper()
	v, err := o.p.Read(context.Background(), ident.Ref{Type: "Communication", ID: id})
	if err == nil {
		err = json.Unmarshal(v.JSON(), &c)
	}
	if err != nil {
		o.Fatal(err)
	}
	return c
}

func (o *office) outbox(s Sender) *Outbox {
	return &Outbox{Practice: o.p, Sender: s, Now: o.clock.Now, Slog: slog.New(slog.DiscardHandler)}
}

func (o *office) sweep(b *Outbox) time.Time {
	o.Helper()
	next, err := b.Sweep(context.Background())
	if err != nil {
		o.Fatal(err)
	}
	return next
}

func TestOutboxSendsOnce(t *testing.T) {
	o := newOffice(t)
	server := newMailServer(t)
	b := o.outbox(Senders{Email: server.sender(t), SMS: Folder{Dir: o.dir}})
	o.owe("m1", "EMAILWRIT", "Patient/p1")
	o.owe("m2", "SMSWRIT", "Patient/p1")
	o.owe("app", "ONLINE", "Patient/p1")
	for range 3 {
		o.sweep(b)
		o.clock.add(24 * time.Hour)
	}
	if n := len(server.got()); n != 1 {
		t.Fatalf("%d e-mails", n)
	}
	if got := server.got()[0]; !strings.Contains(got, "Subject: About m1") || !strings.Contains(got, "pat@example.com") {
		t.Errorf("sent:\n%s", got)
	}
	c := o.read("m1")
	if c.Status != "completed" || c.Sent == "" || len(c.Identifier) != 1 || c.Identifier[0].Value != "<m1@riverside.example>" {
		t.Errorf("recorded as %+v", c)
	}
	text, err := os.ReadFile(filepath.Join(o.dir, "m2.txt"))
	if err != nil || !strings.Contains(string(text), "To: 07700 900123") {
		t.Errorf("text message %q, %v", text, err)
	}
	if c := o.read("app"); c.Status != "preparation" {
		t.Errorf("a message of another medium became %s", c.Status)
	}
}

func TestOutboxTriesAgain(t *testing.T) {
	o := newOffice(t)
	server := newMailServer(t, "451 later", "421 later still")
	b := o.outbox(server.sender(t))
	o.owe("m1", "EMAILWRIT", "Patient/p1")
	next := o.sweep(b)
	o.sweep(b) // not due: nothing happens
	if c := o.read("m1"); c.Status != "in-progress" {
		t.Fatalf("after one try: %+v", c)
	}
	for range 2 {
		o.clock.add(next.Sub(o.clock.Now()))
		next = o.sweep(b)
	}
	if c := o.read("m1"); c.Status != "completed" || len(server.got()) != 1 {
		t.Errorf("after three tries: %+v, %d e-mails", c, len(server.got()))
	}
}

func TestOutboxGivesUpInWriting(t *testing.T) {
	o := newOffice(t)
	o.put("Patient/none", `"active":true`)
	for _, c := range []struct {
		name    string
		to      string
		replies []string
		says    string
	}{
		{"no address", "Patient/none", nil, "The recipient has no e-mail address."},
		{"nobody", "Patient/nobody", nil, "The recipient is not in this record."},
		{"elsewhere", "urn:uuid:1", nil, "The recipient is not in this record."},
		{"refused", "Patient/p1", []string{"550 no"}, "The mail server refused the message."},
		{"busy for ever", "Patient/p1", []string{"451 a", "451 b", "451 c"}, "The mail server could not take the message just now."},
	} {
		t.Run(c.name, func(t *testing.T) {
			server := newMailServer(t, c.replies...)
			b := o.outbox(server.sender(t))
			b.Tries = 3
			id := strings.ReplaceAll(c.name, " ", "-")
			o.owe(id, "EMAILWRIT", c.to)
			for range 4 {
				o.sweep(b)
				o.clock.add(2 * time.Hour)
			}
			got := o.read(id)
			if got.Status != "stopped" || got.StatusReason.Text != c.says || got.Sent != "" {
				t.Errorf("recorded as %+v", got)
			}
			if n := len(server.got()); n != 0 {
				t.Errorf("%d e-mails", n)
			}
		})
	}
}

// crash is a transport under which the program dies after handing over: the
// message has gone and nothing is recorded.
type crash struct {
	Sender
	stop func()
}

func (c crash) Send(ctx context.Context, m Message) (string, error) {
	if _, err := c.Sender.Send(ctx, m); err != nil {
		return "", err
	}
	c.stop()
	return "", errors.New("killed")
}

func TestOutboxAfterACrashUsesTheSameKey(t *testing.T) {
	o := newOffice(t)
	o.owe("m1", "EMAILWRIT", "Patient/p1")
	folder := Folder{Dir: o.dir, Now: o.clock.Now}
	dead := o.outbox(crash{folder, func() {}})
	o.sweep(dead)
	b := o.outbox(folder) // the program started again
	o.sweep(b)
	if c := o.read("m1"); c.Status != "in-progress" {
		t.Fatalf("the lease was not kept: %+v", c)
	}
	o.clock.add(lease + firstWait)
	o.sweep(b)
	files, _ := filepath.Glob(filepath.Join(o.dir, "*"))
	if c := o.read("m1"); c.Status != "completed" || len(files) != 1 || filepath.Base(files[0]) != "m1.eml" {
		t.Errorf("%+v, files %v", c, files)
	}
}

func TestTwoOutboxesSendOnce(t *testing.T) {
	o := newOffice(t)
	server := newMailServer(t)
	for i := range 20 {
		o.owe("m"+string(rune('a'+i)), "EMAILWRIT", "Patient/p1")
	}
	var both sync.WaitGroup
	for range 2 {
		b := o.outbox(server.sender(t))
		both.Go(func() { o.sweep(b) })
	}
	both.Wait()
	if n := len(server.got()); n != 20 {
		t.Errorf("%d e-mails of 20", n)
	}
}

func TestOutboxRunSendsWhatIsRecordedLater(t *testing.T) {
	o := newOffice(t)
	server := newMailServer(t)
	b := o.outbox(server.sender(t))
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error)
	go func() { done <- b.Run(ctx) }()
	o.owe("m1", "EMAILWRIT", "Patient/p1")
	for deadline := time.Now().Add(5 * time.Second); o.read("m1").Status != "completed"; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("not sent")
		}
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// A telephone call is a Communication in progress, and nothing to send: it is
// left alone, and no step of it has the outbox look for work.
func TestOutboxLeavesCallsAlone(t *testing.T) {
	o := newOffice(t)
	o.put("Communication/call", `"status":"in-progress","category":[{"coding":[{"system":"https://heartwood.example/fhir/message-kind","code":"call"}]}],
		"medium":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ParticipationMode","code":"PHONE"}]}],"recipient":[{"reference":"Practitioner/p1"}],"received":"2026-11-30T08:00:00Z"`)
	server := newMailServer(t)
	o.sweep(o.outbox(server.sender(t)))
	if c := o.read("call"); c.Status != "in-progress" || len(server.got()) != 0 {
		t.Errorf("%+v, %d sent", c, len(server.got()))
	}
	for reason, want := range map[string]bool{"call: picked": false, "outbox: try 1": false, "message sent": true} {
		if got := owes(&record.Entry{Type: "Communication", Reason: reason}); got != want {
			t.Errorf("%q: %v", reason, got)
		}
	}
}

func TestSendersWithoutTheMedium(t *testing.T) {
	if _, err := (Senders{}).Send(context.Background(), hello); !fault.Is(err, fault.Refused) {
		t.Errorf("got %v", err)
	}
}
