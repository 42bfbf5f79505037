package normalizer

import (
	"encoding/json"
	"slices"
	"strings"

	"ctiphub/internal/lang"
	"ctiphub/record"
)

// Columns that tables of single people have. A row or table with three of different kinds
// is about people, not about a resource: it is refused, and nothing of it is kept.
var caseColumns = func() map[string]int {
	m := map[string]int{}
	for kind, names := range [][]string{
		{"name", "full name", "first name", "surname", "family name", "victim name", "name of victim", "nama", "nama lengkap", "nama korban", "nama mangsa", "ชื่อ", "ชื่อ-สกุล", "ชื่อผู้เสียหาย", "họ tên", "họ và tên", "tên nạn nhân", "ឈ្មោះ", "ຊື່", "ຊື່ ແລະ ນາມສະກຸນ", "အမည်", "姓名", "nome", "pangalan", "naran", "பெயர்"},
		{"age", "umur", "usia", "อายุ", "tuổi", "អាយុ", "ອາຍຸ", "အသက်", "年龄", "年齡", "idade", "edad", "gulang", "வயது"},
		{"date of birth", "birth date", "birthdate", "dob", "year of birth", "tanggal lahir", "tarikh lahir", "วันเกิด", "ngày sinh", "năm sinh", "ថ្ងៃខែឆ្នាំកំណើត", "ວັນເດືອນປີເກີດ", "မွေးသက္ကရာဇ်", "出生日期", "data de nascimento", "petsa ng kapanganakan"},
		{"sex", "gender", "jenis kelamin", "jantina", "เพศ", "giới tính", "ភេទ", "ເພດ", "လိင်", "性别", "性別", "sexo", "kasarian"},
		{"nationality", "citizenship", "kewarganegaraan", "warganegara", "สัญชาติ", "quốc tịch", "សញ្ជាតិ", "ສັນຊາດ", "နိုင်ငံသား", "国籍", "國籍", "nacionalidade", "nasyonalidad"},
		{"passport", "passport no", "passport number", "id number", "national id", "nik", "no ktp", "mykad", "cmnd", "cccd", "เลขบัตรประชาชน", "หมายเลขหนังสือเดินทาง", "护照号", "身份证号"},
		{"home address", "address of victim", "village", "hometown", "alamat", "ที่อยู่", "địa chỉ", "quê quán", "អាសយដ្ឋាន", "ທີ່ຢູ່", "လိပ်စာ", "住址", "morada"},
		{"date of rescue", "rescue date", "date rescued", "date of exploitation", "case number", "case no", "case id", "victim id", "tanggal diselamatkan", "วันที่ช่วยเหลือ", "ngày giải cứu", "nomor kasus", "no kes", "เลขคดี"},
		{"phone", "phone number", "mobile", "telephone", "no hp", "nomor telepon", "โทรศัพท์", "số điện thoại", "លេខទូរស័ព្ទ", "ເບີໂທ", "ဖုန်း", "电话"},
	} {
		for _, n := range names {
			m[columnKey(n)] = kind
		}
	}
	return m
}()

// columnKey is a column's name however it is written.
func columnKey(s string) string {
	return lang.Fold(strings.Map(func(r rune) rune {
		if r == '_' || r == '-' {
			return ' '
		}
		return r
	}, s))
}

// fewestColumns is how many kinds of columns a table about people has.
const fewestColumns = 3

// caseTable reports whether columns are those of a table about single people.
func caseTable(columns []string) bool {
	var kinds []int
	for _, c := range columns {
		if kind, ok := caseColumns[columnKey(c)]; ok && !slices.Contains(kinds, kind) {
			kinds = append(kinds, kind)
		}
	}
	return len(kinds) >= fewestColumns
}

// caseData reports whether what the source sent is a row or a table about single people.
func (w *work) caseData() bool {
	switch w.raw.Format {
	case record.FormatJSON: // one row of a table, among others
		return caseTable(keysOf(w.raw.Body))
	case record.FormatHTML:
		var columns []string
		for _, v := range w.doc.Select(w.n.tableHeads) {
			columns = append(columns, v.Text)
		}
		return caseTable(columns)
	}
	return false
}

// keysOf returns the names of an object's fields.
func keysOf(body []byte) []string {
	var row map[string]json.RawMessage
	if json.Unmarshal(body, &row) != nil {
		return nil
	}
	keys := make([]string, 0, len(row))
	for k := range row {
		keys = append(keys, k)
	}
	return keys
}
