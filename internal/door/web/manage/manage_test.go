package manage

import (
	"testing"

	"heartwood/internal/door/web/page/pagecheck"
)

func TestTemplates(t *testing.T) { pagecheck.All(t) }
