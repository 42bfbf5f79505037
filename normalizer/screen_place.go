package normalizer

import (
	"regexp"
	"strings"
)

var (
	decimalPair  = regexp.MustCompile(`-?\d{1,2}\.\d{4,}\s*°?\s*[NSns]?\s*[,; /]\s*[EWew]?\s*-?\d{1,3}\.\d{4,}`)
	latLong      = regexp.MustCompile(`(?i)\blat(?:itude)?\.?\s?[:=]?\s?-?\d{1,2}\.\d{2,}[^.]{0,20}?lon(?:g(?:itude)?)?\.?\s?[:=]?\s?-?\d{1,3}\.\d{2,}`)
	degreeMinute = regexp.MustCompile(`\d{1,3}\s?°\s?\d{1,2}\s?['′’]`)
	mapAddress   = regexp.MustCompile(`(?i)(?:maps\.|/maps|goo\.gl|openstreetmap)\S*[^\d.]-?\d{1,3}\.\d{3,}`)
	mapShort     = regexp.MustCompile(`(?i)(?:maps\.app\.goo\.gl|goo\.gl/maps|osm\.org/go|maps\.google\.|google\.\S{2,6}/maps)/?\S`)
	plusCode     = regexp.MustCompile(`\b[2-9CFGHJMPQRVWX]{4,8}\+[2-9CFGHJMPQRVWX]{2,3}\b`)
)

// mapPlace reports a place on a map: in the address of one, or as a code. A link to a map
// tells a place only to who follows it, so that it counts beside a word for a shelter.
func (r *reading) mapPlace() string {
	if r.all&cueMap != 0 && (mapAddress.MatchString(r.s) || r.all&cueShelter != 0 && mapShort.MatchString(r.s)) {
		return "coordinates"
	}
	if strings.Contains(r.s, "+") && plusCode.MatchString(r.s) {
		return "coordinates"
	}
	return ""
}

func (r *reading) coordinates() bool {
	for _, d := range r.spans {
		if d.end-d.start >= 4 && d.start >= 2 && r.s[d.start-1] == '.' && isDigitByte(r.s[d.start-2]) && decimalPair.MatchString(window(r.s, d.start, d.end, 40)) {
			return true
		}
	}
	return strings.Contains(r.s, "°") && degreeMinute.MatchString(r.s) || r.all&cueMap != 0 && latLong.MatchString(r.s)
}

// A street or house with its number. Names of streets have capitals; a city ("thành phố"),
// a guideline ("လမ်းညွှန်") and "safe house" are no streets.
var streetAddress = regexp.MustCompile(`(?:\b\d{1,4}[A-Za-z]?(?:/\d{1,4})?,?\s+(?:\p{Lu}[\p{L}.'-]*\s+){0,3}(?i:street|st\.|road|rd\.?|avenue|ave\.?|lane|soi|kalye|highway)(?:[^\p{L}]|$))` +
	`|(?:\b(?i:jalan|jln\.?|jl\.?|street|soi|moo|lorong|kampung|kalye|purok|gang)\s+(?:\p{Lu}[\p{L}.]*\s+){0,4}(?:(?i:no|nomor)\.?\s*)?#?\d{1,4}\b)` +
	`|(?:\b(?i:rua|avenida|travessa)\s+(?:[\p{L}.]+\s+){0,4}?(?:[\p{L}]+,?\s+)?(?:n[.ºo°]*\s*)?\d{1,4}\b)` +
	`|(?:(?:^|[^e]\s|[^f]e\s|[,:;]\s)(?i:house|unit|block|blk\.?)\s+(?:(?i:no)\.?\s*)?#?\d{1,4}[A-Za-z]?\b)|(?:#\d{2}-\d{2,4}\b)` +
	`|(?:\b(?i:no)\.\s?\d{1,4}[A-Za-z]?,\s+\p{L})|(?:\bRT\s?\.?\s?\d{1,3}\b)` +
	`|(?:\p{Han}{1,8}[路街巷道弄]\s?\d{1,4}\s?[号號弄])` +
	`|(?:(?:ซอย|ถนน|หมู่ที่|หมู่|ตรอก|เลขที่|đường|[Pp]hố|[Ss]ố nhà|[Nn]gõ|[Nn]gách|ផ្លូវ|ផ្ទះលេខ|ຖະໜົນ|ເຮືອນເລກທີ|ໜ່ວຍ|လမ်း|အမှတ်|எண்|தெரு)\s*[\p{L}\p{M} .]{0,24}\d{1,4})`)

