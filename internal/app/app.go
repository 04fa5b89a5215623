package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/cockroachdb/pebble/v2"

	"heartwood/internal/access"
	"heartwood/internal/call/exchange"
	"heartwood/internal/care/doorlog"
	"heartwood/internal/care/escalate"
	"heartwood/internal/care/starts"
	"heartwood/internal/care/triage"
	"heartwood/internal/channel/notify"
	"heartwood/internal/fault"
	"heartwood/internal/ident"
	"heartwood/internal/record"
	hwpebble "heartwood/internal/record/pebble"
	"heartwood/internal/record/postgres"
	"heartwood/internal/view/measure"
	"heartwood/internal/view/outlook"
	"heartwood/internal/view/worklist"
)

// Config is what an installation is told from outside.
type Config struct {
	// Data is the folder of everything that this process keeps: the record
	// (unless Database is set), its indexes, the keys, the outbox of the demo.
	Data string
	// Database is the address of a PostgreSQL-compatible database that keeps
	// the record instead, shared with other processes. "" for none.
	Database string
	// Origin is what people type to come here: "https://care.example".
	Origin  string
	Version string
	// Proxies are our own, whose X-Forwarded-For is believed; none when empty.
	Proxies []netip.Prefix
	Demo    bool              // everything is made up: one-click sign-in, mail to a folder
	Mail    notify.SMTPConfig // where to hand e-mails to; no Host: to a folder
	// Notify is the folder of what practices send with: NOTIFY/ODS/notify.toml
	// and key files. "" for what Mail says.
	Notify string
	// MailIn is where to take e-mail in by SMTP from a practice's own mail
	// server: "127.0.0.1:2525". "" for not.
	MailIn string
	// PhoneDir is the folder of the telephone: phone.toml and the trunks' key
	// files. "" for none.
	PhoneDir string
	Slog     *slog.Logger // slog.Default() when nil
}

// blockCache is what log and indexes share for blocks read from disk, bytes.
// Their memory tables are taken out of it, up to 48 MiB: what is left is for
// blocks.
const blockCache = 80 << 20

// App is an open installation.
type App struct {
	Config
	Log      record.Log
	Store    *record.Store
	Keys     *access.Keys
	Accounts *access.Accounts
	Sessions *access.Sessions
	sender   notify.Senders
	doors    *doorlog.Journal
	starts   *starts.Marks
	post     *mailroom
	watch    *escalate.Watch
	Phone    *exchange.Exchange // nil: there is no telephone

	ctx  context.Context // ends when the app closes
	stop context.CancelFunc
	wg   sync.WaitGroup

	mu     sync.Mutex // protects queues, looks, books and served
	queues map[ident.ODS]*worklist.List
	looks  map[ident.ODS]*outlook.Outlook
	books  map[ident.ODS]*measure.Book
	served map[ident.ODS]bool // practices whose outbox runs
}

// Open opens an installation, making what is not there. The record's folder is
// held until Close: a second process is refused.
func Open(ctx context.Context, c Config) (*App, error) {
	if c.Slog == nil {
		c.Slog = slog.Default()
	}
	if c.Origin == "" {
		c.Origin = "http://localhost" // nobody comes in: a chore on a closed store
	}
	if c.Data == "" {
		return nil, fault.At(fault.Invalid, "data", "Say where the data are to be kept: --data DIR.")
	}
	bound(1)
	_ = triage.Version() // compiles the rules now, not while the first person waits
	if err := os.MkdirAll(c.Data, 0o700); err != nil {
		return nil, fault.Wrap(err, fault.Invalid, "The folder for the data cannot be made.")
	}
	if err := private(c.Data); err != nil {
		return nil, fault.Wrap(err, fault.Invalid, "The folder for the data cannot be closed to others.")
	}
	a := &App{Config: c, queues: map[ident.ODS]*worklist.List{}, looks: map[ident.ODS]*outlook.Outlook{}, books: map[ident.ODS]*measure.Book{}, served: map[ident.ODS]bool{}, watch: escalate.NewWatch()}
	a.ctx, a.stop = context.WithCancel(context.WithoutCancel(ctx))
	if err := a.open(ctx); err != nil {
		return nil, errors.Join(err, a.Close())
	}
	return a, nil
}

