// Package chaos proves that nothing acknowledged is lost: it runs the real
// program, has people and programs use it as they do, kills it at random
// moments, starts it again, and holds what everybody was told against what the
// record says.
//
// CHAOS_ROUNDS sets how often it is killed (8; 2 with -short), CHAOS_SEED
// repeats the moments of an earlier run.
package chaos
