package patient

import (
	"context"
	"net/http"
	"testing"
	"time"

	"heartwood/internal/access"
	"heartwood/internal/door/web/allow"
	"heartwood/internal/fault"
)

func TestWhoIsKnownIsNeverOver(t *testing.T) {
	none := allow.New(time.Hour, 0)
	r, _ := http.NewRequest("POST", "/", nil)
	r.RemoteAddr = "192.0.2.1:99"
	if !over(r, none) {
		t.Error("a stranger has no limit")
	}
	for _, role := range []access.Role{access.Patient, access.Proxy, access.Navigator, access.Clinician, access.Manager} {
		if over(r.WithContext(access.With(r.Context(), access.Person{Role: role, Practice: "Z99901"})), none) {
			t.Errorf("a %s is limited", role)
		}
	}
}

// Strangers who fill the store of drafts leave room for people who are known.
func TestStrangersLeaveRoomForPatients(t *testing.T) {
	d, ctx := NewDrafts("", time.Now), context.Background()
	if err := d.Put(ctx, newToken(), "form", make([]byte, memLimit/4*3-100)); err != nil {
		t.Fatal(err)
	}
	if err := d.Put(ctx, newToken(), "form", make([]byte, 1000)); !fault.Is(err, fault.Busy) {
		t.Errorf("a stranger more: %v", err)
	}
	if err := d.put(ctx, newToken(), "form", make([]byte, 1000), true); err != nil {
		t.Errorf("a patient: %v", err)
	}
}
