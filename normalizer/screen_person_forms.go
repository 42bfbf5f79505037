package normalizer

import (
	"regexp"
	"strings"
)

// Parts of the expressions below. A name is initials, or words with capitals; behind it may
// stand a note, or the quotes around it.
const (
	aliasNote = `["'’]?(?:\s\([^()\d]{3,40}\))?["'’]?`
	anyName   = `(?:^|[^\p{L}])((?:\p{Lu}\.\s?){1,4}|\p{Lu}[\p{L}'’-]*(?:\s\p{Lu}[\p{L}'’.-]*){0,4})`
	shortName = `(?:^|[^\p{L}])((?:\p{Lu}\.\s?){1,4}|\p{Lu}[\p{Ll}'’-]+(?:\s\p{Lu}[\p{L}.'’-]*){0,4})`
	yearsOld  = `\s?-?\s?(?i:years?[ -]old|year-old|years? of age|yrs?\b|yo\b|y/o|tuổi|tahun|thn\b|anos|taong gulang|taon)`
	ageLead   = `(?:who (?:is|was)\s|is\s|was\s|aged?\s|age\s|a\s|an\s|de\s|com\s|ho\s|con\s|berusia\s|berumur\s|usia\s|umur\s|mới\s|năm nay\s|khoảng\s|si\s)?`
)

