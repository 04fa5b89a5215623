package patient

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"heartwood/internal/fault"
)

func TestDraftsKeepSealAndForget(t *testing.T) {
	ctx := context.Background()
	for _, kind := range []string{"memory", "files"} {
		t.Run(kind, func(t *testing.T) {
			dir := ""
			if kind == "files" {
				dir = filepath.Join(t.TempDir(), "drafts")
			}
			now := time.Now()
			d := NewDrafts(dir, func() time.Time { return now })
			mine, other := newToken(), newToken()
			secret := []byte("a sore ear")
			if err := d.Put(ctx, mine, "form", secret); err != nil {
				t.Fatal(err)
			}
			if got, ok, err := d.Get(ctx, mine, "form"); err != nil || !ok || !bytes.Equal(got, secret) {
				t.Errorf("got %q, %v, %v", got, ok, err)
			}
			if _, ok, _ := d.Get(ctx, other, "form"); ok {
				t.Error("another browser reads the draft")
			}
			if _, ok, _ := d.Get(ctx, mine, "photo"); ok {
				t.Error("there is a part that nobody put")
			}
			sealedOnDisk(t, dir, secret)
			now = now.Add(draftLife + sweepEvery + time.Minute)
			if _, ok, _ := d.Get(ctx, mine, "form"); ok {
				t.Error("a draft outlives its day")
			}
			if err := d.Put(ctx, other, "form", secret); err != nil { // sweeps
				t.Fatal(err)
			}
			d.Drop(ctx, other, "form")
			if _, ok, _ := d.Get(ctx, other, "form"); ok {
				t.Error("a dropped draft is still there")
			}
		})
	}
}

func sealedOnDisk(t *testing.T, dir string, secret []byte) {
	t.Helper()
	if dir == "" {
		return
	}
	files, err := os.ReadDir(dir)
	if err != nil || len(files) != 1 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	b, err := os.ReadFile(filepath.Join(dir, files[0].Name()))
	if err != nil || readable(b, string(secret)) {
		t.Errorf("the draft can be read on the disk: %v", err)
	}
}

// readable tells whether a file of a draft tells something to whoever reads it.
func readable(b []byte, secret string) bool {
	n := 0
	for layer := range layers(b) {
		n++
		if bytes.Contains(layer, []byte(secret)) {
			return true
		}
	}
	return n == 0 || bytes.Contains(b, []byte(secret))
}

// A part that is put many times is what was put last, its file stays small,
// and what a crash cut off leaves what was put before it.
func TestALaterDraftIsTheDraft(t *testing.T) {
	dir, ctx, token := t.TempDir(), context.Background(), newToken()
	d := NewDrafts(dir, time.Now)
	put := func(say string) {
		t.Helper()
		if err := d.Put(ctx, token, "form", []byte(say)); err != nil {
			t.Fatal(err)
		}
	}
	reads := func(want string) {
		t.Helper()
		if got, ok, err := d.Get(ctx, token, "form"); err != nil || !ok || string(got) != want {
			t.Errorf("%q, %v, %v, not %q", got, ok, err, want)
		}
	}
	for i := range 100 {
		put(fmt.Sprint("page ", i))
		reads(fmt.Sprint("page ", i))
	}
	files, _ := os.ReadDir(dir)
	path := filepath.Join(dir, files[0].Name())
	b, err := os.ReadFile(path)
	if err != nil || len(files) != 1 || len(b) > (thick+1)*80 {
		t.Fatalf("%d files, %d bytes, %v", len(files), len(b), err)
	}
	if err := os.WriteFile(path, b[:len(b)-20], 0o600); err != nil {
		t.Fatal(err)
	}
	reads("page 98")
	put("page 100")
	reads("page 100")
}

// Whatever is in a file, its layers are what was put on it, the last first.
func FuzzLayers(f *testing.F) {
	f.Add([]byte("\nYQ==\n\nYW\n"), []byte("x"))
	f.Add([]byte{0, '\n', 255}, []byte{'\n', 0})
	f.Fuzz(func(t *testing.T, was, put []byte) {
		path := filepath.Join(t.TempDir(), "a")
		if len(put) == 0 || os.WriteFile(path, was, 0o600) != nil || addLayer(path, put) != nil {
			t.Skip()
		}
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for got := range layers(b) {
			if !bytes.Equal(got, put) {
				t.Errorf("%q, not %q", got, put)
			}
			return
		}
		t.Error("there is no layer")
	})
}

func TestDraftThatWasChangedIsNone(t *testing.T) {
	dir, ctx, token := t.TempDir(), context.Background(), newToken()
	d := NewDrafts(dir, time.Now)
	if err := d.Put(ctx, token, "form", []byte("x")); err != nil {
		t.Fatal(err)
	}
	files, _ := os.ReadDir(dir)
	path := filepath.Join(dir, files[0].Name())
	b, _ := os.ReadFile(path)
	b[len(b)-9] ^= 1
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, ok, err := d.Get(ctx, token, "form"); ok || err != nil {
		t.Errorf("ok=%v err=%v", ok, err)
	}
}

func TestDraftsAreBounded(t *testing.T) {
	d := NewDrafts("", time.Now)
	big := make([]byte, 64<<20)
	var err error
	for range 5 {
		if err = d.Put(context.Background(), newToken(), "form", big); err != nil {
			break
		}
	}
	if fault.KindOf(err) != fault.Busy {
		t.Errorf("more than the limit was kept: %v", err)
	}
}