// A place that can be found without a number: a building, or what stands next to it.
var buildingNamed = regexp.MustCompile(`(?i:\b(?:located|situated|stands|lies|is)\s(?:at|in|on|behind|near|opposite|next to)\s(?:the\s)?)\p{Lu}[\p{L}'-]+\s(?:\p{Lu}[\p{L}'-]+\s){0,3}?(?i:village|tower|building|school|temple|market|hospital|church|mosque|pagoda|condominium|apartments?)\b` +
	`|(?i:\b(?:behind|opposite|next to|terletak di belakang|di belakang|fica atrás d[oae]|sa likod ng|phía sau|cạnh)\s(?:the\s)?)\p{Lu}[\p{L}'-]+`)

// addressLabel is what announces an address: "Address of the safe house: …".
var addressLabel = regexp.MustCompile(`(?i)(?:address|alamat|địa chỉ|endereço|ที่อยู่|អាសយដ្ឋាន|ທີ່ຢູ່|လိပ်စာ|地址|முகவரி)[^.:;]{0,60}?:\s?[^\s]`)

// shelterNear is how far from a word for a shelter its address may stand.
const shelterNear = 120

// shelterAddress reports a street and number, or a place that can be found, near a word
// for a shelter.
func (r *reading) shelterAddress() bool {
	if r.all&(cueStreet|cuePlace|cueLocated) == 0 && !strings.Contains(r.s, "#") {
		return false
	}
	last := -1
	for _, c := range r.cues {
		if c.kinds&cueShelter == 0 || c.start < last {
			continue
		}
		from, to := max(0, c.start-shelterNear), min(len(r.s), c.end+shelterNear)
		if len(r.spans) > 0 && (r.near(cueStreet, c.start, c.end, shelterNear) || strings.Contains(r.s[from:to], "#")) {
			near := window(r.s, c.start, c.end, shelterNear)
			for _, at := range streetAddress.FindAllStringIndex(near, 8) {
				if !noStreet(near, at[0], at[1]) {
					return true
				}
			}
		}
		if r.near(cuePlace, c.start, c.end, shelterNear) && r.near(cueLocated|cuePlace, c.start, c.end, 60) {
			near := window(r.s, c.start, c.end, shelterNear)
			if buildingNamed.MatchString(near) || addressLabel.MatchString(near) {
				return true
			}
		}
		last = c.end
	}
	return false
}

// documentYear is what follows the number of a law or letter: "No. 2197/2015".
var documentYear = regexp.MustCompile(`^\s*/\s*(?:19|2[0-6])\d{2}\b`)

// noStreet reports a match of streetAddress that is something else: a city ("thành phố"
// in Vietnamese), a guideline ("လမ်းညွှန်" in Burmese), a year, the number of a document.
func noStreet(s string, from, to int) bool {
	m := strings.ToLower(s[from:to])
	if strings.HasPrefix(m, "phố") && strings.HasSuffix(strings.ToLower(s[:from]), "thành ") || strings.HasPrefix(m, "လမ်းညွှန်") {
		return true
	}
	for to < len(s) && isDigitByte(s[to]) {
		to++
	}
	first := to
	for first > from && isDigitByte(s[first-1]) {
		first--
	}
	return isYear(s[first:to]) || documentYear.MatchString(s[to:])
}
