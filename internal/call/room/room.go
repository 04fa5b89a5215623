// Package room joins browsers to calls and consultations: WebRTC at our end
// of the line.
//
// What comes in: a browser's offer (SDP), which its user's page was allowed to
// make, then its voice and pictures over ICE, DTLS and SRTP on one UDP port
// for all; for a Room also messages (package signal) and the A-law frames of
// telephones. What goes out: an answer, frames of A-law as telephones speak
// it, everybody's voice and picture to everybody else in the room, and how
// good the lines are. A Voice is one browser that telephones; a Room is a
// consultation of up to twelve. Browsers offer and rooms answer, always.
//
// It must never send to an address because an offer names it: candidates of
// offers are dropped, and only who has proved the answer's secret is spoken
// to. It must never let another browser take over a connection, pass on what
// a muted person says, or connect anybody who has not been let in. Media are
// never written down here, and keys never leave DTLS and SRTP.
package room
