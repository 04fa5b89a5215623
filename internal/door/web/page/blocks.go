package page

import "html/template"

// Blocks open and close around what a page writes between them.

type block struct{ Kind, Title, Hidden string }

func care(kind, heading string) (template.HTML, error) {
	says := map[string]string{"emergency": "Immediate action required", "urgent": "Urgent advice", "non-urgent": "Non-urgent advice"}[kind]
	return part("care", block{kind, heading, says})
}

func endCare() template.HTML { return "</div></div>" }

func card(heading string) (template.HTML, error) { return part("card", block{Title: heading}) }

func endCard() template.HTML { return "</div></div>" }

func details(text string) (template.HTML, error) { return part("details", block{Title: text}) }

func endDetails() template.HTML { return "</div></details>" }

func warning(heading string) (template.HTML, error) { return part("warning", block{Title: heading}) }

func endWarning() template.HTML { return "</div>" }

func inset() template.HTML {
	return `<div class="nhsuk-inset-text"><span class="nhsuk-u-visually-hidden">Information: </span>`
}

func endInset() template.HTML { return "</div>" }

func alert(kind, title string) (template.HTML, error) {
	return part("alert", block{Kind: kind, Title: title})
}

func endAlert() template.HTML { return "</div></div>" }
