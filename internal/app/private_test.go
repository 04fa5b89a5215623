package app_test

import (
	"context"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"heartwood/internal/app"
)

// Nobody but the owner reads what an installation keeps, however open the
// folder was that it was given.
func TestTheDataAreTheOwnersAlone(t *testing.T) {
	data := t.TempDir()
	if err := os.Chmod(data, 0o755); err != nil {
		t.Fatal(err)
	}
	a, err := app.Open(context.Background(), app.Config{Data: data, Origin: "http://localhost", Slog: slog.New(slog.NewTextHandler(io.Discard, nil))})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	l := listener(t)
	go func() { done <- a.Serve(ctx, l) }()
	for { // the control socket is there once it serves
		if _, ok := app.Running(ctx, data); ok {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	err = filepath.WalkDir(data, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		if m := info.Mode().Perm(); m&0o007 != 0 && (path == data || filepath.Dir(path) == data) {
			t.Errorf("%s is %v", path, m)
		}
		if d.IsDir() && path != data && info.Mode().Perm()&0o077 != 0 && filepath.Dir(path) == data {
			t.Errorf("%s is %v", path, info.Mode().Perm())
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
	if err := a.Close(); err != nil {
		t.Error(err)
	}
}
