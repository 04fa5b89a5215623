package index

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/cockroachdb/pebble/v2"
)

// kinds are the key kinds a practice has, with what they are for.
var kinds = map[byte]string{
	's': "the longest span of a date", '@': "the position applied", 'c': "the current version", 't': "the list of a type", 'y': "the history",
	'k': "an idempotency key", 'p': "a search posting", 'a': "the access list", 'n': "the next number",
}

// Compare names the first difference between two indexes of one practice; ""
// when they are the same. It never names what a value says, only what kind of
// thing differs and, for resources, the type.
func Compare(a, b *Index) (string, error) {
	for _, kind := range []byte("@acknpsty") {
		if d, err := compareKind(a, b, kind); d != "" || err != nil {
			return d, err
		}
	}
	return "", nil
}

func compareKind(a, b *Index, kind byte) (diff string, err error) {
	p := a.key(kind)
	o := &pebble.IterOptions{LowerBound: p, UpperBound: after(p)}
	x, err := a.db.kv.NewIter(o)
	if err != nil {
		return "", fmt.Errorf("index: compare: %w", err)
	}
	defer func() { err = errors.Join(err, x.Close()) }()
	y, err := b.db.kv.NewIter(o)
	if err != nil {
		return "", fmt.Errorf("index: compare: %w", err)
	}
	defer func() { err = errors.Join(err, y.Close()) }()
	for ok, ok2 := x.First(), y.First(); ok || ok2; ok, ok2 = x.Next(), y.Next() {
		if ok != ok2 || !bytes.Equal(x.Key(), y.Key()) || !bytes.Equal(x.Value(), y.Value()) {
			return name(kind, x, ok, y, ok2), errors.Join(x.Error(), y.Error())
		}
	}
	return "", errors.Join(x.Error(), y.Error())
}

func name(kind byte, x *pebble.Iterator, ok bool, y *pebble.Iterator, ok2 bool) string {
	typ := ""
	if kind == 'c' || kind == 't' || kind == 'y' {
		k := x.Key()
		if !ok || ok2 && bytes.Compare(y.Key(), k) < 0 {
			k = y.Key()
		}
		if parts := bytes.SplitN(k[1:], []byte{0}, 3); len(parts) == 3 {
			typ = " of a " + string(parts[1])
		}
	}
	switch {
	case !ok || ok2 && bytes.Compare(y.Key(), x.Key()) < 0:
		return kinds[kind] + typ + " is missing"
	case !ok2 || bytes.Compare(x.Key(), y.Key()) < 0:
		return kinds[kind] + typ + " is there and should not be"
	}
	return kinds[kind] + typ + " is wrong"
}