var (
	initialsOnly = regexp.MustCompile(`^(?:\p{Lu}\.\s?)+$`)
	addressed    = regexp.MustCompile(`^(?:Ms|Mrs|Miss|Mr|Chị|Anh|Em|Cháu|Cik|Puan|Ibu|Sdri|Aling|Si)\.?\s\p{Lu}`)

	// A name or initials, then an age that says to be one.
	latinNameAge = regexp.MustCompile(anyName + aliasNote + `\s?[,(]{0,2}\s*` + ageLead + `(\d{1,2})` + yearsOld)
	// The age alone in brackets right behind: "Sokha (15)".
	bracketAge = regexp.MustCompile(`(?:^|[^\p{L}])((?:\p{Lu}\.\s?){1,4}|\p{Lu}\p{Ll}+(?:\s\p{Lu}[\p{L}.]*){0,3}|\p{Lu})\s?\((?:aged?\s|[a-z]{1,9},\s)?(\d{1,2})\)`)
	// Letters for a name, and what is said of a person: "NA (16), siswi". Bodies have letters
	// too, but are no pupils.
	lettersAge = regexp.MustCompile(`\b[A-Z]{1,3}\s?\(\d{1,2}\),?\s(?:siswi|siswa|pelajar|warga|asal|gadis|remaja|perempuan|seorang|anak|a\s|an\s|quê|ở\s|who\s|from\s|was\s)`)
	// A name or initials between commas with nothing but a number: "Dao, 15, was sold".
	// What follows is said of somebody: another capital would be the next of a list of places.
	commaAge = regexp.MustCompile(shortName + aliasNote + `,["'’]?\s(?:now\s|then\s|only\s|just\s|umur\s|usia\s|edad\s|aged\s)?(\d{1,2}),\s\p{Ll}`)
	// A word for the age before it: "Maria, tinan 15".
	wordAge = regexp.MustCompile(anyName + aliasNote + `\s?[,(]{0,2}\s*(?:ho\s)?(?:(?:who\s)?(?:was|is|had turned|turned)\s(?:only\s|just\s)?|tinan\s|idade\s(?:tinan\s)?|umur\s|usia\s|berusia\s|berumur\s|edad\s|aged?\s|mới\s|now\s)(\d{1,2})\b`)
	// The age first: "15-year-old Sreyla", "a 14-year-old girl named Sokha".
	ageName = regexp.MustCompile(`(?i:\b\d{1,2}[\s-]years?[\s-]old)\s(?:\p{Ll}+\s){0,3}(?:(?:named|called)\s)?(\p{Lu}[\p{L}'’.-]+)`)
	// Initials or a name with its address, and an age further on: "Ms. S., a survivor, was 15".
	laterAge = regexp.MustCompile(`((?:(?:Ms|Mrs|Miss|Mr|Chị|Anh|Em|Cháu|Cik|Puan|Ibu|Sdri|Aling|Si)\.?\s)\p{Lu}[\p{L}'’.-]*|(?:\p{Lu}\.){1,4}),?\s(?:[^.;!?]|\.\s?\p{Ll}){0,90}?(?:was|is|at|aged|when)\s(?:only\s|just\s|she was\s|he was\s)?(\d{1,2})\b`)
	// A role and two names, then a bare age: "Mangsa, Siti Contoh, 16,".
	roleNameAge = regexp.MustCompile(`(?i:survivor|victim|korban|mangsa|nạn nhân|biktima|vítima)[,:]?\s(\p{Lu}[\p{L}'’-]+(?:\s\p{Lu}[\p{L}'’.-]*){1,4}),?\s\(?\d{1,2}[,)]`)

	// A name with the year or day of birth.
	bornName  = regexp.MustCompile(anyName + aliasNote + `\s?[,(]{0,2}\s*(?:who was\s|was\s|is\s)?(?:born\s(?:in\s|on\s)?|b\.\s?|(?i:sn)\s?:?\s?|(?i:dob)\s?:?\s?|sinh năm\s|sinh ngày\s|sinh\s|kelahiran\s|lahir\s(?:tahun\s|tanggal\s|pada\s)?|nascid[ao]\sem\s|isinilang noong\s|ipinanganak noong\s|moris\s(?:iha\s)?)(?:\d{1,2}[/. -]\p{L}*\.?[/. -]?\d{0,2}[/. -]?)?((?:19|20)\d{2})`)
	tamilBorn = regexp.MustCompile(`(\p{Tamil}[\p{Tamil}\p{M}]+),?\s\(?பிறந்த[\p{Tamil}\p{M} ]{0,16}(?:19|20)\d{2}`)
	// A word for a birth with a year or a day behind it.
	bornDate   = regexp.MustCompile(`^[^\d.;]{2,40}\d{1,2}?[/.\s-]?[\p{L}\d]{0,9}[/.\s-]?\d{2,4}`)
	scriptBorn = regexp.MustCompile(`(?:น\.ส\.|นางสาว|ด\.ญ\.|ด\.ช\.|เด็กหญิง|เด็กชาย|นาย|นาง|น้อง)\s?[\p{Thai}. ()]{1,48}เกิด[\p{Thai}. ]{0,16}\d{1,4}` +
		`|(?:ឈ្មោះ|កញ្ញា|កុមារី|កុមារា|នាង|យុវតី)\s?[\p{Khmer}. ()]{1,48}(?:កើតឆ្នាំ|កើតថ្ងៃ|ឆ្នាំកំណើត)[\p{Khmer} ]{0,12}\d{1,4}` +
		`|(?:ຊື່|ນາງ|ທ້າວ|ນ້ອງ|ເດັກຍິງ|ເດັກຊາຍ)\s?[\p{Lao}. ()]{1,48}(?:ເກີດປີ|ເກີດວັນ|ເກີດເມື່ອ)[\p{Lao} ]{0,12}\d{1,4}` +
		`|\p{Han}?某{1,2}\p{Han}?\s?[(,]\s?(?:[男女],?\s?)?\d{4}年`)

	// Ages in the words of English: "Dara, sixteen, was sold".
	writtenAge = regexp.MustCompile(shortName + aliasNote + `,?\s(?:aged\s|who was\s|was\s)?(?:thirteen|fourteen|fifteen|sixteen|seventeen|eleven|twelve|eighteen|nineteen)(?:,|\s(?:when|and|years)|[\s-]year)`)

	// A child or woman said to be named, with an age on either side.
	namedPerson = regexp.MustCompile(`(?i:girl|boy|woman|man|child|teenager|gadis|anak|remaja|perempuan|wanita|labarik[\p{L}-]*|feto|menina|menino|jovem|babae|dalagita|bé gái|cô gái|em gái|phụ nữ|victim|survivor|mangsa|korban|vítima|biktima)[^.;]{0,40}?\s(?i:named|called|bernama|naran|chamad[ao]|tên(?: là)?|nagngangalang|identified as|dikenali sebagai|atas nama|known as|alias|alyas),?\s["']?(\p{Lu}[\p{L}'’.-]*(?:\s\p{Lu}[\p{L}'’.-]*){0,3})`)
	aliasNamed  = regexp.MustCompile(`\b(?:alyas|alias)\s["']?(\p{Lu}[\p{L}'’.-]*)["']?,?["']?\s\(?\d{1,2}\b`)

	// Titles of persons in the region's other scripts, then an age.
	scriptNameAge = []*regexp.Regexp{
		regexp.MustCompile(`(?:น\.ส\.|นางสาว|ด\.ญ\.|ด\.ช\.|เด็กหญิง|เด็กชาย|นาย|นาง|น้อง|ชื่อ|นามสมม[ตุ]\p{M}*ิ?)\s?[\p{Thai}. ()]{1,60}(?:อายุ|วัย)\s?(?:เพียง|แค่|ราว)?\s*\d{1,2}`),
		regexp.MustCompile(`(?:ឈ្មោះ|កញ្ញា|លោក|ក្មេងស្រី|ក្មេងប្រុស|កុមារី|កុមារា|នាង|យុវតី|យុវជន)\s?[\p{Khmer} .()A-Z]{1,60}(?:អាយុ|វ័យ)\s*\d{1,2}`),
		regexp.MustCompile(`(?:ຊື່|ນາງ|ທ້າວ|ນ້ອງ|ເດັກຍິງ|ເດັກຊາຍ)\s?[\p{Lao} .()A-Z]{1,60}(?:ອາຍຸ)\s*\d{1,2}`),
		regexp.MustCompile(`(?:^|[\s(၊။"])(?:မ|ကို|မောင်|ဒေါ်|ဦး|အမည်)[\p{Myanmar}()-][\p{Myanmar} ()-]{0,60}(?:အသက်)\s*\(?\d{1,2}`),
		regexp.MustCompile(`(?:^|[\s(၊။"])(?:မ|ကို|မောင်|ဒေါ်|ဦး)[\p{Myanmar}]{1,40}\s?\(\d{1,2}\s?နှစ်`),
		regexp.MustCompile(`\p{Tamil}[\p{Tamil}\p{M}.]{1,30}(?:\s?\([^()]{2,60}\))?,?\s(?:வயது\s)?\d{1,2}(?:\sவயது|,\s|\))`),
		regexp.MustCompile(`\d{1,2}\s?வயதான\s\p{Tamil}[\p{Tamil}\p{M}]+`),
		regexp.MustCompile(`(?:\p{Han}某{1,2}|名叫\p{Han}{2,3}|化名|非真名|阿\p{Han}|小\p{Han})[^。]{0,16}?(?:\d{1,2}|十[一二三四五六七八九]|二十[一二三四五六七八九]?)\s?[岁歲]`),
		regexp.MustCompile(`(?:^|[^\d至到-])(?:\d{1,2}|十[一二三四五六七八九])[岁歲]的?(?:女孩|少女|男孩|少年)?(?:[小阿]\p{Han}|\p{Han}某)`),
	}

	berinisial = regexp.MustCompile(`(?i)\b(?:berinisial|inisial)\s+[A-Z]{1,4}\b`)

	// Initials of which something is said that is said of people. In front stands no name.
	initialsForm = regexp.MustCompile(`^((?:[A-Z]\.\s?){1,4})(?:[A-Z]\b)?\s?(?:,\s|\()(?:(?i:then |now |only |just )?\d{1,2}\b(?:,|\)|\s?(?i:years|tuổi|tahun|anos|taon|and|was|from))|(?i:aged?|an?|the|who|from|female|male|girl|boy|siswi|học sinh|quê|ở|sinh|de|vítima|nạn nhân|korban|mangsa|biktima)\b(?i:\s(?:\p{L}+\s){0,3}(?:survivor|victim|girl|boy|woman|man|teenager|child|worker|student|vítima|village|province|xã|huyện|tỉnh|lớp|trường|was|told|said))?)`)
	// "Ms S", "chị L.": an address and one letter; a family name may not follow.
	titledInitial = regexp.MustCompile(`\b(?:Ms|Mrs|Miss|Mr|[Cc]hị|[Ee]m|[Cc]háu|[Bb]é|[Bb]é gái|[Bb]é trai|[Cc]ô|Cik|Puan|Sdri)\.?\s(?:(?:[A-ZĐ]\.){2,4}[A-ZĐ]?|[A-ZĐ]\.?)(?:[,;:)(]|$|\s[(\p{Ll}])`)
	roleInitials  = regexp.MustCompile(`^(?i:survivor|victim|korban|mangsa|nạn nhân|biktimang?|v[íi]tima|girl|boy)[,:]?\s((?:[A-ZĐ]\.\s?){1,4}[A-ZĐ]?)(?:[,;:)]|\s[(\p{Ll}])`)
	roleSample    = regexp.MustCompile(`^(?i:survivor|victim|korban|mangsa|nạn nhân|biktima|v[íi]tima|girl|boy)\s(?:(?:No|no)\.?\s?)?[A-Z0-9]{1,3}\s?\((?:[^()\d]{0,24},\s?)?(?:aged?\s)?\d{1,2}[,) ]`)
	roleYear      = regexp.MustCompile(`^nạn nhân\s(?:\p{Lu}[\p{L}'’-]+\s){1,4}\p{Lu}[\p{L}.'’-]*\s\((?:SN\s|sinh\s(?:năm\s)?)?(?:19|20)\d{2}[,)]`)

	childTie = regexp.MustCompile(`(?:(?i:daughter|son) of (?:(?:Mr|Mrs|Ms)\.?\s)?\p{Lu}\p{Ll})|(?:(?i:her|his|whose) (?i:mother|father) (?:is |was )?(?:(?:Mr|Mrs|Ms)\.?\s)?\p{Lu}\p{Ll})` +
		`|(?i:\bgrade|\bclass)\s\w{1,4}\b.{0,40}(?i:school)|\p{Lu}\p{L}+\s(?:\p{Lu}\p{L}+\s){0,3}(?i:primary |secondary |high )?School.{0,60}(?i:village|commune|grade|class|mother|father)` +
		`|(?i:siswi|siswa) kelas\s\w{1,4}\s(?:SMP|SMA|SD|SMK|MTs|MA)\b|(?i:pelajar) (?:tingkatan|darjah)\s\w+.{0,30}(?:SMK|Sekolah|SK)\s|(?i:anak dari|anak kepada)\s(?:Bapak|Ibu|Encik|Puan)?\s?\p{Lu}` +
		`|học sinh lớp\s\w{1,4}.{0,30}[Tt]rường\s|con (?:gái |trai )?(?:của |ông |bà )+\p{Lu}|mag-aaral sa\s\p{Lu}|aluna d[aoe]\s.{0,30}[Ee]scola|filha de\s\p{Lu}` +
		`|ชั้น\s?(?:ป|ม)\.\s?\d.{0,30}โรงเรียน|นักเรียนชั้น.{0,40}โรงเรียน|ลูกสาวของ(?:นาย|นาง)|រៀនថ្នាក់ទី|សិស្សថ្នាក់ទី|កូនស្រីរបស់|ຮຽນຊັ້ນ|ລູກສາວຂອງ|တန်း.{0,40}ကျောင်း|[一二三四五六七八九\d]年[级級].{0,12}(?:小学|中学|小學|中學)|வகுப்பு.{0,60}பள்ளி`)
)

