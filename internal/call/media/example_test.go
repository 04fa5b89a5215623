package media_test

import (
	"context"
	"fmt"
	"log"
	"net/netip"
	"time"

	"heartwood/internal/call/media"
	"heartwood/internal/call/media/g711"
)

func must(err error) {
	if err != nil {
		log.Panic(err)
	}
}

// A caller hears a prompt, is answered, and the two hear each other.
func Example() {
	board, err := media.New(media.Config{Address: netip.MustParseAddr("127.0.0.1"), Low: 29000, High: 29099})
	must(err)
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	over := make(chan error)
	go func() { over <- board.Run(ctx) }()

	caller, err := board.NewLeg(media.Outside) // its port goes into our SDP
	must(err)
	must(caller.Connect(media.Remote{ // from the other end's SDP
		Addr: netip.MustParseAddrPort("127.0.0.1:29998"), Law: g711.A, Events: 101,
	}))
	welcome := caller.Play(media.Tone(100*time.Millisecond, 440))
	<-welcome.Done()
	fmt.Println("heard to its end:", welcome.Whole())

	staff, err := board.NewGuest(media.Practice, func(*media.Frame) { /* to the browser */ })
	must(err)
	call := board.NewMix() // call.Record(tape) would record it
	must(caller.Join(call))
	must(staff.Join(call))
	caller.Hold(nil) // and caller.Resume()
	call.Close()
	stop()
	must(<-over)
	// Output: heard to its end: true
}
