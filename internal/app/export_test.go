package app

import "heartwood/internal/ident"

// LinkOf is the link that a message's notice carries.
func LinkOf(a *App, ods ident.ODS, message ident.Ref) string { return a.messageLink(ods, message) }
