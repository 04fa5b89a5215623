package notify

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"heartwood/internal/fault"
)

// Folder writes messages to files instead of sending them, for demonstrations
// and tests: KEY.eml for an e-mail, KEY.txt for a text message, KEY.pdf for a letter. A key that is
// there already is not written again.
type Folder struct {
	Dir  string
	From string           // "Heartwood <no-reply@heartwood.example>" when ""
	Now  func() time.Time // time.Now when nil
}

// Send writes one message. The receipt is the file's name.
func (f Folder) Send(_ context.Context, m Message) (string, error) {
	b, name, err := f.letter(m)
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(f.Dir, 0o700); err != nil {
		return "", folderFault(err)
	}
	tmp, err := os.CreateTemp(f.Dir, ".new-*")
	if err != nil {
		return "", folderFault(err)
	}
	defer os.Remove(tmp.Name()) //nolint:errcheck // best effort
	_, err = tmp.Write(b)
	if err = errors.Join(err, tmp.Sync(), tmp.Close()); err != nil {
		return "", folderFault(err)
	}
	if err := os.Link(tmp.Name(), filepath.Join(f.Dir, name)); err != nil && !errors.Is(err, fs.ErrExist) {
		return "", folderFault(err)
	}
	return name, nil
}

func (f Folder) letter(m Message) ([]byte, string, error) {
	if err := check(m); err != nil {
		return nil, "", err
	}
	switch m.Medium {
	case SMS, App:
		return fmt.Appendf(nil, "To: %s\n\n%s\n", m.To, m.Text), m.Key + ".txt", nil
	case Letter:
		if len(m.PDF) == 0 {
			return nil, "", fault.New(fault.Refused, "The letter has no pages.")
		}
		return m.PDF, m.Key + ".pdf", nil
	}
	from := f.From
	if from == "" {
		from = "Heartwood <no-reply@heartwood.example>"
	}
	msg, err := compose(m, from, "heartwood.example")
	if err != nil {
		return nil, "", err
	}
	now := time.Now
	if f.Now != nil {
		now = f.Now
	}
	msg.SetDateWithValue(now())
	var b bytes.Buffer
	if _, err := msg.WriteTo(&b); err != nil {
		return nil, "", folderFault(err)
	}
	return b.Bytes(), m.Key + ".eml", nil
}

func folderFault(err error) error {
	return fault.Wrap(err, fault.Internal, "The message could not be written to the outbox folder.")
}
