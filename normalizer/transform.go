package normalizer

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"ctiphub/internal/extract"
	"ctiphub/internal/lang"

	"ctiphub/internal/spell"
)

// transform changes the values of a field on their way from the document to the record.
type transform struct {
	name  string
	apply func([]extract.Value) []extract.Value
}

// transforms is the table of what rules may name under "then": "name" or
// "name:argument". Each makes a transform of its argument.
var transforms = map[string]struct {
	help string
	make func(arg string) (func(string) []string, error)
}{
	"trim":           {"white space off both ends", plain(strings.TrimSpace)},
	"collapse":       {"any run of white space is one space", plain(func(s string) string { return strings.Join(strings.Fields(s), " ") })},
	"lower":          {"small letters", plain(strings.ToLower)},
	"html.text":      {"tags off, entities decoded", plain(plainText)},
	"text.clean":     {"fit for display: entities, NFC, invisible characters", plain(lang.Clean)},
	"digits":         {"digits of all scripts to 0-9", plain(lang.Digits)},
	"title.repair":   {"doubled text, page labels and file endings off", plain(func(s string) string { return undouble(pageLabel.ReplaceAllString(plainText(s), "")) })},
	"url.canonical":  {"address without tracking, wrappers and sessions", each(func(s string) []string { u, ok := canonicalURL(s); return when(ok, u) })},
	"lang.tag":       {"BCP 47 tag of a language's name or code; unknown ones drop out", each(func(s string) []string { t, ok := lang.Tag(s); return when(ok, t) })},
	"date.parse":     {"date as EDTF; what is no date drops out. The argument orders numeric dates: dmy, mdy, ymd", makeDate},
	"title.real":     {"what a program, a file name or a call to click put where a title should be drops out", only(realTitle)},
	"name.real":      {"names of computers, accounts and programs drop out", only(realName)},
	"split":          {"one value into several at the argument", makeSplit},
	"prefix.cut":     {"the argument off the beginning", withArg(strings.TrimPrefix)},
	"suffix.cut":     {"the argument off the end", withArg(strings.TrimSuffix)},
	"before":         {"what stands before the argument", withArg(func(s, arg string) string { b, _, _ := strings.Cut(s, arg); return b })},
	"after":          {"what stands behind the argument, or everything", withArg(func(s, arg string) string { return afterOrAll(s, arg) })},
	"regex.replace":  {"/pattern/replacement/ in RE2", makeReplace},
	"regex.find":     {"first group, or all, of the RE2 pattern; values without a match drop out", makeFind},
	"drop":           {"values that the RE2 pattern matches drop out", makeDrop},
	"constant":       {"the argument in place of what was found", withArg(func(_, arg string) string { return arg })},
	"first.sentence": {"up to the first full stop", plain(func(s string) string { b, _, _ := strings.Cut(s, ". "); return b })},
}

type maker = func(arg string) (func(string) []string, error)

func plain(f func(string) string) maker {
	return each(func(s string) []string { return []string{f(s)} })
}

func each(f func(string) []string) maker {
	return func(arg string) (func(string) []string, error) {
		if arg != "" {
			return nil, fmt.Errorf("takes no argument, got %q", arg)
		}
		return f, nil
	}
}

func withArg(f func(s, arg string) string) maker {
	return func(arg string) (func(string) []string, error) {
		if arg == "" {
			return nil, fmt.Errorf("needs an argument behind a colon")
		}
		return func(s string) []string { return []string{f(s, arg)} }, nil
	}
}

func when(ok bool, s string) []string {
	if !ok {
		return nil
	}
	return []string{s}
}

func afterOrAll(s, sep string) string {
	if _, after, ok := strings.Cut(s, sep); ok {
		return after
	}
	return s
}

func makeDate(arg string) (func(string) []string, error) {
	if !slices.Contains([]string{"", "dmy", "mdy", "ymd"}, arg) {
		return nil, fmt.Errorf("order %q must be dmy, mdy or ymd", arg)
	}
	return func(s string) []string {
		d, ok := parseDate(s, dateHints{Order: arg})
		return when(ok, d.EDTF)
	}, nil
}

func makeSplit(arg string) (func(string) []string, error) {
	if arg == "" {
		arg = ","
	}
	return func(s string) []string {
		var out []string
		for part := range strings.SplitSeq(s, arg) {
			if part = strings.TrimSpace(part); part != "" {
				out = append(out, part)
			}
		}
		return out
	}, nil
}

func makeReplace(arg string) (func(string) []string, error) {
	if len(arg) < 3 {
		return nil, fmt.Errorf("wants /pattern/replacement/")
	}
	parts := strings.Split(arg[1:], arg[:1])
	if len(parts) != 3 || parts[2] != "" {
		return nil, fmt.Errorf("wants /pattern/replacement/, got %q", arg)
	}
	re, err := regexp.Compile(parts[0])
	if err != nil {
		return nil, fmt.Errorf("pattern: %w", err)
	}
	return func(s string) []string { return []string{re.ReplaceAllString(s, parts[1])} }, nil
}

func makeFind(arg string) (func(string) []string, error) {
	re, err := regexp.Compile(arg)
	if err != nil || arg == "" {
		return nil, fmt.Errorf("pattern %q: must be an RE2 expression: %w", arg, err)
	}
	return func(s string) []string {
		m := re.FindStringSubmatch(s)
		if m == nil {
			return nil
		}
		return []string{m[min(1, len(m)-1)]}
	}, nil
}

func makeDrop(arg string) (func(string) []string, error) {
	re, err := regexp.Compile(arg)
	if err != nil || arg == "" {
		return nil, fmt.Errorf("pattern %q: must be an RE2 expression: %w", arg, err)
	}
	return func(s string) []string { return when(!re.MatchString(s), s) }, nil
}

// parseTransform reads "name" or "name:argument".
func parseTransform(s string) (transform, error) {
	name, arg, _ := strings.Cut(s, ":")
	t, ok := transforms[name]
	if !ok {
		return transform{}, fmt.Errorf("transform %q is unknown; %s", name, spell.Hint(name, slices.Sorted(maps.Keys(transforms))))
	}
	f, err := t.make(arg)
	if err != nil {
		return transform{}, fmt.Errorf("transform %q: %w", name, err)
	}
	return transform{name, func(in []extract.Value) []extract.Value {
		out := in[:0:0]
		for _, v := range in {
			for _, text := range f(v.Text) {
				if text != "" {
					out = append(out, extract.Value{Text: text, Lang: v.Lang, Rule: v.Rule})
				}
			}
		}
		return out
	}}, nil
}

// Transforms lists the transforms that rules may name, each with what it does.
func Transforms() map[string]string {
	out := map[string]string{}
	for name, t := range transforms {
		out[name] = t.help
	}
	return out
}
