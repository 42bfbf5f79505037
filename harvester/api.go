package harvester

import (
	"errors"
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// APIRecipe says how an API lists its items. The kinds dspace, ckan and reliefweb bring
// one of their own, of which a source only changes what is special about it.
//
// A path is a chain of keys such as result.results or _links.next.href, or
// metadata['dc.title'] for a key with dots; lists on the way are walked into. In texts sent
// to the API, {limit}, {offset}, {page}, {cursor} and, for an incremental run, {since}
// (RFC 3339 in UTC), {date}, {unix} and {since:DD/MM/YYYY hh:mm:ss} are filled in.
type APIRecipe struct {
	Media       string            `yaml:"media,omitempty" jsonschema:"enum=json,enum=ndjson,enum=csv,description=What the API answers with (json when absent)"`
	Delimiter   string            `yaml:"delimiter,omitempty" jsonschema:"description=Between the cells of a CSV row; told by the first row when absent"`
	Items       string            `yaml:"items,omitempty" jsonschema:"description=Path of the items; the answer itself is the list when absent"`
	ID          []string          `yaml:"id,omitempty" jsonschema:"description=Paths within an item that may hold its identifier; the first one that does counts"`
	URL         []string          `yaml:"url,omitempty" jsonschema:"description=Paths of the page about an item or an address with {id} or another {path} in it"`
	Modified    string            `yaml:"modified,omitempty" jsonschema:"description=Path of the date when an item last changed"`
	Deleted     string            `yaml:"deleted,omitempty" jsonschema:"description=Path and value that mark an item as withdrawn: state=deleted"`
	Skip        string            `yaml:"skip,omitempty" jsonschema:"description=Path and value that mark an item as not meant for readers: private=true"`
	Error       string            `yaml:"error,omitempty" jsonschema:"description=Path and value of an answer that is an error: success=false"`
	Total       string            `yaml:"total,omitempty" jsonschema:"description=Path of the number of items that there are"`
	Query       map[string]string `yaml:"query,omitempty" jsonschema:"description=Parameters of every request"`
	Since       map[string]string `yaml:"since,omitempty" jsonschema:"description=Parameters of a request for what changed since the last run; an empty text takes one away; without them all is listed each time"`
	SinceBody   string            `yaml:"since_body,omitempty" jsonschema:"description=JSON of a POST that asks for what changed since the last run"`
	NewestFirst bool              `yaml:"newest_first,omitempty" jsonschema:"description=A run for what changed gets the latest changes first and ends where it meets what is known"`
	Method      string            `yaml:"method,omitempty" jsonschema:"enum=GET,enum=POST,description=How to ask (GET when absent)"`
	Body        string            `yaml:"body,omitempty" jsonschema:"description=JSON of a POST"`
	Paging      APIPaging         `yaml:"paging,omitempty" jsonschema:"description=How the list is divided"`
	Key         APIKey            `yaml:"key,omitempty" jsonschema:"description=Where the key of the API comes from: never from this file"`
}

// APIPaging says how a list is divided into pages.
type APIPaging struct {
	By    string `yaml:"by,omitempty" jsonschema:"enum=page,enum=offset,enum=cursor,enum=next,enum=link,description=Number of the page; number of the first item; a cursor in the answer; an address in the answer; the Link header. One page when absent"`
	Param string `yaml:"param,omitempty" jsonschema:"description=Parameter that takes the number or the cursor (page or offset or cursor when absent)"`
	Size  int    `yaml:"size,omitempty" jsonschema:"description=Items to ask for at a time (100 when absent)"`
	Limit string `yaml:"limit,omitempty" jsonschema:"description=Parameter that takes the size; none when absent"`
	First int    `yaml:"first,omitempty" jsonschema:"description=Number of the first page (0 when absent)"`
	Path  string `yaml:"path,omitempty" jsonschema:"description=Path of the cursor or of the next address"`
}

// APIKey says which environment variable holds the key of an API, and where it is sent.
type APIKey struct {
	Env    string `yaml:"env,omitempty" jsonschema:"description=Environment variable that holds the key"`
	Header string `yaml:"header,omitempty" jsonschema:"description=Header that carries it"`
	Prefix string `yaml:"prefix,omitempty" jsonschema:"description=What stands before it in the header such as Bearer"`
	Query  string `yaml:"query,omitempty" jsonschema:"description=Query parameter that carries it instead"`
}

var (
	envName = regexp.MustCompile(`^[A-Z][A-Z0-9_]*$`)
	// secretive recognises names of parameters and headers that carry keys: apiKey, api_key,
	// wskey, X-Auth-Token; not keyword or author.
	secretive = regexp.MustCompile(`(?i)(?:key|token|secret|passw(?:or)?d|pwd|credentials?|signature|authorization|(?:^|[^a-z])auth)$`)
	// jsonName finds the names and texts of a body.
	jsonName = regexp.MustCompile(`"([^"]+)"\s*:\s*"([^"]*)"`)
	prefix   = regexp.MustCompile(`^[A-Za-z]{0,20}[ =:]?$`)
)

// keyHint is what to do instead. No message repeats what may be a key.
const keyHint = "looks like a key, which must not stand in a file: set api.key with env and header or query instead"

// secrets reports the first place where a key seems to stand in the file.
func (r APIRecipe) secrets(address string) error {
	given := func(name, value string) bool {
		return secretive.MatchString(name) && value != "" && !strings.HasPrefix(value, "{") // {cursor} is no key
	}
	for _, where := range []map[string]string{r.Query, r.Since} {
		for _, name := range slices.Sorted(maps.Keys(where)) {
			if given(name, where[name]) {
				return fmt.Errorf("api.query: %q %s", name, keyHint)
			}
		}
	}
	for _, body := range []string{r.Body, r.SinceBody} {
		for _, m := range jsonName.FindAllStringSubmatch(body, -1) {
			if given(m[1], m[2]) {
				return fmt.Errorf("api.body: %q %s", m[1], keyHint)
			}
		}
	}
	u, err := url.Parse(address)
	if err != nil {
		return errors.New("url: it cannot be read")
	}
	if u.User != nil {
		return errors.New("url: a name and password must not stand in a file: set api.key with env and header instead")
	}
	for _, name := range slices.Sorted(maps.Keys(u.Query())) {
		if given(name, u.Query().Get(name)) {
			return fmt.Errorf("url: %q %s", name, keyHint)
		}
	}
	if !prefix.MatchString(r.Key.Prefix) {
		return errors.New("api.key.prefix: must be one word such as Bearer with a space behind it, and no part of the key")
	}
	return nil
}

// validate reports what keeps the recipe from working.
func (r APIRecipe) validate(s Source) error {
	if err := r.secrets(s.URL); err != nil {
		return err
	}
	k := r.Key
	switch {
	case k != APIKey{} && !envName.MatchString(k.Env):
		return errors.New("api.key.env: must be the name of an environment variable such as HUB_KEY_AGENCY, not the key itself")
	case k.Env != "" && (k.Header == "") == (k.Query == ""):
		return errors.New("api.key: give either header or query")
	case !slices.Contains([]string{"", "GET", "POST"}, r.Method):
		return fmt.Errorf("api.method: %q must be GET or POST", r.Method)
	case (r.Body != "" || r.SinceBody != "") && r.Method != "POST":
		return errors.New("api.body: needs method: POST")
	case r.Paging.Size < 0 || r.Paging.First < 0:
		return errors.New("api.paging: size and first must not be negative")
	}
	if s.Kind != KindAPI {
		return nil // the kind brings the rest
	}
	for name, cond := range map[string]string{"deleted": r.Deleted, "skip": r.Skip, "error": r.Error} {
		if path, _, ok := strings.Cut(cond, "="); cond != "" && (!ok || strings.TrimSpace(path) == "") {
			return fmt.Errorf("api.%s: %q must be a path and a value such as state=deleted", name, cond)
		}
	}
	return r.validateList()
}

// validateList reports what is wrong with the way in which a list is read.
func (r APIRecipe) validateList() error {
	p := r.Paging
	switch {
	case len(r.ID) == 0 || slices.Contains(r.ID, ""):
		return errors.New("api.id: at least one path of an identifier is needed")
	case !slices.Contains([]string{"", "json", "ndjson", "csv"}, r.Media):
		return fmt.Errorf("api.media: %q must be json, ndjson or csv", r.Media)
	case r.Media != "" && r.Media != "json" && r.Items != "":
		return fmt.Errorf("api.items: %s has no paths to a list: leave it out", r.Media)
	case len([]rune(r.Delimiter)) > 1 || strings.ContainsAny(r.Delimiter, "\"\r\n\uFFFD"):
		return fmt.Errorf("api.delimiter: %q must be one character, and no quotation mark", r.Delimiter)
	case !slices.Contains([]string{"", "page", "offset", "cursor", "next", "link"}, p.By):
		return fmt.Errorf("api.paging.by: %q must be page, offset, cursor, next or link", p.By)
	case (p.By == "cursor" || p.By == "next") && p.Path == "":
		return errors.New("api.paging.path: is needed to find what comes next")
	case r.NewestFirst && r.Modified == "":
		return errors.New("api.newest_first: needs modified, by which the hub sees where to end")
	}
	return nil
}