var (
	ageForms     = []*regexp.Regexp{latinNameAge, ageName, wordAge, lettersAge}
	laterForms   = []*regexp.Regexp{wordAge, laterAge}
	bracketForms = []*regexp.Regexp{bracketAge, lettersAge, roleNameAge, scriptAgeTamil}
	commaForms   = []*regexp.Regexp{commaAge, wordAge, laterAge, roleNameAge, aliasNamed}
	bornForms    = []*regexp.Regexp{bornName, tamilBorn}
	writtenForms = []*regexp.Regexp{writtenAge}
	namedForms   = []*regexp.Regexp{namedPerson, aliasNamed}
	// A name in Tamil with an age in brackets; "section (15)" and its like are left out.
	scriptAgeTamil = regexp.MustCompile(`(?:^|\s)(?:\p{Tamil}\.\s)?(\p{Tamil}[\p{Tamil}\p{M}]+)\s\(\d{2}\)\s\p{Tamil}`)

	ageWords    = []string{"year", "yr", "yo", "y/o", "tuổi", "tahun", "thn", "anos", "taon"}
	commaBefore = []string{", ", ",\" ", "\", ", " ("}
	ageBefore   = []string{"was ", "is ", "only ", "just ", "at ", "aged ", "age ", "tinan ", "idade ", "umur ", "usia ", "berusia ", "berumur ", "edad ", "mới ", "now ", "when ", "turned "}
	// What makes a number a count.
	countBehind = []string{"%", "per cent", "percent", "million", "thousand", "victims", "cases", "people", "persons", "countries", "provinces", "days", "months", "hours", "sites", "places", "to ", "-", "and "}
)

// notNames begin sentences and dates and are nobody's name.
var notNames = wordSet("The A An In At By On Of And Children Girls Boys Women Men Article Chapter Section Part Module Volume Vol No Page Issue Session Unit Annex Table Day Under " +
	"January February March April May June July August September October November December Victims Survivors Persons Those All Some Most Youth Minors Tahun Anak Trẻ Từ Dưới Over About Aged Mr Ms Mrs Dr " +
	"Law Act Level Tier Type Form Figure Box Step Phase Guide Module Pasal Điều Artigo Art Seksyen Bab Bil Jan Feb Mar Apr Jun Jul Aug Sep Sept Oct Nov Dec Since For To From With He She They It His Her This That These When While Every Each பிரிவு அத்தியாயம் பக்கம் பகுதி சட்டம்")

func wordSet(list string) map[string]bool {
	set := map[string]bool{}
	for w := range strings.FieldsSeq(list) {
		set[w] = true
	}
	return set
}
