package sip

import (
	"strings"
	"sync"
	"time"

	"github.com/emiago/sipgo/sip"
)

// calls are the calls of a server by Call-ID and our tag, and the INVITEs that are
// being dealt with.
type calls struct {
	mu     sync.Mutex
	byKey  map[string]*Call
	merged map[string]bool
	closed bool
	none   *sync.Cond // there are no calls any more
}

func (cs *calls) init() {
	cs.byKey, cs.merged = map[string]*Call{}, map[string]bool{}
	cs.none = sync.NewCond(&cs.mu)
}

func (cs *calls) find(callID, localTag string) *Call {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	return cs.byKey[callID+"\x00"+localTag]
}

// add keeps a call, unless there are most already or the end has come.
func (cs *calls) add(key string, c *Call, most int) bool {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	if cs.closed || len(cs.byKey) >= most {
		return false
	}
	cs.byKey[key] = c
	return true
}

func (cs *calls) rename(was, is string) {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	cs.byKey[is] = cs.byKey[was]
	delete(cs.byKey, was)
}

func (cs *calls) remove(key string) {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	delete(cs.byKey, key)
	if len(cs.byKey) == 0 {
		cs.none.Broadcast()
	}
}

func (cs *calls) all() []*Call {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	all := make([]*Call, 0, len(cs.byKey))
	for _, c := range cs.byKey {
		all = append(all, c)
	}
	return all
}

// ours tells whether a Call-ID is that of a call we made: it has come back to us.
func (cs *calls) ours(callID string) bool {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	for k, c := range cs.byKey {
		if c.outgoing && strings.HasPrefix(k, callID+"\x00") {
			return true
		}
	}
	return false
}

// hangAll ends every call and gives the other sides a moment to agree.
func (cs *calls) hangAll(within time.Duration) {
	cs.mu.Lock()
	cs.closed = true
	cs.mu.Unlock()
	for _, c := range cs.all() {
		c.Hang()
	}
	late := time.AfterFunc(within, func() {
		for _, c := range cs.all() {
			c.abandon()
		}
	})
	defer late.Stop()
	cs.mu.Lock()
	defer cs.mu.Unlock()
	for len(cs.byKey) > 0 {
		cs.none.Wait()
	}
}

// begin tells whether an INVITE is the first of its kind. The same request by
// two ways has a branch for each, and is answered once (RFC 3261 §8.2.2.2).
func (cs *calls) begin(req *sip.Request, tx *sip.ServerTx) bool {
	tag, _ := req.From().Params.Get("tag")
	key := tag + "\x00" + string(*req.CallID()) + "\x00" + req.CSeq().Value()
	cs.mu.Lock()
	defer cs.mu.Unlock()
	if cs.merged[key] {
		return false
	}
	if !tx.OnTerminate(func(string, error) { // as long as its transaction
		cs.mu.Lock()
		defer cs.mu.Unlock()
		delete(cs.merged, key)
	}) {
		return true
	}
	cs.merged[key] = true
	return true
}
