package normalizer

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"ctiphub/internal/lang"
)

// What programs put where a title should be.
var (
	programTitle = regexp.MustCompile(`(?i)^(?:microsoft (?:word|powerpoint|excel|publisher|office)\b.*|(?:untitled|unbenannt|sans titre|tanpa judul|ไม่มีชื่อ|không có tiêu đề)\b.*|powerpoint presentation|pptx? presentation|` +
		`(?:slide|page|layout|document|doc|dokumen|book|presentation|print|scan|scanned|img|image|dsc|photo|picture|file|new|copy|output|test|temp|draft|final|report)[\s_-]*(?:of\s)?\d*|no title|title|full page photo|.*\.(?:docx?|dotx?|indd|qxd|qxp|pmd|p65|cdr|ai|psd|eps|pptx?|pub|xlsx?|rtf|odt|tex|dvi|html?|jpe?g|tiff?|png))$`)
	guid      = regexp.MustCompile(`(?i)^\{?[0-9a-f]{8}[\s-]?(?:[0-9a-f]{4}[\s-]?){3}[0-9a-f]{12}\}?$|^[0-9a-f]{16,}$`)
	diskPath  = regexp.MustCompile(`^(?:[A-Za-z]:\\|\\\\|/(?:home|Users|tmp|var)/|file:)`)
	fileSize  = regexp.MustCompile(`(?i)[(\[]?\b\d+(?:[.,]\d+)?\s*(?:kb|mb|kib|mib|gb|bytes|pages?|pp|halaman|trang|หน้า)\b[)\]]?`)
	anyWord   = regexp.MustCompile(`[\p{L}\p{M}]+`)
	deviceish = regexp.MustCompile(`(?i)^(?:acer|asus|dell|hp|hewlett[ -]packard|lenovo|toshiba|sony|compaq|samsung|ibm|apple|msi|gateway|vaio|thinkpad|fujitsu|nec|canon|epson|xerox|ricoh|konica|kyocera|brother|sharp)\b[\s\w.-]{0,20}$`)
	machine   = regexp.MustCompile(`(?i)^(?:(?:pc|desktop|laptop|lap|win(?:dows)?|com|computer|office|notebook|admin|administrator|user|owner|guest|root|default|staff|it|home|author|unknown|anonymous|none|n/?a|test|me|x+|client|customer|registered|local|system|operator|secretary|pengguna|ผู้ใช้|người dùng)[\s_-]*(?:pc|user|name|\d*)[\s\w-]{0,12}|(?:desktop|laptop|win|pc)-[0-9a-z]{4,}|.*\.(?:exe|com|local|pdf|docx?)|[\d\s.-]+)$`)
)

// frontMatter are the first frontMatter of documents that have no title page.
var frontMatter = foldedSet("contents", "table of contents", "abstract", "summary", "executive summary", "introduction", "foreword", "preface", "acknowledgements", "index", "annex", "appendix",
	"daftar isi", "kata pengantar", "pendahuluan", "kandungan", "isi kandungan", "prakata", "mục lục", "lời nói đầu", "lời giới thiệu", "สารบัญ", "คำนำ", "บทนำ", "ສາລະບານ", "ຄໍານໍາ",
	"មាតិកា", "អារម្ភកថា", "မာတိကာ", "nilalaman", "talaan ng nilalaman", "índice", "sumário", "sommaire", "目录", "目錄", "header", "press release", "logo", "confidential")

// callWords are the words of links that say what to do instead of what there is.
var callWords = foldedSet("download", "downloads", "click", "here", "click here", "open", "view", "read", "more", "full", "text", "file", "document", "pdf", "doc", "link", "this", "the", "a", "an", "to", "now", "version", "english", "thai", "vietnamese", "indonesian", "malay", "khmer", "lao",
	"burmese", "filipino", "report", "get", "see", "print", "attachment", "format", "in", "for", "details", "detail", "ดาวน์โหลด", "ดาวน์โหลดเอกสาร", "คลิก", "คลิกที่นี่", "ที่นี่", "อ่านต่อ", "เอกสารแนบ", "ไฟล์แนบ", "อ่านเพิ่มเติม", "ไฟล์", "เอกสาร", "ดูรายละเอียด", "รายละเอียด", "เปิด",
	"unduh", "unduhan", "unduh di sini", "klik", "di", "sini", "lihat", "selengkapnya", "baca", "berkas", "lampiran", "dokumen", "muat", "turun", "muat turun", "papar", "klik di sini", "versi", "bahasa", "tải", "về", "xuống", "xem", "tại", "đây", "chi", "tiết", "tệp", "văn", "bản", "bấm", "vào", "tải về", "xem chi tiết",
	"ទាញយក", "ទាញ", "យក", "នៅទីនេះ", "ចុចទីនេះ", "អានបន្ត", "ດາວໂຫລດ", "ດາວໂຫຼດ", "ທີ່ນີ້", "ອ່ານຕໍ່", "ကူးယူရန်", "ဒေါင်းလုဒ်", "ဒေါင်းလုပ်", "ဤနေရာ", "ဖတ်ရန်", "i", "ang", "dito", "i-download", "basahin", "baixar", "aqui", "hare", "下载", "下載", "點擊", "点击", "这里", "這裡", "查看", "全文")

func foldedSet(list ...string) map[string]bool {
	set := make(map[string]bool, len(list))
	for _, w := range list {
		set[lang.Fold(w)] = true
	}
	return set
}

// realTitle reports whether a text can be somebody's title: what a program wrote, the name
// of a file or a call to click is nobody's.
func realTitle(s string) bool {
	s = strings.TrimSpace(s)
	switch {
	case programTitle.MatchString(s), guid.MatchString(s), diskPath.MatchString(s), frontMatter[lang.Fold(s)]:
		return false
	case isCode(s):
		return false
	}
	return !isCall(s)
}

// isCode reports names made by machines: too few letters, or one word that is more digits
// than letters.
func isCode(s string) bool {
	letters, digits := 0, 0
	for _, r := range s {
		switch {
		case unicode.IsLetter(r):
			letters++
		case unicode.IsDigit(r):
			digits++
		}
	}
	if letters < 3 {
		return true
	}
	return !strings.Contains(s, " ") && (digits > letters || strings.ContainsAny(s, "_%=") && letters < 12)
}

// isCall reports the text of a link that names no document: "Download (PDF, 2 MB)".
func isCall(s string) bool {
	if utf8.RuneCountInString(s) > 60 {
		return false
	}
	if callWords[lang.Fold(s)] {
		return true
	}
	found := anyWord.FindAllString(fileSize.ReplaceAllString(s, " "), -1)
	for _, w := range found {
		if !callWords[lang.Fold(w)] {
			return false
		}
	}
	return true
}

// realName reports whether a text can be the name of a person or body: laptops, accounts
// and programs sign as authors too.
func realName(s string) bool {
	s = strings.TrimSpace(s)
	letters := 0
	for _, r := range s {
		if unicode.IsLetter(r) {
			letters++
		}
	}
	return letters >= 2 && !deviceish.MatchString(s) && !machine.MatchString(s) && !guid.MatchString(s) && !diskPath.MatchString(s)
}

// only is a transform that drops the values that keep refuses.
func only(keep func(string) bool) maker {
	return each(func(s string) []string { return when(keep(s), s) })
}
