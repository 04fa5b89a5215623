package app

import (
	"errors"
	"net/netip"
	"os"
	"path/filepath"
	"time"

	"github.com/BurntSushi/toml"

	"heartwood/internal/call/exchange"
	"heartwood/internal/call/media"
	"heartwood/internal/call/room"
	"heartwood/internal/call/sip"
	"heartwood/internal/care/callflow"
	"heartwood/internal/fault"
)

// PhoneConfig is the telephone of an installation: phone.toml in a folder that
// also holds a file of each trunk's secret, which nobody else may read.
type PhoneConfig struct {
	SIP struct {
		UDP string `toml:"udp"` // where to listen: "0.0.0.0:5060"; "" for not
		TCP string `toml:"tcp"`
	} `toml:"sip"`
	Sound struct {
		Listen  netip.Addr `toml:"listen"`  // where telephones' sound comes in
		Address netip.Addr `toml:"address"` // how trunks reach that; Listen when not given
		Low     uint16     `toml:"low"`     // ports, two for a call
		High    uint16     `toml:"high"`
	} `toml:"sound"`
	Browsers struct {
		Listen   netip.AddrPort `toml:"listen"`   // UDP and TCP
		External []netip.Addr   `toml:"external"` // how browsers reach that; Listen's when empty
	} `toml:"browsers"`
	Trunks []TrunkConfig `toml:"trunk"`
}

// TrunkConfig is one line to a carrier.
type TrunkConfig struct {
	Name      string         `toml:"name"`
	Server    string         `toml:"server"`
	Transport string         `toml:"transport"`
	Domain    string         `toml:"domain"`
	User      string         `toml:"user"`
	Secret    string         `toml:"secret"` // name of the file
	Register  bool           `toml:"register"`
	Allow     []netip.Prefix `toml:"allow"`
	Expires   string         `toml:"expires"`
}

// LoadPhone reads DIR/phone.toml.
func LoadPhone(dir string) (*PhoneConfig, error) {
	text, err := os.ReadFile(filepath.Join(dir, "phone.toml"))
	if err != nil {
		return nil, fault.Wrap(err, fault.Invalid, "The settings of the telephone cannot be read.")
	}
	c := &PhoneConfig{}
	md, err := toml.Decode(string(text), c)
	if err != nil || len(md.Undecoded()) > 0 {
		return nil, fault.Wrap(errors.Join(err, errors.New("phone.toml")), fault.Invalid, "The settings of the telephone are not right.")
	}
	return c, nil
}

// trunks are the lines as call/sip wants them.
func (c *PhoneConfig) trunks(dir string) ([]sip.Trunk, error) {
	var out []sip.Trunk
	for _, t := range c.Trunks {
		one := sip.Trunk{
			Name: t.Name, Server: t.Server, Transport: t.Transport, Domain: t.Domain, User: t.User,
			Register: t.Register, Allow: t.Allow,
		}
		if t.Secret != "" {
			var err error
			if one.Secret, err = sip.ReadSecret(filepath.Join(dir, filepath.Base(t.Secret))); err != nil {
				return nil, err
			}
		}
		if t.Expires != "" {
			d, err := time.ParseDuration(t.Expires)
			if err != nil {
				return nil, fault.At(fault.Invalid, t.Name, "How long a registration lasts is a time such as 30m.")
			}
			one.Expires = d
		}
		out = append(out, one)
	}
	return out, nil
}

// openPhone makes the telephone; the secrets of its trunks are in dir.
func (a *App) openPhone(c *PhoneConfig, dir string) error {
	trunks, err := c.trunks(dir)
	if err != nil {
		return err
	}
	board, err := media.New(media.Config{Address: c.Sound.Listen, Low: c.Sound.Low, High: c.Sound.High})
	if err != nil {
		return err
	}
	rooms, err := room.New(room.Config{Listen: c.Browsers.Listen, External: c.Browsers.External})
	if err != nil {
		return err
	}
	address := c.Sound.Address
	if !address.IsValid() {
		address = c.Sound.Listen
	}
	a.Phone, err = exchange.New(exchange.Config{
		Store: a.Store, Calls: callflow.NewService(a.Store), Media: board, Rooms: rooms, Address: address,
		SIP:  sip.Config{Listen: sip.Listen{UDP: c.SIP.UDP, TCP: c.SIP.TCP}, Trunks: trunks, Log: a.Slog},
		Host: hostName(c.SIP.UDP), Slog: a.Slog,
	})
	if err != nil {
		return errors.Join(err, rooms.Close())
	}
	a.run("telephone", a.Phone.Run)
	return nil
}

// hostName is this process among those of an installation: the machine, and
// where it listens.
func hostName(listens string) string {
	name, err := os.Hostname()
	if err != nil {
		name = "localhost"
	}
	return name + " " + listens
}

// Telephone is where the telephone listens for SIP from this machine; "" where
// there is none.
func (a *App) Telephone() string {
	if a.Phone == nil {
		return ""
	}
	return a.Phone.Server().Addr("udp").String()
}