// private shuts everybody else out of the data folder, and everybody but the
// owner out of the folders in it. A group that was let into the folder itself
// stays: somebody meant that.
func private(data string) error {
	info, err := os.Stat(data)
	if err != nil {
		return err
	}
	if mode := info.Mode().Perm(); mode&0o007 != 0 {
		if err := os.Chmod(data, mode&^0o007); err != nil {
			return err
		}
	}
	for _, name := range []string{"index", "keys", "outbox", "drafts", "doors", "starts"} {
		dir := filepath.Join(data, name)
		if err := errors.Join(os.MkdirAll(dir, 0o700), os.Chmod(dir, 0o700)); err != nil { //nolint:gosec // a folder needs its x
			return err
		}
	}
	return nil
}

func (a *App) open(ctx context.Context) (err error) {
	cache := pebble.NewCache(blockCache)
	defer cache.Unref()
	if a.Log, err = OpenLog(ctx, a.Data, a.Database, cache); err != nil {
		return err
	}
	c := record.Config{Log: a.Log, Dir: filepath.Join(a.Data, "index"), Slog: a.Slog, Cache: cache}
	if a.Database != "" {
		c.Poll = 200 * time.Millisecond
	}
	if a.Store, err = record.Open(ctx, c); err != nil {
		return err
	}
	if a.Keys, err = access.OpenKeys(filepath.Join(a.Data, "keys"), nil); err != nil {
		return err
	}
	a.Accounts, err = access.NewAccounts(access.Config{Store: a.Store, Keys: a.Keys, Origin: a.Origin})
	if err != nil {
		return err
	}
	a.Sessions = access.NewSessions(a.Accounts)
	if a.doors, err = doorlog.Open(filepath.Join(a.Data, "doors")); err != nil {
		return fault.Wrap(err, fault.Internal, "The doors' own log cannot be kept.")
	}
	doorlog.Keep(a.Store, a.doors)
	a.starts = starts.New(filepath.Join(a.Data, "starts"), time.Now)
	if err := a.openMail(); err != nil {
		return err
	}
	a.openPost()
	if a.PhoneDir == "" {
		return nil
	}
	set, err := LoadPhone(a.PhoneDir)
	if err != nil {
		return err
	}
	return a.openPhone(set, a.PhoneDir)
}

// OpenLog opens the durable log of an installation: the database's when there
// is one, else the one in the data folder.
func OpenLog(ctx context.Context, data, database string, cache *pebble.Cache) (record.Log, error) {
	if database != "" {
		l, err := postgres.Open(ctx, database)
		if err != nil {
			return nil, err
		}
		return l, nil
	}
	l, err := hwpebble.Open(hwpebble.Config{Dir: filepath.Join(data, "log"), Cache: cache})
	if hwpebble.InUse(err) {
		return nil, fault.Wrap(err, fault.Busy, "The record in %s is in use by a running server.", data)
	}
	if err != nil {
		return nil, fault.Wrap(err, fault.Internal, "The record in %s cannot be opened.", data)
	}
	return l, nil
}

func (a *App) openMail() error {
	if a.Mail.Host == "" {
		f := folderOf(a.Data)
		a.sender = notify.Senders{notify.Email: f, notify.SMS: f, notify.Letter: f}
		return nil
	}
	s, err := notify.NewSMTP(a.Mail)
	if err != nil {
		return err
	}
	a.sender = notify.Senders{notify.Email: s, notify.Letter: folderOf(a.Data)}
	return nil
}

