// Package pagecheck checks that every page's template fits the struct it is
// made from. It is for tests: a page package calls All from one test.
package pagecheck

import (
	"testing"

	"github.com/jba/templatecheck"

	"heartwood/internal/door/web/page"
)

// All checks every page that this test program has made.
func All(t *testing.T) {
	t.Helper()
	for _, p := range page.All() {
		t.Run(p.Name, func(t *testing.T) {
			if err := templatecheck.CheckHTML(p.Template, p.Zero); err != nil {
				t.Error(err)
			}
		})
	}
}
