// Package room joins browsers to calls: WebRTC at our end of the line.
//
// What comes in: a browser's offer (SDP), which its user's page was allowed to
// make, and then its voice over ICE, DTLS and SRTP on one UDP port for all.
// What goes out: an answer, frames of A-law as telephones speak it, and how
// good the line is. Media are never written down here, and keys never leave
// DTLS and SRTP.
//
// It must never send to an address because an offer names it: candidates of
// offers are dropped, and only who has proved the answer's secret is spoken
// to. It must never let another browser take over a connection: a new offer
// must come from the holder of the same certificate.
package room
