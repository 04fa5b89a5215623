package rest

import (
	"context"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"heartwood/internal/fault"
)

func TestRoom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newRoom(10 << 20)
		enter := func(size int64, packed bool) (func(), error) {
			r := httptest.NewRequest("POST", "/", nil).WithContext(context.Background())
			r.ContentLength = size
			if packed {
				r.Header.Set("Content-Encoding", "gzip")
			}
			s, err := m.enter(r, 10<<20)
			if err != nil {
				return nil, err
			}
			return s.leave, nil
		}
		leave, err := enter(8<<20, false)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := enter(1000, false); err != nil {
			t.Error("a small body waited", err)
		}
		start := time.Now()
		if _, err := enter(1<<20, true); !fault.Is(err, fault.Busy) || time.Since(start) != roomWait {
			t.Error("a packed body found room", err, time.Since(start))
		}
		time.AfterFunc(time.Second, leave)
		start = time.Now()
		again, err := enter(-1, false)
		if err != nil || time.Since(start) != time.Second {
			t.Error("no room after a leave", err, time.Since(start))
		}
		again()
	})
}
