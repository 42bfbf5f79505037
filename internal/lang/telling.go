package lang

import (
	"strings"
	"unicode"
)

// Short titles have too few letters for statistics, while a single word of everyday use
// settles what they are in. Each word stands with one language of the region alone.
const tellingWords = `
fil mga ang ng ay hindi ito kung paano gabay biktima tao bata kababaihan karapatan batas tulong nakaligtas bawat ating upang dapat laban kontra pangangalakal pagsasamantala ikinakasa edukasyon sangay pamahalaan natin nang lahat bilang
tet ba hodi kona iha husi hosi nia sira ema hamutuk umanu labarik feto mane servisu asaun tráfiku matadalan nasionál kombate prevensaun lian tuir
id karena uang polisi korban perempuan kampanye bisa tindak pidana pencegahan penanganan perdagangan berbagai bahwa kabupaten pemberantasan layanan pelayanan rujukan jaringan sosialisasi tppo seribu lembaga undang pendampingan
ms kerana wang polis mangsa pemerdagangan kempen pelbagai bahawa kanak majlis antipemerdagangan penyeludupan antipenyeludupan perkhidmatan sokongan kesedaran jenayah kebajikan pejabat mesyuarat warganegara
vi tay nan tro mua nguoi huong cua chong phong luat nhan giup quyen pham duoc nuoc viet nghi dinh thong
pt das dos não proteção tráfico pessoas vítimas relatório ação sobre
`

// telling says of a word which language it stands with.
var telling = func() map[string]string {
	m := map[string]string{}
	for line := range strings.Lines(tellingWords) {
		list := strings.Fields(line)
		if len(list) == 0 {
			continue
		}
		for _, w := range list[1:] {
			m[w] = list[0]
		}
	}
	return m
}()

const (
	tellingBonus  = 2.5 // nats for each telling word
	tellingWithin = 24  // words of a text; what is longer needs no help
)

// tell adds to the scores of languages what single words say.
func (m *NgramModel) tell(scores []float64, text string) {
	n := 0
	for word := range strings.FieldsFuncSeq(text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.Is(unicode.M, r) }) {
		if n++; n > tellingWithin {
			return
		}
		tag, ok := telling[word]
		if !ok {
			tag, ok = telling[strings.ToLower(word)]
		}
		if !ok {
			continue
		}
		for i, l := range m.Languages {
			if l == tag {
				scores[i] += tellingBonus
			}
		}
	}
}
