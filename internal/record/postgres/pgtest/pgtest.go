// Package pgtest runs a private PostgreSQL server for tests, in a temporary
// folder and on a socket of its own.
//
// What comes in: a test. What goes out: the address of an empty database. It
// must never touch a server that is already running on the machine.
package pgtest

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

var (
	once    sync.Once
	socket  string
	started error
	stop    = func() {}
	number  atomic.Int64
)

// Main runs the tests of a package that uses Database, and stops the server
// after them: func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }.
func Main(m *testing.M) int {
	defer func() { stop() }()
	return m.Run()
}

// Database gives the address of an empty database; it skips the test where
// PostgreSQL is not installed.
func Database(t testing.TB) string {
	t.Helper()
	bin := binaries()
	if bin == "" {
		t.Skip("PostgreSQL is not installed: apt-get install postgresql")
	}
	once.Do(func() { started = start(bin) })
	if started != nil {
		t.Fatal(started)
	}
	name := fmt.Sprint("t", number.Add(1))
	ctx := context.Background()
	c, err := pgx.Connect(ctx, address("postgres"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close(ctx) }()
	if _, err := c.Exec(ctx, "CREATE DATABASE "+name); err != nil {
		t.Fatal(err)
	}
	return address(name)
}

func address(db string) string {
	return fmt.Sprintf("host=%s user=postgres dbname=%s", socket, db)
}

// binaries is the folder of the newest server's programs, "" for none.
func binaries() string {
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if len(found) > 0 {
		return filepath.Dir(found[len(found)-1])
	}
	if p, err := exec.LookPath("initdb"); err == nil {
		if p, err = filepath.EvalSymlinks(p); err == nil {
			return filepath.Dir(p)
		}
	}
	return ""
}

// start makes and starts a server; as root it runs as the postgres user, since
// the server refuses to be root.
func start(bin string) error {
	dir, err := os.MkdirTemp("", "pgtest")
	if err != nil {
		return err
	}
	var as *syscall.SysProcAttr
	if os.Getuid() == 0 {
		if as, err = postgresUser(dir); err != nil {
			return err
		}
	}
	data := filepath.Join(dir, "data")
	init := exec.Command(filepath.Join(bin, "initdb"), "-D", data, "-U", "postgres", "-A", "trust", "--no-sync", "-E", "UTF8")
	init.SysProcAttr, init.Dir = as, dir
	if out, err := init.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w\n%s", err, out)
	}
	var log bytes.Buffer
	server := exec.Command(filepath.Join(bin, "postgres"), "-D", data, "-k", dir, "-c", "listen_addresses=", "-c", "shared_buffers=64MB", "-c", "max_connections=200")
	server.SysProcAttr, server.Dir, server.Stderr = as, dir, &log
	if err := server.Start(); err != nil {
		return err
	}
	socket = dir
	stop = func() {
		_ = server.Process.Signal(syscall.SIGINT)
		_ = server.Wait()
		_ = os.RemoveAll(dir)
	}
	for range 200 {
		c, err := pgx.Connect(context.Background(), address("postgres"))
		if err == nil {
			return c.Close(context.Background())
		}
		time.Sleep(50 * time.Millisecond)
	}
	stop()
	return fmt.Errorf("PostgreSQL did not start:\n%s", log.String())
}

func postgresUser(dir string) (*syscall.SysProcAttr, error) {
	u, err := user.Lookup("postgres")
	if err != nil {
		return nil, err
	}
	uid, err := strconv.ParseUint(u.Uid, 10, 32)
	if err != nil {
		return nil, err
	}
	gid, err := strconv.ParseUint(u.Gid, 10, 32)
	if err != nil {
		return nil, err
	}
	if err := os.Chown(dir, int(uid), int(gid)); err != nil {
		return nil, err
	}
	return &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}, nil
}
