package page

import "html/template"

// Blocks open and close around what a page writes between them.

type block struct{ Kind, Title, Hidden string }

func (s *speaker) care(kind, heading string) (template.HTML, error) {
	says := map[string]string{"emergency": "Immediate action required", "urgent": "Urgent advice", "non-urgent": "Non-urgent advice"}[kind]
	return s.part("care", block{kind, s.t(heading), s.t(says)})
}

func endCare() template.HTML { return "</div></div>" }

func (s *speaker) card(heading string) (template.HTML, error) {
	return s.part("card", block{Title: s.t(heading)})
}

func endCard() template.HTML { return "</div></div>" }

func (s *speaker) details(text string) (template.HTML, error) {
	return s.part("details", block{Title: s.t(text)})
}

func endDetails() template.HTML { return "</div></details>" }

func (s *speaker) warning(heading string) (template.HTML, error) {
	return s.part("warning", block{Title: s.t(heading)})
}

func endWarning() template.HTML { return "</div>" }

func (s *speaker) inset() template.HTML {
	return template.HTML(`<div class="nhsuk-inset-text"><span class="nhsuk-u-visually-hidden">` + template.HTMLEscapeString(s.t("Information")) + `: </span>`) //nolint:gosec // escaped
}

func endInset() template.HTML { return "</div>" }

func (s *speaker) alert(kind, title string) (template.HTML, error) {
	return s.part("alert", block{Kind: kind, Title: s.t(title)})
}

func endAlert() template.HTML { return "</div></div>" }
