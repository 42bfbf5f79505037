// Package works finds which records are one intellectual work: copies of one document
// from several sources, its translations and its editions.
//
// In flow Cards, the compact facts of records (CardOf); out flow Links between two records
// with kind, confidence and evidence (Compare, Find), and Works, the groups that follow
// from links and curators' rulings (Group). It stores nothing and reads no clock, network
// or file; it must not know how records are normalized or where links are kept. Whatever
// it answers depends on the cards alone, never on the order in which they come.
//
// To stay near linear, only cards that share a blocking key are compared. Every rule of
// Compare has its key in Card.Keys, and a key that too many cards share says nothing.
package works
