// Package app wires the rooms together and runs them: it is the only package
// that knows everyone.
//
// What comes in: a Config from the command line. What goes out: a running
// server, or one job done on a closed store. It must never hold a rule of
// care: it opens, connects, starts in the order of the flow and stops in the
// opposite one.
package app
