package counter

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"

	"ctiphub/analytics"
)

// WriteJSON writes a report as JSON.
func (r Report) WriteJSON(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetIndent("", " ")
	return e.Encode(r)
}

// WriteTSV writes a report as tab-separated text: the header in lines, an empty line, and a column a month.
func (r Report) WriteTSV(w io.Writer) error {
	out := csv.NewWriter(w)
	out.Comma = '\t'
	h := r.Header
	for _, line := range [][]string{
		{"Report_Name", h.Name}, {"Report_ID", h.ID}, {"Release", h.Release}, {"Institution_Name", h.Institution}, {"Institution_ID", "hub:0000000000000000"},
		{"Metric_Types", ""}, {"Report_Filters", ""}, {"Report_Attributes", ""}, {"Exceptions", note(h.Exceptions)},
		{"Reporting_Period", "Begin_Date=" + h.Filters.Begin + "; End_Date=" + h.Filters.End}, {"Created", h.Created}, {"Created_By", safe(h.CreatedBy)}, {"Registry_Record", ""}, {""},
	} {
		if err := out.Write(line); err != nil {
			return err
		}
	}
	head := []string{"Item", "Publisher", "Platform", "Proprietary_ID", "URI", "Data_Type", "Access_Method", "Metric_Type", "Reporting_Period_Total"}
	for _, m := range r.months {
		head = append(head, m.Time().Format("Jan-2006"))
	}
	if err := out.Write(head); err != nil {
		return err
	}
	for _, row := range r.Items {
		for _, a := range row.By {
			for _, metric := range slices.Sorted(maps.Keys(a.Performance)) {
				if err := out.Write(r.line(row, a, metric)); err != nil {
					return err
				}
			}
		}
	}
	out.Flush()
	return out.Error()
}

func (r Report) line(row Row, a Attributes, metric string) []string {
	line := []string{safe(row.Item), safe(row.Publisher), safe(row.Platform), row.ItemID["Proprietary"], safe(row.ItemID["URI"]), a.DataType, a.Access, metric, ""}
	var sum int64
	for _, m := range r.months {
		n := a.Performance[metric][m.Time().Format("2006-01")]
		sum += n
		if n == 0 {
			line = append(line, "")
			continue
		}
		line = append(line, digits(n))
	}
	line[8] = digits(sum)
	return line
}

func note(list []Exception) string {
	var parts []string
	for _, e := range list {
		parts = append(parts, fmt.Sprintf("%d: %s (%s)", e.Code, e.Message, e.Data))
	}
	return strings.Join(parts, "; ")
}

// safe keeps a spreadsheet from taking a text for a formula.
func safe(s string) string {
	s = strings.Map(func(r rune) rune {
		if r == '\t' || r == '\n' || r == '\r' {
			return ' '
		}
		return r
	}, s)
	if s != "" && strings.ContainsRune("=+-@", rune(s[0])) {
		return "'" + s
	}
	return s
}

// Handler serves the addresses of the COUNTER API R5.1 under /r51/.
func (r *Reports) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /r51/status", func(w http.ResponseWriter, _ *http.Request) {
		send(w, http.StatusOK, []map[string]any{{"Description": r.o.Platform + ": unaudited reports in the manner of COUNTER", "Service_Active": true}})
	})
	mux.HandleFunc("GET /r51/members", func(w http.ResponseWriter, _ *http.Request) {
		send(w, http.StatusOK, []map[string]any{{"Customer_ID": "0000000000000000", "Institution_Name": "The World"}})
	})
	mux.HandleFunc("GET /r51/reports", func(w http.ResponseWriter, _ *http.Request) {
		var list []map[string]any
		for _, id := range IDs() {
			list = append(list, map[string]any{"Report_Name": names[id], "Report_ID": id, "Release": "5.1", "Report_Description": names[id] + ", unaudited", "Path": "/r51/reports/" + strings.ToLower(id)})
		}
		send(w, http.StatusOK, list)
	})
	mux.HandleFunc("GET /r51/reports/{id}", r.report)
	return mux
}

// report answers with one report, or with the exception of appendix F that says why not.
func (r *Reports) report(w http.ResponseWriter, req *http.Request) {
	q := req.URL.Query()
	for name := range q {
		if !slices.Contains([]string{"begin_date", "end_date", "customer_id", "requestor_id", "api_key", "platform", "format"}, name) {
			send(w, http.StatusBadRequest, Exception{3050, "Parameter Not Recognized in this Context", name})
			return
		}
	}
	from, err1 := parseMonth(q.Get("begin_date"))
	to, err2 := parseMonth(q.Get("end_date"))
	if errors.Join(err1, err2) != nil {
		send(w, http.StatusBadRequest, Exception{3020, "Invalid Date Arguments", "begin_date and end_date are months such as 2026-09"})
		return
	}
	rep, err := r.Make(req.Context(), strings.ToUpper(req.PathValue("id")), from, to)
	for _, e := range []struct {
		err  error
		http int
		Exception
	}{
		{ErrNoReport, http.StatusNotFound, Exception{3000, "Report Not Supported", "there are PR, IR and HUB:PUB"}},
		{ErrDates, http.StatusBadRequest, Exception{3020, "Invalid Date Arguments", "at most 36 months, the first one first"}},
		{ErrNotReady, http.StatusOK, Exception{3031, "Usage Not Ready for Requested Dates", "a month is ready some days after its end"}},
		{ErrNoUsage, http.StatusOK, Exception{3030, "No Usage Available for Requested Dates", ""}},
		{analytics.ErrAway, http.StatusServiceUnavailable, Exception{1000, "Service Not Available", "the store of figures does not answer now"}},
	} {
		if errors.Is(err, e.err) {
			if e.http != http.StatusOK {
				send(w, e.http, e.Exception)
				return
			}
			rep.Header.Exceptions, err = append(rep.Header.Exceptions, e.Exception), nil
		}
	}
	switch {
	case err != nil:
		send(w, http.StatusServiceUnavailable, Exception{1000, "Service Not Available", ""})
	case q.Get("format") == "tsv":
		w.Header().Set("Content-Type", "text/tab-separated-values; charset=utf-8")
		_ = rep.WriteTSV(w) // only a reader who left can make this fail
	default:
		send(w, http.StatusOK, rep)
	}
}

func send(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-cache")
	w.WriteHeader(status)
	e := json.NewEncoder(w)
	e.SetIndent("", " ")
	_ = e.Encode(v) // only a reader who left can make this fail
}
