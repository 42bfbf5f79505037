package bench

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/netip"
	"regexp"
	"time"

	"ctiphub/harvester"
	"ctiphub/harvester/oaipmh"
	"ctiphub/internal/demo"
	"ctiphub/internal/fetch"
)

// Stock takes the metadata of n records from the simulated partner repository, with titles
// and descriptions in all the region's languages, and gives them the length that records of
// libraries have: 1.7 KB on average.
func Stock(ctx context.Context, n int) (list [][]byte, err error) {
	f, err := demo.Start(ctx, demo.Config{Seed: 1, Records: n})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.Close(context.WithoutCancel(ctx))) }()
	sites := f.Sites()
	partner := sites[len(sites)-1]
	client := fetch.New(fetch.Options{UserAgent: "CTIPHub/bench", Contact: "https://hub.example/about", Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}})
	defer client.Close()
	src := harvester.Source{ID: partner.ID, Kind: partner.Kind, URL: partner.URL, OAI: harvester.OAIRecipe{Prefix: partner.Prefix}, Politeness: fetch.Politeness{MinDelay: fetch.Duration(time.Microsecond)}}
	for page, err := range oaipmh.New(client, time.Now).Pages(ctx, src, harvester.From{}) {
		if err != nil {
			return nil, err
		}
		for _, raw := range page.Raws {
			_, rest, found := bytes.Cut(raw.Body, []byte("<metadata>"))
			meta, _, closed := bytes.Cut(rest, []byte("</metadata>"))
			if found && closed {
				list = append(list, anchored.ReplaceAll(meta, []byte("https://repository.example")))
			}
		}
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("the simulated repository gave no records")
	}
	lengthen(list)
	return list, nil
}

// anchored is where the simulated repository ran, which is elsewhere each time.
var anchored = regexp.MustCompile(`http://127\.0\.0\.1:\d+`)

// lengthen makes descriptions longer, by titles and descriptions of other records in the
// same language, and adds the elements that libraries fill besides. The same list always
// comes out the same.
func lengthen(list [][]byte) {
	texts := map[string][]string{}
	for _, meta := range list {
		language := element(meta, "language")
		texts[language] = append(texts[language], element(meta, "title")+".", element(meta, "description"))
	}
	for i, meta := range list {
		same := texts[element(meta, "language")]
		description := element(meta, "description")
		for n, size := i, len(meta)+430; size < 900+i%11*140; n += 2*i + 7 {
			more := " " + same[n%len(same)]
			description, size = description+more, size+len(more)
		}
		filled := fmt.Appendf(nil, "<dc:subject>%s</dc:subject><dc:subject>%s</dc:subject><dc:creator>%s</dc:creator><dc:format>application/pdf</dc:format>"+
			"<dc:relation>https://repository.example/files/%d.pdf</dc:relation><dc:source>ISBN 978-92-1-%06d-%d</dc:source><dc:rights>%s</dc:rights></oai_dc:dc>",
			subjects[i%len(subjects)], subjects[i/3%len(subjects)], creators[i%len(creators)], i, i, i%10, rights[i%len(rights)])
		meta = bytes.Replace(meta, []byte("<dc:description>"+element(meta, "description")+"</dc:description>"), []byte("<dc:description>"+description+"</dc:description>"), 1)
		list[i] = bytes.Replace(meta, []byte("</oai_dc:dc>"), filled, 1)
	}
}

// element is the text of the first Dublin Core element of a name, as it is written.
func element(meta []byte, name string) string {
	_, rest, _ := bytes.Cut(meta, []byte("<dc:"+name+">"))
	text, _, found := bytes.Cut(rest, []byte("</dc:"+name+">"))
	if !found {
		return ""
	}
	return string(text)
}

// What the added elements hold.
var (
	subjects = []string{"human trafficking", "victim identification; referral", "perdagangan orang", "การค้ามนุษย์", "forced labour", "shelter", "ជំនួញមនុស្ស", "child protection", "mua bán người", "legal aid", "လူကုန်ကူးမှု", "psychosocial support"}
	creators = []string{"NEXUS Institute", "International Organization for Migration", "Regional Programme on Migration", "Department of Social Development", "Kementerian Sosial"}
	rights   = []string{"https://creativecommons.org/licenses/by-nc/4.0/", "All rights reserved.", "May be reproduced with acknowledgement of the source.", "Open access"}
)
