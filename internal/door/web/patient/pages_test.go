package patient

import (
	"testing"

	"heartwood/internal/door/web/page/pagecheck"
)

func TestTemplatesFitTheirStructs(t *testing.T) { pagecheck.All(t) }
