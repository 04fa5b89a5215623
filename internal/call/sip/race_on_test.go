//go:build race

package sip

const racing = true
