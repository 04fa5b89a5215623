// Package soak throws events at a practice's ledger for as long as it is told
// to, kills the process under it again and again, and then counts.
//
// What comes in: how many events (go test ./test/soak -events 1000000 -timeout
// 0). What goes out: proof that each receipt that was shown is in the ledger
// once, that every request has one state, an owner and a clock, and that the
// doors' log, the forms, the ledger and the messages agree. It must never be
// gentle: calls are cut, sent twice, and made out of order.
package soak
