package manage_test

import (
	"strings"
	"testing"
)

// Every page that a hub lists is there, and leads back to it.
func TestHubs(t *testing.T) {
	open := office(t)
	for hub, want := range map[string]string{"settings": "opening", "reports": "reconcile"} {
		code, body := open("manager", "/manage/Z99901/"+hub)
		if code != 200 || !strings.Contains(body, `href="/manage/Z99901/`+want+`"`) {
			t.Fatalf("%s answered %d: %s", hub, code, text(body))
		}
		at := strings.Index(body, `<ul class="dk-hub">`)
		if at < 0 {
			t.Fatalf("%s lists nothing", hub)
		}
		for _, l := range strings.Split(body[at:], `<a href="`)[1:] {
			path, _, _ := strings.Cut(l, `"`)
			if !strings.HasPrefix(path, "/manage/Z99901/") {
				break
			}
			code, page := open("manager", path)
			if code != 200 || !strings.Contains(page, `class="nhsuk-back-link" href="/manage/Z99901/`+hub+`"`) {
				t.Errorf("%s answered %d, or does not lead back to %s", path, code, hub)
			}
		}
		if code, _ := open("navigator", "/manage/Z99901/"+hub); code != 403 {
			t.Errorf("a navigator's %s answered %d", hub, code)
		}
	}
}
