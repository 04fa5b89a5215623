package page

import (
	"cmp"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"heartwood/internal/care"
	"heartwood/internal/fault"
	"heartwood/internal/ident"
)

// FieldError is what is wrong with one field, in one plain sentence.
type FieldError struct{ Name, Text string }

// Form is what a person sent, or will be asked for, and what is wrong with it.
// A nil *Form is an empty one, to show.
type Form struct {
	Values url.Values
	Files  map[string][]*multipart.FileHeader
	Errors []FieldError
}

// NewForm makes a form to show with these values.
func NewForm(values map[string]string) *Form {
	f := &Form{Values: url.Values{}}
	for k, v := range values {
		f.Values.Set(k, v)
	}
	return f
}

// Size limits of a form, in bytes.
const (
	TextLimit   = 256 << 10 // a form without files
	memoryLimit = 4 << 20   // files above this wait on disk
)

// Parse reads a posted form of at most max bytes (TextLimit when 0), plain or
// with files. Too much is a TooLarge fault; what cannot be read is Invalid.
func Parse(w http.ResponseWriter, r *http.Request, max int64) (*Form, error) {
	if max == 0 {
		max = TextLimit
	}
	r.Body = http.MaxBytesReader(w, r.Body, max)
	err := r.ParseForm()
	if err == nil {
		err = r.ParseMultipartForm(memoryLimit) //nolint:gosec // bounded above
	}
	if errors.Is(err, http.ErrNotMultipart) {
		err = nil // ParseForm has read it
	}
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return nil, fault.Wrap(err, fault.TooLarge, "What you sent is too big. Send less, or smaller photos.")
	case err != nil:
		return nil, fault.Wrap(err, fault.Invalid, "We could not read what you sent. Please go back and try again.")
	}
	f := &Form{Values: r.PostForm}
	if r.MultipartForm != nil {
		f.Files = r.MultipartForm.File
	}
	return f, nil
}

// Value is a field as it was sent.
func (f *Form) Value(name string) string {
	if f == nil {
		return ""
	}
	return f.Values.Get(name)
}

// Token is the key that makes a form count once however often it is sent. One
// that no page of ours has made is refused.
func (f *Form) Token() (string, error) {
	t := f.Value("token")
	if !ident.IsID(t) || len(t) < 20 {
		return "", fault.New(fault.Invalid, "This form is too old. Please go back and open it again.")
	}
	return t, nil
}

// Has tells whether a box of this name and value is ticked.
func (f *Form) Has(name, value string) bool {
	return f != nil && slices.Contains(f.Values[name], value)
}

// Set changes a field.
func (f *Form) Set(name, value string) { f.Values.Set(name, value) }

// Fail notes what is wrong with a field.
func (f *Form) Fail(name, sentence string) {
	f.Errors = append(f.Errors, FieldError{name, sentence})
}

// FailWith notes a fault that names no field of this form, or one that does.
// It is false when the fault is not the sender's to mend.
func (f *Form) FailWith(name string, err error) bool {
	e := fault.From(err)
	if e.Kind != fault.Invalid && e.Kind != fault.Refused && e.Kind != fault.Conflict {
		return false
	}
	f.Fail(name, e.Message)
	return true
}

// Refuse notes every fault of an error, at a field where it names none. It is
// false when one of them is not the sender's to mend.
func (f *Form) Refuse(err error, field string) bool {
	for _, e := range care.Fields(err) {
		if !f.FailWith(cmp.Or(e.Where, field), e) {
			return false
		}
	}
	return true
}

// OK tells whether nothing is wrong.
func (f *Form) OK() bool { return f == nil || len(f.Errors) == 0 }

// Error is what is wrong with a field, "" for nothing.
func (f *Form) Error(name string) string {
	if f == nil {
		return ""
	}
	for _, e := range f.Errors {
		if e.Name == name {
			return e.Text
		}
	}
	return ""
}

// Text is a field without surrounding space and without control characters
// other than new lines; longer than max runes is an error.
func (f *Form) Text(name string, max int) string {
	s := clean(f.Value(name))
	if utf8.RuneCountInString(s) > max {
		f.Fail(name, "Use "+strconv.Itoa(max)+" characters or fewer")
	}
	return s
}

// Need is Text that must not be empty; missing is the sentence when it is.
func (f *Form) Need(name string, max int, missing string) string {
	s := f.Text(name, max)
	if s == "" {
		f.Fail(name, missing)
	}
	return s
}

// Choice is a field that must have one of these values.
func (f *Form) Choice(name, missing string, options []Option) string {
	v := f.Value(name)
	for _, o := range options {
		if o.Value == v && v != "" {
			return v
		}
	}
	f.Fail(name, missing)
	return ""
}

// Choices are the ticked boxes among these values; others are dropped.
func (f *Form) Choices(name string, options []Option) []string {
	var out []string
	for _, o := range options {
		if f.Has(name, o.Value) {
			out = append(out, o.Value)
		}
	}
	return out
}

// Date reads the three boxes of a date input. what is "your date of birth".
// The zero time comes with an error in the form.
func (f *Form) Date(name, what string) time.Time {
	d, m, y := clean(f.Value(name+"-day")), clean(f.Value(name+"-month")), clean(f.Value(name+"-year"))
	if d == "" && m == "" && y == "" {
		f.Fail(name, "Enter "+what)
		return time.Time{}
	}
	day, err1 := strconv.Atoi(d)
	month, err2 := strconv.Atoi(m)
	year, err3 := strconv.Atoi(y)
	t := time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)
	if err1 != nil || err2 != nil || err3 != nil || len(y) != 4 || year < 1000 ||
		t.Day() != day || int(t.Month()) != month || t.Year() != year {
		f.Fail(name, upperFirst(what)+" must be a real date, such as 27 3 1985")
		return time.Time{}
	}
	return t
}

// clean makes text safe to keep: valid UTF-8, plain new lines, no control
// characters, no space around it.
func clean(s string) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	s = strings.ReplaceAll(s, "\r\n", "\n")
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return r
		case r == '\r':
			return '\n'
		case unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r):
			return -1
		}
		return r
	}, s)
	return strings.TrimSpace(s)
}

// ReadFile reads one uploaded file of at most max bytes.
func ReadFile(h *multipart.FileHeader, max int64) ([]byte, error) {
	if h.Size > max {
		return nil, fault.New(fault.TooLarge, "This file is too big. The most we can take is %d MB.", max>>20)
	}
	file, err := h.Open()
	if err != nil {
		return nil, fault.Wrap(err, fault.Invalid, "We could not read the file.")
	}
	defer file.Close() //nolint:errcheck // only read
	b, err := io.ReadAll(io.LimitReader(file, max+1))
	if err != nil {
		return nil, fault.Wrap(err, fault.Invalid, "We could not read the file.")
	}
	return b, nil
}

func upperFirst(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(r)) + s[n:]
}