// Close stops what runs and closes everything, in the opposite order of the
// flow. What was acknowledged is durable already.
func (a *App) Close() error {
	a.stop()
	a.wg.Wait()
	var errs []error
	if a.Store != nil {
		errs = append(errs, a.Store.Close())
		doorlog.Keep(a.Store, nil)
	}
	errs = append(errs, a.doors.Close())
	if a.Log != nil {
		errs = append(errs, a.Log.Close())
	}
	return errors.Join(errs...)
}

// run starts a long-running part, and says so when it ends too early.
func (a *App) run(name string, part func(context.Context) error) {
	a.wg.Add(1)
	go func() {
		defer a.wg.Done()
		if err := part(a.ctx); err != nil && a.ctx.Err() == nil {
			a.Slog.Error("app: a part has stopped", "part", name, "error", err)
		}
	}()
}

// Queue gives a practice's work list, starting it the first time.
func (a *App) Queue(ctx context.Context, ods ident.ODS) (*worklist.List, error) {
	a.mu.Lock()
	l := a.queues[ods]
	if l == nil {
		p, err := a.Store.Practice(ods)
		if err != nil {
			a.mu.Unlock()
			return nil, err
		}
		l = worklist.New(p)
		if board, shared := a.Log.(worklist.Board); shared {
			l = worklist.NewShared(p, board)
		}
		a.queues[ods] = l
		a.run("queue "+string(ods), l.Run)
	}
	a.mu.Unlock()
	if err := l.Ready(ctx); err != nil {
		return nil, fault.Wrap(err, fault.Busy, "The queue is being made ready. Try again in a moment.")
	}
	return l, nil
}

// Measures gives a practice's figures, following them from the first time on.
func (a *App) Measures(_ context.Context, ods ident.ODS) (*measure.Book, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if b := a.books[ods]; b != nil {
		return b, nil
	}
	p, err := a.Store.Practice(ods)
	if err != nil {
		return nil, err
	}
	b := measure.NewBook(p)
	a.books[ods] = b
	a.run("figures "+string(ods), b.Run)
	return b, nil
}

// sendLetter sends an e-mail that is not part of any record: a sign-in link.
func (a *App) sendLetter(ctx context.Context, l access.Letter) error {
	_, err := a.sender.Send(ctx, notify.Message{Key: l.Key, Medium: notify.Email, To: l.To, Subject: l.Subject, Text: l.Text})
	return err
}

// outboxes runs an outbox for every practice, those to come included.
func (a *App) outboxes(ctx context.Context) error {
	tick := time.NewTicker(5 * time.Second)
	defer tick.Stop()
	for {
		all, err := a.Store.Practices(ctx)
		if err != nil {
			a.Slog.Error("app: practices", "error", err)
		}
		bound(len(all))
		for _, ods := range all {
			a.outbox(ods)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

func (a *App) outbox(ods ident.ODS) {
	a.mu.Lock()
	running := a.served[ods]
	a.served[ods] = true
	a.mu.Unlock()
	if running {
		return
	}
	p, err := a.Store.Practice(ods)
	if err != nil {
		a.Slog.Error("app: outbox", "practice", ods, "error", err)
		return
	}
	a.run(fmt.Sprint("outbox ", ods), a.post.outbox(p).Run)
}

// Outlook gives what a practice's promises are worked out from, starting it
// the first time.
func (a *App) Outlook(ctx context.Context, ods ident.ODS) (*outlook.Outlook, error) {
	queue, err := a.Queue(ctx, ods)
	if err != nil {
		return nil, err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	o := a.looks[ods]
	if o == nil {
		p, err := a.Store.Practice(ods)
		if err != nil {
			return nil, err
		}
		o = outlook.New(p, queue)
		a.looks[ods] = o
		a.run("outlook "+string(ods), o.Run)
	}
	return o, nil
}

// lookAhead has a practice's outlook running before anybody asks for it.
func (a *App) lookAhead(ctx context.Context, p *record.Practice) error {
	_, err := a.Outlook(ctx, p.ODS())
	return err
}
