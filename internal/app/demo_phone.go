package app

import (
	"context"
	"crypto/rand"
	"net/netip"
	"path/filepath"

	"heartwood/internal/atomicfile"
	"heartwood/internal/call/carrier"
	"heartwood/internal/care/callflow"
	"heartwood/internal/demo"
	"heartwood/internal/record"
)

// demoTrunk is the account of the practices with the demonstration's carrier.
const demoTrunk = "practices"

// DemoPhone is the telephone of a demonstration: a line to a carrier of its
// own, on this machine, that takes calls from this machine and from nowhere
// else, at ports that are free. numbers are those of the practices.
func (a *App) DemoPhone(numbers []string) error {
	dir := filepath.Join(a.Data, "keys")
	secret := rand.Text()
	if err := atomicfile.Write(filepath.Join(dir, demoTrunk), []byte(secret)); err != nil {
		return err
	}
	account := carrier.Account{User: demoTrunk, Password: secret}
	for _, n := range numbers {
		e164, err := callflow.ParseNumber(n)
		if err != nil {
			return err
		}
		account.Numbers = append(account.Numbers, e164)
	}
	line, err := carrier.New("127.0.0.1:0", []carrier.Account{account})
	if err != nil {
		return err
	}
	a.run("the demonstration's carrier", line.Run)
	here := netip.MustParseAddr("127.0.0.1")
	c := &PhoneConfig{Trunks: []TrunkConfig{{
		Name: "the demonstration's carrier", Server: line.Addr().String(), User: demoTrunk, Secret: demoTrunk, Register: true,
		Allow: []netip.Prefix{netip.PrefixFrom(here, 32)},
	}}}
	c.SIP.UDP = "127.0.0.1:0"
	c.Sound.Listen, c.Sound.Low, c.Sound.High = here, 30000, 39999
	c.Browsers.Listen = netip.AddrPortFrom(here, 0)
	return a.openPhone(c, dir)
}

// seedPhone gives a practice of the demonstration its telephone number, if its
// plan of calls has not been touched yet.
func seedPhone(ctx context.Context, p *record.Practice, one demo.Practice) error {
	plan, err := callflow.Load(ctx, p)
	if err != nil || plan.Version != "" {
		return err
	}
	number, err := callflow.ParseNumber(one.Phone)
	if err != nil {
		return err
	}
	teams, err := callflow.Teams(ctx, p)
	if err != nil {
		return err
	}
	plan.Numbers = []callflow.Number{{E164: number, Label: "Main line"}}
	return callflow.Save(ctx, p, record.System, plan, callflow.World{Teams: teams})
}
