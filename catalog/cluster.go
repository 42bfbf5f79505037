package catalog

import "unicode/utf8"

// This file divides scripts without spaces into orthographic clusters: a base with its
// signs, inside which no word of these languages begins or ends.

const (
	coeng   = 0x17d2 // Khmer: subscripts the next consonant
	virama  = 0x1039 // Burmese: the same
	asat    = 0x103a // Burmese: closes a syllable
	dotted  = 0x1037 // Burmese dot below, which may stand before the asat
	khmerDa = 0x178a
	khmerTa = 0x178f
)

// addCluster adds a rune to the cluster, or begins a new one at each base.
func (a *analyzer) addCluster(r rune, c class) {
	n := len(a.cluster)
	switch {
	case a.joined && r == khmerDa:
		r = khmerTa // below a letter the two look the same and are typed at random
	case n == 1 && (r == 'เ' || r == 'ເ') && a.cluster[0] == r:
		a.cluster[0]++ // เเ typed for แ
		return
	case r == asat && (n == 1 || n == 2 && a.cluster[1] == dotted):
		// A bare consonant with an asat closes the syllable before it.
		a.closing = len(a.starts) > 0 && classOf(a.cluster[0]) == baseClass
	}
	if c != signClass && !a.joined && !(n == 1 && classOf(a.cluster[0]) == leadClass) {
		a.endCluster()
	}
	a.joined = r == coeng || r == virama
	a.cluster = append(a.cluster, r)
}

func (a *analyzer) endCluster() {
	if len(a.cluster) == 0 {
		return
	}
	if !a.closing {
		a.starts = append(a.starts, len(a.text))
	}
	for _, r := range composeAm(a.cluster) {
		a.text = utf8.AppendRune(a.text, r)
	}
	a.cluster, a.joined, a.closing = a.cluster[:0], false, false
}

// composeAm writes the Thai and Lao sign am in one way: it is also typed as its two parts,
// with a tone mark before, between or behind, and looks the same.
func composeAm(cluster []rune) []rune {
	for i, r := range cluster {
		if r != 0x0e4d && r != 0x0ecd {
			continue
		}
		aa, am := r-0x1b, r-0x1a // า and ำ of the same script
		for j := i + 1; j < len(cluster); j++ {
			if cluster[j] != aa {
				continue
			}
			out := append([]rune(nil), cluster[:i]...)
			out = append(out, cluster[i+1:j]...)
			return append(append(out, am), cluster[j+1:]...)
		}
	}
	return cluster
}
