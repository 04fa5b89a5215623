package record

import (
	"slices"
	"sync"
)

// kept is what was made of resources, and is good until one of their types is
// written again.
type kept struct {
	mu      sync.Mutex
	changes map[string]uint64 // by type, how many entries were applied; protected by mu
	made    map[any]made      // protected by mu
}

type made struct {
	of    any // what it was asked for with
	turns []uint64
	value any
}

// Kept gives what build makes of the record, and keeps it until a resource of
// one of the types is written: for what is read on every page and seldom
// changes, as forms and staff are. key is the asker's own, a type of its
// package; of is what the value depends on besides, as a day; one value is
// kept for each key. build must read nothing but resources of those types, and
// nobody may change what they are given. Whoever was told of a commit is given
// what was made after it.
func Kept[T any](p *Practice, key, of any, types []string, build func() (T, error)) (T, error) {
	turns := p.kept.turns(types)
	if v, ok := p.kept.get(key, of, turns); ok {
		return v.(T), nil
	}
	v, err := build()
	if err == nil {
		p.kept.put(key, made{of, turns, v})
	}
	return v, err
}

// changed notes the types of entries that can be found from now on.
func (k *kept) changed(entries []Entry) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for i := range entries {
		k.changes[entries[i].Type]++
	}
}

func (k *kept) turns(types []string) []uint64 {
	k.mu.Lock()
	defer k.mu.Unlock()
	out := make([]uint64, len(types))
	for i, t := range types {
		out[i] = k.changes[t]
	}
	return out
}

func (k *kept) get(key, of any, turns []uint64) (any, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	m, ok := k.made[key]
	return m.value, ok && m.of == of && slices.Equal(m.turns, turns)
}

func (k *kept) put(key any, m made) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.made[key] = m
}
