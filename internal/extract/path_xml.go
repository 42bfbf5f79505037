package extract

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// xmlPath is the path of an xml selector: steps between slashes, each with tests, and at
// the end an @attribute, or a + that joins what one parent holds. The first step is looked
// for anywhere in the metadata, the others among the children of what was found.
type xmlPath struct {
	steps []xmlStep
	attr  string
	join  bool
}

// xmlStep is one step: an element of one of the names that passes every test.
type xmlStep struct {
	names []string
	tests []xmlTest
}

// xmlTest asks for an attribute, or for the text of an element below, by its path.
type xmlTest struct {
	path   []string // of an element below, child by child; its slash tells it from an attribute
	attr   string
	not    bool
	values []string // none: that it is there is enough
}

var (
	xmlName    = regexp.MustCompile(`^[\p{L}_][\p{L}\p{N}_.-]*$`)
	xmlStepRE  = regexp.MustCompile(`^([^\[\]]+)((?:\[[^\[\]]*\])*)$`)
	xmlTestRE  = regexp.MustCompile(`\[([^\[\]]*)\]`)
	xmlOperand = regexp.MustCompile(`^(!?)([^!=]+)(?:(!?=)(.*))?$`)
)

// maxXMLSteps keeps a selector from being longer than a record is deep.
const maxXMLSteps = 16

// parseXMLPath reads the path of an xml selector.
func (s *Selector) parseXMLPath() error {
	path := s.name
	if rest, ok := strings.CutSuffix(path, "+"); ok {
		path, s.xml.join = rest, true
	}
	if i := strings.LastIndexByte(path, '@'); i > strings.LastIndexByte(path, ']') {
		if path, s.xml.attr = path[:i], path[i+1:]; !xmlName.MatchString(s.xml.attr) {
			return fmt.Errorf("%q is no name of an attribute", s.xml.attr)
		}
	}
	steps := splitOutside(path)
	if len(steps) > maxXMLSteps {
		return fmt.Errorf("the path has more than %d steps", maxXMLSteps)
	}
	for _, text := range steps {
		step, err := parseXMLStep(text)
		if err != nil {
			return err
		}
		s.xml.steps = append(s.xml.steps, step)
	}
	if s.xml.join && (len(s.xml.steps) < 2 || s.xml.attr != "") {
		return fmt.Errorf("a + at the end joins the elements that one parent holds: write the parent before them, and no attribute")
	}
	return nil
}

// splitOutside cuts a path at the slashes that are not part of a test.
func splitOutside(path string) []string {
	var parts []string
	from, inside := 0, false
	for i, c := range []byte(path) {
		switch {
		case c == '[':
			inside = true
		case c == ']':
			inside = false
		case c == '/' && !inside:
			parts = append(parts, path[from:i])
			from = i + 1
		}
	}
	return append(parts, path[from:])
}

func parseXMLStep(text string) (xmlStep, error) {
	m := xmlStepRE.FindStringSubmatch(text)
	if m == nil {
		return xmlStep{}, fmt.Errorf("the step %q is not of the form name[attribute=value]", text)
	}
	step := xmlStep{names: strings.Split(m[1], "|")}
	for _, name := range step.names {
		if !xmlName.MatchString(name) {
			return step, fmt.Errorf("%q is no name of an element; leave its prefix out", name)
		}
	}
	for _, t := range xmlTestRE.FindAllStringSubmatch(m[2], -1) {
		test, err := parseXMLTest(t[1])
		if err != nil {
			return step, err
		}
		step.tests = append(step.tests, test)
	}
	return step, nil
}

func parseXMLTest(text string) (xmlTest, error) {
	m := xmlOperand.FindStringSubmatch(text)
	if m == nil || m[1] != "" && m[3] != "" {
		return xmlTest{}, fmt.Errorf("the test [%s] is none of [name], [!name], [name=value] and [name!=value]", text)
	}
	test := xmlTest{not: m[1] == "!" || m[3] == "!="}
	names := strings.Split(strings.TrimSpace(m[2]), "/")
	for _, name := range names {
		if !xmlName.MatchString(name) {
			return test, fmt.Errorf("the test [%s] names %q, which can be neither an attribute nor an element", text, name)
		}
	}
	if test.attr = names[0]; len(names) > 1 {
		test.attr, test.path = "", names
	}
	if m[3] != "" {
		for v := range strings.SplitSeq(m[4], "|") {
			test.values = append(test.values, strings.ToLower(strings.TrimSpace(v)))
		}
	}
	return test, nil
}

// matches reports whether an element passes the step.
func (s xmlStep) matches(e *element) bool {
	if !slices.ContainsFunc(s.names, func(n string) bool { return strings.EqualFold(n, e.name) }) {
		return false
	}
	for _, t := range s.tests {
		if t.holds(e) == t.not {
			return false
		}
	}
	return true
}

// holds evaluates a test without its negation.
func (t xmlTest) holds(e *element) bool {
	if t.path != nil {
		return t.below(e, t.path)
	}
	for _, a := range e.attrs {
		if a.Name.Local == t.attr && a.Name.Space != "xmlns" {
			return t.accepts(a.Value)
		}
	}
	return false
}

func (t xmlTest) below(e *element, path []string) bool {
	if len(path) == 0 {
		return t.accepts(e.text())
	}
	for _, c := range e.children {
		if strings.EqualFold(c.name, path[0]) && t.below(c, path[1:]) {
			return true
		}
	}
	return false
}

// accepts compares without case, and without the full stops of catalogue cards. What has
// no value says as little as what is not there.
func (t xmlTest) accepts(value string) bool {
	value = strings.TrimSpace(value)
	if len(t.values) == 0 {
		return value != ""
	}
	return slices.Contains(t.values, strings.ToLower(strings.TrimRight(value, ".,;:")))
}
