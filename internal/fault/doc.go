// Package fault harvests through a network that goes wrong.
//
// In flow small sources of each kind on loopback, with a proxy in between that delays, cuts
// and resets; out flow failing tests where a record is lost or comes twice, an account does
// not balance, a state or its words are wrong, or something is left running. It stores
// nothing but temporary catalogues, and is imported by nobody.
package fault
