package post

// E-mail: RFC 5322, MIME (RFC 2045 to 2049), automatic answers (RFC 3834),
// delivery status (RFC 3464).

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"mime"
	"net/textproto"
	"regexp"
	"slices"
	"strings"

	"github.com/emersion/go-message"
	_ "github.com/emersion/go-message/charset" // what is not UTF-8
	"github.com/emersion/go-message/mail"
	"golang.org/x/net/html"

	"heartwood/internal/care/inbound"
	"heartwood/internal/care/request"
	"heartwood/internal/care/upload"
)

// The bounds of one e-mail.
const (
	mailBytes = 15 << 20
	textBytes = 256 << 10
	fileBytes = 10 << 20
	maxParts  = 60
	maxDepth  = 8
)

// Parse takes an e-mail apart. It never fails: of one that cannot be read,
// what could be read is given, and that something was not. from is the
// envelope's sender, "" for none.
func Parse(raw []byte, from string) inbound.Letter {
	sum := sha256.Sum256(raw)
	l := inbound.Letter{Channel: request.Email, ID: hex.EncodeToString(sum[:16]), From: from}
	e, err := message.ReadWithOptions(bytes.NewReader(raw), &message.ReadOptions{MaxHeaderBytes: 128 << 10})
	if e == nil || err != nil && !message.IsUnknownCharset(err) && !message.IsUnknownEncoding(err) {
		l.Left = append(l.Left, "The email could not be read.")
		l.Auto = from == ""
		return l
	}
	w := walker{letter: &l}
	w.heads(e.Header, from)
	w.part(e, 0)
	w.finish()
	return l
}

type walker struct {
	letter      *inbound.Letter
	plain, rich []string
	parts       int
	bounce      bool
	about       string
	status      map[string]string
}

func (w *walker) heads(h message.Header, from string) {
	l := w.letter
	mh := mail.Header{Header: h}
	if s, err := mh.Subject(); err == nil {
		l.Subject = s
	}
	if a, err := mh.AddressList("From"); err == nil && len(a) > 0 && len(a[0].Address) <= 254 {
		l.From, l.FromName = a[0].Address, a[0].Name
	}
	if id, err := mh.MessageID(); err == nil && id != "" && len(id) <= 300 {
		l.ID = id
	}
	if t, err := mh.Date(); err == nil {
		l.At = t
	}
	l.Auto = automatic(h, from)
}

// automatic tells what a machine wrote.
func automatic(h message.Header, envelope string) bool {
	auto := strings.ToLower(h.Get("Auto-Submitted"))
	precedence := strings.ToLower(strings.TrimSpace(h.Get("Precedence")))
	sender := strings.ToLower(h.Get("From"))
	switch {
	case auto != "" && !strings.HasPrefix(auto, "no"),
		slices.Contains([]string{"bulk", "junk", "list", "auto_reply"}, precedence),
		h.Has("List-Id"), h.Has("List-Unsubscribe"), h.Has("X-Autoreply"), h.Has("X-Autorespond"),
		strings.EqualFold(strings.TrimSpace(h.Get("X-Spam-Flag")), "yes"),
		strings.Contains(sender, "mailer-daemon@"), strings.Contains(sender, "postmaster@"),
		envelope == "", envelope == "<>":
		return true
	}
	return false
}

func (w *walker) part(e *message.Entity, depth int) {
	w.parts++
	if w.parts > maxParts || depth > maxDepth {
		w.left("Part of the email was not read: it has too many parts.")
		return
	}
	kind, params, err := mime.ParseMediaType(e.Header.Get("Content-Type"))
	if err != nil {
		kind, params = "text/plain", nil
	}
	kind = strings.ToLower(kind)
	if kind == "multipart/report" && strings.EqualFold(params["report-type"], "delivery-status") {
		w.bounce = true
	}
	if mr := e.MultipartReader(); mr != nil {
		defer func() { _ = mr.Close() }()
		for {
			p, err := mr.NextPart()
			if p == nil || err != nil && !message.IsUnknownCharset(err) && !message.IsUnknownEncoding(err) {
				if err != nil && err != io.EOF { //nolint:errorlint // the reader's own
					w.left("The end of the email could not be read.")
				}
				return
			}
			w.part(p, depth+1)
			if w.parts > maxParts {
				return
			}
		}
	}
	w.leaf(e, kind)
}

