package pebble

import "strings"

// InUse tells whether an error from Open means that another process has the
// folder open.
func InUse(err error) bool {
	return err != nil && (strings.Contains(err.Error(), "lock held") || strings.Contains(err.Error(), "resource temporarily unavailable"))
}
