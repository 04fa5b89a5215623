package page

import "net/http"

// policy lets a page use what this server serves and nothing else.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; " +
	"connect-src 'self'; manifest-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"

// What of the machine a page may use: nothing, or the microphone.
const (
	silent = "camera=(), geolocation=(), microphone=(), payment=(), usb=()"
	speaks = "camera=(), geolocation=(), microphone=(self), payment=(), usb=()"
)

// Secure sets the headers that every answer of the web door carries.
func Secure(h http.Header) {
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	// "same-origin" and not "no-referrer": the latter makes browsers send
	// "Origin: null" with forms, which cross-origin protection must refuse.
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Permissions-Policy", silent)
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
}