func (w *walker) leaf(e *message.Entity, kind string) {
	disposition, dp, _ := mime.ParseMediaType(e.Header.Get("Content-Disposition"))
	name := dp["filename"]
	switch {
	case kind == "message/delivery-status":
		w.delivery(read(e.Body, textBytes))
	case kind == "message/rfc822" || kind == "text/rfc822-headers":
		w.original(read(e.Body, textBytes))
	case strings.EqualFold(disposition, "attachment") || name != "" || !strings.HasPrefix(kind, "text/"):
		b := read(e.Body, fileBytes+1)
		if len(b) > fileBytes {
			w.left("A file was not taken: it is too big.")
			return
		}
		if len(w.letter.Files) < 20 && len(b) > 0 {
			w.letter.Files = append(w.letter.Files, upload.File{Name: name, Type: kind, Data: b})
		}
	case kind == "text/html":
		w.rich = append(w.rich, textOfHTML(read(e.Body, textBytes)))
	default:
		w.plain = append(w.plain, string(read(e.Body, textBytes)))
	}
}

func (w *walker) left(s string) {
	if !slices.Contains(w.letter.Left, s) {
		w.letter.Left = append(w.letter.Left, s)
	}
}

func read(r io.Reader, most int64) []byte {
	b, _ := io.ReadAll(io.LimitReader(r, most)) // what could be read
	return b
}

// delivery reads the fields of a delivery status.
func (w *walker) delivery(b []byte) {
	w.status = map[string]string{}
	s := bufio.NewScanner(bytes.NewReader(b))
	for s.Scan() {
		k, v, ok := strings.Cut(s.Text(), ":")
		if ok {
			w.status[strings.ToLower(strings.TrimSpace(k))] = strings.TrimSpace(v)
		}
	}
}

// original finds which message of ours it is about: its Message-ID is its key.
func (w *walker) original(b []byte) {
	h, _ := textproto.NewReader(bufio.NewReader(bytes.NewReader(append(b, "\r\n\r\n"...)))).ReadMIMEHeader() // what could be read
	id := strings.Trim(strings.TrimSpace(h.Get("Message-Id")), "<>")
	w.about, _, _ = strings.Cut(id, "@")
}

func (w *walker) finish() {
	l := w.letter
	text := strings.Join(w.plain, "\n\n")
	if strings.TrimSpace(text) == "" {
		text = strings.Join(w.rich, "\n\n")
	}
	l.Text = unquoted(text)
	if !w.bounce {
		return
	}
	switch strings.ToLower(w.status["action"]) {
	case "failed":
		l.Bounce = &inbound.Bounce{About: w.about, Bad: strings.HasPrefix(w.status["status"], "5."), Why: w.status["status"]}
		_, l.Bounce.Address, _ = strings.Cut(w.status["final-recipient"], ";")
		l.Bounce.Address = strings.TrimSpace(l.Bounce.Address)
	default:
		l.Auto = true // delayed, relayed: nothing to do
	}
}

var wroteLine = regexp.MustCompile(`(?i)^\s*(on .{5,200} wrote:|-+ ?original message ?-+|_{10,})\s*$`)

// unquoted leaves out what an answer quotes: those are our words, not theirs.
func unquoted(s string) string {
	var out []string
	cut := false
	for line := range strings.Lines(s) {
		line = strings.TrimRight(line, "\r\n")
		if wroteLine.MatchString(line) {
			cut = true
			break
		}
		if strings.HasPrefix(line, ">") {
			cut = true
			continue
		}
		out = append(out, line)
	}
	text := strings.TrimSpace(strings.Join(out, "\n"))
	if text == "" && cut {
		return strings.TrimSpace(s) // they wrote between the lines: better too much
	}
	return text
}

// textOfHTML is what a person would read.
func textOfHTML(b []byte) string {
	var out strings.Builder
	z := html.NewTokenizer(bytes.NewReader(b))
	hidden := 0
	for {
		switch t := z.Next(); t {
		case html.ErrorToken:
			return strings.TrimSpace(out.String())
		case html.TextToken:
			if hidden == 0 {
				out.Write(bytes.ReplaceAll(z.Text(), []byte("\u00a0"), []byte(" ")))
			}
		case html.StartTagToken, html.EndTagToken, html.SelfClosingTagToken:
			name, _ := z.TagName()
			switch string(name) {
			case "script", "style", "head", "title":
				if t == html.StartTagToken {
					hidden++
				} else if t == html.EndTagToken && hidden > 0 {
					hidden--
				}
			case "br", "p", "div", "li", "tr", "h1", "h2", "h3":
				fmt.Fprint(&out, "\n")
			}
		}
	}
}
