package record

// Verdict is what screening decided about a record before it is stored.
type Verdict string

// The verdicts of screening.
const (
	Publish Verdict = "publish"
	Hold    Verdict = "hold"   // kept, shown to curators only
	Reject  Verdict = "reject" // not kept; a reject row says why
)

// Decision is the outcome of normalizing and screening one raw.
type Decision struct {
	Verdict Verdict
	Code    string // stable reason when not Publish: "possible-pii", "off-topic", "no-title"
	Detail  string // plain words; never repeats the data that led to it
}
